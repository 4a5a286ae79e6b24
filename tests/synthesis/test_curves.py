"""Dose-response curves against other software, closed forms, and trials of known truth."""

import json

import numpy as np
import pytest
from dose_trials import loads, sessions, sets, simulated, trial
from scipy.interpolate import CubicSpline
from scipy.linalg import block_diag
from scipy.optimize import minimize
from scipy.stats import binom, multivariate_normal
from statsmodels.regression.linear_model import GLS, WLS

from howlow.config.reading import read_config
from howlow.config.trial import Arm
from howlow.synthesis.curves.averaging import average
from howlow.synthesis.curves.curves import curves_of_arms
from howlow.synthesis.curves.doses import against_none, within_trial
from howlow.synthesis.curves.fitting import fit_shapes, line, weights
from howlow.synthesis.curves.isotonic import fit_monotone, monotone
from howlow.synthesis.curves.shapes import Shape, knots_of, spline
from howlow.synthesis.meta.model import Block, fit_meta


@pytest.fixture(scope="module")
def config(repo):
    return read_config([repo / "config/config.yaml"])


def curve(arms, config, name):
    return next(found for found in curves_of_arms(arms, config) if found["id"] == name)


def contrasts(arms, dose, config):
    found = [within_trial(one, dose, config)[0] for one in arms]
    return [one for one in found if one is not None]


def stacked(blocks, tau2=0.0):
    covariance = block_diag(*[block.covariance + tau2 * block.pattern for block in blocks])
    effects = np.concatenate([block.effects for block in blocks])
    return effects, np.concatenate([block.design for block in blocks]), covariance


LADDERS = [sessions(0, 1, 2, 3)] * 4 + [sessions(0, 1)] * 3 + [sessions(1, 3)] * 4


# --- fits against independent routes -----------------------------------------------------------


def test_a_line_of_alike_trials_is_that_of_statsmodels(config) -> None:
    # Gains so close to the line that no spread between trials is left.
    rng = np.random.default_rng(1)
    arms = simulated(LADDERS, lambda arm: 0.05 * arm.sessions_per_week, rng, tau=0, error=0.03)
    arms = [trial(one.trial.id, one.trial.arms, one.gains, 0.06) for one in arms]
    used = contrasts(arms, "sessions", config)
    drawn = line(used, fit_shapes(used, ["linear"])[0], 0.0)
    effects, design, covariance = stacked([one.block(Shape("linear").basis) for one in used])
    other = GLS(effects, design, sigma=covariance).fit(cov_type="nonrobust")
    assert drawn.fit.tau2 == 0
    assert drawn.at(3.0).estimate == pytest.approx(3 * other.params[0], rel=1e-9)
    # The factor never lies below one, where statsmodels scales by what is left over.
    assert drawn.at(3.0).se == pytest.approx(3 * other.bse[0] / np.sqrt(min(other.scale, 1)))


def test_between_trials_it_is_weighted_least_squares(config) -> None:
    none = {"none": Arm(label="None", sessions_per_week=0.0)}
    shares, gains = [30, 40, 60, 70, 80, 85], [0.14, 0.15, 0.2, 0.22, 0.24, 0.27]
    errors = np.array([0.05, 0.06, 0.05, 0.04, 0.07, 0.05])
    arms = [
        trial(f"t{k}", none | loads(share, sessions_per_week=3), [0.0, gain], error / np.sqrt(2))
        for k, (share, gain, error) in enumerate(zip(shares, gains, errors, strict=True))
    ]
    found = curve(arms, config, "load:strength:between")
    other = WLS(gains, np.column_stack([np.ones(6), shares]), weights=errors**-2.0).fit()
    linear = next(model for model in found["models"] if model["name"] == "linear")
    at = {place["dose"]: place for place in linear["line"]}
    assert found["best"] == "linear"
    assert at[30.0]["estimate"] == pytest.approx(other.predict([1, 30])[0], rel=1e-9)
    assert at[85.0]["estimate"] == pytest.approx(other.predict([1, 85])[0], rel=1e-9)
    assert found["reference_label"] == "no training"
    assert "not a randomised comparison" in found["note"]


def test_the_log_likelihood_is_that_of_the_normal_distribution(config) -> None:
    arms = simulated(LADDERS, lambda arm: 0.1 * np.log1p(arm.sessions_per_week), _rng(2))
    used = contrasts(arms, "sessions", config)
    fitted = fit_shapes(used, ["log1p"])[0]
    blocks = [one.block(Shape("log1p").basis) for one in used]
    fit = fit_meta(blocks, "ml")
    effects, design, covariance = stacked(blocks, fit.tau2)
    other = multivariate_normal.logpdf(effects, design @ fit.coefficients, covariance)
    assert fitted.log_likelihood == pytest.approx(other, rel=1e-10)
    assert fitted.parameters == 2
    assert fitted.aic == pytest.approx(4 - 2 * other)
    assert fitted.aicc == pytest.approx(fitted.aic + 12 / (len(effects) - 3))


