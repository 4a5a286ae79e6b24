"""The command line that the rules call; heavy imports sit in the commands that need them."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from howlow.errors import HowlowError
from howlow.runs import config_files


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 is fine, 1 warnings or differences, 2 errors."""
    # Fits are small: one thread a process is fastest, and the same bits everywhere.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    options = _parser().parse_args(arguments)
    if getattr(options, "config", None) is None:
        options.config = config_files()
    try:
        return int(options.run(options) or 0)
    except HowlowError as error:
        print(error, file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    """Every command and its options."""
    parser = argparse.ArgumentParser(
        prog="howlow",
        description="From tables of resistance-training trials to what they can answer. You type "
        "`howlow plan` before a new cohort, `howlow new` and `howlow check`, `howlow freeze` "
        "before there are results, and `howlow disclosures` before a folder is shared; the other "
        "commands are run for you by `snakemake`. `howlow COMMAND --help` says more of each.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: object, help_text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=help_text, description=help_text)
        added.set_defaults(run=run)
        return added

    def with_config(added: argparse.ArgumentParser) -> argparse.ArgumentParser:
        added.add_argument(
            "--config",
            type=Path,
            action="append",
            metavar="FILE",
            help="a configuration file; given again, the later one is laid over the earlier "
            "(default: those of the run, else config/config.yaml)",
        )
        return added

    added = command("fetch", _fetch, "fetch a study's public files and check their SHA-256")
    added.add_argument("study", type=Path, help="folder of the study, such as data/exscidata-load")
    added.add_argument("--file", help="only this file")
    with_config(added)

    added = command("simulate", _simulate, "draw a SIMULATED cohort from its declared truth")
    added.add_argument("truth", type=Path, help="the file that declares the truth")
    added.add_argument("--output", type=Path, required=True, help="CSV file to write")
    with_config(added)

    added = command("ingest", _ingest, "turn a study's files into checked, tidy tables")
    added.add_argument("study", type=Path, help="folder of the study, such as data/published")
    added.add_argument("--output", type=Path, required=True, help="folder to write to")
    added.add_argument("--simulated", type=Path, help="the simulated table, where there is one")
    with_config(added)

    added = command("fit", _fit, "fit a study's models and write its estimates")
    added.add_argument("results", type=Path, help="the study's folder in results/")
    with_config(added)

    added = command("synthesise", _synthesise, "put the estimates of all studies together")
    added.add_argument("results", type=Path, nargs="+", help="the studies' folders in results/")
    added.add_argument("--output", type=Path, required=True, help="folder to write to")
    with_config(added)

    added = command("provenance", _provenance, "write down the SHA-256 of every input")
    added.add_argument("data", type=Path, help="folder of all studies")
    added.add_argument("--output", type=Path, required=True, help="JSON file to write")
    with_config(added)

    added = command("draw", _draw, "draw the figures")
    added.add_argument("results", type=Path, help="folder with estimates.csv of all studies")
    added.add_argument("--output", type=Path, required=True, help="folder to write to")
    added.add_argument("--formats", nargs="+", default=["svg"], choices=["svg", "pdf", "png"])
    added.add_argument("--processes", type=int, default=1, help="how many to draw at once")
    with_config(added)

    added = command("report", _report, "write the report, one page that needs nothing else")
    added.add_argument("results", type=Path, help="folder with everything the report shows")
    added.add_argument("--output", type=Path, required=True, help="HTML file to write")
    with_config(added)

    added = command(
        "trace", _trace, "from a printed number to its rows, card, assumptions and versions"
    )
    added.add_argument("id", nargs="+", metavar="ID", help="an estimate_id, or a part of one")
    added.add_argument(
        "--results", type=Path, default=Path("results"), help="folder with all results"
    )
    added.add_argument("--json", action="store_true", help="print JSON for a program to read")
    with_config(added)

    added = command(
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

    added = command(
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

    added = command(
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

    added = command(
        "disclosures",
        _disclosures,
        "search a folder before it is shared for anything of one person",
    )
    added.add_argument("folder", type=Path, help="the folder to be shared")
    added.add_argument("--data", type=Path, default=Path("data"), help="folder of all studies")
    added.add_argument(
        "--results", type=Path, default=Path("results"), help="folder with the studies' results"
    )
    with_config(added)

    added = command("plan", _plan, "say how many people a new cohort needs, by simulating it")
    _plan_options(added)
    with_config(added)

    added = command("describe-config", _describe, "print the description of every config key")
    added.add_argument(
        "--schemas",
        type=Path,
        metavar="FOLDER",
        help="write the JSON schemas for editors there instead",
    )
    return parser


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


def _fetch(options: argparse.Namespace) -> None:
    """Fetch what a study's source names."""
    from howlow.config.reading import read_config, read_study
    from howlow.data.fetching import fetch

    study = read_study(options.study, read_config(options.config), files_needed=False)
    for source in study.source.files:
        if source.url is None:
            place = (options.study / "raw" / source.file).as_posix()
            print(f"{place}: not public, so it is not fetched; put it there", file=sys.stderr)
        elif options.file in (None, source.file):
            path = fetch(source, options.study / "raw")
            print(f"{path.as_posix()}: as declared", file=sys.stderr)


def _simulate(options: argparse.Namespace) -> None:
    """Draw a cohort."""
    from howlow.config.reading import read_config
    from howlow.data.simulation import read_truth, simulate, write_simulated

    seed = read_config(options.config).seed
    write_simulated(simulate(read_truth(options.truth), seed), options.output)


def _ingest(options: argparse.Namespace) -> None:
    """The data stage."""
    from howlow.config.reading import read_config
    from howlow.data.ingestion import ingest

    ingest(options.study, read_config(options.config), options.output, options.simulated)


def _fit(options: argparse.Namespace) -> None:
    """The model stage."""
    from howlow.analysis.analysing import analyse
    from howlow.config.reading import read_config

    analyse(options.results, read_config(options.config))


def _synthesise(options: argparse.Namespace) -> None:
    """The synthesis stage."""
    from howlow.config.reading import read_config
    from howlow.synthesis.synthesising import synthesise

    synthesise(options.results, read_config(options.config), options.output)


def _provenance(options: argparse.Namespace) -> None:
    """What the run was made from."""
    from howlow.config.reading import read_config
    from howlow.data.provenance import write_provenance

    config = read_config(options.config)
    write_provenance(options.data, config, options.config, options.output)


def _draw(options: argparse.Namespace) -> None:
    """The figures."""
    from howlow.config.reading import read_config
    from howlow.present.drawing import draw

    draw(
        options.results,
        read_config(options.config),
        options.output,
        formats=tuple(options.formats),
        processes=options.processes,
    )


def _report(options: argparse.Namespace) -> None:
    """The report."""
    from howlow.config.reading import read_config
    from howlow.report.page import write_report

    write_report(options.results, read_config(options.config), options.output)


def _trace(options: argparse.Namespace) -> int:
    """What stands behind a number; 0 is one estimate, 1 several of that name, 2 none."""
    from howlow.config.reading import read_config
    from howlow.report.tracing.text import as_text, not_found, not_found_json, text_width
    from howlow.report.tracing.trace import look_up, trace

    asked = " ".join(options.id)
    found, row = look_up(asked, options.results)
    if row is None:
        as_json = not_found_json(asked, found) + "\n"
        _print(as_json if options.json else not_found(asked, found))
        return 1 if found.matching else 2
    traced = trace(row, options.results, read_config(options.config))
    _print(traced.as_json() + "\n" if options.json else as_text(traced, text_width()))
    return 0


def _check(options: argparse.Namespace) -> int:
    """Everything that is noticed; 0 is fine, 1 warnings, 2 errors."""
    from howlow.intake.checking import check_all
    from howlow.intake.listing import as_json, as_text, terminal_width

    checked = check_all(options.study, options.config, Path("data"))
    if options.json:
        text = as_json(checked, options.language) + "\n"
    else:
        text = as_text(checked, options.language, terminal_width())
    _print(text)
    return checked.exit_code()


def _print(text: str) -> None:
    """Print a text; a terminal that does not know a sign is shown its number."""
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding), end="")


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


def _disclosures(options: argparse.Namespace) -> int:
    """What a folder gives away of single people; 0 is nothing, 2 is that it must not be shared."""
    from howlow.config.reading import read_config, read_study
    from howlow.data.privacy.confidential import secrets_of
    from howlow.data.privacy.disclosure import disclosures

    config = read_config(options.config)
    secrets = []
    for name in config.studies:
        study = read_study(options.data / name, config, files_needed=False)
        secrets.append(secrets_of(study, options.data / name, options.results / name))
    if not options.folder.is_dir():
        print(f"{options.folder.as_posix()}: there is no such folder", file=sys.stderr)
        return 2
    findings = disclosures(options.folder, secrets)
    for finding in findings:
        print(finding)
    print(f"{options.folder.as_posix()}: {len(findings) or 'no'} reasons not to share it")
    return 2 if findings else 0


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


if __name__ == "__main__":
    sys.exit(main())
