"""The specification curve shows what the table of choices says, and nobody's name."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import cohort
import matplotlib
import pytest
from matplotlib.lines import Line2D
from test_layout import clashes

from howlow.analysis import verdicts
from howlow.analysis.estimates import read_estimates
from howlow.analysis.robustness.multiverse import MULTIVERSE_COLUMNS
from howlow.data.declaration import read_declaration
from howlow.present import drawing
from howlow.present.specification import (
    Specification,
    agreement,
    read_choices,
    specification,
)
from howlow.present.specification_curve import VERDICT_STYLES, draw_specification
from howlow.present.specification_words import specification_alt, specification_caption
from howlow.present.theme import PAGE_WIDTH, RC

DIFFERENT, NOTHING = verdicts.DIFFERENT, verdicts.INCONCLUSIVE
#: name, what differs, estimate, half width, verdict, whether it agrees.
ROWS: list[tuple[str, dict[str, str], float, float, str, bool]] = [
    ("primary", {}, -2.04, 1.58, DIFFERENT, True),
    ("satterthwaite", {"inference": "satterthwaite"}, -2.04, 1.5, DIFFERENT, True),
    ("slope", {"covariance": "slope"}, -1.9, 1.6, DIFFERENT, True),
    ("change", {"model": "change", "population": "completers"}, -1.2, 2.4, NOTHING, False),
    ("r_low", {"population": "r_low"}, -2.5, 90.0, NOTHING, False),
]
LEFT_OUT = [(-2.4, DIFFERENT, True), (-2.0, DIFFERENT, True), (-1.1, NOTHING, False)]
#: Inches from the left, between the legend and the curve.
LEGEND_END = 2.0
USUAL = {
    "model": "constrained longitudinal",
    "covariance": "unstructured",
    "inference": "kenward-roger",
    "baseline": "one for all arms",
    "covariates": "",
    "population": "all",
    "scale": "unit",
}


def row(study: str, at: str, **changes: Any) -> dict[str, Any]:
    fixed = {"study": study, "outcome": "csa", "contrast": "light - heavy", "at": at, "se": 0.5}
    return {**fixed, **USUAL, "df": 3.0, "margin": 1.0, "n_participants": 4, **changes}


def limits(estimate: float, half: float) -> dict[str, float]:
    low, high = estimate - half, estimate + half
    inner = {"eq_low": estimate - 0.7 * half, "eq_high": estimate + 0.7 * half}
    return {"estimate": estimate, "ci_low": low, "ci_high": high, **inner}


def rows(study: str, at: str, left_out: bool) -> list[dict[str, Any]]:
    found = [
        row(study, at, choice=name, words=f"words of {name}", left_out=False, verdict=verdict,
            agrees=agrees, **limits(estimate, half), **more)
        for name, more, estimate, half, verdict, agrees in ROWS
    ]  # fmt: skip
    found[-1]["words"] = "another reading: r_low"
    for place, (estimate, verdict, agrees) in enumerate(LEFT_OUT if left_out else []):
        said = {"choice": f"one-left-out-{place + 1}", "words": "without one participant"}
        found.append(row(study, at, **said, left_out=True, verdict=verdict, agrees=agrees,
                         **limits(estimate, 1.6)))  # fmt: skip
    return found


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = cohort.write_results(tmp_path_factory.mktemp("choices"))
    tables = {
        "limbs": rows("limbs", "post", left_out=True),
        "simulated": rows("simulated", "post", left_out=True),
        "printed": [
            *rows("one-2001", "week_10", left_out=False),
            *rows("two-2002", "week_10", left_out=False)[:3],
        ],
    }
    for study, listed in tables.items():
        with (folder / study / "multiverse.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, MULTIVERSE_COLUMNS)
            writer.writeheader()
            writer.writerows(listed)
    return folder


@pytest.fixture(scope="module")
def curves(results: Path, repo: Path) -> dict[str, Specification]:
    found = drawing.figures(results, cohort.config(repo))
    return {one.study: one for one in found if isinstance(one, Specification)}


def draw(shown: Specification) -> matplotlib.figure.Figure:
    with matplotlib.rc_context(RC):
        return draw_specification(shown)


def test_limbs_simulated_and_printed_trials_have_one_and_too_few_choices_none(
    curves: dict[str, Specification],
) -> None:
    assert sorted(curves) == ["limbs", "one-2001", "simulated"]


def test_an_interim_look_has_no_verdicts_and_no_curve(results: Path, repo: Path) -> None:
    trial = read_declaration(results / "limbs" / "study.json").trials[0]
    table = read_estimates(results / "estimates.csv")
    mine = table[table["study"] == "limbs"].copy()
    choices, config = read_choices(results / "limbs" / "multiverse.csv"), cohort.config(repo)
    assert specification(trial, mine, choices, config) is not None
    mine["note"] = "interim look 1 (2026-03-01): the board asked"
    assert specification(trial, mine, choices, config) is None


def test_choices_stand_by_size_and_the_primary_one_is_told_apart(
    curves: dict[str, Specification],
) -> None:
    sizes = [choice.estimate for choice in curves["limbs"].choices]
    assert sizes == sorted(found[2] for found in ROWS)
    assert curves["limbs"].primary.name == "primary"
    assert [one.estimate for one in curves["limbs"].left_out] == [-2.4, -2.0, -1.1]


def test_the_shares_are_counted_without_the_primary_analysis(
    curves: dict[str, Specification], results: Path
) -> None:
    table = read_choices(results / "limbs" / "multiverse.csv")
    (mine,) = table.values()
    assert agreement(mine).words == ("2 of 4 other choices agree; 2 of 3 with one person left out")
    assert curves["one-2001"].agreement.words == "2 of 4 other choices agree"


def test_the_matrix_holds_only_what_differs_the_usual_value_first(
    curves: dict[str, Specification],
) -> None:
    assert curves["limbs"].rows == (
        ("model", ("constrained longitudinal", "change")),
        ("covariance", ("unstructured", "random slope")),
        ("inference", ("Kenward-Roger", "Satterthwaite")),
        ("population", ("everybody", "completers")),
        ("reading", ("as declared", "lowest r over time")),
    )


def test_every_verdict_has_a_shape_of_its_own() -> None:
    words = {
        value for name, value in vars(verdicts).items() if name.isupper() and type(value) is str
    }
    assert words <= set(VERDICT_STYLES)
    told = [style for verdict, style in VERDICT_STYLES.items() if verdict]
    assert len(set(told)) == len(told) == len({shape for shape, _ in told})


def test_no_text_touches_another_and_all_figures_are_as_wide(
    curves: dict[str, Specification],
) -> None:
    for shown in curves.values():
        figure = draw(shown)
        assert clashes(figure) == []
        assert figure.get_size_inches()[0] == pytest.approx(PAGE_WIDTH)


def test_estimates_are_drawn_in_order_and_an_endless_interval_is_cut_with_an_arrow(
    curves: dict[str, Specification],
) -> None:
    lines = [line for line in draw(curves["limbs"]).findobj(Line2D) if len(line.get_xdata()) == 1]
    shapes = {style[0] for style in VERDICT_STYLES.values()}
    # Shapes of the legend stand left of the curve; the primary one is larger.
    drawn = [
        (line.get_xdata()[0], line.get_ydata()[0])
        for line in lines
        if line.get_marker() in shapes
        and line.get_markersize() >= 5
        and line.get_xdata()[0] > LEGEND_END
    ]
    heights = [y for _, y in sorted(drawn)]
    # The page counts from its top: what is higher has the smaller number.
    assert heights == sorted(heights, reverse=True)
    assert len(heights) == len(ROWS)
    arrows = [line for line in lines if line.get_markersize() == 3.5]
    assert len(arrows) == 2, "the reading with the endless interval leaves both ends"


def test_words_for_who_cannot_see_it_hold_the_numbers(curves: dict[str, Specification]) -> None:
    alt = specification_alt(curves["limbs"])
    assert "−2.0 [−3.6, −0.5] cm², different (size unsettled)" in alt
    assert "2 of 4 other choices agree" in alt
    assert "from −2.50 to −1.20 cm²" in alt
    assert "words of change: inconclusive" in alt
    assert "another reading: correlation before-after at its lowest: inconclusive" in alt
    assert "without one participant, each in turn" in specification_caption(curves["limbs"])
    assert "participant" not in specification_caption(curves["one-2001"])


def test_nobody_is_named_and_simulated_ones_say_so(results: Path, repo: Path) -> None:
    output = results / "figures"
    drawing.draw(results, cohort.config(repo), output, formats=("svg",), processes=1)
    index = json.loads((output / "index.json").read_text(encoding="utf-8"))
    entries = {entry["stem"]: entry for entry in index if entry["kind"] == "choices"}
    assert len(entries) == 3
    for stem, entry in entries.items():
        root = ElementTree.parse(output / f"{stem}.svg").getroot()
        text = " ".join("".join(found.itertext()) for found in root.iter() if found.text)
        assert "left-out" not in text
        assert not {f"P{person}" for person in range(1, 5)} & set(text.split())
        simulated = "simulated" in stem
        said = [("SIMULATED" in found) == simulated for found in (text, entry["alt"])]
        assert said == [True, True]
        assert entry["individuals"] == ("one-2001" not in stem)
