"""Training frequency step by step: what each further session a week brings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from howlow.analysis.fitting.fits import Combination
from howlow.analysis.questions.ratios import ratio
from howlow.analysis.subjects import Subject, simulated
from howlow.config.trial import Arm, sides

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from howlow.analysis.estimates import Estimate, Tier
    from howlow.analysis.fitting.fits import Fit, Matrix, Vector

#: Steps are two where there are three levels, the least that has a biggest step.
_FEWEST_LEVELS = 3


def ladder(arms: Mapping[str, Arm]) -> tuple[str, ...]:
    """The longest of `ladders`, the first declared of several; empty where there is none."""
    return max(ladders(arms), key=len, default=())


def ladders(arms: Mapping[str, Arm]) -> list[tuple[str, ...]]:
    """Arms that differ in sessions a week alone, fewest first, above the one that does not train.

    A ladder has at least three levels. Arms belong to one where load, failure and blood-flow
    restriction are the same and sets, repetitions and supervision do not contradict each other.
    """
    control = next((name for name, arm in arms.items() if arm.sessions_per_week == 0), None)
    alike: dict[tuple[object, ...], list[str]] = defaultdict(list)
    for name, arm in arms.items():
        if arm.sessions_per_week:
            dose = (arm.load_pct_1rm, arm.rm, arm.to_failure, arm.blood_flow_restriction)
            alike[dose].append(name)
    found = []
    for names in alike.values():
        levels = [arms[name].sessions_per_week or 0.0 for name in names]
        # Two arms of one frequency differ in something that is not declared.
        one_each = len(set(levels)) == len(levels) and len(levels) + 1 >= _FEWEST_LEVELS
        others = [(arms[name].sets, arms[name].repetitions) for name in names]
        watched = agree(arms[name].supervision for name in names)
        if (
            control
            and one_each
            and watched
            and all(agree(one) for one in zip(*others, strict=True))
        ):
            ordered = sorted(zip(levels, names, strict=True))
            found.append((control, *(name for _, name in ordered)))
    return found


def agree(values: Iterable[object]) -> bool:
    """Whether those of the values that are printed (not None) are all the same."""
    return len({value for value in values if value is not None}) <= 1


@dataclass(frozen=True)
class BiggestStep:
    """The smallest of (first step - other step), in every response; arrays of shape (R,).

    Positive where the first step is the biggest in the direction that counts as better. `se` and
    `df` are those of the smallest difference, `bound` and `p` the weakest over all differences:
    the one-sided lower bound of level 1 - alpha, and one-sided P.
    """

    estimate: Vector
    se: Vector
    df: Vector
    bound: Vector
    p: Vector

    def shown(self, alpha: float) -> NDArray[np.bool_]:
        """Whether the first step is shown to be the biggest, shape (R,)."""
        return np.asarray(self.p < alpha)


def biggest_step(
    fit: Fit, levels: Sequence[str], at: str, alpha: float, sign: float = 1.0
) -> BiggestStep:
    """Test that the first step of a ladder is bigger than each later one.

    An intersection-union test: each comparison at level alpha, and all must hold (Berger 1982,
    Technometrics 24:295); the level of the whole is alpha, without an adjustment.

    Parameters
    ----------
    fit
        A fit of R responses.
    levels
        Arms from no training to the highest frequency, three or more.
    at
        The visit.
    alpha
        One-sided error rate.
    sign
        1 where a larger value is better, -1 where a smaller one is.
    """
    from scipy.special import stdtr, stdtrit

    steps = _steps(fit, levels, at)
    value = fit.combine(sign * (steps[0] - steps[1:]))
    with np.errstate(divide="ignore", invalid="ignore"):
        p = stdtr(value.df, -value.estimate / value.se)
    bounds = value.estimate - stdtrit(value.df, 1 - alpha) * value.se
    rows = np.arange(len(value.estimate))
    smallest = value.estimate.argmin(axis=1)
    return BiggestStep(
        value.estimate[rows, smallest],
        value.se[rows, smallest],
        value.df[rows, smallest],
        bounds.min(axis=1),
        p.max(axis=1),
    )


def step_rows(subject: Subject, at: str) -> Iterator[Estimate]:
    """Steps between neighbouring frequencies, which is the biggest, and the share of one session.

    A step that is a declared contrast already has its row.
    """
    arms = {
        name: arm for name, arm in subject.trial.arms.items() if (name, at) in subject.fit.cells
    }
    declared = {frozenset(sides(found.contrast)) for found in subject.trial.contrasts}
    for levels in ladders(arms):
        for lower, upper in pairwise(levels):
            if frozenset((lower, upper)) not in declared:
                declared.add(frozenset((lower, upper)))
                yield _step_row(subject, lower, upper, at)
        yield _biggest_row(subject, levels, at)
        yield _share_row(subject, levels, at)


def _steps(fit: Fit, levels: Sequence[str], at: str) -> Matrix:
    """Weights of the steps, lowest first, shape (levels - 1, p)."""
    return np.stack([fit.contrast(upper, lower, at) for lower, upper in pairwise(levels)])


def _step_row(subject: Subject, lower: str, upper: str, at: str) -> Estimate:
    """The row of one step."""
    value = subject.fit.combine(subject.fit.contrast(upper, lower, at)).one()
    return subject.row(
        value,
        contrast=f"{upper} - {lower}",
        at=at,
        estimand=f"step {_from_to(subject, lower, upper)}",
        tier=_tier(subject),
        tested=True,
    )


def _biggest_row(subject: Subject, levels: Sequence[str], at: str) -> Estimate:
    """The row of the claim that the first step is the biggest."""
    alpha = subject.config.alpha
    sign = 1.0 if subject.trial.outcomes[subject.outcome].higher_is == "better" else -1.0
    found = biggest_step(subject.fit, levels, at, alpha, sign)
    bound = sign * float(found.bound[0])
    verdict = "shown" if found.shown(alpha)[0] else "not shown"
    first, *others = (f"{upper} - {lower}" for lower, upper in pairwise(levels))
    rest = f"({others[0]})" if len(others) == 1 else f"largest({', '.join(others)})"
    step = _from_to(subject, *levels[:2])
    return subject.row(
        _one(found, sign),
        contrast=f"({first}) - {rest}",
        at=at,
        estimand=f"the step {step} less the biggest of the others",
        tier=_tier(subject),
        tested=True,
        p=float(found.p[0]),
        ci_low=bound if sign > 0 else -np.inf,
        ci_high=np.inf if sign > 0 else bound,
        eq_low=None,
        eq_high=None,
        note=_joined(
            f"{verdict}: the step {step} is the biggest (intersection-union test at "
            f"{100 * alpha:g} %, one-sided P and bound)",
            *_skipped(subject, levels),
            simulated(subject.trial),
        ),
    )


def _share_row(subject: Subject, levels: Sequence[str], at: str) -> Estimate:
    """The row of the share of the highest frequency's gain that the lowest brings."""
    control, first, *_, top = levels
    fit, level = subject.fit, 1 - subject.config.alpha
    gains = fit.contrast(first, control, at), fit.contrast(top, control, at)
    found = ratio(fit, *gains, level).one()
    low, high = found.limits
    most = _often(subject, top)
    return subject.row(
        fit.combine(gains[0]).one(),
        contrast=f"({first} - {control}) as share of ({top} - {control})",
        at=at,
        estimand=f"share of the gain of {most} that {_often(subject, first)} brings",
        scale="share",
        tier=_tier(subject),
        tested=False,
        estimate=found.estimate,
        se=None,
        df=found.df,
        ci_low=low,
        ci_high=high,
        note=_joined(found.note(f"the gain of {most}"), simulated(subject.trial)),
    )


