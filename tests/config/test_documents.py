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
        ("a: [1\nb: 2\n", "G01", 1, "column 4: the [ that opens here"),
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
    with pytest.raises(InputError, match=r"2: column 13: byte 17 is not UTF-8 .*'ö'"):
        read_yaml(path)


def test_a_million_aliases_are_refused_before_they_unfold(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12)]
    with pytest.raises(InputError, match="G05"):
        read_yaml(write(tmp_path, "\n".join(lines)))


QUOTE = "is not a quote to YAML. Use the straight quote"
FORM = {
    "tab as indentation": ("a:\n\tb: 1\n", 2, 1, "a tab. Use spaces, never tabs"),
    "tab after a key": ("a: 1\n\tb: 2\n", 2, 1, "a tab. Use spaces, never tabs"),
    "smart quotes": ("a: “x: y”\n", 1, 4, f"“ {QUOTE}"),
    "single smart quotes": ("a: 1\nb: ‘x: y’\n", 2, 4, f"‘ {QUOTE}"),
    "no space": ("a: 1\nalpha:0.05\nb: 2\n", 2, 1, "Write `alpha: value` with a space after the c"),
    "no space in the last line": ("a: 1\nalpha:0.05\n", 2, 1, "no space after `alpha:`"),
    "no space in braces": ("a: {b:[1, 2]}\n", 1, 5, "no space after `b:`"),
    "non-breaking space": ("a:\u00a0b\nc: 1\n", 1, 3, "U+00A0 (no-break space), which looks like"),
    "zero-width space": ("a:\u200bb\nc: 1\n", 1, 3, "U+200B (zero width space)"),
    "control character": ("a: x\x07y\n", 1, 5, "an invisible control character (U+0007). Remove"),
    "quote to the end": ('a: 1\nb: "x\nc: 2\n', 2, 4, "the quote that opens here is never closed"),
    "quote to the next": ('a: "x\nb: "y"\n', 1, 4, "a quote on this line is never closed. Add the"),
    "apostrophe in quotes": ("a: 'it's'\n", 1, 8, "text goes on after a closing quote"),
    "bracket": ("a: [1, 2\nb: 1\n", 1, 4, "the [ that opens here is not closed properly"),
    "brace": ("a: {b: 1\nc: 1\n", 1, 4, "the { that opens here is not closed properly"),
    "bracket too many": ("a: [1]]\n", 1, 7, "a closing ] or } that nothing opened. Remove it"),
    "too far in": ("a: 1\n  b: 2\n", 2, 4, "indented, but the line above already has a value"),
    "too far out": (
        "a:\n  b: 1\n c: 2\n",
        3,
        2,
        "does not line up with the lines above it. Indent",
    ),
    "list and keys": ("- a\nb: 1\n", 2, 1, "this line does not line up with the lines above it"),
    "second colon": ("a: b: c\n", 1, 5, "a second colon on this line. If the colon belongs to"),
    "no colon": ("a: 1\nb\n", 2, 1, "this line has no colon. Write `key: value`"),
    "two documents": ("---\na: 1\n---\nb: 2\n", 3, 1, "a second document starts here. Remove this"),
    "sign at the start": ("a: @x\n", 1, 4, "a value cannot start with @. Put the value in quotes"),
    "backslash": ('a: "c:\\data"\n', 1, 8, "a backslash means something else; use single quotes"),
}


@pytest.mark.parametrize(("text", "line", "column", "says"), FORM.values(), ids=FORM)
def test_what_is_not_yaml_is_told_with_line_column_and_what_to_do(
    tmp_path: Path, text: str, line: int, column: int, says: str
) -> None:
    with pytest.raises(InputError) as caught:
        read_yaml(write(tmp_path, text), "study.yaml")
    (found,) = caught.value.findings
    assert str(found).startswith(f"study.yaml:{line}: column {column}: ")
    assert says in str(found)
    assert found.code == "G01"


