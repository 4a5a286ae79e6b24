"""Participants under new names: one row each, dates as study days, and nothing to know them by."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from howlow.config.study import Participants, baseline_visits
from howlow.data.categories import blank, used
from howlow.data.measurements import MEASUREMENT_COLUMNS, PARTICIPANT_COLUMNS
from howlow.data.tidy import Tidy

if TYPE_CHECKING:
    import pandas as pd


def people_of(tidy: Tidy, study: Participants) -> pd.DataFrame:
    """One row a participant of any table, under the id of the tables, in the order of the ids.

    Columns are those of participants.csv, and `reason_left`. Of several rows the first that says
    something counts, tables of participants before others; for age and height, the earliest visit.
    """
    import pandas as pd

    there = used(tidy.rows["participant"].array) if len(tidy.rows) else tidy.rows["participant"].cat
    ids = sorted({*there.categories.tolist(), *tidy.roster["participant"].tolist()} - {""})
    people = pd.DataFrame({"study": study.id, "participant": pd.Series(ids, dtype="str")})
    weeks = {name: visit.week for name, visit in study.visits.items()}
    for column, said in tidy.said.items():
        known = said.dropna(subset=column)
        if column in ("age", "height"):
            # What a roster says has no visit; it holds for the start.
            known = known.assign(week=known["visit"].map(weeks).fillna(-1.0))
            known = known.sort_values("week", kind="stable")
        first = known.drop_duplicates("participant").set_index("participant")[column]
        people[column] = people["participant"].map(first)
    for column in (*PARTICIPANT_COLUMNS, "reason_left"):
        if column not in people:
            people[column] = ""
    if study.design in ("within_participant", "crossover"):
        people["arm"] = ""
    people["left"] = ""
    if "reason_left" in tidy.said or study.columns.reason_left is not None:
        gone = people["reason_left"].fillna("") != ""
        people["left"] = gone.map({True: "yes", False: "no"})
    people["first_day"] = _first_days(tidy, study, people)
    return people.astype({"arm": "str", "reason_left": "str"}).fillna(
        {"arm": "", "reason_left": ""}
    )


def join_arms(tidy: Tidy, people: pd.DataFrame) -> None:
    """Fill in the arm of rows that do not say it, from what other tables say of the participant."""
    import numpy as np
    import pandas as pd

    rows = tidy.rows
    without = (rows["arm"] == "").to_numpy()
    if not without.any() or "arm" not in tidy.said:
        return
    arms = dict(zip(people["participant"], people["arm"], strict=True))
    joined = _renamed(rows["participant"], {"": "", **arms})
    if not without.all():
        joined = pd.Categorical(np.where(without, np.asarray(joined), np.asarray(rows["arm"])))
    rows["arm"] = joined


def study_days(tidy: Tidy, study: Participants) -> pd.Series:
    """Days from a participant's first dated baseline to each row, missing where a date is."""
    import pandas as pd

    if "date" not in tidy.rows:
        return pd.Series(pd.NA, index=tidy.rows.index, dtype="Int32")
    start = _baseline_dates(tidy, study)
    # A map of no dates at all gives numbers.
    started = pd.to_datetime(tidy.rows["participant"].astype("str").map(start))
    since = tidy.rows["date"] - started
    return since.dt.days.astype("Int32")


def renamed(people: pd.DataFrame, study: str, seed: int) -> dict[str, str]:
    """A new id for each participant: p01, p02 ... in an order drawn from the seed and the study.

    Whoever has the tables and the seed can draw it again; whoever has neither learns nothing.
    """
    import numpy as np

    ids = sorted(people["participant"])
    drawn = int.from_bytes(hashlib.sha256(study.encode()).digest()[:8], "big")
    order = np.random.default_rng([seed, drawn]).permutation(len(ids))
    width = max(2, len(str(len(ids))))
    return {name: f"p{place + 1:0{width}}" for name, place in zip(ids, order, strict=True)}


def participants_table(
    people: pd.DataFrame, study: Participants, names: dict[str, str], seed: int
) -> pd.DataFrame:
    """participants.csv: new ids and sites, no dates, no reasons."""
    table = people.assign(participant=people["participant"].map(names))
    sites = table[["site"]].fillna("").astype("str").rename(columns={"site": "participant"})
    numbers = renamed(sites[sites["participant"] != ""].drop_duplicates(), f"{study.id}/site", seed)
    table["site"] = sites["participant"].map({a: b.replace("p", "s") for a, b in numbers.items()})
    words = [name for name in PARTICIPANT_COLUMNS if table[name].dtype.kind not in "fi"]
    table[words] = table[words].fillna("")
    return table.sort_values("participant", ignore_index=True)[list(PARTICIPANT_COLUMNS)]


def measurements_table(
    tidy: Tidy, study: Participants, days: pd.Series, names: dict[str, str]
) -> pd.DataFrame:
    """measurements.csv: rows with a value, by new id; the order of the raw table is not kept."""
    import numpy as np
    import pandas as pd

    rows = tidy.rows
    at = np.flatnonzero(rows["value"].notna().to_numpy())
    people = _renamed(rows["participant"].iloc[at], names)
    # Numbers as small as this are sorted in one pass.
    small = np.uint16 if len(people.categories) < np.iinfo(np.uint16).max else np.int64
    order = people.codes.astype(small).argsort(kind="stable")
    at = at[order]
    units = {name: outcome.unit for name, outcome in study.outcomes.items()}
    outcome = rows["outcome"].array[at]
    columns = {
        "study": blank(len(at), study.id),
        "participant": people[order],
        "limb": rows["limb"].array[at],
        "arm": rows["arm"].array[at],
        "visit": rows["visit"].array[at],
        "outcome": outcome,
        "quantity": blank(len(at), "level"),
        "variant": blank(len(at)),
        "value": rows["value"].to_numpy()[at],
        "unit": _renamed(pd.Series(outcome), units),
        "day": days.array[at],
        "period": rows["period"].array[at],
    }
    return pd.DataFrame({name: columns[name] for name in MEASUREMENT_COLUMNS}, copy=False)


def _renamed(column: pd.Series, names: dict[str, str]) -> pd.Categorical:
    """A column of categories under other names, the categories in their order; several may meet."""
    import numpy as np
    import pandas as pd

    words = used(column.array)
    new = [names[word] for word in words.categories.tolist()]
    categories = sorted(set(new))
    place = {name: at for at, name in enumerate(categories)}
    codes = np.array([place[name] for name in new], dtype=np.int32)
    return pd.Categorical.from_codes(codes[words.codes], categories=categories)


def _baseline_dates(tidy: Tidy, study: Participants) -> dict[str, pd.Timestamp]:
    """The first dated baseline of each participant."""
    start = tidy.rows[tidy.rows["visit"].isin(baseline_visits(study)) & tidy.rows["date"].notna()]
    dates = start.groupby("participant", observed=True)["date"].min()
    return {str(name): date for name, date in dates.items()}


def _first_days(tidy: Tidy, study: Participants, people: pd.DataFrame) -> pd.Series:
    """Study day of the first session, missing without both dates."""
    import pandas as pd

    if "first_session" not in people or "date" not in tidy.rows:
        return pd.Series(pd.NA, index=people.index, dtype="Int32")
    start = people["participant"].map(_baseline_dates(tidy, study))
    since = pd.to_datetime(people["first_session"]) - pd.to_datetime(start)
    return since.dt.days.astype("Int32")
