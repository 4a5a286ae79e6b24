"""docs/statistics.md says what the code does: its constants, words, files and error rates."""

import json
import re
from pathlib import Path

import pytest

from howlow.analysis import feasibility
from howlow.analysis.fitting import arm_sizes, structures
from howlow.analysis.verdicts import STRENGTH

#: What a row of the table of error rates shows, by the word before its colon.
COLUMNS = {"": "type_1", "false claims": "false_claims", "half width": "half_width"}


@pytest.fixture(scope="module")
def page(repo: Path) -> str:
    return (repo / "docs/statistics.md").read_text(encoding="utf-8")


def test_every_verdict_is_explained(page: str) -> None:
    for verdict in STRENGTH:
        assert f"\n| {verdict} |" in page


def test_the_constants_of_the_chain_are_those_of_the_code(page: str) -> None:
    visit, slot, spare = (
        structures.PEOPLE_A_VISIT,
        structures.PEOPLE_A_SLOT,
        structures.SPARE_COMPLETE,
    )
    assert f"{visit} people a visit; visits + arms + {spare} people seen at every visit" in page
    assert f"{4 * slot} people, {4 + 2 + spare} of them with all four values" in page
    assert f"more than {arm_sizes.UNLIKE_NUMBERS:g}\ntimes the people of the smallest" in page
    fewest, spare = arm_sizes.COMPLETE_AN_ARM, arm_sizes.SPARE_AN_ARM
    assert f"{fewest} people of each arm seen at every visit, and {spare} more than there" in page
    assert (feasibility.FEWEST_OF_AN_ARM, feasibility.FEWEST) == (2, 6)
    assert "An arm needs two people, and all compared arms together six" in page


def test_every_file_that_is_named_is_there(page: str, repo: Path) -> None:
    named = re.findall(r"`((?:analysis|benchmarks|config|tests)/[\w/.-]+\.(?:py|json|yaml))`", page)
    assert len(set(named)) > 5
    for name in named:
        path = repo / "workflow/howlow" / name if name.startswith("analysis/") else repo / name
        assert path.is_file(), name


def test_the_error_rates_are_those_that_were_measured(page: str, repo: Path) -> None:
    """The table whose first column names cells of the file, and whose other columns are sizes."""
    text = (repo / "benchmarks/results/analysis_calibration.json").read_text(encoding="utf-8")
    measured = json.loads(text)["cells"]
    head, _, *rows = re.search(r"\| trials, type-I.*?\n\n", page, re.DOTALL)[0].strip().split("\n")
    sizes = re.findall(r"\d+", head.partition("|")[2].partition("|")[2])
    compared = 0
    for row in rows:
        name, *cells = (cell.strip() for cell in row.strip("|").split("|"))
        for n, cell in zip(sizes, cells, strict=True):
            if not cell:
                continue
            what, _, cell_name = name.rpartition(": ")
            found = measured[f"{cell_name}, n = {n}"][COLUMNS[what]]
            shown = f"{found:.2f}" if what == "half width" else f"{round(found, 1):.1f}"
            assert cell == shown, (name, n)
            compared += 1
    assert compared > 20
