"""The one-stage model against R's numbers, other routes to the likelihood, and simulated truth."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

from howlow.analysis.fitting.fits import Combination
from howlow.config.reading import read_config
from howlow.config.settings import Config
from howlow.config.trial import Arm, Contrast, Outcome, Population
from howlow.data.declaration import Declaration
from howlow.data.measurements import MEASUREMENT_COLUMNS, PARTICIPANT_COLUMNS, write_table
from howlow.data.published.pseudo import with_moments
from howlow.errors import DesignError
from howlow.synthesis.evidence import Effect
from howlow.synthesis.material import Material
from howlow.synthesis.meta.model import Block, fit_meta
from howlow.synthesis.one_stage.model import TrialValues, fit_one_stage
from howlow.synthesis.one_stage.rows import one_stage_rows


def parallel(
    rng: np.random.Generator, n: tuple[int, int], sd: float = 9.0, effect: float = -5.0
) -> TrialValues:
    """Two arms of people: the first has the effect."""
    treated = np.repeat([1.0, 0.0], n)
    before = rng.normal(100, 20, sum(n))
    after = 110 + 0.9 * (before - 100) + effect * treated + rng.normal(0, sd, sum(n))
    return TrialValues(f"trial-{n[0]}-{n[1]}", treated, before, after[None])


def limbs(rng: np.random.Generator, n: int, effect: float = -5.0) -> TrialValues:
    """Differences between the limbs of people."""
    before = rng.normal(0, 8, n)
    after = effect + 0.9 * before + rng.normal(0, 5, n)
    return TrialValues(f"limbs-{n}", np.ones(n), before, after[None], paired=True)


def several(rng: np.random.Generator) -> list[TrialValues]:
    """Four trials of people and one of limbs with unlike effects and variances."""
    return [
        parallel(rng, (9, 14), 6, -12),
        parallel(rng, (20, 8), 9, 3),
        parallel(rng, (12, 12), 12, -6),
        parallel(rng, (25, 30), 8, -1),
        limbs(rng, 11, -8),
    ]


def same(found: Combination, expected: Combination, tolerance: float) -> None:
    """Fail unless the numbers agree."""
    for name in ("estimate", "se", "df"):
        assert getattr(found, name) == pytest.approx(getattr(expected, name), rel=tolerance), name


def as_printed(trial: TrialValues) -> TrialValues:
    """The same trial rebuilt from n, means, SDs and the correlation of each arm alone."""
    rows = []
    for arm in np.unique(trial.treated):
        mine = trial.treated == arm
        values = np.column_stack([trial.before[mine], trial.after[0, mine]])
        moments = values.mean(axis=0), values.std(axis=0, ddof=1), np.corrcoef(values.T)
        rows.append(np.column_stack([np.full(mine.sum(), arm), with_moments(mine.sum(), *moments)]))
    treated, before, after = np.concatenate(rows).T
    return replace(trial, treated=treated, before=before, after=after[None])


def test_pseudo_participants_give_exactly_what_the_participants_give() -> None:
    trials = several(np.random.default_rng(1))
    found = fit_one_stage([as_printed(trial) for trial in trials])
    expected = fit_one_stage(trials)
    assert expected.tau2[0] > 0
    same(found.effect.one(), expected.effect.one(), 1e-9)
    assert found.tau2 == pytest.approx(expected.tau2, rel=1e-9)
    mixed = [as_printed(trial) if k % 2 else trial for k, trial in enumerate(trials)]
    same(fit_one_stage(mixed).effect.one(), expected.effect.one(), 1e-9)


def whole_model(trials: Sequence[TrialValues]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Response, whole design with every trial's own columns, and trial of each row."""
    number = np.repeat(np.arange(len(trials)), [len(trial.treated) for trial in trials])
    treated = np.concatenate([trial.treated for trial in trials])
    columns = [treated]
    for place, trial in enumerate(trials):
        own = [] if trial.paired else [np.ones_like(trial.treated)]
        for column in [*own, *([] if trial.before is None else [trial.before])]:
            columns.append(np.zeros(len(number)))
            columns[-1][number == place] = column
    return np.concatenate([trial.after[0] for trial in trials]), np.column_stack(columns), number


