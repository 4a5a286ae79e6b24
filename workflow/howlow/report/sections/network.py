"""The network of prescriptions: what each arm trained, which were compared, and what follows."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from howlow.analysis.estimates import Estimate
from howlow.config.doses import NO_TRAINING
from howlow.report.figures import Figure
from howlow.report.inputs import Inputs
from howlow.report.lines import Line, anchor_of, by_outcome, lines_of
from howlow.report.numbers import Shown, count, number_text, p_words, percent_text, shown
from howlow.report.synthesised import number_of

#: What the table of estimates calls a row of a network.
STUDY = "network"
#: The rows of a table of every prescription against every other.
League = tuple[tuple[str, tuple[str, ...]], ...]
_NUMBERS = ("estimate", "low", "high")
#: The parts of a prescription in words.
_WORDS = {
    ("sessions", "1"): "once a week",
    ("sessions", "2"): "twice a week",
    ("sessions", "3"): "three times a week",
    ("sets", "single"): "one set",
    ("sets", "multiple"): "several sets",
}


@dataclass(frozen=True)
class EffectRow:
    """What one prescription brings over another; `found` is its row in the table of estimates."""

    anchor: str
    found: Shown | None
    verdict: str
    node: str
    against: str
    shown: str
    source: str


@dataclass(frozen=True)
class Network:
    """One construct's network, drawn or not."""

    anchor: str
    label: str
    drawn: bool
    reason: str
    figure: Figure | None
    nodes: tuple[tuple[str, str], ...]
    edges: tuple[tuple[str, str], ...]
    effects: tuple[EffectRow, ...]
    consistency: str
    columns: tuple[str, ...]
    readings: list[tuple[str, list[Line]]]
    league: League
    ranking: tuple[tuple[str, str], ...]
    left_out: tuple[tuple[str, str], ...]
    note: str


def networks_of(inputs: Inputs, figures: Iterable[Figure]) -> list[Network]:
    """The networks in the order of their file."""
    by_stem = {figure.stem: figure for figure in figures}
    return [_network(found, inputs, by_stem) for found in inputs.synthesised.networks]


def _network(found: dict[str, Any], inputs: Inputs, figures: dict[str, Figure]) -> Network:
    """One network."""
    name = found["construct"]
    construct = inputs.config.constructs.get(name)
    parts = found["parts"]
    columns, league = _league(found["league"], parts)
    return Network(
        anchor=f"network-{name}",
        label=construct.label if construct else name,
        drawn=bool(found["drawn"]),
        reason=found["reason"].rstrip("."),
        figure=figures.get(f"network-{name}"),
        nodes=tuple(_node(node, parts) for node in found["nodes"]),
        edges=tuple(_edge(edge, inputs, parts) for edge in found["edges"]),
        effects=tuple(_effect(row, name, parts, inputs) for row in found["effects"]),
        consistency=_consistency(found["consistency"]),
        columns=columns,
        readings=by_outcome(lines_of(_readings(name, inputs), inputs.trials)),
        league=league,
        ranking=tuple(
            (_words(row["node"], parts), number_text(number_of(row["p_score"]), 2))
            for row in found["ranking"]
        ),
        left_out=tuple(_left_out(row, inputs) for row in found["left_out"]),
        note=found["note"],
    )


def _node(node: dict[str, Any], parts: list[str]) -> tuple[str, str]:
    """A prescription, and how many arms, trials and participants it has."""
    counted = [
        count(int(node[what]), what.removesuffix("s"))
        for what in ("arms", "trials", "participants")
    ]
    return _words(node["name"], parts), ", ".join(counted)


def _edge(edge: dict[str, Any], inputs: Inputs, parts: list[str]) -> tuple[str, str]:
    """Two prescriptions that were compared, and the trials that did."""
    cites = [
        inputs.trials[name].cite if name in inputs.trials else name for name in edge["studies"]
    ]
    first, second = (_words(edge[name], parts) for name in ("first", "second"))
    return f"{first} – {second}", ", ".join(cites)


def _effect(row: dict[str, Any], construct: str, parts: list[str], inputs: Inputs) -> EffectRow:
    """One effect by the network, and what the trials that compare the two directly say alone."""
    contrast = f"{row['node']} - {row['against']}"
    mine = [
        found
        for found in inputs.by_study.get(STUDY, [])
        if (found.construct, found.contrast) == (construct, contrast) and "[" not in found.method
    ]
    direct = row["direct"]
    source = "through other prescriptions only"
    if direct:
        alone = percent_text(*(number_of(direct[name]) for name in _NUMBERS))
        source = f"{count(int(direct['trials']), 'trial')}, alone {alone}"
    values = (number_of(row[name]) for name in _NUMBERS)
    node, against = (_words(row[name], parts) for name in ("node", "against"))
    return EffectRow(
        anchor=anchor_of(mine[0].estimate_id) if mine else "",
        found=shown(mine[0]) if mine else None,
        verdict=mine[0].verdict if mine else "",
        node=node,
        against=against,
        shown=percent_text(*values),
        source=source,
    )


def _readings(construct: str, inputs: Inputs) -> list[Estimate]:
    """The rows of the network under other readings of what papers leave out."""
    return [
        found
        for found in inputs.by_study.get(STUDY, [])
        if found.construct == construct and "[" in found.method
    ]


def _consistency(found: dict[str, Any] | None) -> str:
    """Whether direct and indirect comparisons agree."""
    if not found:
        return ""
    q, p = number_of(found["q"]), number_of(found["p"])
    note = str(found["note"]).rstrip(".")
    if math.isnan(q) or math.isnan(p):
        return note
    statistic = f"Q = {q:.2f} on {found['df']:g} df"
    if found.get("f") is not None:
        statistic = f"F = {found['f']:.2f} on {found['df']:g} and {found['df2']:g} df"
    return f"{note} ({statistic}, {p_words(p)}; {found['method']})"


def _league(rows: list[dict[str, Any]], parts: list[str]) -> tuple[tuple[str, ...], League]:
    """Every prescription against every other: the columns, and a row for each."""
    names = list(dict.fromkeys(row[name] for row in rows for name in ("second", "first")))
    cells = {}
    for row in rows:
        estimate, low, high = (number_of(row[name]) for name in _NUMBERS)
        cells[row["first"], row["second"]] = percent_text(estimate, low, high)
        cells[row["second"], row["first"]] = percent_text(-estimate, -high, -low)
    return tuple(_words(name, parts) for name in names), tuple(
        (_words(name, parts), tuple(cells.get((name, other), "") for other in names))
        for name in names
    )


def _words(name: str, parts: list[str]) -> str:
    """A prescription in words: `heavy 3 multiple` as `heavy, three times a week, several sets`."""
    words = name.split(" ")
    if len(words) != len(parts) or name == NO_TRAINING:
        return name
    return ", ".join(
        _WORDS.get((part, word), word) for part, word in zip(parts, words, strict=True)
    )


def _left_out(row: dict[str, Any], inputs: Inputs) -> tuple[str, str]:
    """An arm that stays out, and why."""
    trial = inputs.trials.get(row["study"])
    if trial is None:
        return f"{row['study']}: {row['arm']}", row["reason"]
    arm = trial.arms.get(row["arm"])
    return f"{trial.cite}: {arm.label if arm else row['arm']}", row["reason"]
