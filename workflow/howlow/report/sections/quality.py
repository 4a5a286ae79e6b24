"""Data findings: what was noticed in the files, study by study, and which rows were left out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath

from howlow.data.printed_rows import PrintedRow
from howlow.findings import Finding
from howlow.report.inputs import Inputs
from howlow.report.words import contrast_words, reasons, time_words

#: The code of a row of a collection that is not used.
LEFT_OUT = "LEFT_OUT"


@dataclass(frozen=True)
class FindingRow:
    """One finding as it is shown."""

    severity: str
    code: str
    place: str
    what: str
    found: str
    action: str


@dataclass(frozen=True)
class StudyFindings:
    """The findings of one trial."""

    study: str
    cite: str
    anchor: str
    rows: tuple[FindingRow, ...]

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self.rows)


@dataclass(frozen=True)
class LeftOutRow:
    """A printed row that is not used."""

    outcome: str
    what: str
    when: str
    reason: str
    place: str


@dataclass(frozen=True)
class LeftOut:
    """The rows of one trial that are not used."""

    cite: str
    rows: tuple[LeftOutRow, ...]

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self.rows)


def left_out_of(inputs: Inputs) -> list[LeftOut]:
    """The printed rows that are not used, by trial, in the words of its declaration."""
    places: dict[tuple[str, str], list[str]] = {}
    for finding in inputs.findings:
        if finding.code == LEFT_OUT:
            places.setdefault((finding.study, finding.column), []).append(_place(finding))
    groups: dict[str, list[LeftOutRow]] = {}
    for source in inputs.sources:
        for row in source.printed:
            if row.use == "left out":
                # Both are in the order of the table, so the next finding is that of this row.
                known = places.get((row.trial, row.outcome), [])
                place = known.pop(0) if known else ""
                groups.setdefault(row.trial, []).append(_left_out_row(row, place, inputs))
    return [LeftOut(inputs.trials[name].cite, tuple(rows)) for name, rows in groups.items()]


def _left_out_row(row: PrintedRow, place: str, inputs: Inputs) -> LeftOutRow:
    """One printed row, its arm, outcome and time by their labels."""
    trial = inputs.trials[row.trial]
    outcome = trial.outcomes.get(row.outcome)
    return LeftOutRow(
        outcome=outcome.label if outcome else row.outcome.replace("_", " "),
        what=contrast_words(f"mean({row.arm})", trial.arms),
        when=time_words(row.visit, trial.labels),
        reason="; ".join(reasons(row.reason)),
        place=place,
    )


def findings_of(inputs: Inputs, *, simulated: bool = False) -> list[StudyFindings]:
    """Findings by trial, in the order the trials are declared, but for rows left out."""
    groups: dict[str, list[Finding]] = {}
    for finding in inputs.findings:
        if finding.code != LEFT_OUT:
            groups.setdefault(finding.study, []).append(finding)
    order = {name: position for position, name in enumerate(inputs.trials)}
    names = sorted(groups, key=lambda name: order.get(name, len(order)))
    return [
        _of_study(name, groups[name], inputs)
        for name in names
        if inputs.is_simulated(name) == simulated
    ]


def _of_study(name: str, findings: Iterable[Finding], inputs: Inputs) -> StudyFindings:
    """The findings of one trial."""
    trial = inputs.trials.get(name)
    anchor = f"study-{name}" if name in inputs.by_study else ""
    rows = tuple(_row(finding, inputs) for finding in findings)
    return StudyFindings(name, trial.cite if trial else name, anchor, rows)


def _row(finding: Finding, inputs: Inputs) -> FindingRow:
    """One finding, its outcome by its label."""
    trial = inputs.trials.get(finding.study)
    outcome = trial.outcomes.get(finding.column) if trial else None
    what = outcome.label if outcome else finding.column
    return FindingRow(
        finding.severity, finding.code, _place(finding), what, finding.found, finding.action
    )


def _place(finding: Finding) -> str:
    """The file and line of a finding."""
    file = relative(finding.file)
    return f"{file}:{finding.line}" if finding.line else file


def relative(path: str) -> str:
    """A path inside the project; of an absolute path only its last part, which names no machine."""
    if PurePosixPath(path).is_absolute() or PureWindowsPath(path).is_absolute():
        return PureWindowsPath(path).name
    return path