def covariance(psi: np.ndarray, treated: np.ndarray, number: np.ndarray) -> np.ndarray:
    """Covariance of all rows; `psi` holds the residual variances, then tau2."""
    together = number[:, None] == number
    return np.diag(psi[number]) + psi[-1] * together * np.outer(treated, treated)


@pytest.mark.parametrize("changes_only", [(), (1,)])
def test_it_is_the_maximum_of_the_restricted_likelihood_of_all_rows(
    changes_only: tuple[int, ...],
) -> None:
    """Whole matrices and numerical derivatives, with no part of the engine."""
    trials = [several(np.random.default_rng(1))[k] for k in (0, 1, 4)]
    for k in changes_only:
        trials[k] = replace(trials[k], before=None)
    y, design, number = whole_model(trials)

    def deviance(psi: np.ndarray) -> float:
        total = covariance(psi, design[:, 0], number)
        solved = np.linalg.solve(total, np.column_stack([design, y]))
        cross = design.T @ solved[:, :-1]
        rest = y @ solved[:, -1] - (design.T @ solved[:, -1]) @ np.linalg.solve(
            cross, design.T @ solved[:, -1]
        )
        return np.linalg.slogdet(total)[1] + np.linalg.slogdet(cross)[1] + rest

    def variance(psi: np.ndarray) -> float:
        total = covariance(psi, design[:, 0], number)
        return np.linalg.inv(design.T @ np.linalg.solve(total, design))[0, 0]

    best = optimize.minimize(
        lambda logs: deviance(np.exp(logs)),
        np.log([40.0, 80, 25, 40]),
        jac="3-point",
        options={"gtol": 1e-7},
    )
    psi = np.exp(best.x)
    step = np.diag(1e-3 * psi)
    slope = np.array([variance(psi + h) - variance(psi - h) for h in step]) / (2e-3 * psi)
    hessian = np.array(
        [
            [
                deviance(psi + h + k) - deviance(psi + h - k) - deviance(psi - h + k)
                + deviance(psi - h - k)
                for k in step
            ]
            for h in step
        ]
    ) / np.outer(2e-3 * psi, 2e-3 * psi)  # fmt: skip
    squared = variance(psi)
    df = 2 * squared**2 / (slope @ (2 * np.linalg.inv(hessian)) @ slope)
    weighted = np.linalg.solve(covariance(psi, design[:, 0], number), design)
    estimate = np.linalg.solve(design.T @ weighted, weighted.T @ y)[0]

    found = fit_one_stage(trials)
    assert found.tau2[0] == pytest.approx(psi[-1], rel=1e-4)
    assert found.effect.one().estimate == pytest.approx(estimate, rel=1e-6)
    assert found.effect.one().se == pytest.approx(np.sqrt(squared), rel=1e-6)
    assert found.effect.one().df == pytest.approx(df, rel=1e-4)


@pytest.fixture(scope="module")
def ipd(repo: Path) -> list[TrialValues]:
    """The trials of `tests/oracle/csv/ipd.csv`: before and after, complete cases."""
    table = pd.read_csv(repo / "tests/oracle/csv/ipd.csv")
    wide = table.pivot(index=["trial", "arm", "pid"], columns="visit", values="y")
    wide = wide.dropna(subset=["pre", "post"]).reset_index()
    return [
        TrialValues(
            str(name),
            (rows["arm"] == "heavy").to_numpy(float),
            rows["pre"].to_numpy(),
            rows["post"].to_numpy()[None],
        )
        for name, rows in wide.groupby("trial")
    ]


def test_what_is_left_of_each_trial_is_the_analysis_of_covariance_of_r(
    repo: Path, ipd: list[TrialValues]
) -> None:
    """R 4.2.2: lm(y.post ~ y.pre + arm) of each trial, the input of the metafor records."""
    record = json.loads((repo / "tests/oracle/oracle.json").read_text(encoding="utf-8"))["meta_z"]
    for trial, effect, variance in zip(ipd, record["yi"], record["vi"], strict=True):
        length, rows = trial.turned()
        error = (rows[0, 1:] ** 2).sum() / (rows.shape[1] - 1)
        assert rows[0, 0] / length == pytest.approx(effect, abs=1e-6)
        assert error / length**2 == pytest.approx(variance, abs=1e-6)


