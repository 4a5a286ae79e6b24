"""One study out of several guessed tables: its arms, visits and outcomes, and the design."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from howlow.intake.arms import arms_of
from howlow.intake.assembled import Assembled
from howlow.intake.columns import TableGuess
from howlow.intake.outcomes import outcomes_of
from howlow.intake.visits import visits_of
from howlow.intake.vocabulary import LIMBS, folded
from howlow.intake.words import Tell


def assemble(
    tables: list[TableGuess], design: str | None, constructs: Collection[str], tell: Tell
) -> Assembled:
    """Put the guesses about all tables together; a `design` that was given is not guessed."""
    guessed, why = _design(tables, tell)
    unlike: list[str] = []
    study = Assembled(tables, [], [], [], design or guessed, why, _sides(tables), unlike)
    for guess in tables:
        _keep_sided(guess, study.has_limbs)
    study.arms = arms_of(study, tell)
    study.visits = visits_of(tables, tell, unlike)
    study.outcomes = outcomes_of(study, constructs, tell)
    return study


def _keep_sided(guess: TableGuess, has_limbs: bool) -> None:
    """Where limbs are arms, columns of both limbs together belong to none of them."""
    guess.wide, guess.sideless = {**guess.wide, **guess.sideless}, {}
    if has_limbs and "limb" not in guess.roles:
        guess.sideless = {name: part for name, part in guess.wide.items() if not part.limb}
        for name in guess.sideless:
            del guess.wide[name]


def _design(tables: Sequence[TableGuess], tell: Tell) -> tuple[str, str]:
    """How arms were made, and why we think so."""
    measuring = [guess for guess in tables if guess.holds == "measurements"]
    limb = any("limb" in guess.roles or _has_sides(guess) for guess in measuring)
    named = [guess for guess in tables if guess.limbs_of]
    if limb and named:
        columns = ", ".join(named[0].limbs_of)
        return "within_participant", tell("why_design_limbs_named", columns=columns)
    with_arm = [guess for guess in tables if {"arm", "participant"} <= guess.roles.keys()]
    if not with_arm:
        return "single_arm", tell("why_design_single")
    for guess in with_arm:
        changing, people = guess.changing
        # One or two people in two arms are a slip, which the check tells; a third is a design.
        if changing > 0.3 * people:
            design = "within_participant" if "limb" in guess.roles else "crossover"
            return design, tell(f"why_design_{design}", count=changing, all=people)
    return "parallel", tell("why_design_parallel")


def _has_sides(guess: TableGuess) -> bool:
    """Whether the headers of a wide table name both sides."""
    return len({folded(part.limb) for part in guess.wide.values() if part.limb}) > 1


def _sides(tables: Sequence[TableGuess]) -> dict[str, str]:
    """How each side is written: as the table of participants has it, else as the first one does."""
    found: dict[str, str] = {}
    for guess in sorted(tables, key=lambda guess: guess.holds != "participants"):
        for name in [*guess.limbs_of, *([guess.roles["limb"]] if "limb" in guess.roles else [])]:
            for value in guess.columns[name].values:
                found.setdefault(LIMBS[folded(value)], value.strip())
    return {side: found.get(side, side) for side in ("left", "right")}
