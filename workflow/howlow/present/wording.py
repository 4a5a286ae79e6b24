"""The words around figures: units, verdicts, notes, captions and texts for who cannot see them."""

from __future__ import annotations

import math

from howlow.analysis.methods import method_names
from howlow.analysis.rounding import (
    magnitude,
    percent_with_interval,
    with_interval,
)
from howlow.present.trials import ArmShown, ContrastShown, TrialFigure

#: The other readings of what papers leave out, that are tried as sensitivity.
READINGS = {
    "r_low": "correlation before-after at its lowest",
    "r_high": "correlation before-after at its highest",
    "limb_r_low": "correlation between limbs at its lowest",
    "limb_r_high": "correlation between limbs at its highest",
    "spread_SEM": "± read as SEM",
    "spread_SD": "± read as SD",
    "n_low": "fewest in each arm",
    "n_high": "most in each arm",
}
#: Notes that the verdict or the margin's own sentence already says.
_SAID = ("depends on r", "baseline not printed, so no margin in this unit")


def in_sentence(label: str) -> str:
    """A label inside a sentence: its first letter small, unless it is an abbreviation."""
    word = label.split(" ")[0]
    return label[:1].lower() + label[1:] if word[1:].islower() else label


def p_words(p: float) -> str:
    """A P value of a test of heterogeneity, to three decimals."""
    return "below 0.001" if p < 0.001 else f"{p:.3f}"


def difference_unit(shown: TrialFigure) -> str:
    """The unit of a difference between two changes."""
    return "percentage points" if shown.unit == "%" else shown.unit


def verdict_words(one: ContrastShown) -> str:
    """The verdict, or why there is none."""
    if not one.verdict and one.margin is not None:
        return "none: an interim look"
    return one.verdict or "none: no margin in this unit"


def notes(shown: TrialFigure) -> list[str]:
    """What must stand in the figure itself."""
    found = [f"{_margin_note(shown)} {_direction_note(shown)}"]
    if shown.assumed:
        found.append(f"Assumed: {'; '.join(shown.assumed)}.")
    if shown.cautions:
        found.append(f"Caution: {'; '.join(shown.cautions)}.")
    if not shown.arms:
        found.append("The page prints only the difference, not what each arm did.")
    rest = [note for note in shown.notes if note not in _SAID]
    return [*found, *(f"{note[:1].upper()}{note[1:].rstrip('.')}." for note in rest)]


def _margin_note(shown: TrialFigure) -> str:
    """What the shaded band is, or why there is none."""
    margins = sorted({one.margin for one in shown.contrasts if one.margin is not None})
    if not margins:
        if _SAID[1] in shown.notes:
            return "No margin in this unit, and no verdict: the baseline is not printed."
        return "No margin is declared for this outcome, so there is no verdict."
    sizes = " or ".join(f"±{magnitude(value)}" for value in margins)
    relative = shown.margin_pct is not None and shown.unit != "%"
    of = f", {shown.margin_pct:g} % of the baseline mean" if relative else ""
    return f"Shaded: differences smaller than the margin ({sizes} {difference_unit(shown)}{of})."


def _direction_note(shown: TrialFigure) -> str:
    """Which side is whose."""
    if shown.better:
        return "Above zero: the first-named arm gained more or lost less."
    return "Below zero: the first-named arm improved more (a smaller value is better)."


def trial_title(shown: TrialFigure) -> str:
    """A short title."""
    return f"{shown.cite}: {shown.outcome_label}, {in_sentence(shown.visit)}"


def trial_alt(shown: TrialFigure) -> str:
    """What the figure shows, in numbers."""
    level = f"{100 * shown.level:g} % interval"
    parts = ["SIMULATED data."] if shown.simulated else []
    if shown.arms:
        arms = "; ".join(_arm_words(arm) for arm in shown.arms)
        what = f"{in_sentence(shown.outcome_label)}, {in_sentence(shown.visit)}"
        parts.append(f"Mean change in {what} ({shown.unit}, {level}): {arms}.")
    contrasts = "; ".join(_contrast_words(one, difference_unit(shown)) for one in shown.contrasts)
    parts.append(f"Difference ({level}): {contrasts}.")
    return " ".join(parts)


def _arm_words(arm: ArmShown) -> str:
    """An arm with its mean."""
    n = "n not printed" if arm.n is None else f"n = {arm.n}"
    spread = "" if math.isfinite(arm.mean.low) else ", no spread printed"
    numbers = with_interval(arm.mean.estimate, arm.mean.low, arm.mean.high)
    return f"{arm.label} {numbers} ({n}{spread})"


def _contrast_words(one: ContrastShown, unit: str) -> str:
    """A contrast with its numbers and verdict."""
    numbers = with_interval(one.raw.estimate, one.raw.low, one.raw.high)
    percent = ""
    if one.ratio is not None:
        ratio = percent_with_interval(one.ratio.estimate, one.ratio.low, one.ratio.high)
        percent = f" (per cent {ratio})"
    n = "n not known" if one.n is None else f"n = {one.n}"
    return (
        f"{one.first} − {one.second} {numbers} {unit}{percent}, {n}, verdict: {verdict_words(one)}"
    )


def trial_caption(shown: TrialFigure) -> str:
    """What lines and shapes are, by which method, under which assumptions."""
    level, narrower = f"{100 * shown.level:g} %", f"{100 * shown.equivalence_level:g} %"
    parts = ["SIMULATED data, not evidence."] if shown.simulated else []
    if shown.arms:
        points = ""
        if any(arm.changes for arm in shown.arms):
            points = "; small points are individuals"
            if shown.limb_pairs:
                points = "; small points are limbs, joined by a line within a person"
        parts.append(f"Left: each arm's mean change with its {level} interval{points}.")
    parts.append(
        f"Right: the difference with its {level} interval (thin) and the {narrower} interval that "
        f"equivalence is judged by (thick), over the t density of the estimate."
    )
    if any(one.ratio for one in shown.contrasts):
        parts.append("Per cent: the ratio of the two arms' means at the visit, less one.")
    parts += [f"Estimand: {shown.estimand}."] if shown.estimand else []
    methods = dict.fromkeys(method_names(one.method)[1].rstrip(".") for one in shown.contrasts)
    parts.append(f"Method: {'; '.join(methods)}; {shown.design}.")
    return " ".join([*parts, *notes(shown)])
