from __future__ import annotations

import datetime as dt
from decimal import Decimal
from importlib import import_module
from typing import Annotated, Literal
from uuid import UUID

import msgspec
import pytest
from django.http import QueryDict
from django.utils.translation import gettext_lazy
from msgspec import inspect

from core.bodies import (
    BadValue,
    Body,
    Instant,
    LocalDate,
    Query,
    decode,
    decode_query,
    encode,
    line,
    structs_of,
    text,
    whole,
)
from core.body_choices import choices_at
from core.body_errors import FORMS
from core.body_types import VISIBLE
from core.errors import Invalid

ANA = "0192f0c1-0000-7000-8000-00000000a0a0"


class SetOf(Body):
    repetitions: Annotated[int, whole(0, 1000)]
    load_kg: Annotated[float, msgspec.Meta(ge=0, le=500, multiple_of=0.5)] | None = None


class Result(Body):
    side: Literal["left", "right", "both"]
    sets: Annotated[list[SetOf], msgspec.Meta(max_length=3)] | None = None
    skipped: Literal["pain", "fatigue"] | None = None
    checks: dict[str, Literal["yes", "no", "unsure"]] = {}

    def __post_init__(self) -> None:
        if (self.sets is None) == (self.skipped is None):
            raise BadValue("sets_or_skipped", gettext_lazy("Give one."), field="skipped")


class Logged(Body):
    note: Annotated[str, text(10)] = ""
    id: UUID
    performed_at: Instant
    born_on: LocalDate | None = None
    name: Annotated[str, line(20)] | None = None
    symptoms: Annotated[list[str], msgspec.Meta(min_length=1)] | None = None
    results: list[Result] = []


def session(**changes):
    return {"id": ANA, "performed_at": "2026-11-23T09:30:00+01:00", **changes}


def refusal(value, kind=Logged):
    with pytest.raises(Invalid) as raised:
        decode(value, kind)
    assert raised.value.code == "invalid"
    (error,) = raised.value.errors
    assert error.detail
    return error.field, error.code


def result(**changes):
    return {"results": [{"side": "left", "skipped": "pain"}, {"side": "right", **changes}]}


def test_a_whole_body_becomes_a_struct():
    logged = decode(
        session(
            born_on="1958-03-04",
            results=[{"side": "left", "sets": [{"repetitions": 10, "load_kg": 2.5}]}],
        ),
        Logged,
    )

    assert logged == Logged(
        id=UUID(ANA),
        performed_at=Instant.parse("2026-11-23T09:30:00+01:00"),
        born_on=LocalDate(1958, 3, 4),
        results=[Result(side="left", sets=[SetOf(repetitions=10, load_kg=2.5)])],
    )
    assert (logged.note, logged.symptoms) == ("", None)


@pytest.mark.parametrize(
    ("value", "field", "code"),
    [
        ({}, "id", "missing"),
        ([], "", "wrong_type"),
        ({"id": ANA}, "performed_at", "missing"),
        (session(clinic_id=ANA), "clinic_id", "unknown_field"),
        (session(id="42"), "id", "not_a_uuid"),
        (session(id=42), "id", "wrong_type"),
        (session(performed_at="2026-11-23T09:30:00"), "performed_at", "offset_missing"),
        (session(performed_at="soon"), "performed_at", "not_a_time"),
        (session(performed_at=0), "performed_at", "wrong_type"),
        (session(performed_at=None), "performed_at", "wrong_type"),
        (session(performed_at="9999-12-31T23:59:59Z"), "performed_at", "out_of_range"),
        (session(born_on="1958-02-30"), "born_on", "not_a_date"),
        (session(born_on=19580304), "born_on", "wrong_type"),
        (session(note="elevenchars"), "note", "too_long"),
        (session(note=None), "note", "wrong_type"),
        (session(name=""), "name", "too_short"),
        (session(name=" "), "name", "malformed"),
        (session(name="Ana Silva "), "name", "malformed"),
        (session(name="Ana\nSilva"), "name", "malformed"),
        (session(name="Ana Silva\n"), "name", "malformed"),
        (session(symptoms=[]), "symptoms", "too_few"),
        (session(symptoms=["faint", 4]), "symptoms.1", "wrong_type"),
        (session(results={}), "results", "wrong_type"),
        (session(**result(skipped="rain")), "results.1.skipped", "not_a_choice"),
        (session(**result(skipped=4)), "results.1.skipped", "wrong_type"),
        (session(**result()), "results.1.skipped", "sets_or_skipped"),
        (session(**result(sets=[], skipped="pain")), "results.1.skipped", "sets_or_skipped"),
        (session(**result(sets=[{}] * 4)), "results.1.sets", "too_many"),
        (session(**result(sets=[{}])), "results.1.sets.0.repetitions", "missing"),
        (
            session(**result(sets=[{"repetitions": 1}, {"repetitions": 1, "reps": 2}])),
            "results.1.sets.1.reps",
            "unknown_field",
        ),
        *[
            (
                session(**result(sets=[{"repetitions": 9}, {"repetitions": sent}])),
                "results.1.sets.1.repetitions",
                code,
            )
            for sent, code in [
                (5.0, "wrong_type"),
                ("5", "wrong_type"),
                ("1_000", "wrong_type"),
                (True, "wrong_type"),
                (None, "wrong_type"),
                ([5], "wrong_type"),
                (-1, "out_of_range"),
                (1001, "out_of_range"),
                (10**17, "out_of_range"),
            ]
        ],
        *[
            (
                session(**result(sets=[{"repetitions": 9, "load_kg": sent}])),
                "results.1.sets.0.load_kg",
                code,
            )
            for sent, code in [
                (2.3, "not_a_multiple"),
                (-0.5, "out_of_range"),
                (500.5, "out_of_range"),
                ("2.5", "wrong_type"),
            ]
        ],
        (
            session(**result(skipped="pain", checks={"heel-down": "maybe"})),
            "results.1.checks",
            "not_a_choice",
        ),
    ],
)
def test_what_a_struct_does_not_allow_is_refused_by_its_path(value, field, code):
    assert refusal(value) == (field, code)


