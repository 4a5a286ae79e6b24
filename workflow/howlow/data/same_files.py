"""Files that are not what study.yaml says: another than declared, or one of another study too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from howlow.config.study import Participants, SourceFile, Study
from howlow.data.fetching import digest_of
from howlow.findings import Finding


def other_files(study: Study, files: Sequence[Path]) -> list[Finding]:
    """F13: files in raw/ whose SHA-256 is not the declared one; `files` are those of the tables."""
    declared = {f"raw/{source.file}": source for source in study.source.files}
    paths = dict(zip([table.file for table in study.tables], files, strict=True))
    return [
        fault
        for name, path in paths.items()
        if name in declared and path.is_file()
        for fault in other_file(path, declared[name], study.id)
    ]


def other_file(path: Path, source: SourceFile, study: str) -> Iterator[Finding]:
    """F13: a file whose SHA-256 is not the declared one."""
    found = digest_of(path)
    if found == source.sha256:
        return
    action = (
        "Put the declared file back; if the new one is right, write its SHA-256 under source.files"
    )
    if source.url:
        action = "Remove it and run `howlow fetch` to have the declared one again"
    words = f"it is not the file that was declared: its SHA-256 is {found}"
    yield Finding("F13", "error", path.as_posix(), 0, "", words, action, study)


def table_digests(folder: Path, study: Study) -> dict[str, str]:
    """The SHA-256 of each table in a study's folder, by its name there.

    A declared SHA-256 is taken as it stands, also before the file is there. A simulated table is in
    no folder: the truth it is drawn from stands for it.
    """
    declared = {f"raw/{source.file}": source.sha256 for source in study.source.files}
    digests: dict[str, str] = {}
    truth = study.truth if isinstance(study, Participants) else None
    if truth is not None and (folder / truth).is_file():
        return {truth: digest_of(folder / truth)}
    for table in study.tables:
        if table.file in declared:
            digests[table.file] = declared[table.file]
        elif (folder / table.file).is_file():
            digests[table.file] = digest_of(folder / table.file)
    return digests


def shared_files(tables: Mapping[Path, Mapping[str, str]]) -> list[Finding]:
    """F14: tables that two studies have, told of the later study.

    Parameters
    ----------
    tables
        Of each study's folder, in the order of the configuration, its `table_digests`.
    """
    first: dict[str, tuple[Path, str]] = {}
    findings: list[Finding] = []
    for folder, digests in tables.items():
        for name, digest in digests.items():
            other, known_as = first.setdefault(digest, (folder, name))
            if other != folder:
                found = f"the same file as {other.name}/{known_as}"
                action = "Keep it in one study, so that nobody is counted twice"
                file = (folder / name).as_posix()
                findings.append(Finding("F14", "warning", file, 0, "", found, action, folder.name))
    return findings
