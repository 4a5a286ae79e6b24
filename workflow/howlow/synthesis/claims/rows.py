"""The rows of claims.csv."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from howlow.config.claims import Claim
from howlow.data.measurements import read_table, write_table


@dataclass(frozen=True)
class ClaimRow:
    """One row of claims.csv: a claim as a whole (`part` empty), or its part on one construct.

    Estimates are log ratios of means; None where there is none. `studies` are the trials that were
    judged, `direction` also counts those that could not be; `claimed` is where the number lies if
    the claim is true.
    """

    claim: str
    part: str
    verdict: str
    statement: str
    statement_nl: str
    citation: str
    estimand: str
    estimate: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    ci_level: float | None = None
    unit: str = ""
    trials: int = 0
    participants: int | None = None
    direction: str = ""
    why: str = ""
    settle: str = ""
    depends_on: str = ""
    studies: str = ""
    estimate_id: str = ""
    figure: str = ""
    claimed: str = ""


CLAIM_COLUMNS = tuple(field.name for field in fields(ClaimRow))


def write_claims(rows: Sequence[ClaimRow], path: Path) -> None:
    """Write claims.csv."""
    import pandas as pd

    table = pd.DataFrame([asdict(row) for row in rows], columns=list(CLAIM_COLUMNS))
    write_table(table.astype({"participants": "Int64"}), path)


def read_claim_rows(path: Path) -> list[ClaimRow]:
    """The rows of claims.csv."""
    kinds = {field.name: field.type for field in fields(ClaimRow)}
    rows = []
    for cells in read_table(path, text=CLAIM_COLUMNS).to_dict("records"):
        values = {
            str(name): _cell(str(cell), str(kinds[str(name)])) for name, cell in cells.items()
        }
        rows.append(ClaimRow(**values))  # type: ignore[arg-type]
    return rows


def _cell(cell: str, kind: str) -> str | float | int | None:
    """A cell as its field has it."""
    if kind == "str":
        return cell
    if cell == "":
        return None
    return float(cell) if kind.startswith("float") else int(cell)


def row_of(name: str, claim: Claim, verdict: str, *, why: str, settle: str) -> ClaimRow:
    """A row with what every row of a claim repeats."""
    return ClaimRow(
        claim=name,
        part="",
        verdict=verdict,
        statement=claim.statement.en,
        statement_nl=claim.statement.nl,
        citation=claim.source or "",
        estimand=claim.estimand.en,
        why=why,
        settle=settle,
        figure=claim.figure or "",
        claimed=claim.rule.claimed if claim.rule else "",
    )
