from __future__ import annotations

import pytest

from programs.readability import grade, sentences, syllables


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("leg", 1),
        ("knee", 1),
        ("stay", 1),
        ("raise", 1),
        ("ankle", 2),
        ("lifted", 2),
        ("bended", 2),
        ("pulled", 1),
        ("exercise", 3),
        ("therapist", 3),
        ("20", 1),
        ("", 1),
    ],
)
def test_syllables_of_a_word(word: str, count: int) -> None:
    assert syllables(word) == count


def test_texts_are_cut_into_sentences() -> None:
    assert sentences(["Hold. Then let go!", "Heel down", "  "]) == [
        "Hold.",
        "Then let go!",
        "Heel down",
    ]


def test_the_grade_is_that_of_the_formula() -> None:
    # 2 sentences, 6 words, 7 syllables
    assert grade(["Bend both knees. Come back slowly."]) == pytest.approx(
        0.39 * 3 + 11.8 * 7 / 6 - 15.59
    )


def test_long_words_raise_the_grade() -> None:
    plain = grade(["Move your foot up and down."])
    clinical = grade(["Perform repetitive dorsiflexion and plantarflexion."])

    assert plain < 2
    assert clinical > 12


def test_no_words_have_no_grade() -> None:
    assert grade(["", " ... "]) == 0.0
