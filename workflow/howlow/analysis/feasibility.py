"""What no analysis can make of the data, found before anything is fitted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from howlow.analysis.estimand.cards import Card
from howlow.config.trial import sides
from howlow.data.declaration import Declaration

if TYPE_CHECKING:
    import pandas as pd

    from howlow.analysis.fitting.cohort import Cohort

#: Fewest people of an arm for a variance, and fewest of all compared arms for an interval that is
#: not settled by one or two of them.
FEWEST_OF_AN_ARM, FEWEST = 2, 6
#: What an arm must not go together with, of the columns of participants.csv.
_PLACES = ("site", "assessor", "device")


def refuse(
    cohort: Cohort, trial: Declaration, card: Card, people: pd.DataFrame | None = None
) -> str:
    """Why a contrast cannot be estimated, and what to do; empty where nothing stands in the way.

    Parameters
    ----------
    cohort
        Everything that was measured of the outcome, the baseline first.
    people
        The participants of the study, with the columns of participants.csv.
    """
    return next(_reasons(cohort, trial, card, people), "")


def _reasons(
    cohort: Cohort, trial: Declaration, card: Card, people: pd.DataFrame | None
) -> Iterator[str]:
    """Every reason, what stands most in the way first."""
    arms = sides(card.contrast)
    names = {arm: f"'{trial.arms[arm].label}'" for arm in arms}
    for arm in arms:
        if arm not in cohort.arms:
            yield f"nobody of the arm {names[arm]} was measured. Add its rows, or drop the contrast"
    label = trial.labels.get(card.at, card.at)
    # A paper that prints changes has them at one visit.
    if len(cohort.visits) < 2 and trial.kind == "participants":
        seen = trial.labels.get(cohort.visits[0], cohort.visits[0]) if cohort.visits else "none"
        yield (
            f"there is a single visit ({seen}): a change cannot be seen. Add the values of the "
            "other visit, before or after"
        )
    yield from _unseen(cohort, card, names, label)
    if trial.limb_pairs:
        yield from _without_both(cohort, card, label)
    yield from _few(cohort, card, names, label)
    if people is not None and trial.design == "parallel":
        yield from _confounded(people, arms, names)


def _unseen(cohort: Cohort, card: Card, names: dict[str, str], label: str) -> Iterator[str]:
    """Arms that were never measured at the visit."""
    absent = [name for arm, name in names.items() if not _people(cohort, arm, card.at)]
    if absent:
        yield (
            f"nobody of {' and '.join(absent)} was measured at '{label}'. Add the values, or take "
            "the visit from `at`"
        )


def _without_both(cohort: Cohort, card: Card, label: str) -> Iterator[str]:
    """Limbs that are to be compared within people of whom nobody has both."""
    first, second = (_people(cohort, arm, card.at) for arm in sides(card.contrast))
    if not first & second:
        yield (
            f"arms are limbs, and nobody has a value of both at '{label}'. Check the limbs, or "
            "declare `design: parallel` if each participant was in one arm"
        )


def _few(cohort: Cohort, card: Card, names: dict[str, str], label: str) -> Iterator[str]:
    """Arms, and compared arms together, with too few people seen before and after."""
    both = {arm: _people(cohort, arm, card.at) & _people(cohort, arm, None) for arm in names}
    for arm, found in both.items():
        if len(found) < FEWEST_OF_AN_ARM:
            yield (
                f"{len(found)} of the arm {names[arm]} {'was' if len(found) == 1 else 'were'} "
                f"measured both before and at '{label}'; an arm needs {FEWEST_OF_AN_ARM} to show "
                "how people differ. Give its values as they are, without a comparison"
            )
    everybody = len(set().union(*both.values()))
    if everybody < FEWEST:
        yield (
            f"{everybody} people of the compared arms were measured both before and at '{label}'; "
            f"below {FEWEST} an interval says more of its assumptions than of the data. Show each "
            "person's values instead, or pool the study with others"
        )


def _people(cohort: Cohort, arm: str, visit: str | None) -> set[int]:
    """Participants of an arm with a value at a visit; at the baseline for None."""
    if arm not in cohort.arms or (visit is not None and visit not in cohort.visits):
        return set()
    at = 0 if visit is None else cohort.visits.index(visit)
    rows = (cohort.arm == cohort.arms.index(arm)) & (cohort.visit == at)
    return set(np.unique(cohort.participant[rows]).tolist())


def _confounded(
    people: pd.DataFrame, arms: tuple[str, ...], names: dict[str, str]
) -> Iterator[str]:
    """Compared arms that are each at a place of their own."""
    for column in _PLACES:
        if column not in people:
            continue
        known = people[(people[column].fillna("") != "") & people["arm"].isin(arms)]
        places = [sorted(set(known.loc[known["arm"] == arm, column])) for arm in arms]
        if [len(found) for found in places] == [1, 1] and places[0] != places[1]:
            where = " and ".join(
                f"{name} at {found[0]}" for name, found in zip(names.values(), places, strict=True)
            )
            yield (
                f"each arm has its own {column}: all of {where}. What the arm did cannot be told "
                f"from what the {column} did, by no analysis; the arms can only be described"
            )
