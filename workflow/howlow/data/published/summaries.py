"""A collection from its folder: howlow's own table of arms, or one from elsewhere."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from howlow.config.collection import Trials
from howlow.config.reading import read_trials
from howlow.config.schema import did_you_mean
from howlow.config.settings import Config
from howlow.config.study import Summary
from howlow.config.summaries import ArmColumns
from howlow.data.cleaning import clean
from howlow.data.published.computed_sds import Spread, computed_notes, conflicts, spread_of
from howlow.data.published.detective import detect
from howlow.data.published.detective.cases import known, rows_of
from howlow.data.published.detective.sums import changes
from howlow.data.published.naming import names_of, slug
from howlow.data.published.printed import (
    NUMBER_COLUMNS,
    TEXT_COLUMNS,
    Collection,
    checked,
    read_collection,
)
from howlow.data.published.printed_cells import numbers_of
from howlow.data.published.summary_trials import Made, make_trials, named_columns
from howlow.data.published.uses import uses
from howlow.data.same_files import other_files
from howlow.data.tables import LINE, read_raw
from howlow.errors import InputError
from howlow.findings import Finding

if TYPE_CHECKING:
    import pandas as pd

#: Columns of numbers in a table from elsewhere that become part of an SD.
_MORE_NUMBERS = ("se_pre", "se_post", "se_change", "t_change", "p_change")
_PARTS = ("pre", "post", "change")


def read_summary(folder: Path, study: Summary, config: Config) -> tuple[Collection, list[Finding]]:
    """A collection with all its rows checked, and what was noticed on the way.

    Raises
    ------
    InputError
        With every fault of the table and of what is declared of it.
    """
    path = folder / study.arms_table.file
    shown = path.as_posix()
    findings: list[Finding] = []
    if wrong := other_files(study, [path]):
        raise InputError(wrong)
    own = isinstance(study.table, str) and study.trials_from is None
    if own and study.columns == ArmColumns():
        collection = read_collection(path, read_trials(folder, study, config))
    else:
        collection, findings = _from_elsewhere(folder, study, config, shown)
    findings += detect(
        collection.rows, collection.trials, shown, collection.half_widths, collection.facts
    )
    return collection, findings


def _from_elsewhere(
    folder: Path, study: Summary, config: Config, shown: str
) -> tuple[Collection, list[Finding]]:
    """The rows of a table that was made for another purpose."""
    import pandas as pd

    raw = read_raw(folder / study.arms_table.file, study.arms_table)
    cleaned = clean(raw.frame, study.arms_table, shown)
    findings = [*raw.findings, *cleaned.findings]
    if any(finding.severity == "error" for finding in findings):
        raise InputError([finding for finding in findings if finding.severity == "error"])
    frame = cleaned.frame.reset_index(drop=True)
    columns = _columns(study, frame, shown)
    text = pd.DataFrame(
        {
            name: frame[columns[name]] if name in columns else ""
            for name in (*NUMBER_COLUMNS, *_MORE_NUMBERS)
        },
        index=frame.index,
        dtype="str",
    ).assign(**{LINE: frame[LINE]})
    values, faults = numbers_of(text, [*NUMBER_COLUMNS, *_MORE_NUMBERS], shown)
    made: Made | None = None
    try:
        made = _made(folder, study, config, frame, columns, shown)
    except InputError as error:
        faults.extend(error.findings)
    if faults or made is None:
        raise InputError(faults)
    findings += made.findings
    rows = pd.DataFrame(made.ids, index=frame.index, dtype="str")
    rows[LINE] = frame[LINE].astype(int)
    between = [False] * len(frame)
    if "role" in columns:
        between = (frame[columns["role"]] == "contrast").tolist()
    values, half_widths, spreads = _complete(values, text, between)
    findings += computed_notes(rows, spreads)
    findings += [replace(found, file=shown) for found in conflicts(rows, values)]
    findings = [replace(found, file=found.file or shown) for found in findings]
    rows = rows.join(values[list(NUMBER_COLUMNS)])
    _describe(rows, frame, columns, study, made.trials, spreads)
    collection = Collection(
        made.trials, rows, half_widths, _facts(frame, study, columns, rows.index)
    )
    if "use" in columns:
        rows["use"], rows["reason"] = frame[columns["use"]], ""
        if "reason" in columns:
            rows["reason"] = frame[columns["reason"]]
    else:
        # The rule looks trials and outcomes up, so words that are not declared come first.
        rows["use"], rows["reason"] = "left out", "not looked at yet"
        checked(collection, shown)
        listed = rows_of(rows, made.trials, half_widths)
        doubted = {row.line for case in changes(listed) for row in case.rows}
        decided = uses(rows, made.trials, config, doubted)
        rows["use"] = [use for use, _ in decided]
        rows["reason"] = [reason for _, reason in decided]
    rows = rows[[*TEXT_COLUMNS, LINE, *NUMBER_COLUMNS]]
    return checked(replace(collection, rows=rows), shown), findings


def _columns(study: Summary, frame: pd.DataFrame, shown: str) -> dict[str, str]:
    """Which column of the cleaned table is what, for those that are there.

    Raises
    ------
    InputError
        With every column that is declared but not there.
    """
    there = [str(name) for name in frame.columns if name != LINE]
    made = study.trials_from is not None and study.trials_from.outcomes is not None
    found: dict[str, str] = {}
    absent: list[str] = []
    for key, column in study.columns:
        declared = key in study.columns.model_fields_set
        name = column or key
        needed = key in ("trial", "arm") or (key == "outcome" and not made)
        if name in there and (column is not None or not declared):
            found[key] = name
        elif needed or (declared and column is not None):
            absent.append(name)
    if study.trials_from is not None:
        absent += [name for name in named_columns(study.trials_from) if name not in there]
    if absent:
        listed = f"{', '.join(there[:12])}{' ...' if len(there) > 12 else ''}"
        raise InputError(
            [
                Finding(
                    "G01",
                    "error",
                    shown,
                    1,
                    name,
                    f"the column '{name}' is not there after the cleaning steps",
                    f"{did_you_mean(name, there)}Columns: {listed}",
                )
                for name in dict.fromkeys(absent)
            ]
        )
    return found


def _made(
    folder: Path,
    study: Summary,
    config: Config,
    frame: pd.DataFrame,
    columns: dict[str, str],
    shown: str,
) -> Made:
    """Trials and the ids of rows: made from columns, or as trials.yaml declares them."""
    if study.trials_from is not None:
        made = study.trials_from.outcomes is not None
        wanted = ("trial", "arm") if made else ("trial", "arm", "outcome")
        keys = {key: columns[key] for key in wanted}
        return make_trials(frame, study, config, shown, keys)
    trials: Trials = read_trials(folder, study, config)
    ids = {key: frame[columns[key]].tolist() for key in ("trial", "arm", "outcome")}
    # An id in the table may be written as people write: `Mitchell 2012` is mitchell-2012.
    for key, sign in (("trial", "-"), ("arm", "_"), ("outcome", "_")):
        known_ids: set[str] = set(trials.trials) if key == "trial" else set()
        known_ids |= set(trials.outcomes) if key == "outcome" else set()
        if key == "arm":
            known_ids = {arm for trial in trials.trials.values() for arm in trial.arms}
        ids[key] = [
            cell if cell in known_ids or (name := slug(cell, sign, key)) not in known_ids else name
            for cell in ids[key]
        ]
    return Made(trials, ids)


def _complete(
    values: pd.DataFrame, text: pd.DataFrame, between: list[bool]
) -> tuple[pd.DataFrame, pd.DataFrame, list[dict[str, Spread]]]:
    """Numbers with what follows from them: changes, means after, SDs from SE, CI, t and P.

    Rows `between` arms keep their interval: it is that of a difference, and gives nobody's SD.
    """
    import pandas as pd

    from howlow.data.published.detective import half_width

    values = values.copy()
    half_widths = text[list(NUMBER_COLUMNS)].map(half_width)
    change, pre, post = (values[f"mean_{part}"] for part in ("change", "pre", "post"))
    values["mean_change"] = change.where(change.notna(), post - pre)
    values["mean_post"] = post.where(post.notna(), pre + change)
    spreads: list[dict[str, Spread]] = []
    cells = text.to_dict("records")
    nothing = Spread(math.nan, math.nan)
    for row, printed, contrast in zip(values.to_dict("records"), cells, between, strict=True):
        if contrast:
            spreads.append(dict.fromkeys(_PARTS, nothing))
            continue
        numbers: dict[str, float] = {str(name): float(value) for name, value in row.items()}
        shown: dict[str, str] = {str(name): str(cell) for name, cell in printed.items()}
        spreads.append({part: spread_of(numbers, shown, part) for part in _PARTS})
    for part in _PARTS:
        half_widths[f"sd_{part}"] = [found[part].half for found in spreads]
        values[f"sd_{part}"] = pd.Series([found[part].sd for found in spreads], values.index)
    # What was computed has no decimals of its own.
    half_widths.loc[change.isna(), "mean_change"] = float("nan")
    half_widths.loc[post.isna(), "mean_post"] = float("nan")
    return values, half_widths, spreads


def _describe(
    rows: pd.DataFrame,
    frame: pd.DataFrame,
    columns: dict[str, str],
    study: Summary,
    trials: Trials,
    spreads: list[dict[str, Spread]],
) -> None:
    """Add the columns of words: given ones, else what holds for every row."""
    defaults: dict[str, str] = {"role": "arm", **study.rows.model_dump()}
    for name in ("phase", "role", "change_vs", "where"):
        rows[name] = defaults[name]
        if name in columns:
            given = frame[columns[name]]
            rows[name] = given.where(given != "", defaults[name])
    if "visit" in columns:
        rows["visit"] = names_of(frame[columns["visit"]].tolist(), "_", "visit")
    else:
        rows["visit"] = [_week(week) for week in rows["weeks"]]
    questions: dict[tuple[str, str], list[str]] = {}
    for name, trial in trials.trials.items():
        for contrast in trial.contrasts:
            for arm in contrast.contrast.split(" - "):
                listed = questions.setdefault((name, arm), [])
                if contrast.question not in listed:
                    listed.append(contrast.question)
    keys = zip(rows["trial"], rows["arm"], strict=True)
    rows["question"] = ["; ".join(questions.get(key, [])) for key in keys]
    if "question" in columns:
        rows["question"] = frame[columns["question"]]
    cautions = frame[columns["caution"]] if "caution" in columns else [""] * len(rows)
    rows["caution"] = [
        "; ".join(dict.fromkeys([*([given] if given else []), *_tags(found)]))
        for given, found in zip(cautions, spreads, strict=True)
    ]


def _tags(found: dict[str, Spread]) -> list[str]:
    """What a row's SDs were computed from, as tables and captions say it."""
    return [f"SD from {spread.source}" for spread in found.values() if spread.source]


def _week(week: float) -> str:
    """The visit of a number of weeks: week_12, week_5_1, or after where none is given."""
    if not known(week):
        return "after"
    return f"week_{week:.2f}".rstrip("0").rstrip(".").replace(".", "_").replace("-", "")


def _facts(
    frame: pd.DataFrame, study: Summary, columns: dict[str, str], index: Any
) -> pd.DataFrame:
    """What the detective looks at beside the numbers: sources and the codes of arms."""
    import pandas as pd

    facts = {"arm code": frame[columns["arm"]]}
    if study.trials_from is not None:
        for name in ("year", "doi"):
            column = getattr(study.trials_from, name)
            if column is not None:
                facts[name] = frame[column]
        facts["cite"] = frame[list(study.trials_from.cite)].agg(" ".join, axis=1)
    return pd.DataFrame(facts, index=index)
