"""The question and today's answer, in sentences computed from the estimates."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from howlow.analysis.estimates import Estimate
from howlow.analysis.rounding import as_percent, signed
from howlow.analysis.verdicts import DIFFERENT, DIFFERENT_BEYOND, INCONCLUSIVE, TRIVIAL
from howlow.config.settings import Config, Construct
from howlow.synthesis.evidence import CHANGE_QUESTIONS, Effect
from howlow.synthesis.pooling import FEW_TRIALS

#: A per cent sign that stays with its number.
PER_CENT = "\N{NO-BREAK SPACE}%"
QUESTION = "How low can you go: how light a load, and how few sessions, still build muscle?"

#: How each question is said: what is set against what, and its words for less and more.
_WORDS = {
    "load": ("light against heavy loads", "light loads"),
    "frequency": ("fewer against more sessions a week", "fewer sessions"),
    "volume": ("fewer against more sets", "fewer sets"),
    "failure": ("sets short of failure against sets to failure", "stopping short of failure"),
    "training": ("training against none", "training"),
}
#: The questions that the answer in one sentence names.
_HEADLINE = (("load", "strength"), ("load", "muscle_size"), ("frequency", "strength"))
#: The answer where config.yaml has no construct that the question is about.
_NOT_ASKED = (
    "not asked here: the question is about strength and muscle_size, and neither is among the "
    "constructs of config.yaml."
)


def answer(effects: list[Effect], pooled: list[Estimate], config: Config) -> dict[str, object]:
    """Question, answer in one sentence, and a sentence for each pool; all numbers computed."""
    main = [_Pooled(found, _widest(found, pooled)) for found in pooled if found.tier == "secondary"]
    details = [_detail(found, effects, config) for found in main]
    headline = [
        _headline(question, construct, main, effects, config)
        for question, construct in _HEADLINE
        if construct in config.constructs
    ]
    settled = [
        found for found in main if found.row.verdict and INCONCLUSIVE not in found.row.verdict
    ]
    opening = "" if settled else "not settled by the trials at hand: "
    sentence = f"{opening}{'; '.join(headline)}." if headline else _NOT_ASKED
    return {
        "question": QUESTION,
        "sentence": sentence[:1].upper() + sentence[1:],
        "details": details,
        "closing": _closing(effects),
    }


@dataclass(frozen=True)
class _Pooled:
    """A pooled row, and the one with the widest interval: that is the one to be said aloud."""

    row: Estimate
    widest: Estimate


def _widest(found: Estimate, pooled: list[Estimate]) -> Estimate:
    """Of the rows of one pool the one with the largest standard error."""
    same = [row for row in pooled if (row.study, row.construct) == (found.study, found.construct)]
    return max(same, key=lambda row: row.se or 0.0)


def _headline(
    question: str,
    construct: str,
    pooled: Iterable[_Pooled],
    effects: list[Effect],
    config: Config,
) -> str:
    """One part of the answer: what is shown, or that it is not."""
    label = config.constructs[construct].label.split(" (")[0].lower()
    found = _find(pooled, question, construct)
    what, less = _WORDS[question]
    here = [effect for effect in effects if _is(effect, question, construct)]
    mine = [effect for effect in here if effect.pooled]
    if found is None and len(mine) == 1:
        direction = "less" if mine[0].estimate < 0 else "more"
        only = f"{less} gained {direction} in the one trial that can be put in per cent"
        more = sum(effect.scale == "raw" and effect.tier != "described" for effect in here)
        rest = f"; {more} more print kilograms or the like only" if more else ""
        return f"for {label}, {only} ({_interval(mine[0], config)}{rest})"
    if found is None:
        return f"for {label}, {what}: no trial that can be put in per cent"
    many = "" if found.row.n_studies < FEW_TRIALS else f", {_trials(found.row.n_studies)}"
    return f"for {label}, {less} {_verb(found.row, mine)} ({_numbers(found)}{many})"


def _verb(found: Estimate, effects: list[Effect]) -> str:
    """What an interval shows, in words that claim no more than it does."""
    less = found.estimate < 0
    if found.n_studies < FEW_TRIALS:
        agreeing = sum((effect.estimate < 0) == less for effect in effects)
        direction = "less" if less else "more"
        return f"gained {direction} in {agreeing} of {_trials(len(effects))}, too few for a verdict"
    if found.verdict == TRIVIAL:
        return "gave a difference too small to matter"
    if found.verdict in (DIFFERENT_BEYOND, DIFFERENT):
        size = " by more than the margin" if found.verdict == DIFFERENT_BEYOND else ""
        return f"gave {'less' if less else 'more'}{size}"
    return "were not shown to differ, nor to be as good" if found.margin else "were not judged"


def _numbers(found: _Pooled) -> str:
    """Estimate and interval, the widest of those that stand in the table."""
    row = found.widest
    values = (row.estimate, row.ci_low or 0.0, row.ci_high or 0.0)
    return _with_interval(values, row.ci_level or 0.0)


def _interval(effect: Effect, config: Config) -> str:
    """Estimate and interval of one trial."""
    values = (effect.estimate, effect.ci_low, effect.ci_high)
    return f"{_with_interval(values, 1 - config.alpha)}, {effect.cite}"


def _with_interval(values: tuple[float, float, float], level: float) -> str:
    """Log ratios as per cent: the estimate and its interval."""
    estimate, low, high = (_percent(value) for value in values)
    return f"{estimate}{PER_CENT}, {100 * level:g}{PER_CENT} interval {low} to {high}{PER_CENT}"


def _percent(log_ratio: float) -> str:
    """A log ratio in per cent, as figures and tables show it."""
    return signed(as_percent(log_ratio), 1)


def _detail(found: _Pooled, effects: list[Effect], config: Config) -> dict[str, str]:
    """A sentence on one pool, with the direction of its trials."""
    row = found.row
    question = row.study.removeprefix("pooled:")
    mine = [effect for effect in effects if _is(effect, question, row.construct) and effect.pooled]
    below = sum(effect.estimate < 0 for effect in mine)
    construct = config.constructs[row.construct]
    what, _ = _WORDS[question]
    return {
        "question": question,
        "construct": row.construct,
        "estimate_id": found.widest.estimate_id,
        "sentence": (
            f"{construct.label}, {what}: {_numbers(found)}; {below} of {_trials(len(mine))} below "
            f"zero. {_judged(row, construct)}"
        ),
    }


def _judged(row: Estimate, construct: Construct) -> str:
    """The verdict on a pool, or why there is none."""
    if construct.margin_pct is None:
        return "No verdict: no margin is declared."
    verdict = row.verdict or f"none, with fewer than {FEW_TRIALS} trials"
    return f"Verdict against a margin of {construct.margin_pct:g}{PER_CENT}: {verdict}."


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
        f"What disuse cost in strength: {len(losses)} groups of {_trials(studies)}, from "
        f"{_percent(high.estimate)}{PER_CENT} ({high.cite}: {high.label}) to "
        f"{_percent(low.estimate)}{PER_CENT} ({low.cite}: {low.label})."
    )


def _is(effect: Effect, question: str, construct: str) -> bool:
    """Whether an effect speaks to a question about a construct."""
    return effect.question == question and effect.construct == construct


def _find(pooled: Iterable[_Pooled], question: str, construct: str) -> _Pooled | None:
    """The pool of a question and construct."""
    wanted = (f"pooled:{question}", construct)
    return next(
        (found for found in pooled if (found.row.study, found.row.construct) == wanted), None
    )


def _trials(count: int) -> str:
    """`1 trial`, `2 trials`."""
    return f"{count} trial{'' if count == 1 else 's'}"
