"""config/claims.yaml: the claims are read strictly, and hold no verdict and no result."""

import re
from pathlib import Path

import pytest

from howlow.config.claims import Claim, Claims, read_claims
from howlow.config.reading import read_config
from howlow.errors import InputError
from howlow.findings import Finding

GOOD = """\
source: Somebody, Some page, 2026
aspects:
  strength: {label: {en: strength, nl: kracht}, constructs: [strength]}
claims:
  heavier:
    statement: {en: Heavier gives more., nl: Zwaarder geeft meer.}
    estimand: {en: Heavy less light, nl: Zwaar min licht}
    question: load
    aspects: [strength]
    arms:
      - {dose: light}
      - {dose: heavy}
    weeks: [6, 26]
    rule: {number: contrast, order: second - first, claimed: above_zero}
"""

COHORT = """\
source: Somebody, Some page, 2026
aspects:
  strength: {label: {en: strength, nl: kracht}, constructs: [strength]}
published:
  - construct: strength
    cite: Somebody 2023
    doi: 10.1000/1
    verified: true
    sentence: {en: It is so., nl: Het is zo.}
claims:
  yearly:
    statement: {en: It goes down., nl: Het neemt af.}
    estimand: {en: Change a year, nl: Verandering per jaar}
    kind: cohort
    reviews:
      - cite: Somebody 2020
        url: https://example.org/page
        verified: false
        answers: true
        sentence: {en: It went down., nl: Het nam af.}
"""


def faults(tmp_path: Path, *changes: tuple[str, str]) -> list[Finding]:
    return faults_of(tmp_path, GOOD, *changes)


def faults_of(tmp_path: Path, text: str, *changes: tuple[str, str]) -> list[Finding]:
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "claims.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as raised:
        read_claims(path, {"strength"})
    return list(raised.value.findings)


@pytest.fixture(scope="module")
def claims(repo: Path) -> Claims:
    config = read_config([repo / "config" / "config.yaml"])
    return read_claims(repo / "config" / "claims.yaml", config.constructs)


def test_a_good_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "claims.yaml"
    path.write_text(GOOD, encoding="utf-8")
    claim = read_claims(path, {"strength"}).claims["heavier"]
    assert (claim.question, claim.kind, claim.weeks) == ("load", "trial", (6.0, 26.0))
    assert [arm.dose for arm in claim.arms] == ["light", "heavy"]
    assert claim.source == "Somebody, Some page, 2026", "the source of the file, where it has none"


def test_all_faults_are_told_at_once_with_what_was_meant(tmp_path: Path) -> None:
    found = faults(
        tmp_path,
        ("question: load", "question: loads"),
        ("    estimand:", "    estimant:"),
        ("{dose: heavy}", "{dose: heavvy}"),
    )
    told = "\n".join(map(str, found))
    assert "Did you mean 'load'?" in told
    assert "Did you mean 'estimand'?" in told
    assert "Did you mean 'heavy'?" in told


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "found"),
    [
        ("constructs: [strength]", "constructs: [strenght]", "G14", 3, "is no construct"),
        ("aspects: [strength]", "aspects: [strengths]", "G14", 9, "'strengths' is no aspect"),
        ("    aspects: [strength]\n", "", "G01", 5, "no aspect"),
        ("weeks: [6, 26]", "weeks: [26, 6]", "G04", 13, "26 is above 6"),
        ("    question: load\n", "", "G01", 5, "kind: trial, question: none"),
        (
            "    rule: {number: contrast, order: second - first, claimed: above_zero}\n",
            "",
            "G01",
            5,
            "no rule",
        ),
        ("number: contrast", "number: steps", "G14", 14, "steps with 2 in arms"),
        ("number: contrast", "number: change", "G14", 14, "change with 2 in arms"),
        ("number: contrast", "number: interaction", "G14", 14, "interaction with 0 in against"),
        (
            "{number: contrast,",
            "{number: contrast, against: [{dose: light}],",
            "G14",
            14,
            "1 in against",
        ),
        (
            "weeks: [6, 26]",
            "ages: [young, older]\n    compares_ages: true",
            "G14",
            15,
            "compares_ages: true",
        ),
        ("dose: light", "rm: [30, 20]", "G04", 11, "30 is above 20"),
    ],
)
def test_what_no_single_key_can_tell(
    tmp_path: Path, old: str, new: str, code: str, line: int, found: str
) -> None:
    (fault,) = faults(tmp_path, (old, new))
    assert (fault.code, fault.line) == (code, line)
    assert found in fault.found
    assert fault.action


