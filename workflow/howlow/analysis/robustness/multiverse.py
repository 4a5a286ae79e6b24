"""The set of defensible choices around one primary analysis, all of them made.

A verdict that hangs on one choice among several defensible ones is weaker than one that all of them
share (Steegen et al. 2016, Perspect Psychol Sci 11:702). Which choices are defensible follows from
the design and the numbers of participants and visits, never from what they give. An analysis that
is wrong for the design, such as limbs of one person taken as independent, is no choice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from howlow.analysis.estimand.population import population
from howlow.analysis.primary import Primary, baseline_means, primary_analysis
from howlow.analysis.robustness.candidates import Candidate
from howlow.analysis.robustness.choices import Choice, NotFitted, Setting, Traits
from howlow.analysis.robustness.mixed_choices import mixed_candidates
from howlow.analysis.robustness.one_out import leave_one_out
from howlow.analysis.robustness.plain_choices import plain_candidates
from howlow.errors import DesignError
from howlow.model import ModelError

if TYPE_CHECKING:
    from howlow.analysis.estimand.cards import Card
    from howlow.analysis.fitting.cohort import Cohort, Positions, Vector

#: Columns of the table of choices, in this order; part of the public interface.
MULTIVERSE_COLUMNS = (
    "study", "outcome", "contrast", "at", "choice", "words", "model", "covariance", "inference",
    "baseline", "covariates", "population", "scale", "left_out", "estimate", "se", "df", "ci_low",
    "ci_high", "eq_low", "eq_high", "margin", "verdict", "agrees", "n_participants",
)  # fmt: skip
PRIMARY = "primary"
_NUMBERS = ("estimate", "se", "df", "ci_low", "ci_high", "eq_low", "eq_high", "margin")


@dataclass(frozen=True)
class Multiverse:
    """Every defensible choice around one primary analysis; the primary one stands first.

    Two choices agree where they show the same: both a difference in the same direction (by more
    than the margin or of unsettled size), both a trivial difference in the same direction, both
    equivalence, both non-inferiority, or both nothing settled. Without a margin, both intervals
    exclude zero on the same side or both include it.
    """

    card: Card
    choices: tuple[Choice, ...]
    not_fitted: tuple[NotFitted, ...]

    def share(self) -> Vector:
        """Share of the choices that agree with the primary analysis, shape (R,).

        Neither the primary analysis itself nor those without one participant are counted; NaN
        where there is no other.
        """
        others = [choice for choice in self.choices[1:] if not choice.left_out]
        return self._share(others)

    def left_out_share(self) -> Vector:
        """Share of the analyses without one participant that agree, shape (R,)."""
        return self._share([choice for choice in self.choices if choice.left_out])

    def _share(self, others: list[Choice]) -> Vector:
        """Share of those that were fitted in each response; NaN where the primary one was not."""
        claimed = self.choices[0].claims()
        found = np.array([choice.claims() for choice in others]).reshape(-1, len(claimed))
        fitted = (found != 0).sum(axis=0)
        agree = ((found == claimed) & (found != 0)).sum(axis=0)
        known = (fitted > 0) & (claimed != 0)
        return np.where(known, agree / np.maximum(fitted, 1), np.nan)

    def table(self, response: int = 0) -> list[dict[str, Any]]:
        """Rows with the keys `MULTIVERSE_COLUMNS`, of the choices fitted to one response."""
        claimed = self.choices[0].claims()[response]
        rows = []
        for choice in self.choices:
            if not np.isfinite(choice.estimate[response]):
                continue
            found: dict[str, Any] = {
                "study": self.card.study,
                "outcome": self.card.outcome,
                "contrast": self.card.contrast,
                "at": self.card.at,
                "choice": choice.name,
                "words": choice.words,
                **asdict(choice.traits),
                "left_out": choice.left_out,
                **{name: float(getattr(choice, name)[response]) for name in _NUMBERS},
                "verdict": str(choice.verdict[response]),
                "agrees": bool(choice.claims()[response] == claimed),
                "n_participants": choice.n_participants,
            }
            rows.append({name: found[name] for name in MULTIVERSE_COLUMNS})
        return rows


def multiverse(
    cohort: Cohort,
    primary: Primary,
    card: Card,
    first: str,
    second: str,
    *,
    margin: float | Vector | None = None,
    baseline: float | Vector | None = None,
    summary: bool = False,
    per_protocol: Positions | None = None,
    variants: Mapping[str, Cohort] | None = None,
    leave_one_out: bool = True,
    ratio_scale: bool = True,
) -> Multiverse:
    """Make every defensible choice around a primary analysis, in every response.

    Parameters
    ----------
    cohort
        Everybody allotted to an arm, as given to `primary_analysis`.
    primary
        The primary analysis of `first - second`.
    card
        Its card.
    margin, baseline
        In the outcome's unit; None for those of the primary analysis and of its rows.
    summary
        Whether people are pseudo participants made of printed moments: then only choices that
        depend on the data through those moments are made.
    per_protocol
        Numbers of the participants who came to enough of the planned sessions.
    variants
        Other readings of what a paper leaves out (correlations), each with its cohort.
    leave_one_out
        Whether to leave out each participant in turn.
    ratio_scale
        Whether per cent change of the outcome makes sense; else nothing is logged.
    """
    setting = _setting(cohort, primary, card, (first, second), margin, baseline, per_protocol)
    choices: list[Choice] = [_of_primary(PRIMARY, "the primary analysis", setting.usual, primary)]
    missing: list[NotFitted] = []
    candidates = [
        *mixed_candidates(setting, summary, per_protocol),
        *plain_candidates(setting, summary, ratio_scale),
        *_variants(setting, variants or {}),
    ]
    for candidate in candidates:
        try:
            choice = candidate.make()
        except (DesignError, ModelError, np.linalg.LinAlgError) as error:
            missing.append(NotFitted(candidate.name, candidate.words, str(error)))
            continue
        if np.isfinite(choice.estimate).any():
            choices.append(choice)
        else:
            missing.append(NotFitted(candidate.name, candidate.words, "did not converge"))
    if leave_one_out and not summary:
        left, gone = _one_out(setting)
        choices += left
        missing += gone
    return Multiverse(card, tuple(choices), tuple(missing))


#: The choice of one variance for all arms.
SHARED = "one-variance"


def of_analyses(
    card: Card, primary: Primary, others: Mapping[str, tuple[str, Primary]]
) -> Multiverse:
    """The choices around a primary analysis of printed changes: other analyses that are at hand.

    `others` holds, by a short id, words for readers and the analysis.
    """
    usual = _traits(primary, card)
    choices = [_of_primary(PRIMARY, "the primary analysis", usual, primary)]
    for name, (words, found) in others.items():
        traits = replace(usual, covariance=name) if name == SHARED else usual
        traits = traits if name == SHARED else replace(usual, population=name)
        choices.append(_of_primary(name, words, traits, found))
    return Multiverse(card, tuple(choices), ())


_one_out = leave_one_out


def _setting(
    cohort: Cohort,
    primary: Primary,
    card: Card,
    arms: tuple[str, str],
    margin: float | Vector | None,
    baseline: float | Vector | None,
    per_protocol: Positions | None,
) -> Setting:
    """The question that the choices answer."""
    responses = (cohort.responses,)
    size = primary.margin if margin is None else margin
    level = baseline_means(primary.fitted.cohort) if baseline is None else baseline
    usual = _traits(primary, card)
    return Setting(
        everyone=cohort,
        people=population(cohort, card, (card.at,), per_protocol),
        primary=primary,
        card=card,
        first=arms[0],
        second=arms[1],
        margin=np.broadcast_to(np.asarray(size, dtype=float), responses),
        baseline=np.broadcast_to(np.asarray(level, dtype=float), responses),
        usual=usual,
    )


def _traits(primary: Primary, card: Card) -> Traits:
    """What the primary analysis is in each respect."""
    model = primary.fitted.model
    population = "per protocol" if card.missed_sessions == "per_protocol" else "all"
    if card.drop_out == "completers":
        population = "completers"
    if model is None:
        return Traits(
            model="change", covariance="variance of each arm", inference="Welch's t",
            baseline="of each arm", covariates="", population=population, scale="unit",
        )  # fmt: skip
    return Traits(
        model="constrained longitudinal" if model.constrained else "longitudinal",
        covariance=f"{model.structure.name}{' by arm' if model.by_arm else ''}",
        inference=model.inference,
        baseline="one for all arms" if model.constrained else "of each arm",
        covariates=", ".join(model.covariates),
        population=population,
        scale="unit",
    )


def _of_primary(name: str, words: str, traits: Traits, primary: Primary) -> Choice:
    """A primary analysis as a choice."""
    value, converged = primary.value, primary.fitted.fit.converged
    return Choice(
        name=name, words=words, traits=traits, left_out=False,
        n_participants=primary.fitted.fit.n_participants,
        estimate=np.where(converged, value.estimate[:, 0], np.nan), se=value.se[:, 0],
        df=value.df[:, 0], ci_low=primary.low, ci_high=primary.high, eq_low=primary.eq_low,
        eq_high=primary.eq_high, margin=primary.margin, verdict=primary.verdict,
    )  # fmt: skip


def _variants(setting: Setting, variants: Mapping[str, Cohort]) -> Iterator[Candidate]:
    """The primary analysis of other readings."""
    for label, cohort in variants.items():
        words = f"the primary analysis with another reading: {label}"
        traits = replace(setting.usual, population=label)

        def make(
            cohort: Cohort = cohort, name: str = label, words: str = words, traits: Traits = traits
        ) -> Choice:
            """Analyse the other reading."""
            return _of_primary(
                name, words, traits, primary_analysis(cohort, setting.card, setting.margin)
            )

        yield Candidate(label, words, make)
