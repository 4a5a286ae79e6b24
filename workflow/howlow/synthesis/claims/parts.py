"""A part of a claim: one construct, the trials that speak to it, and what becomes of it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from howlow.analysis.estimates import Estimate, assumptions_of, intervals
from howlow.config.claims import Claim
from howlow.synthesis.claims.judging import Judge, Judged
from howlow.synthesis.claims.numbers import TrialNumber
from howlow.synthesis.claims.rows import ClaimRow, row_of
from howlow.synthesis.claims.settling import arm_in_words
from howlow.synthesis.claims.telling import direction_of, why_part
from howlow.synthesis.pooling import FEW_TRIALS


@dataclass(frozen=True)
class Part:
    """A part of a claim: a construct, the trials that speak to it, and the verdict.

    `label` is the construct's name in a sentence.
    """

    aspect: str
    construct: str
    label: str
    numbers: tuple[TrialNumber, ...]
    found: Judged
    judge: Judge

    @property
    def judged(self) -> list[TrialNumber]:
        """The trials that have an interval."""
        return [number for number in self.numbers if number.value is not None]

    def estimate(self, name: str, claim: Claim) -> Estimate | None:
        """The row of the table of estimates; None where a trial's own row says it already."""
        whole = self.found.whole
        own = len(self.judged) == 1 and len(self.judged[0].estimate_ids) == 1
        if whole is None or own or claim.rule is None:
            return None
        few = f"few trials: {whole.trials}, fewer than {FEW_TRIALS}; "
        cautioned = sum(bool(number.assumed) for number in self.judged)
        tested = claim.rule.number != "change" and whole.trials >= FEW_TRIALS
        return Estimate(
            study=f"pooled:{name}",
            collection="",
            kind="pooled",
            construct=self.construct,
            outcome=self.construct,
            population=" and ".join(claim.ages) or "all",
            estimand=claim.estimand.en,
            tier="secondary",
            contrast=_contrast(claim),
            at=_at(claim),
            scale="log_ratio",
            **intervals(whole.value, self.judge.alpha),
            margin=self.judge.margin,
            p=whole.value.p if tested else None,
            unit="log ratio",
            method=whole.method,
            n_participants=participants(self.judged),
            n_studies=whole.trials,
            converged=whole.converged,
            assumed=assumptions_of(number.assumed for number in self.judged),
            note=f"{few if whole.trials < FEW_TRIALS else ''}{cautioned} of {whole.trials} with a "
            "caution; its verdict is told with the claim",
        )

    def row(self, name: str, claim: Claim, pooled: Estimate | None, settle: str) -> ClaimRow:
        """The row of claims.csv."""
        whole, level = self.found.whole, 1 - self.judge.alpha
        low, high = whole.value.interval(level) if whole else (None, None)
        own = "; ".join(key for number in self.judged for key in number.estimate_ids)
        why = why_part(self.judge, self.found, self.numbers)
        return replace(
            row_of(name, claim, self.found.verdict, why=why, settle=settle),
            part=self.construct,
            estimate=whole.value.estimate if whole else None,
            ci_low=low,
            ci_high=high,
            ci_level=level if whole else None,
            unit="log ratio" if whole else "",
            trials=len(self.judged),
            participants=participants(self.judged),
            direction=direction_of(self.numbers),
            depends_on="; ".join(self.found.depends_on),
            studies="; ".join(number.study for number in self.judged),
            estimate_id=pooled.estimate_id if pooled else own,
        )


def participants(numbers: Iterable[TrialNumber]) -> int | None:
    """All participants, each trial counted once; None where those of one are not known."""
    known: dict[str, float] = {}
    for number in numbers:
        if math.isnan(number.n):
            return None
        known[number.study] = max(number.n, known.get(number.study, 0.0))
    return round(sum(known.values())) if known else None


def _contrast(claim: Claim) -> str:
    """What is set against what, as the table of estimates writes it."""
    rule = claim.rule
    if rule is None or rule.number == "change":
        return "mean(no training)"
    if rule.number == "ages":
        return "older - young"
    if rule.number == "steps":
        return "first step - further steps"
    if not claim.arms:
        return f"{claim.question} - its reference"
    arms = [arm_in_words(arm) for arm in claim.arms[:2]]
    if rule.order == "second - first":
        arms.reverse()
    told = " - ".join(arms)
    if rule.number == "interaction":
        told = f"({told}) - ({' - '.join(arm_in_words(arm) for arm in rule.against)})"
    return told


def _at(claim: Claim) -> str:
    """The window of time a claim is about."""
    return "any time" if claim.weeks is None else f"{claim.weeks[0]:g}-{claim.weeks[1]:g} weeks"
