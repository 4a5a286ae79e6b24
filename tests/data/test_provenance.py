"""What a run was made from, and which open studies it left out."""

import hashlib
import json
from pathlib import Path

import pytest

from howlow.config.reading import read_config
from howlow.data.provenance import write_provenance

STUDY = """\
id: NAME
kind: participants
title: The trial NAME
source:
  citation: Nobody
  licence: CC0-1.0
  files: [{file: t.csv, url: "https://example.org/t.csv", sha256: DIGEST}]
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
CONTENT = b"participant,arm,visit,outcome,value\n"


def write_study(data: Path, name: str, more: str = "") -> None:
    raw = data / name / "raw"
    raw.mkdir(parents=True)
    (raw / "t.csv").write_bytes(CONTENT)
    text = STUDY.replace("NAME", name).replace("DIGEST", hashlib.sha256(CONTENT).hexdigest())
    (data / name / "study.yaml").write_text(text + more, encoding="utf-8")


@pytest.fixture
def provenance(tmp_path: Path, repo: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """What is written of a run of one study, beside which four others lie."""
    monkeypatch.chdir(tmp_path)
    text = (repo / "config" / "config.yaml").read_text(encoding="utf-8")
    start, end = text.index("studies:"), text.index("outcomes:")
    config = Path("config.yaml")
    config.write_text(f"{text[:start]}studies: [mine]\n{text[end:]}", encoding="utf-8")
    data = Path("data")
    for name in ("mine", "open", "own"):
        write_study(data, name)
    own = data / "own" / "study.yaml"
    own.write_text(
        own.read_text("utf-8").replace('url: "https://example.org/t.csv", ', ""), "utf-8"
    )
    write_study(data, "twin", "same_people_as: [mine]\n")
    (data / "draft").mkdir()
    (data / "draft" / "study.yaml").write_text("id: [not, yet\n", encoding="utf-8")
    write_provenance(data, read_config([config]), [config], Path("provenance.json"))
    return dict(json.loads(Path("provenance.json").read_text(encoding="utf-8")))


def test_every_input_has_its_digest(provenance: dict[str, dict[str, str]]) -> None:
    inputs = provenance["inputs"]
    assert list(inputs) == ["config.yaml", "data/mine/study.yaml", "data/mine/raw/t.csv"]
    assert inputs["data/mine/raw/t.csv"] == hashlib.sha256(CONTENT).hexdigest()


def test_open_studies_are_named_but_no_draft_no_own_and_no_same_people(
    provenance: dict[str, object],
) -> None:
    assert provenance["open_studies"] == [
        {"id": "open", "title": "The trial open", "licence": "CC0-1.0"}
    ]
