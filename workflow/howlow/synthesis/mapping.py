"""The evidence map: for each question and construct, how much there is, and what is missing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from howlow.data.measurements import write_table
from howlow.synthesis.evidence import CHANGE_QUESTIONS, Effect
from howlow.synthesis.pooling import FEW_TRIALS
from howlow.synthesis.settling import needed_per_arm

if TYPE_CHECKING:
    from howlow.synthesis.material import Material

#: Questions that the map has a row for, in this order, with the trial that speaks to each.
_TRIALS = {
    "load": "light against heavy loads, both to failure, sessions and sets alike",
    "frequency": "once against twice or three times a week, with an arm that does not train",
    "volume": "one set against three, load and sessions alike",
    "failure": "sets to failure against sets short of it, load alike",
    "training": "a light load once a week against no training",
    "disuse": "one leg in a brace against the other, or rest against none",
    "recovery": "training after disuse against none, followed for at least eight weeks",
    "deficit": "young and old after the same disuse, followed for at least eight weeks",
    "detraining": "stopping against going on, after the same training",
}
#: The dose whose curve, and the questions that a network, speak to a question.
CURVE_OF = {"load": "load", "frequency": "sessions", "volume": "sets", "training": "sessions"}
_SELECTIVE = "selective print"


@dataclass(frozen=True)
class MapRow:
    """What there is on one question and construct.

    Attributes
    ----------
    trials, participants
        All trials with an effect, and their participants as far as they are printed.
    poolable, cautioned, selective, no_spread, own_unit
        Trials that enter the pool; of those, trials that rest on an assumption or a caution, and
        trials whose page prints what differed; trials without a spread; trials that can only be
        shown in their own unit.
    young, older
        Poolable trials by age.
    below, above
        Trials in per cent whose effect lies below and above zero.
    status
        pooled (five or more), few (two to four), one, or none; changes, where groups are shown side
        by side and enter no pool.
    curve, network
        `drawn`, or why not; empty where the question has none.
    missing, settle
        In words; `arms_needed_n` is the number of participants an arm of one trial that would
        settle it alone.
    """

    question: str
    construct: str
    trials: int
    participants: int
    poolable: int
    cautioned: int
    selective: int
    no_spread: int
    own_unit: int
    young: int
    older: int
    below: int
    above: int
    status: str
    curve: str
    network: str
    missing: str
    settle: str
    arms_needed_n: int | None


def evidence_map(
    material: Material, curves: list[dict[str, Any]], networks: list[dict[str, Any]]
) -> list[MapRow]:
    """One row for each question and each construct that may be pooled, empty ones too."""
    return [
        _row(material, question, construct, _drawn(question, construct, curves, networks))
        for question in _TRIALS
        for construct, declared in material.config.constructs.items()
        if declared.pooled
    ]


def write_map(rows: list[MapRow], path: Path) -> None:
    """Write the map as a table."""
    import pandas as pd

    names = [field.name for field in fields(MapRow)]
    table = pd.DataFrame([[getattr(row, name) for name in names] for row in rows], columns=names)
    write_table(table.astype({"arms_needed_n": "Int64"}), path)


def read_map(path: Path) -> list[MapRow]:
    """The rows of the map as the synthesis stage wrote them."""
    import csv

    with path.open(encoding="utf-8", newline="") as file:
        return [
            MapRow(**{name: _cell(name, cell) for name, cell in row.items()})
            for row in csv.DictReader(file)
        ]


_KINDS = {field.name: field.type for field in fields(MapRow)}


def _cell(name: str, cell: str) -> Any:
    """A cell as its field wants it."""
    if _KINDS[name] == "str":
        return cell
    return int(cell) if cell else None


def _row(material: Material, question: str, construct: str, drawn: tuple[str, str]) -> MapRow:
    """One row."""
    mine = [
        effect
        for effect in material.effects
        if (effect.question, effect.construct) == (question, construct)
    ]
    # A change over time enters no pool; what counts there is whether it has a spread.
    usable = [effect for effect in mine if effect.pooled or _is_change(effect)]
    poolable = _studies(usable)
    ratios = _first_of_each(effect for effect in mine if effect.scale == "log_ratio")
    needed = needed_per_arm(material, construct)
    return MapRow(
        question=question,
        construct=construct,
        trials=len(_studies(mine)),
        participants=sum(int(effect.n) for effect in _first_of_each(mine) if effect.n > 0),
        poolable=len(poolable),
        cautioned=len(_studies(effect for effect in usable if effect.assumed)),
        selective=len(_studies(effect for effect in usable if _SELECTIVE in effect.assumed)),
        no_spread=len(_studies(effect for effect in mine if effect.tier == "described") - poolable),
        own_unit=len(_studies(effect for effect in mine if effect.scale == "raw") - poolable),
        young=len(_studies(effect for effect in usable if _age(effect, material) == "young")),
        older=len(_studies(effect for effect in usable if _age(effect, material) == "older")),
        below=sum(effect.estimate < 0 for effect in ratios),
        above=sum(effect.estimate > 0 for effect in ratios),
        status=_status(question, len(poolable)),
        curve=drawn[0],
        network=drawn[1],
        missing="; ".join(_missing(question, len(poolable), mine)),
        settle=_settle(question, len(poolable), needed, material.config.planning.power),
        arms_needed_n=needed,
    )


def _is_change(effect: Effect) -> bool:
    """Whether an effect is a change over time of one group, with its interval."""
    return effect.question in CHANGE_QUESTIONS and math.isfinite(effect.se)


def _studies(effects: Iterable[Effect]) -> set[str]:
    """The trials behind effects."""
    return {effect.study for effect in effects}


def _first_of_each(effects: Iterable[Effect]) -> list[Effect]:
    """One effect a trial."""
    found: dict[str, Effect] = {}
    for effect in effects:
        found.setdefault(effect.study, effect)
    return list(found.values())


def _age(effect: Effect, material: Material) -> str:
    """The age of a trial's participants."""
    return material.trials[effect.study].population.age or ""


