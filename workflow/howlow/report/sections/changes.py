"""What changed since an earlier results folder."""

from __future__ import annotations

from dataclasses import dataclass

from howlow.report.inputs import Inputs
from howlow.report.lines import anchor_of
from howlow.report.numbers import NO_NUMBER
from howlow.report.sections.left_out import relative

#: What a change is a change of, in words, in the order shown.
KINDS = {"claim": "Claims", "estimate": "Numbers", "study": "Studies"}


@dataclass(frozen=True)
class Change:
    """One thing that changed."""

    what: str
    anchor: str
    before: str
    after: str
    note: str


@dataclass(frozen=True)
class Changes:
    """All changes since the folder that config.yaml names to compare with."""

    since: str
    groups: tuple[tuple[str, tuple[Change, ...]], ...]


def changes_of(inputs: Inputs) -> Changes | None:
    """The changes; None where nothing is compared with."""
    if not inputs.config.compare_to:
        return None
    rows = inputs.synthesised.changes
    groups = tuple(
        (title, tuple(_change(row, inputs) for row in rows if row["what"] == kind))
        for kind, title in KINDS.items()
    )
    return Changes(relative(inputs.config.compare_to), tuple(group for group in groups if group[1]))


def _change(row: dict[str, str], inputs: Inputs) -> Change:
    """One change, with the place where the thing stands on the page, if it still does."""
    name, anchor = row["id"], ""
    words = name
    if row["what"] == "claim":
        found = next((one for one in inputs.synthesised.claims if one["claim"] == name), None)
        if found:
            words, anchor = found["statement"], f"claim-{name}"
    elif row["what"] == "study":
        if name in inputs.trials:
            words = inputs.trials[name].cite
            anchor = f"study-{name}" if name in inputs.by_study else ""
    elif name in inputs.by_id:
        anchor = anchor_of(name)
    return Change(words, anchor, row["before"] or NO_NUMBER, row["after"] or NO_NUMBER, row["note"])
