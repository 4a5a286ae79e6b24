# Synthesis stage: the estimates of all studies to evidence, pools and the answer.


rule synthesise:
    input:
        declarations=studies_results("study.json"),
        printed=studies_results("printed.csv"),
        estimates=studies_results("estimates.csv"),
        fits=studies_results("fits.csv"),
        relative=studies_results("relative_means.csv"),
        measurements=studies_results("measurements.csv"),
        findings=studies_results("findings.csv") + studies_results("model_findings.csv"),
        claims=CLAIMS,
    output:
        estimates="<results>/estimates.csv",
        pools="<results>/pools.csv",
        evidence="<results>/evidence.csv",
        findings="<results>/findings.csv",
        fits="<results>/fits.csv",
        answer="<results>/answer.json",
        evidence_map="<results>/evidence_map.csv",
        influence="<results>/influence.csv",
        small_studies="<results>/small_studies.csv",
        curves="<results>/curves.json",
        network="<results>/network.json",
        claims="<results>/claims.csv",
        changes="<results>/changes.csv",
    log:
        "<logs>/synthesise.log",
    benchmark:
        "<logs>/benchmarks/synthesise.tsv"
    params:
        settings=only(
            "studies",
            "alpha",
            "constructs",
            "dose_classes",
            "rm_table",
            "sequence",
            "network",
            "compare_to",
            "planning",
            "training_window",
            "preference",
        ),
        digest=files_digest([*map(Path, CLAIMS), *compared_files(SETTINGS.compare_to)]),
        claims=lambda wildcards, input: ["--claims", *input.claims] if input.claims else [],
        code=code_digest("synthesis"),
        folders=lambda wildcards, input: [str(Path(file).parent) for file in input.estimates],
        folder=lambda wildcards, output: str(Path(output.estimates).parent),
    message:
        "Putting the estimates of all studies together"
    shell:
        "howlow synthesise {params.folders:q} {params.claims:q} --output {params.folder:q}"
        " 2> {log:q}"
