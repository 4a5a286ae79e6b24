"""Digests that tell the workflow what it would miss: changed inputs and changed code."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable
from pathlib import Path
from types import CodeType

_PACKAGE = Path(__file__).parents[1]

#: The packages in their order; an arrow never runs back up, so a stage may use those before it.
PACKAGES = (
    "config",
    "data",
    "model",
    "design",
    "analysis",
    "synthesis",
    "present",
    "report",
)


#: Modules that stand above or below all packages.
SHARED = ("errors", "findings", "__main__", "commands/stages")


def code_digest(last: str) -> str:
    """Digest of the code up to a package, as it is compiled, so that comments do not count."""
    digest = hashlib.sha256()
    files = sorted(
        path
        for package in PACKAGES[: PACKAGES.index(last) + 1]
        for path in (_PACKAGE / package).rglob("*")
        if path.suffix in {".py", ".j2", ".css", ".js", ".R"}
    )
    for path in [*files, *(_PACKAGE / f"{name}.py" for name in SHARED)]:
        digest.update(path.relative_to(_PACKAGE).as_posix().encode() + b"\0" + _content(path))
    return digest.hexdigest()[:16]


@functools.cache
def _content(path: Path) -> bytes:
    """What of a file can change a result."""
    text = path.read_bytes()
    if path.suffix != ".py":
        return text
    # The compiler is several times as fast as a walk over the syntax tree; level 2 leaves out
    # docstrings and assertions.
    return _of_code(compile(text, "", "exec", dont_inherit=True, optimize=2))


def _of_code(code: CodeType) -> bytes:
    """What a compiled block does, without the lines it stands on."""
    names = (
        *(code.co_name, code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars),
        *(code.co_flags, code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount),
    )
    return b"\0".join(
        [code.co_code, code.co_exceptiontable, repr(names).encode(), _of_constant(code.co_consts)]
    )


def _of_constant(value: object) -> bytes:
    """A constant of a compiled block; the order within a set is not part of it."""
    if isinstance(value, CodeType):
        return _of_code(value)
    if isinstance(value, tuple):
        return b"(" + b",".join(map(_of_constant, value)) + b")"
    if isinstance(value, frozenset):
        return b"{" + b",".join(sorted(map(_of_constant, value))) + b"}"
    return repr(value).encode()


def files_digest(paths: Iterable[Path]) -> str:
    """Digest of files' contents; a file that is not there yet counts as absent."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.name.encode() + b"\0")
        digest.update(path.read_bytes() if path.is_file() else b"absent")
    return digest.hexdigest()[:16]
