"""`howlow check`: everything is told, nothing is written, and no input ends in a traceback."""

import dataclasses
import hashlib
import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from howlow.__main__ import main
from howlow.config.reading import read_config
from howlow.findings import Finding, Severity
from howlow.intake import checking
from howlow.intake.checking import UNEXPECTED, check_all, check_study
from howlow.intake.listing import as_text

STUDY = """\
id: mine
kind: participants
title: A small trial
source: {citation: Nobody, licence: CC0-1.0}
population: {description: adults, age: young}
design: parallel
randomised: "yes"
arms:
  light: {label: Light, rm: [30, 30]}
  heavy: {label: Heavy, rm: [10, 10]}
reference: heavy
visits:
  baseline: {label: Before, week: 0, phase: baseline}
  post: {label: After, week: 10, phase: training}
outcomes:
  squat:
    {label: Squat, construct: strength, unit: kg, measure: one_rm, region: legs, range: [20, 300]}
primary_outcome: squat
contrasts: [{contrast: light - heavy, question: load}]
at: [post]
tables: [{file: mine.csv}]
"""


def table() -> str:
    chance = random.Random(1)
    rows = ["participant,arm,visit,outcome,value"]
    for number in range(1, 13):
        arm = "light" if number % 2 else "heavy"
        before = chance.uniform(80, 140)
        for visit, value in (("baseline", before), ("post", before + chance.uniform(3, 20))):
            rows.append(f"P{number:02d},{arm},{visit},squat,{value:.1f}")
    return "\n".join(rows) + "\n"


