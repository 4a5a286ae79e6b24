"""Which files a study may name: those in its own folder, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from howlow.config.schema import Fault

_COPY = "Copy the file into the study's folder and write its name there, such as table.csv"
_NETWORK = re.compile(r"(\\\\|//|(smb|afp|nfs|ftp|sftp|dav|davs)://)", re.IGNORECASE)
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_DRIVE = re.compile(r"[A-Za-z]:")
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
#: Bytes in the name of a file or folder, on every usual file system.
_LONGEST = 255
#: Signs that mean something to Snakemake or to a shell, or that Windows does not allow.
_SIGNS = re.compile(r'[{}<>|*?"`$;:\x00-\x1f\x7f]')


def forbidden(name: str) -> tuple[str, str] | None:
    """What is wrong with a file's name and what to do; None where it may be named."""
    if _NETWORK.match(name):
        action = f"Files on a network drive change under you. {_COPY}"
        return f"'{name}' is a place on the network", action
    if _DRIVE.match(name) and not _ADDRESS.match(name):
        return f"'{name}' is a place on one computer", _COPY
    if _ADDRESS.match(name):
        action = f"{_COPY}; a public file is declared under source.files with its url and sha256"
        return f"'{name}' is an address, not a file", action
    if name.startswith(("/", "~")):
        return f"'{name}' is a place on one computer", _COPY
    if "\\" in name:
        return f"'{name}' has backslashes", f"Write / between folder and file. {_COPY}"
    parts = name.split("/")
    if ".." in parts:
        return f"'{name}' leads out of the study's folder", _COPY
    sign = _SIGNS.search(name)
    if sign:
        shown = sign.group() if sign.group().isprintable() else f"U+{ord(sign.group()):04X}"
        return f"{name!r} has the sign {shown}", "Rename the file: letters, digits, space and .-_"
    if any(len(part.encode()) > _LONGEST for part in parts):
        return f"'{name[:40]}...' is too long for the name of a file", "Rename the file"
    if name.startswith("-") or "" in parts or any(_DEVICE.fullmatch(part) for part in parts):
        return f"'{name}' cannot be the name of a file", "Rename the file, such as table.csv"
    return None


def check_path(name: str, folder: Path, place: tuple[str | int, ...]) -> Iterator[Fault]:
    """A name that is no file of the study's folder, or that leads out of it by a link."""
    wrong = forbidden(name)
    if wrong is not None:
        yield (place, *wrong, "G11")
        return
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        found = f"'{name}' is a link that leads out of the study's folder"
        yield place, found, "Copy the file itself there", "G11"
