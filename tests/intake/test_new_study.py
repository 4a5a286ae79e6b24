"""`howlow new` on tables that nobody prepared: what is written, and what is refused."""

import hashlib
import random
from pathlib import Path

import pytest
from intake_tables import a_project, long_rows, made, write_csv

from howlow.__main__ import main


@pytest.fixture
def project(repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project of its own, where the command is run."""
    return a_project(repo, tmp_path, monkeypatch)


def test_a_long_table_becomes_a_study_that_the_check_accepts(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = write_csv(tmp_path / "our trial.csv", long_rows())
    before = table.read_bytes()
    assert main(["new", str(table), "--yes", "--language", "en"]) in (0, 1)
    study = made(project, "our-trial")
    assert study.design == "parallel"
    assert study.reference == "rm10"
    assert [contrast.contrast for contrast in study.contrasts] == ["rm30 - rm10"]
    assert study.contrasts[0].question == "load"
    assert study.arms["rm30"].rm == (30, 30)
    assert list(study.visits) == ["baseline", "post"]
    assert study.outcomes["legpress"].construct == "strength"
    assert study.outcomes["legpress"].unit == "kg"
    kept = project / "data" / "our-trial" / "raw" / "our_trial.csv"
    assert kept.read_bytes() == before == table.read_bytes()
    assert study.source.files[0].sha256 == hashlib.sha256(before).hexdigest()
    assert study.source.files[0].url is None
    assert "0 errors" in capsys.readouterr().out


def test_each_guess_has_its_reason_beside_it(project: Path, tmp_path: Path) -> None:
    main(["new", str(write_csv(tmp_path / "t.csv", long_rows())), "--yes", "--language", "en"])
    text = (project / "data" / "t" / "study.yaml").read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=")
    assert "# guessed: the header 'group' names arms: RM30, RM10" in text
    assert "# guessed: cells are words for visits: pre, post" in text
    assert "# guessed: 'subject' is the participant: by its header 'subject'" in text
    assert "# ASSUME: no cell says this week" in text


def test_the_study_is_added_to_the_configuration_and_nothing_else_changes(
    project: Path, tmp_path: Path
) -> None:
    path = project / "config" / "config.yaml"
    before = path.read_text(encoding="utf-8")
    main(["new", str(write_csv(tmp_path / "t.csv", long_rows())), "--yes"])
    after = path.read_text(encoding="utf-8")
    assert [line for line in after.splitlines() if line not in before.splitlines()] == ["  - t"]
    assert after.replace("  - t\n", "", 1) == before


def test_no_config_leaves_the_configuration_alone(project: Path, tmp_path: Path) -> None:
    before = (project / "config" / "config.yaml").read_bytes()
    main(["new", str(write_csv(tmp_path / "t.csv", long_rows())), "--yes", "--no-config"])
    assert (project / "config" / "config.yaml").read_bytes() == before
    assert made(project, "t")


def test_a_folder_that_is_there_is_never_written_to(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "data" / "t").mkdir(parents=True)
    assert main(["new", str(write_csv(tmp_path / "t.csv", long_rows())), "--yes"]) == 2
    assert "data/t is there already; nothing was written" in capsys.readouterr().err
    assert list((project / "data").rglob("*")) == [project / "data" / "t"]


def test_a_table_at_fault_still_becomes_a_study_and_the_check_says_what_is_wrong(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = long_rows()
    rows[3][4] = "221 kg"
    rows[7][2] = "RM3O"  # a letter for a nought
    rows[10][4] = 2000
    assert main(["new", str(write_csv(tmp_path / "t.csv", rows)), "--yes"]) == 2
    assert made(project, "t")
    told = capsys.readouterr().out
    assert "C03   t.csv:4:value" in told
    assert "K04   t.csv:8:group" in told
    assert "t.csv:11:legpress" in told


def test_a_dutch_wide_table_with_two_header_rows(project: Path, tmp_path: Path) -> None:
    draw = random.Random(3)
    lines = [
        "Krachtstudie ouderen 2024;;;;;;;",
        "",
        ";;;;Beenpers (kg);;Kniestrekking kracht [N·m];",
        "Deelnemer;Groep;Geslacht;Leeftijd;voor;na;voor;na",
    ]
    for person in range(1, 15):
        numbers = [draw.uniform(100, 180), draw.uniform(110, 190), draw.uniform(150, 200)]
        numbers.append(numbers[2] + 9.3)
        cells = [f"{number:.1f}".replace(".", ",") for number in numbers]
        cells[1] = "nvt" if person == 5 else cells[1]
        group, sex = ("zwaar" if person % 2 else "licht"), ("man" if person % 3 else "vrouw")
        lines.append(";".join([f"D{person:02}", group, sex, str(64 + person), *cells]))
    lines.append("Gemiddelde;;;;140,1;150,2;170,3;180,4")
    table = tmp_path / "Krachtmeting (définitief).csv"
    table.write_bytes("\r\n".join(lines).encode("cp1252"))
    assert main(["new", str(table), "--yes", "--language", "nl"]) in (0, 1)
    study = made(project, "krachtmeting-definitief")
    (read,) = study.tables
    assert (read.encoding, read.delimiter, read.decimal) == ("cp1252", ";", ",")
    assert (read.skip_lines, read.header_lines, read.skip_footer) == (2, 2, 1)
    assert "nvt" in read.missing
    assert study.outcomes["beenpers"].label == "Beenpers"
    assert study.outcomes["beenpers"].unit == "kg"
    assert study.outcomes["kniestrekking_kracht"].unit == "N·m"
    assert study.outcomes["kniestrekking_kracht"].region == "knee_extensors"
    assert list(study.visits) == ["baseline", "na"]
    assert (study.columns.sex, study.columns.age) == ("sex", "age")
    text = (project / "data" / study.id / "study.yaml").read_text(encoding="utf-8")
    assert "# geraden: de namen staan in twee rijen" in text


def test_an_spss_file_is_read_by_its_labels(project: Path, tmp_path: Path) -> None:
    import pandas as pd
    import pyreadstat

    people = 14
    frame = pd.DataFrame(
        {
            "ppn": [float(person) for person in range(1, people + 1)],
            "cond": [float(person % 2 + 1) for person in range(people)],
            "V1": [100.0 + person * 7 % 31 for person in range(people)],
            "V2": [110.0 + person * 9 % 37 for person in range(people)],
        }
    )
    pyreadstat.write_sav(
        frame,
        str(tmp_path / "trial.sav"),
        column_labels=[
            "Participant number",
            "Training condition",
            "Leg press 1RM pre (kg)",
            "Leg press 1RM post (kg)",
        ],
        variable_value_labels={"cond": {1.0: "30% 1RM", 2.0: "80% 1RM"}},
    )
    assert main(["new", str(tmp_path / "trial.sav"), "--yes"]) in (0, 1)
    study = made(project, "trial")
    assert [arm.load_pct_1rm for arm in study.arms.values()] == [(30, 30), (80, 80)]
    assert study.reference == "arm_80_1rm"
    assert study.outcomes["leg_press_1rm"].unit == "kg"
    assert list(study.visits) == ["baseline", "post"]


def test_a_limb_study_wide_by_left_and_right(project: Path, tmp_path: Path) -> None:
    draw = random.Random(5)
    rows: list[list[object]] = [
        ["id", "light_leg", "heavy_leg", "lean.left_pre", "lean.right_pre", "lean.left_post",
         "lean.right_post"]
    ]  # fmt: skip
    for person in range(12):
        sides = ["left", "right"] if person % 2 else ["right", "left"]
        start = [draw.randint(7000, 9000) for _ in range(2)]
        gain = [value + draw.randint(20, 300) for value in start]
        rows.append([f"S{person}", *sides, *start, *gain])
    assert main(["new", str(write_csv(tmp_path / "limbs.csv", rows)), "--yes"]) in (0, 1)
    study = made(project, "limbs")
    assert study.design == "within_participant"
    assert list(study.arms) == ["light_leg", "heavy_leg"]
    assert study.columns.limb == "limb"
    assert study.outcomes["lean"].construct == "lean_leg"
    assert study.outcomes["lean"].unit == "g"


def test_a_file_for_each_visit_and_one_for_the_participants(project: Path, tmp_path: Path) -> None:
    draw = random.Random(2)
    people = [f"P{person:02}" for person in range(1, 13)]
    for visit, gain in (("pre", 0), ("post", 9)):
        rows: list[list[object]] = [["pid", "MVC (N·m)", "csa_mm2"]]
        rows += [
            [name, 150 + draw.randint(0, 40) + gain, 5000 + draw.randint(0, 900) + 20 * gain]
            for name in people
        ]
        write_csv(tmp_path / "both" / f"{visit}.csv", rows)
    roster: list[list[object]] = [["pid", "condition", "gender", "age"]]
    roster += [
        [name, ["control", "training"][place % 2], "FM"[place // 2 % 2], 20 + place]
        for place, name in enumerate(people)
    ]
    write_csv(tmp_path / "both" / "who.csv", roster)
    assert main(["new", str(tmp_path / "both"), "--yes"]) in (0, 1)
    study = made(project, "both")
    assert [table.holds for table in study.tables] == [
        "measurements",
        "measurements",
        "participants",
    ]
    assert study.reference == "control"
    assert study.contrasts[0].question == "training"
    assert (study.columns.sex, study.columns.age) == ("sex", "age")
    assert (study.outcomes["mvc"].unit, study.outcomes["csa"].unit) == ("N·m", "mm²")


def test_answers_given_as_options_are_taken(project: Path, tmp_path: Path) -> None:
    table = write_csv(tmp_path / "t.csv", long_rows(arms=("A", "B")))
    options = ["--study", "mine", "--reference", "a", "--question", "frequency", "--licence", "CC0"]
    assert main(["new", str(table), *options, "--weeks", "0,10"]) in (0, 1)
    study = made(project, "mine")
    assert study.reference == "a"
    assert study.contrasts[0].question == "frequency"
    assert study.visits["post"].week == 10
    assert study.source.licence == "CC0"


def test_answers_from_a_file(project: Path, tmp_path: Path) -> None:
    table = write_csv(tmp_path / "t.csv", long_rows())
    answers = tmp_path / "answers.yaml"
    answers.write_text("study: filed\nweeks: [0, 8]\nquestion: load\n", encoding="utf-8")
    assert main(["new", str(table), "--answers", str(answers), "--yes"]) in (0, 1)
    assert made(project, "filed").visits["post"].week == 8


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--study", "No Good"], "'No Good' will not do for study"),
        (["--weeks", "0,0"], "'0,0' will not do for weeks"),
        (["--reference", "rm99"], "will not do for reference"),
        (["--design", "paralel"], "will not do for design"),
        (["--arm-column", "grup"], "no table has a column 'grup'. Did you mean 'group'"),
        (["--sheet", "x"], "--sheet"),
    ],
)  # fmt: skip
def test_an_answer_that_will_not_do_leaves_nothing(
    project: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    told: str,
) -> None:
    table = write_csv(tmp_path / "t.csv", long_rows())
    assert main(["new", str(table), "--yes", "--language", "en", *options]) == 2
    assert told in capsys.readouterr().err
    assert not list(project.glob("data/*"))


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([["a", "b"]], "no rows below the names"),
        ([["group", "load"], *[["AB"[n % 2], n / 7] for n in range(9)]], "no column names"),
        ([["subject", "load"], *[[n, 10 + n] for n in range(9)]], "nothing says when"),
        ([["subject", "time"], *[[n, "pre"] for n in range(9)]], "no column of measured numbers"),
    ],
)  # fmt: skip
def test_tables_that_make_no_study_are_told_plainly(
    project: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    rows: list[list[object]],
    told: str,
) -> None:
    assert main(["new", str(write_csv(tmp_path / "t.csv", rows)), "--yes", "--language", "en"]) == 2
    assert told in capsys.readouterr().err
    assert not list(project.glob("data/*"))


@pytest.mark.parametrize("wide", [False, True])
def test_where_limbs_are_no_arms_each_side_is_an_outcome(
    project: Path, tmp_path: Path, wide: bool
) -> None:
    draw = random.Random(8)
    header: list[object] = ["pid", "groep", "visit", "side", "squat 1RM (lb)"]
    rows: list[list[object]] = [[*header, "VL thickness (mm)"] if wide else header]
    for person in range(14):
        for visit, gain in (("pre", 0), ("post", 12)):
            for side in ("L", "R"):
                load = 200 + 3 * person + gain + draw.randint(0, 9)
                row: list[object] = [
                    f"A{person}",
                    ["licht", "zwaar"][person % 2],
                    visit,
                    side,
                    load,
                ]
                rows.append([*row, 20 + draw.randint(0, 9) / 10 + gain / 10] if wide else row)
    assert main(["new", str(write_csv(tmp_path / "t.csv", rows)), "--yes"]) in (0, 1)
    study = made(project, "t")
    assert study.design == "parallel"
    names = {name: outcome.unit for name, outcome in study.outcomes.items()}
    expected = {"squat_1rm_l": "lb", "squat_1rm_r": "lb"}
    more = {"vl_thickness_l": "mm", "vl_thickness_r": "mm"}
    assert names == ({**expected, **more} if wide else expected)
    assert {outcome.construct for outcome in study.outcomes.values()} <= {
        "strength",
        "muscle_thickness",
    }


def crossover_rows() -> list[list[object]]:
    """Leg press before and after each of two periods, half the people in each order."""
    draw = random.Random(5)
    rows: list[list[object]] = [["subject", "Periode", "group", "timepoint", "leg press (kg)"]]
    for person in range(1, 13):
        start = 100 + draw.randint(-20, 20)
        for period in (1, 2):
            arm = ("RM10", "RM30")[(person + period) % 2]
            rows.append([person, period, arm, "pre", start + draw.randint(-4, 4)])
            rows.append([person, period, arm, "post", start + draw.randint(4, 20)])
    return rows


def test_a_crossover_with_a_column_of_periods_passes_the_check(
    project: Path, tmp_path: Path
) -> None:
    table = write_csv(tmp_path / "turns.csv", crossover_rows())
    assert main(["new", str(table), "--yes"]) in (0, 1)
    study = made(project, "turns")
    assert (study.design, study.columns.period) == ("crossover", "period")
    assert all(step.step != "combine" for step in study.tables[0].steps)


def test_a_column_of_periods_is_not_read_where_nobody_changes_arm(
    project: Path, tmp_path: Path
) -> None:
    header, *rows = long_rows()
    table = [[*header, "period"], *([*row, 1] for row in rows)]
    assert main(["new", str(write_csv(tmp_path / "one.csv", table)), "--yes"]) in (0, 1)
    study = made(project, "one")
    assert (study.design, study.columns.period) == ("parallel", None)
