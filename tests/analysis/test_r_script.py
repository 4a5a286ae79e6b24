"""The script in R: nothing in it is code but what was written as code, and it does the same sums.

R is not needed here. The script is scanned as R's parser would (strings, comments, brackets), its
calls are read back, and what they say is done again in Python on the rows it names.
"""

import ast
import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import require
from scipy import stats

from howlow.analysis.estimates import Estimate
from howlow.analysis.fitting import structures
from howlow.analysis.fitting.fits import Fit
from howlow.analysis.fitting.longitudinal import Model, fit_model, mean_design
from howlow.analysis.fitting.regression import ancova_by_statsmodels, fit_changes, fit_paired
from howlow.analysis.fitting.tables import cohort_of
from howlow.analysis.r_script import Block, r_script
from howlow.analysis.r_script.quoting import comment, quoted
from howlow.analysis.subjects import Subject, identity
from howlow.config.reading import read_config
from howlow.config.trial import Arm, Contrast, Outcome, Population
from howlow.data.declaration import Declaration

GOLDEN = Path(__file__).with_name("r_script_golden.R")
HOSTILE = 'a"); system("touch pwned"); ("`%s\\\n# \u2028\u202e'


def trial(arms=("light", "heavy"), visits=("pre", "mid", "post"), **changes) -> Declaration:
    fields = {
        "id": "own",
        "collection": "",
        "kind": "participants",
        "cite": "Own",
        "link": "",
        "design": "parallel",
        "randomised": "yes",
        "limb_pairs": False,
        "independent_limbs": False,
        "simulated": False,
        "population": Population(description="adults"),
        "arms": {arm: Arm(label="Arm") for arm in arms},
        "contrasts": (Contrast(contrast="light - heavy", question="load"),),
        "primary_outcome": "squat",
        "outcomes": {
            "squat": Outcome(
                label="Squat", construct="strength", unit="kg", measure="one_rm", region="legs"
            )
        },
        "weeks": {visit: 5.0 * position for position, visit in enumerate(visits)},
        "phases": {},
        "labels": {},
        "start": visits[0],
        "at": (visits[-1],),
        "read_in": "individual data",
        "note": "",
    }
    return Declaration(**fields | changes)  # type: ignore[arg-type]


def table(declared: Declaration, people: int, limbs=("",), missing=0.1) -> pd.DataFrame:
    """Measurements of people in turn in each arm (each limb in an arm of its own), some missing."""
    rng = np.random.default_rng(7)
    arms, rows = list(declared.arms), []
    for person in range(people):
        level, gain = rng.normal(100, 15), rng.normal(5, 4)
        for place, limb in enumerate(limbs):
            arm = (person + place) % len(arms)
            for visit, name in enumerate(declared.weeks):
                value = level + visit * (gain + 2 * arm) + rng.normal(0, 3)
                if visit == 0 or rng.random() > missing:
                    rows.append((f"p{person:02d}", limb, arms[arm], name, round(value, 2)))
    columns = ["participant", "limb", "arm", "visit", "value"]
    frame = pd.DataFrame(rows, columns=columns).assign(
        study=declared.id, outcome="squat", variant="", quantity="level"
    )
    # Another outcome and another reading, which must not be taken.
    return pd.concat([frame, frame.assign(outcome="other"), frame.assign(variant="r_low")])


@pytest.fixture(scope="module")
def config(repo):
    return read_config([repo / "config" / "config.yaml"])


def subject(declared, rows, config, model: Model, people=None, visits=None) -> Subject:
    kept = rows[(rows["outcome"] == "squat") & (rows["variant"] == "")]
    cohort = cohort_of(declared, kept, visits or tuple(declared.weeks), people)
    return Subject(declared, "squat", config, cohort, model, fit_model(cohort, model), 100.0)


def of_model(asked: Subject, contrast: str, at: str) -> Block:
    first, second = contrast.split(" - ") if " - " in contrast else (contrast, contrast)
    value = asked.fit.combine(asked.fit.contrast(first, second, at)).one()
    row = asked.row(value, contrast=contrast, at=at, estimand="difference", tested=True)
    return Block(asked.trial, row, asked)


