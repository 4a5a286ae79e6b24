"""Words in cells against the words that study.yaml declares."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from howlow.config.schema import did_you_mean
from howlow.data.cells.dates import MONTH_NAMES
from howlow.data.cells.telling import Said, cell_shown, lines_of, tell
from howlow.findings import Finding

if TYPE_CHECKING:
    import pandas as pd

#: What may stand in a column of sex, and what it is.
SEXES = {"F": "F", "M": "M", "female": "F", "male": "M"}
#: What may stand in a column of training status, and what it is.
TRAININGS = {"untrained": "untrained", "trained": "trained"}

#: Letters of other scripts that look like a Latin one.
_ALIKE = str.maketrans(
    "АВЕЅІЈКМНОРСТУХаеѕіјорсухԁһӏԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧοανρυιıɡℓ",
    "ABESIJKMHOPCTYXaesijopcyxdhlqwABEZHIKMNOPTYXoavpuiigl",
)
_YES_OR_NO = {"true", "false", "yes", "no", "y", "n", "t", "f", "0", "1", "ja", "nee"}
#: `10-Jan` and `Jan-10`: what a spreadsheet makes of `10-1` or `1-10`.
DATE_LIKE = re.compile(
    rf"(\d{{1,4}})[-\s/.](?:{MONTH_NAMES})\.?([-\s/.]\d{{2,4}})?"
    rf"|(?:{MONTH_NAMES})\.?[-\s/.]\d{{1,4}}",
    re.IGNORECASE,
)


def stranger(word: str, known: Collection[str]) -> tuple[str, str]:
    """A cell that holds none of the known words as it is told, and what to do about it.

    A word that differs from a known one by spaces, by capitals or by letters of another script
    that look alike is told with the difference: `'heavy ' (with a space at its end)`.
    """
    _, found, action = _compare(word, known)
    return found, action


def code_of_stranger(word: str, known: Collection[str]) -> str:
    """The code of the fault: K05 for look-alike letters, C10 for a date, K04 for any other."""
    return _compare(word, known).code


def word_faults(
    frame: pd.DataFrame, column: str, known: Collection[str], shown: str, name: str = ""
) -> list[Finding]:
    """A fault for each distinct cell that is neither empty nor a known word, with its lines."""
    wrong = frame[(frame[column] != "") & ~frame[column].isin(list(known))]
    cells = lines_of(wrong, column)

    def say(cell: str) -> Said:
        code, found, action = _compare(cell, known)
        return Said(code, f"{found} is not declared", action)

    return tell(cells, say, shown, name or column)


def accepted(
    frame: pd.DataFrame, column: str, words: Mapping[str, str], shown: str
) -> tuple[pd.Series, list[Finding]]:
    """A column of accepted words as what they are (`female` as F), and a C14 for every other.

    What is not accepted becomes empty. `words` is such as SEXES or TRAININGS.
    """
    cells = frame[column].astype("str")
    wrong = frame[(cells != "") & ~cells.isin(list(words))]
    strangers = lines_of(wrong, column)
    pairs = ", ".join(f"{_yaml(cell)}: ..." for cell in list(strangers)[:4])
    action = (
        f"Say what it stands for: {{step: map, column: {_yaml(column)}, values: {{{pairs}}}}}, "
        f"with {' or '.join(dict.fromkeys(words.values()))} for the dots"
    )

    def say(cell: str) -> Said:
        near = _near(cell, words)
        found = f"{cell_shown(cell)} is not one of {', '.join(words)}"
        return Said("C14", f"{found} ({near[1]})" if near else found, action)

    return cells.map(dict(words)).fillna("").astype("str"), tell(strangers, say, shown, column)


def differing_sign(word: str) -> str:
    """`U+0435 CYRILLIC SMALL LETTER IE` for the first sign of a word that looks like another."""
    for sign in word:
        if ord(sign) > 126 and (
            sign.translate(_ALIKE) != sign or unicodedata.normalize("NFKC", sign) != sign
        ):
            return sign_name(sign)
    return ""


def sign_name(sign: str) -> str:
    """A sign by its code point and name."""
    return f"U+{ord(sign):04X} {unicodedata.name(sign, 'without a name')}"


def plain(word: str) -> str:
    """A word without what tells no words apart: spaces around it, capitals, look-alike letters."""
    seen = "".join(sign for sign in word if unicodedata.category(sign) not in ("Cf", "Cc"))
    folded = unicodedata.normalize("NFKC", seen).translate(_ALIKE)
    return " ".join(folded.split()).casefold()


def _compare(word: str, known: Collection[str]) -> Said:
    """The code, what was found, and what to do."""
    cell, names = cell_shown(word), list(known)
    listed = f"Known: {', '.join(names[:12]) or 'none'}{' ...' if len(names) > 12 else ''}"
    near = _near(word, names)
    if near:
        code, difference, name = near
        action = f"Did you mean '{name}'? Correct it in the file, or list it in a `map` step"
        return Said(code, f"{cell} ({difference})", action)
    if DATE_LIKE.fullmatch(word.strip()):
        found = f"{cell} (a spreadsheet makes dates of cells such as 1-10)"
        return Said("C10", found, f"Format the column as text and type the cell again. {listed}")
    if word.casefold() in _YES_OR_NO and any(name.casefold() in _YES_OR_NO for name in names):
        found = f"{cell} (yes and no are written in several ways)"
        return Said("C14", found, f"Use one way, or list each in the `map` step. {listed}")
    return Said("K04", cell, f"{did_you_mean(word, names)}{listed}")


def _near(word: str, known: Iterable[str]) -> tuple[str, str, str] | None:
    """Code, difference and name of the known word that looks the same, if there is one."""
    same = [name for name in known if plain(name) == plain(word)]
    if not same:
        return None
    name = same[0]
    if sign := differing_sign(word.strip()):
        return "K05", f"with {sign}", name
    folded = " ".join(word.split()).casefold() == " ".join(name.split()).casefold()
    capitals = folded and " ".join(word.split()) != " ".join(name.split())
    said = [f"with {spaces}"] if (spaces := _spaces(word)) else []
    said += ["in other capitals"] if capitals else []
    return "K04", " and ".join(said) or "in signs of another width", name


def _spaces(word: str) -> str:
    """Where a word has space that it should not have, and of which kind; nothing if it has none."""
    start, end = word[: len(word) - len(word.lstrip())], word[len(word.rstrip()) :]
    for place, signs in (("at its start", start), ("at its end", end)):
        if signs:
            return f"a {_space_name(signs)} {place}"
    hidden = [sign for sign in word if unicodedata.category(sign) in ("Cf", "Cc")]
    if hidden:
        return f"{sign_name(hidden[0])}, which cannot be seen"
    odd = [sign for sign in word if sign.isspace() and sign != " "]
    if odd:
        return sign_name(odd[0])
    return "two spaces in a row" if "  " in word else ""


def _space_name(signs: str) -> str:
    """`space`, `tab`, or the code point of another kind."""
    for sign in signs:
        if sign == "\t":
            return "tab"
        if sign in "\r\n":
            return "line break"
        if sign != " ":
            return f"space ({sign_name(sign)})"
    return "space"


def _yaml(word: str) -> str:
    """A word as it may stand in a line of YAML."""
    return word if re.fullmatch(r"[A-Za-z][A-Za-z_]*", word) else '"' + word.replace('"', "") + '"'
