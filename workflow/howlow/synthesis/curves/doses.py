"""What each trial says of a dose: contrasts within it, or its trained arms against no training.

A contrast within a trial was drawn by lot. It speaks of one dose alone where the other parts of the
prescription are alike; arms that differ in those too are left out, and why is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from howlow.config.doses import dose_class, load_of, weekly_sets
from howlow.config.settings import Config
from howlow.config.trial import Arm
from howlow.synthesis.arms import TrialArms
from howlow.synthesis.meta.model import Block, several_arms

if TYPE_CHECKING:
    from howlow.synthesis.meta.model import Matrix, Vector

Dose = Literal["load", "sessions", "sets", "failure"]
Kind = Literal["within", "between"]
Basis = Callable[["Vector"], "Matrix"]

#: The parts of a prescription that must be alike within a trial for a pure contrast. Sets a week
#: follow sessions and effort in most trials: there they may differ, and each point says whether
#: they do.
ALIKE: dict[Dose, tuple[str, ...]] = {
    "load": ("sessions", "sets", "failure"),
    "sessions": ("load", "failure"),
    "sets": ("load", "sessions", "failure"),
    "failure": ("load", "sessions"),
}
#: The parts by which a point is called matched.
MATCHED: dict[Dose, tuple[str, ...]] = ALIKE | {"sessions": ("sets",), "failure": ("sets",)}
_DIFFERS = {
    "load": "load differs too",
    "sessions": "sessions differ too",
    "sets": "sets differ too",
    "failure": "effort differs too",
}


@dataclass(frozen=True)
class LeftOut:
    """An arm that stays out of a curve, and why."""

    study: str
    arm: str
    reason: str


@dataclass(frozen=True)
class Contrasts:
    """One trial's arms on a dose, each to be set against its reference arm.

    Attributes
    ----------
    doses
        Dose of each arm, (arms,); NaN for a reference that has none (no training has no load).
    reference
        Position of the reference arm.
    averaged
        Whether the other arms count as one: their mean against the reference. Nothing then comes
        from differences between them.
    matched
        Of each arm, whether what else may differ is the same as in the reference; None if unknown.
    """

    arms: TrialArms
    doses: Vector
    reference: int
    averaged: bool = False
    matched: tuple[bool | None, ...] = ()

    @property
    def others(self) -> list[int]:
        """Positions of the arms that are set against the reference."""
        return [k for k in range(len(self.doses)) if k != self.reference]

    def block(self, basis: Basis) -> Block:
        """The effects with their design: columns of the basis at a dose less the reference's.

        Where the reference has no dose, an intercept stands first: the gain over it at dose zero
        of the basis.
        """
        effects, covariance = self.arms.against(self.reference)
        design = basis(self.doses[self.others])
        if np.isnan(self.doses[self.reference]):
            design = np.column_stack([np.ones(len(design)), design])
        else:
            design = design - basis(self.doses[[self.reference]])
        pattern, name = several_arms(len(effects)), self.arms.trial.id
        if not self.averaged:
            return Block(name, effects, covariance, design, pattern)
        mean = np.full((1, len(effects)), 1 / len(effects))
        return Block(
            name, mean @ effects, mean @ covariance @ mean.T, mean @ design, mean @ pattern @ mean.T
        )

    @property
    def participants(self) -> float:
        """People in these arms; the limbs or the periods of one person count once."""
        design, n = self.arms.trial.design, self.arms.n
        if design == "within_participant":
            return float(max(n.max(), np.ceil(n.sum() / 2)))
        return float(n.max() if design == "crossover" else n.sum())


def dose_of(arm: Arm, dose: Dose, config: Config) -> float | None:
    """The dose of an arm; None where it is not printed, or the arm has none."""
    if dose == "load":
        return None if arm.sessions_per_week == 0 else load_of(arm, config)
    if dose == "sessions":
        return arm.sessions_per_week
    if dose == "sets":
        return weekly_sets(arm)
    return None if arm.to_failure is None else float(arm.to_failure)


def within_trial(
    arms: TrialArms, dose: Dose, config: Config
) -> tuple[Contrasts | None, list[LeftOut]]:
    """A trial's arms that differ in a dose alone, against its lowest dose, and who is left out.

    Of several sets of arms that are alike, the one with the most doses is kept, then the largest,
    then the one declared first. What is not printed contradicts nothing.
    """
    found = [dose_of(arm, dose, config) for arm in arms.doses]
    if len({value for value in found if value is not None}) < 2:
        return None, []
    barred = {
        k: "blood-flow restriction" for k, a in enumerate(arms.doses) if a.blood_flow_restriction
    }
    if dose == "sets":
        # No sets are no sessions either, so that is no contrast of sets alone.
        untrained = [k for k, arm in enumerate(arms.doses) if arm.sessions_per_week == 0]
        barred |= dict.fromkeys(untrained, _DIFFERS["sessions"])
    out = [LeftOut(arms.trial.id, arms.names[k], reason) for k, reason in barred.items()]
    dosed = [k for k, value in enumerate(found) if value is not None and k not in barred]
    parts = [_parts(arm, config) for arm in arms.doses]
    groups = [_alike(first, dosed, parts, ALIKE[dose]) for first in dosed]
    kept = max(groups, key=lambda group: (len({found[k] for k in group}), len(group)), default=[])
    out += [
        LeftOut(arms.trial.id, arms.names[k], _reason(parts, k, kept, ALIKE[dose]))
        for k in dosed
        if k not in kept
    ]
    doses = np.array([found[k] for k in kept], dtype=float)
    if len(set(doses)) < 2:
        lone = [LeftOut(arms.trial.id, arms.names[k], "no arm differs in this alone") for k in kept]
        return None, [*out, *lone]
    lowest = int(doses.argmin())
    matched = tuple(_same(parts[k], parts[kept[lowest]], MATCHED[dose]) for k in kept)
    return Contrasts(arms.keep(kept), doses, lowest, matched=matched), out


def against_none(arms: TrialArms, dose: Dose, config: Config) -> Contrasts | None:
    """The mean of a trial's trained arms that have a dose, against its arm that does not train."""
    untrained = [k for k, arm in enumerate(arms.doses) if arm.sessions_per_week == 0]
    found = [dose_of(arm, dose, config) for arm in arms.doses]
    trained = [
        k
        for k, arm in enumerate(arms.doses)
        if arm.sessions_per_week != 0 and found[k] is not None and not arm.blood_flow_restriction
    ]
    if not untrained or not trained:
        return None
    kept = [untrained[0], *trained]
    doses = np.array([found[k] for k in kept], dtype=float)
    return Contrasts(arms.keep(kept), doses, 0, averaged=True, matched=(None,) * len(kept))


