"""G01 to G16: faults of the configuration are told in plain words, and nothing in it is ever run.

Where a case is about something that would run, the test first runs it without the guard, to show
that the text is live.
"""

import contextlib
import json
import re
from collections.abc import Callable
from pathlib import Path

import formulaic
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from howlow.__main__ import main
from howlow.errors import InputError

RUN = "__import__('os').system('touch ran')"
QUERY = "@pd.io.common.os.system('touch ran')"
TEMPLATE = "{{ cycler.__init__.__globals__.os.system('touch ran') }}"

STUDY = """\
id: my-study
kind: participants
title: A study
source:
  citation: Somebody, somewhere
  licence: CC0-1.0
population: {description: healthy adults}
design: parallel
randomised: "yes"
arms:
  light: {label: Light, rm: [30, 30]}
  heavy: {label: Heavy, rm: [10, 10]}
reference: heavy
visits:
  baseline: {label: Before, week: 0, phase: baseline}
  post: {label: After, week: 12, phase: training}
outcomes:
  press: {label: Leg press, construct: strength, unit: kg, measure: one_rm, region: legs, margin: 5}
primary_outcome: press
contrasts:
  - {contrast: light - heavy, question: load}
at: [post]
tables:
  - file: table.csv
columns: {}
"""
CONFIG = """\
studies: [my-study]
alpha: 0.05
seed: 1
constructs:
  strength: {label: Strength, margin_pct: 5}
  muscle_size: {label: Muscle size}
limb_correlation: {value: 0.7, low: 0.4, high: 0.9}
dose_classes:
  light: {max_pct_1rm: 60, min_rm: 20}
  heavy: {min_pct_1rm: 70, max_rm: 12}
training_window: {min_weeks: 6, max_weeks: 26}
preference: {regions: [legs], measures: [one_rm]}
"""


