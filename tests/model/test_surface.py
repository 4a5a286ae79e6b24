"""The kernel stays a kernel: what it imports, what it costs, how long its files are."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import howlow.model

KERNEL = Path(howlow.model.__file__).parent
# The temporary back end of the pipeline lives in the same folder and is no part of the kernel.
FILES = [
    path
    for path in sorted(KERNEL.glob("*.py"))
    if path.name not in {"fit.py", "ols.py", "mixed.py"}
]
ALLOWED = {
    "numpy",
    "scipy",
    "__future__",
    "collections",
    "dataclasses",
    "functools",
    "itertools",
    "typing",
}


def imported(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_kernel_imports_numpy_and_scipy_only(path):
    names = set(imported(path))
    assert {name.split(".")[0] for name in names} <= ALLOWED
    assert all(
        name in {"scipy", "scipy.special", "scipy.linalg"} for name in names if "scipy" in name
    )


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_file_can_be_read_at_one_sitting(path):
    assert len(path.read_text().splitlines()) < 300


def test_the_public_surface_is_what_is_listed():
    missing = [name for name in howlow.model.__all__ if not hasattr(howlow.model, name)]
    assert missing == []
    assert sorted(howlow.model.__all__) == howlow.model.__all__


def test_importing_the_kernel_costs_little_above_numpy_and_scipy():
    code = (
        "import numpy, scipy.linalg, scipy.special, time; start = time.process_time();"
        "import howlow.model; print(time.process_time() - start)"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, cwd=KERNEL.parents[1],
            check=True,
        )
        for _ in range(3)
    ]  # fmt: skip
    assert min(float(run.stdout) for run in runs) < 0.15
