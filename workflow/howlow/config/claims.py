"""config/claims.yaml: the claims under test, and what a study must have to speak to each.

No claim holds a verdict or a number of ours: those are computed from data. What others found stands
under `reviews`, with its source.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import StringConstraints

from howlow.config.claim_rules import (
    ArmNeeded,
    InTwoLanguages,
    Pair,
    PublishedAnswer,
    Review,
    Rule,
)
from howlow.config.documents import Path_, read_yaml
from howlow.config.schema import Fault, Name, Strict, Text, check, described, unknown
from howlow.config.trial import Phase, Question

Age = Literal["young", "middle", "older"]
FigureName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*\Z")]


class Aspect(Strict):
    """Something claims are about, and the constructs that measure it."""

    label: InTwoLanguages = described("Words shown to readers")
    constructs: tuple[Name, ...] = described(
        "Keys of `constructs` in config.yaml, any of which will do", min_length=1
    )


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
    rule: Rule | None = described(
        "trial: what number is judged, and where it lies if the claim is true", default=None
    )
    figure: FigureName | None = described(
        "The figure that shows it, such as forest-load-strength", default=None
    )
    reviews: tuple[Review, ...] = described("What others found", default=())


class Claims(Strict):
    """The whole of config/claims.yaml."""

    source: Text = described("Who makes the claims, and where")
    aspects: dict[Name, Aspect] = described("What claims are about", min_length=1)
    published: tuple[PublishedAnswer, ...] = described(
        "The best published synthesis, shown beside our answer", default=()
    )
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
    for position, published in enumerate(found.published):
        if constructs is not None and published.construct not in constructs:
            words = f"'{published.construct}' is no construct"
            action = unknown(published.construct, constructs)
            yield ("published", position, "construct"), words, action, "G14"
    for name, claim in found.claims.items():
        place: Path_ = ("claims", name)
        if (claim.kind == "trial") != (claim.question is not None):
            words = f"kind: {claim.kind}, question: {claim.question or 'none'}"
            action = "A trial needs the question it answers; a cohort or survey has none"
            yield (*place, "question"), words, action, "G01"
        if (claim.kind == "trial") != (claim.rule is not None):
            words = f"kind: {claim.kind}, {'no rule' if claim.rule is None else 'a rule'}"
            action = "A trial needs the rule it is judged by; a cohort or survey has none"
            yield (*place, "rule"), words, action, "G01"
        if claim.rule is not None:
            yield from _check_rule(claim, claim.rule, (*place, "rule"))
        if claim.kind == "trial" and not claim.aspects:
            action = "Name what must have been measured"
            yield (*place, "aspects"), "no aspect", action, "G01"
        for position, word in enumerate(claim.aspects):
            if word not in found.aspects:
                action = unknown(word, found.aspects)
                yield (*place, "aspects", position), f"'{word}' is no aspect", action, "G14"
        yield from _upside_down(claim.weeks, (*place, "weeks"))
        yield from _check_arms(claim.arms, (*place, "arms"))
        if claim.compares_ages and len(claim.ages) < 2:
            words = f"compares_ages with {len(claim.ages)} in ages"
            yield (*place, "ages"), words, "Name the ages that are compared", "G14"


#: Arms that a number needs; a contrast may have none, and is then taken as declared.
_ARMS = {"contrast": (0, 2), "interaction": (2,), "steps": (3,), "change": (0,), "ages": (0,)}


def _check_rule(claim: Claim, rule: Rule, place: Path_) -> Iterator[Fault]:
    """A rule that the arms or ages of its claim do not fit."""
    wanted = _ARMS[rule.number]
    if min(len(claim.arms), 3) not in wanted:
        words = f"number: {rule.number} with {len(claim.arms)} in arms"
        yield (*place, "number"), words, f"Name {' or '.join(map(str, wanted))} arms", "G14"
    if len(rule.against) != (2 if rule.number == "interaction" else 0):
        words = f"number: {rule.number} with {len(rule.against)} in against"
        action = "An interaction needs two arms here, all else none"
        yield (*place, "against"), words, action, "G14"
    yield from _check_arms(rule.against, (*place, "against"))
    if (rule.number == "ages") != claim.compares_ages:
        words = f"number: {rule.number}, compares_ages: {str(claim.compares_ages).lower()}"
        yield (*place, "number"), words, "`ages` goes with compares_ages: true", "G14"


def _check_arms(arms: tuple[ArmNeeded, ...], place: Path_) -> Iterator[Fault]:
    """Ranges of a dose whose lowest value stands second."""
    for position, arm in enumerate(arms):
        for key in ("sessions_per_week", "load_pct_1rm", "rm"):
            yield from _upside_down(getattr(arm, key), (*place, position, key))


def _upside_down(pair: Pair | None, place: Path_) -> Iterator[Fault]:
    """A pair whose lowest value stands second."""
    if pair is not None and pair[0] > pair[1]:
        found = f"{pair[0]:g} is above {pair[1]:g}"
        yield place, found, f"Write the lowest first: [{pair[1]:g}, {pair[0]:g}]", "G04"
