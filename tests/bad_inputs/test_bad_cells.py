"""C01 to C14 and C16 to C18: what a cell may hold that it should not, each through the real road.

Every case is one table of a small study; the message is asserted, and that nothing was written.
"""

import csv
import io
from dataclasses import dataclass, field
from pathlib import Path

import matplotlib
import pandas as pd
import pytest

from howlow.config.reading import read_config, read_study
from howlow.config.settings import Config
from howlow.data.cells import value_faults
from howlow.data.ingestion import ingest
from howlow.data.measurements import read_table, write_table
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
  squat: {label: Squat, construct: strength, unit: kg, measure: rm, region: legs, range: [20, 900]}
primary_outcome: squat
contrasts: [{contrast: light - heavy, question: load}]
at: [post]
tables: [{file: table.csv}]
"""
#: Kilograms before and after of participants 001 to 012, the odd ones light.
BEFORE = (71.5, 82.1, 93.4, 64.2, 75.8, 86.6, 97.3, 68.9, 79.7, 90.5, 61.1, 72.4)
AFTER = (80.2, 95.3, 101.9, 77.5, 83.6, 99.8, 104.4, 81.3, 90.1, 102.6, 68.8, 85.9)


def rows() -> list[dict[str, str]]:
    """The good table, a row a measurement; the first is line 2."""
    made = []
    for number, values in enumerate(zip(BEFORE, AFTER, strict=True), start=1):
        for visit, value in zip(("baseline", "post"), values, strict=True):
            arm = "light" if number % 2 else "heavy"
            made.append(
                {
                    "participant": f"{number:03}",
                    "arm": arm,
                    "visit": visit,
                    "outcome": "squat",
                    "value": str(value),
                    "sex": "F" if number % 3 else "M",
                }
            )
    return made


@dataclass
class Case:
    """One bad table: cells that are changed, by line and column, what is said, and what is told."""

    code: str
    says: str
    cells: dict[tuple[int, str], str]
    declared: dict[str, str] = field(default_factory=dict)
    delimiter: str = ","


def write(folder: Path, case: Case) -> None:
    """The study of a case in a folder."""
    folder.mkdir(parents=True)
    text = STUDY
    for old, new in case.declared.items():
        assert old in text
        text = text.replace(old, new, 1)
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    table = rows()
    for (line, column), cell in case.cells.items():
        table[line - 2][column] = cell
    kept = io.StringIO(newline="")
    writer = csv.DictWriter(kept, list(table[0]), delimiter=case.delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    (folder / "table.csv").write_text(kept.getvalue(), encoding="utf-8", newline="")


@pytest.fixture(scope="module")
def config(repo: Path) -> Config:
    return read_config([repo / "config" / "config.yaml"])


def told(tmp_path: Path, case: Case, config: Config) -> str:
    """What a case is refused with; nothing may have been written."""
    folder, output = tmp_path / "data" / "mini", tmp_path / "results" / "mini"
    write(folder, case)
    with pytest.raises(InputError) as caught:
        ingest(folder, config, output)
    assert not output.exists()
    assert {fault.code for fault in caught.value.findings} == {case.code}
    return str(caught.value)


def findings(tmp_path: Path, case: Case, config: Config) -> pd.DataFrame:
    """The findings of a case that goes on."""
    folder, output = tmp_path / "data" / "mini", tmp_path / "results" / "mini"
    write(folder, case)
    ingest(folder, config, output)
    return read_table(output / "findings.csv", text=None)


TABLES = "tables: [{file: table.csv}]"
COLUMNS = {TABLES: f"{TABLES}\ncolumns: {{sex: sex}}"}


def tables(declared: str) -> dict[str, str]:
    """A replacement that declares more of the table."""
    return {TABLES: f"tables: [{{file: table.csv, {declared}}}]"}


def in_pounds(*lines: int) -> dict[tuple[int, str], str]:
    """Post values of some lines in lb."""
    return {(line, "value"): f"{float(rows()[line - 2]['value']) * 2.20462:.1f}" for line in lines}


CASES = [
    Case(
        "C01",
        "table.csv:2: value: '71,5' has a decimal comma (2 cells, lines 2, 5). "
        'Set `decimal: ","` for this table [C01]',
        {(2, "value"): "71,5", (5, "value"): "95,3"},
    ),
    Case(
        "C01",
        "'52.4' has a point, but the decimal mark is declared to be a comma",
        {(2, "value"): "52.4", (3, "value"): "52,6"}
        | {(n, "value"): f"{60 + n},5" for n in range(4, 26)},
        tables('decimal: ",", delimiter: ";"'),
        ";",
    ),
    Case(
        "C02",
        "table.csv:3: value: '1,200' is 1200 or 1.200. Write 1200, or set `decimal: \",\"` for "
        "this table if it is 1.200 [C02]",
        {(3, "value"): "1,200"},
    ),
    Case(
        "C02",
        "table.csv:3: value: '1 200' has a sign between thousands. Write 1200",
        {(3, "value"): "1 200"},
    ),
    Case("C02", "'1'200.5' has a sign between thousands. Write 1200.5", {(3, "value"): "1'200.5"}),
    Case(
        "C02",
        "'1.200' is 1200 or 1.200, for the decimal mark is declared to be a comma",
        {(n, "value"): f"{60 + n},5" for n in range(3, 26)} | {(2, "value"): "1.200"},
        tables('decimal: ",", delimiter: ";"'),
        ";",
    ),
    Case(
        "C03",
        "table.csv:4: value: '55.1 kg' is not a finite number: it holds the unit kg. Write 55.1 "
        "alone; kg belongs to the outcome's `unit` or a `unit` step [C03]",
        {(4, "value"): "55.1 kg"},
    ),
    Case(
        "C03",
        "'<LOD' is not a finite number. It lies below what the instrument can tell",
        {(4, "value"): "<LOD"},
    ),
    Case(
        "C03",
        "'~50' is not a finite number. Write 50 if that is the value, without '~'",
        {(4, "value"): "~50"},
    ),
    Case(
        "C03",
        "'52 (est.)' is not a finite number. Write 52 if that is the value, without",
        {(4, "value"): "52 (est.)"},
    ),
    Case(
        "C04",
        "table.csv:6: squat: -99 looks like a code for a missing value: it is far from all other "
        'values (2 cells, lines 6, 9). If so, list it: `missing: ["", "NA", "-99"]`; '
        "else correct the value [C04]",
        {(6, "value"): "-99", (9, "value"): "-99"},
    ),
    Case(
        "C04",
        "999 looks like a code for a missing value: it is far from all other values",
        {(6, "value"): "999"},
    ),
    Case(
        "C04",
        "9999 looks like a code for a missing value: it is far from all other values",
        {(6, "value"): "9999"},
        {", range: [20, 900]": ""},
    ),
    Case(
        "C04",
        "'.' stands where a number should be. If it means a missing value, list it",
        {(6, "value"): "."},
    ),
    Case("C04", "'NaN' stands where a number should be", {(6, "value"): "NaN"}),
    Case("C06", "table.csv:7: value: 'inf' is not a finite number", {(7, "value"): "inf"}),
    Case("C06", "'1e400' is not a finite number", {(7, "value"): "1e400"}),
    Case("C07", "table.csv:8: squat: 1e+300 kg is outside 20 to 900", {(8, "value"): "1e300"}),
    Case(
        "C07",
        "1e+300 kg is not possible: it is above 0 and below 1,000,000",
        {(8, "value"): "1e300"},
        {", range: [20, 900]": ""},
    ),
    Case(
        "C08",
        "table.csv:10: squat: -71 kg is outside 20 to 900. Correct the value, or `range` if it is "
        "right [C08]",
        {(10, "value"): "-71"},
    ),
    Case(
        "C08",
        "table.csv:10: squat: 0 kg is not possible",
        {(10, "value"): "0"},
        {", range: [20, 900]": ""},
    ),
    Case(
        "C09",
        "table.csv:3: squat: 3 participants have at post 2.47 times the value of the first visit, "
        "the others 1.13 times; a factor of 2.2046 lies between kg and lb (3 cells, lines 3, 5, "
        "7). Write all in one unit, or name a column of units under `columns: {unit: ...}`; a "
        "`unit` step with `where` turns some rows alone [C09]",
        in_pounds(3, 5, 7),
    ),
    Case("C09", "a factor of 9.8066 lies between kg and N", {(3, "value"): "786.5"}),
    Case(
        "C10",
        "table.csv:11: value: '10-Jan' is a date where a number should be; a spreadsheet may have "
        "made it. Format the column as a number or as text, and type the cell again [C10]",
        {(11, "value"): "10-Jan"},
    ),
    Case("C10", "'2021-03-04' is a date where a number should be", {(11, "value"): "2021-03-04"}),
    Case("C10", "45231 kg is the day number of 2023-11-01", {(11, "value"): "45231"}),
    Case(
        "C10",
        "the id '10-Jan' is a date; a spreadsheet may have made it",
        {(2, "participant"): "10-Jan", (3, "participant"): "10-Jan"},
    ),
    Case(
        "C10",
        "a spreadsheet made the number '1.00E+05' of an id",
        {(2, "participant"): "1.00E+05", (3, "participant"): "1.00E+05"},
    ),
    Case(
        "C12",
        "table.csv:2: when: '03/04/2021' is 3 April 2021 or 4 March 2021",
        {(n, "sex"): "03/04/2021" if n % 2 == 0 else "2021-06-01" for n in range(2, 26)},
        {
            TABLES: "tables: [{file: table.csv, steps: [{step: rename, columns: {sex: when}}]}]\n"
            "columns: {date: when}"
        },
    ),
    Case(
        "C13",
        "table.csv:12: value: '−71' is not a finite number: it holds U+2212 MINUS SIGN. "
        "Type it again with the digits and the - of the keyboard [C13]",
        {(12, "value"): "−71"},
    ),
    Case("C13", "it holds U+FF17 FULLWIDTH DIGIT SEVEN", {(12, "value"): "７1"}),
    Case(
        "C14",
        "table.csv:2: sex: 'girl' is not one of F, M, female, male. Say what "
        "it stands for: {step: map, column: sex, values: {girl: ...}}, with F or M for the dots "
        "[C14]",
        {(2, "sex"): "girl", (3, "sex"): "girl"},
        COLUMNS,
    ),
    Case(
        "C14",
        "table.csv:4: sex: 'TRUE' (yes and no are written in several ways) is not declared. "
        "Use one way, or list each in the `map` step. Known: yes, no [C14]",
        {(n, "sex"): "yes" for n in range(2, 26)} | {(4, "sex"): "TRUE"},
        tables("steps: [{step: map, column: sex, to: female, values: {yes: F, no: M}}]"),
    ),
    Case(
        "C16",
        "table.csv:2: participant: '=cmd|' /C calc'!A0' would run as a formula (2 cells, lines 2, "
        "3). Take the first sign away, or type the cell again [C16]",
        {(n, "participant"): "=cmd|' /C calc'!A0" for n in (2, 3)},
    ),
    Case(
        "C16",
        "the id '+1' would run as a formula in a spreadsheet",
        {(n, "participant"): "+1" for n in (2, 3)},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=[case.code for case in CASES])
def test_a_bad_cell_stops_with_its_line_and_what_to_do(
    tmp_path: Path, case: Case, config: Config
) -> None:
    assert case.says in told(tmp_path, case, config)


def test_the_good_table_has_no_fault(tmp_path: Path, config: Config) -> None:
    found = findings(tmp_path, Case("", "", {}), config)
    assert found["severity"].tolist() == []


def test_c04_declared_codes_are_missing_and_counted(tmp_path: Path, config: Config) -> None:
    case = Case("", "", {(6, "value"): "-99", (9, "value"): "-99"}, tables('missing: ["", "-99"]'))
    found = findings(tmp_path, case, config)
    notes = found[(found["code"] == "C04") & (found["severity"] == "note")]
    assert notes["found"].tolist() == ["'-99' stood for missing in 2 cells"]
    kept = read_table(tmp_path / "results" / "mini" / "measurements.csv")
    assert kept["value"].min() > 60


def test_c04_a_code_inside_the_declared_range_is_a_warning(tmp_path: Path, config: Config) -> None:
    case = Case("", "", {(6, "value"): "999"}, {"range: [20, 900]": "range: [20, 1000]"})
    found = findings(tmp_path, case, config)
    (said,) = found.loc[found["code"] == "C04", "found"]
    assert said == "999 looks like a code for a missing value: it is far from all other values"


def test_c05_none_and_na_are_words_where_they_are_no_missing_codes(
    tmp_path: Path, config: Config
) -> None:
    arms = {(n, "arm"): "None" if n % 4 < 2 else "NA" for n in range(2, 26)}
    steps = "steps: [{step: map, column: arm, values: {None: light, NA: heavy}}]"
    case = Case("", "", arms, tables(f'missing: [""], {steps}'))
    assert findings(tmp_path, case, config)["severity"].tolist() == []
    people = read_table(tmp_path / "results" / "mini" / "participants.csv", text=None)
    assert people["arm"].value_counts().to_dict() == {"light": 6, "heavy": 6}


def test_c07_a_study_without_ranges_is_warned_once(tmp_path: Path, config: Config) -> None:
    found = findings(tmp_path, Case("", "", {}, {", range: [20, 900]": ""}), config)
    warned = found[found["code"] == "C07"]
    assert warned["severity"].tolist() == ["warning"]
    assert warned["found"].tolist() == ["no plausible range is declared for squat"]


def test_c10_an_id_that_looks_like_a_number_stays_as_it_is(tmp_path: Path, config: Config) -> None:
    case = Case("", "", {(n, "participant"): "1E5" for n in (2, 3)})
    assert findings(tmp_path, case, config)["severity"].tolist() == []
    people = read_table(tmp_path / "results" / "mini" / "participants.csv", text=None)
    assert len(people) == 12


def test_c11_ids_that_differ_in_zeros_are_told_and_never_joined(
    tmp_path: Path, config: Config
) -> None:
    case = Case("K02", "", {(2, "participant"): "1"})
    assert "'001' and '1' look like one participant" in told(tmp_path, case, config)


def test_c14_sex_in_words_is_sex_in_letters(tmp_path: Path, config: Config) -> None:
    words = {
        (n, "sex"): "female" if row["sex"] == "F" else "male" for n, row in enumerate(rows(), 2)
    }
    assert findings(tmp_path, Case("", "", words, COLUMNS), config)["severity"].tolist() == []
    people = read_table(tmp_path / "results" / "mini" / "participants.csv", text=None)
    assert set(people["sex"]) == {"F", "M"}


@pytest.mark.parametrize(
    "cell",
    ["=cmd|' /C calc'!A0", "@SUM(A1)", "+1+1", "-2+3", "\t=1", "\r=1", "＝1", " =1", "\ufeff=1"],
)
def test_c16_no_text_of_ours_is_a_formula_in_a_spreadsheet(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "t.csv"
    write_table(pd.DataFrame({"word": [cell, "fine"], "number": [-1.5, 2.0]}), path)
    written = path.read_text(encoding="utf-8")
    with path.open(encoding="utf-8", newline="") as file:
        (_, first, second) = csv.reader(file)
    assert first[0].startswith("'"), written
    assert first[0].strip("' ") == cell.strip()
    assert first[1] == "-1.5"
    assert second == ["fine", "2"]


def test_c16_negative_numbers_are_no_formulas_even_in_a_column_of_text(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    write_table(pd.DataFrame({"a": pd.Categorical(["-1.5", "+2", "-3e-4"]), "b": [-1, 2, 3]}), path)
    assert path.read_text(encoding="utf-8") == "a,b\n-1.5,-1\n+2,2\n-3e-4,3\n"


def test_c16_a_formula_behind_a_semicolon_is_none_where_that_separates_cells(
    tmp_path: Path,
) -> None:
    path = tmp_path / "t.csv"
    write_table(pd.DataFrame({"a": ["fine;=cmd|' /C calc'!A0"]}), path)
    (_, line) = path.read_text(encoding="utf-8").splitlines()
    assert not any(cell.startswith("=") for cell in line.split(";"))


@pytest.mark.parametrize(
    ("code", "label"),
    [
        ("C16", "=cmd|' /C calc'!A0"),
        ("C16", "@SUM(A1)"),
        ("C16", "+1"),
        ("C17", "Light<img src=x onerror=alert(1)>"),
        ("C17", "Light</script><script>alert(1)</script>"),
        ("C17", "Light<script>"),
        ("C17", "Light<!-- "),
        ("C18", r"$\frac$"),
        ("C18", "$5 vs $6"),
        ("C18", r"a\frac"),
    ],
)
def test_a_label_that_would_run_is_refused(
    tmp_path: Path, code: str, label: str, config: Config
) -> None:
    quoted = "'" + label.replace("'", "''") + "'"
    folder, output = tmp_path / "data" / "mini", tmp_path / "results" / "mini"
    write(folder, Case(code, "", {}, {"{label: Light}": f"{{label: {quoted}}}"}))
    with pytest.raises(InputError) as caught:
        ingest(folder, config, output)
    assert "arms.light.label" in str(caught.value)
    assert "Allowed: letters, digits, space and %().,+-/" in str(caught.value)
    assert not output.exists()


def test_c17_signs_that_trials_need_are_allowed_in_labels(tmp_path: Path, config: Config) -> None:
    label = "Load < 60 % of 1RM, 3 × 10 (≥ 2 sets/week)"
    write(tmp_path / "mini", Case("", "", {}, {"{label: Light}": f"{{label: '{label}'}}"}))
    study = read_study(tmp_path / "mini", config)
    assert study.arms["light"].label == label  # type: ignore[union-attr]


@pytest.mark.parametrize("text", [r"$\frac$", "$5 vs $6", r"\frac{1}{2}", "$"])
def test_c18_a_dollar_sign_in_a_figure_is_a_dollar_sign(text: str) -> None:
    from howlow.present.page import Page

    page = Page(3.0)
    page.write(0.1, 0.1, text)
    page.write_lines(0.1, 0.3, [text])
    kept = io.BytesIO()
    # Without parse_math=False the first cannot be saved, and the others lose their signs.
    with matplotlib.rc_context({"svg.fonttype": "none"}):
        page.finish(1.0).savefig(kept, format="svg")
    assert kept.getvalue().decode("utf-8").count(f">{text}<") == 2


def many(people: int, pounds: int) -> pd.DataFrame:
    """A tidy table of two visits, the post values of the first few people in lb."""
    before = [60.0 + number % 40 for number in range(people)]
    after = [value * (1.1 + number % 7 / 100) for number, value in enumerate(before)]
    after[:pounds] = [value * 2.20462 for value in after[:pounds]]
    names = [f"P{number}" for number in range(people)]
    return pd.DataFrame(
        {
            "participant": pd.Categorical(names * 2),
            "limb": pd.Categorical([""] * 2 * people),
            "visit": pd.Categorical(["baseline"] * people + ["post"] * people),
            "outcome": pd.Categorical(["squat"] * 2 * people),
            "value": [*before, *after],
            "__line__": range(2, 2 * people + 2),
            "__file__": pd.Categorical(["t.csv"] * 2 * people),
        }
    )


@pytest.mark.parametrize(("pounds", "told"), [(0, 0), (1, 1), (10, 1), (20, 1), (30, 1)])
def test_c09_any_share_of_people_in_another_unit_is_told(
    tmp_path: Path, config: Config, pounds: int, told: int
) -> None:
    write(tmp_path / "mini", Case("", "", {}))
    study = read_study(tmp_path / "mini", config)
    found = [fault.code for fault in value_faults(many(40, pounds), study)]  # type: ignore[arg-type]
    assert found == ["C09"] * told
