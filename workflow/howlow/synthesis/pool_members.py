"""The members of a pool read otherwise: under other assumptions, on another scale, or fewer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from howlow.config.trial import sides
from howlow.synthesis.evidence import Effect
from howlow.synthesis.material import Material

#: The other readings of what papers leave out, as they end the method of an estimate.
READINGS = (
    "r_low",
    "r_high",
    "limb_r_low",
    "limb_r_high",
    "n_low",
    "n_high",
    "spread_SD",
    "spread_SEM",
)
_SELECTIVE = "selective print"


def source_of(effect: Effect, material: Material) -> dict[str, Any] | None:
    """The estimate behind an effect, as its study wrote it, or None where there is none."""
    rows = material.estimates.get(effect.study, [])
    return next((row for row in rows if row["estimate_id"] == effect.estimate_id), None)


def sign_of(effect: Effect, source: dict[str, Any], material: Material) -> float:
    """-1 where an effect is its estimate turned round, else 1."""
    less_is_better = material.trials[effect.study].outcomes[source["outcome"]].higher_is == "worse"
    return -1.0 if (effect.contrast != source["contrast"]) != less_is_better else 1.0


def read_as(reading: str, effect: Effect, material: Material) -> Effect | None:
    """An effect under another reading of what its paper leaves out; None where it has none."""
    source = source_of(effect, material)
    if source is None:
        return None
    base = source["method"].partition("[")[0]
    rows = [
        row
        for row in _beside(source, effect.scale, material.estimates[effect.study])
        if row["method"].endswith(f"[{reading}]")
    ]
    rows.sort(key=lambda row: row["method"] != f"{base}[{reading}]")
    return _with(effect, rows[0], material) if rows else None


def on_baseline_sd(effect: Effect, material: Material) -> Effect | None:
    """An effect as d on the pooled baseline SD; None where no baseline SD is printed."""
    source = source_of(effect, material)
    rows = [] if source is None else _beside(source, "d", material.estimates[effect.study])
    main = next((row for row in rows if row["tier"] in ("primary", "secondary")), None)
    return None if main is None else _with(effect, main, material)


def is_uncautioned(effect: Effect, material: Material) -> bool:
    """Whether an effect rests on no assumption and no caution, nor on a selective print."""
    if effect.assumed:
        return False
    source = source_of(effect, material)
    if source is None:
        return True
    behind = material.placing(effect.study).behind(source["outcome"], source["at"])
    arms = (*sides(source["contrast"]), source["contrast"])
    return not any(_SELECTIVE in row.caution for row in behind if row.arm in arms)


def _beside(source: dict[str, Any], scale: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of the same contrast, outcome and visit on a scale."""
    same = ("outcome", "contrast", "at")
    return [
        row
        for row in rows
        if row["scale"] == scale
        and row["se"] > 0  # not where it is not known
        and all(row[name] == source[name] for name in same)
    ]


def _with(effect: Effect, row: dict[str, Any], material: Material) -> Effect:
    """An effect with the numbers of another row of the same contrast."""
    sign = sign_of(effect, row, material)
    low, high = sorted((sign * row["ci_low"], sign * row["ci_high"]))
    return replace(
        effect,
        estimate_id=row["estimate_id"],
        estimate=sign * row["estimate"],
        se=row["se"],
        ci_low=low,
        ci_high=high,
        n=row["n_participants"],
        scale=row["scale"],
        assumed=row["assumed"],
    )
