"""`howlow new` for a table of arms: a draft of study.yaml from its headers and cells.

The draft needs no trials.yaml: `trials_from` names the columns that say what the trials, arms and
outcomes are. Headers are known by the names that codebooks of meta-analyses give them.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from howlow.data.fetching import digest_of
from howlow.data.published.naming import label, names_of
from howlow.errors import HowlowError
from howlow.intake.drafting import Kept, comment, flow, scalar
from howlow.intake.looking import Seen, kept_name, look
from howlow.intake.vocabulary import measured, unaccented
from howlow.intake.words import Tell

#: Headers, as small letters and digits with _ between, by what the column is.
HEADERS: dict[str, str] = {
    "trial": r"trial|trial_(id|code|name)|study|study_(id|code|name)|first_author|author_year",
    "arm": r"arm|arm_(id|code|name)|group_(id|code|name)|condition|treatment|intervention",
    "outcome": r"outcome|outcome_(name|measure)|variable",
    "weeks": r"weeks?|duration(_weeks)?|weken",
    "n": r"n|n_(pre|post|total|group|arm)|sample_size",
    "mean_pre": r"(pre|baseline)_(m|mean)|(m|mean)_(pre|baseline)|pre|baseline",
    "mean_post": r"(post|final)_(m|mean)|(m|mean)_(post|final)|post",
    "mean_change": r"(delta|change|diff)_(m|mean)|(m|mean)_(delta|change|diff)|change|delta",
    "sd_pre": r"(pre|baseline)_sd|sd_(pre|baseline)",
    "sd_post": r"(post|final)_sd|sd_(post|final)",
    "sd_change": r"(delta|change|diff)_sd|sd_(delta|change|diff)",
    "se_pre": r"(pre|baseline)_sem?|sem?_(pre|baseline)",
    "se_post": r"(post|final)_sem?|sem?_(post|final)",
    "se_change": r"(delta|change|diff)_sem?|sem?_(delta|change|diff)",
    "ci_low": r"((delta|change)_)?(ci|ci95)_(low|lower|lo|ll)|(lower|low)_(ci|limit)",
    "ci_high": r"((delta|change)_)?(ci|ci95)_(high|upper|hi|ul)|(upper|high)_(ci|limit)",
    "t_change": r"((delta|change)_)?t(_value|_change|_statistic)?",
    "p_change": r"((delta|change)_)?p(_value|_change)?",
    "caution": r"notes?|remarks?|comments?|opmerkingen",
}
_TRIAL_HEADERS: dict[str, str] = {
    "cite": r"authors?|citation|cite|reference",
    "year": r"year|jaar|pub(lication)?_year",
    "doi": r"doi",
    "randomised": r"random(ised|ized|isation|ization)?|rct",
    "mean_age": r"age|mean_age|age_(m|mean|years)|leeftijd",
    "share_male": r"sex_proportion_male|(share|proportion|prop)_male",
    "training": r"train(ing)?_status|training",
    "population": r"population|participants|health(_status)?",
    "group": r"group|control|is_control|groep",
    "unit": r"units?|eenheid",
}
_DOSE_HEADERS: dict[str, str] = {
    "load_pct_1rm": r"relative_load|load(_pct(_1rm)?|_percent)?|pct_1rm|intensity",
    "rm": r"rm|repetition_maximum",
    "repetitions": r"reps|repetitions|herhalingen",
    "sets": r"sets(_exercise|_per_exercise)?|series",
    "sets_per_week": r"sets_per_week|weekly_sets",
    "sessions_per_week": r"freq(uency)?|sessions(_per_week)?|days_per_week",
    "to_failure": r"(task_|to_)?failure(_y_n)?",
}
#: Above this share of rows that stand twice, more columns make the outcome.
_OFTEN_TWICE = 0.1
#: Cells that say no training, and cells that answer yes or no.
_CONTROL = re.compile(
    r"con|control|controle|ctrl|no[ _-]?training|non[ _-]?training", re.IGNORECASE
)
_ANSWERS = {"y": "yes", "yes": "yes", "true": "yes", "1": "yes", "ja": "yes", "rct": "yes"}
_ANSWERS |= {"n": "no", "no": "no", "false": "no", "0": "no", "nee": "no"}
#: A table with more outcomes than this has them made from its columns.
_MOST_OUTCOMES = 60
_PARTS = ("measure", "test", "region", "specific_region", "muscle", "exercise")


def looks_printed(columns: Sequence[str]) -> bool:
    """Whether headers are those of a table of arms: a trial, n, and means with their spreads."""
    found = set(_known(columns, HEADERS))
    spreads = {"sd_pre", "sd_post", "sd_change", "se_pre", "se_post", "se_change", "ci_low"}
    means = {"mean_pre", "mean_post", "mean_change"}
    return "n" in found and bool(found & spreads) and bool(found & means)


def draft_collection(path: Path, folder: Path, options: Mapping[str, str] | None = None) -> Path:
    """Write the folder of a collection with a copy of its table; return its study.yaml.

    `options` may name columns (`trial_column`, `arm_column`, `outcome_column`), a `licence`, a
    `citation` and a `url`. The folder is there whole or not at all.

    Raises
    ------
    HowlowError
        If the folder is there already, or no column names the trial, the arm or the outcome.
    """
    given = dict(options or {})
    if folder.exists():
        raise HowlowError(f"{folder.as_posix()} is there already; nothing was written")
    kept = kept_name(path, [])
    seen = look(path, kept, [given["sheet"]] if "sheet" in given else [], Tell("en"))[0]
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        built = beside / folder.name
        (built / "raw").mkdir(parents=True)
        shutil.copyfile(path, built / "raw" / kept)
        file = Kept(kept, digest_of(path), path.name)
        text = draft_text(seen, folder.name, file, given)
        (built / "study.yaml").write_text(text, encoding="utf-8", newline="\n")
        built.rename(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return folder / "study.yaml"


def draft_text(seen: Seen, study: str, file: Kept, given: Mapping[str, str]) -> str:
    """The text of study.yaml for a table of arms that was looked at."""
    columns = _known(seen.columns, HEADERS)
    trials = _known(seen.columns, _TRIAL_HEADERS)
    for key in ("trial", "arm", "outcome"):
        chosen = given.get(f"{key}_column")
        if chosen is not None:
            columns[key] = chosen
    if "arm" not in columns and "group" in trials:
        columns["arm"] = trials["group"]
    if "trial" not in columns and "cite" in trials:
        columns["trial"] = trials["cite"]
    for key in ("trial", "arm", "outcome"):
        if columns.get(key) not in seen.columns:
            raise HowlowError(
                f"{seen.shown}: no column names the {key}. Give one with --{key}-column. Columns: "
                f"{', '.join(seen.columns)}"
            )
    steps = _steps(seen, columns, trials)
    doses = _known(seen.columns, _DOSE_HEADERS)
    if "to_failure" in doses:
        steps += _answers(seen, doses["to_failure"])
    wanted = {key: column for key, column in columns.items() if key != column}
    head = [
        comment(f"Made by `howlow new` from {file.original}."),
        comment(
            "Read every line marked `guessed` or ASSUME, correct it where it is wrong, and take "
            "the mark away; then run `howlow check`."
        ),
        "",
        f"id: {study}",
        "kind: summary",
        f"title: {scalar(f'What {file.original} prints of trials')}",
        "caution:",
        f"  - The numbers were taken from {scalar(file.original)}, not read in the papers.".replace(
            '"', ""
        ),
        "  - Risk of bias was not assessed.",
        "source:",
        f"  citation: {scalar(given.get('citation', file.original))}   # ASSUME: how to cite it",
        f"  licence: {scalar(given.get('licence', 'own data, not shared'))}   # ASSUME",
        "  files:",
        f"    - file: {scalar(file.name)}",
        f'      sha256: "{file.sha256}"',
        "",
        "table:",
        f"  file: raw/{file.name}",
    ]
    said = seen.table.model_dump(mode="json", exclude_unset=True)
    for key, value in said.items():
        if key != "file":
            why = f"   {comment(seen.why[key])}" if key in seen.why else ""
            head.append(f"  {key}: {flow(value)}{why}")
    head.append(f"  rows: {len(seen.frame)}")
    if steps:
        head += ["  steps:", *(f"    - {flow(step)}" for step in steps)]
    head += ["", "columns:   # guessed by their headers"]
    head += [f"  {key}: {scalar(column)}" for key, column in wanted.items()] or ["  {}"]
    if head[-1] == "  {}":
        head[-2:] = ["columns: {}"]
    head += ["", *_trials_from(seen, columns, trials, doses, given)]
    return "\n".join(head) + "\n"


def _known(columns: Sequence[str], headers: Mapping[str, str]) -> dict[str, str]:
    """Columns by what their header says; the first of those that say the same."""
    found: dict[str, str] = {}
    for key, pattern in headers.items():
        for column in columns:
            plain = re.sub(r"[^a-z0-9]+", "_", unaccented(column).lower()).strip("_")
            if re.fullmatch(pattern, plain):
                found.setdefault(key, column)
    return found


def _cells(seen: Seen, column: str) -> list[str]:
    """The different cells of a column, in order, empty ones left out."""
    return list(dict.fromkeys(cell.strip() for cell in seen.cells(column) if cell.strip()))


def _steps(
    seen: Seen, columns: Mapping[str, str], trials: Mapping[str, str]
) -> list[dict[str, object]]:
    """Cleaning that the cells ask for: rows that name no outcome out, answers to yes and no."""
    steps: list[dict[str, object]] = []
    if "" in (cell.strip() for cell in seen.cells(columns["outcome"])):
        keep = _cells(seen, columns["outcome"])
        steps.append({"step": "filter", "column": columns["outcome"], "keep": keep})
    if "randomised" in trials:
        steps += _answers(seen, trials["randomised"])
    return steps


def _answers(seen: Seen, column: str) -> list[dict[str, object]]:
    """A step that turns the answers of a column into yes and no, where they are not so already."""
    cells = _cells(seen, column)
    if not cells or set(cells) <= {"yes", "no"}:
        return []
    values = {cell: _ANSWERS.get(cell.lower(), "") for cell in cells}
    return [{"step": "map", "column": column, "values": values}]


def _trials_from(
    seen: Seen,
    columns: Mapping[str, str],
    trials: Mapping[str, str],
    doses: Mapping[str, str],
    given: Mapping[str, str],
) -> list[str]:
    """The block `trials_from`, and `outcomes` where the table has few of them."""
    cite = [trials.get("cite", columns["trial"])]
    if "year" in trials and trials["year"] not in cite:
        cite.append(trials["year"])
    lines = [
        "trials_from:   # guessed: what other tables have in trials.yaml",
        f"  cite: {flow(cite)}",
        *(f"  {key}: {scalar(trials[key])}" for key in ("year", "doi") if key in trials),
        f"  url: {scalar(given.get('url', 'https://example.org'))}   # ASSUME: where it was read",
        "  design: parallel   # ASSUME: that arms are different people, in every trial",
    ]
    if "randomised" in trials:
        lines.append(f"  randomised: {scalar(trials['randomised'])}")
    people = [trials[key] for key in ("population", "training") if key in trials]
    if people:
        lines.append(f"  population: {flow(people)}")
    words = set(_cells(seen, trials["training"])) if "training" in trials else {"?"}
    if words <= {"untrained", "trained", "mixed"}:
        lines.append(f"  training: {scalar(trials['training'])}")
    lines += [
        f"  {key}: {scalar(trials[key])}" for key in ("mean_age", "share_male") if key in trials
    ]
    lines.append(f"  arm_label: {flow(_arm_label(columns, trials))}")
    control = _control(seen, columns, trials)
    if control is not None:
        lines.append(f"  control: {flow(control)}   # guessed: who did not train")
    if doses:
        lines.append(f"  doses: {flow(dict(doses))}   # guessed by their headers")
    names = _cells(seen, columns["outcome"])
    if len(names) > _MOST_OUTCOMES or _need_parts(seen, columns):
        return lines + _made_outcomes(seen, columns, trials)
    lines += ["", "outcomes:"]
    unit = _cells(seen, trials["unit"]) if "unit" in trials else []
    for cell, name in zip(names, names_of(names, "_", "outcome"), strict=True):
        found = measured(cell)
        says = {
            "label": label(cell, name),
            "construct": found.construct if found else "not_mapped",
            "unit": unit[0] if len(unit) == 1 else "not stated",
            "measure": (found.measure if found else "") or "other",
            "region": (found.region if found else "") or "other",
        }
        why = f"guessed by the word {found.words}" if found else "ASSUME: say what it measures"
        lines.append(f"  {name}: {flow(says)}   {comment(why)}")
    return lines


def _need_parts(seen: Seen, columns: Mapping[str, str]) -> bool:
    """Whether the outcome alone leaves many rows that only other columns tell apart."""
    keys = [columns[key] for key in ("trial", "arm", "outcome", "weeks") if key in columns]
    twice = seen.frame.duplicated(keys, keep=False).mean()
    return bool(twice > _OFTEN_TWICE and _parts(seen, columns))


def _parts(seen: Seen, columns: Mapping[str, str]) -> list[str]:
    """Columns that say more of the outcome."""
    return [
        column
        for column in seen.columns
        if column.lower() in _PARTS and column != columns["outcome"]
    ]


def _arm_label(columns: Mapping[str, str], trials: Mapping[str, str]) -> list[str]:
    """The columns that make an arm's label."""
    group = trials.get("group")
    return [group, columns["arm"]] if group and group != columns["arm"] else [columns["arm"]]


