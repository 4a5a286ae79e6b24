# Planning: how many people a new cohort needs. Asked for by name, no part of the report:
#     snakemake results/plans/<study>/plan.json    or, for every study it can be done for,
#     snakemake plans


rule plan:
    input:
        declaration="<results>/{study}/study.json",
        measurements="<results>/{study}/measurements.csv",
    output:
        answer="<results>/plans/{study}/plan.json",
        table="<results>/plans/{study}/plan.csv",
        chart="<results>/plans/{study}/plan.svg",
    log:
        "<logs>/plan/{study}.log",
    benchmark:
        "<logs>/benchmarks/plan/{study}.tsv"
    params:
        settings=only("alpha", "seed", "constructs", "limb_correlation", "estimand", "planning"),
        code=code_digest("present"),
        results=lambda wildcards, input: str(Path(input.declaration).parent.parent),
        folder=lambda wildcards, output: str(Path(output.answer).parent),
    message:
        "Simulating how many people a new {wildcards.study} needs"
    shell:
        # Exit code 1 says that no number tried is enough, which is an answer.
        "howlow plan --study {wildcards.study:q} --results {params.results:q}"
        " --output {params.folder:q} > {log:q} 2>&1 || [ $? -eq 1 ]"


rule plans:
    input:
        [
            f"<results>/plans/{name}/plan.json"
            for name, study in STUDIES.items()
            if can_be_planned(study, SETTINGS)
        ],
