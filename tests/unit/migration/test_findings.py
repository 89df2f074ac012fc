"""A finding tells where to look, and a refusal stays short however much is wrong."""

import pytest

from yinhe.migration.findings import FINDINGS_MAX, Finding, FindingLog, RefusedBook, quoted


@pytest.mark.parametrize(
    ("finding", "text"),
    [
        (
            Finding("trans.asc", 12, "amount", "'7x'", "a number"),
            "trans.asc:12: amount: found '7x', expected a number",
        ),
        (Finding("trans.asc", 12, "", "9 fields", "10 fields"), "trans.asc:12: found 9 fields, expected 10 fields"),
        (Finding("trans.asc", 0, "", "no such file", "it"), "trans.asc: found no such file, expected it"),
    ],
)
def test_a_finding_names_file_line_and_column(finding: Finding, text: str) -> None:
    assert str(finding) == text


def test_the_first_findings_are_kept_and_the_rest_counted() -> None:
    log = FindingLog()
    for line in range(1, FINDINGS_MAX + 4):
        log.add("trans.asc", line, "date", "'0'", "a date")
    refused = log.refused()
    assert [finding.line for finding in refused.findings] == list(range(1, FINDINGS_MAX + 1))
    assert refused.total == FINDINGS_MAX + 3
    assert str(refused).splitlines()[-1] == "… and 3 more"


def test_a_refusal_that_lists_everything_promises_no_more() -> None:
    finding = Finding("card.asc", 2, "type", "'x'", "a type")
    assert str(RefusedBook((finding,), 1)) == str(finding)


@pytest.mark.parametrize(
    ("source", "text"),
    [("7x", "'7x'"), ("a\tb", r"'a\tb'"), (b"\xe8", r"'\\xe8'"), ("x" * 61, repr("x" * 59 + "…"))],
)
def test_source_text_is_quoted_visibly_and_shortened(source: str | bytes, text: str) -> None:
    assert quoted(source) == text
