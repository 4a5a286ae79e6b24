"""One outcome of a study: who has its values, and whether they change as values of people do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from howlow.config.study import Participants, baseline_visits
from howlow.data.categories import codes_of, first_rows, places
from howlow.data.cells import FILE
from howlow.data.tidy import Tidy
from howlow.findings import Finding, Severity

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

#: Share of changes that go down where they should go up, and the fewest that tell.
_SWAPPED, _ENOUGH = 0.9, 6
#: Share of people with two equal values that plates and rounding do not explain.
_CARRIED = 0.2
#: How many times as many people with two equal values as chance gives are no chance.
_BEYOND_CHANCE = 5.0
#: Ratio of neighbouring values, sorted, that no one outcome shows.
_GAP = 3.0


@dataclass(frozen=True)
class Limbs:
    """Who was measured: one row a limb, or a person where arms are people.

    `frame` has participant, limb and arm; `of` is each row's position in it.
    """

    frame: pd.DataFrame
    of: NDArray[np.int64]

    @classmethod
    def made(cls, tidy: Tidy, study: Participants) -> Limbs:
        """The limbs of all rows."""
        import numpy as np

        key = ["participant", "limb", *(["period"] if study.design == "crossover" else [])]
        first = first_rows(tidy.rows, key)
        codes = codes_of(tidy.rows, key).to_numpy()
        known = codes[first]
        if known.max(initial=0) > 4 * len(codes):
            order = known.argsort()
            of = order[np.searchsorted(known, codes, sorter=order)]
        else:
            place = np.empty(known.max(initial=0) + 1, dtype=np.int64)
            place[known] = np.arange(len(known))
            of = place[codes]
        frame = tidy.rows[["participant", "limb", "arm"]].iloc[first].reset_index(drop=True)
        return cls(frame, of)

    def values(self, rows: pd.DataFrame, visits: list[str]) -> NDArray[np.float64]:
        """Values of some rows, shape (limbs, visits); NaN where there is none."""
        import numpy as np

        found = np.full((len(self.frame), len(visits)), np.nan)
        column = places(rows["visit"], visits)
        known = (column >= 0) & rows["value"].notna().to_numpy()
        found[self.of[rows.index[known]], column[known]] = rows["value"].to_numpy()[known]
        return found


def outcome_findings(
    mine: pd.DataFrame, limbs: Limbs, study: Participants, name: str
) -> Iterator[Finding]:
    """What is told of one outcome."""
    import numpy as np

    visits = list(study.visits)
    values = limbs.values(mine, visits)
    file = str(mine[FILE].iloc[0])

    def said(code: str, severity: Severity, found: str, action: str) -> Finding:
        return Finding(code, severity, file, 0, name, found, action, study.id)

    there = values[~np.isnan(values)]
    if len(there) > 2 and np.ptp(there) == 0:
        found = f"all {len(there)} values are {there[0]:g}"
        yield said("K14", "error", found, "Nothing can be learnt from it: check the column")
        return
    if name == study.primary_outcome:
        yield from _empty_cells(mine, values, limbs, study)
    action = "Models that need both visits leave them out; see n beside each estimate"
    for found in (*_without_both(mine, values, limbs, study), *_lost_elsewhere(mine, study)):
        yield said("K07", "warning", found, action)
    start = visits.index(baseline_visits(study)[0])
    for found in _swapped(values, limbs, study, name, start):
        action = "Check that before and after are not in each other's place"
        yield said("K16", "warning", found, action)
    for found in _stacked(values[:, start]):
        action = "Check that one column does not hold two outcomes or two units"
        yield said("K16", "warning", found, action)
    for found in _change_scores(values, study, name, start):
        action = "Give the values at each visit; howlow works out the change itself"
        yield said("K18", "warning", found, action)
    for found in _carried_forward(values, limbs, study, start):
        action = "Where a value was carried forward, leave the cell empty instead"
        yield said("K19", "warning", found, action)


def stops(study: Participants) -> Severity:
    """What stops a study that is complete; one that goes on may yet be filled."""
    return "warning" if study.status == "ongoing" else "error"


def arm_word(study: Participants, arm: str) -> str:
    """An arm as it may be told: while the study is ongoing, not by name."""
    return "an arm" if study.status == "ongoing" else f"arm '{arm}'"


def _empty_cells(
    mine: pd.DataFrame, values: NDArray[np.float64], limbs: Limbs, study: Participants
) -> Iterator[Finding]:
    """K12: an arm without any value of the primary outcome at a visit that others have."""
    import numpy as np

    measured = ~np.isnan(values)
    visits = list(study.visits)
    arms = limbs.frame["arm"]
    for arm in study.arms:
        members = (arms == arm).to_numpy()
        if not members.any():
            continue
        if not measured[members].any():
            found = f"{arm_word(study, arm)} has no value of the primary outcome"
            action = "It has no part in the primary comparison; add its values, if there are any"
            file = str(mine[FILE].iloc[0])
            yield Finding("K12", "warning", file, 0, study.primary_outcome, found, action, study.id)
            continue
        for visit in (*baseline_visits(study), *study.at):
            here = measured[:, visits.index(visit)]
            if here.any() and not here[members].any():
                found = f"{arm_word(study, arm)} has no value at '{visit}'"
                action = "Add its values, or take the visit from `at`"
                file = str(mine[FILE].iloc[0])
                yield Finding(
                    "K12", stops(study), file, 0, study.primary_outcome, found, action, study.id
                )


def _lost_elsewhere(part: pd.DataFrame, study: Participants) -> Iterator[str]:
    """How many cells of an outcome are empty at visits that are not compared."""
    others = part[~part["visit"].isin([*baseline_visits(study), *study.at])]
    lost = others["value"].isna()
    if lost.any():
        people = others.loc[lost, "participant"].nunique()
        yield (
            f"{lost.sum()} of {len(others)} values at other visits are missing, "
            f"from {people} participants"
        )


def _without_both(
    part: pd.DataFrame, values: NDArray[np.float64], limbs: Limbs, study: Participants
) -> Iterator[str]:
    """How many of an outcome's people lack baseline or a visit, for each visit that is compared.

    A row that is not there counts as a cell that is empty. With limbs, a person lacks what one of
    the limbs lacks.
    """
    import numpy as np

    visits = list(study.visits)
    measured = ~np.isnan(values)
    # Every limb of whoever has a row of the outcome.
    codes = limbs.frame["participant"].cat.codes.to_numpy()
    has_row = np.zeros(codes.max() + 1, dtype=bool)
    has_row[codes[limbs.of[part.index]]] = True
    mine, people = has_row[codes], int(has_row.sum())
    start = baseline_visits(study)[0]
    # Of several visits an outcome may be measured at some only; at none is told.
    there = [visit for visit in study.at if measured[:, visits.index(visit)].any()]
    for visit in there or study.at:
        before = measured[:, visits.index(start)]
        if study.design == "crossover" and not before.any():
            before = np.ones(len(measured), dtype=bool)  # periods may do without a baseline
        both = before & measured[:, visits.index(visit)]
        lacking = len(np.unique(codes[mine & ~both]))
        if lacking:
            yield f"without a value at {start} or {visit}: {lacking} of {people} participants"


def _changes(
    values: NDArray[np.float64], study: Participants, start: int
) -> Iterator[tuple[str, NDArray[np.bool_], NDArray[np.float64]]]:
    """Each compared visit with the limbs that have both values, and their changes."""
    import numpy as np

    visits = list(study.visits)
    for visit in study.at:
        at = visits.index(visit)
        both = ~np.isnan(values[:, start]) & ~np.isnan(values[:, at])
        if at != start and both.any():
            yield visit, both, values[both, at] - values[both, start]


def _swapped(
    values: NDArray[np.float64], limbs: Limbs, study: Participants, name: str, start: int
) -> Iterator[str]:
    """K16: nearly everybody got worse by training."""
    outcome = study.outcomes[name]
    trained = [arm for arm, declared in study.arms.items() if declared.sessions_per_week != 0]
    training = limbs.frame["arm"].isin(trained).to_numpy()
    sign = 1.0 if outcome.higher_is == "better" else -1.0
    for visit, both, changes in _changes(values, study, start):
        if study.visits[visit].phase != "training":
            continue
        mine = sign * changes[training[both]]
        worse = int((mine < 0).sum())
        if len(mine) >= _ENOUGH and worse >= _SWAPPED * len(mine):
            yield f"{worse} of {len(mine)} who trained got worse from baseline to {visit}"


def _stacked(before: NDArray[np.float64]) -> Iterator[str]:
    """K16: baseline values in two clusters that lie far apart."""
    import numpy as np

    sorted_ = np.sort(before[~np.isnan(before)])
    least = max(3, round(0.2 * len(sorted_)))
    if len(sorted_) < 2 * least or sorted_[0] <= 0:
        return
    ratios = sorted_[least : len(sorted_) - least + 1] / sorted_[least - 1 : len(sorted_) - least]
    if ratios.max() >= _GAP:
        at = least + int(ratios.argmax())
        # Middles in two digits: the ends of a group are the values of two people.
        low, high = (float(f"{np.median(part):.2g}") for part in (sorted_[:at], sorted_[at:]))
        yield (
            f"baseline values are in two groups, {at} about {low:g} and "
            f"{len(sorted_) - at} about {high:g}"
        )


def _change_scores(
    values: NDArray[np.float64], study: Participants, name: str, start: int
) -> Iterator[str]:
    """K18: an outcome that is itself a change since baseline."""
    import numpy as np

    outcome = study.outcomes[name]
    before = values[:, start]
    before = before[~np.isnan(before)]
    words = {word for text in (outcome.label, outcome.measure) for word in text.lower().split()}
    words |= set(outcome.measure.split("_"))
    if words & {"change", "gain", "delta", "increase", "decrease"} or outcome.unit == "% of gain":
        yield "by its name the outcome is a change already; one adjusted for baseline is coupled"
    elif not len(before) and study.design != "crossover":
        yield "it has no value at baseline, as if it were a change"
    elif len(before) and np.ptp(before) == 0 and before[0] in (0.0, 100.0) and len(before) > 1:
        what = "change" if before[0] == 0 else "per cent of baseline"
        yield f"every baseline value is {before[0]:g}: the values are a {what}"
    elif outcome.unit == "%" and (values < 0).any():
        yield "there are negative per cents: the values look like a per cent change"


def _carried_forward(
    values: NDArray[np.float64], limbs: Limbs, study: Participants, start: int
) -> Iterator[str]:
    """K19: many people with exactly the same value before and after."""
    who = limbs.frame["participant"].cat.codes.to_numpy()
    for visit, both, changes in _changes(values, study, start):
        same = len(set(who[both][changes == 0]))
        people = len(set(who[both]))
        likely = people * _chance_of_no_change(values[both, start], changes)
        if same > 1 and (same > _CARRIED * people or same > _BEYOND_CHANCE * likely):
            yield (
                f"{same} of {people} participants have exactly the same value at baseline and "
                f"{visit}, as if the last one was carried forward"
            )


def _chance_of_no_change(before: NDArray[np.float64], changes: NDArray[np.float64]) -> float:
    """How likely a value comes back by rounding alone, from how often two people share one."""
    import numpy as np

    moved = changes[changes != 0]
    if len(before) < 2 or len(moved) < 2:
        return 1.0
    counts = np.unique(before, return_counts=True)[1]
    shared = (counts * (counts - 1)).sum() / (len(before) * (len(before) - 1))
    # Changes lie closer together than people do, and so meet more often.
    with np.errstate(over="ignore", invalid="ignore"):  # absurd values are told elsewhere
        closer = before.std() / max(float(np.sqrt((moved**2).mean())), 1e-12)
    return float(min(1.0, shared * max(closer, 1.0)))