def test_an_emax_curve_is_that_of_a_search_over_the_whole_likelihood(config) -> None:
    arms = simulated(LADDERS, lambda arm: _emax(arm.sessions_per_week, 0.25, 0.7), _rng(3))
    used = contrasts(arms, "sessions", config)
    fitted = fit_shapes(used, ["emax"])[0]

    blocks = [one.block(Shape("linear").basis) for one in used]
    effects, _, sampling = stacked(blocks)
    pattern = stacked(blocks, 1.0)[2] - sampling
    doses = np.concatenate([one.doses[one.others] for one in used])
    lowest = np.concatenate([np.full(len(one.others), one.doses[one.reference]) for one in used])

    def against(values):
        height, ed50, tau = values[0], np.exp(values[1]), values[2]
        gains = _emax(doses, height, ed50) - _emax(lowest, height, ed50)
        return -multivariate_normal.logpdf(effects, gains, sampling + tau**2 * pattern)

    start = [0.2, np.log(1.0), 0.02]
    options = {"xatol": 1e-5, "fatol": 1e-8, "maxiter": 2000}
    other = minimize(against, start, method="Nelder-Mead", options=options)
    assert fitted.log_likelihood == pytest.approx(-other.fun, abs=1e-5)
    assert fitted.shape.ed50 == pytest.approx(np.exp(other.x[1]), rel=0.01)
    low, high = fitted.ed50_range
    assert low < fitted.shape.ed50 < high
    # The limits lie on the tried doses just outside the profile-likelihood interval.
    for limit in (limit for limit in (low, high) if 0 < limit < np.inf):
        rest = minimize(
            lambda pair, at=limit: against([pair[0], np.log(at), pair[1]]),
            [0.2, 0.02],
            method="Nelder-Mead",
        )
        assert rest.fun - other.fun >= 3.841 / 2


def test_the_limits_of_an_emax_curve_are_those_of_the_delta_method(config) -> None:
    arms = simulated(LADDERS, lambda arm: _emax(arm.sessions_per_week, 0.25, 0.7), _rng(3))
    used = contrasts(arms, "sessions", config)
    fitted = fit_shapes(used, ["emax"])[0]
    drawn = line(used, fitted, 0.0)
    height, ed50 = drawn.coefficients[0], fitted.shape.ed50
    step = 1e-6

    def slopes(doses):
        up, down = _emax(doses, height, ed50 + step), _emax(doses, height, ed50 - step)
        return np.column_stack([_emax(doses, 1.0, ed50), (up - down) / (2 * step)])

    effects, design, covariance = stacked([one.block(slopes) for one in used], drawn.fit.tau2)
    information = design.T @ np.linalg.solve(covariance, design)
    row = slopes(np.array([2.0]))[0]
    factor = max(1.0, drawn.fit.factor)
    expected = np.sqrt(factor * row @ np.linalg.solve(information, row))
    assert drawn.at(2.0).se == pytest.approx(expected, rel=1e-4)
    assert drawn.at(2.0).df == len(effects) - 2


def test_a_restricted_spline_is_the_natural_cubic_spline_through_its_knots() -> None:
    knots = (20.0, 50.0, 80.0)
    values = np.array([0.05, 0.2, 0.22])
    columns = spline(np.array(knots), knots)
    coefficients = np.linalg.solve(np.column_stack([np.ones(3), columns]), values)
    natural = CubicSpline(knots, values, bc_type="natural")
    places = np.linspace(20, 80, 13)
    ours = np.column_stack([np.ones(13), spline(places, knots)]) @ coefficients
    assert ours == pytest.approx(natural(places))
    beyond = spline(np.array([80.0, 90.0, 100.0]), knots)
    assert np.diff(beyond, 2, axis=0) == pytest.approx(0, abs=1e-9)


def test_knots_that_fall_together_make_no_spline() -> None:
    assert knots_of(np.array([30.0] * 6 + [80.0] * 2)) == ()
    assert knots_of(np.array([0.0, 1, 2, 3])) == pytest.approx((0.3, 1.5, 2.7))


