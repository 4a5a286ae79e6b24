"""Published meta-analyses as effects with their variances; sources in tests/oracle/README.md."""

import csv
from pathlib import Path

import numpy as np

from howlow.synthesis.meta.model import Block

FOLDER = Path(__file__).parents[1] / "oracle" / "csv"


def columns_of(name: str) -> dict[str, np.ndarray]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {key: np.array([float(row[key]) for row in rows]) for key in rows[0]}


def bcg() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Log risk ratios, their variances, and the latitude."""
    table = columns_of("bcg")
    treated, control = table["tpos"] + table["tneg"], table["cpos"] + table["cneg"]
    effects = np.log(table["tpos"] / treated) - np.log(table["cpos"] / control)
    variances = 1 / table["tpos"] - 1 / treated + 1 / table["cpos"] - 1 / control
    return effects, variances, table["ablat"]


def odds_ratios(name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Log odds ratios (0.5 added to each cell where one is empty), variances, participants."""
    table = columns_of(name)
    a, c = table["events"], table["control_events"]
    cells = np.array([a, table["treated"] - a, c, table["controls"] - c])
    cells = cells + 0.5 * (cells.min(axis=0) == 0)
    effects = np.log(cells[0] * cells[3] / (cells[1] * cells[2]))
    return effects, (1 / cells).sum(axis=0), table["treated"] + table["controls"]


def blocks_of(effects: np.ndarray, variances: np.ndarray, *covariates: np.ndarray) -> list[Block]:
    """One effect a trial, with an intercept and covariates."""
    design = np.column_stack([np.ones(len(effects)), *covariates])
    return [
        Block(str(k), effects[[k]], variances[[k]][:, None], design[[k]], np.ones((1, 1)))
        for k in range(len(effects))
    ]