def test_the_effects_and_variances_that_r_gives_lead_to_the_same_estimate(
    repo: Path, ipd: list[TrialValues]
) -> None:
    """The likelihood of R's effects (normal) and of its residual variances (scaled chi squared)."""
    record = json.loads((repo / "tests/oracle/oracle.json").read_text(encoding="utf-8"))["meta_z"]
    effects, printed = np.array(record["yi"]), np.array(record["vi"])
    df = np.array([len(trial.before) for trial in ipd]) - 3

    def mean(logs: np.ndarray) -> tuple[float, float]:
        weights = 1 / (np.exp(logs[:-1]) + np.exp(logs[-1]))
        return weights @ effects / weights.sum(), 1 / weights.sum()

    def deviance(logs: np.ndarray) -> float:
        centre, squared = mean(logs)
        total = np.exp(logs[:-1]) + np.exp(logs[-1])
        chi = df @ (logs[:-1] + printed / np.exp(logs[:-1]))
        return chi + np.log(total).sum() + ((effects - centre) ** 2 / total).sum() - np.log(squared)

    best = optimize.minimize(
        deviance, np.log([*printed, 1.0]), method="BFGS", options={"gtol": 1e-7}
    )
    estimate, squared = mean(best.x)
    found = fit_one_stage(ipd)
    assert found.effect.one().estimate == pytest.approx(estimate, abs=1e-6)
    assert found.effect.one().se == pytest.approx(np.sqrt(squared), abs=1e-6)
    assert found.tau2[0] == pytest.approx(np.exp(best.x[-1]), rel=1e-4)


def test_one_stage_equals_two_stages_within_monte_carlo_error() -> None:
    """Six trials of people, 300 responses with a true mean of -5 and a spread between trials."""
    rng = np.random.default_rng(7)
    responses, truth, one = 300, -5.0, np.ones((1, 1))
    trials, stages = [], []
    for n in ((10, 14), (22, 9), (12, 12), (25, 30), (8, 11), (16, 16)):
        trial = parallel(rng, n, effect=0.0)
        people = sum(n)
        after = 110 + 0.9 * (trial.before - 100) + rng.normal(0, 9, (responses, people))
        after += rng.normal(truth, 4, (responses, 1)) * trial.treated
        trial = replace(trial, after=after)
        length, rows = trial.turned()
        variance = (rows[:, 1:] ** 2).sum(axis=1) / (people - 3) / length**2
        trials.append(trial)
        stages.append((rows[:, 0] / length, variance))
    found = fit_one_stage(trials)
    pools = [
        fit_meta(
            [
                Block(str(k), effects[r, None], variances[r, None, None], one, one)
                for k, (effects, variances) in enumerate(stages)
            ]
        )
        for r in range(responses)
    ]
    single = found.effect.estimate[:, 0]
    double = np.array([pool.coefficients[0] for pool in pools])
    assert found.converged.all()
    for off in (single - double, single - truth, double - truth):
        assert abs(off.mean()) < 3 * off.std(ddof=1) / np.sqrt(responses)
    assert (single - double).std() < 0.1 * double.std()
    low, high = found.effect.interval(0.95)
    covered = ((low <= truth) & (truth <= high)).mean()
    assert abs(covered - 0.95) < 3 * np.sqrt(0.95 * 0.05 / responses)


@pytest.mark.parametrize(
    ("trials", "says"),
    [
        (lambda rng: [parallel(rng, (9, 9))], "1 trial"),
        (lambda rng: [parallel(rng, (9, 9)), parallel(rng, (2, 2))], "too few people"),
        (lambda rng: [parallel(rng, (9, 9)), limbs(rng, 3)], "too few people"),
        (
            lambda rng: [
                parallel(rng, (9, 9)), replace(parallel(rng, (9, 9)), before=np.full(18, 50.0))
            ],
            "does not vary",
        ),
    ],
)  # fmt: skip
def test_what_carries_no_model_is_refused(trials, says: str) -> None:
    with pytest.raises(DesignError, match=says):
        fit_one_stage(trials(np.random.default_rng(3)))


# From the tables of studies to rows of the table of estimates.


@pytest.fixture(scope="module")
def config(repo: Path) -> Config:
    return read_config([repo / "config" / "config.yaml"])


