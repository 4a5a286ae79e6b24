"""Each design's numbers against a second route: scipy, statsmodels, pingouin, a hand formula."""

import numpy as np
import pandas as pd
import pingouin
import pytest
import statsmodels.formula.api as smf
from scipy import optimize, stats
from statsmodels.formula.api import ols

from howlow.analysis.analysing import Results, analyse_trial
from howlow.analysis.estimates import Estimate, estimates_table
from howlow.analysis.fitting.cohort import Pairs
from howlow.analysis.fitting.regression import fit_changes_alike
from howlow.config.reading import read_config
from howlow.config.settings import Config
from howlow.config.trial import Arm, Contrast, Estimand, Outcome, Population
from howlow.data.declaration import Declaration
from howlow.data.measurements import MEASUREMENT_COLUMNS

#: The primary estimate of most trials here.
PRIMARY = "light - heavy/post/raw/clda-unstructured"


@pytest.fixture(scope="module")
def config(repo) -> Config:
    return read_config([repo / "config" / "config.yaml"])


def trial(design: str, arms: dict[str, float], **changes: object) -> Declaration:
    """A declaration with the arms and their sessions a week; the last arm is the reference."""
    names = list(arms)
    fields = {
        "id": "made-up",
        "collection": "",
        "kind": "participants",
        "cite": "Made up",
        "link": "",
        "design": design,
        "randomised": "yes",
        "limb_pairs": design == "within_participant",
        "independent_limbs": False,
        "simulated": False,
        "population": Population(description="nobody"),
        "arms": {
            name: Arm(label=name.title(), sessions_per_week=value) for name, value in arms.items()
        },
        "contrasts": tuple(
            Contrast(contrast=f"{name} - {names[-1]}", question="load") for name in names[:-1]
        ),
        "primary_outcome": "squat",
        "outcomes": {
            "squat": Outcome(
                label="Squat",
                construct="strength",
                unit="kg",
                measure="one_rm",
                region="lower_body",
            )
        },
        "weeks": {"baseline": 0.0, "post": 10.0},
        "phases": {"baseline": "baseline", "post": "training"},
        "labels": {},
        "start": "baseline",
        "at": ("post",),
        "read_in": "individual data",
        "note": "",
    }
    return Declaration(**(fields | changes))


def people(seed: int, arms: dict[str, tuple[float, int]], spread: float = 8.0) -> pd.DataFrame:
    """Participants of a parallel trial: arm, true gain and number; wide."""
    random = np.random.default_rng(seed)
    rows = []
    for arm, (gain, n) in arms.items():
        pre = random.normal(100, 20, n)
        post = pre + gain + random.normal(0, spread, n)
        rows += [
            (f"{arm}{i}", "", arm, *pair) for i, pair in enumerate(zip(pre, post, strict=True))
        ]
    return pd.DataFrame(rows, columns=["participant", "limb", "arm", "pre", "post"])


def limbs(seed: int, n: int) -> pd.DataFrame:
    """Two limbs a person, one in each arm; wide."""
    random = np.random.default_rng(seed)
    rows = []
    for i in range(n):
        base, response = random.normal(45, 10), random.normal(10, 4)
        for limb, arm, gain in (("L", "one", 0.0), ("R", "three", 3.0)):
            pre = base + random.normal(0, 2)
            rows.append((f"P{i}", limb, arm, pre, pre + response + gain + random.normal(0, 2)))
    return pd.DataFrame(rows, columns=["participant", "limb", "arm", "pre", "post"])


def analyse(declared: Declaration, wide: pd.DataFrame, config: Config) -> dict[str, Estimate]:
    """Estimates by the part of their id after the study and outcome."""
    visits = [name for name in ("pre", "mid", "post") if name in wide]
    long = wide.melt(["participant", "limb", "arm"], visits, "visit", "value")
    long["visit"] = long["visit"].replace({"pre": "baseline"})
    long = long.assign(study="made-up", outcome="squat", quantity="level", variant="", unit="kg")
    results = Results()
    analyse_trial(declared, long.reindex(columns=list(MEASUREMENT_COLUMNS)), [], config, results)
    return {found.estimate_id.split("/", 2)[2]: found for found in results.estimates}


