# The targets. Each stage has its rules in a file of its own under workflow/rules.
# Plain `snakemake` reads profiles/default and makes the report.

from snakemake.utils import min_version

min_version("9.0")


# Only used with `--software-deployment-method apptainer`; the Containerfile builds it.
container: "docker://localhost/howlow:0.1.0"


include: "workflow/rules/settings.smk"


configfile: "config/config.yaml"


include: "workflow/rules/declarations.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/model.smk"
include: "workflow/rules/synthesis.smk"
include: "workflow/rules/present.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/planning.smk"


wildcard_constraints:
    study="[a-z][a-z0-9_-]{0,39}",


rule all:
    default_target: True
    input:
        report="<results>/report.html",


rule figures:
    input:
        printed="<results>/figures-print",
