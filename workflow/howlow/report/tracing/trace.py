"""What stands behind one estimate, collected from a results folder."""

from __future__ import annotations

import json
import math
import platform
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from howlow import __version__
from howlow.analysis.estimand.cards import Card, read_cards
from howlow.analysis.estimand.words import card_lines
from howlow.analysis.estimates import Estimate
from howlow.config.settings import Config
from howlow.data.declaration import Declaration, DeclaredStudy, read_declaration
from howlow.errors import HowlowError
from howlow.report.sections.left_out import relative
from howlow.report.sections.provenance import LIBRARIES
from howlow.report.tracing.ids import Named, named
from howlow.report.tracing.measured import Measured, Printed, measured, printed
from howlow.report.tracing.pooled import Pooled, entered, is_pooled, pooled_of
from howlow.report.tracing.tables import Row, estimate_of, json_of, rows_of


@dataclass(frozen=True)
class Source:
    """Where a study's numbers come from, and the SHA-256 of every file that was read."""

    cite: str
    link: str
    read_in: str
    citation: str
    licence: str
    files: dict[str, str]


@dataclass(frozen=True)
class Script:
    """The script in R, and whether it fits this very estimate again."""

    file: str
    holds: bool


@dataclass(frozen=True)
class Trace:
    """Everything behind one estimate.

    `card` is its estimand card in words, or `no_card` says why there is none; `fit` is its row of
    fits.csv; `pools` are the pooled estimates that it entered; `pooled` is what stands behind a
    pooled one, which has no rows of its own. `versions` are those that are installed now.
    """

    estimate: Estimate
    trial: Declaration | None
    card: Card | None
    no_card: str
    fit: dict[str, str]
    measured: Measured | None
    printed: tuple[Printed, ...]
    source: Source | None
    margin_from: str
    findings: tuple[dict[str, str], ...]
    pools: tuple[str, ...]
    pooled: Pooled | None
    script: Script | None
    versions: dict[str, str]
    settings: dict[str, str]

    def card_words(self) -> list[tuple[str, str]]:
        """The card as labels and texts."""
        if self.card is None or self.trial is None:
            return []
        return card_lines(self.card, self.trial)

    def as_json(self) -> str:
        """The trace for a program."""
        found = asdict(self)
        del found["trial"]
        found["estimate"] = {"estimate_id": self.estimate.estimate_id, **found["estimate"]}
        return json.dumps(_plain(found), ensure_ascii=False, indent=1)


