"""Networks of prescriptions: who is placed, what is connected, what the fit says of known truth."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from howlow.analysis.verdicts import DIFFERENT_BEYOND, INCONCLUSIVE
from howlow.config.doses import NO_TRAINING
from howlow.config.reading import read_config
from howlow.config.settings import Config
from howlow.config.trial import Arm, Outcome, Population
from howlow.data.declaration import Declaration
from howlow.synthesis.arms import TrialArms
from howlow.synthesis.material import Material
from howlow.synthesis.network.connecting import Network, connect_trials
from howlow.synthesis.network.consistency import check_consistency
from howlow.synthesis.network.describing import describe
from howlow.synthesis.network.estimating import network_estimates
from howlow.synthesis.network.fitting import NetworkFit, fit_network, pool_direct
from howlow.synthesis.network.graph import find_components
from howlow.synthesis.network.networks import networks_of
from howlow.synthesis.network.nodes import TrialNodes, ladder, place_arms
from howlow.synthesis.network.ranking import p_scores

#: Gains over no training, as log ratios of means.
TRUTH = {
    NO_TRAINING: 0.0,
    "light 1 single": 0.06,
    "light 3 multiple": 0.14,
    "heavy 1 multiple": 0.12,
    "heavy 3 single": 0.17,
    "heavy 3 multiple": 0.20,
}
DESIGNS = (
    (NO_TRAINING, "heavy 3 multiple"),
    (NO_TRAINING, "light 3 multiple"),
    (NO_TRAINING, "heavy 1 multiple", "heavy 3 multiple"),
    ("light 3 multiple", "heavy 3 multiple"),
    ("light 3 multiple", "heavy 3 single", "heavy 3 multiple"),
    (NO_TRAINING, "light 1 single"),
    (NO_TRAINING, "heavy 3 single"),
)
LOADS = {"light": (30.0, 30.0), "heavy": (80.0, 80.0)}
SETS = {"single": (1.0, 1.0), "multiple": (3.0, 3.0)}


@pytest.fixture(scope="module")
def config(repo: Path) -> Config:
    return read_config([repo / "config" / "config.yaml"])


def arm_of(node: str) -> Arm:
    """An arm that has a prescription."""
    if node == NO_TRAINING:
        return Arm(label="Control", sessions_per_week=0)
    load, sessions, sets = node.split()
    return Arm(
        label=node,
        load_pct_1rm=LOADS[load],
        sessions_per_week=float(sessions),
        sets=SETS[sets],
    )


def trial_of(study: str, arms: dict[str, Arm], gains: list[float], covariance) -> TrialArms:
    """A trial of strength with these arms."""
    outcome = Outcome(
        label="Squat", construct="strength", unit="kg", measure="one_rm", region="lower_body"
    )
    declared = Declaration(
        id=study,
        collection="",
        kind="published",
        cite=study,
        link="",
        design="parallel",
        randomised="yes",
        limb_pairs=False,
        independent_limbs=False,
        simulated=False,
        population=Population(description="adults"),
        arms=arms,
        contrasts=(),
        primary_outcome="squat",
        outcomes={"squat": outcome},
        weeks={},
        phases={},
        labels={},
        start="baseline",
        at=(),
        read_in="",
        note="",
    )
    return TrialArms(
        trial=declared,
        construct="strength",
        outcome="squat",
        at="post",
        weeks=10.0,
        names=tuple(arms),
        gains=np.array(gains),
        covariance=np.array(covariance, dtype=float),
        n=np.full(len(arms), 12.0),
        assumed="",
    )


def simulate(
    rng: np.random.Generator, designs=DESIGNS, each: int = 2, tau: float = 0.03, shift=None
) -> list[TrialArms]:
    """Trials of these designs; `shift` adds to one node's gain in trials of one design."""
    trials = []
    for position, design in enumerate(designs):
        for copy in range(each):
            study = f"trial-{position + 1}{'abcdefgh'[copy]}"
            truth = np.array([TRUTH.get(node, 0.1) for node in design])
            if shift is not None and shift[0] == design:
                truth += shift[1] * (np.array(design) == shift[2])
            variances = rng.uniform(0.02, 0.06, len(design)) ** 2
            gains = truth + rng.normal(0, tau / np.sqrt(2), len(design))
            gains += rng.normal(0, np.sqrt(variances)) + 0.05
            arms = {f"arm_{k + 1}": arm_of(node) for k, node in enumerate(design)}
            trials.append(trial_of(study, arms, list(gains), np.diag(variances) + 0.001))
    return trials


