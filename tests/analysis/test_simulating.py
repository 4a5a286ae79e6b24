"""Simulated cohorts have the truth that was asked for."""

import numpy as np
import pytest

from howlow.analysis.simulating import Scenario, draw, growing, pattern

COVARIANCE = growing(10.0, 0.6, 1.4, 3)


def parallel(**changes) -> Scenario:
    settings = {
        "design": "parallel",
        "arms": ("light", "heavy"),
        "people": 6,
        "visits": ("pre", "mid", "post"),
        "weeks": (0.0, 5.0, 10.0),
        "means": {"light": (50.0, 52.0, 54.0), "heavy": (50.0, 55.0, 60.0)},
        "person": COVARIANCE,
    }
    return Scenario(**(settings | changes))


def test_growing_has_the_sds_and_the_correlation_that_were_asked_for() -> None:
    sd = np.sqrt(np.diag(COVARIANCE))
    assert sd == pytest.approx([10.0, 12.0, 14.0])
    assert COVARIANCE[0, 2] / (sd[0] * sd[2]) == pytest.approx(0.6)


@pytest.mark.parametrize("correlation", [0.0, 0.5, 1.0])
def test_growing_is_a_covariance_for_any_correlation(correlation: float) -> None:
    for visits in range(1, 14):
        assert np.linalg.eigvalsh(growing(1.0, correlation, 2.0, visits)).min() > -1e-9


def test_parallel_arms_are_different_people() -> None:
    cohort = pattern(parallel(), np.random.default_rng(0))
    assert cohort.values.shape == (1, 2 * 6 * 3)
    assert [len(set(cohort.participant[cohort.arm == arm])) for arm in (0, 1)] == [6, 6]
    assert len({(p, a) for p, a in zip(cohort.participant, cohort.arm, strict=True)}) == 12
    assert not cohort.limb.any()
    assert cohort.period is None


def test_limbs_of_a_person_are_in_different_arms_and_sides_are_balanced() -> None:
    scenario = parallel(design="within_participant", limb=COVARIANCE)
    cohort = pattern(scenario, np.random.default_rng(0))
    assert len(cohort.people) == 6
    first = cohort.limb == 0
    assert [int((cohort.arm[first] == arm).sum()) for arm in (0, 1)] == [9, 9]
    for person in cohort.people:
        assert set(cohort.arm[cohort.participant == person]) == {0, 1}


def test_a_crossover_gives_every_arm_in_turn_in_both_orders() -> None:
    cohort = pattern(parallel(design="crossover"), np.random.default_rng(0))
    assert cohort.period is not None
    assert not cohort.limb.any()
    orders = {
        tuple(cohort.arm[(cohort.participant == person) & (cohort.visit == 0)])
        for person in cohort.people
    }
    assert orders == {(0, 1), (1, 0)}


def test_who_leaves_stays_away_and_as_many_leave_as_asked() -> None:
    scenario = parallel(people=4000, drop_out=0.3)
    cohort = pattern(scenario, np.random.default_rng(1))
    seen = [set(cohort.participant[cohort.visit == visit]) for visit in range(3)]
    assert seen[2] < seen[1] < seen[0]
    # Five standard errors of a share of 8,000 people.
    assert len(seen[0]) == 8000
    assert len(seen[1]) / 8000 == pytest.approx(0.85, abs=0.02)
    assert len(seen[2]) / 8000 == pytest.approx(0.70, abs=0.026)


def test_who_misses_a_visit_may_come_back() -> None:
    cohort = pattern(parallel(people=4000, missed=0.1), np.random.default_rng(1))
    seen = [set(cohort.participant[cohort.visit == visit]) for visit in range(3)]
    assert len(seen[0]) == 8000
    assert seen[2] - seen[1]
    assert len(seen[1]) / 8000 == pytest.approx(0.9, abs=0.017)


def test_limbs_miss_a_visit_together() -> None:
    scenario = parallel(design="within_participant", limb=COVARIANCE, people=50, missed=0.3)
    cohort = pattern(scenario, np.random.default_rng(1))
    counts = np.zeros((50, 3), dtype=int)
    np.add.at(counts, (cohort.participant, cohort.visit), 1)
    assert set(counts.ravel()) == {0, 2}


def test_draws_have_the_means_and_the_covariance_of_the_scenario() -> None:
    scenario = parallel()
    cohort = draw(
        pattern(scenario, np.random.default_rng(0)), scenario, np.random.default_rng(2), 20_000
    )
    wide = cohort.values.reshape(20_000, 12, 3)
    light = wide[:, cohort.participant[cohort.arm == 0].min()]
    # Five standard errors: of a mean sd / sqrt(R), of a covariance at most sd^2 sqrt(2 / R).
    assert light.mean(axis=0) == pytest.approx([50.0, 52.0, 54.0], abs=5 * 14 / 20_000**0.5)
    assert np.cov(light.T) == pytest.approx(COVARIANCE, abs=5 * 196 * (2 / 20_000) ** 0.5)
    assert abs(np.corrcoef(wide[:, 0, 0], wide[:, 1, 0])[0, 1]) < 5 / 20_000**0.5


@pytest.mark.parametrize("design", ["within_participant", "crossover"])
def test_units_of_one_person_share_the_persons_deviations(design: str) -> None:
    limb = np.diag([1.0, 4.0, 9.0])
    scenario = parallel(design=design, limb=limb)
    cohort = draw(
        pattern(scenario, np.random.default_rng(0)), scenario, np.random.default_rng(2), 20_000
    )
    one, other = cohort.values.reshape(20_000, 6, 2, 3)[:, 0].swapaxes(0, 1)
    crossed = np.cov(one.T, other.T)
    assert crossed[:3, 3:] == pytest.approx(COVARIANCE, abs=5 * 210 * (2 / 20_000) ** 0.5)
    assert np.cov((one - other).T) == pytest.approx(2 * limb, abs=5 * 18 * (2 / 20_000) ** 0.5)


def test_the_same_seed_gives_the_same_cohort() -> None:
    scenario = parallel(drop_out=0.2, missed=0.1)

    def values() -> np.ndarray:
        rng = np.random.default_rng(5)
        return draw(pattern(scenario, rng), scenario, rng, 3).values

    assert np.array_equal(values(), values())


def test_a_visit_that_nobody_reached_is_not_a_visit_of_the_cohort() -> None:
    scenario = parallel(people=1, missed=1.0)
    cohort = draw(
        pattern(scenario, np.random.default_rng(0)), scenario, np.random.default_rng(0), 2
    )
    assert cohort.visits == ("pre",)
    assert cohort.values.shape == (2, 2)
