"""The tables by which parts and claims are judged, row by row, and the numbers they judge."""

import json
from itertools import chain, combinations, product

import numpy as np
import pytest
from scipy import stats

from howlow.analysis.fitting.fits import Combination
from howlow.config.claim_rules import Rule
from howlow.synthesis.claims.judging import Judge, judge_part
from howlow.synthesis.claims.numbers import TrialNumber, averaged
from howlow.synthesis.claims.pooled import older_less_young, together
from howlow.synthesis.claims.verdicts import (
    BETWEEN,
    CITED,
    CONTRADICTED,
    INSIDE,
    NO_DATA,
    NOT_SHOWN,
    OUTSIDE,
    PARTLY,
    SUPPORTED,
    Places,
    claim_verdict,
    part_verdict,
    place_of,
    weakest_verdict,
)

MARGIN = float(np.log(1.05))
ABOVE = Rule(number="contrast", claimed="above_zero")


def trial(
    name: str, estimate: float, se: float = 0.01, df: float = np.inf, **fields
) -> TrialNumber:
    return TrialNumber(
        study=name,
        cite=name,
        construct="strength",
        age=fields.pop("age", "young"),
        estimate=estimate,
        value=Combination(estimate, se, df) if se else None,
        scale="log_ratio",
        n=20.0,
        contrast="a - b",
        at="week_12",
        weeks=12.0,
        **fields,
    )


def several(*estimates: float, **fields) -> list[TrialNumber]:
    return [trial(f"t{k}", estimate, **fields) for k, estimate in enumerate(estimates)]


def judged(numbers: list[TrialNumber], rule: Rule = ABOVE, **fields) -> str:
    return judge_part(numbers, Judge(rule, MARGIN, 0.05, **fields)).verdict


@pytest.mark.parametrize(
    ("claimed", "estimate", "expected"),
    [
        ("above_zero", 0.03, INSIDE),
        ("above_zero", 0.01, BETWEEN),
        ("above_zero", -0.03, OUTSIDE),
        ("below_zero", -0.03, INSIDE),
        ("below_zero", 0.03, OUTSIDE),
        ("above_margin", 0.07, INSIDE),
        ("above_margin", 0.05, BETWEEN),
        ("above_margin", 0.02, OUTSIDE),
        ("below_margin", -0.07, INSIDE),
        ("below_margin", -0.02, OUTSIDE),
        ("below_margin", 0.07, OUTSIDE),
        ("within_margin", 0.0, INSIDE),
        ("within_margin", 0.04, BETWEEN),
        ("within_margin", 0.07, OUTSIDE),
        ("within_margin", -0.07, OUTSIDE),
    ],
)
def test_a_number_lies_inside_outside_or_between(claimed, estimate: float, expected: str) -> None:
    assert place_of(Combination(estimate, 0.01, np.inf), claimed, MARGIN, 0.05) == expected


def test_equivalence_goes_by_two_one_sided_tests() -> None:
    """By scipy: both one-sided P below 0.05 exactly where the number is inside."""
    for estimate in np.linspace(0, 0.06, 61):
        value = Combination(estimate, 0.01, 18.0)
        one_sided = max(
            stats.t.sf((estimate + MARGIN) / 0.01, 18), stats.t.cdf((estimate - MARGIN) / 0.01, 18)
        )
        assert (place_of(value, "within_margin", MARGIN, 0.05) == INSIDE) == (one_sided < 0.05)


def test_without_a_margin_a_region_that_needs_one_is_never_reached() -> None:
    value = Combination(0.5, 0.001, np.inf)
    for claimed in ("above_margin", "below_margin", "within_margin"):
        assert place_of(value, claimed, None, 0.05) == BETWEEN


def test_the_table_of_parts_has_one_verdict_for_each_of_its_rows() -> None:
    """All states of the table, against the table as it is written."""
    for count, number, left, sound in product(
        range(8), (INSIDE, BETWEEN, OUTSIDE), (INSIDE, BETWEEN, OUTSIDE), (INSIDE, BETWEEN)
    ):
        names = [f"t{k}" for k in range(count)]
        left_out = dict.fromkeys(names, left) if count > 1 else {}
        places = Places(number, left_out, sound, dict.fromkeys(names, number))
        if count == 0:
            expected = NO_DATA
        elif number == INSIDE:
            whole = count >= 5 and left == INSIDE and sound == INSIDE
            expected = SUPPORTED if whole else PARTLY
        elif number == OUTSIDE and count >= 2 and left == OUTSIDE:
            expected = CONTRADICTED
        else:
            expected = NOT_SHOWN
        verdict, reason = part_verdict(places, 5)
        assert verdict == expected, places
        assert reason


