from __future__ import annotations

from django.utils.functional import Promise

from core.errors import Conflict, DomainError, FieldError, Forbidden, Invalid, NotFound, NotSignedIn


class LineAlreadyEnded(Conflict):
    code = "line_already_ended"
    message = "This line has already ended."


def test_an_error_says_its_own_words_and_carries_its_code():
    error = LineAlreadyEnded()

    assert str(error) == "This line has already ended."
    assert (error.code, error.status, error.errors, error.extra) == (
        "line_already_ended",
        409,
        [],
        {},
    )


def test_words_may_be_given_on_the_spot():
    assert str(LineAlreadyEnded("It ended on 3 March.")) == "It ended on 3 March."


def test_an_error_that_names_a_field_lists_it():
    error = LineAlreadyEnded(field="from", extra={"version": 3})

    assert error.errors == [
        FieldError(field="from", code="line_already_ended", detail="This line has already ended.")
    ]
    assert error.extra == {"version": 3}


def test_the_words_of_the_bases_wait_for_the_readers_language():
    assert all(
        isinstance(kind.message, Promise)
        for kind in (DomainError, Invalid, NotSignedIn, Forbidden, NotFound, Conflict)
    )


def test_the_bases_have_the_statuses_of_http():
    assert [kind.status for kind in (Invalid, NotSignedIn, Forbidden, NotFound, Conflict)] == [
        400,
        401,
        403,
        404,
        409,
    ]


def test_invalid_keeps_every_field_error_in_order():
    first = FieldError(field="effort", code="out_of_range", detail="The most is 10.")
    second = FieldError(field="note", code="too_long", detail="At most 2000 characters.")

    error = Invalid([first, second])

    assert error.errors == [first, second]
    assert str(error) == "What was sent is not valid. The most is 10. At most 2000 characters."


def test_invalid_at_makes_the_error_of_the_class_it_is_called_on():
    class BadPage(Invalid):
        code = "bad_page"

    error = BadPage.at("page", "bad_page", "No such page.")

    assert isinstance(error, BadPage)
    assert error.code == "bad_page"
    assert error.errors == [FieldError(field="page", code="bad_page", detail="No such page.")]
