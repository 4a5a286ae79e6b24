"""The one way in: config.yaml, study.yaml and trials.yaml as checked objects."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from howlow.config import collection, settings, study_checks
from howlow.config.collection import Trials
from howlow.config.documents import Document, Path_, read_yaml
from howlow.config.frozen import read_plan
from howlow.config.paths import check_path
from howlow.config.schema import Fault, check, unknown
from howlow.config.settings import Config
from howlow.config.study import KINDS, Participants, Study, Summary
from howlow.config.trial import check_arms, check_single_arm
from howlow.errors import HowlowError, InputError
from howlow.findings import Finding

#: Snakemake adds these to the configuration of every run.
_OWN_KEYS_OF_SNAKEMAKE = frozenset({"__use_yte__"})


def read_config(paths: Sequence[Path]) -> Config:
    """The configuration of one file, with later files laid over it key by key.

    Mappings are merged, everything else (lists too) is replaced, as Snakemake does with
    `--configfile`.

    Raises
    ------
    InputError
        With every fault of every file, each with its line.
    """
    if not paths[0].is_file():
        found = "there is no such file"
        action = "Go to the project's folder, which holds config/ and data/, or correct `--config`"
        raise InputError([Finding("G11", "error", paths[0].as_posix(), 0, "", found, action)])
    documents = [read_yaml(path) for path in paths]
    merged = documents[0]
    for document in documents[1:]:
        merged = _lay_over(merged, document)
    return check(Config, merged, [settings.cross_check])


def read_study(folder: Path, config: Config, *, files_needed: bool = True) -> Study:
    """The study declared in a folder's study.yaml; raise InputError with all faults.

    A file of the user's own that is not in data/<study>/raw/ is a fault, unless the caller only
    wants to know what is declared (`files_needed=False`).
    """
    path = folder / "study.yaml"
    if not path.is_file():
        siblings = sorted(found.parent.name for found in folder.parent.glob("*/study.yaml"))
        listed = folder.name in config.studies
        action = f"config.yaml lists '{folder.name}'. " * listed + unknown(folder.name, siblings)
        fault = Finding("G11", "error", path.as_posix(), 0, "", "there is no such file", action)
        raise InputError([fault])
    document = read_yaml(path)
    kind = document.data.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        place: Path_ = ("kind",)
        raise InputError(
            [document.fault("G01", place, f"found {kind!r}", unknown(str(kind), KINDS))]
        )
    if kind == "summary":
        return check(
            Summary,
            document,
            (
                lambda found: study_checks.check_id(found, folder.name),
                lambda found: _check_summary(found, folder, set(config.constructs)),
                lambda found: _check_sources(found, folder) if files_needed else (),
            ),
        )
    constructs = set(config.constructs)
    return check(
        Participants,
        document,
        (
            *study_checks.cross_checks(folder.name, constructs),
            lambda found: _check_tables(found, folder),
            lambda found: _check_sources(found, folder) if files_needed else (),
        ),
    )


def read_studies(data: Path, config: Config) -> dict[str, Study]:
    """Every study the configuration lists; raise InputError with the faults of all of them.

    A frozen plan that cannot be read is a fault as well.
    """
    studies: dict[str, Study] = {}
    faults: list[Finding] = []
    for name in config.studies:
        try:
            studies[name] = read_study(data / name, config)
            read_plan(data / name)
        except InputError as error:
            faults.extend(error.findings)
    folders = {data / name: study for name, study in studies.items()}
    faults.extend(same_people(folders, config))
    if faults:
        raise InputError(faults)
    return studies


def same_people(studies: Mapping[Path, Study], config: Config) -> Iterator[Finding]:
    """F14: configured studies that are declared to hold the people of another configured one.

    Parameters
    ----------
    studies
        The studies that could be read, by their folders.
    config
        The configuration, whose studies are those of one run.
    """
    for folder, study in studies.items():
        if not isinstance(study, Participants) or study.id not in config.studies:
            continue
        for position, twin in enumerate(study.same_people_as):
            if twin in config.studies:
                words = f"'{twin}' holds the same people, and both are in this run"
                action = "Keep one of them under `studies` in config.yaml, or they count twice"
                place = ("same_people_as", position)
                fault = read_yaml(folder / "study.yaml").fault("F14", place, words, action)
                yield replace(fault, study=study.id)


def read_trials(folder: Path, declared: Summary, config: Config) -> Trials:
    """What trials.yaml says about each trial of a collection; raise InputError with all faults."""
    constructs = set(config.constructs)
    assert declared.trials_file is not None  # else the columns of its table say it
    document = read_yaml(folder / declared.trials_file)
    return check(
        Trials,
        document,
        (lambda found: collection.cross_check(found, constructs), _check_trials),
    )


def refuse_unseen_changes(config: Config, effective: dict[str, Any]) -> None:
    """Refuse configuration that reached Snakemake by another way than a file.

    Raises
    ------
    HowlowError
        If `snakemake --config key=value` was used: such a value would have no file and no line.
    """
    declared = config.model_dump(mode="json")
    for key in effective:
        if key not in declared and key not in _OWN_KEYS_OF_SNAKEMAKE:
            raise HowlowError(
                f"--config {key}=...: this key is not known. {unknown(key, declared)}"
            )
    checked = Config.model_validate(declared, strict=False).model_dump(mode="json")
    given = copy.deepcopy(effective)
    merged = Config.model_validate({**declared, **given}, strict=False).model_dump(mode="json")
    if merged != checked:
        changed = [key for key in merged if merged[key] != checked[key]]
        raise HowlowError(
            f"--config {changed[0]}=...: write it into a file and give that with --configfile, "
            "so that the result can be traced to it"
        )


def _check_summary(found: Summary, folder: Path, constructs: set[str]) -> Iterator[Fault]:
    """The table and the trials of a collection that are not there."""
    yield from study_checks.summary_faults(found, constructs)
    table, listed = found.arms_table.file, [source.file for source in found.source.files]
    if table in listed:
        action = f"Write 'raw/{table}': the files of a source are kept there"
        yield ("table",), f"'{table}' is a file under source.files", action, "G11"
    elif not table.startswith("raw/"):
        yield from _check_file(table, folder, ("table",))
    elif table.removeprefix("raw/") in listed:
        yield from check_path(table, folder, ("table",))
    if found.trials_file is not None:
        yield from _check_file(found.trials_file, folder, ("trials",))


def _check_tables(found: Participants, folder: Path) -> Iterator[Fault]:
    """Named files that are not there; a table that is there though the data are simulated."""
    listed = [source.file for source in found.source.files]
    if found.truth is not None:
        yield from _check_file(found.truth, folder, ("truth",))
    for position, table in enumerate(found.tables):
        place: Path_ = ("tables", position, "file")
        if found.simulated:
            yield from check_path(table.file, folder, place)
            # The simulated table goes to results/; one that lies here is somebody's own.
            if (folder / table.file).is_file():
                words = f"simulated: true, but {table.file} lies here"
                action = "Remove `simulated` and `truth` to use your own table"
                yield ("simulated",), words, action, "G14"
        elif table.file in listed:
            action = f"Write 'raw/{table.file}': the files of a source are kept there"
            yield place, f"'{table.file}' is a file under source.files", action, "G11"
        elif table.file.startswith("raw/"):
            yield from check_path(table.file, folder, place)
        else:
            yield from _check_file(table.file, folder, place)


def _check_sources(found: Study, folder: Path) -> Iterator[Fault]:
    """Files without a public address that do not lie where they belong."""
    simulated = isinstance(found, Participants) and found.simulated
    for position, source in enumerate(found.source.files):
        path = folder / "raw" / source.file
        if source.url is None and not simulated and not path.is_file():
            words = f"'{source.file}' is not public, and it is not in {path.parent.as_posix()}/"
            action = (
                f"Ask whoever holds the data for it, and put it there; its SHA-256 is "
                f"{source.sha256}. If it is public, give its url"
            )
            yield ("source", "files", position, "file"), words, action, "G11"


def _check_file(name: str, folder: Path, place: Path_) -> Iterator[Fault]:
    """A named file that is not in the study's folder."""
    wrong = list(check_path(name, folder, place))
    yield from wrong
    if not wrong and not (folder / name).is_file():
        words = f"there is no such file in {folder.as_posix()}/"
        yield place, words, "Put it there, or correct the name", "G11"


def _check_trials(trials: Trials) -> Iterator[Fault]:
    """What no single key can tell of the arms of each trial."""
    for name, trial in trials.trials.items():
        yield from check_arms(trial.arms, ("trials", name))
        yield from check_single_arm(trial.design, trial.contrasts, ("trials", name))


def _lay_over(below: Document, above: Document) -> Document:
    """Two documents merged; each place keeps the file and line it came from."""
    merged = _Merged(above.file, _merge(below.data, above.data), dict(above.lines))
    merged.below = below
    return merged


def _merge(below: Any, above: Any) -> Any:
    """Mappings key by key, anything else replaced."""
    if isinstance(below, dict) and isinstance(above, dict):
        merged = dict(below)
        for key, value in above.items():
            merged[key] = _merge(below[key], value) if key in below else value
        return merged
    return above


class _Merged(Document):
    """A document laid over another: a fault names the file the value stands in."""

    below: Document

    def fault(self, code: str, place: Path_, found: str, action: str) -> Finding:
        """A finding in the upper file where the place is there, else in the lower one."""
        if place in self.lines or place not in self.below.lines:
            return super().fault(code, place, found, action)
        return self.below.fault(code, place, found, action)
