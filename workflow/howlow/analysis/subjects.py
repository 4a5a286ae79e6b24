"""One outcome of a trial with its main fit: what questions are asked of, and rows made of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict

from howlow.analysis.estimates import Estimate, Scale, Tier, intervals
from howlow.config.settings import Config
from howlow.data.declaration import Declaration

if TYPE_CHECKING:
    from howlow.analysis.fitting.cohort import Cohort
    from howlow.analysis.fitting.fits import Combination, Fit
    from howlow.analysis.fitting.longitudinal import Model


@dataclass(frozen=True)
class Subject:
    """One outcome of a trial whose values before and after are at hand, in one reading.

    Attributes
    ----------
    cohort
        All its rows (of a printed trial: those of one visit and its baseline); one response.
    model, fit
        The model that the chain chose, and its fit: the primary analysis of every contrast here.
    variant
        Empty for the main reading of a paper, else another reading that is tried as sensitivity.
    assumed
        What the main reading assumes.
    baseline
        The pooled baseline mean, in the outcome's unit, taken as known.
    """

    trial: Declaration
    outcome: str
    config: Config
    cohort: Cohort
    model: Model
    fit: Fit
    baseline: float
    variant: str = ""
    assumed: str = ""

    @property
    def start(self) -> str:
        """The baseline visit."""
        return self.cohort.visits[0]

    @property
    def method(self) -> str:
        """The method with the reading it was applied to, as in `clda-unstructured[r_low]`."""
        return f"{self.fit.method}[{self.variant}]" if self.variant else self.fit.method

    def row(
        self,
        value: Combination,
        *,
        contrast: str,
        at: str,
        estimand: str,
        scale: Scale = "raw",
        tier: Tier = "secondary",
        tested: bool,
        **more: Any,
    ) -> Estimate:
        """An estimate with its intervals.

        `tested` says whether it compares arms, and so has a P value: a mean, a change over time
        within one arm and what is only described have none. `more` sets or replaces fields.
        """
        outcome = self.trial.outcomes[self.outcome]
        units = {"raw": outcome.unit, "log_ratio": "log ratio", "d": "SD", "share": "share"}
        fields: dict[str, Any] = {
            **identity(self.trial, self.outcome),
            **intervals(value, self.config.alpha),
            "contrast": contrast,
            "at": at,
            "estimand": estimand,
            "scale": scale,
            "tier": tier,
            "unit": units[scale],
            "method": self.method,
            "p": value.p if tested else None,
            "n_participants": self.people(),
            "n_observations": self.fit.n_observations,
            "converged": bool(self.fit.converged[0]),
            "boundary": self.fit.boundary,
            "assumed": self.assumed,
            "note": simulated(self.trial),
        } | more
        if not tested:
            fields |= {"eq_low": None, "eq_high": None}
        return Estimate(**fields)

    def people(self) -> int | None:
        """How many people the fit has; not known where limbs are treated as independent arms."""
        return None if self.trial.independent_limbs else self.fit.n_participants

    def numbers(self, *arms: str) -> dict[str, Any]:
        """The fields that say how many people and measurements of these arms the fit has."""
        rows = self.cohort.of_arms(arms)
        people = None if self.trial.independent_limbs else len(rows.people)
        return {"n_participants": people, "n_observations": len(rows.visit)}


def simulated(trial: Declaration) -> str:
    """The word that goes with every number of a simulated study."""
    return "SIMULATED" if trial.simulated else ""


class Identity(TypedDict):
    """The fields of an estimate that say whose it is."""

    study: str
    collection: str
    kind: str
    construct: str
    outcome: str
    population: str


def identity(trial: Declaration, outcome: str) -> Identity:
    """The fields that say whose estimate it is."""
    return Identity(
        study=trial.id,
        collection=trial.collection,
        kind=trial.kind,
        construct=trial.outcomes[outcome].construct,
        outcome=outcome,
        population=trial.population.description,
    )
