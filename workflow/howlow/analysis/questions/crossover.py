"""Rows of a crossover: arms compared within people, and beside it what carry-over could have done.

Carry-over is shown, never tested away: no decision follows from its estimate, as a trial that can
compare arms within people can hardly see it (Senn 2002, Cross-over Trials in Clinical Research).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import stdtrit

from howlow.analysis.contrasts import margin_as_log_ratio, margin_in_units
from howlow.analysis.feasibility import FEWEST
from howlow.analysis.fitting.periods import Periods
from howlow.analysis.fitting.structures import RANDOM_PERSON, Choice, choose
from howlow.analysis.primary import Fitted, Primary, judge_contrast
from howlow.analysis.sample_size import Observed, n_to_settle
from howlow.analysis.scales import log_ratio, standardised
from howlow.analysis.subjects import Subject, simulated
from howlow.analysis.verdicts import EQUIVALENT, NOT_INFERIOR
from howlow.config.trial import sides
from howlow.errors import DesignError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from howlow.analysis.estimand.cards import Card
    from howlow.analysis.estimates import Estimate
    from howlow.analysis.fitting.fits import Combination
    from howlow.analysis.units import Unit
    from howlow.config.settings import Config

#: What is said of the difference between the effects in the periods.
CARRY_OVER = (
    "effect in the first period less that in later ones: carry-over, or an effect that changes with"
    " time; shown only, nothing is decided by it"
)


@dataclass(frozen=True)
class Crossover:
    """One outcome of a crossover at one visit, fitted: `subject` makes rows of it."""

    periods: Periods
    fitted: Fitted
    subject: Subject

    @classmethod
    def of(cls, unit: Unit, at: str, config: Config) -> Crossover:
        """Fit a unit at a visit.

        Raises
        ------
        DesignError, ModelError
            If there are fewer than three participants, or arms cannot be told from periods.
        """
        periods = Periods.of(unit.cohort, at, unit.start)
        choice: Choice = choose(periods.cohort, (RANDOM_PERSON,))
        model, fit = periods.fit(unit.trial.covariates)
        before = np.nan if periods.before is None else float(np.nanmean(periods.before))
        subject = Subject(
            unit.trial, unit.outcome, config, periods.cohort, model, fit, before, unit.variant
        )
        return cls(periods, Fitted(periods.cohort, choice, model, fit), subject)

    @property
    def baseline(self) -> float | None:
        """Mean before, over all arms and periods; None where no period has a baseline."""
        return None if np.isnan(self.subject.baseline) else self.subject.baseline

    def judged(self, card: Card) -> Primary:
        """A card's contrast with its interval and verdict.

        Raises
        ------
        DesignError
            If too few people were measured in both arms.
        """
        subject, (first, second) = self.subject, sides(card.contrast)
        both = self.periods.in_both(first, second)
        if both < FEWEST:
            names = " and ".join(f"'{subject.trial.arms[arm].label}'" for arm in (first, second))
            raise DesignError(
                f"{both} people have a value at {card.at} in both {names}; {FEWEST} are needed to "
                "compare arms within people"
            )
        margin = margin_in_units(
            subject.trial.outcomes[subject.outcome], self.baseline, subject.config
        )
        size = np.nan if margin is None else margin
        by_control = bool(card.control) and (
            card.control == second or (card.control, card.at) in subject.fit.cells
        )
        assay = None if by_control else self._gain(second, size, card)
        return judge_contrast(self.fitted, card, size, assay)

    def _gain(self, arm: str, margin: float, card: Card) -> tuple[NDArray[np.bool_], str]:
        """Whether people gained more than the margin in an arm, by the interval of their mean."""
        words = "assay sensitivity: gain of the reference arm over baseline only"
        cohort, before = self.periods.cohort, self.periods.before
        mine = cohort.arm == cohort.arms.index(arm)
        if before is None or not (mine & ~np.isnan(before)).any():
            return np.zeros(1, dtype=bool), "assay sensitivity: no baseline to count a gain from"
        mine &= ~np.isnan(before)
        gains = cohort.values[0, mine] - before[mine]
        whose = np.unique(cohort.participant[mine], return_inverse=True)[1]
        each = np.bincount(whose, gains) / np.bincount(whose)
        if len(each) < 2:
            return np.zeros(1, dtype=bool), words
        half = stdtrit(len(each) - 1, 1 - card.alpha / 2) * each.std(ddof=1) / np.sqrt(len(each))
        low, high = each.mean() - half, each.mean() + half
        return np.array([low > margin if card.higher_is == "better" else high < -margin]), words


def crossover_rows(trial: Crossover, found: Primary) -> Iterator[Estimate]:
    """The contrast in the unit with its verdict, as a log ratio and d; then what stands beside it.

    Beside it are the first period alone, as a cross-check, and the difference between the effects
    in the periods, without a P value.
    """
    yield _primary(trial, found)
    yield from _other_scales(trial, found)
    yield from _first_period(trial, found.card)
    yield from _carry_over(trial, found.card)


def _primary(trial: Crossover, found: Primary) -> Estimate:
    """The contrast in the outcome's unit."""
    subject, card, raw = trial.subject, found.card, found.value.one()
    config, verdict = subject.config, str(found.verdict[0])
    margin = None if np.isnan(found.margin[0]) else float(found.margin[0])
    notes = [found.assay if verdict in (EQUIVALENT, NOT_INFERIOR) else ""]
    if margin is None and trial.baseline is None:
        notes.append("no baseline, so no margin in this unit")
    needed = None
    if margin is not None:
        precision = Observed(raw.se, raw.df, trial.periods.in_both(*sides(card.contrast)))
        settled = n_to_settle(
            precision, margin, verdict, raw.estimate, config.planning.power, config.alpha
        )
        needed = settled.n
        number = "" if needed is None else f"{needed:,} participants altogether "
        notes.append(f"{number}{settled.words}" if settled.words else "")
    adjusted = float(found.p_adjusted[0])
    if not np.isnan(adjusted):
        notes.append(f"interval simultaneous over {len(card.comparisons)} comparisons (Dunnett)")
    return subject.row(
        raw,
        contrast=card.contrast,
        at=card.at,
        estimand=f"difference in mean{_words(trial)}",
        tested=True,
        ci_low=float(found.low[0]),
        ci_high=float(found.high[0]),
        margin=margin,
        verdict=verdict,
        p_adjusted=None if np.isnan(adjusted) else adjusted,
        n_to_settle=needed,
        note=_joined(*notes, simulated(subject.trial)),
    )