@pytest.mark.parametrize(
    ("values", "spreads", "expected"),
    [
        # Pool-adjacent-violators by hand: 3 and 2 become their mean.
        ([1, 3, 2, 4], [1, 1, 1, 1], [1, 2.5, 2.5, 4]),
        # Weights 1 and 3: (5 + 3 * 3) / 4.
        ([5, 3], [1, 1 / 3], [3.5, 3.5]),
        ([4, 3, 2], [1, 1, 1], [3, 3, 3]),
    ],
)
def test_monotone_steps_pool_adjacent_violators(values, spreads, expected) -> None:
    design = np.tril(np.ones((len(values), len(values))))
    blocks = [
        Block(f"t{k}", np.array([float(value)]), np.array([[spread]]), design[[k]], np.eye(1))
        for k, (value, spread) in enumerate(zip(values, spreads, strict=True))
    ]
    assert np.cumsum(monotone(blocks, 0.0)[0]) == pytest.approx(expected)


def test_steps_that_rise_anyway_are_those_without_the_constraint(config) -> None:
    arms = simulated(LADDERS, lambda arm: 0.1 * arm.sessions_per_week, _rng(4))
    used = contrasts(arms, "sessions", config)
    blocks = [one.block(Shape("steps", levels=(1, 2, 3)).basis) for one in used]
    free = fit_meta(blocks, "ml")
    assert (free.coefficients > 0).all()
    assert fit_monotone(blocks)[0] == pytest.approx(free.log_likelihood, abs=1e-6)
    assert monotone(blocks, free.tau2)[0] == pytest.approx(free.coefficients)


def test_weights_are_those_of_akaike(config) -> None:
    arms = simulated(LADDERS, lambda arm: 0.1 * np.log1p(arm.sessions_per_week), _rng(5))
    fitted = fit_shapes(contrasts(arms, "sessions", config), ["linear", "log1p"])
    first, second = (one.aicc for one in fitted)
    assert weights(fitted)[0] / weights(fitted)[1] == pytest.approx(np.exp((second - first) / 2))


def test_the_interval_of_the_mean_counts_in_that_the_models_differ(config) -> None:
    arms = simulated(LADDERS, lambda arm: 0.1 * np.log1p(arm.sessions_per_week), _rng(5))
    used = contrasts(arms, "sessions", config)
    fitted = fit_shapes(used, ["linear", "log1p", "steps"])
    own = [line(used, one, 0.0).at(1.0) for one in fitted]
    gains, errors = (np.array([getattr(one, name) for one in own]) for name in ("estimate", "se"))
    value, share = average(used, fitted, 0.0).at(1.0), weights(fitted)
    effects = sum(len(one.others) for one in used)
    # Burnham & Anderson (2002), equations 4.1 and 4.9, written out.
    mean = sum(share * gains)
    assert value.estimate == pytest.approx(mean)
    assert value.se == pytest.approx(sum(share * np.sqrt(errors**2 + (gains - mean) ** 2)))
    assert value.se > share @ errors
    assert value.df == min(one.df for one in own) == effects - 3
    assert average(used, fitted[:1], 0.0).at(1.0) == own[0]


def test_a_mean_of_models_covers_where_the_best_of_them_does_not(config) -> None:
    """At once a week, where the shapes differ most; the interval of one takes it as true."""
    rng, held = _rng(21), {"mean": 0, "best": 0}
    draws = 40
    for _ in range(draws):
        arms = simulated(LADDERS, lambda arm: 0.05 * arm.sessions_per_week, rng)
        used = contrasts(arms, "sessions", config)
        drawn = average(used, fit_shapes(used, ["linear", "log1p"]), 0.0)
        best = drawn.lines[int(np.argmax(drawn.weights))]
        for name, value in (("mean", drawn.at(1.0)), ("best", best.at(1.0))):
            low, high = value.interval(0.95)
            held[name] += low <= 0.05 <= high
    assert held["mean"] >= binom.ppf(0.005, draws, 0.95)
    assert held["mean"] > held["best"]


def test_steps_rise_evenly_where_nobody_trained(config) -> None:
    arms = simulated(LADDERS, lambda arm: 0.06 * arm.sessions_per_week, _rng(14))
    used = contrasts(arms, "sessions", config)
    drawn = line(used, fit_shapes(used, ["steps"])[0], 0.0)
    at = {dose: drawn.at(dose).estimate for dose in (0.0, 0.5, 1.0, 2.0, 2.25, 3.0, 5.0)}
    assert at[0.5] == pytest.approx(at[1.0] / 2)
    assert at[2.25] == pytest.approx(0.75 * at[2.0] + 0.25 * at[3.0])
    assert [at[1.0], at[2.0], at[3.0]] == pytest.approx(np.cumsum(drawn.coefficients))
    assert (at[0.0], at[5.0]) == (0, at[3.0])
    # Free steps give the standard error: the same above and below, at zero steps too.
    free = drawn.fit.combine(np.array([1.0, 1.0, 0.0]))
    assert drawn.at(2.0).se == free.se


