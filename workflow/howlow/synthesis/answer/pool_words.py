"""The pools in sentences: part of the answer, and a sentence each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from howlow.analysis.estimates import Estimate
from howlow.analysis.verdicts import DIFFERENT, DIFFERENT_BEYOND, INCONCLUSIVE, TRIVIAL
from howlow.config.settings import Config, Construct
from howlow.synthesis.answer.sentences import margin_words, short_label, trials, with_interval
from howlow.synthesis.evidence import Effect
from howlow.synthesis.pooling import FEW_TRIALS

#: How each question is said: what is set against what, and its words for less and more.
_WORDS = {
    "load": ("light against heavy loads", "light loads"),
    "frequency": ("fewer against more sessions a week", "fewer sessions"),
    "volume": ("fewer against more sets", "fewer sets"),
    "failure": ("sets short of failure against sets to failure", "stopping short of failure"),
    "training": ("training against none", "training"),
}
#: The rows of a pool whose interval may be said aloud.
_METHODS = ("reml-hksj", "reml-hksj-adhoc")


@dataclass(frozen=True)
class SaidPool:
    """A pooled row, and the one with the widest interval: that is the one to be said aloud."""

    row: Estimate
    widest: Estimate

    @property
    def settled(self) -> bool:
        """Whether its verdict says anything."""
        return bool(self.row.verdict) and INCONCLUSIVE not in self.row.verdict


def said_pools(pooled: Sequence[Estimate]) -> list[SaidPool]:
    """The pools over all ages, in the order of the rows."""
    return [SaidPool(row, _widest(row, pooled)) for row in pooled if _is_main(row)]


def _is_main(row: Estimate) -> bool:
    """Whether a row is a pool over all ages, of the method that carries the verdict."""
    question = row.study.removeprefix("pooled:")
    return question in _WORDS and (row.method, row.scale) == (_METHODS[0], "log_ratio")


def _widest(found: Estimate, pooled: Iterable[Estimate]) -> Estimate:
    """Of the two intervals of one pool the wider."""
    same = [
        row
        for row in pooled
        if (row.study, row.construct, row.scale) == (found.study, found.construct, found.scale)
        and row.method in _METHODS
    ]
    return max(same, key=lambda row: row.se or 0.0)


def is_settled(question: str, construct: str, pooled: Iterable[SaidPool]) -> bool:
    """Whether there is a pool of a question and construct, and its verdict says anything."""
    found = _find(pooled, question, construct)
    return found is not None and found.settled


def pool_phrase(
    question: str,
    construct: str,
    pooled: Iterable[SaidPool],
    effects: list[Effect],
    config: Config,
) -> str:
    """One part of the answer: what is shown, or that it is not."""
    label = short_label(config.constructs[construct])
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
    many = "" if found.row.n_studies < FEW_TRIALS else f", {trials(found.row.n_studies)}"
    return f"for {label}, {less} {_verb(found.row, mine)} ({_numbers(found)}{many})"


def _verb(found: Estimate, effects: list[Effect]) -> str:
    """What an interval shows, in words that claim no more than it does."""
    less = found.estimate < 0
    if found.n_studies < FEW_TRIALS:
        agreeing = sum((effect.estimate < 0) == less for effect in effects)
        direction = "less" if less else "more"
        return f"gained {direction} in {agreeing} of {trials(len(effects))}, too few for a verdict"
    if found.verdict == TRIVIAL:
        return "gave a difference too small to matter"
    if found.verdict in (DIFFERENT_BEYOND, DIFFERENT):
        size = " by more than the margin" if found.verdict == DIFFERENT_BEYOND else ""
        return f"gave {'less' if less else 'more'}{size}"
    return "were not shown to differ, nor to be as good" if found.margin else "were not judged"


def _numbers(found: SaidPool) -> str:
    """Estimate and interval, the widest of those that stand in the table."""
    row = found.widest
    values = (row.estimate, row.ci_low or 0.0, row.ci_high or 0.0)
    return with_interval(values, row.ci_level or 0.0)


def _interval(effect: Effect, config: Config) -> str:
    """Estimate and interval of one trial."""
    values = (effect.estimate, effect.ci_low, effect.ci_high)
    return f"{with_interval(values, 1 - config.alpha)}, {effect.cite}"


def pool_detail(found: SaidPool, effects: list[Effect], config: Config) -> dict[str, str]:
    """A sentence on one pool, with the direction of its trials."""
    row = found.row
    question = row.study.removeprefix("pooled:")
    mine = [effect for effect in effects if _is(effect, question, row.construct) and effect.pooled]
    below = sum(effect.estimate < 0 for effect in mine)
    construct = config.constructs[row.construct]
    what, less = _WORDS[question]
    return {
        "question": question,
        "construct": row.construct,
        "estimate_id": found.widest.estimate_id,
        "sentence": (
            f"{construct.label}, {what}: {_numbers(found)}; {less} gained less in {below} of "
            f"{trials(len(mine))}. {_judged(row, construct)}"
        ),
    }


def _judged(row: Estimate, construct: Construct) -> str:
    """The verdict on a pool, or why there is none."""
    if construct.margin_pct is None:
        return "No verdict: no margin is declared."
    verdict = row.verdict or f"none, with fewer than {FEW_TRIALS} trials"
    return f"Verdict against a margin of {margin_words(construct)}: {verdict}."


def _is(effect: Effect, question: str, construct: str) -> bool:
    """Whether an effect speaks to a question about a construct."""
    return effect.question == question and effect.construct == construct


def _find(pooled: Iterable[SaidPool], question: str, construct: str) -> SaidPool | None:
    """The pool of a question and construct."""
    wanted = (f"pooled:{question}", construct)
    return next(
        (found for found in pooled if (found.row.study, found.row.construct) == wanted), None
    )