def test_words_name_the_bound_and_never_what_was_sent():
    with pytest.raises(Invalid) as raised:
        decode(session(results=[{"side": "a secret", "skipped": "pain"}]), Logged)
    assert raised.value.errors[0].detail == "One of: both, left, right."

    with pytest.raises(Invalid) as raised:
        decode(session(**result(sets=[{"repetitions": 1001}])), Logged)
    assert raised.value.errors[0].detail == "The most is 1000."


class Walk(Body, tag_field="kind", tag="walk"):
    aid: Literal["stick", "frame"]


class Rest(Body, tag_field="kind", tag="rest"):
    minutes: Annotated[int, whole(1, 60)]


class Asked(Body):
    does: Walk | Rest | None = None
    several: list[Walk | Rest] = []
    when: Annotated[list[Literal[1, 2, 3]], msgspec.Meta(max_length=3)] | None = None
    by_day: dict[Literal["mon", "tue"], dict[str, Literal["yes", "no"]]] = {}
    code: Annotated[str, msgspec.Meta(min_length=3)] = "abc"
    named: Annotated[str, line(20)] = "Ana"
    odd: Annotated[str, msgspec.Meta(pattern="^[x]$")] = "x"
    one_of_many: Literal[tuple(f"choice-{number:02}" for number in range(41))] = "choice-00"


SAID = [
    ({"does": {"kind": "swim"}}, "does.kind", "One of: rest, walk."),
    ({"does": {"kind": "walk", "aid": "dog"}}, "does.aid", "One of: frame, stick."),
    ({"several": [{"kind": "rest", "minutes": 1}, {"kind": "x"}]}, "several.1.kind",
     "One of: rest, walk."),
    ({"when": [1, 4]}, "when.1", "One of: 1, 2, 3."),
    ({"by_day": {"sun": {}}}, "by_day", "One of: mon, tue."),
    ({"by_day": {"mon": {"well": "maybe"}}}, "by_day", "One of: no, yes."),
    ({"one_of_many": "choice-41"}, "one_of_many", "This is none of the choices."),
    ({"named": ""}, "named", "This must not be empty."),
    ({"named": " Ana"}, "named", "Expected words on one line, with no space before or after them."),
    ({"named": "Ana\nSilva"}, "named", "Expected words on one line, with no space before or after them."),
    ({"code": "ab"}, "code", "At least 3 characters."),
    ({"odd": "y"}, "odd", "This does not have the form that it should."),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "field", "detail"), SAID)
def test_words_say_what_would_be_right(sent, field, detail):
    with pytest.raises(Invalid) as raised:
        decode(sent, Asked)

    [error] = raised.value.errors
    names = error.detail.removeprefix("One of: ").removesuffix(".").split(", ")
    assert (error.field, sorted(names)) == (
        field, sorted(detail.removeprefix("One of: ").removesuffix(".").split(", ")),
    )  # fmt: skip
    assert error.detail.startswith("One of: ") is detail.startswith("One of: ")


@pytest.mark.parametrize(
    ("place", "choices"),
    [([], set()), (["nothing"], set()), (["does"], set()), (["code"], set()), (["when"], set()),
     (["several", "...", "kind"], {"walk", "rest"}), (["does", "minutes"], set()),
     (["code", "deeper"], set())],
)  # fmt: skip
def test_where_there_are_no_choices_none_are_named(place, choices):
    assert set(choices_at(Asked, place)) == choices


