"""A plan is frozen once; what is changed afterwards is told, with its reason or without one."""

import hashlib
import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from own_study import STUDY, write_study

from howlow.__main__ import main
from howlow.analysis.estimand.amendments import amendments, plan_findings
from howlow.analysis.estimand.cards import cards
from howlow.analysis.estimand.plan import amend, findings_of_folder, freeze, log_look, unmasked
from howlow.config.frozen import read_plan
from howlow.config.reading import read_config, read_study
from howlow.config.settings import Config
from howlow.config.study import Participants
from howlow.data.declaration import read_declaration, trial_of
from howlow.data.ingestion import ingest
from howlow.errors import HowlowError, InputError
from howlow.findings import Finding
from howlow.intake.checking import check_study

FIRST, LATER = date(2026, 3, 1), date(2026, 5, 2)


@pytest.fixture
def config(repo: Path) -> Config:
    return read_config([repo / "config" / "config.yaml"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_study(tmp_path)


def changed(folder: Path, old: str, new: str) -> None:
    """Change study.yaml."""
    path = folder / "study.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def told(folder: Path, config: Config) -> list[Finding]:
    study = read_study(folder, config)
    assert isinstance(study, Participants)
    return findings_of_folder(folder, study, config)


def test_freezing_writes_every_card_and_what_it_was_made_from(folder: Path, config: Config) -> None:
    plan = freeze(folder, config, FIRST)
    assert read_plan(folder) == plan
    written = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    assert (written["version"], written["frozen"]) == (1, "2026-03-01")
    assert written["registered"] == "NCT01234567"
    digest = hashlib.sha256((folder / "study.yaml").read_bytes()).hexdigest()
    assert written["study_sha256"] == digest
    assert len(written["cards"]) == 12
    assert told(folder, config) == []


def test_a_frozen_plan_is_never_written_over(folder: Path, config: Config) -> None:
    freeze(folder, config, FIRST, "ISRCTN1")
    before = (folder / "plan.json").read_bytes()
    with pytest.raises(HowlowError, match=r"was frozen on 2026-03-01.*--amend"):
        freeze(folder, config, LATER)
    with pytest.raises(HowlowError, match="nothing was changed since"):
        amend(folder, config, LATER, "no reason", "ISRCTN1")
    assert (folder / "plan.json").read_bytes() == before


def test_a_change_that_nothing_tells_is_a_warning_with_both_values(
    folder: Path, config: Config
) -> None:
    freeze(folder, config, FIRST)
    changed(folder, "margin: 5", "margin: 3")
    (found,) = told(folder, config)
    assert (found.code, found.severity, found.column) == ("P01", "warning", "margin")
    assert found.file == "data/mine/plan.json"
    assert found.found == (
        "changed after freezing, not recorded: margin: 5 when frozen, 3 now (in 6 analyses)"
    )
    assert "howlow freeze mine --amend" in found.action


def test_an_amendment_keeps_what_was_frozen_and_tells_day_and_reason(
    folder: Path, config: Config
) -> None:
    frozen = freeze(folder, config, FIRST)
    changed(folder, "margin: 5", "margin: 3")
    plan = amend(folder, config, LATER, "The margin of the society changed")
    assert plan.cards == frozen.cards
    (found,) = told(folder, config)
    assert (found.code, found.severity) == ("P01", "note")
    assert found.found == (
        "amended on 2026-05-02 (The margin of the society changed): margin: 5 before, 3 since "
        "(in 6 analyses)"
    )
    changed(folder, "margin: 3", "margin: 4")
    recorded, later = told(folder, config)
    assert recorded == found
    assert "margin: 3 as amended, 4 now" in later.found
    assert later.severity == "warning"


def test_cards_added_and_removed_are_told_by_name(folder: Path, config: Config) -> None:
    plan = freeze(folder, config, FIRST)
    changed(folder, "at: [post, mid]", "at: [post]")
    changed(folder, "  - {contrast: light - heavy, question: load, aim: non_inferiority}\n", "")
    changed(folder, "heavy - rest, question", "heavy - light, question")
    study = read_study(folder, config)
    assert isinstance(study, Participants)
    found = amendments(plan, cards(trial_of(study), config))
    texts = [difference.text for difference in found if difference.field == ""]
    assert "analysis removed: mine/squat/light - rest/mid" in texts
    assert "analysis added: mine/thigh/heavy - light/post" in texts
    assert len(texts) == 6 + 4 + 2
    assert not any(difference.recorded for difference in found)
    amend(folder, config, LATER, "Fewer visits could be paid")
    assert {finding.severity for finding in told(folder, config)} == {"note"}


def test_a_setting_that_the_cards_depend_on_is_told_as_well(folder: Path, config: Config) -> None:
    plan = freeze(folder, config, FIRST)
    stricter = config.model_copy(update={"alpha": 0.01})
    (found,) = told(folder, stricter)
    assert "alpha: 0.05 when frozen, 0.01 now (in 12 analyses)" in found.found
    amended = amend(folder, stricter, LATER, "Two primary outcomes")
    assert amended.amendments[0].config_sha256 != plan.config_sha256


def test_a_study_file_changed_in_nothing_that_is_declared_is_a_note(
    folder: Path, config: Config
) -> None:
    freeze(folder, config, FIRST)
    changed(folder, "tables: [{file: table.csv}]", "note: A word\ntables: [{file: table.csv}]")
    (found,) = told(folder, config)
    assert (found.code, found.severity, found.column) == ("P01", "note", "study_sha256")
    amend(folder, config, LATER, "A note for readers")
    assert told(folder, config) == []


def test_a_registration_that_comes_later_is_an_amendment(folder: Path, config: Config) -> None:
    changed(folder, "registration: NCT01234567\n", "")
    assert freeze(folder, config, FIRST).registered is None
    assert amend(folder, config, LATER, "Registered", "NCT09").registered == "NCT09"
    study = read_study(folder, config)
    assert isinstance(study, Participants)
    plan = read_plan(folder)
    assert plan is not None
    (found,) = amendments(plan, cards(trial_of(study), config))
    assert found.text == "registered: none before, NCT09 since"


def test_what_cannot_be_frozen_says_why(repo: Path, folder: Path, config: Config) -> None:
    with pytest.raises(HowlowError, match="published trials cannot be frozen"):
        freeze(repo / "data" / "published", config, FIRST)
    assert not (repo / "data" / "published" / "plan.json").exists()
    with pytest.raises(HowlowError, match=r"no plan is frozen yet.*howlow freeze mine"):
        amend(folder, config, LATER, "Why")
    freeze(folder, config, FIRST)
    changed(folder, "margin: 5", "margin: 3")
    with pytest.raises(HowlowError, match="the reason is empty"):
        amend(folder, config, LATER, "  ")
    (folder / "plan.json").unlink()
    alone = STUDY[: STUDY.index("contrasts:")] + "contrasts: []\nat: []\n"
    alone += STUDY[STUDY.index("tables:") :]
    (folder / "study.yaml").write_text(alone, encoding="utf-8")
    with pytest.raises(HowlowError, match=r"no contrast at a visit|contrasts"):
        freeze(folder, config, FIRST)
    assert not (folder / "plan.json").exists()


def _twice(text: str) -> str:
    return text.replace('"version": 1,', '"version": 1,\n "version": 1,')


@pytest.mark.parametrize(
    ("spoil", "code", "line", "words"),
    [
        (_twice, "G02", 3, "given twice"),
        (lambda text: text.replace('"study": "mine",', '"study": "yours",', 1), "G12", 3, "yours"),
        (lambda text: text.replace('"frozen": ', '"thawed": '), "G01", 4, "not known"),
        (lambda text: text.replace('"version": 1', '"version": 7'), "G01", 2, "found 7"),
        (lambda text: text[: len(text) // 2], "G01", None, ""),
        (lambda text: text.replace('"outcome": "squat"', '"outcome": "thigh"', 1), "G14", 10, ""),
    ],
)
def test_a_plan_that_cannot_be_read_is_told_with_its_line_and_nothing_is_written(
    folder: Path,
    config: Config,
    tmp_path: Path,
    spoil: Callable[[str], str],
    code: str,
    line: int | None,
    words: str,
) -> None:
    freeze(folder, config, FIRST)
    path = folder / "plan.json"
    spoilt = spoil(path.read_text(encoding="utf-8"))
    path.write_text(spoilt, encoding="utf-8")
    with pytest.raises(InputError) as told:
        ingest(folder, config, tmp_path / "out")
    found = next(
        finding
        for finding in told.value.findings
        if finding.code == code and words in finding.found
    )
    assert found.file.endswith("mine/plan.json")
    assert found.line == line if line is not None else found.line > 0
    assert not (tmp_path / "out").exists()
    with pytest.raises(InputError):
        amend(folder, config, LATER, "Why")
    assert path.read_text(encoding="utf-8") == spoilt
    assert not check_study(folder, config).sound


def test_the_plan_reaches_the_results_and_later_stages_need_no_file_of_the_user(
    folder: Path, config: Config, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    ingest(folder, config, out)
    assert read_declaration(out / "study.json").plan is None
    plan = freeze(folder, config, FIRST)
    ingest(folder, config, out)
    shutil.rmtree(folder)
    declared = read_declaration(out / "study.json")
    assert declared.plan == plan
    assert plan_findings(declared, config) == []
    later = config.model_copy(update={"alpha": 0.1})
    assert [found.severity for found in plan_findings(declared, later)] == ["warning"]


def test_an_interim_look_needs_a_plan_an_ongoing_study_and_a_reason(
    folder: Path, config: Config
) -> None:
    with pytest.raises(HowlowError, match="the study is complete"):
        log_look(folder, config, LATER, "Safety")
    changed(folder, "design: parallel", "status: ongoing\ndesign: parallel")
    with pytest.raises(HowlowError, match="no plan is frozen yet"):
        log_look(folder, config, LATER, "Safety")
    freeze(folder, config, FIRST)
    with pytest.raises(HowlowError, match="the reason is empty"):
        log_look(folder, config, LATER, " ")
    log_look(folder, config, LATER, "Safety")
    with pytest.raises(HowlowError, match=r"look 1 \(2026-05-02\) is of these very tables"):
        log_look(folder, config, LATER, "Once more")


def test_a_look_unmasks_the_tables_it_was_logged_of_and_no_others(
    folder: Path, config: Config, tmp_path: Path
) -> None:
    changed(folder, "design: parallel", "status: ongoing\ndesign: parallel")
    out = tmp_path / "out"
    freeze(folder, config, FIRST)
    ingest(folder, config, out)
    masked = read_declaration(out / "study.json")
    assert unmasked(masked) is None
    assert masked.trials[0].ongoing
    assert "masked" in (out / "measurements.csv").read_text(encoding="utf-8")

    log_look(folder, config, LATER, "The safety board asked")
    ingest(folder, config, out)
    seen = read_declaration(out / "study.json")
    look = unmasked(seen)
    assert look is not None
    assert look.note == "interim look 1 (2026-05-02): The safety board asked"
    assert not seen.trials[0].ongoing
    table = (out / "measurements.csv").read_text(encoding="utf-8")
    assert "masked" not in table
    assert ",light," in table
    (found,) = plan_findings(seen, config)
    assert (found.code, found.severity) == ("P02", "note")
    assert "no verdict" in found.action

    with (folder / "table.csv").open("a", encoding="utf-8") as file:
        file.write("P18,light,Delft,12,baseline,squat,101.5\n")
    ingest(folder, config, out)
    again = read_declaration(out / "study.json")
    assert unmasked(again) is None
    assert "light" not in (out / "measurements.csv").read_text(encoding="utf-8")
    (found,) = plan_findings(again, config)
    assert "other tables" in found.action


def test_the_command_says_what_it_wrote_and_prints_json_for_programs(
    folder: Path, repo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = ["--config", str(repo / "config" / "config.yaml")]
    command = ["freeze", "mine", "--data", str(folder.parent), *settings]
    assert main([*command, "--registered", "NCT77", "--json"]) == 0
    said = capsys.readouterr()
    printed: dict[str, Any] = json.loads(said.out)
    assert printed["registered"] == "NCT77"
    assert "12 analyses" in said.err
    assert "Commit it" in said.err
    assert main(command) == 2
    assert "is kept" in capsys.readouterr().err
    changed(folder, "margin: 5", "margin: 2")
    assert main(["freeze", str(folder), *settings, "--amend", "A better method"]) == 0
    assert "amendments: 1" in capsys.readouterr().err
