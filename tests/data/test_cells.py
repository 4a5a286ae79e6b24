"""What cells say: words that are nearly known, dates, and values that are in two units."""

import datetime
from typing import Any

import pandas as pd
import pytest

from howlow.config.study import Participants
from howlow.data import cells
from howlow.data.tables import LINE


@pytest.mark.parametrize(
    ("cell", "code", "found"),
    [
        ("heavy ", "K04", "'heavy ' (with a space at its end)"),
        (" heavy", "K04", "' heavy' (with a space at its start)"),
        ("Heavy", "K04", "'Heavy' (in other capitals)"),
        ("HEAVY ", "K04", "'HEAVY ' (with a space at its end and in other capitals)"),
        ("heavy\t", "K04", "'heavy<U+0009>' (with a tab at its end)"),
        ("heavy\u00a0", "K04", "(with a space (U+00A0 NO-BREAK SPACE) at its end)"),
        ("hea\u200bvy", "K04", "(with U+200B ZERO WIDTH SPACE, which cannot be seen)"),
        ("h\u0435avy", "K05", "(with U+0435 CYRILLIC SMALL LETTER IE)"),
        ("ｈeavy", "K05", "(with U+FF48 FULLWIDTH LATIN SMALL LETTER H)"),
    ],
)
def test_a_word_that_is_nearly_known_is_told_with_the_difference(
    cell: str, code: str, found: str
) -> None:
    told, action = cells.stranger(cell, ["heavy", "light"])
    assert found in told
    assert action.startswith("Did you mean 'heavy'? ")
    assert cells.code_of_stranger(cell, ["heavy", "light"]) == code


@pytest.mark.parametrize(
    ("cell", "code", "action"),
    [
        ("hevy", "K04", "Did you mean 'heavy'? Known: heavy, light"),
        ("xyz", "K04", "Known: heavy, light"),
        ("10-Jan", "C10", "Format the column as text and type the cell again. Known: heavy, light"),
        ("Mei-12", "C10", "Format the column as text and type the cell again. Known: heavy, light"),
    ],
)
def test_any_other_word_is_told_with_those_that_are_known(
    cell: str, code: str, action: str
) -> None:
    assert cells.stranger(cell, ["heavy", "light"])[1] == action
    assert cells.code_of_stranger(cell, ["heavy", "light"]) == code


def column(*values: str) -> pd.DataFrame:
    lines = [str(line) for line in range(2, len(values) + 2)]
    return pd.DataFrame({"when": list(values), LINE: lines}, dtype="str")


def test_dates_are_iso_or_as_declared() -> None:
    found, faults = cells.dates(
        column("2021-03-04", "04-03-2021", "", "2021-03-04 00:00:00"), "when", "%d-%m-%Y", "t.csv"
    )
    assert faults == []
    day = datetime.date(2021, 3, 4)
    assert found.drop(2).tolist() == [day, day, day]
    assert found[2] is pd.NaT


@pytest.mark.parametrize(
    ("values", "says"),
    [
        (
            ["03/04/2021"],
            'is 3 April 2021 or 4 March 2021. Set `date_format: "%d/%m/%Y"` or `date_format: "%m/',
        ),
        (
            ["03/04/2021", "25/04/2021"],
            'other dates of this column have the day first. Set `date_format: "%d/%m/%Y"` for this',
        ),
        (["25/04/2021", "04/25/2021"], "some dates have the day first, others the month"),
        (["03-04-21"], 'Set `date_format: "%d-%m-%y"`'),
        (["44927"], "'44927' is a day number of a spreadsheet, 2023-01-01 perhaps"),
        (["2021-3-4"], "'2021-3-4' is no date written as 2021-03-04"),
        (["0021-03-04"], "'0021-03-04' is no date written as 2021-03-04, between 1900 and 2100"),
        (["2021-02-30"], "'2021-02-30' is no date"),
        (["soon"], "'soon' is no date"),
    ],
)
def test_any_other_date_is_told_with_both_its_readings(values: list[str], says: str) -> None:
    found, faults = cells.dates(column(*values), "when", "%Y-%m-%d", "t.csv")
    assert says in "\n".join(str(fault) for fault in faults)
    assert found.isna().all()


