# Synthesis stage: the estimates of all studies to evidence, pools and the answer.


rule synthesise:
    input:
        declarations=studies_results("study.json"),
        printed=studies_results("printed.csv"),
        estimates=studies_results("estimates.csv"),
        fits=studies_results("fits.csv"),
        relative=studies_results("relative_means.csv"),
        findings=studies_results("findings.csv") + studies_results("model_findings.csv"),
    output:
        estimates="<results>/estimates.csv",
        pools="<results>/pools.csv",
        evidence="<results>/evidence.csv",
        findings="<results>/findings.csv",
        fits="<results>/fits.csv",
        answer="<results>/answer.json",
    log:
        "<logs>/synthesise.log",
    benchmark:
        "<logs>/benchmarks/synthesise.tsv"
    params:
        settings=only(
            "studies", "alpha", "constructs", "dose_classes", "training_window", "preference"
        ),
        code=code_digest("synthesis"),
        folders=lambda wildcards, input: [str(Path(file).parent) for file in input.estimates],
        folder=lambda wildcards, output: str(Path(output.estimates).parent),
    message:
        "Putting the estimates of all studies together"
    shell:
        "howlow synthesise {params.folders:q} --output {params.folder:q}" " 2> {log:q}"
