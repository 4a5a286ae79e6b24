"""The script of a study: a head, what all blocks share, the blocks, and the verdict on them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from howlow.analysis.r_script.blocks import Block
from howlow.analysis.r_script.quoting import comment, quoted, words

_PREAMBLE = Path(__file__).with_name("preamble.R")


def r_script(folder_name: str, blocks: Sequence[Block]) -> str:
    """A script in R that fits every block's estimate again and stops where R and howlow differ.

    Parameters
    ----------
    folder_name
        Name of the study's folder in the results; the script stands in the folder `r` beside it.
    blocks
        One an estimate. None for a study whose arms are masked.
    """
    texts = [block.lines() for block in blocks]
    compared = sum(not lines[0].startswith("#") for lines in texts)
    parts = [
        *_head(folder_name, blocks),
        _PREAMBLE.read_text(encoding="utf-8").rstrip(),
        "",
        "# ---- the estimates ".ljust(100, "-"),
        *(line for lines in texts for line in ["", *lines]),
        "",
        *_end(compared),
    ]
    return "\n".join(parts) + "\n"


def _head(folder_name: str, blocks: Sequence[Block]) -> Iterator[str]:
    """What the script is, how it is run, and what it needs."""
    simulated = any(block.trial.simulated for block in blocks)
    yield from comment(
        f"The primary estimates of {folder_name}, fitted again in R. "
        + ("The data are SIMULATED. " if simulated else "")
        + "Written by howlow; run it from the project's root with Rscript."
    )
    yield from comment(
        "howlow's own engine was checked against R 4.2.2 with lme4 1.1-31, lmerTest 3.1-3, "
        "pbkrtest 0.5.2, mmrm 0.3.18 and nlme 3.1-162."
    )
    packages = {block.engine.package for block in blocks if block.engine}
    needed = sorted(packages | ({"pbkrtest"} if "lmerTest" in packages else set()))
    yield ""
    yield f"folder <- {quoted(folder_name)}"
    yield f"needed <- {words(needed) if needed else 'character(0)'}"
    yield ""


def _end(count: int) -> Iterator[str]:
    """The verdict: R stops with an error where anything differs."""
    yield "if (length(differences) > 0) {"
    yield '  stop("R and howlow differ in: ", paste(differences, collapse = "; "))'
    yield "}"
    yield f'cat("\\nR and howlow agree; estimates compared: {count}\\n")'
