"""The present stage: every figure, drawn from the written tables, and an index of them."""

from __future__ import annotations

import json
import multiprocessing
import re
import shutil
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import matplotlib
from matplotlib.figure import Figure

from howlow.analysis.estimates import read_estimates
from howlow.config.settings import Config
from howlow.data.declaration import read_declaration
from howlow.data.flow_rows import read_flow
from howlow.data.measurements import read_measurements, write_text
from howlow.present.effects import forest_figures
from howlow.present.entries import Shown, entry_of
from howlow.present.estimation import draw_estimation
from howlow.present.flow import FlowFigure, flow_figure
from howlow.present.flow_boxes import draw_flow
from howlow.present.forest import draw_forest
from howlow.present.forest_figure import ForestFigure
from howlow.present.specification import Specification, read_choices, specification
from howlow.present.specification_curve import draw_specification
from howlow.present.synthesis_figures import draw_synthesis_figure, synthesis_figures
from howlow.present.theme import DPI, RC
from howlow.present.trajectories import Trajectories, draw_trajectories, trajectories
from howlow.present.trials import TrialFigure, trial_figures
from howlow.synthesis.evidence import read_evidence
from howlow.synthesis.pools import read_pools

#: The index of the figures that a folder holds.
INDEX = "index.json"

_METADATA: dict[str, dict[str, Any]] = {
    "svg": {"Date": None, "Creator": None, "Type": None, "Format": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    "png": {"Software": None},
}


@dataclass(frozen=True)
class _Task:
    """One figure to draw: what it shows, its entry in the index, and where it goes."""

    shown: Shown
    entry: dict[str, Any]
    folder: Path
    formats: tuple[str, ...]


def draw(
    results: Path, config: Config, output: Path, *, formats: tuple[str, ...], processes: int
) -> None:
    """Draw every figure of a results folder into `output`, with its index.

    A figure is first drawn in a temporary folder beside `output` and then moved, so that nothing
    half drawn is ever seen; figures of an earlier run that are no more are removed. The same bytes
    for any number of processes.
    """
    output.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=output.parent, prefix=f".{output.name}."))
    try:
        tasks = [
            _Task(shown, entry_of(shown), folder, formats) for shown in figures(results, config)
        ]
        _draw_all(tasks, processes)
        _move(tasks, folder, output, formats)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def figures(results: Path, config: Config) -> list[Shown]:
    """What there is to draw: trials in the order of the configuration, forests, the synthesis."""
    estimates = read_estimates(results / "estimates.csv")
    of_trial = dict(tuple(estimates.groupby("study", sort=False)))
    shown: list[Shown] = []
    simulated: set[str] = set()
    for study in config.studies:
        folder = results / study
        declared = read_declaration(folder / "study.json")
        individual = declared.study.kind == "participants"
        measurements = read_measurements(folder / "measurements.csv") if individual else None
        choices = read_choices(folder / "multiverse.csv")
        for trial in declared.trials:
            simulated |= {trial.id} if trial.simulated else set()
            if trial.id in of_trial:
                shown.extend(trial_figures(trial, of_trial[trial.id], measurements, config))
                curve = specification(trial, of_trial[trial.id], choices, config)
                shown.extend([curve] if curve is not None else [])
            # A simulated course tells nobody anything, and seaborn's import is a tenth of the run.
            if measurements is not None and not trial.simulated:
                shown.extend(trajectories(trial, measurements))
                flow = flow_figure(trial, read_flow(folder / "flow.csv"))
                shown.extend([flow] if flow is not None else [])
    evidence = read_evidence(results / "evidence.csv")
    pools = read_pools(results / "pools.csv")
    shown.extend(forest_figures(evidence, estimates, pools, config, frozenset(simulated)))
    shown.extend(synthesis_figures(results, estimates, evidence, config))
    return shown


def _draw_all(tasks: list[_Task], processes: int) -> None:
    """Draw all figures; everything is imported by now, so that a fork costs nothing."""
    if any(isinstance(task.shown, Trajectories) for task in tasks):
        import seaborn  # noqa: F401  # once, before the fork
    if processes < 2 or len(tasks) < 2:
        for task in tasks:
            _draw_one(task)
        return
    # Each figure depends on its task alone, so the share of a process changes nothing.
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        pool.map(_draw_one, tasks, chunksize=4)


