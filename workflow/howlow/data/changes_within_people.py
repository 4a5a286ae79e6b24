"""What cannot change in a participant: arm, sex, site, age beyond the study's length, height."""

from __future__ import annotations

from collections.abc import Iterator

from howlow.config.study import Participants
from howlow.data.categories import first_rows
from howlow.data.cells import FILE
from howlow.data.tables import LINE
from howlow.data.tidy import SHOWN, Tidy, more, tell
from howlow.findings import Finding

#: Years a person may seem to age within a study of no length, by a birthday.
_BIRTHDAY = 1.0
#: How far two measurements of one adult's height may lie apart, in cm.
_HEIGHT_ERROR = 3.0


def changes_within_people(tidy: Tidy, study: Participants) -> Iterator[Finding]:
    """K02, K06 and K09: rows of one participant that say what cannot all be true."""
    yield from _changes(tidy, study)
    yield from _ages_and_heights(tidy, study)


def _changes(tidy: Tidy, study: Participants) -> Iterator[Finding]:
    """K02, K06, K09: people of whom different rows say different things that cannot change."""
    one = "Correct it: one {} for each participant"
    fixed = {
        name: ("K09", f"the {name.replace('_', ' ')} of participant {{}} changes: {{}}", one)
        for name in ("sex", "training", "sessions_attended", "adverse_events", "reason_left")
    }
    fixed["first_session"] = ("K09", "participant {} has two first sessions: {}", one)
    fixed["site"] = (
        "K02",
        "participant {} stands at two sites: {}",
        "If they are two people, make one id of site and number with a `join` step",
    )
    if study.design not in ("within_participant", "crossover"):
        fixed["arm"] = (
            "K06",
            "participant {} is in two arms: {}",
            "Correct it, or declare design: within_participant or crossover",
        )
    for column, (code, words, action) in fixed.items():
        said = tidy.said.get(column)
        if said is None:
            continue
        # An arm that is not declared is a fault of its own.
        said = said[said["arm"].isin(list(study.arms))] if column == "arm" else said
        pairs = said.dropna(subset=column).drop_duplicates(["participant", column])
        several = pairs[pairs.duplicated("participant", keep=False)]
        groups = list(several.groupby("participant", sort=False))
        named = getattr(study.columns, column)
        for participant, different in groups[:SHOWN]:
            values = " and ".join(_told(value) for value in different[column])
            # The first row is the one that the others differ from.
            row = different.iloc[1:2]
            found = words.format(participant, values)
            plain = column.replace("_", " ")
            yield tell(study, code, "error", row, named, found, action.format(plain))
        if len(groups) > SHOWN:
            found = f"the same with {len(groups) - SHOWN} more participants"
            yield more(study, code, tidy, named, found, "Correct each")
    if study.design == "within_participant":
        yield from _limbs_in_two_arms(tidy, study)


def _told(value: object) -> str:
    """A cell as it is told: dates without the time."""
    return f"{value:%Y-%m-%d}" if hasattr(value, "strftime") else str(value)


def _limbs_in_two_arms(tidy: Tidy, study: Participants) -> Iterator[Finding]:
    """K06: a limb whose rows are in several arms."""
    rows = tidy.rows
    limbs = rows.iloc[first_rows(rows, ("participant", "limb", "arm"))]
    limbs = limbs[(limbs["participant"] != "") & limbs["arm"].isin(list(study.arms))]
    several = limbs[limbs.duplicated(["participant", "limb"], keep=False)]
    for (participant, limb), arms in list(several.groupby(["participant", "limb"]))[:SHOWN]:
        found = f"limb {limb} of participant {participant} is in {' and '.join(arms['arm'])}"
        action = "Correct it: a limb stays in one arm"
        yield tell(study, "K06", "error", arms.iloc[1:2], "arm", found, action)


def _ages_and_heights(tidy: Tidy, study: Participants) -> Iterator[Finding]:
    """K09: ages that fall or rise by more than the study's length, and heights that change."""
    weeks = {name: visit.week for name, visit in study.visits.items()}
    length = (max(weeks.values()) - min(weeks.values())) / 52
    for column, action in (
        ("age", "Correct it, or give the age at baseline in every row"),
        ("height", "Correct it, or give the height at baseline in every row"),
    ):
        said = tidy.said.get(column)
        if said is None:
            continue
        said = said.dropna(subset=column).assign(week=said["visit"].map(weeks).fillna(0.0))
        said = said.sort_values(["participant", "week"], kind="stable")
        people = said.groupby("participant")[column]
        if column == "age":
            wrong = (people.diff() < 0) | (
                said[column] - people.transform("first") > _BIRTHDAY + length
            )
        else:
            wrong = (said[column] - people.transform("first")).abs() > _HEIGHT_ERROR
        rows = said[wrong].drop_duplicates("participant")
        for _, row in rows[:SHOWN].iterrows():
            ages = said.loc[said["participant"] == row["participant"], column]
            values = " and ".join(f"{value:g}" for value in dict.fromkeys(ages))
            found = f"the {column} of participant {row['participant']} changes: {values}"
            file, line = str(row[FILE]), int(row[LINE])
            yield Finding("K09", "error", file, line, column, found, action, study.id)
        if len(rows) > SHOWN:
            found = f"the same with {len(rows) - SHOWN} more participants"
            yield more(study, "K09", tidy, column, found, "Correct each")