class Project:
    """A project of one study, in a folder of its own which is the current one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.study = folder / "data" / "my-study"
        self.study.mkdir(parents=True)
        (folder / "config").mkdir()
        self.write("config/config.yaml", CONFIG)
        self.write("data/my-study/study.yaml", STUDY)
        self.write("data/my-study/table.csv", self.table())

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def edit(self, old: str, new: str, name: str = "data/my-study/study.yaml") -> None:
        text = (self.folder / name).read_text(encoding="utf-8")
        assert text.count(old) == 1, old
        self.write(name, text.replace(old, new))

    def table(self, value: str = "value") -> str:
        """Ten participants in two arms, measured twice."""
        lines = [f'participant,arm,visit,outcome,"{value}"']
        for number in range(10):
            arm = ("light", "heavy")[number % 2]
            for visit, gain in (("baseline", 0), ("post", 5 + number % 3)):
                lines.append(f"P{number},{arm},{visit},press,{50 + 3 * number % 17 + gain}.5")
        return "\n".join(lines) + "\n"

    def files(self) -> dict[str, bytes]:
        found = (path for path in self.folder.rglob("*") if path.is_file())
        return {path.relative_to(self.folder).as_posix(): path.read_bytes() for path in found}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    made = Project(tmp_path / "project")
    monkeypatch.chdir(made.folder)
    return made


def refused(project: Project, capsys: pytest.CaptureFixture[str]) -> str:
    """What is told of a project that is refused; nothing was written."""
    before = project.files()
    assert main(["ingest", "data/my-study", "--output", "results/my-study"]) == 2
    assert project.files() == before
    told = capsys.readouterr().err
    assert "Traceback" not in told
    return told


def accepted(project: Project) -> None:
    assert main(["ingest", "data/my-study", "--output", "results/my-study"]) == 0


def test_the_study_that_the_cases_change_is_fine(project: Project) -> None:
    accepted(project)
    assert (project.folder / "results/my-study/measurements.csv").is_file()


CONFIG_FILE = "config/config.yaml"
STUDY_FILE = "data/my-study/study.yaml"
FILES = {"config": CONFIG_FILE, "study": STUDY_FILE}
TABLE = "  - file: table.csv\n"

#: Code, file, what is replaced, by what, the line, and what is told.
CASES: list[tuple[str, str, str, str, int, str]] = [
    ("G01", "config", "alpha:", "alhpa:", 2, "alhpa: this key is not known. Did you mean 'alp"),
    ("G01", "study", "design:", "desing:", 8, "desing: this key is not known. Did you mean 'de"),
    ("G01", "study", "title: A study\n", "", 1, "title: this key is missing. Add it: What the"),
    ("G01", "study", "label: Light", "label:Light", 11, "Write `label: Light` with a space"),
    ("G01", "study", "kind: participants", "kind: [a]", 2, "Known: participants, summary"),
    ("G02", "config", "seed: 1\n", "seed: 1\nalpha: 0.5\n", 4, "given twice (first on line 2)"),
    ("G02", "study", "  heavy: {label", "  light: {label", 12, "'light' is given twice (first"),
    ("G03", "study", '"yes"', "true", 9, "randomised: found true. Allowed: 'yes', 'no', 'not"),
    ("G03", "config", "seed: 1", "seed: on", 3, 'seed: found "on". Expected: a whole number'),
    ("G03", "config", "0.05", "0:30", 2, 'alpha: found "0:30". Expected: a number'),
    ("G03", "study", "title: A study", "title: 0123", 3, "title: found 123. Expected: text (pu"),
    ("G04", "config", "0.05", ".nan", 2, "alpha: .nan. Give a finite number"),
    ("G04", "config", "margin_pct: 5", "margin_pct: .inf", 5, ".inf. Give a finite number"),
    ("G04", "config", "seed: 1", f"seed: {'9' * 5000}", 3, "a number of 5000 digits"),
    ("G04", "config", "0.05", "1.5", 2, "alpha: found 1.5. Expected: less than 1 [G04]"),
    (
        "G04",
        "config",
        "seed: 1",
        "seed: -1",
        3,
        "found -1. Expected: greater than or equal to 0",
    ),
    ("G04", "study", "margin: 5", "margin: 0", 18, "margin: found 0. Expected: greater than 0"),
    (
        "G04",
        "study",
        "margin: 5",
        "mdc: -2",
        18,
        "press.mdc: found -2. Expected: greater than 0",
    ),
    ("G04", "study", "margin: 5", "range: [90, 20]", 18, "Write the lowest first: [20, 90]"),
    ("G04", "study", "margin: 5", "range: [20, 20]", 18, "20 to 20 holds one value. Widen it"),
    ("G04", "study", "margin: 5", "range: [-20, 90]", 18, "the range starts at -20, below 0"),
    (
        "G04",
        "study",
        "margin: 5",
        "mdc: 9, range: [1, 5]",
        18,
        "9 is not smaller than the whole",
    ),
    ("G05", "config", "[my-study]", "&a [my-study]", 1, "the anchor &a. Write the value out"),
    ("G05", "study", "title: A study", "title: *a", 3, "Aliases are not allowed"),
    ("G05", "study", "kind: participants", "<<: {kind: x}", 2, "the key '<<'. Remove it"),
    ("G05", "study", "A study", "[" * 3000, 0, "hundreds of levels deep. Flatten them"),
    ("G06", "study", "A study", f'!!python/object/apply:os.system ["{RUN}"]', 3, "the tag tag:"),
    ("G06", "study", "title:", "!!python/name:os.system title:", 3, "Remove it: plain values"),
    ("G07", "config", "seed: 1", "seed: 1\n__use_yte__: true", 4, "the key '__use_yte__'"),
    (
        "G08",
        "study",
        "title: A study",
        f"title: x\nformula: {RUN}",
        4,
        "formula: this key is not",
    ),
    ("G12", "study", "id: my-study", "id: other", 1, "Write 'my-study', the name of the folder"),
    ("G14", "config", "[my-study]", "[my-study, my-study]", 1, "'my-study' is listed twice"),
    ("G14", "study", "reference: heavy", "reference: havy", 13, "Did you mean 'heavy'?"),
    (
        "G14",
        "study",
        "light - heavy",
        "light - none",
        21,
        "'none' is no arm. Known: light, heavy",
    ),
    ("G14", "study", "light - heavy", "light - light", 21, "'light' against itself"),
    ("G14", "study", "outcome: press", "outcome: pres", 19, "Did you mean 'press'?"),
    (
        "G14",
        "study",
        "at: [post]",
        "at: [week_12]",
        22,
        "'week_12' is not declared. Known: base",
    ),
    ("G14", "study", "at: [post]", "at: [post, post]", 22, "'post' is listed twice"),
    (
        "G14",
        "study",
        "at: [post]",
        "at: [baseline]",
        22,
        "'baseline' is the baseline, from which",
    ),
    ("G14", "study", "label: Heavy", "label: light", 12, "'light' is the label of light too"),
    ("G14", "study", "columns: {}", "columns: {sex: age, age: age}", 25, "named for sex too"),
    ("G14", "study", "columns: {}", "columns: {arm: visit}", 25, "'visit' is named for arm too"),
    (
        "G14",
        "study",
        "at: [post]",
        "  - {contrast: heavy - light, question: load}\nat: [post]",
        22,
        "'heavy - light' is listed before. Keep one of them",
    ),
    ("G14", "study", "strength", "strenght", 18, "'strenght' is no construct. Did you mean 'st"),
    ("G15", "study", "design: parallel", "design: within_participant", 8, "needs columns.limb"),
    (
        "G15",
        "study",
        "design: parallel",
        "design: crossover",
        8,
        "crossover needs columns.period; other designs have no period",
    ),
    ("G15", "study", "columns: {}", "columns: {period: turn}", 8, "columns.period turn"),
    (
        "G15",
        "study",
        "design: parallel",
        "design: single_arm",
        20,
        "single_arm has no contrasts",
    ),
    (
        "G15",
        "study",
        "at: [post]",
        "at: [post]\ncovariates: [sex]",
        23,
        "'sex' is in no column. Name the column: columns: {sex: ...}",
    ),
    (
        "G15",
        "study",
        "at: [post]",
        "at: [post]\nestimand: {missed_sessions: per_protocol}",
        23,
        "per_protocol, and it is not said who came to how many sessions",
    ),
    ("C09", "study", "unit: kg", "unit: kilo", 18, "'kilo' is no unit"),
    ("F02", "study", TABLE, TABLE + "    encoding: utf8x\n", 25, "Did you mean 'utf-8'?"),
    (
        "F02",
        "study",
        TABLE,
        TABLE + "    encoding: rot13\n",
        25,
        "'rot13' is no encoding of text",
    ),
    (
        "C12",
        "study",
        TABLE,
        TABLE + "    date_format: DD-MM-YYYY\n",
        25,
        "%d is the day, %m the",
    ),
    (
        "C12",
        "study",
        TABLE,
        TABLE + "    date_format: '%d-%m'\n",
        25,
        "does not tell day, month",
    ),
]


@pytest.mark.parametrize(
    ("code", "file", "old", "new", "line", "says"),
    CASES,
    ids=[f"{case[0]} {case[3].strip()[:24]}" for case in CASES],
)
def test_a_fault_of_the_configuration(
    project: Project,
    capsys: pytest.CaptureFixture[str],
    code: str,
    file: str,
    old: str,
    new: str,
    line: int,
    says: str,
) -> None:
    name = FILES[file]
    project.edit(old, new, name)
    told = refused(project, capsys)
    place = f"{name}:{line}:" if line else f"{name}:"
    (found,) = [fault for fault in told.splitlines() if says in fault]
    assert found.startswith(place), told
    # What pydantic finds carries G01, whatever its cause.
    assert found.endswith((f"[{code}]", "[G01]"))


def test_nothing_is_shown_not_inferior_to_no_training(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.edit("label: Heavy, rm: [10, 10]", "label: Rest, sessions_per_week: 0", STUDY_FILE)
    project.edit("question: load}", "question: training, aim: non_inferiority}", STUDY_FILE)
    told = refused(project, capsys)
    assert "study.yaml:21: contrasts.0.aim: non-inferiority to 'heavy', which does not" in told


PIECES = [
    "\t",
    "\u00a0",
    ":",
    "- ",
    "'",
    '"',
    "“",
    "[",
    "]",
    "{",
    "}",
    "&a ",
    "*a",
    "!!x ",
    "#",
    "\n",
]
PIECES += [
    "\r",
    "\x85",
    "null",
    "[]",
    "{}",
    "1e999",
    "---\n",
    "? ",
    "|",
    "> ",
    "%",
    "<<: ",
    "𝔸",
    "9" * 400,
]


@given(
    st.lists(
        st.tuples(st.integers(0, len(STUDY) - 1), st.sampled_from(PIECES)), min_size=1, max_size=3
    )
)
@settings(max_examples=100)
def test_g01_no_study_file_whatever_ends_in_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, str]]
) -> None:
    from howlow.config.reading import read_study
    from howlow.config.settings import Config

    text = STUDY
    for place, piece in changes:
        text = text[:place] + piece + text[place:]
    folder = tmp_path_factory.getbasetemp() / "mutated" / "my-study"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "table.csv").touch()
    (folder / "study.yaml").write_text(text, encoding="utf-8", newline="")
    config = Config.model_construct(constructs={"strength": None})
    with contextlib.suppress(InputError):
        assert read_study(folder, config).id == "my-study"


def test_g01_all_faults_come_at_once_those_of_meaning_too(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.edit("label: Light", "label: <b>")
    project.edit("title: A study", "titel: A study")
    project.edit("unit: kg", "unit: kilo")
    project.edit("at: [post]", "at: [week_12]")
    project.edit("design: parallel", "design: crossover")
    told = refused(project, capsys).splitlines()
    for says in ("arms.light.label", "title: this key is missing", "titel", "'kilo' is no unit"):
        assert any(says in fault for fault in told), says
    assert any("'week_12' is not declared" in fault for fault in told)
    assert any("crossover needs columns.period" in fault for fault in told)
    # Nothing is said of what leans on the arms, which are at fault themselves.
    assert not any("is no arm" in fault or "one arm" in fault for fault in told)


PATHS = [
    ("../secret.csv", "leads out of the study's folder. Copy the file into the study's folder"),
    ("raw/../../secret.csv", "leads out of the study's folder"),
    ("/etc/passwd", "is a place on one computer. Copy the file into the study's folder"),
    ("~/table.csv", "is a place on one computer"),
    ("C:\\data\\table.csv", "is a place on one computer"),
    ("D:/data/table.csv", "is a place on one computer"),
    ("file:///etc/passwd", "is an address, not a file"),
    ("http://example.org/t.csv", "a public file is declared under source.files with its url"),
    ("https://example.org/t.csv", "is an address, not a file"),
    ("s3://bucket/t.csv", "is an address, not a file"),
    ("\\\\server\\share\\t.csv", "is a place on the network. Files on a network drive change"),
    ("//server/share/t.csv", "is a place on the network. Files on a network drive change under"),
    ("smb://server/share/t.csv", "is a place on the network"),
    ("sub\\table.csv", "has backslashes. Write / between folder and file"),
    ("{params.x}.csv", "has the sign {"),
    ("<results>/x.csv", "has the sign <"),
    ("$(touch ran).csv", "has the sign $"),
    ("a\nb.csv", "has the sign U+000A"),
    ("x" * 300 + ".csv", "is too long for the name of a file"),
    ("nul.csv", "cannot be the name of a file"),
    ("CON", "cannot be the name of a file"),
    ("-rf", "cannot be the name of a file"),
    ("gone.csv", "there is no such file in data/my-study/. Put it there, or correct the name"),
]


@pytest.mark.parametrize(("path", "says"), PATHS, ids=[f"G11 {path!r}"[:40] for path, _ in PATHS])
def test_g11_only_files_of_the_studys_folder(
    project: Project, capsys: pytest.CaptureFixture[str], path: str, says: str
) -> None:
    (project.folder / "data" / "secret.csv").write_text("participant\n", encoding="utf-8")
    project.edit("file: table.csv", f"file: {json.dumps(path)}")
    told = refused(project, capsys)
    assert f"{STUDY_FILE}:24: tables.0.file: " in told
    assert says in told
    assert "[G11]" in told


def test_g11_a_link_out_of_the_folder_is_not_followed(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = project.folder / "secret.csv"
    (project.study / "table.csv").rename(secret)
    (project.study / "table.csv").symlink_to(secret)
    told = refused(project, capsys)
    assert "'table.csv' is a link that leads out of the study's folder. Copy the file" in told


def test_g11_a_file_of_ones_own_that_is_not_there_is_told_with_its_place(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    digest = "a1" * 32
    files = f"  licence: CC0-1.0\n  files:\n    - {{file: own.csv, sha256: {digest}}}\n"
    project.edit("  licence: CC0-1.0\n", files)
    project.edit("file: table.csv", "file: raw/own.csv")
    told = refused(project, capsys)
    assert f"{STUDY_FILE}:8: source.files.0.file: 'own.csv' is not public, and it is not in" in told
    assert "data/my-study/raw/. Ask whoever holds the data for it, and put it there" in told
    assert f"its SHA-256 is {digest}" in told
    assert main(["fetch", "data/my-study"]) == 0
    assert "data/my-study/raw/own.csv: not public, so it is not fetched" in capsys.readouterr().err


IDS = ["a/b", "..", "a b", "a;b", "{a}", "a\n", "A", "1a", "con", "nul", "com1", "lpt9", "a" * 41]


@pytest.mark.parametrize("word", IDS, ids=[f"G12 {word!r}"[:20] for word in IDS])
def test_g12_a_study_id_is_a_safe_word(
    project: Project, capsys: pytest.CaptureFixture[str], word: str
) -> None:
    project.edit("[my-study]", f"[{json.dumps(word)}]", CONFIG_FILE)
    told = refused(project, capsys)
    assert f"{CONFIG_FILE}:1: studies.0: found " in told
    assert "small letters, digits, - and _" in told
    project.write(CONFIG_FILE, CONFIG)
    project.edit("id: my-study", f"id: {json.dumps(word)}")
    assert f"{STUDY_FILE}:1: id: found " in refused(project, capsys)


def ran_without_the_guard(action: Callable[[], object]) -> bool:
    """Whether a text is live: whether it runs where nothing guards against it."""
    with contextlib.suppress(Exception):
        action()
    ran = Path("ran").exists()
    Path("ran").unlink(missing_ok=True)
    return ran


def test_g06_a_tag_of_python_is_live_without_the_guard(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    from ruamel.yaml.constructor import Constructor
    from ruamel.yaml.nodes import ScalarNode, SequenceNode

    text = "!!python/object/apply:os.system ['touch ran']"
    # What an unguarded constructor does with the node that this text makes.
    item = ScalarNode("tag:yaml.org,2002:str", "touch ran")
    node = SequenceNode("tag:yaml.org,2002:python/object/apply:os.system", [item])
    assert ran_without_the_guard(
        lambda: (
            list(Constructor().construct_python_object_apply("os.system", node))
            if hasattr(Constructor, "construct_python_object_apply")
            else pytest.skip("this ruamel.yaml can no longer construct Python objects")
        )
    )
    project.edit("title: A study", f"title: {text}")
    assert "G06" in refused(project, capsys)
    assert not Path("ran").exists()


def test_g09_a_column_name_that_is_code_travels_as_a_mere_name(project: Project) -> None:
    from howlow.analysis.analysing import analyse
    from howlow.config.reading import read_config

    frame = pd.DataFrame({RUN: [1.0, 2.0]})
    assert ran_without_the_guard(lambda: formulaic.model_matrix(f"C({RUN})", frame))
    project.write("data/my-study/table.csv", project.table(value=RUN))
    project.edit("columns: {}", f'columns: {{value: "{RUN}"}}')
    accepted(project)
    analyse(Path("results/my-study"), read_config([Path(CONFIG_FILE)]))
    assert (project.folder / "results/my-study/estimates.csv").stat().st_size > 1000
    assert not Path("ran").exists()


@pytest.mark.parametrize(
    "step",
    [
        f'{{step: filter, column: arm, keep: ["{QUERY}"]}}',
        f'{{step: filter, column: "{QUERY}", keep: [light]}}',
        f'{{step: map, column: arm, values: {{"{QUERY}": light}}}}',
        f'{{step: constant, to: "{RUN}", value: "{QUERY}"}}',
    ],
    ids=["G10 value", "G10 column", "G10 map", "G10 constant"],
)
def test_g10_text_in_a_step_is_never_evaluated(
    project: Project, capsys: pytest.CaptureFixture[str], step: str
) -> None:
    frame = pd.DataFrame({"arm": ["light"]})
    assert ran_without_the_guard(lambda: frame.query(QUERY, engine="python"))
    project.edit(TABLE, f"{TABLE}    steps:\n      - {step}\n")
    assert main(["ingest", "data/my-study", "--output", "results/my-study"]) in (0, 2)
    assert "Traceback" not in capsys.readouterr().err
    assert not Path("ran").exists()


def test_g13_everything_in_a_shell_command_is_quoted(repo: Path) -> None:
    """Every field of every `shell:` is quoted by Snakemake, whatever it holds."""
    rules = [repo / "Snakefile", *sorted((repo / "workflow" / "rules").glob("*.smk"))]
    commands = [
        (path.name, command)
        for path in rules
        for command in re.findall(
            r"^    shell:\n((?:        [^\n]*\n)+)", path.read_text(encoding="utf-8"), re.MULTILINE
        )
    ]
    assert len(commands) >= 8
    unquoted = [
        (name, field)
        for name, command in commands
        for field in re.findall(r"(?<!\{)\{([^{}]+)\}", command)
        if not field.endswith(":q") and field != "threads"  # a whole number
    ]
    assert unquoted == []


def test_g16_a_template_in_the_configuration_stays_text_in_the_report(project: Project) -> None:
    import jinja2

    from howlow.analysis.analysing import analyse
    from howlow.config.reading import read_config
    from howlow.data.provenance import write_provenance
    from howlow.report.page import write_report
    from howlow.synthesis.synthesising import synthesise

    unguarded = jinja2.Environment(autoescape=True).from_string(TEMPLATE)
    assert ran_without_the_guard(unguarded.render)
    project.edit("title: A study", f'title: "{TEMPLATE}"')
    project.edit("citation: Somebody, somewhere", f'citation: "{TEMPLATE}"')
    project.edit("description: healthy adults", f'description: "{TEMPLATE}"')
    accepted(project)
    config, results = read_config([Path(CONFIG_FILE)]), Path("results")
    analyse(results / "my-study", config)
    synthesise([results / "my-study"], config, results)
    write_provenance(Path("data"), config, [Path(CONFIG_FILE)], results / "provenance.json")
    (results / "figures").mkdir()
    project.write("results/figures/index.json", "[]")
    write_report(results, config, results / "report.html")
    html = (results / "report.html").read_text(encoding="utf-8")
    assert "{{ cycler.__init__" in html
    assert not Path("ran").exists()
