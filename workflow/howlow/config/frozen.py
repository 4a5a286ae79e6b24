"""data/<study>/plan.json: the analyses of a study as they were frozen, and what was changed since.

`howlow freeze` writes it and the workflow only reads it. JSON is a part of YAML 1.2, so it is read
as strictly as study.yaml: a key given twice, or one that is not known, is a fault with its line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from howlow.config.documents import read_yaml
from howlow.config.schema import Digest, Fault, Strict, StudyId, Text, check, described, unknown
from howlow.errors import InputError

PLAN_FILE = "plan.json"

#: A day as it is written: 2026-03-01.
Day = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")]
#: What a field of a card can hold.
Value = bool | float | str | tuple[str, ...] | None
#: The fields of a card by name.
PlannedCard = dict[str, Value]
Kind = Literal["changed", "added", "removed"]


class Change(Strict):
    """One field of one card before and after; a card that was added or removed has no field."""

    card: Text = described("The id of the card, or `plan` for the plan as a whole")
    kind: Kind = described("changed, added or removed")
    field: str = described("The field that was changed", default="")
    before: Value | PlannedCard = described("What stood there; nothing for a card added")
    now: Value | PlannedCard = described("What stands there now; nothing for a card removed")


class Amendment(Strict):
    """A change that was written down with its reason."""

    date: Day = described("The day it was written down")
    reason: Text = described("Why")
    study_sha256: Digest = described("SHA-256 of study.yaml from then on")
    config_sha256: Digest = described("SHA-256 of the settings that the cards depend on")
    changes: tuple[Change, ...] = described("What it changed")


class LoggedLook(Strict):
    """An interim look: permission to tell the arms apart in exactly these tables."""

    date: Day = described("The day it was written down")
    reason: Text = described("Why")
    tables: dict[str, Digest] = described("SHA-256 of each of the study's tables", min_length=1)


class FrozenPlan(Strict):
    """The whole of plan.json."""

    version: Literal[1] = described("Version of the form of this file")
    study: StudyId = described("The name of the folder")
    frozen: Day = described("The day it was frozen")
    status: Literal["complete", "ongoing"] = described("Whether the study went on that day")
    registered: Text | None = described("Where the trial is registered")
    study_sha256: Digest = described("SHA-256 of study.yaml that day")
    config_sha256: Digest = described("SHA-256 of the settings that the cards depend on")
    cards: dict[str, PlannedCard] = described("The analyses by their id", min_length=1)
    amendments: tuple[Amendment, ...] = described("What was changed since", default=())
    looks: tuple[LoggedLook, ...] = described("Interim looks", default=())

    def look_at(self, tables: Mapping[str, str]) -> tuple[int, LoggedLook] | None:
        """The latest interim look, with its number from 1, that was logged of exactly these tables.

        `tables` are the SHA-256 of the study's tables by name.
        """
        for number in range(len(self.looks), 0, -1):
            look = self.looks[number - 1]
            if look.tables == dict(tables):
                return number, look
        return None


def read_plan(folder: Path) -> FrozenPlan | None:
    """The frozen plan of a study's folder; None where nothing was frozen.

    Raises
    ------
    InputError
        With every fault of the file, each with its line; also where it is of another study.
    """
    path = folder / PLAN_FILE
    if not path.is_file():
        return None

    def of_this_study(plan: FrozenPlan) -> Iterator[Fault]:
        if plan.study != folder.name:
            action = f"{unknown(plan.study, [folder.name])}. Put back the file of this study"
            yield ("study",), f"it is the plan of '{plan.study}'", action, "G12"

    def cards_have_their_names(plan: FrozenPlan) -> Iterator[Fault]:
        for name, card in plan.cards.items():
            parts = [str(card.get(key)) for key in ("study", "outcome", "contrast", "at")]
            if "/".join(parts) != name:
                action = "Put the file back as `howlow freeze` wrote it, with `git checkout`"
                yield ("cards", name), f"its fields name the card {'/'.join(parts)}", action, "G14"

    try:
        return check(FrozenPlan, read_yaml(path), (of_this_study, cards_have_their_names))
    except InputError as error:
        # Nobody writes this file by hand, so that advice on how to write it would mislead.
        action = f"Put it back as it was committed: git checkout -- {path.as_posix()}"
        raise InputError([replace(found, action=action) for found in error.findings]) from None
