"""One pool in numbers: the main row, and beside it the same trials put together otherwise."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from howlow.analysis.estimates import Estimate
from howlow.analysis.rounding import as_percent, plain
from howlow.present.effects import expected
from howlow.report.figures import interval_width
from howlow.report.inputs import Inputs
from howlow.report.lines import anchor_of
from howlow.report.numbers import (
    Shown,
    p_words,
    percent_interval,
    percent_text,
    plain_percent,
    shown,
)
from howlow.report.synthesised import number_of
from howlow.report.words import POPULATIONS, WIDENED, method_words, reasons, variant_words
from howlow.synthesis.pools import PoolDetails

MAIN, WIDER = "reml-hksj", "reml-hksj-adhoc"
#: The standing sensitivity row.
UNCAUTIONED = "uncautioned"
_NAME = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
#: Kinds of measurement in words, where their names are none.
_MEASURES = {
    "one_rm": "1RM",
    "sum_of_one_rms": "sums of 1RMs",
    "csa": "CSA",
    "dxa": "DXA",
    "bia": "BIA",
    "bodpod": "BodPod",
}
#: In which order rows stand beside the main one.
_ORDER = (MAIN, WIDER, f"{MAIN}[{UNCAUTIONED}]", f"{WIDER}[{UNCAUTIONED}]", "one-stage")


@dataclass(frozen=True)
class PoolRow:
    """One row beside the main one; without an anchor where another scale has it."""

    anchor: str
    what: str
    shown: Shown
    verdict: str
    trials: int
    participants: str
    note: str


@dataclass(frozen=True)
class LeftOutRow:
    """The pool without one trial."""

    cite: str
    shown: str
    verdict: str


@dataclass(frozen=True)
class Pool:
    """The pooled estimate of a block by its widest interval; beside it the one not widened.

    `rows` put the same trials, or some of them, together otherwise; `readings` put them together as
    papers may also be read, and `by_age` those of one age; `spread` says how far trials lie apart.
    """

    anchor: str
    shown: Shown
    widened: str
    beside: Shown | None
    beside_anchor: str
    level: str
    verdict: str
    trials: int
    participants: str
    prediction: str
    notes: tuple[str, ...]
    assumed: str
    spread: str
    rows: tuple[PoolRow, ...]
    readings: tuple[PoolRow, ...]
    by_age: tuple[PoolRow, ...]
    influence: tuple[LeftOutRow, ...]
    small_studies: tuple[str, ...]


def pool_of(rows: list[Estimate], more: str, inputs: Inputs) -> Pool:
    """A pool from all its rows: the main ones of all ages by the widest of their intervals."""
    lead = [found for found in rows if _is_lead(found)] or rows[:1]
    row = next((found for found in lead if found.estimate_id in inputs.pools), lead[0])
    widest, narrow = max(lead, key=interval_width), min(lead, key=interval_width)
    limits = (widest.ci_low or 0.0, widest.ci_high or 0.0)
    details = inputs.pools.get(row.estimate_id)
    prediction = expected(details, row.n_studies or 0, *limits)
    is_widened = widest is not narrow
    others = [found for found in rows if found not in lead]
    others.sort(key=_rank)
    taken = {anchor_of(found.estimate_id) for found in lead}
    of_all = [found for found in others if _is_of_all(found)]
    return Pool(
        anchor=anchor_of(widest.estimate_id),
        shown=shown(widest),
        widened=WIDENED if is_widened else "",
        beside=shown(narrow) if is_widened else None,
        beside_anchor=anchor_of(narrow.estimate_id) if is_widened else "",
        level=plain_percent(100 * (row.ci_level or 0)),
        verdict=row.verdict,
        trials=row.n_studies,
        participants=_participants(row),
        prediction=percent_interval(*prediction) if prediction else "",
        notes=(*_said(row.note, inputs), *([more] if more else [])),
        assumed=row.assumed,
        spread=_spread(details) if details else "",
        rows=tuple(_rows([one for one in of_all if not _is_reading(one)], taken, inputs)),
        readings=tuple(_rows([one for one in of_all if _is_reading(one)], taken, inputs)),
        by_age=tuple(_rows([one for one in others if not _is_of_all(one)], taken, inputs)),
        influence=tuple(_influence(row, inputs)),
        small_studies=tuple(_small_studies(row, inputs)),
    )


def _is_lead(found: Estimate) -> bool:
    """Whether a row is the main one of all ages, or the same widened."""
    return _is_of_all(found) and found.scale == "log_ratio" and found.method in (MAIN, WIDER)


def _is_of_all(found: Estimate) -> bool:
    """Whether a row is of all ages."""
    return found.study.count(":") == 1


def _variant(found: Estimate) -> str:
    """What a method's name holds in brackets."""
    return found.method.partition("[")[2].removesuffix("]")


