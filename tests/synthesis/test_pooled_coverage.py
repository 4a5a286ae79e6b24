"""The table of coverages in docs/statistics.md is the one that was measured."""

import json
import re
from pathlib import Path

import pytest

#: What a row of the table shows, by the word before its colon.
INTERVALS = {"two stages": "hksj", "one stage": "one_stage"}


@pytest.fixture(scope="module")
def cells(repo: Path) -> dict[str, dict]:
    path = repo / "benchmarks/results/synthesis_calibration.json"
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def test_the_coverages_in_the_page_are_those_that_were_measured(
    repo: Path, cells: dict[str, dict]
) -> None:
    page = (repo / "docs/statistics.md").read_text(encoding="utf-8")
    table = re.search(r"\| interval, coverage in %.*?\n\n", page, re.DOTALL)
    assert table
    head, _, *rows = table[0].strip().split("\n")
    sizes = re.findall(r"\d+", head.partition("K =")[2])
    assert sizes == ["3", "5", "10"]
    compared = 0
    for row in rows:
        name, *shown = (cell.strip() for cell in row.strip("|").split("|"))
        word, _, cell_name = name.rpartition(": ")
        stages, tau = cell_name.split(", ")
        for k, cell in zip(sizes, shown, strict=True):
            found = cells[f"{stages}, K = {k}, {tau}"]
            assert cell == f"{found[word or INTERVALS[stages]]['coverage']:.1f}", (name, k)
            compared += 1
    assert compared == 36


def test_one_stage_and_two_stages_agree_in_every_cell(cells: dict[str, dict]) -> None:
    one_stage = [cell for name, cell in cells.items() if name.startswith("one stage")]
    assert len(one_stage) == 9
    for cell in one_stage:
        assert cell["not_converged"] == 0
        assert abs(cell["difference"]) < 3 * cell["difference_error"]
