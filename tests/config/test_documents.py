"""YAML is read as YAML 1.2 and nothing that hides meaning gets through."""

from pathlib import Path

import pytest

from howlow.config.documents import read_yaml
from howlow.errors import InputError


def write(folder: Path, text: str) -> Path:
    path = folder / "study.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("12:30", "12:30"),
        ("0123", 123),
        ("1e-3", 0.001),
        ("2026-01-09", "2026-01-09"),
        ("true", True),
        ("~", None),
        ("'5'", "5"),
        ("5.", 5.0),
        ("-99", -99),
        ("[1, x]", [1, "x"]),
    ],
)
def test_a_scalar_is_what_yaml_1_2_says(tmp_path: Path, text: str, value: object) -> None:
    assert read_yaml(write(tmp_path, f"arm: {text}\n")).data == {"arm": value}


def test_lines_are_kept_for_keys_and_list_items(tmp_path: Path) -> None:
    document = read_yaml(write(tmp_path, "a: 1\nb:\n  - x\n  - c: 2\n"))
    assert [document.line(place) for place in (("a",), ("b", 0), ("b", 1, "c"))] == [1, 3, 4]


@pytest.mark.parametrize(
    ("text", "code", "line", "says"),
    [
        ("alpha: 0.05\nseed: 1\nalpha: 0.5\n", "G02", 3, "first on line 1"),
        ("a: &x [1, 2]\n", "G05", 1, "the anchor &x"),
        ("a: [1]\nb: *x\n", "G05", 2, "Aliases are not allowed"),
        ("a: !!python/object/apply:os.system ['true']\n", "G06", 1, "python/object/apply"),
        ("__use_yte__: true\n", "G07", 1, "__use_yte__"),
        ("a: 1\n<<: {b: 2}\n", "G05", 2, "<<"),
        ("alpha: .nan\n", "G04", 1, ".nan"),
        ("alpha: -.inf\n", "G04", 1, "finite"),
        ("alpha: 1e999\n", "G04", 1, "1e999"),
        ("a: [1\nb: 2\n", "G01", 2, "not YAML"),
        ("a:\n\t- 1\n", "G01", 2, "never tabs"),
        ("- a\n- b\n", "G01", 1, "one key and value"),
    ],
)
def test_a_fault_of_form_is_refused_with_its_line(
    tmp_path: Path, text: str, code: str, line: int, says: str
) -> None:
    with pytest.raises(InputError) as caught:
        read_yaml(write(tmp_path, text))
    found = [finding for finding in caught.value.findings if finding.code == code]
    assert found
    assert found[0].line == line
    assert says in str(found[0])


def test_all_faults_of_form_come_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_yaml(write(tmp_path, "a: .inf\nb: 1\nb: 2\nc: &x 1\n"))
    assert [finding.code for finding in caught.value.findings] == ["G04", "G02", "G05"]


def test_bytes_that_are_not_utf8_name_their_line(tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    path.write_bytes(b"a: 1\nb: Hammarstr\xf6m\n")
    with pytest.raises(InputError, match=r"study\.yaml:2: byte 17 is not UTF-8"):
        read_yaml(path)


def test_a_million_aliases_are_refused_before_they_unfold(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12)]
    with pytest.raises(InputError, match="G05"):
        read_yaml(write(tmp_path, "\n".join(lines)))
