"""The command line that people and the rules call."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from howlow.commands.cohorts import add_cohorts
from howlow.commands.parsing import Commands
from howlow.commands.results import add_results
from howlow.commands.stages import add_stages
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
    commands = Commands(parser.add_subparsers(required=True, metavar="COMMAND"))
    for add in (add_stages, add_results, add_cohorts):
        add(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
