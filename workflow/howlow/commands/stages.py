"""The stages of the workflow, as the rules call them."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from howlow.commands.parsing import Commands, with_config


def add_stages(commands: Commands) -> None:
    """Add these commands."""
    added = commands.add("fetch", _fetch, "fetch a study's public files and check their SHA-256")
    added.add_argument("study", type=Path, help="folder of the study, such as data/exscidata-load")
    added.add_argument("--file", help="only this file")
    with_config(added)

    added = commands.add("simulate", _simulate, "draw a SIMULATED cohort from its declared truth")
    added.add_argument("truth", type=Path, help="the file that declares the truth")
    added.add_argument("--output", type=Path, required=True, help="CSV file to write")
    with_config(added)

    added = commands.add("ingest", _ingest, "turn a study's files into checked, tidy tables")
    added.add_argument("study", type=Path, help="folder of the study, such as data/published")
    added.add_argument("--output", type=Path, required=True, help="folder to write to")
    added.add_argument("--simulated", type=Path, help="the simulated table, where there is one")
    with_config(added)

    added = commands.add("fit", _fit, "fit a study's models and write its estimates")
    added.add_argument("results", type=Path, help="the study's folder in results/")
    with_config(added)

    added = commands.add("synthesise", _synthesise, "put the estimates of all studies together")
    added.add_argument("results", type=Path, nargs="+", help="the studies' folders in results/")
    added.add_argument("--claims", type=Path, help="the claims under test, such as claims.yaml")
    added.add_argument("--output", type=Path, required=True, help="folder to write to")
    with_config(added)

    added = commands.add("provenance", _provenance, "write down the SHA-256 of every input")
    added.add_argument("data", type=Path, help="folder of all studies")
    added.add_argument("--output", type=Path, required=True, help="JSON file to write")
    with_config(added)

    added = commands.add("draw", _draw, "draw the figures")
    added.add_argument("results", type=Path, help="folder with estimates.csv of all studies")
    added.add_argument("--output", type=Path, required=True, help="folder to write to")
    added.add_argument("--formats", nargs="+", default=["svg"], choices=["svg", "pdf", "png"])
    added.add_argument("--processes", type=int, default=1, help="how many to draw at once")
    with_config(added)

    added = commands.add("report", _report, "write the report, one page that needs nothing else")
    added.add_argument("results", type=Path, help="folder with everything the report shows")
    added.add_argument("--claims", type=Path, help="the claims under test, such as claims.yaml")
    added.add_argument("--output", type=Path, required=True, help="HTML file to write")
    with_config(added)


def _fetch(options: argparse.Namespace) -> None:
    """Fetch what a study's source names."""
    from howlow.config.reading import read_config, read_study
    from howlow.data.fetching import fetch

    study = read_study(options.study, read_config(options.config), files_needed=False)
    for source in study.source.files:
        if source.url is None:
            place = (options.study / "raw" / source.file).as_posix()
            print(f"{place}: not public, so it is not fetched; put it there", file=sys.stderr)
        elif options.file in (None, source.file):
            path = fetch(source, options.study / "raw")
            print(f"{path.as_posix()}: as declared", file=sys.stderr)


def _simulate(options: argparse.Namespace) -> None:
    """Draw a cohort."""
    from howlow.config.reading import read_config
    from howlow.data.simulation import read_truth, simulate, write_simulated

    seed = read_config(options.config).seed
    write_simulated(simulate(read_truth(options.truth), seed), options.output)


def _ingest(options: argparse.Namespace) -> None:
    """The data stage."""
    from howlow.config.reading import read_config
    from howlow.data.ingestion import ingest

    ingest(options.study, read_config(options.config), options.output, options.simulated)


def _fit(options: argparse.Namespace) -> None:
    """The model stage."""
    from howlow.analysis.analysing import analyse
    from howlow.config.reading import read_config

    analyse(options.results, read_config(options.config))


def _synthesise(options: argparse.Namespace) -> None:
    """The synthesis stage."""
    from howlow.config.reading import read_config
    from howlow.synthesis.synthesising import synthesise

    synthesise(options.results, read_config(options.config), options.output, options.claims)


def _provenance(options: argparse.Namespace) -> None:
    """What the run was made from."""
    from howlow.config.reading import read_config
    from howlow.data.provenance import write_provenance

    config = read_config(options.config)
    write_provenance(options.data, config, options.config, options.output)


def _draw(options: argparse.Namespace) -> None:
    """The figures."""
    from howlow.config.reading import read_config
    from howlow.present.drawing import draw

    draw(
        options.results,
        read_config(options.config),
        options.output,
        formats=tuple(options.formats),
        processes=options.processes,
    )


def _report(options: argparse.Namespace) -> None:
    """The report."""
    from howlow.config.reading import read_config
    from howlow.report.page import write_report

    write_report(options.results, read_config(options.config), options.output, options.claims)
