"""Which arms of a trial cross two doses: load, failure, sessions a week, sets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, product
from typing import Literal

from howlow.analysis.questions.steps import agree
from howlow.config.doses import dose_class
from howlow.config.settings import Config
from howlow.config.trial import Arm

Factor = Literal["load", "failure", "frequency", "sets"]
#: A level as it is shown and what it is sorted by; the arm that stands first has the higher number.
Level = tuple[str, float]


@dataclass(frozen=True)
class Square:
    """Four arms that cross two factors: the first factor's levels down, the second's across.

    `arms` are `(a, b), (c, d)`: a and c have the first factor's first level, a and b the second
    factor's first. `names` are the words of the levels.
    """

    factors: tuple[Factor, Factor]
    names: tuple[tuple[str, str], tuple[str, str]]
    arms: tuple[tuple[str, str], tuple[str, str]]

    @property
    def interaction(self) -> dict[str, float]:
        """Weights of `(a - b) - (c - d)`."""
        (a, b), (c, d) = self.arms
        return {a: 1.0, b: -1.0, c: -1.0, d: 1.0}

    def main(self, factor: int) -> dict[str, float]:
        """Weights of a factor's first level less its second, averaged over the other factor."""
        (a, b), (c, d) = self.arms
        signs = (1, -1, 1, -1) if factor == 0 else (1, 1, -1, -1)
        return {arm: sign / 2 for arm, sign in zip((a, b, c, d), signs, strict=True)}

    def main_contrast(self, factor: int) -> str:
        """The text of a main effect, such as `light - heavy over failure`."""
        first, second = self.names[factor]
        other = self.factors[1 - factor]
        over = other if other in ("load", "failure") else " and ".join(self.names[1 - factor])
        return f"{first} - {second} over {over}"


def squares(arms: Mapping[str, Arm], config: Config) -> list[Square]:
    """All sets of four arms that cross two doses and agree in the others, in the declared order."""
    training = {name: arm for name, arm in arms.items() if arm.sessions_per_week != 0}
    found: list[Square] = []
    for factors in combinations(_LEVELS, 2):
        levels: dict[tuple[Level, Level], list[str]] = {}
        for name, arm in training.items():
            one, two = (_LEVELS[factor](arm, config) for factor in factors)
            if one is not None and two is not None:
                levels.setdefault((one, two), []).append(name)
        for pair in product(*(_pairs(levels, position) for position in (0, 1))):
            found += _squares(factors, pair, levels, training)
    return found


def _pairs(
    levels: Mapping[tuple[Level, Level], list[str]], position: int
) -> list[tuple[Level, Level]]:
    """All pairs of a factor's levels, the higher number first."""
    found = sorted({pair[position] for pair in levels}, key=lambda level: -level[1])
    return list(combinations(found, 2))


def _squares(
    factors: tuple[Factor, Factor],
    pair: tuple[tuple[Level, Level], ...],
    levels: Mapping[tuple[Level, Level], list[str]],
    arms: Mapping[str, Arm],
) -> Iterator[Square]:
    """The squares of two levels of each factor whose arms agree in everything else."""
    (one, two), (left, right) = pair
    corners = [
        levels.get(cell, []) for cell in ((one, left), (two, left), (one, right), (two, right))
    ]
    for a, b, c, d in product(*corners):
        if _alike([arms[name] for name in (a, b, c, d)], factors):
            names = (one[0], two[0]), (left[0], right[0])
            yield Square(factors, names, ((a, b), (c, d)))


def _alike(arms: list[Arm], factors: tuple[Factor, Factor]) -> bool:
    """Whether arms agree in every dose that is no factor."""
    # What follows from load and failure, or from frequency and sets, is free to differ with them.
    same: list[list[object]] = [[arm.blood_flow_restriction for arm in arms]]
    unless_printed: list[list[object]] = [[arm.supervision for arm in arms]]
    if "load" in factors:
        # Load is the first factor, so that every second arm is of one class: of one load, too.
        for level in (arms[::2], arms[1::2]):
            unless_printed += [[arm.load_pct_1rm for arm in level], [arm.rm for arm in level]]
    else:
        same += [[(arm.load_pct_1rm, arm.rm) for arm in arms]]
    if "failure" not in factors:
        same += [[arm.to_failure for arm in arms]]
    if "frequency" not in factors:
        same += [[arm.sessions_per_week for arm in arms]]
    if "sets" not in factors:
        unless_printed.append([arm.sets for arm in arms])
        if "frequency" not in factors:
            unless_printed.append([arm.sets_per_week for arm in arms])
    if "load" not in factors and "failure" not in factors:
        unless_printed.append([arm.repetitions for arm in arms])
    return all(len(set(values)) == 1 for values in same) and all(map(agree, unless_printed))


def _load(arm: Arm, config: Config) -> Level | None:
    """Light stands first, as in `light - heavy`."""
    return {"light": ("light", 1.0), "heavy": ("heavy", 0.0)}.get(dose_class(arm, config))


def _failure(arm: Arm, config: Config) -> Level | None:
    """To failure stands first."""
    words = {True: ("to failure", 1.0), False: ("not to failure", 0.0)}
    return None if arm.to_failure is None else words[arm.to_failure]


def _frequency(arm: Arm, config: Config) -> Level | None:
    """More sessions a week stand first."""
    sessions = arm.sessions_per_week
    return None if sessions is None else (f"{sessions:g} a week", sessions)


def _sets(arm: Arm, config: Config) -> Level | None:
    """More sets an exercise stand first; a range counts by its midpoint."""
    if arm.sets is None:
        return None
    low, high = arm.sets
    shown = f"{low:g}" if low == high else f"{low:g}-{high:g}"
    return f"{shown} set{'' if shown == '1' else 's'}", (low + high) / 2


_LEVELS: dict[Factor, Callable[[Arm, Config], Level | None]] = {
    "load": _load,
    "failure": _failure,
    "frequency": _frequency,
    "sets": _sets,
}
