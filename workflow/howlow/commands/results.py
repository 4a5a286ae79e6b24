"""What is asked of results: from a number to its rows, and what a folder gives away."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from howlow.commands.parsing import Commands, print_safely, with_config


def add_results(commands: Commands) -> None:
    """Add these commands."""
    added = commands.add(
        "trace", _trace, "from a printed number to its rows, card, assumptions and versions"
    )
    added.add_argument("id", nargs="+", metavar="ID", help="an estimate_id, or a part of one")
    added.add_argument(
        "--results", type=Path, default=Path("results"), help="folder with all results"
    )
    added.add_argument("--json", action="store_true", help="print JSON for a program to read")
    with_config(added)

    added = commands.add(
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


def _trace(options: argparse.Namespace) -> int:
    """What stands behind a number; 0 is one estimate, 1 several of that name, 2 none."""
    from howlow.config.reading import read_config
    from howlow.report.tracing.text import as_text, not_found, not_found_json, text_width
    from howlow.report.tracing.trace import look_up, trace

    asked = " ".join(options.id)
    found, row = look_up(asked, options.results)
    if row is None:
        as_json = not_found_json(asked, found) + "\n"
        print_safely(as_json if options.json else not_found(asked, found))
        return 1 if found.matching else 2
    traced = trace(row, options.results, read_config(options.config))
    print_safely(traced.as_json() + "\n" if options.json else as_text(traced, text_width()))
    return 0


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