def test_parallel_arms_are_ancova_as_r_and_statsmodels_do_it(config: Config) -> None:
    wide = people(1, {"light": (10, 11), "heavy": (18, 13)})
    found = analyse(trial("parallel", {"light": 3, "heavy": 3}), wide, config)
    here = found["light - heavy/post/raw/ancova"]
    fitted = ols("post ~ pre + C(arm, Treatment('heavy'))", wide).fit()
    name = "C(arm, Treatment('heavy'))[T.light]"
    assert here.estimate == pytest.approx(fitted.params[name], rel=1e-10)
    assert here.se == pytest.approx(fitted.bse[name], rel=1e-10)
    assert (here.ci_low, here.ci_high) == pytest.approx(
        tuple(fitted.conf_int().loc[name]), rel=1e-10
    )
    assert here.p == pytest.approx(fitted.pvalues[name], rel=1e-9)
    by_pingouin = pingouin.ancova(wide, dv="post", between="arm", covar="pre")
    assert here.p == pytest.approx(by_pingouin.loc[0, "p_unc"], rel=1e-6)
    assert here.tier == "cross-check"
    assert here.verdict == ""


def test_with_two_complete_visits_the_primary_model_estimates_what_ancova_does(
    config: Config,
) -> None:
    # Liang & Zeger 2000; Lu 2010 (Biometrics 66:891): one baseline mean for all arms makes the
    # estimate that of the analysis of covariance. Its standard error does not hold the imbalance at
    # baseline, so that the two differ a little.
    wide = people(1, {"light": (10, 11), "heavy": (18, 13)})
    found = analyse(trial("parallel", {"light": 3, "heavy": 3}), wide, config)
    here = found["light - heavy/post/raw/clda-unstructured"]
    fitted = ols("post ~ pre + C(arm, Treatment('heavy'))", wide).fit()
    name = "C(arm, Treatment('heavy'))[T.light]"
    assert here.estimate == pytest.approx(fitted.params[name], rel=1e-8)
    assert here.se == pytest.approx(fitted.bse[name], rel=0.05)
    assert here.tier == "primary"
    assert here.verdict


def test_balanced_at_baseline_the_primary_model_is_ancova_in_every_number(config: Config) -> None:
    # With the arms' baseline means equal the two standard errors have one variance and one formula;
    # what is left is the Kenward-Roger correction for the slope being estimated.
    wide = people(21, {"light": (10, 12), "heavy": (18, 12)})
    for arm in ("light", "heavy"):
        mine = wide["arm"] == arm
        shift = 100 - wide.loc[mine, "pre"].mean()
        wide.loc[mine, ["pre", "post"]] += shift
    found = analyse(trial("parallel", {"light": 3, "heavy": 3}), wide, config)
    here = found["light - heavy/post/raw/clda-unstructured"]
    beside = found["light - heavy/post/raw/ancova"]
    assert here.estimate == pytest.approx(beside.estimate, rel=1e-8)
    assert here.se == pytest.approx(beside.se, rel=0.03)
    assert here.df == pytest.approx(beside.df, rel=0.06)


def test_with_every_visit_seen_the_primary_model_agrees_with_the_likelihood_by_hand(
    config: Config,
) -> None:
    # A person who missed the last visit still counts: restricted likelihood over whole matrices.
    wide = people(22, {"light": (10, 9), "heavy": (18, 9)})
    wide.loc[[2, 11], "post"] = np.nan
    found = analyse(trial("parallel", {"light": 3, "heavy": 3}), wide, config)
    here = found["light - heavy/post/raw/clda-unstructured"]
    assert here.n_participants == 18
    assert here.n_observations == 34
    assert here.estimate == pytest.approx(longitudinal_by_hand(wide), rel=1e-6)
    assert found["light - heavy/post/raw/ancova"].n_participants == 16


