"""What was checked as plain text for a terminal or a log, and as JSON for a program."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import PurePosixPath

from howlow.config.study import Participants
from howlow.findings import Finding
from howlow.intake.answerable import Answer, answerable
from howlow.intake.checking import Checked, CheckedAll
from howlow.intake.phrases import said
from howlow.report.titles import Language, title

_ORDER = ("error", "warning", "note")
_CAN = ("yes", "partly", "no")
#: Narrower than this the columns hold no words; wider is hard to read.
_NARROWEST, _WIDEST = 72, 140
_GAP = "  "
#: So many warnings or notes of one kind are told of a file; errors are all told.
_TOLD = 5


def terminal_width() -> int:
    """Columns of the terminal within what is readable; 100 where there is none, as in a log."""
    return max(_NARROWEST, min(_WIDEST, shutil.get_terminal_size((100, 24)).columns))


def as_text(checked: CheckedAll, language: Language, width: int) -> str:
    """All findings as a table by study and file, a summary, and what each study can answer."""
    lines: list[str] = []
    if checked.findings:
        lines += [said("configuration", language), *_table(checked.findings, language, width)]
    for study in checked.studies:
        if study.findings:
            lines += [study.id, *_table(study.findings, language, width)]
    for study in checked.studies:
        # Where something is wrong, that comes first; what could be answered is for later.
        answers = _answers(checked, study, language) if study.sound else []
        if answers:
            lines += [*_answer_lines(checked, study, answers, language, width), ""]
    lines += textwrap.wrap(_summary(checked, language), width)
    return "\n".join(lines) + "\n"


def as_json(checked: CheckedAll, language: Language) -> str:
    """One object: findings with all their fields, counts, the exit code, and the answers."""
    every = sorted(checked.every(), key=_rank)
    return json.dumps(
        {
            "findings": [
                {**dataclasses.asdict(found), "title": title(found.code, language)}
                for found in every
            ],
            "counts": {
                severity: sum(found.severity == severity for found in every) for severity in _ORDER
            },
            "exit_code": checked.exit_code(),
            "answerable": {
                study.id: [
                    {
                        "claim": answer.claim,
                        "statement": _statement(checked, answer.claim, language),
                        "answer": answer.can,
                        "there": answer.there,
                        "because": list(answer.because),
                    }
                    for answer in _answers(checked, study, language)
                ]
                for study in checked.studies
            },
        },
        ensure_ascii=False,
        indent=1,
    )


def _rank(found: Finding) -> tuple[object, ...]:
    """Errors first, then by place."""
    return _ORDER.index(found.severity), found.study, found.file, found.line, found.column


def _table(findings: Iterable[Finding], language: Language, width: int) -> Iterator[str]:
    """The findings of one study under their files, files with errors first."""
    ranked = sorted(findings, key=_rank)
    worst = {found.file: _ORDER.index(found.severity) for found in reversed(ranked)}
    by_file = sorted(ranked, key=lambda found: (worst[found.file], found.file, *_rank(found)))
    keys = ("severity", "code", "place", "found", "action")
    head = [said(key, language) for key in keys]
    kinds = Counter((found.file, found.severity, found.code) for found in by_file)
    told: Counter[tuple[str, str, str]] = Counter()
    rows: list[tuple[str, list[str]]] = []
    for found in by_file:
        kind = (found.file, found.severity, found.code)
        told[kind] += 1
        if found.severity == "error" or told[kind] <= _TOLD or kinds[kind] == _TOLD + 1:
            rows.append((found.file, _cells(found, language)))
        elif told[kind] == _TOLD + 1:
            more = said("more", language, number=kinds[kind] - _TOLD)
            rows.append((found.file, [said(found.severity, language), found.code, "", more, ""]))
    widths = _widths([head, *(cells for _, cells in rows)], width - 2)
    yield from _row(head, widths)
    yield "  " + _GAP.join("-" * size for size in widths)
    for file, group in groupby(rows, key=lambda row: row[0]):
        yield f"  {_plain(file)}"
        for _, cells in group:
            yield from _row(cells, widths)
    for found in by_file:
        # In one piece, to be copied into study.yaml.
        for digest in re.findall(r"\b[0-9a-f]{64}\b", found.found):
            yield f"  {PurePosixPath(found.file).name}: sha256: {digest}"
    yield ""


def _cells(found: Finding, language: Language) -> list[str]:
    """The five cells of a finding."""
    words = f"{title(found.code, language)}: {found.found}"
    return [said(found.severity, language), found.code, _place(found), words, found.action]


def _place(found: Finding) -> str:
    """The place as `file:line:column`, as far as there is a line and a column."""
    parts = [PurePosixPath(found.file).name, str(found.line) if found.line else "", found.column]
    return ":".join(part for part in parts if part)


def _widths(rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """Widths of the five columns: three as wide as they need, two share what is left."""
    needed = [max(len(row[column]) for row in rows) for column in range(3)]
    needed[2] = min(needed[2], width // 4)
    left = width - sum(needed) - 4 * len(_GAP)
    return [*needed, left - left * 2 // 5, left * 2 // 5]


def _row(cells: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    """One row, each cell wrapped within its column."""
    wrapped = [
        textwrap.wrap(_plain(cell), size) or [""] for cell, size in zip(cells, widths, strict=True)
    ]
    for number in range(max(map(len, wrapped))):
        parts = [
            (lines[number] if number < len(lines) else "").ljust(size)
            for lines, size in zip(wrapped, widths, strict=True)
        ]
        yield f"  {_GAP.join(parts)}".rstrip()


def _plain(text: str) -> str:
    """Text without what a terminal would obey or hide: control signs are written out."""
    return "".join(sign if sign.isprintable() else f"\\u{ord(sign):04x}" for sign in text)


def _answers(checked: CheckedAll, study: Checked, language: Language) -> list[Answer]:
    """What a study can answer; nothing where it or the configuration could not be read."""
    if checked.config is None or checked.claims is None or not study.brought:
        return []
    return answerable(study.brought, checked.config, checked.claims, language)


def _statement(checked: CheckedAll, claim: str, language: Language) -> str:
    """What a claim says."""
    assert checked.claims is not None  # an answer is given to a claim that was read
    return str(getattr(checked.claims.claims[claim].statement, language))


def _answer_lines(
    checked: CheckedAll,
    study: Checked,
    answers: Sequence[Answer],
    language: Language,
    width: int,
) -> Iterator[str]:
    """The answers, those it can give first; claims with one and the same reason together."""
    ongoing = all(trial.ongoing for trial in study.brought)
    yield said("will_answer" if ongoing else "can_answer", language, study=study.id)
    if isinstance(study.study, Participants) and study.study.contrasts and not ongoing:
        contrasts = ", ".join(one.contrast for one in study.study.contrasts)
        own = said("estimated", language, contrasts=contrasts, visits=", ".join(study.study.at))
        yield from textwrap.wrap(_plain(own), width, initial_indent="  ", subsequent_indent="  ")
    together: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for answer in sorted(answers, key=lambda answer: _CAN.index(answer.can)):
        reasons = (*filter(None, [answer.there]), *answer.because)
        together.setdefault((answer.can, reasons), []).append(answer.claim)
    words = {can: said(can, language) for can in _CAN}
    first, second = max(map(len, words.values())), max(len(answer.claim) for answer in answers)
    indent = " " * (2 + first + len(_GAP) + second + len(_GAP))
    for (can, reasons), claims in together.items():
        for number, claim in enumerate(claims):
            word = "" if number else words[can]
            start = f"  {word.ljust(first)}{_GAP}{claim.ljust(second)}{_GAP}"
            statement = _statement(checked, claim, language)
            yield from textwrap.wrap(
                _plain(statement),
                width,
                initial_indent=start,
                subsequent_indent=indent,
                break_on_hyphens=False,
            )
        if reasons:
            yield from textwrap.wrap(
                _plain("; ".join(reasons)),
                width,
                initial_indent=f"{indent}- ",
                subsequent_indent=f"{indent}  ",
                break_on_hyphens=False,
            )


def _summary(checked: CheckedAll, language: Language) -> str:
    """How many findings of each kind in how many studies, and what that means."""
    every = checked.every()
    counts = []
    for severity in _ORDER:
        number = sum(found.severity == severity for found in every)
        words = said(f"one {severity}" if number == 1 else f"{severity}s", language)
        counts.append(f"{number} {words}")
    number = len(checked.studies)
    studies = f"{number} {said('one study' if number == 1 else 'studies', language)}"
    meaning = said(("fine", "goes_on", "stops")[checked.exit_code()], language)
    return f"{', '.join(counts)} {said('in', language)} {studies}. {meaning}"