class Collection:
    """Trials of light and heavy loads written as the data stage writes them."""

    def __init__(self, folder: Path, config: Config) -> None:
        self.folder, self.config = folder, config
        self.studies: dict[Path, object] = {}
        self.estimates: dict[str, list[dict[str, object]]] = {}
        self.printed: dict[str, list[object]] = {}
        self.members: list[Effect] = []

    def add(self, values: TrialValues, **changes: object) -> Declaration:
        """Add a trial; `changes` may name `unit` (a factor), `measure`, `contrast`, `quantity`."""
        measure, quantity = changes.pop("measure", "one_rm"), changes.pop("quantity", "level")
        contrast, unit = changes.pop("contrast", "light - heavy"), changes.pop("unit", 1.0)
        trial = declared(values, measure, **changes)
        folder = self.folder / trial.id
        rows = [
            (trial.id, f"p{person}", limb, arm, visit, "press", quantity, "", unit * value, "kg")
            for person, limb, arm, visit, value in measured(values)
        ]
        table = pd.DataFrame(rows, columns=list(MEASUREMENT_COLUMNS[:10]))
        if trial.kind == "summary":
            table["visit"] = table["visit"].replace("pre", "baseline")
            page = {"outcome": "press", "visit": "post", "change_vs": "baseline", "assumed": ""}
            self.printed[trial.id] = [SimpleNamespace(**page)]
        write_table(table.assign(day="", period=""), folder / "measurements.csv")
        people = pd.DataFrame({"participant": table["participant"].unique(), "study": trial.id})
        write_table(people.reindex(columns=PARTICIPANT_COLUMNS), folder / "participants.csv")
        name = f"{trial.id}/press/light - heavy/post/log_ratio/clda"
        self.studies[folder] = SimpleNamespace(trials=(trial,))
        self.estimates[trial.id] = [{"estimate_id": name, "outcome": "press"}]
        self.members.append(effect(trial.id, name, contrast))
        return trial

    def rows(self) -> tuple[list, dict]:
        """What the one-stage model makes of it."""
        material = Material(self.config, self.studies, self.estimates, self.printed)
        found = one_stage_rows(material, self.members)
        return found.rows, found.without


def declared(values: TrialValues, measure: object, **changes: object) -> Declaration:
    """A trial of individual data with two arms and a third that serves no question."""
    outcome = Outcome(label="Press", construct="strength", unit="kg", measure=measure, region="leg")
    trial = Declaration(
        id=values.name, collection="", kind="participants", cite="", link="", design="parallel",
        randomised="yes", limb_pairs=values.paired, independent_limbs=False, simulated=False,
        population=Population(description="people"),
        arms={name: Arm(label=name) for name in ("heavy", "light", "other")},
        contrasts=(Contrast(contrast="light - heavy", question="load"),),
        primary_outcome="press", outcomes={"press": outcome}, weeks={"pre": 0.0, "post": 10.0},
        phases={"pre": "baseline", "post": "training"}, labels={}, start="pre", at=("post",),
        read_in="", note="",
    )  # fmt: skip
    return replace(trial, **changes)


def measured(values: TrialValues) -> list[tuple[object, ...]]:
    """Person, limb, arm, visit and value; a third arm of people is far from the others."""
    rows: list[tuple[object, ...]] = []
    for person, (treated, *pair) in enumerate(
        zip(values.treated, values.before, values.after[0], strict=True)
    ):
        arm = "light" if treated else "heavy"
        for visit, value in zip(("pre", "post"), pair, strict=True):
            if values.paired:
                rows.append((person, "left", "heavy", visit, 100.0 + person))
                value += 100.0 + person
            rows.append((person, "right" if values.paired else "", arm, visit, value))
            if not values.paired:
                rows.append((person + 1000, "", "other", visit, 500 + value))
    return rows


def effect(study: str, name: str, contrast: object) -> Effect:
    """A pooled effect; only what names it counts here."""
    return Effect(
        question="load", construct="strength", study=study, collection="", cite="",
        estimate_id=name, contrast=str(contrast), label="", at="post", weeks=10.0, estimate=0.0,
        se=1.0, ci_low=0.0, ci_high=0.0, n=20.0, scale="log_ratio", unit="", tier="secondary",
        pooled=True, assumed="SD presumed", note="",
    )  # fmt: skip


def scaled(trial: TrialValues, level: float) -> TrialValues:
    """A trial in per cent of a mean before."""
    return replace(trial, before=100 / level * trial.before, after=100 / level * trial.after)


