"""A trace as plain text for a terminal."""

from __future__ import annotations

import json
import shutil
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import fields

from howlow.analysis.estimates import Estimate
from howlow.analysis.rounding import as_percent, signed
from howlow.report.contrasts import contrast_words
from howlow.report.numbers import count, shown
from howlow.report.tracing.ids import Named
from howlow.report.tracing.measured import Measured, Printed
from howlow.report.tracing.pooled import Pooled
from howlow.report.tracing.trace import Source, Trace
from howlow.report.words import method_words, outcome_words, time_words

#: Columns of the text: narrower breaks words, wider is hard to read.
_NARROWEST, _WIDEST = 80, 100
_INDENT = "  "
#: Column that texts start at, after their labels.
_LABEL = 24
#: So many ids, findings or members are told; a program reads them all.
_TOLD = 40
#: The fields that are said in words above the list of fields.
_SAID = ("study", "outcome", "contrast", "at", "scale", "method")


def text_width() -> int:
    """Columns of the terminal within what is readable."""
    return max(_NARROWEST, min(_WIDEST, shutil.get_terminal_size((_WIDEST, 24)).columns))


def as_text(found: Trace, width: int) -> str:
    """Everything behind one estimate, section by section."""
    parts = {
        "Estimate": _estimate(found),
        "Estimand card": _card(found),
        "Entered": _pooled(found.pooled) if found.pooled else iter(()),
        "Fit": _fit(found),
        "Rows": _measured(found.measured) if found.measured else iter(()),
        "Printed": _printed(found.printed),
        "Source": _source(found.source) if found.source else iter(()),
        "Assumed": _assumed(found),
        "Findings": _findings(found),
        "Goes into": (("", name) for name in found.pools),
        "In R": _script(found),
        "Made from (SHA-256)": iter(found.settings.items()),
        "Versions installed now": [
            ("", ", ".join(f"{name} {number}" for name, number in found.versions.items()))
        ],
    }
    lines = textwrap.wrap(found.estimate.estimate_id, width, break_on_hyphens=False)
    for title, told in parts.items():
        body = [line for pair in told for line in _line(*pair, width)]
        if body:
            lines += ["", title, *body]
    return "\n".join(lines) + "\n"


def not_found(asked: str, found: Named) -> str:
    """What is told where an id names no estimate, or more than one may be meant."""
    if found.matching:
        listed, head = found.matching, f"{len(found.matching)} estimates have '{asked}' in their id"
    else:
        listed, head = found.alike, f"no estimate has the id '{asked}'"
        head += ". Did you mean" if listed else "; all ids stand in estimates.csv"
    more = len(listed) - _TOLD
    lines = [f"{head}{':' if listed else ''}", *(f"{_INDENT}{name}" for name in listed[:_TOLD])]
    if more > 0:
        lines.append(f"{_INDENT}and {more} more; give more of the id")
    return "\n".join(lines) + "\n"


def not_found_json(asked: str, found: Named) -> str:
    """The same for a program."""
    told = {"asked": asked, "matching": list(found.matching), "did_you_mean": list(found.alike)}
    return json.dumps(told, ensure_ascii=False, indent=1)


def _line(label: str, text: str, width: int) -> list[str]:
    """A label and its text; a text without a label starts at the left."""
    start = f"{_INDENT}{label:<{_LABEL}}" if label else _INDENT
    if label and len(label) >= _LABEL:
        start = f"{_INDENT}{label}  "
    rest = " " * (_LABEL + len(_INDENT)) if label else _INDENT * 2
    return textwrap.wrap(
        text or "-",
        width,
        initial_indent=start,
        subsequent_indent=rest,
        break_on_hyphens=False,
    )


def _estimate(found: Trace) -> Iterator[tuple[str, str]]:
    """The estimate in words and unit, then all its fields."""
    one, trial = found.estimate, found.trial
    arms = trial.arms if trial else {}
    labels = trial.labels if trial else {}
    if trial and trial.simulated:
        yield "", "SIMULATED"
    value = shown(one)
    unit = f" {value.unit}" if value.unit else ""
    level = f"{100 * one.ci_level:g} % interval " if one.ci_level else ""
    interval = f" ({level}{value.low} to {value.high}{unit})" if value.low else ""
    when = time_words(one.at, labels)
    what = f"{outcome_words(one, trial)}, {contrast_words(one.contrast, arms)}, {when}"
    yield "", f"{what}: {value.text}{unit}{interval}, by {method_words(one.method)}"
    for field in fields(Estimate):
        said = getattr(one, field.name)
        if field.name not in _SAID and said not in (None, ""):
            yield field.name, f"{said:.9g}" if isinstance(said, float) else str(said)
    yield "margin from", found.margin_from


