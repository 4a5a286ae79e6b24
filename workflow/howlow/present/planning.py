"""The chart of a plan: the chance of showing what is true, by the number of people recruited."""

from __future__ import annotations

import io
import itertools
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.figure import Figure

from howlow.analysis.planning.answers import heading, interval_words, purpose, statements
from howlow.analysis.planning.chances import Target
from howlow.analysis.planning.plans import Answer, Planned
from howlow.analysis.rounding import magnitude
from howlow.data.measurements import write_text
from howlow.present.drawing import inline_svg
from howlow.present.page import Page
from howlow.present.power_curves import DESIGNS, WIDTH, answer_of, draw_panel, people_span
from howlow.present.theme import (
    DPI,
    EDGE,
    FAINT,
    INK,
    LINE,
    RC,
    SMALL,
    SOFT,
    TITLE,
    WARNING,
    wrap,
)

_STEP = SMALL * LINE
_METADATA: dict[str, dict[str, Any]] = {
    "svg": {"Date": None, "Creator": None, "Type": None, "Format": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    "png": {"Software": None},
}


def write_chart(planned: Planned, folder: Path, formats: Sequence[str]) -> None:
    """Draw a plan as plan.svg and other formats into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with matplotlib.rc_context(RC), warnings.catch_warnings():
        # The font has no emoji; a browser has, and shows the label all the same.
        warnings.filterwarnings("ignore", message="Glyph", category=UserWarning)
        matplotlib.rcParams["svg.hashsalt"] = f"plan-{planned.assumed.name}"
        figure = draw_plan(planned)
        for name in formats:
            drawn = io.BytesIO()
            figure.savefig(drawn, format=name, dpi=DPI, metadata=_METADATA[name])
            if name == "svg":
                entry = {"stem": f"plan-{planned.assumed.name}", "title": _title(planned)}
                text = inline_svg(drawn.getvalue().decode(), entry | {"alt": alt(planned)})
                write_text(text, folder / "plan.svg")
            else:
                (folder / f"plan.{name}").write_bytes(drawn.getvalue())


def draw_plan(planned: Planned) -> Figure:
    """One panel a target, the answers as a table, and what is assumed."""
    page = Page(WIDTH)
    width = WIDTH - 2 * EDGE
    title = wrap(_title(planned), width, TITLE, bold=True)
    y = page.write_lines(EDGE, 0.06, title, TITLE, weight="bold")
    lines = wrap(heading(planned), width, SMALL)
    y = page.write_lines(EDGE, y + 0.02, lines, SMALL, color=WARNING) + 0.08
    span = people_span(planned)
    for target in dict.fromkeys(answer.target for answer in planned.answers):
        y = draw_panel(page, planned, target, span, y)
    y = _table(page, planned, y + 0.04) + 0.06
    for note in _notes(planned):
        y = page.note(EDGE, y, wrap(note, width, SMALL)) + 0.02
    return page.finish(y + 0.08)


def alt(planned: Planned) -> str:
    """The chart in words."""
    parts = [heading(planned)]
    for answer in planned.answers:
        number = "not reached" if answer.people is None else f"{answer.people} people in all"
        parts.append(
            f"To {purpose(planned, answer.target)} with {100 * planned.request.power:g} % chance, "
            f"{DESIGNS[answer.design]}, {100 * answer.drop_out:g} % drop-out: {number}."
        )
    return " ".join(parts)


def _title(planned: Planned) -> str:
    """What is planned."""
    first, second = planned.assumed.arms
    return f"How many people? {planned.assumed.outcome}, {first} against {second}"


def _table(page: Page, planned: Planned, y: float) -> float:
    """People in all by aim, drop-out and design, with the Monte-Carlo interval."""
    designs = planned.request.designs
    lefts = (EDGE, 1.20, 1.72, 2.95)[: 2 + len(designs)]
    heads = ["To show", "drop-out", *(DESIGNS[design] for design in designs)]
    page.line([EDGE, WIDTH - EDGE], [y, y], linewidth=0.6)
    y += 0.04
    for left, head in zip(lefts, heads, strict=True):
        page.write(left, y + _STEP / 2, head, SMALL, color=SOFT)
    y += _STEP + 0.02
    targets = dict.fromkeys(answer.target for answer in planned.answers)
    for target, (number, drop_out) in itertools.product(
        targets, enumerate(planned.request.drop_out)
    ):
        cells = ["" if number else _aim(planned, target), f"{100 * drop_out:g} %"]
        cells += [_cell(answer_of(planned, design, drop_out, target)) for design in designs]
        for left, cell in zip(lefts, cells, strict=True):
            weight = "normal" if number else "bold"
            page.write(left, y + _STEP / 2, cell, SMALL, color=INK, weight=weight)
        y += _STEP + 0.02
        if number == len(planned.request.drop_out) - 1:
            page.line([EDGE, WIDTH - EDGE], [y, y], linewidth=0.4, color=FAINT)
            y += 0.02
    return y


def _aim(planned: Planned, target: Target) -> str:
    """A target in few words."""
    if target.aim == "equivalence":
        return "as good"
    return f"{magnitude(abs(target.difference))} {planned.assumed.card.unit} apart"


def _cell(answer: Answer) -> str:
    """A number of people, in the count of its design."""
    if answer.n is None:
        return "not reached"
    unit = " an arm" if answer.design == "parallel" else ""
    interval = interval_words(answer).replace(" an arm", "")
    return f"{answer.n}{unit}{interval.replace(' to ', '–').replace(' or more', '+')}"


def _notes(planned: Planned) -> list[str]:
    """How the chart is read, and everything that is assumed."""
    first, *others = (f"{100 * share:g} %" for share in planned.request.drop_out)
    thin = f"; thin lines: {' and '.join(others)}" if others else ""
    marks = (
        f"Thick lines: {first} drop-out, with the 95 % Monte-Carlo interval as a band{thin}. "
        "In brackets: what Monte-Carlo error leaves open."
    )
    return [
        marks,
        f"Assumed ({planned.assumed.source}):",
        *statements(planned),
    ]
