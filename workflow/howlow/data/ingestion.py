"""The data stage of one study: what its folder declares, checked and turned into tidy tables."""

from __future__ import annotations

from pathlib import Path

from howlow.config.reading import read_study, read_trials
from howlow.config.settings import Config
from howlow.config.study import Participants, Summary
from howlow.data.declaration import declaration_text
from howlow.data.individual import measure
from howlow.data.measurements import (
    PARTICIPANT_COLUMNS,
    findings_table,
    write_table,
    write_text,
)
from howlow.data.printed import NUMBER_COLUMNS, TEXT_COLUMNS, read_collection
from howlow.data.readings import assumed_column
from howlow.data.reconstruction import reconstruct
from howlow.data.tables import LINE
from howlow.findings import Finding

#: What the data stage writes for every study.
OUTPUTS = ("study.json", "participants.csv", "measurements.csv", "printed.csv", "findings.csv")


def ingest(folder: Path, config: Config, output: Path, simulated: Path | None = None) -> None:
    """Write a study's tidy tables into a folder; all of them, or none where there is a fault.

    Raises
    ------
    InputError
        With every fault of the study's files.
    """
    study = read_study(folder, config)
    if isinstance(study, Summary):
        _ingest_collection(folder, study, config, output)
    else:
        files = [simulated or folder / table.file for table in study.tables]
        _ingest_participants(study, files, output)


def _ingest_participants(study: Participants, files: list[Path], output: Path) -> None:
    """A study with individual data."""
    import pandas as pd

    participants, measurements, findings = measure(study, files)
    write_table(participants, output / "participants.csv")
    write_table(measurements, output / "measurements.csv")
    columns = [*TEXT_COLUMNS, *NUMBER_COLUMNS, "assumed"]
    write_table(pd.DataFrame(columns=columns), output / "printed.csv")
    write_table(findings_table(findings), output / "findings.csv")
    write_text(declaration_text(study, None), output / "study.json")


def _ingest_collection(folder: Path, study: Summary, config: Config, output: Path) -> None:
    """A published collection."""
    import pandas as pd

    trials = read_trials(folder, study, config)
    path = folder / study.table
    collection = read_collection(path, trials)
    measurements, findings = reconstruct(collection, config, path.as_posix())
    left_out = collection.rows[collection.rows["use"] == "left out"]
    for _, row in left_out.iterrows():
        found = f"{row['arm']} at {row['visit']} is left out: {row['reason']}"
        findings.append(
            Finding(
                "LEFT_OUT",
                "note",
                path.as_posix(),
                int(row[LINE]),
                row["outcome"],
                found,
                "Nothing to do",
                row["trial"],
            )
        )
    write_table(pd.DataFrame(columns=list(PARTICIPANT_COLUMNS)), output / "participants.csv")
    write_table(measurements, output / "measurements.csv")
    rows = collection.rows.drop(columns=LINE).assign(assumed=assumed_column(collection, config))
    write_table(rows, output / "printed.csv")
    write_table(findings_table(findings), output / "findings.csv")
    write_text(declaration_text(study, trials), output / "study.json")
