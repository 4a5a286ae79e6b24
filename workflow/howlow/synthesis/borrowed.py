"""Effects without a printed spread, drawn with one that is borrowed; never pooled, never judged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from math import hypot, isfinite, sqrt
from statistics import NormalDist, median

from howlow.analysis.rounding import as_percent
from howlow.config.trial import sides
from howlow.synthesis.evidence import Effect
from howlow.synthesis.material import Material
from howlow.synthesis.pool_members import source_of

_MEASURES = {"one_rm": "1RM", "csa": "CSA", "dxa": "DXA", "bia": "BIA"}
#: Fewer arms lend no spread.
FEWEST_ARMS = 3


@dataclass(frozen=True)
class Spread:
    """The SD of change of a collection's arms by one kind of measurement, as a log ratio."""

    sd: float
    arms: int


def borrow_spreads(effects: Iterable[Effect], material: Material) -> list[Effect]:
    """The effects, those without a spread with an interval that a borrowed one gives.

    The spread is the median SD of change over the arms of the same collection whose outcome was
    measured the same way; with the trial's own participants an arm. Where these, or three arms to
    borrow from, are not known, there is none.
    """
    # ASSUME: people in a trial without a spread change as differently as in its collection's others
    spreads = spreads_of(material)
    return [_with_spread(effect, spreads, material) for effect in effects]


def spreads_of(material: Material) -> dict[tuple[str, str], Spread]:
    """The spread that each collection lends, by collection and kind of measurement."""
    lent: dict[tuple[str, str], list[float]] = {}
    for trial in material.real:
        if trial.collection:
            for measure, sd in _arm_spreads(trial.id, material):
                lent.setdefault((trial.collection, measure), []).append(sd)
    return {key: Spread(median(sds), len(sds)) for key, sds in lent.items()}


def _arm_spreads(study: str, material: Material) -> Iterator[tuple[str, float]]:
    """Kind of measurement and SD of change of each fitted arm of a trial; each arm counts once."""
    found: dict[tuple[str, str], list[float]] = {}
    for row in material.estimates.get(study, []):
        is_mean = row["scale"] == "log_ratio" and row["contrast"].startswith("mean(")
        if is_mean and row["tier"] != "described" and "[" not in row["method"]:
            measure = material.trials[study].outcomes[row["outcome"]].measure
            sd = row["se"] * sqrt(row["n_participants"])
            if isfinite(sd) and sd > 0:
                found.setdefault((measure, row["contrast"]), []).append(sd)
    for (measure, _), sds in found.items():
        yield measure, median(sds)


def _with_spread(
    effect: Effect, spreads: dict[tuple[str, str], Spread], material: Material
) -> Effect:
    """An effect with its borrowed interval, or as it was."""
    source = source_of(effect, material) if effect.tier == "described" else None
    if source is None or effect.scale != "log_ratio":
        return effect
    measure = material.trials[effect.study].outcomes[source["outcome"]].measure
    lent = spreads.get((effect.collection, measure))
    counts = _participants(effect, source["outcome"], material)
    if lent is None or lent.arms < FEWEST_ARMS or not counts:
        return effect
    se = hypot(*(lent.sd / sqrt(count) for count in counts))
    half = NormalDist().inv_cdf(1 - material.config.alpha / 2) * se
    people = max(counts) if material.trials[effect.study].limb_pairs else sum(counts)
    return replace(
        effect,
        n=effect.n if effect.n > 0 else people,
        borrowed_low=effect.estimate - half,
        borrowed_high=effect.estimate + half,
        borrowed=f"SD of change {as_percent(lent.sd):.1f} %, the median of {lent.arms} arms of the "
        f"collection measured by {_MEASURES.get(measure, measure.replace('_', ' '))}",
    )


def _participants(effect: Effect, outcome: str, material: Material) -> list[float]:
    """The participants of each arm of an effect; nothing unless all are printed."""
    is_change = effect.contrast.startswith("mean(")
    arms = (effect.contrast[5:-1],) if is_change else sides(effect.contrast)
    behind = material.placing(effect.study).behind(outcome, effect.at)
    printed = {row.arm: row.n for row in behind if row.n > 0}
    return [printed[arm] for arm in arms] if all(arm in printed for arm in arms) else []