def _card(found: Trace) -> Iterator[tuple[str, str]]:
    """The card, or why there is none."""
    words = found.card_words()
    if words:
        yield from words
    else:
        yield "", found.no_card


def _pooled(found: Pooled) -> Iterator[tuple[str, str]]:
    """The trials of a pool, or what else stands behind a pooled estimate."""
    yield from found.told.items()
    for name, value in found.heterogeneity.items():
        yield name, f"{value:.4g}"
    for member in found.members:
        values = [
            signed(as_percent(value), 1)
            for value in (member.estimate, member.ci_low, member.ci_high)
        ]
        yield "", member.estimate_id
        yield "", f"  {member.cite}: {values[0]} % [{values[1]}, {values[2]}]"


def _fit(found: Trace) -> Iterator[tuple[str, str]]:
    """The row of fits.csv."""
    if found.fit:
        yield from ((name, cell) for name, cell in found.fit.items() if cell)
    elif found.pooled is None:
        yield "", "no row of fits.csv: it needs no model"


def _measured(found: Measured) -> Iterator[tuple[str, str]]:
    """The rows of measurements.csv."""
    if not found.rows:
        yield "", "none: the numbers are those of the page"
        return
    yield "file", found.file
    yield "lines", found.lines
    people = "pseudo-participant" if found.pseudo else "participant"
    limbs = f", {count(found.limbs, 'limb')}" if found.limbs > found.participants else ""
    rows = f"{count(found.rows, 'row')} of {count(found.participants, people)}{limbs}"
    yield "rows", f"{rows}, at {', '.join(found.visits)}"
    yield "rows of each arm", ", ".join(f"{arm} {rows}" for arm, rows in found.arms.items())
    if found.others_rows:
        yield (
            "also in the model",
            f"{count(found.others_rows, 'row')} of other arms: {found.others}",
        )


def _printed(rows: Iterable[Printed]) -> Iterator[tuple[str, str]]:
    """The rows that a paper prints."""
    for row in rows:
        numbers = ", ".join(f"{name} {cell}" for name, cell in row.numbers.items())
        yield f"printed.csv:{row.line}", f"{row.arm} at {row.visit}: {numbers}"
        yield "on the page", f"{row.where or 'not said where'}; {row.use}"
        if row.assumed or row.reason:
            yield "taken as", "; ".join(said for said in (row.reason, row.assumed) if said)


def _source(found: Source) -> Iterator[tuple[str, str]]:
    """Where the numbers come from, and the digests of the files."""
    yield "cite", found.cite
    if found.link:
        yield "link", found.link
    yield "read in", found.read_in
    yield "citation", found.citation
    yield "licence", found.licence
    for name, digest in found.files.items():
        yield "", name
        yield "", f"  SHA-256 {digest}"


def _assumed(found: Trace) -> Iterator[tuple[str, str]]:
    """What the estimate assumes."""
    for said in found.estimate.assumed.split("; "):
        if said:
            yield "", said


def _findings(found: Trace) -> Iterator[tuple[str, str]]:
    """What was noticed in the data and the fits."""
    for row in found.findings[:_TOLD]:
        line = f":{row['line']}" if row["line"] not in ("", "0") else ""
        place = f" ({row['file']}{line})" if row["file"] else ""
        yield f"{row['code']} {row['severity']}", f"{row['found']}{place}"
    if len(found.findings) > _TOLD:
        yield "", f"and {len(found.findings) - _TOLD} more in findings.csv"


def _script(found: Trace) -> Iterator[tuple[str, str]]:
    """The script in R."""
    if found.script:
        again = "fits this estimate again" if found.script.holds else "holds the primary estimate"
        yield "", f"{found.script.file} ({again}); run it with Rscript"
