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

# What is declared of studies that this run leaves out; the report names those that are open.
OTHERS = sorted(
    path for path in Path("data").glob("*/study.yaml") if path.parent.name not in STUDIES
)


def declared_files(name):
    """Every file in a study's folder that it is made from, as its declaration names them."""
    return [f"data/{name}/{file}" for file in STUDIES[name].files]


def frozen_plan(wildcards):
    """The frozen plan of a study, where there is one."""
    plan = f"data/{wildcards.study}/plan.json"
    return [plan] if Path(plan).is_file() else []


def study_files(wildcards):
    """The files a study is read from: its own, or the table that is drawn for a simulated one."""
    name = wildcards.study
    return [f"<results>/{name}/simulated.csv"] if name in SIMULATED else declared_files(name)


def digest_of_study(name):
    """Digest of what a study is made from: an older time stamp must not hide a change.

    A fetched file is known by its declared SHA-256, before and after it is there.
    """
    own = [file for file in declared_files(name) if "/raw/" not in file]
    digests = [source.sha256 for source in STUDIES[name].source.files]
    declared = [f"data/{name}/study.yaml", f"data/{name}/plan.json"]
    return [files_digest(map(Path, [*declared, *own])), *digests]


def studies_results(name):
    """One file of every study's results folder."""
    return [f"<results>/{study}/{name}" for study in STUDIES]
