"""The parts of `howlow new`: questions, codes for names, the workbook, config.yaml, words."""

import io
import random
import string
from pathlib import Path

import pytest
from intake_tables import a_project, long_rows, made, write_csv

from howlow.__main__ import main
from howlow.config.documents import read_yaml
from howlow.errors import HowlowError
from howlow.intake import words
from howlow.intake.asking import Asker, Question, one_of, rising, weeks_in
from howlow.intake.registering import register, with_study
from howlow.intake.words import SENTENCES, Tell, language_of


@pytest.fixture
def project(repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project of its own, where the command is run."""
    return a_project(repo, tmp_path, monkeypatch)


class Terminal(io.StringIO):
    """What a person types."""

    def isatty(self) -> bool:
        return True


def answer(monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(typed))


# questions


def test_answers_typed_at_a_terminal_are_taken_and_a_wrong_one_is_asked_again(
    project: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    answer(monkeypatch, "Bad Name\ntyped\n\nrm30\n\n0 8\n\n")
    table = write_csv(tmp_path / "t.csv", long_rows())
    assert main(["new", str(table), "--language", "en"]) in (0, 1)
    study = made(project, "typed")
    assert study.reference == "rm30"
    assert study.visits["post"].week == 8
    assert "'Bad Name' will not do for study" in capsys.readouterr().err


def test_the_end_of_input_leaves_nothing_behind(
    project: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    answer(monkeypatch, "typed\n")
    table = write_csv(tmp_path / "t.csv", long_rows())
    before = (project / "config" / "config.yaml").read_bytes()
    assert main(["new", str(table), "--language", "en"]) == 2
    assert "Stopped. Nothing was written." in capsys.readouterr().err
    assert not list(project.glob("data/*"))
    assert (project / "config" / "config.yaml").read_bytes() == before


def test_a_key_press_that_interrupts_leaves_nothing_behind(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: str) -> str:
        raise KeyboardInterrupt

    answer(monkeypatch, "")
    monkeypatch.setattr("builtins.input", interrupted)
    assert main(["new", str(write_csv(tmp_path / "t.csv", long_rows()))]) == 2
    assert not list(project.glob("data/*"))


def test_without_a_terminal_the_defaults_are_taken_and_told(
    project: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    main(["new", str(write_csv(tmp_path / "t.csv", long_rows())), "--language", "en"])
    told = capsys.readouterr().err
    assert "nobody to ask here" in told
    assert "reference: rm10 (default)" in told
    assert made(project, "t")


def test_never_more_than_six_questions(
    project: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def asking(text: str) -> str:
        asked.append(text)
        return ""

    answer(monkeypatch, "")
    monkeypatch.setattr("builtins.input", asking)
    main(["new", str(write_csv(tmp_path / "t.csv", long_rows(arms=("x", "y"))))])
    assert len(asked) == 6


@pytest.mark.parametrize(
    ("text", "weeks"),
    [
        ("0 6 12", (0, 6, 12)),
        ("0, 6, 12", (0, 6, 12)),
        ("0,6,12", (0, 6, 12)),
        ("0; 6; 12", (0, 6, 12)),
        ("0 6,5 12", (0, 6.5, 12)),
        ("soon", ()),
    ],
)
def test_weeks_are_read_as_people_write_them(text: str, weeks: tuple[float, ...]) -> None:
    assert weeks_in(text) == weeks
    assert rising(text, 3) is (len(weeks) == 3)


def test_an_unknown_answer_in_a_file_is_a_fault(tmp_path: Path) -> None:
    from howlow.intake.asking import read_answers

    path = tmp_path / "answers.yaml"
    path.write_text("studdy: x\n", encoding="utf-8")
    with pytest.raises(HowlowError, match="Did you mean 'study'"):
        read_answers(path, ["study", "weeks"])


def test_a_given_answer_is_never_asked() -> None:
    asker = Asker({"design": "parallel"}, False, Tell(), Terminal(""))
    question = Question("design", "?", "crossover", "parallel", one_of(["parallel"]))
    assert asker.ask(question) == "parallel"
    assert asker.assumed == set()


def test_an_interruption_while_files_are_read_is_no_traceback(
    project: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("howlow.intake.new.guess_all", interrupted)
    table = write_csv(tmp_path / "t.csv", long_rows())
    assert main(["new", str(table), "--language", "en"]) == 2
    assert "whole or not at all" in capsys.readouterr().err
    assert not list(project.glob("data/*"))


def test_a_disk_that_cannot_be_written_to_is_told_and_leaves_nothing(
    project: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", "data/t")

    monkeypatch.setattr("howlow.intake.writing.shutil.copyfile", full)
    table = write_csv(tmp_path / "t.csv", long_rows())
    assert main(["new", str(table), "--yes", "--language", "en"]) == 2
    assert "No space left on device. Nothing was written" in capsys.readouterr().err
    assert not list(project.glob("data/*"))


# codes for names


def named_table(folder: Path) -> Path:
    names = ["Anna de Vries", "Bob Jansen", "Carla Smit", "Dirk Bakker", "Eva Visser",
             "Fleur Mulder", "Gijs de Boer", "Hans Dekker"]  # fmt: skip
    draw = random.Random(4)
    rows: list[list[object]] = [["Naam", "e-mail", "groep", "squat T0", "squat T1"]]
    for place, name in enumerate(names):
        start = 80 + draw.randint(0, 20)
        group = ["controle", "training"][place % 2]
        rows.append([name, f"{name[:3]}@mail.example", group, start, start + draw.randint(1, 9)])
    return write_csv(folder / "names.csv", rows)


def test_names_are_told_and_rekey_is_offered(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["new", str(named_table(tmp_path)), "--yes", "--language", "en"])
    told = capsys.readouterr().err
    assert "'Naam': " in told
    assert "'e-mail': " in told
    assert "--rekey" in told


def test_rekey_keeps_codes_and_puts_the_list_outside_the_project(
    project: Path, tmp_path: Path
) -> None:
    table = named_table(tmp_path)
    before = table.read_bytes()
    assert main(["new", str(table), "--yes", "--rekey"]) in (0, 1)
    assert made(project, "names").tables[0].file == "raw/names.csv"
    inside = b"".join(path.read_bytes() for path in project.rglob("*") if path.is_file())
    for word in (b"Vries", b"Jansen", b"@mail"):
        assert word not in inside
    codes = (tmp_path / "names-codes.csv").read_text(encoding="utf-8").splitlines()
    assert codes[0] == "name,code"
    assert len(codes) == 9
    assert table.read_bytes() == before
    by_name = dict(line.split(",") for line in codes[1:])
    copy = (project / "data" / "names" / "raw" / "names.csv").read_text(encoding="utf-8")
    rows = {line.split(",")[0]: line.split(",")[2:] for line in copy.splitlines()[1:]}
    for line in before.decode().splitlines()[1:]:
        name, _, _, *values = line.split(",")
        assert rows[by_name[name]] == values


def test_a_list_of_codes_inside_the_project_is_refused(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = named_table(project / "inbox")
    assert main(["new", str(table), "--yes", "--rekey", "--language", "en"]) == 2
    assert "inside the project" in capsys.readouterr().err
    assert not list(project.glob("data/*"))
    outside = tmp_path / "codes.csv"
    assert main(["new", str(table), "--yes", "--rekey", "--key-file", str(outside)]) in (0, 1)
    assert outside.is_file()


# the workbook to fill in


def test_the_workbook_filled_in_becomes_a_study(project: Path, tmp_path: Path) -> None:
    from openpyxl import load_workbook

    path = tmp_path / "fill.xlsx"
    assert main(["new", "--template", str(path)]) == 0
    book = load_workbook(path)
    draw = random.Random(9)
    for person in range(1, 11):
        code, start = f"K{person:02}", 100 + draw.randint(0, 40)
        book["participants"].append([code, "FM"[person % 2], 20 + person, 170])
        for visit, gain in (("baseline", 0), ("week 12", draw.randint(2, 20))):
            arm = "light" if person % 2 else "heavy"
            row = [code, arm, None, visit, "leg press 1RM", start + gain, "kg", None]
            book["measurements"].append(row)
    book.save(path)
    assert main(["new", str(path), "--study", "filled", "--yes"]) in (0, 1)
    study = made(project, "filled")
    assert [table.sheet for table in study.tables] == ["measurements", "participants"]
    assert study.visits["week_12"].week == 12
    assert study.outcomes["leg_press_1rm"].unit == "kg"
    assert study.contrasts[0].contrast == "light - heavy"
    assert study.columns.height == "height"


def test_the_workbook_of_a_study_offers_its_words(project: Path, tmp_path: Path) -> None:
    from openpyxl import load_workbook

    main(["new", str(write_csv(tmp_path / "t.csv", long_rows())), "--yes"])
    path = tmp_path / "fill.xlsx"
    assert main(["new", "--template", str(path), "--study", "t"]) == 0
    book = load_workbook(path)
    columns = {
        column[0].value: [cell.value for cell in column[1:]] for column in book["lists"].columns
    }
    assert [word for word in columns["arm"] if word] == ["rm30", "rm10"]
    assert [word for word in columns["visit"] if word] == ["baseline", "post"]
    assert book["lists"].sheet_state == "hidden"
    rules = book["measurements"].data_validations.dataValidation
    assert {str(rule.sqref)[0] for rule in rules} == {"B", "C", "D", "E", "G"}
    assert main(["new", "--template", str(path)]) == 2


def test_a_workbook_with_a_banner_merged_headers_and_means_below(
    project: Path, tmp_path: Path
) -> None:
    from openpyxl import Workbook

    draw = random.Random(3)
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Data"
    sheet.append(["Export 12-03-2024"])
    sheet.append([])
    sheet.append(["ID", "", "Knee ext (Nm)", "", "Lean mass (kg)", ""])
    sheet.append(["", "Groep", "T0", "T1", "T0", "T1"])
    sheet.merge_cells("C3:D3")
    sheet.merge_cells("E3:F3")
    for person in range(1, 15):
        torque, lean = 150 + 60 * draw.random(), 50 + 10 * draw.random()
        numbers = [torque, torque + 9 * draw.random(), lean, lean + draw.random()]
        row = [f"{person:03}", 1 + person % 2, *(round(number, 1) for number in numbers)]
        sheet.append(row)
    sheet.append(["Mean", "", 170, 180, 50, 51])
    book.create_sheet("Notes")["A1"] = "T0 is before the training"
    path = tmp_path / "Biodex export.xlsx"
    book.save(path)
    assert main(["new", str(path), "--yes", "--weeks", "0,12"]) in (0, 1)
    study = made(project, "biodex-export")
    assert {arm.label for arm in study.arms.values()} == {"Groep 1", "Groep 2"}
    assert {name: found.unit for name, found in study.outcomes.items()} == {
        "knee_ext": "N·m",
        "lean_mass": "kg",
    }
    (table,) = study.tables
    assert (table.skip_lines, table.header_lines, table.skip_footer) == (2, 2, 1)


# config.yaml


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("studies:\n  - a   # one\n  - b   # two\n\nalpha: 1\n",
         "studies:\n  - a   # one\n  - b   # two\n  - new\n\nalpha: 1\n"),
        ("studies: [a, b]  # both\nalpha: 1\n", "studies: [a, b, new]  # both\nalpha: 1\n"),
        ("studies: [a, b,]\n", "studies: [a, b, new,]\n"),
        ("studies: []\n", "studies: [new]\n"),
        ("studies:\n- a", "studies:\n- a\n- new\n"),
        ("studies:\r\n  - a\r\nalpha: 1\r\n", "studies:\r\n  - a\r\n  - new\r\nalpha: 1\r\n"),
        ('studies:\n  - "a"\n# after\n', 'studies:\n  - "a"\n  - new\n# after\n'),
        ("studies: [\n  a,\n  b\n]\n", "studies: [\n  a,\n  b, new\n]\n"),
    ],
)  # fmt: skip
def test_a_study_is_added_and_every_other_byte_stays(
    tmp_path: Path, before: str, after: str
) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(before.encode())
    if "[a, b,]" in before:
        assert with_study(before, "new") is not None
    else:
        assert with_study(before, "new") == after
    assert register(path, "new")
    assert "new" in read_yaml(path).data["studies"]
    assert not register(path, "new")


@pytest.mark.parametrize("text", ["alpha: 1\n", "studies: a\n", "- a\n", "studies:\n"])
def test_a_configuration_without_a_list_of_studies_is_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(HowlowError):
        register(path, "new")
    assert path.read_text(encoding="utf-8") == text
    assert list(tmp_path.iterdir()) == [path]


# words


def test_every_sentence_is_there_in_both_languages_with_the_same_blanks() -> None:
    for key, sentence in SENTENCES.items():
        assert set(sentence) == set(words.LANGUAGES), key
        blanks = [
            {name for _, name, _, _ in string.Formatter().parse(text) if name}
            for text in sentence.values()
        ]
        assert blanks[0] == blanks[1], key


@pytest.mark.parametrize(
    ("chosen", "machine", "language"),
    [(None, "nl_NL.UTF-8", "nl"), (None, "en_GB.UTF-8", "en"), (None, "", "en"),
     ("en", "nl_NL", "en"), ("nl", "C", "nl")],
)  # fmt: skip
def test_the_language_is_the_one_chosen_or_that_of_the_machine(
    monkeypatch: pytest.MonkeyPatch, chosen: str | None, machine: str, language: str
) -> None:
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.setenv("LANG", machine)
    assert language_of(chosen) == language
