"""Notes of estimates as readers see them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from howlow.config.trial import sides
from howlow.data.declaration import Declaration

if TYPE_CHECKING:
    import pandas as pd

#: Parts of a note that say what would settle a verdict.
SETTLES = re.compile(
    r"[\d,]+ participants (an arm|altogether) |more than [\d,]+ participants |"
    r"an arm without training would settle"
)
#: What the note of every estimate of an interim look begins with; such a look has no verdict.
INTERIM = "interim look"
_SIMULTANEOUS = re.compile(r"(interval simultaneous over \d+ comparisons with )(\S+) \(Dunnett\)$")


def contrast_notes(trial: Declaration, row: pd.Series, contrasts: int) -> Iterator[str]:
    """What stands beside a contrast; where there are several, what would settle it names it."""
    for part in row["note"].split("; "):
        if not SETTLES.match(part):
            yield note_words(part, trial)
        elif row["verdict"]:
            first, second = (trial.arms[arm].label for arm in sides(row["contrast"]))
            yield f"to settle {f'{first} − {second}' if contrasts > 1 else 'it'}: {part}"


def note_words(note: str, trial: Declaration) -> str:
    """A part of a note with the arm that others are compared with by its label."""
    found = _SIMULTANEOUS.match(note)
    if found is None or found[2] not in trial.arms:
        return note
    return f"{found[1]}{trial.arms[found[2]].label} (Dunnett)"
