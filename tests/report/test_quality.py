"""The data-quality section: flow, what is missing, codes, units, deviations and findings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from example import IDS, write_example
from test_page import Element, read

from howlow.data.measurements import findings_table, read_table, write_table, write_text
from howlow.findings import Finding
from howlow.report.page import render

HEAD = "study,arm,visit,outcome,reason,planned,people,measured,missing,left\n"
FLOW = HEAD + (
    "own,light,,,,15,14,13,1,3\n"
    "own,light,pre,,,,14,13,1,1\n"
    "own,light,pre,squat,,,14,13,1,\n"
    "own,light,week_8,,,,14,11,3,3\n"
    "own,light,week_8,squat,,,14,10,4,\n"
    "own,light,,,knee </script> pain,,,,,3\n"
    "own,heavy,,,,15,12,12,0,0\n"
    "own,heavy,pre,squat,,,12,12,0,\n"
    "own,heavy,week_8,squat,,,12,12,0,\n"
)
PEOPLE = "study,participant,arm,sex,age\n" + "".join(
    f"own,{IDS[0]}{k},light,{'F' if k % 2 else 'M'},{60 + k}\n" for k in range(12)
)


def finding(code: str, severity: str, study: str, found: str, column: str = "squat") -> Finding:
    return Finding(code, severity, "data/own/raw.csv", 0, column, found, "Look", study)  # type: ignore[arg-type]


def add(folder: Path, *findings: Finding) -> None:
    """Further rows of findings.csv."""
    known = read_table(folder / "findings.csv", text=None)
    more = findings_table(findings).astype("object")
    import pandas as pd

    write_table(pd.concat([known.astype("object"), more]), folder / "findings.csv")


def page(folder: Path, repo: Path, *findings: Finding, **declared: object) -> Element:
    """The page of the example with a flow, these findings, and more in the own study's file."""
    config = write_example(folder, repo)
    for study in ("own", "sim-own"):
        write_text(FLOW.replace("own,", f"{study},"), folder / study / "flow.csv")
        write_text(PEOPLE, folder / study / "participants.csv")
    if declared:
        path = folder / "own" / "study.json"
        both = json.loads(path.read_text(encoding="utf-8"))
        both["study"] |= declared
        write_text(json.dumps(both), path)
    add(folder, *findings)
    return read(render(folder, config))


@pytest.fixture(scope="module")
def section(tmp_path_factory: pytest.TempPathFactory, repo: Path) -> Element:
    folder = tmp_path_factory.mktemp("quality")
    whole = page(
        folder,
        repo,
        finding("C04", "note", "own", "4 cells are -99, a code for missing"),
        finding("C09", "note", "own", "lb turned into kg in 28 cells"),
        deviations=["The scanner was replaced in March."],
    )
    return whole.one(id="findings")


def rows(table: Element) -> list[list[str]]:
    """The cells of a table, row by row."""
    return [[cell.text for cell in row.children] for row in table.all("tr")]


def test_the_contents_lead_to_it(tmp_path: Path, repo: Path) -> None:
    whole = page(tmp_path, repo)
    (link,) = whole.one("nav").all("a", href="#findings")
    assert link.text == "Data quality"
    assert whole.one(id="findings").one("h2").text == "Data quality"


def test_the_flow_stands_in_numbers(section: Element) -> None:
    shown = rows(section.all("table", **{"class": "counts"})[0])
    assert shown[0] == ["Visit", "People", "Measured", "Missing", "Left"]
    assert shown[1][0].startswith("Light < 40 % & more")
    assert "15 planned, 14 participants, 1 never measured, 3 left" in shown[1][0]
    assert "Why: knee </script> pain: 3" in shown[1][0]
    assert shown[2] == ["Before", "14", "13", "1", "1"]
    assert shown[3] == ["Week 8", "14", "11", "3", "3"]


def test_what_is_missing_stands_by_outcome_visit_and_arm(section: Element) -> None:
    shown = rows(section.all("table", **{"class": "counts"})[1])
    assert shown[0] == ["Visit", "Light < 40 % & more", "Heavy"]
    assert shown[1] == ["Squat 1RM"]
    assert shown[2:4] == [["Before", "1 of 14", "0 of 12"], ["Week 8", "4 of 14", "0 of 12"]]


