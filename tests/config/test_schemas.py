"""The JSON schemas for editors are those of the models, and the files of the project keep them."""

import functools
import re
from pathlib import Path

import jsonschema
import pytest
from conftest import ROOT

from howlow.__main__ import main
from howlow.config.documents import read_yaml
from howlow.config.schemas import schema_text, schemas

MARK = re.compile(r"^# yaml-language-server: \$schema=(\S+)\n")
OWN_FILES = sorted(
    path
    for pattern in ("config/*.yaml", "data/*/study.yaml", "data/*/trials.yaml", "data/*/truth.yaml")
    for path in ROOT.glob(pattern)
)


made_once = functools.cache(schemas)


def faults(schema: str, data: object) -> list[str]:
    found = jsonschema.Draft202012Validator(made_once()[schema]).iter_errors(data)
    return [fault.message for fault in found]


@pytest.mark.parametrize("name", sorted(made_once()))
def test_every_schema_is_one(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(made_once()[name])


def test_the_schema_files_are_in_step_with_the_models(repo: Path, tmp_path: Path) -> None:
    kept = {path.name: path.read_text("utf-8") for path in (repo / "config/schemas").iterdir()}
    made = {f"{name}.schema.json": schema_text(schema) for name, schema in made_once().items()}
    assert kept == made, "run: howlow describe-config --schemas config/schemas"
    assert main(["describe-config", "--schemas", str(tmp_path / "new")]) == 0
    assert {path.name: path.read_text("utf-8") for path in (tmp_path / "new").iterdir()} == made


@pytest.mark.parametrize("path", OWN_FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_file_names_its_schema_and_keeps_it(path: Path, repo: Path) -> None:
    named = MARK.match(path.read_text(encoding="utf-8"))
    assert named, f"{path} does not begin with `# yaml-language-server: $schema=...`"
    schema = (path.parent / named[1]).resolve()
    assert schema.parent == repo / "config" / "schemas"
    assert faults(schema.name.removesuffix(".schema.json"), read_yaml(path).data) == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"desing": "parallel"}, "'desing' was unexpected"),
        ({"design": "paralel"}, "'paralel' is not one of"),
        ({"kind": "survey"}, "'survey' is not one of"),
        ({"arms": {"Heavy arm": {"label": "Heavy"}}}, "'Heavy arm' does not match"),
        ({"arms": {"heavy": {}}}, "'label' is a required property"),
        ({"tables": [{"file": "x.csv", "steps": [{"step": "fly"}]}]}, "not valid under any"),
        ({"id": "con"}, "'con' does not match"),
    ],
)
def test_a_study_with_a_fault_is_underlined(
    repo: Path, change: dict[str, object], says: str
) -> None:
    data = read_yaml(repo / "data" / "sim-limbs" / "study.yaml").data | change
    assert any(says in fault for fault in faults("study", data))


def test_a_file_laid_over_may_hold_any_part(repo: Path) -> None:
    part = {"studies": ["published"], "constructs": {"strength": {"margin_pct": 8}}}
    assert faults("config-overlay", part) == []
    assert faults("config", part) != []
    assert faults("config-overlay", {"alhpa": 0.05}) != []


def test_the_schemas_hold_nothing_that_editors_choke_on() -> None:
    text = "".join(schema_text(schema) for schema in made_once().values())
    assert "\\\\Z" not in text
    assert "\\\\w" not in text
    assert '"discriminator"' not in text
