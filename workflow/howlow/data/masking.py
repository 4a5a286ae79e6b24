"""Arms of an ongoing study are masked: no word, name, number or order tells two of them apart."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from howlow.config.study import Participants
from howlow.data.flow_rows import MASKED

if TYPE_CHECKING:
    import pandas as pd


def mask_people(table: pd.DataFrame, study: Participants) -> pd.DataFrame:
    """participants.csv without arms, and without sessions where arms train more or less often."""
    made = table.assign(arm=table["arm"].where(table["arm"] == "", MASKED))
    if len({arm.sessions_per_week for arm in study.arms.values()}) > 1:
        made["sessions_attended"] = ""
    return made


def mask_measurements(table: pd.DataFrame, study: str, seed: int) -> pd.DataFrame:
    """measurements.csv without arms; limbs are numbered by chance, rows stand in no order of arms.

    A limb keeps its number through all visits, so that its change can be seen.
    """
    import numpy as np
    import pandas as pd

    limbs = table["limb"].astype("str")
    keys = pd.MultiIndex.from_arrays([table["participant"].astype("str"), limbs])
    number, pairs = pd.factorize(keys, sort=True)
    owner = pairs.get_level_values(0)
    drawn = int.from_bytes(hashlib.sha256(f"{study}/limb".encode()).digest()[:8], "big")
    chance = pd.Series(np.random.default_rng([seed, drawn]).random(len(pairs)))
    place = chance.groupby(np.asarray(owner)).rank(method="first").astype(int).astype("str")
    made = table.assign(arm=MASKED, limb=np.where(limbs == "", "", place.to_numpy()[number]))
    order = ["participant", "outcome", "period", "visit", "limb", "value"]
    return made.sort_values(order, kind="stable", ignore_index=True)
