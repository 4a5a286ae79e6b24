"""The ladder of doses, light against heavy, the first step, and what reviews found beside ours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from howlow.present.wording import in_sentence
from howlow.report.figures import Figure
from howlow.report.inputs import Inputs
from howlow.report.lines import anchor_of
from howlow.report.numbers import NO_NUMBER, Shown, shown
from howlow.report.sections.studies import link_of
from howlow.report.words import POPULATIONS


@dataclass(frozen=True)
class Rung:
    """One dose of the ladder that a trial set against no training."""

    anchor: str
    words: str
    shown: Shown
    trials: int
    participants: str
    result: str
    why: str


@dataclass(frozen=True)
class Ladder:
    """One population of a construct: the doses from the highest down."""

    population: str
    sentence: str
    rungs: tuple[Rung, ...]
    figure: Figure | None


@dataclass(frozen=True)
class Ladders:
    """A construct with at least one trial against no training: one ladder for each population."""

    anchor: str
    label: str
    ladders: tuple[Ladder, ...]


@dataclass(frozen=True)
class Published:
    """The best published synthesis, which is not ours, and ours beside it."""

    label: str
    ours: str
    sentence: str
    cite: str
    link: str
    verified: bool


@dataclass(frozen=True)
class Answer:
    """What the answer holds beside its sentences; `without` names constructs without a trial."""

    ladders: tuple[Ladders, ...]
    without: str
    exchange: tuple[str, ...]
    first_step: tuple[tuple[str, str], ...]
    published: tuple[Published, ...]


def answer_of(inputs: Inputs, figures: Iterable[Figure]) -> Answer:
    """The ladders and what stands beside them, in the order of the answer."""
    found, drawn = inputs.answer, {figure.stem: figure for figure in figures}
    constructs = list(dict.fromkeys(one["construct"] for one in found["ladder"]))
    groups = [(name, [one for one in found["ladder"] if one["construct"] == name])
              for name in constructs]  # fmt: skip
    with_trials = [(name, group) for name, group in groups if any(map(_has_trials, group))]
    named = {name for name, _ in with_trials}
    return Answer(
        ladders=tuple(_ladders(name, group, inputs, drawn) for name, group in with_trials),
        without="; ".join(
            in_sentence(_label(name, inputs)) for name in constructs if name not in named
        ),
        exchange=tuple(one["sentence"] for one in found["exchange"]),
        first_step=tuple(
            (_label(one["construct"], inputs), one["sentence"]) for one in found["first_step"]
        ),
        published=tuple(_published(one, inputs) for one in found["published"]),
    )


def _label(construct: str, inputs: Inputs) -> str:
    """A construct's label."""
    found = inputs.config.constructs.get(construct)
    return found.label if found else construct.replace("_", " ")


def _without_label(sentence: str, construct: str, inputs: Inputs) -> str:
    """A sentence without the construct it begins with, which stands beside it."""
    rest = sentence.removeprefix(f"{_label(construct, inputs)}, ")
    return rest[:1].upper() + rest[1:]


def _has_trials(one: dict[str, Any]) -> bool:
    """Whether any dose of a ladder has a trial."""
    return any(rung["trials"] for rung in one["sequence"])


def _ladders(
    construct: str, group: list[dict[str, Any]], inputs: Inputs, figures: dict[str, Figure]
) -> Ladders:
    """The ladders of one construct, without populations that have no trial."""
    return Ladders(
        anchor=f"ladder-{construct}",
        label=_label(construct, inputs),
        ladders=tuple(
            Ladder(
                POPULATIONS.get(one["population"], one["population"]),
                _without_label(one["sentence"], construct, inputs),
                tuple(_rungs(one["sequence"], inputs)),
                figures.get(f"ladder-{construct}-{one['population']}"),
            )
            for one in group
            if _has_trials(one)
        ),
    )


def _rungs(sequence: list[dict[str, Any]], inputs: Inputs) -> Iterator[Rung]:
    """The doses with a trial, each as its row in the table of estimates."""
    for rung in sequence:
        found = inputs.by_id.get(rung["estimate_id"])
        if found:
            result = "shown" if rung["shown"] else "not shown"
            yield Rung(
                anchor=anchor_of(found.estimate_id),
                words=rung["words"],
                shown=shown(found),
                trials=found.n_studies,
                participants=str(found.n_participants or NO_NUMBER),
                result=result,
                why=rung["why"],
            )


def _published(one: dict[str, Any], inputs: Inputs) -> Published:
    """A published synthesis beside what is computed here."""
    return Published(
        label=_label(one["construct"], inputs),
        ours=_without_label(one["ours"], one["construct"], inputs),
        sentence=one["sentence"],
        cite=one["cite"],
        link=link_of(one["url"] or one["doi"] or ""),
        verified=one["verified"],
    )