def test_a_row_counts_the_measurements_that_its_fit_has(config: Config) -> None:
    # Ten people carry no free covariance over three visits: the one between is left out, and with
    # it whoever was seen only then.
    wide = people(5, {"light": (10, 5), "heavy": (18, 6)})
    wide["mid"] = (wide["pre"] + wide["post"]) / 2 + np.arange(11)
    wide.loc[10, ["pre", "post"]] = np.nan
    visits = {
        "weeks": {"baseline": 0.0, "mid": 5.0, "post": 10.0},
        "phases": {"baseline": "baseline", "mid": "training", "post": "training"},
    }
    found = analyse(trial("parallel", {"light": 3, "heavy": 3}, **visits), wide, config)
    (here,) = (
        row
        for name, row in found.items()
        if name.startswith("light - heavy/post/raw/") and row.tier == "primary"
    )
    assert (here.n_participants, here.n_observations) == (10, 20), here.method


def longitudinal_by_hand(wide: pd.DataFrame) -> float:
    """Light less heavy after, by restricted maximum likelihood with one baseline mean."""
    designs = [np.array([[1, 0, 0], [0, 1, arm == "light"]]) for arm in wide["arm"]]
    return restricted_by_hand(wide[["pre", "post"]].to_numpy(), designs)[2]


def restricted_by_hand(y: np.ndarray, designs: list[np.ndarray]) -> np.ndarray:
    """Coefficients at the maximum of the restricted likelihood, with a free covariance of columns.

    A row of y, shape (people, columns), is a person's; what is not known is NaN.
    """
    size = y.shape[1]
    corner = np.tril_indices(size)

    def fit(theta: np.ndarray) -> tuple[float, np.ndarray]:
        lower = np.zeros((size, size))
        lower[corner] = theta
        covariance = lower @ lower.T
        columns = designs[0].shape[1]
        information, score, quadratic, logdet = (
            np.zeros((columns,) * 2),
            np.zeros(columns),
            0.0,
            0.0,
        )
        for values, design in zip(y, designs, strict=True):
            seen = ~np.isnan(values)
            v, x, known = covariance[np.ix_(seen, seen)], design[seen], values[seen]
            information += x.T @ np.linalg.solve(v, x)
            score += x.T @ np.linalg.solve(v, known)
            quadratic += known @ np.linalg.solve(v, known)
            logdet += np.linalg.slogdet(v)[1]
        beta = np.linalg.solve(information, score)
        return logdet + np.linalg.slogdet(information)[1] + quadratic - score @ beta, beta

    whole = y[~np.isnan(y).any(axis=1)]
    start = np.linalg.cholesky(np.cov(whole.T))[corner]
    found = optimize.minimize(lambda theta: fit(theta)[0], start, options={"gtol": 1e-7})
    return fit(found.x)[1]


def test_three_arms_share_one_ancova(config: Config) -> None:
    wide = people(2, {"once": (5, 9), "twice": (9, 8), "thrice": (12, 10)})
    found = analyse(trial("parallel", {"once": 1, "twice": 2, "thrice": 3}), wide, config)
    fitted = ols("post ~ pre + C(arm, Treatment('thrice'))", wide).fit()
    for arm in ("once", "twice"):
        here = found[f"{arm} - thrice/post/raw/ancova"]
        by_hand = fitted.params[f"C(arm, Treatment('thrice'))[T.{arm}]"]
        assert here.estimate == pytest.approx(by_hand)
        primary = found[f"{arm} - thrice/post/raw/clda-unstructured"]
        assert primary.estimate == pytest.approx(by_hand, rel=1e-8)
        assert here.df == 27 - 4


