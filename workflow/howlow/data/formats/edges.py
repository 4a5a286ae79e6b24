"""What stands above and below a table: banners, means, totals and remarks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Reversible, Sequence
from typing import NamedTuple

_NUMBER = re.compile(r"[-+−]?\d*[.,]?\d+(?:[eE][-+]?\d+)?")
#: Words with which a line of summaries begins, in English and Dutch.
_SUMMARY_WORDS = (
    r"means?|average|avg\.?|totals?|grand total|sum|sd|s\.d\.|sem|s\.e\.m\.|stdev",
    r"std\.?|std\.? ?dev\.?|st\.? ?dev\.?|std\.? deviation|std\.? ?err(?:or|\.)?",
    r"standard (?:deviation|error)(?: of the mean)?",
    r"gemiddelde|gem\.?|totaal|som|standaarddeviatie|standaardafwijking|standaardfout",
)
_SUMMARY = re.compile(
    rf"(?:{'|'.join(_SUMMARY_WORDS)})(?:\s*[(±+:=].*|\s+(?:sd|se|sem|all|group|groep)\b.*)?"
    r"|n\s*=.*",
    re.IGNORECASE,
)
#: What those words begin with: most cells need no closer look.
_INITIALS = frozenset("magstnMAGSTN")
#: Words that make a summary only beside one of the others: each can be a person or a group too.
_BESIDE = re.compile(
    r"n|se|count|median|mediaan|min\.?|max\.?|minimum|maximum|range|cv ?%?|iqr|variance|aantal",
    re.IGNORECASE,
)
_REMARK = re.compile(
    r"(?:notes?|n\.b\.|opmerking|bron|source|legend|key|abbreviations?|afkortingen)\b|[*#†‡]",
    re.IGNORECASE,
)


class Row(NamedTuple):
    """A row of cells, and the line of the file or sheet it stands on."""

    line: int
    cells: Sequence[str]


def header_place(
    rows: Sequence[Sequence[str]], wanted: Collection[str] | None, header_lines: int = 1
) -> tuple[int, int]:
    """Which of the first rows holds the names, and in how many rows they stand.

    It is the first row, in as many as declared, unless the rows clearly say otherwise: another row
    has wanted names and the first has none; the first is nearly empty, as a banner is, and a row
    below is filled with words; or names have gaps, and a row of words below fills them.
    """
    if wanted and header_lines == 1:
        named = [len({cell.strip() for cell in row} & set(wanted)) for row in rows]
        if named[0]:
            return 0, 1
        if max(named):
            return named.index(max(named)), 1
    counts = [filled(row) for row in rows]
    usual = Counter(counts[header_lines:]).most_common(1)[0][0] if rows[header_lines:] else 0
    enough = max(2, usual * 2 // 3)
    if usual < 2:
        return 0, header_lines
    if header_lines == 1 and counts[0] > 1 and counts[0] < counts[1] and _are_names(rows, 1):
        return 0, 2
    few = max(1, usual // 3) if header_lines == 1 else enough - 1
    if counts[header_lines - 1] > few:
        return 0, header_lines
    for place in range(header_lines, len(rows) - 1):
        if counts[place] < enough or not _are_names(rows, place):
            continue
        words = [cell.strip() for cell in rows[place] if cell.strip()]
        # The same words again mean something only under the names above them.
        if header_lines == 2 or (len(set(words)) < len(words) and counts[place - 1] > 1):
            return place - 1, 2
        return place, 1
    return 0, header_lines


def _are_names(rows: Sequence[Sequence[str]], place: int) -> bool:
    """Whether a row holds words alone, and some row below it a number."""
    return not any(map(is_number, rows[place])) and any(
        is_number(cell) for row in rows[place + 1 :] for cell in row
    )


def is_number(cell: str) -> bool:
    """Whether a cell is a number, with a point or a comma."""
    return bool(_NUMBER.fullmatch(cell.strip()))


def filled(cells: Sequence[str]) -> int:
    """How many cells are not empty."""
    return sum(1 for cell in cells if cell and not cell.isspace())


def counted(number: int, what: str) -> str:
    """`1 cell` or `3 cells`."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def span(lines: Sequence[int]) -> str:
    """`line 5 stands`, `lines 5 to 7 stand` or `lines 5, 9 stand`."""
    if len(lines) == 1:
        return f"line {lines[0]} stands"
    return f"lines {ranges(lines)} stand"


def ranges(lines: Sequence[int]) -> str:
    """`5 to 7, 9`: numbers that rise, with runs of them drawn together; at most eight parts."""
    parts: list[list[int]] = []
    for line in lines:
        if parts and line == parts[-1][-1] + 1:
            parts[-1] = [parts[-1][0], line]
        else:
            parts.append([line])
    told = [f"{part[0]} to {part[-1]}" if len(part) > 1 else str(part[0]) for part in parts]
    return ", ".join(told[:8]) + (" ..." if len(told) > 8 else "")


def is_summary(cell: str) -> bool:
    """Whether a row that begins with this cell seems to hold a mean, a spread or a total."""
    cell = cell.strip()
    return cell[:1] in _INITIALS and bool(_SUMMARY.fullmatch(cell))


def footer(last: Reversible[Row], width: int) -> list[int]:
    """The lines of means, totals and remarks at the end of a table, in order; [] if none."""
    block: list[int] = []
    certain = 0
    for row in reversed(last):
        first = next((cell.strip() for cell in row.cells if cell.strip()), "")
        # A remark stands alone on its line, as a participant without any value may.
        alone = filled(row.cells) == 1 and width > 2
        remark = alone and (_REMARK.match(first) or (len(first) > 30 and " " in first))
        if remark or is_summary(first):
            certain += 1
        elif not _BESIDE.fullmatch(first):
            break
        block.append(row.line)
    return block[::-1] if certain else []
