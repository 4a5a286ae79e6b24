"""S07, S08 and S10 of what is shared: small numbers, people alike, and raw files in a release."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from howlow.__main__ import main
from howlow.config.study import Participants
from howlow.data.privacy.confidential import secrets_of
from howlow.data.privacy.disclosure import disclosures
from howlow.data.privacy.small_cells import smallest_group, suppress


def test_s07_a_small_number_cannot_be_worked_out_from_its_totals() -> None:
    """One woman among fifteen: her number, and what would give it away, are withheld."""
    women_and_men = [[1, 14], [8, 9], [12, 20]]
    shown = suppress(women_and_men, 5)
    assert shown[0][:2] == [None, None]
    assert sum(cell is None for line in shown for cell in line) >= 4
    for line in shown:
        assert sum(cell is None for cell in line) != 1, "the row's total would give it away"
    for column in zip(*shown, strict=True):
        assert sum(cell is None for cell in column) != 1, "the column's total would give it away"


def test_s07_the_smallest_number_that_is_told_is_the_users_choice() -> None:
    counts = [[7, 20], [9, 30]]
    assert suppress(counts, 5) == [[7, 20, 27], [9, 30, 39], [16, 50, 66]]
    assert suppress(counts, 8)[0][0] is None


def test_s08_sex_and_age_in_years_tell_people_apart_and_bands_do_so_less() -> None:
    people = pd.DataFrame({"sex": ["F"] * 4, "age": ["61", "62", "66", "68"]})
    assert smallest_group(people.assign(year=people["age"]), ["sex", "year"]) == 1
    assert smallest_group(people, ["sex", "age"]) == 4


@pytest.fixture
def project(tmp_path: Path, repo: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one study of one's own."""
    study = {
        "id": "our-trial",
        "kind": "participants",
        "title": "Our trial",
        "source": {
            "citation": "Ours",
            "licence": "Ask us",
            "files": [{"file": "people.csv", "sha256": "0" * 64}],
        },
        "population": {"description": "adults"},
        "design": "parallel",
        "randomised": "yes",
        "arms": {"light": {"label": "Light"}, "heavy": {"label": "Heavy"}},
        "contrasts": [{"contrast": "light - heavy", "question": "load"}],
        "visits": {
            "pre": {"label": "Before", "week": 0.0, "phase": "baseline"},
            "post": {"label": "After", "week": 8.0, "phase": "training"},
        },
        "outcomes": {
            "squat": {
                "label": "Squat 1RM",
                "construct": "strength",
                "unit": "kg",
                "measure": "one_rm",
                "region": "lower_body",
            }
        },
        "primary_outcome": "squat",
        "at": ["post"],
        "columns": {"participant": "Nummer", "date": "Datum", "value": "kg"},
        "tables": [{"file": "raw/people.csv", "date_format": "%d-%m-%Y"}],
    }
    folder = tmp_path / "data" / "our-trial"
    (folder / "raw").mkdir(parents=True)
    (folder / "study.yaml").write_text(json.dumps(study), encoding="utf-8")
    rows = "".join(
        f"Ward-{k:03},light,{visit},squat,{100.371 + 1.713 * k + gain:.3f},{day}-11-2019\n"
        for k in range(8)
        for visit, gain, day in (("pre", 0, "04"), ("post", 7.319 + 0.117 * k * k, "29"))
    )
    raw = f"Nummer,arm,visit,outcome,kg,Datum\n{rows}"
    (folder / "raw" / "people.csv").write_text(raw, encoding="utf-8")
    text = (repo / "config" / "config.yaml").read_text(encoding="utf-8")
    start, end = text.index("studies:"), text.index("outcomes:")
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.yaml").write_text(
        f"{text[:start]}studies: [our-trial]\n\n{text[end:]}", encoding="utf-8"
    )
    (tmp_path / "results" / "release").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def study_of(project: Path) -> Participants:
    """The study as it is declared."""
    text = (project / "data" / "our-trial" / "study.yaml").read_text(encoding="utf-8")
    return Participants.model_validate_json(text)


def test_s10_secrets_are_those_of_the_raw_table(project: Path) -> None:
    secrets = secrets_of(study_of(project), project / "data" / "our-trial", project / "results")
    assert "Ward-003" in secrets.ids
    assert {"04-11-2019", "2019-11-04", "4 November 2019", "20191129"} <= secrets.dates
    assert any(len(one) == 16 for one in secrets.series)
    assert len(secrets.files) == 1


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Thanks to Ward-003.", "S06"),
        ("Measured on 4 November 2019.", "S06"),
        ("values", "S05"),
    ],
)
def test_s10_what_is_a_persons_keeps_a_release_from_being_shared(
    project: Path, capsys: pytest.CaptureFixture[str], text: str, code: str
) -> None:
    release = project / "results" / "release"
    (release / "report.html").write_text("<p>24 people gained 8 kg.</p>", encoding="utf-8")
    assert main(["disclosures", "results/release"]) == 0
    assert "no reasons not to share it" in capsys.readouterr().out
    raw = (project / "data/our-trial/raw/people.csv").read_text(encoding="utf-8")
    values = ", ".join(line.split(",")[4] for line in raw.splitlines()[1:7])
    shown = values if code == "S05" else text
    (release / "report.html").write_text(f"<p>{shown}</p>", encoding="utf-8")
    assert main(["disclosures", "results/release"]) == 2
    said = capsys.readouterr().out
    assert f"[{code}]" in said
    assert "report.html:1" in said
    assert "Ward-003" not in said


def test_s10_a_copy_of_a_raw_file_is_known_by_its_content(project: Path) -> None:
    release = project / "results" / "release"
    raw = (project / "data/our-trial/raw/people.csv").read_bytes()
    (release / "supplement.txt").write_bytes(raw)
    secrets = secrets_of(study_of(project), project / "data" / "our-trial", project / "results")
    found = {finding.code for finding in disclosures(release, [secrets])}
    assert found == {"S05", "S06", "S10"}


def test_s10_a_folder_that_is_not_there_is_no_clean_folder(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["disclosures", "results/relaese"]) == 2
    assert "there is no such folder" in capsys.readouterr().err
