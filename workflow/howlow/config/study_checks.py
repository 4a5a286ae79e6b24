"""What no single key of a study.yaml can tell: whether its parts fit together."""

from __future__ import annotations

import codecs
import datetime
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from howlow.config.estimand_checks import check_aims, check_covariates, check_estimand
from howlow.config.schema import Fault, did_you_mean, unknown
from howlow.config.steps import LookUp, Table, Unit
from howlow.config.study import Participants, Study, Summary, Visit, baseline_visits
from howlow.config.trial import (
    Arm,
    Outcome,
    check_arms,
    check_contrasts,
    check_outcomes,
    check_single_arm,
    sides,
)
from howlow.config.units import UNITS, factor

#: Encodings that tables come in, for advice.
_ENCODINGS = ("utf-8", "cp1252", "latin-1", "iso8859-15", "cp1250", "mac_roman", "utf-16")
#: Python's own ways to write text, which no file of numbers is in.
_NOT_FOR_FILES = ("idna", "punycode", "raw-unicode-escape", "unicode-escape", "undefined")


def cross_checks(
    folder: str, constructs: set[str]
) -> tuple[Callable[[Participants], Iterator[Fault]], ...]:
    """What no single key of a study with participants can tell, in parts that stand alone."""
    return (
        lambda study: check_id(study, folder),
        lambda study: check_outcomes(study.outcomes, constructs),
        _check_margins,
        lambda study: check_arms(study.arms),
        _check_words,
        lambda study: check_contrasts(study.contrasts, study.arms),
        _check_repeated_contrasts,
        lambda study: check_single_arm(study.design, study.contrasts),
        lambda study: _check_named("reference", [study.reference], study.arms),
        lambda study: _check_named("primary_outcome", [study.primary_outcome], study.outcomes),
        _check_at,
        _check_baseline,
        _check_repeats,
        _check_design,
        check_estimand,
        check_covariates,
        check_aims,
        _check_columns,
        _check_sources,
        _check_tables,
        _check_simulated,
    )


def check_id(study: Study, folder: str) -> Iterator[Fault]:
    """An id that is not the folder's name."""
    if study.id != folder:
        yield ("id",), f"'{study.id}'", f"Write '{folder}', the name of the folder", "G12"


def _check_named(key: str, names: Iterable[str | None], known: Collection[str]) -> Iterator[Fault]:
    """Names that are not declared."""
    for name in names:
        if name is not None and name not in known:
            yield (key,), f"'{name}' is not declared", unknown(name, known), "G14"


def _check_margins(study: Participants) -> Iterator[Fault]:
    """Margins, errors and ranges that cannot all be true."""
    for name, outcome in study.outcomes.items():
        if outcome.range is None:
            continue
        low, high = outcome.range
        place = ("outcomes", name)
        if low == high:
            yield (*place, "range"), f"{low:g} to {high:g} holds one value", "Widen it", "G04"
        if low < 0 and outcome.ratio_scale:
            action = "Start it at 0 or above, or write `ratio_scale: false` if values can be < 0"
            yield (*place, "range"), f"the range starts at {low:g}, below 0", action, "G04"
        for key in ("margin", "mdc"):
            size = getattr(outcome, key)
            if size is not None and low < high and size >= high - low:
                found = f"{size:g} is not smaller than the whole plausible range"
                yield (*place, key), found, f"Give it in {outcome.unit}", "G04"


def _check_words(study: Participants) -> Iterator[Fault]:
    """Labels that would not let a reader tell two things apart."""
    kinds: tuple[tuple[str, Mapping[str, Arm | Visit | Outcome]], ...] = (
        ("arms", study.arms),
        ("visits", study.visits),
        ("outcomes", study.outcomes),
    )
    for key, things in kinds:
        seen: dict[str, str] = {}
        for name, thing in things.items():
            first = seen.setdefault(thing.label.casefold(), name)
            if first != name:
                found = f"'{thing.label}' is the label of {first} too"
                yield (key, name, "label"), found, "Give each its own words", "G14"


def _check_repeated_contrasts(study: Participants) -> Iterator[Fault]:
    """Two arms that are set against each other twice."""
    pairs = [frozenset(sides(contrast.contrast)) for contrast in study.contrasts]
    for position, pair in enumerate(pairs):
        if pair in pairs[:position]:
            found = f"'{study.contrasts[position].contrast}' is listed before"
            yield ("contrasts", position, "contrast"), found, "Keep one of them", "G14"


