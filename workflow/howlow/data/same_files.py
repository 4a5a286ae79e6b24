"""Files that are not what study.yaml says: another than declared, or one of another study too."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from howlow.config.reading import read_study
from howlow.config.settings import Config
from howlow.config.study import Participants
from howlow.data.fetching import digest_of
from howlow.errors import InputError
from howlow.findings import Finding


def other_files(study: Participants, files: Sequence[Path]) -> list[Finding]:
    """F13: files in raw/ whose SHA-256 is not the declared one; `files` are those of the tables."""
    declared = {f"raw/{source.file}": source for source in study.source.files}
    faults: list[Finding] = []
    for name, path in dict(zip([table.file for table in study.tables], files, strict=True)).items():
        source = declared.get(name)
        if source is None or not path.is_file():
            continue
        found = digest_of(path)
        if found == source.sha256:
            continue
        action = (
            "Put the declared file back; if the new one is right, write its SHA-256 under "
            "source.files"
        )
        if source.url:
            action = "Remove it and run `howlow fetch` to have the declared one again"
        words = f"it is not the file that was declared: its SHA-256 is {found}"
        faults.append(Finding("F13", "error", path.as_posix(), 0, "", words, action, study.id))
    return faults


def shared_files(folder: Path, study: Participants, config: Config) -> list[Finding]:
    """F14: raw tables that another configured study has as well, by their SHA-256.

    Files that are not there yet are known by the SHA-256 that is declared for them.
    """
    mine = _digests(folder, study)
    findings: list[Finding] = []
    for name in config.studies:
        if name == study.id or not (folder.parent / name / "study.yaml").is_file():
            continue
        try:
            other = read_study(folder.parent / name, config)
        except InputError:
            continue  # told where that study is read
        if not isinstance(other, Participants):
            continue
        theirs = _digests(folder.parent / name, other)
        for digest in mine.keys() & theirs.keys():
            path = (folder / mine[digest]).as_posix()
            found = f"study '{name}' has the same file, as {theirs[digest]}"
            action = "If people are in both studies they count twice; keep one of the two"
            findings.append(Finding("F14", "warning", path, 0, "", found, action, study.id))
    return sorted(findings, key=lambda finding: (finding.file, finding.found))


def _digests(folder: Path, study: Participants) -> dict[str, str]:
    """The SHA-256 of each raw table of a study, and its name."""
    declared = {f"raw/{source.file}": source.sha256 for source in study.source.files}
    digests: dict[str, str] = {}
    for table in study.tables:
        if table.file in declared:
            digests[declared[table.file]] = table.file
        elif (folder / table.file).is_file():
            digests[digest_of(folder / table.file)] = table.file
    return digests
