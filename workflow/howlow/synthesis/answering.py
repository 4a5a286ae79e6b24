"""The question and today's answer, in sentences computed from the estimates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from howlow.analysis.estimates import Estimate
from howlow.config.settings import Config
from howlow.synthesis.answer.ladder import Ladder
from howlow.synthesis.answer.ladder_words import ladder_phrase, ladder_record, ladder_sentence
from howlow.synthesis.answer.pool_words import SaidPool, pool_detail, pool_phrase, said_pools
from howlow.synthesis.answer.sentences import PER_CENT, percent, trials
from howlow.synthesis.evidence import CHANGE_QUESTIONS, Effect

if TYPE_CHECKING:
    from howlow.config.claim_rules import PublishedAnswer
    from howlow.synthesis.answer.exchange import Exchange
    from howlow.synthesis.material import Material

QUESTION = "How low can you go: how light a load, and how few sessions, still build muscle?"

#: The ladders and pools that the answer in one sentence names.
_LADDERS = ("strength", "muscle_size")
_HEADLINE = (("load", "strength"), ("load", "muscle_size"), ("frequency", "strength"))
#: The answer where config.yaml has no construct that the question is about.
_NOT_ASKED = (
    "not asked here: the question is about strength and muscle_size, and neither is among the "
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
    """The front page: the answer in one sentence, and what it rests on; all numbers computed.

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
    sentence = _sentence(everybody, main, effects, config)
    return {
        "question": QUESTION,
        "sentence": sentence[:1].upper() + sentence[1:],
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


def _sentence(
    ladders: dict[str, Ladder], main: list[SaidPool], effects: list[Effect], config: Config
) -> str:
    """How low you can go: the smallest doses shown, then what the pools of load and sessions say.

    It opens with `not settled` where no dose is shown and no pool has a verdict.
    """
    asked = [ladders[construct] for construct in _LADDERS if construct in ladders]
    phrases = [ladder_phrase(ladder) for ladder in asked] + [
        pool_phrase(question, construct, main, effects, config)
        for question, construct in _HEADLINE
        if construct in config.constructs
    ]
    settled = any(ladder.smallest for ladder in asked) or any(found.settled for found in main)
    opening = "" if settled else "not settled by the trials at hand: "
    return f"{opening}{'; '.join(phrases)}." if phrases else _NOT_ASKED


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
    low = min(losses, key=lambda effect: effect.estimate)
    high = max(losses, key=lambda effect: effect.estimate)
    return (
        f"What disuse cost in strength: {len(losses)} groups of {trials(studies)}, from "
        f"{percent(high.estimate)}{PER_CENT} ({high.cite}: {high.label}) to "
        f"{percent(low.estimate)}{PER_CENT} ({low.cite}: {low.label})."
    )
