"""Rows of estimates for contrasts between arms, with their verdicts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import stdtr

from howlow.analysis.estimates import Estimate, Scale, Tier, intervals
from howlow.analysis.means import people
from howlow.analysis.sample_size import Observed, n_to_settle
from howlow.analysis.scales import difference, log_ratio, standardised
from howlow.analysis.subjects import identity, simulated
from howlow.analysis.verdicts import EQUIVALENT, NOT_INFERIOR
from howlow.config.trial import sides

if TYPE_CHECKING:
    from howlow.analysis.fitting.cohort import Cohort, Vector
    from howlow.analysis.fitting.fits import Combination, Fit
    from howlow.analysis.primary import Primary
    from howlow.analysis.units import Unit
    from howlow.config.settings import Config
    from howlow.config.trial import Estimand, Outcome

#: Arms whose baseline means differ by more than this factor are flagged.
UNLIKE_BASELINES = 1.1


@dataclass(frozen=True)
class ContrastRows:
    """Rows for contrasts of one unit at one visit; `analysed` is the cohort as it was fitted."""

    unit: Unit
    at: str
    config: Config
    analysed: Cohort

    def primary(self, found: Primary) -> Iterator[Estimate]:
        """Rows of the primary analysis: in the unit with its verdict, as a log ratio, and d."""
        first, second = sides(found.card.contrast)
        fit, raw = found.fitted.fit, found.value.one()
        verdict = str(found.verdict[0])
        margin = None if np.isnan(found.margin[0]) else float(found.margin[0])
        shown = intervals(raw, self.config.alpha)
        shown["ci_low"], shown["ci_high"] = float(found.low[0]), float(found.high[0])
        shown["eq_low"], shown["eq_high"] = float(found.eq_low[0]), float(found.eq_high[0])
        notes = [found.assay if verdict in (EQUIVALENT, NOT_INFERIOR) else ""]
        if len(found.card.comparisons) > 1 and not np.isnan(found.p_adjusted[0]):
            family = sum(
                all((arm, self.at) in fit.cells for arm in sides(other))
                for other in found.card.comparisons
            )
            notes.append(f"interval simultaneous over {family} comparisons with {second} (Dunnett)")
        if margin is None and self.unit.baseline is None:
            notes.append("baseline not printed, so no margin in this unit")
        tier: Tier = "sensitivity" if self.unit.variant else "secondary"
        needed = None
        if margin is not None and not self.unit.variant:
            precision = Observed(raw.se, raw.df, self._numbers(first, second))
            power, alpha = self.config.planning.power, self.config.alpha
            if not np.isnan(found.p_adjusted[0]):
                # A simultaneous interval is that of one comparison at a smaller alpha.
                reach = (found.high[0] - raw.estimate) / raw.se
                alpha = float(2 * stdtr(raw.df, -reach))
            settled = n_to_settle(precision, margin, verdict, raw.estimate, power, alpha)
            needed = settled.n
            who = "altogether" if self.unit.trial.limb_pairs else "an arm"
            number = "" if needed is None else f"{needed:,} participants {who} "
            notes.append(f"{number}{settled.words}" if settled.words else "")
        adjusted = None if np.isnan(found.p_adjusted[0]) else float(found.p_adjusted[0])
        yield self._row(
            fit, first, second, "raw", raw, tier, notes, **shown,
            margin=margin, verdict=verdict, p_adjusted=adjusted, n_to_settle=needed,
        )  # fmt: skip
        alone = "" if adjusted is None else "interval and P of this comparison alone"
        yield from self._other_scales(fit, (first, second), raw, tier, alone)

    def cross_check(self, fit: Fit, contrast: str, note: str = "") -> Iterator[Estimate]:
        """Rows of another way to analyse the same contrast; without a verdict."""
        first, second = sides(contrast)
        raw = difference(fit, first, second, self.at)
        shown = intervals(raw, self.config.alpha)
        margin = margin_in_units(self.outcome, self.unit.baseline, self.config)
        yield self._row(
            fit, first, second, "raw", raw, "cross-check", [note], **shown, margin=margin
        )
        yield from self._other_scales(fit, (first, second), raw, "cross-check", note)

    def margin(self) -> float:
        """The margin in the outcome's unit; NaN without one."""
        found = margin_in_units(self.outcome, self.unit.baseline, self.config)
        return np.nan if found is None else found

    @property
    def outcome(self) -> Outcome:
        """What was measured."""
        return self.unit.trial.outcomes[self.unit.outcome]

    def _other_scales(
        self, fit: Fit, arms: tuple[str, str], raw: Combination, tier: Tier, note: str = ""
    ) -> Iterator[Estimate]:
        """The log ratio of means, and of a main reading the standardised difference."""
        first, second = arms
        baseline = self.unit.baseline
        ratio = (
            log_ratio(fit, first, second, self.at, baseline) if self.outcome.ratio_scale else None
        )
        if ratio is not None:
            shown = intervals(ratio, self.config.alpha)
            margin = margin_as_log_ratio(self.outcome, baseline, self.config)
            yield self._row(
                fit, first, second, "log_ratio", ratio, tier, [note], **shown, margin=margin
            )
        if tier != "secondary" or not self.unit.has_levels:
            return
        d = standardised(raw, (self._before(first), self._before(second)))
        if d is not None:
            shown = intervals(d, self.config.alpha)
            yield self._row(fit, first, second, "d", d, tier, [note], **shown)

    def _numbers(self, first: str, second: str) -> float:
        """Participants an arm (the harmonic mean of two); altogether where limbs are compared."""
        cohort = self.unit.cohort
        numbers = [
            len(np.unique(cohort.participant[cohort.arm == cohort.arms.index(arm)]))
            for arm in (first, second)
        ]
        if self.unit.trial.limb_pairs:
            return float(max(numbers))
        return 2 / sum(1 / number for number in numbers)

    def _before(self, arm: str) -> Vector:
        """The values of an arm before."""
        cohort = self.unit.cohort
        found: Vector = cohort.values[
            0, (cohort.visit == 0) & (cohort.arm == cohort.arms.index(arm))
        ]
        return found

    def _row(
        self,
        fit: Fit,
        first: str,
        second: str,
        scale: Scale,
        value: Combination,
        tier: Tier,
        notes: list[str],
        **fields: object,
    ) -> Estimate:
        """One estimate."""
        if not self.unit.has_levels and self.outcome.unit == "%":
            notes = [*notes, "mean of percentages"]
        here = self.unit.of_arms((first, second)).pairs(self.at)
        in_model = self.analysed.of_arms((first, second))
        longitudinal = tier != "cross-check" and self.unit.has_levels
        notes = [*notes, simulated(self.unit.trial), unlike_baselines(in_model, self.unit)]
        adjusted = ", adjusted for baseline" if fit.method == "ancova" else " change"
        complete = ", complete cases"
        if longitudinal:
            adjusted = ", one baseline mean for all arms" if fit.subtract is None else " change"
            complete = f", {estimand_words(self.unit.trial.estimand or self.config.estimand)}"
        what = {
            "raw": "difference in mean",
            "log_ratio": "log ratio of means",
            "d": "standardised difference in mean",
        }[scale]
        units = {"raw": self.outcome.unit, "log_ratio": "log ratio", "d": "SD"}
        method = f"{fit.method}[{self.unit.variant}]" if self.unit.variant else fit.method
        everybody = np.ones(len(here.arm), dtype=bool)
        number = people(self.unit, here, everybody)
        if longitudinal and number is not None:
            number = len(in_model.people)
        rows = len(in_model.visit) if longitudinal else len(here.arm)
        return Estimate(
            **identity(self.unit.trial, self.unit.outcome),
            estimand=f"{what}{adjusted}{complete}",
            tier=tier,
            contrast=f"{first} - {second}",
            at=self.at,
            scale=scale,
            unit=units[scale],
            method=method,
            p=value.p,
            n_participants=number,
            n_observations=rows,
            converged=bool(fit.converged[0]),
            boundary=fit.boundary,
            assumed=self.unit.assumed,
            note="; ".join(dict.fromkeys(note for note in notes if note)),
            **fields,  # type: ignore[arg-type]
        )


def estimand_words(estimand: Estimand) -> str:
    """Whom the primary model counts, and what it takes missed visits for."""
    words = "completers" if estimand.drop_out == "completers" else "missing at random"
    return words if estimand.missed_sessions == "treatment_policy" else f"{words}, per protocol"


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


def unlike_baselines(cohort: Cohort, unit: Unit) -> str:
    """A flag where the arms' baseline means differ by more than a tenth."""
    if not unit.has_levels:
        return ""
    before = cohort.visit == 0
    means = np.abs(
        [
            cohort.values[0, before & (cohort.arm == position)].mean()
            for position in range(len(cohort.arms))
            if (before & (cohort.arm == position)).any()
        ]
    )
    ratio = means.max() / means.min() if means.min() > 0 else np.nan
    return f"baseline means differ by a factor of {ratio:.2f}" if ratio > UNLIKE_BASELINES else ""
