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
from howlow.config.reading import read_config
from howlow.config.settings import Config
from howlow.config.trial import Arm, Contrast, Outcome, Population
from howlow.data.declaration import Declaration
from howlow.data.measurements import MEASUREMENT_COLUMNS


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
    long = wide.melt(["participant", "limb", "arm"], ["pre", "post"], "visit", "value")
    long["visit"] = long["visit"].replace({"pre": "baseline"})
    long = long.assign(study="made-up", outcome="squat", quantity="level", variant="", unit="kg")
    results = Results([], [], [])
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
    assert here.tier == "primary"


def test_three_arms_share_one_ancova(config: Config) -> None:
    wide = people(2, {"once": (5, 9), "twice": (9, 8), "thrice": (12, 10)})
    found = analyse(trial("parallel", {"once": 1, "twice": 2, "thrice": 3}), wide, config)
    fitted = ols("post ~ pre + C(arm, Treatment('thrice'))", wide).fit()
    for arm in ("once", "twice"):
        here = found[f"{arm} - thrice/post/raw/ancova"]
        assert here.estimate == pytest.approx(
            fitted.params[f"C(arm, Treatment('thrice'))[T.{arm}]"]
        )
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


def test_limbs_are_compared_within_people(config: Config) -> None:
    wide = limbs(4, 14)
    found = analyse(trial("within_participant", {"three": 2, "one": 2}), wide, config)
    change = wide.assign(change=wide["post"] - wide["pre"]).pivot(
        index="participant", columns="arm", values="change"
    )
    paired = stats.ttest_rel(change["three"], change["one"])
    interval = paired.confidence_interval(0.95)
    main, beside = found["three - one/post/raw/mixed"], found["three - one/post/raw/paired"]
    for row, tolerance in ((beside, 1e-10), (main, 1e-8)):
        assert row.p == pytest.approx(paired.pvalue, rel=10 * tolerance)
        assert (row.ci_low, row.ci_high) == pytest.approx(
            (interval.low, interval.high), rel=tolerance
        )
    correlation = np.corrcoef(change["three"], change["one"])[0, 1]
    assert f"between limbs {correlation:.3f}" in beside.note
    wrong = found["three - one/post/raw/unpaired"]
    welch = stats.ttest_ind(change["three"], change["one"], equal_var=False)
    assert wrong.p == pytest.approx(welch.pvalue, rel=1e-9)
    assert "wrongly" in wrong.note
    assert main.tier == "primary"


def by_hand(wide: pd.DataFrame, arms: tuple[str, str]) -> float:
    """Difference of arm means by restricted maximum likelihood with a free 2 x 2 covariance."""
    change = wide.assign(change=wide["post"] - wide["pre"])
    people = [
        (rows["arm"].map(arms.index).to_numpy(), rows["change"].to_numpy())
        for _, rows in change.groupby("participant")
    ]

    def fit(theta: np.ndarray) -> tuple[float, np.ndarray]:
        lower = np.array([[theta[0], 0], [theta[1], theta[2]]])
        covariance = lower @ lower.T
        information, score, quadratic, logdet = np.zeros((2, 2)), np.zeros(2), 0.0, 0.0
        for which, y in people:
            v, x = covariance[np.ix_(which, which)], np.eye(2)[which]
            information += x.T @ np.linalg.solve(v, x)
            score += x.T @ np.linalg.solve(v, y)
            quadratic += y @ np.linalg.solve(v, y)
            logdet += np.linalg.slogdet(v)[1]
        beta = np.linalg.solve(information, score)
        return logdet + np.linalg.slogdet(information)[1] + quadratic - score @ beta, beta

    found = optimize.minimize(
        lambda theta: fit(theta)[0],
        [5.0, 3.0, 3.0],
        method="Nelder-Mead",
        options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 4000},
    )
    beta = fit(found.x)[1]
    return float(beta[0] - beta[1])


def test_a_person_with_one_limb_missing_still_counts_in_the_mixed_model(config: Config) -> None:
    wide = limbs(5, 12).drop(index=[1, 6])
    found = analyse(trial("within_participant", {"three": 2, "one": 2}), wide, config)
    here = found["three - one/post/raw/mixed"]
    assert here.n_participants == 12
    assert found["three - one/post/raw/paired"].df == 9
    assert here.estimate == pytest.approx(by_hand(wide, ("three", "one")), rel=1e-6)


