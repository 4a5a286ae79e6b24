"""Planning agrees with closed forms and with other software, and says how many people it takes."""

import json
import math
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from conftest import ROOT
from scipy.optimize import isotonic_regression
from scipy.stats import nct, t
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.power import TTestIndPower
from statsmodels.stats.proportion import proportion_confint

from howlow.__main__ import main
from howlow.analysis.planning.answers import plan_json, plan_table, plan_text
from howlow.analysis.planning.assumed import Assumed, declared
from howlow.analysis.planning.chances import Chance, Setting, Target, simulate_chances, wilson
from howlow.analysis.planning.from_study import from_study
from howlow.analysis.planning.plans import Planned, Request, simulate_plan
from howlow.analysis.planning.sizes import crossing, first_guess, rising
from howlow.analysis.primary import judge_contrast, primary_analysis
from howlow.analysis.simulating import draw, pattern
from howlow.config.planned import can_be_planned, read_planned_cohort
from howlow.config.reading import read_config, read_study
from howlow.data.ingestion import ingest
from howlow.data.simulation import read_truth, simulate, write_simulated
from howlow.errors import HowlowError, InputError

CONFIG = read_config([ROOT / "config" / "config.yaml"])
FILE = """name: mine
outcome: Leg press 1RM
unit: kg
arms: [light, heavy]
visits: [{label: Before, week: 0}, {label: After, week: 10}]
baseline_mean: 100
gain: 40
sd: 10
correlation: 0.8
limb_correlation: 0.6
margin: 5
"""
ALIKE, APART = Target("equivalence", 0.0), Target("superiority", 5.0)
#: Variance of the value after given that before: sd² (1 - r²).
LEFT = 100 * (1 - 0.8**2)


def assumed(tmp_path: Path, text: str = FILE) -> Assumed:
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return declared(read_planned_cohort(path), CONFIG)


def chance(
    what: Assumed, setting: Setting, target: Target, trials: int = 1200, seed: int = 1
) -> float:
    return simulate_chances(what, setting, (target,), trials, seed)[0].chance


def error(share: float, trials: int = 1200) -> float:
    """Four standard errors of a simulated share."""
    return 4 * math.sqrt(share * (1 - share) / trials)


def test_two_visits_without_drop_out_have_the_power_of_analysis_of_covariance(
    tmp_path: Path,
) -> None:
    n = 26
    # The slope of the baseline costs one degree of freedom and, on average, this much variance.
    lost = 1 + 1 / (2 * n - 4)
    closed = TTestIndPower().power(5 / math.sqrt(LEFT * lost), n, 0.05)
    found = chance(assumed(tmp_path), Setting("parallel", n, 0.0), APART)
    assert 0.75 < closed < 0.9
    assert found == pytest.approx(closed, abs=error(closed))


def test_limbs_have_the_power_of_the_paired_comparison_of_what_each_has_for_itself(
    tmp_path: Path,
) -> None:
    n = 16
    # The difference of two limbs has the variance 2 (1 - limb correlation) of one person's value.
    se = math.sqrt(2 * (1 - 0.6) * LEFT / n * (1 + 1 / (n - 3)))
    df = n - 2
    critical = t.isf(0.025, df)
    closed = float(nct.sf(critical, df, 5 / se) + nct.cdf(-critical, df, 5 / se))
    found = chance(assumed(tmp_path), Setting("within_participant", n, 0.0), APART)
    assert 0.7 < closed < 0.95
    assert found == pytest.approx(closed, abs=error(closed) + 0.01)


def test_equivalence_agrees_with_two_one_sided_tests_by_statsmodels(tmp_path: Path) -> None:
    n, trials = 30, 600
    rng = np.random.default_rng(5)
    arm = np.repeat([1.0, 0.0], n)
    shown = 0
    for _ in range(trials):
        before = rng.normal(100, 10, 2 * n)
        after = 140 + 0.8 * (before - 100) + rng.normal(0, math.sqrt(LEFT), 2 * n)
        design = np.column_stack([np.ones(2 * n), arm, before - 100])
        low, high = OLS(after, design).fit().conf_int(0.1)[1]
        shown += low > -5 and high < 5
    other = shown / trials
    found = chance(assumed(tmp_path), Setting("parallel", n, 0.0), ALIKE)
    assert found == pytest.approx(other, abs=error(other, trials))


def test_a_difference_of_zero_is_shown_at_the_error_rate(tmp_path: Path) -> None:
    nothing = Target("superiority", 0.0)
    for setting in (Setting("parallel", 15, 0.1), Setting("within_participant", 14, 0.0)):
        found = chance(assumed(tmp_path), setting, nothing)
        assert found == pytest.approx(0.05, abs=error(0.05))


