"""Every text that a file holds, seen and unseen: names, metadata, images within pages, archives.

What a reader sees is the least of it: a page carries its images as base64, a PDF its author, a PNG
its comments, a workbook is an archive of XML. Each is opened and handed on as text, with where it
was found.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import html
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_to_bytes

#: How deep archives and images within pages are opened.
DEEPEST = 6
#: Most bytes that anything is unpacked to; what is larger cannot be looked into.
LARGEST = 200_000_000

_PNG = b"\x89PNG\r\n\x1a\n"
_DATA_ADDRESS = re.compile(r"data:[\w.+/-]*(?:;(?!base64)[\w=.+-]+)*(;base64)?,([^\"'<>\s)]+)")
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\n?endstream", re.DOTALL)
_STRINGS = re.compile(r"\((?:\\.|[^\\()])*\)", re.DOTALL)
_HEX = re.compile(r"<([0-9A-Fa-f\s]{2,})>")
_ARRAY = re.compile(r"\[((?:\((?:\\.|[^\\()])*\)|<[0-9A-Fa-f\s]*>|[^\[\]()<>])*)\]\s*TJ", re.DOTALL)
_RANGE = re.compile(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")
_PAIR = re.compile(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")
_ESCAPED = re.compile(r"\\([0-7]{1,3}|[nrtbf()\\])")
_JSON_ESCAPED = re.compile(r"\\u([0-9A-Fa-f]{4})")


@dataclass(frozen=True)
class Held:
    """A text in a file and where it stands; `within` is empty for the file itself.

    `drawing` marks the instructions of a PDF, whose numbers are places on the page.
    """

    within: str
    text: str
    drawing: bool = False


class UnreadableError(Exception):
    """What a file holds cannot be looked into."""


def texts(path: Path) -> Iterator[Held]:
    """Every text that a file holds.

    Raises
    ------
    UnreadableError
        Where the file, or a part of it, is of a kind that cannot be looked into.
    """
    if path.stat().st_size > LARGEST:
        raise UnreadableError("it is larger than can be looked into")
    yield from _texts(path.read_bytes(), "", 0)


def _texts(content: bytes, within: str, depth: int) -> Iterator[Held]:
    """The texts of one file or of one part of it."""
    if depth > DEEPEST:
        raise UnreadableError(f"{within or 'it'} is packed too deeply")
    if content.startswith(_PNG):
        yield from _of_png(content, within)
    elif content.startswith(b"%PDF"):
        yield from _of_pdf(content, within)
    elif content.startswith(b"PK\x03\x04"):
        yield from _of_archive(content, within, depth)
    elif content.startswith(b"\x1f\x8b"):
        yield from _texts(_unpacked(content, within), _inside(within, "gzip"), depth + 1)
    elif content.startswith((b"\xff\xd8\xff", b"GIF8")):
        yield from _of_bytes(content, _inside(within, "image metadata"))
    else:
        yield from _of_text(content, within, depth)


def _inside(within: str, part: str) -> str:
    """The name of a part of a part."""
    return f"{within}, {part}" if within else part


def _unpacked(content: bytes, within: str) -> bytes:
    """A gzip file's content."""
    try:
        with gzip.open(io.BytesIO(content)) as packed:
            found = packed.read(LARGEST + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableError(f"{within or 'it'} cannot be unpacked") from error
    if len(found) > LARGEST:
        raise UnreadableError(f"{within or 'it'} is larger than can be looked into")
    return found


def _of_bytes(content: bytes, within: str) -> Iterator[Held]:
    """Bytes as letters: as they are, and without the zeros of two-byte letters."""
    plain = content.decode("latin-1")
    yield Held(within, plain)
    if "\0" in plain:
        yield Held(within, plain.replace("\0", ""))


def _of_text(content: bytes, within: str, depth: int) -> Iterator[Held]:
    """A text, what its escapes stand for, and the files that it carries as addresses."""
    try:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            text = content.decode("utf-16")
        else:
            text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    if "\0" in text:
        raise UnreadableError(f"{within or 'it'} is of a kind that cannot be looked into")
    carried = list(_DATA_ADDRESS.finditer(text))
    # What is carried is looked at by itself; as letters it would only be noise.
    bare = _DATA_ADDRESS.sub("", text) if carried else text
    yield Held(within, bare)
    if "&" in bare and html.unescape(bare) != bare:
        yield Held(within, html.unescape(bare))
    if "\\u" in bare:
        yield Held(within, _JSON_ESCAPED.sub(lambda found: chr(int(found[1], 16)), bare))
    for number, address in enumerate(carried, start=1):
        part = _inside(within, f"embedded file {number}")
        raw = unquote_to_bytes(html.unescape(address[2]))
        if address[1]:
            try:
                raw = base64.b64decode(raw + b"=" * (-len(raw) % 4), validate=True)
            except (binascii.Error, ValueError) as error:
                raise UnreadableError(f"{part} is no base64") from error
        yield from _texts(raw, part, depth + 1)


def _of_archive(content: bytes, within: str, depth: int) -> Iterator[Held]:
    """The members of a ZIP archive, such as a workbook or a document, their names included."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield Held(_inside(within, "archive comment"), archive.comment.decode("latin-1"))
            total = 0
            for number, member in enumerate(archive.infolist(), start=1):
                part = _inside(within, f"member {number}")
                yield Held(f"{part}, its name", member.filename)
                total += member.file_size
                if total > LARGEST:
                    raise UnreadableError(f"{within or 'it'} is larger than can be looked into")
                if not member.is_dir():
                    yield from _texts(archive.read(member), part, depth + 1)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, zlib.error) as error:
        raise UnreadableError(f"{within or 'it'} is an archive that cannot be opened") from error


def _of_png(content: bytes, within: str) -> Iterator[Held]:
    """What a PNG carries beside its picture: texts, EXIF, a time, and bytes after its end."""
    place = len(_PNG)
    while place + 8 <= len(content):
        size, kind = struct.unpack(">I4s", content[place : place + 8])
        data = content[place + 8 : place + 8 + size]
        place += 12 + size
        part = _inside(within, f"PNG {kind.decode('latin-1')}")
        if kind == b"tIME" and len(data) == 7:
            yield Held(part, "{:04}-{:02}-{:02}".format(*struct.unpack(">HBB", data[:4])))
        elif kind not in (b"IDAT", b"PLTE"):
            yield from _of_bytes(data, part)
            for start in range(min(len(data), 200)):
                if data[start : start + 1] == b"\x78":
                    yield from _of_bytes(_inflated(data[start:]), part)
        if kind == b"IEND":
            break
    if content[place:]:
        yield from _of_bytes(content[place:], _inside(within, "bytes after the PNG"))


def _inflated(content: bytes) -> bytes:
    """What zlib makes of bytes, as far as it comes."""
    try:
        return zlib.decompressobj().decompress(content, LARGEST)
    except zlib.error:
        return b""


def _of_pdf(content: bytes, within: str) -> Iterator[Held]:
    """A PDF's own bytes, its streams unpacked, and the text that its fonts spell."""
    if b"/Encrypt" in content:
        raise UnreadableError(f"{within or 'it'} is a PDF under a password")
    parts = [content]
    for stream in _STREAM.findall(content):
        unpacked = _inflated(stream)
        if unpacked:
            parts.append(unpacked)
        elif b"\0" not in stream:
            parts.append(stream)
    letters = [part.decode("latin-1") for part in parts]
    alphabets = [found for text in letters if "begincmap" in text for found in [_alphabet(text)]]
    for text in letters:
        is_text = text.lstrip().startswith("<")  # metadata in XML
        yield Held(_inside(within, "PDF"), text.replace("\0", ""), drawing=not is_text)
        # Fonts and pictures spell nothing.
        shows = "Tj" in text or "TJ" in text
        for alphabet in [{}, *alphabets] if shows else [{}]:
            spelled = _spelled(text, alphabet)
            if spelled:
                yield Held(_inside(within, "PDF text"), spelled)


def _alphabet(table: str) -> dict[int, str]:
    """Which letter each code of a font stands for, from its ToUnicode table."""
    found: dict[int, str] = {}
    for block in re.findall(r"beginbfrange(.*?)endbfrange", table, re.DOTALL):
        for low, high, letter in _RANGE.findall(block):
            for step in range(min(int(high, 16) - int(low, 16), 0xFFFF) + 1):
                found[int(low, 16) + step] = chr((int(letter[:4], 16) + step) % 0x110000)
    for block in re.findall(r"beginbfchar(.*?)endbfchar", table, re.DOTALL):
        for code, letter in _PAIR.findall(block):
            found[int(code, 16)] = _two_byte(letter)
    return found


def _two_byte(digits: str) -> str:
    """Hexadecimal digits as two-byte letters."""
    raw = bytes.fromhex(digits + "0" * (len(digits) % 2))
    return raw.decode("utf-16-be", errors="ignore")


def _spelled(text: str, alphabet: dict[int, str]) -> str:
    """The strings of a PDF as letters, the pieces of a line that is set with gaps put together."""

    def letters(digits: str) -> str:
        digits = re.sub(r"\s", "", digits)
        if not alphabet:
            if digits.lower().startswith("feff"):
                return _two_byte(digits[4:])
            raw = bytes.fromhex(digits + "0" * (len(digits) % 2))
            return raw.decode("latin-1").replace("\0", "")
        codes = [digits[k : k + 4] for k in range(0, len(digits), 4)]
        return "".join(alphabet.get(int(code, 16), " ") for code in codes)

    def piece(found: str) -> str:
        if found.startswith("<"):
            return letters(found[1:-1])
        shown = _ESCAPED.sub(_unescaped, found[1:-1]).replace("\0", "")
        return shown.removeprefix("þÿ")

    lines = []
    for array in _ARRAY.finditer(text):
        pieces = re.findall(r"\((?:\\.|[^\\()])*\)|<[0-9A-Fa-f\s]*>", array[0], re.DOTALL)
        lines.append("".join(map(piece, pieces)))
    lines.extend(piece(found) for found in _STRINGS.findall(text))
    lines.extend(letters(found) for found in _HEX.findall(text))
    return "\n".join(lines)


def _unescaped(found: re.Match[str]) -> str:
    """What an escape in a PDF string stands for."""
    code = found[1]
    if code[0].isdigit():
        return chr(int(code, 8) % 256)
    return {"n": "\n", "r": "\r", "t": "\t", "b": "", "f": ""}.get(code, code)