# --- what is drawn -----------------------------------------------------------------------------


def test_a_plateau_after_one_session_is_found(config) -> None:
    arms = simulated(LADDERS * 2, lambda arm: 0.16 * (arm.sessions_per_week > 0), _rng(6), tau=0.02)
    found = curve(arms, config, "sessions:strength:within")
    assert found["best"] in ("emax", "steps")
    at = {place["dose"]: place["estimate"] for place in found["line"]}
    assert at[1.0] == pytest.approx(0.16, abs=0.03)
    assert at[3.0] - at[1.0] == pytest.approx(0, abs=0.03)


def test_a_straight_line_is_found(config) -> None:
    arms = simulated(LADDERS * 2, lambda arm: 0.06 * arm.sessions_per_week, _rng(7), tau=0.02)
    found = curve(arms, config, "sessions:strength:within")
    best = max(found["models"], key=lambda model: model["weight"])
    assert best["name"] == found["best"] == "linear"
    assert sum(model["weight"] for model in found["models"]) == pytest.approx(1)


@pytest.mark.parametrize(
    ("dose", "designs", "truth"),
    [
        ("load", [loads(30, 80)] * 4 + [loads(20, 40, 60, 80)] * 2, lambda arm: 0.3),
        ("sessions", LADDERS, lambda arm: _emax(arm.sessions_per_week, 0.2, 0.5)),
        ("sets", [sets(0, 3, 9)] * 3 + [sets(4, 12)] * 3, lambda arm: 0.01 * arm.sets_per_week),
    ],
)
def test_no_line_goes_beyond_the_data_and_the_reference_has_none(
    config, dose, designs, truth
) -> None:
    found = curve(simulated(designs, truth, _rng(8)), config, f"{dose}:strength:within")
    doses = [point[name] for point in found["points"] for name in ("dose", "reference")]
    places = [place["dose"] for place in found["line"]]
    assert found["drawn"]
    assert (min(places), max(places)) == (min(doses), max(doses))
    there = next(place for place in found["line"] if place["dose"] == found["reference_dose"])
    assert (there["estimate"], there["low"], there["high"]) == (0, 0, 0)
    assert all(place["low"] <= place["estimate"] <= place["high"] for place in found["line"])
    for model in found["models"]:
        assert [place["dose"] for place in model["line"]] == places
    for position, place in enumerate(found["line"]):
        own = [model["weight"] * model["line"][position]["estimate"] for model in found["models"]]
        assert place["estimate"] == pytest.approx(sum(own))


def test_four_trials_are_points_without_a_line(config) -> None:
    found = curve(
        simulated(LADDERS[:4], lambda arm: 0.1, _rng(9)), config, "sessions:strength:within"
    )
    assert not found["drawn"]
    assert found["reason"] == "4 trials; a curve takes 5"
    assert found["line"] == []
    assert len(found["points"]) == 12


def test_two_doses_are_no_curve(config) -> None:
    arms = simulated([loads(30, 80)] * 6, lambda arm: 0.1, _rng(9))
    found = curve(arms, config, "load:strength:within")
    assert found["reason"] == "fewer than three doses were observed"


def test_constructs_do_not_mix(config) -> None:
    strong = simulated(LADDERS[:6], lambda arm: 0.06 * arm.sessions_per_week, _rng(10))
    large = simulated(LADDERS[:2], lambda arm: 9.0, _rng(11), construct="muscle_size")
    found = {one["id"]: one for one in curves_of_arms([*strong, *large], config)}
    assert found["sessions:strength:within"] == curve(strong, config, "sessions:strength:within")
    assert found["sessions:muscle_size:within"]["trials"] == 2
    pooled = {name for name, known in config.constructs.items() if known.pooled}
    assert {one["construct"] for one in found.values()} == pooled


def test_everything_can_be_written_as_json(config) -> None:
    arms = simulated(LADDERS[:5], lambda arm: 0.0, _rng(12), tau=0, error=0.001)
    unknown = [trial("lone", sessions(0, 2), [0.0, 0.1], n=float("nan"))]
    json.dumps(curves_of_arms([*arms, *unknown], config), allow_nan=False)


def test_a_shift_puts_a_point_at_its_height_on_the_line(config) -> None:
    arms = simulated(LADDERS, lambda arm: 0.06 * arm.sessions_per_week, _rng(13))
    found = curve(arms, config, "sessions:strength:within")
    at = {round(place["dose"], 6): place["estimate"] for place in found["line"]}
    for point in found["points"]:
        assert point["shift"] == pytest.approx(at[point["reference"]])