def test_a_difference_of_the_margin_is_called_equivalent_at_the_error_rate(tmp_path: Path) -> None:
    found = chance(assumed(tmp_path), Setting("parallel", 60, 0.0), Target("equivalence", 5.0))
    assert found == pytest.approx(0.05, abs=error(0.05))


def test_a_true_difference_moves_a_fit_exactly_as_data_with_it_would(tmp_path: Path) -> None:
    what = assumed(tmp_path, FILE.replace("week: 10}]", "week: 5}, {label: Late, week: 10}]"))
    scenario = what.scenario("parallel", 20, 0.3)
    card = what.card_of("parallel")
    rng = np.random.default_rng(2)
    sample = draw(pattern(scenario, rng), scenario, rng, 200)
    apart = (sample.arm == 0) & (sample.visit == len(sample.visits) - 1)
    moved = primary_analysis(sample.with_values(sample.values + 5 * apart), card)
    judged = judge_contrast(moved.fitted, card)
    share = float(np.mean((judged.low > 0) | (judged.high < 0)))
    ours = simulate_chances(
        replace(what), Setting("parallel", 20, 0.3), (APART,), trials=200, seed=2
    )[0]
    plain = primary_analysis(sample, card)
    assert moved.value.estimate == pytest.approx(plain.value.estimate + 5, abs=1e-6)
    assert moved.value.se == pytest.approx(plain.value.se, rel=1e-6)
    assert ours.chance == pytest.approx(share, abs=0.15)


def test_more_drop_out_never_helps(tmp_path: Path) -> None:
    what = assumed(tmp_path)
    for design, n in (("parallel", 30), ("within_participant", 20)):
        found = [
            chance(what, Setting(design, n, drop_out), ALIKE, 300)  # type: ignore[arg-type]
            for drop_out in (0.0, 0.3, 0.6)
        ]
        assert found[0] > found[1] > found[2]


def test_arms_cannot_be_shown_alike_where_nobody_gains(tmp_path: Path) -> None:
    what = assumed(tmp_path, FILE.replace("gain: 40", "gain: 2"))
    # What is left are differences called trivial, which zero has at the error rate.
    assert chance(what, Setting("parallel", 60, 0.0), ALIKE, 200) < 0.1
    planned = simulate_plan(what, replace(REQUEST, trials=50))
    assert {answer.target.aim for answer in planned.answers} == {"superiority"}
    assert "no number of people could show arms alike" in plan_text(planned)


def test_a_number_out_of_reach_is_told_without_simulating_it(tmp_path: Path) -> None:
    planned = simulate_plan(assumed(tmp_path, FILE.replace("margin: 5", "margin: 0.05")), REQUEST)
    assert planned.chances == ()
    assert not planned.reached
    assert "more than 5000 people" in plan_text(planned)


def test_trials_that_cannot_be_analysed_are_counted_and_show_nothing(tmp_path: Path) -> None:
    found = simulate_chances(
        assumed(tmp_path), Setting("within_participant", 4, 0.85), (APART,), 200, 1
    )[0]
    assert found.refused > 0
    assert found.chance * found.trials <= found.trials - found.refused


REQUEST = Request(("parallel", "within_participant"), (0.1,), None, 0.8, 60, 7)


@cache
def example() -> Planned:
    text = FILE.replace("margin: 5", "margin_pct: 5\ndifference: 8")
    with TemporaryDirectory() as folder:
        return simulate_plan(assumed(Path(folder), text), REQUEST)


def test_a_plan_finds_the_number_that_the_normal_approximation_leads_to() -> None:
    planned = example()
    assert planned.reached
    for answer in planned.answers:
        guess = first_guess(planned.assumed, answer.design, answer.drop_out, answer.target, 0.8)
        assert answer.n == pytest.approx(guess, rel=0.3, abs=4)
        assert answer.n_low <= answer.n


def test_the_number_found_agrees_with_that_of_statsmodels(tmp_path: Path) -> None:
    request = replace(REQUEST, designs=("parallel",), drop_out=(0.0,), trials=400)
    planned = simulate_plan(assumed(tmp_path), request)
    answer = next(found for found in planned.answers if found.target == APART)
    closed = TTestIndPower().solve_power(5 / math.sqrt(LEFT), power=0.8, alpha=0.05)
    assert answer.n is not None
    assert answer.n_low is not None
    assert answer.n_high is not None
    assert answer.n_low - 1 <= closed <= answer.n_high + 1


