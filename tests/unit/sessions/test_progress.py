from __future__ import annotations

from fractions import Fraction

import pytest

from sessions.progress import average_pain


@pytest.mark.parametrize(
    ("answers", "average"),
    [
        ([0, 0, 6], 2),
        ([0, 0, 0], 0),
        ([0, None, 6], 3),
        ([None, None], None),
        ([], None),
        ([1, 2], Fraction(3, 2)),
    ],
)
def test_no_pain_is_an_answer_and_no_answer_is_not(answers, average):
    assert average_pain(answers) == average
