"""What data would settle a claim: how many trials more, of what kind, and how large."""

from __future__ import annotations

from math import inf, log1p, sqrt
from typing import TYPE_CHECKING

from howlow.analysis.sample_size import Observed, n_for_difference, n_for_equivalence
from howlow.config.claim_rules import ArmNeeded, Rule
from howlow.config.claims import Claim
from howlow.synthesis.answer.sentences import short_label
from howlow.synthesis.claims.verdicts import CITED, CONTRADICTED, SUPPORTED
from howlow.synthesis.pooling import FEW_TRIALS
from howlow.synthesis.settling import spread_of

if TYPE_CHECKING:
    from howlow.synthesis.material import Material

#: Sum of the squared weights of the arms in a number: what its variance is in units of one arm's.
_SQUARES = {"contrast": 2.0, "change": 1.0, "ages": 2.0, "interaction": 4.0, "steps": 6.0}
_AGES = {"young": "young people", "middle": "people of middle age", "older": "older people"}


def participants_needed(material: Material, rule: Rule, construct: str) -> int | None:
    """Participants an arm with which one trial would show the claim, with the declared power.

    If the truth is a difference of the margin (of twice the margin, where more than the margin is
    claimed), or arms that are alike where that is claimed. None where the construct has no margin,
    no arm tells how much people's changes differ, or no trial is large enough.
    """
    config = material.config
    percent, spread = config.constructs[construct].margin_pct, spread_of(material, construct)
    if percent is None or spread is None:
        return None
    margin, alpha, power = log1p(percent / 100), config.alpha, config.planning.power
    # ASSUME: analysed as changes; an analysis that uses the baseline needs no more.
    observed = Observed(se=spread.sd * sqrt(_SQUARES[rule.number]), df=inf, n=1.0)
    if rule.claimed == "within_margin":
        return n_for_equivalence(observed, margin, power, alpha)
    return n_for_difference(observed, margin, power, alpha)


def settle_part(material: Material, claim: Claim, construct: str, verdict: str, trials: int) -> str:
    """A sentence on what would settle a part; nothing where it is settled."""
    if verdict in (SUPPORTED, CONTRADICTED) or claim.rule is None:
        return ""
    if material.config.constructs[construct].margin_pct is None and claim.rule.claimed.endswith(
        "margin"
    ):
        label = short_label(material.config.constructs[construct])
        return f"a margin for {label} in config.yaml, and {FEW_TRIALS} trials of {_of(claim)}"
    more = max(1, FEW_TRIALS - trials)
    needed = participants_needed(material, claim.rule, construct)
    size = ""
    if needed is not None:
        each = "participants" if claim.rule.number == "change" else "participants an arm"
        power = 100 * material.config.planning.power
        size = f"; {needed} {each} give one such trial {power:g} % power"
    what = f"{more} {'more ' if trials else ''}trial{'' if more == 1 else 's'}"
    return f"{what} of {_of(claim)}, with a baseline and a spread{size}"


def settle_claim(claim: Claim, verdict: str) -> str:
    """What would settle a claim that no trial can answer."""
    if verdict == CITED:
        return "No trial: it is cited, and a newer survey or cohort would replace it"
    what = "A survey" if claim.kind == "survey" else "A cohort followed for years, not a trial"
    return f"{what}: {claim.estimand.en[:1].lower()}{claim.estimand.en[1:]}"


def _of(claim: Claim) -> str:
    """The design, people and time that a claim asks for."""
    rule = claim.rule
    arms = " against ".join(arm_in_words(arm) for arm in claim.arms[:2])
    if rule is not None and rule.number == "steps":
        arms = " against ".join(arm_in_words(claim.arms[k]) for k in (2, 0, 1))
    if rule is not None and rule.number == "interaction":
        other = " against ".join(arm_in_words(arm) for arm in rule.against)
        arms = f"{arms}, and {other}, all in one trial"
    if not arms:
        arms = f"a declared contrast on {claim.question}"
    if rule is not None and rule.number in ("change", "ages"):
        arms = "disuse without training" if claim.question == "disuse" else "disuse and recovery"
    joined = " and " if claim.compares_ages else " or "
    people = joined.join(_AGES[age] for age in claim.ages)
    weeks = "" if claim.weeks is None else f", {claim.weeks[0]:g} to {claim.weeks[1]:g} weeks"
    return f"{arms}{' in ' if people else ''}{people}{weeks}"


def arm_in_words(arm: ArmNeeded) -> str:
    """An arm that a claim needs."""
    if arm.sessions_per_week is not None and arm.sessions_per_week[1] == 0:
        return "no training"
    words = [f"{arm.dose} loads"] if arm.dose else []
    loads = [
        f"{pair[0]:g}-{pair[1]:g} {unit}"
        for pair, unit in ((arm.load_pct_1rm, "% 1RM"), (arm.rm, "RM"))
        if pair is not None
    ]
    if loads:
        words.append(" or ".join(loads))
    if arm.sessions_per_week is not None:
        low, high = arm.sessions_per_week
        words.append(f"{low:g}-{high:g} sessions a week")
    if arm.to_failure is not None:
        words.append("to failure" if arm.to_failure else "short of failure")
    return " ".join(words) or "any arm"
