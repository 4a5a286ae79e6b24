"""The strict base of every declared object, and the check that lists all faults at once.

Pydantic models do the checking; the messages a student reads are written here. A key that is not
known, a value of the wrong kind and a missing key are each told with file and line, what was found,
what is allowed, and the nearest known word.
"""

from __future__ import annotations

import difflib
import json
import warnings
from collections.abc import Callable, Iterable
from typing import Annotated, Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from howlow.config.documents import Document, Path_
from howlow.errors import InputError
from howlow.findings import Finding

# "construct" is the field's word for what an outcome measures, and an old method of pydantic's that
# nobody calls.
warnings.filterwarnings("ignore", message='Field name "construct" in "Outcome" shadows')

#: A name that is safe as a file name, a wildcard and a shell word.
StudyId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
#: A name for an arm, a visit, an outcome.
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
#: A few words that are shown to readers: letters, digits and the signs trials need.
Label = Annotated[
    str, StringConstraints(pattern=r"^[^\W_][\w %().,+\-/×·²³°&:;'’<>≥≤–]*$", max_length=80)
]
#: A unit as it is printed, such as kg, N·m, cm² or %.
UnitName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z%µ°][\w %·/²³°µ]*$", max_length=20)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]

_WHAT_IS_ALLOWED = {
    "^[a-z][a-z0-9_-]{0,39}$": "small letters, digits, - and _, starting with a letter, at most 40",
    "^[a-z][a-z0-9_]{0,39}$": "small letters, digits and _, starting with a letter, at most 40",
    r"^[A-Za-z%µ°][\w %·/²³°µ]*$": "a unit such as kg, N·m, cm² or %",
    "^[0-9a-f]{64}$": "a SHA-256, 64 characters of 0-9 and a-f",
}

#: Pydantic's kinds of fault, in a student's words.
_WHAT_IS_EXPECTED = {
    "string_type": "text (put it in quotes)",
    "float_type": "a number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "list_type": "a list: [a, b]",
    "tuple_type": "a list: [a, b]",
    "dict_type": "a mapping of `key: value`",
    "model_type": "a mapping of `key: value`",
    "model_attributes_type": "a mapping of `key: value`",
}


class Strict(BaseModel):
    """Frozen, no unknown keys, no silent conversion, finite numbers only."""

    model_config = ConfigDict(
        strict=True,
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        regex_engine="python-re",
    )


Checked = TypeVar("Checked", bound=Strict)
#: What a cross-check yields: a place, what was found there, what to do, and the code.
Fault = tuple[Path_, str, str, str]


def described(description: str, default: Any = ..., **limits: Any) -> Any:
    """A field with the description that docs and error messages show."""
    return Field(default, description=description, **limits)


def check(
    model: type[Checked],
    document: Document,
    cross_check: Callable[[Checked], Iterable[Fault]] | None = None,
    data: Any = None,
) -> Checked:
    """The object that a document declares; raise InputError with all its faults at once."""
    values = document.data if data is None else data
    try:
        # JSON in between, because strict models take a list for a tuple from JSON alone.
        checked = model.model_validate_json(json.dumps(values))
    except ValidationError as error:
        listed = error.errors()
        # A list whose items are at fault counts as too short as well; the items are what to mend.
        parents = {fault["loc"][:-1] for fault in listed}
        told = [fault for fault in listed if fault["loc"] not in parents]
        raise InputError([_finding(fault, model, values, document) for fault in told]) from None
    faults = list(cross_check(checked)) if cross_check else []
    if faults:
        raise InputError(
            [document.fault(code, place, found, action) for place, found, action, code in faults]
        )
    return checked


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`Did you mean 'x'? ` for the nearest known word, or nothing."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"Did you mean '{near[0]}'? " if near else ""


def unknown(word: str, known: Iterable[str]) -> str:
    """What to do about a word that is not among the known ones."""
    names = list(known)
    return f"{did_you_mean(word, names)}Known: {', '.join(names) or 'none'}"


def _finding(fault: Any, model: type[Strict], data: Any, document: Document) -> Finding:
    """One pydantic fault in a student's words."""
    place = _place(fault["loc"], data)
    kind = fault["type"]
    if kind == "extra_forbidden":
        known = _keys_at(model, place[:-1])
        return document.fault("G01", place, "this key is not known", unknown(str(place[-1]), known))
    if kind == "missing" and isinstance(place[-1], int):
        action = "Give two numbers, the lowest first: [20, 40]"
        return document.fault("G01", place[:-1], "the pair is not complete", action)
    if kind == "missing":
        wanted = _description(model, place)
        return document.fault("G01", place, "this key is missing", f"Add it: {wanted}")
    shown = json.dumps(fault["input"], ensure_ascii=False)
    found = f"found {shown if len(shown) < 60 else shown[:57] + '...'}"
    return document.fault("G01", place, found, _allowed(fault))


def _allowed(fault: Any) -> str:
    """What would have been right."""
    context = fault.get("ctx", {})
    if fault["type"] == "literal_error":
        allowed = context["expected"].replace(" or ", ", ")
        words = [word.strip(" '") for word in allowed.split(",")]
        return f"{did_you_mean(str(fault['input']), words)}Allowed: {allowed}"
    if fault["type"] == "string_pattern_mismatch":
        pattern = context["pattern"]
        return f"Allowed: {_WHAT_IS_ALLOWED.get(pattern, 'letters, digits, space and %().,+-/')}"
    expected = _WHAT_IS_EXPECTED.get(
        fault["type"], str(fault["msg"]).removeprefix("Input should be ").removeprefix("a ")
    )
    return f"Expected: {expected}"


def _place(location: tuple[Any, ...], data: Any) -> Path_:
    """Pydantic's location without the parts it adds for unions and keys."""
    place: list[str | int] = []
    current = data
    for position, part in enumerate(location):
        last = position == len(location) - 1
        if (isinstance(current, dict) and part in current) or (
            isinstance(current, list) and isinstance(part, int) and part < len(current)
        ):
            current = current[part]
        elif not last or part == "[key]":
            continue
        place.append(part)
    return tuple(place)


def _models_in(annotation: Any) -> Iterable[type[Strict]]:
    """Every strict model that an annotation mentions."""
    if isinstance(annotation, type) and issubclass(annotation, Strict):
        yield annotation
    for argument in get_args(annotation) if get_origin(annotation) else ():
        yield from _models_in(argument)


def _model_at(model: type[Strict], place: Path_) -> list[type[Strict]]:
    """The models that may stand at a place."""
    current = [model]
    for part in place:
        following: list[type[Strict]] = []
        for candidate in current:
            if part in candidate.model_fields:
                following.extend(_models_in(candidate.model_fields[str(part)].annotation))
        current = following or current  # a key of a mapping or a position in a list
    return current


def _keys_at(model: type[Strict], place: Path_) -> list[str]:
    """The keys that are known at a place."""
    return [key for found in _model_at(model, place) for key in found.model_fields]


def _description(model: type[Strict], place: Path_) -> str:
    """What a missing key is for."""
    for parent in _model_at(model, place[:-1]):
        field = parent.model_fields.get(str(place[-1]))
        if field is not None and field.description:
            return field.description
    return "see config/README.md"
