"""Two doses crossed: whether one matters more at a level of the other, and each on average."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from howlow.analysis.contrasts import margin_as_log_ratio, margin_in_units
from howlow.analysis.estimand.cards import no_training
from howlow.analysis.estimates import intervals
from howlow.analysis.questions.squares import squares
from howlow.analysis.subjects import Subject, simulated
from howlow.analysis.verdicts import EQUIVALENT, judge

if TYPE_CHECKING:
    from howlow.analysis.estimates import Estimate
    from howlow.analysis.fitting.fits import Combination, Vector


def factorial_rows(subject: Subject, at: str) -> Iterator[Estimate]:
    """Interaction and main effects of every 2 x 2 of arms, in the unit and as log ratios.

    An interaction is a difference of differences in the outcome's unit; it is judged by its
    interval against the margin of a difference. Main effects weigh the levels of the other factor
    alike, whatever the numbers of participants.
    """
    arms = {
        name: arm for name, arm in subject.trial.arms.items() if (name, at) in subject.fit.cells
    }
    found = squares(arms, subject.config)
    used = Counter(square.main_contrast(factor) for square in found for factor in (0, 1))
    for square in found:
        (a, b), (c, d) = square.arms
        what = f"interaction of {square.factors[0]} and {square.factors[1]}"
        everybody = (a, b, c, d)
        text = f"({a} - {b}) - ({c} - {d})"
        yield from _rows(subject, text, square.interaction, everybody, at, what)
        for factor in (0, 1):
            text, weights = square.main_contrast(factor), square.main(factor)
            if used[text] > 1:
                text += f" of {', '.join(everybody)}"
            other = square.factors[1 - factor]
            what = f"main effect of {square.factors[factor]}, averaged over {other}"
            reference = tuple(arm for arm, weight in weights.items() if weight < 0)
            yield from _rows(subject, text, weights, reference, at, what)


def _rows(
    subject: Subject,
    text: str,
    weights: Mapping[str, float],
    reference: tuple[str, ...],
    at: str,
    what: str,
) -> Iterator[Estimate]:
    """The rows of one combination of arms: in the unit with its verdict, and as a log ratio."""
    outcome = subject.trial.outcomes[subject.outcome]
    value = subject.fit.combine(_row(subject, weights, at)).one()
    margin = margin_in_units(outcome, subject.baseline, subject.config)
    sensitive, how = _assay(subject, reference, at, margin)
    shown = intervals(value, subject.config.alpha)
    verdict = "" if subject.variant else judge(shown, margin, assay_sensitive=sensitive)
    notes = (how if verdict == EQUIVALENT else "", simulated(subject.trial))
    raw = subject.row(
        value,
        contrast=text,
        at=at,
        estimand=f"{what}, difference in mean",
        tier="sensitivity" if subject.variant else "secondary",
        tested=True,
        margin=margin,
        verdict=verdict,
        note="; ".join(note for note in notes if note),
    )
    yield raw
    ratio = _log_ratio(subject, weights, at) if outcome.ratio_scale else None
    if ratio is not None:
        yield subject.row(
            ratio,
            contrast=text,
            at=at,
            estimand=f"{what}, log ratio of means",
            scale="log_ratio",
            tier=raw.tier,
            tested=True,
            margin=margin_as_log_ratio(outcome, subject.baseline, subject.config),
        )


def _row(subject: Subject, weights: Mapping[str, float], at: str) -> Vector:
    """Weights of the coefficients of a combination of arms' means, or of their changes."""
    cells = {(arm, at): weight for arm, weight in weights.items()}
    start = subject.fit.subtract
    if start is not None:
        cells |= {(arm, start): -weight for arm, weight in weights.items()}
    return subject.fit.weights(cells)


def _log_ratio(subject: Subject, weights: Mapping[str, float], at: str) -> Combination | None:
    """The same combination of the logarithms of the means, by the delta method."""
    fit = subject.fit
    if fit.level is None or np.isnan(subject.baseline):
        return None
    # Arms that start from means of their own are moved to the pooled baseline mean.
    level = subject.baseline if fit.subtract is not None else float(np.mean(fit.level))
    rows = np.stack([_row(subject, {arm: 1.0}, at) for arm in weights])
    means, sizes = rows @ fit.coefficients[0] + level, np.array(list(weights.values()))
    if (means <= 0).any():
        return None
    found = fit.combine((sizes / means) @ rows).one()
    return replace(found, estimate=float(sizes @ np.log(means)))


def _assay(
    subject: Subject, reference: tuple[str, ...], at: str, margin: float | None
) -> tuple[bool, str]:
    """Whether the reference arms together were shown to gain more than the margin."""
    if margin is None:
        return False, ""
    control, cells = no_training(subject.trial), subject.fit.cells
    weights = dict.fromkeys(reference, 1 / len(reference))
    if (control, at) in cells:
        row, against = _row(subject, {**weights, control: -1.0}, at), "over no training"
    elif all((arm, subject.start) in cells for arm in reference):
        gain = {(arm, at): weight for arm, weight in weights.items()}
        before = {(arm, subject.start): -weight for arm, weight in weights.items()}
        row, against = subject.fit.weights(gain | before), "over baseline only"
    else:
        return False, ""
    low, high = subject.fit.combine(row).one().interval(1 - subject.config.alpha)
    better = subject.trial.outcomes[subject.outcome].higher_is == "better"
    found = low > margin if better else high < -margin
    return found, f"assay sensitivity: mean gain of the reference arms {against}"
