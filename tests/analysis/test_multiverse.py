"""Each defensible choice is what an independent route gives, and agreement is counted rightly."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from howlow.analysis.estimand.cards import Card
from howlow.analysis.fitting.cohort import Cohort
from howlow.analysis.fitting.longitudinal import Model, fit_model
from howlow.analysis.fitting.structures import AR1H, RANDOM_SLOPE, UNSTRUCTURED
from howlow.analysis.primary import primary_analysis
from howlow.analysis.robustness.choices import Choice, Traits
from howlow.analysis.robustness.multiverse import MULTIVERSE_COLUMNS, Multiverse, multiverse
from howlow.analysis.verdicts import (
    DIFFERENT,
    DIFFERENT_BEYOND,
    EQUIVALENT,
    INCONCLUSIVE,
    NO_ASSAY,
    NOT_INFERIOR,
    TRIVIAL,
)

CARD = Card(
    study="s",
    outcome="one_rm",
    contrast="heavy - light",
    at="post",
    question="load",
    role="primary",
    population="young adults",
    design="parallel",
    baseline="one for all arms",
    covariates=(),
    missed_sessions="treatment_policy",
    per_protocol_pct=80.0,
    drop_out="missing_at_random",
    aim="difference",
    unit="kg",
    margin=3.0,
    margin_pct=None,
    alpha=0.05,
)
GROWTH = np.array([[1.0, 0.8, 0.7], [0.8, 1.3, 1.0], [0.7, 1.0, 1.8]])


def people(responses=1, each=12, seed=1, leave=0.2, visits=("pre", "mid", "post")):
    """Three arms of people; some leave, sex and age are known of all but one."""
    rng, n, v = np.random.default_rng(seed), 3 * each, len(visits)
    seen = np.where(rng.random(n) < leave, rng.integers(1, v, n), v)
    person, visit = np.repeat(np.arange(n), v), np.tile(np.arange(v), n)
    kept = visit < seen[person]
    deviation = rng.multivariate_normal(np.zeros(3), GROWTH, (responses, n))[..., -v:]
    values = 50 + 6 * deviation.reshape(responses, -1) + 2 * visit * (person % 3)
    age = rng.normal(40, 10, n)
    age[4] = np.nan
    person, visit = person[kept], visit[kept]
    return Cohort(
        arms=("none", "light", "heavy"),
        visits=visits,
        weeks=np.array([0.0, 5.0, 10.0])[:v],
        participant=person,
        limb=np.zeros_like(person),
        arm=person % 3,
        visit=visit,
        values=values[:, kept],
        covariates={"sex": (rng.random(n) > 0.5).astype(float), "age": age},
    )


def limbs(responses=1, n=14, seed=2):
    """Two limbs a person, before and after, all seen."""
    rng = np.random.default_rng(seed)
    person, limb, visit = (axis.ravel() for axis in np.indices((n, 2, 2)))
    values = 50 + 5 * rng.normal(size=(responses, n))[:, person]
    values = values + 2 * rng.normal(size=(responses, n))[:, person] * visit
    values = values + 2 * rng.normal(size=(responses, len(person))) + 3 * visit * (limb == 0)
    return Cohort(
        ("heavy", "light"), ("pre", "post"), np.array([0.0, 10.0]), person, limb, limb, visit,
        values,
    )  # fmt: skip


def made(cohort, card=CARD, **more):
    """The multiverse around the primary analysis of a cohort."""
    per_protocol = more.get("per_protocol")
    primary = primary_analysis(cohort, card, per_protocol=per_protocol)
    return multiverse(cohort, primary, card, "heavy", "light", **more)


def named(found, name):
    (choice,) = (choice for choice in found.choices if choice.name == name)
    return choice


@pytest.fixture(scope="module")
def cohort():
    return people()


@pytest.fixture(scope="module")
def found(cohort):
    return made(cohort, per_protocol=np.arange(32))


def contrast(fit):
    return fit.combine(fit.contrast("heavy", "light", "post"))


def assert_same(choice, value, rel=1e-9):
    assert choice.estimate == pytest.approx(value.estimate[:, 0], rel=rel)
    assert choice.se == pytest.approx(value.se[:, 0], rel=rel)
    assert choice.df == pytest.approx(value.df[:, 0], rel=rel)


def test_all_choices_for_arms_of_people_are_made(found):
    names = [choice.name for choice in found.choices if not choice.left_out]
    assert names == [
        "primary", "slope", "ar1h", "by-arm", "two-visits", "own-baseline", "satterthwaite", "cr2",
        "with-age", "with-sex", "with-all-covariates", "per-protocol", "completers", "ancova",
        "ancova-covariates", "change", "log",
    ]  # fmt: skip
    assert sum(choice.left_out for choice in found.choices) == 36
    assert found.not_fitted == ()


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("slope", Model(RANDOM_SLOPE)),
        ("ar1h", Model(AR1H)),
        ("by-arm", Model(UNSTRUCTURED, by_arm=True)),
        ("own-baseline", Model(UNSTRUCTURED, constrained=False)),
        ("satterthwaite", Model(UNSTRUCTURED, inference="satterthwaite")),
        ("with-sex", Model(UNSTRUCTURED, covariates=("sex",))),
    ],
)
def test_a_choice_of_model_is_that_model(cohort, found, name, model):
    assert_same(named(found, name), contrast(fit_model(cohort, model)))


def test_own_baselines_and_no_gaps_give_the_change_of_two_visits(cohort):
    """Without gaps the difference in change does not depend on the visit between."""
    whole = cohort.of_people(cohort.people[cohort.complete()])
    own, change = (named(made(whole), name) for name in ("own-baseline", "change"))
    assert own.estimate == pytest.approx(change.estimate, rel=1e-9)


def test_only_those_with_known_covariates_are_adjusted(cohort, found):
    known = cohort.of_people(np.setdiff1d(cohort.people, [4]))
    choice = named(found, "with-age")
    assert choice.n_participants == 35
    assert_same(choice, contrast(fit_model(known, Model(UNSTRUCTURED, covariates=("age",)))))


def test_completers_and_per_protocol_are_those_people(cohort, found):
    for name, rows in (
        ("completers", cohort.of_people(cohort.people[cohort.complete(("pre", "post"))])),
        ("per-protocol", cohort.of_people(np.arange(32))),
    ):
        choice = named(found, name)
        assert choice.n_participants == len(rows.people)
        assert_same(choice, contrast(fit_model(rows, Model(UNSTRUCTURED))))


@pytest.mark.parametrize(
    ("name", "columns"), [("ancova", ()), ("ancova-covariates", ("age", "sex"))]
)
def test_covariance_analysis_agrees_with_statsmodels(cohort, found, name, columns):
    from statsmodels.regression.linear_model import OLS

    pairs = cohort.pairs("post")
    extra = [cohort.covariates[column][pairs.participant] for column in columns]
    design = np.column_stack(
        [*(pairs.arm == number for number in range(3)), pairs.pre[0], *extra]
    ).astype(float)
    kept = ~np.isnan(design).any(axis=1)
    result = OLS(pairs.post[0][kept], design[kept]).fit()
    row = np.zeros(design.shape[1])
    row[[2, 1]] = 1, -1
    test, choice = result.t_test(row), named(found, name)
    assert choice.estimate == pytest.approx(test.effect, rel=1e-9)
    assert choice.se == pytest.approx(test.sd.ravel(), rel=1e-9)
    assert choice.ci_low == pytest.approx(test.conf_int()[0, :1], rel=1e-8)
    assert choice.eq_high == pytest.approx(test.conf_int(alpha=0.1)[0, 1:], rel=1e-8)


def test_change_scores_agree_with_welch(cohort, found):
    pairs = cohort.pairs("post")
    heavy, light = (pairs.change[0, pairs.arm == number] for number in (2, 1))
    expected = stats.ttest_ind(heavy, light, equal_var=False)
    choice = named(found, "change")
    assert choice.estimate / choice.se == pytest.approx(expected.statistic, rel=1e-9)
    assert choice.df == pytest.approx(expected.df, rel=1e-9)
    low, high = expected.confidence_interval(0.95)
    assert [choice.ci_low[0], choice.ci_high[0]] == pytest.approx([low, high], rel=1e-8)


def test_two_visits_with_nobody_else_is_the_analysis_of_covariance(found):
    """Those seen once tell nothing of the slope: the estimate is that of complete cases."""
    few, ancova = named(found, "two-visits"), named(found, "ancova")
    assert few.estimate == pytest.approx(ancova.estimate, rel=1e-7)


def test_the_log_scale_is_that_of_logged_values_brought_back(cohort, found):
    primary = primary_analysis(cohort, CARD)
    logged = contrast(fit_model(cohort.with_values(np.log(cohort.values)), Model(UNSTRUCTURED)))
    low, high = logged.interval(0.95)
    fit = primary.fitted.fit
    mean = fit.coefficients[:, fit.cells["light", "post"]]
    choice = named(found, "log")
    assert choice.estimate == pytest.approx((np.exp(logged.estimate[:, 0]) - 1) * mean, rel=1e-9)
    assert choice.ci_low == pytest.approx((np.exp(low[:, 0]) - 1) * mean, rel=1e-9)
    assert choice.ci_high == pytest.approx((np.exp(high[:, 0]) - 1) * mean, rel=1e-9)
    baseline = cohort.values[:, cohort.visit == 0].mean(axis=1)
    assert choice.margin == pytest.approx(3.0 / baseline * mean, rel=1e-9)
    assert choice.df == pytest.approx(logged.df[:, 0], rel=1e-9)


def test_values_below_zero_are_not_logged(cohort):
    below = cohort.with_values(cohort.values - 60)
    found = made(below, leave_one_out=False)
    assert "log" not in [choice.name for choice in found.choices]
    reasons = {gone.name: gone.reason for gone in found.not_fitted}
    assert reasons == {"log": "not all values are above zero"}


def test_only_responses_above_zero_are_logged():
    two = people(responses=2)
    two = two.with_values(two.values - np.array([[0.0], [60.0]]))
    choice = named(made(two, leave_one_out=False), "log")
    alone = named(made(two.with_values(two.values[:1]), leave_one_out=False), "log")
    assert choice.estimate[0] == pytest.approx(alone.estimate[0], rel=1e-9)
    assert np.isnan(choice.estimate[1])
    assert choice.verdict[1] == ""


def test_leaving_out_is_refitting_one_by_one(cohort, found):
    expected = sorted(
        (float(value.estimate[0, 0]), float(value.se[0, 0]), float(value.df[0, 0]))
        for value in (
            contrast(fit_model(cohort.without(person), Model(UNSTRUCTURED)))
            for person in cohort.people.tolist()
        )
    )
    left = [choice for choice in found.choices if choice.left_out]
    assert [choice.name for choice in left][:2] == ["one-left-out-1", "one-left-out-2"]
    assert {choice.n_participants for choice in left} == {35}
    for choice, (estimate, se, df) in zip(left, expected, strict=True):
        assert choice.estimate[0] == pytest.approx(estimate, rel=1e-8)
        assert choice.se[0] == pytest.approx(se, rel=1e-8)
        assert choice.df[0] == pytest.approx(df, rel=1e-8)


def test_many_responses_are_as_one_at_a_time():
    cohort = people(responses=2, each=10)
    together = made(cohort)
    for response in range(2):
        alone = made(cohort.with_values(cohort.values[response]))
        assert [choice.name for choice in alone.choices] == [
            choice.name for choice in together.choices
        ]
        for one, many in zip(alone.choices, together.choices, strict=True):
            for part in ("estimate", "se", "df", "ci_low", "eq_high", "margin"):
                values = getattr(many, part)[response]
                assert values == pytest.approx(getattr(one, part)[0], rel=1e-7), (many.name, part)
            assert many.verdict[response] == one.verdict[0]
        assert together.share()[response] == alone.share()[0]
        assert together.left_out_share()[response] == alone.left_out_share()[0]


def test_the_order_of_rows_changes_nothing(cohort, found):
    turn = np.random.default_rng(4).permutation(len(cohort.visit))
    turned = replace(
        cohort,
        participant=cohort.participant[turn],
        limb=cohort.limb[turn],
        arm=cohort.arm[turn],
        visit=cohort.visit[turn],
        values=cohort.values[:, turn],
    )
    again = made(turned, per_protocol=np.arange(32))
    for row, other in zip(found.table(), again.table(), strict=True):
        numbers = ("estimate", "se", "df", "ci_low", "ci_high", "eq_low", "eq_high", "margin")
        assert [row[name] for name in numbers] == pytest.approx(
            [other[name] for name in numbers], rel=1e-7
        )
        assert {key: row[key] for key in row if key not in numbers} == {
            key: other[key] for key in other if key not in numbers
        }


def test_limbs_are_compared_within_people():
    cohort = limbs()
    found = made(cohort, replace(CARD, design="within_participant"))
    names = {choice.name for choice in found.choices if not choice.left_out}
    assert names >= {"primary", "own-baseline", "satterthwaite", "cr2", "paired", "log"}
    # Limbs of one person are never taken as independent, nor is a baseline slope of arms of people.
    assert not names & {"change", "ancova", "by-arm"}
    change = cohort.pairs("post").change[0].reshape(-1, 2)
    expected = stats.ttest_rel(change[:, 0], change[:, 1])
    low, high = expected.confidence_interval(0.95)
    # With a limb in every arm CR2 clustered on people is the paired t test.
    for name in ("paired", "change-cr2"):
        choice = named(found, name)
        assert choice.estimate / choice.se == pytest.approx(expected.statistic, rel=1e-9)
        assert choice.df == pytest.approx(expected.df, rel=1e-8)
        assert [choice.ci_low[0], choice.ci_high[0]] == pytest.approx([low, high], rel=1e-8)
    assert "completers" in {gone.name for gone in found.not_fitted}


def same_moments(cohort, seed):
    """Other people with the same means and covariances in each arm."""
    rng = np.random.default_rng(seed)
    values = cohort.values.copy()
    visits = len(cohort.visits)
    for arm in range(len(cohort.arms)):
        rows = cohort.arm == arm
        wide = values[0, rows].reshape(-1, visits)
        drawn = rng.normal(size=wide.shape)
        drawn -= drawn.mean(axis=0)
        white = np.linalg.solve(np.linalg.cholesky(drawn.T @ drawn), drawn.T)
        centred = wide - wide.mean(axis=0)
        other = wide.mean(axis=0) + (np.linalg.cholesky(centred.T @ centred) @ white).T
        values[0, rows] = other.ravel()
    return cohort.with_values(values)


def test_printed_summaries_get_only_what_their_moments_give():
    cohort = people(leave=0.0, visits=("pre", "post"))
    other = same_moments(cohort, 5)
    assert not np.allclose(cohort.values, other.values)
    first = made(cohort, summary=True, variants={"r_low": other})
    again = made(other, summary=True)
    names = [choice.name for choice in again.choices]
    assert names == [
        "primary", "by-arm", "own-baseline", "satterthwaite", "ancova", "change",
    ]  # fmt: skip
    for one, two in zip(first.choices, again.choices, strict=False):
        assert one.estimate == pytest.approx(two.estimate, rel=1e-7)
        assert one.se == pytest.approx(two.se, rel=1e-7)
        assert one.df == pytest.approx(two.df, rel=1e-6)
    last = first.choices[-1]
    assert last.name == "r_low"
    assert last.estimate == pytest.approx(again.choices[0].estimate, rel=1e-12)


def test_without_the_adjustment_the_interval_is_that_of_one_comparison(cohort):
    card = replace(CARD, comparisons=("heavy - light", "none - light"))
    found = made(cohort, card)
    one, primary = named(found, "one-comparison"), found.choices[0]
    value = contrast(fit_model(cohort, Model(UNSTRUCTURED)))
    low, high = value.interval(0.95)
    assert one.ci_low == pytest.approx(low[:, 0], rel=1e-9)
    assert one.ci_high == pytest.approx(high[:, 0], rel=1e-9)
    assert primary.ci_low[0] < one.ci_low[0]
    wider = (primary.ci_high - primary.ci_low) / (one.ci_high - one.ci_low)
    assert np.all(wider > 1)
    # Every other choice is widened alike.
    welch = named(found, "change")
    half = stats.t.ppf(0.975, welch.df) * welch.se * wider
    assert welch.ci_high == pytest.approx(welch.estimate + half, rel=1e-9)


def test_what_the_numbers_do_not_carry_is_listed_with_its_reason():
    found = made(people(each=4, leave=0.0, seed=3))
    reasons = {gone.name: gone.reason for gone in found.not_fitted}
    assert reasons["unstructured"].startswith("12 participants; ")
    assert reasons["by-arm"].startswith("none: 4 participants")
    assert reasons["completers"] == "the same participants as in the primary analysis"


def test_a_participant_on_whom_an_arm_hangs_is_told_of(cohort):
    kept = (cohort.arm != 1) | (cohort.visit < 2) | (cohort.participant == 1)
    found = made(cohort.keep(kept))
    assert sum(choice.left_out for choice in found.choices) == 35
    (gone,) = (gone for gone in found.not_fitted if gone.name == "one-left-out")
    assert gone.reason == "1 of 36 refits are not possible or did not converge"


def choice_of(name, verdict, estimate, half, left_out=False):
    """A choice with one response."""
    traits = Traits(
        model="m", covariance="c", inference="i", baseline="b", covariates="", population="p",
        scale="unit",
    )  # fmt: skip
    value = np.array([estimate])
    return Choice(
        name=name, words=name, traits=traits, left_out=left_out, n_participants=9, estimate=value,
        se=value * 0 + 1, df=value * 0 + 9, ci_low=value - half, ci_high=value + half,
        eq_low=value - half, eq_high=value + half, margin=value * 0 + 3,
        verdict=np.array([verdict]),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("first", "second", "agrees"),
    [
        ((DIFFERENT, 4.0, 3.0), (DIFFERENT_BEYOND, 9.0, 3.0), True),
        ((DIFFERENT, 4.0, 3.0), (DIFFERENT, -4.0, 3.0), False),
        ((DIFFERENT, 4.0, 3.0), (TRIVIAL, 1.0, 0.5), False),
        ((TRIVIAL, -1.0, 0.5), (TRIVIAL, 1.0, 0.5), False),
        ((EQUIVALENT, -0.1, 1.0), (EQUIVALENT, 0.1, 1.0), True),
        ((EQUIVALENT, 0.1, 1.0), (INCONCLUSIVE, 0.1, 5.0), False),
        ((EQUIVALENT, 0.1, 1.0), (NOT_INFERIOR, 0.1, 1.0), False),
        ((INCONCLUSIVE, 1.0, 5.0), (NO_ASSAY, -1.0, 2.0), True),
        (("", 4.0, 3.0), ("", 9.0, 3.0), True),
        (("", 4.0, 3.0), ("", 2.0, 3.0), False),
    ],
)
def test_choices_agree_where_they_show_the_same(first, second, agrees):
    choices = (choice_of("primary", *first), choice_of("other", *second))
    found = Multiverse(CARD, choices, ())
    assert found.share()[0] == float(agrees)
    assert [row["agrees"] for row in found.table()] == [True, agrees]


def test_the_shares_count_neither_the_primary_analysis_nor_what_has_no_fit():
    choices = (
        choice_of("primary", INCONCLUSIVE, 1.0, 5.0),
        choice_of("a", INCONCLUSIVE, 1.0, 5.0),
        choice_of("b", DIFFERENT, 4.0, 3.0),
        choice_of("c", "", np.nan, 3.0),
        choice_of("one-left-out-1", INCONCLUSIVE, 1.0, 5.0, left_out=True),
    )
    found = Multiverse(CARD, choices, ())
    assert found.share() == pytest.approx([0.5])
    assert found.left_out_share() == pytest.approx([1.0])
    assert [row["choice"] for row in found.table()] == ["primary", "a", "b", "one-left-out-1"]
    assert np.isnan(Multiverse(CARD, choices[:1], ()).share()[0])


def test_the_table_has_the_public_columns_and_tells_of_nobody(found):
    rows = found.table()
    assert all(tuple(row) == MULTIVERSE_COLUMNS for row in rows)
    left = [row["estimate"] for row in rows if row["left_out"]]
    assert left == sorted(left)
    assert {row["words"] for row in rows if row["left_out"]} == {"without one participant"}
