"""Points of a drawing that lie to each other as the values of people do.

A drawing moves and stretches values but keeps how they lie to each other. That is their shape: the
lowest at 0, the highest at 1, the others between.
"""

from __future__ import annotations

import bisect
import itertools
import re
from collections.abc import Iterable, Iterator

from howlow.data.privacy.contents import Held

#: Fewest different values, or points, that are a disclosure.
FEWEST = 5
#: How closely the distances between points must be those between values.
_ALIKE = 2e-4
#: By the number of points from which it holds: the more there are, the less does chance explain,
#: and the coarser the points may have been rounded.
_ALIKE_OF_MANY = ((12, 8e-3), (8, 2e-3))
#: Points nearer to each other than this share of all are one.
_SAME = 1e-6

_GROUP = re.compile(r"<g\b[^>]*>|</g>")
_ELEMENT = re.compile(r"<([a-z]+)\b([^<>]*)>")
_ATTRIBUTE = re.compile(r"([\w:-]+)\s*=\s*([\"'])(.*?)\2", re.DOTALL)
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_MOVED = re.compile(
    rf"(?:translate\(|matrix\((?:{_NUMBER}[\s,]+){{4}})\s*({_NUMBER})[\s,]+({_NUMBER})"
)
_STEP = re.compile(rf"([MmLlHhVvCcSsQqTtAaZz])|({_NUMBER})")
_PDF_POINT = re.compile(r"([-\d.]+) ([-\d.]+) [ml]\b")
_PDF_MOVE = re.compile(r"1 0 0 1 ([-\d.]+) ([-\d.]+) cm")

Shape = tuple[float, ...]

#: How many numbers each kind of piece of a path takes.
_TAKES = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "A": 7}
#: The attributes that place a mark or say how large it is.
_PLACES = (("x", "y"), ("cx", "cy"), ("x1", "y1"), ("x2", "y2"), ("width", "height"))
#: Of how many corners each is compared with the same corner of the other lines.
_CORNERS = 5


class Shapes:
    """The shapes of several sets of values, made ready to be looked for."""

    def __init__(self, series: Iterable[tuple[float, ...]]) -> None:
        #: By the number of points; sorted by the second, which stands first.
        self._by_size: dict[int, list[Shape]] = {}
        for one in series:
            shape = _shape(one)
            if shape is not None:
                self._by_size.setdefault(len(shape), []).append((shape[1], *shape))
        for shapes in self._by_size.values():
            shapes.sort()

    def has(self, shape: Shape) -> bool:
        """Whether a set of values has this shape, or the same turned over."""
        turned = tuple(1 - place for place in reversed(shape))
        alike = next((near for size, near in _ALIKE_OF_MANY if len(shape) >= size), _ALIKE)
        for wanted in (shape, turned):
            same = self._by_size.get(len(wanted), [])
            place = bisect.bisect_left(same, (wanted[1] - alike,))
            while place < len(same) and same[place][0] <= wanted[1] + alike:
                pairs = zip(same[place][1:], wanted, strict=True)
                if all(abs(one - other) <= alike for one, other in pairs):
                    return True
                place += 1
        return False


def shape_of(values: Iterable[float]) -> Shape | None:
    """How values lie to each other: the lowest at 0, the highest at 1; None for too few."""
    return _shape(values)


def shapes_drawn(text: Held) -> Iterator[Shape]:
    """The shapes of coordinates that belong together: the corners of a line, marks of a group."""
    if "<svg" not in text.text and not text.drawing:
        return
    for points in _groups_of_points(text.text):
        if len(points) >= FEWEST:
            for axis in (0, 1):
                shape = _shape(point[axis] for point in points)
                if shape is not None:
                    yield shape


def _groups_of_points(text: str) -> Iterator[list[tuple[float, float]]]:
    """Points that belong together."""
    if "<svg" in text:
        yield from _marks(text)
        for part in _GROUP.split(text):
            yield from _marks(part)
    else:
        moves = _pairs(_PDF_MOVE.findall(text))
        yield moves
        # Or each is counted from the one before.
        yield list(itertools.accumulate(moves, lambda one, by: (one[0] + by[0], one[1] + by[1])))
        for line in re.split(r"\b(?:S|s|f|B|n)\b", text):
            yield _pairs(_PDF_POINT.findall(line))


def _marks(text: str) -> Iterator[list[tuple[float, float]]]:
    """The corners of each line, the marks of each kind, and the same corner of lines of a kind."""
    alike: dict[tuple[object, ...], list[tuple[float, float]]] = {}
    for kind, inside in _ELEMENT.findall(text):
        given = {name: value for name, _, value in _ATTRIBUTE.findall(inside)}
        for name, value in (
            part.split(":", 1) for part in given.get("style", "").split(";") if ":" in part
        ):
            given.setdefault(name.strip(), value.strip().removesuffix("px"))
        corners = _corners(given.get("d") or given.get("points") or "")
        yield corners
        style = given.get("style", "") + given.get("class", "")
        drawn = given.get("href") or given.get("xlink:href") or ""
        for corner, point in enumerate(corners[:_CORNERS]):
            alike.setdefault((style, len(corners), corner), []).append(point)
        moved = _MOVED.findall(given.get("transform", ""))
        placed = [(given.get(x, ""), given.get(y, "")) for x, y in _PLACES]
        for slot, pair in enumerate((*placed, *moved[:1])):
            for point in _pairs([pair]):
                alike.setdefault(("all", slot), []).append(point)
                alike.setdefault((kind, drawn, slot), []).append(point)
    yield from alike.values()


def _corners(path: str) -> list[tuple[float, float]]:
    """The ends of the pieces of a path, or of a list of points; curves end where they end."""
    corners: list[tuple[float, float]] = []
    x = y = 0.0
    how, numbers = "L", list[float]()
    for letter, number in _STEP.findall(path):
        if letter:
            how, numbers = letter, []
            continue
        numbers.append(float(number))
        if len(numbers) < _TAKES.get(how.upper(), 1):
            continue
        before = (x, y) if how.islower() else (0.0, 0.0)
        if how in "Hh":
            x = numbers[-1] + before[0]
        elif how in "Vv":
            y = numbers[-1] + before[1]
        else:
            x, y = numbers[-2] + before[0], numbers[-1] + before[1]
        corners.append((x, y))
        numbers = []
    return corners


def _pairs(found: Iterable[tuple[str, str]]) -> list[tuple[float, float]]:
    """Coordinates as numbers; what is none is passed over."""
    pairs = []
    for x, y in found:
        try:
            pairs.append((float(x), float(y)))
        except ValueError:
            continue
    return pairs


def _shape(values: Iterable[float]) -> Shape | None:
    """Where the different values lie between the lowest, 0, and the highest, 1."""
    ordered = sorted(set(values))
    if len(ordered) < FEWEST:
        return None
    low, high = ordered[0], ordered[-1]
    shape: Shape = (0.0,)
    for value in ordered:
        # What is the same but for rounding is one point.
        if (value - low) / (high - low) > shape[-1] + _SAME:
            shape = (*shape, (value - low) / (high - low))
    if len(shape) < FEWEST:
        return None
    # Even steps are the shape of any axis.
    steps = [after - before for before, after in itertools.pairwise(shape)]
    return None if max(steps) - min(steps) < _ALIKE * 5 else shape
