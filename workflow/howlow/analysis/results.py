"""What the model stage found in a study, in the tables it is written to."""

from __future__ import annotations

from dataclasses import dataclass, field

from howlow.analysis.estimand.cards import Card
from howlow.analysis.estimates import Estimate
from howlow.analysis.r_script import Block
from howlow.findings import Finding

#: Columns of a study's table of fits.
FIT_COLUMNS = (
    "study",
    "outcome",
    "at",
    "method",
    "n_participants",
    "n_observations",
    "converged",
    "boundary",
    "variances",
    "messages",
)


@dataclass
class Results:
    """Estimates, fits and findings; the cards of all contrasts; how robust the verdicts are.

    `relative` are the arms' means as log ratios, with their covariance; `blocks` are the primary
    estimates as the script in R fits them again.
    """

    estimates: list[Estimate] = field(default_factory=list)
    fits: list[dict[str, object]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)
    multiverse: list[dict[str, object]] = field(default_factory=list)
    missing: list[dict[str, object]] = field(default_factory=list)
    diagnostics: list[dict[str, object]] = field(default_factory=list)
    relative: list[dict[str, object]] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
