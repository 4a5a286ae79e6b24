"""The smallest dose shown: the fixed sequence, its error rate, and the share of the best gain."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from howlow.config.reading import read_config
from howlow.config.settings import Config
from howlow.config.trial import Arm, Population
from howlow.data.declaration import Declaration
from howlow.synthesis.answer.dose_pools import (
    TrialDoses,
    dose_pool,
    pooled_covariance,
    trial_doses,
)
from howlow.synthesis.answer.ladder import (
    NOT_TESTED,
    PASSED_OVER,
    READINGS,
    Ladder,
    Reader,
    descend,
    ladders_of,
)
from howlow.synthesis.answer.ladder_words import ladder_phrase, ladder_record, ladder_sentence
from howlow.synthesis.arms import TrialArms
from howlow.synthesis.material import Material

MARGIN = float(np.log1p(0.05))
DOSES = ("heavy 3", "light 3", "heavy 2", "light 2", "heavy 1", "light 1")


@pytest.fixture(scope="module")
def config(repo: Path) -> Config:
    return read_config([repo / "config" / "config.yaml"])


def an_arm(dose: str) -> Arm:
    """The arm of a dose such as `light 2`, or `none`."""
    load, _, sessions = dose.partition(" ")
    if not sessions:
        return Arm(label=dose, sessions_per_week=0)
    percent = {"heavy": (80.0, 80.0), "light": (40.0, 40.0), "moderate": (65.0, 65.0)}[load]
    return Arm(label=dose, load_pct_1rm=percent, sessions_per_week=float(sessions[0]))


def a_trial(name: str, arms: dict[str, Arm], age: str | None = "young") -> Declaration:
    """A trial with these arms, declared in no more than is needed."""
    return Declaration(
        id=name,
        collection="",
        kind="summary",
        cite=name,
        link="",
        design="parallel",
        randomised="yes",
        limb_pairs=False,
        independent_limbs=False,
        simulated=False,
        population=Population.model_validate({"description": "people", "age": age}),
        arms=arms,
        contrasts=(),
        primary_outcome="press",
        outcomes={},
        weeks={},
        phases={},
        labels={},
        start="",
        at=("week_10",),
        read_in="",
        note="",
    )


def trial_arms(
    name: str,
    doses: Sequence[str],
    gains: Sequence[float],
    *,
    variance: float = 0.0004,
    age: str | None = "young",
    construct: str = "strength",
) -> TrialArms:
    """A trial of arms of different people; doses such as `none`, `heavy 3`, `heavy 3 again`."""
    names = tuple(dose.replace(" ", "_") for dose in doses)
    arms = {name: an_arm(dose) for name, dose in zip(names, doses, strict=True)}
    return TrialArms(
        trial=a_trial(name, arms, age),
        construct=construct,
        outcome="press",
        at="week_10",
        weeks=10.0,
        names=names,
        gains=np.array(gains, dtype=float),
        covariance=variance * np.eye(len(names)),
        n=np.full(len(names), 12.0),
        assumed="",
    )


def all_doses(name: str, gains: np.ndarray, variance: float) -> TrialDoses:
    """A trial of every dose against one group that did not train."""
    k = len(DOSES)
    return TrialDoses(
        trial=name,
        doses=DOSES,
        gains=gains,
        covariance=variance * (np.eye(k) + np.ones((k, k))),
        participants=np.full(k, 24.0),
        df=np.full(k, 22.0),
        assumed="",
    )


def simulated(
    rng: np.random.Generator,
    truth: np.ndarray,
    *,
    trials: int = 6,
    variance: float = 0.0004,
    tau: float = 0.02,
) -> list[TrialDoses]:
    """Trials of every dose whose gains vary about a truth, with the reference arm shared."""
    found = []
    for k in range(trials):
        own = truth + tau * (rng.normal(size=6) + rng.normal()) / np.sqrt(2)
        seen = own + np.sqrt(variance) * (rng.normal(size=6) - rng.normal())
        found.append(all_doses(f"t{k}", seen, variance))
    return found


def reader(found: Sequence[TrialDoses], **readings: Sequence[TrialDoses]) -> Reader:
    """The same trials under every reading but those named."""
    return lambda reading: readings.get(reading, found)


class Collected(Material):
    """A material of arms made by hand, alike under every reading."""

    def arms_as(self, reading: str = "") -> list[TrialArms]:
        """The arms put in."""
        return self.__dict__["put_in"]


def material_of(config: Config, arms: list[TrialArms]) -> Material:
    """A material with these arms and nothing else."""
    material = Collected(config, {}, {}, {})
    material.__dict__["put_in"] = arms
    return material


def strength_of(config: Config, arms: list[TrialArms], population: str = "all") -> Ladder:
    """The ladder of strength."""
    return next(
        ladder
        for ladder in ladders_of(material_of(config, arms))
        if (ladder.construct, ladder.population) == ("strength", population)
    )


def test_gains_are_those_of_the_arms_less_no_training(config: Config) -> None:
    found = trial_doses(trial_arms("a", ["none", "light 2", "heavy 3"], [0.01, 0.11, 0.21]), config)
    assert found is not None
    assert found.doses == ("light 2", "heavy 3")
    assert found.gains == pytest.approx([0.10, 0.20])
    assert found.covariance == pytest.approx(0.0004 * np.array([[2, 1], [1, 2]]))
    assert found.participants.tolist() == [24, 24]
    assert found.df.tolist() == [22, 22]


def test_arms_of_one_dose_become_one(config: Config) -> None:
    arms = trial_arms("a", ["none", "heavy 3", "heavy 3 again"], [0.0, 0.1, 0.3])
    found = trial_doses(arms, config)
    assert found is not None
    assert found.gains == pytest.approx([0.2])
    assert found.covariance == pytest.approx(0.0004 * np.array([[1.5]]))
    assert found.participants.tolist() == [36]


def test_a_trial_without_an_untrained_arm_or_a_known_dose_says_nothing(config: Config) -> None:
    without = trial_arms("a", ["light 2", "heavy 3"], [0.1, 0.2])
    moderate = trial_arms("b", ["none", "moderate 3"], [0.0, 0.2])
    assert trial_doses(without, config) is None
    assert trial_doses(moderate, config) is None


def test_without_trials_nothing_is_shown(config: Config) -> None:
    ladder = strength_of(config, [])
    assert [rung.why for rung in ladder.rungs] == [PASSED_OVER] * 6
    assert ladder.smallest is None
    assert ladder.share is None
    assert "no dose is shown" in ladder_sentence(ladder)
    assert ladder_record(ladder)["smallest"] is None
    assert not list(ladder.estimates())


def test_four_trials_are_too_few_however_large_the_gain(config: Config) -> None:
    arms = [trial_arms(f"t{k}", ["none", "heavy 3"], [0.0, 0.4 + k / 100]) for k in range(4)]
    ladder = strength_of(config, arms)
    assert ladder.smallest is None
    assert ladder.rungs[0].why == "4 trials, fewer than 5"
    ladder = strength_of(config, [*arms, trial_arms("t4", ["none", "heavy 3"], [0.0, 0.41])])
    assert ladder.smallest is not None
    assert ladder.smallest.dose == "heavy 3"


def test_what_stands_below_a_dose_that_is_not_shown_is_not_tested(config: Config) -> None:
    gains = {"heavy 3": 0.3, "heavy 2": 0.05, "light 1": 0.3}
    arms = [
        trial_arms(f"t{k}", ["none", *gains], [0.0, *(gain + k / 100 for gain in gains.values())])
        for k in range(6)
    ]
    ladder = strength_of(config, arms)
    assert [rung.shown for rung in ladder.rungs] == [True, False, False, False, False, False]
    reasons = [rung.why for rung in ladder.rungs]
    assert reasons[1] == PASSED_OVER
    assert "above the margin" in reasons[2]
    assert reasons[5] == NOT_TESTED
    # Light loads once a week would be shown if they were the only dose.
    alone = [arm.keep([0, 3]) for arm in arms]
    assert strength_of(config, alone).smallest is not None
    sentence = ladder_sentence(ladder)
    assert "is heavy loads three times a week or more" in sentence
    assert "So not tested: light loads once a week (6 trials)." in sentence


def test_a_dose_shown_never_stands_below_one_that_is_not(config: Config) -> None:
    rng = np.random.default_rng(20260109)
    for _ in range(25):
        truth = MARGIN + rng.normal(0.06, 0.06, size=6)
        rungs = descend(reader(simulated(rng, truth)), MARGIN, config)
        shown = [rung.shown for rung in rungs if rung.pool is not None]
        assert shown == sorted(shown, reverse=True)
        assert all(rung.pool.mean.interval(0.95)[0] > MARGIN for rung in rungs if rung.shown)


@pytest.mark.parametrize("tau", [0.0, 0.04])
def test_with_every_gain_at_the_margin_few_sequences_show_anything(
    config: Config, tau: float
) -> None:
    rng = np.random.default_rng(20260109)
    draws, truth = 300, np.full(6, MARGIN)
    # Two doses are enough: a third is tested only where both of these are shown.
    two = config.model_copy(update={"sequence": DOSES[:2]})
    wrong = sum(
        descend(reader(simulated(rng, truth, tau=tau)), MARGIN, two)[0].shown for _ in range(draws)
    )
    allowed = 0.025 + 3 * np.sqrt(0.025 * 0.975 / draws)
    assert wrong / draws <= allowed


def test_a_plateau_is_followed_down_to_the_smallest_dose(config: Config) -> None:
    rng = np.random.default_rng(7)
    found = simulated(rng, np.full(6, 0.2), trials=10, tau=0.01)
    ladder = Ladder("strength", "all", descend(reader(found), MARGIN, config), config)
    assert ladder.smallest is not None
    assert ladder.smallest.dose == "light 1"
    share = ladder.share
    assert share is not None
    assert share.kind == "interval"
    assert share.low < 1
    assert share.high > 0.95
    assert ladder_record(ladder)["share"]["bounded"] is True


def test_a_straight_line_stops_above_the_smallest_dose(config: Config) -> None:
    rng = np.random.default_rng(7)
    truth = np.array([0.30, 0.25, 0.20, 0.15, 0.05, 0.01])
    found = simulated(rng, truth, trials=10, tau=0.01)
    ladder = Ladder("strength", "all", descend(reader(found), MARGIN, config), config)
    assert ladder.smallest is not None
    assert ladder.smallest.dose == "light 2"
    share = ladder.share
    assert share is not None
    assert share.low < 0.5 < share.high
    assert f"{100 * share.estimate:.0f}\N{NO-BREAK SPACE}%" in ladder_sentence(ladder)


@pytest.mark.parametrize("reading", READINGS)
def test_a_reading_that_weakens_a_dose_keeps_it_from_being_shown(
    config: Config, reading: str
) -> None:
    rng = np.random.default_rng(3)
    found = simulated(rng, np.full(6, 0.2), trials=6, tau=0.01)
    wider = [all_doses(one.trial, one.gains, 0.02) for one in found]
    assert all(rung.shown for rung in descend(reader(found), MARGIN, config))
    rungs = descend(reader(found, **{reading: wider}), MARGIN, config)
    assert not any(rung.shown for rung in rungs)
    assert rungs[0].why.endswith(READINGS[reading])


def test_readings_are_not_read_where_nothing_would_be_shown(config: Config) -> None:
    asked = []

    def read(reading: str) -> list[TrialDoses]:
        asked.append(reading)
        return []

    descend(read, MARGIN, config)
    assert set(asked) == {""}


def test_two_doses_of_the_same_trials_share_what_their_arms_share() -> None:
    # Trials alike, no heterogeneity: means of k vectors, so their covariance is S / k.
    gains = np.linspace(0.2, 0.1, 6)
    found = [all_doses(f"t{k}", gains, 0.0004) for k in range(5)]
    first, second = dose_pool("heavy 3", found), dose_pool("light 1", found)
    assert first is not None
    assert second is not None
    expected = 0.0004 * np.array([[2.0, 1.0], [1.0, 2.0]]) / 5
    assert pooled_covariance(first, second) == pytest.approx(expected)


def test_two_doses_of_different_trials_share_nothing() -> None:
    found = [all_doses(f"t{k}", np.full(6, 0.1 + k / 50), 0.0004) for k in range(6)]
    first, second = dose_pool("heavy 3", found[:3]), dose_pool("light 1", found[3:])
    assert first is not None
    assert second is not None
    assert pooled_covariance(first, second)[0, 1] == 0


def test_the_covariance_of_two_pools_is_that_of_repeated_draws() -> None:
    rng = np.random.default_rng(11)
    pools = []
    for _ in range(200):
        found = simulated(rng, np.full(6, 0.1), trials=8, tau=0.03)
        pools.append((dose_pool("heavy 3", found[:6]), dose_pool("light 1", found[2:])))
    seen = np.cov(np.array([[one.mean.estimate for one in pair] for pair in pools]).T)
    said = np.mean([pooled_covariance(*pair) for pair in pools], axis=0)
    # A covariance of 200 draws has a standard error of some 10 %; cautious ones are wider.
    assert said[0, 1] == pytest.approx(seen[0, 1], rel=0.35)
    assert said[0, 0] >= 0.8 * seen[0, 0]


def test_each_population_has_its_own_ladder(config: Config) -> None:
    arms = [
        trial_arms(
            f"t{k}", ["none", "heavy 3"], [0.0, 0.3 + k / 100], age="older" if k < 5 else "young"
        )
        for k in range(8)
    ]
    assert strength_of(config, arms).smallest is not None
    assert strength_of(config, arms, "older").smallest is not None
    young = strength_of(config, arms, "young")
    assert young.smallest is None
    assert young.rungs[0].why == "3 trials, fewer than 5"
    (row,) = young.estimates()
    assert row.estimate_id.startswith("pooled:ladder:young/strength/heavy 3 - no training/")
    assert "few trials" in row.note
    assert ladder_phrase(young).startswith("for strength, no dose is shown")
