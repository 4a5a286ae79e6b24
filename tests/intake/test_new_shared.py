"""`howlow new` on the open spreadsheets, and their examples against the authors' R data."""

from pathlib import Path

import pytest
from intake_tables import a_project, made

from howlow.__main__ import main
from howlow.analysis.analysing import analyse
from howlow.config.reading import read_config
from howlow.data.ingestion import ingest


@pytest.fixture
def project(repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project of its own, where the command is run."""
    return a_project(repo, tmp_path, monkeypatch)


def test_the_load_spreadsheet_needs_no_question_answered(project: Path, shared: Path) -> None:
    table = shared / "datasets" / "exscidata" / "ten_vs_thirty_complete.xlsx"
    assert main(["new", str(table), "--study", "load", "--yes"]) == 1
    study = made(project, "load")
    assert study.reference == "rm10"
    assert {name: arm.rm for name, arm in study.arms.items()} == {
        "rm30": (30, 30),
        "rm10": (10, 10),
    }
    assert list(study.visits) == ["baseline", "mid", "post"]
    assert set(study.outcomes) == {"legpress", "benchpress", "bicepscurl"}
    assert {outcome.construct for outcome in study.outcomes.values()} == {"strength"}


def test_the_volume_spreadsheets_are_put_together_by_leg(project: Path, shared: Path) -> None:
    folder = shared / "datasets" / "exscidata"
    tables = [str(folder / "strengthTests.xlsx"), str(folder / "oneThreeSetLeg.csv")]
    main(["new", *tables, "--study", "volume", "--yes"])
    study = made(project, "volume")
    assert study.design == "within_participant"
    assert list(study.arms) == ["multiple", "single"]
    assert study.reference == "single"
    assert [table.holds for table in study.tables] == [*["measurements"] * 2, "participants"]
    assert study.tables[2].delimiter == ";"
    steps = {step.step for step in study.tables[1].steps}
    assert {"look_up", "match", "join", "combine", "filter"} <= steps
    # Bench press names no leg, so it is in no arm.
    assert "benchpress" not in study.outcomes
    assert {"legpress", "legext", "legcurl", "isom_ext", "isok_60_ext"} <= set(study.outcomes)


#: Lines of each study's estimates without those of lean mass.
COUNTS = {"exscidata-load": 48, "exscidata-volume": 72}


def alike(cell: str, other: str) -> bool:
    """Whether two cells are the same, numbers to seven digits."""
    try:
        return float(cell) == pytest.approx(float(other), rel=1e-6, nan_ok=True)
    except ValueError:
        return cell == other


def estimates(repo: Path, shared: Path, tmp_path: Path, study: str) -> dict[str, list[str]]:
    """Every line of a study's estimates by its id, without the study's own name."""
    import csv

    config = read_config([repo / "config" / "config.yaml"])
    folder = tmp_path / "data" / study
    (folder / "raw").mkdir(parents=True)
    text = (repo / "data" / study / "study.yaml").read_text(encoding="utf-8")
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    for path in (shared / "datasets" / "exscidata").iterdir():
        if f"file: {path.name}" in text:
            (folder / "raw" / path.name).write_bytes(path.read_bytes())
    results = tmp_path / "results" / study
    ingest(folder, config, results, None)
    analyse(results, config)
    with (results / "estimates.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    # Which outcome is primary, and so which others Holm's adjustment counts, differs where lean
    # mass is at hand.
    own = ("estimate_id", "study", "tier", "p_adjusted", "verdict", "n_to_settle", "note")
    return {
        row["estimate_id"].split("/", 1)[1]: [row[key] for key in row if key not in own]
        for row in rows
    }


@pytest.mark.slow
@pytest.mark.parametrize("study", ["exscidata-load", "exscidata-volume"])
def test_the_spreadsheets_give_the_estimates_of_the_r_data(
    repo: Path, shared: Path, tmp_path: Path, study: str
) -> None:
    from_r = estimates(repo, shared, tmp_path, study)
    from_sheets = estimates(repo, shared, tmp_path, f"{study}-xlsx")
    expected = {key: row for key, row in from_r.items() if not key.startswith("leg_lean/")}
    assert from_sheets.keys() == expected.keys()
    # People come in another order, so that sums and maximisation end some digits apart.
    for key, row in expected.items():
        assert all(map(alike, from_sheets[key], row)), key
    assert len(expected) == COUNTS[study]
