"""Which estimate is the primary one, and verdicts that hang on an assumption."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from math import isnan

from howlow.analysis.estimates import Estimate
from howlow.analysis.sample_size import outdated
from howlow.analysis.verdicts import weakest
from howlow.data.declaration import Declaration
from howlow.data.published.printed_rows import PrintedRow


def longest_first(printed: list[PrintedRow]) -> list[str]:
    """The visits of a printed trial: what is counted from baseline first, the longest time first.

    Training and disuse stand before what follows them (recovery, detraining, maintenance).
    """

    def place(row: PrintedRow) -> tuple[bool, bool, float]:
        after = row.phase not in ("training", "disuse")
        return after, row.change_vs != "baseline", 0.0 if isnan(row.weeks) else -row.weeks

    return list(dict.fromkeys(row.visit for row in sorted(printed, key=place)))


def tiered(
    trial: Declaration, estimates: Iterable[Estimate], visits: list[str]
) -> Iterator[Estimate]:
    """Name the primary estimate: in raw units, of the primary outcome, at the first visit in order.

    There it is the first declared contrast, else the first mean.
    """
    listed = list(estimates)
    order = [contrast.contrast for contrast in trial.contrasts]
    candidates = [
        found
        for found in listed
        if found.tier == "secondary"
        and found.outcome == trial.primary_outcome
        and found.scale == "raw"
        and found.at.split(" - ")[0] in visits
    ]
    ranked = [found for name in order for found in candidates if found.contrast == name]
    if not ranked:
        ranked = [found for found in candidates if found.contrast.startswith("mean(")]
    ranked.sort(key=lambda found: visits.index(found.at.split(" - ")[0]))
    chosen = ranked[0] if ranked else None
    for found in listed:
        yield replace(found, tier="primary") if found is chosen else found


def superseded(estimates: Iterable[Estimate]) -> Iterator[Estimate]:
    """Mean changes of complete cases step back where a model over all visits gives them too.

    The same change under another reading of the page (`change[spread_SD]`) is no such model.
    """
    listed = list(estimates)
    modelled = {
        (found.outcome, found.contrast, found.at, found.scale)
        for found in listed
        if found.contrast.startswith("mean(") and found.method.partition("[")[0] != "change"
    }
    for found in listed:
        key = (found.outcome, found.contrast, found.at, found.scale)
        back = found.method == "change" and key in modelled
        yield replace(found, tier="cross-check") if back else found


def weakened(estimates: Iterable[Estimate]) -> Iterator[Estimate]:
    """Verdicts that change inside a declared range become their weakest value, and say on what.

    The range of a correlation counts always; another reading of the spread where the page gives no
    hint which is right. Otherwise the note says what the other reading would give.
    """
    listed = list(estimates)
    others: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    for found in listed:
        variant = found.method.rstrip("]").partition("[")[2]
        if variant:
            others.setdefault(_same(found), []).append((variant, found.verdict))
    for found in listed:
        ways = others.get(_same(found), []) if found.verdict and "[" not in found.method else []
        changed = [(way, verdict) for way, verdict in ways if verdict != found.verdict]
        binding = [
            (way, verdict)
            for way, verdict in changed
            if "r_" in way or (way.startswith("spread") and "type unknown" in found.assumed)
        ]
        notes = list(dict.fromkeys(f"depends on {_words(way)}" for way, _ in binding))
        notes += [
            f"{verdict or 'no verdict'} under another reading of {_words(way)}"
            for way, verdict in changed
            if (way, verdict) not in binding
        ]
        verdict = weakest([found.verdict, *(verdict for _, verdict in binding)])
        kept = found if verdict == found.verdict else outdated(found)
        notes = [kept.note, *notes]
        yield replace(kept, verdict=verdict, note="; ".join(note for note in notes if note))


def _same(found: Estimate) -> tuple[str, ...]:
    """What an estimate and its other readings share; the chain may choose another model for one."""
    return found.outcome, found.contrast, found.at, found.scale


def _words(variant: str) -> str:
    """What a variant is another reading of."""
    if variant.startswith("n_"):
        return "n"
    return "the spread" if variant.startswith("spread") else "r"