def _one(found: BiggestStep, sign: float) -> Combination:
    """The smallest difference in the outcome's unit."""
    return Combination(sign * float(found.estimate[0]), float(found.se[0]), float(found.df[0]))


def _skipped(subject: Subject, levels: Sequence[str]) -> Iterator[str]:
    """The steps of more than one session, above the first."""
    for lower, upper in pairwise(levels[1:]):
        sessions = [subject.trial.arms[name].sessions_per_week or 0.0 for name in (lower, upper)]
        if sessions[1] - sessions[0] > 1:
            yield f"the step {_from_to(subject, lower, upper)} counts whole"


def _from_to(subject: Subject, lower: str, upper: str) -> str:
    """`from 0 to 1 session a week`."""
    return f"from {subject.trial.arms[lower].sessions_per_week:g} to {_often(subject, upper)}"


def _often(subject: Subject, arm: str) -> str:
    """`1 session a week`, `3 sessions a week`."""
    sessions = subject.trial.arms[arm].sessions_per_week
    return f"{sessions:g} session{'' if sessions == 1 else 's'} a week"


def _tier(subject: Subject) -> Tier:
    """Secondary in the main reading of a paper, sensitivity in another."""
    return "sensitivity" if subject.variant else "secondary"


def _joined(*notes: str) -> str:
    """Notes as one text."""
    return "; ".join(note for note in notes if note)