def placed(trials: list[TrialArms], config: Config) -> list[TrialNodes]:
    """Their nodes."""
    found = [place_arms(trial, config)[0] for trial in trials]
    return [trial for trial in found if trial is not None]


def nodes_of(study: str, gains: dict[str, float], variances: list[float]) -> TrialNodes:
    """A trial's nodes with independent arms."""
    order = sorted(gains, key=ladder)
    return TrialNodes(
        study=study,
        nodes=tuple(order),
        gains=np.array([gains[node] for node in order]),
        covariance=np.diag(variances),
        n=np.full(len(order), 10.0),
        arms=(1,) * len(order),
        people=10 * len(order),
    )


# --- who is placed --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dose", "reason"),
    [
        ({"load_pct_1rm": (65.0, 65.0)}, "load neither light nor heavy"),
        ({"load_pct_1rm": (30.0, 30.0), "blood_flow_restriction": True}, "restricted blood flow"),
        ({"load_pct_1rm": None}, "load not printed"),
        ({"sessions_per_week": None}, "sessions not printed"),
        ({"sets": None}, "sets an exercise not printed"),
        ({"load_pct_1rm": None, "sets": None}, "load not printed; sets an exercise not printed"),
    ],
)
def test_an_arm_without_a_prescription_stays_out_with_its_reason(
    config: Config, dose, reason: str
) -> None:
    doses = {"load_pct_1rm": (80.0, 80.0), "sessions_per_week": 3.0, "sets": (3.0, 3.0)}
    arms = {
        "none": arm_of(NO_TRAINING),
        "heavy": arm_of("heavy 3 multiple"),
        "odd": Arm(label="Odd", **(doses | dose)),
    }
    found, out = place_arms(trial_of("t", arms, [0.0, 0.2, 0.3], np.eye(3) / 100), config)
    assert found is not None
    assert found.nodes == (NO_TRAINING, "heavy 3 multiple")
    assert found.gains.tolist() == [0.0, 0.2]
    assert [(one.arm, one.reason) for one in out] == [("odd", reason)]


def test_a_trial_of_one_prescription_stays_out(config: Config) -> None:
    arms = {"one": arm_of("heavy 3 multiple"), "two": arm_of("heavy 3 multiple")}
    found, out = place_arms(trial_of("t", arms, [0.1, 0.2], np.eye(2)), config)
    assert found is None
    assert {one.reason for one in out} == {"its other arms have the same prescription"}
    arms["two"] = Arm(label="Unknown")
    found, out = place_arms(trial_of("t", arms, [0.1, 0.2], np.eye(2)), config)
    assert found is None
    assert [one.reason for one in out] == [
        "load not printed; sessions not printed; sets an exercise not printed",
        "no other arm of the trial can be placed",
    ]


def test_arms_that_vary_together_wholly_stay_out(config: Config) -> None:
    arms = {"none": arm_of(NO_TRAINING), "heavy": arm_of("heavy 3 multiple")}
    found, out = place_arms(trial_of("t", arms, [0.1, 0.2], np.ones((2, 2))), config)
    assert found is None
    assert {one.reason for one in out} == {
        "the sampling covariance of its arms is not positive definite"
    }


def test_arms_of_one_prescription_are_averaged_by_their_precision(config: Config) -> None:
    arms = {
        "first": arm_of("heavy 3 multiple"),
        "none": arm_of(NO_TRAINING),
        "second": arm_of("heavy 3 multiple"),
    }
    variances, gains = np.array([0.01, 0.02, 0.04]), [0.10, 0.02, 0.25]
    weight = (1 / 0.01, 1 / 0.04)
    mean = (weight[0] * 0.10 + weight[1] * 0.25) / sum(weight)
    for shared in (0.0, 0.5):  # what all arms share takes no part in differences
        covariance = np.diag(variances) + shared
        found, out = place_arms(trial_of("t", arms, gains, covariance), config)
        assert found is not None
        assert not out
        assert found.arms == (1, 2)
        assert found.n.tolist() == [12.0, 24.0]
        contrast = found.contrasts()
        assert contrast @ found.gains == pytest.approx([mean - 0.02])
        variance = (contrast @ found.covariance @ contrast.T).item()
        assert variance == pytest.approx(1 / sum(weight) + 0.02)


