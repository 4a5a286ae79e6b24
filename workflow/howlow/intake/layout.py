"""Where a table begins and ends on a grid of cells: banners, two header rows, lines of means."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from howlow.errors import HowlowError
from howlow.intake.headers import unit_in, visit_word
from howlow.intake.vocabulary import FOOTERS, LIMBS, NUMBER, folded
from howlow.intake.words import Tell

#: How many rows are looked at to find the header; the end of the table is looked for in all.
_TOP = 60


class NoTableError(HowlowError):
    """A sheet that holds no table, such as a page of explanations."""


@dataclass(frozen=True)
class Layout:
    """Lines above the header, lines of the header, lines below the last row."""

    skip_lines: int
    header_lines: int
    skip_footer: int
    why: dict[str, str]


def lay_out(cells: list[list[str]], tell: Tell) -> Layout:
    """Find the header and the end of a table on a grid of cells.

    Raises
    ------
    NoTableError
        If there are fewer than two columns or no row under the header.
    """
    filled = [sum(bool(cell.strip()) for cell in row) for row in cells]
    wide = Counter(count for count in filled if count > 1)
    if not wide:
        raise NoTableError(tell("no_table"))
    usual = max(wide, key=lambda count: (wide[count], count))
    header = next(
        (
            row
            for row, count in enumerate(filled[:_TOP])
            if count >= max(2, 0.6 * usual) and not _mostly_numbers(cells[row])
        ),
        None,
    )
    if header is None:
        raise NoTableError(tell("no_header"))
    first, lines = _header_rows(cells, header)
    last = _last_row(cells, filled, first + lines, usual)
    if last < first + lines:
        raise NoTableError(tell("no_rows"))
    why = {}
    if first:
        why["skip_lines"] = tell("why_skip_lines", text=_shown(cells[0]))
    if lines == 2:
        why["header_lines"] = tell("why_header_lines")
    # Empty rows are dropped by the reader, before it skips the last ones.
    below = [row for row in range(last + 1, len(cells)) if filled[row]]
    footer = len(below)
    if footer:
        why["skip_footer"] = tell("why_skip_footer", text=_shown(cells[below[0]]))
    return Layout(first, lines, footer, why)


def _shown(row: list[str]) -> str:
    """The first cell of a row that is not empty, shortened, on one line."""
    text = next((cell for cell in row if cell.strip()), "")
    return re.sub(r"\s+", " ", text).strip()[:40]


def _mostly_numbers(row: list[str]) -> bool:
    """Whether most cells that are not empty are numbers."""
    there = [cell for cell in row if cell.strip()]
    return 2 * sum(bool(NUMBER.fullmatch(cell.strip())) for cell in there) > len(there)


def _header_rows(cells: list[list[str]], header: int) -> tuple[int, int]:
    """The first line of the header and how many it has."""
    row = [cell.strip() for cell in cells[header]]
    below = [cell.strip() for cell in cells[header + 1]] if header + 1 < len(cells) else []
    if below and _is_lower(row, below):
        return header, 2
    names = [folded(cell) for cell in row if cell]
    if header and len(names) > len(set(names)):
        above = [cell.strip() for cell in cells[header - 1]]
        if any(above[1:]):
            return header - 1, 2
    if header:
        above = [cell.strip() for cell in cells[header - 1]]
        under = [row[place] for place in range(1, len(row)) if _upper(above, place)]
        if len(under) > 1 and all(_is_part(cell) for cell in under):
            return header - 1, 2
    return header, 1


def _upper(row: list[str], place: int) -> str:
    """What stands over a place: its own cell, or the one to its left where that is empty."""
    return next((cell for cell in reversed(row[1 : place + 1]) if cell), "")


def _is_lower(upper: list[str], lower: list[str]) -> bool:
    """Whether the second of two rows is the lower part of a header."""
    there = [cell for cell in lower if cell]
    parts = [cell for cell in there if _is_part(cell)]
    gaps = any(
        cell and not (upper[place] if place < len(upper) else "")
        for place, cell in enumerate(lower)
    )
    names = [folded(cell) for cell in upper if cell]
    repeated = len(names) > len(set(names))
    units = [cell for cell in there if unit_in(cell.strip("()[]"))]
    only_units = bool(units) and len(units) == len(there)
    return bool(there) and ((2 * len(parts) > len(there) and (gaps or repeated)) or only_units)


def _is_part(cell: str) -> bool:
    """Whether a cell is what stands in the lower row of a header: a visit, a limb or a unit."""
    return bool(visit_word(cell)) or folded(cell) in LIMBS or bool(unit_in(cell.strip("()[]")))


def _last_row(cells: list[list[str]], filled: list[int], first: int, usual: int) -> int:
    """The last row that is a participant's: lines of means and remarks below are not."""
    last = len(cells) - 1
    while last >= first:
        words = [folded(re.split(r"[\s:=(]", cell.strip())[0]) for cell in cells[last][:3]]
        is_total = any(word in FOOTERS for word in words if word)
        if not (filled[last] == 0 or is_total or (filled[last] == 1 and usual > 2)):
            break
        last -= 1
    return last
