"""K01 to K20: keys and design. Each case is one change of a good study, by the code it meets."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from howlow.analysis.analysing import analyse
from howlow.config.reading import read_config
from howlow.config.settings import Config
from howlow.data.ingestion import OUTPUTS, ingest
from howlow.data.measurements import read_table
from howlow.errors import InputError

STUDY = """
id: mini
kind: participants
title: A small trial
source: {citation: Nobody, licence: CC0-1.0}
population: {description: adults}
design: parallel
randomised: "yes"
arms:
  light: {label: Light}
  heavy: {label: Heavy}
reference: heavy
visits:
  baseline: {label: Before, week: 0, phase: baseline}
  post: {label: After, week: 10, phase: training}
outcomes:
  squat: {label: Squat, construct: strength, unit: kg, measure: rm, region: legs, range: [0, 300]}
primary_outcome: squat
contrasts: [{contrast: light - heavy, question: load}]
at: [post]
tables: [{file: table.csv}]
"""

Row = dict[str, str]


def good() -> list[Row]:
    """Six people in each of two arms, before and after."""
    return [
        {
            "participant": f"S{who:02}",
            "arm": "light" if who <= 6 else "heavy",
            "visit": visit,
            "outcome": "squat",
            "value": str(100 + 3 * who + (8 + who % 4 if visit == "post" else 0)),
        }
        for who in range(1, 13)
        for visit in ("baseline", "post")
    ]


@dataclass
class Case:
    """One change of the good study, and what is to be said of it."""

    code: str
    severity: str
    says: str
    change: Callable[[list[Row]], list[Row]] = lambda rows: rows
    declared: tuple[tuple[str, str], ...] = ()
    files: dict[str, str] = field(default_factory=dict)


def put(column: str, cell: str, *places: int) -> Callable[[list[Row]], list[Row]]:
    """Write a cell into some rows."""

    def change(rows: list[Row]) -> list[Row]:
        for place in places:
            rows[place][column] = cell
        return rows

    return change


def each(**cells: Callable[[Row], str]) -> Callable[[list[Row]], list[Row]]:
    """Work out cells of every row."""

    def change(rows: list[Row]) -> list[Row]:
        return [row | {name: cell(row) for name, cell in cells.items()} for row in rows]

    return change


def number(row: Row) -> int:
    """The number in the id of a row."""
    return int(row["participant"][1:])


def columns(*names: str) -> tuple[tuple[str, str], ...]:
    """Declare columns under their own names."""
    pairs = ", ".join(f"{name}: {name}" for name in names)
    return (("tables:", f"columns: {{{pairs}}}\ntables:"),)


PLANNED = (("label: Light}", "label: Light, planned: 5}"),)
LATE = (("outcomes:", "  late: {label: Late, week: 20, phase: detraining}\noutcomes:"),)
ROSTER = (
    ("[{file: table.csv}]", "[{file: people.csv, holds: participants}, {file: table.csv}]"),
    *columns("sex"),
)
PEOPLE = "participant,sex\n" + "".join(f"S{who:02},F\n" for who in range(1, 13))


def dated(baseline: str, post: str) -> Callable[[list[Row]], list[Row]]:
    """The dates of the two visits of everybody."""
    return each(date=lambda row: baseline if row["visit"] == "baseline" else post)


CASES = [
    Case(
        "K01",
        "error",
        "table.csv:2: participant: S01, baseline, squat stands on lines 2, 26. Keep one",
        lambda rows: [*rows, rows[0] | {"value": "104"}],
    ),
    Case("K01", "error", "all 48 rows stand twice or more", lambda rows: rows + rows),
    Case(
        "K01",
        "error",
        "people.csv:2: participant: S01 stands on lines 2, 14",
        declared=ROSTER,
        files={"people.csv": PEOPLE + "S01,F\n"},
    ),
    Case("K02", "error", "'S01' and 's01' look like one participant", put("participant", "s01", 1)),
    Case("K02", "error", "'S01' and 'S01 ' look like one", put("participant", "S01 ", 1)),
    Case("K02", "error", "'S01' and 'S1' look like one", put("participant", "S1", 0)),
    Case("K02", "error", "'S01' and 'Ｓ01' look like one", put("participant", "Ｓ01", 1)),
    Case("K02", "error", "look like one participant", put("participant", "S01\u200b", 1)),
    Case("K02", "error", "look like one participant", put("participant", "S\u00ad01", 1)),
    Case(
        "K02",
        "error",
        "table.csv:3: site: participant S01 stands at two sites: Delft and Gent",
        each(site=lambda row: "Gent" if row["visit"] == "post" else "Delft"),
        columns("site"),
    ),
    Case(
        "K02",
        "error",
        "'S13' stands in no table of participants. Did you mean 'S12'?",
        lambda rows: [*rows, rows[0] | {"participant": "S13"}, rows[1] | {"participant": "S13"}],
        ROSTER,
        {"people.csv": PEOPLE},
    ),
    Case("K03", "error", "table.csv:3: participant: no participant. ", put("participant", "", 1)),
    Case(
        "K04",
        "error",
        "at its end and in other capitals) is no arm: 2 rows, lines 16, 17. Did you mean 'heavy'?",
        put("arm", "Heavy ", 14, 15),
    ),
    Case(
        "K04",
        "error",
        "with a space (U+00A0 NO-BREAK SPACE) at its end",
        put("arm", "heavy\u00a0", 14, 15),
    ),
    Case("K05", "error", "U+0435 CYRILLIC SMALL LETTER IE", put("arm", "hеavy", 14, 15)),
    Case("K06", "error", "participant S01 is in two arms: light and heavy", put("arm", "heavy", 1)),
    Case(
        "K07",
        "warning",
        "without a value at baseline or post: 2 of 12 participants",
        put("value", "", 1, 14),
    ),
    Case(
        "K07",
        "warning",
        "1 of 13 participants have no measurement at all",
        declared=ROSTER,
        files={"people.csv": PEOPLE + "S13,M\n"},
    ),
    Case("K08", "error", "table.csv:3: visit: 'week 9' is no visit", put("visit", "week 9", 1)),
    Case(
        "K08",
        "error",
        "a visit is dated before the one that comes first in the schedule: 12 rows, lines 3, 5",
        dated("2024-03-10", "2024-01-01"),
        columns("date"),
    ),
    Case(
        "K08",
        "warning",
        "dates lie more than 14 days off the visit's week: 12 rows",
        dated("2024-01-01", "2024-05-01"),
        columns("date"),
    ),
    Case(
        "K09",
        "error",
        "table.csv:2: date: the baseline was measured after the first session",
        lambda rows: each(first_session=lambda row: "2024-01-02" if number(row) == 1 else "")(
            dated("2024-01-08", "2024-03-18")(rows)
        ),
        columns("date", "first_session"),
    ),
    Case(
        "K09",
        "error",
        "table.csv:3: age: the age of participant S01 changes: 60 and 63",
        each(age=lambda row: "63" if number(row) == 1 and row["visit"] == "post" else "60"),
        columns("age"),
    ),
    Case(
        "K09",
        "error",
        "the height of participant S01 changes: 170 and 180",
        each(height=lambda row: "180" if number(row) == 1 and row["visit"] == "post" else "170"),
        columns("height"),
    ),
    Case(
        "K09",
        "error",
        "table.csv:3: sex: the sex of participant S01 changes: F and M",
        each(sex=lambda row: "M" if number(row) == 1 and row["visit"] == "post" else "female"),
        columns("sex"),
    ),
    Case("K10", "error", "all rows are in arm 'light'. Add the rows", lambda rows: rows[:12]),
    Case(
        "K11",
        "error",
        "arm 'heavy' has 1 participant with a value. An arm needs at least 2 to estimate anything",
        lambda rows: rows[:14],
    ),
    Case(
        "K11",
        "warning",
        "arm 'heavy' has 3 participants with a value. Normal theory says little of so few",
        lambda rows: rows[:18],
    ),
    Case(
        "K12",
        "error",
        "squat: arm 'heavy' has no value at 'post'",
        put("value", "", *range(13, 24, 2)),
    ),
    Case("K12", "warning", "visit: no row has the visit 'late'", declared=LATE),
    Case(
        "K13",
        "error",
        "device: each arm has its own device: 'arm' and 'device' say the same",
        each(device=lambda row: f"of {row['arm']}"),
        columns("device"),
    ),
    Case(
        "K13",
        "warning",
        "site: each arm has its own site: 'arm' and 'site' say the same",
        each(site=lambda row: "Delft" if row["arm"] == "light" else "Gent"),
        columns("site"),
    ),
    Case(
        "K13",
        "warning",
        "no site has more than one arm: 'site' lies within 'arm'",
        each(site=lambda row: f"site {(number(row) - 1) // 3}"),
        columns("site"),
    ),
    Case("K14", "error", "squat: all 24 values are 100", each(value=lambda row: "100")),
    Case(
        "K15",
        "error",
        "24 of 24 participant-visits of squat have several rows, most of them 2",
        lambda rows: rows + each(value=lambda row: str(int(row["value"]) + 1))(rows),
    ),
    Case(
        "K16",
        "warning",
        "12 of 12 who trained got worse from baseline to post",
        each(value=lambda row: str(int(row["value"]) - (30 if row["visit"] == "post" else 0))),
    ),
    Case(
        "K16",
        "warning",
        "baseline values are in two groups, 6 about 28 and 6 about 130",
        each(value=lambda row: str(int(row["value"]) - (82 if number(row) <= 6 else 0))),
    ),
    Case("K17", "error", "6 participants in arm 'light', 5 planned", declared=PLANNED),
    Case(
        "K17",
        "warning",
        "6 participants in an arm, 5 planned",
        declared=(*PLANNED, ("design:", "status: ongoing\ndesign:")),
    ),
    Case(
        "K17",
        "warning",
        "6 participants in arm 'light', 9 planned",
        declared=(("label: Light}", "label: Light, planned: 9}"),),
    ),
    Case(
        "K18",
        "warning",
        "every baseline value is 0: the values are a change",
        each(value=lambda row: "0" if row["visit"] == "baseline" else str(number(row))),
        (("range: [0, 300]", "range: [-50, 300], ratio_scale: false"),),
    ),
    Case(
        "K18",
        "warning",
        "by its name the outcome is a change already",
        declared=(("label: Squat", "label: Change of squat"),),
    ),
    Case(
        "K19",
        "warning",
        "3 of 12 participants have exactly the same value at baseline and post",
        lambda rows: [
            row | {"value": rows[place - 1]["value"]} if place in (1, 3, 5) else row
            for place, row in enumerate(rows)
        ],
    ),
    Case(  # few, but where no two people share a value nobody's comes back by rounding
        "K19",
        "warning",
        "2 of 12 participants have exactly the same value at baseline and post",
        lambda rows: [
            row | {"value": rows[place - 1]["value"]} if place in (1, 3) else row
            for place, row in enumerate(rows)
        ],
    ),
]


@pytest.fixture(scope="module")
def config(repo: Path) -> Config:
    return read_config([repo / "config" / "config.yaml"])


def written(folder: Path, rows: list[Row], declared: str) -> Path:
    """A study's folder with a declaration and a table."""
    folder.mkdir(parents=True)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    (folder / "study.yaml").write_text(declared, encoding="utf-8")
    (folder / "table.csv").write_text(text.getvalue(), encoding="utf-8")
    return folder


