"""A study's folder, written whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from howlow.data.fetching import digest_of
from howlow.errors import HowlowError
from howlow.intake.assembled import Assembled
from howlow.intake.columns import TableGuess
from howlow.intake.drafting import Answers, Kept, draft
from howlow.intake.rekeying import key_list
from howlow.intake.words import Tell


def refuse_taken(data: Path, study: str | None, tell: Tell) -> None:
    """Raise HowlowError for a study whose folder is there."""
    if study and os.path.lexists(data / study):
        raise HowlowError(tell("exists", folder=(data / study).as_posix()))


def write_study(
    study: Assembled,
    answers: Answers,
    guesses: Sequence[TableGuess],
    copies: Mapping[str, str],
    data: Path,
    tell: Tell,
) -> Path:
    """The study's folder, built beside its place and moved there whole."""
    data.mkdir(parents=True, exist_ok=True)
    folder = data / answers.study
    beside = Path(tempfile.mkdtemp(prefix=f".{answers.study}-", dir=data))
    try:
        built = beside / answers.study
        raw = built / "raw"
        raw.mkdir(parents=True)
        kept: dict[str, Kept] = {}
        for guess in guesses:
            name = guess.seen.table.file.removeprefix("raw/")
            if name in kept:
                continue
            if name in copies:
                (raw / name).write_text(copies[name], encoding="utf-8", newline="")
            else:
                shutil.copyfile(guess.seen.path, raw / name)
            kept[name] = Kept(name, digest_of(raw / name), guess.seen.path.name)
        text = draft(study, answers, list(kept.values()), tell)
        (built / "study.yaml").write_text(text, encoding="utf-8", newline="\n")
        if os.path.lexists(folder):
            raise HowlowError(tell("exists", folder=folder.as_posix()))
        built.rename(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return folder


def write_key(key: tuple[Path, dict[str, str]], tell: Tell, show: Callable[[str], None]) -> None:
    """The list of codes, readable by its owner alone."""
    path, names = key
    with path.open("x", encoding="utf-8", newline="") as file:
        path.chmod(0o600)
        file.write(key_list(names))
    show(tell("rekeyed", path=path.as_posix()))
