# What the studies declare, as far as jobs depend on it.

or_stop(refuse_unseen_changes, SETTINGS, config)

SIMULATED = [name for name, study in STUDIES.items() if getattr(study, "simulated", False)]


# The files a public address is declared for, by `study/raw/file`. The rule that fetches may match
# these alone: Snakemake deletes the outputs of a job before it starts, so a rule that matched a file
# of the user's own would destroy it.
PUBLIC_FILES = {
    f"{name}/raw/{source.file}": source
    for name, study in STUDIES.items()
    for source in study.source.files
    if source.url is not None
}

# Without a public file: a pattern that nothing matches.
PUBLIC_FILE = "|".join(map(re.escape, PUBLIC_FILES)) or "(?!)"


def study_files(wildcards):
    """Every file of a study's folder that its declaration names."""
    return own_files(wildcards.study)


def own_files(name):
    """The same for a study's name; the simulated table for a simulated study."""
    study, folder = STUDIES[name], f"data/{name}"
    if isinstance(study, Summary):
        names = study.files
    elif study.simulated:
        return [f"<results>/{name}/simulated.csv"]
    else:
        names = [table.file for table in study.tables]
    return [f"{folder}/{file}" for file in names]


def study_digest(wildcards):
    """Digest of what a study's tables are made from: an older time stamp must not hide a change.

    A fetched file is known by its declared SHA-256, before and after it is there.
    """
    study = STUDIES[wildcards.study]
    own = [
        file for file in study_files(wildcards) if file.startswith("data/") and "/raw/" not in file
    ]
    digests = [source.sha256 for source in study.source.files]
    return [files_digest([Path(f"data/{wildcards.study}/study.yaml"), *map(Path, own)]), *digests]


def studies_results(name):
    """One file of every study's results folder."""
    return [f"<results>/{study}/{name}" for study in STUDIES]
