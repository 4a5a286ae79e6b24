"""Choices outside the mixed model, and on the log scale."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from howlow.analysis.fitting.fits import Combinations, Fit
from howlow.analysis.fitting.longitudinal import fit_model
from howlow.analysis.fitting.regression import fit_ancova, fit_changes, fit_paired
from howlow.analysis.robustness.candidates import Candidate, answer, at_hand, with_known
from howlow.analysis.robustness.choices import Choice, Setting, Traits
from howlow.analysis.robustness.clustered import fit_clustered_changes
from howlow.errors import DesignError

if TYPE_CHECKING:
    from collections.abc import Callable

    from howlow.analysis.fitting.cohort import Cohort, Flags, Pairs, Vector


def plain_candidates(setting: Setting, summary: bool, ratio_scale: bool) -> Iterator[Candidate]:
    """All choices outside the primary model that are defensible here."""
    cohort, card = setting.people, setting.card
    if cohort.period is None and len(cohort.visits) > 1:
        if cohort.limb.any():
            yield from _of_limbs(setting, summary)
        else:
            yield from _of_people(setting, summary)
    if not summary and ratio_scale and setting.primary.fitted.model is not None:
        words = (
            "values logged, judged by the margin in per cent; brought back to the unit at the "
            "reference arm's mean"
        )
        yield Candidate("log", words, lambda: _log(setting, words))
    if card.comparisons:
        words = "without the adjustment for several comparisons"
        fitted = setting.primary.fitted.fit

        def one() -> Choice:
            """The primary estimate with the interval of one comparison."""
            traits = replace(setting.usual, inference=f"{setting.usual.inference}, one comparison")
            value, people = answer(fitted, setting), fitted.n_participants
            return setting.judge("one-comparison", words, traits, value, people, factor=1.0)

        yield Candidate("one-comparison", words, one)


@dataclass(frozen=True)
class _Plain:
    """A least-squares analysis of before and after, and how to fit it."""

    setting: Setting
    name: str
    words: str
    traits: Traits
    cohort: Cohort
    fit: Callable[[Pairs], Fit]

    def make(self) -> Choice:
        """Fit the pairs of before and after."""
        pairs = self.cohort.pairs(self.setting.card.at)
        sizes = np.bincount(pairs.arm, minlength=len(pairs.arms))
        if sizes.min() < 2:
            short = pairs.arms[int(sizes.argmin())]
            raise DesignError(f"{short}: {sizes.min()} with a value before and after")
        fit = self.fit(pairs)
        value = answer(fit, self.setting)
        return self.setting.judge(self.name, self.words, self.traits, value, fit.n_participants)

    def candidate(self) -> Candidate:
        """It as a candidate."""
        return Candidate(self.name, self.words, self.make)


def _of_people(setting: Setting, summary: bool) -> Iterator[Candidate]:
    """Analysis of covariance and change scores of arms of people."""
    at, rows = setting.card.at, setting.people
    randomised = setting.card.baseline == "one for all arms"
    usual = replace(setting.usual, covariates="", population="completers")
    covariance = replace(usual, model="ANCOVA", covariance="one variance", inference="t")
    if randomised:
        words = "analysis of covariance of those with a value before and after"
        yield _Plain(setting, "ancova", words, covariance, rows, _ancova(at)).candidate()
    names = () if summary else (*setting.card.covariates, *_more(setting))
    if names and randomised:
        known = with_known(rows, names)
        traits = replace(covariance, covariates=", ".join(names))
        words = f"analysis of covariance adjusted for {', '.join(names)}"
        fit = _ancova(at, known, names)
        yield _Plain(setting, "ancova-covariates", words, traits, known, fit).candidate()
    traits = replace(
        usual, model="change", covariance="variance of each arm", inference="Welch's t",
        baseline="of each arm",
    )  # fmt: skip
    words = "change scores, each arm with a variance of its own"
    yield _Plain(
        setting, "change", words, traits, rows, lambda pairs: fit_changes(pairs, at, None)
    ).candidate()


def _more(setting: Setting) -> tuple[str, ...]:
    """Covariates at hand that the card does not name."""
    return tuple(n for n in at_hand(setting.people) if n not in setting.card.covariates)


def _ancova(
    at: str, cohort: Cohort | None = None, names: tuple[str, ...] = ()
) -> Callable[[Pairs], Fit]:
    """The analysis of covariance with a cohort's covariates of these names."""

    def fit(pairs: Pairs) -> Fit:
        """Fit it where rows are left for the variance."""
        columns = len(pairs.arms) + 1 + len(names)
        if len(pairs.arm) <= columns:
            raise DesignError(f"{len(pairs.arm)} participants for {columns} coefficients")
        if cohort is None or not names:
            return fit_ancova(pairs, at)
        values = [cohort.covariates[name][pairs.participant] for name in names]
        return fit_ancova(pairs, at, np.column_stack(values))

    return fit


