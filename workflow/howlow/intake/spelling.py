"""Spellings of one word, and rare ones that look like a slip of the pen."""

from __future__ import annotations

import difflib
import re
from collections import Counter

from howlow.intake.vocabulary import folded


def grouped(counts: Counter[str], unlike: list[str]) -> list[list[str]]:
    """Spellings of one word together; a rare word that looks like a common one is left out.

    Left out, it is not declared, and the check asks about it by its line.
    """
    by_fold: dict[str, list[str]] = {}
    for spelling in counts:
        by_fold.setdefault(folded(spelling) or spelling, []).append(spelling)
    totals = {word: sum(counts[item] for item in items) for word, items in by_fold.items()}
    kept = []
    for word, items in by_fold.items():
        near = [
            other
            for other in difflib.get_close_matches(word, list(totals), n=4, cutoff=0.75)
            if other != word
            and totals[other] >= 10 * totals[word]
            and re.findall(r"\d+", _as_seen(other)) == re.findall(r"\d+", _as_seen(word))
        ]
        if near:
            unlike += items
        else:
            kept.append(items)
    return kept


def _as_seen(word: str) -> str:
    """A word with letters that look like digits written as digits: RM3O is RM30."""
    return word.translate(str.maketrans("oil", "011"))
