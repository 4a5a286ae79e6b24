# What all stages build on: the checked configuration and the declared studies.
# They are checked here, before Snakemake reads them, so that all faults come at once with their
# lines, and so that nothing in them is run.

import re
import sys
from os.path import relpath
from pathlib import Path

from snakemake.exceptions import WorkflowError

from howlow.config.claims import read_claims
from howlow.config.digests import code_digest, files_digest
from howlow.config.planned import can_be_planned
from howlow.config.reading import read_config, read_studies, refuse_unseen_changes
from howlow.errors import HowlowError
from howlow.runs import lock_folder, prepare_jobs

CONFIG_FILES = ["config/config.yaml", *map(relpath, workflow.overwrite_configfiles)]


def or_stop(action, *arguments):
    """The result, or an end with howlow's plain message and nothing else.

    Snakemake would put the line of this file before a WorkflowError, where no fault is.
    """
    try:
        return action(*arguments)
    except HowlowError as error:
        print(error, file=sys.stderr)
        raise SystemExit(1) from None


prepare_jobs([Path(file) for file in CONFIG_FILES])
if workflow.is_main_process:
    # Snakemake's own lock outlives a killed run; this one does not.
    LOCK = or_stop(lock_folder, Path("."))

SETTINGS = or_stop(read_config, [Path(file) for file in CONFIG_FILES])
STUDIES = or_stop(read_studies, Path("data"), SETTINGS)

# The claims under test; a project without them has no ledger.
CLAIMS = [file for file in ["config/claims.yaml"] if Path(file).is_file()]
for file in CLAIMS:
    or_stop(read_claims, Path(file), SETTINGS.constructs)


def only(*names):
    """The configuration keys something depends on, as text that Snakemake compares between runs."""
    return SETTINGS.model_dump_json(include=set(names))


def compared_files(folder):
    """What is read of an earlier results folder, where the configuration names one."""
    names = ("claims.csv", "estimates.csv")
    return [] if folder is None else [Path(folder) / name for name in names]
