"""YAML 1.2 documents, read strictly, with the line of every key and value.

YAML is read by ruamel.yaml into its node tree; the tree is walked here so that what other readers
let pass in silence is a fault with a line: a key given twice, an alias (a few lines can unfold into
gigabytes), a tag (which can name code to run), and every value that is not a plain YAML 1.2 scalar.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from howlow.config.malformed import misread, space_after_colon, syntax_fault, text_of
from howlow.errors import InputError
from howlow.findings import Finding

#: A place in a document: keys and list positions from the top.
Path_ = tuple[str | int, ...]

_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
#: What an escape in double quotes can make and no text may hold: NUL, and half a character.
_NO_CHARACTER = re.compile("[\0\ud800-\udfff]")
#: Above this a whole number is no quantity any more, and Python refuses to read very long ones.
_MOST_DIGITS = 100
_YAML_TAG = "tag:yaml.org,2002:"


@dataclass
class Document:
    """A YAML document: plain Python values, and the line of each place in it."""

    file: str
    data: Any
    lines: dict[Path_, int] = field(default_factory=dict)

    def line(self, place: Path_) -> int:
        """Line of a place; of its nearest parent where the place itself is not there."""
        for length in range(len(place), -1, -1):
            if place[:length] in self.lines:
                return self.lines[place[:length]]
        return 1

    def fault(self, code: str, place: Path_, found: str, action: str) -> Finding:
        """A finding at a place of this document."""
        column = ".".join(str(part) for part in place)
        return Finding(code, "error", self.file, self.line(place), column, found, action)


def read_yaml(path: Path, shown_as: str | None = None) -> Document:
    """Read one YAML 1.2 file; raise InputError with every fault of its form at once."""
    document = Document(shown_as or path.as_posix(), None)
    node = _compose(path, document.file)
    faults: list[Finding] = []
    document.data = _value(node, (), document, faults)
    if not faults and not isinstance(document.data, dict):
        kind = "a list" if isinstance(document.data, list) else "no `key: value` pairs"
        action = f"Write one key and value a line. {space_after_colon(str(document.data))}"
        faults.append(document.fault("G01", (), kind, action.strip().removesuffix(".")))
    if faults:
        raise InputError(faults)
    return document


def _compose(path: Path, shown: str) -> Any:
    """Node tree of a file, or InputError where the file is not YAML at all."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        text = text_of(path.read_bytes(), shown)
    except FileNotFoundError:
        raise InputError(
            [Finding("G11", "error", shown, 0, "", "there is no such file", "Check the name")]
        ) from None
    yaml = YAML(typ="safe", pure=True)
    yaml.version = (1, 2)
    try:
        return yaml.compose(text)
    except (MarkedYAMLError, YAMLError) as error:
        raise InputError([syntax_fault(error, text, shown)]) from None
    except RecursionError:
        found = "lists or mappings stand inside each other hundreds of levels deep"
        raise InputError([Finding("G05", "error", shown, 0, "", found, "Flatten them")]) from None


def _value(node: Any, place: Path_, document: Document, faults: list[Finding]) -> Any:
    """Plain value of a node; faults are added to the list, so that all are found at once."""
    if node is None:
        return None
    document.lines.setdefault(place, node.start_mark.line + 1)
    if node.anchor is not None:
        faults.append(
            document.fault(
                "G05", place, f"the anchor &{node.anchor}", "Write the value out; no aliases"
            )
        )
        return None
    kind = type(node).__name__
    if str(node.tag) not in _allowed_tags(kind):
        faults.append(
            document.fault("G06", place, f"the tag {node.tag}", "Remove it: plain values only")
        )
        return None
    if kind == "MappingNode":
        return _mapping(node, place, document, faults)
    if kind == "SequenceNode":
        return [
            _value(item, (*place, index), document, faults) for index, item in enumerate(node.value)
        ]
    return _scalar(node, place, document, faults)


def _allowed_tags(kind: str) -> tuple[str, ...]:
    """Tags that YAML itself gives; the YAML 1.1 extras are read as text below."""
    names = {
        "MappingNode": ("map",),
        "SequenceNode": ("seq",),
        "ScalarNode": ("str", "int", "float", "bool", "null", "timestamp", "merge", "value"),
    }
    return tuple(_YAML_TAG + name for name in names[kind])


def _mapping(node: Any, place: Path_, document: Document, faults: list[Finding]) -> dict[str, Any]:
    """A mapping; a key given twice is a fault that names both lines."""
    read: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        line = key_node.start_mark.line + 1
        where = (*place, key)
        odd = _odd_key(key_node)
        if odd is not None:
            document.lines[where] = line
            code, found, action = odd
            faults.append(document.fault(code, where, found, action))
            continue
        if key in read:
            message = f"'{key}' is given twice (first on line {document.lines[where]})"
            document.lines[where] = line
            faults.append(document.fault("G02", where, message, "Keep one of them"))
            continue
        if key in ("<<", "__use_yte__"):
            document.lines[where] = line
            code = "G07" if key == "__use_yte__" else "G05"
            faults.append(document.fault(code, where, f"the key '{key}'", "Remove it"))
            continue
        document.lines[where] = line
        read[key] = _value(value_node, where, document, faults)
    return read


def _odd_key(node: Any) -> tuple[str, str, str] | None:
    """Code, what was found and what to do, where a key is not a plain word."""
    if _NO_CHARACTER.search(str(node.value)):
        return "G01", "an escape that is no character", "Remove it"
    if type(node).__name__ != "ScalarNode":
        return "G01", "a list or mapping as a key", "A key is a word: `key: value`"
    if node.anchor is not None:
        return "G05", f"the anchor &{node.anchor}", "Write the value out; no aliases"
    if str(node.tag) not in _allowed_tags("ScalarNode"):
        return "G06", f"the tag {node.tag}", "Remove it: plain values only"
    wrong = misread(str(node.value)) if node.style is None else None
    return ("G01", *wrong) if wrong else None


def _scalar(node: Any, place: Path_, document: Document, faults: list[Finding]) -> Any:
    """A YAML 1.2 core scalar: text unless it is plainly a number, true, false or null."""
    text = str(node.value)
    if _NO_CHARACTER.search(text):
        action = "Remove it"
        faults.append(document.fault("G01", place, "an escape that is no character", action))
        return None
    if node.style is not None:  # quoted or block text
        return text
    if text.lower() in _WORDS and text in (text.lower(), text.title(), text.upper()):
        return _WORDS[text.lower()]
    if _NOT_FINITE.fullmatch(text):
        faults.append(document.fault("G04", place, text, "Give a finite number"))
        return None
    if _INTEGER.fullmatch(text):
        if len(text) > _MOST_DIGITS:
            words = f"a number of {len(text)} digits"
            faults.append(document.fault("G04", place, words, "Put it in quotes if it is text"))
            return None
        return int(text)
    if _FLOAT.fullmatch(text):
        number = float(text)
        if not math.isfinite(number):
            faults.append(document.fault("G04", place, text, "Give a finite number"))
            return None
        return number
    wrong = misread(text)
    if wrong is not None:
        faults.append(document.fault("G01", place, *wrong))
        return None
    return text
