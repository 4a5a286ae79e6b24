"""The flow of participants through a study (after CONSORT 2025), drawn from the data themselves.

One column an arm, from the top down: who was there, who was measured at each visit, who had left.
People are counted, not limbs: where each limb has its own condition there is one column, and both
conditions stand in its boxes. While a study is ongoing its arms are masked, in one column too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from howlow.data.declaration import Declaration
from howlow.data.flow_rows import MASKED, NOT_ALLOCATED, FlowRow

#: A study with so many visits or fewer shows them all; of others those that are compared.
FEW_VISITS = 4
_MADE = {
    "yes": "randomised",
    "no": "not randomised",
    "not stated": "randomised or not: not stated",
}


@dataclass(frozen=True)
class Stop:
    """A box: its heading, its lines, and what stands beside the arrow that leads to it."""

    heading: str
    lines: tuple[str, ...]
    beside: tuple[str, ...] = ()


@dataclass(frozen=True)
class FlowFigure:
    """The flow of one study: a box for everybody, and a column of boxes for each arm.

    All columns are as long; None stands where an arm has no such visit.
    """

    trial: Declaration
    everybody: Stop
    columns: tuple[tuple[Stop | None, ...], ...]
    trial_is_done: bool = True

    @property
    def stem(self) -> str:
        """Name of the file."""
        return f"flow-{self.trial.id}"

    @property
    def title(self) -> str:
        """What is shown."""
        return f"{'SIMULATED: ' if self.trial.simulated else ''}Flow of participants"

    @property
    def caption(self) -> str:
        """How to read it."""
        limbs = (
            " Each person gave a limb to each condition and counts once in a box."
            if self.trial.limb_pairs
            else ""
        )
        running = (
            ""
            if self.trial_is_done
            else " The trial is still running: for some a visit may not be due yet."
        )
        return (
            "Measured: with a value in any outcome at that visit. Left: without a value then and "
            f"at every later visit. Counted from the data.{limbs}{running}"
        )

    @property
    def alt(self) -> str:
        """Every box in words."""
        said = [f"{self.title}. {_spoken(self.everybody)}."]
        for column in self.columns:
            said.append("; ".join(_spoken(stop) for stop in column if stop is not None) + ".")
        return " ".join(said)


def _spoken(stop: Stop) -> str:
    """A box as a piece of a sentence."""
    beside = f"{', '.join(stop.beside)}; " if stop.beside else ""
    return f"{beside}{stop.heading}{': ' if stop.lines else ''}{', '.join(stop.lines)}"


def flow_figure(trial: Declaration, rows: Sequence[FlowRow]) -> FlowFigure | None:
    """The flow of a study with individual data; None where nothing of it is known."""
    whole = {row.arm: row for row in rows if not (row.visit or row.outcome or row.reason)}
    arms = [arm for arm in (*trial.arms, MASKED) if arm in whole]
    if not arms:
        return None
    outside = whole[NOT_ALLOCATED].people or 0 if NOT_ALLOCATED in whole else 0
    together = trial.limb_pairs and arms != [MASKED]
    counts = [whole[arm].people or 0 for arm in arms]
    people = (max(counts) if together else sum(counts)) + outside
    top = [_MADE[trial.randomised]] if arms != [MASKED] and len(trial.arms) > 1 else []
    top += [f"{outside} not allocated"] if outside else []
    everybody = Stop(_people(people), tuple(top))
    groups = [tuple(arms)] if together else [(arm,) for arm in arms]
    # A visit of which an arm lacks everybody, and nobody had left, was not planned for the arm.
    at = {
        (row.arm, row.visit): row
        for row in rows
        if row.visit and not row.outcome and (row.measured or row.left)
    }
    held = {visit for arm, visit in at if arm in arms}
    # Python keeps the declared order among visits of one week.
    visits = sorted((name for name in trial.weeks if name in held), key=trial.weeks.__getitem__)
    columns = [_column(trial, group, whole, at, visits) for group in groups]
    ends = [_end(rows, group, _after(trial, group, at, visits)) for group in groups]
    if any(end is not None for end in ends):
        columns = [[*column, end] for column, end in zip(columns, ends, strict=True)]
    boxes = tuple(map(tuple, columns))
    return FlowFigure(trial, everybody, boxes, trial_is_done=arms != [MASKED])


def _people(number: int) -> str:
    """A number of participants."""
    return f"{number} participant{'' if number == 1 else 's'}"


At = dict[tuple[str, str], FlowRow]


def _column(
    trial: Declaration, arms: tuple[str, ...], whole: dict[str, FlowRow], at: At, visits: list[str]
) -> list[Stop | None]:
    """The boxes of one arm, or of all conditions that each person had."""
    stops: list[Stop | None] = [_head(trial, arms, whole)]
    mine = _visits_of(arms, at, visits)
    gone_words = "left, or not due yet: {}" if arms == (MASKED,) else "left {}"
    gone = dict.fromkeys(arms, 0)
    last = -1
    for visit in _shown(trial, visits):
        here = {arm: at[arm, visit] for arm in arms if (arm, visit) in at}
        if not here:
            stops.append(None)
            continue
        beside = _more(mine.index(visit) - last - 1, "between")
        last = mine.index(visit)
        left = {arm: (row.left or 0) - gone[arm] for arm, row in here.items()}
        gone |= {arm: row.left or 0 for arm, row in here.items()}
        beside += _each(trial, {arm: n for arm, n in left.items() if n > 0}, arms, gone_words)
        lines = _each(trial, {arm: row.measured or 0 for arm, row in here.items()}, arms)
        missing = {arm: row.missing for arm, row in here.items() if row.missing}
        lines += _each(trial, missing, arms, "{} missing")
        stops.append(Stop(_when(trial, visit), tuple(lines), tuple(beside)))
    return stops


def _visits_of(arms: tuple[str, ...], at: At, visits: list[str]) -> list[str]:
    """The visits that any of the arms has."""
    return [visit for visit in visits if any((arm, visit) in at for arm in arms)]


def _more(number: int, where: str) -> list[str]:
    """Visits that have no box of their own."""
    return [f"+ {number} visit{'' if number == 1 else 's'} {where}"] if number else []


def _after(trial: Declaration, arms: tuple[str, ...], at: At, visits: list[str]) -> int:
    """How many visits of an arm come after the last that has a box."""
    mine, shown = _visits_of(arms, at, visits), _shown(trial, visits)
    return next((k for k, visit in enumerate(reversed(mine)) if visit in shown), len(mine))


def _end(rows: Sequence[FlowRow], arms: tuple[str, ...], after: int) -> Stop | None:
    """The last box: why people left, where that is in the data."""
    reasons = _reasons(rows, arms)
    if not reasons and not after:
        return None
    heading = "Why people left" if reasons else "Further visits"
    lines = [*([] if reasons else _more(after, "after")), *reasons]
    return Stop(heading, tuple(lines), tuple(_more(after, "after")) if reasons else ())


def _head(trial: Declaration, arms: tuple[str, ...], whole: dict[str, FlowRow]) -> Stop:
    """The first box: the arm, how many were planned, and how many there were."""
    lines = []
    planned = {arm: n for arm in arms if (n := whole[arm].planned) is not None}
    lines += _each(trial, planned, arms, "{} planned")
    counts = {arm: whole[arm].people or 0 for arm in arms}
    lines += _each(trial, counts, arms, "{} participants")
    never = {
        arm: n for arm in arms if (n := (whole[arm].people or 0) - (whole[arm].measured or 0)) > 0
    }
    lines += _each(trial, never, arms, "{} never measured")
    labels = [trial.arms[arm].label for arm in arms if arm in trial.arms]
    if len(arms) > 1:
        lines.insert(0, "each person has them all" if len(arms) > 2 else "each person has both")
    return Stop(" and ".join(labels) or "All arms together (masked)", tuple(lines))


def _each(
    trial: Declaration, counts: dict[str, int], arms: tuple[str, ...], words: str = "{} measured"
) -> list[str]:
    """A line for one arm or for all alike; else a line for each arm."""
    if not counts:
        return []
    if len(set(counts.values())) == 1 and len(counts) == len(arms):
        return [words.format(next(iter(counts.values())))]
    return [f"{trial.arms[arm].label}: {words.format(n)}" for arm, n in counts.items()]


def _when(trial: Declaration, visit: str) -> str:
    """A visit's label with its week, unless the label says it."""
    label, week = trial.labels[visit], f"{round(trial.weeks[visit], 1):g}"
    return label if week in label or visit == trial.start else f"{label}, week {week}"


def _shown(trial: Declaration, visits: list[str]) -> list[str]:
    """The visits that have a box of their own."""
    if len(visits) <= FEW_VISITS:
        return visits
    return [visit for visit in visits if visit == trial.start or visit in trial.at]


def _reasons(rows: Iterable[FlowRow], arms: tuple[str, ...]) -> list[str]:
    """Why people left; who gave a limb to each arm is counted once."""
    counts: dict[str, int] = {}
    for row in rows:
        if row.reason and row.arm in arms:
            counts[row.reason] = max(counts.get(row.reason, 0), row.left or 0)
    return [f"{reason}: {n}" for reason, n in counts.items()]
