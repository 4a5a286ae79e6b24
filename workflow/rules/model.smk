# Model stage: measurements and a declared design to fits and estimates.


rule fit:
    input:
        declaration="<results>/{study}/study.json",
        participants="<results>/{study}/participants.csv",
        measurements="<results>/{study}/measurements.csv",
        printed="<results>/{study}/printed.csv",
    output:
        estimates="<results>/{study}/estimates.csv",
        fits="<results>/{study}/fits.csv",
        findings="<results>/{study}/model_findings.csv",
        cards="<results>/{study}/cards.json",
        multiverse="<results>/{study}/multiverse.csv",
        missing="<results>/{study}/missing.csv",
        diagnostics="<results>/{study}/diagnostics.csv",
        relative="<results>/{study}/relative_means.csv",
        script="<results>/r/{study}.R",
    log:
        "<logs>/fit/{study}.log",
    benchmark:
        "<logs>/benchmarks/fit/{study}.tsv"
    params:
        settings=only(
            "alpha", "outcomes", "constructs", "dose_classes", "estimand", "planning", "privacy"
        ),
        code=code_digest("analysis"),
        folder=lambda wildcards, output: str(Path(output.estimates).parent),
    message:
        "Fitting the models of {wildcards.study}"
    shell:
        "howlow fit {params.folder:q} 2> {log:q}"
