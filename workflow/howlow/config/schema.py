"""The strict base of every declared object, and the check that lists all faults at once.

Pydantic models do the checking; the messages a student reads are written here. A key that is not
known, a value of the wrong kind and a missing key are each told with file and line, what was found,
what is allowed, and the nearest known word.
"""

from __future__ import annotations

import difflib
import json
import unicodedata
import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any, TypeVar, cast, get_args, get_origin

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    create_model,
)

from howlow.config.documents import Document, Path_
from howlow.config.malformed import space_after_colon
from howlow.errors import InputError
from howlow.findings import Finding

# "construct" is the field's word for what an outcome measures, and an old method of pydantic's that
# nobody calls.
warnings.filterwarnings("ignore", message=r'Field name "construct" in "\w+" shadows')

# Patterns end in \Z, because $ lets a line break at the end through. Names that Windows keeps for
# devices are no file names there.
_STUDY_ID = r"^(?!(con|prn|aux|nul|com[0-9]|lpt[0-9])\Z)[a-z][a-z0-9_-]{0,39}\Z"
_NAME = r"^[a-z][a-z0-9_]{0,39}\Z"
_LABEL = r"^(?!.*<[A-Za-z/!?])[^\W_][\w %().,+\-/×·²³°&:;'’<>≥≤–]*\Z"
_UNIT = r"^[A-Za-z%µ°][\w %·/²³°µ]*\Z"
#: A file in data/<study>/raw/, and where it is fetched from.
FILE_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]*\Z"
HTTPS = r"^https://\S+\Z"
_DIGEST = r"^[0-9a-f]{64}\Z"

#: A name that is safe as a file name, a wildcard and a shell word.
StudyId = Annotated[str, StringConstraints(pattern=_STUDY_ID)]
#: A name for an arm, a visit, an outcome.
Name = Annotated[str, StringConstraints(pattern=_NAME)]
#: A few words that are shown to readers: letters, digits and the signs trials need.
Label = Annotated[str, StringConstraints(pattern=_LABEL, max_length=80)]
#: A unit as it is printed, such as kg, N·m, cm² or %.
UnitName = Annotated[str, StringConstraints(pattern=_UNIT, max_length=20)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Digest = Annotated[str, StringConstraints(pattern=_DIGEST)]

_WHAT_IS_ALLOWED = {
    _STUDY_ID: "small letters, digits, - and _, starting with a letter, at most 40; "
    "not a name that Windows keeps for a device, such as con or nul",
    _NAME: "small letters, digits and _, starting with a letter, at most 40",
    _UNIT: "a unit such as kg, N·m, cm² or %",
    FILE_NAME: "the name of a file in data/<study>/raw/, without the folder: letters, digits, .-_",
    HTTPS: "an address that starts with https://",
    _DIGEST: "a SHA-256, 64 characters of 0-9 and a-f",
}

_OUT_OF_BOUNDS = frozenset(
    {"greater_than", "greater_than_equal", "less_than", "less_than_equal", "finite_number"}
)
_CODE_OF_PATTERN = {_STUDY_ID: "G12", _LABEL: "C17"}

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
    "string_too_short": "some text",
    "string_too_long": "a shorter text",
    "too_long": "fewer of them",
}

#: Keys that are refused, as what they ask for misleads: what is wrong with it, and what to do.
_REFUSED = dict.fromkeys(
    ("responder", "responders", "responder_cutoff", "responder_threshold"),
    (
        "nobody is counted as a responder: change in one person is mostly error and chance",
        "Remove it; sd_response tells how much people differ, mdc95 what is error in one person",
    ),
)


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
#: Something that no single key can tell, checked on the whole object.
CrossCheck = Callable[[Checked], Iterable[Fault]]


def described(description: str, default: Any = ..., **limits: Any) -> Any:
    """A field with the description that docs and error messages show."""
    return Field(default, description=description, **limits)


def check(
    model: type[Checked],
    document: Document,
    cross_checks: Sequence[CrossCheck[Checked]] = (),
    data: Any = None,
) -> Checked:
    """The object that a document declares; raise InputError with all its faults at once.

    Where some keys are at fault, each cross-check still looks at the others: it is left out as soon
    as it asks for a top-level key that is not sound.
    """
    values = document.data if data is None else data
    faults: list[Finding] = []
    try:
        # JSON in between, because strict models take a list for a tuple from JSON alone.
        checked = model.model_validate_json(json.dumps(values))
    except ValidationError as error:
        listed = error.errors()
        # A list whose items are at fault counts as too short as well; the items are what to mend.
        parents = {fault["loc"][:end] for fault in listed for end in range(len(fault["loc"]))}
        told = [fault for fault in listed if fault["loc"] not in parents]
        faults = [_finding(fault, model, values, document) for fault in told]
        checked = _sound_part(model, values, {str(fault["loc"][0]) for fault in listed})
    for cross_check in cross_checks:
        try:
            for place, found, action, code in cross_check(checked):
                faults.append(document.fault(code, place, found, action))
        except _NotSoundError:
            continue
    if faults:
        raise InputError(faults)
    return checked


