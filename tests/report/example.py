"""A small results folder with everything the page shows, and with text that tries to break out."""

import json
from dataclasses import replace
from pathlib import Path

from howlow.analysis.estimates import Estimate, estimates_table
from howlow.analysis.robustness.diagnostics import DIAGNOSTIC_COLUMNS
from howlow.analysis.robustness.missing import MISSING_COLUMNS
from howlow.analysis.robustness.multiverse import MULTIVERSE_COLUMNS
from howlow.config.collection import Trials
from howlow.config.reading import read_config
from howlow.config.settings import Config
from howlow.config.study import Participants, Summary
from howlow.data.declaration import declaration_text
from howlow.data.measurements import findings_table, write_table, write_text
from howlow.data.published.printed import NUMBER_COLUMNS, TEXT_COLUMNS
from howlow.findings import Finding
from howlow.synthesis.claims.rows import ClaimRow, write_claims
from howlow.synthesis.evidence import Effect, evidence_table
from howlow.synthesis.mapping import MapRow, write_map
from howlow.synthesis.pools import (
    BETWEEN,
    Influence,
    PoolDetails,
    SmallStudies,
    write_influence,
    write_pools,
    write_small_studies,
)

CHANGE_COLUMNS = ("what", "id", "before", "after", "note")
INJECTED = "</script><img src=x onerror=alert(1)>"
IDS = ("Janssen-1961", "Peeters-1958")
DATE = "1961-04-23"
STUDIES = ("published", "own", "sim-own")

CLAIMS = f"""
source: An article
aspects:
  strength: {{label: {{en: strength, nl: kracht}}, constructs: [strength]}}
claims:
  c5:
    statement: {{en: Heavier loads give more strength, nl: Zwaarder geeft meer kracht}}
    estimand: {{en: Heavy less light, nl: Zwaar min licht}}
    kind: cohort
    aspects: [strength]
    reviews:
      - cite: Delta 2020
        doi: 10.1000/1
        verified: false
        sentence: {{en: "Heavy won {INJECTED}", nl: Zwaar won}}
"""
SVG = (
    '<?xml version="1.0"?>\n<!-- made here -->\n'
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 100" width="400pt" height="100pt">\n'
    "<metadata>made by hand</metadata>\n"
    "<script>document.title = 'ran'</script>\n"
    '<rect id="a" width="300" height="50" style="fill: #0072b2"/>\n</svg>\n'
)

OUTCOMES = {
    "squat": {
        "label": "Squat 1RM",
        "construct": "strength",
        "unit": "kg",
        "measure": "one_rm",
        "region": "lower_body",
    }
}
ARMS = {
    "light": {"label": "Light < 40 % & more", "load_pct_1rm": [30.0, 40.0], "sets": [1.0, 1.0]},
    "heavy": {"label": "Heavy", "rm": [8.0, 12.0], "sessions_per_week": 1.0, "to_failure": True},
}
CONTRASTS = [{"contrast": "light - heavy", "question": "load"}]


def write_example(folder: Path, repo: Path) -> Config:
    """Write the folder; return the configuration that goes with it."""
    _write_collection(folder / "published")
    _write_study(folder / "own", simulated=False)
    _write_study(folder / "sim-own", simulated=True)
    for study in STUDIES:
        write_analysis(folder / study)
    write_table(estimates_table(estimates()), folder / "estimates.csv")
    write_table(evidence_table(effects()), folder / "evidence.csv")
    write_synthesis(folder)
    write_table(findings_table(findings()), folder / "findings.csv")
    answer = {
        "question": f"How low? {INJECTED}",
        "sentence": "For strength, light loads gave less (−5.8%, 2 trials).",
        "findings": [f"For muscle size, no trial {INJECTED}."],
        "details": [
            {
                "question": "load",
                "construct": "strength",
                "sentence": f"Strength: −5.8% {INJECTED}",
                "estimate_id": pooled().estimate_id,
            }
        ],
        "closing": "That is all.",
        "ladder": [],
        "exchange": [],
        "first_step": [],
        "published": [],
    }
    _write_json(answer, folder / "answer.json")
    _write_json(_figures(), folder / "figures" / "index.json")
    for entry in _figures():
        write_text(SVG, folder / "figures" / f"{entry['stem']}.svg")
    opened = [{"id": "open-one", "title": f"An open study {INJECTED}", "licence": "CC0-1.0"}]
    digests = {"data/own/a.csv": "0" * 64, "/home/somebody/data/b.csv": "1" * 64}
    _write_json({"inputs": digests, "open_studies": opened}, folder / "provenance.json")
    config = read_config([repo / "config" / "config.yaml"])
    return config.model_copy(update={"studies": STUDIES})


