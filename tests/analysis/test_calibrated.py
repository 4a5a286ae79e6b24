"""The whole analysis keeps its error rates in small trials; benchmarks/results has the full table.

Each rate is of 400 trials, and its bounds lie four Monte-Carlo standard errors from 5 %.
"""

from dataclasses import replace

import numpy as np
import pytest

from howlow.analysis.estimand.cards import Card
from howlow.analysis.primary import Primary, primary_analysis
from howlow.analysis.simulating import Scenario, draw, growing, pattern
from howlow.analysis.verdicts import EQUIVALENT, TRIVIAL

TRIALS, PER_PATTERN = 400, 20
MOST = 0.05 + 4 * (0.05 * 0.95 / TRIALS) ** 0.5
LEAST = 0.05 - 4 * (0.05 * 0.95 / TRIALS) ** 0.5
MARGIN = 6.0


def scenario(design: str, people: int, visits: int, arms: str = "ab") -> Scenario:
    """Arm a gains three margins, the others four."""
    gain = np.linspace(0, MARGIN, visits)
    return Scenario(
        design=design,
        arms=tuple(arms),
        people=people,
        visits=tuple(f"visit {number}" for number in range(visits)),
        weeks=tuple(float(week) for week in range(visits)),
        means={arm: tuple(50 + gain * (3 + (arm != "a"))) for arm in arms},
        person=growing(1.0, 0.6, 1.4, visits),
        limb=growing(0.6, 0.5, 1.3, visits) if design == "within_participant" else None,
        drop_out=0.15,
    )


def card(truth: Scenario) -> Card:
    family = tuple(f"{arm} - a" for arm in truth.arms[1:])
    return Card(
        study="made-up", outcome="squat", contrast="b - a", at=truth.visits[-1], question="load",
        role="primary", population="", design=truth.design, baseline="one for all arms",
        covariates=(), missed_sessions="as_randomised", per_protocol_pct=0.0,
        drop_out="missing_at_random", aim="difference", unit="kg", margin=MARGIN, margin_pct=None,
        alpha=0.05, comparisons=family if len(family) > 1 else (),
    )  # fmt: skip


def analysed(truth: Scenario, *contrasts: str) -> list[list[Primary]]:
    """The primary analyses of 400 trials, a list of batches for each contrast."""
    rng = np.random.default_rng(20261122)
    found: list[list[Primary]] = [[] for _ in contrasts]
    for _ in range(TRIALS // PER_PATTERN):
        cohort = draw(pattern(truth, rng), truth, rng, PER_PATTERN)
        for place, contrast in enumerate(contrasts):
            found[place].append(primary_analysis(cohort, replace(card(truth), contrast=contrast)))
    return found


def excluded(batches: list[Primary]) -> np.ndarray:
    """Whether the interval excludes the true difference, in each trial."""
    return np.concatenate([(one.low > MARGIN) | (one.high < MARGIN) for one in batches])


@pytest.mark.parametrize(
    ("design", "people", "visits"),
    [
        ("parallel", 5, 2),
        ("parallel", 8, 3),
        ("parallel", 20, 3),
        ("within_participant", 6, 2),
        ("within_participant", 14, 2),
    ],
)
def test_a_true_difference_is_excluded_in_a_twentieth_of_trials(
    design: str, people: int, visits: int
) -> None:
    (batches,) = analysed(scenario(design, people, visits), "b - a")
    assert LEAST < excluded(batches).mean() < MOST
    # At a true difference of one margin every claim of likeness is false.
    verdicts = np.concatenate([one.verdict for one in batches])
    assert np.isin(verdicts, (EQUIVALENT, TRIVIAL)).mean() < MOST


def test_three_arms_together_exclude_a_true_difference_in_a_twentieth_of_trials() -> None:
    first, second = analysed(scenario("parallel", 10, 2, "abc"), "b - a", "c - a")
    either = excluded(first) | excluded(second)
    assert LEAST < either.mean() < MOST


@pytest.mark.parametrize(
    ("design", "people", "visits", "method", "fitted"),
    [
        ("parallel", 5, 3, "mmrm-unstructured", 2),
        ("parallel", 7, 3, "clda-unstructured", 2),
        ("parallel", 12, 3, "clda-unstructured", 3),
        ("within_participant", 8, 3, "mmrm-person-by-visit", 2),
        ("within_participant", 14, 2, "clda-limb-by-visit", 2),
        ("within_participant", 20, 3, "clda-person-and-limb", 3),
    ],
)
def test_the_numbers_of_people_and_visits_alone_choose_the_model(
    design: str, people: int, visits: int, method: str, fitted: int
) -> None:
    truth = replace(scenario(design, people, visits), drop_out=0.0)
    rng = np.random.default_rng(1)
    rows = pattern(truth, rng)
    chosen = {
        (one.fitted.fit.method, len(one.fitted.cohort.visits))
        for one in (primary_analysis(draw(rows, truth, rng, 1), card(truth)) for _ in range(5))
    }
    assert chosen == {(method, fitted)}
