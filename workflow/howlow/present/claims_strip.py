"""All claims in one figure: each with its verdict, and the interval of each part with data."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from howlow.analysis.rounding import percent_with_interval, with_interval
from howlow.config.settings import Config
from howlow.present.wording import in_sentence

if TYPE_CHECKING:
    import pandas as pd

#: The sign of each verdict; the word always stands beside it.
SIGNS = {
    "supported": "✓",
    "partly": "◐",
    "contradicted": "✗",
    "not shown": "○",
    "no data": "–",
    "cited": "❝",
}
#: The unit of what stands on the axis.
_LOG_RATIO = "log ratio"


@dataclass(frozen=True)
class ClaimPart:
    """A part of a claim: its number, and between which values it lies if the claim is true."""

    label: str
    verdict: str
    estimate: float
    low: float
    high: float
    unit: str
    trials: int
    participants: int
    region: tuple[float, float] | None
    estimate_id: str

    @property
    def drawn(self) -> bool:
        """Whether it stands on the axis."""
        return math.isfinite(self.estimate) and self.unit == _LOG_RATIO

    @property
    def numbers(self) -> str:
        """The number with its interval, in per cent; a share or the like in its own unit."""
        if not math.isfinite(self.estimate):
            return ""
        if self.unit == _LOG_RATIO:
            return percent_with_interval(self.estimate, self.low, self.high)
        return with_interval(self.estimate, self.low, self.high)

    @property
    def counted(self) -> str:
        """How many trials and participants."""
        people = f", n = {self.participants}" if self.participants else ""
        return f"{self.trials} trial{'' if self.trials == 1 else 's'}{people}"


@dataclass(frozen=True)
class ShownClaim:
    """A claim in words, its verdict, its parts with a number, and the labels of the rest."""

    name: str
    statement: str
    verdict: str
    parts: tuple[ClaimPart, ...]
    without: tuple[str, ...]


@dataclass(frozen=True)
class ClaimsFigure:
    """All claims, in the order of their file."""

    claims: tuple[ShownClaim, ...]
    level: float

    stem = "claims"
    kind = "claims"
    question = ""
    construct = ""
    title = "The claims, and what the trials at hand show"

    @property
    def estimate_ids(self) -> tuple[str, ...]:
        """Every estimate that is drawn."""
        return tuple(
            part.estimate_id for claim in self.claims for part in claim.parts if part.estimate_id
        )

    @property
    def parts(self) -> tuple[ClaimPart, ...]:
        """Every part that stands on the axis."""
        return tuple(part for claim in self.claims for part in claim.parts if part.drawn)

    @property
    def notes(self) -> list[str]:
        """What must stand in the figure itself."""
        found = [f"Intervals are {100 * self.level:g} %, of ratios of means, as per cent."]
        if any(part.region for part in self.parts):
            found.append("Shaded: where the number lies if the claim is true.")
        return found

    @property
    def caption(self) -> str:
        """What the figure shows."""
        opening = "A claim's verdict follows by rule from the verdicts of its parts."
        return " ".join([opening, *self.notes])

    @property
    def alt(self) -> str:
        """Every claim with its verdict and numbers."""
        return f"{self.title}. " + " ".join(_claim_words(claim) for claim in self.claims)


def _claim_words(claim: ShownClaim) -> str:
    """One claim in a sentence."""
    parts = "; ".join(
        f"{in_sentence(part.label)} {part.numbers}, {part.counted}, {part.verdict}"
        for part in claim.parts
    )
    return f"{claim.name}: {claim.statement} {claim.verdict}{f' ({parts})' if parts else ''}."


def signed_verdict(verdict: str) -> str:
    """A verdict behind its sign."""
    sign = _sign_of(verdict)
    return f"{sign} {verdict}" if sign else verdict


def _sign_of(verdict: str) -> str:
    """The sign of a verdict, whatever stands behind its word."""
    return next((sign for word, sign in SIGNS.items() if verdict.startswith(word)), "")


def claims_figure(claims: pd.DataFrame, config: Config) -> ClaimsFigure | None:
    """The figure of a table of claims, all cells as text; none without a claim."""
    rows = claims.to_dict("records")
    found = tuple(_claims(rows, config))
    return ClaimsFigure(found, 1 - config.alpha) if found else None


def _claims(rows: list[dict[str, str]], config: Config) -> Iterator[ShownClaim]:
    """Each claim with its parts."""
    for name, group in groupby(rows, key=lambda row: row["claim"]):
        mine = list(group)
        whole = next((row for row in mine if not row["part"]), mine[0])
        parts = [_part(row, config) for row in mine if row["part"] or row["estimate"]]
        yield ShownClaim(
            name=name,
            statement=whole["statement"],
            verdict=whole["verdict"],
            parts=tuple(part for part in parts if part.numbers),
            without=tuple(part.label for part in parts if not part.numbers),
        )


def _part(row: dict[str, str], config: Config) -> ClaimPart:
    """One part of a claim."""
    construct = config.constructs.get(row["part"])
    margin = construct.margin_pct if construct else None
    label = construct.label.split(" (")[0] if construct else row["part"].replace("_", " ")
    label += "" if row["unit"] in ("", _LOG_RATIO) else f" ({row['unit']})"
    estimate, low, high = (
        float(row[name]) if row[name] else math.nan for name in ("estimate", "ci_low", "ci_high")
    )
    return ClaimPart(
        label=label,
        verdict=row["verdict"],
        estimate=estimate,
        low=low,
        high=high,
        unit=row["unit"],
        trials=int(row["trials"] or 0),
        participants=int(row["participants"] or 0),
        region=_region(row.get("claimed", ""), margin),
        estimate_id=row["estimate_id"],
    )


def _region(claimed: str, margin_pct: float | None) -> tuple[float, float] | None:
    """The claimed region as log ratios."""
    margin = None if margin_pct is None else math.log1p(margin_pct / 100)
    if claimed == "above_zero":
        return 0.0, math.inf
    if claimed == "below_zero":
        return -math.inf, 0.0
    if margin is None:
        return None
    known = {"above_margin": (margin, math.inf), "below_margin": (-math.inf, -margin)}
    return (known | {"within_margin": (-margin, margin)}).get(claimed)