def _words(trial: Crossover) -> str:
    """What a comparison within people is adjusted for."""
    adjusted = "" if trial.periods.before is None else ", adjusted for the baseline of each period"
    return f" within people{adjusted}, missing at random"


def _other_scales(trial: Crossover, found: Primary) -> Iterator[Estimate]:
    """The log ratio of means, and the difference on the SD before."""
    subject, card = trial.subject, found.card
    outcome, (first, second) = subject.trial.outcomes[subject.outcome], sides(card.contrast)
    told: dict[str, Any] = {"contrast": card.contrast, "at": card.at, "tested": True}
    # The means are those of the model; none is a change that a baseline has to be added to.
    ratio = log_ratio(subject.fit, first, second, card.at, 0.0) if outcome.ratio_scale else None
    if ratio is not None:
        margin = margin_as_log_ratio(outcome, trial.baseline, subject.config)
        words = f"log ratio of means{_words(trial)}"
        yield subject.row(ratio, scale="log_ratio", estimand=words, margin=margin, **told)
    before, cohort = trial.periods.before, trial.periods.cohort
    if before is not None:
        arms = [before[cohort.arm == cohort.arms.index(arm)] for arm in (first, second)]
        known = [values[~np.isnan(values)] for values in arms]
        d = standardised(found.value.one(), (known[0], known[1])) if all(map(len, known)) else None
        if d is not None:
            words = f"standardised difference in mean{_words(trial)}"
            yield subject.row(d, scale="d", estimand=words, **told)


def _first_period(trial: Crossover, card: Card) -> Iterator[Estimate]:
    """The arms compared between people in the first period, which no earlier arm can reach."""
    arms = sides(card.contrast)
    fit = trial.periods.first_period(arms)
    if fit is None:
        return
    adjusted = ", adjusted for baseline" if fit.method.endswith("ancova") else ""
    yield replace(trial.subject, fit=fit).row(
        fit.combine(fit.contrast(*arms, card.at)).one(),
        contrast=card.contrast,
        at=card.at,
        estimand=f"difference in mean between people in the first period alone{adjusted}",
        tier="cross-check",
        tested=True,
    )


def _carry_over(trial: Crossover, card: Card) -> Iterator[Estimate]:
    """The effect in the first period less its mean in the later ones."""
    first, second = sides(card.contrast)
    fit = trial.periods.fit_by_period(trial.subject.trial.covariates)
    names = dict.fromkeys(period for _, period in fit.cells)
    periods = [name for name in names if {(first, name), (second, name)} <= fit.cells.keys()]
    if "period 1" not in periods or len(periods) < 2:
        return
    later = [name for name in periods if name != "period 1"]
    cells = {(first, "period 1"): 1.0, (second, "period 1"): -1.0}
    for name in later:
        cells |= {(first, name): -1 / len(later), (second, name): 1 / len(later)}
    value: Combination = fit.combine(fit.weights(cells)).one()
    yield replace(trial.subject, fit=fit).row(
        value,
        contrast=f"({card.contrast}) in period 1 - later",
        at=card.at,
        estimand=CARRY_OVER,
        tier="cross-check",
        tested=False,
    )


def _joined(*notes: str) -> str:
    """Notes as one text."""
    return "; ".join(note for note in notes if note)
