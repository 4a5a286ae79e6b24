"""What one run of the workflow holds: a lock on its folder, and its own programs first on PATH."""

from __future__ import annotations

import fcntl
import os
import sys
from pathlib import Path
from typing import IO

from howlow.errors import HowlowError


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


def use_own_programs() -> None:
    """Let jobs find the `howlow` of this Python, also where its environment is not activated."""
    own = str(Path(sys.executable).parent)
    os.environ["PATH"] = os.pathsep.join([own, os.environ.get("PATH", os.defpath)])