def test_a_participant_of_two_limbs_or_of_two_periods_counts_once(config: Config) -> None:
    arms = {"none": arm_of(NO_TRAINING), "heavy": arm_of("heavy 3 multiple")}
    people = []
    for design in ("parallel", "within_participant", "crossover"):
        trial = trial_of("t", arms, [0.0, 0.1], np.eye(2))
        found, _ = place_arms(replace(trial, trial=replace(trial.trial, design=design)), config)
        assert found is not None
        people.append(found.people)
    assert people == [24, 12, 12]


def test_prescriptions_stand_in_the_order_of_the_ladder() -> None:
    assert sorted(TRUTH, key=ladder) == [
        NO_TRAINING,
        "light 1 single",
        "light 3 multiple",
        "heavy 1 multiple",
        "heavy 3 single",
        "heavy 3 multiple",
    ]


# --- what is connected ----------------------------------------------------------------------------

A, B, C, D = NO_TRAINING, "light 3 multiple", "heavy 3 multiple", "heavy 3 single"


def pair(study: str, first: str, second: str, effect: float = 0.1, se: float = 0.05) -> TrialNodes:
    """A trial of two nodes: the second less the first."""
    return nodes_of(study, {first: 0.0, second: effect}, [se**2 / 2] * 2)


def test_trials_connect_what_they_share() -> None:
    trials = [pair("1", A, B), pair("2", C, D), pair("3", A, B)]
    assert find_components(trials) == [(A, B), (D, C)]
    joined = [*trials, nodes_of("4", {B: 0.0, C: 0.1}, [0.01, 0.01])]
    assert find_components(joined) == [(A, B, D, C)]
    assert find_components([]) == []


def arms_with(config: Config, designs, each: int = 1) -> Network:
    """The network of simulated trials of these designs."""
    return connect_trials("strength", simulate(np.random.default_rng(5), designs, each), config)


def test_no_trial_makes_no_network(config: Config) -> None:
    network = connect_trials("strength", [], config)
    assert network.drawn is None
    assert network.reason.startswith("No trial compares two prescriptions with load, sessions")


def test_four_trials_are_too_few(config: Config) -> None:
    network = arms_with(config, DESIGNS[:4])
    assert network.drawn is None
    assert "has 4 trials; a network needs 5" in network.reason
    assert arms_with(config, DESIGNS[:5]).drawn is not None


def test_two_prescriptions_are_a_pool(config: Config) -> None:
    network = arms_with(config, [DESIGNS[0]], each=6)
    assert network.drawn is None
    assert "a pool, not a network" in network.reason


def test_parts_that_no_trial_connects_are_named_with_what_would(config: Config) -> None:
    apart = ("light 2 single", "light 2 multiple")
    network = arms_with(config, [*DESIGNS, apart])
    assert network.drawn is not None
    assert network.reason == (
        "Not connected with it: light twice a week in one set, light twice a week in several "
        "sets. A trial that sets light twice a week in several sets against no training would "
        "connect them."
    )
    last = network.left_out[-1]
    arms = "light twice a week in one set, light twice a week in several sets"
    assert (last.study, last.arm) == ("trial-8a", arms)
    untrained = arms_with(config, [("light 3 multiple", "heavy 3 multiple"), apart])
    assert untrained.drawn is None
    assert untrained.reason.endswith(
        "A trial that sets light twice a week in several sets and heavy three times a week in "
        "several sets against no training would connect them."
    )


def test_without_no_training_effects_stand_against_the_most_connected(config: Config) -> None:
    hub = [("heavy 3 multiple", node) for node in ("light 3 multiple", "heavy 3 single")]
    network = arms_with(config, hub, each=3)
    assert network.drawn is not None
    found = describe(network, config)
    assert found["against"] == "heavy 3 multiple"
    assert [effect["node"] for effect in found["effects"]] == ["light 3 multiple", "heavy 3 single"]


def test_as_many_effects_as_comparisons_show_no_heterogeneity(config: Config) -> None:
    tree = [(NO_TRAINING, node) for node in TRUTH if node != NO_TRAINING]
    network = arms_with(config, tree)
    assert network.drawn is None
    assert "5 comparisons for as many effects" in network.reason


# --- what the fit says ----------------------------------------------------------------------------


