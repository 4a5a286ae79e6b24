"""The codebook and the data package: complete, valid, escaped, and no one's values in them."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
from pathlib import Path

import pandas as pd
import pytest

from howlow.config.collection import Trials
from howlow.config.settings import Config
from howlow.config.study import Participants, Study, Summary
from howlow.data.codebook.files import CODEBOOK_FILES, codebook
from howlow.data.declaration import read_declaration
from howlow.data.measurements import (
    MEASUREMENT_COLUMNS,
    PARTICIPANT_COLUMNS,
    read_measurements,
    read_table,
    write_table,
    write_text,
)
from howlow.data.privacy.confidential import secrets_of
from howlow.data.privacy.disclosure import disclosures

#: A label as declared text can hold it at its worst.
INJECTED = "</title><script>alert(1)</script>"


def declared(**more: object) -> Participants:
    """A study of two arms from a wide table, with everything a codebook tells."""
    study = {
        "id": "our-trial",
        "kind": "participants",
        "title": f"Our trial {INJECTED}",
        "source": {
            "citation": "=HYPERLINK(1) Ours",
            "doi": "10.1000/x",
            "licence": "CC0-1.0",
            "files": [{"file": "wide.csv", "sha256": "0" * 64}],
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
            "press": {
                "label": "Leg press 1RM",
                "construct": "strength",
                "unit": "kg",
                "measure": "one_rm",
                "region": "lower_body",
                "instrument": "Pneumatic press",
                "range": [20.0, 500.0],
                "margin": 5.0,
                "mdc": 7.5,
            }
        },
        "primary_outcome": "press",
        "at": ["post"],
        "columns": {"age": "Leeftijd", "participant": "participant"},
        "tables": [
            {
                "file": "raw/wide.csv",
                "steps": [
                    {"step": "rename", "columns": {"Nummer": "participant", "Groep": "group"}},
                    {"step": "map", "column": "group", "to": "arm", "values": {"1": "light"}},
                    {
                        "step": "reshape",
                        "columns": {
                            "1RM voor": {"outcome": "press", "visit": "pre"},
                            "1RM na": {"outcome": "press", "visit": "post"},
                        },
                    },
                ],
            }
        ],
    }
    return Participants.model_validate_json(json.dumps(study | more))


def tables(people: int = 20) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tidy tables of so many people."""
    participants = pd.DataFrame(
        [
            {"study": "our-trial", "participant": f"our-{k:03}", "arm": "light", "age": str(60 + k)}
            for k in range(people)
        ]
    ).reindex(columns=list(PARTICIPANT_COLUMNS), fill_value="")
    rows = [
        {"study": "our-trial", "participant": f"our-{k:03}", "arm": "light", "visit": visit,
         "outcome": "press", "quantity": "level", "value": 100.123 + 3 * k, "unit": "kg"}
        for k in range(people) for visit in ("pre", "post")
    ]  # fmt: skip
    measurements = pd.DataFrame(rows).reindex(columns=list(MEASUREMENT_COLUMNS), fill_value="")
    return participants, measurements


def read(text: str) -> dict[tuple[str, str], dict[str, str]]:
    """The codebook's rows by table and name."""
    return {(row["table"], row["name"]): row for row in csv.DictReader(io.StringIO(text))}


def test_an_outcome_is_told_with_all_that_is_declared_of_it() -> None:
    row = read(codebook(declared(), None, *tables())["codebook.csv"])["measurements", "press"]
    assert row["label"] == "Leg press 1RM"
    assert row["meaning"] == "one rm, lower body; higher is better"
    assert (row["unit"], row["construct"], row["instrument"]) == (
        "kg", "strength", "Pneumatic press",
    )  # fmt: skip
    assert (row["plausible_low"], row["plausible_high"]) == ("20", "500")
    assert (row["margin"], row["mdc"], row["n"]) == ("5", "7.5", "40")
    assert row["original"] == "wide.csv: 1RM voor; wide.csv: 1RM na"


