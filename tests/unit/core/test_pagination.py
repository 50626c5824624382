from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.auth.models import Permission
from django.core import signing
from django.core.exceptions import FieldDoesNotExist

from core.models import JobRun
from core.pagination import BadCursor, Listing, PageQuery, _read, paginate

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
NEWEST_FIRST = ("-last_started_at", "name")


@pytest.fixture
def runs():
    """Seven jobs; b, c and d started at the same microsecond."""
    started = {"a": 5, "b": 3, "c": 3, "d": 3, "e": 2, "f": 1, "g": 0}
    return JobRun.objects.bulk_create(
        JobRun(
            name=name,
            last_started_at=NOON + dt.timedelta(minutes=minutes, microseconds=1),
            last_outcome=JobRun.Outcome.DONE,
        )
        for name, minutes in started.items()
    )


def page_of(cursor=None, *, limit=2, order=NEWEST_FIRST, bound_to="ana:runs", rows=None):
    rows = JobRun.objects.all() if rows is None else rows
    return paginate(rows, order=order, cursor=cursor, limit=limit, bound_to=bound_to)


def walk(**how):
    names, cursor, pages = [], None, 0
    while True:
        page = page_of(cursor, **how)
        names += [getattr(row, "name", None) or row["name"] for row in page.items]
        pages += 1
        assert pages <= 7
        cursor = page.next_cursor
        if cursor is None:
            return "".join(names), pages


@pytest.mark.parametrize(("limit", "pages"), [(1, 7), (2, 4), (3, 3), (6, 2), (7, 1), (100, 1)])
def test_every_row_comes_once_in_order_whatever_the_size_of_a_page(runs, limit, pages):
    assert walk(limit=limit) == ("abcdefg", pages)


@pytest.mark.parametrize(
    ("order", "names"),
    [
        (("name",), "abcdefg"),
        (("-name",), "gfedcba"),
        (("last_started_at", "name"), "gfebcda"),
        (("last_started_at", "-name"), "gfedcba"),
        (("-last_started_at", "-name"), "adcbefg"),
        (("last_outcome", "-last_started_at", "name"), "abcdefg"),
        (("last_outcome", "last_started_at", "name"), "gfebcda"),
    ],
)
def test_each_column_has_a_direction_of_its_own(runs, order, names):
    assert walk(order=order) == (names, 4)


def test_rows_may_be_mappings(runs):
    assert walk(rows=JobRun.objects.values("name", "last_started_at")) == ("abcdefg", 4)


def test_an_empty_list_is_one_page():
    page = page_of()

    assert (page.items, page.next_cursor) == ([], None)


def test_a_row_that_arrives_meanwhile_moves_nothing(runs):
    first = page_of()
    JobRun.objects.create(name="aa", last_started_at=NOON + dt.timedelta(hours=1))

    assert [row.name for row in page_of(first.next_cursor).items] == ["c", "d"]


def test_a_page_is_one_query_and_nothing_is_counted(runs, django_assert_num_queries):
    cursor = page_of().next_cursor

    with django_assert_num_queries(1) as captured:
        page_of(cursor)

    assert "COUNT" not in captured.captured_queries[0]["sql"].upper()


def altered(cursor):
    return cursor[:5] + ("A" if cursor[5] != "A" else "B") + cursor[6:]


@pytest.mark.parametrize(
    "spoil",
    [
        altered,
        lambda cursor: cursor[:-1],
        lambda cursor: "",
        lambda cursor: "x" * 2_000,
        lambda cursor: "é:é",
        lambda cursor: signing.Signer(salt="core.pagination").sign_object(["2026-11-23", "a"]),
        lambda cursor: signing.Signer(key="k" * 50, salt="s").sign_object(["2026-11-23", "a"]),
    ],
)
def test_a_cursor_that_was_not_given_out_is_refused(runs, spoil):
    cursor = spoil(page_of().next_cursor)

    with pytest.raises(BadCursor) as raised:
        page_of(cursor)

    assert (raised.value.status, raised.value.code) == (400, "bad_cursor")
    assert [(error.field, error.code) for error in raised.value.errors] == [
        ("cursor", "bad_cursor")
    ]


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"bound_to": "joao:runs"},
        {"bound_to": "ana:sessions"},
        {"order": ("last_started_at", "name")},
        {"order": ("name",)},
    ],
)
def test_a_cursor_of_someone_else_or_of_another_list_is_refused(runs, elsewhere):
    cursor = page_of().next_cursor

    with pytest.raises(BadCursor):
        page_of(cursor, **elsewhere)


def test_a_signed_cursor_whose_values_no_longer_fit_is_refused(runs):
    salt = "core.pagination:ana:runs:-last_started_at,name"
    for values in (["not a time", "a"], ["2026-11-23T12:00:00Z"], 5, None):
        with pytest.raises(BadCursor):
            page_of(signing.Signer(salt=salt).sign_object(values))


def test_an_order_may_go_through_a_relation():
    rows = Permission.objects.select_related("content_type").filter(codename__startswith="add_")
    order = ("-content_type__app_label", "id")
    expected = sorted(rows, key=lambda row: row.pk)
    expected.sort(key=lambda row: row.content_type.app_label, reverse=True)

    first = page_of(rows=rows, order=order, limit=3)
    second = page_of(first.next_cursor, rows=rows, order=order, limit=100)

    assert len(expected) > 6
    assert [*first.items, *second.items] == expected


def test_an_order_that_names_no_column_is_a_mistake_of_ours(runs):
    with pytest.raises(FieldDoesNotExist):
        _read("cursor", "salt", JobRun, ("started",))


def test_a_list_answers_twenty_five_rows_unless_told_otherwise():
    assert (PageQuery().limit, PageQuery().cursor) == (25, None)
    assert Listing(results=["a"]) == Listing(results=["a"], next=None)