def test_two_nodes_are_a_pool() -> None:
    rng = np.random.default_rng(11)
    effects, errors = rng.normal(0.1, 0.08, 7), rng.uniform(0.03, 0.1, 7)
    trials = [pair(str(k), A, B, effects[k], errors[k]) for k in range(7)]
    common = fit_network(trials, "common")
    weights = 1 / errors**2
    assert common.fit.coefficients == pytest.approx([weights @ effects / weights.sum()])
    assert common.fit.covariance.item() == pytest.approx(1 / weights.sum())
    random, (count, direct) = fit_network(trials), pool_direct(trials, B, A)
    spread = weights = 1 / (errors**2 + random.fit.tau2)
    mean = weights @ effects / weights.sum()
    factor = max(1.0, weights @ (effects - mean) ** 2 / 6)
    found = random.compare(B, A)
    assert count == 7
    assert (found.estimate, found.se, found.df) == pytest.approx(
        (mean, np.sqrt(factor / spread.sum()), 6)
    )
    assert (direct.estimate, direct.se, direct.df) == pytest.approx(
        (found.estimate, found.se, found.df)
    )


def test_a_star_is_its_spokes_and_their_differences() -> None:
    """Under a common effect; the indirect comparison is that of Bucher et al. (1997)."""
    rng = np.random.default_rng(12)
    spokes = {
        node: [pair(f"{node}{k}", A, node, rng.normal(0.1, 0.05)) for k in range(3)]
        for node in (B, C)
    }
    fit = fit_network([*spokes[B], *spokes[C]], "common")
    values, errors = fit.differences(cautious=False)
    alone = {node: fit_network(trials, "common").fit for node, trials in spokes.items()}
    for node, pooled in alone.items():
        k = fit.nodes.index(node)
        assert values[k, 0] == pytest.approx(pooled.coefficients[0])
        assert errors[k, 0] == pytest.approx(np.sqrt(pooled.covariance[0, 0]))
    b, c = fit.nodes.index(B), fit.nodes.index(C)
    assert values[c, b] == pytest.approx(alone[C].coefficients[0] - alone[B].coefficients[0])
    assert errors[c, b] ** 2 == pytest.approx(sum(one.covariance[0, 0] for one in alone.values()))
    assert pool_direct([*spokes[B], *spokes[C]], B, C) is None


def test_the_league_is_antisymmetric_and_transitive(config: Config) -> None:
    fit = fit_network(placed(simulate(np.random.default_rng(13)), config))
    values, errors = fit.differences()
    assert values == pytest.approx(-values.T)
    assert errors == pytest.approx(errors.T)
    through = values[:, :, None] + values[None, :, :]
    assert through == pytest.approx(np.broadcast_to(values[:, None, :], through.shape), abs=1e-12)
    found = fit.compare(C, B)
    k = fit.nodes.index(C), fit.nodes.index(B)
    assert (found.estimate, found.se) == pytest.approx((values[k], errors[k]))


def test_a_triangle_is_as_inconsistent_as_its_three_sides_say() -> None:
    """Q between designs is the squared z of Bucher et al. (1997, J Clin Epidemiol 50:683)."""
    effects, errors = {(A, B): 0.10, (A, C): 0.15, (B, C): 0.30}, (0.04, 0.05, 0.06)
    trials = [
        pair(f"{k}{copy}", *sides, effect, se * np.sqrt(2))
        for k, ((sides, effect), se) in enumerate(zip(effects.items(), errors, strict=True))
        for copy in "ab"
    ]
    found = check_consistency(trials)
    z = (0.10 + 0.30 - 0.15) / np.sqrt(sum(se**2 for se in errors))
    assert (found.between.q, found.between.df) == pytest.approx((z**2, 1))
    assert (found.within.q, found.within.df) == pytest.approx((0.0, 3))
    assert found.total.q == pytest.approx(z**2)
    test = found.interaction
    assert test is not None
    # Trials of one design agree wholly, so that nothing is left to heterogeneity, nor to a factor.
    assert (test.tau2, test.f) == (0, None)
    assert test.wald == pytest.approx(z**2)
    assert test.p == pytest.approx(stats.chi2.sf(z**2, 1))


def test_the_spread_within_designs_is_what_a_loop_is_held_against() -> None:
    """With alike precision it is the F test of a linear combination of three means."""
    effects = {(A, B): (0.08, 0.12), (A, C): (0.16, 0.14), (B, C): (0.29, 0.31)}
    trials = [
        pair(f"{'-'.join(sides)}{copy}", *sides, value, 0.05)
        for sides, values in effects.items()
        for copy, value in zip("ab", values, strict=True)
    ]
    test = check_consistency(trials).interaction
    means = {sides: np.mean(values) for sides, values in effects.items()}
    spread = np.mean([np.var(values, ddof=1) for values in effects.values()])
    t = (means[A, B] + means[B, C] - means[A, C]) / np.sqrt(3 * spread / 2)
    assert test is not None
    assert (test.df, test.rest_df) == (1, 3)
    assert test.f == pytest.approx(t**2)
    assert test.p == pytest.approx(2 * stats.t.sf(abs(t), 3))