def test_every_column_of_both_tables_stands_in_it() -> None:
    rows = read(codebook(declared(), None, *tables())["codebook.csv"])
    for table, columns in (
        ("participants", PARTICIPANT_COLUMNS),
        ("measurements", MEASUREMENT_COLUMNS),
    ):
        for name in columns:
            assert rows[table, name]["label"]
            assert rows[table, name]["meaning"], f"{table}.{name} has no words of its own"
    assert rows["participants", "participant"]["original"] == "wide.csv: Nummer"
    assert rows["participants", "arm"]["original"] == "wide.csv: Groep"
    assert rows["participants", "age"]["missing"] == "0"
    assert rows["participants", "sex"]["n"] == "0"


def test_spreads_are_percentiles_and_none_is_told_of_few_people() -> None:
    row = read(codebook(declared(), None, *tables(20))["codebook.csv"])["measurements", "press"]
    assert (row["percentile_10"], row["percentile_90"]) == ("106", "151")
    few = read(codebook(declared(), None, *tables(9))["codebook.csv"])
    assert (
        few["measurements", "press"]["percentile_10"]
        == few["participants", "age"]["percentile_90"]
        == ""
    )


def test_what_is_missing_is_what_the_flow_says() -> None:
    flow = pd.DataFrame(
        [
            {"arm": "light", "visit": "pre", "outcome": "press", "missing": 1},
            {"arm": "light", "visit": "post", "outcome": "press", "missing": 2},
            {"arm": "light", "visit": "post", "outcome": "", "missing": 9},
        ]
    )
    row = read(codebook(declared(), None, *tables(), flow)["codebook.csv"])["measurements", "press"]
    assert row["missing"] == "3"


def test_the_words_of_a_long_table_are_told() -> None:
    long = {
        "file": "raw/wide.csv",
        "steps": [
            {"step": "map", "column": "exercise", "to": "outcome", "values": {"legpress": "press"}},
            {"step": "rename", "columns": {"load": "value"}},
        ],
    }
    other = {
        "file": "raw/wide.csv",
        "steps": [{"step": "constant", "to": "outcome", "value": "csa"}],
    }
    study = declared(tables=[long, other])
    row = read(codebook(study, None, *tables())["codebook.csv"])["measurements", "press"]
    assert row["original"] == "wide.csv: load (exercise = legpress)"


def test_nothing_in_the_page_can_run() -> None:
    page = codebook(declared(), None, *tables())["codebook.html"]
    assert "<script" not in page
    assert "&lt;/title&gt;&lt;script&gt;" in page
    style = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style[0].encode()).digest()).decode()
    assert f"default-src &#x27;none&#x27;; style-src &#x27;sha256-{digest}&#x27;" in page
    assert not re.findall(r"(?:src|href)=", page)


def test_no_cell_is_a_formula() -> None:
    study = declared()
    outcome = study.outcomes["press"].model_copy(update={"instrument": "=cmd|' /C calc'!A0"})
    study = study.model_copy(update={"outcomes": {"press": outcome}})
    row = read(codebook(study, None, *tables())["codebook.csv"])["measurements", "press"]
    assert row["instrument"].startswith("'=")


def test_masked_arms_are_not_listed() -> None:
    def arms(study: Participants) -> list[object]:
        package = json.loads(codebook(study, None, *tables())["datapackage.json"])
        return [
            field.get("constraints", {}).get("enum")
            for resource in package["resources"]
            for field in resource["schema"]["fields"]
            if field["name"] == "arm"
        ]

    assert arms(declared()) == [["light", "heavy"]] * 2
    assert arms(declared(status="ongoing")) == [None, None]


def write(folder: Path, study: Study, trials: Trials | None, *frames: pd.DataFrame) -> None:
    """The tidy tables and what describes them, as the ingest job writes them."""
    write_table(frames[0], folder / "participants.csv")
    write_table(frames[1], folder / "measurements.csv")
    for name, text in codebook(study, trials, *frames).items():
        write_text(text, folder / name)


