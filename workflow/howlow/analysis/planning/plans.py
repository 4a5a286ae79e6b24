"""A whole plan: every design and drop-out, the numbers tried, and the answer of each."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from howlow.analysis.planning.assumed import Assumed, declared
from howlow.analysis.planning.chances import (
    Chance,
    Setting,
    Target,
    simulate_chances,
    targets,
)
from howlow.analysis.planning.from_study import from_study
from howlow.analysis.planning.sizes import (
    MOST,
    first_guess,
    next_number,
    numbers_around,
    smallest,
)
from howlow.config.planned import PlannedDesign, Simulation, read_planned_cohort, with_said
from howlow.config.settings import Config
from howlow.errors import HowlowError

#: How often a further number is tried where no number tried so far is enough.
_MORE = 4


@dataclass(frozen=True)
class Request:
    """What is simulated, with every default filled in."""

    designs: tuple[PlannedDesign, ...]
    drop_out: tuple[float, ...]
    n: tuple[int, ...] | None
    power: float
    trials: int
    seed: int


@dataclass(frozen=True)
class Answer:
    """How many people a target takes in a design with a drop-out.

    `n` counts people in each arm, or altogether with limbs; `n_low` and `n_high` bound it by
    Monte-Carlo error. None: not reached by any number tried.
    """

    design: PlannedDesign
    drop_out: float
    target: Target
    n: int | None
    n_low: int | None
    n_high: int | None

    @property
    def people(self) -> int | None:
        """People in all."""
        return None if self.n is None else Setting(self.design, self.n, self.drop_out).people


@dataclass(frozen=True, eq=False)
class Planned:
    """A plan with its simulated chances and its answers."""

    assumed: Assumed
    request: Request
    chances: tuple[Chance, ...]
    answers: tuple[Answer, ...]

    def of(self, design: PlannedDesign, drop_out: float, target: Target) -> tuple[Chance, ...]:
        """The chances of a target in a design with a drop-out, by rising numbers."""
        found = [
            one
            for one in self.chances
            if (one.setting.design, one.setting.drop_out, one.target) == (design, drop_out, target)
        ]
        return tuple(sorted(found, key=lambda one: one.setting.n))

    @property
    def reached(self) -> bool:
        """Whether every target was reached by a number tried."""
        return all(answer.n is not None for answer in self.answers)


def assumptions_of(
    source: Path,
    config: Config,
    said: Mapping[str, Any],
    *,
    outcome: str | None = None,
    contrast: str | None = None,
    difference: float | None = None,
) -> tuple[Assumed, Request]:
    """What is assumed, and what is to be simulated.

    Parameters
    ----------
    source
        A planning file, or a study's folder in results/.
    config
        Defaults, and a study's margins.
    said
        Keys of `Simulation` that were said on the command line.
    outcome, contrast
        Of a study; its primary ones by default.
    difference
        A true difference to detect, in place of that of a planning file.

    Raises
    ------
    HowlowError
        If the file or the request has faults, or the study cannot be planned from.
    """
    if difference is not None and not (math.isfinite(difference) and difference):
        raise HowlowError(f"--difference {difference:g}: give a difference that is not zero")
    if source.is_file() or source.suffix in (".yaml", ".yml"):
        if outcome or contrast:
            raise HowlowError(
                "--outcome and --contrast belong to --study; the file declares its own"
            )
        plan = read_planned_cohort(source)
        if difference is not None:
            plan = plan.model_copy(update={"difference": difference})
        return declared(plan, config), requested(with_said(plan.simulation, said), config)
    assumed, left = from_study(
        source, config, outcome=outcome, contrast=contrast, difference=difference
    )
    # The study's own drop-out, and one that is worse.
    own = min(0.7, round(left, 2))
    usual = Simulation(drop_out=(own, round(own + 0.15, 2)))
    return assumed, requested(with_said(usual, said), config)


def requested(simulation: Simulation, config: Config) -> Request:
    """What a planning file asks for, with the defaults of the configuration."""
    return Request(
        designs=tuple(dict.fromkeys(simulation.designs)),
        drop_out=tuple(dict.fromkeys(simulation.drop_out)),
        n=None if simulation.n is None else tuple(sorted(set(simulation.n))),
        power=simulation.power or config.planning.power,
        trials=simulation.trials,
        seed=config.seed if simulation.seed is None else simulation.seed,
    )


def simulate_plan(assumed: Assumed, request: Request) -> Planned:
    """Simulate a plan; everything follows from the assumptions, the request and its seed."""
    wanted = targets(assumed)
    chances: list[Chance] = []
    answers: list[Answer] = []
    for design in request.designs:
        for drop_out in request.drop_out:
            found = _simulate_design(assumed, request, design, drop_out, wanted)
            for target in wanted:
                mine = [one for one in found if one.target == target]
                best = smallest(mine, request.power) if mine else (None, None, None)
                answers.append(Answer(design, drop_out, target, *best))
            chances += found
    return Planned(assumed, request, tuple(chances), tuple(answers))


def _simulate_design(
    assumed: Assumed,
    request: Request,
    design: PlannedDesign,
    drop_out: float,
    wanted: tuple[Target, ...],
) -> list[Chance]:
    """The chances of one design and drop-out, by rising numbers."""

    def simulate(n: int) -> tuple[Chance, ...]:
        setting = Setting(design, n, drop_out)
        return simulate_chances(assumed, setting, wanted, request.trials, request.seed)

    if request.n is not None:
        return [one for n in request.n for one in simulate(n)]
    guesses = [first_guess(assumed, design, drop_out, target, request.power) for target in wanted]
    tried = {n: simulate(n) for n in numbers_around(guesses)}
    for position, guess in enumerate(guesses):
        for _ in range(_MORE if guess <= MOST else 0):
            further = next_number([tried[n][position] for n in sorted(tried)], request.power)
            if further is None or further in tried:
                break
            tried[further] = simulate(further)
    return [one for n in sorted(tried) for one in tried[n]]
