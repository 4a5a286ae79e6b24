"""The codebook as a page that needs no script, no network and no other file."""

from __future__ import annotations

import base64
import hashlib
import html
from dataclasses import dataclass, fields

from howlow.config.study import Study
from howlow.data.codebook.column_words import FEWEST_PEOPLE, caution_of


@dataclass(frozen=True)
class CodebookRow:
    """One column of a tidy table, or one outcome; what is not known is empty."""

    table: str
    name: str
    label: str
    meaning: str
    type: str
    unit: str = ""
    construct: str = ""
    instrument: str = ""
    plausible_low: str = ""
    plausible_high: str = ""
    margin: str = ""
    mdc: str = ""
    n: str = ""
    missing: str = ""
    percentile_10: str = ""
    percentile_90: str = ""
    original: str = ""


_STYLE = """
:root{color-scheme:light dark}
body{margin:2rem auto;padding:0 1rem;max-width:80rem;font:16px/1.5 system-ui,sans-serif}
h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-size:.85rem}
th,td{padding:.35rem .7rem;text-align:left;vertical-align:top;border-top:1px solid #8885}
thead th{white-space:nowrap}tbody th{font-weight:600}
td{font-variant-numeric:tabular-nums}.caution{font-weight:600}
"""
_HEADS = {
    "name": "Name",
    "label": "Label",
    "meaning": "Meaning",
    "type": "Type",
    "unit": "Unit",
    "construct": "Construct",
    "instrument": "Instrument",
    "plausible": "Plausible range",
    "margin": "Margin",
    "mdc": "MDC",
    "n": "n",
    "missing": "Missing",
    "spread": "10th to 90th percentile",
    "original": "In the raw table",
}


def codebook_page(study: Study, rows: list[CodebookRow]) -> str:
    """The codebook as a page that needs no script, no network and no other file."""
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode("ascii")
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    outcomes = {row.name for row in rows if row.construct}
    parts = {
        "The columns of participants.csv": [row for row in rows if row.table == "participants"],
        "The columns of measurements.csv": [
            row for row in rows if row.table == "measurements" and not row.construct
        ],
        "The outcomes": [row for row in rows if row.name in outcomes and row.construct],
    }
    facts = [html.escape(text) for text in (study.source.citation, study.source.licence)]
    caution = (
        f'<p class="caution">{html.escape(caution_of(study))}</p>' if caution_of(study) else ""
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{html.escape(policy)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>Codebook: {html.escape(study.id)}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<h1>Codebook: {html.escape(study.title)}</h1>\n{caution}"
        f"<p>{facts[0]}</p>\n<p>Licence: {facts[1]}</p>\n"
        "<p>Spreads are the 10th and the 90th percentile, for a minimum and a maximum are the "
        f"values of two people; none is told of fewer than {FEWEST_PEOPLE} people.</p>\n"
        f"{''.join(_part(title, part) for title, part in parts.items() if part)}"
        "</body>\n</html>\n"
    )


def _part(title: str, rows: list[CodebookRow]) -> str:
    """One table of the page; columns in which nothing stands are left out."""
    cells = [_shown(row) for row in rows]
    heads = [name for name in _HEADS if any(row[name] for row in cells)]
    head = "".join(f'<th scope="col">{_HEADS[name]}</th>' for name in heads)
    body = "".join(
        "<tr>"
        + "".join(
            f'<th scope="row">{html.escape(row[name])}</th>'
            if name == "name"
            else f"<td>{html.escape(row[name])}</td>"
            for name in heads
        )
        + "</tr>\n"
        for row in cells
    )
    return (
        f'<h2>{title}</h2>\n<div class="scroll" role="region" aria-label="{title}" tabindex="0">'
        f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table></div>\n"
    )


def _shown(row: CodebookRow) -> dict[str, str]:
    """The cells of a row on the page."""
    cells: dict[str, str] = {field.name: getattr(row, field.name) for field in fields(row)}
    ranges = {
        "plausible": ("plausible_low", "plausible_high"),
        "spread": ("percentile_10", "percentile_90"),
    }
    for name, (low, high) in ranges.items():
        cells[name] = f"{cells[low]} to {cells[high]}" if cells[low] else ""
    return cells
