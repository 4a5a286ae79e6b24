"""One estimate as a block of R: its rows, its columns, its fit, and howlow's number beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from howlow.analysis.estimates import Estimate
from howlow.analysis.fitting.fits import Combination
from howlow.analysis.r_script.columns import ONE, columns_of
from howlow.analysis.r_script.engines import ENGINES, TIGHT, Engine, same_method
from howlow.analysis.r_script.quoting import comment, number, numbers, quoted, words
from howlow.config.trial import sides
from howlow.data.declaration import Declaration

if TYPE_CHECKING:
    from howlow.analysis.fitting.cohort import Vector
    from howlow.analysis.subjects import Subject

#: Methods that are fitted to each limb's values before and after, or to its printed change.
_OF_PAIRS = ("change", "paired", "ancova")


@dataclass(frozen=True)
class Block:
    """An estimate in raw units, and what it is an estimate from.

    Attributes
    ----------
    subject
        The mixed model behind it; None for an estimate from changes (methods `change`, `paired`,
        `ancova`) or one that a page prints (`printed`).
    start
        The baseline visit, where there is no subject and neither the estimate's time nor the
        trial's declaration names it; empty where changes are printed.
    """

    trial: Declaration
    estimate: Estimate
    subject: Subject | None = None
    start: str = ""

    @property
    def engine(self) -> Engine | None:
        """The R function of the mixed model; None where there is none for it."""
        subject = self._modelled()
        if subject is None or subject.cohort.period is not None:
            return None
        found = ENGINES.get(subject.model.structure.name)
        return None if found and subject.model.by_arm and found.package != "mmrm" else found

    def lines(self) -> list[str]:
        """The block as lines of R."""
        body = list(self._body())
        if not body:
            found = f"{self.estimate.method}: nothing to fit again in R"
            return [*comment(self.estimate.estimate_id), *comment(found)]
        head = f"block({quoted(self.estimate.estimate_id)}, function() {{"
        return [head, *(f"  {line}" if line else "" for line in body), "})"]

    def _modelled(self) -> Subject | None:
        """The subject, if the estimate is from its model."""
        method = self.estimate.method.partition("[")[0]
        return self.subject if self.subject and self.subject.fit.method == method else None

    def _body(self) -> Iterator[str]:
        """What is done, or nothing."""
        subject, engine = self._modelled(), self.engine
        method, _, variant = self.estimate.method.rstrip("]").partition("[")
        if self.estimate.scale != "raw" or self.estimate.se is None:
            return
        if subject is not None and engine is not None:
            yield from self._described(subject.model.structure.words, engine.why)
            yield from self._model(subject, engine)
        elif method in _OF_PAIRS:
            yield from self._described(f"method {method}", "")
            yield from self._changes(method, variant)
        elif method == "printed":
            yield from self._described("as the page prints it", "")
            yield from self._printed()

    def _described(self, model: str, why: str) -> Iterator[str]:
        """Comments: what is estimated, by what, and why R may differ."""
        found = self.estimate
        outcome = self.trial.outcomes[found.outcome]
        simulated = "SIMULATED. " if self.trial.simulated else ""
        yield from comment(
            f"{simulated}{outcome.label} ({found.unit}): {found.contrast} at {found.at}; {model}."
        )
        if found.assumed:
            yield from comment(f"Assumed: {found.assumed}.")
        if why:
            yield from comment(why)

    def _model(self, subject: Subject, engine: Engine) -> Iterator[str]:
        """Rows, columns, weights and the mixed model."""
        cohort, fit = subject.cohort, subject.fit
        weights = _weights(subject, self.estimate)
        yield f"visits <- {words(cohort.visits)}"
        yield f"arms <- {words(cohort.arms)}"
        yield from self._rows(subject)
        yield f"expect_rows(rows, {fit.n_participants}, {fit.n_observations})"
        yield "X <- cbind("
        columns = [column.text() for column in columns_of(subject)]
        yield from [f"  {text}," for text in columns[:-1]]
        yield from [f"  {columns[-1]}", ")"]
        yield f"weights <- {numbers(weights)}"
        week = ""
        if subject.model.structure.name == "slope":
            share = (cohort.weeks - cohort.weeks[0]) / (cohort.weeks[-1] - cohort.weeks[0])
            week = f", {numbers(share)}"
        yield f"frame <- frame_of(rows, X, visits, arms{week})"
        yield from _call(subject, engine)
        same = same_method(subject, engine, weights)
        yield from self._compared(same, engine.tolerance)

    def _rows(self, subject: Subject) -> Iterator[str]:
        """The participants whom the estimand counts, at the visits of the fit."""
        at = self.estimate.at.split(" - ")[0]
        yield from self._taken(subject.variant, "visits", "arms")
        if self.trial.kind == "summary":
            yield "# Pseudo participants belong to one visit."
            yield f"rows <- seen_at(rows, {quoted(at)})"
            return
        estimand = self.trial.estimand or subject.config.estimand
        planned = self.trial.planned_sessions
        if estimand.missed_sessions == "per_protocol" and planned is not None:
            yield f"rows <- per_protocol(rows, {planned}, {number(estimand.per_protocol_pct)})"
        if estimand.drop_out == "completers":
            yield f"rows <- seen_at(rows, {words((subject.start, at))})"
        for name in subject.model.covariates:
            one = f", {quoted(ONE[name])}" if name in ONE else ""
            yield f"rows <- with_covariate(rows, {quoted(name)}{one})"

    def _taken(self, variant: str, visits: str, arms: str) -> Iterator[str]:
        """The rows of the outcome."""
        key = ", ".join(map(quoted, (self.trial.id, self.estimate.outcome, variant)))
        yield f"rows <- rows_of({key},"
        yield f"                {visits}, {arms})"

    def _changes(self, method: str, variant: str) -> Iterator[str]:
        """Values before and after, or printed changes, and the test on them."""
        at, _, start = self.estimate.at.partition(" - ")
        start = start or self.start or self.trial.start
        arms = _arms(self.estimate.contrast)
        listed = tuple(self.trial.arms) if method in ("paired", "ancova") else arms
        yield f"arms <- {words(listed)}"
        yield from self._taken(variant, words(dict.fromkeys((start or at, at))), "arms")
        yield f"pairs <- changes_of(rows, {quoted(start)}, {quoted(at)})"
        if method == "change":
            yield f"found <- fit_change(pairs, {', '.join(map(quoted, arms))})"
        else:
            yield "arms <- arms[arms %in% pairs$arm]"
            yield f"found <- fit_{method}(pairs, arms, {', '.join(map(quoted, arms))})"
        yield from self._compared(None, TIGHT)

    def _printed(self) -> Iterator[str]:
        """The numbers of the page themselves."""
        found = self.estimate
        limits = (found.ci_low, found.estimate, found.ci_high, found.df)
        yield f"found <- take_printed({', '.join(map(number, limits))})"
        yield from self._compared(None, TIGHT)

    def _compared(self, same: Combination | None, tolerance: float) -> Iterator[str]:
        """The comparison with howlow's numbers."""
        found = self.estimate
        printed = (found.estimate, found.se, found.df)
        yield "compare(found,"
        yield f"        printed = {_named(*printed)},"
        like = printed if same is None else (same.estimate, same.se, same.df)
        yield f"        same = {_named(*like)},"
        yield f"        tolerance = {number(tolerance)})"


