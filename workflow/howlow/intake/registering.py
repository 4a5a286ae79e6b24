"""Adding a study to `studies` in config.yaml: one name is put in, every other byte stays."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

from howlow.config.documents import read_yaml
from howlow.errors import HowlowError


def with_study(text: str, study: str) -> str | None:
    """The text of a configuration with a study added to `studies`; None where it is there.

    A name is put behind the last one, in the style of the list (a line each, or in brackets).

    Raises
    ------
    HowlowError
        If there is no list of studies that a name could be added to.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        root = YAML(typ="safe", pure=True).compose(io.StringIO(text))
    except YAMLError as error:
        raise HowlowError("it is no YAML") from error
    pairs = getattr(root, "value", [])
    if not isinstance(pairs, list) or type(root).__name__ != "MappingNode":
        raise HowlowError("it has no `studies`")
    node: Any = next((value for key, value in pairs if key.value == "studies"), None)
    if type(node).__name__ != "SequenceNode" or not (node.value or node.flow_style):
        raise HowlowError("it has no list `studies`")
    if study in [item.value for item in node.value]:
        return None
    if node.flow_style:
        end = _offset(text, node.end_mark) - 1
        start = text[:end].rstrip()
        before = "" if not node.value or start.endswith(",") else ","
        at = len(start)
        space = "" if not node.value else " "
        return f"{text[:at]}{before}{space}{study}{text[at:]}"
    last = node.value[-1]
    at = _offset(text, last.end_mark)
    line_end = text.find("\n", at)
    newline = "\r\n" if "\r\n" in text else "\n"
    indent = re.match(r"\s*", text[text.rfind("\n", 0, at) + 1 : at])
    added = f"{indent[0] if indent else ''}- {study}"
    if line_end < 0:
        return f"{text}{newline}{added}{newline}"
    return f"{text[: line_end + 1]}{added}{newline}{text[line_end + 1 :]}"


def _offset(text: str, mark: Any) -> int:
    """The place of a mark in the text, counted by line and column."""
    start = 0
    for _ in range(mark.line):
        start = text.index("\n", start) + 1
    return start + int(mark.column)


def register(path: Path, study: str) -> bool:
    """Add a study to a configuration file; False where it is listed already.

    Raises
    ------
    HowlowError
        If the file is not there, or has no list that a name could be added to.
    """
    if not path.is_file():
        raise HowlowError("there is no such file")
    content = path.read_bytes()
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise HowlowError("it is not UTF-8") from None
    bom = "\ufeff" if text.startswith("\ufeff") else ""
    added = with_study(text.removeprefix(bom), study)
    if added is None:
        return False
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_bytes((bom + added).encode("utf-8"))
    try:
        document = read_yaml(temporary)
        if study not in document.data["studies"]:
            raise HowlowError("its list `studies` is written in a way that cannot be added to")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return True
