"""Mutated tables: what changes the structure is told or does no harm, and nothing ends in a crash.

A structural mutation (columns, delimiters, rows given twice or lost, words, units, encodings) must
end in a finding or in the identical result. Any mutation at all must end without a traceback. Where
the SHA-256 of the file is declared, every change is a finding.
"""

from __future__ import annotations

import csv
import hashlib
import io
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from howlow.config.reading import read_config, read_study
from howlow.config.settings import Config
from howlow.config.study import Participants
from howlow.data.individual import measure
from howlow.errors import InputError

Rows = list[list[str]]

STUDY = """
id: fuzzed
kind: participants
title: A small trial
source: {citation: Nobody, licence: CC0-1.0FILES}
population: {description: adults}
design: parallel
randomised: "yes"
arms:
  light: {label: Light, planned: 6}
  heavy: {label: Heavy, planned: 6}
reference: heavy
visits:
  baseline: {label: Before, week: 0, phase: baseline}
  post: {label: After, week: 10, phase: training}
outcomes:
  squat: {label: Squat, construct: strength, unit: kg, measure: one_rm,
    region: lower_body, range: [40, 260]}
  csa: {label: Thigh CSA, construct: muscle_size, unit: cm², measure: csa,
    region: knee_extensors, range: [30, 120]}
primary_outcome: squat
contrasts: [{contrast: light - heavy, question: load}]
at: [post]
tables: [{file: TABLE, rows: 48}]
columns: {sex: sex, age: age, unit: unit}
"""
HEADER = ["participant", "arm", "visit", "outcome", "value", "unit", "sex", "age", "lamp"]


def good_rows() -> Rows:
    """Twelve people, two outcomes, two visits, each value unlike the others."""
    chance = random.Random(7)
    rows = []
    for person in range(12):
        arm = ("light", "heavy")[person % 2]
        sex, age = ("F", "M")[person % 3 == 0], str(21 + person)
        for outcome, unit, start in (("squat", "kg", 90), ("csa", "cm²", 60)):
            level = start + chance.gauss(0, 8)
            for visit, gain in (("baseline", 0.0), ("post", chance.gauss(6, 2))):
                value = f"{level + gain:.1f}"
                rows.append(
                    [f"S{person + 1:02d}", arm, visit, outcome, value, unit, sex, age, "ok"]
                )
    return rows


GOOD = [HEADER, *good_rows()]


def text_of(rows: Rows, delimiter: str = ",", quoting: int = csv.QUOTE_MINIMAL) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator="\n").writerows(rows)  # type: ignore[arg-type]
    return out.getvalue()


@pytest.fixture(scope="module")
def config(repo: Path) -> Config:
    return read_config([repo / "config" / "config.yaml"])


@dataclass(frozen=True)
class Trial:
    """A declared study whose table is written anew for each example."""

    study: Participants
    table: Path
    seed: int

    def result(self, content: bytes) -> tuple[str, ...]:
        """What the data stage makes of a table: a digest of its result, or how it was stopped.

        Then the codes of what was told.
        """
        self.table.write_bytes(content)
        try:
            measured = measure(self.study, [self.table], seed=self.seed)
        except InputError as error:
            return ("stopped", *sorted({finding.code for finding in error.findings}))
        measured.measurements["value"] = measured.measurements["value"].round(4)
        tables = "".join(
            "\n".join(sorted(found.to_csv(index=False).splitlines()))
            for found in (measured.participants, measured.measurements)
        )
        told = sorted({found.code for found in measured.findings if found.severity != "note"})
        return (hashlib.sha256(tables.encode()).hexdigest(), *told)


def declared(folder: Path, config: Config, table: str, files: str) -> Trial:
    """The study in a folder of its own, with a good table."""
    (folder / table).parent.mkdir(parents=True)
    (folder / table).write_bytes(utf8(GOOD))
    text = STUDY.replace("TABLE", table).replace("FILES", files)
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    study = read_study(folder, config)
    assert isinstance(study, Participants)
    return Trial(study, folder / table, config.seed)


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory, config: Config) -> Trial:
    folder = tmp_path_factory.mktemp("fuzz") / "data" / "fuzzed"
    return declared(folder, config, "table.csv", "")


@pytest.fixture(scope="module")
def trial_with_digest(tmp_path_factory: pytest.TempPathFactory, config: Config) -> Trial:
    folder = tmp_path_factory.mktemp("digest") / "data" / "fuzzed"
    digest = hashlib.sha256(utf8(GOOD)).hexdigest()
    files = f', files: [{{file: table.csv, sha256: "{digest}"}}]'
    return declared(folder, config, "raw/table.csv", files)


