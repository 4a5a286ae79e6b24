"""What no analysis can make of the data is refused before anything is fitted, with what to do."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from own_study import STUDY, write_study

from howlow.analysis.estimand.cards import Card, card
from howlow.analysis.feasibility import refuse
from howlow.analysis.fitting.cohort import Cohort
from howlow.analysis.fitting.tables import cohort_of
from howlow.config.reading import read_config, read_study
from howlow.config.study import Participants
from howlow.data.declaration import Declaration, trial_of

BOTH = ("baseline", "post")


@pytest.fixture(scope="module")
def trial(repo: Path, tmp_path_factory: pytest.TempPathFactory) -> Declaration:
    config = read_config([repo / "config" / "config.yaml"])
    study = read_study(write_study(tmp_path_factory.mktemp("mine"), STUDY), config)
    assert isinstance(study, Participants)
    return trial_of(study)


@pytest.fixture(scope="module")
def load(repo: Path, trial: Declaration) -> Card:
    config = read_config([repo / "config" / "config.yaml"])
    return card(trial, config, "squat", "light - heavy", "post")


def cohort(trial: Declaration, seen: Mapping[tuple[str, Sequence[str]], int]) -> Cohort:
    """So many people of an arm who were seen at these visits."""
    number = itertools.count()
    rows = [
        {"participant": f"p{who:02}", "limb": "", "arm": arm, "visit": visit, "value": 50.0 + who}
        for (arm, visits), people in seen.items()
        for who in itertools.islice(number, people)
        for visit in visits
    ]
    table = pd.DataFrame(rows, columns=["participant", "limb", "arm", "visit", "value"])
    return cohort_of(trial, table, ["baseline", "mid", "post"])


def test_a_sound_cohort_is_not_refused(trial: Declaration, load: Card) -> None:
    assert refuse(cohort(trial, {("light", BOTH): 3, ("heavy", BOTH): 3}), trial, load) == ""


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        ({("light", BOTH): 8}, "nobody of the arm 'Heavy load' was measured. Add its rows"),
        (
            {("light", BOTH): 8, ("heavy", ("baseline", "mid")): 8},
            "nobody of 'Heavy load' was measured at 'After'. Add the values, or take the visit",
        ),
        (
            {("light", BOTH): 8, ("heavy", BOTH): 1, ("heavy", ("baseline",)): 5},
            "1 of the arm 'Heavy load' was measured both before and at 'After'; an arm needs 2",
        ),
        (
            {("light", BOTH): 8, ("heavy", ("post",)): 3, ("heavy", ("baseline",)): 3},
            "0 of the arm 'Heavy load' were measured both before and at 'After'",
        ),
        (
            {("light", BOTH): 2, ("heavy", BOTH): 3, ("rest", BOTH): 30},
            "5 people of the compared arms were measured both before and at 'After'; below 6",
        ),
        (
            {("light", ("baseline",)): 9, ("heavy", ("baseline",)): 9},
            "there is a single visit (Before): a change cannot be seen. Add the values",
        ),
        (
            {("light", ("baseline", "mid")): 9, ("heavy", ("baseline", "mid")): 9},
            "nobody of 'Light load' and 'Heavy load' was measured at 'After'",
        ),
    ],
)
def test_too_little_to_compare_is_refused_with_what_was_found(
    trial: Declaration, load: Card, seen: dict[tuple[str, tuple[str, ...]], int], words: str
) -> None:
    assert words in refuse(cohort(trial, seen), trial, load)


def test_three_participants_are_too_few_for_any_comparison(trial: Declaration, load: Card) -> None:
    found = refuse(cohort(trial, {("light", BOTH): 2, ("heavy", BOTH): 1}), trial, load)
    assert found
    assert "needs 2" in found


def limbs(owners: Sequence[tuple[int, str]], trial: Declaration) -> Cohort:
    """Limbs of people, each seen before and after, by owner and arm."""
    rows = [
        {
            "participant": f"p{who:02}",
            "limb": arm,
            "arm": arm,
            "visit": visit,
            "value": 50.0 + number,
        }
        for number, (who, arm) in enumerate(owners)
        for visit in BOTH
    ]
    return cohort_of(trial, pd.DataFrame(rows), ["baseline", "mid", "post"])


def test_limbs_of_which_nobody_has_both_are_no_comparison_within_people(
    trial: Declaration, load: Card
) -> None:
    within = replace(trial, design="within_participant", limb_pairs=True)
    apart = limbs([(who, "light" if who % 2 else "heavy") for who in range(12)], within)
    assert "nobody has a value of both at 'After'" in refuse(apart, within, load)
    pairs = limbs([(who, arm) for who in range(6) for arm in ("light", "heavy")], within)
    assert refuse(pairs, within, load) == ""
    five = limbs([(who, arm) for who in range(5) for arm in ("light", "heavy")], within)
    assert "5 people of the compared arms" in refuse(five, within, load)


def people(**sites: str) -> pd.DataFrame:
    """Participants of each arm, one at each letter's site."""
    rows = [
        {"participant": f"{arm}{place}", "arm": arm, "site": site.strip()}
        for arm, where in sites.items()
        for place, site in enumerate(where)
    ]
    return pd.DataFrame(rows)


@pytest.mark.parametrize(
    ("where", "refused"),
    [
        ({"light": "aaaa", "heavy": "bbbb"}, True),
        ({"light": "aaaa", "heavy": "bbbb", "rest": "abab"}, True),
        ({"light": "aaab", "heavy": "bbbb"}, False),
        ({"light": "aaaa", "heavy": "aaaa"}, False),
        ({"light": "    ", "heavy": "bbbb"}, False),
        # Arms given by site, several sites an arm: that is told elsewhere (K13), and can be fitted.
        ({"light": "aacc", "heavy": "bbdd"}, False),
    ],
)
def test_an_arm_that_is_a_site_cannot_be_told_from_it(
    trial: Declaration, load: Card, where: dict[str, str], refused: bool
) -> None:
    found = refuse(
        cohort(trial, {("light", BOTH): 4, ("heavy", BOTH): 4}), trial, load, people(**where)
    )
    assert bool(found) == refused
    if refused:
        assert "each arm has its own site: all of 'Light load' at a and 'Heavy load' at b" in found
        assert "only be described" in found


def test_printed_changes_are_no_single_visit(trial: Declaration, load: Card) -> None:
    printed = replace(trial, kind="summary")
    changes = cohort(trial, {("light", ("post",)): 3, ("heavy", ("post",)): 3})
    assert refuse(changes, printed, load) == ""
    assert "single visit" in refuse(changes, trial, load)


def test_an_empty_cohort_is_refused_in_words(trial: Declaration, load: Card) -> None:
    empty = Cohort(
        arms=(),
        visits=(),
        weeks=np.empty(0),
        participant=np.empty(0, dtype=np.intp),
        limb=np.empty(0, dtype=np.intp),
        arm=np.empty(0, dtype=np.intp),
        visit=np.empty(0, dtype=np.intp),
        values=np.empty((1, 0)),
    )
    assert "nobody of the arm" in refuse(empty, trial, load)