def _parts(arm: Arm, config: Config) -> dict[str, object] | None:
    """What an arm did, part by part (None where not printed); None for one that does not train."""
    if arm.sessions_per_week == 0:
        return None
    load: object = load_of(arm, config)
    if load is None:
        named = dose_class(arm, config)
        load = None if named == "unknown" else named
    return {
        "load": load,
        "sessions": arm.sessions_per_week,
        "sets": weekly_sets(arm),
        "failure": arm.to_failure,
    }


def _differing(
    one: dict[str, object] | None, other: dict[str, object] | None, names: Iterable[str]
) -> list[str]:
    """The parts in which two arms contradict each other; no training contradicts nothing."""
    if one is None or other is None:
        return []
    return [
        name
        for name in names
        if one[name] is not None and other[name] is not None and one[name] != other[name]
    ]


def _alike(
    first: int,
    dosed: list[int],
    parts: list[dict[str, object] | None],
    names: tuple[str, ...],
) -> list[int]:
    """The arms that contradict neither the first nor one another, in declared order."""
    kept = [first]
    for k in dosed:
        if k != first and not any(_differing(parts[k], parts[one], names) for one in kept):
            kept.append(k)
    return sorted(kept)


def _reason(
    parts: list[dict[str, object] | None], arm: int, kept: list[int], names: tuple[str, ...]
) -> str:
    """In what an arm differs from those that are kept."""
    found = {name for one in kept for name in _differing(parts[arm], parts[one], names)}
    return ", ".join(_DIFFERS[name] for name in names if name in found)


def _same(
    one: dict[str, object] | None, other: dict[str, object] | None, names: tuple[str, ...]
) -> bool | None:
    """Whether parts are the same; None where one does not train or something is not printed."""
    if one is None or other is None:
        return None
    if _differing(one, other, names):
        return False
    return None if any(None in (one[name], other[name]) for name in names) else True
