"""What entered a pooled estimate, and the pooled estimates that an estimate entered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from howlow.analysis.estimates import Estimate
from howlow.report.inputs import POOLED
from howlow.report.tracing.tables import rows_of


@dataclass(frozen=True)
class Member:
    """A trial's estimate in a pool, turned to its question, on the scale of log ratios."""

    estimate_id: str
    cite: str
    label: str
    estimate: float
    ci_low: float
    ci_high: float
    assumed: str


@dataclass(frozen=True)
class Pooled:
    """The members of a pool, and its heterogeneity as pools.csv has it."""

    members: tuple[Member, ...]
    heterogeneity: dict[str, float]


def pooled_of(found: Estimate, results: Path) -> Pooled:
    """What entered a pooled estimate."""
    question = found.study.removeprefix(POOLED)
    members = tuple(
        Member(
            row["estimate_id"],
            row["cite"],
            row["label"],
            float(row["estimate"]),
            float(row["ci_low"]),
            float(row["ci_high"]),
            row["assumed"],
        )
        for row in rows_of(results / "evidence.csv")
        if (row["question"], row["construct"], row["pooled"]) == (question, found.construct, "True")
    )
    # Another way to put the same trials together has the same heterogeneity.
    pool = found.estimate_id.rpartition("/")[0]
    heterogeneity = {
        name: float(cell)
        for row in rows_of(results / "pools.csv")
        if row["estimate_id"].rpartition("/")[0] == pool
        for name, cell in row.cells.items()
        if name != "estimate_id" and cell
    }
    return Pooled(members, heterogeneity)


def entered(found: Estimate, results: Path) -> Iterator[str]:
    """The ids of the pooled estimates that an estimate entered."""
    pools = {
        (POOLED + row["question"], row["construct"])
        for row in rows_of(results / "evidence.csv")
        if row["estimate_id"] == found.estimate_id and row["pooled"] == "True"
    }
    if not pools:
        return
    for row in rows_of(results / "estimates.csv"):
        if (row["study"], row["construct"]) in pools:
            yield row["estimate_id"]