def _check_at(study: Participants) -> Iterator[Fault]:
    """Visits of the comparison that are not declared, come twice, or are the baseline."""
    yield from _check_named("at", study.at, study.visits)
    for position, visit in enumerate(study.at):
        if visit in study.at[:position]:
            yield ("at", position), f"'{visit}' is listed twice", "Keep one of them", "G14"
        if visit in baseline_visits(study):
            found = f"'{visit}' is the baseline, from which changes are counted"
            yield ("at", position), found, "Name later visits", "G14"
        if visit in study.visits and study.visits[visit].repeats is not None:
            found = f"'{visit}' repeats another visit and serves the measurement error alone"
            yield ("at", position), found, "Name later visits", "G14"


def _check_baseline(study: Participants) -> Iterator[Fault]:
    """No visit, or more than one, in phase baseline."""
    if len(baseline_visits(study)) != 1:
        found = f"{len(baseline_visits(study))} visits in phase baseline"
        yield ("visits",), found, "Declare exactly one", "K08"


def _check_repeats(study: Participants) -> Iterator[Fault]:
    """Visits that repeat what is no baseline, or stand in another phase themselves."""
    known = baseline_visits(study)
    for name, visit in study.visits.items():
        if visit.repeats is None:
            continue
        place = ("visits", name)
        if visit.repeats not in study.visits:
            found = f"'{visit.repeats}' is not declared"
            yield (*place, "repeats"), found, unknown(visit.repeats, known), "G14"
        elif visit.repeats not in known:
            found = f"'{visit.repeats}' is no visit in phase baseline that is itself no repeat"
            action = "Name the baseline: an error is seen where nothing was done in between"
            yield (*place, "repeats"), found, action, "G14"
        if visit.phase != "baseline":
            found = f"'{name}' repeats a visit and is in phase {visit.phase}"
            action = "Write `phase: baseline`, or remove `repeats`"
            yield (*place, "phase"), found, action, "G14"


def _check_design(study: Participants) -> Iterator[Fault]:
    """A design that the arms and limbs cannot carry."""
    if (study.design == "crossover") != (study.columns.period is not None):
        found = f"design {study.design}, columns.period {study.columns.period or 'not given'}"
        action = "crossover needs columns.period; other designs have no period"
        yield ("design",), found, action, "G15"
    if (study.design == "within_participant") != (study.columns.limb is not None):
        found = f"design {study.design}, columns.limb {study.columns.limb or 'not given'}"
        action = "within_participant needs columns.limb; other designs have no limb"
        yield ("design",), found, action, "G15"
    if study.design != "single_arm" and len(study.arms) < 2:
        yield ("arms",), "one arm", "Declare two, or design: single_arm", "K10"


def _check_columns(study: Participants) -> Iterator[Fault]:
    """One column of the table that is named for two things."""
    seen: dict[str, str] = {}
    for key, column in study.columns:
        first = seen.setdefault(column, key) if column is not None else key
        if first != key:
            found = f"'{column}' is named for {first} too"
            yield ("columns", key), found, "A column holds one thing", "G14"


def _check_sources(study: Participants) -> Iterator[Fault]:
    """One file that is declared twice."""
    names = [source.file for source in study.source.files]
    for position, name in enumerate(names):
        if name in names[:position]:
            place = ("source", "files", position, "file")
            yield place, f"'{name}' is listed twice", "Keep one of them", "G14"


def _check_simulated(study: Participants) -> Iterator[Fault]:
    """A simulated study without its truth, or the other way round."""
    if study.simulated != (study.truth is not None):
        yield ("truth",), "simulated and truth do not go together", "Give both or neither", "G01"


def _check_tables(study: Participants) -> Iterator[Fault]:
    """Tables and steps that name what is not there, or units that cannot be turned into another."""
    people = [table.name for table in study.tables if table.holds == "participants" and table.name]
    if all(table.holds == "participants" for table in study.tables):
        yield (
            ("tables",),
            "no table holds measurements",
            "Add one with `holds: measurements`",
            "G14",
        )
    names = [table.name for table in study.tables]
    for position, table in enumerate(study.tables):
        if table.name is not None and table.name in names[:position]:
            found = f"'{table.name}' is the name of two tables"
            yield ("tables", position, "name"), found, "Give each its own", "G14"
        yield from _check_reading(table, ("tables", position))
        place: tuple[str | int, ...] = ("tables", position)
        yield from _check_listed(table, study, (*place, "file"))
        for number, step in enumerate(table.steps):
            where = (*place, "steps", number)
            if isinstance(step, LookUp) and step.table not in people:
                found = f"'{step.table}' is no table that holds participants"
                yield (*where, "table"), found, unknown(step.table, people), "G14"
            if isinstance(step, Unit):
                yield from _check_units(step, where)