def test_the_table_of_claims_holds_for_every_set_of_verdicts() -> None:
    """Two aspects, each with every set of verdicts on its parts."""
    words = (SUPPORTED, PARTLY, CONTRADICTED, NOT_SHOWN, NO_DATA)
    sets = list(chain.from_iterable(combinations(words, size) for size in range(1, 6)))
    for strength, muscle in product(sets, sets):
        told = set(strength) | set(muscle)
        lacking = {NO_DATA} in (set(strength), set(muscle))
        with_data = told - {NO_DATA}
        if not with_data:
            expected = NO_DATA
        elif with_data == {SUPPORTED}:
            expected = PARTLY if lacking else SUPPORTED
        elif with_data == {CONTRADICTED}:
            expected = CONTRADICTED
        elif SUPPORTED in with_data or PARTLY in with_data:
            expected = PARTLY
        else:
            expected = NOT_SHOWN
        assert claim_verdict({"strength": strength, "muscle": muscle}) == expected
        assert expected != CITED


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([SUPPORTED, PARTLY], PARTLY),
        ([SUPPORTED, NOT_SHOWN, PARTLY], NOT_SHOWN),
        ([CONTRADICTED, CONTRADICTED], CONTRADICTED),
        ([CONTRADICTED, SUPPORTED], NOT_SHOWN),
        ([CONTRADICTED, NOT_SHOWN], NOT_SHOWN),
    ],
)
def test_the_weakest_verdict_counts(verdicts: list[str], expected: str) -> None:
    assert weakest_verdict(verdicts) == expected


def test_five_trials_that_agree_support_and_four_support_in_part() -> None:
    five = several(0.10, 0.11, 0.09, 0.12, 0.10)
    assert judged(five) == SUPPORTED
    assert judged(five[:4]) == PARTLY
    assert judged([]) == NO_DATA


def test_one_decisive_trial_keeps_a_claim_from_being_supported() -> None:
    """Four trials near nothing and a precise one: without it the interval covers zero."""
    numbers = [trial("big", 0.05, 0.004), *several(0.03, -0.01, 0.04, 0.02, se=0.03)]
    found = judge_part(numbers, Judge(ABOVE, MARGIN, 0.05))
    assert found.verdict == PARTLY
    assert "no longer without big" in found.reason


def test_cautioned_rows_may_not_decide() -> None:
    sound = several(0.10, 0.11, 0.09, 0.12, 0.10)
    cautioned = [trial(n.study, n.estimate, assumed="SD presumed" if k else "") for k, n in
                 enumerate(sound)]  # fmt: skip
    assert judged(sound) == SUPPORTED
    # One sound trial is left: it lies inside, but knows nothing of how much trials differ.
    assert judged(cautioned) == PARTLY
    cautioned[1] = trial("t1", 0.11)
    cautioned[2] = trial("t2", 0.112)
    assert judged(cautioned) == SUPPORTED
    found = judge_part([trial("t0", 0.10, assumed="SD presumed")], Judge(ABOVE, MARGIN, 0.05))
    assert "rests on rows that carry a caution" in found.reason


def test_a_single_trial_contradicts_no_general_claim_but_two_do() -> None:
    assert judged([trial("one", -0.20)]) == NOT_SHOWN
    assert judged(several(-0.200, -0.201)) == CONTRADICTED
    assert judged(several(-0.30, 0.01)) == NOT_SHOWN


def test_whoever_always_loses_is_contradicted_by_one() -> None:
    always = Rule(number="change", claimed="below_zero", always=True)
    losses = several(-0.05, -0.06, -0.055, -0.05, -0.06)
    # Nobody was set against them: a change is no effect, however sure.
    assert judged(losses, always) == PARTLY
    assert judged(losses[:1], always) == NOT_SHOWN
    assert judged([*losses, trial("gained", 0.05)], always) == CONTRADICTED
    assert judged([trial("gained", 0.05)], always) == CONTRADICTED
    assert judged([trial("gained", 0.01)], always) == NOT_SHOWN
    # A gain in kilograms, without a per cent of the start, is a gain as well.
    kilograms = trial("kg", 0.5, se=0.0, in_unit=Combination(0.5, 0.1, 12))
    assert judged([*losses, kilograms], always) == CONTRADICTED
    assert judged([kilograms], always) == CONTRADICTED
    assert judged([*losses, kilograms], Rule(number="change", claimed="below_zero")) == PARTLY
    # The mean lies below zero, but a new trial may find anything.
    varied = several(-0.03, -0.03, -0.15, -0.10, -0.05, -0.12, -0.08, -0.06)
    assert judged(varied, Rule(number="change", claimed="below_zero")) == PARTLY
    assert judged(varied, always) == NOT_SHOWN


def test_equivalence_needs_that_the_trials_could_have_told() -> None:
    alike = Rule(number="contrast", claimed="within_margin")
    numbers = several(0.001, -0.002, 0.0, 0.002, -0.001, assay="baseline")
    assert judged(numbers, alike) == SUPPORTED
    numbers[2] = trial("t2", 0.0)
    found = judge_part(numbers, Judge(alike, MARGIN, 0.05))
    assert found.verdict == NOT_SHOWN
    assert "nothing shows that a difference would have been seen" in found.reason


