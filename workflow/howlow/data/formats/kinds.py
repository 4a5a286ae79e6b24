"""What a file is in truth, by how it begins, whatever its name says."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from howlow.data.formats import guards
from howlow.data.formats.guards import refusal
from howlow.errors import InputError

#: The formats that are read, by the ending of the file's name.
KINDS = {
    ".csv": "text",
    ".tsv": "text",
    ".txt": "text",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".sav": "sav",
    ".zsav": "sav",
    ".dta": "dta",
    ".parquet": "parquet",
    ".rda": "rda",
    ".rdata": "rda",
    ".rds": "rds",
}

_SAVE_AS = "Open it in Excel or LibreOffice, and save it as .xlsx or as CSV UTF-8"
_EXPORT = "Export it from the program that made it as .csv, .xlsx, .sav, .dta, .parquet or .rda"
#: What the endings that are refused stand for, and what to do.
_REFUSED = {
    ".xls": ("the old Excel format is not read", _SAVE_AS),
    ".xlsb": ("Excel's binary format is not read", _SAVE_AS),
    ".ods": ("an OpenDocument table is not read", _SAVE_AS),
    ".numbers": ("a Numbers document is not read", "Export it from Numbers as Excel (.xlsx)"),
    ".zip": ("an archive is not read", "Unpack it, and give the table in it"),
    ".gz": ("a compressed file is not read", "Unpack it, and give the table in it"),
    ".7z": ("an archive is not read", "Unpack it, and give the table in it"),
    ".json": ("a JSON file is not read", _EXPORT),
    ".sas7bdat": ("a SAS file is not read", _EXPORT),
    ".por": ("an SPSS portable file is not read", "Save it in SPSS as .sav"),
    ".pdf": ("a PDF is not a table", _EXPORT),
}
_PICKLES = {".pkl", ".pickle", ".joblib", ".p", ".pck", ".npy", ".npz"}
_NEVER_PICKLE = (
    "Never open one that you did not make: it can run anything. Ask for the table as .csv or .xlsx"
)
_RIGHT_FILE = "Check that this is the right file"
_PICKLE_FOUND = "a pickle, which is a program and not a table, is never read"

#: Pickles of protocols 0 and 1 begin with one of these opcodes.
_OLD_PICKLE = re.compile(rb"c[A-Za-z_][\w.]*\r?\n[A-Za-z_][\w.]*\r?\n|\((?:[dl]p\d+\r?\n|i[a-z])")
_HTML = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|script|meta|title|div|table|!--)", re.IGNORECASE
)
_JSON = re.compile(rb'\{\s*(?:"|\}$)|\[\s*(?:\{|"|\[|\])')

#: How files begin, in bytes.
_BEGINNINGS = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"$FL2", "sav"),
    (b"$FL3", "sav"),
    (b"<stata_dta>", "dta"),
    (b"RDX2\n", "rda"),
    (b"RDX3\n", "rda"),
    (b"RDA2\n", "rda"),
    (b"RDA3\n", "rda"),
    (b"RDB2\n", "rda"),
    (b"RDB3\n", "rda"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"%PDF", "pdf"),
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
    (b"SQLite format 3", "database"),
    (b"7z\xbc\xaf'\x1c", "archive"),
    (b"Rar!", "archive"),
    (b"\x93NUMPY", "pickle"),
    (b"version https://git-lfs", "lfs"),
)


def check_file(path: Path) -> str:
    """The format of a file, one of the values of KINDS.

    Raises
    ------
    InputError
        Where there is no such file, the format is not read, or the content is not what the name
        says: a pickle, a web page, a Git-LFS pointer, a renamed workbook.
    """
    shown = path.as_posix()
    suffix = path.suffix.lower()
    if suffix in _PICKLES:
        raise refusal("F18", shown, _PICKLE_FOUND, _NEVER_PICKLE)
    if not path.is_file():
        action = "Put it there, or run `howlow fetch` if it is a public one"
        raise refusal("F04", shown, "there is no such file", action)
    if suffix in _REFUSED:
        raise refusal("F18", shown, *_REFUSED[suffix])
    if suffix not in KINDS:
        found = f"files that end in '{suffix}' are not read" if suffix else "the name has no ending"
        raise refusal("F18", shown, found, f"Give one of {', '.join(KINDS)}")
    size = path.stat().st_size
    if size == 0:
        raise refusal("F04", shown, "the file is empty: no rows of data", _RIGHT_FILE)
    if size > guards.LARGEST:
        found = f"{size / 1e6:.0f} MB is more than the {guards.LARGEST / 1e6:.0f} MB that are read"
        raise refusal("F16", shown, found, "Give a table with only the columns that are needed")
    with path.open("rb") as file:
        head = file.read(4096)
    expected, kind = KINDS[suffix], kind_of(head)
    if kind == "ole":
        raise _ole(path, shown)
    if kind == "pickle":
        raise refusal("F18", shown, _PICKLE_FOUND, _NEVER_PICKLE)
    if kind == "html":
        action = "Download the table itself; you may have to log in first"
        raise refusal("F05", shown, "looks like a web page, not a table", action)
    if kind == "json":
        action = "It may be an error message of a website: download the table itself"
        raise refusal("F05", shown, "looks like JSON, not a table", action)
    if kind == "lfs":
        action = "Run `git lfs pull`"
        raise refusal("F06", shown, "is a Git-LFS pointer, not the table", action)
    if not _fits(kind, expected):
        raise refusal("F18", shown, *_what_it_is(path, kind, suffix))
    return expected


def kind_of(head: bytes) -> str:
    """What a file is by how it begins; 'text' where it begins like no known format."""
    for beginning, kind in _BEGINNINGS:
        if head.startswith(beginning):
            return kind
    if len(head) > 1 and head[0] == 0x80 and 2 <= head[1] <= 5:
        return "pickle"
    # A text may begin with a column called PAR1; a control sign then follows in no text.
    if head.startswith(b"PAR1") and head[4:5] < b" ":
        return "parquet"
    # A zlib stream is how joblib compresses a pickle; no text begins with these two bytes.
    if head[:2] in (b"x\x01", b"x\x9c", b"x\xda") or _OLD_PICKLE.match(head):
        return "pickle"
    if len(head) > 3 and head[0] in range(0x69, 0x74) and head[1] in (1, 2) and head[2] == 1:
        return "dta"
    if head[:2] in (b"X\n", b"A\n", b"B\n"):
        return "rds"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if _HTML.match(start) or (start.startswith(b"<?xml") and b"<html" in start.lower()):
        return "html"
    return "json" if _JSON.match(start) else "text"


def _fits(kind: str, expected: str) -> bool:
    """Whether a file that begins so can be what its name says."""
    allowed = {
        "text": {"text", "rds"},  # a table whose only first cell is X or A
        "xlsx": {"zip"},
        "rda": {"rda", "gzip", "bzip2", "xz"},
        "rds": {"rds", "gzip", "bzip2", "xz"},
    }
    return kind in allowed.get(expected, {expected})


def _what_it_is(path: Path, kind: str, suffix: str) -> tuple[str, str]:
    """What was found in place of the declared format, and what to do."""
    if kind == "zip":
        try:
            with zipfile.ZipFile(path) as archive:
                names = archive.namelist()
        except (zipfile.BadZipFile, OSError, ValueError):
            names = []
        if any(name.startswith("xl/") for name in names):
            found = f"is an Excel workbook, though its name ends in {suffix}"
            return found, "Rename it to .xlsx, in study.yaml too"
        return f"is a zip archive, not {suffix}", "Unpack it, and give the table in it"
    if kind in ("gzip", "bzip2", "xz", "archive"):
        return f"is a compressed file, not {suffix}", "Unpack it, and give the table in it"
    by_kind = {found: ending for ending, found in reversed(KINDS.items())}
    if kind in by_kind and kind != "text":
        ending = by_kind[kind]
        return f"is a {ending} file, though its name ends in {suffix}", f"Rename it to {ending}"
    if kind == "text":
        return f"is not a {suffix} file: it begins like plain text", "Check where it came from"
    return f"is a {kind}, not a table", _EXPORT


def _ole(path: Path, shown: str) -> InputError:
    """An old Office container: a workbook with a password, or a workbook of before 2007."""
    if "EncryptedPackage".encode("utf-16-le") in path.read_bytes():
        action = "Open it in Excel, remove the password (File, Info), and save it"
        return refusal("F15", shown, "the workbook is protected by a password", action)
    return refusal("F18", shown, "the old Excel format (.xls) is not read", _SAVE_AS)
