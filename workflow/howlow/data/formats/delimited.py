"""Delimited text: bytes to characters as declared, never by a guess, then rows of cells."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from howlow.config.schema import did_you_mean
from howlow.config.steps import Table
from howlow.data.formats.at_once import Block, is_plain, read_at_once
from howlow.data.formats.edges import Row
from howlow.data.formats.layout import Columns, Layout
from howlow.data.formats.sniffing import DELIMITERS, counts_of_cells, guess_delimiter
from howlow.errors import InputError
from howlow.findings import Finding

#: The encodings that tables mostly come in, and all that can be declared; each has many spellings.
_COMMON = ("utf-8", "cp1252", "latin-1", "utf-16", "mac-roman")
ENCODINGS = (
    *_COMMON,
    "utf-8-sig",
    "utf-16-le",
    "utf-16-be",
    "ascii",
    *(f"iso-8859-{part}" for part in (2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16)),
    *(f"cp125{part}" for part in (0, 1, 3, 4, 5, 6, 7, 8)),
    "cp437",
    "cp850",
    "cp852",
    "shift_jis",
    "cp932",
    "euc_jp",
    "gb18030",
    "gbk",
    "big5",
    "euc_kr",
    "koi8-r",
)
_CODECS = {codecs.lookup(name).name for name in ENCODINGS}
_SAVE = "save the table as CSV UTF-8"
#: In rows of fewer cells, a text of several lines may well have as many commas as a row.
_FEWEST_CELLS = 4
_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def read_delimited(path: Path, table: Table, wanted: Collection[str] | None) -> Columns:
    """The wanted columns of a delimited text file, with every fault met on the way.

    Raises
    ------
    InputError
        Where the bytes are not in the declared encoding, or the cells not parted as declared.
    """
    shown = path.as_posix()
    content = path.read_bytes()
    codec, noticed = _codec(content, table.encoding, shown)
    stream = io.TextIOWrapper(io.BytesIO(content), encoding=codec, newline="")
    skipped = sum(1 for _ in zip(range(table.skip_lines), stream, strict=False))
    layout = Layout(table, wanted, shown, ragged=False)
    # What the file ends on tells a cut row from a short one.
    layout.widths.cut_off = not content.endswith((b"\n", b"\r", b"\n\0", b"\r\0"))
    rows = _Rows(stream, table.delimiter, skipped)

    def at_once(width: int, wanted: Sequence[int], last: int) -> Block | None:
        """All rows that are left."""
        return read_at_once(content, table.delimiter, rows.start, width, wanted, last)

    try:
        columns = layout.read(rows, at_once if is_plain(content, codec) else None)
    except csv.Error as error:
        # Quotes do not fit either where the cells are parted by another sign.
        if not layout.columns.lines and (
            split := _split_otherwise(content, codec, table, layout, shown)
        ):
            raise InputError([split]) from None
        found, action = _quote_fault(error)
        fault = Finding("F11", "error", shown, rows.start, "", found, action)
        columns = layout.columns
        layout.finish()
        # Above an open quote nothing is certain but the rows that do not fit.
        columns.findings = [one for one in columns.findings if one.code in ("F08", "F09", "F10")]
        columns.findings += [*noticed, fault]
        return columns
    split = _split_otherwise(content, codec, table, layout, shown)
    if split:
        raise InputError([split])
    layout.finish()
    columns.findings[:0] = noticed
    return columns


class _Rows:
    """The rows of a text stream that are not empty; `start` is the line the last one began on."""

    def __init__(self, stream: io.TextIOBase, delimiter: str, skipped: int) -> None:
        self._reader = csv.reader(stream, delimiter=delimiter, strict=True)
        self._skipped = skipped
        self.start = skipped + 1

    def __iter__(self) -> Iterator[Row]:
        reader, skipped = self._reader, self._skipped
        for cells in reader:
            line = self.start
            after = skipped + reader.line_num + 1
            if after > line + 1 and _swallows(cells, reader.dialect.delimiter):
                raise csv.Error("a quote holds whole rows")
            self.start = after
            # Excel writes rows of nothing but delimiters below a table that was once longer.
            if any(cells):
                yield Row(line, cells)


def _swallows(cells: list[str], delimiter: str) -> bool:
    """Whether a cell of several lines holds so many delimiters that the lines are rows."""
    if len(cells) < _FEWEST_CELLS:
        return False
    return any(
        (breaks := cell.replace("\r\n", "\n").replace("\r", "\n").count("\n")) > 0
        and cell.count(delimiter) >= breaks * (len(cells) - 1)
        for cell in cells
    )


def _quote_fault(error: csv.Error) -> tuple[str, str]:
    """What is wrong with a quote, and what to do."""
    if "expected after" in str(error):
        found = "something stands between a closing quote and the next cell"
    elif "whole rows" in str(error):
        found = "a quote opens on this row and is closed rows later, so that they count as one cell"
    else:
        found = "a quote opens on this row and is not closed"
    return found, "Close the quote, or double a quote inside a cell"


def _codec(content: bytes, declared: str, shown: str) -> tuple[str, list[Finding]]:
    """The codec to read with, and what was noticed about the bytes; faults raise InputError."""
    noticed: list[Finding] = []

    def stop(code: str, line: int, found: str, action: str) -> InputError:
        return InputError([Finding(code, "error", shown, line, "", found, action)])

    try:
        codec = codecs.lookup(declared).name
    except (LookupError, ValueError):
        codec = ""
    if codec not in _CODECS:
        near = did_you_mean(declared, _COMMON) or did_you_mean(declared, ENCODINGS)
        action = f"{near}Give utf-8, cp1252, latin-1 or utf-16"
        raise stop("F02", 0, f"'{declared}' is not an encoding that is read", action)
    wide = codec.startswith("utf-16")
    if wide and content.startswith(_UTF16_MARKS):
        codec = "utf-16"  # which takes the mark off
    if content.startswith(_UTF16_MARKS) and not wide:
        action = f"Set `encoding: utf-16`, or {_SAVE}"
        raise stop("F03", 0, "the file is UTF-16, which Excel calls Unicode text", action)
    if content.startswith(_UTF8_MARK):
        if codec not in ("utf-8", "utf-8-sig"):
            action = "Remove `encoding`, or set it to utf-8"
            raise stop("F02", 1, f"the file says that it is UTF-8, not {declared}", action)
        codec = "utf-8-sig"
        found = "the file begins with a byte order mark"
        noticed.append(Finding("F01", "note", shown, 1, "", found, "It is no part of the header"))
    if b"\0" in content and not wide:
        line = _line_of(content, content.index(b"\0"))
        found, action = "a NUL byte, which no text holds", f"Open it and {_SAVE}"
        if content[:400].count(b"\0") * 3 > len(content[:400]):
            found = "every other byte is NUL: the file is UTF-16, without saying so"
            action = f"Set `encoding: utf-16-le`, or {_SAVE}"
        raise stop("F03", line, found, action)
    if wide and not content.startswith(_UTF16_MARKS) and b"\0" not in content:
        raise stop("F03", 0, f"the file is not {declared}", "Remove `encoding`, or correct it")
    try:
        text = content.decode(codec)
    except UnicodeDecodeError as error:
        raise stop("F02", *_undecodable(content, codec, declared, error)) from None
    noticed += _suspicious(content, text, codec, declared, shown)
    return codec, noticed


def _undecodable(
    content: bytes, codec: str, declared: str, error: UnicodeDecodeError
) -> tuple[int, str, str]:
    """Line, what was found and what to do, for bytes that are not in the declared encoding."""
    line = _line_of(content, error.start)
    name = declared.upper() if codec == "utf-8" else declared
    found = f"byte {error.start} (0x{content[error.start]:02x}) is not {name}"
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError:
        return line, found, f"{_SAVE[0].upper()}{_SAVE[1:]}"
    if codec == "cp1252":
        return line, found, f"{_SAVE[0].upper()}{_SAVE[1:]}"
    # A look at the word helps to see whether the guess is right.
    place = len(content[: error.start].decode("cp1252"))
    word = re.findall(r"\w*$", text[:place])[0] + re.findall(r"^\W?\w*", text[place:])[0]
    seen = f" (it then reads '{word.strip()[:30]}')" if word.strip() else ""
    return line, found, f"Set `encoding: cp1252`{seen}, or {_SAVE}"


def _suspicious(content: bytes, text: str, codec: str, declared: str, shown: str) -> list[Finding]:
    """What decodes without a fault and yet seems wrong; latin-1 decodes any byte at all."""
    if content.isascii() and not codec.startswith("utf-16"):
        return []
    found: list[Finding] = []
    if codec.startswith("iso8859") or codec == "latin-1":
        controls = re.search(r"[\x80-\x9f]", text)
        if controls:
            line = text.count("\n", 0, controls.start()) + 1
            words = f"byte 0x{ord(controls[0]):02x} is no letter in {declared}"
            action = "Set `encoding: cp1252`, in which it is a sign such as a curly quote"
            raise InputError([Finding("F02", "error", shown, line, "", words, action)])
    if not codec.startswith("utf") and codec != "ascii" and _is_utf8(content):
        words = f"`encoding` is {declared}, but every byte is UTF-8 too"
        action = "Look at letters with accents; if they are wrong, remove `encoding`"
        found.append(Finding("F02", "warning", shown, 0, "", words, action))
    if "\ufffd" in text:
        line = text.count("\n", 0, text.index("\ufffd")) + 1
        words = "a letter was lost when the file was saved, and stands as \ufffd"
        action = f"Go back to the original and {_SAVE}"
        found.append(Finding("F02", "warning", shown, line, "", words, action))
    return found


def _is_utf8(content: bytes) -> bool:
    """Whether bytes are UTF-8."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _line_of(content: bytes, position: int) -> int:
    """The line of a byte."""
    return content.count(b"\n", 0, position) + 1


