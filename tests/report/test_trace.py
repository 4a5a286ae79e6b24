"""`howlow trace`: from a number to the very lines, the card, the margin and the versions."""

import csv
import dataclasses
import importlib.metadata
import json
from pathlib import Path

import pytest
from example import estimates, pooled, widened, write_example

from howlow.__main__ import main
from howlow.analysis.estimand.cards import card, cards_json
from howlow.analysis.estimates import Estimate, estimates_table
from howlow.config.reading import read_config
from howlow.data.declaration import read_declaration
from howlow.data.measurements import write_table, write_text
from howlow.data.published.printed import NUMBER_COLUMNS, TEXT_COLUMNS
from howlow.report.tracing.ids import named, ranges

OWN = "own/squat/light - heavy/week_8/raw"
MODEL = f"{OWN}/clda-unstructured"

#: participant, arm, visit, outcome; the value is missing where it ends on `?`. Line 2 is the first.
ROWS = """
P1 light pre squat
P1 light week_8 squat
P1 light week_8 jump
P2 heavy pre squat
P2 heavy week_8 squat
P3 heavy pre squat
P3 heavy week_8 squat?
P4 control pre squat
P4 control week_8 squat
P5 light pre squat
P5 light week_8 squat
""".strip().splitlines()


def own(method: str, **changes: object) -> Estimate:
    found = next(row for row in estimates() if row.study == "own" and row.tier == "primary")
    fields = {"method": method, "kind": "participants", "estimand": "difference"} | changes
    return dataclasses.replace(found, **fields)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def results(repo, tmp_path_factory) -> Path:
    """The example with measurements, a fit, cards and a script in R of its own study."""
    folder = tmp_path_factory.mktemp("trace") / "results"
    write_example(folder, repo)
    lines = ["study,participant,limb,arm,visit,outcome,quantity,variant,value,unit,day"]
    for row in ROWS:
        person, arm, visit, outcome = row.split()
        value = "" if outcome.endswith("?") else "100"
        cells = ("own", person, "", arm, visit, outcome.rstrip("?"), "level", "", value, "kg", "")
        lines.append(",".join(cells))
    write_text("\n".join(lines) + "\n", folder / "own" / "measurements.csv")
    declared = json.loads((folder / "own" / "study.json").read_text("utf-8"))
    declared["study"]["arms"]["control"] = declared["study"]["arms"]["heavy"]
    write_text(json.dumps(declared), folder / "own" / "study.json")

    made = [
        own("clda-unstructured"),
        own("change", contrast="mean(light)", at="week_8 - pre", margin=None, verdict="", p=None),
        own("ancova", tier="cross-check"),
    ]
    table = [row for row in estimates() if row.study != "own"] + made
    write_table(estimates_table(table), folder / "estimates.csv")
    head = "study,outcome,at,method,n_participants,n_observations,converged,boundary,variances,"
    fit = "own,squat,week_8,clda-unstructured,5,9,True,False,residual 3,"
    write_text(f"{head}messages\n{fit}\n", folder / "own" / "fits.csv")
    config = read_config([repo / "config" / "config.yaml"])
    trial = read_declaration(folder / "own" / "study.json").trials[0]
    text = cards_json([card(trial, config, "squat", "light - heavy", "week_8")])
    write_text(text, folder / "own" / "cards.json")
    write_text(f'block("{MODEL}", function() {{\n', folder / "r" / "own.R")

    header = [*TEXT_COLUMNS, *NUMBER_COLUMNS, "assumed"]
    printed = dict.fromkeys(header, "") | {
        "trial": "alpha-2001", "outcome": "squat", "visit": "week_8", "phase": "training",
        "role": "arm", "question": "load", "change_vs": "baseline", "where": "table 2",
        "use": "fitted", "n": "10", "mean_change": "12.3", "assumed": "SEM presumed",
    }  # fmt: skip
    with (folder / "published" / "printed.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, header)
        writer.writeheader()
        writer.writerows([printed | {"arm": arm} for arm in ("light", "heavy", "other")])
    columns = lines[0]
    pseudo = "".join(
        f"alpha-2001,pseudo-{arm}-{visit}-1,,{arm},{when},squat,level,,5,kg,\n"
        for visit in ("week_8", "week_20")
        for arm in ("light", "heavy")
        for when in ("baseline", visit)
    )
    write_text(f"{columns}\n{pseudo}", folder / "published" / "measurements.csv")
    return folder


def traced(results: Path, asked: str, capsys: pytest.CaptureFixture[str]) -> dict:
    assert main(["trace", asked, "--results", str(results), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def told(results: Path, asked: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["trace", *asked.split(), "--results", str(results)]) == 0
    return capsys.readouterr().out


@pytest.fixture(autouse=True)
def _in_the_project(repo, monkeypatch) -> None:
    monkeypatch.chdir(repo)


def test_a_model_leads_to_every_line_that_it_was_fitted_to(results, capsys) -> None:
    found = traced(results, MODEL, capsys)["measured"]
    # Lines 2, 3, 5, 6, 7, 11, 12 are of its arms; 8 has no value, 4 is another outcome.
    assert found["lines"] == "2-3, 5-7, 11-12"
    assert found["arms"] == {"light": 4, "heavy": 3}
    assert (found["rows"], found["participants"], found["limbs"]) == (7, 4, 4)
    assert found["others"] == "9-10"


def test_changes_lead_to_those_with_a_value_before_and_after(results, capsys) -> None:
    found = traced(results, f"{OWN}/ancova", capsys)["measured"]
    assert found["lines"] == "2-3, 5-6, 11-12"
    assert found["others_rows"] == 0


def test_a_mean_has_rows_of_its_arm_and_no_card(results, capsys) -> None:
    found = traced(results, "own/squat/mean(light)/week_8 - pre/raw/change", capsys)
    assert found["measured"]["lines"] == "2-3, 11-12"
    assert found["card"] is None
    assert "mean of one arm" in found["no_card"]
    assert found["fit"] == {}


def test_the_estimate_has_all_the_fields_of_its_row(results, capsys) -> None:
    found = traced(results, MODEL, capsys)["estimate"]
    (row,) = [row for row in [own("clda-unstructured")] if row.estimate_id == MODEL]
    assert found == {"estimate_id": MODEL} | dataclasses.asdict(row)


def test_the_card_the_fit_and_the_script_are_those_of_the_estimate(results, capsys) -> None:
    found = traced(results, MODEL, capsys)
    assert (found["card"]["contrast"], found["card"]["at"]) == ("light - heavy", "week_8")
    assert found["fit"]["n_observations"] == "9"
    assert found["script"] == {"file": (results / "r" / "own.R").as_posix(), "holds": True}
    text = told(results, MODEL, capsys)
    assert "Estimand card\n" in text
    assert "Primary analysis" in text
    assert "fits this estimate again" in text
    assert traced(results, f"{OWN}/ancova", capsys)["script"]["holds"] is False


def test_the_margin_says_where_it_comes_from(results, capsys) -> None:
    found = traced(results, MODEL, capsys)["margin_from"]
    assert found.startswith("ASSUME: 5 % of the pooled baseline mean")
    assert "constructs.strength.margin_pct" in found


def test_a_printed_trial_leads_to_its_page(results, capsys) -> None:
    found = traced(results, "alpha-2001/squat/light - heavy/week_8/raw/change", capsys)
    assert [(row["line"], row["arm"]) for row in found["printed"]] == [(2, "light"), (3, "heavy")]
    assert found["printed"][0]["where"] == "table 2"
    assert found["printed"][0]["numbers"] == {"n": "10", "mean_change": "12.3"}
    assert found["source"]["link"] == "https://example.org/paper"
    # Pseudo-participants belong to one visit: those of week 20 are not among them.
    assert found["measured"]["lines"] == "2-5"
    assert found["measured"]["pseudo"] is True
    text = told(results, "alpha-2001/squat/light - heavy/week_8/raw/change", capsys)
    assert "2\N{NO-BREAK SPACE}pseudo-participants" in text.replace("\n", " ")
    assert "SEM presumed" in text


def test_the_files_have_their_digests_and_no_path_of_this_machine(results, capsys) -> None:
    found = traced(results, MODEL, capsys)
    assert found["source"]["files"] == {"data/own/a.csv": "0" * 64}
    assert "/home/somebody" not in json.dumps(found)
    assert [row["code"] for row in found["findings"]] == ["K07"]
    assert found["findings"][0]["file"] == "raw.csv"


def test_the_versions_are_those_installed(results, capsys) -> None:
    found = traced(results, MODEL, capsys)["versions"]
    assert found["numpy"] == importlib.metadata.version("numpy")
    assert {"howlow", "python", "scipy"} <= set(found)


def test_a_pooled_estimate_leads_to_its_trials_and_they_to_it(results, capsys) -> None:
    for row in (pooled(), widened()):
        found = traced(results, row.estimate_id, capsys)
        assert found["measured"] is None
        assert [member["cite"] for member in found["pooled"]["members"]] == ["Alpha 2001", "Own"]
        assert found["pooled"]["heterogeneity"]["tau"] == 0.01
    (member, _) = found["pooled"]["members"]
    back = traced(results, member["estimate_id"], capsys)
    assert back["pools"] == [pooled().estimate_id, widened().estimate_id]
    assert "Goes into" in told(results, member["estimate_id"], capsys)


def test_a_simulated_estimate_says_so(results, capsys) -> None:
    text = told(results, "sim-own/squat/light - heavy/week_8/raw/change", capsys)
    assert text.splitlines()[3].strip() == "SIMULATED"


def test_text_is_no_wider_than_a_terminal(results, capsys, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for name in (MODEL, pooled().estimate_id, "alpha-2001/squat/mean(light)/week_8 - baseline/raw"):
        if name.endswith("/raw"):
            name += "/change"
        assert max(map(len, told(results, name, capsys).splitlines())) <= 80


def test_a_part_of_an_id_lists_those_it_is_in(results, capsys) -> None:
    assert main(["trace", "own/squat", "--results", str(results)]) == 1
    out = capsys.readouterr().out
    assert out.startswith("3 estimates have 'own/squat' in their id:\n")
    assert f"  {MODEL}\n" in out
    assert main(["trace", "squat/light - heavy", "--results", str(results), "--json"]) == 1
    listed = json.loads(capsys.readouterr().out)["matching"]
    assert MODEL in listed
    assert not [name for name in listed if "mean(" in name]


def test_an_unknown_id_is_answered_by_those_alike(results, capsys) -> None:
    assert main(["trace", MODEL.replace("squat", "sqat"), "--results", str(results)]) == 2
    out = capsys.readouterr().out
    assert "Did you mean" in out
    assert f"  {MODEL}\n" in out
    assert main(["trace", "zzzz", "--results", str(results), "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["matching"] == []


def test_no_results_are_an_error_in_words(tmp_path, capsys) -> None:
    assert main(["trace", "own", "--results", str(tmp_path)]) == 2
    assert "Run `snakemake` first" in capsys.readouterr().err


def test_parts_are_whole_words_between_slashes_or_a_start() -> None:
    ids = ["a/squat/x", "a/squat_jump/x", "b/squat/x"]
    assert named("squat", ids).matching == ("a/squat/x", "b/squat/x")
    assert named("a/sq", ids).matching == ("a/squat/x", "a/squat_jump/x")
    assert named("a/squat/x", ids).exact == "a/squat/x"
    assert named("", ids).matching == ()


def test_any_text_of_an_id_finds_it_where_no_whole_part_does() -> None:
    ids = ["a/leg_press_1rm/x", "b/squat/x"]
    assert named("leg_press", ids).matching == ("a/leg_press_1rm/x",)
    assert named("x", ids).matching == tuple(ids)


def test_lines_are_listed_as_ranges() -> None:
    assert ranges([5, 2, 3, 9, 4, 2]) == "2-5, 9"
    assert ranges([]) == ""
