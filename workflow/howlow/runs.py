"""What one run of the workflow holds: a lock on its folder, and what its jobs need to know."""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from howlow.errors import HowlowError

#: Names the configuration files of a run, for its jobs.
CONFIG_VARIABLE = "HOWLOW_CONFIG"


def lock_folder(folder: Path) -> IO[str]:
    """Hold a lock on a folder for as long as the returned file is open; a killed run holds none.

    Raises
    ------
    HowlowError
        If another run holds it.
    """
    path = folder / ".snakemake" / "howlow.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = path.open("a", encoding="utf-8")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.close()
        raise HowlowError(
            "another run of howlow is at work in this folder. Wait until it is done, then start "
            "again; nothing was changed"
        ) from None
    return handle


def prepare_jobs(config_files: Sequence[Path]) -> None:
    """Let jobs find this Python's `howlow`, and the configuration this run was started with.

    Both travel in the environment: as params of rules they would rerun everything when the project
    moves or another configuration file says the same.
    """
    own = str(Path(sys.executable).parent)
    os.environ["PATH"] = os.pathsep.join([own, os.environ.get("PATH", os.defpath)])
    os.environ[CONFIG_VARIABLE] = os.pathsep.join(map(str, config_files))


def config_files() -> list[Path]:
    """The configuration files of the run that this process is a job of, else the project's own."""
    listed = os.environ.get(CONFIG_VARIABLE, "config/config.yaml")
    return [Path(name) for name in listed.split(os.pathsep)]
