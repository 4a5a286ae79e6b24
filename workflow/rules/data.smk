# Data stage: raw tables and printed numbers to checked, tidy tables.


rule fetch:
    output:
        file="data/{public_file}",
    log:
        "<logs>/fetch/{public_file}.log",
    benchmark:
        "<logs>/benchmarks/fetch/{public_file}.tsv"
    wildcard_constraints:
        public_file=PUBLIC_FILE,
    retries: 0
    params:
        study=lambda wildcards: f"data/{wildcards.public_file.split('/')[0]}",
        file=lambda wildcards: PUBLIC_FILES[wildcards.public_file].file,
        sha256=lambda wildcards: PUBLIC_FILES[wildcards.public_file].sha256,
    message:
        "Fetching data/{wildcards.public_file} and checking its SHA-256"
    shell:
        "howlow fetch {params.study:q} --file {params.file:q} 2> >(tee {log:q} >&2)"


rule simulate:
    input:
        truth="data/{study}/truth.yaml",
    output:
        table="<results>/{study}/simulated.csv",
    log:
        "<logs>/simulate/{study}.log",
    benchmark:
        "<logs>/benchmarks/simulate/{study}.tsv"
    params:
        settings=only("seed"),
        digest=lambda wildcards: files_digest([Path(f"data/{wildcards.study}/truth.yaml")]),
        code=code_digest("data"),
    message:
        "Drawing the SIMULATED cohort {wildcards.study} from its declared truth"
    shell:
        "howlow simulate {input.truth:q} --output {output.table:q}" " 2> {log:q}"


rule provenance:
    input:
        declarations=expand("data/{study}/study.yaml", study=STUDIES),
        files=[file for study in STUDIES for file in declared_files(study)],
    output:
        inputs="<results>/provenance.json",
    log:
        "<logs>/provenance.log",
    benchmark:
        "<logs>/benchmarks/provenance.tsv"
    params:
        settings=only("studies"),
        digest=files_digest(map(Path, [*CONFIG_FILES, "requirements.lock"])),
        studies=[digest_of_study(study) for study in STUDIES],
        others=files_digest(OTHERS),
        code=code_digest("data"),
    message:
        "Writing down the SHA-256 of every input"
    shell:
        "howlow provenance data --output {output.inputs:q} 2> {log:q}"


rule ingest:
    input:
        declaration="data/{study}/study.yaml",
        files=study_files,
        plan=frozen_plan,
    output:
        declaration="<results>/{study}/study.json",
        participants="<results>/{study}/participants.csv",
        measurements="<results>/{study}/measurements.csv",
        flow="<results>/{study}/flow.csv",
        printed="<results>/{study}/printed.csv",
        findings="<results>/{study}/findings.csv",
        codebook="<results>/{study}/codebook.csv",
        codebook_page="<results>/{study}/codebook.html",
        package="<results>/{study}/datapackage.json",
    log:
        "<logs>/ingest/{study}.log",
    benchmark:
        "<logs>/benchmarks/ingest/{study}.tsv"
    params:
        settings=only("constructs", "limb_correlation", "seed", "privacy"),
        digest=lambda wildcards: digest_of_study(wildcards.study),
        code=code_digest("data"),
        study=lambda wildcards: f"data/{wildcards.study}",
        simulated=lambda wildcards, input: (
            ["--simulated", *input.files] if wildcards.study in SIMULATED else []
        ),
        folder=lambda wildcards, output: str(Path(output.declaration).parent),
    message:
        "Reading and checking {wildcards.study}"
    shell:
        "howlow ingest {params.study:q} --output {params.folder:q} {params.simulated:q}"
        " 2> {log:q}"
