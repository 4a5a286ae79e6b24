"""Lines of the estimates tables: one result in its unit, in per cent and standardised."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from howlow.analysis.estimates import Estimate
from howlow.analysis.rounding import magnitude
from howlow.data.declaration import Declaration
from howlow.present.notes import SETTLES, note_words
from howlow.report.contrasts import contrast_words, group_of
from howlow.report.numbers import Shown, p_value, plain_percent, raw_unit, shown
from howlow.report.words import method_words, outcome_words, reasons, time_words

#: Parts of a note that say what a P value was adjusted for, with the name of the adjustment.
_ADJUSTED = (
    (re.compile(r"^interval simultaneous over (\d+) comparisons"), "Dunnett"),
    (re.compile(r"Holm's (?:P|adjustment) over (\d+) outcomes"), "Holm"),
)
#: The scales beside the unit, in words.
_SCALES = {"log_ratio": "in per cent", "d": "d"}
#: Tiers whose rows are set against the main ones in a table of their own.
BESIDE = ("sensitivity", "cross-check")


@dataclass(frozen=True)
class Line:
    """One line: a mean or a contrast of one outcome at one time by one method."""

    anchor: str
    study: str
    outcome: str
    what: str
    when: str
    is_mean: bool
    group: str
    tier: str
    raw: Shown | None
    percent: Shown | None
    d: Shown | None
    verdict: str
    settles: str
    margin: str
    p: str
    p_adjusted: str
    adjustment: str
    method: str
    n: str
    level: str
    assumed: str
    note: str
    cautions: tuple[str, ...]
    simulated: bool


def anchor_of(estimate_id: str) -> str:
    """The place on the page where an estimate stands, as an HTML id (which has no spaces).

    The scales of one result stand in one line, so the scale is no part of it.
    """
    head, _, method = estimate_id.rsplit("/", 2)
    return "e/" + "_".join(f"{head}/{method}".split())


def lines_of(estimates: Iterable[Estimate], trials: dict[str, Declaration]) -> list[Line]:
    """The lines that some estimates make, in their order."""
    return [_line(group, trials.get(group[0].study)) for group in _grouped(estimates)]


def by_outcome(lines: Iterable[Line]) -> list[tuple[str, list[Line]]]:
    """Lines under their outcome, the primary one's outcome first."""
    listed = list(lines)
    first = next((line.outcome for line in listed if line.tier == "primary"), "")
    ranked = sorted(listed, key=lambda line: line.outcome != first)
    ordered: dict[str, list[Line]] = {}
    for outcome, group in groupby(ranked, key=lambda line: line.outcome):
        ordered.setdefault(outcome, []).extend(group)
    for group_lines in ordered.values():
        group_lines.sort(key=lambda line: line.tier != "primary")
    return list(ordered.items())


def _grouped(estimates: Iterable[Estimate]) -> list[list[Estimate]]:
    """Estimates of one result on its scales together."""
    groups: dict[tuple[str, ...], list[Estimate]] = {}
    for found in estimates:
        key = (found.study, found.outcome, found.contrast, found.at, found.method)
        groups.setdefault(key, []).append(found)
    return list(groups.values())


def _line(group: list[Estimate], trial: Declaration | None) -> Line:
    """One line."""
    scales = {found.scale: found for found in group}
    raw, ratio, d = scales.get("raw"), scales.get("log_ratio"), scales.get("d")
    share = scales.get("share")
    own = raw or share
    lead = own or ratio or group[0]
    notes = _notes(group, trial)
    settles = [note for note in notes if SETTLES.match(note)]
    first = group[0]
    return Line(
        anchor=anchor_of(first.estimate_id),
        study=lead.study,
        outcome=outcome_words(lead, trial),
        what=contrast_words(lead.contrast, trial.arms if trial else {}),
        when=time_words(lead.at, trial.labels if trial else {}),
        is_mean=lead.contrast.startswith("mean("),
        group=group_of(lead.contrast, lead.at, lead.estimand),
        tier=_tier(group),
        raw=shown(own) if own else None,
        percent=shown(ratio) if ratio else None,
        d=shown(d) if d else None,
        verdict=_verdict(raw, ratio),
        # An interim look has no verdict, and so nothing that would settle it.
        settles="; ".join(settles) if _verdict(raw, ratio) else "",
        margin=_margin(raw),
        p=p_value(lead.p),
        p_adjusted=p_value(lead.p_adjusted),
        adjustment=_adjustment(notes) if lead.p_adjusted is not None else "",
        method=method_words(lead.method),
        n="" if lead.n_participants is None else str(lead.n_participants),
        level="" if lead.ci_level is None else plain_percent(100 * lead.ci_level),
        assumed=lead.assumed,
        note="; ".join(note for note in notes if note not in settles),
        cautions=_cautions(group),
        simulated=bool(trial and trial.simulated),
    )


def _tier(group: list[Estimate]) -> str:
    """The tier of a line: primary if one of its scales is."""
    tiers = [found.tier for found in group]
    return "primary" if "primary" in tiers else tiers[0]


def _verdict(raw: Estimate | None, ratio: Estimate | None) -> str:
    """The verdict in the unit, or in per cent where there is none; both where they differ."""
    verdicts = [found.verdict for found in (raw, ratio) if found and found.verdict]
    if len(set(verdicts)) > 1:
        return f"{verdicts[0]}; in per cent: {verdicts[1]}"
    return verdicts[0] if verdicts else ""


def _margin(raw: Estimate | None) -> str:
    """The margin of a contrast in its unit."""
    if raw is None or raw.margin is None:
        return ""
    return f"±{magnitude(raw.margin)} {raw_unit(raw)}"


def _notes(group: list[Estimate], trial: Declaration | None) -> list[str]:
    """The notes of a line, each once; that it is simulated is shown by a mark."""
    scales: dict[str, list[str]] = {}
    for found in group:
        for note in reasons(found.note):
            scales.setdefault(note, []).append(found.scale)
    has_raw = any(found.scale == "raw" for found in group)
    notes = []
    for note, where in scales.items():
        said = note_words(note, trial) if trial else note
        # What is true of another scale alone says so.
        other = " and ".join(_SCALES[scale] for scale in where if scale in _SCALES)
        notes.append(f"{other}: {said}" if has_raw and "raw" not in where else said)
    return [note for note in notes if note != "SIMULATED"]


def _adjustment(notes: list[str]) -> str:
    """By which methods a P value was adjusted: `Dunnett`, `Holm`, or one after the other."""
    return ", then ".join(
        name for pattern, name in _ADJUSTED if any(pattern.search(note) for note in notes)
    )


def _cautions(group: list[Estimate]) -> tuple[str, ...]:
    """What the fit itself says against a number."""
    words = []
    if not all(found.converged for found in group):
        words.append("did not converge: do not rely on it")
    if any(found.boundary for found in group):
        words.append("a variance component is zero")
    return tuple(words)
