"""`howlow new`: from a table that nobody described to a study with a study.yaml."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from howlow.config.reading import read_config, read_study
from howlow.config.settings import Config
from howlow.config.study import Participants
from howlow.errors import HowlowError
from howlow.intake.asking import Asker, read_answers
from howlow.intake.assembling import assemble
from howlow.intake.gathering import (
    COLUMN_OPTIONS,
    guess_all,
    refuse_what_cannot_be,
    rekeyed,
    show_table,
    tell_of_people,
)
from howlow.intake.looking import tables_in
from howlow.intake.questions import QUESTION_KEYS, ask_arm_column, ask_design, ask_name, ask_rest
from howlow.intake.registering import register
from howlow.intake.rekeying import (
    codes,
    key_file_for,
)
from howlow.intake.summary import draft_collection, looks_printed
from howlow.intake.template import write_template
from howlow.intake.words import Tell
from howlow.intake.writing import refuse_taken, write_key, write_study


@dataclass(frozen=True)
class Wanted:
    """What was asked for on the command line."""

    paths: tuple[Path, ...]
    sheets: tuple[str, ...] = ()
    given: Mapping[str, str] | None = None
    answers: Path | None = None
    take_defaults: bool = False
    rekey: bool = False
    key_file: Path | None = None
    template: Path | None = None
    data: Path = Path("data")
    config: tuple[Path, ...] = (Path("config/config.yaml"),)
    to_config: bool = True
    kind: str | None = None


def new(wanted: Wanted, tell: Tell, show: Callable[[str], None] = print) -> int:
    """Write a study's folder from its tables, or a workbook to fill in; 0, 1 or 2 as the check.

    The study's folder is there whole or not at all; the tables named stay as they are.

    Raises
    ------
    HowlowError
        If the tables cannot be made into a study, with what to do; nothing was written.
    """
    try:
        return _new(wanted, tell, show)
    except KeyboardInterrupt:
        raise HowlowError(tell("interrupted")) from None
    except OSError as error:
        path, why = error.filename or wanted.data, error.strerror or str(error)
        raise HowlowError(tell("cannot_write", path=path, why=why)) from error


def _new(wanted: Wanted, tell: Tell, show: Callable[[str], None]) -> int:
    """As `new`, where files can be read and written."""
    config = read_config(wanted.config)
    given = dict(wanted.given or {})
    if wanted.answers is not None:
        given = {**read_answers(wanted.answers, [*QUESTION_KEYS, *COLUMN_OPTIONS]), **given}
    if wanted.template is not None:
        _template(wanted, given, config, tell, show)
        if not wanted.paths:
            return 0
    if not wanted.paths:
        raise HowlowError(tell("no_files"))
    refuse_taken(wanted.data, given.get("study"), tell)
    paths = tables_in(wanted.paths, tell)
    guesses = guess_all(paths, wanted.sheets, given, tell)
    asker = Asker(given, wanted.take_defaults, tell)
    if wanted.kind == "summary" or (wanted.kind is None and looks_printed(guesses[0].seen.columns)):
        return _collection(paths, asker, given, wanted, tell, show)
    for guess in guesses:
        show_table(guess, tell, show)
    if "arm" not in {role for guess in guesses for role in guess.roles} and not any(
        guess.limbs_of for guess in guesses
    ):
        column = ask_arm_column(guesses, asker, tell)
        if column:
            given["arm_column"] = column
            guesses = guess_all(paths, wanted.sheets, given, tell)
    tell_of_people(guesses, wanted.rekey, tell)
    key: tuple[Path, dict[str, str]] | None = None
    copies: dict[str, str] = {}
    if wanted.rekey:
        place = key_file_for(paths[0], wanted.data, wanted.key_file, tell)
        key = (place, codes(guesses))
        guesses, copies = rekeyed(guesses, key[1], given, tell)
    constructs = tuple(config.constructs)
    study = assemble(guesses, given.get("design"), constructs, tell)
    refuse_what_cannot_be(study, tell)
    name = ask_name(asker, _stem(paths, wanted.paths), tell)
    refuse_taken(wanted.data, name, tell)
    design = ask_design(study, asker, tell)
    if design != study.design:
        study = assemble(guesses, design, constructs, tell)
    answers = ask_rest(name, study, asker, tell)
    if key is not None:
        write_key(key, tell, show)
    try:
        folder = write_study(study, answers, guesses, copies, wanted.data, tell)
    except BaseException:
        if key is not None:
            key[0].unlink(missing_ok=True)
        raise
    show(tell("written", path=(folder / "study.yaml").as_posix()))
    if study.unlike:
        show(tell("left_out_told", words=", ".join(study.unlike)))
    return _finish(folder, wanted, tell, show)


def _collection(
    paths: Sequence[Path],
    asker: Asker,
    given: Mapping[str, str],
    wanted: Wanted,
    tell: Tell,
    show: Callable[[str], None],
) -> int:
    """A table of arms as a collection of trials."""
    if len(paths) > 1:
        raise HowlowError(tell("one_table_of_arms"))
    name = ask_name(asker, _stem(paths, wanted.paths), tell)
    refuse_taken(wanted.data, name, tell)
    sheet = {"sheet": wanted.sheets[0]} if wanted.sheets else {}
    path = draft_collection(paths[0], wanted.data / name, {**given, **sheet})
    show(tell("written", path=path.as_posix()))
    return _finish(path.parent, wanted, tell, show)


def _template(
    wanted: Wanted,
    given: Mapping[str, str],
    config: Config,
    tell: Tell,
    show: Callable[[str], None],
) -> None:
    """Write the workbook to fill in; for a study that is there, with its words to choose from."""
    assert wanted.template is not None
    declared = None
    name = given.get("study")
    if name is not None and (wanted.data / name / "study.yaml").is_file():
        found = read_study(wanted.data / name, config)
        declared = found if isinstance(found, Participants) else None
    write_template(wanted.template, declared, tell)
    show(tell("template_written", path=wanted.template.as_posix()))


def _stem(paths: Sequence[Path], named: Sequence[Path]) -> str:
    """What the study is called by default: as the folder, or the first file."""
    first = named[0].resolve()
    return first.name if first.is_dir() else paths[0].stem


def _finish(folder: Path, wanted: Wanted, tell: Tell, show: Callable[[str], None]) -> int:
    """Add the study to the configuration, check it, and say what the check found."""
    from howlow.intake.checking import check_all
    from howlow.intake.listing import as_text, terminal_width

    if wanted.to_config:
        path = wanted.config[0]
        try:
            if register(path, folder.name):
                show(tell("to_config", study=folder.name, path=path.as_posix()))
        except HowlowError as error:
            why = str(error)
            show(tell("not_to_config", path=path.as_posix(), why=why, study=folder.name))
    # A folder is told from a name by its slash.
    shown = folder.as_posix() if "/" in folder.as_posix() else folder.resolve().as_posix()
    checked = check_all([shown], wanted.config, wanted.data)
    show(as_text(checked, tell.language, terminal_width()).rstrip("\n"))
    if checked.exit_code() == 2:
        show(tell("checked_wrong", study=folder.name))
    return checked.exit_code()
