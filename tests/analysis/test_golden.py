"""The open data: numbers of the data's authors recomputed, and our own beside them, kept in step.

docs/statistics.md says why the two differ.
"""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats

from howlow.analysis.analysing import analyse
from howlow.analysis.estimates import read_estimates
from howlow.config.reading import read_config, read_study
from howlow.data.fetching import fetch
from howlow.data.ingestion import ingest
from howlow.data.measurements import read_measurements, read_participants
from howlow.model import BatchFit, MixedModel, RandomTerm, contrast, fit_batch, fit_mixed

pytestmark = [pytest.mark.mirror, pytest.mark.slow]
STUDIES = ("exscidata-load", "exscidata-volume", "nasa-bedrest")
VOLUME = "exscidata-volume"
LEGS = ["control", "exercise", "flywheel"]


@pytest.fixture(scope="module")
def results(repo: Path, shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The three open studies, analysed as `config/open-data.yaml` has it."""
    folder = tmp_path_factory.mktemp("golden")
    config = read_config([repo / "config/config.yaml", repo / "config/open-data.yaml"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOWLOW_MIRROR", str(shared / "datasets"))
        for name in STUDIES:
            own = folder / "data" / name
            shutil.copytree(repo / "data" / name, own, ignore=shutil.ignore_patterns("raw"))
            for source in read_study(own, config, files_needed=False).source.files:
                fetch(source, own / "raw")
            ingest(own, config, folder / "results" / name, None)
            analyse(folder / "results" / name, config)
    return folder / "results"


def estimates(results: Path, study: str) -> pd.DataFrame:
    return read_estimates(results / study / "estimates.csv").set_index("estimate_id")


def wide(results: Path, study: str, outcome: str) -> pd.DataFrame:
    """One row a limb (a person, where arms are people), one column a visit."""
    rows = read_measurements(results / study / "measurements.csv")
    rows = rows[rows["outcome"] == outcome]
    return rows.pivot(index=["participant", "limb", "arm"], columns="visit", values="value")


# Recomputed with R 4.2.2 from the same files: lm(post ~ pre + group) of complete cases; paired and
# Welch t tests of the changes.
CROSS_CHECKS = [
    ("exscidata-load", "leg_press/light - heavy/post/raw/ancova", -40.78, -73.66, -7.91, 2),
    ("exscidata-load", "biceps_curl/light - heavy/post/raw/ancova", -2.27, -4.31, -0.23, 2),
    ("exscidata-load", "bench_press/light - heavy/post/raw/ancova", -3.59, -7.83, 0.65, 2),
    (VOLUME, "leg_lean/three_sets - one_set/post/raw/paired", 122.8, 8.6, 237.0, 1),
    (VOLUME, "leg_lean/three_sets - one_set/post/raw/unpaired", 122.8, -59.6, 305.1, 1),
]


@pytest.mark.parametrize(("study", "name", "estimate", "low", "high", "digits"), CROSS_CHECKS)
def test_the_cross_checks_are_the_authors_numbers(
    results: Path, study: str, name: str, estimate: float, low: float, high: float, digits: int
) -> None:
    row = estimates(results, study).loc[f"{study}/{name}"]
    assert row["tier"] == "cross-check"
    found = [round(row[column], digits) for column in ("estimate", "ci_low", "ci_high")]
    assert found == [estimate, low, high]


def test_the_correlation_of_change_between_legs_is_the_authors_number(results: Path) -> None:
    name = f"{VOLUME}/leg_lean/three_sets - one_set/post/raw/paired"
    assert (
        "correlation of change between limbs 0.665" in estimates(results, VOLUME).loc[name, "note"]
    )


# lmer(pct ~ sets + scale(pre) + sex + (1 | participant)) with lmerTest, Kenward-Roger intervals, by
# R 4.2.2: the analysis of Hammarstrom et al. 2020, J Physiol 598:543.
PER_CENT = [
    ("leg_lean", 1.33, 0.06, 2.60),
    ("leg_press", 6.40, 2.29, 10.50),
    ("leg_extension", 6.06, 2.59, 9.54),
    ("isometric", 5.85, 1.02, 10.69),
]


@pytest.mark.parametrize(("outcome", "estimate", "low", "high"), PER_CENT)
def test_the_mixed_models_of_per_cent_change_are_the_authors_numbers(
    results: Path, outcome: str, estimate: float, low: float, high: float
) -> None:
    table = wide(results, VOLUME, outcome)[["baseline", "post"]].dropna().reset_index()
    sex = read_participants(results / VOLUME / "participants.csv").set_index("participant")["sex"]
    pre = table["baseline"].to_numpy()
    columns = {
        "one set": np.ones(len(pre)),
        "three sets": (table["arm"] == "three_sets").to_numpy(dtype=float),
        "before": (pre - pre.mean()) / pre.std(ddof=1),
        "men": (table["participant"].map(sex) == "M").to_numpy(dtype=float),
    }
    change = 100 * (table["post"].to_numpy() / pre - 1)
    person = RandomTerm(np.ones(len(pre)), table["participant"].to_numpy())
    model = MixedModel(change, np.column_stack([*columns.values()]), tuple(columns), (person,))
    found = contrast(fit_mixed(model), [0, 1, 0, 0], "kenward-roger")
    rounded = [round(float(part[0]), 2) for part in (found.estimate, found.low, found.high)]
    assert rounded == [estimate, low, high]


@pytest.mark.parametrize(
    ("arm", "at", "per_cent", "n"),
    [
        ("control", "disuse_69", -8.01, 9),
        ("control", "recovery_10", -4.69, 8),
        ("exercise", "disuse_69", 2.86, 18),
        ("exercise", "recovery_10", 3.56, 17),
    ],
)
def test_mean_per_cent_changes_in_bed_rest_are_the_archives_numbers(
    results: Path, arm: str, at: str, per_cent: float, n: int
) -> None:
    table = wide(results, "nasa-bedrest", "quadriceps_csa").xs(arm, level="arm")
    change = (100 * (table[at] / table["baseline"] - 1)).dropna()
    assert (round(change.mean(), 2), len(change)) == (per_cent, n)


class RandomIntercept:
    """Lean mass of the legs by arm and visit, all six visits, and a random intercept of people.

    Columns are the baseline of the control arm, the distance of the others from it, the control
    arm's change to each visit, and the others' change less that: one column a contrast.
    """

    def __init__(self, table: pd.DataFrame) -> None:
        rows = table.stack().rename("value").dropna().reset_index()
        others, later = LEGS[1:], [visit for visit in table.columns if visit != "baseline"]
        columns = {("control", "baseline"): np.ones(len(rows))}
        columns |= {(arm, "baseline"): rows["arm"] == arm for arm in others}
        columns |= {("control", visit): rows["visit"] == visit for visit in later}
        for arm in others:
            here = rows["arm"] == arm
            columns |= {(arm, visit): here & (rows["visit"] == visit) for visit in later}
        self.names = list(columns)
        self.design = np.column_stack([*columns.values()]).astype(float)
        self.values = rows["value"].to_numpy()
        self.person = RandomTerm(np.ones(len(rows)), rows["participant"].to_numpy())

    def fit(self, without: int | None = None, shift: float = 0.0) -> BatchFit:
        """The fit by maximum likelihood; or with one coefficient held at a value."""
        design, values = self.design, self.values
        if without is not None:
            values = values - shift * design[:, without]
            design = np.delete(design, without, axis=1)
        names = tuple(map(str, range(design.shape[1])))
        return fit_batch(
            MixedModel(values, design, names, (self.person,)), values[None], reml=False
        )

    def profile(self, arm: str) -> tuple[float, float, float]:
        """The change to the last visit (of others: less the control's) and its profile interval."""
        place = self.names.index((arm, "dxa_post"))
        best = self.fit()
        estimate, most = float(best.beta[0, place]), float(best.loglik[0])
        reach = stats.chi2.ppf(0.95, 1) / 2

        def lost(value: float) -> float:
            return most - float(self.fit(place, value).loglik[0]) - reach

        low, high = (
            optimize.brentq(lost, estimate, estimate + way * 2000.0, xtol=0.01) for way in (-1, 1)
        )
        return estimate, low, high


@pytest.mark.parametrize(
    ("arm", "estimate", "low", "high"),
    [
        ("control", -1715, -2142, -1288),
        ("exercise", 1891, 1354, 2427),
        ("flywheel", 1092, 435, 1750),
    ],
)
def test_a_random_intercept_over_all_scans_gives_the_recomputed_lean_mass_of_the_legs(
    results: Path, arm: str, estimate: float, low: float, high: float
) -> None:
    """lmer(lean ~ visit * group + (1 | participant)) and profile intervals, by R 4.2.2."""
    found = RandomIntercept(wide(results, "nasa-bedrest", "leg_lean")).profile(arm)
    assert found == pytest.approx((estimate, low, high), abs=1.0)


def test_changes_of_the_legs_spread_more_than_a_random_intercept_has_it(results: Path) -> None:
    """Why those intervals are too narrow: the SD of the change to the last scan, by either way."""
    table = wide(results, "nasa-bedrest", "leg_lean")
    change = (table["dxa_post"] - table["baseline"]).groupby("arm")
    free = np.sqrt((change.var() * (change.count() - 1)).sum() / (change.count() - 1).sum())
    one = RandomIntercept(table)
    model = MixedModel(one.values, one.design, tuple(map(str, one.names)), (one.person,))
    components = {part.term: part.estimate for part in fit_mixed(model).components}
    residual = components["residual"]
    assert free / np.sqrt(2 * residual) == pytest.approx(1.45, abs=0.005)


def test_that_isometric_torque_differs_hangs_on_the_choice(results: Path) -> None:
    choices = pd.read_csv(results / VOLUME / "multiverse.csv").query("outcome == 'isometric'")
    others = choices[~choices["left_out"] & (choices["choice"] != "primary")].set_index("choice")
    assert (others["agrees"].sum(), len(others)) == (4, 8)
    assert not others.loc["paired", "agrees"]


# Our own numbers, as of this version: they are here so that a change of them is noticed.
PRIMARY = [
    (
        "exscidata-load/leg_press/light - heavy/post",
        "clda-unstructured",
        "-39.48 [-71.34, -7.630]",
        "different (size unsettled)",
    ),
    (
        "exscidata-load/biceps_curl/light - heavy/post",
        "clda-unstructured",
        "-2.129 [-4.082, -0.1759]",
        "inconclusive",
    ),
    (
        "exscidata-load/bench_press/light - heavy/post",
        "clda-unstructured",
        "-3.587 [-7.870, 0.6956]",
        "inconclusive",
    ),
    (
        "exscidata-volume/leg_lean/three_sets - one_set/post",
        "clda-limb-by-visit",
        "136.0 [38.42, 233.6]",
        "different (size unsettled)",
    ),
    (
        "exscidata-volume/leg_press/three_sets - one_set/post",
        "clda-person-and-limb",
        "8.072 [1.747, 14.40]",
        "different (size unsettled)",
    ),
    (
        "exscidata-volume/leg_extension/three_sets - one_set/post",
        "clda-person-and-limb",
        "3.460 [1.148, 5.771]",
        "different (size unsettled)",
    ),
    (
        "exscidata-volume/isometric/three_sets - one_set/post",
        "clda-person-and-limb",
        "12.16 [1.405, 22.92]",
        "different (size unsettled)",
    ),
    (
        "nasa-bedrest/quadriceps_csa/mean(control)/disuse_69 - baseline",
        "mmrm-unstructured-by-arm",
        "-6.204 [-11.38, -1.028]",
        "",
    ),
    (
        "nasa-bedrest/quadriceps_csa/mean(control)/recovery_10 - baseline",
        "mmrm-unstructured-by-arm",
        "-3.998 [-8.373, 0.3772]",
        "",
    ),
    (
        "nasa-bedrest/quadriceps_csa/mean(exercise)/disuse_69 - baseline",
        "mmrm-unstructured-by-arm",
        "2.151 [0.5559, 3.745]",
        "",
    ),
    (
        "nasa-bedrest/quadriceps_csa/mean(exercise)/recovery_10 - baseline",
        "mmrm-unstructured-by-arm",
        "2.825 [1.347, 4.304]",
        "",
    ),
    (
        "nasa-bedrest/quadriceps_csa/exercise - control/disuse_69",
        "mmrm-unstructured-by-arm",
        "8.355 [3.067, 13.64]",
        "different (by more than the margin)",
    ),
    (
        "nasa-bedrest/leg_lean/exercise - control/dxa_post",
        "mmrm-unstructured-by-arm",
        "1,891 [891.5, 2,890]",
        "different (by more than the margin)",
    ),
    (
        "nasa-bedrest/leg_lean/flywheel - control/dxa_post",
        "mmrm-unstructured-by-arm",
        "1,092 [97.64, 2,087]",
        "different (size unsettled)",
    ),
]
#: Starts of the names of those that the page gives in per cent of the baseline mean, too.
SHOWN_IN_PER_CENT = (VOLUME, "nasa-bedrest/quadriceps_csa")


@pytest.mark.parametrize(("analysis", "method", "shown", "verdict"), PRIMARY)
def test_the_primary_estimates_are_those_of_the_page(
    results: Path, repo: Path, analysis: str, method: str, shown: str, verdict: str
) -> None:
    study, outcome = analysis.split("/")[:2]
    row = estimates(results, study).loc[f"{analysis}/raw/{method}"]
    numbers = row[["estimate", "ci_low", "ci_high"]].astype(float)
    found = [f"{number:#,.4g}".rstrip(".") for number in numbers]
    assert "{} [{}, {}]".format(*found) == shown
    assert (row["verdict"], bool(row["converged"])) == (verdict, True)
    page = (repo / "docs/statistics.md").read_text(encoding="utf-8").replace("−", "-")
    assert shown in page
    if analysis.startswith(SHOWN_IN_PER_CENT):
        before = wide(results, study, outcome)["baseline"].mean()
        found = [f"{100 * number / before:.2f}" for number in numbers]
        assert "{} % [{}, {}]".format(*found) in page
