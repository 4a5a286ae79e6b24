"""Each declared step, from a small literal table to a small literal table."""

import pandas as pd
import pytest
from pydantic import TypeAdapter

from howlow.config.steps import Step, Table
from howlow.config.study import Columns
from howlow.data.cleaning import clean, numbers, wanted_columns
from howlow.data.tables import LINE
from howlow.errors import InputError


def table(text: str) -> pd.DataFrame:
    header, *rows = [line.split() for line in text.strip().splitlines()]
    frame = pd.DataFrame(rows, columns=header, dtype="str").replace("-", "")
    frame[LINE] = [str(number) for number in range(2, len(frame) + 2)]
    return frame


def steps(*declared: dict[str, object]) -> Table:
    checked = tuple(TypeAdapter(Step).validate_python(step, strict=False) for step in declared)
    return Table(file="t.csv", steps=checked)


@pytest.mark.parametrize(
    ("before", "step", "after"),
    [
        ("a b\n1 2", {"step": "rename", "columns": {"a": "x"}}, "x b\n1 2"),
        (
            "who inc\nP1 incl\nP2 excl",
            {"step": "filter", "column": "inc", "keep": ["incl"]},
            "who inc\nP1 incl",
        ),
        (
            "g\nRM10\nRM30",
            {
                "step": "map",
                "column": "g",
                "to": "arm",
                "values": {"RM10": "heavy", "RM30": "light"},
            },
            "g arm\nRM10 heavy\nRM30 light",
        ),
        (
            "phase day\nPRE 6",
            {"step": "join", "columns": ["phase", "day"], "to": "visit", "separator": "_"},
            "phase day visit\nPRE 6 PRE_6",
        ),
        ("a\n1", {"step": "constant", "to": "b", "value": "x"}, "a b\n1 x"),
        (
            "who left right\nP1 5 6",
            {"step": "reshape", "columns": {"left": {"limb": "L"}, "right": {"limb": "R"}}},
            "who limb value\nP1 L 5\nP1 R 6",
        ),
        (
            "limb one three\nL L R\nR L R",
            {
                "step": "match",
                "column": "limb",
                "against": {"one": "one_set", "three": "three_sets"},
                "to": "arm",
            },
            "limb one three arm\nL L R one_set\nR L R three_sets",
        ),
        (
            "who value\nP1 5\nP1 7\nP2 -\nP2 3",
            {"step": "combine", "how": "largest", "by": ["who"]},
            "who value\nP1 7\nP2 3",
        ),
        (
            "c value\nlean 5000\nfat -\ntotal 7",
            {"step": "unit", "unit": "g", "to": "kg", "where": {"c": "lean"}},
            "c value\nlean 5\nfat -\ntotal 7",
        ),
    ],
)
def test_a_step_does_what_it_says(before: str, step: dict[str, object], after: str) -> None:
    found = (
        clean(table(before), steps(step), "t.csv").frame.drop(columns=LINE).reset_index(drop=True)
    )
    pd.testing.assert_frame_equal(found, table(after).drop(columns=LINE))


def faults(text: str, *declared: dict[str, object], **people: pd.DataFrame) -> list[str]:
    """What cleaning tells, as texts; what stops it counts as well."""
    try:
        return [str(found) for found in clean(table(text), steps(*declared), "t.csv", people)[1]]
    except InputError as error:
        return [str(found) for found in error.findings]


@pytest.mark.parametrize(
    ("step", "says"),
    [
        ({"step": "rename", "columns": {"vlaue": "x"}}, "Did you mean 'value'"),
        ({"step": "filter", "column": "arm", "keep": ["high"]}, "Values there: 'heavy', 'light'"),
        (
            {"step": "map", "column": "arm", "values": {"heavy": "h"}},
            "t.csv:3: arm: 'light' is not declared. Known: heavy [K04]",
        ),
        (
            {"step": "match", "column": "arm", "against": {"value": "x"}, "to": "y"},
            "t.csv:2: arm: 'heavy' equals no cell of value in its row",
        ),
        (
            {"step": "unit", "unit": "lb", "to": "kg"},
            "t.csv:3: value: '55kg' is not a finite number: it holds the unit kg",
        ),
        (
            {"step": "combine", "how": "mean", "by": ["arm"]},
            "t.csv:3: value: '55kg' is not a finite number",
        ),
        (
            {"step": "constant", "to": "arm", "value": "x"},
            "step `constant` makes the column 'arm', which is there already",
        ),
        (
            {"step": "rename", "columns": {"arm": "value"}},
            "step `rename` makes the column 'value', which is there already",
        ),
        (
            {"step": "filter", "column": "arm", "keep": ["Heavy"]},
            "'heavy' (in other capitals) is not declared. Did you mean 'Heavy'?",
        ),
    ],
)
def test_a_step_that_meets_something_else_names_it(step: dict[str, object], says: str) -> None:
    assert says in "\n".join(faults("arm value\nheavy 50\nlight 55kg", step))


