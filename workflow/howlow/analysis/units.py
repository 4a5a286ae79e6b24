"""One unit of analysis: the participants of a trial who have one outcome at one visit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from howlow.data.declaration import Declaration
from howlow.data.published.printed_rows import PrintedRow
from howlow.data.published.reconstruction import START

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

#: The visits that a change may be counted from, when the declaration does not name one.
_STARTS = tuple(START.values())


@dataclass(frozen=True)
class AnalysisUnit:
    """An outcome of a trial at a visit, in one reading.

    `frame` has one row a limb (a participant, where arms are people) with participant, limb, arm,
    `pre`, `post` and `change`; pre and post are NaN where a paper prints only changes.
    """

    trial: Declaration
    outcome: str
    visit: str
    start: str
    variant: str
    frame: pd.DataFrame

    @property
    def has_levels(self) -> bool:
        """Whether values before and after are at hand."""
        return bool(self.frame["pre"].notna().all())

    @property
    def arms(self) -> tuple[str, ...]:
        """Arms with data, in the declared order, never the order of rows."""
        there = set(self.frame["arm"])
        return tuple(arm for arm in self.trial.arms if arm in there)

    def positions(self) -> NDArray[np.int_]:
        """Each row's arm as a position in `arms`."""
        import numpy as np

        order = {arm: position for position, arm in enumerate(self.arms)}
        return np.array([order[arm] for arm in self.frame["arm"]])

    def values(self, column: str) -> NDArray[np.float64]:
        """A column of numbers."""
        import numpy as np

        return np.asarray(self.frame[column], dtype=float)


def units(
    trial: Declaration, measurements: pd.DataFrame, printed: list[PrintedRow]
) -> Iterator[AnalysisUnit]:
    """Every outcome, visit and reading of a trial that has data; complete cases.

    `printed` holds the trial's rows of its table of arms (none for individual data); they say what
    each change is counted from.
    """
    starts = {(row.outcome, row.visit): START[row.change_vs] for row in printed}
    for (outcome, variant), rows in measurements.groupby(["outcome", "variant"], sort=False):
        visits = list(dict.fromkeys(rows["visit"]))
        compared = trial.at or tuple(name for name in visits if name not in _STARTS)
        for visit in compared:
            start = trial.start or starts[outcome, visit]
            frame = _paired(rows, start, visit)
            if len(frame):
                yield AnalysisUnit(trial, outcome, visit, start, variant, frame)


def _paired(rows: pd.DataFrame, start: str, visit: str) -> pd.DataFrame:
    """Rows with a value before and after side by side, or with the printed change."""
    import numpy as np
    import pandas as pd

    key = list(zip(rows["participant"], rows["limb"], rows["arm"], strict=True))
    visits, values = rows["visit"].tolist(), rows["value"].to_numpy(dtype=float)
    # Pseudo participants belong to one visit, so that each finds its own start.
    before = {who: values[at] for at, who in enumerate(key) if visits[at] == start}
    there = [at for at, found in enumerate(visits) if found == visit]
    changes = bool((rows["quantity"].iloc[there] == "change").any())
    if not changes:
        there = [at for at in there if key[at] in before]
    nothing = np.full(len(there), np.nan)
    after = values[there]
    pre = nothing if changes else np.array([before[key[at]] for at in there])
    frame = pd.DataFrame([key[at] for at in there], columns=["participant", "limb", "arm"])
    frame["pre"], frame["post"] = pre, nothing if changes else after
    frame["change"] = after if changes else after - pre
    return frame[~np.isnan(frame["change"])].reset_index(drop=True)
