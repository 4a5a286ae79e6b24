"""Small numbers of people in tables of counts, and how many people look alike.

What is shared tells no number of people below the threshold of config.yaml (`privacy.small_cell`),
and none that a reader could work out from the totals.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

#: Years in a band of age.
BAND = 10


def suppress(counts: Sequence[Sequence[int]], threshold: int) -> list[list[int | None]]:
    """A table of counts with its totals, without the small ones or what would give them away.

    The totals are put below and to the right. A count of 1 to `threshold` - 1 is withheld (None),
    totals too, and so are the fewest and smallest others that leave at least two possible values
    for each one withheld, to a reader who knows every sum. A count of nought stays: it is nobody.

    The table with its totals is a network in which each count is a flow, so a count can be worked
    out exactly if it lies on no loop of withheld counts that may all move by one. Each small count
    is therefore given the cheapest such loop.

    Parameters
    ----------
    counts
        Rows of counts, each of the same length.
    threshold
        Smallest count that is told.
    """
    rows, columns = len(counts), len(counts[0]) if counts else 0
    table = [[*row, sum(row)] for row in counts]
    table.append([sum(row[column] for row in table) for column in range(columns + 1)])
    withheld = {
        (row, column)
        for row in range(rows + 1)
        for column in range(columns + 1)
        if 0 < table[row][column] < threshold
    }
    for cell in sorted(withheld):
        withheld |= _loop(table, cell, withheld)
    return [
        [None if (row, column) in withheld else count for column, count in enumerate(line)]
        for row, line in enumerate(table)
    ]


Cell = tuple[int, int]


def _ends(cell: Cell, rows: int, columns: int) -> tuple[int, int]:
    """Where the flow of a cell begins and ends: rows come first, then columns, totals last."""
    row, column = cell
    start, end = row, rows + 1 + column
    # The flow runs row -> column -> row of totals -> column of totals -> row.
    return (end, start) if (row == rows) != (column == columns) else (start, end)


def _loop(table: list[list[int]], cell: Cell, withheld: set[Cell]) -> set[Cell]:
    """The cells of the cheapest loop through a cell on which each can go up or down by one."""
    rows, columns = len(table) - 1, len(table[0]) - 1
    arcs: dict[int, list[tuple[int, Cell, float]]] = {}
    for row, line in enumerate(table):
        for column, count in enumerate(line):
            here = (row, column)
            if here == cell:
                continue
            total = (row == rows) + (column == columns)
            cost = 0.0 if here in withheld else 1.0 + count + 1e6 * total
            start, end = _ends(here, rows, columns)
            arcs.setdefault(start, []).append((end, here, cost))
            if count > 0:
                arcs.setdefault(end, []).append((start, here, cost))
    start, end = _ends(cell, rows, columns)
    ways = [_cheapest(arcs, end, start), _cheapest(arcs, start, end)]
    return min((way for way in ways if way is not None), key=lambda way: way[0])[1]


def _cheapest(
    arcs: dict[int, list[tuple[int, Cell, float]]], start: int, end: int
) -> tuple[float, set[Cell]] | None:
    """The cheapest way between two ends, and the cells on it."""
    queue: list[tuple[float, int, tuple[Cell, ...]]] = [(0.0, start, ())]
    seen: set[int] = set()
    while queue:
        cost, here, way = heappop(queue)
        if here == end:
            return cost, set(way)
        if here in seen:
            continue
        seen.add(here)
        for after, cell, more in arcs.get(here, ()):
            if after not in seen:
                heappush(queue, (cost + more, after, (*way, cell)))
    return None


def age_band(age: str) -> str:
    """The ten years that an age lies in, such as 60-69; empty where it is not known."""
    try:
        low = int(float(age) // BAND) * BAND
    except (ValueError, OverflowError):
        return ""
    return f"{low}-{low + BAND - 1}"


def known_of(participants: pd.DataFrame, columns: Sequence[str]) -> list[str]:
    """Those of the columns in which something is known of anyone."""
    return [
        column
        for column in columns
        if column in participants.columns and (participants[column].astype(str) != "").any()
    ]


def smallest_group(participants: pd.DataFrame, columns: Sequence[str]) -> int:
    """How many people the smallest group has that shares all of the columns; ages count in bands.

    A column that is empty for everyone tells nothing and is passed over; an empty cell among
    others is a value of its own. Nought where nothing is known of anyone.

    Parameters
    ----------
    participants
        One row a participant, as text.
    columns
        What a stranger might know of a person, such as sex and age.
    """
    known = known_of(participants, columns)
    if not known:
        return 0
    shown = participants[known].astype(str)
    if "age" in known:
        shown = shown.assign(age=shown["age"].map(age_band))
    return int(shown.value_counts().min())
