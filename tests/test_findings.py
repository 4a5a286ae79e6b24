"""Many findings of one kind are told a few times, with their number."""

from howlow.findings import Finding, few


def finding(line: int, column: str = "n") -> Finding:
    return Finding("C03", "error", "table.csv", line, column, f"line {line} is wrong", "Mend it")


def test_few_findings_stay_as_they_are() -> None:
    found = [finding(2), finding(3, "weeks"), finding(4)]
    assert set(few(found)) == set(found)


def test_of_many_the_last_one_told_says_how_many_more_there_are() -> None:
    told = few([finding(2, "weeks"), *(finding(line) for line in range(2, 12))], most=3)
    assert [(found.column, found.line) for found in told] == [
        ("weeks", 2), ("n", 2), ("n", 3), ("n", 4),
    ]  # fmt: skip
    assert [found.found for found in told][-2:] == [
        "line 3 is wrong", "line 4 is wrong (and 7 more)",
    ]  # fmt: skip
