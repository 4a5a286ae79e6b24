"""The steps that turn a raw table into measurements, as study.yaml declares them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from howlow.config.schema import Name, Strict, Text, described

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


class Larger(Strict):
    """Of several trials of one test keep the larger."""

    step: Literal["larger"] = described("larger")
    by: tuple[Column, ...] = described("The columns that make a test: one row stays for each")
    value: Column = described("The column with the result", default="value")


class Unit(Strict):
    """Turn values into another unit by a factor."""

    step: Literal["unit"] = described("unit")
    column: Column = described("The column that holds numbers", default="value")
    multiply: float = described("The factor, such as 0.001 from g to kg", gt=0)
    where: dict[Column, str] = described(
        "Only rows whose cells have these values; every row if empty", default={}
    )


Step = Annotated[
    Rename | Filter | Map | Join | Reshape | Match | Constant | Larger | Unit,
    Field(discriminator="step"),
]


class Table(Strict):
    """One raw table and how it is read."""

    file: Text = described(
        "File in this study's folder; `raw/<file>` for one that is fetched from `source`"
    )
    object: Name | None = described("For .rda: the data frame in it, if there are several", None)
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = described(
        "Sign between cells", default=","
    )
    decimal: Literal[".", ","] = described(
        'Decimal mark: `","` for cells such as 103,0; they are 103.0 before the first step',
        default=".",
    )
    missing: tuple[str, ...] = described("Cells that stand for a missing value", default=("", "NA"))
    steps: tuple[Step, ...] = described("Cleaning, in this order", default=())
