"""The outcomes of a study: what each measures, its unit, and the range its values lie in."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence

from howlow.intake.assembled import Assembled, OutcomeWord
from howlow.intake.columns import TableGuess
from howlow.intake.headers import split_unit, unit_in
from howlow.intake.spelling import grouped
from howlow.intake.vocabulary import clean_label, distinct, folded, measured, safe_name
from howlow.intake.words import Tell


def outcome_cells(guess: TableGuess, with_limb: bool) -> Iterator[tuple[str, str, str]]:
    """Of each row and value column: the outcome as the file has it, the value, and its unit.

    With limb, the side in its own column is part of the outcome; without, a row that names no side
    has no outcome, for it is not read.
    """
    named = [guess.columns[name].cells for name in outcome_columns(guess)]
    texts = [" ".join(cells) for cells in zip(*named, strict=True)]
    units = guess.columns[guess.roles["unit"]].cells if "unit" in guess.roles else []
    limbs = guess.columns[guess.roles["limb"]].cells if "limb" in guess.roles else []

    def outcome(row: int, fixed: str) -> str:
        text = texts[row] if texts else fixed
        if not limbs:
            return text
        return f"{text} {limbs[row]}" if with_limb else text if limbs[row] else ""

    if guess.wide:
        for name, part in guess.wide.items():
            key = stem_key(guess, name, with_limb)
            for row, cell in enumerate(guess.columns[name].cells):
                yield outcome(row, key), cell, (units[row] if units else part.unit)
    elif "value" in guess.roles:
        header_unit = split_unit(guess.roles["value"])[1] or _label_unit(guess)
        fixed = constant_outcome(guess)
        for row, cell in enumerate(guess.columns[guess.roles["value"]].cells):
            yield outcome(row, fixed), cell, (units[row] if units else header_unit)


def _label_unit(guess: TableGuess) -> str:
    """The unit that the file's own label of the value has, or the column that is called by it."""
    name = guess.roles["value"]
    return split_unit(guess.seen.labels.get(name, ""))[1] or unit_in(name)


def outcome_columns(guess: TableGuess) -> list[str]:
    """The columns of words that name the outcome."""
    if "outcome" in guess.roles:
        return [guess.roles["outcome"]]
    return list(guess.joined)


def found_outcomes(guess: TableGuess, with_limb: bool) -> set[str]:
    """Every spelling of an outcome that the rows of a table have."""
    return {text for text, _, _ in outcome_cells(guess, with_limb)}


def stem_key(guess: TableGuess, column: str, with_limb: bool) -> str:
    """What a wide column measures; with the side where sides are not arms."""
    part = guess.wide[column]
    return f"{part.stem} {part.limb}".strip() if with_limb else part.stem


def constant_outcome(guess: TableGuess) -> str:
    """What a table of one outcome measures: as its column, its sheet or its file says."""
    name = guess.roles.get("value", "")
    label = guess.seen.labels.get(name, "")
    choices = [name, label, guess.seen.table.sheet or "", guess.seen.path.stem]
    found = next((text for text in choices if text and measured(text)), label or name or "value")
    return split_unit(found)[0]


