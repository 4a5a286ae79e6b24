"""What headers and cells say of a visit, a limb and a unit, in English and Dutch words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from howlow.config.units import UNITS, unit_named
from howlow.intake.vocabulary import LIMBS, folded

_BASELINE = frozenset(
    [
        "pre",
        "baseline",
        "bl",
        "base",
        "voor",
        "voormeting",
        "before",
        "start",
        "begin",
        "vor",
        "nulmeting",
    ]
)


_MIDDLE = frozenset(["mid", "midway", "tussen", "tussenmeting", "midden", "during", "interim"])


_AFTER = frozenset(
    [
        "post",
        "after",
        "na",
        "nameting",
        "eind",
        "einde",
        "end",
        "eindmeting",
        "nach",
        "final",
        "endpoint",
    ]
)


_LATER = {
    "followup": "detraining",
    "fu": "detraining",
    "detraining": "detraining",
    "detrain": "detraining",
    "recovery": "recovery",
    "herstel": "recovery",
    "retention": "detraining",
}


_WEEKS = {"week": 1.0, "wk": 1.0, "w": 1.0, "weken": 1.0, "month": 52 / 12, "maand": 52 / 12}


_WEEKS |= {"m": 52 / 12, "day": 1 / 7, "dag": 1 / 7, "d": 1 / 7}


_COUNTED = frozenset(
    [
        "t",
        "visit",
        "meting",
        "test",
        "tijd",
        "time",
        "session",
        "sessie",
        "v",
        "moment",
        "meetmoment",
    ]
)


@dataclass(frozen=True)
class VisitWord:
    """What a word for a visit says: its place in the order, and its week if that is in it."""

    order: float
    week: float | None
    phase: str


def visit_word(text: str) -> VisitWord | None:
    """What a word says of a visit, None where it is no word for one."""
    word = folded(text)
    for words, order, week in (
        (_BASELINE, 0.0, 0.0),
        (_MIDDLE, 500.0, None),
        (_AFTER, 900.0, None),
    ):
        if word in words:
            return VisitWord(order, week, "training")
    found = re.fullmatch(r"([a-z]*?)(\d{1,3})([a-z]*)", word)
    if found is None:
        later = _LATER.get(word)
        return VisitWord(1000.0, None, later) if later else None
    name, number, after = found[1], float(found[2]), found[3]
    unit = name if name in _WEEKS else after if after in _WEEKS and not name else ""
    if unit:
        week = round(number * _WEEKS[unit], 2)
        return VisitWord(week, week, "training")
    if after:
        return None
    if name in _COUNTED:
        # T0 is before everything; the first of T1, T2 ... is the baseline by its place alone.
        return VisitWord(0.1 * number, 0.0 if number == 0 else None, "training")
    if name in _LATER:
        return VisitWord(1000.0 + number, None, _LATER[name])
    for words, order in ((_MIDDLE, 500.0), (_AFTER, 900.0), (_BASELINE, 0.0)):
        if name in words:
            return VisitWord(order + number, None, "training")
    return None


@dataclass(frozen=True)
class Header:
    """A header of a wide table taken apart: what is measured, at which visit, on which limb."""

    stem: str
    visit: str
    limb: str
    unit: str


def header_parts(text: str) -> Header:
    """Take a header such as `Leg press links - na (kg)` apart.

    A visit is a word for one, alone or with its number beside it (`week 12`); a limb is a word for
    a side; a unit stands in brackets or at the end.
    """
    rest, unit = split_unit(text)
    rest = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", rest)
    words = [word for word in re.split(r"[\s_.|/\-–,;:()\[\]]+", rest) if word]
    words = _numbers_joined(words)
    visit = limb = ""
    kept: list[str] = []
    for position, word in enumerate(words):
        side = LIMBS.get(folded(word))
        # A letter alone is a side only at the end or beside another word: `L press` is none.
        if side and not limb and (len(word) > 1 or position > 0):
            limb = word
        elif not visit and visit_word(word) and not re.fullmatch(r"\d+", word):
            visit = word
        else:
            kept.append(word)
    if not visit and len(kept) > 1:
        kept, visit = _glued_visit(kept)
    elif not visit and kept:
        glued = re.fullmatch(r"(.{3,}?)(pre|post|mid|[tT]\d)", kept[-1])
        if glued:
            kept, visit = [*kept[:-1], glued[1]], glued[2]
    return Header(" ".join(kept), visit, limb, unit)


def _glued_visit(kept: list[str]) -> tuple[list[str], str]:
    """A last word of a number alone is a visit (`press 1`, `press 2`)."""
    if re.fullmatch(r"\d{1,2}", kept[-1]):
        return kept[:-1], kept[-1]
    return kept, ""


def _numbers_joined(words: list[str]) -> list[str]:
    """Put `week` and `12` together, as in `week 12`."""
    joined: list[str] = []
    for word in words:
        before = folded(joined[-1]) if joined else ""
        if re.fullmatch(r"\d{1,3}", word) and before in {*_WEEKS, *_COUNTED}:
            joined[-1] = f"{joined[-1]} {word}"
        else:
            joined.append(word)
    return joined


_UNIT_WORDS = {folded(name): name for name in UNITS if len(folded(name)) > 1} | {
    "nm": "N·m",
    "newton": "N",
    "newtonmeter": "N·m",
    "watt": "W",
    "seconden": "s",
    "percent": "%",
}


def split_unit(text: str) -> tuple[str, str]:
    """A header without its unit, and the unit: `Torque [N·m]` is `Torque` and `N·m`."""
    for found in re.finditer(r"[(\[]([^)\]]{1,20})[)\]]", text):
        unit = unit_in(found[1].strip())
        if unit:
            return f"{text[: found.start()]} {text[found.end() :]}".strip(), unit
    found = re.search(r"^(.*\S)[\s_,;]+([A-Za-zµ·²³²/0-9*.\-]{1,12})$", text)  # type: ignore[assignment]
    if found and found[2] not in (
        "l",
        "L",
        "m",
        "M",
        "s",
        "g",
        "W",
        "J",
        "N",
        "in",
        "min",
        "points",
    ):
        unit = unit_in(found[2])
        if unit:
            return found[1].strip(), unit
    if found and found[2] in ("g", "N", "W"):
        return found[1].strip(), found[2]
    return text.strip(), ""


def unit_in(word: str) -> str:
    """The unit that a word stands for, or nothing."""
    return unit_named(word) or unit_named(word.lower()) or _UNIT_WORDS.get(folded(word), "")