def test_changes_keep_each_arms_own_variance(config: Config) -> None:
    wide = people(3, {"light": (10, 7), "heavy": (18, 14)})
    wide.loc[wide["arm"] == "light", "post"] += np.linspace(-30, 30, 7)
    found = analyse(trial("parallel", {"light": 3, "heavy": 3}), wide, config)
    here = found["light - heavy/post/raw/change"]
    change = wide["post"] - wide["pre"]
    welch = stats.ttest_ind(
        change[wide["arm"] == "light"], change[wide["arm"] == "heavy"], equal_var=False
    )
    assert here.p == pytest.approx(welch.pvalue, rel=1e-9)
    assert here.df == pytest.approx(welch.df, rel=1e-9)
    interval = welch.confidence_interval(0.95)
    assert (here.ci_low, here.ci_high) == pytest.approx((interval.low, interval.high), rel=1e-9)
    assert here.tier == "cross-check"
    assert here.verdict == ""


def test_changes_that_share_a_variance_are_compared_by_students_t(config: Config) -> None:
    wide = people(23, {"light": (10, 7), "heavy": (18, 12)})
    change, arm = (wide["post"] - wide["pre"]).to_numpy(), (wide["arm"] == "heavy").to_numpy()
    nothing = np.full((1, len(wide)), np.nan)
    numbers = np.arange(len(wide))
    pairs = Pairs(("light", "heavy"), numbers, 0 * numbers, arm.astype(int), nothing, change[None])
    fit = fit_changes_alike(pairs, "post", None)
    found = fit.combine(fit.contrast("light", "heavy", "post")).one()
    student = stats.ttest_ind(change[~arm], change[arm])
    assert found.p == pytest.approx(student.pvalue, rel=1e-9)
    assert found.df == student.df


def test_limbs_are_compared_within_people(config: Config) -> None:
    wide = limbs(4, 14)
    found = analyse(trial("within_participant", {"three": 2, "one": 2}), wide, config)
    change = wide.assign(change=wide["post"] - wide["pre"]).pivot(
        index="participant", columns="arm", values="change"
    )
    paired = stats.ttest_rel(change["three"], change["one"])
    interval = paired.confidence_interval(0.95)
    main, beside = (
        found[f"three - one/post/raw/{name}"] for name in ("clda-limb-by-visit", "paired")
    )
    assert beside.p == pytest.approx(paired.pvalue, rel=1e-9)
    assert (beside.ci_low, beside.ci_high) == pytest.approx((interval.low, interval.high))
    # Chance gave the limbs to the arms, so that they share one baseline mean: the difference after,
    # at no difference before, by least squares over people.
    sides = wide.pivot(index="participant", columns="arm", values=["pre", "post"])
    differences = pd.DataFrame(
        {time: sides[time, "three"] - sides[time, "one"] for time in ("pre", "post")}
    )
    at_none = ols("post ~ pre", differences).fit()
    assert main.estimate == pytest.approx(at_none.params["Intercept"], rel=1e-8)
    assert main.se == pytest.approx(at_none.bse["Intercept"], rel=0.05)
    correlation = np.corrcoef(change["three"], change["one"])[0, 1]
    assert f"between limbs {correlation:.3f}" in beside.note
    wrong = found["three - one/post/raw/unpaired"]
    welch = stats.ttest_ind(change["three"], change["one"], equal_var=False)
    assert wrong.p == pytest.approx(welch.pvalue, rel=1e-9)
    assert "wrongly" in wrong.note
    assert main.tier == "primary"