def test_codes_units_deviations_and_people_alike_are_told(section: Element) -> None:
    facts = {pair.one("dt").text: pair.one("dd").text for pair in section.one("dl").children}
    assert facts["Codes taken for missing"] == "Squat 1RM: 4 cells are -99, a code for missing"
    assert facts["Unit conversions"] == "Squat 1RM: lb turned into kg in 28 cells"
    assert facts["Known deviations"] == "The scanner was replaced in March."
    assert "sex and age in bands of 10 years has 1 person, fewer than 5" in facts["People alike"]
    assert facts["Noticed"] == "1 warning"
    assert "-99" not in section.all("table", **{"class": "findings"})[0].text


def test_nobody_can_be_told_from_it(section: Element) -> None:
    assert not [name for name in IDS if name in section.text]


def test_an_ongoing_study_says_that_its_arms_are_masked(tmp_path: Path, repo: Path) -> None:
    config = write_example(tmp_path, repo)
    path = tmp_path / "own" / "study.json"
    both = json.loads(path.read_text(encoding="utf-8"))
    both["study"]["status"] = "ongoing"
    write_text(json.dumps(both), path)
    text = FLOW.replace("light", "masked").replace("own,heavy,,,,15,12,12,0,0\n", "")
    kept = "".join(line for line in text.splitlines(keepends=True) if "heavy" not in line)
    write_text(kept, tmp_path / "own" / "flow.csv")
    section = read(render(tmp_path, config)).one(id="findings")
    assert "ongoing: everything is shown for all arms together" in section.text
    assert "All arms together (masked)" in section.text
    for table in section.all("table", **{"class": "counts"}):
        assert "Heavy" not in table.text


def test_many_findings_of_a_study_are_folded_by_their_code(tmp_path: Path, repo: Path) -> None:
    many = [finding("K07", "warning", "own", f"thing {k}") for k in range(30)]
    section = page(tmp_path, repo, *many).one(id="findings")
    folded = [found.one("summary").text for found in section.all("details")]
    assert "K07 Visit missing: 31 warnings" in folded
    assert "31 warnings, by their codes:" in section.text


def test_hundreds_of_findings_of_papers_are_counted_and_folded(tmp_path: Path, repo: Path) -> None:
    many = [
        finding(code, "warning", trial, f"mean {k} does not fit")
        for trial in ("alpha-2001", "beta-2002")
        for code, count in (("D01", 70), ("D05", 3))
        for k in range(count)
    ]
    section = page(tmp_path, repo, *many).one(id="findings")
    assert "146 findings in 2 trials." in section.text
    table = next(
        found for found in section.all("table", **{"class": "counts"}) if "D01" in found.text
    )
    assert rows(table)[1:] == [
        ["D01 SD or standard error?warning", "140", "2", "Look"],
        ["D05 Id used for twowarning", "6", "2", "Look"],
    ]
    folded = [found.one("summary").text for found in section.all("details")]
    assert "Beta 2002 D01 × 70, D05 × 3" in folded
    assert all(found.all("summary") for found in section.all("details"))


def test_simulated_people_have_their_numbers_in_the_last_section(
    tmp_path: Path, repo: Path
) -> None:
    whole = page(tmp_path, repo)
    assert "SIMULATED" not in whole.one(id="findings").text
    last = whole.one(id="simulated")
    assert [found for found in last.all("table", **{"class": "counts"}) if "14" in found.text]


def test_the_drawing_stands_here_with_its_numbers_and_not_beside_the_estimates(
    tmp_path: Path, repo: Path
) -> None:
    config = write_example(tmp_path, repo)
    write_text(FLOW, tmp_path / "own" / "flow.csv")
    index = tmp_path / "figures" / "index.json"
    entries = json.loads(index.read_text(encoding="utf-8"))
    drawn = dict(entries[2]) | {
        "stem": "flow-own", "kind": "flow", "estimate_ids": [], "alt": "28 participants",
        "title": "Flow of participants", "caption": "Counted.", "outcome": "", "at": "",
    }  # fmt: skip
    write_text(json.dumps([*entries, drawn]), index)
    svg = (tmp_path / "figures" / f"{entries[2]['stem']}.svg").read_text(encoding="utf-8")
    write_text(svg, tmp_path / "figures" / "flow-own.svg")
    whole = read(render(tmp_path, config))
    (figure,) = whole.all("figure", id="figure-flow-own")
    assert whole.one(id="findings").all("figure") == [figure]
    assert figure.one("img").attributes["alt"] == "28 participants"
    assert figure.one("summary").text == "Numbers in this figure"
    assert "14" in figure.one("table").text
