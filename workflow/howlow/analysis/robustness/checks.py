"""One check of a fit: what every diagnostic gives."""

from __future__ import annotations

from typing import NamedTuple


class Check(NamedTuple):
    """A check's value, the value from which it is flagged, and what it means.

    `words` may hold `{at}` and `{arm}`, which become the labels of the visit and the arm.
    """

    check: str
    at: str
    arm: str
    value: float
    threshold: float | None
    flag: bool
    words: str
