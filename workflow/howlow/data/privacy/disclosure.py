"""The gate before a folder is shared: nothing of a single person may be in any of its files.

Every text that a file holds is searched for ids, dates, values of single people and paths that name
somebody's computer; `searching` says what is telling by itself. Where a spread is told, it is the
10th and the 90th percentile: a minimum and a maximum are the values of two people.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from howlow.data.fetching import digest_of
from howlow.data.privacy.confidential import Secrets
from howlow.data.privacy.contents import Held, UnreadableError, texts
from howlow.data.privacy.points import shapes_drawn
from howlow.data.privacy.searching import (
    NOTATIONS,
    Wanted,
    columns_of_numbers,
    line_of,
    numbers_in,
    one_spelling,
    reason,
    words_of,
)
from howlow.findings import Finding

_HOME = re.compile(r"(?:/home/|/Users/|/root/|[A-Za-z]:\\+Users\\+)[\w.@-]*")


def disclosures(folder: Path, secrets: Iterable[Secrets]) -> list[Finding]:
    """What the files of a folder that is to be shared give away of single people; empty if fit.

    Searched are the files' names and every text they hold, seen or not: pages with the images
    within, drawings, the text and the metadata of PDF, PNG and JPEG, the members of workbooks,
    documents and archives. A finding names the file and the line, and quotes nothing.

    Parameters
    ----------
    folder
        The folder to be shared.
    secrets
        What nobody may learn, one for each study; see `secrets_of`.
    """
    kept = [Wanted(secret) for secret in secrets if secret.ids or secret.series or secret.files]
    findings: list[Finding] = []
    for path in sorted(folder.rglob("*")):
        shown = path.relative_to(folder).as_posix()
        if path.is_symlink() and not path.resolve().is_relative_to(folder.resolve()):
            found = "it is a link to a place outside the folder"
            findings.append(reason("S06", shown, 0, "", found, "Put a copy in its place", ""))
            continue
        named = Held("the file's name", path.name)
        words = words_of(one_spelling(named.text))
        findings += [one for wanted in kept for one in wanted.words_in(named, shown, words)]
        if path.is_file():
            findings += _of_file(path, shown, kept)
    return list(dict.fromkeys(findings))


def _of_file(path: Path, shown: str, kept: list[Wanted]) -> list[Finding]:
    """What one file gives away."""
    findings: list[Finding] = []
    digest = digest_of(path)
    for wanted in kept:
        if digest in wanted.secrets.files:
            found, action = "it is a copy of a raw file", "Take it out of what is shared"
            findings.append(reason("S10", shown, 0, "", found, action, wanted.secrets.study))
    try:
        held = list(texts(path))
    except UnreadableError as error:
        action = "Share it in a form that can be searched, such as CSV, HTML, PNG or PDF"
        return [*findings, reason("S10", shown, 0, "", str(error), action, "")]
    for text in held:
        findings += _homes(text, shown)
        numbers = [] if text.drawing else [numbers_in(text.text, way) for way in NOTATIONS]
        words = words_of(one_spelling(text.text)) if kept else frozenset[str]()
        shapes = list(shapes_drawn(text)) if kept else []
        measured = [] if text.drawing or not kept else list(columns_of_numbers(text.text))
        for wanted in kept:
            findings += wanted.words_in(text, shown, words)
            findings += wanted.columns_in(text, shown)
            findings += wanted.sets_in(text, shown, measured)
            for listed in numbers:
                findings += wanted.values_in(text, shown, listed)
            findings += wanted.points_in(text, shown, shapes)
    return findings


def _homes(text: Held, shown: str) -> Iterator[Finding]:
    """Paths that name somebody's own folder on a computer."""
    home = str(Path.home())
    found = _HOME.search(text.text)
    place = found.start() if found else text.text.find(f"{home}/") if len(home) > 1 else -1
    if place >= 0:
        action = "Write paths from the project's folder on, and take out metadata"
        said = "a path names a person's folder on a computer"
        yield reason("S06", shown, line_of(text, place), text.within, said, action, "")
