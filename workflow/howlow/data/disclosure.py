"""The gate before a folder is shared: nothing of a single person may be in any of its files.

Every text that a file holds is searched for ids, dates, values of single people and paths that name
somebody's computer. Rules for what is too common to be telling by itself:

- An id tells if it has letters and digits and three signs, or four signs of any kind. Shorter ids,
  such as 1 to 40, tell as a column of a table: five or more different ones and nothing else.
- A value tells by itself if it has five significant digits, as it was measured or rounded; five
  different ones in a file are a disclosure, for one or two may meet by chance. Values of three and
  four digits tell as a run: five different ones of one person, or of one visit, in their order.
- In a drawing values are moved and stretched, so points are compared by their distances: five or
  more that lie to each other as one visit's values, or as one person's, are a disclosure.

Where a spread is told, it is the 10th and the 90th percentile: a minimum and a maximum are the
values of two people.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from howlow.data.confidential import Secrets
from howlow.data.contents import Held, UnreadableError, texts
from howlow.data.points import FEWEST, Shapes, shapes_drawn
from howlow.findings import Finding

#: A value with so many significant digits tells by itself.
TELLING_DIGITS = 5
#: A value with fewer is not even counted in a run.
FEWEST_DIGITS = 3
#: How many other numbers may stand between two of a run, and how many values may be passed over.
_BETWEEN, _PASSED = 3, 2

#: Numbers with a decimal point, and those with a comma, which otherwise stands between cells.
_NUMBERS = (
    re.compile(r"(?<![\w.])[-+−]?(\d+(?:\.\d+)?)(?:[eE]([-+]?\d+))?(?![\w]|\.\d)"),
    re.compile(r"(?<![\w.,])[-+−]?(\d+,\d+)()(?![\w.,])"),
)
_HOME = re.compile(r"(?:/home/|/Users/|/root/|[A-Za-z]:\\+Users\\+)[\w.@-]*")
_WORD = re.compile(r"[^\W_]+")


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
    kept = [_Wanted(secret) for secret in secrets if secret.ids or secret.series or secret.files]
    findings: list[Finding] = []
    for path in sorted(folder.rglob("*")):
        shown = path.relative_to(folder).as_posix()
        if path.is_symlink() and not path.resolve().is_relative_to(folder.resolve()):
            found = "it is a link to a place outside the folder"
            findings.append(_finding("S06", shown, 0, "", found, "Put a copy in its place", ""))
            continue
        named = Held("the file's name", path.name)
        words = _words(_plain(named.text))
        findings += [one for wanted in kept for one in wanted.words_in(named, shown, words)]
        if path.is_file():
            findings += _of_file(path, shown, kept)
    return list(dict.fromkeys(findings))


def _of_file(path: Path, shown: str, kept: list[_Wanted]) -> list[Finding]:
    """What one file gives away."""
    findings: list[Finding] = []
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    for wanted in kept:
        if digest in wanted.secrets.files:
            found, action = "it is a copy of a raw file", "Take it out of what is shared"
            findings.append(_finding("S10", shown, 0, "", found, action, wanted.secrets.study))
    try:
        held = list(texts(path))
    except UnreadableError as error:
        action = "Share it in a form that can be searched, such as CSV, HTML, PNG or PDF"
        return [*findings, _finding("S10", shown, 0, "", str(error), action, "")]
    for text in held:
        findings += _homes(text, shown)
        numbers = [] if text.drawing else [_numbers(text.text, way) for way in _NUMBERS]
        words = _words(_plain(text.text)) if kept else frozenset[str]()
        shapes = list(shapes_drawn(text)) if kept else []
        for wanted in kept:
            findings += wanted.words_in(text, shown, words)
            findings += wanted.columns_in(text, shown)
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
        yield _finding("S06", shown, _line(text, place), text.within, said, action, "")


def _line(text: Held, place: int) -> int:
    """The line of a place in the file itself; none within what it carries."""
    return 0 if text.within else text.text.count("\n", 0, place) + 1


def _finding(
    code: str, shown: str, line: int, within: str, found: str, action: str, study: str
) -> Finding:
    """A reason not to share a file."""
    return Finding(code, "error", shown, line, within, found, action, study)


@dataclass(frozen=True)
class _Number:
    """A number in a text: its value, its significant digits, and where it stands."""

    value: float
    digits: int
    place: int


def _numbers(text: str, written: re.Pattern[str]) -> list[_Number]:
    """The numbers of a text that are written in one way, in their order."""
    found = []
    for match in written.finditer(text):
        digits = match[1].replace(",", ".")
        value = float(f"{digits}e{match[2]}" if match[2] else digits)
        if match[0][0] in "-−":
            value = -value
        found.append(_Number(value, len(digits.replace(".", "").lstrip("0")), match.start()))
    return found


def _rounded(value: float, digits: int) -> str:
    """A value in so many significant digits."""
    return f"{value:.{digits - 1}e}"


def _significant(value: float) -> int:
    """How many digits of a value say something."""
    return len(f"{abs(value):.8e}".partition("e")[0].replace(".", "").rstrip("0"))


class _Wanted:
    """One study's secrets, made ready to be looked for."""

    def __init__(self, secrets: Secrets) -> None:
        self.secrets = secrets
        ids = {_plain(name) for name in secrets.ids}
        telling = {name for name in ids if _tells(name)}
        self._short = frozenset(ids - telling)
        self._ids = frozenset(ids)
        self._by_word = {
            "an id of a participant": _by_first_word(telling),
            "a date of a participant": _by_first_word(map(_plain, secrets.dates)),
        }
        #: For each number of digits, which values (by series and position) are written so.
        self._places: dict[tuple[int, str], list[tuple[int, int]]] = {}
        for number, series in enumerate(secrets.series):
            for position, value in enumerate(series):
                for digits in range(FEWEST_DIGITS, 10):
                    key = (digits, _rounded(value, digits))
                    self._places.setdefault(key, []).append((number, position))
        self._shapes = Shapes(secrets.series)

    def words_in(self, text: Held, shown: str, words: frozenset[str]) -> Iterator[Finding]:
        """Ids and dates in a text that has these words."""
        if not any(listed.keys() & words for listed in self._by_word.values()):
            return
        plain = _plain(text.text)
        for what, listed in self._by_word.items():
            places = [
                place
                for word in listed.keys() & words
                for name in listed[word]
                # Among places on a page a number is no id.
                if not (text.drawing and name.isdigit()) and (place := _find(plain, name)) >= 0
            ]
            if places:
                found = f"{what} ({len(places)} different)"
                action = "Take it out; in its place tell numbers of people, and study days"
                if text.within == "the file's name":
                    action = "Rename the file"
                line = _line(Held(text.within, plain), min(places))
                yield _finding("S06", shown, line, text.within, found, action, self.secrets.study)

    def columns_in(self, text: Held, shown: str) -> Iterator[Finding]:
        """Columns of a table that hold ids too short to tell by themselves."""
        if not self._short:
            return
        for name, cells in _columns(text.text):
            ids = {_plain(cell) for cell in cells if cell}
            whose = _plain(name) in self.secrets.id_columns
            if len(ids & self._ids) >= (1 if whose else FEWEST) and (whose or ids <= self._ids):
                if not whose and ids <= {str(k) for k in range(1, len(ids) + 1)}:
                    continue  # a numbering of rows
                found = f"a column of ids of participants ({len(ids)} different)"
                action = "Take the column out"
                yield _finding("S06", shown, 1, text.within, found, action, self.secrets.study)

    def values_in(self, text: Held, shown: str, numbers: list[_Number]) -> Iterator[Finding]:
        """Values of single people: rare ones, or a run of them."""
        rare: dict[float, int] = {}
        longest, start = 0, 0
        #: For each series: the position and token of its last value seen, and the run so far.
        runs: dict[int, tuple[int, int, frozenset[float], int]] = {}
        for index, number in enumerate(numbers):
            digits = min(number.digits, 9)
            if digits < FEWEST_DIGITS:
                continue
            found = self._places.get((digits, _rounded(number.value, digits)), ())
            if found and min(digits, _significant(number.value)) >= TELLING_DIGITS:
                rare.setdefault(number.value, number.place)
            for series, position in found:
                before = runs.get(series)
                values, first = frozenset([number.value]), number.place
                if before is not None:
                    follows = 0 < position - before[0] <= 1 + _PASSED
                    if follows and index - before[1] <= 1 + _BETWEEN:
                        values, first = before[2] | values, before[3]
                    elif index == before[1]:
                        continue
                runs[series] = (position, index, values, first)
                if len(values) > longest:
                    longest, start = len(values), first
        action = "Tell summaries of people, and draw points as pixels"
        if len(rare) >= FEWEST:
            said = f"values of single participants ({len(rare)} different)"
            line = _line(text, min(rare.values()))
            yield _finding("S05", shown, line, text.within, said, action, self.secrets.study)
        elif longest >= FEWEST:
            said = f"a run of values of single participants ({longest} in their order)"
            line = _line(text, start)
            yield _finding("S05", shown, line, text.within, said, action, self.secrets.study)

    def points_in(
        self, text: Held, shown: str, shapes: list[tuple[float, ...]]
    ) -> Iterator[Finding]:
        """Points of a drawing that lie to each other as people's values do."""
        for shape in shapes:
            if self._shapes.has(shape):
                found = f"points that lie as the values of single participants ({len(shape)})"
                action = "Draw points as pixels, not as shapes"
                yield _finding("S05", shown, 0, text.within, found, action, self.secrets.study)
                return


