"""Methods in plain words, with the numbers of this run's configuration."""

from __future__ import annotations

from dataclasses import dataclass

from howlow.analysis.methods import method_names
from howlow.analysis.verdicts import (
    DIFFERENT,
    DIFFERENT_BEYOND,
    EQUIVALENT,
    INCONCLUSIVE,
    NO_ASSAY,
    NOT_INFERIOR,
    TRIVIAL,
)
from howlow.report.inputs import Inputs
from howlow.report.numbers import plain_percent
from howlow.report.sections.analyses import analyses_of
from howlow.report.words import POOLING

VERDICTS = {
    DIFFERENT_BEYOND: (
        "the whole interval lies beyond the margin: the arms differ by more than what matters"
    ),
    DIFFERENT: (
        "the interval leaves out zero but reaches inside the margin: the arms differ, and whether "
        "by enough to matter is open"
    ),
    TRIVIAL: (
        "the interval leaves out zero and the narrower one lies inside the margin: the difference "
        "is too small to matter"
    ),
    EQUIVALENT: (
        "the narrower interval lies wholly inside the margin, and the reference arm was shown to "
        "gain more than the margin, so that the trial could have shown a difference"
    ),
    NOT_INFERIOR: (
        "declared beforehand: the interval's worse end is not worse than the reference by the "
        "margin, and the reference arm was shown to gain more than the margin"
    ),
    NO_ASSAY: "inside the margin, but the trial did not show that its training worked at all",
    INCONCLUSIVE: "the interval holds zero and reaches beyond the margin: it settles nothing",
}


@dataclass(frozen=True)
class Methods:
    """What the methods section says."""

    interval: str
    equivalence: str
    methods: tuple[tuple[str, str], ...]
    verdicts: tuple[tuple[str, str], ...]
    light: str
    heavy: str
    window: str
    analyses: tuple[tuple[str, str], ...]


def methods_of(inputs: Inputs) -> Methods:
    """The methods that were used, and what the words mean."""
    alpha, doses, window = (
        inputs.config.alpha,
        inputs.config.dose_classes,
        inputs.config.training_window,
    )
    used = dict.fromkeys(found.method.partition("[")[0] for found in inputs.estimates)
    return Methods(
        interval=plain_percent(100 * (1 - alpha)),
        equivalence=plain_percent(100 * (1 - 2 * alpha)),
        methods=tuple(dict.fromkeys(POOLING.get(name) or method_names(name) for name in used)),
        verdicts=tuple(VERDICTS.items()),
        light=(
            f"at most {plain_percent(doses.light.max_pct_1rm)} 1RM "
            f"or at least {doses.light.min_rm:g} RM"
        ),
        heavy=(
            f"at least {plain_percent(doses.heavy.min_pct_1rm)} 1RM "
            f"or at most {doses.heavy.max_rm:g} RM"
        ),
        window=f"{window.min_weeks:g} to {window.max_weeks:g} weeks",
        analyses=tuple(analyses_of(inputs)),
    )