def _is_reading(found: Estimate) -> bool:
    """Whether a row reads what papers leave out in another way."""
    return found.method.startswith(MAIN) and _variant(found) not in ("", UNCAUTIONED)


def _participants(found: Estimate) -> str:
    """How many people there were, as far as they are printed."""
    unknown = any(part.startswith("participants of ") for part in found.note.split("; "))
    before = "at least " if unknown and found.n_participants else ""
    return f"{before}{found.n_participants or ''}"


def _rank(found: Estimate) -> tuple[int, str, bool, bool, int]:
    """All ages first, each age together, the widened interval before the narrow, d last."""
    method = found.method.replace("-d", "")
    place = _ORDER.index(method) if method in _ORDER else len(_ORDER)
    return found.study.count(":"), found.study, found.scale == "d", method != WIDER, place


def _said(note: str, inputs: Inputs) -> list[str]:
    """The notes of a row, with trials by their citation and measures in words."""

    def word(match: re.Match[str]) -> str:
        name = match[0]
        return inputs.trials[name].cite if name in inputs.trials else _MEASURES.get(name, name)

    return [_NAME.sub(word, reason) for reason in reasons(note)]


def _rows(found: list[Estimate], taken: set[str], inputs: Inputs) -> Iterator[PoolRow]:
    """Rows as lines of a table, each with a place of its own."""
    for row in found:
        anchor = anchor_of(row.estimate_id)
        yield PoolRow(
            anchor="" if anchor in taken else anchor,
            what=_what(row),
            shown=shown(row),
            verdict=row.verdict,
            trials=row.n_studies,
            participants=_participants(row),
            note="; ".join(_said(row.note, inputs)),
        )
        taken.add(anchor)


def _what(found: Estimate) -> str:
    """What a row puts together, and how."""
    population = found.study.split(":")[2] if found.study.count(":") > 1 else ""
    people = POPULATIONS.get(population, population)
    in_full = not _variant(found) or not found.method.startswith(MAIN)
    how = method_words(found.method) if in_full else variant_words(found.method)
    scale = "standardised difference (d)" if found.scale == "d" else ""
    words = ", ".join(part for part in (people, scale, how) if part)
    return words[:1].upper() + words[1:]


def _spread(found: PoolDetails) -> str:
    """How far the trials lie apart: tau, I2 and Q."""
    tau = _tau(found.tau)
    limits = [math.sqrt(value) for value in (found.tau2_low, found.tau2_high) if value >= 0]
    if len(limits) == 2:
        tau += f" [{', '.join(_tau(value) for value in limits)}]"
    test = "" if math.isnan(found.q_p) else f", {p_words(found.q_p)}"
    return (
        f"Between trials: τ = {tau}\N{NO-BREAK SPACE}%, I² = {plain(found.i2, 0)}"
        f"\N{NO-BREAK SPACE}%, Q = {plain(found.q, 1)} on {found.q_df:g} df{test}"
    )


def _tau(value: float) -> str:
    """The standard deviation between trials, in per cent."""
    return "∞" if math.isinf(value) else plain(as_percent(value), 1)


def _influence(row: Estimate, inputs: Inputs) -> Iterator[LeftOutRow]:
    """The pool without each of its trials."""
    for found in inputs.synthesised.influence:
        if found["estimate_id"] == row.estimate_id:
            name = found["left_out"]
            values = (number_of(found[key]) for key in ("estimate", "ci_low", "ci_high"))
            cite = inputs.trials[name].cite if name in inputs.trials else name
            yield LeftOutRow(cite, percent_text(*values), found["verdict"])


def _small_studies(row: Estimate, inputs: Inputs) -> Iterator[str]:
    """Whether small trials found something else than large ones."""
    for found in inputs.synthesised.small_studies:
        if found["estimate_id"] == row.estimate_id:
            df = f"({number_of(found['df']):g})" if found["df"] else ""
            statistic = plain(number_of(found["statistic"]), 2)
            p = p_words(number_of(found["p"]))
            yield f"{found['test']}: {statistic}{df}, {p}, in {found['trials']} trials"