def _split_otherwise(
    content: bytes, codec: str, table: Table, layout: Layout, shown: str
) -> Finding | None:
    """A fault if the rows come apart at another sign and not at the declared one."""
    rows = len(layout.columns.lines)
    if layout.widths.width > 1 and len(layout.widths.others) <= rows:
        return None
    stream = io.TextIOWrapper(io.BytesIO(content), encoding=codec, newline="")
    lines = [line for _, line in zip(range(table.skip_lines + 200), stream, strict=False)]
    lines = [line.rstrip("\r\n") for line in lines[table.skip_lines :] if line.strip()]
    if lines and (said := re.fullmatch(r"(?i)sep=(.)", lines[0].strip())):
        found = "this line is Excel's, and names the sign between cells"
        action = f"Set `delimiter: {said[1]!r}` and `skip_lines: {table.skip_lines + 1}`"
        return Finding("F12", "error", shown, table.skip_lines + 1, "", found, action)
    others = tuple(sign for sign in (*DELIMITERS, " ") if sign != table.delimiter)
    likely = guess_delimiter(lines, others)
    counts = counts_of_cells(lines, likely)
    usual = max(set(counts), key=counts.count, default=0)
    # Spaces stand between words too: they part cells only where they do so on every line.
    agreeing = counts.count(usual) / max(1, len(counts))
    if likely == table.delimiter or usual < 2 or agreeing < (1 if likely == " " else 0.8):
        return None
    line = layout.columns.header or table.skip_lines + 1
    found = f"split at {table.delimiter!r}, most rows do not come apart as the header does"
    if layout.widths.width < 2:
        found = f"one column only, split at {table.delimiter!r}"
    action = f"Set `delimiter: {likely!r}` for this table"
    return Finding("F07", "error", shown, line, "", found, action)
