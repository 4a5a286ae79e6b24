"""What a new cohort is assumed to look like: as a planning file declares it, or as a study was."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from howlow.analysis.estimand.cards import Card
from howlow.analysis.rounding import magnitude
from howlow.analysis.simulating import Scenario
from howlow.config.trial import sides

if TYPE_CHECKING:
    from howlow.analysis.fitting.cohort import Matrix
    from howlow.config.planned import PlannedCohort, PlannedDesign
    from howlow.config.settings import Config

#: What is assumed of people who leave, whatever the plan.
WHO_LEAVES = (
    "People leave for good, evenly over the visits after the first, for reasons that have nothing "
    "to do with the outcome; who leaves takes both limbs along."
)


@dataclass(frozen=True, eq=False)
class Assumed:
    """A new cohort as it is assumed, all in the outcome's unit.

    Attributes
    ----------
    name, source
        Name of the plan, and where the numbers come from, in words.
    outcome, arms
        Labels for readers: the outcome; the new arm and the one it is set against.
    card
        How every simulated trial is analysed; its contrast names the arms.
    visits, weeks
        The baseline first; arms are compared at `card.at`, the last.
    means
        Mean of the reference arm at each visit; the new arm's are the same until a true difference
        is put in.
    person, limb
        Covariance over visits of what the limbs of a person share, and of what each limb has for
        itself, shape (visits, visits). Their sum is that of a person who is measured once a visit.
    margin
        The smallest difference that matters; None without one.
    differences
        True differences that are to be detected.
    statements
        Everything that is assumed, one sentence each.
    """

    name: str
    source: str
    outcome: str
    arms: tuple[str, str]
    card: Card
    visits: tuple[str, ...]
    weeks: tuple[float, ...]
    means: tuple[float, ...]
    person: Matrix
    limb: Matrix
    margin: float | None
    differences: tuple[float, ...]
    statements: tuple[str, ...]

    @property
    def total(self) -> Matrix:
        """Covariance over visits of one measurement a visit."""
        return self.person + self.limb

    @property
    def can_be_alike(self) -> bool:
        """Whether the reference arm gains more than the margin, without which none are alike."""
        if self.margin is None:
            return False
        gain = self.means[-1] - self.means[0]
        return gain > self.margin if self.card.higher_is == "better" else gain < -self.margin

    def scenario(self, design: PlannedDesign, n: int, drop_out: float) -> Scenario:
        """The truth of one trial in which arms do not differ.

        `n` counts people in each arm, or altogether where limbs are compared.
        """
        limbs = design == "within_participant"
        arms = sides(self.card.contrast)
        return Scenario(
            design=design,
            arms=arms,
            people=n,
            visits=self.visits,
            weeks=self.weeks,
            means=dict.fromkeys(arms, self.means),
            person=self.person if limbs else self.total,
            limb=self.limb if limbs else None,
            drop_out=drop_out,
        )

    def card_of(self, design: PlannedDesign) -> Card:
        """The card of a trial of a design."""
        return replace(self.card, design=design)

    def variance(self, design: PlannedDesign) -> float:
        """Variance of the difference between arms that one complete person an arm would give.

        Adjusted for the baseline; of limbs, one person altogether.
        """
        matrix = self.limb if design == "within_participant" else self.total
        left = matrix[-1, -1] - matrix[0, -1] ** 2 / matrix[0, 0] if matrix[0, 0] > 0 else 0.0
        return float(2 * left)


def declared(plan: PlannedCohort, config: Config) -> Assumed:
    """The assumptions of a planning file."""
    limbs = (
        config.limb_correlation.value if plan.limb_correlation is None else plan.limb_correlation
    )
    weeks = np.array([visit.week for visit in plan.visits])
    share = (weeks - weeks[0]) / (weeks[-1] - weeks[0])
    margin = plan.margin
    if plan.margin_pct is not None:
        margin = plan.margin_pct / 100 * plan.baseline_mean
    total = _covariance(plan, share)
    visits = tuple(f"visit_{number + 1}" for number in range(len(weeks)))
    return Assumed(
        name=plan.name,
        source="declared assumptions",
        outcome=plan.outcome,
        arms=plan.arms,
        card=_card(plan, config, visits[-1]),
        visits=visits,
        weeks=tuple(weeks.tolist()),
        means=tuple((plan.baseline_mean + plan.gain * share).tolist()),
        person=limbs * total,
        limb=(1 - limbs) * total,
        margin=margin,
        differences=detected(margin, plan.difference),
        statements=_statements(plan, limbs),
    )


def gained(gain: float) -> str:
    """A gain or a loss, in words."""
    return f"{'loses' if gain < 0 else 'gains'} {magnitude(abs(gain))}"


def detected(margin: float | None, difference: float | None) -> tuple[float, ...]:
    """The true differences that are to be detected: the margin, and the one that is asked for."""
    found = [size for size in (margin, difference) if size is not None]
    return tuple(dict.fromkeys(found))


def _covariance(plan: PlannedCohort, share: Matrix) -> Matrix:
    """Covariance over visits: one correlation, and a standard deviation that grows with time."""
    sd = plan.sd * (1 + plan.sd_growth_pct / 100 * share)
    visits = len(sd)
    alike = np.full((visits, visits), plan.correlation) + (1 - plan.correlation) * np.eye(visits)
    found: Matrix = np.outer(sd, sd) * alike
    return found


def _card(plan: PlannedCohort, config: Config, at: str) -> Card:
    """How a trial of a plan is analysed."""
    return Card(
        study=plan.name,
        outcome="outcome",
        contrast="new - reference",
        at=at,
        question="",
        role="primary",
        population="",
        design="",
        baseline="one for all arms",
        covariates=(),
        missed_sessions="treatment_policy",
        per_protocol_pct=config.estimand.per_protocol_pct,
        drop_out="missing_at_random",
        aim="difference",
        unit=plan.unit,
        margin=plan.margin,
        margin_pct=plan.margin_pct,
        alpha=plan.simulation.alpha or config.alpha,
        higher_is=plan.higher_is,
    )


def _statements(plan: PlannedCohort, limbs: float) -> tuple[str, ...]:
    """What a planning file assumes, in sentences."""
    unit, last = plan.unit, plan.visits[-1]
    growth = f", {plan.sd_growth_pct:+g} % by {last.label}" if plan.sd_growth_pct else ""
    means = (
        f"Mean before {magnitude(plan.baseline_mean)} {unit}; {plan.arms[1]} "
        f"{gained(plan.gain)} {unit} by {last.label} (week {last.week:g})."
    )
    return (
        means,
        f"Standard deviation between people {magnitude(plan.sd)} {unit}{growth}.",
        f"Correlation {plan.correlation:g} between any two visits.",
        f"Correlation {limbs:g} between the limbs of one person, of values and of changes alike.",
        WHO_LEAVES,
        *((plan.note,) if plan.note else ()),
    )
