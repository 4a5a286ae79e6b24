"""The ± detective: what does not add up in a table of arms, with the arithmetic shown.

`detect` looks at every row, used or not. A finding is a warning where a row it concerns is in use,
a note where none is; it never stops a run. The codes are stable:

C15  values that cannot be: means or SDs of whole numbers that no whole numbers give (GRIM, Brown
     and Heathers 2017, 10.1177/1948550616673876; GRIMMER, Anaya 2016 and Allard 2018), or the same
     SD printed for several arms or for before, after and the change, or means heaped on .0 and .5
D01  a spread that is no usual SD for what was measured, but would be if it were a standard error,
     or the other way round
D02  SDs before, after and of the change that need a correlation which is impossible, or lower than
     repeated tests of strength or muscle size give
D03  after - before is not the printed change
D04  a number that counts upward row by row, as a spreadsheet does when a cell is dragged
D05  the id of an arm or of a trial that is used for two
D06  columns that look swapped: before and after, mean and SD, n and weeks
D07  baseline means of arms of one trial that differ by more than a tenth
D08  the same people, it seems, in two trials: equal n, baseline mean and SD
D09  a confidence interval, standard error, t or P that does not go with the mean and SD
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from howlow.data.published.detective.cases import Case, Row, gather, half_width, rows_of
from howlow.data.published.detective.comparing import overlaps, unlike_baselines
from howlow.data.published.detective.copying import (
    counted_upward,
    heaped,
    reused_ids,
    same_spreads,
    swapped,
)
from howlow.data.published.detective.spreads import correlations, sd_or_sem
from howlow.data.published.detective.sums import changes, intervals, whole_numbers
from howlow.findings import Finding

if TYPE_CHECKING:
    import pandas as pd

    from howlow.config.collection import Trials

__all__ = ["detect", "half_width"]

_LOOKS: tuple[Callable[[list[Row]], Iterator[Case]], ...] = (
    sd_or_sem,
    correlations,
    changes,
    intervals,
    whole_numbers,
    same_spreads,
    heaped,
    swapped,
    unlike_baselines,
    overlaps,
)


def detect(
    rows: pd.DataFrame,
    trials: Trials,
    shown: str,
    half_widths: pd.DataFrame | None = None,
    facts: pd.DataFrame | None = None,
) -> list[Finding]:
    """Findings on the rows of a table of arms, one for each kind, trial and cause.

    `rows` have the columns of a table of arms and the line in `__line__`; `half_widths` say how far
    each number may lie from the printed one (half its last decimal), `facts` hold further columns
    of the table as text (year, doi, ids), both with the index of `rows`.
    """
    listed = rows_of(rows, trials, half_widths)
    cases = [case for look in _LOOKS for case in look(listed)]
    cases.extend(counted_upward(listed, rows, facts))
    if facts is not None:
        cases.extend(reused_ids(listed, rows, facts))
    return gather(cases, shown)