def _check_listed(table: Table, study: Study, place: tuple[str | int, ...]) -> Iterator[Fault]:
    """A table in raw/ that is not declared there."""
    name = table.file.removeprefix("raw/")
    listed = [source.file for source in study.source.files]
    if name != table.file and name not in listed:
        action = f"{did_you_mean(name, listed)}Declare it"
        yield place, f"'{table.file}' is not under source.files", action, "G11"


def summary_faults(study: Summary, constructs: set[str]) -> Iterator[Fault]:
    """What no single key of a collection can tell."""
    yield from check_outcomes(study.outcomes, constructs)
    yield from _rule_faults(study, constructs)
    table = study.arms_table
    yield from _check_listed(table, study, ("table",))
    if isinstance(study.table, Table):
        yield from _check_reading(table, ("table",))
        for number, step in enumerate(table.steps):
            if isinstance(step, LookUp):
                found = "a collection has no table of participants"
                yield ("table", "steps", number), found, "Leave `look_up` out", "G14"
            if isinstance(step, Unit):
                yield from _check_units(step, ("table", "steps", number))
    made = study.trials_from is not None
    if made and study.trials is not None:
        action = "Keep one: a trials.yaml, or trials_from"
        yield ("trials_from",), "trials and trials_from are both given", action, "G14"
    if made != (bool(study.outcomes) or (made and _outcomes_made(study))):
        action = "Give trials_from.outcomes, or declare `outcomes`; trials.yaml has its own"
        yield ("outcomes",), "what was measured is said nowhere, or twice", action, "G14"
    if made and study.outcomes and _outcomes_made(study):
        action = "Keep one: `outcomes`, or trials_from.outcomes"
        yield ("outcomes",), "outcomes are declared and made from columns", action, "G14"


def _rule_faults(study: Summary, constructs: set[str]) -> Iterator[Fault]:
    """Rules that give a construct which config.yaml does not know."""
    made = study.trials_from.outcomes if study.trials_from is not None else None
    rules = made.construct if made is not None and isinstance(made.construct, tuple) else ()
    for number, rule in enumerate(rules):
        if rule.then not in constructs:
            place = ("trials_from", "outcomes", "construct", number, "then")
            action = unknown(rule.then, sorted(constructs))
            yield place, f"'{rule.then}' is no construct", action, "G14"


def _outcomes_made(study: Summary) -> bool:
    """Whether columns say what was measured."""
    return study.trials_from is not None and study.trials_from.outcomes is not None


def _check_reading(table: Table, place: tuple[str | int, ...]) -> Iterator[Fault]:
    """An encoding that nobody knows, or a date format that gives no date."""
    if not _is_encoding(table.encoding):
        found = f"'{table.encoding}' is no encoding of text"
        yield (*place, "encoding"), found, unknown(table.encoding, _ENCODINGS), "F02"
    if not _is_date_format(table.date_format):
        found = f"'{table.date_format}' does not tell day, month and year"
        action = "%d is the day, %m the month, %Y the year: %d-%m-%Y reads 31-12-2026"
        yield (*place, "date_format"), found, action, "C12"


def _is_encoding(name: str) -> bool:
    """Whether Python knows an encoding of that name, and it is one that files are written in."""
    try:
        known = codecs.lookup(name)
        "a".encode(known.name)
    except (LookupError, ValueError):
        return False
    return known.name not in _NOT_FOR_FILES


def _is_date_format(words: str) -> bool:
    """Whether a date comes back whole from its text in that format."""
    day = datetime.datetime(2001, 12, 30)
    try:
        return datetime.datetime.strptime(day.strftime(words), words) == day
    except ValueError:
        return False


def _check_units(step: Unit, place: tuple[str | int, ...]) -> Iterator[Fault]:
    """Units that are not known, or that measure different things."""
    strangers = [name for name in ("unit", "to") if getattr(step, name) not in UNITS]
    for name in strangers:
        word = getattr(step, name)
        yield (*place, name), f"'{word}' is no unit", unknown(word, UNITS), "C09"
    if not strangers and factor(step.unit, step.to) is None:
        found = f"{step.unit} cannot be turned into {step.to}"
        yield (*place, "to"), found, "They measure different things", "C09"
