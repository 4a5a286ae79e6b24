"""The table of arms of a published collection, checked row by row."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from howlow.config.collection import Trial, Trials
from howlow.config.schema import unknown
from howlow.config.steps import Table
from howlow.data.published.detective.cases import half_width
from howlow.data.published.printed_cells import numbers_of
from howlow.data.published.printed_rows import LEFT_OUT
from howlow.data.tables import LINE, read_raw
from howlow.errors import InputError
from howlow.findings import Finding, few

if TYPE_CHECKING:
    import pandas as pd

#: The columns of a table of arms, in any order.
TEXT_COLUMNS = (
    "trial",
    "arm",
    "outcome",
    "visit",
    "phase",
    "role",
    "question",
    "change_vs",
    "where",
    "caution",
    "use",
    "reason",
)
NUMBER_COLUMNS = (
    "weeks",
    "n",
    "mean_pre",
    "sd_pre",
    "mean_post",
    "sd_post",
    "mean_change",
    "sd_change",
    "ci_low",
    "ci_high",
)
ALLOWED = {
    "phase": ("training", "maintenance", "detraining", "disuse", "recovery"),
    "role": ("arm", "contrast", "change", "common phase", "group", "external"),
    "change_vs": ("baseline", "end of previous phase"),
    "use": ("fitted", "described", "left out"),
}

#: So many rows of a trial that are left out for one reason are told one by one.
_TOLD = 5


@dataclass(frozen=True)
class Collection:
    """A checked collection: what is declared of the trials, and the rows their papers print.

    `half_widths` say how far each number may lie from the printed one, `facts` hold what else the
    table says of each row as text; both have the index of `rows`.
    """

    trials: Trials
    rows: pd.DataFrame
    half_widths: pd.DataFrame | None = None
    facts: pd.DataFrame | None = None

    def of(self, trial: str, use: str = "fitted") -> pd.DataFrame:
        """The rows of a trial that are put to one use."""
        return self.rows[(self.rows["trial"] == trial) & (self.rows["use"] == use)]


def read_collection(path: Path, trials: Trials) -> Collection:
    """The table of arms against its trials.yaml.

    Raises
    ------
    InputError
        With every fault: a trial, arm or outcome that is not declared, a cell that is no number,
        a row given twice, a fitted row without n and spread, a row left out without a reason.
    """
    shown = path.as_posix()
    raw = read_raw(path, Table(file=path.name)).frame
    absent = [name for name in (*TEXT_COLUMNS, *NUMBER_COLUMNS) if name not in raw.columns]
    if absent:
        there = [name for name in raw.columns if name != LINE]
        raise InputError(
            [
                Finding(
                    "G01", "error", shown, 1, name, "this column is missing", unknown(name, there)
                )
                for name in absent
            ]
        )
    rows = raw[list(TEXT_COLUMNS)].apply(lambda column: column.str.strip())
    rows[LINE] = raw[LINE].astype(int)
    text = raw[[*NUMBER_COLUMNS, LINE]].apply(lambda column: column.str.strip())
    values, faults = numbers_of(text, NUMBER_COLUMNS, shown)
    if faults:
        raise InputError(faults)
    rows = rows.join(values)
    half_widths = text[list(NUMBER_COLUMNS)].map(half_width)
    return checked(Collection(trials, rows, half_widths), shown)


def checked(collection: Collection, shown: str) -> Collection:
    """The same collection, if its words are declared and its rows can bear their use.

    Raises
    ------
    InputError
        With every row that does not.
    """
    rows = collection.rows
    faults = [
        *_word_faults(rows, collection.trials, shown),
        *_use_faults(rows, shown),
        *_twice(rows, shown),
    ]
    if faults:
        raise InputError(few(faults))
    return collection


def left_out(rows: pd.DataFrame, shown: str) -> list[Finding]:
    """A note for each row that is left out; one for all of a trial that share a reason, if many."""
    together: dict[tuple[str, str], list[dict[Hashable, Any]]] = {}
    for row in rows[rows["use"] == "left out"].to_dict("records"):
        together.setdefault((row["trial"], row["reason"]), []).append(row)
    findings = []
    for (trial, reason), alike in together.items():
        for row in alike if len(alike) <= _TOLD else alike[:1]:
            found = f"{row['arm']} at {row['visit']} is left out: {reason}"
            if len(alike) > _TOLD:
                found = f"{len(alike)} rows from here on are left out: {reason}"
            findings.append(
                Finding(
                    LEFT_OUT,
                    "note",
                    shown,
                    int(row[LINE]),
                    row["outcome"],
                    found,
                    "Nothing to do",
                    trial,
                )
            )
    return sorted(findings, key=lambda finding: finding.line)


def changes_only(rows: pd.DataFrame) -> bool:
    """Whether rows print changes but no pair of levels with their spread."""
    return bool(rows[["mean_pre", "sd_pre", "mean_post", "sd_post"]].isna().any(axis=None))


def _word_faults(rows: pd.DataFrame, trials: Trials, shown: str) -> list[Finding]:
    """Words that are not declared."""
    faults: list[Finding] = []

    def fault(row: dict[Hashable, Any], column: str, known: object) -> None:
        word = str(row[column])
        action = unknown(word, known)  # type: ignore[arg-type]
        faults.append(
            Finding("K04", "error", shown, int(row[LINE]), column, f"'{word}' is not known", action)
        )

    for row in rows.to_dict("records"):
        trial: Trial | None = trials.trials.get(row["trial"])
        if trial is None:
            fault(row, "trial", trials.trials)
            continue
        if row["role"] != "contrast" and row["arm"] not in trial.arms:
            fault(row, "arm", trial.arms)
        if row["outcome"] not in trials.outcomes:
            fault(row, "outcome", trials.outcomes)
        for column, allowed in ALLOWED.items():
            if row[column] not in allowed:
                fault(row, column, allowed)
    return faults


def _use_faults(rows: pd.DataFrame, shown: str) -> list[Finding]:
    """Rows that cannot bear the use they are put to."""
    spread = rows["sd_change"].notna() | (rows["sd_pre"].notna() & rows["sd_post"].notna())
    interval = (rows["role"] == "contrast") & rows["ci_low"].notna() & rows["ci_high"].notna()
    unfit = (rows["use"] == "fitted") & ~(interval | (spread & rows["n"].notna()))
    unfit |= (rows["use"] == "fitted") & rows["role"].isin(["external", "common phase"])
    silent = rows["use"].isin(["described", "left out"]) & (rows["reason"] == "")
    say = "a fitted row needs a role that allows it, n, and an SD of change or both SDs"
    return [
        *(
            Finding("C15", "error", shown, int(line), "use", say, "Set use: described or left out")
            for line in rows.loc[unfit, LINE]
        ),
        *(
            Finding(
                "G01", "error", shown, int(line), "reason", "no reason", "Say why it is not fitted"
            )
            for line in rows.loc[silent, LINE]
        ),
    ]


def _twice(rows: pd.DataFrame, shown: str) -> list[Finding]:
    """Rows in use that stand twice."""
    used = rows[rows["use"] != "left out"]
    key = ["trial", "arm", "outcome", "visit"]
    return [
        Finding(
            "K01",
            "error",
            shown,
            int(group[LINE].iloc[0]),
            "trial",
            f"{', '.join(names)} stands on lines {', '.join(map(str, group[LINE]))}",
            "Keep one, or give them other visits",
        )
        for names, group in used[used.duplicated(key, keep=False)].groupby(key, sort=False)
    ]
