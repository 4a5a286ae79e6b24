"""Data findings: what was noticed in the files, study by study, and which rows were left out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath

from howlow.config.findings import Finding
from howlow.report.inputs import Inputs

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


def findings_of(
    inputs: Inputs, *, left_out: bool = False, simulated: bool = False
) -> list[StudyFindings]:
    """Findings by trial, in the order the trials are declared; rows left out, or all others."""
    groups: dict[str, list[Finding]] = {}
    for finding in inputs.findings:
        if (finding.code == LEFT_OUT) == left_out:
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
    file = relative(finding.file)
    place = f"{file}:{finding.line}" if finding.line else file
    what = outcome.label if outcome else finding.column
    return FindingRow(finding.severity, finding.code, place, what, finding.found, finding.action)


def relative(path: str) -> str:
    """A path inside the project; of an absolute path only its last part, which names no machine."""
    if PurePosixPath(path).is_absolute() or PureWindowsPath(path).is_absolute():
        return PureWindowsPath(path).name
    return path
