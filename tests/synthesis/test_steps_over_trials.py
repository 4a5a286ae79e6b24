"""Whether the step from none to once a week is the biggest, over trials."""

import numpy as np
import pytest
from dose_trials import sessions, simulated, trial
from scipy import stats
from scipy.linalg import block_diag
from statsmodels.regression.linear_model import GLS

from howlow.config.reading import read_config
from howlow.synthesis.curves.shapes import Shape
from howlow.synthesis.curves.steps import first_step, steps_over_trials

LADDERS = [sessions(0, 1, 2, 3)] * 3 + [sessions(0, 1)] * 3 + [sessions(1, 3)] * 2
LADDERS = [*LADDERS, sessions(0, 2, 3), sessions(1, 2)]


@pytest.fixture(scope="module")
def config(repo):
    return read_config([repo / "config/config.yaml"])


def plateau(arm):
    return 0.15 * (arm.sessions_per_week > 0)


def straight(arm):
    return 0.05 * arm.sessions_per_week


def test_steps_are_the_generalised_least_squares_of_statsmodels(config) -> None:
    found = steps_over_trials(simulated(LADDERS, plateau, np.random.default_rng(1)), config)
    blocks = [one.block(Shape("steps", levels=(1, 2, 3)).basis) for one in found.used]
    covariance = block_diag(*[b.covariance + found.fit.tau2 * b.pattern for b in blocks])
    effects = np.concatenate([block.effects for block in blocks])
    other = GLS(effects, np.concatenate([b.design for b in blocks]), sigma=covariance).fit()
    assert found.sizes == pytest.approx(other.params, rel=1e-9)
    # statsmodels scales by what is left over: the Hartung-Knapp factor, here below or above one.
    assert found.covariance == pytest.approx(
        other.cov_params() * max(1.0, other.scale) / other.scale, rel=1e-9
    )
    assert found.fit.df == other.df_resid


def test_trials_alike_give_the_steps_of_their_mean_ladder(config) -> None:
    ladder = np.array([0.0, 0.10, 0.13, 0.14])
    noise = np.array([[0, 1, -1, 0], [0, -1, 1, 0], [0, 0, 1, -1], [0, 0, -1, 1], [0, 0, 0, 0]])
    arms = [
        trial(f"t{k}", sessions(0, 1, 2, 3), ladder + 0.01 * shift, 0.02)
        for k, shift in enumerate(noise)
    ]
    found = steps_over_trials(arms, config)
    assert found.sizes == pytest.approx([0.10, 0.03, 0.01])
    assert found.fit.tau2 == 0
    # Five trials, independent arms: a step has variance 2 * 0.02^2 / 5, twice the first less the
    # second 6 * 0.02^2 / 5; 15 contrasts less 3 steps leave 12 degrees of freedom.
    se = np.sqrt(6 * 0.02**2 / 5)
    assert found.smallest_lead().estimate == pytest.approx(0.07)
    assert found.smallest_lead().se == pytest.approx(se)
    first, second = 0.07 / se, 0.09 / np.sqrt(4 * 0.02**2 / 5)
    assert found.p() == pytest.approx(max(stats.t.sf(first, 12), stats.t.sf(second, 12)))
    lowest = min(0.07 - stats.t.ppf(0.95, 12) * se, 0.09 - stats.t.ppf(0.95, 12) * 0.04 / 5**0.5)
    assert found.bound(0.05) == pytest.approx(lowest)


def test_the_share_is_the_set_where_the_difference_is_not_shown(config) -> None:
    found = steps_over_trials(simulated(LADDERS, plateau, np.random.default_rng(2)), config)
    share = found.share(0.95)
    assert share.kind == "interval"
    for limit in (share.low, share.high):
        weights = np.array([1.0, 0, 0]) - limit * np.ones(3)
        value = found.fit.combine(weights)
        assert abs(value.estimate) / value.se == pytest.approx(stats.t.ppf(0.975, value.df))


