"""How much people differ in response beyond chance and error; nobody is called a responder."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from small_trials import CONFIG, cohort_of_wide, trial_of

from howlow.analysis.fitting.cohort import Pairs
from howlow.analysis.questions.measurement_error import MDC95
from howlow.analysis.questions.response import Spread, between_arms, response_rows, response_sd
from howlow.analysis.units import Unit
from howlow.config.documents import read_yaml
from howlow.config.schema import check
from howlow.config.settings import Config
from howlow.config.study import Participants
from howlow.config.trial import Arm
from howlow.errors import InputError


def pairs_of(changes: tuple[np.ndarray, ...], arms: tuple[str, ...], *, limbs: bool) -> Pairs:
    """Changes of each arm, shape (R, people), as pairs from a baseline of nought."""
    number = changes[0].shape[1]
    arm = np.repeat(np.arange(len(arms)), number)
    person = np.tile(np.arange(number), len(arms)) if limbs else np.arange(len(arm))
    post = np.concatenate(changes, axis=1)
    return Pairs(arms, person, arm if limbs else np.zeros_like(arm), arm, np.zeros_like(post), post)


@pytest.mark.parametrize("people", [8, 20])
@pytest.mark.parametrize("ratio", [0.5, 1.0, 4.0])
def test_the_interval_holds_the_truth_in_95_of_100_trials(people: int, ratio: float) -> None:
    rng = np.random.default_rng(int(10 * ratio) + people)
    treated = rng.normal(0, np.sqrt(ratio), (20_000, people))
    control = rng.normal(0, 1, (20_000, people))
    pairs = pairs_of((treated, control), ("light", "control"), limbs=False)
    found = between_arms(pairs, "light", "control", 0.95)
    true = np.sign(ratio - 1) * np.sqrt(abs(ratio - 1))
    assert ((found.low <= true) & (true <= found.high)).mean() == pytest.approx(0.955, abs=0.009)
    assert np.median(found.estimate) == pytest.approx(true, abs=0.35)


def test_limbs_of_the_same_people_give_an_interval_that_holds_too() -> None:
    rng = np.random.default_rng(5)
    shared = rng.normal(0, 1, (20_000, 14))
    limbs = [np.sqrt(0.5) * (shared + rng.normal(0, 1, shared.shape)) for _ in range(2)]
    found = between_arms(
        pairs_of((limbs[0], limbs[1]), ("one", "three"), limbs=True), "one", "three", 0.95
    )
    apart = between_arms(
        pairs_of((limbs[0], limbs[1]), ("one", "three"), limbs=False), "one", "three", 0.95
    )
    assert ((found.low <= 0) & (found.high >= 0)).mean() == pytest.approx(0.955, abs=0.01)
    assert (found.high - found.low).mean() < (apart.high - apart.low).mean()


def test_a_known_second_variance_leaves_the_limits_of_the_first() -> None:
    found = response_sd(Spread(np.array([9.0]), 14), Spread(np.zeros(1), np.inf), 0.95)
    low = np.sqrt(14 * 9 / stats.chi2.ppf(0.975, 14))
    high = np.sqrt(14 * 9 / stats.chi2.ppf(0.025, 14))
    assert (found.estimate[0], found.low[0], found.high[0]) == pytest.approx((3, low, high))


def unit_of(sds: tuple[float, float], untrained: bool = True, mdc: float | None = None) -> Unit:
    """Twenty people an arm whose changes have these SDs exactly."""
    rng = np.random.default_rng(2)
    changes = [stats.zscore(rng.normal(size=20), ddof=1) * sd + 5 for sd in sds]
    before = 100 + rng.normal(0, 10, 40)
    wide = np.column_stack([before, before + np.concatenate(changes)])
    cohort = cohort_of_wide(wide, np.repeat([0, 1], 20), ("light", "control"))
    outcome = trial_of(cohort).outcomes["press"].model_copy(update={"mdc": mdc})
    arms = {
        "light": Arm(label="Light", sessions_per_week=2),
        "control": Arm(label="Control", sessions_per_week=0 if untrained else 3),
    }
    trial = trial_of(cohort, arms=arms, outcomes={"press": outcome})
    return Unit(trial, "press", "", "pre", ("week_6",), cohort, has_levels=True)


def test_response_is_what_changes_vary_more_with_training_than_without() -> None:
    (row,) = response_rows(unit_of((5.0, 3.0)), "week_6", CONFIG)
    assert row.contrast == "sd_response(light - control)"
    assert row.estimate == pytest.approx(4.0)
    assert "individual response" in row.estimand
    assert (row.p, row.verdict, row.n_participants) == (None, "", 40)
    (less,) = response_rows(unit_of((3.0, 5.0)), "week_6", CONFIG)
    assert less.estimate == pytest.approx(-4.0)


def test_two_trained_arms_differ_in_their_spread_of_change() -> None:
    (row,) = response_rows(unit_of((5.0, 3.0), untrained=False), "week_6", CONFIG)
    assert "difference in the SD of change" in row.estimand


def test_a_declared_error_is_taken_off_the_spread_within_each_arm() -> None:
    error = 2.0
    rows = list(response_rows(unit_of((5.0, 3.0), mdc=error * MDC95), "week_6", CONFIG))
    assert [row.contrast for row in rows[1:]] == ["sd_response(light)", "sd_response(control)"]
    assert rows[1].estimate == pytest.approx(np.sqrt(25 - 2 * error**2))
    assert rows[2].estimate == pytest.approx(np.sqrt(9 - 2 * error**2))
    assert all(row.p is None for row in rows)
    assert "taken as known" in rows[1].estimand


def test_a_printed_trial_needs_the_sds_of_change_and_an_arm_without_training() -> None:
    unit = unit_of((5.0, 3.0))
    printed = replace(unit, trial=replace(unit.trial, kind="summary"))
    assert len(list(response_rows(printed, "week_6", CONFIG))) == 1
    assumed = replace(printed, assumed="correlation before-after 0.9")
    assert list(response_rows(assumed, "week_6", CONFIG)) == []
    trained = unit_of((5.0, 3.0), untrained=False)
    printed = replace(trained, trial=replace(trained.trial, kind="summary"))
    assert list(response_rows(printed, "week_6", CONFIG)) == []


@pytest.mark.parametrize("place", ["config", "study", "outcome"])
@pytest.mark.parametrize("key", ["responders", "responder", "responder_cutoff"])
def test_responders_are_not_counted_and_the_message_says_why(
    tmp_path: Path, place: str, key: str
) -> None:
    path = tmp_path / "declared.yaml"
    path.write_text(f"outcomes:\n  squat: {{{key}: 5}}\n" if place == "outcome" else f"{key}: 5\n")
    with pytest.raises(InputError) as error:
        check(Config if place == "config" else Participants, read_yaml(path))
    (fault,) = [found for found in error.value.findings if "responder" in found.found]
    assert "change in one person is mostly error and chance" in fault.found
    assert "sd_response" in fault.action
    assert fault.line == (2 if place == "outcome" else 1)
