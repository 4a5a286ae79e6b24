"""What changed between two results folders."""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from howlow.errors import InputError
from howlow.synthesis.claims.changes import (
    CHANGE_COLUMNS,
    Change,
    changes,
    check_earlier,
    write_changes,
)

ESTIMATES = """\
estimate_id,study,kind,tier,scale,estimate,ci_low,ci_high,unit,verdict
pooled:load/strength/reml,pooled:load,pooled,secondary,log_ratio,-0.05,-0.1,0.0,log ratio,
holm/strength/raw,holm-2008,summary,primary,raw,-5,-8,-2,kg,inconclusive
holm/strength/other,holm-2008,summary,secondary,raw,-4,-8,-2,kg,inconclusive
mitchell/size/raw,mitchell-2012,summary,primary,raw,1.5,0.5,2.5,cm²,
"""
CLAIMS = """\
claim,part,verdict,depends_on
c5,,partly,
c5,strength,partly,
c6,,not shown,
"""

Folder = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Write a results folder, with some text replaced by other text."""

    def write(name: str, *edits: tuple[str, str]) -> Path:
        made = tmp_path / name
        made.mkdir()
        for file, text in (("estimates.csv", ESTIMATES), ("claims.csv", CLAIMS)):
            for old, new in edits:
                text = text.replace(old, new)
            (made / file).write_text(text, encoding="utf-8")
        return made

    return write


def test_nothing_changed_between_a_folder_and_itself(folder: Folder) -> None:
    assert changes(folder("before"), folder("after")) == []


def test_a_verdict_that_changed_is_told_with_its_parts(folder: Folder) -> None:
    after = folder("after", ("partly,", "not shown,r"))
    assert changes(folder("before"), after) == [
        Change(
            "claim",
            "c5",
            "partly",
            "not shown, depends on r",
            "strength: partly before, not shown, depends on r now",
        )
    ]


def test_claims_that_are_new_or_gone_are_told(folder: Folder) -> None:
    found = changes(folder("before"), folder("after", ("c6,,not shown", "c7,,no data")))
    assert found == [
        Change("claim", "c7", "", "no data", "new"),
        Change("claim", "c6", "not shown", "", "no longer a claim"),
    ]


def test_pooled_and_primary_numbers_are_compared_by_their_id(folder: Folder) -> None:
    after = folder("after", ("-0.05,-0.1,0.0", "-0.06,-0.1,0.0"), ("raw,-5,", "raw,-5.5,"))
    assert changes(folder("before"), after) == [
        Change(
            "estimate",
            "pooled:load/strength/reml",
            "−4.9 [−9.5, 0.0] %",
            "−5.8 [−9.5, 0.0] %",
            "",
        ),
        Change("estimate", "holm/strength/raw", "−5.0 [−8.0, −2.0] kg", "−5.5 [−8.0, −2.0] kg", ""),
    ]


def test_secondary_rows_of_a_study_and_the_tenth_digit_are_no_change(folder: Folder) -> None:
    before = folder("before", ("-0.05,", "-0.0512345678,"))
    after = folder("after", ("raw,-4,", "raw,-9,"), ("-0.05,", "-0.05123456781,"))
    assert changes(before, after) == []


def test_a_change_that_is_not_seen_in_what_is_shown_says_so(folder: Folder) -> None:
    (found,) = changes(folder("before"), folder("after", ("-0.05,", "-0.050001,")))
    assert found.before == found.after
    assert found.note == "differs only in digits that are not shown"


def test_a_verdict_on_an_estimate_is_a_change(folder: Folder) -> None:
    edit = ("-5,-8,-2,kg,inconclusive", "-5,-8,-2,kg,equivalent")
    (found,) = changes(folder("before"), folder("after", edit))
    assert found.note == "verdict inconclusive before, equivalent now"


def test_studies_that_came_and_went_are_told_with_their_estimates(folder: Folder) -> None:
    after = folder("after", ("mitchell/", "new/"), ("mitchell-2012", "new-2027"))
    found = {(change.what, change.id): change.note for change in changes(folder("before"), after)}
    assert found == {
        ("estimate", "new/size/raw"): "new",
        ("estimate", "mitchell/size/raw"): "gone",
        ("study", "new-2027"): "added",
        ("study", "mitchell-2012"): "removed",
    }


@pytest.mark.parametrize("missing", ["estimates.csv", "claims.csv", "."])
def test_an_earlier_folder_that_cannot_be_read_names_the_key(folder: Folder, missing: str) -> None:
    before, after = folder("before"), folder("after")
    if missing == ".":
        shutil.rmtree(before)
    else:
        (before / missing).unlink()
    with pytest.raises(InputError, match="compare_to") as raised:
        changes(before, after)
    (fault,) = raised.value.findings
    assert fault.column == "compare_to"
    assert str(before) in fault.found
    assert "results folder" in fault.action


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "\x00\x01", "claim,part\n"])
def test_an_earlier_table_that_is_another_file_names_the_key(folder: Folder, text: str) -> None:
    before = folder("before")
    (before / "estimates.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="compare_to"):
        changes(before, folder("after"))


def test_a_run_without_claims_can_be_compared_with_too(folder: Folder) -> None:
    before = folder("before")
    (before / "claims.csv").write_text("claim,part,verdict,depends_on\n", encoding="utf-8")
    found = changes(before, folder("after"))
    assert [(change.what, change.id, change.note) for change in found] == [
        ("claim", "c5", "new"),
        ("claim", "c6", "new"),
    ]


def test_changes_are_written_with_their_columns_even_if_there_are_none(tmp_path: Path) -> None:
    path = tmp_path / "changes.csv"
    write_changes([], path)
    assert path.read_text(encoding="utf-8").strip() == ",".join(CHANGE_COLUMNS)
    write_changes([Change("claim", "c5", "partly", "supported", "")], path)
    with path.open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row == {
        "what": "claim",
        "id": "c5",
        "before": "partly",
        "after": "supported",
        "note": "",
    }


def test_a_folder_is_not_compared_with_itself(tmp_path: Path) -> None:
    (tmp_path / "now").mkdir()
    with pytest.raises(InputError, match="is the folder that this run writes to"):
        check_earlier(tmp_path / "now" / ".." / "now", tmp_path / "now")
    check_earlier(tmp_path / "before", tmp_path / "now")
