"""What the page rests on: how many trials, how they were read, what one more command adds."""

from __future__ import annotations

from dataclasses import dataclass

from howlow.report.inputs import Inputs, Source
from howlow.report.numbers import count


@dataclass(frozen=True)
class CollectionBasis:
    """A collection of published trials, counted."""

    title: str
    counted: str
    trials: int
    fitted: int
    described: int
    from_abstract: int
    risk_of_bias: int
    caution: tuple[str, ...]


@dataclass(frozen=True)
class Basis:
    """What the page rests on."""

    collections: tuple[CollectionBasis, ...]
    individual: int
    simulated: int
    open_studies: tuple[dict[str, str], ...]


def basis_of(inputs: Inputs) -> Basis:
    """Count what the page rests on."""
    trials = [trial for source in inputs.sources for trial in source.trials]
    individual = [trial for trial in trials if not trial.collection]
    return Basis(
        collections=tuple(_collection(source) for source in inputs.sources if source.is_collection),
        individual=sum(not trial.simulated for trial in individual),
        simulated=sum(trial.simulated for trial in individual),
        open_studies=tuple(inputs.provenance["open_studies"]),
    )


def used_trials(source: Source, uses: tuple[str, ...] = ("fitted", "described")) -> list[str]:
    """Ids of a collection's trials with a row that is put to one of some uses."""
    return list(dict.fromkeys(row.trial for row in source.printed if row.use in uses))


def _collection(source: Source) -> CollectionBasis:
    """One collection."""
    used = used_trials(source)
    fitted = used_trials(source, ("fitted",))
    return CollectionBasis(
        title=source.study.title,
        counted=_counted(source, used),
        trials=len(used),
        fitted=len(fitted),
        described=len(used) - len(fitted),
        from_abstract=sum(source.declared[name].read_in == "abstract" for name in used),
        risk_of_bias=sum(source.declared[name].risk_of_bias is not None for name in used),
        caution=getattr(source.study, "caution", ()),
    )


def _counted(source: Source, used: list[str]) -> str:
    """How many trials there are, how many are used, and what became of the others."""
    with_rows = {row.trial for row in source.printed}
    left_out = len(with_rows.difference(used))
    without = len(source.declared.keys() - with_rows)
    parts = [
        f"{count(len(source.declared), 'trial')} in the collection",
        f"{len(used)} used",
        f"{left_out} with every row left out" if left_out else "",
        f"{without} without a row" if without else "",
    ]
    return ", ".join(part for part in parts if part)