def test_with_few_complete_pairs_limbs_share_a_random_intercept(config: Config) -> None:
    wide = limbs(5, 8).drop(index=[1, 2, 5, 8])
    found = analyse(trial("within_participant", {"three": 2, "one": 2}), wide, config)
    wide = wide.assign(change=wide["post"] - wide["pre"])
    groups = wide["participant"]
    fitted = smf.mixedlm("change ~ C(arm, Treatment('one'))", wide, groups=groups).fit()
    by_statsmodels = fitted.params["C(arm, Treatment('one'))[T.three]"]
    here = found["three - one/post/raw/mixed"]
    assert here.estimate == pytest.approx(by_statsmodels, rel=1e-3)


def test_limbs_whose_spread_differs_keep_it_in_the_log_ratio(config: Config) -> None:
    wide = limbs(13, 12)
    three = wide["arm"] == "three"
    wide.loc[three, "post"] += np.linspace(-12, 12, 12)
    found = analyse(trial("within_participant", {"three": 2, "one": 2}), wide, config)
    mixed, paired = (found[f"three - one/post/log_ratio/{name}"] for name in ("mixed", "paired"))
    assert mixed.se == pytest.approx(paired.se, rel=1e-6)
    assert mixed.df == pytest.approx(11, rel=1e-6)


def test_a_mean_has_no_p_value_and_a_t_interval(config: Config) -> None:
    wide = people(6, {"light": (10, 9)})
    found = analyse(trial("single_arm", {"light": 3}), wide, config)
    here = found["mean(light)/post - baseline/raw/change"]
    change = wide["post"] - wide["pre"]
    low, high = stats.t.interval(0.95, 8, change.mean(), stats.sem(change))
    assert (here.ci_low, here.ci_high) == pytest.approx((low, high))
    assert here.p is None
    assert here.tier == "primary"


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
    raw = found["light - heavy/post/raw/ancova"].estimate
    # Hedges' approximation of J agrees with the exact one to three digits at 18 degrees of freedom.
    assert found["light - heavy/post/d/ancova"].estimate == pytest.approx(
        raw / pooled * (1 - 3 / (4 * 18 - 1)), rel=1e-3
    )


def test_equivalence_needs_a_trial_that_could_have_shown_a_difference(config: Config) -> None:
    rng = {"light": (30, 40), "heavy": (30, 40)}
    both = trial("parallel", {"light": 3, "heavy": 3})
    found = analyse(both, people(9, rng, spread=2), config)["light - heavy/post/raw/ancova"]
    assert found.verdict == "equivalent"
    assert "over baseline only" in found.note
    still = {"light": (0, 40), "heavy": (0, 40)}
    found = analyse(both, people(9, still, spread=2), config)["light - heavy/post/raw/ancova"]
    assert found.verdict == "inconclusive: cannot tell from no training"


def test_the_assay_is_the_control_arm_where_there_is_one(config: Config) -> None:
    arms = {"light": 3, "control": 0, "heavy": 3}
    wide = people(10, {"light": (30, 30), "control": (29, 30), "heavy": (30, 30)}, spread=2)
    found = analyse(trial("parallel", arms), wide, config)["light - heavy/post/raw/ancova"]
    # All three gained, the control arm too: over no training heavy brought nothing.
    assert found.verdict == "inconclusive: cannot tell from no training"


def test_one_participant_in_an_arm_is_told_and_not_fitted(config: Config) -> None:
    wide = people(11, {"light": (10, 1), "heavy": (18, 9)})
    long = wide.melt(["participant", "limb", "arm"], ["pre", "post"], "visit", "value")
    long["visit"] = long["visit"].replace({"pre": "baseline"})
    long = long.assign(study="made-up", outcome="squat", quantity="level", variant="", unit="kg")
    results = Results([], [], [])
    declared = trial("parallel", {"light": 3, "heavy": 3})
    analyse_trial(declared, long.reindex(columns=list(MEASUREMENT_COLUMNS)), [], config, results)
    assert [finding.code for finding in results.findings] == ["K11"]
    assert "light has one participant" in str(results.findings[0])
    assert not any(" - heavy" in row.contrast for row in results.estimates)


def test_two_estimates_never_share_an_id(config: Config) -> None:
    wide = people(12, {"light": (10, 9)})
    found = next(iter(analyse(trial("single_arm", {"light": 3}), wide, config).values()))
    with pytest.raises(ValueError, match="share the id made-up/squat/mean"):
        estimates_table([found, found])
