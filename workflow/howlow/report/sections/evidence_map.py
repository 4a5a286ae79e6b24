"""The evidence map: how much there is on each question, what is missing, what would settle it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from howlow.report.figures import Figure
from howlow.report.inputs import Inputs
from howlow.report.numbers import NO_NUMBER, count
from howlow.report.words import CHANGES, QUESTIONS
from howlow.synthesis.mapping import MapRow

#: The figure that draws the map.
FIGURE = "evidence-map"
#: What a cell's status says, in a word.
STATUS = {
    "pooled": "pooled",
    "few": "too few for a verdict",
    "one": "one trial",
    "none": "nothing to pool",
    "changes": "side by side",
}


@dataclass(frozen=True)
class Cell:
    """One construct of a question, in short: `usable of trials`, and the status in words."""

    text: str
    status: str
    words: str
    anchor: str


@dataclass(frozen=True)
class MapLine:
    """One construct of a question, in full."""

    label: str
    status: str
    counted: str
    within: str
    ages: str
    direction: str
    drawn: tuple[str, ...]
    missing: str
    settle: str


@dataclass(frozen=True)
class MapQuestion:
    """One question: a cell for each column of the map, and a line for each construct."""

    title: str
    cells: tuple[Cell, ...]
    lines: tuple[MapLine, ...]


@dataclass(frozen=True)
class EvidenceMap:
    """The map; `columns` are the constructs' labels."""

    columns: tuple[str, ...]
    questions: tuple[MapQuestion, ...]
    figure: Figure | None
    summary: str


def evidence_map_of(inputs: Inputs, figures: Iterable[Figure]) -> EvidenceMap:
    """The map as it is shown."""
    rows = inputs.synthesised.evidence_map
    constructs = list(dict.fromkeys(row.construct for row in rows))
    labels = {name: inputs.config.constructs[name].label for name in constructs}
    questions = list(dict.fromkeys(row.question for row in rows))
    there = {(effect.question, effect.construct) for effect in inputs.effects}
    return EvidenceMap(
        columns=tuple(labels.values()),
        questions=tuple(
            _question(
                name, [row for row in rows if row.question == name], constructs, labels, there
            )
            for name in questions
        ),
        figure=next((figure for figure in figures if figure.stem == FIGURE), None),
        summary=_summary(rows),
    )


def _summary(rows: Iterable[MapRow]) -> str:
    """How many cells of the map carry a pool, and how many hold nothing."""
    asked = [row for row in rows if row.question not in CHANGES]
    status = [row.status for row in asked]
    return (
        f"Of {len(asked)} comparisons (a question and a kind of outcome), {status.count('pooled')} "
        f"have the five trials that a verdict takes, {status.count('few')} have two to four, "
        f"{status.count('one')} have one, and {status.count('none')} have none that can be pooled."
    )


def _question(
    name: str,
    rows: list[MapRow],
    constructs: list[str],
    labels: dict[str, str],
    there: set[tuple[str, str]],
) -> MapQuestion:
    """One question."""
    by_construct = {row.construct: row for row in rows}
    words = QUESTIONS.get(name)
    return MapQuestion(
        title=words.title if words else name.replace("_", " "),
        cells=tuple(_cell(by_construct.get(construct), there) for construct in constructs),
        lines=tuple(_line(row, labels[row.construct]) for row in rows),
    )


def _cell(row: MapRow | None, there: set[tuple[str, str]]) -> Cell:
    """One cell."""
    if row is None:
        return Cell(NO_NUMBER, "none", "", "")
    if not row.trials:
        return Cell("0", "none", "no trial", "")
    has_block = (row.question, row.construct) in there
    anchor = f"question-{row.question}-{row.construct}" if has_block else ""
    text = f"{row.poolable} of {row.trials}"
    return Cell(text, row.status, STATUS.get(row.status, row.status), anchor)


def _line(row: MapRow, label: str) -> MapLine:
    """One line."""
    participants = f", {count(row.participants, 'participant')}" if row.participants else ""
    words = STATUS.get(row.status, row.status)
    return MapLine(
        label=label,
        status=words if row.trials else "no trial",
        counted=f"{count(row.trials, 'trial')}{participants}" if row.trials else "none",
        within="; ".join(_within(row)),
        ages="; ".join(_ages(row)),
        direction=f"{row.below} below, {row.above} above zero" if row.below + row.above else "",
        drawn=tuple(
            f"{what}: {said}"
            for what, said in (("curve", row.curve), ("network", _network(row.network)))
            if said
        ),
        missing=_sentence(row.missing),
        settle=_sentence(row.settle),
    )


def _network(said: str) -> str:
    """Whether a network is drawn; why not is told once, with the network."""
    return said if said in ("", "drawn") else "not drawn; why stands under Network of prescriptions"


def _within(row: MapRow) -> Iterator[str]:
    """What kinds of trials these are."""
    usable = "with an interval" if row.question in CHANGES else "can be pooled"
    if row.trials:
        yield f"{row.poolable} {usable}"
    for amount, words in (
        (row.cautioned, "of these on an assumption or a caution"),
        (row.selective, "of these from a page that prints what differed"),
        (row.no_spread, "without a spread"),
        (row.own_unit, "in their own unit"),
    ):
        if amount:
            yield f"{amount} {words}"


def _ages(row: MapRow) -> Iterator[str]:
    """How many of the trials that can be used are of young, and of older people."""
    for amount, words in ((row.young, "young"), (row.older, "older")):
        if amount:
            yield f"{amount} {words}"


def _sentence(text: str) -> str:
    """A text that begins with a capital."""
    return text[:1].upper() + text[1:]
