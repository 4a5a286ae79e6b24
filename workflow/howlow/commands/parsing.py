"""How commands are added to the parser, and how they print."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]


@dataclass(frozen=True)
class Commands:
    """The commands of a parser."""

    subparsers: Subparsers

    def add(
        self, name: str, run: Callable[[argparse.Namespace], int | None], words: str
    ) -> argparse.ArgumentParser:
        """Add a command; `run` returns its exit code, None for 0."""
        added = self.subparsers.add_parser(name, help=words, description=words)
        added.set_defaults(run=run)
        return added


def with_config(added: argparse.ArgumentParser) -> None:
    """Add the option that names the configuration."""
    added.add_argument(
        "--config",
        type=Path,
        action="append",
        metavar="FILE",
        help="a configuration file; given again, the later one is laid over the earlier "
        "(default: those of the run, else config/config.yaml)",
    )


def print_safely(text: str) -> None:
    """Print a text; a terminal that does not know a sign is shown its number."""
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding), end="")
