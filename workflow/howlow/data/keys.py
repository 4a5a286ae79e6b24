"""Keys of the tidy table: ids, words, rows given twice, and what cannot change in a person."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from howlow.config.schema import did_you_mean
from howlow.config.study import Participants
from howlow.data.categories import all_differ, codes_of
from howlow.data.cells import FILE, cell_shown, code_of_stranger, plain, stranger
from howlow.data.changes_within_people import changes_within_people
from howlow.data.periods import period_faults
from howlow.data.tables import LINE
from howlow.data.tidy import SHOWN, Tidy, more, tell
from howlow.findings import Finding

if TYPE_CHECKING:
    import pandas as pd

#: Zeros before a number, as in P01; not those after a decimal point.
_LEADING_ZEROS = re.compile(r"(?<![\d.,])0+(?=\d)")
#: Where more than this share of an outcome's cells hold several values, rows are no people.
_MOST = 0.5


def known_words(study: Participants) -> dict[str, Collection[str]]:
    """The words that study.yaml declares for each key column."""
    return {"arm": study.arms, "visit": study.visits, "outcome": study.outcomes}


def key_faults(tidy: Tidy, study: Participants) -> Iterator[Finding]:
    """Every fault of the keys; all of them are errors."""
    yield from _without_id(tidy, study)
    yield from _same_people(tidy, study)
    yield from _strangers(tidy, study)
    yield from _same_limbs(tidy, study)
    yield from period_faults(tidy, study)
    yield from _twice(tidy, study)
    yield from _twice_in_roster(tidy, study)
    yield from changes_within_people(tidy, study)
    yield from _not_in_roster(tidy, study)


def folded(word: str) -> str:
    """An id without what people write one time and leave out the other."""
    if word.isascii() and word.isprintable() and "0" not in word and " " not in word:
        return word.lower()
    plain = unicodedata.normalize("NFKC", word).casefold()
    # Signs of width nought, which no eye tells apart.
    plain = "".join(sign for sign in plain if unicodedata.category(sign) not in ("Cf", "Cc"))
    return _LEADING_ZEROS.sub("", re.sub(r"\s+", "", plain))


def _without_id(tidy: Tidy, study: Participants) -> Iterator[Finding]:
    """K03: rows that belong to nobody."""
    for table in (tidy.rows, tidy.roster):
        lost = table[table["participant"] == ""]
        if len(lost):
            action = "Fill in the id, or remove the row"
            found = "no participant"
            yield tell(study, "K03", "error", lost, study.columns.participant, found, action)


def _same_people(tidy: Tidy, study: Participants) -> Iterator[Finding]:
    """K02: ids that differ only in case, space, width or leading zeros."""
    spellings: dict[str, list[str]] = {}
    for word in _ids(tidy):
        spellings.setdefault(folded(word), []).append(word)
    several = [words for words in spellings.values() if len(words) > 1]
    for words in several[:SHOWN]:
        table = tidy.rows if (tidy.rows["participant"] == words[1]).any() else tidy.roster
        first = table[table["participant"] == words[1]].iloc[:1]
        found = f"{' and '.join(cell_shown(word) for word in words)} look like one participant"
        action = "Write one id in one way everywhere; different people need ids that differ more"
        yield tell(study, "K02", "error", first, study.columns.participant, found, action)
    if len(several) > SHOWN:
        found = f"{len(several) - SHOWN} more ids are written in several ways"
        yield more(study, "K02", tidy, study.columns.participant, found, "Write each in one way")


def _ids(tidy: Tidy) -> list[str]:
    """Every id of every table, sorted."""
    ids = {*tidy.rows["participant"].cat.categories.tolist(), *tidy.roster["participant"].tolist()}
    return sorted(ids - {""})


def _strangers(tidy: Tidy, study: Participants) -> Iterator[Finding]:
    """K04, K05 and K08: arms, visits and outcomes that study.yaml does not know."""
    for column, names in known_words(study).items():
        words = [word for word in tidy.rows[column].cat.categories if word not in names]
        if column == "arm" and "" in words and "arm" in tidy.said:
            # Who has no arm here may have it in another table; who has none anywhere is told below.
            words.remove("")
        codes, named = tidy.rows[column].cat, getattr(study.columns, column)
        told = 0
        for word in words:
            mine = tidy.rows[codes.codes == codes.categories.get_loc(word)]
            if not len(mine):
                continue
            told += 1
            if told > SHOWN:
                found = f"more words that are no {column}"
                yield more(study, "K04", tidy, named, found, f"Known: {', '.join(names)}")
                break
            found, action = stranger(word, names)
            code = code_of_stranger(word, names)
            # A visit that no schedule knows has a code of its own.
            code = "K08" if column == "visit" and code == "K04" else code
            found = f"{found} is no {column}"
            yield tell(study, code, "error", mine, named, found, action)
    yield from _without_arm(tidy, study)


def _without_arm(tidy: Tidy, study: Participants) -> Iterator[Finding]:
    """K04: people who were measured but are in no arm of any table."""
    if "arm" not in tidy.said or study.design == "within_participant":
        return
    known = set(tidy.said["arm"]["participant"])
    ids = tidy.rows["participant"].cat.categories.tolist()
    without = [name for name in ids if name and name not in known]
    mine = tidy.rows[tidy.rows["participant"].isin(without)] if without else tidy.rows.iloc[:0]
    if len(mine):
        found = f"{mine['participant'].nunique()} participants are in no arm of any table"
        action = "Fill in the arm of each"
        yield tell(study, "K04", "error", mine, study.columns.arm, found, action)


def _same_limbs(tidy: Tidy, study: Participants) -> Iterator[Finding]:
    """K04: words for a limb that look the same; each would be a limb of its own."""
    spellings: dict[str, list[str]] = {}
    for word in tidy.rows["limb"].cat.categories:
        spellings.setdefault(plain(word), []).append(word)
    name = str(study.columns.limb)
    for words in spellings.values():
        if study.columns.limb is not None and "" in words:
            found, action = "no limb", "Fill in the limb, or remove the row"
            mine = tidy.rows[tidy.rows["limb"] == ""]
            if len(mine):
                yield tell(study, "K04", "error", mine, name, found, action)
        elif len(words) > 1:
            mine = tidy.rows[tidy.rows["limb"] == words[1]]
            found = f"{' and '.join(cell_shown(word) for word in words)} look like one limb"
            yield tell(study, "K04", "error", mine, name, found, "Write each limb in one way")


def value_key(study: Participants) -> list[str]:
    """The columns that make a value one of a kind."""
    period = ["period"] if study.design == "crossover" else []
    return ["participant", "limb", *period, "visit", "outcome"]


def _twice(tidy: Tidy, study: Participants) -> Iterator[Finding]:
    """K01 and K15: several rows for one participant, visit and outcome, over all tables."""
    rows = tidy.rows
    names = value_key(study)
    if all_differ(rows, names):
        return
    key = codes_of(rows, names)
    again = key.duplicated(keep=False) & (rows["participant"] != "")
    if not again.any():
        return
    twice = rows[again].assign(key=key[again])
    whole = list(_whole_tables(rows, twice, key))
    if whole:
        file, found = whole[0]
        action = "Remove what was pasted twice"
        yield Finding("K01", "error", file, 0, "", found, action, study.id)
        return
    if study.columns.limb is None and (several := _not_people(rows, twice, key)):
        action = (
            "Limbs, sets and trials are no people. Declare `design: within_participant` with "
            "`columns: {limb: ...}`, or make one value of them with a `combine` step"
        )
        yield tell(study, "K15", "error", twice, study.columns.participant, several, action)
        return
    groups = list(twice.groupby("key", sort=False))
    for _, same in groups[:SHOWN]:
        first = same.iloc[0]
        lines = ", ".join(str(line) for line in same[LINE][: 2 * SHOWN])
        if same[FILE].nunique() > 1:
            lines = ", ".join(
                f"{line} of {file}" for line, file in zip(same[LINE], same[FILE], strict=True)
            )
        found = (
            f"{first['participant']}, {first['visit']}, {first['outcome']} stands on lines {lines}"
        )
        action = "Keep one, or declare a `combine` step or the limb"
        yield tell(study, "K01", "error", same.iloc[:1], "participant", found, action)
    if len(groups) > SHOWN:
        found = f"{len(groups) - SHOWN} more participant-visits stand on several lines"
        action = "Keep one of each, or declare a `combine` step or the limb"
        yield more(study, "K01", tidy, "participant", found, action)


def _whole_tables(
    rows: pd.DataFrame, twice: pd.DataFrame, key: pd.Series
) -> Iterator[tuple[str, str]]:
    """Tables all of whose rows stand twice in them, or stand in another one too."""
    same = ["key", "value", FILE]
    inside = twice[twice.duplicated(same, keep=False)]
    for file, number in rows[FILE].value_counts().items():
        if number > 2 and (inside[FILE] == file).sum() == number:
            yield str(file), f"all {number} rows stand twice or more"
    across = twice[twice.duplicated(["key", "value"], keep=False)]
    files = list(dict.fromkeys(across[FILE]))
    for position, file in enumerate(files):
        mine = across[across[FILE] == file]
        earlier = across[across[FILE].isin(files[:position])]
        if len(mine) == (rows[FILE] == file).sum() > 1 and mine["key"].isin(earlier["key"]).all():
            others = ", ".join(str(name) for name in files[:position])
            yield str(file), f"all {len(mine)} rows stand in {others} too"


def _not_people(rows: pd.DataFrame, twice: pd.DataFrame, key: pd.Series) -> str:
    """What to say where most participant-visits of an outcome have several rows; else nothing."""
    cells = rows.assign(key=key).drop_duplicates("key")["outcome"].value_counts()
    several = twice.drop_duplicates("key")["outcome"].value_counts()
    for outcome, number in several.items():
        if number > max(_MOST * cells[outcome], 1):
            size = twice[twice["outcome"] == outcome].groupby("key").size().mode().iloc[0]
            return (
                f"{number} of {cells[outcome]} participant-visits of {outcome} have several rows, "
                f"most of them {size}"
            )
    return ""


def _twice_in_roster(tidy: Tidy, study: Participants) -> Iterator[Finding]:
    """K01: a participant who has two rows in one table of participants."""
    roster = tidy.roster[tidy.roster["participant"] != ""]
    twice = roster[roster.duplicated(["participant", FILE], keep=False)]
    groups = list(twice.groupby(["participant", FILE], sort=False))
    action = "Keep one: a row of this table is a person"
    for (participant, _), same in groups[:SHOWN]:
        lines = ", ".join(str(line) for line in same[LINE][: 2 * SHOWN])
        found = f"{participant} stands on lines {lines}"
        yield tell(study, "K01", "error", same.iloc[:1], study.columns.participant, found, action)
    if len(groups) > SHOWN:
        found = f"{len(groups) - SHOWN} more participants stand on several lines"
        yield more(study, "K01", tidy, study.columns.participant, found, action)


def _not_in_roster(tidy: Tidy, study: Participants) -> Iterator[Finding]:
    """K02: people who were measured and stand in no table of participants."""
    roster = set(tidy.roster["participant"])
    if not roster or not len(tidy.rows):
        return
    unknown = [name for name in _ids(tidy) if name not in roster]
    alike = {folded(name): name for name in sorted(roster)} if unknown else {}
    for name in unknown[:SHOWN]:
        mine = tidy.rows[tidy.rows["participant"] == name].iloc[:1]
        found = f"'{name}' stands in no table of participants"
        near = [alike[folded(name)]] if folded(name) in alike else sorted(roster)
        action = f"{did_you_mean(name, near)}Add the row, or correct the id"
        yield tell(study, "K02", "error", mine, study.columns.participant, found, action)
    if len(unknown) > SHOWN:
        found = f"{len(unknown) - SHOWN} more participants stand in no table of participants"
        action = "Add their rows, or correct their ids"
        yield more(study, "K02", tidy, study.columns.participant, found, action)