def of_pairs(declared: Declaration, fit: Fit, contrast: str, at: str) -> Block:
    if contrast.startswith("mean("):
        weights = fit.weights({(contrast[5:-1], at.split(" - ")[0]): 1.0})
    else:
        weights = fit.contrast(*contrast.split(" - "), at)
    value = fit.combine(weights).one()
    row = Estimate(
        **identity(declared, "squat"), estimand="change", tier="primary", contrast=contrast, at=at,
        scale="raw", unit="kg", method=fit.method, estimate=value.estimate, se=value.se,
        df=value.df,
    )  # fmt: skip
    return Block(declared, row)


# ---- what R's parser sees ------------------------------------------------------------------------


def scan(text: str) -> tuple[str, list[str]]:
    """Code without comments and with strings emptied, and the strings; fails where R would."""
    code, strings, closing, at = [], [], [], 0
    while at < len(text):
        sign = text[at]
        if sign == "#":
            at = text.find("\n", at)
            continue
        if sign in "\"'`":
            end = at + 1
            while text[end] != sign:
                assert text[end] != "\n", "a string runs over a line"
                end += 2 if text[end] == "\\" else 1
            strings.append(text[at + 1 : end])
            code.append(sign * 2)
            at = end + 1
            continue
        if sign in "([{":
            closing.append({"(": ")", "[": "]", "{": "}"}[sign])
        elif sign in ")]}":
            assert closing, f"nothing to close at {text[at - 40 : at + 1]!r}"
            assert closing.pop() == sign
        code.append(sign)
        at += 1
    assert closing == []
    return "".join(code), strings


def unquoted(literal: str) -> str:
    """An R string as R reads it."""
    return re.sub(
        r"\\U\{([0-9a-f]+)\}|\\(.)",
        lambda found: chr(int(found[1], 16)) if found[1] else found[2],
        literal,
    )


WORD = r'"(?:[^"\\]|\\.)*"'


def words_in(text: str) -> list[str]:
    return [unquoted(found[1:-1]) for found in re.findall(WORD, text)]


def block_of(text: str) -> str:
    return text.partition("\nblock(")[2].partition("\n})\n")[0]


def named_numbers(text: str, name: str) -> dict[str, float]:
    inside = re.search(rf"{name} = c\((.*?)\)", text)
    assert inside
    pairs = (part.split(" = ") for part in inside[1].split(", "))
    return {key: float(value.replace("Inf", "inf")) for key, value in pairs}


