"""The steps that turn a raw table into measurements, as study.yaml declares them."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field

from howlow.config.schema import Name, Strict, Text, UnitName, described

Column = Annotated[str, Field(min_length=1, max_length=80)]


class Rename(Strict):
    """Give columns other names."""

    step: Literal["rename"] = described("rename")
    columns: dict[Column, Column] = described("old name: new name", min_length=1)


class Filter(Strict):
    """Keep the rows whose cell has one of the values."""

    step: Literal["filter"] = described("filter")
    column: Column = described("The column looked at")
    keep: tuple[str, ...] = described("The values of rows to keep", min_length=1)


class Map(Strict):
    """Replace the values of a column by declared ones; a value that is not listed is an error."""

    step: Literal["map"] = described("map")
    column: Column = described("The column looked at")
    to: Column | None = described("Where the new values go; the same column if empty", default=None)
    values: dict[str, str] = described("value in the file: value it stands for", min_length=1)


class Join(Strict):
    """Put the cells of several columns together in a new one."""

    step: Literal["join"] = described("join")
    columns: tuple[Column, ...] = described("The columns, in order", min_length=2)
    to: Column = described("The new column")
    separator: str = described("What stands between the cells", default=" ")


class Reshape(Strict):
    """Turn columns into rows: one row for each of the named columns."""

    step: Literal["reshape"] = described("reshape")
    columns: dict[Column, dict[Column, str]] = described(
        "column in the file: what each of the new columns says of it", min_length=1
    )
    value: Column = described("The new column that holds the cells", default="value")


class Match(Strict):
    """Name the row by the column whose cell equals the one looked at.

    For a table in which, say, the column `multiple` holds the letter of the leg that did several
    sets, and a row is one leg.
    """

    step: Literal["match"] = described("match")
    column: Column = described("The column looked at")
    against: dict[Column, str] = described(
        "column to compare with: the value where they are equal", min_length=1
    )
    to: Column = described("The new column")


class Constant(Strict):
    """Add a column with one value in every row."""

    step: Literal["constant"] = described("constant")
    to: Column = described("The new column")
    value: str = described("Its value")


class Combine(Strict):
    """Make one value of several trials of one test."""

    step: Literal["combine"] = described("combine")
    how: Literal["largest", "smallest", "mean"] = described("Which value stays, or their mean")
    by: tuple[Column, ...] = described("The columns that make a test: one row stays for each")
    value: Column = described("The column with the result", default="value")


class Unit(Strict):
    """Turn values into another unit."""

    step: Literal["unit"] = described("unit")
    column: Column = described("The column that holds numbers", default="value")
    unit: UnitName = described("The unit they are in")
    to: UnitName = described("The unit they are to be in")
    where: dict[Column, str] = described(
        "Only rows whose cells have these values; every row if empty", default={}
    )


class LookUp(Strict):
    """Bring columns over from a table of participants, such as which leg did what."""

    step: Literal["look_up"] = described("look_up")
    table: Name = described("The `name` of a table with `holds: participants`")
    on: Column = described("The column of this table that names the participant")
    take: tuple[Column, ...] = described("The columns brought over", min_length=1)


Step = Annotated[
    Rename | Filter | Map | Join | Reshape | Match | Constant | Combine | Unit | LookUp,
    Field(discriminator="step"),
]


class Table(Strict):
    """One raw table and how it is read."""

    file: Text = described(
        "File in this study's folder; `raw/<file>` for one that is listed under `source.files`"
    )
    name: Name | None = described("What `look_up` steps call it", default=None)
    holds: Literal["measurements", "participants"] = described(
        "measurements: a row is something measured; participants: a row is a person, with what "
        "does not change (arm, sex, age), joined to the measurements on the participant",
        default="measurements",
    )
    sheet: str | None = described("For .xlsx: the sheet, if there are several", default=None)
    object: Name | None = described("For .rda: the data frame in it, if there are several", None)
    encoding: str = described(
        "For text files: utf-8, or cp1252 for files that Excel on Windows saved as plain CSV",
        default="utf-8",
    )
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = described(
        "For text files: sign between cells", default=","
    )
    decimal: Literal[".", ","] = described(
        'Decimal mark: `","` for cells such as 103,0; they are 103.0 before the first step',
        default=".",
    )
    skip_lines: int = described("Lines above the header that are no part of it", default=0, ge=0)
    skip_footer: int = described("Lines below the last row, such as means", default=0, ge=0)
    header_lines: Literal[1, 2] = described(
        "2 where names stand in two rows, such as an outcome over its visits; the column is then "
        "called `upper|lower`, an empty upper cell being what stands to its left",
        default=1,
    )
    rows: int | None = described(
        "How many rows of data the table has; another number is an error", default=None, ge=1
    )
    missing: tuple[str, ...] | dict[Column, tuple[str, ...]] = described(
        "Cells that stand for a missing value: a list, or one for each column that has its own, "
        "with `other` for all the others",
        default=("", "NA"),
    )
    date_format: str = described(
        "How dates are written, in strftime's signs, such as %d-%m-%Y", default="%Y-%m-%d"
    )
    steps: tuple[Step, ...] = described("Cleaning, in this order", default=())

    def codes_missing(self, column: str) -> tuple[str, ...]:
        """The cells of a column that stand for a missing value.

        A number such as 99.9 stands there with the table's decimal mark as well.
        """
        codes = self.missing
        if not isinstance(codes, tuple):
            codes = codes.get(column, codes.get("other", ("", "NA")))
        if self.decimal == ",":
            numbers = [code for code in codes if re.fullmatch(r"[-+]?\d*\.\d+", code)]
            codes = (*codes, *(code.replace(".", ",") for code in numbers))
        return codes
