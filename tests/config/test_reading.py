"""Configuration and study files are checked as a whole, and every fault is told at once."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from howlow.config.planned import read_planned_cohort
from howlow.config.reading import (
    read_config,
    read_studies,
    read_study,
    read_trials,
    refuse_unseen_changes,
)
from howlow.config.reference import reference
from howlow.config.study import Summary
from howlow.errors import HowlowError, InputError


def faults(caught: pytest.ExceptionInfo[InputError]) -> dict[str, tuple[int, str]]:
    return {finding.column: (finding.line, str(finding)) for finding in caught.value.findings}


@pytest.fixture
def config_file(repo: Path) -> Path:
    return repo / "config" / "config.yaml"


def test_all_faults_of_a_config_come_at_once_with_line_and_advice(
    tmp_path: Path, config_file: Path
) -> None:
    above = tmp_path / "mine.yaml"
    above.write_text(
        "studies: [my study]\nalhpa: 0.05\nalpha: 1.5\nseed: -1\n"
        "constructs:\n  strength: {label: <b>, margin_pct: five}\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError) as caught:
        read_config([config_file, above])
    found = faults(caught)
    assert {key: line for key, (line, _) in found.items()} == {
        "studies.0": 1,
        "alhpa": 2,
        "alpha": 3,
        "seed": 4,
        "constructs.strength.label": 6,
        "constructs.strength.margin_pct": 6,
    }
    assert "Did you mean 'alpha'?" in found["alhpa"][1]
    assert "small letters" in found["studies.0"][1]
    assert all(f"{above.as_posix()}:" in text for _, text in found.values())


def test_a_file_laid_over_replaces_lists_and_merges_mappings(
    tmp_path: Path, config_file: Path
) -> None:
    above = tmp_path / "mine.yaml"
    above.write_text(
        "studies: [published]\nconstructs: {strength: {margin_pct: 8}}\n", encoding="utf-8"
    )
    below, merged = read_config([config_file]), read_config([config_file, above])
    assert merged.studies == ("published",)
    assert merged.constructs["strength"].margin_pct == 8
    assert merged.constructs["strength"].correlation == below.constructs["strength"].correlation
    assert merged.constructs["muscle_size"] == below.constructs["muscle_size"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("studies: [published, published]", "listed twice"),
        ("limb_correlation: {value: 0.3}", "low <= value <= high"),
        ("dose_classes: {light: {max_pct_1rm: 75}}", "overlap"),
        ("training_window: {min_weeks: 30}", "min_weeks is not below"),
        ("dose_classes: {sessions: {once_below: 3}}", "once_below is not below"),
        ("sequence: [heavy 4]", r"sequence\.0: found \"heavy 4\".*'heavy 3'"),
        ("sequence: [heavy 3, heavy 3]", "'heavy 3' is listed twice"),
        ("sequence: []", "at least 1"),
        ("network: [load, load]", "'load' is listed twice"),
        ("rm_table: {pct_1rm: {10: 79}}", "9 repetitions with 77 %, 10 with 79 %"),
        ("rm_table: {pct_1rm: {0.5: 130}}", r"0\.5 repetitions with 130 % 1RM"),
        ("compare_to: nowhere", "there is no folder 'nowhere'"),
        ("compare_to: results", "the folder that this run writes"),
        ("compare_to: config/schemas", r"no estimates\.csv and no claims\.csv"),
        ("constructs: {strength: {label: 5}}", r"found 5\. Expected: text \(put it in quotes\)"),
    ],
)
def test_what_no_single_key_can_tell_is_checked(
    tmp_path: Path, config_file: Path, change: str, says: str
) -> None:
    above = tmp_path / "mine.yaml"
    above.write_text(change + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=says):
        read_config([config_file, above])


def test_a_value_that_came_without_a_file_is_refused(config_file: Path) -> None:
    config = read_config([config_file])
    declared = config.model_dump(mode="json")
    refuse_unseen_changes(config, declared)
    with pytest.raises(HowlowError, match=r"--config alpha=.*--configfile"):
        refuse_unseen_changes(config, declared | {"alpha": 0.1})
    with pytest.raises(HowlowError, match="Did you mean 'alpha'"):
        refuse_unseen_changes(config, declared | {"alfa": 0.1})


def test_every_study_in_the_repository_reads(repo: Path) -> None:
    config = read_config([repo / "config" / "config.yaml", repo / "config" / "open-data.yaml"])
    folders = [path.parent for path in repo.glob("data/*/study.yaml")]
    assert set(config.studies) <= {folder.name for folder in folders}
    for folder in folders:
        assert read_study(folder, config, files_needed=False).id == folder.name
    assert list(read_studies(repo / "data", config)) == list(config.studies)


def test_every_trial_of_the_published_collection_reads(repo: Path, config_file: Path) -> None:
    config = read_config([config_file])
    study = read_study(repo / "data" / "published", config)
    assert isinstance(study, Summary)
    trials = read_trials(repo / "data" / "published", study, config)
    assert len(trials.trials) == 113


def changed_study(repo: Path, folder: Path, edit) -> Path:
    """A copy of a limb study with one change, under data/ of its own."""
    yaml = YAML()
    source = repo / "data" / "sim-limbs" / "study.yaml"
    data = yaml.load(source.read_text(encoding="utf-8"))
    edit(data)
    target = folder / "sim-limbs"
    target.mkdir()
    with (target / "study.yaml").open("w", encoding="utf-8") as file:
        yaml.dump(data, file)
    (target / "truth.yaml").write_bytes((source.parent / "truth.yaml").read_bytes())
    return target


@pytest.mark.parametrize(
    ("edit", "code", "says"),
    [
        (lambda s: s.update(id="other"), "G12", "name of the folder"),
        (lambda s: s.update(reference="three_set"), "G14", "Did you mean 'three_sets'"),
        (lambda s: s.update(primary_outcome="leg_lene"), "G14", "Did you mean 'leg_lean'"),
        (lambda s: s.update(design="parallel"), "G15", "needs columns.limb"),
        (lambda s: s["outcomes"]["leg_lean"].update(construct="leg"), "G14", "is no construct"),
        (lambda s: s["contrasts"][0].update(contrast="one_set - two"), "G14", "'two' is no arm"),
        (lambda s: s["visits"]["post"].update(phase="baseline"), "K08", "2 visits in phase"),
        (lambda s: s.update(simulated=False), "G01", "simulated and truth"),
        (lambda s: s.update(formula="y ~ os.system('true')"), "G01", "this key is not known"),
        (lambda s: s.pop("arms"), "G01", "this key is missing"),
        (lambda s: s.update(kind="summery"), "G01", "Did you mean 'summary'"),
        (lambda s: s["tables"][0].update(file="raw/x.rda"), "G11", "not under source.files"),
        (lambda s: s["tables"][0].update(decimal=";"), "G01", "Allowed: '.', ','"),
        (
            lambda s: s["visits"]["post"].update(week=-1),
            "G04",
            "visits.post.week: found -1. Expected: greater than or equal to 0",
        ),
        (
            lambda s: s["arms"]["one_set"].update(rm=[12, 8]),
            "G04",
            "arms.one_set.rm: 12 is above 8. Write the lowest first: [8, 12]",
        ),
        (
            lambda s: s["outcomes"]["leg_lean"].update(range=[20000, 500.5]),
            "G04",
            "outcomes.leg_lean.range: 20000 is above 500.5. Write the lowest first: [500.5, 20000]",
        ),
        (
            lambda s: s["outcomes"]["leg_lean"].update(range=[5]),
            "G01",
            "outcomes.leg_lean.range: the pair is not complete. Give two numbers",
        ),
        (
            lambda s: s.update(design="single_arm"),
            "G15",
            "contrasts: design: single_arm has no contrasts. Write `contrasts: []`",
        ),
        (
            lambda s: s["arms"]["one_set"].update(label="<img src=x onerror=alert(1)>"),
            "C17",
            "Allowed: letters",
        ),
    ],
)
def test_a_study_file_with_one_fault_is_told_apart(
    repo: Path, tmp_path: Path, config_file: Path, edit, code: str, says: str
) -> None:
    folder = changed_study(repo, tmp_path, edit)
    with pytest.raises(InputError) as caught:
        read_study(folder, read_config([config_file]))
    assert any(finding.code == code and says in str(finding) for finding in caught.value.findings)
    assert all(finding.line > 0 for finding in caught.value.findings)


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (lambda s: s.update(title=5), "title: found 5. Expected: text (put it in quotes) [G01]"),
        (lambda s: s["visits"]["post"].update(week="x"), 'found "x". Expected: a number [G01]'),
        (lambda s: s.update(simulated="no"), 'found "no". Expected: true or false [G01]'),
        (lambda s: s.update(at="post"), 'at: found "post". Expected: a list: [a, b] [G01]'),
        (lambda s: s.update(arms="x"), 'found "x". Expected: a mapping of `key: value` [G01]'),
        (lambda s: s.update(source=[1]), "found [1]. Expected: a mapping of `key: value` [G01]"),
    ],
)
def test_a_value_of_another_kind_is_told_in_plain_words(
    repo: Path, tmp_path: Path, config_file: Path, edit, says: str
) -> None:
    folder = changed_study(repo, tmp_path, edit)
    with pytest.raises(InputError) as caught:
        read_study(folder, read_config([config_file]))
    assert says in str(caught.value)


@pytest.mark.parametrize("given", ["five", "1.5"])
def test_a_number_with_a_fraction_is_no_whole_number(
    tmp_path: Path, config_file: Path, given: str
) -> None:
    above = tmp_path / "mine.yaml"
    above.write_text(f"seed: {given}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"seed: found .*\. Expected: a whole number \[G01\]"):
        read_config([config_file, above])


def own_table(study) -> None:
    """The edits that README asks for, in a study whose table is `mine.csv`."""
    del study["simulated"], study["truth"]
    study["tables"][0]["file"] = "mine.csv"


def test_a_table_of_ones_own_is_never_replaced_by_a_simulated_one(
    repo: Path, tmp_path: Path, config_file: Path
) -> None:
    folder = changed_study(repo, tmp_path, lambda _: None)
    (folder / "simulated.csv").write_text("participant\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_study(folder, read_config([config_file]))
    (fault,) = caught.value.findings
    assert (fault.code, fault.column) == ("G14", "simulated")
    assert str(fault).startswith(f"{folder.as_posix()}/study.yaml:{fault.line}: simulated: ")
    assert (
        "simulated: true, but simulated.csv lies here. "
        "Remove `simulated` and `truth` to use your own table"
    ) in str(fault)


def test_a_table_that_is_not_there_is_told_with_the_other_faults(
    repo: Path, tmp_path: Path, config_file: Path
) -> None:
    folder = changed_study(repo, tmp_path, lambda s: (own_table(s), s.update(reference="x")))
    with pytest.raises(InputError) as caught:
        read_study(folder, read_config([config_file]))
    found = faults(caught)
    assert set(found) == {"reference", "tables.0.file"}
    line, said = found["tables.0.file"]
    assert line > 1
    assert f"there is no such file in {folder.as_posix()}/. Put it there, or correct" in said
    assert "[G11]" in said


def test_a_table_that_is_there_or_will_be_fetched_is_no_fault(
    repo: Path, tmp_path: Path, config_file: Path
) -> None:
    folder = changed_study(repo, tmp_path, own_table)
    (folder / "mine.csv").write_text("participant\n", encoding="utf-8")
    assert read_study(folder, read_config([config_file])).id == "sim-limbs"
    source = repo / "data" / "exscidata-load" / "study.yaml"
    fetched = tmp_path / "exscidata-load"
    fetched.mkdir()
    text = source.read_text(encoding="utf-8")
    (fetched / "study.yaml").write_text(text, encoding="utf-8")
    assert read_study(fetched, read_config([config_file])).id == "exscidata-load"
    without = text.replace("file: raw/tenthirty.rda", "file: tenthirty.rda")
    (fetched / "study.yaml").write_text(without, encoding="utf-8")
    with pytest.raises(InputError, match=r"tables\.0\.file: .* Write 'raw/tenthirty\.rda'"):
        read_study(fetched, read_config([config_file]))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("load_pct_1rm: [30, 50]", "load_pct_1rm: [50, 30]", "load_pct_1rm: 50 is above 30"),
        ("design: parallel", "design: single_arm", "single_arm has no contrasts"),
    ],
)
def test_a_trial_of_a_collection_is_checked_like_a_study(
    repo: Path, tmp_path: Path, config_file: Path, old: str, new: str, says: str
) -> None:
    text = (repo / "data" / "published" / "trials.yaml").read_text(encoding="utf-8")
    (tmp_path / "trials.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    config = read_config([config_file])
    study = read_study(repo / "data" / "published", config)
    assert isinstance(study, Summary)
    with pytest.raises(InputError, match=says):
        read_trials(tmp_path, study, config)


def test_a_collection_names_its_files_that_are_not_there(
    repo: Path, tmp_path: Path, config_file: Path
) -> None:
    folder = tmp_path / "published"
    folder.mkdir()
    text = (repo / "data" / "published" / "study.yaml").read_text(encoding="utf-8")
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="there is no such file in") as caught:
        read_study(folder, read_config([config_file]))
    assert set(faults(caught)) == {"table", "trials"}


def test_a_study_that_is_not_there_names_those_that_are(repo: Path, config_file: Path) -> None:
    with pytest.raises(InputError, match="Did you mean 'published'"):
        read_study(repo / "data" / "publised", read_config([config_file]))


def test_a_study_that_no_config_lists_is_not_said_to_be_listed(
    repo: Path, config_file: Path
) -> None:
    with pytest.raises(InputError) as caught:
        read_study(repo / "data" / "publised", read_config([config_file]))
    assert "config.yaml lists" not in str(caught.value)


def test_a_list_that_is_too_short_says_how_many_it_takes(repo: Path, tmp_path: Path) -> None:
    text = (repo / "config" / "planning-example.yaml").read_text(encoding="utf-8")
    text = text.replace("arms: [light, heavy]", "arms: [light]")
    text = text.replace("drop_out: [0.15, 0.0, 0.3]", "n: [20]")
    path = tmp_path / "plan.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_planned_cohort(path)
    assert "arms: the pair is not complete. Give two: [a, b]" in str(caught.value)
    assert "simulation.n: found [20]. Expected: at least 2 of them" in str(caught.value)


def test_the_reference_is_in_step_with_the_models(repo: Path) -> None:
    assert (repo / "config" / "README.md").read_text(encoding="utf-8") == reference()
