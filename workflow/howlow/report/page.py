"""The report: one HTML page that needs no script, no network and no other file."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from howlow.config.settings import Config
from howlow.data.measurements import write_text
from howlow.report.figures import figures_of
from howlow.report.inputs import read_inputs
from howlow.report.lines import anchor_of
from howlow.report.numbers import plain_percent
from howlow.report.sections.assumptions import assumptions_of
from howlow.report.sections.basis import basis_of
from howlow.report.sections.changes import changes_of
from howlow.report.sections.claims import ledger_of
from howlow.report.sections.doses import doses_of
from howlow.report.sections.evidence_map import evidence_map_of
from howlow.report.sections.ladder import answer_of
from howlow.report.sections.left_out import left_out_of
from howlow.report.sections.methods import methods_of
from howlow.report.sections.network import networks_of
from howlow.report.sections.pooled import pooled_of
from howlow.report.sections.provenance import provenance_of
from howlow.report.sections.quality import FLOW, counts_of, findings_of, quality_of
from howlow.report.sections.studies import trial_views

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Entry:
    """A line of the table of contents."""

    anchor: str
    title: str
    below: tuple[tuple[str, str], ...] = ()


def write_report(results: Path, config: Config, output: Path, claims: Path | None = None) -> None:
    """Write the page that shows everything in a results folder.

    Parameters
    ----------
    results
        Folder with the tables of all studies, a folder for each study, and `figures/index.json`.
    config
        The configuration of the run.
    output
        The HTML file; it is written whole or not at all.
    claims
        The file of claims, which holds what other reviews found; without it they are not shown.
    """
    write_text(render(results, config, claims), output)


def render(results: Path, config: Config, claims: Path | None = None) -> str:
    """The page as text."""
    inputs = read_inputs(results, config, claims)
    figures = figures_of(inputs)
    views = trial_views(inputs, [figure for figure in figures if figure.kind != FLOW])
    real = [view for view in views if not view.simulated]
    findings = findings_of(inputs)
    content = {
        "answer": inputs.answer,
        "beside": answer_of(inputs, figures),
        "ledger": ledger_of(inputs, figures),
        "changes": changes_of(inputs),
        "map": evidence_map_of(inputs, figures),
        "doses": doses_of(inputs, figures),
        "networks": networks_of(inputs, figures),
        "basis": basis_of(inputs),
        "pooled": pooled_of(inputs, figures),
        "individual": [view for view in real if view.individual],
        "published": [view for view in real if not view.individual and view.fitted],
        "described": [view for view in real if not view.fitted],
        "trials": real,
        "quality": quality_of(inputs, figures),
        "findings": findings,
        "finding_counts": counts_of(findings),
        "left_out": left_out_of(inputs),
        "assumptions": assumptions_of(inputs),
        "methods": methods_of(inputs),
        "provenance": provenance_of(inputs),
        "simulated": [view for view in views if view.simulated],
        "simulated_quality": quality_of(inputs, figures, simulated=True),
        "level": plain_percent(100 * (1 - config.alpha)),
    }
    return _fill(content | {"contents": _contents(content)})


def content_security_policy(style: str) -> str:
    """A policy that allows this page's own style by its digest, images within it, and no more."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _contents(content: dict[str, Any]) -> list[Entry]:
    """The table of contents, in the order of the page."""
    questions = tuple((found.anchor, found.title) for found in content["pooled"])
    curves = (("ladder", "The ladder"), ("curves", "Curves"))
    entries = [
        Entry("answer", "The answer today"),
        Entry("claims", "The claims"),
        Entry("changes", "What is new") if content["changes"] else None,
        Entry("basis", "What this page rests on"),
        Entry("map", "Evidence map"),
        Entry("pooled", "Pooled evidence", questions),
        Entry("doses", "Dose and response", curves),
        Entry("network", "Network"),
        Entry("studies", "Studies"),
        Entry("findings", "Data quality"),
        Entry("assumptions", "Assumptions"),
        Entry("methods", "Methods"),
        Entry("provenance", "Provenance"),
        Entry("simulated", "Simulated studies") if content["simulated"] else None,
    ]
    return [entry for entry in entries if entry]


def _fill(content: dict[str, Any]) -> str:
    """The templates filled; every text that comes from data is escaped."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    style = (TEMPLATES / "page.css").read_text(encoding="utf-8")
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["anchor"] = anchor_of
    page = environment.get_template("page.html.j2")
    return page.render(
        content,
        style=Markup(style),  # our own file
        policy=content_security_policy(style),
    )
