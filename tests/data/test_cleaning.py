"""Each declared step, from a small literal table to a small literal table."""

import pandas as pd
import pytest
from pydantic import TypeAdapter

from howlow.config.steps import Step, Table
from howlow.data.cleaning import clean, numbers
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


@pytest.mark.parametrize(
    ("step", "says"),
    [
        ({"step": "rename", "columns": {"vlaue": "x"}}, "Did you mean 'value'"),
        ({"step": "filter", "column": "arm", "keep": ["Heavy"]}, "Values there: heavy, light"),
        (
            {"step": "map", "column": "arm", "values": {"heavy": "h"}},
            "t.csv:3: arm: 'light' is not",
        ),
        (
            {"step": "match", "column": "arm", "against": {"value": "x"}, "to": "y"},
            "2 rows equal none",
        ),
        (
            {"step": "unit", "unit": "lb", "to": "kg"},
            "t.csv:3: value: '55kg' is not a finite number",
        ),
    ],
)
def test_a_step_that_meets_something_else_names_it(step: dict[str, object], says: str) -> None:
    with pytest.raises(InputError) as caught:
        clean(table("arm value\nheavy 50\nlight 55kg"), steps(step), "t.csv")
    assert says in str(caught.value)


@pytest.mark.parametrize("cell", ["nan", "inf", "1e400", "1,052,4", "<LOD", "−5", "５0x"])
def test_only_finite_plain_numbers_are_numbers(cell: str) -> None:
    with pytest.raises(InputError, match="C03"):
        numbers(table(f"value\n{cell}"), "value", "t.csv")


def test_a_decimal_comma_is_told_once_with_the_key_that_mends_it() -> None:
    with pytest.raises(InputError) as caught:
        numbers(table("value\n103,0\n98,5\n5kg"), "value", "t.csv")
    assert [(found.code, found.line) for found in caught.value.findings] == [("C01", 2), ("C03", 4)]
    assert (
        "t.csv:2: value: '103,0' has a decimal comma. Set `decimal: \",\"` for this table [C01]"
    ) in str(caught.value)


def test_a_declared_decimal_comma_changes_numbers_and_nothing_else() -> None:
    declared = Table(file="t.csv", decimal=",", missing=("", "-99,0"))
    found = clean(
        table("note kg\nleft,right 103,0\n1,2,3 -,5\nx, -99,0\n5 1,5e2"), declared, "t.csv"
    ).frame
    assert found["note"].tolist() == ["left,right", "1,2,3", "x,", "5"]
    assert found["kg"].tolist() == ["103.0", "-.5", "", "1.5e2"]
    assert numbers(found, "kg", "t.csv").dropna().tolist() == [103.0, -0.5, 150.0]


def test_declared_missing_codes_become_empty_and_nothing_else_does() -> None:
    declared = Table(file="t.csv", missing=("", "-99"))
    found = clean(table("arm kg\nNone -99\nNA 5"), declared, "t.csv").frame
    assert found["arm"].tolist() == ["None", "NA"]
    assert found["kg"].tolist() == ["", "5"]