def test_without_a_closed_loop_there_is_nothing_to_test() -> None:
    trials = [pair("1", A, B, 0.1), pair("2", A, B, 0.3), pair("3", A, C)]
    found = check_consistency(trials)
    assert (found.between.df, found.between.p, found.interaction) == (0, None, None)
    assert "no closed loop" in found.sentence(0.05)
    # A trial of three arms agrees with itself.
    alone = [nodes_of(k, {A: 0.0, B: 0.1, C: 0.2 * int(k)}, [0.01] * 3) for k in ("1", "2")]
    assert check_consistency(alone).between.df == 0


def test_designs_that_were_tried_once_cannot_be_told_from_heterogeneity() -> None:
    trials = [pair("1", A, B), pair("2", A, C), pair("3", B, C)]
    found = check_consistency(trials)
    assert (found.between.df, found.within.df, found.interaction) == (1, 0, None)
    assert "no design was tried twice" in found.sentence(0.05)
    assert not found.rejected(0.05)


def test_the_parts_of_q_add_up(config: Config) -> None:
    found = check_consistency(placed(simulate(np.random.default_rng(14)), config))
    assert found.total.q == pytest.approx(found.within.q + found.between.q)
    assert found.total.df == found.within.df + found.between.df
    assert found.within.q == pytest.approx(sum(part.q for _, part in found.designs.values()))


def test_p_scores_average_to_a_half_and_follow_the_normal_distribution() -> None:
    effects, spread = np.array([0.0, 0.1, 0.3]), np.array([0.0, 0.05, 0.08])
    differences = effects[:, None] - effects[None, :]
    errors = np.hypot(spread[:, None], spread[None, :])
    scores = p_scores(differences, errors)
    better = stats.norm.cdf([0.1 / 0.05, 0.3 / 0.08, 0.2 / np.hypot(0.05, 0.08)])
    expected = [
        (1 - better[0] + 1 - better[1]) / 2,
        (better[0] + 1 - better[2]) / 2,
        (better[1] + better[2]) / 2,
    ]
    assert scores == pytest.approx(expected)
    assert scores.mean() == pytest.approx(0.5)
    assert p_scores(np.zeros((3, 3)), errors).tolist() == [0.5] * 3
    by_t = stats.t.cdf(0.1 / 0.05, 4), stats.t.cdf(0.3 / 0.08, 4)
    assert p_scores(differences, errors, 4)[0] == pytest.approx(1 - np.mean(by_t))


# --- known truth ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def simulated(config: Config) -> list[list[TrialNodes]]:
    rng = np.random.default_rng(20260109)
    return [placed(simulate(rng), config) for _ in range(60)]


@pytest.fixture(scope="module")
def fits(simulated) -> list[NetworkFit]:
    return [fit_network(trials) for trials in simulated]


def test_intervals_of_a_simulated_network_cover_the_truth(fits) -> None:
    covered = []
    for fit in fits:
        for node in fit.nodes[1:]:
            low, high = fit.compare(node, A).interval(0.95)
            covered.append(low <= TRUTH[node] <= high)
    share = np.mean(np.reshape(covered, (len(fits), -1)), axis=1)
    error = share.std(ddof=1) / np.sqrt(len(share))
    # The Hartung-Knapp factor is never below one: intervals may cover more, not less.
    assert share.mean() >= 0.95 - 3 * error


def test_the_effects_of_simulated_networks_are_unbiased(fits) -> None:
    effects = np.array([fit.fit.coefficients for fit in fits])
    truth = [TRUTH[node] for node in fits[0].nodes[1:]]
    error = effects.std(axis=0, ddof=1) / np.sqrt(len(effects))
    assert (np.abs(effects.mean(axis=0) - truth) < 4 * error).all()


def test_an_inconsistent_loop_is_found(config: Config, simulated) -> None:
    rng = np.random.default_rng(77)
    loop = (DESIGNS[3], 0.25, C)
    found = [
        check_consistency(placed(simulate(rng, each=3, shift=loop), config)) for _ in range(12)
    ]
    assert np.mean([one.rejected(0.05) for one in found]) > 0.9
    consistent = [check_consistency(trials) for trials in simulated[:40]]
    # 5 % in the long run.
    assert sum(one.rejected(0.05) for one in consistent) <= stats.binom.ppf(0.999, 40, 0.05)