def test_every_form_that_a_body_asks_for_has_its_words():
    import_module("rehab_platform.urls")  # with every body that an address takes
    asked = set()
    for one in structs_of(["clinics", "programs", "patients", "sessions", "reminders"]):
        if issubclass(one, (Body, Query)):
            asked |= patterns_in(inspect.type_info(one))

    asked = {one for one in asked if not one.endswith(VISIBLE)}  # these are `blank`
    assert asked <= set(FORMS)
    assert set(FORMS) - asked <= {"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"}


def patterns_in(kind: object, seen: frozenset[str] = frozenset()) -> set[str]:
    """The patterns of all texts that a type holds, however deep."""
    if isinstance(kind, inspect.StructType):
        if str(kind.cls) in seen:
            return set()
        parts, seen = [field.type for field in kind.fields], seen | {str(kind.cls)}
    else:
        names = ("type", "types", "item_type", "item_types", "key_type", "value_type")
        parts = [
            part
            for name in names
            for held in [getattr(kind, name, ())]
            for part in (held if isinstance(held, tuple) else (held,))
        ]
    own = {kind.pattern} if isinstance(kind, inspect.StrType) and kind.pattern else set()
    return own.union(*(patterns_in(part, seen) for part in parts))


def test_a_long_unknown_key_is_cut():
    assert refusal(session(**{"k" * 300: 1})) == ("k" * 200, "unknown_field")


def test_a_key_that_imitates_a_path_stays_a_key():
    field, code = refusal(session(**{"x` - at `$.note": 1}))

    assert code == "unknown_field"
    assert "x" in field


def test_a_body_is_frozen_and_keyword_only_without_saying_so():
    set_of = SetOf(repetitions=10)

    with pytest.raises(AttributeError):
        set_of.repetitions = 11
    with pytest.raises(TypeError):
        SetOf(10)


def test_required_fields_may_follow_optional_ones():
    class Corrected(Logged):
        corrects: int

    assert decode(session(corrects=2), Corrected).corrects == 2


class ListQuery(Query):
    limit: Annotated[int, whole(1, 100)] = 25
    on: LocalDate | None = None
    patient: UUID | None = None
    unassigned: bool = False
    search: Annotated[str, line(20)] | None = None


def test_a_query_string_becomes_a_struct():
    parameters = QueryDict(f"limit=5&on=2026-11-23&patient={ANA}&unassigned=true&search=Ana+S")

    assert decode_query(parameters, ListQuery) == ListQuery(
        limit=5, on=LocalDate(2026, 11, 23), patient=UUID(ANA), unassigned=True, search="Ana S"
    )


def test_nothing_asked_takes_the_defaults():
    assert decode_query(QueryDict(""), ListQuery) == ListQuery()


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("limit=0", "limit", "out_of_range"),
        ("limit=1000000000", "limit", "out_of_range"),
        ("limit=" + "9" * 5_000, "limit", "out_of_range"),
        ("limit=ten", "limit", "wrong_type"),
        ("limit=1_0", "limit", "wrong_type"),
        ("limit=%D9%A5", "limit", "wrong_type"),
        ("limit=", "limit", "wrong_type"),
        ("limit=5&limit=6", "limit", "repeated"),
        ("clinic=abc", "clinic", "unknown_field"),
        ("on=tomorrow", "on", "not_a_date"),
        ("on=null", "on", "not_a_date"),
        ("patient=abc", "patient", "not_a_uuid"),
        ("patient=null", "patient", "wrong_type"),
        ("patient=NULL&limit=5", "patient", "wrong_type"),
        ("unassigned=null", "unassigned", "wrong_type"),
        ("unassigned=maybe", "unassigned", "wrong_type"),
        ("search=", "search", "too_short"),
        ("search=%00", "search", "control_character"),
        ("%00=1", "", "control_character"),
    ],
)
def test_what_a_query_does_not_allow_is_refused_by_its_name(query, field, code):
    with pytest.raises(Invalid) as raised:
        decode_query(QueryDict(query), ListQuery)
    (error,) = raised.value.errors
    assert (error.field, error.code) == (field, code)


def test_answers_are_json_with_the_types_of_the_house():
    class Answer(msgspec.Struct):
        id: UUID
        at: dt.datetime
        on: dt.date
        load_kg: Decimal
        text: object
        when: Instant

    answer = Answer(
        UUID(ANA),
        dt.datetime(2026, 11, 23, 8, 30, tzinfo=dt.UTC),
        LocalDate(2026, 11, 23),
        Decimal("2.50"),
        gettext_lazy("Stop."),
        Instant.parse("2026-11-23T09:30:00+01:00"),
    )

    assert encode(answer).decode() == (
        '{"id":"0192f0c1-0000-7000-8000-00000000a0a0","at":"2026-11-23T08:30:00Z",'
        '"on":"2026-11-23","load_kg":2.50,"text":"Stop.","when":"2026-11-23T09:30:00+01:00"}'
    )
