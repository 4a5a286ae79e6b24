"""Studies: a row of the table of trials and an article for each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from howlow.analysis.estimates import Estimate
from howlow.data.declaration import Declaration
from howlow.data.published.printed_rows import PrintedRow
from howlow.present.notes import INTERIM
from howlow.report.figures import Figure
from howlow.report.inputs import Inputs, Source
from howlow.report.lines import BESIDE, Line, by_outcome, lines_of
from howlow.report.sections.cards import Cards, cards_of
from howlow.report.sections.questions import Answered, answered
from howlow.report.sections.robustness import Robustness, robustness_of
from howlow.report.words import DESIGNS, NOT_SHOWN_QUESTIONS, TIME_NOT_PRINTED, dose_words

Outcomes = list[tuple[str, list[Line]]]
#: The kind of figure that stands beside what was tried.
CHOICES = "choices"


@dataclass(frozen=True)
class ArmRow:
    """An arm as the page shows it."""

    label: str
    dose: str
    n: str


@dataclass(frozen=True)
class TrialView:
    """One trial as the page shows it."""

    id: str
    anchor: str
    cite: str
    link: str
    design: str
    population: str
    arms: tuple[ArmRow, ...]
    questions: str
    weeks: str
    read_in: str
    randomised: str
    assumptions: tuple[str, ...]
    note: str
    simulated: bool
    individual: bool
    headline: Line | None
    figures: tuple[Figure, ...]
    contrasts: Outcomes
    means: Outcomes
    beside: Outcomes
    points: Outcomes
    ongoing: bool
    cards: Cards
    choices: Figure | None
    answered: tuple[Answered, ...]
    robustness: tuple[Robustness, ...]
    script: str

    @property
    def fitted(self) -> bool:
        """Whether it has an article of its own."""
        return self.individual or bool(self.contrasts or self.means)


def trial_views(inputs: Inputs, figures: Iterable[Figure]) -> list[TrialView]:
    """Every trial with an estimate or a described point, individual data first."""
    drawn: dict[str, list[Figure]] = {}
    for figure in figures:
        drawn.setdefault(figure.study, []).append(figure)
    sources = sorted(inputs.sources, key=lambda source: source.is_collection)
    return [
        _view(trial, source, inputs, tuple(drawn.get(trial.id, ())))
        for source in sources
        for trial in source.trials
        if trial.id in inputs.by_study
    ]


def _view(
    trial: Declaration, source: Source, inputs: Inputs, figures: tuple[Figure, ...]
) -> TrialView:
    """One trial."""
    estimates = inputs.by_study[trial.id]
    printed = [row for row in source.printed if row.trial == trial.id and row.use != "left out"]
    lines = lines_of(estimates, inputs.trials)
    main = [line for line in lines if line.tier in ("primary", "secondary")]
    contrasts = by_outcome(line for line in main if line.group == "declared")
    means = by_outcome(line for line in main if not line.group)
    primary = next((found for found in estimates if found.tier == "primary"), None)
    key = (primary.outcome, primary.contrast, primary.at) if primary else ()
    interim = primary is not None and primary.note.startswith(INTERIM)
    tried = () if interim else robustness_of(trial, source.analysis, lines, key)
    elsewhere = {line.anchor for one in tried for line in one.reference}
    masked = [line for line in lines if line.group == "masked"]
    return TrialView(
        id=trial.id,
        anchor=f"study-{trial.id}",
        cite=trial.cite,
        link=link_of(trial.link),
        design=DESIGNS.get(trial.design, trial.design),
        population=_population(trial),
        arms=_arms(trial, estimates),
        questions=_questions(trial, printed, inputs),
        weeks=_weeks(trial, printed),
        read_in=trial.read_in,
        randomised=trial.randomised,
        assumptions=_assumptions(estimates),
        note=trial.note,
        simulated=trial.simulated,
        individual=not trial.collection,
        headline=next((line for line in main if line.tier == "primary"), None),
        figures=tuple(figure for figure in figures if figure.kind != CHOICES),
        contrasts=contrasts,
        means=means,
        beside=by_outcome(
            line for line in lines if line.tier in BESIDE and line.anchor not in elsewhere
        ),
        points=by_outcome(
            line for line in lines if line.tier == "described" and line.group != "masked"
        ),
        ongoing=trial.ongoing,
        cards=cards_of(trial, source.analysis, inputs.config, key),
        choices=next((figure for figure in figures if figure.kind == CHOICES), None),
        answered=answered([*main, *masked]),
        robustness=tried,
        script=_script(source, primary),
    )


def _script(source: Source, primary: Estimate | None) -> str:
    """The script in R that fits the primary estimate again, if it does."""
    if primary is None or f'"{primary.estimate_id}"' not in source.analysis.script:
        return ""
    return f"results/r/{source.study.id}.R"


def link_of(link: str) -> str:
    """A link to a public page; a bare DOI gets its resolver, anything else is no link."""
    if link.startswith("10."):
        return f"https://doi.org/{link}"
    return link if link.startswith(("https://", "http://")) else ""


def _population(trial: Declaration) -> str:
    """Who took part, in a line."""
    found = trial.population
    parts = [
        found.description,
        f"mean age {found.mean_age:g}" if found.mean_age is not None else "",
        found.sex or "",
        found.training or "",
    ]
    return "; ".join(part for part in parts if part)


def _arms(trial: Declaration, estimates: list[Estimate]) -> tuple[ArmRow, ...]:
    """The arms that have an estimate, with the most participants any of their rows has."""
    rows = []
    for name, arm in trial.arms.items():
        means = [
            found
            for found in estimates
            if found.contrast == f"mean({name})" and "[" not in found.method
        ]
        # A model over all visits has everybody, an arm's own change those of the arm.
        own = [found for found in means if found.method == "change"] or means
        counts = [found.n_participants or 0 for found in own]
        named = any(name in found.contrast.split(" - ") for found in estimates)
        if counts or named or trial.ongoing:
            dose = dose_words(arm)
            said = dose.lower() == arm.label.lower()
            n = str(max(counts, default=0) or "")
            rows.append(ArmRow(arm.label, "" if said else dose, n))
    return tuple(rows)


def _questions(trial: Declaration, printed: list[PrintedRow], inputs: Inputs) -> str:
    """The questions a trial speaks to."""
    found = [contrast.question for contrast in trial.contrasts]
    found += [question for row in printed for question in row.questions]  # type: ignore[misc]
    found += [effect.question for effect in inputs.effects if effect.study == trial.id]  # type: ignore[misc]
    kept = [name for name in dict.fromkeys(found) if name not in NOT_SHOWN_QUESTIONS]
    others = [f"{name} (not drawn)" for name in dict.fromkeys(found)]
    return ", ".join(kept or others).replace("_", " ")


def _weeks(trial: Declaration, printed: list[PrintedRow]) -> str:
    """The longest time from the start, in weeks."""
    weeks = [*trial.weeks.values(), *(row.weeks for row in printed if row.weeks == row.weeks)]
    longest = max(weeks, default=0.0)
    return f"{longest:.3g}" if longest > 0 else TIME_NOT_PRINTED


def _assumptions(estimates: list[Estimate]) -> tuple[str, ...]:
    """What the trial's numbers assume, in the words that go with each of them."""
    words = [word for found in estimates for word in found.assumed.split("; ") if word]
    return tuple(dict.fromkeys(words))