def _status(question: str, poolable: int) -> str:
    """How far the trials carry."""
    if question in CHANGE_QUESTIONS and poolable:
        return "changes"
    if poolable >= FEW_TRIALS:
        return "pooled"
    return ("none", "one")[poolable] if poolable < 2 else "few"


def _missing(question: str, poolable: int, effects: list[Effect]) -> Iterator[str]:
    """What keeps a verdict from being given."""
    if poolable < FEW_TRIALS:
        more = FEW_TRIALS - poolable
        words = "trials that print" if more > 1 else "trial that prints"
        yield f"{more} more {words} a baseline and a spread"
    kept = sum(effect.tier == "described" for effect in effects)
    if kept:
        yield f"the spread of {kept} that print none"
    raw = sum(effect.scale == "raw" and effect.tier != "described" for effect in effects)
    if raw:
        yield f"the baseline of {raw} in their own unit"
    if question in CHANGE_QUESTIONS and poolable:
        yield "a group that was not treated so: a change within a group is no effect"


def _settle(question: str, poolable: int, needed: int | None, power: float) -> str:
    """Which trial would settle it."""
    size = (
        f"with {needed} participants an arm, one trial has {100 * power:g} % power to settle it"
        if needed is not None
        else "no single trial of a size that can be done would settle it"
        if poolable
        else "its size cannot be told before one trial prints a spread"
    )
    return f"{_TRIALS[question]}: {size}"


def _drawn(
    question: str,
    construct: str,
    curves: list[dict[str, Any]],
    networks: list[dict[str, Any]],
) -> tuple[str, str]:
    """Whether a curve and a network of this construct are drawn, or why not."""
    dose = CURVE_OF.get(question, "")
    mine = [
        found
        for found in curves
        if (found["dose"], found["construct"], found["kind"]) == (dose, construct, "within")
    ]
    network = [found for found in networks if found["construct"] == construct]
    if not dose:
        return "", ""
    return _words(mine), _words(network)


def _words(found: list[dict[str, Any]]) -> str:
    """`drawn`, or the reason why not."""
    if not found:
        return "no trial"
    return "drawn" if found[0]["drawn"] else str(found[0]["reason"])
