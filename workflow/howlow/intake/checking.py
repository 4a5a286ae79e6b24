"""`howlow check`: everything noticed in the configuration and the studies; it writes nothing."""

from __future__ import annotations

import copy
import dataclasses
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from howlow.analysis.estimand.plan import findings_of_folder
from howlow.config.claims import Claims, read_claims
from howlow.config.documents import Document, read_yaml
from howlow.config.frozen import PLAN_FILE
from howlow.config.reading import read_config, read_study, same_people
from howlow.config.schema import check, did_you_mean
from howlow.config.settings import Config
from howlow.config.study import Participants, Study, Summary
from howlow.data.same_files import other_file, shared_files, table_digests
from howlow.errors import HowlowError, InputError
from howlow.findings import Finding
from howlow.intake.brought import Brought, brought_by_study, brought_by_trial

Found = TypeVar("Found")

#: The code of what should never be seen: howlow itself failed.
UNEXPECTED = "UNEXPECTED"


@dataclass(frozen=True)
class Checked:
    """What was noticed in one study, the study as far as it could be read, and what it brings."""

    id: str
    findings: tuple[Finding, ...]
    study: Study | None = None
    brought: tuple[Brought, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether nothing stands in the way of using it."""
        return not any(finding.severity == "error" for finding in self.findings)


@dataclass(frozen=True)
class CheckedAll:
    """The configuration and every study that was asked for."""

    findings: tuple[Finding, ...]
    studies: tuple[Checked, ...]
    config: Config | None
    claims: Claims | None

    def every(self) -> list[Finding]:
        """All findings, of the configuration and of the studies."""
        return [*self.findings, *(found for study in self.studies for found in study.findings)]

    def exit_code(self) -> int:
        """0 for fine, 1 for warnings, 2 for errors."""
        severities = {finding.severity for finding in self.every()}
        return 2 if "error" in severities else 1 if "warning" in severities else 0


def check_all(names: Sequence[str], config_files: Sequence[Path], data: Path) -> CheckedAll:
    """Check the configuration, the claims, and studies by name or folder (all, if none is named).

    No fault raises: each is a finding of what it concerns, and the rest goes on.
    """
    faults: list[Finding] = []
    config = _config_as_far_as_sound(config_files, faults)
    claims_file = config_files[0].parent / "claims.yaml"
    constructs = config.constructs if config else None
    claims = None
    if claims_file.is_file():
        claims = _guarded(claims_file, "", faults, lambda: read_claims(claims_file, constructs))
    listed = list(names) or (list(config.studies) if config else [])
    if config is None:
        place, found = config_files[0].as_posix(), "without a configuration no study was checked"
        faults.append(Finding("G01", "note", place, 0, "", found, "Mend it, then check again"))
        return CheckedAll(tuple(faults), (), None, claims)
    folders = [Path(name) if "/" in name else data / name for name in listed]
    checked = {folder: check_study(folder, config) for folder in folders}
    read = {folder: found.study for folder, found in checked.items() if found.study is not None}
    twice = shared_files({folder: table_digests(folder, study) for folder, study in read.items()})
    faults.extend([*twice, *same_people(read, config)])
    return CheckedAll(tuple(faults), tuple(checked.values()), config, claims)


def check_study(folder: Path, config: Config) -> Checked:
    """Check one study's folder: study.yaml, its raw tables, and what they say together."""
    name = folder.name
    faults: list[Finding] = []
    path = folder / "study.yaml"
    if not path.is_file():
        near = did_you_mean(
            name, (found.parent.name for found in folder.parent.glob("*/study.yaml"))
        )
        action = f"{near}Make one with `howlow new`, or correct the name"
        missing = Finding("G11", "error", path.as_posix(), 0, "", "there is no such file", action)
        return _checked(name, [missing])
    study = _guarded(path, name, faults, lambda: read_study(folder, config))
    if study is None:
        return _checked(name, faults)
    if isinstance(study, Participants):
        whole: Participants = study
        plan = folder / PLAN_FILE
        faults.extend(
            _guarded(plan, name, faults, lambda: findings_of_folder(folder, whole, config)) or []
        )
    if not _files_are_there(folder, study, faults):
        planned = [brought_by_study(study)] if isinstance(study, Participants) else []
        return _checked(name, faults, study, planned)
    if isinstance(study, Participants):
        brought = _guarded(path, name, faults, lambda: _measured(folder, study, config, faults))
        return _checked(name, faults, study, [brought or brought_by_study(study)])
    trials = _guarded(path, name, faults, lambda: _printed(folder, study, config, faults))
    return _checked(name, faults, study, trials or [])


def _checked(
    name: str,
    findings: Sequence[Finding],
    study: Study | None = None,
    brought: Sequence[Brought | None] = (),
) -> Checked:
    """A checked study; each finding names it, and none is told twice."""
    told = dict.fromkeys(
        found if found.study else dataclasses.replace(found, study=name) for found in findings
    )
    return Checked(name, tuple(told), study, tuple(found for found in brought if found))


def _guarded(
    path: Path, study: str, faults: list[Finding], read: Callable[[], Found]
) -> Found | None:
    """What a reading gives; its faults, whatever they are, become findings.

    This is the one place where every exception is caught: whatever a file holds, its owner is told
    in a sentence, and the other studies are checked all the same.
    """
    try:
        return read()
    except InputError as error:
        faults.extend(error.findings)
    except HowlowError as error:
        faults.append(
            Finding("G01", "error", path.as_posix(), 0, "", str(error), "Correct it", study)
        )
    except Exception as error:  # noqa: BLE001
        found = f"howlow could not go on here ({type(error).__name__}: {error})"
        action = "Nothing was written. Please report it with this file; the fault is howlow's"
        faults.append(Finding(UNEXPECTED, "error", path.as_posix(), 0, "", found, action, study))
    return None


def _config_as_far_as_sound(paths: Sequence[Path], faults: list[Finding]) -> Config | None:
    """The configuration; where keys are at fault, the first file without them, if that will do."""
    config = _guarded(paths[0], "", faults, lambda: read_config(paths))
    if config is not None:
        return config
    unheard: list[Finding] = []
    document = _guarded(paths[0], "", unheard, lambda: read_yaml(paths[0]))
    if document is None:
        return None
    values = copy.deepcopy(document.data)
    for finding in faults:
        place = finding.column.split(".")
        # A key that may be left out goes by itself, else with what it stands in.
        for length in range(len(place), 0, -1):
            trial = _without(values, place[:length])
            if trial is not None and _config_of(document, trial) is not None:
                return _config_of(document, trial)
        values = _without(values, place) or values
    return _config_of(document, values)


def _config_of(document: Document, values: Any) -> Config | None:
    """The configuration that values declare, if they have no fault."""
    return _guarded(Path(document.file), "", [], lambda: check(Config, document, data=values))


def _without(values: Any, place: Sequence[str]) -> Any:
    """A copy without one key or item, or None where it is not there."""
    found = copy.deepcopy(values)
    inner = found
    for depth, part in enumerate(place):
        key: Any = int(part) if isinstance(inner, list) and part.isdigit() else part
        there = (
            key in inner if isinstance(inner, dict) else isinstance(key, int) and key < len(inner)
        )
        if not isinstance(inner, dict | list) or not there:
            return None
        if depth == len(place) - 1:
            del inner[key]
            return found
        inner = inner[key]
    return None


def _files_are_there(folder: Path, study: Study, faults: list[Finding]) -> bool:
    """Whether the files of the source are there; one that is not yet fetched is a warning."""
    complete = True
    # Tables are compared where they are read.
    compared = {table.file for table in study.tables}
    for source in study.source.files:
        path = folder / "raw" / source.file
        if path.is_file():
            if f"raw/{source.file}" not in compared:
                faults.extend(other_file(path, source, study.id))
            continue
        complete = False
        if source.url:
            found = "it has not been fetched yet, so its tables were not checked"
            action = f"Run `howlow fetch {folder.as_posix()}`"
            faults.append(Finding("F04", "warning", path.as_posix(), 0, "", found, action))
    return complete


def _measured(folder: Path, study: Participants, config: Config, faults: list[Finding]) -> Brought:
    """What a study with individual data brings; its findings are added to the list."""
    from howlow.data.individual import measure
    from howlow.data.simulation import read_truth, simulate, write_simulated

    with tempfile.TemporaryDirectory() as scratch:
        files = [folder / table.file for table in study.tables]
        if study.truth is not None:
            simulated = Path(scratch) / "simulated.csv"
            write_simulated(simulate(read_truth(folder / study.truth), config.seed), simulated)
            files = [simulated for _ in study.tables]
        small_cell = config.privacy.small_cell
        try:
            measured = measure(study, files, seed=config.seed, small_cell=small_cell)
        except InputError as error:
            faults.extend(_shown_as(error.findings, scratch, folder))
            return brought_by_study(study)
        faults.extend(_shown_as(measured.findings, scratch, folder))
    return brought_by_study(study, measured.flow)


def _shown_as(findings: Sequence[Finding], scratch: str, folder: Path) -> list[Finding]:
    """Findings of a simulated table, which is drawn anew each time, told of its study's folder."""
    return [
        dataclasses.replace(found, file=found.file.replace(scratch, folder.as_posix()))
        for found in findings
    ]


def _printed(folder: Path, study: Summary, config: Config, faults: list[Finding]) -> list[Brought]:
    """What each trial of a collection brings; its findings are added to the list."""
    from howlow.data.published.printed import left_out
    from howlow.data.published.reconstruction import reconstruct
    from howlow.data.published.summaries import read_summary

    shown = (folder / study.arms_table.file).as_posix()
    collection, findings = read_summary(folder, study, config)
    _, unfit = reconstruct(collection, config, shown)
    faults.extend([*findings, *unfit, *left_out(collection.rows, shown)])
    trials = collection.trials
    return [brought_by_trial(name, trials, collection.rows) for name in trials.trials]