def write_synthesis(folder: Path) -> None:
    """What the synthesis writes beside estimates, evidence and the answer; nothing is drawn."""
    members = [effect.estimate_id for effect in drawn_effects()]
    details = PoolDetails(
        pooled().estimate_id, 0.01, 5.0, 1.0, -0.2, 0.1, 1, 0.317, 0.0, 0.04, BETWEEN.join(members)
    )
    write_pools([details], folder / "pools.csv")
    left_out = [Influence(pooled().estimate_id, "own", -0.025, -0.08, 0.03, "inconclusive")]
    write_influence(left_out, folder / "influence.csv")
    test = SmallStudies(pooled().estimate_id, "Egger's regression", -1.234, 8.0, 0.0321, 10)
    write_small_studies([test], folder / "small_studies.csv")
    write_map(map_rows(), folder / "evidence_map.csv")
    write_claims(claim_rows(), folder / "claims.csv")
    write_text(CLAIMS, folder / "claims.yaml")
    write_text(",".join(CHANGE_COLUMNS) + "\n", folder / "changes.csv")
    for name in ("curves", "network"):
        _write_json([], folder / f"{name}.json")


def map_rows() -> list[MapRow]:
    """Two cells of the evidence map."""
    needs = "2 more trials that print a spread"
    trial = f"light against heavy loads {INJECTED}"
    row = MapRow(
        "load",
        "strength",
        2,
        40,
        2,
        1,
        0,
        0,
        0,
        1,
        1,
        2,
        0,
        "few",
        "2 trials",
        "",
        needs,
        trial,
        64,
    )
    none = {"trials": 0, "participants": 0, "poolable": 0, "cautioned": 0, "young": 0, "older": 0}
    empty = {"below": 0, "status": "none", "construct": "muscle_size", "curve": "no trial"}
    return [row, replace(row, **none, **empty)]


def claim_rows() -> list[ClaimRow]:
    """A claim of two parts, one of them without a trial, and one that is cited."""
    whole = ClaimRow(
        claim="c5",
        part="",
        verdict="partly",
        statement=f"Heavier loads give more strength {INJECTED}",
        statement_nl="Zwaardere gewichten geven meer kracht",
        citation="An article",
        estimand="Strength, heavy less light",
        trials=2,
        why="Strength: partly.",
        studies="alpha-2001; own",
        figure="forest-load",
    )
    part = replace(
        whole,
        part="strength",
        estimate=0.06,
        ci_low=0.02,
        ci_high=0.1,
        ci_level=0.95,
        unit="log ratio",
        participants=42,
        direction="0 of 2 below zero",
        why="+6.2 [+2.0, +10.5] %, with few trials.",
        settle="3 trials more",
        estimate_id=pooled().estimate_id,
    )
    none = ClaimRow(
        claim="c11",
        part="",
        verdict="cited",
        statement="Fewer than half meet the guideline",
        statement_nl="",
        citation="An article",
        estimand="A share",
    )
    without = replace(whole, part="muscle_size", verdict="no data", trials=0, settle="5 more")
    return [whole, part, without, none]


def write_analysis(folder: Path, tables: dict[str, str] | None = None) -> None:
    """What the analysis writes beside the estimates: tables with nothing in them, unless given."""
    heads = {
        "multiverse": MULTIVERSE_COLUMNS,
        "missing": MISSING_COLUMNS,
        "diagnostics": DIAGNOSTIC_COLUMNS,
    }
    for name, columns in heads.items():
        write_text(",".join(columns) + "\n" + (tables or {}).get(name, ""), folder / f"{name}.csv")
    write_text("[]\n", folder / "cards.json")


def estimates() -> list[Estimate]:
    """The rows of estimates.csv."""
    return [
        pooled(),
        widened(),
        *_trial("alpha-2001", "published", assumed="SEM presumed"),
        *_trial("own", ""),
        *_trial("sim-own", "", note="SIMULATED"),
        _row("alpha-2001", "published", "sensitivity", -2.0, (-2.5, -1.5), "kg", "raw").of(
            method="change[spread_SD]", verdict="different (by more than the margin)"
        ),
        _row("beta-2002", "published", "described", -9.0, None, "kg", "raw").of(method="described"),
        _row("beta-2002", "published", "described", -0.1, None, "log ratio", "log_ratio").of(
            method="described"
        ),
    ]


def pooled() -> Estimate:
    """The pooled row."""
    return _row("pooled:load", "", "secondary", -0.06, (-0.1, -0.02), "log ratio", "log_ratio").of(
        outcome="strength",
        kind="pooled",
        at="6-26 weeks",
        method="reml-hksj",
        verdict="different (size unsettled)",
        n_participants=42,
        n_studies=2,
        note="few trials: 2, fewer than 5",
    )


