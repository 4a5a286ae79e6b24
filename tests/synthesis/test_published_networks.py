"""Network meta-analysis against what R printed of two published networks.

Senn's diabetes trials and the smoking cessation trials; tests/oracle/README.md says where each
number stands. What R's netmeta gives at its own moment estimate of tau2 is checked at that value,
which is computed here; REML is checked against metafor and against a maximisation written here.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import linalg, optimize, stats

from howlow.config.doses import NO_TRAINING
from howlow.synthesis.network.consistency import check_consistency
from howlow.synthesis.network.fitting import NetworkFit, fit_network
from howlow.synthesis.network.nodes import TrialNodes, ladder
from howlow.synthesis.network.ranking import p_scores

REFERENCES = ("plac", "placebo", "A")


def names_of(treatments: list[str]) -> dict[str, str]:
    """Nodes for treatments: numbers, and no training for the reference."""
    others = sorted(set(treatments) - set(REFERENCES))
    named = {treatment: str(k + 1) for k, treatment in enumerate(others)}
    return named | dict.fromkeys(REFERENCES, NO_TRAINING)


def trial_of(study: str, gains: dict[str, float], variances: dict[str, float]) -> TrialNodes:
    """A trial of independent arms, keyed by node."""
    nodes = tuple(sorted(gains, key=ladder))
    return TrialNodes(
        study=study,
        nodes=nodes,
        gains=np.array([gains[node] for node in nodes]),
        covariance=np.diag([variances[node] for node in nodes]),
        n=np.ones(len(nodes)),
        arms=(1,) * len(nodes),
        people=len(nodes),
    )


@pytest.fixture(scope="module")
def senn(repo: Path) -> dict[str, Any]:
    return json.loads((repo / "tests" / "oracle" / "senn2013.json").read_text())


@pytest.fixture(scope="module")
def smoking(repo: Path) -> dict[str, Any]:
    return json.loads((repo / "tests" / "oracle" / "smoking.json").read_text())


@pytest.fixture(scope="module")
def contrasts(senn: dict[str, Any]) -> tuple[list[TrialNodes], dict[str, str]]:
    """Senn's trials as netmeta has them: contrasts with standard errors."""
    rows = senn["contrasts"]
    named = names_of([row[side] for row in rows for side in ("first", "second")])
    studies: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        studies.setdefault(row["study"], []).append(row)
    trials = []
    for study, mine in studies.items():
        arms = sorted({named[row[side]] for row in mine for side in ("first", "second")})
        pairs = {frozenset((named[row["first"]], named[row["second"]])): row for row in mine}
        if len(arms) == 2:
            variances = dict.fromkeys(arms, mine[0]["se"] ** 2 / 2)
        else:  # the variances of arms whose sums are those of the contrasts
            square = {pair: row["se"] ** 2 for pair, row in pairs.items()}
            total = sum(square.values()) / 2
            variances = {arm: total - square[frozenset(arms) - {arm}] for arm in arms}
        gains = {arms[0]: 0.0}
        for arm in arms[1:]:
            row = pairs[frozenset((arms[0], arm))]
            gains[arm] = row["te"] if named[row["first"]] == arm else -row["te"]
        trials.append(trial_of(study, gains, variances))
    return trials, named


@pytest.fixture(scope="module")
def diabetes(senn: dict[str, Any]) -> tuple[list[TrialNodes], dict[str, str]]:
    """Senn's trials as metafor has them: means and SDs of arms."""
    named = names_of([arm["treatment"] for arm in senn["arms"]])
    trials = []
    for study in dict.fromkeys(arm["study"] for arm in senn["arms"]):
        arms = [arm for arm in senn["arms"] if arm["study"] == study]
        means = {named[arm["treatment"]]: arm["mean"] for arm in arms}
        variances = {named[arm["treatment"]]: arm["sd"] ** 2 / arm["n"] for arm in arms}
        trials.append(trial_of(study, means, variances))
    return trials, named