@pytest.fixture(scope="module")
def expected(trial: Trial) -> tuple[str, ...]:
    """What the table gives that is as it should be."""
    return trial.result(utf8(GOOD))


Mutation = Callable[[random.Random, Rows], bytes]
MUTATIONS: dict[str, Mutation] = {}


def mutation(change: Mutation) -> Mutation:
    MUTATIONS[change.__name__] = change
    return change


def utf8(rows: Rows, **options: object) -> bytes:
    return text_of(rows, **options).encode()  # type: ignore[arg-type]


@mutation
def drop_a_column(chance: random.Random, rows: Rows) -> bytes:
    gone = chance.randrange(len(HEADER))
    return utf8([[cell for place, cell in enumerate(row) if place != gone] for row in rows])


@mutation
def double_a_column(chance: random.Random, rows: Rows) -> bytes:
    twice = chance.randrange(len(HEADER))
    return utf8([[*row, row[twice]] for row in rows])


@mutation
def rename_a_column(chance: random.Random, rows: Rows) -> bytes:
    place = chance.randrange(len(HEADER))
    new = chance.choice(["", "x", HEADER[place].upper(), HEADER[place] + "s", HEADER[place - 1]])
    return utf8([[*rows[0][:place], new, *rows[0][place + 1 :]], *rows[1:]])


@mutation
def swap_two_names(chance: random.Random, rows: Rows) -> bytes:
    one, other = chance.sample(range(len(HEADER)), 2)
    header = list(rows[0])
    header[one], header[other] = header[other], header[one]
    return utf8([header, *rows[1:]])


@mutation
def reorder_columns(chance: random.Random, rows: Rows) -> bytes:
    order = chance.sample(range(len(HEADER)), len(HEADER))
    return utf8([[row[place] for place in order] for row in rows])


@mutation
def another_delimiter(chance: random.Random, rows: Rows) -> bytes:
    return utf8(rows, delimiter=chance.choice(";\t|"))


@mutation
def a_comma_too_many(chance: random.Random, rows: Rows) -> bytes:
    lines = text_of(rows).splitlines()
    place = chance.randrange(len(lines))
    lines[place] += ","
    return "\n".join(lines).encode()


@mutation
def double_a_row(chance: random.Random, rows: Rows) -> bytes:
    place = chance.randrange(1, len(rows))
    return utf8([*rows[:place], rows[place], *rows[place:]])


@mutation
def drop_rows(chance: random.Random, rows: Rows) -> bytes:
    gone = set(chance.sample(range(1, len(rows)), chance.randint(1, 20)))
    return utf8([row for place, row in enumerate(rows) if place not in gone])


@mutation
def one_row_for_another(chance: random.Random, rows: Rows) -> bytes:
    one, other = chance.sample(range(1, len(rows)), 2)
    return utf8([row if place != one else rows[other] for place, row in enumerate(rows)])


@mutation
def cut_the_end(chance: random.Random, rows: Rows) -> bytes:
    content = utf8(rows)
    return content[: chance.randrange(len(content))].rstrip(b"\n")


@mutation
def paste_the_table_twice(chance: random.Random, rows: Rows) -> bytes:
    return utf8([*rows, *rows[chance.randint(0, 1) :]])


@mutation
def another_word(chance: random.Random, rows: Rows) -> bytes:
    """One word (or all of a kind) written another way: case, spaces, look-alikes, typing errors."""
    place = chance.choice([0, 1, 2, 3, 5, 6])
    row = chance.randrange(1, len(rows))
    word = rows[row][place]
    alike = str.maketrans("aeSM", "\u0430\u0435\u0405\u041c")
    changed = chance.choice(
        [
            *(word.upper() + "_", word + " ", " " + word, word + "\u00a0", word[1:] or "?"),
            *(word + "s", word.translate(alike) + "\u200b"),
        ]
    )
    # An id written another way in all its rows is another id, and no harm.
    everywhere = place > 0 and chance.random() < 0.3
    return utf8(
        [
            [
                changed if here == place and (at == row or (everywhere and cell == word)) else cell
                for here, cell in enumerate(line)
            ]
            if at
            else line
            for at, line in enumerate(rows)
        ]
    )


@mutation
def another_unit(chance: random.Random, rows: Rows) -> bytes:
    """Values of one visit in another unit: named so (harmless), or not."""
    factor, name = chance.choice([(2.2046226, "lb"), (1000.0, "g")])
    named = chance.random() < 0.5
    who = {f"S{number:02d}" for number in chance.sample(range(1, 13), 5)}
    changed = [rows[0]]
    for row in rows[1:]:
        row = list(row)
        if row[0] in who and row[2:4] == ["post", "squat"]:
            row[4] = repr(float(row[4]) * factor)
            row[5] = name if named else row[5]
        changed.append(row)
    return utf8(changed)


