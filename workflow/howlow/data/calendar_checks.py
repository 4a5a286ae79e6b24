"""The dates of visits against the schedule of study.yaml."""

from __future__ import annotations

from collections.abc import Iterator

from howlow.config.study import Participants, baseline_visits
from howlow.data.categories import first_rows
from howlow.data.cells import FILE
from howlow.data.tidy import SHOWN, Tidy, tell
from howlow.findings import Finding

#: How far the dates of a visit may lie from its declared week, in days.
DAYS_OFF = 14


def date_findings(tidy: Tidy, study: Participants) -> Iterator[Finding]:
    """K08, K09: visits against the calendar."""
    if "date" not in tidy.rows:
        return
    weeks = {name: visit.week for name, visit in study.visits.items()}
    dated = tidy.rows[tidy.rows["date"].notna() & (tidy.rows["participant"] != "")]
    dated = dated[dated["visit"].isin(list(weeks))]
    dated = dated.iloc[first_rows(dated, ("participant", "period", "visit"))]
    dated = dated.assign(week=dated["visit"].astype("str").map(weeks))
    if study.design == "crossover":
        # Weeks count anew in every period.
        whose = dated["participant"].astype("str") + " in period " + dated["period"].astype("str")
        dated = dated.assign(participant=whose)
    dated = dated.sort_values(["participant", "week"], kind="stable")
    people = dated.groupby("participant", observed=True)
    name = str(study.columns.date)
    back = dated[(people["date"].diff().dt.days < 0) & (people["week"].diff() > 0)]
    if len(back):
        action = "Correct the dates or the visits"
        found = "a visit is dated before the one that comes first in the schedule"
        yield tell(study, "K08", "error", back, name, found, action)
    start = baseline_visits(study)[0]
    first = dated[dated["visit"] == start].set_index("participant")["date"]
    # A map of no dates at all would give numbers; this gives missing dates.
    since = (dated["date"] - first.reindex(dated["participant"]).to_numpy()).dt.days
    off = dated[(since - 7 * (dated["week"] - weeks[start])).abs() > DAYS_OFF]
    if len(off):
        found = f"dates lie more than {DAYS_OFF} days off the visit's week"
        action = "Correct `week` of the visits, or the dates; the declared week is what is used"
        yield tell(study, "K08", "warning", off, name, found, action)
    if "first_session" in tidy.said and study.design != "crossover":
        sessions = tidy.said["first_session"].drop_duplicates("participant")
        starts = sessions.set_index("participant")["first_session"]
        repeats = [visit for visit, declared in study.visits.items() if declared.repeats]
        baseline = dated[dated["visit"].isin([start, *repeats])]
        sessions_began = starts.reindex(baseline["participant"].astype("str")).to_numpy()
        late = baseline[baseline["date"] > sessions_began]
        for _, row in late[:SHOWN].iterrows():
            action = "A baseline comes before training; correct the dates"
            found = "the baseline was measured after the first session"
            line = tidy.rows[tidy.rows.index == row.name]
            yield tell(study, "K09", "error", line, name, found, action)
        if len(late) > SHOWN:
            found = f"{len(late) - SHOWN} more baselines were measured after the first session"
            file = str(late[FILE].iloc[0])
            yield Finding("K09", "error", file, 0, name, found, "Correct the dates", study.id)
