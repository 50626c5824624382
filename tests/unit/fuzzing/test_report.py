from __future__ import annotations

from collections import Counter

import pytest

from tests.fuzzing.report import report
from tests.fuzzing.run import Outcome


def outcome(**fields):
    """A run of 2,000 cases that reached three of five operations, as it should."""
    return Outcome(
        **{
            "role": "patient",
            "cases": 2000,
            "operations": {"GET /a", "GET /b", "GET /c", "GET /d", "GET /e"},
            "reached": {"GET /a", "GET /b", "GET /c"},
            "statuses": Counter({200: 1500, 404: 500}),
            "refusals": {"GET /d": Counter({"404 not_found": 3})},
        }
        | fields
    )


def blamed():
    made = outcome()
    for number in range(5):
        made.blame("GET /a", "Server error", f"GET /a?{number}")
    return made


@pytest.mark.parametrize(
    ("one", "code", "last"),
    [
        (outcome(), 0, "Every answer is as the description says."),
        (outcome(cases=1999), 1, "patient: only 1999 of 2000 cases were sent."),
        (outcome(reached={"GET /a", "GET /b"}), 1, "patient: only 40% of the operations were reached."),
        (blamed(), 1, "patient: 5 answers are wrong."),
    ],
)  # fmt: skip
def test_all_of_it_must_hold(one, code, last):
    said = []

    assert report([one], least_cases=2000, say=said.append) == code
    assert said[-1] == f"\n{last}"


def test_the_table_says_what_was_sent_reached_and_wrong():
    said = []

    report([outcome(), blamed()], least_cases=2000, say=said.append)

    text = "\n".join(said)
    assert [line.split() for line in text.splitlines()[:3]] == [
        ["role", "cases", "operations", "with", "2xx", "share", "faults"],
        ["patient", "2000", "5", "3", "60%", "0"],
        ["patient", "2000", "5", "3", "60%", "5"],
    ]
    assert "patient: 200 × 1500, 404 × 500" in text
    assert "never 2xx: GET /d (404 not_found × 3)" in text
    assert "never 2xx: GET /e ()" in text
    assert "✗ GET /a: Server error (5 times)" in text
    assert text.count("GET /a?") == 3


def test_what_was_reached_beyond_the_roles_own_does_not_count():
    one = outcome(reached={"GET /a", "GET /b", "GET /x", "GET /y"})

    assert one.share == 0.4