def widened() -> Estimate:
    """The pooled row with the wider interval, for trials that agree by chance."""
    return _row("pooled:load", "", "sensitivity", -0.06, (-0.2, 0.08), "log ratio", "log_ratio").of(
        outcome="strength",
        kind="pooled",
        at="6-26 weeks",
        method="reml-hksj-adhoc",
        n_participants=42,
        n_studies=2,
    )


def effects() -> list[Effect]:
    """The rows of evidence.csv."""
    row = {
        "question": "load",
        "construct": "strength",
        "collection": "published",
        "contrast": "light - heavy",
        "label": "Light – Heavy",
        "at": "week_8",
        "weeks": 8.0,
        "se": 0.01,
        "n": 20.0,
        "scale": "log_ratio",
        "unit": "",
        "assumed": "",
        "note": "",
    }
    shared = {name: cell for name, cell in row.items() if name not in ("construct",)}
    fitted = {"ci_low": -0.08, "ci_high": 0.03, "tier": "secondary", "pooled": True}
    points = {"ci_low": float("nan"), "ci_high": float("nan"), "tier": "described", "pooled": False}
    ids = {found.study: found.estimate_id for found in estimates() if found.scale == "log_ratio"}
    (raw,) = [
        found.estimate_id
        for found in estimates()
        if found.tier == "described" and found.scale == "raw"
    ]
    own_unit = {"scale": "raw", "unit": "kg", "n": float("nan"), "assumed": "n derived",
                "note": "No baseline.; no baseline printed, so in its own unit only"}  # fmt: skip
    change = {"question": "deficit", "contrast": "mean(light)", "label": "Light: Week 8"}
    return [
        Effect(**row, **fitted, study="alpha-2001", cite="Alpha 2001", estimate=-0.025,
               estimate_id=ids["alpha-2001"]),
        Effect(**row, **fitted, study="own", cite="Own", estimate=-0.025, estimate_id=ids["own"]),
        Effect(**shared, **points, construct="muscle_size", study="beta-2002", cite="Beta 2002",
               estimate=-0.1, estimate_id=ids["beta-2002"]),
        Effect(**shared | own_unit, **points, construct="muscle_size", study="own",
               cite="Own", estimate=-9.0, estimate_id=raw),
        Effect(**shared | own_unit | change, **points, construct="strength", study="beta-2002",
               cite="Beta 2002", estimate=-9.0, estimate_id=raw),
        Effect(**shared | change | {"weeks": 90 / 7}, **points, construct="muscle_size",
               study="beta-2002", cite="Beta 2002", estimate=-0.1, estimate_id=ids["beta-2002"]),
    ]  # fmt: skip


def drawn_effects() -> list[Effect]:
    """The rows of evidence.csv that stand in the forest."""
    return [
        effect
        for effect in effects()
        if (effect.question, effect.construct) == ("load", "strength")
    ]


def findings() -> list[Finding]:
    """The rows of findings.csv."""
    return [
        Finding("K07", "warning", "/home/somebody/own/raw.csv", 3, "squat", INJECTED, "-", "own"),
        Finding("K07", "warning", "data/sim.csv", 0, "squat", "sim finding", "-", "sim-own"),
        Finding(
            "LEFT_OUT",
            "note",
            "arms.csv",
            9,
            "squat",
            "light at week_8 is left out: why",
            "-",
            "gamma-2003",
        ),
    ]


class _Row(dict[str, object]):
    """The fields of an estimate, some of which may still change."""

    def of(self, **others: object) -> Estimate:
        return Estimate(**{**self, **others})  # type: ignore[arg-type]


def _row(
    study: str,
    collection: str,
    tier: str,
    value: float,
    interval: tuple[float, float] | None,
    unit: str,
    scale: str,
) -> _Row:
    low, high = interval or (None, None)
    return _Row(
        study=study,
        collection=collection,
        kind="summary",
        construct="strength",
        outcome="squat",
        population="adults",
        estimand="difference",
        tier=tier,
        contrast="light - heavy",
        at="week_8",
        scale=scale,
        estimate=value,
        unit=unit,
        method="change",
        ci_low=low,
        ci_high=high,
        ci_level=0.95 if interval else None,
        n_participants=20,
    )


def _trial(study: str, collection: str, assumed: str = "", note: str = "") -> list[Estimate]:
    more = {"assumed": assumed, "note": note}
    verdict = "inconclusive"
    raw = _row(study, collection, "primary", -2.04, (-6.51, 2.43), "kg", "raw")
    ratio = _row(study, collection, "secondary", -0.025, (-0.08, 0.03), "log ratio", "log_ratio")
    mean = _row(study, collection, "secondary", 12.3, (9.9, 14.7), "kg", "raw")
    means = {"at": "week_8 - baseline", "n_participants": 10}
    return [
        raw.of(**more, verdict=verdict, margin=5.0, p=0.345),
        ratio.of(**more, verdict=verdict, margin=0.0488, p=0.345),
        mean.of(**more, **means, contrast="mean(light)"),
        mean.of(**more, **means, contrast="mean(heavy)"),
    ]


