"""The ladder in sentences, and as the report reads it."""

from __future__ import annotations

from typing import Any

from howlow.synthesis.answer.ladder import Ladder, Rung
from howlow.synthesis.answer.sentences import (
    POPULATIONS,
    dose_words,
    listed,
    margin_words,
    mean_words,
    share_record,
    share_words,
    short_label,
    trials,
)


def ladder_record(ladder: Ladder) -> dict[str, Any]:
    """A ladder as it stands in answer.json; gains are log ratios to no training."""
    share = ladder.share
    words = _share(ladder)
    ids = {row.contrast.split(" - ")[0]: row.estimate_id for row in ladder.estimates()}
    return {
        "construct": ladder.construct,
        "population": ladder.population,
        "sequence": [_rung(rung, ladder, ids.get(rung.dose, "")) for rung in ladder.rungs],
        "smallest": ladder.smallest.dose if ladder.smallest else None,
        "share": None if share is None else share_record(share) | {"words": words},
        "sentence": ladder_sentence(ladder),
    }


def ladder_sentence(ladder: Ladder) -> str:
    """The smallest dose shown, with its share of the best gain; or that none is, and why."""
    construct = ladder.config.constructs[ladder.construct]
    opening = f"{construct.label}, {POPULATIONS[ladder.population]}: "
    gain = f"bring more than {margin_words(construct)} over no training"
    if ladder.smallest is None:
        parts = [f"no dose is shown to {gain}"]
    else:
        dose = dose_words(ladder.smallest.dose)
        parts = [f"the smallest dose shown to {gain} is {dose} ({_numbers(ladder)})"]
        if words := _share(ladder):
            parts.append(f"it brings {words}")
        elif len(ladder.shown) > 1:
            parts.append("no dose shown brought more")
    first, *others = parts + _rest(ladder)
    return f"{'. '.join([opening + first, *(part[:1].upper() + part[1:] for part in others)])}."


def ladder_phrase(ladder: Ladder) -> str:
    """The same as part of a sentence, without what was not tested."""
    construct = ladder.config.constructs[ladder.construct]
    label = short_label(construct)
    gain = f"bring more than {margin_words(construct)} over no training"
    if ladder.smallest is not None:
        dose = dose_words(ladder.smallest.dose)
        return f"for {label}, the smallest dose shown to {gain} is {dose} ({_numbers(ladder)})"
    rung = ladder.stopped_at
    if rung is None:
        return f"for {label}, no trial that can be used set a known dose against no training"
    return f"for {label}, no dose is shown to {gain} ({dose_words(rung.dose)}: {rung.why})"


def _rest(ladder: Ladder) -> list[str]:
    """Where the sequence stopped, what was passed over, and what was not tested."""
    rung = ladder.stopped_at
    without = [found.dose for found in ladder.rungs if found.pool is None]
    if rung is None and not ladder.shown:
        return ["no trial that can be used set one of these doses against no training"]
    parts = [] if rung is None else [f"not shown for {dose_words(rung.dose)}: {rung.why}"]
    below = [
        found for found in ladder.rungs if found.pool and not found.shown and found is not rung
    ]
    if below:
        known = listed([f"{dose_words(one.dose)} ({_count(one)})" for one in below])
        parts.append(f"so not tested: {known}")
    if len(ladder.rungs) - len(without) == 1:
        parts.append("no trial that can be used set another of these doses against it")
    elif without:
        doses = listed([dose_words(dose) for dose in without])
        parts.append(
            f"passed over, as no trial that can be used set them against no training: {doses}"
        )
    return parts


def _share(ladder: Ladder) -> str:
    """The share of the best gain in words; nothing where the smallest dose is the best."""
    share, best = ladder.share, ladder.best
    if share is None or best is None:
        return ""
    words = share_words(share, 1 - ladder.config.alpha, "the best gain")
    return f"{words} of the best gain shown, that of {dose_words(best.dose)}"


def _numbers(ladder: Ladder) -> str:
    """The gain of the smallest dose with its interval and trials."""
    pool = ladder.smallest
    if pool is None:
        return ""
    return f"{mean_words(pool.mean, 1 - ladder.config.alpha)}, {trials(len(pool.trials))}"


def _count(rung: Rung) -> str:
    """How many trials a dose has."""
    return trials(len(rung.pool.trials) if rung.pool else 0)


def _rung(rung: Rung, ladder: Ladder, estimate_id: str) -> dict[str, Any]:
    """One dose of the sequence."""
    pool = rung.pool
    low, high = pool.mean.interval(1 - ladder.config.alpha) if pool else (None, None)
    return {
        "dose": rung.dose,
        "words": dose_words(rung.dose),
        "trials": len(pool.trials) if pool else 0,
        "participants": pool.participants if pool else 0,
        "estimate": pool.mean.estimate if pool else None,
        "low": low,
        "high": high,
        "margin": ladder.margin,
        "shown": rung.shown,
        "why": rung.why,
        "estimate_id": estimate_id,
    }
