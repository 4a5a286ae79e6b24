"""Contrasts as readers see them: by the labels of the arms, and under which heading they stand."""

from __future__ import annotations

import re
from dataclasses import dataclass

from howlow.analysis.estimand.masked import MASKED_WORDS
from howlow.analysis.rounding import MINUS
from howlow.config.trial import Arm


@dataclass(frozen=True)
class Group:
    """A question that a study answers beside its declared contrasts: heading and what to know."""

    name: str
    title: str
    words: str = ""


#: Every group, in the order of the page.
GROUPS = (
    Group("declared", "Between arms: the declared contrasts"),
    Group(
        "steps",
        "Steps of frequency",
        "Which further session a week matters most, and how much of the gain the first one brings. "
        "The first step is shown to be the biggest only if it beats every other.",
    ),
    Group(
        "factorial",
        "Two doses crossed",
        "Each dose on average over the other, and whether one matters more at a level of the "
        "other.",
    ),
    Group(
        "phases",
        "Loss, recovery, and what is still missing",
        "What an arm lost or regained is described, not tested. Fractions are those of the mean: "
        "they say nothing of one person.",
    ),
    Group(
        "moderators",
        "What the effect may depend on",
        "Only the interaction is tested; the effects at a level are there to read it by.",
    ),
    Group(
        "response",
        "Individual response",
        "Nobody is counted as a responder: a change in one person is mostly measurement error and "
        "chance. What a trial can tell is whether changes vary more with training than without "
        "it, or more than measurements do. Below zero they vary less.",
    ),
    Group(
        "error",
        "Measurement error",
        "From a baseline that was measured again before anything was done.",
    ),
    Group(
        "masked",
        "All arms together",
        "The study goes on: nothing is shown that could tell its arms apart.",
    ),
)

_FUNCTION = re.compile(r"^(mean|sd_response|recovery_fraction)\((.*)\)$")
_SHARE = re.compile(r"^\((.+) - (.+)\) as share of \((.+) - (.+)\)$")
_BY = re.compile(r"^\((.+)\) by (\w+) \((.*)\)$")
_AT = re.compile(r"^\((.+)\) at (\w+) (.*)$")
_LARGEST = re.compile(r"largest\((.*)\)$")
_ERRORS = {
    "typical_error": "Typical error: SD of one measurement",
    "mdc95": "Smallest change of one person that is told from error (MDC95)",
}
_SEX = {"M": "men", "F": "women"}


def group_of(contrast: str, at: str, estimand: str) -> str:
    """The group that a row stands under; empty for the change of an arm."""
    if contrast in MASKED_WORDS:
        return "masked"
    if contrast in _ERRORS:
        return "error"
    if contrast.startswith("sd_response("):
        return "response"
    if _BY.match(contrast) or _AT.match(contrast):
        return "moderators"
    if estimand.startswith(("interaction of ", "main effect of ")):
        return "factorial"
    if estimand.startswith(("step ", "the step ", "share of the gain of ")):
        return "steps"
    # A mean change that the model over all visits gives is one of a phase; see `superseded`.
    between_visits = " - " in at and "missing at random" in estimand
    if contrast.startswith("recovery_fraction(") or between_visits:
        return "phases"
    return "" if contrast.startswith("mean(") else "declared"


def contrast_words(contrast: str, arms: dict[str, Arm]) -> str:
    """`light - heavy`, `mean(light)` and all other contrasts by the labels of the arms."""
    if contrast in MASKED_WORDS:
        words = MASKED_WORDS[contrast]
        return f"{words[:1].upper()}{words[1:]}"
    if contrast in _ERRORS:
        return _ERRORS[contrast]
    if found := _FUNCTION.match(contrast):
        return _function(found[1], labelled(found[2], arms), " - " in found[2])
    if found := _SHARE.match(contrast):
        return _share([labelled(part, arms) for part in found.groups()])
    if found := _BY.match(contrast):
        return f"{labelled(found[1], arms)}, {_moderator(found[2], found[3])}"
    if found := _AT.match(contrast):
        level = f"in {_SEX[found[3]]}" if found[3] in _SEX else f"at {found[2]} {found[3]}"
        return f"{labelled(found[1], arms)} {level}"
    return labelled(contrast, arms)


def labelled(text: str, arms: dict[str, Arm]) -> str:
    """A text with the names of arms replaced by their labels, and true minus signs."""
    if found := _LARGEST.search(text):
        text = f"{text[: found.start()]}the biggest of {found[1].replace(', ', ' and ')}"
    minus = text.replace(" - ", f" {MINUS} ")
    if not arms:
        return minus.replace("_", " ")
    # Longer names first, so that `light` does not cut into `light_once`.
    names = "|".join(re.escape(name) for name in sorted(arms, key=len, reverse=True))
    pattern = re.compile(rf"(?<![\w-])(?:{names})(?![\w-])")
    named = pattern.sub(lambda match: arms[match[0]].label, minus)
    return named if named != minus else minus.replace("_", " ")


def _function(name: str, what: str, compared: bool) -> str:
    """A mean, a fraction that came back, or a spread of responses."""
    if name == "recovery_fraction":
        return f"{what}: share of the mean loss that came back"
    if name == "sd_response":
        beyond = "SD of change, more than" if compared else "SD of change beyond measurement error"
        if not compared:
            return f"{what}: {beyond}"
        first, _, second = what.partition(f" {MINUS} ")
        return f"{first}: {beyond} {second}"
    return what


def _share(parts: list[str]) -> str:
    """The gain of an arm as a share of that of another, both over the same reference."""
    first, start, top, other = parts
    if start == other:
        return f"{first} as a share of {top}, both less {start}"
    return f"{first} {MINUS} {start} as a share of {top} {MINUS} {other}"


def _moderator(name: str, step: str) -> str:
    """How an effect depends on something: `for each 10 years of age`, `by sex (men − women)`."""
    if step.startswith("per "):
        return f"for each {step.removeprefix('per ')} of {name.replace('_', ' ')}"
    levels = f" {MINUS} ".join(_SEX.get(level, level) for level in step.split(" - "))
    return f"by {name.replace('_', ' ')} ({levels})"