def log_odds(
    smoking: dict[str, Any], *, everywhere: bool
) -> tuple[list[TrialNodes], dict[str, str]]:
    """The smoking trials as log odds; 1/2 added to all cells, or only where one is empty."""
    named = names_of([arm["treatment"] for trial in smoking["trials"] for arm in trial["arms"]])
    trials = []
    for trial in smoking["trials"]:
        empty = any(arm["events"] in (0, arm["n"]) for arm in trial["arms"])
        add = 0.5 if everywhere or empty else 0.0
        cells = {
            named[arm["treatment"]]: (arm["events"] + add, arm["n"] - arm["events"] + add)
            for arm in trial["arms"]
        }
        gains = {node: np.log(yes / no) for node, (yes, no) in cells.items()}
        variances = {node: 1 / yes + 1 / no for node, (yes, no) in cells.items()}
        trials.append(trial_of(trial["study"], gains, variances))
    return trials, named


class Dense:
    """All contrasts in one vector, each against the trial's last arm: the second route."""

    def __init__(self, trials: list[TrialNodes]) -> None:
        self.nodes = sorted({node for trial in trials for node in trial.nodes}, key=ladder)
        effects, blocks, patterns, rows, own = [], [], [], [], []
        for trial in trials:
            count = len(trial.nodes) - 1
            weights = np.column_stack([np.eye(count), -np.ones(count)])
            effects.append(weights @ trial.gains)
            blocks.append(weights @ trial.covariance @ weights.T)
            patterns.append(weights @ weights.T / 2)
            full = np.zeros((count, len(self.nodes)))
            full[:, [self.nodes.index(node) for node in trial.nodes]] = weights
            rows.append(full[:, 1:])
            own += [(trial.nodes, k) for k in range(count)]
        self.y = np.concatenate(effects)
        self.v = linalg.block_diag(*blocks)
        self.pattern = linalg.block_diag(*patterns)
        self.x = np.concatenate(rows)
        labels = list(dict.fromkeys(own))
        self.saturated = np.array([[float(label == one) for label in labels] for one in own])

    def fit(self, x: np.ndarray, tau2: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Coefficients, covariance and the matrix that takes out what the design fits."""
        weight = np.linalg.inv(self.v + tau2 * self.pattern)
        covariance = np.linalg.inv(x.T @ weight @ x)
        projection = weight - weight @ x @ covariance @ x.T @ weight
        return covariance @ x.T @ weight @ self.y, covariance, projection

    def reml(self, x: np.ndarray) -> float:
        """Tau2 by maximising the restricted likelihood."""

        def deviance(tau2: float) -> float:
            _, covariance, projection = self.fit(x, tau2)
            total = np.linalg.slogdet(self.v + tau2 * self.pattern)[1]
            return float(total - np.linalg.slogdet(covariance)[1] + self.y @ projection @ self.y)

        options = {"xatol": 1e-12}
        return optimize.minimize_scalar(
            deviance, bounds=(0, 2), method="bounded", options=options
        ).x

    def moments(self, x: np.ndarray) -> float:
        """Tau2 by the method of moments from Q (Jackson et al. 2012, Stat Med 31:3805)."""
        _, _, projection = self.fit(x, 0.0)
        spare = len(self.y) - x.shape[1]
        return float((self.y @ projection @ self.y - spare) / np.trace(projection @ self.pattern))


def at_tau2(trials: list[TrialNodes], tau2: float) -> NetworkFit:
    """The network with a given heterogeneity, put into the sampling covariance."""
    wider = [
        replace(trial, covariance=trial.covariance + tau2 / 2 * np.eye(len(trial.nodes)))
        for trial in trials
    ]
    return fit_network(wider, "common")


def half(digits: int) -> float:
    """What rounding to so many decimals may take away."""
    return 0.5000001 * 10.0**-digits


def assert_compared(
    fit: NetworkFit, base: str, printed: dict[str, Any], named: dict[str, str], digits: int
) -> None:
    """Each treatment against one, with its standard error, to the printed digits."""
    values, errors = fit.differences(cautious=False)
    first = fit.nodes.index(named[base])
    assert printed
    for treatment, expected in printed.items():
        second = fit.nodes.index(named[treatment])
        assert values[second, first] == pytest.approx(expected["estimate"], abs=half(digits))
        assert errors[second, first] == pytest.approx(expected["se"], abs=half(digits))


def negated(printed: dict[str, Any]) -> dict[str, Any]:
    """`less a treatment` turned round to `a treatment less`."""
    return {
        treatment: value | {"estimate": -value["estimate"]} for treatment, value in printed.items()
    }


def test_common_effects_of_senn_are_those_of_netmeta(senn, contrasts) -> None:
    trials, named = contrasts
    printed = negated(senn["netmeta"]["plac_less"]["common"])
    assert_compared(fit_network(trials, "common"), "plac", printed, named, 10)


def test_random_effects_of_senn_are_those_of_netmeta_at_its_tau2(senn, contrasts) -> None:
    trials, named = contrasts
    dense = Dense(trials)
    tau2 = dense.moments(dense.x)
    assert tau2 == pytest.approx(senn["netmeta"]["tau2"], rel=1e-13)
    fit = at_tau2(trials, tau2)
    assert_compared(fit, "plac", negated(senn["netmeta"]["plac_less"]["random"]), named, 10)
    assert_compared(fit, "rosi", negated(senn["netmeta"]["rosi_less"]["random"]), named, 10)


@pytest.mark.parametrize("network", ["senn", "smoking"])
def test_the_parts_of_q_are_those_of_netmeta(senn, smoking, contrasts, network: str) -> None:
    trials, _ = contrasts if network == "senn" else log_odds(smoking, everywhere=False)
    printed = (senn if network == "senn" else smoking)["netmeta"]["q"]
    found = check_consistency(trials)
    parts = {
        "total": found.total,
        "within designs": found.within,
        "between designs": found.between,
    }
    for part, (q, df) in printed.items():
        assert parts[part].df == df
        assert parts[part].q == pytest.approx(q, rel=1e-12)
        assert parts[part].p == pytest.approx(stats.chi2.sf(q, df), rel=1e-9)


def test_q_of_each_design_of_senn_is_that_of_netmeta(senn, contrasts) -> None:
    trials, named = contrasts
    designs = check_consistency(trials).designs
    spare = {}
    for design, (q, df) in senn["netmeta"]["q_of_designs"].items():
        nodes = tuple(sorted((named[word] for word in design.split(",")), key=ladder))
        spare[nodes] = df
        assert (round(designs[nodes][1].q, 2), designs[nodes][1].df) == (q, df)
    assert {nodes: part.df for nodes, (_, part) in designs.items() if part.df} == spare


@pytest.mark.parametrize("model", ["common", "random"])
def test_p_scores_of_senn_are_those_of_netmeta(senn, contrasts, model: str) -> None:
    trials, named = contrasts
    fit = at_tau2(trials, senn["netmeta"]["tau2"] if model == "random" else 0.0)
    values, errors = fit.differences(cautious=False)
    # Less HbA1c is better.
    scores = dict(zip(fit.nodes, p_scores(-values, errors), strict=True))
    for treatment, expected in senn["netmeta"]["p_scores"][model].items():
        assert scores[named[treatment]] == pytest.approx(expected, abs=1e-12)


def test_reml_of_senn_is_that_of_metafor(senn, diabetes) -> None:
    trials, named = diabetes
    printed, found = senn["metafor"], fit_network(trials)
    assert round(found.fit.tau2, 4) == printed["tau2"]
    assert (round(found.fit.q, 4), found.fit.df) == tuple(printed["qe"])
    assert_compared(found, "placebo", printed["against_placebo"], named, 4)
    assert len(printed["pairs"]) == 36
    for pair in printed["pairs"]:
        assert_compared(found, pair["second"], {pair["first"]: pair}, named, 4)
    effects = found.fit.coefficients
    moderators = float(effects @ np.linalg.solve(found.fit.covariance, effects))
    assert round(moderators, 4) == printed["qm"][0]
    values, errors = found.differences(cautious=False)
    for node, score in zip(found.nodes, p_scores(-values, errors), strict=True):
        treatment = next(word for word in printed["p_scores"] if named[word] == node)
        assert score == pytest.approx(printed["p_scores"][treatment], abs=half(3))


def test_reml_of_smoking_is_that_of_metafor(smoking) -> None:
    trials, named = log_odds(smoking, everywhere=True)
    printed, found = smoking["metafor"], fit_network(trials)
    assert round(found.fit.tau2, 4) == printed["tau2"]
    assert (round(found.fit.q, 4), found.fit.df) == tuple(printed["qe"])
    assert_compared(found, "A", printed["against_a"], named, 4)
    effects = found.fit.coefficients
    moderators = float(effects @ np.linalg.solve(found.fit.covariance, effects))
    assert round(moderators, 4) == printed["qm"][0]
    values, errors = found.differences(cautious=False)
    for pair, expected in printed["odds_ratios"].items():
        first, second = (found.nodes.index(named[word]) for word in pair.split(" - "))
        value, reach = values[first, second], stats.norm.ppf(0.975) * errors[first, second]
        interval = np.exp([value, value - reach, value + reach])
        assert interval == pytest.approx(expected, abs=half(2))


def test_random_effects_of_smoking_are_those_of_netmeta_at_its_tau2(smoking) -> None:
    trials, named = log_odds(smoking, everywhere=False)
    dense = Dense(trials)
    tau2 = dense.moments(dense.x)
    assert tau2 == pytest.approx(smoking["netmeta"]["tau2"], rel=1e-12)
    fit = at_tau2(trials, tau2)
    assert_compared(fit, "A", smoking["netmeta"]["random_less_a"], named, 10)
    assert_compared(fit, "B", smoking["netmeta"]["random_less_b"], named, 10)


@pytest.mark.parametrize("network", ["senn", "smoking"])
def test_reml_is_the_maximum_of_the_restricted_likelihood(diabetes, smoking, network: str) -> None:
    trials, _ = diabetes if network == "senn" else log_odds(smoking, everywhere=True)
    dense, found = Dense(trials), fit_network(trials)
    tau2 = dense.reml(dense.x)
    assert found.fit.converged
    assert found.fit.tau2 == pytest.approx(tau2, rel=1e-6)
    effects, covariance, _ = dense.fit(dense.x, tau2)
    assert found.fit.coefficients == pytest.approx(effects, abs=1e-7)
    assert found.fit.covariance == pytest.approx(covariance, rel=1e-5)


@pytest.mark.parametrize("network", ["senn", "smoking"])
def test_the_interaction_test_is_that_of_inconsistency_parameters(
    contrasts, smoking, network: str
) -> None:
    """Higgins et al. write the model with parameters that are zero under consistency."""
    trials, _ = contrasts if network == "senn" else log_odds(smoking, everywhere=True)
    dense, found = Dense(trials), check_consistency(trials)
    x, basic = dense.x, dense.x.shape[1]
    for column in dense.saturated.T:
        wider = np.column_stack([x, column])
        if np.linalg.matrix_rank(wider) > x.shape[1]:
            x = wider
    tau2 = dense.reml(x)
    effects, covariance, projection = dense.fit(x, tau2)
    rest, spare = effects[basic:], len(dense.y) - x.shape[1]
    wald = rest @ np.linalg.solve(covariance[basic:, basic:], rest)
    factor = dense.y @ projection @ dense.y / spare
    test = found.interaction
    assert test is not None
    assert test.tau2 == pytest.approx(tau2, rel=1e-6)
    assert (test.df, test.rest_df) == (len(rest), spare) == (7, found.within.df)
    assert test.wald == pytest.approx(wald, rel=1e-5)
    assert test.f == pytest.approx(wald / 7 / factor, rel=1e-5)
    assert test.p == pytest.approx(stats.f.sf(wald / 7 / factor, 7, spare), rel=1e-5)
