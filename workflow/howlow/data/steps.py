"""Each cleaning step: a table of text becomes another, and faults are told while rows go on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from howlow.config.steps import (
    Combine,
    Constant,
    Filter,
    Join,
    LookUp,
    Map,
    Match,
    Rename,
    Reshape,
    Step,
    Unit,
)
from howlow.config.units import factor
from howlow.data.categories import category
from howlow.data.cells import Said, cell_shown, lines_of, number_cells, plain, tell, word_faults
from howlow.data.columns import made_by
from howlow.data.looking_up import look_up
from howlow.findings import Finding

if TYPE_CHECKING:
    import pandas as pd

    Told = tuple[pd.DataFrame, list[Finding]]


def apply(
    frame: pd.DataFrame,
    step: Step,
    shown: str,
    people: Mapping[str, pd.DataFrame],
    participant: str,
) -> Told:
    """The table after a step, and what was noticed; an empty table where nothing can be gone on."""
    taken = _taken(frame, step, shown)
    if taken:
        return frame.iloc[:0], taken
    if not isinstance(step, Rename | Constant | Reshape):
        frame = in_words(frame)
    match step:
        case Rename(columns=columns):
            return frame.rename(columns=columns), []
        case Constant(to=to, value=value):
            return frame.assign(**{to: value}).astype({to: "str"}), []
        case Join(columns=columns, to=to, separator=separator):
            return frame.assign(**{to: _joined(frame, columns, separator)}), []
        case Reshape():
            return _reshape(frame, step), []
        case Filter():
            return _filter(frame, step, shown)
        case Map():
            return _map(frame, step, shown)
        case Match():
            return _match(frame, step, shown)
        case Combine():
            return _combine(frame, step, shown)
        case Unit():
            return _unit(frame, step, shown)
        case LookUp():
            return look_up(frame, step, shown, people, participant)


def _taken(frame: pd.DataFrame, step: Step, shown: str) -> list[Finding]:
    """A fault for each column that a step would make but that is there already."""
    gone = set(step.columns) if isinstance(step, Rename | Reshape) else set()
    made = made_by(step)
    there = set(frame.columns) - gone
    action = "Give one of the two another name"
    twice = [name for name in dict.fromkeys(made) if name in there or made.count(name) > 1]
    return [
        Finding(
            "G01",
            "error",
            shown,
            1,
            name,
            f"step `{step.step}` makes the column '{name}', which is there already",
            f"{action}, with a `rename` step before this one",
        )
        for name in twice
    ]


def _joined(frame: pd.DataFrame, columns: tuple[str, ...], separator: str) -> pd.Series:
    """The cells of several columns, one after the other."""
    joined = frame[columns[0]]
    for column in columns[1:]:
        joined = joined + separator + frame[column]
    return joined


def _reshape(frame: pd.DataFrame, step: Reshape) -> pd.DataFrame:
    """One row for each of the named columns; all but the values are categories."""
    import numpy as np
    import pandas as pd

    rows, times = len(frame), len(step.columns)
    long: dict[str, Any] = {}
    for name in frame.columns.drop(list(step.columns)):
        words = category(frame[name])
        long[name] = pd.Categorical.from_codes(np.tile(words.codes, times), dtype=words.dtype)
    # A column that only some of the parts name is empty in the others.
    for name in dict.fromkeys(
        name for says in step.columns.values() for name in (*says, step.value)
    ):
        if name == step.value:
            parts = [frame[column] for column in step.columns]
            long[name] = pd.concat(parts, ignore_index=True)
            continue
        said = [says.get(name, "") for says in step.columns.values()]
        categories = list(dict.fromkeys(said))
        codes = [categories.index(word) for word in said]
        long[name] = pd.Categorical.from_codes(np.repeat(codes, rows), categories=categories)
    return pd.DataFrame(long)


def in_words(frame: pd.DataFrame) -> pd.DataFrame:
    """A table whose categories are text again."""
    import pandas as pd

    coded = [name for name in frame.columns if isinstance(frame[name].dtype, pd.CategoricalDtype)]
    return frame.astype(dict.fromkeys(coded, "str")) if coded else frame


def _filter(frame: pd.DataFrame, step: Filter, shown: str) -> Told:
    """The rows whose cell has one of the values; a word that nearly is one would be lost."""
    cells = frame[step.column]
    kept = frame[cells.isin(list(step.keep))]
    looks = {plain(word) for word in step.keep}
    others = [cell for cell in cells.unique().tolist() if cell not in step.keep]
    near = [cell for cell in others if plain(cell) in looks]
    faults = word_faults(frame[cells.isin(near)], step.column, step.keep, shown)
    if kept.empty and not faults:
        found = f"no row has {' or '.join(step.keep)}"
        values = ", ".join(cell_shown(cell) for cell in sorted(cells.unique())[:12])
        faults = [Finding("G01", "error", shown, 1, step.column, found, f"Values there: {values}")]
    return kept, faults


def _map(frame: pd.DataFrame, step: Map, shown: str) -> Told:
    """Declared values for those in the file; one that is not listed stays as it is, and is told."""
    cells = frame[step.column]
    faults = word_faults(frame, step.column, list(step.values), shown)
    words = {cell: step.values.get(cell, cell) for cell in cells.unique().tolist()}
    return frame.assign(**{step.to or step.column: cells.map(words).astype("str")}), faults


def _match(frame: pd.DataFrame, step: Match, shown: str) -> Told:
    """The word of the column whose cell equals the one looked at."""
    import numpy as np
    import pandas as pd

    equal = [(frame[column] == frame[step.column]).to_numpy() for column in step.against]
    words = np.select(equal, list(step.against.values()), default="")
    none = (words == "") & (frame[step.column] != "").to_numpy()
    several = np.sum(equal, axis=0) > 1
    against = ", ".join(step.against)
    faults = tell(
        lines_of(frame[none], step.column),
        lambda cell: Said(
            "K04",
            f"{cell_shown(cell)} equals no cell of {against} in its row",
            "Correct it, or the columns of the `match` step",
        ),
        shown,
        step.column,
    )
    faults += tell(
        lines_of(frame[several & ~none], step.column),
        lambda cell: Said(
            "K04",
            f"{cell_shown(cell)} equals several cells of {against} in its row",
            "Only one of them may hold it",
        ),
        shown,
        step.column,
    )
    return frame.assign(**{step.to: pd.Series(words, index=frame.index, dtype="str")}), faults


def _combine(frame: pd.DataFrame, step: Combine, shown: str) -> Told:
    """One row for each test: its largest or smallest value, or the mean of its values."""
    values, faults = number_cells(frame, step.value, shown)
    if step.how == "mean":
        by = [frame[column] for column in step.by]
        means = values.groupby(by, sort=False).transform("mean")
        return frame.assign(**{step.value: _as_text(means)}).drop_duplicates(list(step.by)), faults
    # What is missing or at fault comes last, so that it stays only where nothing else is there.
    order = values.sort_values(
        ascending=step.how == "smallest", kind="stable", na_position="last"
    ).index
    kept = frame.assign(**{step.value: frame[step.value].mask(values.isna(), "")})
    return kept.loc[order].drop_duplicates(list(step.by)).sort_index(), faults


def _unit(frame: pd.DataFrame, step: Unit, shown: str) -> Told:
    """Values in another unit, and a note of how many."""
    chosen = frame[step.column] != ""
    for column, value in step.where.items():
        chosen &= frame[column] == value
    values, faults = number_cells(frame[chosen], step.column, shown)
    multiply = factor(step.unit, step.to)
    assert multiply is not None  # the cross-check of study.yaml refuses such a step
    cells = frame[step.column].copy()
    cells[chosen] = _as_text(values * multiply)
    found = f"{step.unit} turned into {step.to} (x {multiply:.4g}) in {values.notna().sum()} cells"
    note = Finding("C09", "note", shown, 0, step.column, found, "As declared")
    return frame.assign(**{step.column: cells}), [*faults, note]


def _as_text(values: pd.Series) -> pd.Series:
    """Numbers as text with 12 significant digits, empty where missing."""
    words = {value: f"{value:.12g}" for value in values.dropna().unique()}
    return values.map(words).fillna("").astype("str")