@pytest.mark.parametrize("date_format", ["%Q", "%d-%d", "", "%"])
def test_a_date_format_that_is_none_ends_in_faults(date_format: str) -> None:
    _, faults = cells.dates(column("04-03-2021"), "when", date_format, "t.csv")
    assert [fault.code for fault in faults] == ["C12"]


def test_training_status_is_accepted_in_two_words_alone() -> None:
    found, faults = cells.accepted(
        column("trained", "untrained", "", "Trained"), "when", cells.TRAININGS, "t.csv"
    )
    assert found.tolist() == ["trained", "untrained", "", ""]
    assert "'Trained' is not one of untrained, trained (in other capitals)" in str(faults[0])


def study(unit: str = "kg", **outcome: Any) -> Participants:
    """A study with one outcome at two visits."""
    declared = {
        "label": "Squat",
        "construct": "strength",
        "unit": unit,
        "measure": "one_rm",
        "region": "legs",
        "range": (1.0, 1e5),
        **outcome,
    }
    visit = {"label": "Visit", "phase": "training"}
    return Participants.model_validate(
        {
            "id": "mini",
            "kind": "participants",
            "title": "A trial",
            "source": {"citation": "Nobody", "licence": "CC0-1.0"},
            "population": {"description": "adults"},
            "design": "parallel",
            "randomised": "yes",
            "arms": {"light": {"label": "Light"}},
            "visits": {"pre": {**visit, "week": 0.0}, "post": {**visit, "week": 9.0}},
            "outcomes": {"squat": declared},
            "primary_outcome": "squat",
            "contrasts": (),
            "at": ("post",),
            "tables": ({"file": "t.csv"},),
        }
    )


def tidy(before: list[float], after: list[float]) -> pd.DataFrame:
    names = [f"P{number}" for number in range(len(before))]
    return pd.DataFrame(
        {
            "participant": [*names, *names],
            "limb": "",
            "visit": ["pre"] * len(before) + ["post"] * len(after),
            "outcome": "squat",
            "value": [*before, *after],
            "__line__": range(2, 2 * len(before) + 2),
            "__file__": "t.csv",
        }
    ).astype(dict.fromkeys(("participant", "limb", "visit", "outcome", "__file__"), "category"))


BEFORE = [60.0, 70.0, 80.0, 90.0, 100.0, 110.0]
AFTER = [68.0, 77.0, 91.0, 98.0, 113.0, 120.0]


def told(before: list[float], after: list[float], unit: str = "kg") -> list[tuple[str, str]]:
    """Code and severity of what is told."""
    found = cells.value_faults(tidy(before, after), study(unit))
    return [(fault.code, fault.severity) for fault in found]


def test_values_in_one_unit_are_not_told() -> None:
    assert told(BEFORE, AFTER) == []


def test_one_person_who_doubles_is_a_warning_and_a_shift_of_ten_is_an_error() -> None:
    assert told(BEFORE, [150.0, *AFTER[1:]]) == [("C09", "warning")]
    assert told(BEFORE, [680.0, *AFTER[1:]]) == [("C09", "error")]
    assert told([600.0, *BEFORE[1:]], AFTER) == [("C09", "error")]


def test_a_test_that_one_person_failed_is_a_warning() -> None:
    assert told(BEFORE, [*AFTER[:-1], 12.1], "N·m") == [("C09", "warning")]
    # At the first visit too: later values are ten times as large, and no larger than others'.
    assert told([7.7, *BEFORE[1:]], [77.0, *AFTER[1:]], "N·m") == [("C09", "warning")]


