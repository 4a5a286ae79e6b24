"""One study's secrets looked for in a text: ids and dates, columns of ids, values and points.

What is too common tells nothing by itself:

- An id tells if it has letters and digits and three signs, or four signs of any kind. Shorter ids,
  such as 1 to 40, tell as a column of a table: five or more different ones and nothing else.
- A value tells by itself if it has five significant digits, as it was measured or rounded; five
  different ones in a file are a disclosure, for one or two may meet by chance. Values of three and
  four digits tell as a run: five different ones of one person, or of one visit, in their order.
- A column of numbers tells if it holds people's values in any order, rounded or in another unit,
  and if they are too many for chance.
- In a drawing values are moved and stretched, so points are compared by their distances: five or
  more that lie to each other as one visit's values, or as one person's, are a disclosure.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from howlow.data.privacy.confidential import Secrets
from howlow.data.privacy.contents import Held
from howlow.data.privacy.points import FEWEST, Shapes, shape_of
from howlow.findings import Finding

#: A value with so many significant digits tells by itself.
TELLING_DIGITS = 5
#: A value with fewer is not even counted in a run.
FEWEST_DIGITS = 3
#: How many other numbers may stand between two of a run, and how many values may be passed over.
_BETWEEN, _PASSED = 3, 2

#: Numbers with a decimal point, and those with a comma, which otherwise stands between cells.
NOTATIONS = (
    re.compile(r"(?<![\w.])[-+−]?(\d+(?:\.\d+)?)(?:[eE]([-+]?\d+))?(?![\w]|\.\d)"),
    re.compile(r"(?<![\w.,])[-+−]?(\d+,\d+)()(?![\w.,])"),
)
_WORD = re.compile(r"[^\W_]+")
_CELL = re.compile(r"[-+]?\d+(?:[.,]\d+)?")
#: Share of a column's values that are people's, and how rarely chance gives as many.
_NEARLY_ALL, _CHANCE = 0.9, 1e-6


def line_of(text: Held, place: int) -> int:
    """The line of a place in the file itself; none within what it carries."""
    return 0 if text.within else text.text.count("\n", 0, place) + 1


def reason(
    code: str, shown: str, line: int, within: str, found: str, action: str, study: str
) -> Finding:
    """A reason not to share a file."""
    return Finding(code, "error", shown, line, within, found, action, study)


@dataclass(frozen=True)
class Number:
    """A number in a text: its value, its significant digits, and where it stands."""

    value: float
    digits: int
    place: int


def numbers_in(text: str, written: re.Pattern[str]) -> list[Number]:
    """The numbers of a text that are written in one way, in their order."""
    found = []
    for match in written.finditer(text):
        digits = match[1].replace(",", ".")
        value = float(f"{digits}e{match[2]}" if match[2] else digits)
        if match[0][0] in "-−":
            value = -value
        found.append(Number(value, len(digits.replace(".", "").lstrip("0")), match.start()))
    return found


def _rounded(value: float, digits: int) -> str:
    """A value in so many significant digits."""
    return f"{value:.{digits - 1}e}"


def _significant(value: float) -> int:
    """How many digits of a value say something."""
    return len(f"{abs(value):.8e}".partition("e")[0].replace(".", "").rstrip("0"))


class Wanted:
    """One study's secrets, made ready to be looked for."""

    def __init__(self, secrets: Secrets) -> None:
        self.secrets = secrets
        ids = {one_spelling(name) for name in secrets.ids}
        telling = {name for name in ids if _tells(name)}
        self._short = frozenset(ids - telling)
        self._ids = frozenset(ids)
        self._by_word = {
            "an id of a participant": _by_first_word(telling),
            "a date of a participant": _by_first_word(map(one_spelling, secrets.dates)),
        }
        #: For each number of digits, which values (by series and position) are written so.
        self._places: dict[tuple[int, str], list[tuple[int, int]]] = {}
        for number, series in enumerate(secrets.series):
            for position, value in enumerate(series):
                for digits in range(FEWEST_DIGITS, 10):
                    key = (digits, _rounded(value, digits))
                    self._places.setdefault(key, []).append((number, position))
        self._shapes = Shapes((*secrets.series, *secrets.derived))

    def words_in(self, text: Held, shown: str, words: frozenset[str]) -> Iterator[Finding]:
        """Ids and dates in a text that has these words."""
        if not any(listed.keys() & words for listed in self._by_word.values()):
            return
        plain = one_spelling(text.text)
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
                line = line_of(Held(text.within, plain), min(places))
                yield reason("S06", shown, line, text.within, found, action, self.secrets.study)

    def columns_in(self, text: Held, shown: str) -> Iterator[Finding]:
        """Columns of a table that hold ids too short to tell by themselves."""
        if not self._short:
            return
        for name, cells in _columns(text.text):
            ids = {one_spelling(cell) for cell in cells if cell}
            whose = one_spelling(name) in self.secrets.id_columns
            if len(ids & self._ids) >= (1 if whose else FEWEST) and (whose or ids <= self._ids):
                if not whose and ids <= {str(k) for k in range(1, len(ids) + 1)}:
                    continue  # a numbering of rows
                found = f"a column of ids of participants ({len(ids)} different)"
                action = "Take the column out"
                yield reason("S06", shown, 1, text.within, found, action, self.secrets.study)

    def values_in(self, text: Held, shown: str, numbers: list[Number]) -> Iterator[Finding]:
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
            line = line_of(text, min(rare.values()))
            yield reason("S05", shown, line, text.within, said, action, self.secrets.study)
        elif longest >= FEWEST:
            said = f"a run of values of single participants ({longest} in their order)"
            line = line_of(text, start)
            yield reason("S05", shown, line, text.within, said, action, self.secrets.study)

    def sets_in(
        self, text: Held, shown: str, columns: list[tuple[int, tuple[float, ...]]]
    ) -> Iterator[Finding]:
        """Columns that hold people's values in any order, rounded, or in another unit."""
        for decimals, values in columns:
            shape = shape_of(values)
            if (shape is not None and self._shapes.has(shape)) or any(
                _same_set(values, series, decimals)
                for series in (*self.secrets.series, *self.secrets.derived)
            ):
                found = f"a column of values of single participants ({len(set(values))} different)"
                action = "Tell summaries of people"
                yield reason("S05", shown, 1, text.within, found, action, self.secrets.study)
                return

    def points_in(
        self, text: Held, shown: str, shapes: list[tuple[float, ...]]
    ) -> Iterator[Finding]:
        """Points of a drawing that lie to each other as people's values do."""
        for shape in shapes:
            if self._shapes.has(shape):
                found = f"points that lie as the values of single participants ({len(shape)})"
                action = "Draw points as pixels, not as shapes"
                yield reason("S05", shown, 0, text.within, found, action, self.secrets.study)
                return


