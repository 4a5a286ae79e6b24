"""What is asked for a new cohort: draft, check, plan, freeze."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from howlow.commands.parsing import Commands, print_safely, with_config


def add_cohorts(commands: Commands) -> None:
    """Add these commands."""
    _add_check(commands)
    _add_new(commands)
    _add_freeze(commands)
    _add_plan(commands)
    _add_describe(commands)


def _add_check(commands: Commands) -> None:
    """`howlow check`."""
    added = commands.add(
        "check", _check, "look through the configuration and the studies; writes nothing"
    )
    added.add_argument(
        "study",
        nargs="*",
        metavar="STUDY",
        help="name of a folder in data/, or the folder itself (default: all configured studies)",
    )
    added.add_argument("--json", action="store_true", help="print JSON for a program to read")
    added.add_argument("--language", choices=["en", "nl"], default="en", help="of the headings")
    with_config(added)


def _add_new(commands: Commands) -> None:
    """`howlow new`."""
    added = commands.add(
        "new", _new, "make a study of a table: guess what it holds, and write study.yaml"
    )
    added.add_argument("table", nargs="*", type=Path, help="tables, or folders with tables")
    added.add_argument("--study", help="name of the study and its folder, such as our-load-trial")
    added.add_argument(
        "--sheet", action="append", default=[], help="only this sheet; may be given again"
    )
    for option, what in (
        ("id", "the participant"),
        ("arm", "the arm"),
        ("visit", "the visit"),
        ("limb", "the limb"),
        ("outcome", "the outcome"),
        ("value", "the measured number"),
    ):
        added.add_argument(
            f"--{option}-column", metavar="COLUMN", help=f"the column that names {what}"
        )
    added.add_argument(
        "--kind",
        choices=["participants", "summary"],
        help="summary: a table of what papers print for each arm; by default, as the headers say",
    )
    added.add_argument("--trial-column", metavar="COLUMN", help="summary: the column of the trial")
    added.add_argument("--title", help="what the study is, in a line")
    added.add_argument("--design", help="parallel, within_participant, crossover or single_arm")
    added.add_argument("--reference", metavar="ARM", help="the arm that others are set against")
    added.add_argument("--question", help="what the arms differ in: load, frequency, volume ...")
    added.add_argument("--weeks", help="the week of each visit, such as 0,6,12")
    added.add_argument("--licence", help="licence of the data, or who may see them")
    added.add_argument("--citation", help="how the data are to be cited")
    added.add_argument(
        "--answers", type=Path, metavar="FILE", help="a YAML file with these answers"
    )
    added.add_argument("--yes", action="store_true", help="ask nothing: take every default")
    added.add_argument(
        "--rekey", action="store_true", help="keep a copy with codes in place of names"
    )
    added.add_argument("--key-file", type=Path, metavar="FILE", help="where the list of codes goes")
    added.add_argument(
        "--template", type=Path, metavar="FILE.xlsx", help="write a workbook to fill in"
    )
    added.add_argument("--data", type=Path, default=Path("data"), help="folder of all studies")
    added.add_argument("--no-config", action="store_true", help="do not add it to config.yaml")
    added.add_argument("--language", choices=["en", "nl"], help="default: that of the machine")
    with_config(added)


def _add_freeze(commands: Commands) -> None:
    """`howlow freeze`."""
    added = commands.add(
        "freeze", _freeze, "write down how a study will be analysed, before there are results"
    )
    added.add_argument("study", metavar="STUDY", help="name of a folder in data/, or the folder")
    added.add_argument("--registered", metavar="ID", help="where the trial is registered")
    one = added.add_mutually_exclusive_group()
    one.add_argument(
        "--amend", metavar="REASON", help="add what was changed since it was frozen, and why"
    )
    one.add_argument(
        "--interim-look",
        metavar="REASON",
        help="tell the arms of an ongoing study apart, in the tables as they are now, and say why",
    )
    added.add_argument("--json", action="store_true", help="print JSON for a program to read")
    added.add_argument("--data", type=Path, default=Path("data"), help="folder of all studies")
    with_config(added)


def _add_plan(commands: Commands) -> None:
    """`howlow plan`."""
    added = commands.add("plan", _plan, "say how many people a new cohort needs, by simulating it")
    _plan_options(added)
    with_config(added)


def _add_describe(commands: Commands) -> None:
    """`howlow describe-config`."""
    added = commands.add("describe-config", _describe, "print the description of every config key")
    added.add_argument(
        "--schemas",
        type=Path,
        metavar="FOLDER",
        help="write the JSON schemas for editors there instead",
    )


def _plan_options(added: argparse.ArgumentParser) -> None:
    """The options of `howlow plan`."""
    origin = added.add_mutually_exclusive_group(required=True)
    origin.add_argument("--study", help="plan from the results of this study")
    origin.add_argument(
        "--assumptions", type=Path, metavar="FILE.yaml", help="plan from what this file declares"
    )
    added.add_argument("--outcome", help="with --study: an outcome (default: the primary one)")
    added.add_argument("--contrast", help="with --study: such as 'light - heavy' (default: first)")
    added.add_argument("--difference", type=float, help="a true difference to detect, in the unit")
    added.add_argument(
        "--drop-out",
        type=float,
        nargs="+",
        metavar="SHARE",
        help="0.15 for 15 %%; of several, the answer is given for the first",
    )
    added.add_argument(
        "--designs", nargs="+", choices=["parallel", "within_participant"], help="default: both"
    )
    added.add_argument(
        "--n", type=int, nargs="+", help="numbers to try: people an arm, or altogether with limbs"
    )
    added.add_argument("--power", type=float, help="chance wanted (default: planning.power)")
    added.add_argument("--trials", type=int, help="trials simulated for each number")
    added.add_argument("--seed", type=int, help="seed of every draw (default: that of config.yaml)")
    added.add_argument(
        "--results", type=Path, default=Path("results"), help="folder with the studies' results"
    )
    added.add_argument("--output", type=Path, help="folder to write to (default: results/plans/..)")
    added.add_argument("--formats", nargs="+", default=["svg"], choices=["svg", "pdf", "png"])
    added.add_argument("--json", action="store_true", help="print JSON for a program to read")


def _check(options: argparse.Namespace) -> int:
    """Everything that is noticed; 0 is fine, 1 warnings, 2 errors."""
    from howlow.intake.checking import check_all
    from howlow.intake.listing import as_json, as_text, terminal_width

    checked = check_all(options.study, options.config, Path("data"))
    if options.json:
        text = as_json(checked, options.language) + "\n"
    else:
        text = as_text(checked, options.language, terminal_width())
    print_safely(text)
    return checked.exit_code()


def _new(options: argparse.Namespace) -> int:
    """A study out of tables, or a workbook to fill in."""
    from howlow.intake.gathering import COLUMN_OPTIONS
    from howlow.intake.new import Wanted, new
    from howlow.intake.questions import QUESTION_KEYS
    from howlow.intake.words import Tell, language_of

    said = {key: getattr(options, key) for key in (*COLUMN_OPTIONS, *QUESTION_KEYS, "trial_column")}
    wanted = Wanted(
        paths=tuple(options.table),
        sheets=tuple(options.sheet),
        given={key: value for key, value in said.items() if value is not None},
        answers=options.answers,
        take_defaults=options.yes,
        rekey=options.rekey,
        key_file=options.key_file,
        template=options.template,
        data=options.data,
        config=tuple(options.config),
        to_config=not options.no_config,
        kind=options.kind,
    )
    return new(wanted, Tell(language_of(options.language)))


def _freeze(options: argparse.Namespace) -> None:
    """The plan of a study: frozen, amended, or with an interim look."""
    from datetime import date

    from howlow.analysis.estimand.plan import amend, freeze, frozen_words, log_look
    from howlow.config.reading import read_config

    config, today = read_config(options.config), date.today()
    folder = Path(options.study) if "/" in options.study else options.data / options.study
    if options.interim_look is not None:
        plan = log_look(folder, config, today, options.interim_look)
    elif options.amend is not None:
        plan = amend(folder, config, today, options.amend, options.registered)
    else:
        plan = freeze(folder, config, today, options.registered)
    print(frozen_words(plan, folder), file=sys.stderr)
    if options.json:
        print(plan.model_dump_json(indent=1))


def _plan(options: argparse.Namespace) -> int:
    """How many people; 0 is an answer, 1 that a chance was not reached, 2 errors."""
    from howlow.analysis.planning.answers import plan_json, plan_text, write_plan
    from howlow.analysis.planning.plans import assumptions_of, simulate_plan
    from howlow.config.reading import read_config
    from howlow.present.planning import write_chart

    keys = ("designs", "drop_out", "n", "power", "trials", "seed")
    said = {key: getattr(options, key) for key in keys if getattr(options, key) is not None}
    wanted = {key: getattr(options, key) for key in ("outcome", "contrast", "difference")}
    source = options.assumptions or options.results / options.study
    planned = simulate_plan(*assumptions_of(source, read_config(options.config), said, **wanted))
    folder = options.output or options.results / "plans" / planned.assumed.name
    write_plan(planned, folder)
    write_chart(planned, folder, options.formats)
    print(plan_json(planned) if options.json else plan_text(planned), end="")
    print(f"{folder.as_posix()}: plan.csv, plan.json and the chart", file=sys.stderr)
    return 0 if planned.reached else 1


def _describe(options: argparse.Namespace) -> None:
    """What config/README.md holds, or the JSON schemas."""
    if options.schemas is not None:
        from howlow.config.schemas import write_schemas

        for path in write_schemas(options.schemas):
            print(path.as_posix(), file=sys.stderr)
        return
    from howlow.config.reference import reference

    print(reference(), end="")