def rows_named(text: str, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows that a block takes: `rows_of` as the script's head defines it."""
    call = re.search(rf"rows_of\(({WORD}), ({WORD}), ({WORD}),\s+(.*), arms\)", text)
    assert call
    study, outcome, variant = (words_in(call[place])[0] for place in (1, 2, 3))
    listed = re.search(r"visits <- (c\(.*\))", text)
    visits = words_in(listed[1] if call[4] == "visits" and listed else call[4])
    arms = words_in(re.search(r"arms <- (c\(.*\))", text)[1])
    kept = rows[
        (rows["study"] == study) & (rows["outcome"] == outcome) & (rows["variant"] == variant)
    ]
    return kept[kept["visit"].isin(visits) & kept["arm"].isin(arms)]


def columns_named(text: str, rows: pd.DataFrame, people: pd.DataFrame | None) -> Iterator:
    """The columns of X that a block writes, worked out on its rows."""
    for line in re.findall(r"^    (?:cell|covariate)\(.*\)", text, re.MULTILINE):
        found = words_in(line)
        if line.strip().startswith("cell"):
            *arms, visit = found
            yield (rows["arm"].isin(arms) & (rows["visit"] == visit)).to_numpy(float)
        else:
            name, visit = found
            one = re.search(rf'with_covariate\(rows, "{name}", "(.*)"\)', text)
            cells = people.set_index("participant")[name].reindex(rows["participant"])
            values = (cells == one[1]).to_numpy(float) if one else cells.to_numpy(float)
            mean = values[~rows["participant"].duplicated().to_numpy()].mean()
            yield np.where(rows["visit"] == visit, values - mean, 0.0)


CASES = [
    (structures.UNSTRUCTURED, ("",), {}, "us(visit | participant)"),
    (structures.UNSTRUCTURED, ("",), {"constrained": False}, "us(visit | participant)"),
    (structures.UNSTRUCTURED, ("",), {"by_arm": True}, "us(visit | group / participant)"),
    (structures.UNSTRUCTURED, ("",), {"covariates": ("sex", "age")}, "us(visit | participant)"),
    (structures.UNSTRUCTURED, ("",), {"inference": "satterthwaite"}, "us(visit | participant)"),
    (structures.AR1H, ("",), {}, "ar1h(visit | participant)"),
    (structures.RANDOM_SLOPE, ("",), {}, "(1 + week | participant)"),
    (structures.LIMB_BY_VISIT, ("left", "right"), {}, "us(slot | participant)"),
    (structures.PERSON_BY_VISIT, ("left", "right"), {}, "(1 | person_visit)"),
    (structures.PERSON_AND_LIMB, ("left", "right"), {}, "fit_lme(frame, X, weights)"),
]


@pytest.mark.parametrize(("structure", "limbs", "more", "term"), CASES)
def test_the_script_writes_the_columns_weights_and_rows_that_were_fitted(
    structure, limbs, more, term, config
) -> None:
    declared = trial(covariates=more.get("covariates", ()))
    rows = table(declared, 40, limbs)
    names = rows["participant"].unique()
    people = pd.DataFrame(
        {"participant": names, "sex": ["F", "F", "M", "M"] * 10, "age": np.arange(40.0) + 20}
    )
    asked = subject(declared, rows, config, Model(structure, **more), people)
    text = r_script("own", [of_model(asked, "light - heavy", "post")])
    scan(text)
    body = block_of(text)
    assert term in body
    taken = rows_named(body, rows)
    expected = re.search(r"expect_rows\(rows, (\d+), (\d+)\)", body)
    counts = (taken["participant"].nunique(), len(taken))
    assert counts == (int(expected[1]), int(expected[2])) == (40, asked.fit.n_observations)
    X = np.column_stack(list(columns_named(body, taken, people)))
    design, _, _ = mean_design(asked.cohort, asked.model)
    np.testing.assert_allclose(X, design, atol=1e-12)  # the rows stand in the same order
    weights = ast.literal_eval(re.search(r"weights <- c(\(.*\))", body)[1])
    np.testing.assert_array_equal(weights, asked.fit.contrast("light", "heavy", "post"))
    value = asked.fit.combine(np.array(weights)).one()
    printed = named_numbers(body, "printed")
    assert printed == pytest.approx(dataclasses.asdict(value), rel=1e-8)
    assert named_numbers(body, "same")["estimate"] == pytest.approx(value.estimate, rel=1e-8)


def test_the_numbers_that_r_must_give_are_those_that_mmrm_gave(shared, repo, config) -> None:
    """Record tt_clda_us of tests/oracle: mmrm 0.3.18, Kenward-Roger-Linear."""
    import json

    path = shared / "oracle" / "csv" / "tenthirty_legpress.csv"
    require(path.is_file(), "no leg press data beside the checkout")
    record = json.loads((repo / "tests/oracle/oracle.json").read_text("utf-8"))["tt_clda_us"]
    rows = pd.read_csv(path).rename(columns={"time": "visit", "group": "arm", "load": "value"})
    rows = rows.assign(study="own", limb="", outcome="squat", variant="", quantity="level")
    declared = trial(arms=("RM30", "RM10"))
    asked = subject(declared, rows, config, Model(structures.UNSTRUCTURED))
    same = named_numbers(r_script("own", [of_model(asked, "RM30 - RM10", "post")]), "same")
    place = record["coef"].index("z_post")
    expected = {"estimate": "est", "se": "se_krl", "df": "df_krl"}
    for name, column in expected.items():
        assert same[name] == pytest.approx(record[column][place], rel=1e-5)


def test_changes_paired_and_covariance_blocks_name_what_they_need() -> None:
    declared = trial()
    rows = table(declared, 30)
    kept = rows[(rows["outcome"] == "squat") & (rows["variant"] == "")]
    pairs = cohort_of(declared, kept, ("pre", "mid", "post")).pairs("post")
    change = fit_changes(pairs, "post", 100.0)
    first, second = (pairs.change[0, pairs.arm == place] for place in (0, 1))
    text = r_script("own", [of_pairs(declared, change, "light - heavy", "post")])
    welch = stats.ttest_ind(first, second, equal_var=False)
    printed = named_numbers(text, "printed")
    assert printed["estimate"] / printed["se"] == pytest.approx(welch.statistic)
    assert printed["df"] == pytest.approx(welch.df)
    assert 'pairs <- changes_of(rows, "pre", "post")' in text
    assert 'found <- fit_change(pairs, "light", "heavy")' in text
    taken = rows_named(block_of(text), rows)
    wide = taken.pivot(index=["participant", "arm"], columns="visit", values="value").dropna()
    again = (wide["post"] - wide["pre"]).groupby("arm").mean()
    assert again["light"] - again["heavy"] == pytest.approx(printed["estimate"])

    text = r_script("own", [of_pairs(declared, change, "mean(heavy)", "post - pre")])
    assert 'found <- fit_change(pairs, "heavy")' in text
    assert named_numbers(text, "printed")["se"] == pytest.approx(stats.sem(second))
    text = r_script(
        "own",
        [of_pairs(declared, ancova_by_statsmodels(pairs, "post"), "light - heavy", "post")],
    )
    assert 'found <- fit_ancova(pairs, arms, "light", "heavy")' in text
    scan(text)

    limbs = table(declared, 14, ("left", "right"), missing=0.0)
    kept = limbs[(limbs["outcome"] == "squat") & (limbs["variant"] == "")]
    pairs = cohort_of(declared, kept, ("pre", "post")).pairs("post")
    text = r_script(
        "own", [of_pairs(declared, fit_paired(pairs, "post", 0.0), "light - heavy", "post")]
    )
    wide = kept[kept["visit"] != "mid"].pivot(
        index=["participant", "arm"], columns="visit", values="value"
    )
    both = (wide["post"] - wide["pre"]).unstack("arm")
    paired = stats.ttest_rel(both["light"], both["heavy"])
    printed = named_numbers(text, "printed")
    assert printed["estimate"] / printed["se"] == pytest.approx(paired.statistic)
    assert 'found <- fit_paired(pairs, arms, "light", "heavy")' in text


def test_pseudo_participants_are_those_of_the_visit(config) -> None:
    declared = trial(visits=("pre", "post"), kind="summary", start="")
    asked = subject(
        declared,
        table(declared, 20),
        config,
        Model(structures.UNSTRUCTURED),
        visits=("pre", "post"),
    )
    text = r_script("papers", [of_model(asked, "light - heavy", "post")])
    assert 'rows <- seen_at(rows, "post")' in text


def test_what_the_estimand_leaves_out_is_left_out(config) -> None:
    asked_of = config.estimand.model_copy(
        update={"missed_sessions": "per_protocol", "drop_out": "completers"}
    )
    declared = trial(estimand=asked_of, planned_sessions=24)
    asked = subject(declared, table(declared, 30), config, Model(structures.UNSTRUCTURED))
    text = r_script("own", [of_model(asked, "light - heavy", "post")])
    assert "rows <- per_protocol(rows, 24, 80)" in text
    assert 'rows <- seen_at(rows, c("pre", "post"))' in text


# ---- names that would be code --------------------------------------------------------------------


def test_a_name_is_a_string_whatever_it_holds() -> None:
    for name in (HOSTILE, "'", '"', "\\", "`", "\n", "\r\n", "\0", "\ud800", "é", "🏋", "${x}", ""):
        text = quoted(name)
        code, strings = scan(text)
        assert code == '""'
        assert text.isascii()
        assert text.isprintable()
        clean = re.sub("[\0\ud800]", "\N{REPLACEMENT CHARACTER}", name)
        assert unquoted(strings[0]) == clean
        for line in comment(f"of {name}"):
            assert scan(f"{line}\n")[0].strip() == ""
            assert line.isprintable()


def test_a_label_never_becomes_code(config) -> None:
    arms = (f"{HOSTILE}1", f"{HOSTILE}2")
    declared = trial(arms=arms, visits=(f"{HOSTILE}pre", f"{HOSTILE}post"), id=HOSTILE)
    label = Outcome.model_construct(
        **declared.outcomes["squat"].model_dump() | {"label": HOSTILE, "unit": HOSTILE}
    )
    declared = dataclasses.replace(declared, outcomes={"squat": label})
    asked = subject(declared, table(declared, 20), config, Model(structures.UNSTRUCTURED))
    at = f"{HOSTILE}post"
    value = asked.fit.combine(asked.fit.contrast(*arms, at)).one()
    row = asked.row(
        value, contrast=f"{arms[0]} - {arms[1]}", at=at, estimand="difference", tested=True
    )
    row = dataclasses.replace(row, assumed=HOSTILE)
    text = r_script(HOSTILE, [Block(declared, row, asked)])
    code, strings = scan(text)
    assert "system" not in code
    assert "pwned" not in code
    # With the hostile part taken out of the names, the code is the same to the letter.
    plain = trial(arms=("1", "2"), visits=("pre", "post"))
    other = subject(plain, table(plain, 20), config, Model(structures.UNSTRUCTURED))
    block = of_model(other, "1 - 2", "post")
    assert code.split() == scan(r_script("own", [block]))[0].split()
    assert {unquoted(found) for found in strings} >= {HOSTILE, *arms, at, f"{HOSTILE}pre"}


# ---- the whole -----------------------------------------------------------------------------------


def test_the_head_of_the_script_is_sound_r() -> None:
    code, strings = scan(r_script("own", []))
    assert "NULL" in code
    assert "measurements.csv" in strings
    defined = set(re.findall(r"^(\w+) <- function", code, re.MULTILINE))
    assert {"rows_of", "cell", "covariate", "fit_mmrm", "fit_lmer", "fit_lme", "compare"} <= defined
    # `eval` and `parse` never; formulas are of x1, x2, ... alone.
    assert not re.search(r"\b(eval|parse|source|system)\(", code)
    assert code.count("as.formula(") == 1


def test_every_function_that_a_block_calls_is_defined_above_it(config) -> None:
    blocks = []
    for structure, limbs, more, _ in CASES:
        if "covariates" not in more:
            declared = trial()
            rows = table(declared, 40, limbs)
            asked = subject(declared, rows, config, Model(structure, **more))
            blocks.append(of_model(asked, "light - heavy", "post"))
    code, _ = scan(r_script("own", blocks))
    shared, _, blocks_code = code.partition("\nblock(")
    defined = set(re.findall(r"(\w+) <- function", shared))
    known = {"c", "cbind", "function", "block", "if", "length", "stop", "paste", "cat"}
    assert set(re.findall(r"(\w+)\(", blocks_code)) <= defined | known
    assert 'needed <- c("lmerTest", "mmrm", "nlme", "pbkrtest")' in r_script("own", blocks)


def test_a_simulated_study_says_so(config) -> None:
    declared = trial(simulated=True)
    asked = subject(declared, table(declared, 20), config, Model(structures.UNSTRUCTURED))
    text = r_script("own", [of_model(asked, "light - heavy", "post")])
    assert text.count("SIMULATED") == 2


def test_a_study_without_estimates_has_a_script_that_says_so() -> None:
    text = r_script("masked", [])
    assert "needed <- character(0)" in text
    assert "estimates compared: 0" in text


def test_what_was_never_fitted_is_a_comment() -> None:
    row = Estimate(
        **identity(trial(), "squat"), estimand="difference", tier="described",
        contrast="light - heavy", at="post", scale="raw", unit="kg", method="described",
        estimate=1.0,
    )  # fmt: skip
    text = r_script("own", [Block(trial(), row)])
    assert "# described: nothing to fit again in R" in text
    assert "estimates compared: 0" in text


def test_the_script_reads_as_it_did(config) -> None:
    """A golden text; numbers to four digits, as the last ones hang on the machine."""
    declared = trial(simulated=True)
    asked = subject(declared, table(declared, 30), config, Model(structures.UNSTRUCTURED))
    text = r_script("own", [of_model(asked, "light - heavy", "post")])
    shown = re.sub(r"-?\d+\.\d+", lambda found: f"{float(found[0]):.4g}", text)
    assert shown == GOLDEN.read_text("utf-8")