def problems(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the validator has to say of a data package."""
    frictionless = pytest.importorskip("frictionless")
    monkeypatch.chdir(folder)
    checked = frictionless.validate("datapackage.json")
    found = [error.message for error in checked.errors]
    for task in checked.tasks:
        found += [error.message for error in task.errors]
    return found


def test_a_study_is_a_valid_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, declared(), None, *tables())
    assert problems(tmp_path, monkeypatch) == []
    package = json.loads((tmp_path / "datapackage.json").read_text(encoding="utf-8"))
    assert package["licenses"] == [{"name": "CC0-1.0"}]
    assert package["sources"][0]["path"] == "https://doi.org/10.1000/x"
    assert package["resources"][1]["schema"]["foreignKeys"]


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        ("arm", "middle", "enum"),
        ("visit", "later", "enum"),
        ("value", "", "required"),
        ("participant", "stranger", "foreign"),
    ],
)
def test_a_package_refuses_what_is_not_declared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, column: str, cell: str, said: str
) -> None:
    participants, measurements = tables()
    measurements = measurements.astype("object")
    measurements.loc[3, column] = cell
    write(tmp_path, declared(), None, participants, tables()[1])
    write_table(measurements, tmp_path / "measurements.csv")
    assert any(said in message for message in problems(tmp_path, monkeypatch))


@pytest.fixture(scope="module")
def config(repo: Path) -> Config:
    from howlow.config.reading import read_config

    return read_config([repo / "config" / "config.yaml"])


@pytest.fixture(scope="module")
def ingested(repo: Path, config: Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The default studies' results of the data stage, with what describes them."""
    from howlow.data.ingestion import ingest
    from howlow.data.simulation import read_truth, simulate, write_simulated

    results = tmp_path_factory.mktemp("ingested")
    for name in ("published", "sim-limbs", "sim-load-frequency"):
        folder, output, simulated = repo / "data" / name, results / name, None
        if (folder / "truth.yaml").is_file():
            simulated = output / "simulated.csv"
            write_simulated(simulate(read_truth(folder / "truth.yaml"), config.seed), simulated)
        ingest(folder, config, output, simulated)
        study = read_declaration(output / "study.json").study
        both = json.loads((output / "study.json").read_text(encoding="utf-8"))
        trials = None
        if isinstance(study, Summary):
            trials = Trials.model_validate_json(json.dumps(both["trials"]))
        participants = read_table(output / "participants.csv", text=None)
        measurements = read_measurements(output / "measurements.csv")
        for file, text in codebook(study, trials, participants, measurements).items():
            write_text(text, output / file)
    return results


@pytest.mark.parametrize("name", ["published", "sim-limbs", "sim-load-frequency"])
def test_every_kind_of_study_is_a_valid_package(
    ingested: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    assert problems(ingested / name, monkeypatch) == []


def test_what_is_nobodys_says_so(ingested: Path) -> None:
    for file in ("codebook.html", "datapackage.json"):
        assert "pseudo individuals" in (ingested / "published" / file).read_text(encoding="utf-8")
        assert "SIMULATED: nobody" in (ingested / "sim-limbs" / file).read_text(encoding="utf-8")
    rows = read((ingested / "published" / "codebook.csv").read_text(encoding="utf-8"))
    assert all(not row["percentile_10"] and not row["n"] for row in rows.values())


def test_a_codebook_passes_the_gate(tmp_path: Path) -> None:
    """Neither ids nor dates nor values of single people stand in what describes a table."""
    data, results, shared = tmp_path / "data", tmp_path / "results", tmp_path / "shared"
    participants, measurements = tables()
    write(results, declared(), None, participants, measurements)
    raw = "Nummer,Groep,1RM voor,1RM na,Leeftijd\n" + "".join(
        f"PATIENT-{k:03},1,{100.123 + 3 * k:.3f},{100.123 + 3 * k:.3f},{60 + k}\n"
        for k in range(20)
    )
    write_text(raw, data / "raw" / "wide.csv")
    shared.mkdir()
    for name in CODEBOOK_FILES:
        (shared / name).write_bytes((results / name).read_bytes())
    secrets = secrets_of(declared(), data, results)
    assert {"PATIENT-003", "our-003"} <= secrets.ids
    assert disclosures(shared, [secrets]) == []
    (shared / "measurements.csv").write_bytes((results / "measurements.csv").read_bytes())
    assert {finding.code for finding in disclosures(shared, [secrets])} == {"S05", "S06"}