# --- which arms count --------------------------------------------------------------------------


def test_arms_that_differ_in_sets_too_are_no_contrast_of_load(config) -> None:
    arms = {
        "light_three": _arm(30, sets_per_week=9),
        "heavy_one": _arm(80, sets_per_week=3),
        "heavy_three": _arm(80, sets_per_week=9),
    }
    one = trial("three arms", arms, [0.07, 0.03, 0.08])
    found, out = within_trial(one, "load", config)
    assert found.arms.names == ("light_three", "heavy_three")
    assert [(left.arm, left.reason) for left in out] == [("heavy_one", "sets differ too")]
    found, out = within_trial(one, "sets", config)
    assert found.arms.names == ("heavy_one", "heavy_three")
    assert [left.reason for left in out] == ["load differs too"]


def test_restricted_arms_are_no_light_load(config) -> None:
    arms = loads(20, 80) | {"cuff": _arm(20, blood_flow_restriction=True)}
    found, out = within_trial(trial("cuffed", arms, [0.1, 0.2, 0.2]), "load", config)
    assert found.arms.names == ("load_20", "load_80")
    assert [left.reason for left in out] == ["blood-flow restriction"]


def test_a_point_says_whether_sets_a_week_are_the_same(config) -> None:
    matched = {
        "once": Arm(label="Once", sessions_per_week=1, sets_per_week=6),
        "thrice": Arm(label="Thrice", sessions_per_week=3, sets_per_week=6),
        "more": Arm(label="More", sessions_per_week=2, sets_per_week=12),
    }
    found, _ = within_trial(trial("volume", matched, [0.1, 0.2, 0.2]), "sessions", config)
    assert found.matched == (True, True, False)
    found, _ = within_trial(trial("unknown", sessions(0, 1, 2), [0, 0.1, 0.2]), "sessions", config)
    assert found.matched == (None, None, None)


def test_between_trials_nothing_comes_from_within_one(config) -> None:
    one = trial("ladder", sessions(0, 1, 3), [0.0, 0.1, 0.3], [0.01, 0.02, 0.04])
    found = against_none(one, "sessions", config)
    block = found.block(Shape("linear").basis)
    assert block.effects == pytest.approx([0.2])
    assert block.design == pytest.approx(np.array([[2.0]]))
    assert block.covariance == pytest.approx(np.array([[(0.02**2 + 0.04**2) / 4 + 0.01**2]]))
    assert block.pattern == pytest.approx(np.array([[0.75]]))


def test_repetitions_to_load_go_by_the_declared_table(config) -> None:
    arms = {
        "light": Arm(label="24 RM", rm=(20, 28)),
        "heavy": Arm(label="4 RM", rm=(3, 5)),
        "endless": Arm(label="100 RM", rm=(80, 120)),
    }
    found, _ = within_trial(trial("rm", arms, [0.1, 0.2, 0.0]), "load", config)
    assert found.arms.names == ("light", "heavy")
    assert found.doses == pytest.approx([52.79, 90], abs=0.01)


def test_the_step_to_failure_is_pooled_and_told_by_load(config) -> None:
    designs = [
        {"short": _arm(load, to_failure=False), "failure": _arm(load, to_failure=True)}
        for load in (30, 30, 40, 75, 80, 80)
    ]
    gains = [0.05, 0.03, 0.04, 0.01, -0.01, 0.0]
    arms = [
        trial(f"t{k}", design, [0.0, gain], 0.05)
        for k, (design, gain) in enumerate(zip(designs, gains, strict=True))
    ]
    found = curve(arms, config, "failure:strength:within")
    step, by_load = found["steps"]["steps"][0], found["steps"]["by_load"]
    assert found["drawn"]
    assert step["estimate"] == pytest.approx(0.02)
    assert by_load["light"]["estimate"] == pytest.approx(0.04)
    assert by_load["heavy"]["estimate"] == pytest.approx(0.0)
    assert by_load["difference"]["estimate"] == pytest.approx(0.04)
    # Two groups of three with one known variance: se of the difference 0.05 sqrt(2) sqrt(2 / 3).
    half = (by_load["difference"]["high"] - by_load["difference"]["low"]) / 2
    assert half == pytest.approx(2.7764451 * 0.05 * np.sqrt(4 / 3))


def _rng(seed):
    return np.random.default_rng(seed)


def _emax(dose, height, ed50):
    return height * dose / (ed50 + dose)


def _arm(load, **dose):
    return Arm(label=f"{load} %", load_pct_1rm=(load, load), **dose)