def test_without_a_margin_nothing_is_judged_by_it() -> None:
    rule = Rule(number="contrast", claimed="above_margin")
    found = judge_part(several(0.5, 0.5), Judge(rule, None, 0.05))
    assert (found.verdict, found.reason) == (NOT_SHOWN, "no margin is declared to judge it by")


def test_measures_that_do_not_mix_stand_side_by_side() -> None:
    assert judged(several(0.1, 0.2, 0.1, 0.1, 0.1, 0.2), mixes=False) == PARTLY
    assert judged(several(0.1, 0.0), mixes=False) == NOT_SHOWN
    assert judged(several(-0.1, -0.2), mixes=False) == CONTRADICTED


def test_trials_without_a_spread_never_count() -> None:
    silent = [trial(f"s{k}", -0.5, se=0.0) for k in range(9)]
    assert judged(silent) == NO_DATA
    five = several(0.10, 0.11, 0.09, 0.12, 0.10)
    assert judged([*five, *silent]) == judged(five) == SUPPORTED


def test_a_verdict_that_depends_on_r_is_its_weakest_value_and_says_so() -> None:
    wide = Combination(0.10, 0.2, np.inf)
    numbers = several(0.10, 0.11, 0.09, 0.12)
    last = trial("t4", 0.10, assumed="correlation before-after 0.89")
    assert judged([*numbers, last]) == SUPPORTED
    # Without the last trial the rest lie inside: a wide reading of it changes nothing.
    loose = trial("t4", 0.10, assumed="r", readings={"r_low": wide})
    assert judged([*numbers, loose]) == SUPPORTED
    alone = trial("one", 0.10, readings={"r_low": wide, "limb_r_high": Combination(0.1, 0.01, 9)})
    found = judge_part([alone], Judge(ABOVE, MARGIN, 0.05))
    assert (found.verdict, found.depends_on) == (NOT_SHOWN, ("r",))
    assert "depends on r" in found.reason


def test_ages_are_set_against_each_other_only_where_both_are_there() -> None:
    ages = Rule(number="ages", claimed="below_zero")
    old = [trial(f"o{k}", -0.10 - 0.001 * k, age="older") for k in range(3)]
    young = [trial(f"y{k}", -0.02 - 0.001 * k) for k in range(3)]
    found = judge_part(old, Judge(ages, MARGIN, 0.05))
    assert (found.verdict, found.reason) == (NO_DATA, "only older people were followed")
    found = judge_part([*old, *young], Judge(ages, MARGIN, 0.05))
    assert found.verdict == SUPPORTED
    assert found.whole is not None
    assert found.whole.value.estimate == pytest.approx(-0.08, abs=1e-3)
    assert judged([*young, *(trial(n.study, -n.estimate, age="older") for n in old)], ages) == (
        CONTRADICTED
    )


def test_the_mean_over_trials_is_that_of_metafor(repo) -> None:
    """metafor 3.8-1: rma(yi, vi, method = "REML", test = "knha"), whose factor is above one."""
    records = json.loads((repo / "tests/oracle/oracle.json").read_text(encoding="utf-8"))
    said = records["meta_knha"]
    values = [Combination(y, v**0.5, np.inf) for y, v in zip(said["yi"], said["vi"], strict=True)]
    found = together(values)
    assert found.value.estimate == pytest.approx(said["est"], rel=1e-6)
    assert found.value.se == pytest.approx(said["se"], rel=1e-6)
    assert found.value.interval(0.95) == pytest.approx(said["ci"], rel=1e-6)
    assert found.prediction is not None
    assert found.prediction.se**2 == pytest.approx(said["se"] ** 2 + said["tau2"], rel=1e-6)


def test_one_trial_is_itself_and_two_ages_differ_as_welch_has_it() -> None:
    rng = np.random.default_rng(3)
    old, young = rng.normal(-1, 1, 12), rng.normal(0, 2, 9)

    def value(sample: np.ndarray) -> Combination:
        return Combination(sample.mean(), stats.sem(sample), len(sample) - 1)

    assert together([value(old)]).value == value(old)
    found = older_less_young([value(old), value(young)], [True, False])
    welch = stats.ttest_ind(old, young, equal_var=False)
    assert found is not None
    assert found.value.p == pytest.approx(welch.pvalue)
    assert found.value.df == pytest.approx(welch.df)
    assert older_less_young([value(old)], [True]) is None


def test_groups_of_one_trial_are_averaged_by_their_precision() -> None:
    found = averaged([Combination(1.0, 1.0, 10), Combination(4.0, 2.0, 10)])
    assert found.estimate == pytest.approx((1.0 + 4.0 / 4) / 1.25)
    assert found.se == pytest.approx(1.25**-0.5)
    assert 10 < found.df < 20
