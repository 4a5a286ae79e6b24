"""The models in plain words; the name of a method stands in every row of the table of estimates."""

from __future__ import annotations

from howlow.analysis.fitting.structures import STRUCTURES

#: Short and long words for the methods that are one thing.
_SINGLE = {
    "ancova": (
        "ANCOVA",
        (
            "ANCOVA of those seen before and after: the value after, compared between arms after "
            "allowing for the value before (ordinary least squares)"
        ),
    ),
    "change": (
        "change",
        (
            "Change: after less before, its mean and spread taken arm by arm, each arm with a "
            "variance of its own (Welch)"
        ),
    ),
    "paired": (
        "paired",
        "Paired: the difference between the two limbs of each person (cross-check)",
    ),
    "unpaired": (
        "unpaired",
        "Unpaired: what counting limbs as people would wrongly say; shown as a warning, never used",
    ),
    "crossover": (
        "crossover",
        (
            "Crossover: the arms compared within people, with a shift of each period and a random "
            "intercept of each person, by restricted maximum likelihood, Kenward-Roger"
        ),
    ),
    "crossover-ancova": (
        "crossover, baselines",
        (
            "Crossover: the arms compared within people, with a shift of each period, the baseline "
            "of each period, the mean of each person's baselines and a random intercept of each "
            "person, by restricted maximum likelihood, Kenward-Roger"
        ),
    ),
    "crossover-by-period": (
        "carry-over, shown only",
        (
            "Crossover with a mean of each arm in each period: what carry-over could have done; "
            "shown, never used"
        ),
    ),
    "first-period": (
        "first period",
        (
            "First period: people compared as in parallel arms, each arm with a variance of its "
            "own (Welch)"
        ),
    ),
    "first-period-ancova": (
        "first period",
        (
            "First period: people compared as in parallel arms, after allowing for the value "
            "before (ANCOVA)"
        ),
    ),
    "printed": ("printed", "Printed: the difference and interval as the paper prints them"),
    "described": (
        "described",
        "Described: the mean as printed, without a spread, so without an interval",
    ),
    "masked": (
        "masked",
        "Masked: all arms of a study that goes on together, as nothing may tell them apart yet",
    ),
    "variances of change": (
        "variances of change",
        (
            "Variances of change: the signed root of the difference of two, its limits recovered "
            "from those of each (Zou & Donner 2008)"
        ),
    ),
    "repeated baseline": (
        "repeated baseline",
        "Repeated baseline: the spread of measurements made again before anything was done",
    ),
    "reference-mar": (
        "imputed, missing at random",
        "Unseen values filled in by their conditional means, missing at random; ANCOVA; jackknife",
    ),
    "reference-j2r": (
        "imputed, jump to reference",
        "Who left is taken to follow the reference arm's mean from then on; ANCOVA; jackknife",
    ),
    "reference-cr": (
        "imputed, copy reference",
        "Who left is taken to have been in the reference arm all along; ANCOVA; jackknife",
    ),
    "reference-cir": (
        "imputed, copy increments in reference",
        (
            "Who left is taken to keep the gain so far and then to change as the reference arm "
            "does; ANCOVA; jackknife"
        ),
    ),
}
#: Families of mixed models by the first part of the name.
_FAMILIES = {
    "clda": (
        "mixed model",
        (
            "Constrained longitudinal mixed model: the mean of each arm at each visit, with one "
            "baseline mean for all arms, by restricted maximum likelihood, Kenward-Roger; "
            "{structure}"
        ),
    ),
    "mmrm": (
        "mixed model, own baselines",
        (
            "Longitudinal mixed model: the change of each arm from a baseline mean of its own, by "
            "restricted maximum likelihood, Kenward-Roger; {structure}"
        ),
    ),
    "change": (
        "mixed model of the change",
        (
            "Mixed model of the printed change of each limb, by restricted maximum likelihood, "
            "Kenward-Roger; {structure}"
        ),
    ),
}


def method_names(method: str) -> tuple[str, str]:
    """A method without its reading in words: short, and in a sentence; the name where unknown."""
    if method in _SINGLE:
        return _SINGLE[method]
    family, _, rest = method.partition("-")
    for name, structure in STRUCTURES.items():
        if family in _FAMILIES and (rest == name or rest.startswith(f"{name}-")):
            short, long = _FAMILIES[family]
            more = "; each arm with a covariance of its own" if "by-arm" in rest else ""
            more += "; adjusted for the declared covariates" if "adjusted" in rest else ""
            return short, long.format(structure=structure.words) + more
    return method, method