def _draw_one(task: _Task) -> None:
    """Draw one figure in each format."""
    with (
        matplotlib.rc_context(RC),
        warnings.catch_warnings(),
    ):
        # The font has no emoji; a browser has, and shows the label all the same.
        warnings.filterwarnings("ignore", message="Glyph", category=UserWarning)
        # Names inside an SVG are then unlike those of any other figure on the same page.
        matplotlib.rcParams["svg.hashsalt"] = task.entry["stem"]
        figure = draw_figure(task.shown)
        for name in task.formats:
            _save(figure, task.folder / f"{task.entry['stem']}.{name}", task.entry)


def draw_figure(shown: Shown) -> Figure:
    """Draw one figure, in the style of the current settings of matplotlib."""
    if isinstance(shown, TrialFigure):
        return draw_estimation(shown)
    if isinstance(shown, Trajectories):
        return draw_trajectories(shown)
    if isinstance(shown, FlowFigure):
        return draw_flow(shown)
    if isinstance(shown, Specification):
        return draw_specification(shown)
    return draw_forest(shown) if isinstance(shown, ForestFigure) else draw_synthesis_figure(shown)


def _save(figure: Figure, path: Path, entry: dict[str, Any]) -> None:
    """Save a figure without a date or a version in it."""
    kind = path.suffix[1:]
    figure.savefig(path, format=kind, dpi=DPI, metadata=_METADATA[kind])
    if kind == "svg":
        path.write_text(inline_svg(path.read_text(encoding="utf-8"), entry), encoding="utf-8")


def inline_svg(text: str, entry: dict[str, Any]) -> str:
    """An SVG fit to stand inside a page beside others, and for a screen reader.

    Its style sheet (which would rule the whole page) becomes attributes, ids that nothing refers to
    go, and a title and a description are put in.
    """
    body = text[text.index("<svg") :]
    body = re.sub(r"\s*<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r"\s*<defs>\s*<style.*?</style>\s*</defs>", "", body, flags=re.DOTALL)
    used = set(re.findall(r"(?:href=\"#|url\(#)([^\")]+)", body))
    body = re.sub(r" id=\"([^\"]*)\"", lambda found: found[0] if found[1] in used else "", body)
    stem = entry["stem"]
    extra = (
        f' role="img" aria-labelledby={quoteattr(f"{stem}-title {stem}-alt")}'
        ' stroke-linejoin="round" stroke-linecap="butt"'
    )
    described = (
        f"<title id={quoteattr(f'{stem}-title')}>{escape(entry['title'])}</title>"
        f"<desc id={quoteattr(f'{stem}-alt')}>{escape(entry['alt'])}</desc>"
    )
    return re.sub(
        r"<svg([^>]*)>", lambda found: f"<svg{found[1]}{extra}>\n{described}", body, count=1
    )


def _move(tasks: list[_Task], folder: Path, output: Path, formats: tuple[str, ...]) -> None:
    """Put finished figures in place, the index last, and take away those that are no more."""
    kept = {task.entry["stem"] for task in tasks}
    for entry in _earlier(output):
        if entry["stem"] not in kept:
            for name in _METADATA:
                (output / f"{entry['stem']}.{name}").unlink(missing_ok=True)
    for task in tasks:
        for name in formats:
            file = f"{task.entry['stem']}.{name}"
            (folder / file).chmod(0o644)
            (folder / file).replace(output / file)
    index = [task.entry for task in tasks]
    write_text(json.dumps(index, ensure_ascii=False, indent=1) + "\n", output / INDEX)


def _earlier(output: Path) -> list[dict[str, Any]]:
    """The index of an earlier run, if it can be read."""
    try:
        found = json.loads((output / INDEX).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return [entry for entry in found if re.fullmatch(r"[a-z0-9_-]+", str(entry.get("stem", "")))]
