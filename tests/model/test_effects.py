"""Joint tests, marginal means and adjustments against lmerTest, pbkrtest, mmrm and emmeans."""

from __future__ import annotations

import json

import numpy as np
import pytest
from oracle_models import ORACLE, REFERENCES, fitted, model, records
from scipy import stats

from howlow.design.grid import reference_grid
from howlow.model import (
    ModelError,
    adjust,
    against_reference,
    consecutive,
    custom,
    interaction,
    marginal_means,
    pairwise,
    polynomial,
)
from howlow.model.distributions import f_upper, t_quantile, t_two_sided
from howlow.model.effects import Contrast, Inference
from howlow.model.simultaneous import (
    multivariate_t_inside,
    studentized_range_cdf,
    studentized_range_quantile,
)

JOINT = json.loads((ORACLE / "joint.json").read_text())


def interaction_rows(name):
    names = model(name)[1].names
    places = [k for k, label in enumerate(names) if ":" in label]
    return np.eye(len(names))[places]


@pytest.mark.parametrize("name", ["freq", "tt_legpress"])
@pytest.mark.parametrize(("df", "key"), [("satterthwaite", "satt"), ("kenward-roger", "kr")])
def test_the_joint_test_of_an_interaction_agrees_with_lmertest(name, df, key):
    found = Inference(fitted(name), df).joint_test(interaction_rows(name))
    expected = JOINT[name][key]
    assert found.df_numerator == expected["NumDF"]
    assert pytest.approx(expected["F value"], rel=1e-5) == found.F
    assert found.df_denominator == pytest.approx(expected["DenDF"], rel=1e-5)
    assert found.p == pytest.approx(expected["Pr(>F)"], rel=1e-5)


@pytest.mark.parametrize(
    ("df", "key"),
    [("satterthwaite", "tt_us_Satterthwaite"), ("kenward-roger", "tt_us_Kenward-Roger")],
)
def test_the_joint_test_of_an_interaction_agrees_with_mmrm(df, key):
    inference = Inference(fitted("tt_mmrm_us"), df, information="observed")
    found = inference.joint_test(interaction_rows("tt_mmrm_us"))
    assert pytest.approx(JOINT[key]["f_stat"], rel=1e-5) == found.F
    assert found.df_denominator == pytest.approx(JOINT[key]["denom_df"], rel=1e-5)
    assert found.p == pytest.approx(JOINT[key]["p_val"], rel=1e-5)


TYPE_THREE = [
    (name, place)
    for name, record in records().items()
    if name in REFERENCES
    for place, _ in enumerate(np.atleast_1d(record.get("anova_kr", {}).get("term", [])))
]


def type_three_rows(name, term):
    """Return equal-weight contrasts of a term, averaged over the factors it interacts with."""
    _, design, frame = model(name)
    used = [n for n in design.effects.columns() if n not in design.effects.factors]
    grid = reference_grid(design, frame, dict.fromkeys(used, 0.0))
    factors = [part for part in term.split(":") if part in grid.factors]
    covariates = [part for part in term.split(":") if part not in grid.factors]
    if covariates:
        low = reference_grid(design, frame, {covariates[0]: 0.0})
        high = reference_grid(design, frame, {covariates[0]: 1.0})
        rows = marginal_means(high, factors).L - marginal_means(low, factors).L
    else:
        rows = marginal_means(grid, factors).L
    if not factors:
        return rows
    levels = [grid.levels[grid.factors.index(factor)] for factor in factors]
    parts = [against_reference(names, names[0]) for names in levels]
    return interaction(*parts).matrix @ rows


@pytest.mark.parametrize(
    ("df", "key"), [("satterthwaite", "anova_satt"), ("kenward-roger", "anova_kr")]
)
@pytest.mark.parametrize(("name", "place"), TYPE_THREE)
def test_the_type_three_table_agrees_with_lmertest(name, place, df, key):
    table = {
        column: np.atleast_1d(values)[place] for column, values in records()[name][key].items()
    }
    found = Inference(fitted(name), df).joint_test(type_three_rows(name, str(table["term"])))
    assert found.df_numerator == table["NumDF"]
    assert pytest.approx(table["F"], rel=1e-5) == found.F
    assert found.df_denominator == pytest.approx(table["DenDF"], rel=1e-4)


def means(name, *over):
    _, design, frame = model(name)
    return marginal_means(reference_grid(design, frame), over)


def compare(found: Contrast, expected):
    for key, values in (
        ("estimate", found.estimate), ("SE", found.se), ("df", found.df),
        ("lower.CL", found.low), ("upper.CL", found.high), ("t.ratio", found.t),
        ("p.value", found.p),
    ):  # fmt: skip
        scale = 1 if key in {"t.ratio", "p.value", "df"} else found.se
        difference = np.abs(values - np.atleast_1d(expected[key])) / scale
        assert np.max(difference / (np.abs(values) if key == "df" else 1)) < 1e-6, key


MODES = [("satterthwaite", "satt"), ("kenward-roger", "kr")]


@pytest.mark.parametrize(("df", "key"), MODES)
def test_contrasts_within_visits_agree_with_emmeans(df, key):
    sets = means("sv_legext", "time", "sets")
    found = sets.contrast(
        Inference(fitted("sv_legext"), df), pairwise(["single", "multiple"]), ["time"]
    )
    compare(found, records()["sv_legext"]["emm"][key])


