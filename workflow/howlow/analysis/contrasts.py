"""Rows of estimates for contrasts between arms, with their verdicts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

import numpy as np

from howlow.analysis.designs import ArmFit, baseline_mean
from howlow.analysis.estimates import Estimate, Scale, Tier, intervals
from howlow.analysis.fits import Combination, combine
from howlow.analysis.regression import fit_by_arm
from howlow.analysis.scales import difference, log_ratio, standardised
from howlow.analysis.units import AnalysisUnit
from howlow.analysis.verdicts import judge
from howlow.config.settings import Config
from howlow.config.trial import Outcome
from howlow.data.declaration import Declaration

if TYPE_CHECKING:
    import pandas as pd

#: Arms whose baseline means differ by more than this factor are flagged.
UNLIKE_BASELINES = 1.1


@dataclass(frozen=True)
class ContrastRows:
    """Contrasts of one fit in one unit of analysis."""

    unit: AnalysisUnit
    found: ArmFit
    config: Config
    assumed: str

    def of(self, first: str, second: str) -> Iterator[Estimate]:
        """Rows of `first - second`: in the unit, as a log ratio, and standardised."""
        outcome = self.unit.trial.outcomes[self.unit.outcome]
        raw = difference(self.found, first, second)
        margin = margin_in_units(outcome, self.found.baseline, self.config)
        yield self._row(first, second, "raw", raw, margin, outcome.unit)
        ratio = log_ratio(self.found, first, second) if outcome.ratio_scale else None
        if ratio is not None:
            margins = margin_as_log_ratio(outcome, self.found.baseline, self.config)
            yield self._row(first, second, "log_ratio", ratio, margins, "log ratio")
        d = standardised(self.unit, raw, (first, second))
        if d is not None and self.found.main and not self.unit.variant:
            yield self._row(first, second, "d", d, None, "SD")

    def _row(
        self,
        first: str,
        second: str,
        scale: Scale,
        value: Combination,
        margin: float | None,
        shown_unit: str,
    ) -> Estimate:
        """One estimate with its intervals and its verdict."""
        fit, found = self.found.fit, intervals(value, self.config.alpha)
        assay, how = self._assay_sensitive(second, scale, margin)
        verdict = judge(found, margin, assay_sensitive=assay)
        # One verdict a contrast, in the outcome's unit; a cross-check is there to be compared.
        verdict = verdict if self.found.main and scale == "raw" else ""
        notes = [
            self.found.note,
            how if verdict == "equivalent" else "",
            simulated(self.unit.trial),
        ]
        if scale == "raw" and self.found.baseline is None:
            notes.append("baseline not printed, so no margin in this unit")
        if not self.unit.has_levels and self.unit.trial.outcomes[self.unit.outcome].unit == "%":
            notes.append("mean of percentages")
        here = self.unit.frame[self.unit.frame["arm"].isin((first, second))]
        notes.append(unlike_baselines(here))
        return Estimate(
            **identity(self.unit.trial, self.unit.outcome),
            estimand=self._estimand(scale),
            tier=tier(self.found, self.unit),
            contrast=f"{first} - {second}",
            at=self.unit.visit,
            scale=scale,
            unit=shown_unit,
            method=f"{fit.method}[{self.unit.variant}]" if self.unit.variant else fit.method,
            **found,
            margin=margin,
            verdict=verdict,
            p=value.p,
            n_participants=people(self.unit, here),
            n_observations=len(here),
            converged=fit.converged,
            boundary=fit.boundary,
            assumed=self.assumed,
            note="; ".join(dict.fromkeys(note for note in notes if note)),
        )

    def _estimand(self, scale: Scale) -> str:
        """What the number estimates, in words."""
        what = {
            "raw": "difference in mean",
            "log_ratio": "log ratio of means",
            "d": "standardised difference in mean",
        }[scale]
        adjusted = ", adjusted for baseline" if self.found.fit.method == "ancova" else " change"
        return f"{what}{adjusted}, complete cases"

    def _assay_sensitive(
        self, reference: str, scale: Scale, margin: float | None
    ) -> tuple[bool, str]:
        """Whether the reference arm was shown to gain more than the margin, and against what."""
        if margin is None or scale == "d":
            return False, ""
        control = no_training(self.unit.trial)
        if control in self.found.fit.names and control != reference:
            value = (difference if scale == "raw" else log_ratio)(self.found, reference, control)
            against = "gain of the reference arm over no training"
        else:
            value = _gain(self.unit, reference, scale)
            against = "gain of the reference arm over baseline only"
        if value is None:
            return False, ""
        low, high = value.interval(1 - self.config.alpha)
        better = self.unit.trial.outcomes[self.unit.outcome].higher_is == "better"
        return (low > margin if better else high < -margin), f"assay sensitivity: {against}"


def _gain(unit: AnalysisUnit, arm: str, scale: Scale) -> Combination | None:
    """Mean change of an arm, in the unit or as a log ratio."""
    from howlow.analysis.scales import log_change

    fit = fit_by_arm(unit.values("change"), unit.positions(), unit.arms)
    baseline = baseline_mean(unit)
    changes = ArmFit(fit, baseline, baseline, main=True)
    return combine(fit, {arm: 1.0}) if scale == "raw" else log_change(unit, changes, arm)


def margin_in_units(outcome: Outcome, baseline: float | None, config: Config) -> float | None:
    """The margin in the outcome's unit: declared, or the construct's per cent of the baseline."""
    if outcome.margin is not None:
        return outcome.margin
    percent = config.constructs[outcome.construct].margin_pct
    return None if percent is None or baseline is None else percent / 100 * abs(baseline)


def margin_as_log_ratio(outcome: Outcome, baseline: float | None, config: Config) -> float | None:
    """The margin as a log ratio, symmetric about zero."""
    if outcome.margin is not None:
        return float(np.log1p(outcome.margin / baseline)) if baseline else None
    percent = config.constructs[outcome.construct].margin_pct
    return None if percent is None else float(np.log1p(percent / 100))


def no_training(trial: Declaration) -> str:
    """The arm that does not train, or nothing."""
    found = [name for name, arm in trial.arms.items() if arm.sessions_per_week == 0]
    return found[0] if found else ""


def people(unit: AnalysisUnit, rows: pd.DataFrame) -> int | None:
    """How many people gave these rows; not known where limbs are treated as independent arms."""
    return None if unit.trial.independent_limbs else int(rows["participant"].nunique())


def unlike_baselines(rows: pd.DataFrame) -> str:
    """A flag where the arms' baseline means differ by more than a tenth."""
    means = rows.groupby("arm")["pre"].mean().abs()
    ratio = means.max() / means.min() if means.min() > 0 else np.nan
    return f"baseline means differ by a factor of {ratio:.2f}" if ratio > UNLIKE_BASELINES else ""


def simulated(trial: Declaration) -> str:
    """The word that goes with every number of a simulated study."""
    return "SIMULATED" if trial.simulated else ""


def tier(found: ArmFit, unit: AnalysisUnit) -> Tier:
    """The tier of a row, before the primary one is chosen."""
    if not found.main:
        return "cross-check"
    return "sensitivity" if unit.variant else "secondary"


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