def _words(plain: str) -> frozenset[str]:
    """The words of a text; what an underscore joins counts as two."""
    return frozenset(_WORD.findall(plain))


def _columns(text: str) -> Iterator[tuple[str, list[str]]]:
    """The columns of a delimited table with a header, if the text is one."""
    head = text[:10_000].split("\n", 1)[0]
    delimiter = max(",;\t|", key=head.count)
    if not head.count(delimiter) or "<" in head or "{" in head:
        return
    try:
        rows = list(csv.reader(io.StringIO(text.replace("\0", "")), delimiter=delimiter))
    except csv.Error:
        return
    for position, name in enumerate(rows[0]):
        yield name, [row[position] for row in rows[1:] if position < len(row)]


def _plain(text: str) -> str:
    """A text in one spelling: composed letters, small ones."""
    return unicodedata.normalize("NFC", text).casefold()


def _tells(name: str) -> bool:
    """Whether an id is telling by itself."""
    mixed = any(sign.isalpha() for sign in name) and any(sign.isdigit() for sign in name)
    return len(name) >= 4 or (mixed and len(name) >= 3)


def _by_first_word(names: Iterable[str]) -> dict[str, list[str]]:
    """Names by the first word in them."""
    found: dict[str, list[str]] = {}
    for name in names:
        words = re.findall(r"[^\W_]+", name)
        if words:
            found.setdefault(words[0], []).append(name)
    return found


def _find(text: str, name: str) -> int:
    """Where a name stands as a word of its own; -1 for nowhere."""
    edges = r"(?<![^\W_])", r"(?![^\W_])"
    if name.isdigit():  # 5016 is no part of 12.5016, nor of 5016.2
        edges = r"(?<![^\W_])(?<!\d[.])", r"(?![^\W_])(?![.]\d)"
    found = re.search(f"{edges[0]}{re.escape(name)}{edges[1]}", text)
    return found.start() if found else -1
