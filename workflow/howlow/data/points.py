"""Points of a drawing that lie to each other as the values of people do.

A drawing moves and stretches values but keeps how they lie to each other. That is their shape: the
lowest at 0, the highest at 1, the others between.
"""

from __future__ import annotations

import bisect
import itertools
import re
from collections.abc import Iterable, Iterator

from howlow.data.contents import Held

#: Fewest different values, or points, that are a disclosure.
FEWEST = 5
#: How closely the distances between points must be those between values.
_ALIKE = 2e-4
#: Points nearer to each other than this share of all are one.
_SAME = 1e-6

_GROUP = re.compile(r"<g\b[^>]*>|</g>")
_MARKER = re.compile(
    r"<(?:use|circle|ellipse|rect)\b[^>]*?\b(c?x)=\"([-\d.eE]+)\"[^>]*?\bc?y=\"([-\d.eE]+)\""
)
_PATH = re.compile(r"\b(?:d|points)=\"([^\"]+)\"")
_VERTEX = re.compile(r"([-\d.eE]+)[ ,]\s*([-\d.eE]+)")
_PDF_POINT = re.compile(r"([-\d.]+) ([-\d.]+) [ml]\b")
_PDF_MOVE = re.compile(r"1 0 0 1 ([-\d.]+) ([-\d.]+) cm")

Shape = tuple[float, ...]


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
        for wanted in (shape, turned):
            same = self._by_size.get(len(wanted), [])
            place = bisect.bisect_left(same, (wanted[1] - _ALIKE,))
            while place < len(same) and same[place][0] <= wanted[1] + _ALIKE:
                pairs = zip(same[place][1:], wanted, strict=True)
                if all(abs(one - other) <= _ALIKE for one, other in pairs):
                    return True
                place += 1
        return False


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
        for path in _PATH.findall(text):
            yield _pairs(_VERTEX.findall(path))
        everything = _pairs((x, y) for _, x, y in _MARKER.findall(text))
        yield everything
        for part in _GROUP.split(text):
            yield _pairs((x, y) for _, x, y in _MARKER.findall(part))
    else:
        moves = _pairs(_PDF_MOVE.findall(text))
        yield moves
        # Or each is counted from the one before.
        yield list(itertools.accumulate(moves, lambda one, by: (one[0] + by[0], one[1] + by[1])))
        for line in re.split(r"\b(?:S|s|f|B|n)\b", text):
            yield _pairs(_PDF_POINT.findall(line))


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
