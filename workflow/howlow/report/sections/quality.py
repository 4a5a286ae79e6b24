"""Data quality: who was measured, what is missing, what was noticed and what was left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from howlow.config.study import Participants
from howlow.data.privacy.small_cells import BAND
from howlow.data.published.printed_rows import LEFT_OUT
from howlow.findings import Finding
from howlow.report.figures import Figure
from howlow.report.inputs import Alike, Inputs, Source
from howlow.report.sections.flow import Flow, flow_of
from howlow.report.sections.left_out import place_of
from howlow.report.titles import title

#: Codes of what is told in lists of their own: codes taken for missing, units turned into others.
MISSING_CODES, CONVERSIONS = "C04", "C09"
#: So many findings of a study are shown as they are; more are folded, code by code.
FEW = 12
#: The kind of figure that stands in this section.
FLOW = "flow"

_PLURALS = {"error": "errors", "warning": "warnings", "note": "notes"}


@dataclass(frozen=True)
class FindingRow:
    """One finding as it is shown."""

    severity: str
    code: str
    title: str
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
    def counts(self) -> str:
        """How many there are, by code."""
        counts = Counter(row.code for row in self.rows)
        return ", ".join(
            f"{code} × {count}" if count > 1 else code for code, count in counts.most_common()
        )

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self.rows)


@dataclass(frozen=True)
class CodeGroup:
    """The findings of one code in one trial, folded."""

    code: str
    title: str
    words: str
    rows: tuple[FindingRow, ...]


@dataclass(frozen=True)
class StudyQuality:
    """The quality of one study's individual data."""

    study: str
    cite: str
    anchor: str
    simulated: bool
    figure: Figure | None
    flow: Flow | None
    facts: tuple[tuple[str, tuple[str, ...]], ...]
    counts: str
    rows: tuple[FindingRow, ...]
    groups: tuple[CodeGroup, ...]


@dataclass(frozen=True)
class CodeCount:
    """How often a code was found over all trials of the collections."""

    code: str
    title: str
    severity: str
    findings: int
    trials: int
    example: str


def findings_of(inputs: Inputs) -> list[StudyFindings]:
    """Findings in the trials of collections, in the declared order, but for rows left out."""
    found = _by_trial(inputs)
    collected = {trial.id for source in inputs.sources for trial in source.trials
                 if source.is_collection}  # fmt: skip
    alone = {source.study.id for source in inputs.sources if not source.is_collection}
    order = {name: position for position, name in enumerate(inputs.trials)}
    names = sorted(found.keys() - alone, key=lambda name: (order.get(name, len(order)), name))
    return [
        _of_study(name, found[name], inputs)
        for name in names
        if name in collected or not inputs.is_simulated(name)
    ]


def counts_of(studies: Iterable[StudyFindings]) -> list[CodeCount]:
    """How often each code was found, the most frequent first."""
    rows: dict[str, list[tuple[str, FindingRow]]] = {}
    for study in studies:
        for row in study.rows:
            rows.setdefault(row.code, []).append((study.study, row))
    counts = [
        CodeCount(
            code,
            found[0][1].title,
            found[0][1].severity,
            len(found),
            len({study for study, _ in found}),
            found[0][1].action,
        )
        for code, found in rows.items()
    ]
    return sorted(counts, key=lambda count: (-count.findings, count.code))


def quality_of(
    inputs: Inputs, figures: Iterable[Figure], *, simulated: bool = False
) -> list[StudyQuality]:
    """The quality of every study with individual data, in the order of the configuration."""
    drawn = {figure.study: figure for figure in figures if figure.kind == FLOW}
    found = _by_trial(inputs)
    return [
        _quality(source, source.study, found.get(source.study.id, []), drawn, inputs)
        for source in inputs.sources
        if isinstance(source.study, Participants) and source.study.simulated == simulated
    ]