def _control(
    seen: Seen, columns: Mapping[str, str], trials: Mapping[str, str]
) -> dict[str, object] | None:
    """The column and cells that tell arms which did not train."""
    for column in (trials.get("group"), columns["arm"]):
        cells = (
            [cell for cell in _cells(seen, column) if _CONTROL.fullmatch(cell)] if column else []
        )
        if cells:
            return {"column": column, "cells": cells}
    return None


def _made_outcomes(seen: Seen, columns: Mapping[str, str], trials: Mapping[str, str]) -> list[str]:
    """Outcomes made from columns, because there are many."""
    named = [columns["outcome"], *_parts(seen, columns)]
    rules: dict[str, list[str]] = {}
    for cell in _cells(seen, columns["outcome"]):
        found = measured(cell)
        if found:
            rules.setdefault(found.construct, []).append(cell)
    lines = [
        "  outcomes:",
        f"    id: {flow(named)}",
        f"    label: {flow(named)}",
        "    construct:   # guessed by words in the cells; not_mapped where no rule holds",
    ]
    for construct, cells in rules.items():
        rule = {"where": {columns["outcome"]: cells}, "then": construct}
        lines.append(f"      - {flow(rule)}")
    if not rules:
        lines[-1] = (
            "    construct: []   # ASSUME: give rules such as {where: {...}, then: strength}"
        )
    if "unit" in trials:
        lines.append(f"    unit: {scalar(trials['unit'])}")
    lines += ["    measure: []   # ASSUME", "    region: []   # ASSUME"]
    return lines