def outcomes_of(study: Assembled, constructs: Collection[str], tell: Tell) -> list[OutcomeWord]:
    """The outcomes, with unit, range, and what their names say they measure."""
    values: dict[str, list[float]] = {}
    units: dict[str, Counter[str]] = {}
    counts: Counter[str] = Counter()
    labels: dict[str, str] = {}
    for guess in study.tables:
        if guess.holds != "measurements":
            continue
        decimal = guess.seen.table.decimal
        for column in guess.wide:
            key = stem_key(guess, column, not study.has_limbs)
            labels.setdefault(folded(key), guess.seen.labels.get(column, ""))
        for text, cell, unit in outcome_cells(guess, not study.has_limbs):
            if not text.strip():
                continue
            counts[text] += 1
            if unit:
                units.setdefault(folded(text), Counter())[unit_in(unit) or unit] += 1
            try:
                number = float(cell.replace(",", ".") if decimal == "," else cell)
            except ValueError:
                continue
            values.setdefault(folded(text), []).append(number)
    outcomes: list[OutcomeWord] = []
    for spellings in grouped(counts, study.unlike):
        key = folded(spellings[0])
        numbers = values.get(key, [])
        if not numbers:
            continue
        text = spellings[0].strip()
        taken = [outcome.name for outcome in outcomes]
        said = measured(text) or measured(labels.get(key, ""))
        label = clean_label(split_unit(text)[0], "Value")
        outcome = OutcomeWord(
            distinct(safe_name(split_unit(text)[0], "outcome"), taken), label, spellings
        )
        if said:
            outcome.construct = said.construct if said.construct in constructs else "not_mapped"
            outcome.measure, outcome.region = said.measure, said.region
            whole = re.search(r"whole|body|total|totaal|lichaam", text.lower())
            if study.has_limbs and outcome.construct == "lean_whole_body" and not whole:
                outcome.construct, outcome.region = "lean_leg", "lower_body"
            outcome.why = tell("why_construct", words=said.words)
        else:
            outcome.why = tell("why_not_mapped")
        if outcome.construct not in constructs:
            outcome.construct = next(iter(constructs))
        given = units.get(key)
        if given:
            outcome.unit = given.most_common(1)[0][0]
            if outcome.measure == "one_rm" and outcome.unit in ("N·m", "N", "kN", "ft·lb"):
                # Nobody lifts a torque; how it was measured is for its owner to say.
                outcome.measure = "strength"
        elif said:
            outcome.unit, outcome.assumed_unit = _by_size(said.unit, said.measure, numbers), True
        else:
            outcome.assumed_unit = True
        outcome.low, outcome.high = plausible(numbers)
        outcomes.append(outcome)
    return sorted(outcomes, key=lambda outcome: _rank(outcome.construct))


def _rank(construct: str) -> int:
    """What a trial was made for comes before what it measured besides; the unknown comes last."""
    if construct in ("strength", "muscle_size", "muscle_thickness") or construct.startswith("lean"):
        return 0
    return 2 if construct == "not_mapped" else 1


def _by_size(unit: str, measure: str, numbers: Sequence[float]) -> str:
    """The usual unit of such an outcome, or the one that the size of its values speaks for."""
    middle = sorted(numbers)[len(numbers) // 2]
    if measure == "dxa":
        return "kg" if middle < 200 else "g"
    if measure == "csa":
        return "mm²" if middle > 500 else "cm²"
    if measure == "thickness":
        return "cm" if middle < 8 else "mm"
    return unit


def plausible(numbers: Iterable[float]) -> tuple[float, float]:
    """A range that good values lie in: half the least to one and a half times the most.

    A value that is far from the others (a slip of the decimal point is a factor of ten) stays
    outside, so that the check asks about it: beyond five times the median or five interquartile
    ranges, whichever is farther, and for values that are above zero zero itself.
    """
    ordered = sorted(numbers)
    middle, lower, upper = (ordered[int(share * (len(ordered) - 1))] for share in (0.5, 0.25, 0.75))
    spread = upper - lower
    lowest, highest = lower - 5 * spread, upper + 5 * spread
    if middle > 0 and sum(value <= 0 for value in ordered) <= 0.1 * len(ordered):
        lowest, highest = max(lowest, middle / 1e3), max(highest, 5 * middle)
        lowest = min(lowest, middle / 5)
    inside = [value for value in ordered if lowest <= value <= highest] or ordered
    low = inside[0] * (0.5 if inside[0] > 0 else 1.5)
    high = inside[-1] * (1.5 if inside[-1] > 0 else 0.5)
    if inside[0] > 0:
        lowest = min(lowest, low)
    return _rounded(max(low, lowest), math.floor), _rounded(
        min(high, max(highest, high)), math.ceil
    )


def _rounded(number: float, direction: object) -> float:
    """Two digits, away from the values."""
    if number == 0:
        return 0.0
    step = 10.0 ** (math.floor(math.log10(abs(number))) - 1)
    chosen = math.floor(number / step) if direction is math.floor else math.ceil(number / step)
    return float(f"{chosen * step:.6g}")