def test_a_person_with_one_limb_missing_still_counts_in_the_mixed_model(config: Config) -> None:
    wide = limbs(5, 13).drop(index=[1, 6])
    found = analyse(trial("within_participant", {"three": 2, "one": 2}), wide, config)
    here = found["three - one/post/raw/clda-limb-by-visit"]
    assert here.n_participants == 13
    assert found["three - one/post/raw/paired"].df == 10
    values = wide.pivot(index="participant", columns="arm", values=["pre", "post"])
    order = [("pre", "one"), ("pre", "three"), ("post", "one"), ("post", "three")]
    design = np.array([[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], dtype=float)
    beta = restricted_by_hand(values[order].to_numpy(), [design] * 13)
    assert here.estimate == pytest.approx(beta[2] - beta[1], rel=1e-5)


def test_with_few_complete_pairs_the_last_of_the_chain_is_fitted(config: Config) -> None:
    wide = limbs(5, 8).drop(index=[1, 2, 5, 8])
    found = analyse(trial("within_participant", {"three": 2, "one": 2}), wide, config)
    here = found["three - one/post/raw/mmrm-person-by-visit"]
    long = wide.melt(["participant", "limb", "arm"], ["pre", "post"], "visit", "value")
    long["post"], long["three"] = 1.0 * (long["visit"] == "post"), 1.0 * (long["arm"] == "three")
    fitted = smf.mixedlm(
        "value ~ post * three",
        long,
        groups=long["participant"],
        re_formula="1",
        vc_formula={"limb": "0 + C(limb)", "visit": "0 + C(visit)"},
    ).fit()
    assert here.estimate == pytest.approx(fitted.params["post:three"], rel=1e-2)


def test_limbs_whose_spread_differs_keep_it_in_the_log_ratio(config: Config) -> None:
    wide = limbs(13, 12)
    three = wide["arm"] == "three"
    wide.loc[three, "post"] += np.linspace(-12, 12, 12)
    found = analyse(trial("within_participant", {"three": 2, "one": 2}), wide, config)
    mixed, paired = (
        found[f"three - one/post/log_ratio/{name}"] for name in ("clda-limb-by-visit", "paired")
    )
    # The change leaves the baseline's error in, the constrained model takes most of it out.
    assert mixed.se == pytest.approx(paired.se, rel=0.2)
    assert mixed.df == pytest.approx(11, rel=0.1)


def test_a_mean_has_no_p_value_and_a_t_interval(config: Config) -> None:
    wide = people(6, {"light": (10, 9)})
    found = analyse(trial("single_arm", {"light": 3}), wide, config)
    here = found["mean(light)/post - baseline/raw/change"]
    change = wide["post"] - wide["pre"]
    low, high = stats.t.interval(0.95, 8, change.mean(), stats.sem(change))
    assert (here.ci_low, here.ci_high) == pytest.approx((low, high))
    assert here.p is None
    assert here.tier == "cross-check"
    assert found["mean(light)/post - baseline/raw/mmrm-unstructured"].tier == "primary"


def test_the_log_ratio_is_the_delta_method_on_the_raw_means(config: Config) -> None:
    wide = people(7, {"light": (10, 12), "heavy": (18, 12)})
    found = analyse(trial("parallel", {"light": 3, "heavy": 3}), wide, config)
    fitted = ols("post ~ 0 + arm + I(pre - pre.mean())", wide).fit()
    light, heavy = fitted.params["arm[light]"], fitted.params["arm[heavy]"]
    cov = fitted.cov_params().loc[["arm[light]", "arm[heavy]"], ["arm[light]", "arm[heavy]"]]
    gradient = np.array([1 / light, -1 / heavy])
    here = found["light - heavy/post/log_ratio/ancova"]
    assert here.estimate == pytest.approx(np.log(light / heavy), rel=1e-10)
    assert here.se == pytest.approx(np.sqrt(gradient @ cov.to_numpy() @ gradient), rel=1e-10)
    assert here.margin == pytest.approx(np.log(1.05))


def test_the_standardised_difference_is_on_the_pooled_baseline_sd(config: Config) -> None:
    wide = people(8, {"light": (10, 9), "heavy": (18, 11)})
    found = analyse(trial("parallel", {"light": 3, "heavy": 3}), wide, config)
    groups = [wide.loc[wide["arm"] == arm, "pre"] for arm in ("light", "heavy")]
    pooled = np.sqrt((8 * groups[0].var() + 10 * groups[1].var()) / 18)
    raw = found["light - heavy/post/raw/clda-unstructured"].estimate
    # Hedges' approximation of J agrees with the exact one to three digits at 18 degrees of freedom.
    assert found["light - heavy/post/d/clda-unstructured"].estimate == pytest.approx(
        raw / pooled * (1 - 3 / (4 * 18 - 1)), rel=1e-3
    )


def test_equivalence_needs_a_trial_that_could_have_shown_a_difference(config: Config) -> None:
    rng = {"light": (30, 40), "heavy": (30, 40)}
    both = trial("parallel", {"light": 3, "heavy": 3})
    found = analyse(both, people(9, rng, spread=2), config)[
        "light - heavy/post/raw/clda-unstructured"
    ]
    assert found.verdict == "equivalent"
    assert "over baseline only" in found.note
    still = {"light": (0, 40), "heavy": (0, 40)}
    found = analyse(both, people(9, still, spread=2), config)[
        "light - heavy/post/raw/clda-unstructured"
    ]
    assert found.verdict == "inconclusive: cannot tell from no training"


def test_the_assay_is_the_control_arm_where_there_is_one(config: Config) -> None:
    arms = {"light": 3, "control": 0, "heavy": 3}
    wide = people(10, {"light": (30, 30), "control": (29, 30), "heavy": (30, 30)}, spread=2)
    found = analyse(trial("parallel", arms), wide, config)[
        "light - heavy/post/raw/clda-unstructured"
    ]
    # All three gained, the control arm too: over no training heavy brought nothing.
    assert found.verdict == "inconclusive: cannot tell from no training"


def test_one_participant_in_an_arm_is_told_and_not_fitted(config: Config) -> None:
    wide = people(11, {"light": (10, 1), "heavy": (18, 9)})
    long = wide.melt(["participant", "limb", "arm"], ["pre", "post"], "visit", "value")
    long["visit"] = long["visit"].replace({"pre": "baseline"})
    long = long.assign(study="made-up", outcome="squat", quantity="level", variant="", unit="kg")
    results = Results()
    declared = trial("parallel", {"light": 3, "heavy": 3})
    analyse_trial(declared, long.reindex(columns=list(MEASUREMENT_COLUMNS)), [], config, results)
    assert [finding.code for finding in results.findings] == ["K11"]
    assert "1 of the arm 'Light' was measured both before and at 'post'" in str(results.findings[0])
    assert [row.contrast for row in results.estimates] == ["mean(heavy)"] * 2
    assert not any(" - heavy" in row.contrast for row in results.estimates)


def test_whom_the_estimand_leaves_out_is_counted_for_each_arm(config: Config) -> None:
    wide = people(24, {"light": (10, 12), "heavy": (18, 12)})
    wide.loc[[0, 1, 14], "post"] = np.nan
    long = wide.melt(["participant", "limb", "arm"], ["pre", "post"], "visit", "value").dropna()
    long["visit"] = long["visit"].replace({"pre": "baseline"})
    long = long.assign(study="made-up", outcome="squat", quantity="level", variant="", unit="kg")
    table = long.reindex(columns=list(MEASUREMENT_COLUMNS))
    declared = trial("parallel", {"light": 3, "heavy": 3}, estimand=Estimand(drop_out="completers"))
    results = Results()
    analyse_trial(declared, table, [], config, results)
    (told,) = (found for found in results.findings if found.code == "P03")
    assert "light 10 of 12, heavy 11 of 12" in told.found
    row = next(row for row in results.estimates if row.tier == "primary")
    assert (row.n_participants, row.n_observations) == (21, 42)
    assert row.estimand.endswith("completers")


def test_two_estimates_never_share_an_id(config: Config) -> None:
    wide = people(12, {"light": (10, 9)})
    found = next(iter(analyse(trial("single_arm", {"light": 3}), wide, config).values()))
    with pytest.raises(ValueError, match="share the id made-up/squat/mean"):
        estimates_table([found, found])