def test_the_values_of_studies_are_pooled_in_per_cent_of_their_own_baseline(
    tmp_path: Path, config: Config
) -> None:
    rng = np.random.default_rng(5)
    trials = [parallel(rng, (9, 14)), parallel(rng, (12, 10)), limbs(rng, 12)]
    collection = Collection(tmp_path, config)
    collection.add(trials[0])
    collection.add(trials[1], unit=2.2046)
    collection.add(trials[2])
    expected = fit_one_stage(
        [
            scaled(trials[0], trials[0].before.mean()),
            scaled(trials[1], trials[1].before.mean()),
            scaled(trials[2], 105.5 + trials[2].before.mean() / 2),
        ]
    )
    rows, without = collection.rows()
    (row,) = rows
    same(Combination(row.estimate, row.se, row.df), expected.effect.one(), 1e-7)
    assert (row.study, row.method, row.tier) == ("pooled:load", "one-stage", "cross-check")
    assert (row.unit, row.margin, row.verdict) == ("% of baseline", 5.0, "")
    assert (row.n_studies, row.n_participants) == (3, 23 + 22 + 12)
    assert row.note.startswith("one_rm: trial-9-14, trial-12-10, limbs-12")
    assert row.assumed == "SD presumed"
    assert not without


def test_printed_trials_and_individual_data_are_pooled_together(
    tmp_path: Path, config: Config
) -> None:
    rng = np.random.default_rng(5)
    trials = [parallel(rng, (9, 14)), parallel(rng, (12, 10)), limbs(rng, 12)]
    whole, part = Collection(tmp_path / "whole", config), Collection(tmp_path / "part", config)
    for trial in trials:
        whole.add(trial)
    part.add(as_printed(trials[0]), kind="summary", start="", at=())
    part.add(trials[1])
    part.add(trials[2], kind="summary", start="", at=())
    (expected,), (found,) = whole.rows()[0], part.rows()[0]
    for name in ("estimate", "se", "df", "n_participants"):
        assert getattr(found, name) == pytest.approx(getattr(expected, name), rel=1e-6)


def test_an_effect_that_is_turned_round_turns_its_values_round(
    tmp_path: Path, config: Config
) -> None:
    rng = np.random.default_rng(5)
    trials = [parallel(rng, (9, 14)), parallel(rng, (12, 10)), limbs(rng, 12)]
    found = []
    for contrast in ("light - heavy", "heavy - light"):
        collection = Collection(tmp_path / contrast, config)
        for trial in trials:
            collection.add(trial, contrast=contrast)
        found.append(collection.rows()[0][0])
    assert found[0].estimate == pytest.approx(-found[1].estimate, rel=1e-7)
    assert found[0].se == pytest.approx(found[1].se, rel=1e-7)


def test_five_trials_are_judged_and_kinds_of_measurement_stay_apart(
    tmp_path: Path, config: Config
) -> None:
    rng = np.random.default_rng(5)
    collection = Collection(tmp_path, config)
    for n in range(9, 14):
        collection.add(parallel(rng, (n, 2 * n), effect=-30.0))
    for n in range(14, 16):
        collection.add(parallel(rng, (n, n)), measure="isometric")
    collection.add(parallel(rng, (30, 30)), measure="isokinetic")
    (first, second), without = collection.rows()
    assert (first.method, first.n_studies) == ("one-stage", 5)
    assert first.verdict == "different (by more than the margin)"
    assert (second.method, second.n_studies, second.verdict) == ("one-stage[isometric]", 2, "")
    assert "trial-30-30 (alone with isokinetic)" in first.note
    assert not without


def test_a_pool_that_has_no_one_stage_model_says_why(tmp_path: Path, config: Config) -> None:
    rng = np.random.default_rng(5)
    collection = Collection(tmp_path, config)
    collection.add(parallel(rng, (9, 9)), quantity="change", kind="summary", start="")
    collection.add(parallel(rng, (10, 10)), design="crossover")
    collection.add(parallel(rng, (11, 11)))
    collection.add(parallel(rng, (2, 2)))
    rows, without = collection.rows()
    assert not rows
    assert without["load", "strength"] == (
        "no one-stage model: trial-9-9 (changes in a unit of its own), trial-10-10 (a crossover), "
        "trial-2-2 (too few people for a residual variance of its own), "
        "trial-11-11 (alone with one_rm)"
    )
