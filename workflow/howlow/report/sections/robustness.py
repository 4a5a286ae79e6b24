"""Whether a verdict hangs on one choice, on drop-out, or on a fit that does not hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from howlow.analysis.rounding import signed, with_interval
from howlow.data.declaration import Declaration
from howlow.present.specification import Agreement, Choice, Key, agreement
from howlow.report.contrasts import contrast_words
from howlow.report.inputs import Analysis
from howlow.report.lines import Line, anchor_of
from howlow.report.numbers import count

#: Estimates of contrasts under other assumptions about drop-out have such a method.
REFERENCE_BASED = "reference-"


@dataclass(frozen=True)
class ChoiceRow:
    """One choice as it is shown."""

    words: str
    shown: str
    verdict: str
    n: int
    primary: bool
    agrees: bool


@dataclass(frozen=True)
class ShiftRow:
    """One shift of unseen values as it is shown."""

    arm: str
    delta: str
    shown: str
    verdict: str
    tipping: bool


@dataclass(frozen=True)
class Robustness:
    """Everything that was tried on one contrast; `primary` says whether it is the primary one.

    `tips` are the sentences on drop-out, `shifts` the grid behind them; `flags` what the checks of
    the fit found, out of `checks`. `reference` are lines under reference-based assumptions.
    """

    outcome: str
    what: str
    unit: str
    primary: bool
    agreement: Agreement
    choices: tuple[ChoiceRow, ...]
    tips: tuple[str, ...]
    shifts: tuple[ShiftRow, ...]
    reference: tuple[Line, ...]
    flags: tuple[str, ...]
    checks: str


def robustness_of(
    trial: Declaration, analysis: Analysis, lines: Sequence[Line], primary: Sequence[str]
) -> tuple[Robustness, ...]:
    """What was tried on each contrast of a trial, the primary one first.

    `lines` are those of the trial; `primary` is the outcome, contrast and visit of its primary row.
    """
    found = [
        _robustness(trial, analysis, lines, key, key[1:] == tuple(primary))
        for key in analysis.choices
        if key[0] == trial.id
    ]
    return tuple(sorted(found, key=lambda one: not one.primary))


def _robustness(
    trial: Declaration, analysis: Analysis, lines: Sequence[Line], key: Key, primary: bool
) -> Robustness:
    """What was tried on one contrast."""
    study, outcome, contrast, at = key
    choices, unit = analysis.choices[key], trial.outcomes[outcome].unit
    missing = [row for row in analysis.missing if _is(row, *key)]
    checks = [
        row for row in analysis.diagnostics if (row["study"], row["outcome"]) == (study, outcome)
    ]
    start = anchor_of("/".join((*key, "raw", REFERENCE_BASED)))
    label = trial.labels.get(at, at.replace("_", " "))
    flags = [row["words"].replace(at, label) for row in checks if row["flag"] == "True"]
    return Robustness(
        outcome=trial.outcomes[outcome].label,
        what=contrast_words(contrast, trial.arms),
        unit="percentage points" if unit == "%" else unit,
        primary=primary,
        agreement=agreement(choices),
        choices=_choices(choices),
        tips=_tips(missing),
        shifts=tuple(_shift(row, trial) for row in missing if int(row["unseen"])),
        reference=tuple(line for line in lines if line.anchor.startswith(start)),
        flags=tuple(dict.fromkeys(flags)),
        checks=count(len(checks), "check") if checks else "",
    )


def _is(row: dict[str, str], *key: str) -> bool:
    """Whether a row of the table of missing data is of a contrast."""
    return (row["study"], row["outcome"], row["contrast"], row["at"]) == key


def _choices(choices: Iterable[Choice]) -> tuple[ChoiceRow, ...]:
    """The choices as rows, the primary one first; those left out are drawn and counted alone."""
    return tuple(
        ChoiceRow(
            words=f"{choice.words[:1].upper()}{choice.words[1:]}",
            shown=with_interval(choice.estimate, choice.low, choice.high),
            verdict=choice.verdict or "no margin",
            n=choice.n,
            primary=choice.primary,
            agrees=choice.agrees,
        )
        for choice in choices
        if not choice.left_out
    )


def _tips(rows: Sequence[dict[str, str]]) -> tuple[str, ...]:
    """The nearest tipping point either way; without one, why there is none."""
    tipping = [row for row in rows if row["tipping"] == "True"]
    if not tipping:
        said = [row for row in rows if row["words"]]
        both = [row for row in said if " against " in row["shifted_arm"]]
        return tuple(dict.fromkeys(row["words"] for row in both or said))
    nearest = []
    for side in (-1, 1):
        there = [row for row in tipping if side * float(row["delta"]) > 0]
        if there:
            nearest.append(min(there, key=lambda row: abs(float(row["delta"])))["words"])
    return tuple(nearest)


def _shift(row: dict[str, str], trial: Declaration) -> ShiftRow:
    """One row of the grid."""
    first, _, second = row["shifted_arm"].partition(" against ")
    arm = trial.arms[first].label
    delta, percent = float(row["delta"]), row["delta_pct"]
    size = _sized(delta)
    estimate, low, high = (float(row[name]) for name in ("estimate", "ci_low", "ci_high"))
    return ShiftRow(
        arm=f"{arm} up, {trial.arms[second].label} down" if second else arm,
        delta=f"{size} ({signed(float(percent), 1)} %)" if percent else size,
        shown=with_interval(estimate, low, high),
        verdict=row["verdict"] or "no margin",
        tipping=row["tipping"] == "True",
    )


def _sized(delta: float) -> str:
    """A shift to three digits, with its sign."""
    return signed(
        delta, next((n for n, least in enumerate((100, 10, 1)) if abs(delta) >= least), 3)
    )
