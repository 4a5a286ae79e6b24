"""What a forest plot shows, picked from the written evidence."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from howlow.config.settings import Config
from howlow.present.forest_figure import Beside, Effect, ForestFigure, Pooled
from howlow.present.questions import CHANGES, QUESTIONS
from howlow.synthesis.pools import CAUTIOUS, MAIN, UNCAUTIONED, PoolDetails

if TYPE_CHECKING:
    import pandas as pd

#: A new trial is expected somewhere only where at least so many have been pooled.
FEWEST_FOR_PREDICTION = 3
#: What the study of a pooled row begins with; the question follows.
POOLED = "pooled:"
#: Other ways to the mean, that stand under it, in the words of a row. The model of one stage has
#: another scale, so that it stands there in numbers alone.
_BESIDE = {
    (UNCAUTIONED, "log_ratio"): "without cautioned or selectively printed rows",
    ("one-stage", "raw"): "in one stage, per cent of the baseline mean",
}
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


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
        (estimates["study"] == f"{POOLED}{question}") & (estimates["construct"] == construct)
    ]
    main = pooled[(pooled["method"] == MAIN) & (pooled["scale"] == "log_ratio")]
    behind = [pools[name] for name in main["estimate_id"] if name in pools]
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
        pooled=tuple(_pooled(row, pooled, pools) for _, row in main.iterrows()),
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
        borrowed_low=float(row.get("borrowed_low", math.nan)),
        borrowed_high=float(row.get("borrowed_high", math.nan)),
        borrowed=row.get("borrowed", ""),
    )


def _pooled(row: pd.Series, others: pd.DataFrame, pools: dict[str, PoolDetails]) -> Pooled:
    """A pooled row by its widest interval, whichever method that is."""
    widest = widest_of(row, others)
    narrow = None if widest is row else row
    same = others[(others["contrast"] == row["contrast"]) & (others["at"] == row["at"])]
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
        beside=tuple(_beside(same)),
    )


def _beside(same: pd.DataFrame) -> Iterator[Beside]:
    """The other ways to one mean, in a fixed order."""
    for (method, scale), words in _BESIDE.items():
        mine = same[(same["method"] == method) & (same["scale"] == scale)]
        for _, row in mine.iterrows():
            trials = int(row["n_studies"])
            yield Beside(
                estimate_id=row["estimate_id"],
                words=f"{words} ({trials} {'trial' if trials == 1 else 'trials'})",
                estimate=float(row["estimate"]),
                low=float(row["ci_low"]),
                high=float(row["ci_high"]),
                participants=float(row["n_participants"]) or math.nan,
                own_scale=scale != "log_ratio",
            )


def widest_of(row: pd.Series, estimates: pd.DataFrame) -> pd.Series:
    """A pooled row, or its cautious one where that is wider: that is the one to be shown."""
    cautious = estimates[
        (estimates["study"] == row["study"])
        & (estimates["construct"] == row["construct"])
        & (estimates["contrast"] == row["contrast"])
        & (estimates["at"] == row["at"])
        & (estimates["scale"] == row["scale"])
        & (estimates["method"] == CAUTIOUS)
    ]
    return max([row, *(other for _, other in cautious.iterrows())], key=_width)


def _width(row: pd.Series) -> float:
    """The width of an interval."""
    return float(row["ci_high"]) - float(row["ci_low"])
