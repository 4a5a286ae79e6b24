"""Participants' measurements from the cleaned tables of a study, checked against study.yaml."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from howlow.config.steps import LookUp, Table
from howlow.config.study import Participants
from howlow.data.cells import value_faults
from howlow.data.cleaning import clean, wanted_columns
from howlow.data.design_checks import design_findings, undeclared_columns
from howlow.data.flow import flow_table
from howlow.data.keys import key_faults
from howlow.data.masking import mask_measurements, mask_people
from howlow.data.people import (
    join_arms,
    measurements_table,
    participants_table,
    people_of,
    renamed,
    study_days,
)
from howlow.data.privacy.raw_tables import scan_table
from howlow.data.same_files import other_files
from howlow.data.tables import LINE, read_raw
from howlow.data.tidy import Tidy, put_together, tidy_measurements, tidy_roster
from howlow.errors import InputError
from howlow.findings import Finding

if TYPE_CHECKING:
    import pandas as pd


@dataclass
class Measured:
    """What the raw tables of a study hold.

    `participants` and `measurements` have the columns of `howlow.data.measurements`, `flow` those
    of `howlow.data.flow`; none holds an id, a date or a site of the raw tables, nor do the
    findings, all of which are warnings and notes.
    """

    participants: pd.DataFrame
    flow: pd.DataFrame
    findings: list[Finding]
    _measurements: Callable[[], pd.DataFrame]

    @cached_property
    def measurements(self) -> pd.DataFrame:
        """One row a value; made when it is asked for, as a check needs the flow alone."""
        return self._measurements()


class _Read(NamedTuple):
    """The cleaned tables, and what was noticed on the way."""

    frames: dict[int, pd.DataFrame]
    findings: list[Finding]


def measure(
    study: Participants,
    files: Sequence[Path],
    *,
    seed: int = 0,
    small_cell: int = 5,
    masked: bool = False,
) -> Measured:
    """Participants, measurements, flow and findings of a study whose raw tables are at hand.

    Parameters
    ----------
    study
        The study as it is declared.
    files
        The path of each table in `study.tables`, in that order.
    seed
        Seed of the order in which participants get their new ids.
    small_cell
        Fewest people whose reason for leaving is told by itself.
    masked
        Whether arms are not to be told apart in the tables, as in an ongoing study; the flow and
        the findings of an ongoing study never tell them apart.

    Raises
    ------
    InputError
        With every fault of every table: those of reading and cleaning, of keys, and of the design.
    """
    read = _read(study, files)
    findings = [*other_files(study, files), *read.findings]
    tidy = _tidied(study, files, read, findings)
    people = people_of(tidy, study)
    join_arms(tidy, people)
    findings.extend(tidy.findings)
    findings.extend(key_faults(tidy, study))
    findings.extend(value_faults(tidy.rows, study))
    tidy.unsure = tidy.unsure or _faults(read.findings) != []
    findings.extend(design_findings(tidy, study, people))
    if study.simulated:
        found = "the data are SIMULATED from a declared truth"
        file = files[0].as_posix()
        findings.append(Finding("SIMULATED", "note", file, 0, "", found, "Not evidence", study.id))
    if faults := _faults(findings):
        raise InputError(list(dict.fromkeys(faults)))
    names = renamed(people, study.id, seed)
    told = participants_table(people, study, names, seed)

    def measurements() -> pd.DataFrame:
        table = measurements_table(tidy, study, study_days(tidy, study), names)
        return mask_measurements(table, study.id, seed) if masked else table

    return Measured(
        mask_people(told, study) if masked else told,
        flow_table(tidy, study, people, small_cell),
        findings,
        measurements,
    )


def _faults(findings: Sequence[Finding]) -> list[Finding]:
    """The findings that stop."""
    return [finding for finding in findings if finding.severity == "error"]


def _read(study: Participants, files: Sequence[Path]) -> _Read:
    """Every table read and cleaned, those of participants first; a fault in one hides no other."""
    frames: dict[int, pd.DataFrame] = {}
    findings: list[Finding] = []
    people: dict[str, pd.DataFrame] = {}
    order = sorted(
        range(len(files)), key=lambda position: study.tables[position].holds != "participants"
    )
    for position in order:
        table, path = study.tables[position], files[position]
        try:
            frame = _cleaned(study, table, path, people, findings)
        except InputError as error:
            findings.extend(error.findings)
            continue
        frames[position] = frame
        if table.holds == "participants" and table.name:
            people[table.name] = frame
    return _Read(frames, findings)


def _cleaned(
    study: Participants,
    table: Table,
    path: Path,
    people: Mapping[str, pd.DataFrame],
    findings: list[Finding],
) -> pd.DataFrame:
    """One table after its steps."""
    wanted = wanted_columns(table, study.columns) | _looked_up(table, study)
    raw = read_raw(path, table, wanted)
    findings.extend(raw.findings)
    findings.extend(scan_table(raw, table, study.columns, path.as_posix()))
    participant = study.columns.participant
    cleaned = clean(
        raw.frame,
        table,
        path.as_posix(),
        people,
        participant,
        raw.header,
        categories=table.holds == "measurements",
    )
    findings.extend(cleaned.findings)
    return cleaned.frame


def _looked_up(table: Table, study: Participants) -> set[str]:
    """The columns of a table of participants that `look_up` steps of other tables bring over."""
    return {
        name
        for other in study.tables
        for step in other.steps
        if isinstance(step, LookUp) and step.table == table.name
        for name in step.take
    }


def _tidied(
    study: Participants, files: Sequence[Path], read: _Read, findings: list[Finding]
) -> Tidy:
    """All tables under howlow's column names; raise InputError where nothing is left to check."""
    rosters = [at for at in read.frames if study.tables[at].holds == "participants"]
    arm_elsewhere = any(study.columns.arm in read.frames[at] for at in rosters)
    arm_elsewhere = arm_elsewhere and study.design == "parallel"
    parts: list[Tidy] = []
    there: set[str] = set()
    for position in list(read.frames):
        # Nothing needs the cleaned table once it is tidied, and it may be large.
        frame = read.frames.pop(position)
        table, shown = study.tables[position], files[position].as_posix()
        there |= {str(column) for column in frame.columns if column != LINE}
        try:
            if table.holds == "participants":
                parts.append(tidy_roster(frame, table, study, shown))
            else:
                parts.append(
                    tidy_measurements(frame, table, study, shown, arm_elsewhere=arm_elsewhere)
                )
        except InputError as error:
            findings.extend(error.findings)
    unread = len(parts) < len(files)
    if not any("value" in part.rows for part in parts):
        raise InputError(
            _faults([*findings, *(found for part in parts for found in part.findings)])
        )
    tidy = put_together(parts)
    if not unread:
        findings.extend(undeclared_columns(tidy, study, there))
    tidy.unsure = tidy.unsure or unread
    return tidy
