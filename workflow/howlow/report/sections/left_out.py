"""Rows of a collection that are not used, with the reason, and the place of any finding."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath

from howlow.data.published.printed_rows import LEFT_OUT, PrintedRow
from howlow.findings import Finding
from howlow.report.contrasts import contrast_words
from howlow.report.inputs import Inputs
from howlow.report.words import reasons, time_words


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
            places.setdefault((finding.study, finding.column), []).append(place_of(finding))
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


def place_of(finding: Finding) -> str:
    """The file and line of a finding."""
    file = relative(finding.file)
    return f"{file}:{finding.line}" if finding.line else file


def relative(path: str) -> str:
    """A path inside the project; of an absolute path only its last part, which names no machine."""
    if PurePosixPath(path).is_absolute() or PureWindowsPath(path).is_absolute():
        return PureWindowsPath(path).name
    return path
