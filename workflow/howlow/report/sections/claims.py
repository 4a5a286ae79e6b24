"""The claim ledger: each claim with its verdict, its number, why, and what would settle it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from howlow.config.claim_rules import Review
from howlow.report.figures import Figure
from howlow.report.inputs import POOLED, Inputs
from howlow.report.lines import Line, anchor_of, by_outcome, lines_of
from howlow.report.numbers import (
    NO_NUMBER,
    count,
    in_line,
    percent_text,
    plain_percent,
    share_text,
    shown_as,
)
from howlow.report.synthesised import number_of

#: Each verdict with the sign that stands before the word, and what it means.
VERDICTS = {
    "supported": (
        "\N{CHECK MARK}",
        (
            "the whole interval lies where the claim says, in five trials or more, and no single "
            "trial or row to be read with caution decides it"
        ),
    ),
    "partly": (
        "\N{CIRCLE WITH LEFT HALF BLACK}",
        (
            "the whole interval lies there, but with fewer trials, or not without one of them; or "
            "one part of the claim holds and another is not shown"
        ),
    ),
    "contradicted": (
        "\N{BALLOT X}",
        "the whole interval of two trials or more lies elsewhere, whichever trial is left out",
    ),
    "not shown": (
        "\N{WHITE CIRCLE}",
        "the interval lies only partly where the claim says: the data do not tell",
    ),
    "no data": ("\N{EN DASH}", "no trial at hand can answer it"),
    "cited": (
        "\N{HEAVY DOUBLE TURNED COMMA QUOTATION MARK ORNAMENT}",
        "a fact from elsewhere, told with its source; nothing is computed here",
    ),
}


@dataclass(frozen=True)
class Mark:
    """A verdict as it is shown: its sign, its word, and the name of its style."""

    sign: str
    word: str
    style: str


@dataclass(frozen=True)
class Finding:
    """A verdict with its number: of a claim, or of one part of it."""

    part: str
    mark: Mark
    number: str
    trials: str
    participants: str
    direction: str
    why: str
    settle: str
    anchor: str


@dataclass(frozen=True)
class ClaimView:
    """One claim as it is shown.

    `numbers` are those of its parts, each with the name of the part where there are several;
    `parts` are those with a trial, `without` the others; `lines` are the claim's own rows in the
    table of estimates.
    """

    anchor: str
    name: str
    statement: str
    statement_nl: str
    citation: str
    estimand: str
    depends_on: str
    whole: Finding
    numbers: tuple[tuple[str, str], ...]
    parts: tuple[Finding, ...]
    without: tuple[Finding, ...]
    studies: tuple[tuple[str, str], ...]
    figure: Figure | None
    reviews: tuple[Review, ...]
    lines: list[tuple[str, list[Line]]]


@dataclass(frozen=True)
class Ledger:
    """All claims, how many there are of each verdict, and what the verdicts mean.

    `source` is who makes the claims, where it is the same for all.
    """

    summary: str
    source: str
    level: str
    claims: tuple[ClaimView, ...]
    figure: Figure | None
    meanings: tuple[tuple[Mark, str], ...]


def ledger_of(inputs: Inputs, figures: Iterable[Figure]) -> Ledger:
    """The claims in the order of their file."""
    rows = inputs.synthesised.claims
    drawn = {figure.stem: figure for figure in figures}
    claims = tuple(
        _claim(row, [part for part in rows if part["claim"] == row["claim"]], inputs, drawn)
        for row in rows
        if not row["part"]
    )
    sources = {claim.citation for claim in claims}
    return Ledger(
        summary=_summary(claims),
        source=sources.pop() if len(sources) == 1 else "",
        level=plain_percent(100 * (1 - inputs.config.alpha)),
        claims=claims,
        figure=drawn.get("claims"),
        meanings=tuple((mark_of(word), said) for word, (_, said) in VERDICTS.items()),
    )


def mark_of(verdict: str) -> Mark:
    """A verdict with its sign; what stands behind the word itself, such as a reason, stays."""
    word = next((known for known in VERDICTS if verdict.startswith(known)), "")
    sign = VERDICTS[word][0] if word else ""
    return Mark(sign, verdict or NO_NUMBER, word.replace(" ", "-"))


def _summary(claims: tuple[ClaimView, ...]) -> str:
    """How many claims have which verdict."""
    found = Counter(claim.whole.mark.style.replace("-", " ") for claim in claims)
    parts = [f"{found[word]} {word}" for word in VERDICTS if found[word]]
    return f"Of {count(len(claims), 'claim')}: {', '.join(parts)}."


def _claim(
    row: dict[str, str], rows: list[dict[str, str]], inputs: Inputs, drawn: dict[str, Figure]
) -> ClaimView:
    """One claim."""
    name = row["claim"]
    parts = [_finding(part, inputs) for part in rows if part["part"]]
    return ClaimView(
        anchor=f"claim-{name}",
        name=name,
        statement=row["statement"],
        statement_nl=row["statement_nl"],
        citation=row["citation"],
        estimand=row["estimand"],
        depends_on=row["depends_on"],
        whole=_whole(_finding(row, inputs), parts),
        numbers=tuple(
            (part.part.split(" (")[0] if len(parts) > 1 else "", part.number)
            for part in parts
            if part.number != NO_NUMBER
        ),
        parts=tuple(part for part in parts if part.trials != "0"),
        without=tuple(part for part in parts if part.trials == "0"),
        studies=tuple(_studies(row["studies"], inputs)),
        figure=drawn.get(row["figure"]),
        reviews=_reviews(name, inputs),
        lines=_lines(name, inputs),
    )


def _lines(name: str, inputs: Inputs) -> list[tuple[str, list[Line]]]:
    """The claim's own rows, under the labels of what they measure."""
    lines = lines_of(inputs.by_study.get(f"{POOLED}{name}", []), inputs.trials)
    labels = {
        part.replace("_", " "): found.label for part, found in inputs.config.constructs.items()
    }
    return by_outcome(
        replace(
            line,
            outcome=labels.get(line.outcome, line.outcome),
            what="change without training" if line.is_mean else line.what,
        )
        for line in lines
    )


