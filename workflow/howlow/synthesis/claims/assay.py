"""Assay sensitivity: whether the arm that others are compared with was shown to gain at all."""

from __future__ import annotations

from math import log1p
from typing import TYPE_CHECKING, Any

from howlow.config.trial import sides
from howlow.data.declaration import Declaration
from howlow.data.published.reconstruction import START

if TYPE_CHECKING:
    from howlow.synthesis.material import Material


def assay_of(material: Material, trial: Declaration, row: dict[str, Any], reference: str) -> str:
    """What the reference arm gained on by more than the margin: `control`, `baseline` or nothing.

    Over an arm that did not train where there is one, else over its own baseline (ICH E10, 2000,
    section 1.5).
    """
    percent = material.config.constructs[row["construct"]].margin_pct
    if percent is None:
        return ""
    margin = log1p(percent / 100)
    worse = trial.outcomes[row["outcome"]].higher_is == "worse"
    # A collection has no visit of its own for the start; its rows name it.
    start = trial.start or START["baseline"]
    controlled = False
    at_start = ""
    for other in material.estimates[trial.id]:
        same = other["outcome"] == row["outcome"] and other["scale"] == "log_ratio"
        if not same or other["tier"] == "sensitivity" or not other["se"] > 0:
            continue
        first, second = sides(other["contrast"])
        if other["at"] == row["at"] and reference in (first, second):
            control = second if first == reference else first
            if control in trial.arms and trial.arms[control].sessions_per_week == 0:
                controlled = True
                if _lowest(other, turned=(first != reference) != worse) > margin:
                    return "control"
        from_start = other["at"] == f"{row['at']} - {start}"
        if (
            from_start
            and other["contrast"] == f"mean({reference})"
            and (_lowest(other, turned=worse) > margin)
        ):
            at_start = "baseline"
    return "" if controlled else at_start


def _lowest(row: dict[str, Any], *, turned: bool) -> float:
    """The lower limit of a row, turned round or not."""
    return float(-row["ci_high"] if turned else row["ci_low"])
