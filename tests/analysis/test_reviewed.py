"""Rules that hold between parts of the analysis, found wanting by recomputing a whole run."""

from dataclasses import replace

import numpy as np
import pytest
from small_trials import CONFIG, analysed, cohort_of_wide, trial_of

from howlow.analysis.contrasts import ContrastRows
from howlow.analysis.estimand.cards import card
from howlow.analysis.estimates import Estimate
from howlow.analysis.fitting.structures import STRUCTURES
from howlow.analysis.methods import method_names
from howlow.analysis.primary import primary_analysis
from howlow.analysis.questions.several_arms import holm
from howlow.analysis.sample_size import Observed, n_to_settle
from howlow.analysis.tiers import weakened
from howlow.analysis.units import Unit
from howlow.analysis.verdicts import (
    DIFFERENT,
    EQUIVALENT,
    INCONCLUSIVE,
    NO_ASSAY,
    TRIVIAL,
    weakest,
)
from howlow.config.trial import Arm, Contrast


def still(arms: tuple[str, ...], people: int = 60, gain: float = 0.0) -> np.ndarray:
    """Values before and after of people whose arms all gain the same, with little noise."""
    rng = np.random.default_rng(4)
    before = rng.normal(100, 10, people)
    after = before + gain + rng.normal(0, 2, people)
    return cohort_of_wide(np.stack([before, after], axis=1), np.arange(people) % len(arms), arms)


def row(**changes: object) -> Estimate:
    """A raw row of a secondary outcome whose size is not settled."""
    found = n_to_settle(Observed(1.0, 40.0, 20.0), 3.0, DIFFERENT, 2.2, 0.9, 0.05)
    fields = {
        "study": "small", "collection": "", "kind": "participants", "construct": "strength",
        "outcome": "press", "population": "", "estimand": "", "tier": "secondary",
        "contrast": "light - heavy", "at": "post", "scale": "raw", "estimate": 2.2, "p": 0.034,
        "verdict": DIFFERENT, "n_to_settle": found.n, "unit": "kg", "method": "clda-unstructured",
        "note": f"SIMULATED; {found.n} participants an arm {found.words}",
    }  # fmt: skip
    return Estimate(**(fields | changes))


@pytest.mark.parametrize("gain", [0.0, -10.0])
def test_to_be_like_an_arm_that_does_not_train_needs_no_other_proof(gain: float) -> None:
    arms = ("exercise", "control")
    untrained = {
        "exercise": Arm(label="Exercise", sessions_per_week=3),
        "control": Arm(label="Control", sessions_per_week=0),
    }
    _, asked, found = analysed(still(arms, gain=gain), arms=untrained)
    assert asked.control == "control"
    assert found.verdict.tolist() == [EQUIVALENT]
    # Between two arms that train, nothing gained is nothing shown.
    _, asked, found = analysed(still(arms, gain=gain))
    assert asked.control == ""
    assert found.verdict.tolist() == [NO_ASSAY]


def test_of_two_arms_that_do_not_train_the_reference_is_the_control() -> None:
    arms = ("protein", "placebo", "heavy")
    cohort = still(arms)
    declared = trial_of(
        cohort,
        arms={
            "protein": Arm(label="Protein", sessions_per_week=0),
            "placebo": Arm(label="Placebo", sessions_per_week=0),
            "heavy": Arm(label="Heavy", sessions_per_week=3),
        },
        contrasts=(
            Contrast(contrast="protein - placebo", question="supplement"),
            Contrast(contrast="protein - heavy", question="training"),
        ),
    )
    asked = [
        card(declared, CONFIG, "press", one.contrast, cohort.visits[-1])
        for one in declared.contrasts
    ]
    assert [one.control for one in asked] == ["placebo", "protein"]
    assert primary_analysis(cohort, asked[0]).assay == "the reference does not train"


def test_an_interval_is_simultaneous_over_the_comparisons_that_were_made() -> None:
    whole = still(("a", "b", "c", "control"))
    last = whole.visits[-1]
    # Nobody of the third arm was seen after.
    cohort = whole.keep((whole.arm != 2) | (whole.visit == 0))
    declared = trial_of(
        cohort,
        contrasts=tuple(
            Contrast(contrast=f"{arm} - control", question="training") for arm in "abc"
        ),
    )
    asked = card(declared, CONFIG, "press", "a - control", last)
    unit = Unit(declared, "press", "", cohort.visits[0], (last,), cohort, has_levels=True)
    found = primary_analysis(cohort, asked)
    raw, ratio, *_ = ContrastRows(unit, last, CONFIG, found.fitted.cohort).primary(found)
    assert "over 2 comparisons" in raw.note
    alone = found.value.one().interval(0.95)
    assert raw.ci_low < alone[0] < alone[1] < raw.ci_high
    # The log ratio goes into pools, where a trial's interval is its own: it says so.
    assert "this comparison alone" in ratio.note


def test_a_number_that_would_settle_one_verdict_does_not_stand_beside_another() -> None:
    rows = [row(), row(outcome="pull", p=0.4), row(outcome="squat", tier="primary", p=0.01)]
    found = holm(rows, 0.05)
    assert rows[0].n_to_settle is not None
    assert found[0].verdict == INCONCLUSIVE
    assert found[0].n_to_settle is None
    assert found[0].note == "SIMULATED; not after Holm's adjustment over 2 outcomes"
    # Where the verdict stands its number does, too.
    kept = holm([replace(rows[0], p=0.001), *rows[1:]], 0.05)
    assert kept[0].n_to_settle == rows[0].n_to_settle
    assert "to settle its size" in kept[0].note


def test_a_verdict_weakened_by_an_assumption_drops_the_number_of_the_stronger_one() -> None:
    other = row(
        method="clda-unstructured[r_low]", tier="sensitivity", verdict=INCONCLUSIVE,
        n_to_settle=None, note="",
    )  # fmt: skip
    main, _ = weakened([row(), other])
    assert (main.verdict, main.n_to_settle) == (INCONCLUSIVE, None)
    assert main.note == "SIMULATED; depends on r"


@pytest.mark.parametrize(
    ("verdicts", "left"),
    [
        # Both lie inside the margin; only one shows that they differ at all.
        ([EQUIVALENT, TRIVIAL], EQUIVALENT),
        ([TRIVIAL, EQUIVALENT], EQUIVALENT),
        ([TRIVIAL, DIFFERENT], DIFFERENT),
        ([EQUIVALENT, TRIVIAL, DIFFERENT], INCONCLUSIVE),
        ([EQUIVALENT, NO_ASSAY], NO_ASSAY),
    ],
)
def test_readings_that_agree_on_the_margin_settle_it(verdicts: list[str], left: str) -> None:
    assert weakest(verdicts) == left


def test_every_structure_is_told_by_its_own_words() -> None:
    for name, structure in STRUCTURES.items():
        for family in ("clda", "mmrm", "change"):
            assert structure.words in method_names(f"{family}-{name}")[1]
    assert "person-by-visit-ar1h" in STRUCTURES
