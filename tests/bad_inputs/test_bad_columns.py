"""S09: what points at a person in a raw table stops it, and what does not is left alone."""

import time

import numpy as np
import pandas as pd
import pytest

from howlow.config.steps import Table
from howlow.data.privacy.personal_words import told_by_name
from howlow.data.privacy.raw_tables import raw_columns, scan
from howlow.data.tables import LINE
from howlow.findings import Finding


def scanned(columns: dict[str, list[str]], unread: tuple[str, ...] = ()) -> list[Finding]:
    frame = pd.DataFrame(columns, dtype="str")
    frame[LINE] = [str(line) for line in range(2, len(frame) + 2)]
    header = [*columns, *unread]
    return scan(frame, header, set(columns), "raw/t.csv", participant=["id"], dates=["visited"])


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ("Surname", "a name"),
        ("Achternaam", "a name"),
        ("Participant name", "a name"),
        ("Prénom", "a name"),
        ("Vorname", "a name"),
        ("Initialen", "initials"),
        ("E-mail", "an e-mail address"),
        ("emailAddress", "an e-mail address"),
        ("Telefoonnummer", "a telephone number"),
        ("phone_number", "a telephone number"),
        ("Home address", "an address"),
        ("Straße", "an address"),
        ("Postcode", "a postcode"),
        ("Code postal", "a postcode"),
        ("date of birth", "a date of birth"),
        ("Geboortedatum", "a date of birth"),
        ("Date de naissance", "a date of birth"),
        ("BSN", "a national number"),
        ("social security number", "a national number"),
        ("Patiëntnummer", "a patient number"),
        ("Opmerkingen", "remarks"),
        ("Bemerkungen", "remarks"),
    ],
)
def test_s09_a_column_says_by_its_name_that_it_points_at_people(column: str, kind: str) -> None:
    assert told_by_name(column) == kind
    (error,) = scanned({"id": ["P1", "P2"], column: ["1", "2"]})
    assert (error.code, error.severity, error.column) == ("S09", "error", column)
    assert kind in error.found
    assert "Remove the column from study.yaml" in error.action
    (warning,) = scanned({"id": ["P1", "P2"]}, unread=(column,))
    assert (warning.code, warning.severity) == ("S09", "warning")
    assert column in warning.found
    assert "remove them from the file before you share it" in warning.action


@pytest.mark.parametrize(
    "column",
    [
        *("exercise name", "exercise_name", "study.name", "age", "birth_weight", "mobile_test"),
        *("patient_id", "subject", "Group", "Test_Phase", "nominal", "telomere", "code", "Mode"),
        *("unit name", "addressed", "isokinetic.60", "first", "hotel", "mailbox", ""),
    ],
)
def test_a_column_that_names_something_else_is_let_through(column: str) -> None:
    assert told_by_name(column) == ""


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("jan@example.org", "an e-mail address"),
        ("write to j.jansen@uni.nl", "an e-mail address"),
        ("06-12345678", "a telephone number"),
        ("0612345678", "a telephone number"),
        ("+31 6 1234 5678", "a telephone number"),
        ("0031612345678", "a telephone number"),
        ("06.12.34.56.78", "a telephone number"),
        ("(020) 123 4567", "a telephone number"),
        ("555-123-4567", "a telephone number"),
        ("1956-03-12", "a date of birth"),
        ("12-03-1956", "a date of birth"),
        ("12/3/1956", "a date of birth"),
        ("1956-03-12 00:00:00", "a date of birth"),
        ("12 March 1956", "a date of birth"),
        ("123456782", "a national number (BSN)"),
        ("had pain in the left knee after P03 fell on him in week four", "free text"),
    ],
)
def test_s09_a_cell_points_at_a_person(cell: str, kind: str) -> None:
    (error,) = scanned({"id": ["P1", "P2"], "arm": ["light", cell]})
    assert (error.code, error.severity, error.line, error.column) == ("S09", "error", 3, "arm")
    assert error.found == f"on line 3: this looks like {kind}"
    assert cell not in str(error), "a finding must not spread what it warns of"


@pytest.mark.parametrize(
    "ids",
    [
        ["Jan de Vries", "Marie Jansen"],
        ["de Vries, J.", "P02"],
        ["J.d.V.", "P02"],
        ["Marieke", "Johannes", "Pieter"],
        ["jan jansen Van Dijk", "P02"],
        ["Ömer Yılmaz", "P02"],
    ],
)
def test_s09_participants_are_called_by_name(ids: list[str]) -> None:
    (error,) = scanned({"id": ids})
    assert (error.code, error.severity) == ("S09", "error")
    assert "this looks like the name of a person" in error.found
    assert error.action == "Use codes such as P01, or let `howlow new --rekey` make them"


def test_s09_ids_that_may_be_initials_are_a_warning() -> None:
    (warning,) = scanned({"id": ["JdV", "MJ", "PB", "TJ"]})
    assert (warning.code, warning.severity) == ("S09", "warning")
    assert "initials" in warning.found


