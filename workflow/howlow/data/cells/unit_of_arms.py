"""An arm whose values are all in another unit than those of the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from howlow.config.study import Participants, baseline_visits
from howlow.config.units import UNITS
from howlow.data.categories import places
from howlow.data.cells.mixed_units import factors_beside
from howlow.data.cells.telling import FILE
from howlow.findings import Finding

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

#: Arms are not so far apart by themselves; smaller factors are left to the reader of baselines.
_LEAST = 2.0
#: The ratio of the medians lies this near a factor, on the log scale.
_NEAR = 0.15
_FEWEST = 3


def units_of_arms(
    tidy: pd.DataFrame, study: Participants, outcomes: Mapping[str, npt.NDArray[np.int64]]
) -> Iterator[Finding]:
    """C09: arms that lie a unit's factor apart before anything was done, and hardly overlap.

    What changes within a person does not show it. `outcomes` has the positions of each outcome's
    rows. A warning, for arms may differ; none while the study is ongoing, as it names arms.
    """
    import numpy as np

    if study.status == "ongoing" or "arm" not in tidy or len(study.arms) < 2:
        return
    arms, start = list(study.arms), baseline_visits(study)[0]
    value = tidy["value"].to_numpy(dtype=float)
    arm = places(tidy["arm"], arms)
    before = (tidy["visit"] == start).to_numpy()
    for name, rows in outcomes.items():
        unit = study.outcomes[name].unit
        here = rows[before[rows]]
        groups = [value[here[arm[here] == number]] for number in range(len(arms))]
        known = [number for number, group in enumerate(groups) if len(group) >= _FEWEST]
        if not UNITS.get(unit) or len(known) < 2:
            continue
        medians = {number: float(np.median(groups[number])) for number in known}
        low, high = min(known, key=medians.__getitem__), max(known, key=medians.__getitem__)
        upper, lower = medians[high], medians[low]
        apart = np.quantile(groups[high], 0.25) > np.quantile(groups[low], 0.75)
        if lower <= 0 or not apart:
            continue
        for times, units in factors_beside(unit).items():
            if times >= _LEAST and abs(np.log(upper / lower / times)) < _NEAR:
                found = (
                    f"at {start} the median of arm '{arms[high]}' is {upper / lower:.3g} times "
                    f"that of '{arms[low]}'; a factor of {times:.5g} lies between {units}"
                )
                action = "If it is the unit, turn one arm's values by a `unit` step with `where`"
                file = str(tidy[FILE].iloc[int(here[0])])
                yield Finding("C09", "warning", file, 0, name, found, action)
                break
