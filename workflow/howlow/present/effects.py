"""What a forest plot shows, picked from the written evidence."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from howlow.config.settings import Config
from howlow.synthesis.pools import PoolDetails

if TYPE_CHECKING:
    import pandas as pd

#: Questions answered by one arm's change over time rather than by a contrast.
CHANGES = ("disuse", "recovery", "deficit", "detraining")
#: Questions whose times are counted in days.
IN_DAYS = ("countermeasure", "disuse", "recovery", "deficit")
#: What a change is counted from, where that is not simply the start.
COUNTED_FROM = {"recovery": "the end of disuse", "deficit": "before disuse"}
#: A new trial is expected somewhere only where at least so many have been pooled.
FEWEST_FOR_PREDICTION = 3
#: Questions in words, in the order of the report, with the words for a gain below and above zero.
QUESTIONS = {
    "load": ("Light against heavy loads", "heavier gained more", "lighter gained more"),
    "frequency": (
        "Fewer against more sessions a week",
        "more sessions gained more",
        "fewer sessions gained more",
    ),
    "volume": ("Fewer against more sets", "more sets gained more", "fewer sets gained more"),
    "failure": (
        "Stopping short of failure against going to failure",
        "to failure gained more",
        "short of failure gained more",
    ),
    "training": ("Training against none", "no training better", "training better"),
    "countermeasure": (
        "Training during disuse against none",
        "no training better",
        "training better",
    ),
    "disuse": ("Change with disuse", "loss", "gain"),
    "recovery": ("What comes back after disuse", "lost further", "regained"),
    "deficit": ("What is still missing after recovery", "still below", "above the start"),
    "detraining": ("Change after training stops", "loss", "gain"),
}
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Effect:
    """One row: a log ratio of means, with its interval or (described) without."""

    estimate_id: str
    cite: str
    label: str
    weeks: float
    n: float
    estimate: float
    low: float
    high: float
    weight: float
    pooled: bool
    marks: str

    @property
    def described(self) -> bool:
        """Whether no spread is printed, so that there is no interval."""
        return not math.isfinite(self.low)


@dataclass(frozen=True)
class Pooled:
    """The mean over trials by its widest interval, and the one that is not widened beside it.

    An interval is widened where trials agree by chance. `prediction` is for a new trial.
    """

    estimate_id: str
    at: str
    estimate: float
    low: float
    high: float
    unwidened_id: str
    unwidened: tuple[float, float] | None
    prediction: tuple[float, float] | None
    studies: int
    participants: float
    judged: str


@dataclass(frozen=True)
class ForestFigure:
    """All effects on one construct that speak to one question."""

    stem: str
    question: str
    construct: str
    construct_label: str
    margin_pct: float | None
    level: float
    effects: tuple[Effect, ...]
    described: tuple[Effect, ...]
    pooled: tuple[Pooled, ...]
    assumptions: tuple[tuple[str, str], ...]
    reasons: tuple[str, ...]

    @property
    def over_time(self) -> bool:
        """Whether rows are changes of one arm, not contrasts between two."""
        return self.question in CHANGES

    @property
    def margin(self) -> float | None:
        """The margin as a log ratio."""
        return None if self.margin_pct is None else math.log1p(self.margin_pct / 100)

    @property
    def estimate_ids(self) -> tuple[str, ...]:
        """Every estimate that is drawn."""
        ids = [row.estimate_id for row in (*self.effects, *self.described)]
        ids += [row.estimate_id for row in self.pooled]
        return (*ids, *(row.unwidened_id for row in self.pooled if row.unwidened_id))


def forest_figures(
    evidence: pd.DataFrame,
    estimates: pd.DataFrame,
    pools: dict[str, PoolDetails],
    config: Config,
    simulated: frozenset[str],
) -> Iterator[ForestFigure]:
    """A forest for each question and each construct that may be put together.

    Simulated studies never stand in one, whatever the evidence says, nor do effects that cannot be
    put in per cent.
    """
    real = ~evidence["study"].isin(simulated) & ~evidence["note"].str.contains("SIMULATED")
    rows = evidence[real & (evidence["scale"] == "log_ratio")]
    for question in QUESTIONS:
        for construct, declared in config.constructs.items():
            mine = rows[(rows["question"] == question) & (rows["construct"] == construct)]
            if declared.pooled and len(mine):
                yield _forest(question, construct, mine, estimates, pools, config)


def _forest(
    question: str,
    construct: str,
    rows: pd.DataFrame,
    estimates: pd.DataFrame,
    pools: dict[str, PoolDetails],
    config: Config,
) -> ForestFigure:
    """One forest."""
    pooled = estimates[
        (estimates["study"] == f"pooled:{question}")
        & (estimates["construct"] == construct)
        & (estimates["scale"] == "log_ratio")
    ]
    main = pooled["tier"] != "sensitivity"
    behind = [pools[name] for name in pooled["estimate_id"] if name in pools]
    tau = max((found.tau for found in behind), default=0.0)
    rows = rows.loc[sorted(rows.index, key=lambda label: _order(rows.loc[label], question))]
    keys = _keys(rows)
    ordered = [_effect(row, tau, keys) for _, row in rows.iterrows()]
    reasons = rows.loc[~rows["pooled"] & rows["ci_low"].notna(), "note"]
    return ForestFigure(
        stem=f"forest-{question}-{construct}",
        question=question,
        construct=construct,
        construct_label=config.constructs[construct].label,
        margin_pct=config.constructs[construct].margin_pct,
        level=1 - config.alpha,
        effects=tuple(row for row in ordered if not row.described),
        described=tuple(row for row in ordered if row.described),
        pooled=tuple(_pooled(row, pooled[~main], pools) for _, row in pooled[main].iterrows()),
        assumptions=tuple((letter, word) for word, letter in keys.items()),
        reasons=tuple(dict.fromkeys(last_reason(note) for note in reasons if note)),
    )


def last_reason(note: str) -> str:
    """Why an effect enters no pool: the last part of its note that is no remark on its sign."""
    parts = [part.rstrip(".") for part in note.split("; ")]
    return next((part for part in reversed(parts) if not part.startswith("turned round")), "")


def expected(found: PoolDetails | None, trials: int, *limits: float) -> tuple[float, float] | None:
    """The interval for a new trial.

    There is none for too few trials, nor where it would be narrower than the interval of the mean
    itself, as it is where that one was widened.
    """
    if found is None or trials < FEWEST_FOR_PREDICTION:
        return None
    low, high = found.prediction_low, found.prediction_high
    return (low, high) if low <= min(limits) and max(limits) <= high else None


def _order(row: pd.Series, question: str) -> tuple[bool, float, float, str]:
    """Rows without a spread last; changes by their length, contrasts by their size."""
    weeks, size = float(row["weeks"]), -float(row["estimate"])
    length = weeks if weeks > 0 else math.inf
    first, second = (length, size) if question in CHANGES else (size, length)
    return math.isnan(row["ci_low"]), first, second, row["cite"]


def _keys(rows: pd.DataFrame) -> dict[str, str]:
    """A letter for each assumption, in the order of first use."""
    words = dict.fromkeys(word for cell in rows["assumed"] for word in cell.split("; ") if word)
    return {word: _LETTERS[k % 26] * (1 + k // 26) for k, word in enumerate(words)}


def _effect(row: pd.Series, tau: float, keys: dict[str, str]) -> Effect:
    """One row with its weight: the inverse of its variance, with that between trials."""
    se = float(row["se"])
    weight = 1 / (se**2 + tau**2) if math.isfinite(se) and se > 0 else 0.0
    return Effect(
        estimate_id=row["estimate_id"],
        cite=row["cite"],
        label=row["label"],
        weeks=float(row["weeks"]),
        n=float(row["n"]),
        estimate=float(row["estimate"]),
        low=float(row["ci_low"]),
        high=float(row["ci_high"]),
        weight=weight,
        pooled=bool(row["pooled"]),
        marks="".join(sorted(keys[word] for word in row["assumed"].split("; ") if word)),
    )


def _pooled(row: pd.Series, others: pd.DataFrame, pools: dict[str, PoolDetails]) -> Pooled:
    """A pooled row by its widest interval, whichever method that is."""
    same = others[(others["contrast"] == row["contrast"]) & (others["at"] == row["at"])]
    both = sorted([row, *(other for _, other in same.iterrows())], key=_width)
    widest, narrow = both[-1], both[0] if len(both) > 1 else None
    few = next((part for part in row["note"].split("; ") if part.startswith("few trials")), "")
    few = few[:1].upper() + few[1:]
    low, high = float(widest["ci_low"]), float(widest["ci_high"])
    return Pooled(
        estimate_id=widest["estimate_id"],
        at=row["at"],
        estimate=float(row["estimate"]),
        low=low,
        high=high,
        unwidened_id="" if narrow is None else narrow["estimate_id"],
        unwidened=None if narrow is None else (float(narrow["ci_low"]), float(narrow["ci_high"])),
        prediction=expected(pools.get(row["estimate_id"]), int(row["n_studies"]), low, high),
        studies=int(row["n_studies"]),
        participants=float(row["n_participants"]) or math.nan,
        judged=f"Verdict: {row['verdict']}" if row["verdict"] else few or "No verdict",
    )


def _width(row: pd.Series) -> float:
    """The width of an interval."""
    return float(row["ci_high"]) - float(row["ci_low"])