def test_the_good_study_is_told_nothing(tmp_path: Path, config: Config) -> None:
    folder = written(tmp_path / "data" / "mini", good(), STUDY)
    ingest(folder, config, tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(OUTPUTS)
    assert read_table(tmp_path / "out" / "findings.csv", text=None).empty


@pytest.mark.parametrize("case", CASES, ids=[case.code for case in CASES])
def test_a_bad_key_or_design_is_found(case: Case, tmp_path: Path, config: Config) -> None:
    declared = STUDY
    for old, new in case.declared:
        assert old in declared
        declared = declared.replace(old, new, 1)
    folder = written(tmp_path / "data" / "mini", case.change(good()), declared)
    for name, text in case.files.items():
        (folder / name).write_text(text, encoding="utf-8")
    out = tmp_path / "out"
    if case.severity == "error":
        with pytest.raises(InputError) as caught:
            ingest(folder, config, out)
        found = [finding for finding in caught.value.findings if finding.code == case.code]
        assert {finding.severity for finding in found} == {"error"}
        assert any(case.says in str(finding) for finding in found), str(caught.value)
        assert not out.exists()
        return
    ingest(folder, config, out)
    findings = read_table(out / "findings.csv", text=None)
    mine = findings[(findings["code"] == case.code) & (findings["severity"] == case.severity)]
    told = [f"{row.column}: {row.found}. {row.action}" for row in mine.itertuples()]
    assert any(case.says in words for words in told), told
    # What is not an error is published, and holds no id.
    assert not any(f"S{who:02}" in words for words in told for who in range(1, 14))


def test_every_code_has_a_case() -> None:
    expected = {f"K{number:02}" for number in range(1, 20)}
    assert {case.code for case in CASES} == expected


def test_k20_a_singular_fit_is_told(tmp_path: Path, config: Config) -> None:
    rows = []
    for who, apart in enumerate((4, -3, 5, -6, 3, -3), start=1):
        for limb, arm, sign in (("left", "light", 1), ("right", "heavy", -1)):
            for visit, gain in (("baseline", 0), ("post", 10 + sign * apart)):
                key = {"participant": f"S{who:02}", "limb": limb, "arm": arm, "visit": visit}
                rows.append(key | {"outcome": "squat", "value": str(100 + 2 * who + sign + gain)})
    declared = STUDY.replace("design: parallel", "design: within_participant")
    declared = declared.replace("tables:", "columns: {limb: limb}\ntables:")
    ingest(written(tmp_path / "data" / "mini", rows, declared), config, tmp_path / "out")
    analyse(tmp_path / "out", config)
    findings = read_table(tmp_path / "out" / "model_findings.csv", text=None)
    found = findings[findings["code"] == "K20"]
    assert set(found["severity"]) == {"warning"}
    assert (
        found["found"]
        .str.contains("a variance component is zero (singular fit)", regex=False)
        .all()
    )


def test_many_equal_faults_are_told_in_a_few_findings(tmp_path: Path, config: Config) -> None:
    rows = [row | {"arm": f"arm {place}"} for place, row in enumerate(good())]
    rows[0]["participant"] = ""
    with pytest.raises(InputError) as caught:
        ingest(written(tmp_path / "data" / "mini", rows, STUDY), config, tmp_path / "out")
    codes = [finding.code for finding in caught.value.findings]
    assert codes.count("K04") == 6
    assert codes.count("K03") == 1