@mutation
def nonsense_unit(chance: random.Random, rows: Rows) -> bytes:
    word = chance.choice(["N·m", "stone", "cm", "", "%"])
    place = chance.randrange(1, len(rows))
    return utf8([[*row[:5], word, *row[6:]] if at == place else row for at, row in enumerate(rows)])


@mutation
def decimal_commas(chance: random.Random, rows: Rows) -> bytes:
    share = chance.choice([0.1, 1.0])
    return utf8(
        [
            [*row[:4], row[4].replace(".", "," if chance.random() < share else "."), *row[5:]]
            for row in rows
        ]
    )


@mutation
def another_encoding(chance: random.Random, rows: Rows) -> bytes:
    text = text_of(rows)
    encoding = chance.choice(["utf-8-sig", "utf-16", "utf-16-le", "cp1252", "utf-32"])
    return text.encode(encoding)


@mutation
def shuffle_rows(chance: random.Random, rows: Rows) -> bytes:
    return utf8([rows[0], *chance.sample(rows[1:], len(rows) - 1)])


@mutation
def other_line_ends(chance: random.Random, rows: Rows) -> bytes:
    return text_of(rows).replace("\n", chance.choice(["\r\n", "\r"])).encode()


@mutation
def quotes_everywhere(_: random.Random, rows: Rows) -> bytes:
    return utf8(rows, quoting=csv.QUOTE_ALL)


@mutation
def empty_lines(chance: random.Random, rows: Rows) -> bytes:
    lines = text_of(rows).splitlines()
    for _ in range(3):
        lines.insert(chance.randrange(len(lines)), "")
    return "\n".join(lines).encode()


@mutation
def lines_around(chance: random.Random, rows: Rows) -> bytes:
    extra = chance.choice(["Exported by Biodex 4", "Mean,,,,88.1,,,,", "# comment", "SD"])
    lines = text_of(rows).splitlines()
    lines.insert(chance.choice([0, len(lines)]), extra)
    return "\n".join(lines).encode()


@pytest.mark.slow
@given(st.sampled_from(sorted(MUTATIONS)), st.integers(0, 2**32))
@settings(max_examples=1200, suppress_health_check=list(HealthCheck), database=None)
def test_a_structural_mutation_is_told_or_does_no_harm(
    trial: Trial, expected: tuple[str, ...], kind: str, seed: int
) -> None:
    found = trial.result(MUTATIONS[kind](random.Random(seed), GOOD))
    told = found[0] == "stopped" or set(found[1:]) > set(expected[1:])
    assert told or found[0] == expected[0], (kind, seed, found)


def mangle(chance: random.Random, content: bytes) -> bytes:
    """Bytes changed, lost, repeated and put in anywhere."""
    out = bytearray(content)
    for _ in range(chance.randint(1, 8)):
        place = chance.randrange(len(out) + 1)
        length = chance.randint(1, 40)
        match chance.randint(0, 4):
            case 0:
                out[place : place + length] = chance.randbytes(length)
            case 1:
                del out[place : place + length]
            case 2:
                out[place:place] = out[place : place + length]
            case 3:
                out[place:place] = chance.choice(
                    [b'"', b",", b"\n", b"\x00", b"\xff", b"=1+1", b"1e999", b"\xef\xbb\xbf", b"\r"]
                )
            case _:
                out[place:place] = bytes(chance.choices(range(32, 127), k=length))
    return bytes(out)


@pytest.mark.slow
@given(st.integers(0, 2**32))
@settings(max_examples=500, suppress_health_check=list(HealthCheck), database=None)
def test_no_table_ends_in_a_traceback(trial: Trial, seed: int) -> None:
    trial.result(mangle(random.Random(seed), utf8(GOOD)))


@pytest.mark.slow
@given(st.integers(0, 2**32))
@settings(max_examples=300, suppress_health_check=list(HealthCheck), database=None)
def test_every_change_is_a_finding_where_the_digest_is_declared(
    trial_with_digest: Trial, seed: int
) -> None:
    mangled = mangle(random.Random(seed), utf8(GOOD))
    found = trial_with_digest.result(mangled)
    assert mangled == utf8(GOOD) or (found[0] == "stopped" and "F13" in found)


def test_the_table_that_is_mutated_is_good(expected: tuple[str, ...]) -> None:
    assert expected[0] != "stopped"
    assert len(expected) == 1
