"""What a run was made from: the SHA-256 of every input, and the open studies it left out."""

from __future__ import annotations

import json
from pathlib import Path

from howlow.config.frozen import PLAN_FILE
from howlow.config.reading import read_study
from howlow.config.settings import Config
from howlow.config.study import Participants
from howlow.data.fetching import digest_of
from howlow.data.measurements import write_text
from howlow.errors import InputError


def write_provenance(data: Path, config: Config, config_files: list[Path], output: Path) -> None:
    """Write a JSON file with `inputs` (path: SHA-256) and `open_studies` (id, title, licence).

    Paths are those the workflow uses, relative to the project. An open study has a declared source
    that can be fetched, lies in the data folder, is not among the configured studies, and does not
    hold the same people as another.
    """
    files = [*config_files, Path("requirements.lock")]
    for name in config.studies:
        study = read_study(data / name, config)
        files += [data / name / file for file in ("study.yaml", PLAN_FILE, *study.files)]
    others = sorted(
        path.parent.name
        for path in data.glob("*/study.yaml")
        if path.parent.name not in config.studies
    )
    open_studies = []
    for name in others:
        try:
            study = read_study(data / name, config, files_needed=False)
        except InputError:
            continue  # a draft that is in no run yet; `howlow check` tells what it lacks
        twins = study.same_people_as if isinstance(study, Participants) else ()
        if any(source.url is not None for source in study.source.files) and not twins:
            licence = study.source.licence
            open_studies.append({"id": study.id, "title": study.title, "licence": licence})
    found = {
        "inputs": {path.as_posix(): digest_of(path) for path in files if path.is_file()},
        "open_studies": open_studies,
    }
    write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", output)
