"""Simulated cohorts from a declared truth: small, seeded, and SIMULATED wherever they show.

A value is y = mean[visit] + gain[arm, visit] + person + person x visit + limb + error, with every
standard deviation declared; people leave for good after a visit with a declared chance.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np

from howlow.config.documents import read_yaml
from howlow.config.schema import check
from howlow.config.truth import Truth
from howlow.data.measurements import write_text


def read_truth(path: Path) -> Truth:
    """The truth declared in a YAML file; raise InputError with all its faults."""
    return check(Truth, read_yaml(path))


def write_simulated(rows: list[dict[str, object]], path: Path) -> None:
    """Write a simulated table as CSV; a value that is missing is an empty cell."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows({**row, "value": "" if row["value"] is None else row["value"]} for row in rows)
    write_text(text.getvalue(), path)


def simulate(truth: Truth, seed: int, times: int = 1) -> list[dict[str, object]]:
    """Rows drawn from a truth: participant, limb, arm, visit, outcome, value (or None), sex, age.

    `times` multiplies the number of participants, for tests that need a larger draw.
    """
    random = np.random.default_rng(seed)
    # A generator of its own, so that a repeat leaves all other draws as they are.
    again = np.random.default_rng((seed, 1))
    arms = list(next(iter(truth.outcomes.values())).gain)
    limbs = truth.design == "within_participant"
    people = truth.participants * times * (1 if limbs else len(arms))
    stays = random.random((people, len(truth.visits) - 1)) >= truth.dropout
    present = np.c_[np.ones(people, bool), np.cumprod(stays, axis=1).astype(bool)]
    sex = random.choice(["F", "M"], people)
    age = random.integers(60, 80, people)
    # In a parallel trial the arm follows from the number; limbs are given to arms at random.
    first_is_right = random.random(people) < 0.5
    rows = []
    for name, outcome in truth.outcomes.items():
        sides = 2 if limbs else 1
        person = random.normal(0, outcome.sd_person, people)
        response = random.normal(0, outcome.sd_response, people)
        limb = random.normal(0, outcome.sd_limb, (people, sides))
        error = random.normal(0, outcome.sd_error, (people, sides, len(truth.visits)))
        for who in range(people):
            for side in range(sides):
                arm = arms[(side + first_is_right[who]) % 2] if limbs else arms[who % len(arms)]
                level = outcome.baseline + person[who] + limb[who, side]
                row: dict[str, object] = {
                    "participant": f"SIMULATED-{who + 1:04d}",
                    "sex": str(sex[who]),
                    "age": int(age[who]),
                    "limb": ("right", "left")[side] if limbs else "",
                    "arm": arm,
                    "visit": "",
                    "outcome": name,
                    "value": None,
                }
                for when, visit in enumerate(truth.visits):
                    gain = outcome.gain[arm][visit] + response[who] if when else 0.0
                    value = round(float(level + gain + error[who, side, when]), 2)
                    seen = bool(present[who, when])
                    rows.append(row | {"visit": visit, "value": value if seen else None})
                for visit in truth.repeats:
                    value = round(float(level + again.normal(0, outcome.sd_error)), 2)
                    rows.append(row | {"visit": visit, "value": value})
    return rows
