"""C15: printed numbers that cannot be are a warning, with the arithmetic shown."""

from pathlib import Path

import pytest

from howlow.config.reading import read_config
from howlow.intake.checking import check_study

STUDY = """\
id: small
kind: summary
title: A table of a paper
caution: [Nothing]
source: {citation: Somebody, licence: CC0}
table: {file: table.csv, steps: []}
columns: {trial: paper, arm: group, outcome: test}
trials_from:
  cite: [paper]
  year: year
  url: https://example.org
  randomised: rct
  arm_label: [group]
  doses: {load_pct_1rm: load}
outcomes:
  chair:
    {label: Chair stands, construct: function, unit: repetitions, measure: count, region: legs}
"""
HEADER = "paper,group,load,test,weeks,n,mean_pre,sd_pre,mean_post,sd_post,rct,year"


@pytest.mark.parametrize(
    ("cells", "count"), [("12.08,3.12,13.25,3.44", 0), ("12.11,3.12,13.25,3.44", 1)]
)
def test_c15_a_mean_that_no_whole_numbers_give(
    tmp_path: Path, repo: Path, cells: str, count: int
) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    (folder / "study.yaml").write_text(STUDY, encoding="utf-8")
    rows = [
        f"Ay 2001,light,30,chair,10,12,{cells},yes,2001",
        "Ay 2001,heavy,80,chair,10,12,11.92,3.06,13.42,3.58,yes,2001",
    ]
    (folder / "table.csv").write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    checked = check_study(folder, read_config([repo / "config" / "config.yaml"]))
    assert checked.sound, checked.findings
    told = [found for found in checked.findings if found.code == "C15" and "(GRIM)" in found.found]
    assert len(told) == count, checked.findings
    for found in told:
        assert (found.severity, found.line) == ("warning", 2)
        assert found.column == "mean_pre"