def _write_json(value: object, path: Path) -> None:
    write_text(json.dumps(value), path)


def _write_collection(folder: Path) -> None:
    study = {
        "id": "published",
        "kind": "summary",
        "title": "What papers print",
        "caution": ["Mind the gap."],
        "source": {"citation": "The papers", "licence": "Facts"},
    }
    trial = {
        "url": "https://example.org/paper",
        "population": {"description": f"adults {INJECTED}"},
        "design": "parallel",
        "randomised": "yes",
        "arms": ARMS,
        "contrasts": CONTRASTS,
        "primary_outcome": "squat",
        "note": INJECTED,
    }
    spread = {"what": "spread", "taken_as": "SEM", "because": f"It is small {INJECTED}"}
    trials = {
        "outcomes": OUTCOMES,
        "trials": {
            "alpha-2001": trial
            | {"cite": f"Alpha 2001 {INJECTED}", "read_in": "abstract", "assume": [spread]},
            "beta-2002": trial | {"cite": "Beta 2002", "read_in": "table"},
            "gamma-2003": trial | {"cite": "Gamma 2003", "read_in": "abstract"},
        },
    }
    text = declaration_text(
        Summary.model_validate_json(json.dumps(study)),
        Trials.model_validate_json(json.dumps(trials)),
    )
    write_text(text, folder / "study.json")
    rows = "".join(
        f"{name},light,squat,week_8,training,arm,load,baseline,p. 1,,{use},why,8,,,,,,,,,,\n"
        for name, use in (
            ("alpha-2001", "fitted"),
            ("beta-2002", "described"),
            ("gamma-2003", "left out"),
        )
    )
    header = ",".join([*TEXT_COLUMNS, *NUMBER_COLUMNS, "assumed"])
    write_text(f"{header}\n{rows}", folder / "printed.csv")


def _write_study(folder: Path, *, simulated: bool) -> None:
    word = "SIMULATED " if simulated else ""
    study = {
        "id": folder.name,
        "kind": "participants",
        "title": f"{word}Own trial {folder.name}",
        "simulated": simulated,
        "source": {"citation": f"{word}ours", "licence": "CC0-1.0"},
        "population": {"description": "adults"},
        "design": "parallel",
        "randomised": "not stated",
        "arms": ARMS,
        "contrasts": CONTRASTS,
        "visits": {
            "pre": {"label": "Before", "week": 0.0, "phase": "baseline"},
            "week_8": {"label": "Week 8", "week": 8.0, "phase": "training"},
        },
        "outcomes": OUTCOMES,
        "primary_outcome": "squat",
        "at": ["week_8"],
        "tables": [{"file": "a.csv"}],
    }
    if simulated:
        study["truth"] = "truth.yaml"
    declared = Participants.model_validate_json(json.dumps(study))
    write_text(declaration_text(declared, None), folder / "study.json")
    header = ",".join([*TEXT_COLUMNS, *NUMBER_COLUMNS, "assumed"])
    write_text(f"{header}\n", folder / "printed.csv")
    rows = "".join(f"{folder.name},{name},,light,{DATE},squat,level,,1,kg\n" for name in IDS)
    columns = "study,participant,limb,arm,visit,outcome,quantity,variant,value,unit"
    write_text(f"{columns}\n{rows}", folder / "measurements.csv")


def _figures() -> list[dict[str, object]]:
    def entry(stem: str, study: str, ids: list[str], **more: object) -> dict[str, object]:
        return {
            "stem": stem,
            "kind": "estimation",
            "study": study,
            "collection": "",
            "outcome": "squat",
            "at": "week_8",
            "question": "",
            "construct": "strength",
            "title": f"Figure of {stem} {INJECTED}",
            "caption": f"What was done {INJECTED}",
            "alt": f'A picture of {stem} " onload="alert(1)',
            "estimate_ids": ids,
            "simulated": study.startswith("sim-"),
        } | more

    ids = {study: [row.estimate_id for row in _trial(study, "")] for study in ("own", "sim-own")}
    alpha = [row.estimate_id for row in _trial("alpha-2001", "published")]
    drawn = [effect.estimate_id for effect in drawn_effects()]
    means = [pooled().estimate_id, widened().estimate_id]
    return [
        entry("forest-load", "", [*drawn, *means], kind="forest", question="load"),
        entry("estimation-alpha", "alpha-2001", alpha),
        entry("estimation-own", "own", ids["own"]),
        entry("estimation-sim", "sim-own", ids["sim-own"]),
    ]