@pytest.mark.parametrize(
    "ids",
    [
        ["FP13", "P01", "001", "s.12"],
        ["subject 1", "Subject 2", "Participant A"],
        ["A", "B", "C", "D"],
        ["1", "2", "3"],
        ["100000001", "100000002", "100000003"],
        ["NL-001-0203", "NL-001-0204"],
        ["0001", "0012345678"],
    ],
)
def test_ids_that_are_codes_are_let_through(ids: list[str]) -> None:
    assert scanned({"id": ids}) == []


@pytest.mark.parametrize(
    "cells",
    [
        ["Leg Press", "Bench Press", "Biceps curl"],
        ["55.1", "-3,2", "1e5", "0.123456789", "+1.23456789"],
        ["10.1152/japplphysiol.00307.2012", "10.1080/02640414.2020.1822595"],
        ["8-12", "20-25", "1-10"],
        ["Light load, 20 to 25 repetitions, once a week for ten weeks"] * 6,
    ],
)
def test_what_trials_hold_is_let_through(cells: list[str]) -> None:
    assert scanned({"id": ["P01"] * len(cells), "what": cells}) == []


def test_dates_of_measurement_are_let_through_and_dates_of_birth_among_them_are_not() -> None:
    assert scanned({"id": ["P1", "P2"], "visited": ["2007-03-01", "2008-05-01"]}) == []
    (error,) = scanned({"id": ["P1", "P2"], "visited": ["1948-03-01", "1987-05-01"]})
    assert "a date of birth" in error.found


def test_many_cells_are_one_finding() -> None:
    (error,) = scanned({"id": ["P1"] * 9, "arm": [f"p{n}@example.org" for n in range(9)]})
    assert error.found.startswith("on lines 2, 3, 4 and 6 more: ")


def test_the_raw_column_of_the_participant_is_found_through_rename() -> None:
    steps = [{"step": "rename", "columns": {"Subject": "person"}}] * 1
    steps += [{"step": "rename", "columns": {"person": "participant", "x": "y"}}]
    table = Table.model_validate({"file": "t.csv", "steps": steps}, strict=False)
    assert raw_columns(table, "participant") == {"participant", "person", "Subject"}


def test_open_data_are_let_through(shared, repo) -> None:
    """Every column of the open tables, read as if all were declared; remarks are remarks."""
    found: list[Finding] = []
    for path in sorted((shared / "datasets").rglob("*.csv")):
        text = pd.read_csv(
            path, dtype="str", keep_default_na=False, encoding="latin-1", sep=None, engine="python"
        )
        text[LINE] = "1"
        ids = [name for name in text.columns if name.lower() in ("subject", "participant", "id")]
        found += scan(text, list(text.columns)[:-1], None, path.name, participant=ids)
    assert [finding.column for finding in found] == ["Notes"]


def test_a_large_table_is_looked_at_in_a_moment() -> None:
    rows = 200_000
    numbers = np.random.default_rng(1).normal(50, 10, (27, rows)).round(2).astype(str)
    frame = pd.DataFrame({f"v{n}": column for n, column in enumerate(numbers)}, dtype="str")
    frame["id"] = [f"P{row // 4:06d}" for row in range(rows)]
    frame["arm"] = ["light", "heavy"] * (rows // 2)
    frame = frame.astype("str")
    frame[LINE] = "1"
    start = time.process_time()
    assert scan(frame, list(frame.columns)[:-1], None, "t.csv", participant=["id"]) == []
    # Half a second on a machine of today; the bound leaves room for a busy one.
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    ("column", "cells", "kind"),
    [
        ("id", ["19600512", "19711103", "19850130"], "a date of birth"),
        ("id", ["JK-12051960", "AB-03111971", "CD-30011985"], "a date of birth"),
        ("paid", ["NL91 ABNA 0417 1643 00", "", ""], "a bank account"),
        ("where", ["1234 AB", "6703HB", "3511 LX"], "a postcode"),
        (
            "told",
            ["went to see her sister in the hospital and came late"] * 3
            + ["fell off the bicycle on the way to the second session"] * 3,
            "free text",
        ),
    ],
)
def test_s09_what_hides_in_ids_and_cells(column: str, cells: list[str], kind: str) -> None:
    columns = {"id": [f"S{1 + at // 3}" for at in range(len(cells))]} | {column: cells}
    errors = scanned(columns)
    assert {(error.code, error.severity, error.column) for error in errors} == {
        ("S09", "error", column)
    }
    assert any(f"this looks like {kind}" in error.found for error in errors)


def test_s09_long_labels_and_numbers_of_sites_are_no_text_about_people() -> None:
    label = "isometric torque of the knee extensors at sixty degrees of flexion"
    ids = [f"P{at}" for at in range(8)]
    assert scanned({"id": ids, "outcome": [label] * 8}) == []
    assert scanned({"id": [f"S200{at}" for at in range(8)]}) == []
    assert scanned({"id": [f"1960{at:02d}99" for at in range(8)]}) == []
