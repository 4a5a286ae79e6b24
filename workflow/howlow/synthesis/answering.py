"""The question and today's answer, in sentences computed from the estimates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from howlow.analysis.estimates import Estimate
from howlow.config.settings import Config
from howlow.synthesis.answer.ladder import Ladder
from howlow.synthesis.answer.ladder_words import ladder_phrase, ladder_record, ladder_sentence
from howlow.synthesis.answer.pool_words import (
    SaidPool,
    is_settled,
    pool_detail,
    pool_phrase,
    said_pools,
)
from howlow.synthesis.answer.sentences import PER_CENT, margin_words, percent, short_label, trials
from howlow.synthesis.evidence import CHANGE_QUESTIONS, Effect

if TYPE_CHECKING:
    from howlow.config.claim_rules import PublishedAnswer
    from howlow.synthesis.answer.exchange import Exchange
    from howlow.synthesis.material import Material

QUESTION = "How low can you go: how light a load, and how few sessions, still build muscle?"

#: The ladders and pools that the answer names.
_LADDERS = ("strength", "muscle_size")
_HEADLINE = (("load", "strength"), ("load", "muscle_size"), ("frequency", "strength"))
_OPEN = "Not settled by the trials at hand"
#: The answer where config.yaml has no construct that the question is about.
_NOT_ASKED = (
    "Not asked here: the question is about strength and muscle_size, and neither is among the "
    "constructs of config.yaml."
)


def answer(
    material: Material,
    pooled: Sequence[Estimate],
    ladders: Sequence[Ladder] = (),
    exchange: Sequence[Exchange] = (),
    first_step: Sequence[dict[str, Any]] = (),
    published: Sequence[PublishedAnswer] = (),
) -> dict[str, Any]:
    """The front page: the answer in short, and what it rests on; all numbers computed.

    `sentence` tells what is settled, or that nothing is; `findings` what is not settled, a sentence
    each; `details` every pool.

    Parameters
    ----------
    pooled
        Pooled rows of all questions; those over all ages and their widest intervals are said.
    first_step
        What the step from none to one session a week brings, as it stands in answer.json.
    published
        The best published syntheses, put beside what is found here.
    """
    effects, config = material.effects, material.config
    main = said_pools(pooled)
    details = [pool_detail(found, effects, config) for found in main]
    everybody = {ladder.construct: ladder for ladder in ladders if ladder.population == "all"}
    said = _said(everybody, main, effects, config)
    return {
        "question": QUESTION,
        "sentence": _opening(said, everybody),
        "findings": [f"{_capital(words)}." for words, settled in said if not settled],
        "details": details,
        "closing": _closing(effects),
        "ladder": [ladder_record(ladder) for ladder in ladders],
        "exchange": [found.record() for found in exchange],
        "first_step": list(first_step),
        "published": [
            {
                "construct": one.construct,
                "sentence": one.sentence.en,
                "cite": one.cite,
                "doi": one.doi,
                "url": one.link,
                "verified": one.verified,
                "ours": _ours(one.construct, everybody, details, config),
            }
            for one in published
        ],
    }


def _said(
    ladders: dict[str, Ladder], main: list[SaidPool], effects: list[Effect], config: Config
) -> list[tuple[str, bool]]:
    """What the ladders and the pools of load and sessions say, and whether that is settled."""
    asked = [ladders[construct] for construct in _LADDERS if construct in ladders]
    return [(ladder_phrase(ladder), ladder.smallest is not None) for ladder in asked] + [
        (
            pool_phrase(question, construct, main, effects, config),
            is_settled(question, construct, main),
        )
        for question, construct in _HEADLINE
        if construct in config.constructs
    ]


def _opening(said: list[tuple[str, bool]], ladders: dict[str, Ladder]) -> str:
    """The answer in short: what is settled, or that nothing is."""
    if not said:
        return _NOT_ASKED
    settled = "; ".join(words for words, is_so in said if is_so)
    if settled:
        return f"{_capital(settled)}."
    asked = [ladders[construct] for construct in _LADDERS if construct in ladders]
    if not asked:
        return f"{_OPEN}."
    gains = [
        f"{margin_words(construct)} in {short_label(construct)}"
        for construct in (ladder.config.constructs[ladder.construct] for ladder in asked)
    ]
    return (
        f"{_OPEN}: no dose of strength training is shown to bring more than {' or '.join(gains)} "
        "over no training. That does not mean that training does not help."
    )


def _capital(text: str) -> str:
    """A sentence's first letter."""
    return text[:1].upper() + text[1:]


def _ours(
    construct: str, ladders: dict[str, Ladder], details: list[dict[str, str]], config: Config
) -> str:
    """What is found here on a construct, to stand beside what is published."""
    if construct not in config.constructs:
        return "Not among the constructs of config.yaml."
    parts = [ladder_sentence(ladders[construct])] if construct in ladders else []
    parts += [
        detail["sentence"]
        for detail in details
        if (detail["question"], detail["construct"]) == ("load", construct)
    ]
    return " ".join(parts) or "Nothing is pooled here."


def _closing(effects: list[Effect]) -> str:
    """How much there is on what a few days of disuse cost."""
    losses = [
        effect
        for effect in effects
        if effect.question == CHANGE_QUESTIONS[0]
        and not math.isnan(effect.ci_low)
        and effect.construct == "strength"
    ]
    if not losses:
        return ""
    studies = len({effect.study for effect in losses})
    groups = f"{len(losses)} group{'' if len(losses) == 1 else 's'}"
    low = min(losses, key=lambda effect: effect.estimate)
    high = max(losses, key=lambda effect: effect.estimate)
    return (
        f"What disuse cost in strength: from {percent(high.estimate)}{PER_CENT} ({high.cite}: "
        f"{high.label}) to {percent(low.estimate)}{PER_CENT} ({low.cite}: {low.label}), in "
        f"{groups} of {trials(studies)}. These are changes over time, with nobody set against them."
    )