MISREAD = {
    "smart quotes around a value": ("a: 1\nb: “x”\n", 2, "b: “ is not a quote to YAML"),
    "smart quotes in a list": ("a: [“x, y”]\n", 1, "a.0: “ is not a quote to YAML"),
    "smart quotes around a key": ("“a”: 1\n", 1, "“ is not a quote to YAML"),
    "non-breaking indentation": ("a:\n\u00a0\u00a0b: 1\n", 2, "U+00A0 (no-break space)"),
    "non-breaking space at the end": ("a: heavy\u00a0\n", 1, "a: U+00A0 (no-break space)"),
    "a list": ("- a\n- b\n", 1, "a list. Write one key and value a line"),
    "a sentence": ("hello\n", 1, "no `key: value` pairs. Write one key and value a line"),
    "only comments": ("# a\n# b\n", 1, "no `key: value` pairs"),
    "one key without a space": ("alpha:0.05\n", 1, "Write `alpha: 0.05` with a space after the c"),
    "half a character": ('a: "\\ud83d"\n', 1, "a: an escape that is no character. Remove it"),
    "NUL": ('a: "x\\0"\n', 1, "a: an escape that is no character"),
    "NUL in a key": ('"x\\0": 1\n', 1, "an escape that is no character"),
    "a list as a key": ("? [a]\n: b\n", 1, "a list or mapping as a key. A key is a word"),
}


@pytest.mark.parametrize(("text", "line", "says"), MISREAD.values(), ids=MISREAD)
def test_what_is_yaml_but_surely_not_meant_is_told(
    tmp_path: Path, text: str, line: int, says: str
) -> None:
    with pytest.raises(InputError) as caught:
        read_yaml(write(tmp_path, text), "study.yaml")
    assert any(found.line == line and says in str(found) for found in caught.value.findings)


@pytest.mark.parametrize(
    ("content", "code", "says"),
    [
        (b"", "G01", "the file is empty. Write one `key: value` a line"),
        (b" \r\n\n", "G01", "the file is empty"),
        (
            b"PK\x03\x04\x14\x00",
            "G01",
            "a Word, Excel or zip file, not a text file. Write the file in",
        ),
        (b"\xd0\xcf\x11\xe0\xa1", "G01", "an old Word or Excel file"),
        (b"{\\rtf1\\ansi a: 1}", "G01", "a rich-text (RTF) file, not a text file"),
        (b"<!DOCTYPE html>\n<html>", "F05", "a web page (HTML) or XML, not a YAML file"),
        (b"\xef\xbb\xbf<html>a: 1", "F05", "a web page (HTML)"),
        ("a: 1\n".encode("utf-16"), "F03", "UTF-16 text or no text at all. Save the file as UTF-8"),
        (b"a: x\0y\n", "F03", "UTF-16 text or no text at all"),
        ("a: 1\nb: “x”\n".encode("cp1252"), "F02", "calls ANSI it is '“'). Save the file as UTF-8"),
    ],
)
def test_what_is_no_text_is_told_what_it_is(
    tmp_path: Path, content: bytes, code: str, says: str
) -> None:
    path = tmp_path / "study.yaml"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_yaml(path)
    (found,) = caught.value.findings
    assert found.code == code
    assert says in str(found)


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfa: 1\r\nb: [x, y]\r\n",
        b"---\na: 1\nb: [x, y]\n...\n",
        b"%YAML 1.2\n---\na: 1\nb: [x, y]\n",
        b"a: 1 # a\tb\nb: [x, y]",
    ],
    ids=["BOM and Windows line ends", "markers", "version", "comment"],
)
def test_what_does_no_harm_is_read(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "study.yaml"
    path.write_bytes(content)
    assert read_yaml(path).data == {"a": 1, "b": ["x", "y"]}


def test_typographic_quotes_within_a_text_are_a_text(tmp_path: Path) -> None:
    text = "a: the word “light” means 30 RM\nb: '“quoted”'\nc: 5\u00a0kg\n"
    found = read_yaml(write(tmp_path, text)).data
    assert found == {"a": "the word “light” means 30 RM", "b": "“quoted”", "c": "5\u00a0kg"}
