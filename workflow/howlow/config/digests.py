"""Digests that tell the workflow what it would miss: changed inputs and changed code."""

from __future__ import annotations

import ast
import functools
import hashlib
from collections.abc import Iterable
from pathlib import Path

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
SHARED = ("errors", "findings", "__main__")


def code_digest(last: str) -> str:
    """Digest of the code up to a package: of its syntax tree, so that comments do not count."""
    digest = hashlib.sha256()
    files = sorted(
        path
        for package in PACKAGES[: PACKAGES.index(last) + 1]
        for path in (_PACKAGE / package).rglob("*")
        if path.suffix in {".py", ".j2", ".css", ".js"}
    )
    for path in [*files, *(_PACKAGE / f"{name}.py" for name in SHARED)]:
        digest.update(path.relative_to(_PACKAGE).as_posix().encode() + b"\0" + _content(path))
    return digest.hexdigest()[:16]


@functools.cache
def _content(path: Path) -> bytes:
    """What of a file can change a result."""
    text = path.read_text(encoding="utf-8")
    return (
        ast.dump(_without_docstrings(ast.parse(text))) if path.suffix == ".py" else text
    ).encode()


def files_digest(paths: Iterable[Path]) -> str:
    """Digest of files' contents; a file that is not there yet counts as absent."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.name.encode() + b"\0")
        digest.update(path.read_bytes() if path.is_file() else b"absent")
    return digest.hexdigest()[:16]


def _without_docstrings(tree: ast.Module) -> ast.Module:
    """A syntax tree without docstrings, which change nothing that is computed."""
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if (
            isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and body
            and isinstance(body[0], ast.Expr)
            and isinstance(body[0].value, ast.Constant)
            and isinstance(body[0].value.value, str)
        ):
            node.body = body[1:]
    return tree
