"""What drop-out could have done: a delta tipping point, and reference-based assumptions.

The main model takes unseen values to be missing at random. The tipping point asks how far the
unseen values of an arm would have to lie from what that says before the verdict changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from howlow.analysis.robustness.reference_based import reference_rows
from howlow.analysis.robustness.tipping import Shift, pulls
from howlow.config.trial import sides

if TYPE_CHECKING:
    from howlow.analysis.estimand.cards import Card
    from howlow.analysis.estimates import Estimate
    from howlow.analysis.primary import Primary
    from howlow.analysis.subjects import Subject

#: Columns of a study's table of missing data.
MISSING_COLUMNS = (
    "study",
    "outcome",
    "contrast",
    "at",
    "shifted_arm",
    "unseen",
    "people",
    "delta",
    "delta_pct",
    "estimate",
    "ci_low",
    "ci_high",
    "verdict",
    "tipping",
    "words",
)
#: Shifts that are shown, as shares of the widest.
SHOWN = (-0.5, -0.25, -0.1, -0.05, 0.0, 0.05, 0.1, 0.25, 0.5)


def missing_rows(subject: Subject, card: Card, primary: Primary) -> Iterator[Estimate]:
    """Sensitivity estimates of a contrast under other assumptions about drop-out.

    Individual data only; see `howlow.analysis.robustness.reference_based`.
    """
    if subject.trial.kind == "participants":
        yield from reference_rows(subject, card, primary)


def tipping_table(subject: Subject, card: Card, primary: Primary) -> list[dict[str, object]]:
    """How a contrast moves as unseen values are shifted, and where its verdict tips.

    An arm's mean under missing at random is the mean over all its people (limbs, where arms are
    limbs) of measured or predicted values, so that a shift of the unseen ones by delta moves it by
    delta times the share unseen. Each arm is shifted in turn, then both in opposite directions.

    Delta is given, the share unseen is not: another trial would have lost another number of people.
    The variance of the contrast is therefore that of the main analysis plus delta squared times
    that of the share, p (1 - p) / (n - 1) in an arm, plus twice delta times their covariance, which
    is not zero where who dropped out had done worse before (White, Carpenter & Horton 2018, Stat
    Sin 28:1985). Degrees of freedom and the critical value stay those of the main analysis.

    Returns rows with `MISSING_COLUMNS`: a grid of shifts, and the first shift either way at which
    the verdict is another one. `delta_pct` is of the pooled baseline mean, None off a ratio scale.
    """
    first, second = sides(card.contrast)
    cohort = primary.fitted.cohort
    if subject.trial.kind != "participants" or cohort.period is not None:
        return []
    rows: list[dict[str, object]] = []
    pull = pulls(primary, card)
    for shifted in ({first: 1.0}, {second: 1.0}, {first: 1.0, second: -1.0}):
        rows += _rows(Shift(subject, card, primary, shifted, pull))
    return rows


def _rows(shift: Shift) -> list[dict[str, object]]:
    """The rows of the grid and the tipping points of one way of shifting."""
    if any(shift.counts(arm)[0] == 0 for arm in shift.shifted):
        # Both arms together would say again what the rows of each say.
        both = len(shift.shifted) == 2
        return [] if both else [_row(shift, 0.0, tipping=False, words=_nobody(shift))]
    if not shift.primary.verdict[0]:
        return [_row(shift, share * shift.widest(), tipping=False, words="") for share in SHOWN]
    tips = shift.tips()
    rows = [_row(shift, delta, tipping=True, words=_sentence(shift, delta)) for delta in tips]
    for share in SHOWN:
        words = "" if tips or share else _nothing(shift)
        rows.append(_row(shift, share * shift.widest(), tipping=False, words=words))
    return sorted(rows, key=lambda row: float(str(row["delta"])))


def _row(shift: Shift, delta: float, *, tipping: bool, words: str) -> dict[str, object]:
    """One row of the table."""
    card, trial = shift.card, shift.subject.trial
    estimate, low, high, verdict = (part[0] for part in shift.at(np.array([delta])))
    counts = [shift.counts(arm) for arm in shift.shifted]
    percent = 100 * delta / abs(shift.subject.baseline)
    return {
        "study": card.study,
        "outcome": card.outcome,
        "contrast": card.contrast,
        "at": card.at,
        "shifted_arm": " against ".join(shift.shifted),
        "unseen": sum(unseen for unseen, _ in counts),
        "people": sum(people for _, people in counts),
        "delta": delta,
        "delta_pct": percent if trial.outcomes[card.outcome].ratio_scale else None,
        "estimate": float(estimate),
        "ci_low": float(low),
        "ci_high": float(high),
        "verdict": str(verdict),
        "tipping": tipping,
        "words": words,
    }


def _sentence(shift: Shift, delta: float) -> str:
    """The tipping point in plain words."""
    unit = shift.subject.trial.outcomes[shift.card.outcome].unit
    size = f"{_number(delta)} {unit}{_of_baseline(shift, delta)}"
    parts = []
    for arm, way in shift.shifted.items():
        side = "higher" if way * delta > 0 else "lower"
        parts.append(f"{_who(shift, arm)} would have to have ended {size} {side}")
    words = f"{', and '.join(parts)} on average than predicted from what was seen"
    becomes = shift.at(np.array([delta]))[3][0]
    return (
        f"{words[0].upper()}{words[1:]}, for the verdict to change from "
        f"“{shift.primary.verdict[0]}” to “{becomes}”."
    )


def _number(value: float) -> str:
    """The size of a number in three digits, written out."""
    size = abs(value)
    return f"{size:,.0f}" if size >= 100 else f"{size:.3g}"


def _of_baseline(shift: Shift, delta: float) -> str:
    """A shift in per cent of the baseline mean, where that makes sense."""
    if not shift.subject.trial.outcomes[shift.card.outcome].ratio_scale:
        return ""
    return f" ({100 * abs(delta / shift.subject.baseline):.2g} % of the baseline mean)"


def _who(shift: Shift, arm: str) -> str:
    """Those of an arm who were not seen, in words."""
    unseen, people = shift.counts(arm)
    limbs = shift.primary.fitted.cohort.limb.any()
    what, which = ("limbs", "that") if limbs else ("people", "who")
    verb = "was" if unseen == 1 else "were"
    label, at = _names(shift, arm)
    return f"the {unseen} of {people} {what} in {label} {which} {verb} not seen at {at}"


def _names(shift: Shift, arm: str) -> tuple[str, str]:
    """Words for an arm and the visit."""
    trial = shift.subject.trial
    return trial.arms[arm].label, trial.labels.get(shift.card.at, "") or shift.card.at


def _nobody(shift: Shift) -> str:
    """That nobody is missing, in words."""
    label, at = _names(shift, next(iter(shift.shifted)))
    return f"Everybody in {label} was seen at {at}: there is nothing to tip."


def _nothing(shift: Shift) -> str:
    """That no shift tips the verdict, in words."""
    unit = shift.subject.trial.outcomes[shift.card.outcome].unit
    who = " and ".join(_who(shift, arm) for arm in shift.shifted)
    return (
        f"No shift up to {_number(shift.widest())} {unit} either way of {who} changes the verdict "
        f"“{shift.primary.verdict[0]}”."
    )