def _of_limbs(setting: Setting, summary: bool) -> Iterator[Candidate]:
    """Paired changes, and changes with standard errors clustered on participants."""
    at, rows = setting.card.at, setting.people
    usual = replace(
        setting.usual, model="change", baseline="of each arm", covariates="",
        population="completers",
    )  # fmt: skip
    paired = replace(usual, model="paired change", covariance="of each pair", inference="t")
    words = "changes of the limbs of each person compared in pairs"
    yield _Plain(
        setting, "paired", words, paired, rows, lambda pairs: _paired(pairs, at)
    ).candidate()
    if not summary:
        traits = replace(usual, covariance="one variance", inference="CR2")
        words = "changes of limbs, standard errors clustered on participants (CR2)"
        fit = lambda pairs: fit_clustered_changes(pairs, at)  # noqa: E731
        yield _Plain(setting, "change-cr2", words, traits, rows, fit).candidate()


def _paired(pairs: Pairs, at: str) -> Fit:
    """The paired analysis of people with a limb in every arm."""
    _, place = np.unique(pairs.participant, return_inverse=True)
    whole = int((np.bincount(place) == len(pairs.arms)).sum())
    if whole < 2:
        raise DesignError(f"{whole} participants with a change in every arm")
    return fit_paired(pairs, at, None)


def _log(setting: Setting, words: str) -> Choice:
    """The primary model of logged values.

    Judged on the log scale, against the log of one plus the margin as a share of the baseline mean,
    as pooled ratios are; then estimate and limits b are shown as (exp(b) - 1) times the reference
    arm's mean at the visit, which is taken as known.
    """
    rows = setting.main
    positive: Flags = np.all(rows.values > 0, axis=1)
    if not positive.any():
        raise DesignError("not all values are above zero")
    logged = fit_model(rows.with_values(np.log(rows.values[positive])), setting.model)
    found = answer(logged, setting)
    spread = np.full((3, len(positive), 1), np.nan)
    for place, part in enumerate((found.estimate, found.se, found.df)):
        spread[place, positive] = part
    value = Combinations(*spread)
    size = np.log1p(setting.margin / np.abs(setting.baseline))
    traits = replace(setting.usual, scale="log")
    people = logged.n_participants
    choice = setting.judge("log", words, traits, value, people, margin=size)
    reference = _reference_mean(setting)

    def back(log_ratio: Vector) -> Vector:
        """A log ratio as a difference from the reference arm's mean."""
        return np.asarray(np.expm1(log_ratio) * reference)

    return replace(
        choice,
        estimate=back(choice.estimate),
        se=choice.se * np.exp(choice.estimate) * reference,
        ci_low=back(choice.ci_low),
        ci_high=back(choice.ci_high),
        eq_low=back(choice.eq_low),
        eq_high=back(choice.eq_high),
        margin=back(size),
    )


def _reference_mean(setting: Setting) -> Vector:
    """Mean of the reference arm at the visit, from the pooled baseline mean, shape (R,)."""
    fit, cell = setting.primary.fitted.fit, (setting.second, setting.card.at)
    mean = fit.coefficients[:, fit.cells[cell]]
    if fit.subtract is None:
        return mean
    own = fit.coefficients[:, fit.cells[setting.second, fit.subtract]]
    return np.asarray(setting.baseline + mean - own)
