"""Whether an effect depends on sex or age: one test of the interaction, none in a subgroup."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from small_trials import analysed, cohort_of_wide
from statsmodels.formula.api import ols

from howlow.analysis.estimates import Estimate
from howlow.analysis.fitting.cohort import Cohort
from howlow.analysis.fitting.longitudinal import Model
from howlow.analysis.fitting.structures import UNSTRUCTURED
from howlow.analysis.fitting.tables import cohort_of
from howlow.analysis.questions.moderators import fit_moderated, moderator_rows
from howlow.analysis.subjects import Subject
from howlow.config.trial import Contrast
from howlow.errors import DesignError

PEOPLE = 32
ARM = np.arange(PEOPLE) % 2
SEX = (np.arange(PEOPLE) // 2 % 2).astype(float)
AGE = 60.0 + np.random.default_rng(8).integers(0, 20, PEOPLE)


def values(rng: np.random.Generator, visits: int = 2, more_in_men: float = 0.0) -> np.ndarray:
    """People by visits; at the last one light gains more, in men by so much more than in women."""
    wide = 100 + rng.normal(0, 10, (PEOPLE, 1)) + rng.normal(0, 4, (PEOPLE, visits))
    wide += np.linspace(0, 8, visits)
    wide[:, -1] += (ARM == 0) * (3 + more_in_men * SEX)
    return wide


def subject_of(wide: np.ndarray, *moderators: str, **declared: object) -> Subject:
    cohort = replace(
        cohort_of_wide(wide, ARM, ("light", "heavy")), covariates={"sex": SEX, "age": AGE}
    )
    subject, _, _ = analysed(cohort, **declared)
    return replace(subject, trial=replace(subject.trial, moderators=moderators))


def rows_of(subject: Subject) -> dict[str, Estimate]:
    return {row.contrast: row for row in moderator_rows(subject, subject.cohort.visits[-1])}


def by_least_squares(wide: np.ndarray, moderator: np.ndarray) -> object:
    """The change of complete cases on arm by moderator, by statsmodels."""
    frame = pd.DataFrame({"change": wide[:, 1] - wide[:, 0], "light": 1 - ARM, "m": moderator})
    return ols("change ~ light * m", frame).fit()


@pytest.mark.parametrize(
    ("name", "moderator", "step", "contrast"),
    [
        ("sex", SEX, 1.0, "(light - heavy) by sex (M - F)"),
        ("age", AGE, 10.0, "(light - heavy) by age (per 10 years)"),
    ],
)
def test_the_interaction_of_groups_is_that_of_least_squares(
    name: str, moderator: np.ndarray, step: float, contrast: str
) -> None:
    wide = values(np.random.default_rng(1))
    row = rows_of(subject_of(wide, name, randomised="no"))[contrast]
    expected = by_least_squares(wide, moderator)
    assert row.estimate == pytest.approx(step * expected.params["light:m"], rel=1e-6)
    assert row.se == pytest.approx(step * expected.bse["light:m"], rel=1e-5)
    assert row.p == pytest.approx(expected.pvalues["light:m"], rel=1e-4)
    assert row.method.endswith("-moderated")


def test_the_effect_at_a_level_is_that_of_least_squares_there() -> None:
    wide = values(np.random.default_rng(2), more_in_men=5.0)
    rows = rows_of(subject_of(wide, "sex", "age", randomised="no"))
    expected = by_least_squares(wide, SEX)
    women, men = (rows[f"(light - heavy) at sex {level}"] for level in "FM")
    assert women.estimate == pytest.approx(expected.params["light"], rel=1e-6)
    assert women.se == pytest.approx(expected.bse["light"], rel=1e-5)
    difference = rows["(light - heavy) by sex (M - F)"].estimate
    assert men.estimate - women.estimate == pytest.approx(difference)
    low, high = (round(v) for v in np.percentile(AGE, [10, 90]))
    expected = by_least_squares(wide, AGE - high)
    old = rows[f"(light - heavy) at age {high}"]
    assert (old.estimate, old.se) == pytest.approx(
        (expected.params["light"], expected.bse["light"])
    )
    assert f"(light - heavy) at age {low}" in rows


def test_no_effect_within_a_subgroup_has_a_p_value() -> None:
    rows = rows_of(subject_of(values(np.random.default_rng(3)), "sex", "age"))
    tested = {name for name, row in rows.items() if row.p is not None}
    assert tested == {"(light - heavy) by sex (M - F)", "(light - heavy) by age (per 10 years)"}
    assert len(rows) == 6
    assert all("no subgroup test" in rows[name].estimand for name in rows.keys() - tested)
    assert all(row.verdict == "" and row.eq_low is None for row in rows.values() if row.p is None)


def simulated(trials: int, more_in_men: float, seen: float) -> Cohort:
    """Trials of three visits with one pattern of who was seen when."""
    rng = np.random.default_rng(4)
    kept = rng.random((PEOPLE, 3)) < seen
    kept[:, 0] = True
    drawn = np.stack([values(rng, 3, more_in_men) for _ in range(trials)])
    cohort = cohort_of_wide(np.where(kept, drawn[0], np.nan), ARM, ("light", "heavy"))
    cohort = replace(cohort, covariates={"sex": SEX, "age": AGE})
    return cohort.with_values(drawn[:, cohort.participant, cohort.visit])


def test_a_randomised_trial_without_an_interaction_finds_one_in_5_of_100() -> None:
    found = fit_moderated(simulated(800, 0.0, 0.85), Model(UNSTRUCTURED), "sex")
    p = found.fit.combine(found.slope("light", "heavy", "week_12")).p[:, 0]
    assert (p < 0.05).mean() == pytest.approx(0.05, abs=0.018)
    # Before, chance made the arms alike: one slope for all.
    assert found.slopes["light", "pre"] == found.slopes["heavy", "pre"]


def test_a_randomised_trial_finds_the_true_interaction() -> None:
    found = fit_moderated(simulated(400, 6.0, 0.85), Model(UNSTRUCTURED), "sex")
    value = found.fit.combine(found.slope("light", "heavy", "week_12"))
    assert value.estimate.mean() == pytest.approx(6.0, abs=0.35)
    low, high = value.interval(0.95)
    assert ((low < 6) & (high > 6)).mean() == pytest.approx(0.95, abs=0.03)


def test_people_of_whom_the_moderator_is_not_known_are_left_out_and_counted() -> None:
    wide = values(np.random.default_rng(5))
    subject = subject_of(wide, "sex", randomised="no")
    unknown = SEX.copy()
    unknown[:6] = np.nan
    subject = replace(subject, cohort=replace(subject.cohort, covariates={"sex": unknown}))
    row = rows_of(subject)["(light - heavy) by sex (M - F)"]
    assert row.n_participants == PEOPLE - 6
    assert "6 participants are left out" in row.note
    frame = pd.DataFrame({"change": wide[6:, 1] - wide[6:, 0], "light": 1 - ARM[6:], "m": SEX[6:]})
    assert row.p == pytest.approx(
        ols("change ~ light * m", frame).fit().pvalues["light:m"], rel=1e-4
    )
    unknown[2:6] = SEX[2:6]
    subject = replace(subject, cohort=replace(subject.cohort, covariates={"sex": unknown}))
    row = rows_of(subject)["(light - heavy) by sex (M - F)"]
    assert "fewer than 5 participants are left out" in row.note


def test_what_the_numbers_do_not_carry_is_refused_after_what_they_do() -> None:
    subject = subject_of(values(np.random.default_rng(6)), "sex", "age", randomised="no")
    women = np.where(ARM == 0, 0.0, SEX)
    subject = replace(
        subject, cohort=replace(subject.cohort, covariates={"sex": women, "age": AGE})
    )
    rows = moderator_rows(subject, "week_6")
    seen = []
    with pytest.raises(DesignError, match="moderator sex: fewer than 2 of level M in light"):
        seen.extend(row.contrast for row in rows)
    subject = replace(subject, trial=replace(subject.trial, moderators=("sex",)))
    with pytest.raises(DesignError):
        next(moderator_rows(subject, "week_6"))


def test_every_declared_contrast_is_asked() -> None:
    subject = subject_of(values(np.random.default_rng(7)), "sex")
    back = Contrast(contrast="heavy - light", question="load")
    trial = replace(subject.trial, contrasts=(*subject.trial.contrasts, back))
    rows = rows_of(replace(subject, trial=trial))
    one, other = (rows[f"({c}) by sex (M - F)"] for c in ("light - heavy", "heavy - light"))
    assert one.estimate == pytest.approx(-other.estimate)
    assert one.p == pytest.approx(other.p)


def test_the_age_group_follows_from_the_age_and_the_middle_is_in_neither() -> None:
    subject = subject_of(values(np.random.default_rng(9)), "age_group")
    ages = ["", "25", "39.9", "40", "59", "60", "81"]
    names = [f"p{number}" for number in range(len(ages))]
    people = pd.DataFrame({"participant": names, "age": ages})
    rows = pd.DataFrame(
        {"participant": names, "limb": "", "arm": "light", "visit": subject.start, "value": 1.0}
    )
    cohort = cohort_of(subject.trial, rows, (subject.start,), people)
    expected = [np.nan, 0, 0, np.nan, np.nan, 1, 1]
    np.testing.assert_array_equal(cohort.covariates["age_group"], expected)