def _plain(value: Any) -> Any:
    """A value without what JSON has no word for."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def look_up(asked: str, results: Path) -> tuple[Named, Row | None]:
    """What an id names in a results folder, and the estimate's row where it names one.

    Raises
    ------
    HowlowError
        If there are no results.
    """
    path = results / "estimates.csv"
    if not path.is_file():
        raise HowlowError(f"{path.as_posix()}: there is no such file. Run `snakemake` first")
    rows = {row["estimate_id"]: row for row in rows_of(path)}
    found = named(asked, list(rows))
    return found, rows[found.exact] if found.exact is not None else None


def trace(row: Row, results: Path, config: Config) -> Trace:
    """Everything behind the estimate of one row of estimates.csv."""
    found = estimate_of(row)
    inputs = json_of(results / "provenance.json").get("inputs", {})
    shared = {
        relative(name): str(digest)
        for name, digest in inputs.items()
        if not relative(name).startswith("data/")
    }
    if is_pooled(found.study):
        pooled = pooled_of(found, results)
        why = "a pooled estimate has none: its trials have theirs"
        margin = _margin_from(found, None, config)
        return Trace(
            found, None, None, why, {}, None, (), None, margin, (), (), pooled, None, _versions(),
            shared,
        )  # fmt: skip
    folder = results / (found.collection or found.study)
    declared = read_declaration(folder / "study.json")
    trial = next(one for one in declared.trials if one.id == found.study)
    card, why = _card(found, folder)
    fit = _fit(found, folder)
    rows = measured(found, trial, folder, int(fit["n_observations"]) if fit else None)
    return Trace(
        estimate=found,
        trial=trial,
        card=card,
        no_card=why,
        fit=fit,
        measured=rows,
        printed=tuple(printed(found, trial, folder)),
        source=_source(declared, trial, folder.name, inputs),
        margin_from=_margin_from(found, trial, config),
        findings=tuple(_findings(found, trial, results)),
        pools=tuple(entered(found, results)),
        pooled=None,
        script=_script(found, results, folder.name),
        versions=_versions(),
        settings=shared,
    )


def _card(found: Estimate, folder: Path) -> tuple[Card | None, str]:
    """The card that an estimate answers, or why there is none."""
    path = folder / "cards.json"
    cards = {card.card_id: card for card in read_cards(path)} if path.is_file() else {}
    key = "/".join((found.study, found.outcome, found.contrast, found.at))
    if key in cards:
        return cards[key], ""
    if found.contrast.startswith("mean("):
        return None, "a mean of one arm has none: it is described, and not set against anything"
    if found.tier == "described":
        return None, "a point that a page prints without its spread has none: nothing is inferred"
    return None, "none is declared for this row; its estimand is: " + found.estimand


def _fit(found: Estimate, folder: Path) -> dict[str, str]:
    """The row of fits.csv that an estimate was taken from; nothing where it needs none."""
    at = found.at.split(" - ")[0]
    key = (found.study, found.outcome, found.method)
    return next(
        (
            row.cells
            for row in rows_of(folder / "fits.csv")
            if (row["study"], row["outcome"], row["method"]) == key and at in row["at"].split()
        ),
        {},
    )


def _source(
    declared: DeclaredStudy, trial: Declaration, folder: str, inputs: dict[str, str]
) -> Source:
    """Where the numbers come from, and the digests of the study's files."""
    said = declared.study.source
    start = f"data/{folder}/"
    files = {relative(name): str(digest) for name, digest in inputs.items()}
    return Source(
        cite=trial.cite,
        link=trial.link,
        read_in=trial.read_in,
        citation=said.citation,
        licence=said.licence,
        files={name: digest for name, digest in files.items() if name.startswith(start)},
    )


def _margin_from(found: Estimate, trial: Declaration | None, config: Config) -> str:
    """Where the margin comes from."""
    outcome = trial.outcomes.get(found.outcome) if trial else None
    construct = config.constructs.get(found.construct)
    if found.margin is None:
        return "no margin goes with this row"
    if outcome is not None and outcome.margin is not None:
        return f"declared for the outcome: {outcome.margin:g} {outcome.unit}"
    if construct is None or construct.margin_pct is None:
        return "not in the configuration at hand"
    start = "" if found.scale == "log_ratio" else " of the pooled baseline mean"
    return (
        f"ASSUME: {construct.margin_pct:g} %{start}, constructs.{found.construct}.margin_pct of "
        "the configuration, until a laboratory declares its own measurement error"
    )


def _findings(found: Estimate, trial: Declaration, results: Path) -> list[dict[str, str]]:
    """What was noticed in the study that touches the outcome: not what is another outcome's."""
    others = set(trial.outcomes) - {found.outcome}
    return [
        row.cells | {"file": relative(row["file"])}
        for row in rows_of(results / "findings.csv")
        if row["study"] == found.study and row["column"] not in others
    ]


def _script(found: Estimate, results: Path, folder: str) -> Script | None:
    """The script in R of a study, if it was written."""
    path = results / "r" / f"{folder}.R"
    if not path.is_file():
        return None
    from howlow.analysis.r_script.quoting import quoted

    holds = f"block({quoted(found.estimate_id)}," in path.read_text(encoding="utf-8")
    return Script(path.as_posix(), holds)


def _versions() -> dict[str, str]:
    """The versions that are installed."""
    found = {"howlow": __version__, "python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