def words_of(plain: str) -> frozenset[str]:
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


def columns_of_numbers(text: str) -> Iterator[tuple[int, tuple[float, ...]]]:
    """The columns of numbers of a delimited table or a list: decimals, and the numbers."""
    columns = list(_columns(text))
    lines = text.split("\n")
    if not columns and "<" not in text[:1000]:
        columns = [(lines[0], [line.strip() for line in lines[1:]])]
    for name, cells in columns:
        numbers = [
            cell.replace(",", ".") for cell in (name, *cells) if _CELL.fullmatch(cell.strip())
        ]
        if len(numbers) >= FEWEST:
            decimals = max(len(number.strip().partition(".")[2]) for number in numbers)
            yield decimals, tuple(map(float, numbers))


def _same_set(values: tuple[float, ...], series: tuple[float, ...], decimals: int) -> bool:
    """Whether nearly all values are of a series, rounded, and too many for chance."""
    decimals = min(decimals, 6)
    rounded = {round(value, decimals) for value in series}
    different = {round(value, decimals) for value in values}
    met = different & rounded
    if len(met) < max(FEWEST, _NEARLY_ALL * len(different)):
        return False
    possible = (max(rounded) - min(rounded)) * 10**decimals + 1
    return bool((len(rounded) / possible) ** len(met) < _CHANCE)


def one_spelling(text: str) -> str:
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
    if name not in text:  # which is quick, where a page is long and names are many
        return -1
    edges = r"(?<![^\W_])", r"(?![^\W_])"
    if name.isdigit():  # 5016 is no part of 12.5016, nor of 5016.2
        edges = r"(?<![^\W_])(?<!\d[.])", r"(?![^\W_])(?![.]\d)"
    found = re.search(f"{edges[0]}{re.escape(name)}{edges[1]}", text)
    return found.start() if found else -1
