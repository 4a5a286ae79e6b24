"""What a row of a table of arms is used for, where the table does not say: a rule, with reasons."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from howlow.config.settings import Config
from howlow.config.trial import sides
from howlow.data.published.detective.cases import known

if TYPE_CHECKING:
    import pandas as pd

    from howlow.config.collection import Trial, Trials

#: Pseudo participants with levels need one more than two free columns.
FEWEST = 3
#: Why rows are left out whose means contradict each other.
DOUBTED = "after - before is not the printed change, and one of the three is wrong"
#: Why rows that stand twice are left out.
APART = "nothing tells it apart from another row of this arm, outcome and visit"


def uses(
    rows: pd.DataFrame, trials: Trials, config: Config, doubted: Collection[int] = ()
) -> list[tuple[str, str]]:
    """Use and reason of each row.

    Fitted: n, a spread of the change or of both levels, and another arm of a contrast that has them
    too. Described: a mean change without that. Left out: everything else, and rows on the
    `doubted` lines, in which after - before is not the printed change.
    """
    records = rows.to_dict("records")
    found = [_alone(row, trials, config) for row in records]
    groups: dict[tuple[str, str, str], list[int]] = {}
    twice: dict[tuple[str, str, str, str], list[int]] = {}
    for place, row in enumerate(records):
        key = (row["trial"], row["outcome"], row["visit"])
        twice.setdefault((*key, row["arm"]), []).append(place)
        if found[place][0] == "fitted":
            groups.setdefault(key, []).append(place)
    for place, row in enumerate(records):
        if row["__line__"] in doubted:
            found[place] = ("left out", DOUBTED)
    for places in twice.values():
        if len(places) > 1:
            for place in places:
                found[place] = ("left out", APART)
    for (name, outcome, _), listed in groups.items():
        places = [place for place in listed if found[place][0] == "fitted"]
        declared = config.constructs[trials.outcomes[outcome].construct].correlation is not None
        for place, reason in _together(places, records, trials.trials[name], declared).items():
            found[place] = ("described", reason)
    return found


def _alone(row: dict[Any, Any], trials: Trials, config: Config) -> tuple[str, str]:
    """What a row could be used for if others had what it takes."""
    trial, outcome = trials.trials[row["trial"]], trials.outcomes[row["outcome"]]
    change = known(row["mean_change"])
    if not change:
        return "left out", "neither a change nor a mean before and after is given"
    if row["role"] in ("external", "common phase"):
        return "described", f"role: {row['role']}"
    if trial.randomised == "no":
        return "described", "chance did not decide who was in which arm"
    if not known(row["n"]):
        return "described", "n is not given"
    levels = (row["mean_pre"], row["sd_pre"], row["mean_post"], row["sd_post"])
    if any(row[f"sd_{part}"] <= 0 for part in ("pre", "post", "change")):
        return "described", "a spread of zero is none"
    if row["n"] < FEWEST:
        return "described", f"fewer than {FEWEST} participants"
    if known(*levels, row["sd_change"]) and not _possible(row):
        return "described", "the three SDs need an impossible correlation"
    if known(row["sd_change"]):
        return "fitted", ""
    if not known(*levels):
        return "described", "no spread of the change is given, nor of both levels"
    if config.constructs[outcome.construct].correlation is None:
        return (
            "described",
            f"no correlation of before and after is declared for {outcome.construct}",
        )
    return "fitted", ""


def _possible(row: dict[Any, Any]) -> bool:
    """Whether three SDs are those of two columns and their difference."""
    pre, post, change = row["sd_pre"], row["sd_post"], row["sd_change"]
    return bool(abs(pre**2 + post**2 - change**2) < 2 * pre * post)


def _together(
    places: list[int], records: list[dict[Any, Any]], trial: Trial, declared: bool
) -> dict[int, str]:
    """Why rows of one outcome and visit are not fitted together, by their place.

    All must print levels with their SDs (and a correlation be declared, or given by three SDs), or
    all a change with its SD.
    """
    levels = [
        place
        for place in places
        if known(*(records[place][name] for name in ("mean_pre", "sd_pre", "mean_post", "sd_post")))
    ]
    changes = [place for place in places if not math.isnan(records[place]["sd_change"])]
    if not declared:
        levels = [place for place in levels if place in changes]
    kept = levels if len(levels) >= len(changes) else changes
    reasons = {
        place: "the other arms print levels, this one changes, or the other way round"
        for place in places
        if place not in kept
    }
    arms = {records[place]["arm"] for place in kept}
    compared: set[str] = set()
    for contrast in trial.contrasts:
        pair = sides(contrast.contrast)
        if set(pair) <= arms:
            compared.update(pair)
    for place in kept:
        if records[place]["arm"] not in compared:
            reasons[place] = "no other arm with a spread to set it against"
    return reasons