def _whole(found: Finding, parts: list[Finding]) -> Finding:
    """The claim as a whole; what would settle it is that of its first part, if it says nothing."""
    if found.settle or not parts:
        return found
    settle = parts[0].settle
    return replace(found, settle=f"{parts[0].part}: {settle}" if settle else "")


def _reviews(name: str, inputs: Inputs) -> tuple[Review, ...]:
    """What others found about a claim."""
    declared = inputs.claims.claims.get(name) if inputs.claims else None
    return declared.reviews if declared else ()


def _finding(row: dict[str, str], inputs: Inputs) -> Finding:
    """A verdict with its number."""
    name = row["estimate_id"]
    return Finding(
        part=_part(row["part"], inputs),
        mark=mark_of(row["verdict"]),
        number=_number(row),
        trials=row["trials"] or "0",
        participants=row["participants"],
        direction=row["direction"],
        why=row["why"],
        settle=row["settle"],
        anchor=anchor_of(name) if name in inputs.by_id else "",
    )


def _part(part: str, inputs: Inputs) -> str:
    """A part of a claim in words."""
    construct = inputs.config.constructs.get(part)
    return construct.label if construct else part.replace("_", " ")


def _number(row: dict[str, str]) -> str:
    """The estimate with its interval in its unit; an en dash where there is none."""
    values = [number_of(row[name]) for name in ("estimate", "ci_low", "ci_high")]
    if not row["estimate"]:
        return NO_NUMBER
    if row["unit"] == "log ratio":
        return percent_text(*values)
    if row["unit"] == "share":
        return share_text(*values)
    return in_line(shown_as("", (values[0], values[1], values[2]), row["unit"], ratio=False))


def _studies(names: str, inputs: Inputs) -> Iterable[tuple[str, str]]:
    """The trials behind a claim, each with its place on the page, if it has one."""
    for name in re.split(r"[;,\s]+", names):
        if name in inputs.trials:
            yield inputs.trials[name].cite, f"study-{name}" if name in inputs.by_study else ""
