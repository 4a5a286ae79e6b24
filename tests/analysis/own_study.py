"""A small study of one's own for the tests of plans, cards and masks: its folder and its tables."""

from pathlib import Path

import numpy as np

STUDY = """id: mine
kind: participants
title: A small trial
registration: NCT01234567
source: {citation: Nobody, licence: CC0-1.0}
population: {description: older adults}
design: parallel
randomised: "yes"
arms:
  light: {label: Light load, sessions_per_week: 1}
  heavy: {label: Heavy load, sessions_per_week: 3}
  rest: {label: No training, sessions_per_week: 0}
reference: rest
visits:
  baseline: {label: Before, week: 0, phase: baseline}
  mid: {label: Midway, week: 6, phase: training}
  post: {label: After, week: 12, phase: training}
outcomes:
  squat: {label: Squat, construct: strength, unit: kg, measure: one_rm, region: legs, margin: 5}
  thigh: {label: Thigh CSA, construct: muscle_size, unit: cm², measure: csa, region: legs}
primary_outcome: squat
contrasts:
  - {contrast: light - rest, question: training}
  - {contrast: heavy - rest, question: training}
  - {contrast: light - heavy, question: load, aim: non_inferiority}
at: [post, mid]
tables: [{file: table.csv}]
columns: {site: site, sessions_attended: sessions}
"""
ARMS = ("light", "heavy", "rest")


def write_study(folder: Path, study: str = STUDY, people: int = 18, seed: int = 1) -> Path:
    """Write study.yaml and table.csv into data/mine of a folder; return data/mine."""
    made = folder / "data" / "mine"
    made.mkdir(parents=True, exist_ok=True)
    (made / "study.yaml").write_text(study, encoding="utf-8")
    random = np.random.default_rng(seed)
    lines = ["participant,arm,site,sessions,visit,outcome,value"]
    for who in range(people):
        arm = ARMS[who % 3]
        sessions = {"light": 12, "heavy": 36, "rest": 0}[arm]
        start = random.normal(100, 15)
        for week, visit in ((0, "baseline"), (6, "mid"), (12, "post")):
            gain = {"light": 8, "heavy": 10, "rest": 0}[arm] * week / 12
            row = f"P{who:02},{arm},Delft,{sessions},{visit}"
            lines.append(f"{row},squat,{start + gain + random.normal(0, 4):.2f}")
            lines.append(f"{row},thigh,{start / 2 + gain / 4 + random.normal(0, 1):.2f}")
    (made / "table.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return made
