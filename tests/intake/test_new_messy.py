"""Tables as people in muscle labs keep them, and what `howlow new` makes of them."""

import io
import random
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from intake_tables import a_project, long_rows, made, write_csv

from howlow.__main__ import main
from howlow.config.reading import read_config
from howlow.config.steps import Combine, Rename
from howlow.config.study import Participants
from howlow.data.individual import measure
from howlow.intake.vocabulary import measured


@pytest.fixture
def project(repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project of its own, where the command is run."""
    return a_project(repo, tmp_path, monkeypatch)


def write_xlsx(path: Path, rows: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path


def values(project: Path, study: Participants) -> list[float]:
    """Every value that is measured, sorted."""
    files = [project / "data" / study.id / table.file for table in study.tables]
    seed = read_config([project / "config" / "config.yaml"]).seed
    found: list[float] = measure(study, files, seed=seed).measurements["value"].tolist()
    return sorted(found)


def test_numbers_beside_text_with_decimal_commas_are_read_alike(
    project: Path, tmp_path: Path
) -> None:
    draw = random.Random(1)
    rows: list[list[object]] = [["Pp", "Groep", "1RM T0 (kg)", "1RM T1 (kg)", "CSA T0", "CSA T1"]]
    for person in range(1, 17):
        squat, csa = 80 + 2.5 * person, 60 + draw.random() * 9
        typed = [f"{csa + gain:.2f}".replace(".", ",") for gain in (0.0, 2.0)]
        rows.append([person, "AB"[person % 2], squat, squat + 7.5, *typed])
    rows[5][4] = "n.b."
    table = write_xlsx(tmp_path / "data.xlsx", rows)
    assert main(["new", "--yes", "--study", "both", str(table)]) in (0, 1)
    study = made(project, "both")
    assert study.tables[0].decimal == ","
    expected = [float(str(cell).replace(",", ".")) for row in rows[1:] for cell in row[2:]
                if cell != "n.b."]  # fmt: skip
    assert values(project, study) == pytest.approx(sorted(expected))


def test_a_workbook_of_numbers_alone_has_a_decimal_point(project: Path, tmp_path: Path) -> None:
    rows: list[list[object]] = [["id", "group", "squat_pre", "squat_post", "note"]]
    rows += [[n, "AB"[n % 2], 80.5 + n, 90.5 + n, "x"] for n in range(1, 13)]
    table = write_xlsx(tmp_path / "data.xlsx", rows)
    assert main(["new", "--yes", "--study", "plain", str(table)]) in (0, 1)
    assert made(project, "plain").tables[0].decimal == "."


def test_a_missing_code_with_a_point_holds_beside_decimal_commas(
    project: Path, tmp_path: Path
) -> None:
    rows: list[list[object]] = [["Pp", "Groep", "squat T0", "squat T1", "press T0", "press T1"]]
    rows += [[n, "AB"[n % 2], 30.5 + n, 33.5 + n, f"{20 + n},5", f"{23 + n},5"] for n in range(12)]
    rows[3][3] = 999.9
    table = write_xlsx(tmp_path / "data.xlsx", rows)
    assert main(["new", "--yes", "--study", "codes", str(table)]) in (0, 1)
    assert max(values(project, made(project, "codes"))) < 60
    path = project / "data" / "codes" / "study.yaml"
    text = path.read_text(encoding="utf-8")
    assert '"999,9"' in text
    path.write_text(text.replace('"999,9"', '"999.9"'), encoding="utf-8")
    assert max(values(project, made(project, "codes"))) < 60


def test_german_headers_and_words_are_known(project: Path, tmp_path: Path) -> None:
    head = ["Proband", "Gruppe", "Geschlecht", "Gewicht (kg)", "Zeitpunkt"]
    rows: list[list[object]] = [[*head, "Drehmoment (Nm)", "Muskeldicke (mm)"]]
    for person in range(1, 13):
        who = [f"P{person}", ["Kontrolle", "Training"][person % 2]]
        who.append(["weiblich", "männlich"][person % 3 == 0])
        for visit, gain in (("vor", 0.0), ("nach", 9.0)):
            numbers = [f"{base + 1.3 * person + gain:.1f}".replace(".", ",") for base in (200, 25)]
            rows.append([*who, 70 + person, visit, *numbers])
    text = "\n".join(";".join(map(str, row)) for row in rows)
    table = tmp_path / "kraft.csv"
    table.write_bytes(text.encode("cp1252"))
    assert main(["new", "--yes", "--study", "kraft", str(table)]) in (0, 1)
    study = made(project, "kraft")
    assert set(study.arms) == {"kontrolle", "training"}
    assert [outcome.construct for outcome in study.outcomes.values()] == [
        "strength",
        "muscle_thickness",
    ]
    assert study.columns.sex == "sex"


@pytest.mark.parametrize(
    ("name", "construct", "region"),
    [
        ("LBM", "lean_whole_body", "whole_body"),
        ("VLM", "lean_whole_body", "whole_body"),
        ("lean body mass", "lean_whole_body", "whole_body"),
        ("KE torque", "strength", "knee_extensors"),
        ("KF peak torque", "strength", "knee_flexors"),
    ],
)
def test_abbreviations_of_the_field_are_known(name: str, construct: str, region: str) -> None:
    found = measured(name)
    assert found is not None
    assert (found.construct, found.region) == (construct, region)


def test_body_mass_is_no_outcome() -> None:
    assert measured("body mass") is None


def test_a_date_for_each_visit_in_one_row_is_not_taken_for_that_of_all(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows: list[list[object]] = [["id", "arm", "Datum T0", "Datum T1", "squat T0", "squat T1"]]
    for person in range(1, 13):
        dates = [datetime(2025, 1, person), datetime(2025, 4, person)]
        rows.append([person, "AB"[person % 2], *dates, 80 + person, 90 + person])
    table = write_xlsx(tmp_path / "data.xlsx", rows)
    assert main(["new", "--yes", "--study", "dated", "--language", "en", str(table)]) in (0, 1)
    assert made(project, "dated").columns.date is None
    told = capsys.readouterr().out
    assert "'Datum T0' is not taken" in told
    assert "K08" not in told


def test_age_and_height_of_each_visit_do_not_stop_the_study(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows: list[list[object]] = [["id", "visit", "age", "height", "sex", "group", "squat"]]
    for person in range(1, 13):
        sex = ["m", "Male", "F"][person % 3]
        for number, visit in enumerate(("pre", "post")):
            age, height = 20 + person + number * (person % 2), 170 + number / 10
            rows.append([person, visit, age, height, sex, "AB"[person // 7], 80 + person + number])
    table = write_csv(tmp_path / "t.csv", rows)
    assert main(["new", "--yes", "--study", "aged", "--language", "en", str(table)]) in (0, 1)
    study = made(project, "aged")
    assert (study.columns.age, study.columns.height, study.columns.sex) == (None, None, "sex")
    assert "'age' changes within a participant" in capsys.readouterr().out


def test_trials_of_one_test_are_told(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, *rest = long_rows()
    rows = [[*first, "trial"], *([*row, n] for row in rest for n in (1, 2, 3))]
    table = write_csv(tmp_path / "t.csv", rows)
    assert main(["new", "--yes", "--study", "thrice", "--language", "en", str(table)]) in (0, 1)
    assert any(isinstance(step, Combine) for step in made(project, "thrice").tables[0].steps)
    assert "the largest value counts" in capsys.readouterr().out


def test_names_are_told_once_with_what_to_do(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows: list[list[object]] = [["Achternaam", "Voornaam", "code", "groep", "squat T0", "squat T1"]]
    rows += [[f"Bakker{n}", "Jo", f"P{n}", "AB"[n % 2], 80 + n, 90 + n] for n in range(1, 13)]
    table = write_csv(tmp_path / "t.csv", rows)
    main(["new", "--yes", "--language", "en", str(table)])
    told = capsys.readouterr().err
    assert told.count("--rekey") == 1
    assert "'Achternaam'" in told
    assert "'Voornaam'" in told


def test_an_answer_in_other_capitals_will_do(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Terminal("capitals\n\nRM30\nLoad\n\n\n"))
    table = write_csv(tmp_path / "t.csv", long_rows())
    assert main(["new", str(table)]) in (0, 1)
    study = made(project, "capitals")
    assert (study.reference, study.contrasts[0].question) == ("rm30", "load")
    assert any(isinstance(step, Rename) for step in study.tables[0].steps)


def test_an_empty_folder_is_told_which_files_are_read(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    assert main(["new", "--language", "en", str(tmp_path / "empty")]) == 2
    assert "It takes files that end in .csv" in capsys.readouterr().err


def test_sessions_a_week_name_arms_and_no_visits(project: Path, tmp_path: Path) -> None:
    rows: list[list[object]] = [["", "", "Baseline", "", "Week 10", ""]]
    rows.append(["Subject", "Group", "Squat (kg)", "LBM (kg)", "Squat (kg)", "LBM (kg)"])
    rows += [
        [n, ["2/wk", "4/wk"][n % 2], 90.5 + n, 50.5 + n, 100.5 + n, 51.5 + n] for n in range(1, 13)
    ]
    table = write_xlsx(tmp_path / "data.xlsx", rows)
    assert main(["new", "--yes", "--study", "weekly", str(table)]) in (0, 1)
    study = made(project, "weekly")
    assert sorted(arm.sessions_per_week or 0 for arm in study.arms.values()) == [2, 4]
    assert list(study.visits) == ["baseline", "week_10"]
    assert set(study.outcomes) == {"squat", "lbm"}


def test_sheets_of_one_outcome_each_whose_columns_are_the_visits(
    project: Path, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    people = book.active
    assert people is not None
    people.title = "Deelnemers"
    people.append(["Deelnemer", "Groep"])
    for person in range(1, 13):
        people.append([f"P{person:02d}", ["licht", "zwaar"][person % 2]])
    for outcome, usual in (("Squat 1RM", 100), ("CSA quadriceps", 60)):
        sheet = book.create_sheet(outcome)
        sheet.append(["Deelnemer", "voor", "na"])
        for person in range(1, 13):
            sheet.append([f"P{person:02d}", usual + person, usual + person + 5])
    book.save(tmp_path / "data.xlsx")
    assert main(["new", "--yes", "--study", "sheets", str(tmp_path / "data.xlsx")]) in (0, 1)
    study = made(project, "sheets")
    assert set(study.outcomes) == {"squat_1rm", "csa_quadriceps"}
    assert len(values(project, study)) == 48


def test_a_column_of_numbers_some_of_them_marked_is_one_of_numbers(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows: list[list[object]] = [["pp", "arm", "pre MVC (Nm)", "post MVC (Nm)"]]
    rows += [[n, "AB"[n % 2], 200.5 + n, f"{220.5 + n}{'*' * (n in (3, 8))}"] for n in range(1, 13)]
    table = write_csv(tmp_path / "t.csv", rows)
    assert main(["new", "--yes", "--study", "marked", "--language", "en", str(table)]) == 2
    assert list(made(project, "marked").visits) == ["baseline", "post"]
    assert "C03" in capsys.readouterr().out


def test_an_id_without_its_noughts_is_told_with_the_one_that_is_meant(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    people: list[list[object]] = [["Deelnemer", "Groep"]]
    people += [[f"P{n:02d}", ["licht", "zwaar"][n % 2]] for n in range(1, 13)]
    squats: list[list[object]] = [["Deelnemer", "squat voor", "squat na"]]
    squats += [[f"P{n}", 100 + n, 110 + n] for n in range(1, 13)]
    folder = write_csv(tmp_path / "in" / "people.csv", people).parent
    write_csv(folder / "squat.csv", squats)
    assert main(["new", "--yes", "--study", "noughts", "--language", "en", str(folder)]) == 2
    told = " ".join(capsys.readouterr().out.split())
    assert "Did you mean 'P01'?" in told
    assert "Did you mean 'P12'?" not in told