def test_one_person_whose_other_test_moved_by_the_same_factor_is_an_error() -> None:
    declared = study("N·m")
    bench = declared.outcomes["squat"].model_copy(update={"label": "Bench press"})
    declared = declared.model_copy(update={"outcomes": {**declared.outcomes, "bench": bench}})

    def severities(squat: float, bench: float) -> list[str]:
        one, other = tidy(BEFORE, [*AFTER[:-1], squat]), tidy(BEFORE, [*AFTER[:-1], bench])
        both = pd.concat([one, other.assign(outcome="bench")], ignore_index=True)
        return [fault.severity for fault in cells.value_faults(both, declared)]

    assert severities(12.3, 12.4) == ["error", "error"]
    assert severities(12.3, 120.0) == ["warning"]
    assert severities(12.3, 11.7) == ["warning", "warning"]  # only about the factor


def test_no_factor_is_one_of_units_that_the_outcome_does_not_have() -> None:
    assert told(BEFORE, [150.0, *AFTER[1:]], "N·m") == []
    assert told(BEFORE, [667.0, *AFTER[1:]], "N·m") == [("C09", "error")]
    assert told(BEFORE, [6800.0, *AFTER[1:]], "cm²") == [("C09", "error")]


def test_counts_may_become_ten_times_as_many() -> None:
    assert told(BEFORE, [600.0, *AFTER[1:]], "repetitions") == []


def test_a_whole_visit_in_another_unit_is_told() -> None:
    (fault,) = cells.value_faults(tidy(BEFORE, [value * 2.20462 for value in AFTER]), study())
    assert (fault.code, fault.severity) == ("C09", "warning")
    assert fault.found.startswith("most values at post are 2.46 times those of the first visit; ")
    assert told(BEFORE, [value * 1000 for value in AFTER]) == [("C09", "error")]


@pytest.mark.parametrize(("times", "is_told"), [(1.0, False), (1.6, False), (2.20462, True)])
def test_an_arm_in_another_unit_at_all_visits_is_told(times: float, is_told: bool) -> None:
    declared = study().model_dump()
    declared["arms"]["heavy"] = {"label": "Heavy"}
    declared["visits"]["pre"]["phase"] = "baseline"
    other = [value * times + 1 for value in BEFORE], [value * times + 1 for value in AFTER]
    rows = tidy([*BEFORE, *other[0]], [*AFTER, *other[1]])
    rows["arm"] = pd.Categorical((["light"] * 6 + ["heavy"] * 6) * 2)
    found = cells.value_faults(rows, Participants.model_validate(declared))
    assert [(fault.code, fault.severity) for fault in found] == (
        [("C09", "warning")] if is_told else []
    )
    if is_told:
        assert "the median of arm 'heavy' is 2.22 times that of 'light'" in found[0].found
        assert "between kg and lb" in found[0].found


def test_a_warning_names_no_participant() -> None:
    (fault,) = cells.value_faults(tidy(BEFORE, [150.0, *AFTER[1:]]), study())
    assert "P0" not in str(fault)
    assert (fault.line, fault.file, fault.study) == (8, "t.csv", "mini")


def test_a_column_of_units_does_not_excuse_a_row_that_says_a_wrong_one() -> None:
    declared = study()
    with_units = declared.model_copy(
        update={"columns": declared.columns.model_copy(update={"unit": "unit"})}
    )
    (fault,) = cells.value_faults(tidy(BEFORE, [680.0, *AFTER[1:]]), with_units)
    assert (fault.code, fault.severity) == ("C09", "error")


@pytest.mark.parametrize(("value", "is_told"), [(99.0, False), (999.0, True), (9999.0, True)])
def test_a_number_of_nines_among_its_like_is_a_value(value: float, is_told: bool) -> None:
    found = told(BEFORE, [value, *AFTER[1:]])
    assert (("C04", "warning") in found) is is_told