def test_a_larger_difference_and_limbs_take_fewer_people() -> None:
    people = {
        (answer.design, answer.target.difference): answer.people
        for answer in example().answers
        if answer.drop_out == 0.1 and answer.target.aim == "superiority"
    }
    assert people["parallel", 8.0] < people["parallel", 5.0] / 1.8
    assert people["within_participant", 5.0] < people["parallel", 5.0] / 3


def test_the_answer_is_told_in_words_with_everything_it_assumes() -> None:
    text = plan_text(example())
    assert "To show that light is as good as heavy within 5 % (5 kg) with 80 % chance" in text
    assert "an arm (" in text
    assert "if each trains one limb with each." in text
    assert "SIMULATED from declared assumptions" in text
    for words in ("gains 40 kg", "Correlation 0.8", "Correlation 0.6", "People leave for good"):
        assert words in text.split("Assumed:")[1]


def test_the_table_and_the_json_hold_the_same_plan() -> None:
    planned = example()
    table, told = plan_table(planned), json.loads(plan_json(planned))
    assert (table["low"] <= table["chance"]).all()
    assert (table["chance"] <= table["high"]).all()
    both = table[table["design"] == "parallel"]
    assert (both["people"] == 2 * both["n"]).all()
    assert set(table["note"]) == {"SIMULATED from assumptions"}
    assert len(told["answers"]) == 2 * 3
    assert told["margin"] == 5.0
    assert told["assumptions"]


def test_a_number_has_the_same_chance_whichever_others_are_tried(tmp_path: Path) -> None:
    what = assumed(tmp_path)
    one = simulate_plan(what, replace(REQUEST, n=(20, 30), trials=100))
    other = simulate_plan(what, replace(REQUEST, n=(30, 40), designs=("parallel",), trials=100))
    wanted = Setting("parallel", 30, 0.1)
    assert [found for found in one.chances if found.setting == wanted] == [
        found for found in other.chances if found.setting == wanted
    ]


def test_shares_have_the_wilson_interval_of_statsmodels() -> None:
    for count, trials in ((0, 50), (17, 50), (450, 500), (500, 500)):
        expected = proportion_confint(count, trials, method="wilson")
        assert wilson(count, trials) == pytest.approx(expected, abs=1e-12)


def test_chances_are_made_to_rise_as_scipy_does() -> None:
    rng = np.random.default_rng(3)
    for _ in range(20):
        values = np.linspace(0, 1, 9) + rng.normal(0, 0.3, 9)
        assert rising(values.tolist()) == pytest.approx(isotonic_regression(values).x)


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ([0.2, 0.5, 0.9], 30),
        ([0.2, 0.5, 0.8], None),
        ([0.95, 0.96, 0.97], 10),
        ([0.5, 0.9, 0.9], 20),
    ],
)
def test_the_smallest_number_is_where_the_curve_first_reaches(
    level: list[float], expected: int | None
) -> None:
    assert crossing(np.array([10.0, 20.0, 30.0]), np.array(level), 0.9) == expected


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("correlation: 0.8", "correlation: 1.2"), "correlation: found 1.2"),
        (("correlation: 0.8", "corelation: 0.8"), "Did you mean 'correlation'"),
        (("margin: 5", "margin: 5\nmargin_pct: 5"), "Give one of margin and margin_pct"),
        (("margin: 5", "note: x"), "neither margin nor margin_pct"),
        (("week: 10", "week: 0"), "Put the visits in order"),
        (("[light, heavy]", "[light, light]"), "'light' against itself"),
        (("unit: kg", "unit: kgg"), "Did you mean 'kg'"),
        (("sd: 10", "sd: 10\nsimulation: {trials: 5}"), "simulation.trials: found 5"),
        (("sd: 10", "sd: 10\nsimulation: {drop_out: [15]}"), "simulation.drop_out.0: found 15"),
        (("sd: 10", "sd: 10\ndifference: 0"), "a difference of 0"),
    ],
)
def test_a_fault_in_a_planning_file_is_told(
    tmp_path: Path, change: tuple[str, str], says: str
) -> None:
    with pytest.raises(InputError) as caught:
        assumed(tmp_path, FILE.replace(*change))
    assert says in str(caught.value)
    assert "mine.yaml:" in str(caught.value)


def ingested(study: str, tmp_path: Path, *, ongoing: bool = False, times: int = 40) -> Path:
    """Results of a large draw of a SIMULATED study."""
    folder = tmp_path / study
    folder.mkdir()
    for name in ("study.yaml", "truth.yaml"):
        text = (ROOT / "data" / study / name).read_text(encoding="utf-8")
        if ongoing and name == "study.yaml":
            text = text.replace("simulated: true", "status: ongoing\nsimulated: true")
        (folder / name).write_text(text, encoding="utf-8")
    rows = simulate(read_truth(folder / "truth.yaml"), 3, times)
    write_simulated(rows, tmp_path / "drawn.csv")
    ingest(folder, CONFIG, tmp_path / "results" / study, tmp_path / "drawn.csv")
    return tmp_path / "results" / study


