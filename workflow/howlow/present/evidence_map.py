"""The evidence map: a circle for each question and construct; filled, what can be pooled."""

from __future__ import annotations

import math
from dataclasses import dataclass

from matplotlib.figure import Figure

from howlow.config.settings import Config
from howlow.present.page import Page
from howlow.present.percent_axis import STEP
from howlow.present.questions import CHANGES, QUESTIONS
from howlow.present.theme import BAND, EDGE, FAINT, INK, PAGE_WIDTH, SMALL, SOFT, TITLE, wrap
from howlow.synthesis.mapping import MapRow

_LABEL_WIDTH = 1.42
#: The largest circle, in inches, and the trials it stands for at least.
_RADIUS, _FULL = 0.18, 10
_EMPTY_HEIGHT = 2 * STEP
_FILLED, _HOLLOW, _OWN_UNIT = "●", "○", "□"


@dataclass(frozen=True)
class EvidenceMap:
    """All rows of the map, with the labels of its constructs in their order."""

    rows: tuple[MapRow, ...]
    constructs: tuple[tuple[str, str], ...]

    kind = "evidence-map"
    stem = "evidence-map"
    question = ""
    construct = ""
    estimate_ids: tuple[str, ...] = ()
    title = "What there is: trials by question and by what was measured"

    @property
    def questions(self) -> tuple[str, ...]:
        """Questions in the order of the rows."""
        return tuple(dict.fromkeys(row.question for row in self.rows))

    def cell(self, question: str, construct: str) -> MapRow | None:
        """The row of a question and construct."""
        wanted = (question, construct)
        return next((row for row in self.rows if (row.question, row.construct) == wanted), None)

    @property
    def legend(self) -> str:
        """What the signs are."""
        return (
            f"A circle's area is the number of trials, its filled part those that can be pooled. "
            f"{_FILLED} trials that can be pooled; {_HOLLOW} no spread printed; {_OWN_UNIT} in "
            f"their own unit only; † rests on an assumption or a caution; ‡ prints only what "
            f"differed. n: participants, as far as they are printed. Framed: five trials or more "
            f"can be pooled. Changes over time are no effects and are not pooled: there the "
            f"filled part has an interval."
        )

    @property
    def caption(self) -> str:
        """What the figure is."""
        return f"Each trial counts once for a question and a construct. {self.legend}"

    @property
    def alt(self) -> str:
        """The map in words and numbers."""
        parts = [f"{self.title}."]
        labels = dict(self.constructs)
        for question in self.questions:
            mine = [row for row in self.rows if row.question == question and row.trials]
            cells = "; ".join(f"{labels[row.construct]} {_cell_words(row)}" for row in mine)
            parts.append(f"{QUESTIONS[question][0]}: {cells or 'no trial'}.")
        return " ".join(parts)


def evidence_map_figure(rows: list[MapRow], config: Config) -> EvidenceMap | None:
    """The figure of the map; none where nothing is mapped."""
    known = [row for row in rows if row.construct in config.constructs]
    names = dict.fromkeys(row.construct for row in known)
    labels = tuple((name, config.constructs[name].label) for name in names)
    return EvidenceMap(tuple(known), labels) if known else None


def _cell_words(row: MapRow) -> str:
    """One cell in a sentence."""
    marks = [("with an assumption or caution", row.cautioned), ("selective", row.selective)]
    marks += [("without a spread", row.no_spread), ("in their own unit", row.own_unit)]
    rest = "".join(f", {number} {what}" for what, number in marks if number)
    plural = "trial" if row.trials == 1 else "trials"
    can = "with an interval" if row.question in CHANGES else "can be pooled"
    return f"{row.trials} {plural}, {_people(row)}, {row.poolable} {can}{rest}"


def _people(row: MapRow) -> str:
    """How many took part."""
    return f"n = {row.participants}" if row.participants else "n not known"


