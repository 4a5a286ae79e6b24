"""Public files, fetched once, checked by SHA-256 and kept under data/<study>/raw/.

An interrupted download leaves a hidden part in that folder, with which the next one goes on.
HOWLOW_MIRROR names another place that serves the same files, for machines without a network and for
tests: a folder, searched by SHA-256, or an http(s) address, asked for `<mirror>/<sha256>` and then
for `<mirror>/<file>`.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import sys
import time
from collections.abc import Iterator
from io import BufferedRandom
from pathlib import Path
from typing import TYPE_CHECKING

from howlow.config.study import SourceFile
from howlow.errors import SourceError

if TYPE_CHECKING:
    import requests

#: Seconds before each new attempt at an address that failed for the moment.
WAITS = (1.0, 2.0, 4.0)
_TIMEOUT = 60
#: Small, because what had come of a chunk is lost when the connection is cut.
_CHUNK = 1 << 13
#: Answers of a server that may be better later; others will not be.
_FOR_THE_MOMENT = frozenset({408, 425, 429, 500, 502, 503, 504})


class _NotThereError(Exception):
    """An address that has no such file, with the reason."""


class _InterruptedError(Exception):
    """A download that broke off, with the reason."""


def digest_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fetch(source: SourceFile, folder: Path) -> Path:
    """Fetch one file into a folder and return its path; the file is there whole or not at all.

    Several processes may fetch the same file: one does, the others wait for it.

    Raises
    ------
    SourceError
        If the file has no address, the address cannot be reached, or the file is not the one
        declared.
    """
    target = folder / source.file
    if _is_there(source, target):
        return target
    if source.url is None:
        raise SourceError(
            f"{target.as_posix()} has no public address, so it is never fetched or replaced. Put "
            f"the file with the SHA-256 {source.sha256} there yourself"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _fetch(source, target)
    except OSError as error:
        raise SourceError(
            f"{target.as_posix()} could not be written ({error.strerror or error}). Check that the "
            "folder can be written to and that the disk is not full"
        ) from None
    return target


def _fetch(source: SourceFile, target: Path) -> None:
    """Fetch a file that is not there, unless another process does so meanwhile."""
    # The digest in the name: a part of another version of the file is never gone on with.
    part = target.with_name(f".{source.file}.{source.sha256[:12]}.part")
    with _held(part) as file:
        if not _is_there(source, target):
            try:
                _fill(source, file)
                part.replace(target)
            finally:
                # What came of an interrupted download stays; anything else goes.
                if part.exists() and not part.stat().st_size:
                    part.unlink()
        else:
            part.unlink(missing_ok=True)


def _is_there(source: SourceFile, target: Path) -> bool:
    """Whether the declared file is there already."""
    return target.is_file() and digest_of(target) == source.sha256


@contextlib.contextmanager
def _held(part: Path) -> Iterator[BufferedRandom]:
    """A partial file that no other process writes to; a killed process holds none."""
    while True:
        file = part.open("a+b")
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            # Whoever held it before may have finished and moved it: then this is another file.
            if part.exists() and os.path.samestat(os.fstat(file.fileno()), part.stat()):
                yield file
                return
        finally:
            file.close()


def _fill(source: SourceFile, part: BufferedRandom) -> None:
    """Write the declared file into the partial one; raise SourceError if that cannot be."""
    mirror = os.environ.get("HOWLOW_MIRROR")
    if not mirror:
        _download(source, [str(source.url)], part)
    elif mirror.lower().startswith(("http://", "https://")):
        base = mirror.rstrip("/")
        _download(source, [f"{base}/{source.sha256}", f"{base}/{source.file}"], part)
    else:
        with _in_mirror(source, Path(mirror)).open("rb") as found:
            _empty(part)
            shutil.copyfileobj(found, part)
            part.flush()


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


def _download(source: SourceFile, addresses: list[str], part: BufferedRandom) -> None:
    """Download from the first address that has the declared file."""
    reasons = []
    for address in addresses:
        try:
            _download_one(source, address, part)
        except _NotThereError as error:
            _empty(part)
            reasons.append(str(error))
        else:
            return
    raise SourceError(
        ". ".join(reasons)
        + ". Check the address and the network; HOWLOW_MIRROR=<folder or address> serves files "
        "from another place. Nothing was kept"
    )


def _download_one(source: SourceFile, address: str, part: BufferedRandom) -> None:
    """Download from one address, going on where an earlier attempt ended, and check the file."""
    had = _size(part)
    for wait in (*WAITS, None):
        try:
            _receive(address, source.file, part)
            break
        except _InterruptedError as error:
            if wait is None:
                kept = _size(part)
                if not kept:
                    raise _NotThereError(f"{address} could not be fetched ({error})") from None
                raise SourceError(
                    f"{address}: the download broke off ({error}). The {kept:,} bytes that came "
                    "are kept: start again, and it goes on from there"
                ) from None
            time.sleep(wait)
    found = _digest_of_open(part)
    if found == source.sha256:
        return
    _empty(part)
    if had:
        print(
            f"{source.file}: what an interrupted download had left did not lead to the declared "
            "file; it was removed and the download starts afresh",
            file=sys.stderr,
        )
        _download_one(source, address, part)
        return
    raise _NotThereError(
        f"{address} is not the file that was declared: its SHA-256 is {found}, study.yaml says "
        f"{source.sha256}. The file at that address was changed or replaced"
    )


def _receive(address: str, name: str, part: BufferedRandom) -> None:
    """Ask for what the partial file still lacks, and add it."""
    import requests
    from tqdm import tqdm

    had = _size(part)
    # identity: a range of a compressed answer would be a range of something else.
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={had}-"} if had else {})
    try:
        with requests.get(address, headers=headers, stream=True, timeout=_TIMEOUT) as answer:
            if answer.status_code == requests.codes.requested_range_not_satisfiable:
                return  # nothing is lacking, or nothing fits: the SHA-256 tells
            if answer.status_code in _FOR_THE_MOMENT:
                raise _InterruptedError(f"HTTP {answer.status_code}")
            if not answer.ok:
                raise _NotThereError(f"{address} could not be fetched (HTTP {answer.status_code})")
            if not _goes_on(answer, had):
                _empty(part)
                had = 0
            length = answer.headers.get("Content-Length", "")
            total = had + int(length) if length.isdigit() else None
            with tqdm(
                total=total, initial=had, unit="B", unit_scale=True, desc=name, file=sys.stderr
            ) as bar:
                for chunk in answer.iter_content(_CHUNK):
                    part.write(chunk)
                    bar.update(len(chunk))
    except (
        requests.exceptions.InvalidURL,
        requests.exceptions.InvalidSchema,
        requests.exceptions.TooManyRedirects,
    ) as error:
        raise _NotThereError(f"{address} could not be fetched ({type(error).__name__})") from None
    except requests.RequestException as error:
        raise _InterruptedError(_in_words(error)) from None
    finally:
        part.flush()


def _goes_on(answer: requests.Response, had: int) -> bool:
    """Whether a server's answer begins where the partial file ends."""
    start = f"bytes {had}-"
    return answer.status_code == 206 and answer.headers.get("Content-Range", "").startswith(start)


def _in_words(error: Exception) -> str:
    """Why a download broke off."""
    import requests

    if isinstance(error, requests.Timeout):
        return f"no answer for {_TIMEOUT} seconds"
    if isinstance(error, requests.exceptions.SSLError):
        return "the server's certificate is not valid"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the connection was cut"
    return "no connection"


def _size(part: BufferedRandom) -> int:
    """Bytes in an open file."""
    return os.fstat(part.fileno()).st_size


def _empty(part: BufferedRandom) -> None:
    """Throw away what is in an open file."""
    part.truncate(0)
    part.seek(0)


def _digest_of_open(part: BufferedRandom) -> str:
    """SHA-256 of an open file, in hexadecimal."""
    part.seek(0)
    return hashlib.file_digest(part, "sha256").hexdigest()
