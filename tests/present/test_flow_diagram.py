"""The flow of participants as a figure: who is counted, what is folded, what can be read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cohort
import matplotlib
import pytest
from test_layout import clashes

from howlow.config.study import Participants
from howlow.data.declaration import Declaration, declaration_text, read_declaration
from howlow.data.flow_rows import MASKED, NOT_ALLOCATED, FlowRow, read_flow
from howlow.present import drawing
from howlow.present.flow import FlowFigure, Stop, flow_figure
from howlow.present.flow_boxes import draw_flow
from howlow.present.theme import RC

LONG = "Three sets of eight to twelve repetitions at 80 % 1RM on three days each week"


def trial(folder: Path, arms: int = 2, visits: int = 2, **more: Any) -> Declaration:
    """A study of so many arms and visits, of which the last is compared."""
    names = [f"arm_{k}" for k in range(arms)]
    weeks = [f"week_{k}" for k in range(visits)]
    study = {
        "id": "our-trial",
        "kind": "participants",
        "title": "Our trial",
        "source": {"citation": "nobody", "licence": "CC0-1.0"},
        "population": {"description": "adults"},
        "design": "parallel" if arms > 1 else "single_arm",
        "randomised": "yes",
        "arms": {name: {"label": f"{LONG} {k}"[:80]} for k, name in enumerate(names)},
        "contrasts": [],
        "visits": {
            name: {
                "label": f"Visit {k}",
                "week": k * 1.57,
                "phase": "training" if k else "baseline",
            }
            for k, name in enumerate(weeks)
        },
        "outcomes": {"csa": cohort._OUTCOME},
        "primary_outcome": "csa",
        "at": [weeks[-1]],
        "tables": [{"file": "data.csv"}],
    }
    text = declaration_text(Participants.model_validate_json(json.dumps(study | more)), None)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.json").write_text(text, encoding="utf-8")
    return read_declaration(folder / "study.json").trials[0]


def row(arm: str, visit: str = "", *, reason: str = "", **counts: int) -> FlowRow:
    """A row of flow.csv."""
    known = {
        name: counts.get(name) for name in ("planned", "people", "measured", "missing", "left")
    }
    return FlowRow(arm=arm, visit=visit, outcome="", reason=reason, **known)


def drawn(figure: FlowFigure) -> list[str]:
    """The texts of the figure, after looking that none touches another."""
    from matplotlib.text import Text

    with matplotlib.rc_context(RC):
        shown = draw_flow(figure)
    assert clashes(shown) == []
    return [text.get_text() for text in shown.findobj(Text) if text.get_text()]


def stops(figure: FlowFigure, column: int = 0) -> list[Stop]:
    """The boxes of a column."""
    return [stop for stop in figure.columns[column] if stop is not None]


def test_a_column_tells_planned_measured_missing_and_left(tmp_path: Path) -> None:
    declared = trial(tmp_path)
    rows = [
        row("arm_0", planned=15, people=14, measured=13, missing=1, left=3),
        row("arm_0", "week_0", people=14, measured=13, missing=1, left=1),
        row("arm_0", "week_1", people=14, measured=11, missing=3, left=3),
        row("arm_0", reason="moved away", left=2),
        row("arm_0", reason="other reasons", left=1),
        row("arm_1", people=12, measured=12, missing=0, left=0),
        row("arm_1", "week_0", people=12, measured=12, missing=0, left=0),
        row("arm_1", "week_1", people=12, measured=12, missing=0, left=0),
        row(NOT_ALLOCATED, people=2, measured=0, missing=2, left=0),
    ]
    figure = flow_figure(declared, rows)
    assert figure is not None
    assert figure.everybody == Stop("28 participants", ("randomised", "2 not allocated"))
    head, before, after, why = stops(figure)
    assert head.lines == ("15 planned", "14 participants", "1 never measured")
    assert before.lines == ("13 measured", "1 missing")
    assert (after.heading, after.beside) == ("Visit 1, week 1.6", ("left 2",))
    assert after.lines == ("11 measured", "3 missing")
    assert why.lines == ("moved away: 2", "other reasons: 1")
    assert [stop.lines for stop in stops(figure, 1)[1:]] == [("12 measured",)] * 2
    texts = drawn(figure)
    assert "28 participants" in texts
    assert "left 2" in texts
    assert "left 2; Visit 1, week 1.6: 11 measured, 3 missing" in figure.alt
    assert figure.alt.startswith("Flow of participants. 28 participants: randomised")


def test_limbs_make_one_column_in_which_people_are_counted(tmp_path: Path) -> None:
    declared = trial(tmp_path, design="within_participant", columns={"limb": "limb"})
    rows = [
        found
        for arm in ("arm_0", "arm_1")
        for found in (
            row(arm, people=20, measured=20, missing=0, left=2),
            row(arm, "week_0", people=20, measured=20, missing=0, left=0),
            row(arm, "week_1", people=20, measured=18 - (arm == "arm_1"), missing=2, left=2),
            row(arm, reason="other reasons", left=2),
        )
    ]
    figure = flow_figure(declared, rows)
    assert figure is not None
    assert len(figure.columns) == 1
    assert figure.everybody.heading == "20 participants"
    head, before, after, why = stops(figure)
    assert head.lines == ("each person has both", "20 participants")
    assert before.lines == ("20 measured",)
    assert [line.rpartition(": ")[2] for line in after.lines] == [
        "18 measured", "17 measured", "2 missing",
    ]  # fmt: skip
    assert after.beside == ("left 2",)
    assert why.lines == ("other reasons: 2",)
    drawn(figure)


def test_many_visits_are_folded(tmp_path: Path) -> None:
    declared = trial(tmp_path, arms=3, visits=18, at=["week_9", "week_15"])
    rows = [row("arm_0", people=9, measured=9), row("arm_1", people=9, measured=9)]
    rows += [row("arm_0", f"week_{k}", people=9, measured=9, left=0) for k in range(18)]
    # Another arm came to some of the visits only.
    rows += [row("arm_1", f"week_{k}", people=9, measured=9, left=0) for k in (0, 3, 15)]
    figure = flow_figure(declared, rows)
    assert figure is not None
    assert [stop.beside for stop in stops(figure)] == [
        (), (), ("+ 8 visits between",), ("+ 5 visits between",), (),
    ]  # fmt: skip
    assert stops(figure)[-1] == Stop("Further visits", ("+ 2 visits after",))
    assert [stop.heading if stop else "" for stop in figure.columns[1]][1:] == [
        "Visit 0", "", "Visit 15, week 23.6", "",
    ]  # fmt: skip
    assert figure.columns[1][3] == Stop(
        "Visit 15, week 23.6", ("9 measured",), ("+ 1 visit between",)
    )
    drawn(figure)


def test_an_ongoing_study_has_one_masked_column(tmp_path: Path) -> None:
    declared = trial(tmp_path, status="ongoing")
    rows = [
        row(MASKED, planned=40, people=17, measured=17, missing=0, left=1),
        row(MASKED, "week_0", people=17, measured=17, missing=0, left=0),
        row(MASKED, "week_1", people=17, measured=9, missing=8, left=1),
    ]
    figure = flow_figure(declared, rows)
    assert figure is not None
    texts = " ".join([*drawn(figure), figure.alt])
    assert "All arms together (masked)" in texts
    assert LONG[:20] not in texts
    assert "left, or not due yet: 1" in texts
    assert "for some a visit may not be due yet" in figure.caption
    assert len(figure.columns) == 1


@pytest.mark.parametrize("arms", [1, 4, 6])
def test_text_is_kept_apart_whatever_the_number_of_arms(tmp_path: Path, arms: int) -> None:
    declared = trial(tmp_path, arms=arms, visits=4)
    rows: list[FlowRow] = []
    for k in range(arms):
        name = f"arm_{k}"
        rows.append(row(name, planned=300, people=298, measured=290, missing=8, left=120))
        rows += [
            row(
                name,
                f"week_{v}",
                people=298,
                measured=290 - 40 * v,
                missing=8 + 40 * v,
                left=40 * v,
            )
            for v in range(4)
        ]
        rows.append(row(name, reason="an illness that has nothing to do with the training", left=7))
    figure = flow_figure(declared, rows)
    assert figure is not None
    assert len(figure.columns) == arms
    drawn(figure)


def test_where_nothing_is_known_nothing_is_drawn(tmp_path: Path) -> None:
    assert flow_figure(trial(tmp_path), []) is None
    assert read_flow(tmp_path / "flow.csv") == ()


def test_flow_is_drawn_of_real_studies_only(tmp_path: Path, repo: Path) -> None:
    results = cohort.write_results(tmp_path / "results")
    text = (
        "study,arm,visit,outcome,reason,planned,people,measured,missing,left\n"
        "x,light,,,,,4,4,0,0\nx,light,baseline,,,,4,4,0,0\nx,light,post,csa,,,4,4,0,\n"
    )
    for study in ("limbs", "simulated"):
        (results / study / "flow.csv").write_text(text, encoding="utf-8")
    shown = [
        found
        for found in drawing.figures(results, cohort.config(repo))
        if isinstance(found, FlowFigure)
    ]
    assert [found.stem for found in shown] == ["flow-limbs"]
    output = tmp_path / "figures"
    drawing.draw(results, cohort.config(repo), output, formats=("svg",), processes=1)
    entry = next(
        found
        for found in json.loads((output / "index.json").read_text(encoding="utf-8"))
        if found["kind"] == "flow"
    )
    assert entry["study"] == "limbs"
    assert not entry["individuals"]
    assert "4 measured" in (output / "flow-limbs.svg").read_text(encoding="utf-8")


def test_a_count_that_is_empty_is_not_known(tmp_path: Path) -> None:
    (tmp_path / "flow.csv").write_text(
        "study,arm,visit,outcome,reason,planned,people,measured,missing,left\n"
        "x,light,,,,30,28,27,1,\n",
        encoding="utf-8",
    )
    (found,) = read_flow(tmp_path / "flow.csv")
    assert (found.planned, found.people, found.left) == (30, 28, None)
