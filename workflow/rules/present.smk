# Present stage: estimates to figures. One job draws them all, because importing costs more than
# drawing; it forks a process for each core.


rule draw:
    input:
        estimates="<results>/estimates.csv",
        pools="<results>/pools.csv",
        evidence="<results>/evidence.csv",
        evidence_map="<results>/evidence_map.csv",
        influence="<results>/influence.csv",
        small_studies="<results>/small_studies.csv",
        curves="<results>/curves.json",
        network="<results>/network.json",
        answer="<results>/answer.json",
        claims="<results>/claims.csv",
        declarations=studies_results("study.json"),
        measurements=studies_results("measurements.csv"),
        flow=studies_results("flow.csv"),
        choices=studies_results("multiverse.csv"),
    output:
        folder=report(
            directory("<results>/figures"),
            patterns=["{name}.svg"],
            caption="../report/figure.rst",
            category="Figures",
        ),
    log:
        "<logs>/draw.log",
    benchmark:
        "<logs>/benchmarks/draw.tsv"
    threads: 2
    params:
        settings=only("studies", "alpha", "constructs", "estimand"),
        code=code_digest("present"),
        results=lambda wildcards, input: str(Path(input.estimates).parent),
    message:
        "Drawing the figures"
    shell:
        "howlow draw {params.results:q} --output {output.folder:q} --formats svg"
        " --processes {threads} 2> {log:q}"


rule draw_print:
    input:
        estimates="<results>/estimates.csv",
        pools="<results>/pools.csv",
        evidence="<results>/evidence.csv",
        evidence_map="<results>/evidence_map.csv",
        influence="<results>/influence.csv",
        small_studies="<results>/small_studies.csv",
        curves="<results>/curves.json",
        network="<results>/network.json",
        answer="<results>/answer.json",
        claims="<results>/claims.csv",
        declarations=studies_results("study.json"),
        measurements=studies_results("measurements.csv"),
        flow=studies_results("flow.csv"),
        choices=studies_results("multiverse.csv"),
    output:
        folder=directory("<results>/figures-print"),
    log:
        "<logs>/draw_print.log",
    benchmark:
        "<logs>/benchmarks/draw_print.tsv"
    threads: 2
    params:
        settings=only("studies", "alpha", "constructs", "estimand"),
        code=code_digest("present"),
        results=lambda wildcards, input: str(Path(input.estimates).parent),
    message:
        "Drawing the figures as PDF and PNG"
    shell:
        "howlow draw {params.results:q} --output {output.folder:q} --formats pdf png"
        " --processes {threads} 2> {log:q}"
