"""What entered a pooled estimate, and the pooled estimates that an estimate entered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from howlow.analysis.estimates import Estimate
from howlow.report.inputs import POOLED
from howlow.report.tracing.tables import json_of, rows_of
from howlow.synthesis.pools import BETWEEN

#: What the table of estimates calls a row of a network, and the doses of the ladder.
NETWORK, LADDER = "network", f"{POOLED}ladder"
#: A method whose members are those without an assumption or a caution.
_UNCAUTIONED = "[uncautioned]"


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
    """What stands behind a pooled estimate.

    `members` are the estimates that entered, on the scale of log ratios, and
    `heterogeneity` is as pools.csv has it; `told` says in words what else there is, by its name:
    the claim that is judged, the trials of a network, why a dose is not shown.
    """

    members: tuple[Member, ...]
    heterogeneity: dict[str, float]
    told: dict[str, str]


def is_pooled(study: str) -> bool:
    """Whether a row of the table of estimates is none of a single trial."""
    return study == NETWORK or study.startswith(POOLED)


def pooled_of(found: Estimate, results: Path) -> Pooled:
    """What entered a pooled estimate."""
    if found.study == NETWORK:
        return Pooled((), {}, _network(found, results))
    if found.study == LADDER or found.study.startswith(f"{LADDER}:"):
        return Pooled((), {}, _ladder(found, results))
    mine = [
        row
        for row in rows_of(results / "pools.csv")
        if _pool(row["estimate_id"]) == _pool(found.estimate_id)
    ]
    # A row that puts the same trials together otherwise has the heterogeneity of the main one.
    own = next((row for row in mine if row["estimate_id"] == found.estimate_id), None)
    own = own or next((row for row in mine if f"/{found.scale}/" in row["estimate_id"]), None)
    numbers = {
        name: float(cell)
        for name, cell in (own.cells if own else {}).items()
        if name not in ("estimate_id", "members") and cell
    }
    names = {name for row in mine for name in row["members"].split(BETWEEN)}
    return Pooled(tuple(_members(found, names, results)), numbers, _claim(found, results))


def _pool(estimate_id: str) -> str:
    """The part of an id that all rows of one pool share: all but scale and method."""
    return estimate_id.rsplit("/", 2)[0]


def _members(found: Estimate, names: set[str], results: Path) -> Iterator[Member]:
    """The estimates that entered, as the evidence has them."""
    for row in rows_of(results / "evidence.csv"):
        here = row["estimate_id"] in names and row["question"] == found.study.split(":")[1]
        if here and not (found.method.endswith(_UNCAUTIONED) and row["assumed"]):
            yield Member(
                row["estimate_id"],
                row["cite"],
                row["label"],
                float(row["estimate"]),
                float(row["ci_low"]),
                float(row["ci_high"]),
                row["assumed"],
            )


def _claim(found: Estimate, results: Path) -> dict[str, str]:
    """The claim that an estimate is judged for, with its verdict and trials; or nothing."""
    for row in rows_of(results / "claims.csv"):
        if row["estimate_id"] == found.estimate_id:
            names = ("claim", "statement", "estimand", "verdict", "why", "direction", "settle")
            told = {name.replace("settle", "to settle it"): row[name] for name in names}
            return {name: said for name, said in told.items() if said} | {"trials": row["studies"]}
    return {}


def _ladder(found: Estimate, results: Path) -> dict[str, str]:
    """Whether a dose is shown, or why not, and where it stands in the sequence."""
    for ladder in json_of(results / "answer.json").get("ladder", []):
        for place, rung in enumerate(ladder["sequence"], 1):
            if rung["estimate_id"] == found.estimate_id:
                doses = ", ".join(one["dose"] for one in ladder["sequence"])
                return {
                    "dose": rung["words"],
                    "tested as": f"{place} of {len(ladder['sequence'])}: {doses}",
                    "result": "shown" if rung["shown"] else f"not shown: {rung['why']}",
                    "the ladder": ladder["sentence"],
                }
    return {}


def _network(found: Estimate, results: Path) -> dict[str, str]:
    """The direct comparisons of a network, its spread between trials and its consistency."""
    path = results / "network.json"
    networks: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    mine = next(one for one in networks if one["construct"] == found.construct)
    edges = [
        f"{edge['first']} against {edge['second']}: {', '.join(edge['studies'])}"
        for edge in mine["edges"]
    ]
    told = {f"comparison {place}": words for place, words in enumerate(edges, 1)}
    consistency = mine["consistency"]
    return told | {"tau2": f"{mine['tau2']:.4g}"} | (
        {"consistency": consistency["note"]} if consistency else {}
    )  # fmt: skip


def entered(found: Estimate, results: Path) -> Iterator[str]:
    """The ids of the pooled estimates that an estimate entered."""
    pools = {
        _pool(row["estimate_id"])
        for row in rows_of(results / "pools.csv")
        if found.estimate_id in row["members"].split(BETWEEN)
    }
    if not pools:
        return
    for row in rows_of(results / "estimates.csv"):
        alone = row["method"].endswith(_UNCAUTIONED) and found.assumed
        if _pool(row["estimate_id"]) in pools and row["scale"] == found.scale and not alone:
            yield row["estimate_id"]
