"""How contrasts are analysed, in sentences: of each method only what this run used."""

from __future__ import annotations

from collections.abc import Iterator

from howlow.analysis.estimates import Estimate
from howlow.analysis.verdicts import EQUIVALENT, NO_ASSAY, NOT_INFERIOR
from howlow.report.contrasts import group_of
from howlow.report.inputs import Inputs
from howlow.report.numbers import count, plain_percent
from howlow.report.sections.robustness import REFERENCE_BASED

#: Families of models whose rows are fitted over visits.
_MIXED = ("clda-", "mmrm-")


def analyses_of(inputs: Inputs) -> Iterator[tuple[str, str]]:
    """Titles with their sentences, in the order in which an analysis is made."""
    found = [row for row in inputs.estimates if row.kind != "pooled"]
    mixed = [row for row in found if row.method.startswith(_MIXED)]
    if mixed:
        yield "One model for each outcome", _model(mixed)
        yield "The covariance", _chain(mixed)
    yield from _several(found)
    yield from _verdicts(inputs, found)
    yield from _questions(inputs, found)
    yield from _robustness(inputs, found)
    yield "No P value within an arm, and no count of responders", _not_shown()


def _model(mixed: list[Estimate]) -> str:
    """The longitudinal model and its inference."""
    one = sum(row.method.startswith("clda-") for row in mixed)
    text = (
        "The values of everybody who counts, at all visits that their number carries (else at the "
        "baseline and the visits compared), go into one mixed model, by restricted maximum "
        "likelihood; a visit that was missed is taken as missing at random, and no value is filled "
        "in. "
    )
    if one:
        text += (
            "Where chance made the arms, they have one baseline mean (constrained longitudinal "
            "analysis, Liang & Zeger 2000), which makes the difference as precise as analysis of "
            "covariance. "
        )
    if one < len(mixed):
        text += "Where chance did not, each arm has a baseline mean of its own. "
    return (
        f"{text}Standard errors and degrees of freedom are those of Kenward & Roger (1997), which "
        "hold in small trials."
    )


def _chain(mixed: list[Estimate]) -> str:
    """How the covariance is chosen."""
    used = dict.fromkeys(_structure(row.method) for row in mixed)
    return (
        "It is taken from a chain that was declared beforehand, from the freest to the plainest: "
        "the first that the numbers of participants and visits carry, never the one that fits best "
        f"or gives the smallest P. In this run: {', '.join(used)}."
    )


def _structure(method: str) -> str:
    """The covariance in a method's name."""
    name = method.partition("[")[0].partition("-")[2]
    for ending in ("-moderated", "-adjusted"):
        name = name.removesuffix(ending)
    return name.replace("-", " ")


def _several(found: list[Estimate]) -> Iterator[tuple[str, str]]:
    """What is done about several comparisons and outcomes."""
    said = []
    if any("(Dunnett)" in row.note for row in found):
        said.append(
            "Where several arms are compared with the same one, their intervals hold together and "
            "P is adjusted (Dunnett 1955)"
        )
    if any("Holm's" in row.note for row in found):
        said.append(
            "P of the same contrast over a trial's secondary outcomes is adjusted by Holm (1979), "
            "and a difference that does not hold then is inconclusive"
        )
    if said:
        yield "Several comparisons", f"{'. '.join(said)}. The primary outcome stands alone."


def _verdicts(inputs: Inputs, found: list[Estimate]) -> Iterator[tuple[str, str]]:
    """How equivalence and non-inferiority are judged, and what would settle the rest."""
    verdicts = {row.verdict for row in found}
    if verdicts & {EQUIVALENT, NOT_INFERIOR, NO_ASSAY} or any(row.verdict for row in found):
        level = plain_percent(100 * (1 - 2 * inputs.config.alpha))
        yield (
            "Equivalence",
            (
                f"Two one-sided tests, which is the {level} interval inside the margin. Two arms "
                "that both do nothing are alike as well, so the reference arm must also have been "
                "shown to gain more than the margin (assay sensitivity): over an arm without "
                "training where there is one, else over its own start."
            ),
        )
    if any(row.n_to_settle is not None for row in found):
        power = plain_percent(100 * inputs.config.planning.power)
        yield (
            "What would settle it",
            (
                "Beside an unsettled verdict stands the number of participants with which it would "
                f"be settled with a chance of {power}, by the precision of the trial itself."
            ),
        )


def _questions(inputs: Inputs, found: list[Estimate]) -> Iterator[tuple[str, str]]:
    """What the questions beside the contrasts rest on."""
    groups = {group_of(row.contrast, row.at, row.estimand) for row in found}
    if any(row.scale == "share" for row in found):
        yield (
            "Shares",
            (
                "A share of a gain or of a loss is a ratio of two estimates; its limits are "
                "Fieller's (1954). Where what it is a share of is not itself shown, they have no "
                "end on one side or on both, and say so."
            ),
        )
    if "steps" in groups:
        level = plain_percent(100 * inputs.config.alpha)
        yield (
            "The biggest step",
            (
                "The first session is shown to bring the biggest step only if it beats every later "
                f"step in a one-sided test at {level} (intersection-union test, Berger 1982); "
                "there is a bound on one side alone."
            ),
        )
    if "moderators" in groups:
        yield "Moderators", "Only those declared beforehand, and only the interaction is tested."


def _robustness(inputs: Inputs, found: list[Estimate]) -> Iterator[tuple[str, str]]:
    """What was tried around the primary analyses."""
    tried = [choices for source in inputs.sources for choices in source.analysis.choices.values()]
    if tried:
        total = sum(not choice.left_out for choices in tried for choice in choices)
        yield (
            "Every defensible choice",
            (
                f"{count(len(tried), 'contrast')} {'was' if len(tried) == 1 else 'were'} analysed "
                "in every way that the design and the numbers allow (multiverse analysis, Steegen "
                f"et al. 2016): {count(total, 'analysis', 'analyses')} in all, and those without "
                "one participant. What is wrong for a design, such as limbs of one person taken as "
                "other people, is no choice. A verdict on which all agree does not hang on one of "
                "them."
            ),
        )
    missing = [row for source in inputs.sources for row in source.analysis.missing]
    if missing:
        yield (
            "Drop-out",
            (
                "Unseen values are shifted until the verdict changes (delta tipping point): the "
                "nearest shift either way is told, for a reader to judge."
            ),
        )
    if any(row.method.startswith(REFERENCE_BASED) for row in found):
        yield (
            "Reference-based assumptions",
            (
                "People who dropped out are also taken to have followed the reference arm: from "
                "when they were last seen, from the start, or in what they gained since "
                "(Carpenter, Roger & Kenward 2013), by conditional means and the jackknife "
                "(Wolbers et al. 2022)."
            ),
        )


def _not_shown() -> str:
    """Why two things that papers often print are not on the page."""
    return (
        "A change within one arm mixes training with practice, season and regression to the mean, "
        "so that a P value of it answers no question about training. A responder is mostly "
        "a person whose two measurements happened to err apart. Both are left out on purpose."
    )
