"""F14: one file registered under two studies would count its people twice."""

import hashlib
from pathlib import Path

from howlow.intake.checking import check_all

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
