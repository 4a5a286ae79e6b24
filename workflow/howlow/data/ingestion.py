"""The data stage of one study: what its folder declares, checked and turned into tidy tables."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from howlow.config.frozen import read_plan
from howlow.config.reading import read_study
from howlow.config.settings import Config
from howlow.config.study import Participants, Summary
from howlow.data.codebook.files import CODEBOOK_FILES, codebook
from howlow.data.declaration import declaration_text
from howlow.data.fetching import digest_of
from howlow.data.flow import no_flow
from howlow.data.individual import measure
from howlow.data.measurements import (
    PARTICIPANT_COLUMNS,
    findings_table,
    write_table,
    write_text,
)
from howlow.data.published.printed import NUMBER_COLUMNS, TEXT_COLUMNS, left_out
from howlow.data.published.readings import assumed_column
from howlow.data.published.reconstruction import reconstruct
from howlow.data.published.summaries import read_summary
from howlow.data.same_files import table_digests
from howlow.data.tables import LINE

#: What the data stage writes for every study.
OUTPUTS = (
    "study.json",
    "participants.csv",
    "measurements.csv",
    "flow.csv",
    "printed.csv",
    "findings.csv",
    *CODEBOOK_FILES,
)


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
        _ingest_participants(folder, study, simulated, config, output)


def _ingest_participants(
    folder: Path, study: Participants, simulated: Path | None, config: Config, output: Path
) -> None:
    """A study with individual data."""
    import pandas as pd

    plan, digests = read_plan(folder), table_digests(folder, study)
    # Only a look that was logged of these very tables tells the arms of an ongoing study apart.
    hidden = study.status == "ongoing" and (plan is None or plan.look_at(digests) is None)
    files = [simulated or folder / table.file for table in study.tables]
    small_cell = config.privacy.small_cell
    measured = measure(study, files, seed=config.seed, small_cell=small_cell, masked=hidden)
    write_table(measured.participants, output / "participants.csv")
    write_table(measured.measurements, output / "measurements.csv")
    write_table(measured.flow, output / "flow.csv")
    columns = [*TEXT_COLUMNS, *NUMBER_COLUMNS, "assumed"]
    write_table(pd.DataFrame(columns=columns), output / "printed.csv")
    told = [replace(finding, study=finding.study or study.id) for finding in measured.findings]
    write_table(findings_table(told), output / "findings.csv")
    tables = (measured.participants, measured.measurements, measured.flow)
    for name, text in codebook(study, None, *tables).items():
        write_text(text, output / name)
    declared_as = digest_of(folder / "study.yaml")
    text = declaration_text(study, None, digests, plan, declared_as)
    write_text(text, output / "study.json")


def _ingest_collection(folder: Path, study: Summary, config: Config, output: Path) -> None:
    """A published collection."""
    import pandas as pd

    shown = (folder / study.arms_table.file).as_posix()
    collection, findings = read_summary(folder, study, config)
    measurements, unfit = reconstruct(collection, config, shown)
    findings = [*findings, *unfit, *left_out(collection.rows, shown)]
    participants = pd.DataFrame(columns=list(PARTICIPANT_COLUMNS))
    write_table(participants, output / "participants.csv")
    write_table(measurements, output / "measurements.csv")
    write_table(no_flow(), output / "flow.csv")
    rows = collection.rows.drop(columns=LINE).assign(assumed=assumed_column(collection, config))
    write_table(rows, output / "printed.csv")
    told = [replace(finding, study=finding.study or study.id) for finding in findings]
    write_table(findings_table(told), output / "findings.csv")
    tables = (participants, measurements)
    for name, text in codebook(study, collection.trials, *tables).items():
        write_text(text, output / name)
    digests = table_digests(folder, study)
    write_text(declaration_text(study, collection.trials, digests), output / "study.json")