def test_every_fault_of_every_step_is_told_and_the_good_rows_go_on() -> None:
    cleaned = clean(
        table("arm visit value\nheavy pre 5,5\nlihgt pst 6\nlight post 7kg\nlihgt post 8"),
        steps(
            {"step": "map", "column": "arm", "values": {"heavy": "h", "light": "l"}},
            {"step": "map", "column": "visit", "values": {"pre": "baseline", "post": "post"}},
            {"step": "unit", "unit": "lb", "to": "kg"},
        ),
        "t.csv",
    )
    assert [(found.code, found.line, found.severity) for found in cleaned.findings] == [
        ("K04", 3, "error"),
        ("K04", 3, "error"),
        ("C01", 2, "error"),
        ("C03", 4, "error"),
        ("C09", 0, "note"),
    ]
    assert cleaned.findings[0].found == "'lihgt' is not declared (2 cells, lines 3, 5)"
    assert cleaned.frame["arm"].tolist() == ["h", "lihgt", "l", "lihgt"]
    assert cleaned.frame["value"].tolist() == ["", "2.72155422", "", "3.62873896"]


def test_all_absent_columns_of_all_steps_are_told_at_once_and_each_once() -> None:
    told = faults(
        "grp time\nA pre",
        {"step": "map", "column": "group", "to": "arm", "values": {"A": "a"}},
        {"step": "rename", "columns": {"grup": "x", "time": "visit"}},
        {"step": "filter", "column": "x", "keep": ["1"]},
        {"step": "filter", "column": "arm", "keep": ["a"]},
        {"step": "filter", "column": "time", "keep": ["pre"]},
    )
    assert [text.split(". ")[0] for text in told] == [
        "t.csv:1: group: step `map` needs the column 'group', which is not there",
        "t.csv:1: grup: step `rename` needs the column 'grup', which is not there",
        "t.csv:1: time: step `filter` needs the column 'time', which is not there",
    ]
    assert "Did you mean 'grp'" in told[0]


def test_a_column_with_missing_codes_of_its_own_must_be_there() -> None:
    declared = Table(file="t.csv", missing={"kgg": ("-9",), "other": ("",)})
    with pytest.raises(InputError, match="`missing` names the column 'kgg', which is not there"):
        clean(table("kg\n5"), declared, "t.csv")


ROSTER = table("participant arm site\nP1 heavy A\nP2 light B")
LOOK_UP = {"step": "look_up", "table": "people", "on": "who", "take": ["arm", "site"]}


def test_look_up_brings_columns_of_the_participant_to_each_row() -> None:
    found = clean(table("who value\nP2 5\nP1 6\nP2 7"), steps(LOOK_UP), "t.csv", {"people": ROSTER})
    assert found.findings == []
    assert found.frame["arm"].tolist() == ["light", "heavy", "light"]
    assert found.frame["site"].tolist() == ["B", "A", "B"]


@pytest.mark.parametrize(
    ("rows", "roster", "says"),
    [
        (
            "who\nP1\nP9\nP9",
            ROSTER,
            "participant 'P9' is not in the table 'people' (2 cells, lines 3, 4). Add the part",
        ),
        ("who\np1", ROSTER, "Write one id in one way: 'P1' stands there [K02]"),
        (
            "who\nP1",
            pd.concat([ROSTER, ROSTER.iloc[:1]]),
            "participant 'P1' has several rows in the table 'people'",
        ),
        ("who arm\nP1 x", ROSTER, "makes the column 'arm', which is there already"),
        ("who\nP1", ROSTER.drop(columns="site"), "the table 'people' has no column 'site'"),
    ],
)
def test_look_up_tells_what_does_not_go_together(
    rows: str, roster: pd.DataFrame, says: str
) -> None:
    assert says in "\n".join(faults(rows, LOOK_UP, people=roster))