def test_a_claim_that_compares_ages_names_two(tmp_path: Path) -> None:
    arms = "    arms:\n      - {dose: light}\n      - {dose: heavy}\n"
    rule = ("number: contrast, order: second - first", "number: ages")
    weeks = ("weeks: [6, 26]", "ages: [young]\n    compares_ages: true")
    (fault,) = faults(tmp_path, (arms, ""), weeks, rule)
    assert (fault.code, fault.found) == ("G14", "compares_ages with 1 in ages")


def test_a_cohort_has_no_question_and_no_rule_and_reviews_have_a_source(tmp_path: Path) -> None:
    path = tmp_path / "claims.yaml"
    path.write_text(COHORT, encoding="utf-8")
    found = read_claims(path, {"strength"})
    (review,) = found.claims["yearly"].reviews
    assert (review.link, review.verified, review.answers) == (
        "https://example.org/page",
        False,
        True,
    )
    assert found.published[0].link == "https://doi.org/10.1000/1"
    cohort = "    kind: cohort\n"
    rule = "    rule: {number: change, claimed: below_zero}\n"
    (fault,) = faults_of(tmp_path, COHORT, (cohort, f"{cohort}    question: load\n"))
    assert (fault.code, fault.found) == ("G01", "kind: cohort, question: load")
    (fault,) = faults_of(tmp_path, COHORT, (cohort, cohort + rule))
    assert (fault.code, fault.found) == ("G01", "kind: cohort, a rule")
    (fault,) = faults_of(tmp_path, COHORT, ("construct: strength", "construct: strenght"))
    assert fault.code == "G14"
    (fault,) = faults_of(tmp_path, COHORT, ("https://example", "example"))
    assert "https://" in f"{fault.found} {fault.action}"


def test_every_claim_is_there_once_and_says_what_would_answer_it(claims: Claims) -> None:
    numbers = [str(number) for number in range(1, 12)] + ["12a", "12b", "12c", "13", "14"]
    assert list(claims.claims) == [f"c{number}" for number in numbers]
    kinds = {name: claim.kind for name, claim in claims.claims.items() if claim.kind != "trial"}
    assert kinds == {"c3": "cohort", "c4": "cohort", "c11": "survey", "c12a": "cohort"}
    statements = [claim.statement.en for claim in claims.claims.values()]
    assert len(set(statements)) == len(statements)


def test_each_claim_cites_the_article(claims: Claims) -> None:
    for claim in claims.claims.values():
        assert claim.source is not None
        assert claim.source.startswith("T. Janssen")
        assert claim.source.endswith("9 January 2026")


def test_every_rule_and_every_review_is_whole(claims: Claims) -> None:
    for name, claim in claims.claims.items():
        assert (claim.rule is not None) == (claim.kind == "trial"), name
        for review in claim.reviews:
            assert review.cite
            assert review.sentence.en != review.sentence.nl, name
    assert {found.construct for found in claims.published} == {"strength", "muscle_size"}
    assert all(found.verified and found.link for found in claims.published)
    answered = {
        name for name, claim in claims.claims.items() if any(r.answers for r in claim.reviews)
    }
    assert answered == {"c11", "c12a"}


def test_dutch_stands_beside_english_and_is_not_the_same(claims: Claims) -> None:
    for claim in claims.claims.values():
        for words in (claim.statement, claim.estimand):
            assert words.nl
            assert words.nl != words.en


def test_no_result_is_typed_into_a_claim(claims: Claims) -> None:
    """Verdicts and numbers come from data; a claim may name repetitions and ages."""
    for name, claim in claims.claims.items():
        words = " ".join([claim.statement.en, claim.estimand.en])
        assert not re.search(r"\d[.,]\d|%|±|\bP\b|\[|CI\b", words), name
        assert not re.search(r"support|contradict|inconclusive|confirm|refut", words), name
    assert not {"verdict", "result", "answer"} & set(Claim.model_fields)