def _named(estimate: float, se: float | None, df: float | None) -> str:
    """Three numbers with their names."""
    return f"c(estimate = {number(estimate)}, se = {number(se)}, df = {number(df)})"


def _arms(contrast: str) -> tuple[str, ...]:
    """The arms of `light - heavy` or of `mean(light)`."""
    if contrast.startswith("mean("):
        return (contrast[5:-1],)
    return sides(contrast)


def _weights(subject: Subject, estimate: Estimate) -> Vector:
    """The weights of the coefficients that give an estimate."""
    arms = _arms(estimate.contrast)
    at, _, start = estimate.at.partition(" - ")
    if len(arms) == 2:
        return subject.fit.contrast(*arms, at)
    cells = {(arms[0], at): 1.0} | ({(arms[0], start): -1.0} if start else {})
    return np.asarray(subject.fit.weights(cells), dtype=np.float64)


def _call(subject: Subject, engine: Engine) -> Iterator[str]:
    """The call of the R function."""
    if engine.package == "nlme":
        yield "found <- fit_lme(frame, X, weights)"
        return
    method = "Kenward-Roger" if subject.model.inference == "kenward-roger" else "Satterthwaite"
    kind = "mmrm" if engine.package == "mmrm" else "lmer"
    who = "group / participant" if subject.model.by_arm else "participant"
    text = words(term.format(subject=who) for term in engine.model)
    yield f"found <- fit_{kind}(frame, X, weights, {text},"
    yield f"                  {quoted(method)})"
