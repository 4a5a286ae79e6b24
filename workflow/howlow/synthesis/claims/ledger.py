"""The claim ledger: each claim with its number, its verdict, why, and what would settle it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import log1p
from typing import TYPE_CHECKING

from howlow.analysis.estimates import Estimate
from howlow.config.claims import Claim, Claims
from howlow.synthesis.answer.sentences import short_label
from howlow.synthesis.claims.judging import Judge, judge_part
from howlow.synthesis.claims.parts import Part, participants
from howlow.synthesis.claims.rows import ClaimRow, row_of
from howlow.synthesis.claims.selecting import Selection
from howlow.synthesis.claims.settling import settle_claim, settle_part
from howlow.synthesis.claims.telling import direction_of, why_whole
from howlow.synthesis.claims.verdicts import (
    CITED,
    CONTRADICTED,
    NO_DATA,
    SUPPORTED,
    claim_verdict,
)

if TYPE_CHECKING:
    from howlow.synthesis.material import Material


@dataclass(frozen=True)
class Ledger:
    """The rows of claims.csv, and the estimates they name that no trial and no other pool has."""

    rows: tuple[ClaimRow, ...]
    estimates: tuple[Estimate, ...]


def ledger(material: Material, claims: Claims) -> Ledger:
    """Judge every claim by the trials at hand.

    A row for each claim and for each of its parts: an aspect by each construct that measures it, as
    constructs do not mix.
    """
    selection = Selection(material)
    rows: list[ClaimRow] = []
    estimates: list[Estimate] = []
    for name, claim in claims.claims.items():
        if claim.rule is None:
            rows.append(_external(name, claim))
            continue
        mine = []
        parts = _parts(material, claims, claim, selection)
        for part in parts:
            pooled = part.estimate(name, claim)
            verdict, trials = part.found.verdict, len(part.judged)
            settle = settle_part(material, claim, part.construct, verdict, trials)
            mine.append(part.row(name, claim, pooled, settle))
            estimates += [] if pooled is None else [pooled]
        rows += [_whole(name, claim, parts, mine), *mine]
    return Ledger(tuple(rows), tuple(estimates))


def _parts(material: Material, claims: Claims, claim: Claim, selection: Selection) -> list[Part]:
    """The parts of a claim: each aspect by each of its constructs."""
    parts = []
    for aspect in claim.aspects:
        for construct in claims.aspects[aspect].constructs:
            declared = material.config.constructs.get(construct)
            if declared is None or claim.rule is None:
                continue
            percent = declared.margin_pct
            margin = None if percent is None else log1p(percent / 100)
            judge = Judge(claim.rule, margin, material.config.alpha, declared.pooled)
            numbers = selection.numbers(claim, construct)
            found = judge_part(numbers, judge)
            parts.append(Part(aspect, construct, short_label(declared), numbers, found, judge))
    return parts


def _whole(name: str, claim: Claim, parts: list[Part], rows: list[ClaimRow]) -> ClaimRow:
    """The row of a claim as a whole."""
    verdicts = {
        aspect: [part.found.verdict for part in parts if part.aspect == aspect]
        for aspect in claim.aspects
    }
    judged = [number for part in parts for number in part.judged]
    told = [(part.label, part.found.verdict) for part in parts]
    studies = list(dict.fromkeys(number.study for number in judged))
    words = [word for part in parts for word in part.found.depends_on]
    return replace(
        row_of(
            name,
            claim,
            claim_verdict(verdicts),
            why=why_whole(told, [a for a, v in verdicts.items() if not set(v) - {NO_DATA}]),
            settle=_settle(claim, parts, rows),
        ),
        trials=len(studies),
        participants=participants(judged),
        direction="; ".join(
            f"{part.label}: {direction_of(part.numbers)}" for part in parts if part.numbers
        ),
        depends_on="; ".join(dict.fromkeys(words)),
        studies="; ".join(studies),
    )


def _settle(claim: Claim, parts: list[Part], rows: list[ClaimRow]) -> str:
    """For each aspect that is not settled, what would settle the part that is nearest to it."""
    sentences = []
    for aspect in claim.aspects:
        mine = [(part, row) for part, row in zip(parts, rows, strict=True) if part.aspect == aspect]
        verdicts = {part.found.verdict for part, _ in mine} - {NO_DATA}
        if mine and (len(verdicts) != 1 or not verdicts <= {SUPPORTED, CONTRADICTED}):
            nearest = max(mine, key=lambda one: (bool(one[1].settle), len(one[0].judged)))
            label = nearest[0].label
            sentences.append(f"{label[:1].upper()}{label[1:]}: {nearest[1].settle}")
    return ". ".join(sentences)


def _external(name: str, claim: Claim) -> ClaimRow:
    """The row of a claim that no trial can answer."""
    answering = [review.cite for review in claim.reviews if review.answers and review.verified]
    verdict = CITED if answering else NO_DATA
    if answering:
        why = f"No study here can answer it; {' and '.join(answering)} measured it."
    else:
        why = f"No trial can answer it, and no {claim.kind} is at hand."
    return row_of(name, claim, verdict, why=why, settle=settle_claim(claim, verdict))
