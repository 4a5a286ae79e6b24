"""A column and a table as they were found, and what was guessed of them so far."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from howlow.intake.headers import Header, split_unit
from howlow.intake.looking import Seen
from howlow.intake.vocabulary import HEADERS, folded

#: A number with a sign before it or a few behind it: `213.4*`, `<5`, `63 kg`.
_MARKED = re.compile(r"[<>~≈±]\s*\d+([.,]\d+)?|[-+]?\d+([.,]\d+)?\s*[^\d\s.,]{1,4}")


class Column:
    """One column of a table: its cells, and what kind they are."""

    def __init__(self, name: str, cells: list[str], decimal: str, label: str = "") -> None:
        self.name = name
        self.label = label
        self.cells = cells
        self.decimal = decimal

    @cached_property
    def values(self) -> list[str]:
        """The different cells that are not empty, in the order they come."""
        return list(dict.fromkeys(cell for cell in self.cells if cell))

    @cached_property
    def numbers(self) -> list[float]:
        """The cells that are numbers."""
        found = []
        for cell in self.cells:
            try:
                found.append(float(cell.replace(",", ".") if self.decimal == "," else cell))
            except ValueError:
                continue
        return found

    @cached_property
    def is_numeric(self) -> bool:
        """Whether nine of ten cells that are not empty are numbers, some with a mark or unit."""
        there = sum(bool(cell) for cell in self.cells)
        if len(self.numbers) >= 0.9 * there:
            return there > 0
        marked = sum(bool(_MARKED.fullmatch(cell)) for cell in self.cells)
        return len(self.numbers) >= there / 2 and len(self.numbers) + marked >= 0.9 * there

    def all_in(self, known: Mapping[str, str] | frozenset[str]) -> bool:
        """Whether every cell that is not empty is one of the known words."""
        return bool(self.values) and all(folded(value) in known for value in self.values)

    def named(self, role: str) -> int:
        """How well the header names a role: 2 as a whole, 1 by one of its words, else 0.

        A label that the file has for the column counts as a header as well.
        """
        # In a header of two rows the upper cell may be that of another column, to the left.
        lower = self.name.rpartition("|")[2]
        return max(_names(text, role) for text in (self.name, self.label, lower))


def _names(header: str, role: str) -> int:
    """How well one header names a role."""
    text = split_unit(header)[0]
    if folded(text) in HEADERS[role] or folded(header) in HEADERS[role]:
        return 2
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    words = {folded(word) for word in re.split(r"[\s_.|/-]+", spaced)}
    return 1 if words & HEADERS[role] else 0


@dataclass
class TableGuess:
    """What one table is: the role of each column and why.

    `roles` maps a role (participant, arm, visit, limb, outcome, value ...) to a column; `wide` is
    the headers of columns that hold values, taken apart; `joined` names the columns that make an
    outcome together; `limbs_of` those of a table of participants that name a limb; `constant` what
    the sheet or the file says for all its rows; `repeated` counts tests done more than once;
    `sideless` are columns of values that name no limb, where limbs are arms; `notes` say why a
    column was not taken for what its name says.
    """

    seen: Seen
    columns: dict[str, Column]
    holds: str = "measurements"
    roles: dict[str, str] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)
    wide: dict[str, Header] = field(default_factory=dict)
    joined: list[str] = field(default_factory=list)
    limbs_of: list[str] = field(default_factory=list)
    constant: dict[str, str] = field(default_factory=dict)
    repeated: int = 0
    sideless: dict[str, Header] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def unread(self) -> list[str]:
        """Columns that are not read at all."""
        used = {*self.roles.values(), *self.wide, *self.joined, *self.limbs_of}
        return [name for name in self.columns if name not in used]

    @property
    def changing(self) -> tuple[int, int]:
        """How many people are in several arms, and how many are in any."""
        arms: dict[str, set[str]] = {}
        if not {"arm", "participant"} <= self.roles.keys():
            return 0, 0
        people, groups = (self.columns[self.roles[role]].cells for role in ("participant", "arm"))
        for who, arm in zip(people, groups, strict=True):
            if who and arm:
                arms.setdefault(who, set()).add(folded(arm))
        return sum(len(found) > 1 for found in arms.values()), len(arms)

    def column(self, role: str) -> Column | None:
        """The column of a role."""
        return self.columns.get(self.roles.get(role, ""))

    def take(self, role: str, name: str, reason: str) -> None:
        """Give a column a role."""
        self.roles[role], self.why[role] = name, reason
