"""Names and labels from whatever stands in a cell."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable

_NOT_IN_LABELS = re.compile(r"[^\w %().,+\-/×·²³°&:;'’<>≥≤–]")


def slug(cell: str, sign: str, start: str, most: int = 40) -> str:
    """A name that is safe as a file name and a wildcard, from any cell.

    `sign` stands between words; `start` is put before what does not begin with a letter.
    """
    plain = unicodedata.normalize("NFKD", cell).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", sign, plain).strip(sign)
    if not name[:1].isalpha():
        name = f"{start}{sign}{name}".rstrip(sign)
    return name[:most].rstrip(sign)


def names_of(cells: Iterable[str], sign: str, start: str) -> list[str]:
    """A name for each cell: the same for equal cells, another for different ones."""
    made: dict[str, str] = {}
    taken: set[str] = set()
    for cell in cells:
        if cell in made:
            continue
        name = slug(cell, sign, start)
        for count in itertools.count(2):
            if name not in taken:
                break
            ending = f"{sign}{count}"
            name = slug(cell, sign, start, 40 - len(ending)) + ending
        taken.add(name)
        made[cell] = name
    return [made[cell] for cell in cells]


def label(words: str, otherwise: str) -> str:
    """Words that may be shown to readers; the first letter a capital one."""
    kept = " ".join(_NOT_IN_LABELS.sub(" ", words).split()).lstrip("_ %().,+-/:;'<>")[:80].strip()
    return kept[:1].upper() + kept[1:] if kept else otherwise.replace("_", " ").capitalize()