@pytest.fixture
def project(tmp_path: Path, repo: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder with one sound study."""
    shutil.copytree(repo / "config", tmp_path / "config")
    config = tmp_path / "config" / "config.yaml"
    text = config.read_text(encoding="utf-8")
    head, _, rest = text.partition("studies:\n")
    _, _, rest = rest.partition("\n\n")
    config.write_text(f"{head}studies:\n  - mine\n\n{rest}", encoding="utf-8")
    mine = tmp_path / "data" / "mine"
    mine.mkdir(parents=True)
    (mine / "study.yaml").write_text(STUDY, encoding="utf-8")
    (mine / "mine.csv").write_text(table(), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("HOWLOW_CONFIG", raising=False)
    return tmp_path


def change(project: Path, name: str, *changes: tuple[str, str]) -> None:
    path = project / name
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


def everything(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_mtime_ns, path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = main(["check", *arguments])
    out, err = capsys.readouterr()
    assert "Traceback" not in out + err
    return code, out


def test_a_sound_study_is_fine(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out = printed(capsys)
    assert code == 0, out
    assert "0 errors, 0 warnings" in out
    assert "What mine can answer" in out
    assert "yes      c5" in out


def test_errors_come_first_and_make_the_exit_code_two(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(
        project,
        "data/mine/mine.csv",
        ("P03,light,post", "P03,ligth,post"),
        ("P01,light,baseline,squat,", "P01,light,baseline,squat,9"),
    )
    code, out = printed(capsys)
    assert code == 2
    lines = [line for line in out.splitlines() if line.startswith(("  error", "  warning"))]
    assert lines == sorted(lines, key=lambda line: not line.startswith("  error"))
    assert any("K04" in line and "mine.csv:7:arm" in line for line in lines)
    assert any("C08" in line for line in lines)
    assert "Nothing can be made from it until the errors are mended." in out


def test_warnings_make_the_exit_code_one(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = project / "data/mine/mine.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")
    code, out = printed(capsys, "mine")
    assert code == 1
    assert "K07" in out


def test_nothing_is_written(project: Path, repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(repo / "data" / "sim-limbs", project / "data" / "sim-limbs")
    before = everything(project)
    for arguments in ([], ["mine", "sim-limbs", "nope"], ["--json"], ["mine", "--language", "nl"]):
        printed(capsys, *arguments)
    assert everything(project) == before


def test_a_folder_that_cannot_be_written_to_is_checked(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = [path for path in project.rglob("*") if path.is_dir()]
    for folder in folders:
        folder.chmod(0o555)
    try:
        code, _ = printed(capsys)
    finally:
        for folder in folders:
            folder.chmod(0o755)
    assert code == 0


def test_a_study_need_not_be_listed(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = project / "data" / "other"
    shutil.copytree(project / "data" / "mine", other)
    change(project, "data/other/study.yaml", ("id: mine", "id: other"))
    assert printed(capsys, "other")[0] == 0
    assert printed(capsys, str(other))[0] == 0


def test_a_study_that_is_not_there_is_told_with_what_was_meant(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = check_all(["mnie", "mine"], [project / "config/config.yaml"], Path("data"))
    (error,) = found.every()
    assert (error.code, error.study) == ("G11", "mnie")
    assert "Did you mean 'mine'?" in error.action
    assert found.studies[1].sound


def test_json_holds_all_of_it(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(project, "data/mine/mine.csv", ("P03,light,post", "P03,ligth,post"))
    code, out = printed(capsys, "--json")
    told = json.loads(out)
    assert set(told) == {"findings", "counts", "exit_code", "answerable"}
    assert told["exit_code"] == code == 2
    assert told["counts"]["error"] >= 1
    first = told["findings"][0]
    assert set(first) == {
        *("code", "severity", "file", "line", "column", "found", "action", "study", "title")
    }
    assert (first["study"], first["severity"]) == ("mine", "error")
    answers = {answer["claim"]: answer for answer in told["answerable"]["mine"]}
    assert answers["c3"]["answer"] == "no"
    assert answers["c3"]["because"]


def test_headings_and_summary_are_in_dutch(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(project, "data/mine/mine.csv", ("P03,light,post", "P03,ligth,post"))
    _, out = printed(capsys, "--language", "nl")
    for words in ("ernst", "wat er staat", "wat te doen", "fout"):
        assert words in out
    assert "kan beantwoorden" not in out, "what is wrong comes first"


def test_what_is_estimated_and_answered_is_in_dutch(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out = printed(capsys, "--language", "nl")
    assert "Wat mine kan beantwoorden" in out
    assert "Hoe dan ook geschat: light - heavy, op " in out


def test_the_digest_of_a_changed_file_is_told_in_one_piece(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raw = with_source(project)
    raw.write_text(raw.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    _, out = printed(capsys)
    digest = hashlib.sha256(raw.read_bytes()).hexdigest()
    assert f"\n  mine.csv: sha256: {digest}\n" in out


def test_without_a_configuration_the_project_folder_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["check"]) == 2
    assert "Go to the" in capsys.readouterr().out
    assert main(["new", "table.csv"]) == 2
    assert "Go to the project's folder" in capsys.readouterr().err


@pytest.mark.parametrize("width", [72, 100, 140])
def test_the_table_is_wrapped_to_the_width(project: Path, width: int) -> None:
    change(
        project,
        "data/mine/mine.csv",
        ("P03,light,post", "P03,ligth,post"),
        ("P05,light", f"P05,{'x' * 90}"),
    )
    found = check_all([], [project / "config/config.yaml"], Path("data"))
    text = as_text(found, "en", width)
    assert max(map(len, text.splitlines())) <= width
    head = next(line for line in text.splitlines() if line.startswith("  severity"))
    for row in (line for line in text.splitlines() if line.startswith("  error")):
        assert row[head.index("code")] != " "
        assert row[head.index("code") - 1] == " "


def test_what_a_terminal_would_obey_is_written_out(project: Path) -> None:
    change(project, "data/mine/mine.csv", ("P03,light,post", "P03,li\x1b[31mght,post"))
    found = check_all([], [project / "config/config.yaml"], Path("data"))
    assert "\x1b" not in as_text(found, "en", 100)


def test_many_notes_of_one_kind_are_counted_and_errors_are_all_told(project: Path) -> None:
    def found(severity: Severity) -> list[Finding]:
        return [Finding("C04", severity, "t.csv", n, "", "a", "b", "mine") for n in range(1, 10)]

    checked = check_all([], [project / "config/config.yaml"], Path("data"))
    notes = dataclasses.replace(checked, findings=tuple(found("note")))
    assert "4 more of this kind; --json lists them all" in as_text(notes, "en", 140)
    assert "9 notes" in as_text(notes, "en", 100)
    errors = dataclasses.replace(checked, findings=tuple(found("error")))
    assert as_text(errors, "en", 100).count("C04") == 9


def with_source(project: Path, *, url: str = "") -> Path:
    """Let the table be a file of the source, in raw/; return it."""
    raw = project / "data/mine/raw/mine.csv"
    raw.parent.mkdir()
    (project / "data/mine/mine.csv").rename(raw)
    digest = hashlib.sha256(raw.read_bytes()).hexdigest()
    source = f"{{file: mine.csv, {url}sha256: {digest}}}"
    change(
        project,
        "data/mine/study.yaml",
        ("licence: CC0-1.0}", f"licence: CC0-1.0, files: [{source}]}}"),
        ("{file: mine.csv}]", "{file: raw/mine.csv}]"),
    )
    return raw


def test_a_file_that_was_not_fetched_yet_is_told_with_the_command(project: Path) -> None:
    with_source(project, url="url: https://example.org/mine.csv, ").unlink()
    found = check_all([], [project / "config/config.yaml"], Path("data"))
    (warning,) = found.every()
    assert (warning.code, warning.severity) == ("F04", "warning")
    assert "has not been fetched yet" in warning.found
    assert warning.action == "Run `howlow fetch data/mine`"
    assert found.exit_code() == 1
    assert "c5" in as_text(found, "en", 100), "what it can answer is declared"


def test_a_file_of_ones_own_that_is_not_there_is_an_error(project: Path) -> None:
    with_source(project).unlink()
    found = check_all([], [project / "config/config.yaml"], Path("data"))
    assert {finding.severity for finding in found.every()} == {"error"}
    assert found.exit_code() == 2


def test_a_file_that_is_not_the_declared_one_is_an_error(project: Path) -> None:
    raw = with_source(project)
    raw.write_text(raw.read_text(encoding="utf-8").replace("P01", "P99"), encoding="utf-8")
    found = check_all([], [project / "config/config.yaml"], Path("data"))
    assert [finding.code for finding in found.every()] == ["F13"], "told once"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("alpha: 0.05", "alpha: 5"),
        ("alpha: 0.05", "alhpa: 0.05"),
        ("margin_pct: 5 ", "margin_pct: five "),
        ("light: {max_pct_1rm: 60", "light: {max_pct_1rm: sixty"),
    ],
)
def test_a_fault_of_the_configuration_is_told_and_the_rest_goes_on(
    project: Path, old: str, new: str, capsys: pytest.CaptureFixture[str]
) -> None:
    change(project, "config/config.yaml", (old, new))
    change(project, "data/mine/mine.csv", ("P03,light,post", "P03,ligth,post"))
    found = check_all([], [project / "config/config.yaml"], Path("data"))
    assert found.exit_code() == 2
    assert any(finding.file.endswith("config.yaml") for finding in found.findings)
    if found.config is not None:
        assert any(finding.code == "K04" for finding in found.every())
    assert printed(capsys)[0] == 2


def test_without_a_configuration_there_is_a_finding(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "config/config.yaml").unlink()
    code, out = printed(capsys)
    assert code == 2
    assert "config.yaml" in out


def test_a_fault_of_the_claims_stops_no_study(project: Path) -> None:
    change(project, "config/claims.yaml", ("question: disuse", "question: disus"))
    found = check_all([], [project / "config/config.yaml"], Path("data"))
    assert any(finding.file.endswith("claims.yaml") for finding in found.findings)
    assert found.studies[0].sound
    assert found.claims is None


def junk() -> Iterator[bytes]:
    chance = random.Random(3)
    yield b""
    yield b"\x00" * 500
    yield b"\xff\xfe" + "id: mine".encode("utf-16-le")
    yield b"- " * 1500
    yield b"[" * 2000
    yield b"{a: " * 1500
    yield b"&a [*a]"
    yield b"id: mine\nkind: [participants]\n"
    yield b"id: mine\nkind: participants\n"
    yield b"kind: summary\nid: mine\ntrials: 3\n"
    yield b"1: 2\n"
    yield b"PK\x03\x04" + chance.randbytes(300)
    yield b"participant,arm\n" + b'"' * 99
    yield ("=cmd|' /C calc'!A0," * 40).encode()
    for size in (1, 40, 4000):
        yield chance.randbytes(size)


@pytest.mark.parametrize("name", ["study.yaml", "mine.csv", "config.yaml", "claims.yaml"])
def test_junk_ends_in_findings_and_never_in_a_traceback(
    project: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = "config" if name in ("config.yaml", "claims.yaml") else "data/mine"
    if name != "claims.yaml":
        (project / "config" / "claims.yaml").unlink()
    for content in junk():
        (project / folder / name).write_bytes(content)
        found = check_all([], [project / "config/config.yaml"], Path("data"))
        assert found.exit_code() == 2, content[:40]
        assert UNEXPECTED not in {finding.code for finding in found.every()}, content[:40]
    assert printed(capsys)[0] == 2


def test_study_files_with_lines_lost_end_in_findings(project: Path) -> None:
    """Each line of study.yaml left out or doubled, and each value replaced by something odd."""
    config = read_config([project / "config/config.yaml"])
    lines = STUDY.splitlines()
    path = project / "data/mine/study.yaml"
    for number in range(len(lines)):
        key = lines[number].split(":")[0]
        variants = [[], [lines[number]] * 2, *([f"{key}: {odd}"] for odd in ("", "[]", "{}", "3"))]
        for variant in variants:
            path.write_text("\n".join([*lines[:number], *variant, *lines[number + 1 :]]) + "\n")
            found = check_study(project / "data/mine", config)
            assert UNEXPECTED not in {finding.code for finding in found.findings}, (
                variant,
                found.findings,
            )


def test_a_failure_of_howlow_itself_is_a_finding_and_other_studies_go_on(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(project / "data" / "mine", project / "data" / "other")
    change(project, "data/other/study.yaml", ("id: mine", "id: other"))
    real = checking.read_study

    def broken(folder: Path, config: object) -> object:
        if folder.name == "mine":
            raise ZeroDivisionError("by nothing")
        return real(folder, config)  # type: ignore[arg-type]

    monkeypatch.setattr(checking, "read_study", broken)
    found = check_all(["mine", "other"], [project / "config/config.yaml"], Path("data"))
    (error,) = found.every()
    assert error.code == UNEXPECTED
    assert "ZeroDivisionError" in error.found
    assert found.studies[1].sound


def test_an_ongoing_study_is_told_what_it_will_answer(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(
        project, "data/mine/study.yaml", ("design: parallel", "status: ongoing\ndesign: parallel")
    )
    _, out = printed(capsys)
    assert "What mine will be able to answer, once it is complete" in out


def test_no_finding_of_a_sound_study_names_a_place_outside_the_project(
    project: Path, repo: Path
) -> None:
    """A simulated table is drawn in a scratch folder; nobody is to look for it there."""
    shutil.copytree(repo / "data" / "sim-limbs", project / "data" / "sim-limbs")
    found = check_all(["sim-limbs"], [project / "config/config.yaml"], Path("data"))
    assert found.every()
    assert all(finding.file.startswith("data/sim-limbs/") for finding in found.every())
    assert not Path("results").exists()
