"""config/claims.yaml: the claims under test, and what a study must have to speak to each.

No claim holds a verdict or a number from a study: those are computed from data.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Literal

from howlow.config.documents import Path_, read_yaml
from howlow.config.schema import Fault, Name, Strict, Text, check, described, unknown
from howlow.config.trial import Phase, Question

Age = Literal["young", "middle", "older"]
Pair = tuple[float, float]


class InTwoLanguages(Strict):
    """The same in English and in Dutch."""

    en: Text = described("English")
    nl: Text = described("Dutch")


class Aspect(Strict):
    """Something claims are about, and the constructs that measure it."""

    label: InTwoLanguages = described("Words shown to readers")
    constructs: tuple[Name, ...] = described(
        "Keys of `constructs` in config.yaml, any of which will do", min_length=1
    )


class ArmNeeded(Strict):
    """An arm that a study must have; what is left out may be anything."""

    dose: Literal["light", "moderate", "heavy"] | None = described(
        "Dose class by `dose_classes` in config.yaml", default=None
    )
    sessions_per_week: Pair | None = described(
        "Sessions a week, fewest and most; [0, 0] is no training", default=None
    )
    load_pct_1rm: Pair | None = described(
        "Middle of the load in % 1RM, lowest and highest", default=None
    )
    rm: Pair | None = described(
        "Middle of the load in RM, fewest and most; an arm that fits this or load_pct_1rm will do",
        default=None,
    )
    to_failure: bool | None = described("Whether sets went to failure", default=None)


class Claim(Strict):
    """One statement that data can speak for or against."""

    statement: InTwoLanguages = described("The claim in our own words, in a sentence")
    source: Text | None = described(
        "Who makes the claim, and where; the `source` of the file if empty", default=None
    )
    estimand: InTwoLanguages = described("The quantity that would tell, in words")
    kind: Literal["trial", "cohort", "survey"] = described(
        "What can answer it: a trial; a cohort, where no trial can; a survey", default="trial"
    )
    question: Question | None = described(
        "trial: the question that the contrast of a study must be declared for", default=None
    )
    aspects: tuple[Name, ...] = described(
        "What must have been measured, all of it for the whole claim: keys of `aspects`", default=()
    )
    arms: tuple[ArmNeeded, ...] = described(
        "Arms a study must have, each another one; the first two are compared", default=()
    )
    phases: tuple[Phase, ...] = described("Phases a study must have visits in", default=())
    weeks: Pair | None = described(
        "Weeks of training or disuse the claim is about, fewest and most", default=None
    )
    ages: tuple[Age, ...] = described("Ages the claim is about; none named means any", default=())
    compares_ages: bool = described(
        "Whether the claim sets these ages against each other", default=False
    )


class Claims(Strict):
    """The whole of config/claims.yaml."""

    source: Text = described("Who makes the claims, and where")
    aspects: dict[Name, Aspect] = described("What claims are about", min_length=1)
    claims: dict[Name, Claim] = described("The claims, in the order shown", min_length=1)


def read_claims(path: Path, constructs: Collection[str] | None = None) -> Claims:
    """The claims of a file by their id, in its order, each with its source.

    `constructs` are those of config.yaml; None does not check them.

    Raises
    ------
    InputError
        With every fault of the file, each with its line.
    """
    found = check(Claims, read_yaml(path), [lambda claims: _cross_check(claims, constructs)])
    claims = {
        name: claim if claim.source else claim.model_copy(update={"source": found.source})
        for name, claim in found.claims.items()
    }
    return found.model_copy(update={"claims": claims})


def _cross_check(found: Claims, constructs: Collection[str] | None) -> Iterator[Fault]:
    """What no single key can tell."""
    for name, aspect in found.aspects.items():
        for position, construct in enumerate(aspect.constructs):
            if constructs is not None and construct not in constructs:
                words, action = f"'{construct}' is no construct", unknown(construct, constructs)
                yield ("aspects", name, "constructs", position), words, action, "G14"
    for name, claim in found.claims.items():
        place: Path_ = ("claims", name)
        if (claim.kind == "trial") != (claim.question is not None):
            words = f"kind: {claim.kind}, question: {claim.question or 'none'}"
            action = "A trial needs the question it answers; a cohort or survey has none"
            yield (*place, "question"), words, action, "G01"
        if claim.kind == "trial" and not claim.aspects:
            action = "Name what must have been measured"
            yield (*place, "aspects"), "no aspect", action, "G01"
        for position, word in enumerate(claim.aspects):
            if word not in found.aspects:
                action = unknown(word, found.aspects)
                yield (*place, "aspects", position), f"'{word}' is no aspect", action, "G14"
        yield from _upside_down(claim.weeks, (*place, "weeks"))
        for position, arm in enumerate(claim.arms):
            for key in ("sessions_per_week", "load_pct_1rm", "rm"):
                yield from _upside_down(getattr(arm, key), (*place, "arms", position, key))
        if claim.compares_ages and len(claim.ages) < 2:
            words = f"compares_ages with {len(claim.ages)} in ages"
            yield (*place, "ages"), words, "Name the ages that are compared", "G14"


def _upside_down(pair: Pair | None, place: Path_) -> Iterator[Fault]:
    """A pair whose lowest value stands second."""
    if pair is not None and pair[0] > pair[1]:
        found = f"{pair[0]:g} is above {pair[1]:g}"
        yield place, found, f"Write the lowest first: [{pair[1]:g}, {pair[0]:g}]", "G04"
