"""Which estimate an id, or a part of one, names."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

#: So many ids of those that are alike are told.
_TOLD = 5
#: How alike two ids must be, from 0 to 1, for one to be meant by the other.
_ALIKE = 0.5


@dataclass(frozen=True)
class Named:
    """What an id names: one estimate, else the ids it is a part of, else those that are alike."""

    exact: str | None = None
    matching: tuple[str, ...] = ()
    alike: tuple[str, ...] = ()


def named(asked: str, ids: Sequence[str]) -> Named:
    """What an id names among those there are.

    A part is the start of an id, or whole parts of it between slashes, such as `outcome/contrast`;
    where no id has such a part, any text in it.
    """
    wanted = asked.strip()
    if wanted in ids:
        return Named(exact=wanted)
    part = wanted.strip("/")
    inside = tuple(
        name for name in ids if part and (name.startswith(part) or f"/{part}/" in f"/{name}/")
    )
    inside = inside or tuple(name for name in ids if part and part in name)
    if inside:
        return Named(matching=inside)
    alike = difflib.get_close_matches(wanted, ids, n=_TOLD, cutoff=_ALIKE)
    return Named(alike=tuple(alike))


def ranges(numbers: Sequence[int]) -> str:
    """Whole numbers in short: `2-5, 9`."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(f"{low}" if low == high else f"{low}-{high}" for low, high in runs)