def test_a_study_of_limbs_gives_back_the_covariances_it_was_drawn_from(tmp_path: Path) -> None:
    what, left = from_study(ingested("sim-limbs", tmp_path), CONFIG, outcome="knee_extension")
    # truth.yaml: people 10², response 3² after the baseline, limb 2², error 2².
    assert what.person == pytest.approx(np.array([[100, 100], [100, 109]]), rel=0.1)
    assert what.limb == pytest.approx(np.array([[8, 4], [4, 8]]), rel=0.15)
    assert what.means == pytest.approx((45, 57), rel=0.03)
    assert what.margin == pytest.approx(0.05 * 45, rel=0.03)
    assert left == pytest.approx(0.06, abs=0.02)


@pytest.mark.parametrize("ongoing", [False, True])
def test_a_study_of_arms_gives_back_the_covariance_it_was_drawn_from(
    tmp_path: Path, ongoing: bool
) -> None:
    results = ingested("sim-load-frequency", tmp_path, ongoing=ongoing, times=20)
    what, _ = from_study(
        results, CONFIG, outcome="leg_press", contrast="light_thrice - heavy_thrice"
    )
    # truth.yaml: people 24², response 8², error 5²; gains 1, 16, 26, 36 by arm.
    gains = np.array([1, 16, 26, 36.0])
    after = 24**2 + 8**2 + 5**2 + (gains.var() if ongoing else 0)
    expected = np.array([[24**2 + 25, 24**2], [24**2, after]])
    assert what.total == pytest.approx(expected, rel=0.1)
    assert what.person == pytest.approx(CONFIG.limb_correlation.value * what.total)
    assert what.means[1] - what.means[0] == pytest.approx(gains.mean() if ongoing else 36, abs=1.5)
    assert any("masked" in words for words in what.statements) == ongoing


def test_what_a_study_does_not_have_is_told(tmp_path: Path) -> None:
    results = ingested("sim-limbs", tmp_path, times=2)
    with pytest.raises(HowlowError, match=r"'knee' is no outcome.*knee_extension"):
        from_study(results, CONFIG, outcome="knee")
    with pytest.raises(HowlowError, match="no contrast of this study"):
        from_study(results, CONFIG, contrast="a - b")
    with pytest.raises(HowlowError, match="there is no such file"):
        from_study(tmp_path / "nowhere", CONFIG)


def test_only_studies_that_compare_two_arms_by_a_margin_are_planned_from() -> None:
    names = {"sim-limbs": True, "published": False, "exscidata-load": True}
    for name, expected in names.items():
        study = read_study(ROOT / "data" / name, CONFIG, files_needed=False)
        assert can_be_planned(study, CONFIG) == expected


def test_the_command_writes_a_plan_and_says_by_its_exit_code_whether_it_was_reached(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, output = tmp_path / "mine.yaml", tmp_path / "plan"
    path.write_text(FILE, encoding="utf-8")
    start = ["plan", "--assumptions", str(path), "--output", str(output), "--trials", "50"]
    start += ["--config", str(ROOT / "config" / "config.yaml"), "--designs", "parallel"]
    assert main([*start, "--n", "20", "80", "--power", "0.7", "--drop-out", "0.1"]) == 0
    assert "To show that light is as good as heavy within 5 kg" in capsys.readouterr().out
    assert sorted(found.name for found in output.iterdir()) == ["plan.csv", "plan.json", "plan.svg"]
    before = {found.name: found.read_bytes() for found in output.iterdir()}
    assert main([*start, "--n", "20", "80", "--power", "0.7", "--drop-out", "0.1"]) == 0
    assert {found.name: found.read_bytes() for found in output.iterdir()} == before
    capsys.readouterr()
    assert main([*start, "--n", "6", "8", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert {answer["n"] for answer in told["answers"]} == {None}
    assert main([*start, "--drop-out", "15"]) == 2
    assert "drop_out.0: found 15" in capsys.readouterr().err
    assert main([*start, "--outcome", "leg_press"]) == 2
    assert main([*start, "--difference", "0"]) == 2
    assert main([*start, "--n", "20"]) == 2


def test_a_chance_is_bounded_by_its_interval() -> None:
    assert all(isinstance(one, Chance) and one.low <= one.high for one in example().chances)