def test_look_up_in_a_table_that_could_not_be_read_points_at_its_faults() -> None:
    assert "could not be read. Mend the faults told of that table" in faults("who\nP1", LOOK_UP)[0]


@pytest.mark.parametrize(("how", "value"), [("largest", "7"), ("smallest", "5"), ("mean", "6")])
def test_trials_of_one_test_become_one_value(how: str, value: str) -> None:
    step = {"step": "combine", "how": how, "by": ["who"]}
    found = clean(table("who value\nP1 5\nP1 -\nP1 7"), steps(step), "t.csv").frame
    assert found["value"].tolist() == [value]


def test_a_conversion_of_units_is_noted_with_its_factor_and_how_many_cells() -> None:
    step = {"step": "unit", "unit": "lb", "to": "kg", "where": {"u": "lb"}}
    found = clean(table("u value\nlb 100\nkg 50\nlb -\nlb 10"), steps(step), "t.csv")
    assert found.frame["value"].tolist() == ["45.359237", "50", "", "4.5359237"]
    (note,) = (finding for finding in found.findings if finding.code == "C09")
    assert (note.severity, note.column) == ("note", "value")
    assert note.found == "lb turned into kg (x 0.4536) in 2 cells (step 1)"


@pytest.mark.parametrize("step", [{"step": "match", "column": "limb", "to": "arm"}])
def test_a_row_that_equals_two_columns_is_in_no_arm(step: dict[str, object]) -> None:
    told = faults("limb one three\nL L L", {**step, "against": {"one": "a", "three": "b"}})
    assert "'L' equals several cells of one, three in its row" in told[0]


def test_the_columns_that_are_read_are_those_that_the_study_names() -> None:
    declared = Table(
        file="t.csv",
        missing={"Weight ": ("-9",), "other": ("",)},
        steps=steps(
            {"step": "map", "column": "Group ", "to": "arm", "values": {"A": "a"}},
            {"step": "join", "columns": ["day", "phase"], "to": "visit"},
            {"step": "match", "column": "leg", "against": {"dom": "x"}, "to": "limb"},
            {"step": "reshape", "columns": {"kg_pre": {"when": "pre"}}},
            {"step": "unit", "column": "load", "unit": "lb", "to": "kg", "where": {"u": "lb"}},
            {"step": "combine", "how": "mean", "by": ["who"], "value": "load"},
            {"step": "filter", "column": "included", "keep": ["yes"]},
            {"step": "look_up", "table": "people", "on": "id", "take": ["sex"]},
        ).steps,
    )
    named = wanted_columns(declared, Columns(participant="id", age="Age (y)"))
    assert named == {
        *("Weight", "Group", "day", "phase", "leg", "dom", "kg_pre", "load", "u", "who"),
        *("included", "id", "Age (y)", "arm", "visit", "outcome", "value", "limb", "when", "sex"),
    }


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("nan", "C04"),
        ("n/a", "C04"),
        ("inf", "C06"),
        ("1e400", "C06"),
        ("1,052,4", "C03"),
        ("<LOD", "C03"),
        ("−5", "C13"),
        ("５0x", "C13"),
        ("1,052", "C02"),
        ("2021-03-04", "C10"),
        ("yes", "C14"),
    ],
)
def test_only_finite_plain_numbers_are_numbers(cell: str, code: str) -> None:
    with pytest.raises(InputError, match=code):
        numbers(table(f"value\n{cell}"), "value", "t.csv")


def test_numbers_may_have_spaces_around_them() -> None:
    frame = pd.DataFrame({"kg": [" 5", "6.5 ", "-7", "+8", "9e1", "", " "], LINE: "2"}, dtype="str")
    assert numbers(frame, "kg", "t.csv").tolist()[:5] == [5.0, 6.5, -7.0, 8.0, 90.0]
    assert numbers(frame, "kg", "t.csv").isna().tolist()[5:] == [True, True]


