"""Limits on what a file may unpack to, and one plain finding for whatever a reader raises."""

from __future__ import annotations

import bz2
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from howlow.errors import HowlowError, InputError
from howlow.findings import Finding

#: Largest file that is read, and largest size that a compressed one may unpack to, in bytes.
LARGEST = 500_000_000
#: A workbook unpacks to some ten times its size; far more than that is an attack.
LARGEST_RATIO = 200
#: Below this size, in bytes, no ratio does harm.
SMALL = 20_000_000
MOST_MEMBERS = 5_000
#: Compressed columns can claim any number of cells in a few bytes.
MOST_CELLS = 50_000_000


def check_archive(path: Path) -> None:
    """Raise InputError for a zip that would unpack to far more than it is; nothing is unpacked."""
    shown = path.as_posix()
    action = "Do not open it; ask for the table again, as .csv"
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        action = "It may be cut short: copy or download it again"
        raise refusal("F13", shown, "the file is damaged", action) from error
    total = sum(member.file_size for member in members)
    packed = max(1, sum(member.compress_size for member in members))
    found = ""
    if len(members) > MOST_MEMBERS:
        found = f"{len(members)} parts in one workbook"
    elif total > LARGEST:
        found = f"it would unpack to {total / 1e6:.0f} MB, more than {LARGEST / 1e6:.0f} MB"
    elif total > SMALL and total / packed > LARGEST_RATIO:
        found = f"it would unpack to {total / packed:.0f} times its size"
    if found:
        raise refusal("F16", shown, found, action)


def check_cells(rows: int, columns: int, shown: str) -> None:
    """Raise InputError where a file holds, or says that it holds, more cells than are read."""
    if rows * max(1, columns) > MOST_CELLS:
        found = f"{rows} rows of {columns} columns are more than are read"
        raise refusal("F16", shown, found, "Give a table with only what is needed")


def unpack(content: bytes, shown: str) -> bytes:
    """The content of a gzip, bzip2 or xz file, or as it is; at most LARGEST bytes of it.

    Raises
    ------
    InputError
        Where it is larger, or damaged.
    """
    decompressor: zlib._Decompress | bz2.BZ2Decompressor | lzma.LZMADecompressor
    kind = _compression(content)
    if kind == "gzip":
        decompressor = zlib.decompressobj(wbits=31)
    elif kind == "bzip2":
        decompressor = bz2.BZ2Decompressor()
    elif kind == "xz":
        decompressor = lzma.LZMADecompressor(memlimit=LARGEST)
    else:
        return content
    try:
        plain = decompressor.decompress(content, LARGEST)
    except (zlib.error, OSError, EOFError, lzma.LZMAError, ValueError) as error:
        action = "It may be cut short: copy or download it again"
        raise refusal("F13", shown, "the file is damaged", action) from error
    if len(plain) >= LARGEST:
        found = f"it unpacks to more than {LARGEST / 1e6:.0f} MB"
        raise refusal("F16", shown, found, "Ask for the table again, as .csv")
    if not decompressor.eof:
        action = "Copy or download it again"
        raise refusal("F13", shown, "the file is cut short", action)
    return plain


@contextmanager
def readable(path: Path, what: str) -> Iterator[None]:
    """Turn whatever a reader of foreign files raises into one finding.

    A damaged or crafted file can make a library raise nearly anything; none of it is of use to the
    person whose file it is.
    """
    try:
        yield
    except HowlowError:
        raise
    except Exception as error:
        from defusedxml import DefusedXmlException

        shown = path.as_posix()
        if any(isinstance(cause, DefusedXmlException) for cause in _causes(error)):
            found = "it declares entities, which unfold into more than the machine can hold"
            action = "Do not open it; ask for the table again, as .csv"
            raise refusal("F16", shown, found, action) from error
        found = f"it cannot be read as {what}: the file is damaged, or is something else"
        action = "Open it in the program that made it, save it again, or save it as CSV UTF-8"
        raise refusal("F13", shown, found, action) from error


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error and those it came from."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _compression(content: bytes) -> str:
    """How bytes are compressed, '' if they are not."""
    beginnings = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ\x00": "xz"}
    return next((how for start, how in beginnings.items() if content.startswith(start)), "")


def refusal(code: str, shown: str, found: str, action: str) -> InputError:
    """One error that stops."""
    return InputError([Finding(code, "error", shown, 0, "", found, action)])
