# Present stage: estimates to figures. One job draws them all, because importing costs more than
# drawing; it forks a process for each core.


rule draw:
    input:
        estimates="<results>/estimates.csv",
        evidence="<results>/evidence.csv",
        declarations=studies_results("study.json"),
        measurements=studies_results("measurements.csv"),
    output:
        folder=report(
            directory("<results>/figures"),
            patterns=["{name}.svg"],
            caption="../report/figure.rst",
            category="Figures",
        ),
    params:
        settings=only("studies", "alpha", "constructs"),
        code=code("present"),
        results=lambda wildcards, input: str(Path(input.estimates).parent),
        config=CONFIG_FILES,
    log:
        "<logs>/draw.log",
    benchmark:
        "<benchmarks>/draw.tsv"
    threads: 2
    message:
        "Drawing the figures"
    shell:
        "{HOWLOW} draw {params.results:q} --output {output.folder:q} --formats svg"
        " --processes {threads} --config {params.config:q} 2> {log:q}"


rule draw_print:
    input:
        estimates="<results>/estimates.csv",
        evidence="<results>/evidence.csv",
        declarations=studies_results("study.json"),
        measurements=studies_results("measurements.csv"),
    output:
        folder=directory("<results>/figures-print"),
    params:
        settings=only("studies", "alpha", "constructs"),
        code=code("present"),
        results=lambda wildcards, input: str(Path(input.estimates).parent),
        config=CONFIG_FILES,
    log:
        "<logs>/draw_print.log",
    benchmark:
        "<benchmarks>/draw_print.tsv"
    threads: 2
    message:
        "Drawing the figures as PDF and PNG"
    shell:
        "{HOWLOW} draw {params.results:q} --output {output.folder:q} --formats pdf png"
        " --processes {threads} --config {params.config:q} 2> {log:q}"
