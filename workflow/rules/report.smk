# Report stage: everything to one page.


rule report_page:
    input:
        estimates="<results>/estimates.csv",
        pools="<results>/pools.csv",
        evidence="<results>/evidence.csv",
        findings="<results>/findings.csv",
        answer="<results>/answer.json",
        evidence_map="<results>/evidence_map.csv",
        influence="<results>/influence.csv",
        small_studies="<results>/small_studies.csv",
        curves="<results>/curves.json",
        network="<results>/network.json",
        ledger="<results>/claims.csv",
        changes="<results>/changes.csv",
        claims=CLAIMS,
        provenance="<results>/provenance.json",
        figures="<results>/figures",
        declarations=studies_results("study.json"),
        printed=studies_results("printed.csv"),
        flow=studies_results("flow.csv"),
        participants=studies_results("participants.csv"),
        cards=studies_results("cards.json"),
        choices=studies_results("multiverse.csv"),
        missing=studies_results("missing.csv"),
        diagnostics=studies_results("diagnostics.csv"),
        scripts=[f"<results>/r/{study}.R" for study in STUDIES],
    output:
        page="<results>/report.html",
    log:
        "<logs>/report.log",
    benchmark:
        "<logs>/benchmarks/report.tsv"
    params:
        settings=SETTINGS.model_dump_json(),
        digest=files_digest(map(Path, CLAIMS)),
        claims=lambda wildcards, input: ["--claims", *input.claims] if input.claims else [],
        code=code_digest("report"),
        results=lambda wildcards, input: str(Path(input.estimates).parent),
    message:
        "Writing {output.page}"
    shell:
        "howlow report {params.results:q} {params.claims:q} --output {output.page:q} 2> {log:q}"