def test_a_gain_that_is_not_shown_leaves_the_share_without_bound(config) -> None:
    nothing = simulated(LADDERS, lambda arm: 0.0, np.random.default_rng(3))
    share = first_step(nothing, config)[0]["share"]
    assert not share["bounded"]
    assert "itself not shown" in share["words"]


def test_a_plateau_after_one_session_is_shown(config) -> None:
    rng = np.random.default_rng(4)
    shown = [
        steps_over_trials(simulated(LADDERS * 2, plateau, rng), config).shown(config.alpha)
        for _ in range(40)
    ]
    assert np.mean(shown) > 0.9
    found = steps_over_trials(simulated(LADDERS * 2, plateau, rng), config)
    assert found.sizes == pytest.approx([0.15, 0, 0], abs=0.06)
    for position in (1, 2):
        low, high = found.step(position).interval(0.99)
        assert low < 0 < high


@pytest.mark.parametrize(
    "truth", [straight, lambda arm: 0.1 * min(arm.sessions_per_week, 2)], ids=["straight", "two"]
)
def test_without_a_biggest_first_step_it_is_seldom_shown(config, truth) -> None:
    # Two equal first steps and none after are the worst case: 5 % in the long run.
    rng = np.random.default_rng(5)
    trials = 100
    shown = [
        steps_over_trials(simulated(LADDERS, truth, rng), config).shown(config.alpha)
        for _ in range(trials)
    ]
    assert sum(shown) <= stats.binom.ppf(0.999, trials, 0.05)


def test_classes_that_no_trial_joins_to_none_show_nothing(config) -> None:
    never = [trial(f"t{k}", sessions(1, 2, 3), [0.1, 0.12, 0.13]) for k in range(6)]
    assert (
        steps_over_trials(never, config)
        == "no trial that can be used sets sessions a week against no training"
    )
    apart = [trial("a", sessions(0, 3), [0, 0.1]), trial("b", sessions(1, 2), [0.1, 0.12])]
    assert "once a week" in steps_over_trials(apart, config)
    short = [trial(f"t{k}", sessions(0, 1), [0, 0.1]) for k in range(6)]
    assert "goes on from once a week" in steps_over_trials(short, config)
    one = [trial("lone", sessions(0, 1, 2, 3), [0, 0.1, 0.12, 0.13])]
    assert "too few contrasts" in steps_over_trials(one, config)
    entry = first_step(never, config)[0]
    assert entry["sentence"].startswith("Not shown: no trial")
    assert entry["steps"] == []


def test_once_a_week_through_other_doses_alone_is_not_shown(config) -> None:
    rng = np.random.default_rng(6)
    arms = simulated([sessions(0, 3)] * 5 + [sessions(1, 2, 3)] * 5, plateau, rng, tau=0.01)
    found = steps_over_trials(arms, config)
    assert found.p() < config.alpha
    assert not found.direct
    assert not found.shown(config.alpha)
    assert (
        "no trial that can be used sets once a week against no training"
        in first_step(arms, config)[0]["sentence"]
    )


def test_a_class_never_observed_makes_one_step_of_two(config) -> None:
    rng = np.random.default_rng(7)
    found = steps_over_trials(simulated([sessions(0, 1, 3)] * 6, straight, rng), config)
    assert found.classes == (0, 1, 3)
    assert len(found.sizes) == 2


def test_fewer_than_five_trials_claim_nothing(config) -> None:
    arms = [
        trial(f"t{k}", sessions(0, 1, 2, 3), [0, 0.2, 0.2, 0.2 + 0.001 * k], 0.01) for k in range(4)
    ]
    entry = first_step(arms, config)[0]
    assert entry["test"]["p"] < 0.001
    assert not entry["test"]["shown"]
    assert "fewer than 5" in entry["sentence"]


def test_constructs_have_steps_of_their_own(config) -> None:
    rng = np.random.default_rng(8)
    strong = simulated(LADDERS, plateau, rng)
    large = simulated(LADDERS, straight, rng, construct="muscle_size")
    both = first_step([*strong, *large], config)
    assert [entry["construct"] for entry in both] == ["strength", "muscle_size"]
    assert both == [*first_step(strong, config), *first_step(large, config)]
