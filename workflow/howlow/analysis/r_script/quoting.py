"""Words and numbers as R text. Whatever a name holds, it stays a string: it never becomes code."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable

#: Columns of a line of the script.
_WIDTH = 100
#: Stands for what no R string can hold: NUL, and half a character.
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def quoted(text: str) -> str:
    """An R string: ASCII alone, with everything else, quotes and backslashes escaped."""
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(character: str) -> str:
    """One character of an R string."""
    if character in '"\\':
        return f"\\{character}"
    if " " <= character <= "~":
        return character
    if character == "\0" or "\ud800" <= character <= "\udfff":
        character = _REPLACEMENT
    return f"\\U{{{ord(character):x}}}"


def words(texts: Iterable[str]) -> str:
    """An R vector of strings."""
    return f"c({', '.join(map(quoted, texts))})"


def number(value: float | None) -> str:
    """An R number with nine significant digits; NA where it is not known."""
    if value is None or math.isnan(value):
        return "NA"
    if math.isinf(value):
        return "Inf" if value > 0 else "-Inf"
    return f"{float(value):.9g}"


def numbers(values: Iterable[float]) -> str:
    """An R vector of numbers."""
    return f"c({', '.join(map(number, values))})"


def comment(text: str, indent: str = "") -> list[str]:
    """Lines of an R comment; what could end a line is written as its number."""
    shown = "".join(
        character if character.isprintable() else f"\\u{{{ord(character):x}}}" for character in text
    )
    start = f"{indent}# "
    return textwrap.wrap(
        shown, _WIDTH, initial_indent=start, subsequent_indent=start, break_on_hyphens=False
    )
