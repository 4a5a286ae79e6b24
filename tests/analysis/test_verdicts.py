"""A verdict is an interval against a margin, and nothing else."""

import pytest

from howlow.analysis.estimates import ESTIMATE_COLUMNS, Intervals
from howlow.analysis.verdicts import judge, weakest

CASES = [
    # 95 % interval, 90 % interval, margin, assay sensitivity, verdict
    ((6, 12), (7, 11), 5, True, "different (by more than the margin)"),
    ((-12, -6), (-11, -7), 5, True, "different (by more than the margin)"),
    ((1, 12), (2, 11), 5, True, "different (size unsettled)"),
    ((1, 4), (1.5, 3.5), 5, True, "different but trivial"),
    ((-2, 4), (-1, 3), 5, True, "equivalent"),
    ((-2, 4), (-1, 3), 5, False, "inconclusive: cannot tell from no training"),
    ((-2, 9), (-1, 8), 5, True, "inconclusive"),
    ((-6, 4), (-4.9, 3), 5, True, "equivalent"),
    ((-6, 4), (-5.1, 3), 5, True, "inconclusive"),
    ((1, 4), (1.5, 3.5), None, True, ""),
    ((0.06, 0.2), (0.07, 0.19), 0.049, True, "different (by more than the margin)"),
]


@pytest.mark.parametrize(("interval", "equivalence", "margin", "assay", "verdict"), CASES)
def test_a_verdict_follows_from_the_intervals(
    interval, equivalence, margin, assay, verdict
) -> None:
    found = Intervals(
        estimate=sum(interval) / 2,
        se=1,
        df=10,
        ci_low=interval[0],
        ci_high=interval[1],
        ci_level=0.95,
        eq_low=equivalence[0],
        eq_high=equivalence[1],
    )
    assert judge(found, margin, assay_sensitive=assay) == verdict


@pytest.mark.parametrize(
    ("verdicts", "left"),
    [
        (["equivalent", "equivalent"], "equivalent"),
        (["equivalent", "inconclusive"], "inconclusive"),
        (["equivalent", "different (size unsettled)"], "inconclusive"),
        (
            ["different (by more than the margin)", "different (size unsettled)"],
            "different (size unsettled)",
        ),
        (["different but trivial", "inconclusive"], "inconclusive"),
        (["", ""], ""),
    ],
)
def test_a_verdict_that_changes_is_its_weakest_value(verdicts: list[str], left: str) -> None:
    assert weakest(verdicts) == left


def test_the_columns_of_the_public_table_are_these() -> None:
    assert ",".join(ESTIMATE_COLUMNS) == (
        "estimate_id,study,collection,kind,construct,outcome,population,estimand,tier,contrast,at,"
        "scale,estimate,se,df,ci_low,ci_high,ci_level,eq_low,eq_high,margin,verdict,p,p_adjusted,"
        "n_to_settle,unit,method,n_participants,n_observations,n_studies,converged,boundary,"
        "assumed,note"
    )
