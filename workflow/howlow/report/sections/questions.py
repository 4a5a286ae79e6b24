"""What a study answers beside its declared contrasts, under plain headings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from howlow.report.contrasts import GROUPS, Group
from howlow.report.lines import Line, by_outcome

Outcomes = list[tuple[str, list[Line]]]


@dataclass(frozen=True)
class Answered:
    """One group of rows; flags say whether any has a P value, a verdict, or is in per cent."""

    group: Group
    outcomes: Outcomes
    tested: bool
    judged: bool
    percent: bool


def answered(lines: Sequence[Line]) -> tuple[Answered, ...]:
    """The groups that have rows, in the order of the page, but for the declared contrasts."""
    found = []
    for group in GROUPS:
        mine = [line for line in lines if line.group == group.name]
        if mine and group.name != "declared":
            tested, judged = any(line.p for line in mine), any(line.verdict for line in mine)
            percent = any(line.percent for line in mine)
            found.append(Answered(group, by_outcome(mine), tested, judged, percent))
    return tuple(found)
