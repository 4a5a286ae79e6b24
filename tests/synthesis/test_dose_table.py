"""What docs/statistics.md and the guide say of the synthesis is what was measured and what runs."""

import json
import re
from pathlib import Path
from textwrap import dedent

import pytest

from howlow.config.claims import read_claims
from howlow.synthesis import borrowed, pool_influence
from howlow.synthesis.curves import curves, shapes
from howlow.synthesis.meta import small_studies
from howlow.synthesis.network import graph
from howlow.synthesis.pooling import FEW_TRIALS

#: What a row of the table of the first step shows, by the words before its colon.
STEPS = {"shown": "shown_pct", "share in its set": "share_covered_pct"}


@pytest.fixture(scope="module")
def page(repo: Path) -> str:
    return (repo / "docs/statistics.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def measured(repo: Path) -> dict[str, list[dict]]:
    path = repo / "benchmarks/results/dose_response.json"
    return json.loads(path.read_text(encoding="utf-8"))


def table(page: str, start: str) -> tuple[str, list[list[str]]]:
    """The head of a table and the cells of its rows."""
    found = re.search(rf"\| {re.escape(start)}.*?\n\n", page, re.DOTALL)
    assert found, start
    head, _, *rows = found[0].strip().split("\n")
    return head, [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def test_the_rates_of_the_first_step_are_those_that_were_measured(
    page: str, measured: dict[str, list[dict]]
) -> None:
    head, rows = table(page, "first step")
    columns = [cell.strip().split(", ") for cell in head.strip("|").split("|")[1:]]
    cells = {(one["truth"], one["trials"], one["tau"]): one for one in measured["first_step"]}
    assert len(rows) * len(columns) == 2 * len(cells)
    for name, *shown in rows:
        what, truth = name.split(": ")
        for (trials, tau), cell in zip(columns, shown, strict=True):
            found = cells[truth, int(trials), float(tau)]
            assert cell == f"{found[STEPS[what]]:.1f}", (name, trials, tau)


def test_the_first_step_is_not_shown_to_be_the_biggest_more_often_than_it_may(
    measured: dict[str, list[dict]],
) -> None:
    for cell in measured["first_step"]:
        if cell["truth"] != "plateau":
            assert cell["shown_pct"] <= 5 + 3 * cell["error_pct"]


def test_the_coverages_of_curves_are_those_that_were_measured(
    page: str, measured: dict[str, list[dict]]
) -> None:
    _, rows = table(page, "curve, coverage")
    assert len(rows) == len(measured["curves"]) > 0
    cells = {f"{one['truth']}, {one['trials']}": one for one in measured["curves"]}
    for name, *shown, often in rows:
        found = cells[name]
        parts = found["covered_pct"], found["best_alone_pct"]
        assert shown == [f"{part[dose]:.1f}" for part in parts for dose in ("1", "2", "3")], name
        best = max(found["chosen_pct"], key=found["chosen_pct"].get)
        assert often == f"{best}, {found['chosen_pct'][best]:.0f} %", name
        assert found["tau"] == 0.03


def test_what_is_said_of_the_misses_of_curves_is_so(measured: dict[str, list[dict]]) -> None:
    cells = measured["curves"]
    best = max((100 - one["best_alone_pct"]["1"]) / 5 for one in cells)
    assert best == pytest.approx(3.5, abs=0.3)
    twice = {(one["truth"], one["trials"]): (100 - one["covered_pct"]["1"]) / 5 for one in cells}
    assert twice.pop(("emax", 10)) == pytest.approx(2, abs=0.3)
    error = cells[0]["error_pct"]
    assert max(twice.values()) < 1 + 2 * error / 5


def test_the_time_of_a_large_pool_is_the_one_that_was_measured(page: str, repo: Path) -> None:
    text = (repo / "benchmarks/results/pooling.json").read_text(encoding="utf-8")
    found = json.loads(text)
    assert (found["trials"], found["outcomes"]) == (1000, 3)
    seconds = found["cpu_seconds_pool_and_left_out"], found["cpu_seconds_all_rows_all_ages"]
    words = " ".join(page.split())
    assert f"each trial left out takes {seconds[0]:.2f} s of CPU" in words
    assert f"and by age {seconds[1]:.2f} s" in words
    assert seconds[0] < 5


def test_the_constants_of_the_page_are_those_of_the_code(page: str) -> None:
    words = " ".join(page.split())
    assert FEW_TRIALS == 5
    assert "Two to four trials are pooled, shown with their number" in words
    assert "A curve is drawn with five trials and three doses or more" in words
    assert graph.FEW_NODES == 3
    assert "has three nodes, five trials and more comparisons than effects" in words
    assert small_studies.FEWEST == 10
    assert "from ten trials" in words
    assert pool_influence._FEWEST == 3
    assert "from three trials; a verdict where five are left" in words
    assert borrowed.FEWEST_ARMS == 3
    assert "from three arms or more" in words
    assert f"set against {curves.HEAVY:g} % 1RM" in words
    percentiles = [f"{100 * share:g}th" for share in shapes.KNOT_QUANTILES]
    assert f"{percentiles[0]}, {percentiles[1]} and {percentiles[2]} percentile" in words


def test_every_part_of_the_synthesis_has_its_line_in_the_pipeline(repo: Path) -> None:
    text = (repo / "docs/pipeline.md").read_text(encoding="utf-8")
    part = text.partition("## From estimates to pooled evidence")[2].partition("\n## ")[0]
    folder = repo / "workflow/howlow/synthesis"
    named = set(re.findall(r"`(?:synthesis/)?(\w+\.py|\w+/)`", part)) - {"results/"}
    there = {path.name for path in folder.glob("*.py")} - {"__init__.py"}
    there |= {f"{path.parent.name}/" for path in folder.glob("*/__init__.py")}
    assert there == named


def test_the_claim_of_the_guide_is_one_that_can_be_judged(repo: Path, tmp_path: Path) -> None:
    guide = (repo / "docs/new-cohort.md").read_text(encoding="utf-8")
    block = re.search(r"\n    c15:\n(?:     .*\n)+", guide)
    assert block
    claims = (repo / "config/claims.yaml").read_text(encoding="utf-8")
    lines = dedent(block[0]).strip().splitlines()
    added = "\n".join(f"  {line}" for line in lines)
    path = tmp_path / "claims.yaml"
    path.write_text(f"{claims}\n{added}\n", encoding="utf-8")
    found = read_claims(path).claims["c15"]
    assert found.rule is not None
    assert (found.rule.number, found.rule.claimed) == ("contrast", "above_margin")
    assert "c15" not in read_claims(repo / "config/claims.yaml").claims
