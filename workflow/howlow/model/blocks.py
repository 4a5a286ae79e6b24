"""Independent blocks of rows: participants, or trials that hold participants, or all rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .arrays import Integers


def connected_blocks(codes: Sequence[Integers], rows: int) -> Integers:
    """Return a block number for each row; rows that share a level of any grouping share a block.

    Nested groupings give the outermost one, crossed groupings one block in all. Without any
    grouping every row is its own block. The smallest label spreads until nothing changes.
    """
    if not codes:
        return np.arange(rows)
    label = codes[0].copy()
    while True:
        before = label
        for code in codes:
            smallest = np.full(code.max() + 1, rows)
            np.minimum.at(smallest, code, label)
            label = smallest[code]
        if np.array_equal(label, before):
            return np.unique(label, return_inverse=True)[1].reshape(rows)


def rank_within(block: Integers, code: Integers) -> Integers:
    """Return the number of each row's level among the levels of its block, from zero.

    Rows must be sorted by block. Levels are numbered by first appearance within the block, so
    that blocks of one shape get the same numbers whatever their levels are called.
    """
    order = np.lexsort((np.arange(len(code)), code, block))
    new = np.ones(len(code), dtype=bool)
    new[1:] = (code[order][1:] != code[order][:-1]) | (block[order][1:] != block[order][:-1])
    first_row = np.empty(len(code), dtype=np.intp)
    first_row[order] = order[np.maximum.accumulate(np.where(new, np.arange(len(code)), 0))]
    is_first = first_row == np.arange(len(code))
    seen = np.cumsum(is_first) - 1
    starts = np.searchsorted(block, block)
    return np.asarray(seen[first_row] - seen[starts])


def sizes_and_starts(block: Integers) -> tuple[Integers, Integers]:
    """Return size and first row of each block, for rows sorted by block."""
    starts = np.flatnonzero(np.r_[True, block[1:] != block[:-1]])
    return np.diff(np.r_[starts, len(block)]), starts
