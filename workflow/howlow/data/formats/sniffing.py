"""Guesses of how a text file was written; what reads a study takes what is declared instead."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from howlow.data.formats.kinds import check_file

#: The signs that may stand between cells.
DELIMITERS = (",", ";", "\t", "|")
_DECIMAL_POINT = re.compile(r"[-+]?\d*\.\d+")
_DECIMAL_COMMA = re.compile(r"[-+]?\d*,\d+")


class Sniffed(NamedTuple):
    """A guess of how a file was written, and on what it rests."""

    encoding: str
    delimiter: str
    decimal: str
    notes: tuple[str, ...]


def sniff(path: Path) -> Sniffed:
    """Guess encoding, delimiter and decimal mark of a text file; other formats have none.

    Raises
    ------
    InputError
        Where the file is not a table that is read.
    """
    if check_file(path) != "text":
        return Sniffed("utf-8", ",", ".", ())
    content = path.read_bytes()
    encoding, said = guess_encoding(content)
    lines = content.decode(encoding, errors="replace").splitlines()[:1000]
    delimiter = guess_delimiter(lines)
    decimal = _guess_decimal(lines, delimiter)
    name = {"\t": "a tab", " ": "a space"}.get(delimiter, f"'{delimiter}'")
    notes = [said, f"cells stand between {name}: guessed from the lines, which agree best on it"]
    if decimal == ",":
        notes.append("more numbers have a decimal comma than a point")
    return Sniffed(encoding, delimiter, decimal, tuple(notes))


def guess_encoding(content: bytes) -> tuple[str, str]:
    """A guess of the encoding of a text, and on what it rests."""
    if content.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig", "UTF-8, as its first bytes say"
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16", "UTF-16, as its first bytes say"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        said = "a guess: it is not UTF-8, and cp1252 is what Excel on Windows saves as plain CSV"
        try:
            content.decode("cp1252")
        except UnicodeDecodeError:
            return "latin-1", "a guess: it is neither UTF-8 nor cp1252; check every accent"
        return "cp1252", said
    return "utf-8", "UTF-8: every byte of it fits"


def guess_delimiter(lines: list[str], signs: tuple[str, ...] = DELIMITERS) -> str:
    """The sign that comes equally often in most lines, above all in many cells; ',' if none.

    A comma may be a decimal mark: of two signs on which the lines agree, the one in the header is
    right.
    """
    filled = [line for line in lines if line.strip()][:200]
    best, best_score = ",", 0.0
    for sign in signs:
        counts = Counter(count for count in counts_of_cells(filled, sign) if count > 1)
        if not counts:
            continue
        cells, times = counts.most_common(1)[0]
        in_header = any(line.count(sign) + 1 == cells for line in filled[:5])
        score = times / len(filled) + (0.5 if in_header else 0.0) + min(cells, 50) / 1000
        if score > best_score:
            best, best_score = sign, score
    return best


def counts_of_cells(lines: list[str], delimiter: str) -> list[int]:
    """The number of cells in each row at a delimiter; quotes may hold it."""
    text = io.StringIO("\n".join(lines), newline="")
    try:
        return [len(cells) for cells in csv.reader(text, delimiter=delimiter)]
    except csv.Error:
        return [line.count(delimiter) + 1 for line in lines]


def _guess_decimal(lines: list[str], delimiter: str) -> str:
    """The decimal mark of most numbers that have one."""
    text = io.StringIO("\n".join(lines), newline="")
    points = commas = 0
    try:
        for cells in csv.reader(text, delimiter=delimiter):
            points += sum(bool(_DECIMAL_POINT.fullmatch(cell.strip())) for cell in cells)
            commas += sum(bool(_DECIMAL_COMMA.fullmatch(cell.strip())) for cell in cells)
    except csv.Error:
        pass  # the reader of the table will say where
    return "," if commas > points else "."
