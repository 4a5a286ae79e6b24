"""Words as whole numbers: a table of millions of rows is compared by them, not cell by cell."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    Whole = NDArray[np.int64]


def places(column: pd.Series, words: Sequence[str] | None = None) -> Whole:
    """The place of each cell's word among the given ones, -1 for a stranger.

    Without words each different cell has a number of its own.
    """
    import numpy as np
    import pandas as pd

    cells = column if isinstance(column.dtype, pd.CategoricalDtype) else column.astype("category")
    codes = cells.cat.codes.to_numpy()
    if words is None:
        return np.asarray(codes, dtype=np.int64).copy()
    place = {word: number for number, word in enumerate(words)}
    known = [place.get(word, -1) for word in cells.cat.categories.tolist()]
    return np.asarray(np.array([*known, -1], dtype=np.int64)[codes])


def rows_of(column: pd.Series, words: Sequence[str]) -> dict[str, Whole]:
    """The positions of the rows that hold each word, in their order."""
    import numpy as np

    # Numbers as small as this are sorted in one pass.
    small = np.int16 if len(words) < np.iinfo(np.int16).max else np.int64
    place = places(column, words).astype(small)
    order = place.argsort(kind="stable")
    ends = np.searchsorted(place[order], np.arange(len(words) + 1, dtype=small))
    return {word: order[ends[at] : ends[at + 1]] for at, word in enumerate(words)}


def category(column: pd.Series) -> pd.Categorical:
    """Cells as categories: a table of millions of rows holds few different words."""
    import pandas as pd
    import pyarrow as pa

    if isinstance(column.dtype, pd.CategoricalDtype):
        return used(column.array)
    # Arrow counts words several times as fast as pandas does.
    words = pa.array(column.array, type=pa.large_string(), from_pandas=True)
    words = words.fill_null("") if words.null_count else words
    words = words.combine_chunks() if isinstance(words, pa.ChunkedArray) else words
    encoded = words.dictionary_encode()
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    return pd.Categorical.from_codes(codes, categories=encoded.dictionary.to_pylist())


def used(words: pd.Categorical) -> pd.Categorical:
    """The same cells, with no category that no cell has."""
    import numpy as np
    import pandas as pd

    there = np.zeros(len(words.categories), dtype=bool)
    there[words.codes] = True
    if there.all():
        return words
    place = np.cumsum(there) - 1
    return pd.Categorical.from_codes(place[words.codes], categories=words.categories[there])


def blank(rows: int, word: str = "") -> pd.Categorical:
    """The same word in every row."""
    import numpy as np
    import pandas as pd

    return pd.Categorical.from_codes(np.zeros(rows, dtype=np.int8), categories=[word])


def codes_of(rows: pd.DataFrame, columns: Iterable[str]) -> pd.Series:
    """One whole number for each combination of categories; equal where all of them are equal."""
    import numpy as np
    import pandas as pd

    key = np.zeros(len(rows), dtype=np.int64)
    for column in columns:
        words = rows[column].array
        if len(words.categories) > 1:
            key *= len(words.categories)
            key += words.codes
    return pd.Series(key, index=rows.index)


def first_rows(rows: pd.DataFrame, columns: Iterable[str]) -> NDArray[np.intp]:
    """Positions of the rows that are the first of their combination of categories."""
    import numpy as np
    import pandas as pd

    names = list(columns)
    key = codes_of(rows, names).to_numpy()
    combinations = math.prod(max(len(rows[name].cat.categories), 1) for name in names)
    if combinations > 4 * len(rows):
        return np.flatnonzero(~pd.Series(key).duplicated().to_numpy())
    # Each combination is written from its last row to its first, so that the first one stays.
    place = np.full(combinations, -1, dtype=np.intp)
    place[key[::-1]] = np.arange(len(key) - 1, -1, -1)
    return np.sort(place[place >= 0])


def all_differ(rows: pd.DataFrame, columns: Iterable[str]) -> bool:
    """Whether no two rows have the same combination of categories."""
    import numpy as np

    names = list(columns)
    combinations = math.prod(max(len(rows[name].cat.categories), 1) for name in names)
    if combinations > 4 * len(rows):
        return len(first_rows(rows, names)) == len(rows)
    there = np.zeros(combinations, dtype=bool)
    there[codes_of(rows, names).to_numpy()] = True
    return int(np.count_nonzero(there)) == len(rows)