def draw_evidence_map(shown: EvidenceMap) -> Figure:
    """The grid: questions down, constructs across."""
    page = Page(PAGE_WIDTH)
    title = wrap(shown.title, PAGE_WIDTH - 2 * EDGE, TITLE, bold=True)
    y = page.write_lines(EDGE, 0.06, title, TITLE, weight="bold") + 0.1
    width = (PAGE_WIDTH - EDGE - _LABEL_WIDTH) / len(shown.constructs)
    lefts = [_LABEL_WIDTH + k * width for k in range(len(shown.constructs))]
    heads = [wrap(label, width - 0.1, SMALL) for _, label in shown.constructs]
    for left, head in zip(lefts, heads, strict=True):
        page.write_lines(left + 0.05, y, head, SMALL, color=SOFT)
    y += max(len(head) for head in heads) * STEP + 0.05
    page.line([EDGE, PAGE_WIDTH - EDGE], [y, y], linewidth=0.6)
    most = max(_FULL, *(row.trials for row in shown.rows))
    for question in shown.questions:
        y = _question(page, shown, question, y, lefts, width, most)
    y += 0.05
    y = page.note(EDGE, y, wrap(shown.legend, PAGE_WIDTH - 2 * EDGE, SMALL))
    return page.finish(y + 0.08)


def _question(
    page: Page,
    shown: EvidenceMap,
    question: str,
    y: float,
    lefts: list[float],
    width: float,
    most: int,
) -> float:
    """One row of the grid; returns where the next begins."""
    cells = [shown.cell(question, construct) for construct, _ in shown.constructs]
    label = wrap(QUESTIONS[question][0], _LABEL_WIDTH - EDGE - 0.08, SMALL)
    tallest = max([2, *(len(_lines(row)) for row in cells if row is not None)])
    any_trial = any(row is not None and row.trials for row in cells)
    height = max(tallest * STEP if any_trial else _EMPTY_HEIGHT, len(label) * STEP) + 0.12
    page.write_lines(EDGE, y + 0.06, label, SMALL)
    for left, row in zip(lefts, cells, strict=True):
        if row is None or not row.trials:
            page.write(left + 0.05, y + 0.06 + STEP / 2, "no trial", SMALL, color=FAINT)
            continue
        if row.status == "pooled" and question not in CHANGES:
            xs, ys = [left, left + width - 0.04], [y + 0.03, y + height - 0.03]
            corners = ([xs[0], xs[1], xs[1], xs[0]], [ys[0], ys[0], ys[1], ys[1]])
            page.area(*corners, BAND, edgecolor=INK, linewidth=0.8, zorder=0)
        _circle(page, row, left + 0.05 + _RADIUS, y + 0.06 + 2 * STEP, most)
        page.write_lines(left + 0.12 + 2 * _RADIUS, y + 0.06, _lines(row), SMALL)
    page.line([EDGE, PAGE_WIDTH - EDGE], [y + height] * 2, linewidth=0.4, color=FAINT)
    return y + height


def _lines(row: MapRow) -> list[str]:
    """The numbers of a cell."""
    if not row.trials:
        return []
    kinds = ((_FILLED, row.poolable), (_HOLLOW, row.no_spread), (_OWN_UNIT, row.own_unit))
    marks = (("†", row.cautioned), ("‡", row.selective))
    lines = [f"{row.trials} {'trial' if row.trials == 1 else 'trials'}", _people(row)]
    for parts in (kinds, marks):
        text = " ".join(f"{sign} {number}" for sign, number in parts if number)
        lines += [text] if text else []
    return lines


def _circle(page: Page, row: MapRow, x: float, y: float, most: int) -> None:
    """All trials as a circle, and those that can be pooled as its filled part."""
    for count, fill in ((row.trials, "white"), (row.poolable, INK)):
        if count:
            size = 2 * 72 * _RADIUS * math.sqrt(count / most)
            page.shape(x, y, "o", size, color=INK, markerfacecolor=fill, markeredgewidth=0.8)
