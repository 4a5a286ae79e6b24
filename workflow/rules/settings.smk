# What every rule builds on: the checked configuration, and how howlow is called.
# The configuration is checked here, before Snakemake reads it, so that all faults come at once with
# their lines, and so that nothing in it is run.

import fcntl
import json
import shlex
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

from howlow.config.digests import code_digest, files_digest
from howlow.config.reading import read_config, read_studies, refuse_unseen_changes
from howlow.config.study import Summary
from howlow.errors import HowlowError

CONFIG_FILES = ["config/config.yaml", *map(str, workflow.overwrite_configfiles)]
HOWLOW = f"{shlex.quote(sys.executable)} -m howlow"


def or_stop(action, *arguments):
    """The result, or howlow's plain message in place of a traceback."""
    try:
        return action(*arguments)
    except HowlowError as error:
        raise WorkflowError(str(error)) from None


def take_lock():
    """Hold a lock on this folder for as long as this run lives; a killed run holds none."""
    path = Path(".snakemake/howlow.lock")
    path.parent.mkdir(exist_ok=True)
    handle = path.open("a")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise WorkflowError(
            "another run of howlow is at work in this folder; wait until it is done, then start "
            "again. Nothing was changed."
        ) from None
    return handle


if workflow.is_main_process:
    LOCK = take_lock()

SETTINGS = or_stop(read_config, [Path(file) for file in CONFIG_FILES])
STUDIES = or_stop(read_studies, Path("data"), SETTINGS)


def only(*names):
    """The configuration keys a rule depends on, as text that Snakemake compares between runs."""
    return SETTINGS.model_dump_json(include=set(names))


def code(stage):
    """Digest of the code of a stage, as a param: an edited module reruns what it computes."""
    return code_digest(stage)
