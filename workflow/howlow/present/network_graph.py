"""A network of prescriptions: what it shows, and the words around it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from howlow.analysis.rounding import percent_with_interval
from howlow.config.settings import Config
from howlow.present.wording import in_sentence, p_words


@dataclass(frozen=True)
class Node:
    """A prescription, with the trials and participants that had it."""

    name: str
    trials: int
    participants: int
    connected: bool


@dataclass(frozen=True)
class Edge:
    """Two prescriptions that trials compare within them."""

    first: str
    second: str
    trials: int


@dataclass(frozen=True)
class NodeEffect:
    """A prescription against the reference, as log ratio; whether no trial compares the two."""

    node: str
    estimate: float
    low: float
    high: float
    indirect_only: bool


@dataclass(frozen=True)
class NetworkFigure:
    """One network that is drawn: its graph, and each node against the reference."""

    stem: str
    construct: str
    construct_label: str
    trials: int
    against: str
    tau: float
    margin_pct: float | None
    level: float
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    effects: tuple[NodeEffect, ...]
    consistency: str
    note: str

    kind = "network"
    question = ""
    estimate_ids: tuple[str, ...] = ()

    @property
    def margin(self) -> float | None:
        """The margin as a log ratio."""
        return None if self.margin_pct is None else math.log1p(self.margin_pct / 100)

    @property
    def title(self) -> str:
        """The construct."""
        return f"Prescriptions against {self.against}: {in_sentence(self.construct_label)}"

    @property
    def notes(self) -> list[str]:
        """What must stand in the figure itself."""
        left = (
            "Left: circles are prescriptions (load, sessions a week, sets; the larger, the more "
            "people), lines trials that compare two of them (their number on the line)."
        )
        right = (
            f"Right: each prescription against {self.against} with its {100 * self.level:g} % "
            f"interval, by direct and indirect evidence; spread between trials (tau) {self.tau:.3f}"
            " as log ratio."
        )
        found = [left, right]
        if any(effect.indirect_only for effect in self.effects):
            found.append(f"Hollow squares: no trial compares it with {self.against} itself.")
        if any(not node.connected for node in self.nodes):
            found.append("Hollow circles, apart: not connected, so not in the network's estimates.")
        if self.margin_pct is not None:
            found.append(f"Shaded: differences smaller than the margin, {self.margin_pct:g} %.")
        return [*found, *(text for text in (self.consistency, self.note) if text)]

    @property
    def caption(self) -> str:
        """What circles, lines and squares are."""
        return " ".join([f"{self.trials} trials.", *self.notes])

    @property
    def alt(self) -> str:
        """The network in numbers."""
        effects = "; ".join(
            f"{one.node} {percent_with_interval(one.estimate, one.low, one.high)}"
            f"{' (indirect only)' if one.indirect_only else ''}"
            for one in self.effects
        )
        nodes = "; ".join(
            f"{one.name} in {_trials(one.trials)}, n = {one.participants}" for one in self.nodes
        )
        edges = "; ".join(
            f"{one.first} with {one.second} in {_trials(one.trials)}" for one in self.edges
        )
        return (
            f"{self.title}, per cent with {100 * self.level:g} % interval: {effects}. "
            f"Prescriptions: {nodes}. Compared within trials: {edges}."
        )


def network_figures(networks: Iterable[dict[str, Any]], config: Config) -> Iterator[NetworkFigure]:
    """The networks that are drawn, in the order of their file."""
    for found in networks:
        if found["drawn"] and found["construct"] in config.constructs:
            yield _network(found, config)


def _network(found: dict[str, Any], config: Config) -> NetworkFigure:
    """One network."""
    construct = config.constructs[found["construct"]]
    connected = {effect["node"] for effect in found["effects"]} | {found["against"]}
    return NetworkFigure(
        stem=f"network-{found['construct']}",
        construct=found["construct"],
        construct_label=construct.label,
        trials=int(found["trials"]),
        against=found["against"],
        tau=math.sqrt(found["tau2"] or 0.0),
        margin_pct=construct.margin_pct,
        level=1 - config.alpha,
        nodes=tuple(
            Node(
                node["name"],
                int(node["trials"]),
                int(node["participants"]),
                node["name"] in connected,
            )
            for node in found["nodes"]
        ),
        edges=tuple(
            Edge(edge["first"], edge["second"], int(edge["trials"])) for edge in found["edges"]
        ),
        effects=tuple(
            NodeEffect(
                one["node"], one["estimate"], one["low"], one["high"], bool(one["indirect_only"])
            )
            for one in found["effects"]
        ),
        consistency=_consistency(found.get("consistency")),
        note=found.get("note") or "",
    )


def _consistency(found: dict[str, Any] | None) -> str:
    """Whether trials of different designs agree, in numbers."""
    if found is None or found.get("p") is None:
        return "Whether direct and indirect evidence agree cannot be tested here."
    statistic = f"Q = {found['q']:.1f}, {found['df']} df"
    if found.get("f") is not None:
        statistic = f"F = {found['f']:.1f}, {found['df']} and {found['df2']} df"
    p = p_words(found["p"])
    return f"Consistency of direct and indirect evidence: {statistic}, P = {p}."


def _trials(count: int) -> str:
    """`1 trial`, `2 trials`."""
    return f"{count} trial{'' if count == 1 else 's'}"
