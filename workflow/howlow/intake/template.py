"""A workbook to fill in for a new cohort, with lists to choose from where a study declares them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from howlow.config.study import Participants
from howlow.config.units import UNITS
from howlow.errors import HowlowError
from howlow.intake.words import Tell

#: Columns of the two sheets that are filled in; the sheet of explanations says what each is for.
MEASUREMENTS = ("participant", "arm", "limb", "visit", "outcome", "value", "unit", "date")
PARTICIPANTS = ("participant", "sex", "age", "height")
#: Rows that the lists of choices reach down to.
_ROWS = 5000

_EXPLAINED = (
    ("participant", "A code for the person, the same in both sheets; never a name or birth date",
     "Een code voor de persoon, dezelfde op beide bladen; nooit een naam of geboortedatum"),
    ("arm", "The group; written the same way in every row", "De groep; in elke rij gelijk gespeld"),
    ("limb", "left or right, only where each limb is in an arm of its own; else leave it empty",
     "left of right, alleen als elk been in een eigen groep zit; laat het anders leeg"),
    ("visit", "baseline for the first, then a word for each, such as week 6 or post",
     "baseline voor de eerste, dan een woord voor elke meting, zoals week 6 of post"),
    ("outcome", "What was measured, such as leg press 1RM", "Wat gemeten is, zoals leg press 1RM"),
    ("value", "The number alone, without its unit; leave it empty if it is missing",
     "Alleen het getal, zonder eenheid; laat het leeg als het ontbreekt"),
    ("unit", "kg, g, N·m, cm², mm ... the same for all rows of an outcome if you can",
     "kg, g, N·m, cm², mm ... liefst gelijk voor alle rijen van een uitkomst"),
    ("date", "Year-month-day, such as 2026-03-31; only the study day is kept",
     "Jaar-maand-dag, zoals 2026-03-31; alleen de studiedag wordt bewaard"),
    ("sex", "F or M", "F (vrouw) of M (man)"),
    ("age", "Years at baseline", "Jaren bij de beginmeting"),
    ("height", "cm", "cm"),
)  # fmt: skip


def write_template(path: Path, study: Participants | None, tell: Tell) -> None:
    """Write the workbook; with a study, its arms, visits and outcomes can be chosen from lists.

    Raises
    ------
    HowlowError
        If the file is there already, or its name does not end in .xlsx.
    """
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    if path.suffix.lower() != ".xlsx":
        raise HowlowError(f"{path.as_posix()}: --template ends in .xlsx")
    if path.exists():
        raise HowlowError(tell("template_exists", path=path.as_posix()))
    book = Workbook()
    first = book.active
    assert first is not None
    first.title = "measurements"
    for sheet, names in ((first, MEASUREMENTS), (book.create_sheet("participants"), PARTICIPANTS)):
        sheet.append(list(names))
        sheet.freeze_panes = "A2"
        for place, name in enumerate(names, start=1):
            sheet.cell(1, place).font = Font(bold=True)
            sheet.column_dimensions[get_column_letter(place)].width = max(12, len(name) + 4)
            if name in ("participant", "arm", "limb", "visit", "outcome", "unit"):
                # As text, so that a spreadsheet takes no code for a number or a date.
                for row in range(2, 502):
                    sheet.cell(row, place).number_format = "@"
    _add_choices(book, study)
    _explain(book)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.new")
    book.save(temporary)
    temporary.replace(path)


def _add_choices(book: Any, study: Participants | None) -> None:
    """Lists to choose from, kept on a sheet of their own, which a long list needs."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    choices: dict[str, list[str]] = {"limb": ["left", "right"], "unit": list(UNITS)}
    if study is not None:
        choices |= {
            "arm": list(study.arms),
            "visit": list(study.visits),
            "outcome": list(study.outcomes),
        }
    lists = book.create_sheet("lists")
    lists.sheet_state = "hidden"
    sheet = book["measurements"]
    for place, (name, values) in enumerate(choices.items(), start=1):
        letter = get_column_letter(place)
        for row, value in enumerate([name, *values], start=1):
            lists.cell(row, place, value)
        rule = DataValidation(
            type="list", formula1=f"lists!${letter}$2:${letter}${len(values) + 1}", allow_blank=True
        )
        rule.error = f"{name}: " + ", ".join(values)[:200]
        own = get_column_letter(MEASUREMENTS.index(name) + 1)
        rule.add(f"{own}2:{own}{_ROWS}")
        sheet.add_data_validation(rule)
    people = book["participants"]
    sexes = DataValidation(type="list", formula1='"F,M"', allow_blank=True)
    sexes.add(f"B2:B{_ROWS}")
    people.add_data_validation(sexes)


def _explain(book: Any) -> None:
    """The sheet of explanations, in both languages."""
    from openpyxl.styles import Alignment, Font

    sheet = book.create_sheet("read me")
    sheet.append(["column", "English", "Nederlands"])
    sheet.append(
        [
            "",
            "One row for each measurement of one participant at one visit. Then: howlow new FILE",
            "Eén rij per meting van één deelnemer op één moment. Daarna: howlow new BESTAND",
        ]
    )
    for row in _EXPLAINED:
        sheet.append(list(row))
    for place, width in (("A", 14), ("B", 60), ("C", 60)):
        sheet.column_dimensions[place].width = width
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for cells in sheet.iter_rows(min_row=2):
        for cell in cells:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
