"""Plain rows of a large text file, read at once: no quotes, and as many cells as the header.

Whatever is not as plain as that is left to the reader that goes row by row, which tells all faults.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, NamedTuple

from howlow.data.formats.edges import Row

if TYPE_CHECKING:
    import pyarrow as pa

#: Below this many bytes it makes no difference.
LEAST = 500_000
#: No longer row is read by the other reader either, which would say so.
_LONGEST = 100_000


class Block(NamedTuple):
    """All rows from a line on: the cells by column, those of the first column, the last rows."""

    cells: dict[int, pa.ChunkedArray]
    first: pa.ChunkedArray
    lines: range
    last: list[Row]


def is_plain(content: bytes, codec: str) -> bool:
    """Whether bytes are large, have no quotes, and are parted into rows at line ends alone."""
    return (
        len(content) >= LEAST
        and (codec in ("utf-8", "utf-8-sig") or (content.isascii() and "utf-16" not in codec))
        and b'"' not in content
        and content.count(b"\r") == content.count(b"\r\n")
    )


def read_at_once(
    content: bytes, delimiter: str, line: int, width: int, wanted: Collection[int], last: int
) -> Block | None:
    """The rows from a line on, with the columns at the wanted positions; None if not all are plain.

    `last` is how many of the last rows are given whole.
    """
    import numpy as np
    import pyarrow as pa
    from pyarrow import compute, csv

    ends = np.flatnonzero(np.frombuffer(content, np.uint8) == ord("\n"))
    if len(ends) < line or width < 2 or not delimiter.isascii():
        return None
    ends = np.append(ends, len(content)) if ends[-1] + 1 < len(content) else ends
    if np.diff(ends).max(initial=0) > _LONGEST:
        return None
    start = int(ends[line - 2]) + 1 if line > 1 else 0
    if not _has_width(content, start, delimiter, width):
        return None
    positions = sorted({0, *wanted})
    names = [f"f{position}" for position in positions]
    try:
        table = csv.read_csv(
            pa.BufferReader(pa.py_buffer(content).slice(start)),
            csv.ReadOptions(autogenerate_column_names=True),
            csv.ParseOptions(delimiter=delimiter, quote_char=False, ignore_empty_lines=False),
            csv.ConvertOptions(
                check_utf8=False,
                column_types=dict.fromkeys(names, pa.large_string()),
                include_columns=names,
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid:
        return None
    lines = range(line, len(ends) + 1)
    cells = dict(zip(positions, table.columns, strict=True))
    # A row without a single cell has none in the first column either.
    empty = compute.any(compute.equal(cells[0], "")).as_py()
    if empty or len(lines) != table.num_rows:
        return None
    tail = content[int(ends[-last - 1]) + 1 if len(lines) > last else start :]
    rows = [row.removesuffix("\r") for row in tail.decode().split("\n")]
    rows = rows[: min(last, len(lines))]
    numbered = zip(lines[-len(rows) :], rows, strict=True)
    told = [Row(number, row.split(delimiter)) for number, row in numbered]
    return Block({position: cells[position] for position in wanted}, cells[0], lines, told)


def _has_width(content: bytes, start: int, delimiter: str, width: int) -> bool:
    """Whether the first of the rows has as many cells as the header; the others have as many."""
    end = content.find(b"\n", start)
    row = content[start : end if end >= 0 else len(content)]
    return row.count(delimiter.encode()) == width - 1