def _quality(
    source: Source,
    study: Participants,
    findings: Sequence[Finding],
    drawn: dict[str, Figure],
    inputs: Inputs,
) -> StudyQuality:
    """The quality of one study's data."""
    (trial,) = source.trials
    rows = tuple(
        _row(finding, inputs)
        for finding in sorted(findings, key=lambda found: found.severity != "warning")
        if finding.code not in (MISSING_CODES, CONVERSIONS) or finding.severity != "note"
    )
    facts = {
        "Registered": (study.registration,) if study.registration else (),
        "Status": ("ongoing: everything is shown for all arms together",)
        if study.status == "ongoing"
        else (),
        "Codes taken for missing": _notes(findings, MISSING_CODES, inputs),
        "Unit conversions": _notes(findings, CONVERSIONS, inputs),
        "Known deviations": study.deviations,
        "People alike": _alike(source.alike, inputs.config.privacy.small_cell),
        "Noticed": (_counted(rows),) if rows else (),
    }
    return StudyQuality(
        study=study.id,
        cite=trial.cite,
        anchor=f"study-{study.id}" if study.id in inputs.by_study else "",
        simulated=study.simulated,
        figure=drawn.get(study.id),
        flow=flow_of(trial, source.flow),
        facts=tuple((label, said) for label, said in facts.items() if said),
        counts=_counted(rows),
        rows=rows if len(rows) <= FEW else (),
        groups=_by_code(rows) if len(rows) > FEW else (),
    )


def _notes(findings: Iterable[Finding], code: str, inputs: Inputs) -> tuple[str, ...]:
    """The notes of a code, each with its outcome or column."""
    said = []
    for finding in findings:
        if finding.code == code and finding.severity == "note":
            row = _row(finding, inputs)
            file = PurePosixPath(row.place.partition(":")[0]).name
            said.append(f"{row.what}: {row.found}" if row.what else f"{file}: {row.found}")
    return tuple(dict.fromkeys(said))


def _alike(alike: Alike, small: int) -> tuple[str, ...]:
    """How many people the smallest group has, and what that means for sharing."""
    if not alike.columns:
        return ()
    words = {"sex": "sex", "age": f"age in bands of {BAND} years"}
    by = " and ".join(words[column] for column in alike.columns)
    people = f"{alike.people} {'person' if alike.people == 1 else 'people'}"
    said = f"the smallest group by {by} has {people}"
    if alike.people < small:
        said += f", fewer than {small}: a table with a row for each person could tell who is who"
    return (said,)


def _counted(rows: Iterable[FindingRow]) -> str:
    """How many warnings and notes there are, in words."""
    counts = Counter(row.severity for row in rows)
    parts = [
        f"{counts[name]} {name if counts[name] == 1 else plural}"
        for name, plural in _PLURALS.items()
        if counts[name]
    ]
    return " and ".join(parts)


def _by_code(rows: Iterable[FindingRow]) -> tuple[CodeGroup, ...]:
    """Many findings, code by code."""
    groups: dict[str, list[FindingRow]] = {}
    for row in rows:
        groups.setdefault(row.code, []).append(row)
    return tuple(
        CodeGroup(code, found[0].title, _counted(found), tuple(found))
        for code, found in groups.items()
    )


def _by_trial(inputs: Inputs) -> dict[str, list[Finding]]:
    """All findings by trial, but for rows left out."""
    groups: dict[str, list[Finding]] = {}
    for finding in inputs.findings:
        if finding.code != LEFT_OUT:
            groups.setdefault(finding.study, []).append(finding)
    return groups


def _of_study(name: str, findings: Iterable[Finding], inputs: Inputs) -> StudyFindings:
    """The findings of one trial."""
    trial = inputs.trials.get(name)
    anchor = f"study-{name}" if name in inputs.by_study else ""
    rows = tuple(_row(finding, inputs) for finding in findings)
    titles = {source.study.id: source.study.title for source in inputs.sources}
    cite = trial.cite if trial else titles.get(name, name)
    return StudyFindings(name, cite, anchor, rows)


def _row(finding: Finding, inputs: Inputs) -> FindingRow:
    """One finding, its outcome by its label."""
    trial = inputs.trials.get(finding.study)
    outcome = trial.outcomes.get(finding.column) if trial else None
    what = outcome.label if outcome else finding.column
    return FindingRow(
        severity=finding.severity,
        code=finding.code,
        title=title(finding.code, "en"),
        place=place_of(finding),
        what=what,
        found=finding.found,
        action=finding.action,
    )
