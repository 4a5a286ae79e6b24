"""F14: one file under two studies, or one study with another's people, would count them twice."""

import hashlib
from pathlib import Path

import pytest

from howlow.analysis.analysing import analyse
from howlow.config.reading import read_config, read_studies
from howlow.data.ingestion import ingest
from howlow.data.measurements import read_table
from howlow.errors import InputError
from howlow.intake.checking import check_all
from howlow.synthesis.synthesising import synthesise

STUDY = """\
id: NAME
kind: participants
title: A small trial
source:
  citation: Nobody
  licence: CC0-1.0
  files: [{file: t.csv, sha256: DIGEST}]
population: {description: adults}
design: parallel
randomised: "yes"
arms: {light: {label: Light, rm: [30, 30]}, heavy: {label: Heavy, rm: [10, 10]}}
visits:
  baseline: {label: Before, week: 0, phase: baseline}
  post: {label: After, week: 10, phase: training}
outcomes:
  squat: {label: Squat, construct: strength, unit: kg, measure: one_rm, region: lower_body}
primary_outcome: squat
contrasts: [{contrast: light - heavy, question: load}]
at: [post]
tables: [{file: raw/t.csv}]
"""


def write_study(data: Path, name: str, first: int) -> None:
    rows = ["participant,arm,visit,outcome,value"]
    for number in range(10):
        arm = ("light", "heavy")[number % 2]
        rows.append(f"P{number},{arm},baseline,squat,{first + 7 * number}.3")
        rows.append(f"P{number},{arm},post,squat,{first + 9 * number}.8")
    content = ("\n".join(rows) + "\n").encode()
    raw = data / name / "raw"
    raw.mkdir(parents=True)
    (raw / "t.csv").write_bytes(content)
    text = STUDY.replace("NAME", name).replace("DIGEST", hashlib.sha256(content).hexdigest())
    (data / name / "study.yaml").write_text(text, encoding="utf-8")


def test_f14_one_file_under_two_studies_is_told_of_the_second(tmp_path: Path, repo: Path) -> None:
    write_study(tmp_path, "one", 80)
    write_study(tmp_path, "two", 80)
    write_study(tmp_path, "three", 60)
    checked = check_all(["one", "three", "two"], [repo / "config/config.yaml"], tmp_path)
    (warning,) = (found for found in checked.every() if found.code == "F14")
    assert (warning.severity, warning.study) == ("warning", "two")
    assert warning.file == (tmp_path / "two/raw/t.csv").as_posix()
    assert warning.found == "the same file as one/raw/t.csv"
    assert warning.action == "Keep it in one study, so that nobody is counted twice"


def config_of(tmp_path: Path, repo: Path, *studies: str) -> Path:
    """The project's configuration with other studies."""
    text = (repo / "config" / "config.yaml").read_text(encoding="utf-8")
    start, end = text.index("studies:"), text.index("outcomes:")
    path = tmp_path / "config.yaml"
    path.write_text(f"{text[:start]}studies: [{', '.join(studies)}]\n{text[end:]}", "utf-8")
    return path


def test_f14_is_told_in_the_findings_of_a_run(tmp_path: Path, repo: Path) -> None:
    names = ("one", "three", "two")
    for name, first in zip(names, (80, 60, 80), strict=True):
        write_study(tmp_path, name, first)
    config = read_config([config_of(tmp_path, repo, *names)])
    folders = [tmp_path / "results" / name for name in names]
    for name, folder in zip(names, folders, strict=True):
        ingest(tmp_path / name, config, folder)
        analyse(folder, config)
    synthesise(folders, config, tmp_path / "results")
    findings = read_table(tmp_path / "results" / "findings.csv", text=None)
    (row,) = findings[findings["code"] == "F14"].to_dict("records")
    assert (row["severity"], row["study"], row["line"]) == ("warning", "two", "0")
    assert row["file"] == "data/two/raw/t.csv"
    assert row["found"] == "the same file as one/raw/t.csv"


def test_f14_studies_with_the_same_people_are_not_in_one_run(tmp_path: Path, repo: Path) -> None:
    write_study(tmp_path, "one", 80)
    write_study(tmp_path, "other", 60)
    file = tmp_path / "other" / "study.yaml"
    file.write_text(f"{file.read_text('utf-8')}same_people_as: [one]\n", "utf-8")
    both = config_of(tmp_path, repo, "one", "other")
    with pytest.raises(InputError) as caught:
        read_studies(tmp_path, read_config([both]))
    (told,) = (found for found in check_all([], [both], tmp_path).every() if found.code == "F14")
    assert caught.value.findings == (told,)
    assert (told.severity, told.study, told.file) == ("error", "other", file.as_posix())
    assert file.read_text("utf-8").splitlines()[told.line - 1] == "same_people_as: [one]"
    assert told.found == "'one' holds the same people, and both are in this run"
    assert told.action.startswith("Keep one of them under `studies` in config.yaml")
    alone = config_of(tmp_path, repo, "other")
    assert list(read_studies(tmp_path, read_config([alone]))) == ["other"]
    checked = check_all(["one", "other"], [alone], tmp_path)
    assert not [found for found in checked.every() if found.code == "F14"]
