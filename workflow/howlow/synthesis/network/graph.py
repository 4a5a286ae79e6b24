"""The network as a graph: its nodes, its comparisons, its parts, and what would connect them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from howlow.config.doses import NO_TRAINING
from howlow.synthesis.network.nodes import TrialNodes, ladder
from howlow.synthesis.pooling import FEW_TRIALS

#: Fewer prescriptions than this are a pool, not a network.
FEW_NODES = 3
_PARTS = {"load": "load", "sessions": "sessions a week", "sets": "sets an exercise"}
_WORDS = {
    "1": "once a week",
    "2": "twice a week",
    "3": "three times a week",
    "single": "in one set",
    "multiple": "in several sets",
}


@dataclass(frozen=True)
class Edge:
    """Two prescriptions that trials compare within them."""

    first: str
    second: str
    studies: tuple[str, ...]


def list_edges(trials: Sequence[TrialNodes]) -> list[Edge]:
    """Every comparison within a trial, in ladder order."""
    studies: dict[tuple[str, str], list[str]] = {}
    for trial in trials:
        for first, second in combinations(trial.nodes, 2):
            studies.setdefault((first, second), []).append(trial.study)
    ordered = sorted(studies, key=lambda pair: (ladder(pair[0]), ladder(pair[1])))
    return [Edge(first, second, tuple(studies[first, second])) for first, second in ordered]


def find_components(trials: Sequence[TrialNodes]) -> list[tuple[str, ...]]:
    """The prescriptions that trials connect with each other; the part of most trials first."""
    parts: list[set[str]] = []
    for trial in trials:
        joined = set(trial.nodes).union(*(part for part in parts if part & set(trial.nodes)))
        parts = [part for part in parts if not part & joined] + [joined]
    found = [tuple(sorted(part, key=ladder)) for part in parts]
    return sorted(found, key=lambda part: (-len(within(trials, part)), -len(part), ladder(part[0])))


def within(trials: Sequence[TrialNodes], part: Sequence[str]) -> list[TrialNodes]:
    """The trials of one connected part."""
    return [trial for trial in trials if trial.nodes[0] in part]


def most_studied(trials: Sequence[TrialNodes], part: Sequence[str]) -> str:
    """The prescription of a part that most trials have; of equals the highest."""
    counts = Counter(node for trial in trials for node in trial.nodes)
    return max(part, key=lambda node: (counts[node], ladder(node)))


def most_connected(trials: Sequence[TrialNodes]) -> str:
    """The prescription compared with most others; of equals the one of most trials."""
    edges = list_edges(trials)
    neighbours = Counter(node for edge in edges for node in (edge.first, edge.second))
    best = max(neighbours.values())
    return most_studied(trials, [node for node, count in neighbours.items() if count == best])


def prescriptions(nodes: Sequence[str]) -> str:
    """`heavy 3 multiple` as `heavy three times a week in several sets`; several with commas."""
    return ", ".join(" ".join(_WORDS.get(word, word) for word in node.split(" ")) for node in nodes)


def obstacle(
    trials: Sequence[TrialNodes], components: Sequence[tuple[str, ...]], parts: Sequence[str]
) -> str:
    """Why no network can be drawn, in sentences; empty where one can."""
    if not components:
        asked = [_PARTS[part] for part in parts]
        words = f"{', '.join(asked[:-1])} and {asked[-1]}" if asked[1:] else asked[0]
        return (
            f"No trial compares two prescriptions with {words} known. A trial that prints them, "
            f"with an arm of {NO_TRAINING}, would be a start."
        )
    largest, sentences = components[0], []
    count = len(within(trials, largest))
    if len(largest) < FEW_NODES:
        sentences.append(
            f"The trials connect only two prescriptions ({prescriptions(largest)}): a pool, not a "
            "network."
        )
    if count < FEW_TRIALS:
        noun = "trial" if count == 1 else "trials"
        sentences.append(
            f"The largest connected part ({prescriptions(largest)}) has {count} {noun}; a network "
            f"needs {FEW_TRIALS}."
        )
    if sentences:
        return " ".join([*sentences, _missing_link(trials, components)]).strip()
    comparisons = sum(len(trial.nodes) - 1 for trial in within(trials, largest))
    if comparisons < len(largest):
        return (
            f"The trials make {comparisons} comparisons for as many effects: nothing shows how "
            "trials differ. A second trial of any of these comparisons would."
        )
    return ""


def disconnection(trials: Sequence[TrialNodes], components: Sequence[tuple[str, ...]]) -> str:
    """Which parts stand apart from the one that is drawn, and what would connect them."""
    if len(components) < 2:
        return ""
    apart = "; ".join(prescriptions(part) for part in components[1:])
    return f"Not connected with it: {apart}. {_missing_link(trials, components)}".strip()


def _missing_link(trials: Sequence[TrialNodes], components: Sequence[tuple[str, ...]]) -> str:
    """The trial that would connect the parts with each other and with no training, if any."""
    apart = [part for part in components if NO_TRAINING not in part]
    if not apart:
        return ""
    named = [prescriptions([most_studied(trials, part)]) for part in apart]
    words = f"{', '.join(named[:-1])} and {named[-1]}" if named[1:] else "".join(named)
    aim = "would connect them" if len(components) > 1 else "would tie them to it"
    return f"A trial that sets {words} against {NO_TRAINING} {aim}."