class _NotSoundError(Exception):
    """A cross-check asked for a key that has faults of its own."""


class _SoundPart:
    """The keys of a faulty object that have no fault; any other key ends the cross-check."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.__dict__.update(values)

    def __getattr__(self, name: str) -> Any:
        raise _NotSoundError(name)


def _sound_part(model: type[Checked], values: dict[str, Any], faulty: set[str]) -> Checked:
    """What stands in for an object of which some top-level keys are at fault."""
    fields: dict[str, Any] = {
        name: (field.annotation, field)
        for name, field in model.model_fields.items()
        if name not in faulty
    }
    given = {name: value for name, value in values.items() if name in fields}
    part = create_model(f"Sound{model.__name__}", __base__=Strict, **fields)
    sound = part.model_validate_json(json.dumps(given))
    return cast(Checked, _SoundPart({name: getattr(sound, name) for name in fields}))


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
        close = space_after_colon(str(place[-1]))
        if close:
            return document.fault("G01", place, "there is no space after a colon", close)
        if place[-1] in _REFUSED:
            return document.fault("G01", place, *_REFUSED[str(place[-1])])
        known = _keys_at(model, place[:-1], fault["loc"])
        return document.fault("G01", place, "this key is not known", unknown(str(place[-1]), known))
    if kind == "missing" and isinstance(place[-1], int):
        numbers = not any(isinstance(part, str) for part in fault["input"])
        action = "Give two numbers, the lowest first: [20, 40]" if numbers else "Give two: [a, b]"
        return document.fault("G01", place[:-1], "the pair is not complete", action)
    if kind == "missing":
        wanted = _description(model, place)
        return document.fault("G01", place, "this key is missing", f"Add it: {wanted}")
    shown = json.dumps(fault["input"], ensure_ascii=False)
    found = f"found {shown if len(shown) < 60 else shown[:57] + '...'}"
    return document.fault(_code(fault), place, found, _allowed(fault))


def _code(fault: Any) -> str:
    """G04 for a number out of bounds, G12 for an id of a study, C17 for a label, else G01."""
    if fault["type"] in _OUT_OF_BOUNDS:
        return "G04"
    return _CODE_OF_PATTERN.get(fault.get("ctx", {}).get("pattern", ""), "G01")


def _allowed(fault: Any) -> str:
    """What would have been right."""
    context = fault.get("ctx", {})
    if fault["type"] == "literal_error":
        allowed = context["expected"].replace(" or ", ", ")
        words = [word.strip(" '") for word in allowed.split(",")]
        return f"{did_you_mean(str(fault['input']), words)}Allowed: {allowed}"
    if fault["type"] == "string_pattern_mismatch":
        allowed = _WHAT_IS_ALLOWED.get(
            context["pattern"], "letters, digits, space and %().,+-/×·²³°&:;'<>≥≤–"
        )
        return f"{_unseen(str(fault['input']))}Allowed: {allowed}"
    close = space_after_colon(fault["input"]) if isinstance(fault["input"], str) else ""
    if close and fault["type"] in ("dict_type", "model_type", "model_attributes_type"):
        return close
    if fault["type"] == "too_short":
        return f"Expected: at least {context['min_length']} of them"
    expected = _WHAT_IS_EXPECTED.get(
        fault["type"], str(fault["msg"]).removeprefix("Input should be ").removeprefix("a ")
    )
    return f"Expected: {expected}"


def _unseen(text: str) -> str:
    """The signs of a text that look like a space or like nothing, by their name."""
    signs = sorted({sign for sign in text if sign != " " and not sign.isprintable()})
    names = [f"U+{ord(sign):04X} {unicodedata.name(sign, '')}".strip() for sign in signs]
    return f"It holds {', '.join(names)}, which cannot be seen. " if names else ""


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


def _keys_at(model: type[Strict], place: Path_, location: tuple[Any, ...]) -> list[str]:
    """The keys that are known at a place; of several kinds, those of the one that is meant."""
    kinds = _model_at(model, place)
    meant = [
        kind
        for kind in kinds
        if any(set(location) & set(get_args(key.annotation)) for key in kind.model_fields.values())
    ]
    return list(dict.fromkeys(key for kind in meant or kinds for key in kind.model_fields))


def _description(model: type[Strict], place: Path_) -> str:
    """What a missing key is for."""
    for parent in _model_at(model, place[:-1]):
        field = parent.model_fields.get(str(place[-1]))
        if field is not None and field.description:
            return field.description
    return "see config/README.md"
