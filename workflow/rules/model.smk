# Model stage: measurements and a declared design to fits and estimates.


rule fit:
    input:
        declaration="<results>/{study}/study.json",
        measurements="<results>/{study}/measurements.csv",
        printed="<results>/{study}/printed.csv",
    output:
        estimates="<results>/{study}/estimates.csv",
        fits="<results>/{study}/fits.csv",
        findings="<results>/{study}/model_findings.csv",
    log:
        "<logs>/fit/{study}.log",
    benchmark:
        "<logs>/benchmarks/fit/{study}.tsv"
    params:
        settings=only("alpha", "outcomes", "constructs"),
        code=code_digest("analysis"),
        folder=lambda wildcards, output: str(Path(output.estimates).parent),
    message:
        "Fitting the models of {wildcards.study}"
    shell:
        "howlow fit {params.folder:q} 2> {log:q}"
