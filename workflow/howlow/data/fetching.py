"""Public files, fetched once, checked by SHA-256 and kept under data/<study>/raw/.

HOWLOW_MIRROR names a folder that serves the same files by their SHA-256, for machines without a
network and for tests.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from howlow.config.study import SourceFile
from howlow.errors import SourceError


def digest_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fetch(source: SourceFile, folder: Path) -> Path:
    """Fetch one file into a folder and return its path; the file is there whole or not at all.

    Raises
    ------
    SourceError
        If the address cannot be reached, or the file is not the one declared.
    """
    target = folder / source.file
    if target.is_file() and digest_of(target) == source.sha256:
        return target
    folder.mkdir(parents=True, exist_ok=True)
    mirror = os.environ.get("HOWLOW_MIRROR")
    part = folder / f".{source.file}.{os.getpid()}.part"
    try:
        if mirror:
            shutil.copyfile(_in_mirror(source, Path(mirror)), part)
        else:
            _download(source, part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target


def _in_mirror(source: SourceFile, mirror: Path) -> Path:
    """The file of that SHA-256 anywhere below the mirror folder."""
    if not mirror.is_dir():
        raise SourceError(f"HOWLOW_MIRROR={mirror}: there is no such folder. Correct or unset it")
    # Files of the same name first: most often that is the one, and large mirrors stay quick.
    candidates = sorted(
        (path for path in mirror.rglob("*") if path.is_file()),
        key=lambda path: (path.name != source.file, path.as_posix()),
    )
    for candidate in candidates:
        if digest_of(candidate) == source.sha256:
            return candidate
    raise SourceError(
        f"HOWLOW_MIRROR={mirror}: no file with the SHA-256 of {source.file} ({source.sha256}). "
        f"Put it there, or unset HOWLOW_MIRROR to fetch {source.url}"
    )


def _download(source: SourceFile, part: Path) -> None:
    """Download to a partial file with a progress bar and check it."""
    import pooch
    import requests

    pooch.get_logger().setLevel("ERROR")
    downloader = pooch.HTTPDownloader(progressbar=True, timeout=60)
    try:
        downloader(source.url, str(part), None)
    except (requests.RequestException, OSError) as error:
        reason = type(error).__name__
        status = getattr(getattr(error, "response", None), "status_code", None)
        raise SourceError(
            f"{source.url} could not be fetched ({f'HTTP {status}' if status else reason}). "
            "Check the address and the network; "
            "HOWLOW_MIRROR=<folder> serves files from a folder instead"
        ) from None
    found = digest_of(part)
    if found != source.sha256:
        raise SourceError(
            f"{source.url} is not the file that was declared: its SHA-256 is {found}, study.yaml "
            f"says {source.sha256}. The file at that address was changed or replaced; nothing was "
            "kept"
        )