# --- what is written ------------------------------------------------------------------------------


def test_a_drawn_network_is_whole_and_plain(config: Config) -> None:
    trials = simulate(np.random.default_rng(21))
    network = connect_trials("strength", trials, config)
    found = json.loads(json.dumps(describe(network, config), allow_nan=False))
    assert found["drawn"]
    assert found["against"] == A
    assert found["trials"] == len(trials) == 14
    assert {node["name"]: node["arms"] for node in found["nodes"]} == {
        node: 2 * sum(node in design for design in DESIGNS) for node in TRUTH
    }
    assert len(found["league"]) == 15
    turned = {(one["first"], one["second"]): one["estimate"] for one in found["league"]}
    for effect in found["effects"]:
        assert turned[effect["node"], A] == effect["estimate"]
        assert effect["low"] < effect["estimate"] < effect["high"]
    indirect = {(one["first"], one["second"]) for one in found["league"] if one["indirect_only"]}
    edges = {(edge["second"], edge["first"]) for edge in found["edges"]}
    assert indirect == set(turned) - edges
    assert (
        sum(part["df"] for part in found["consistency"]["parts"][1:])
        == (found["consistency"]["parts"][0]["df"])
    )
    scores = [one["p_score"] for one in found["ranking"]]
    assert scores == sorted(scores, reverse=True)
    assert np.mean(scores) == pytest.approx(0.5)


def test_a_network_that_is_not_drawn_says_so_and_holds_no_result(config: Config) -> None:
    found = describe(arms_with(config, DESIGNS[:2]), config)
    assert not found["drawn"]
    assert found["reason"]
    assert (found["effects"], found["league"], found["ranking"]) == ([], [], [])
    assert found["consistency"] is None
    assert [node["name"] for node in found["nodes"]] == [A, B, C]


class Read(Material):
    """Material of given trials; another reading of the correlation widens every trial."""

    def __init__(self, config: Config, trials: list[TrialArms], wider: float = 1.0) -> None:
        super().__init__(config, {}, {}, {})
        object.__setattr__(self, "given", (trials, wider))

    def arms_as(self, reading: str = "") -> list[TrialArms]:
        trials, wider = self.given
        factor = wider if reading == "r_low" else 1.0
        return [replace(trial, covariance=factor * trial.covariance) for trial in trials]


def test_each_prescription_of_a_drawn_network_is_an_estimate(config: Config) -> None:
    trials = simulate(np.random.default_rng(22), each=4, tau=0.0)
    networks, rows = networks_of(Read(config, trials))
    pooled = [name for name, construct in config.constructs.items() if construct.pooled]
    assert [network["construct"] for network in networks] == pooled
    assert [network["drawn"] for network in networks] == [name == "strength" for name in pooled]
    assert {row.contrast for row in rows} == {f"{node} - {A}" for node in TRUTH if node != A}
    assert len({row.estimate_id for row in rows}) == 5
    best = next(row for row in rows if row.contrast == f"{C} - {A}")
    assert (best.study, best.method, best.tier) == ("network", "network-reml", "secondary")
    assert best.verdict == DIFFERENT_BEYOND
    assert best.n_studies == len(trials)
    effect = next(one for one in networks[0]["effects"] if one["node"] == C)
    assert (best.estimate, best.ci_low) == pytest.approx((effect["estimate"], effect["low"]))


def test_a_verdict_that_hangs_on_a_correlation_is_its_weakest(config: Config) -> None:
    trials = simulate(np.random.default_rng(22), each=4, tau=0.0)
    _, rows = networks_of(Read(config, trials, wider=40.0))
    main = next(
        row
        for row in rows
        if row.estimate_id.endswith(f"{C} - {A}/6-26 weeks/log_ratio/network-reml")
    )
    other = next(row for row in rows if row.contrast == main.contrast and row is not main)
    assert other.method == "network-reml[r_low]"
    assert other.tier == "sensitivity"
    assert other.verdict == main.verdict == INCONCLUSIVE
    assert "depends on r" in main.note


def test_an_inconsistent_network_has_no_verdict(config: Config) -> None:
    loop = (DESIGNS[3], 0.5, C)
    trials = simulate(np.random.default_rng(23), each=3, tau=0.0, shift=loop)
    network = connect_trials("strength", trials, config)
    rows = network_estimates(network, {}, config)
    assert {row.verdict for row in rows} == {""}
    assert all("disagree, so no verdict" in row.note for row in rows)
