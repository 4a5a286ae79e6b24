"""The rows of one pool: the one that leads, those beside it, and that of a single trial."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from howlow.analysis.estimates import Estimate, Tier, assumptions_of, intervals
from howlow.analysis.fitting.fits import Combination
from howlow.analysis.verdicts import judge, weakest
from howlow.synthesis.evidence import Effect
from howlow.synthesis.material import Material
from howlow.synthesis.pool_members import READINGS, read_as, sign_of, source_of
from howlow.synthesis.pooling import FEW_TRIALS, Pool, pool
from howlow.synthesis.pools import CAUTIOUS, MAIN

#: With two trials that differ the Hartung-Knapp factor is one, but for rounding.
_ROUNDING = 1e-9
_BOUNDS = ("ci_low", "ci_high", "eq_low", "eq_high")


@dataclass(frozen=True)
class PoolFrame:
    """What all rows of one pool share, and the rows made of it.

    `at` is a window of weeks; `contrast` names the arms by what sets them apart.
    """

    material: Material
    study: str
    construct: str
    contrast: str
    at: str
    population: str

    @property
    def level(self) -> float:
        """Level of intervals."""
        return 1 - self.material.config.alpha

    @property
    def margin(self) -> float | None:
        """The margin of the construct as a log ratio."""
        percent = self.material.config.constructs[self.construct].margin_pct
        return None if percent is None else float(np.log1p(percent / 100))

    def row(self, members: list[Effect], found: Pool, method: str) -> Estimate:
        """The row that leads, by the mean with the Hartung-Knapp factor as it is.

        Fewer than five trials get no verdict. A pool of contrasts alone cannot show that the arms
        gained more than no training would have brought, so it cannot show equivalence either.
        """
        both = [intervals(one, self.material.config.alpha) for one in (found.mean, found.cautious)]
        verdict = ""
        if found.k >= FEW_TRIALS:
            verdict = weakest([judge(one, self.margin, assay_sensitive=False) for one in both])
        row = self._shared(members, method, "secondary")
        note = _note(members)
        return replace(
            row, **both[0], p=_p(found.mean, found.k), verdict=verdict, note=note, **_of(found)
        )

    def cautious(self, members: list[Effect], found: Pool) -> Iterator[Estimate]:
        """The row beside it where trials agree by chance."""
        if found.cautious.se > (1 + _ROUNDING) * found.mean.se:
            row = self._shared(members, CAUTIOUS, "sensitivity")
            bounds = intervals(found.cautious, self.material.config.alpha)
            yield replace(
                row, **bounds, p=_p(found.cautious, found.k), note=_note(members), **_of(found)
            )

    def readings(self, members: list[Effect]) -> Iterator[Estimate]:
        """The pool under each other reading that a member has."""
        for reading in READINGS:
            others = [read_as(reading, one, self.material) for one in members]
            read = sum(other is not None for other in others)
            if read:
                mine = [other or one for other, one in zip(others, members, strict=True)]
                note = f"{read} of {len(members)} read otherwise"
                for row in self.beside(mine, f"{MAIN}[{reading}]", "sensitivity", note):
                    few = len(mine) < FEW_TRIALS
                    bounds: Any = {name: getattr(row, name) for name in _BOUNDS}
                    judged = "" if few else judge(bounds, self.margin, assay_sensitive=False)
                    yield replace(row, verdict=judged)

    def beside(
        self, members: list[Effect], method: str, tier: Tier, note: str
    ) -> Iterator[Estimate]:
        """A row by the cautious interval, or by that of the only trial; none without trials."""
        if len(members) == 1:
            alone = self.alone(members[0], method, tier)
            yield replace(alone, note=f"{note}: the interval of that trial alone; {_few(1)}")
        elif members:
            found = pool_together(members)
            row = self._shared(members, method, tier)
            bounds = intervals(found.cautious, self.material.config.alpha)
            words = "; ".join(part for part in (note, _few(found.k)) if part)
            yield replace(row, **bounds, p=_p(found.cautious, found.k), note=words, **_of(found))

    def alone(self, member: Effect, method: str, tier: Tier) -> Estimate:
        """A row of one trial: its own interval, turned to the question."""
        row = self._shared([member], method, tier)
        row = replace(
            row,
            estimate=member.estimate,
            se=member.se,
            ci_low=member.ci_low,
            ci_high=member.ci_high,
            ci_level=self.level,
            note=_note([member]),
        )
        source = source_of(member, self.material)
        if source is None:
            return row
        sign = sign_of(member, source, self.material)
        low, high = sorted((sign * source["eq_low"], sign * source["eq_high"]))
        return replace(row, df=source["df"], eq_low=low, eq_high=high, p=source["p"])

    def _shared(self, members: list[Effect], method: str, tier: Tier) -> Estimate:
        """A row without its numbers."""
        scale = members[0].scale
        is_d = scale == "d"
        what = "d on the pooled baseline SD" if is_d else "log ratio of means"
        mean = "random-effects mean over trials" if len(members) > 1 else "one trial"
        return Estimate(
            study=self.study,
            collection="",
            kind="pooled",
            construct=self.construct,
            outcome=self.construct,
            population=self.population,
            estimand=f"{what}, {mean}",
            tier=tier,
            contrast=self.contrast,
            at=self.at,
            scale="d" if is_d else "log_ratio",
            estimate=np.nan,
            margin=None if is_d else self.margin,
            unit="SD" if is_d else "log ratio",
            method=method,
            n_participants=int(np.nansum([one.n for one in members])),
            n_studies=len(members),
            assumed=assumptions_of(one.assumed for one in members),
        )


def pool_together(members: list[Effect]) -> Pool:
    """The pool of effects."""
    estimates = np.array([one.estimate for one in members], dtype=float)
    return pool(estimates, np.array([one.se**2 for one in members], dtype=float))


def _of(found: Pool) -> dict[str, Any]:
    """What a row says of its fit."""
    return {"converged": found.fit.converged, "boundary": found.tau2 == 0}


def _p(mean: Combination, trials: int) -> float | None:
    """P of a pool; with few trials it hangs on the guess of how much they differ, so none."""
    return mean.p if trials >= FEW_TRIALS else None


def _note(members: list[Effect]) -> str:
    """How much rests on assumptions, and whether trials are few."""
    k = len(members)
    cautioned = sum(bool(one.assumed) for one in members)
    rest = "rests" if cautioned == 1 else "rest"
    notes = [f"{cautioned} of {k} {rest} on an assumption or a caution"]
    unknown = sum(np.isnan(one.n) for one in members)
    if unknown:
        notes.append(f"participants of {unknown} not known, and not counted")
    return "; ".join(note for note in (*notes, _few(k)) if note)


def _few(k: int) -> str:
    """That trials are few, if they are."""
    return f"few trials: {k}, fewer than {FEW_TRIALS}, so no verdict" if k < FEW_TRIALS else ""