def test_a_decimal_comma_is_told_once_with_the_key_that_mends_it() -> None:
    with pytest.raises(InputError) as caught:
        numbers(table("value\n103,0\n98,5\n5kg"), "value", "t.csv")
    assert [(found.code, found.line) for found in caught.value.findings] == [("C01", 2), ("C03", 4)]
    assert (
        "t.csv:2: value: '103,0' has a decimal comma (2 cells, lines 2, 3). "
        'Set `decimal: ","` for this table [C01]'
    ) in str(caught.value)


def test_many_cells_of_one_kind_are_a_few_findings() -> None:
    rows = "\n".join(f"{number}kg" for number in range(1000))
    with pytest.raises(InputError) as caught:
        numbers(table(f"value\n{rows}"), "value", "t.csv")
    assert len(caught.value.findings) == 6
    assert "and 995 other cells at fault: '5kg', '6kg'" in str(caught.value)


def test_a_declared_decimal_comma_changes_numbers_and_nothing_else() -> None:
    declared = Table(file="t.csv", decimal=",", missing=("", "-99,0"))
    found = clean(
        table("note kg\nleft,right 103,0\n1,2,3 -,5\nx, -99,0\n5 1,5e2"), declared, "t.csv"
    ).frame
    assert found["note"].tolist() == ["left,right", "1,2,3", "x,", "5"]
    assert found["kg"].tolist() == ["103.0", "-.5", "", "1.5e2"]
    assert numbers(found, "kg", "t.csv").dropna().tolist() == [103.0, -0.5, 150.0]


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ("1.200\n52,5", "'1.200' is 1200 or 1.200, for the decimal mark is declared to be a comma"),
        ("1.200\n950", "Write 1200 or 1,200 [C02]"),
        ("1.200,5\n52,5", "'1.200,5' has a sign between thousands. Write 1200,5 [C02]"),
        ("52.4\n52,5", "'52.4' has a point, but the decimal mark is declared to be a comma"),
    ],
)
def test_a_point_where_the_decimal_mark_is_a_comma_is_told(cells: str, says: str) -> None:
    declared = Table(file="t.csv", decimal=",")
    found = clean(table(f"kg\n{cells}"), declared, "t.csv").findings
    assert says in "\n".join(str(fault) for fault in found)


def test_ids_with_a_point_are_let_be_where_the_decimal_mark_is_a_comma() -> None:
    declared = Table(file="t.csv", decimal=",")
    found = clean(table("who kg\n1.001 5,5\n1.002 6"), declared, "t.csv")
    assert found.findings == []
    assert found.frame["who"].tolist() == ["1.001", "1.002"]


def test_declared_missing_codes_become_empty_and_nothing_else_does() -> None:
    declared = Table(file="t.csv", missing=("", "-99"))
    found = clean(table("arm kg\nNone -99\nNA 5\nNULL -"), declared, "t.csv")
    assert found.frame["arm"].tolist() == ["None", "NA", "NULL"]
    assert found.frame["kg"].tolist() == ["", "5", ""]
    assert [(note.code, note.severity, note.column, note.found) for note in found.findings] == [
        ("C04", "note", "kg", "'-99' stood for missing in 1 cell"),
        ("C04", "note", "", "1 empty cell stood for missing in this table"),
    ]


def test_text_is_compared_as_it_stands_and_a_map_may_list_it_so() -> None:
    frame = pd.DataFrame({"leg": ["L ", "R"], LINE: ["2", "3"]}, dtype="str")
    strict = steps({"step": "map", "column": "leg", "values": {"L": "left", "R": "right"}})
    (fault,) = clean(frame, strict, "t.csv").findings
    assert str(fault) == (
        "t.csv:2: leg: 'L ' (with a space at its end) is not declared. "
        "Did you mean 'L'? Correct it in the file, or list it in a `map` step [K04]"
    )
    listed = steps({"step": "map", "column": "leg", "values": {"L ": "left", "R": "right"}})
    assert clean(frame, listed, "t.csv").frame["leg"].tolist() == ["left", "right"]