@pytest.mark.parametrize(("df", "key"), MODES)
def test_the_interaction_contrast_agrees_with_emmeans(df, key):
    both = interaction(pairwise(["pre", "post"]), pairwise(["single", "multiple"]))
    found = means("dxa", "time", "sets").contrast(Inference(fitted("dxa"), df), both)
    compare(found, records()["dxa"]["emm"][key])


@pytest.mark.parametrize(("df", "key"), MODES)
def test_changes_against_baseline_agree_with_emmeans(df, key):
    both = interaction(against_reference(["pre", "mid", "post"], "pre"), pairwise(["RM10", "RM30"]))
    found = means("tt_legpress", "time", "group").contrast(
        Inference(fitted("tt_legpress"), df), both
    )
    compare(found, records()["tt_legpress"]["emm"][key])


@pytest.mark.parametrize(("df", "key"), MODES)
def test_frequency_steps_agree_with_emmeans(df, key):
    change = custom({"change": [-1, 0, 1]})
    later = custom({"first against the mean of the later steps": [-1, 1.5, 0, -0.5]})
    table = means("freq", "time", "freq")
    inference = Inference(fitted("freq"), df)
    steps = table.contrast(inference, interaction(change, consecutive(["f0", "f1", "f2", "f3"])))
    expected = records()["freq"]["emm"][key]
    compare(steps, {column: values[:3] for column, values in expected.items()})
    last = table.contrast(inference, interaction(change, later))
    compare(last, {column: values[3:] for column, values in expected.items()})


def test_proportional_weights_follow_the_counts():
    _, design, frame = model("dxa")
    grid = reference_grid(design, frame)
    equal, proportional = (marginal_means(grid, ["time"], w) for w in ("equal", "proportional"))
    male = design.names.index("sex[male]")
    assert equal.L[:, male] == pytest.approx([0.5, 0.5])
    share = float((frame["sex"] == "male").mean())
    assert proportional.L[:, male] == pytest.approx([share, share])


def test_polynomial_contrasts_are_the_whole_numbers_of_the_tables():
    assert polynomial(list("abcd")).matrix.tolist() == [
        [-3, -1, 1, 3],
        [1, -1, -1, 1],
        [-1, 3, -3, 1],
    ]
    assert polynomial(list("abcde"), 2).matrix.tolist() == [[-2, -1, 0, 1, 2], [2, -1, -2, -1, 2]]


@pytest.mark.parametrize(
    ("q", "k", "df"), [(3.0, 3, 10), (4.2, 5, 23.7), (2.5, 2, 5), (3.6, 4, 900.0)]
)
def test_the_studentized_range_agrees_with_scipy(q, k, df):
    assert studentized_range_cdf(q, k, df) == pytest.approx(
        stats.studentized_range.cdf(q, k, df), abs=1e-8
    )


def test_the_studentized_range_quantile_is_the_tables():
    assert studentized_range_quantile(0.95, 3, 20) == pytest.approx(3.578, abs=5e-4)


def test_the_multivariate_t_gives_dunnetts_table():
    # Dunnett (1964), two-sided 5 %, 3 treatments against a control, df 20: 2.54
    correlation = 0.5 * np.eye(3) + 0.5
    assert 1 - multivariate_t_inside(2.54, correlation, 20) == pytest.approx(0.05, abs=5e-4)
    # with df infinite and independence it is a product
    inside = multivariate_t_inside(1.96, np.eye(3), np.inf)
    assert inside == pytest.approx((2 * stats.norm.cdf(1.96) - 1) ** 3, abs=1e-4)


def test_tukey_and_the_multivariate_t_agree_on_all_pairs_of_equal_means():
    centred = np.eye(4) - 0.25
    rows = pairwise(list("abcd")).matrix
    correlation = rows @ centred @ rows.T
    correlation /= 2
    inside = multivariate_t_inside(2.7, correlation, 30)
    assert inside == pytest.approx(studentized_range_cdf(2.7 * np.sqrt(2), 4, 30), abs=5e-4)


def test_adjusted_p_values_are_ordered_and_never_smaller():
    changes = means("freq", "time", "freq").contrast(
        Inference(fitted("freq")),
        interaction(custom({"change": [-1, 0, 1]}), pairwise(["f0", "f1", "f2", "f3"])),
    )
    for method in ("holm", "multivariate-t", "tukey"):
        adjusted = adjust(changes, method, means=4).contrast
        assert np.all(adjusted.p >= changes.p - 1e-9)
        assert np.all(adjusted.high - adjusted.low > changes.high - changes.low)
    with pytest.raises(ModelError, match="all pairwise"):
        adjust(changes, "tukey", means=3)


@pytest.mark.parametrize("df", [2.5, 57.3, 1e6, 1e12, 1e46])
@pytest.mark.parametrize("t", [0.01, 1.16, 8.0, 30.0])
def test_tails_of_t_hold_at_any_df(t, df):
    assert t_two_sided(-t, df) == pytest.approx(2 * stats.t.sf(t, df), rel=1e-9)
    assert f_upper(t, 3, df) == pytest.approx(stats.f.sf(t, 3, df), rel=1e-9)


def test_infinite_df_are_the_normal_and_chi_squared():
    assert t_two_sided(1.96, np.inf) == pytest.approx(2 * stats.norm.sf(1.96), rel=1e-12)
    assert f_upper(2.0, 3, np.inf) == pytest.approx(stats.chi2.sf(6.0, 3), rel=1e-12)
    assert t_quantile(0.975, np.inf) == pytest.approx(stats.norm.ppf(0.975), rel=1e-12)
    assert np.isnan(t_two_sided(np.nan, 5.0))
