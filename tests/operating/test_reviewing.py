"""Reviewing what ships from its page, and asking a clinic's first administrator again."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.test import Client

from clinics.models import Clinic, Invitation, User
from core.models import AuditEvent
from core.tenancy import clinic_context
from programs.actions.reviews import set_review_status
from programs.models import Exercise, OutcomeMeasure, Program, Review
from tests.api.caller import Caller
from tests.factories import people
from tests.factories.people import World
from tests.factories.programs import own_exercise
from tests.operating.test_changes import LAKE, act, kept

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)
SAID = {
    "status": "reviewed",
    "reviewer_name": "Dr Inês Vale",
    "note": "Good for all.",
    "read_version": 1,
}


def page_of(kind: str, key: uuid.UUID) -> str:
    return f"/operator/programs/{kind}/{key}/change/"


def shipped(kind: str) -> Any:
    model: Any = {"exercise": Exercise, "program": Program}[kind]
    return model.objects.get(clinic=None, slug={"exercise": "bridging"}.get(kind, "walk_better"))


@pytest.mark.parametrize("kind", ["exercise", "program"])
def test_a_review_counts_everywhere_is_shown_and_is_kept(
    browser: Client, world: World, olga: User, time_machine: Any, kind: str
) -> None:
    time_machine.move_to(NOW, tick=False)
    entry = shipped(kind)

    answer = browser.post(page_of(kind, entry.pk), SAID)

    assert answer.status_code == 302, answer.context["adminform"].form.errors
    review = Review.objects.get()
    assert (review.status, review.reviewer_name, review.note, review.reviewed_at) == (
        "reviewed", "Dr Inês Vale", "Good for all.", NOW,
    )  # fmt: skip
    assert (review.clinic_id, review.reviewed_by_id) == (None, None)
    shown = browser.get(page_of(kind, entry.pk)).content.decode()
    assert "Dr Inês Vale" in shown
    assert "Good for all." in shown
    told = Caller().as_(world.rui).get(f"{kind}s/{entry.pk}").json()["review"]
    assert (told["status"], told["by"]) == ("reviewed", "Dr Inês Vale")
    event = AuditEvent.objects.get(action=f"{kind}_reviewed")
    assert (event.actor_id, event.acting_as, event.target_id) == (olga.pk, "operator", entry.pk)
    assert event.details == {"version": 1, "status": "reviewed"}


def test_it_is_taken_back(browser: Client) -> None:
    bridge = shipped("exercise")
    browser.post(page_of("exercise", bridge.pk), SAID)

    browser.post(page_of("exercise", bridge.pk), SAID | {"status": "draft"})

    newest = Review.objects.order_by("-reviewed_at", "-pk")[0]
    assert (newest.status, Review.objects.count()) == ("draft", 2)


def test_what_cannot_be_is_refused_at_its_field_and_nothing_is_kept(browser: Client) -> None:
    bridge = shipped("exercise")
    for field, value in [
        ("status", "good"), ("status", ""), ("reviewer_name", ""), ("reviewer_name", "   "),
        ("reviewer_name", "x" * 121), ("note", "x" * 501), ("read_version", "one"),
        ("read_version", ""),
    ]:  # fmt: skip
        answer = browser.post(page_of("exercise", bridge.pk), SAID | {field: value})

        assert answer.status_code == 200
        assert set(answer.context["adminform"].form.errors) == {field}
    assert not Review.objects.exists()
    longest = SAID | {"reviewer_name": "x" * 120, "note": "x" * 500}
    assert browser.post(page_of("exercise", bridge.pk), longest).status_code == 302
    assert Review.objects.count() == 1


def test_a_version_that_is_no_longer_the_newest_is_said(browser: Client) -> None:
    bridge = shipped("exercise")

    stale = SAID | {"read_version": 2}
    answer = browser.post(page_of("exercise", bridge.pk), stale)

    said = "There is a newer version. Read it, and send your change again."
    form = answer.context["adminform"].form
    assert (answer.status_code, form.errors) == (200, {"__all__": [said]})
    assert not Review.objects.exists()
    text = answer.content.decode()
    assert said in text
    assert "Dr Inês Vale" in text
    assert 'name="read_version" value="1"' in text, "the version that the page shows"


def test_what_ships_stays_as_it_is(browser: Client) -> None:
    bridge = shipped("exercise")

    changed = SAID | {"slug": "renamed", "name": "Renamed", "retired_at": "2026-11-23"}
    browser.post(page_of("exercise", bridge.pk), changed)

    again = shipped("exercise")
    assert (again.slug, again.retired_at, again.updated_at) == (
        bridge.slug, bridge.retired_at, bridge.updated_at,
    )  # fmt: skip


def test_a_clinic_s_own_and_unknown_entries_are_not_there(browser: Client, world: World) -> None:
    own = own_exercise(world.clinic)

    for key in (own.pk, uuid.uuid4()):
        assert browser.post(page_of("exercise", key), SAID)["Location"] == "/operator/"
    assert not Review.objects.exists()


def berg() -> OutcomeMeasure:
    return OutcomeMeasure.objects.get(slug="berg_balance")


def test_an_outcome_measure_is_reviewed_there_and_taken_back(
    browser: Client, world: World, olga: User, time_machine: Any
) -> None:
    time_machine.move_to(NOW, tick=False)
    path = page_of("outcomemeasure", berg().pk)

    answer = browser.post(path, SAID)

    assert answer.status_code == 302, answer.context["adminform"].form.errors
    shown = browser.get(path).content.decode()
    assert "Dr Inês Vale" in shown
    assert "Good for all." in shown
    told = Caller().as_(world.rui).get("outcome-measures").json()["results"]
    assert {one["slug"]: one["review"]["by"] for one in told if one["review"]["by"]} == {
        "berg_balance": "Dr Inês Vale"
    }
    event = AuditEvent.objects.get(action="outcome_measure_reviewed")
    assert (event.actor_id, event.acting_as, event.target_id) == (olga.pk, "operator", berg().pk)
    assert event.details == {"version": 1, "status": "reviewed"}
    assert browser.post(path, SAID | {"status": "draft"}).status_code == 302
    newest = Review.objects.order_by("-reviewed_at", "-pk")[0]
    assert (newest.status, newest.measure_version, Review.objects.count()) == ("draft", berg(), 2)


def test_what_cannot_be_said_of_a_measure_is_refused_and_it_stays_as_it_is(browser: Client) -> None:
    path, before = (
        page_of("outcomemeasure", berg().pk),
        OutcomeMeasure.objects.values().get(slug="berg_balance"),
    )
    for field, value, at in [
        ("status", "good", "status"), ("reviewer_name", "  ", "reviewer_name"),
        ("reviewer_name", "x" * 121, "reviewer_name"), ("note", "x" * 501, "note"),
        ("read_version", 2, "__all__"),
    ]:  # fmt: skip
        answer = browser.post(path, SAID | {field: value, "name": "Renamed", "is_offered": ""})

        assert answer.status_code == 200
        assert set(answer.context["adminform"].form.errors) == {at}
    unknown = browser.post(page_of("outcomemeasure", uuid.uuid4()), SAID)
    assert unknown["Location"] == "/operator/"
    assert not Review.objects.exists()
    assert OutcomeMeasure.objects.values().get(slug="berg_balance") == before


def test_each_measure_is_listed_once_with_its_review(browser: Client) -> None:
    browser.post(page_of("outcomemeasure", berg().pk), SAID)

    page = browser.get("/operator/programs/outcomemeasure/")

    listed = page.context["cl"].result_list
    assert [one.name for one in listed] == sorted(one.name for one in listed)
    assert {one.slug for one in listed} == set(
        OutcomeMeasure.objects.values_list("slug", flat=True)
    )
    assert len(listed) == 11
    assert browser.get("/operator/programs/outcomemeasure/?o=-1").status_code == 200
    assert [one.slug for one in listed if one.newest] == ["berg_balance"]
    for asked, slugs in [("q=berg", 1), ("is_offered__exact=0", 2), ("is_offered__exact=1", 9)]:
        found = browser.get(f"/operator/programs/outcomemeasure/?{asked}")
        assert len(found.context["cl"].result_list) == slugs


def test_page_and_api_do_the_same(browser: Client, olga: User) -> None:
    bridge = shipped("exercise")
    set_review_status(
        exercise_id=bridge.pk, version=1, status="reviewed", reviewer_name="Dr Inês Vale",
        note="Good for all.", by=people.operating(olga), now=NOW,
    )  # fmt: skip
    browser.post(page_of("exercise", bridge.pk), SAID)

    rows = Review.objects.values("status", "reviewer_name", "note", "clinic", "exercise_version")
    first, second = rows.order_by("reviewed_at")
    assert first == second
    said = AuditEvent.objects.filter(action="exercise_reviewed").values("details", "actor_id")
    assert len(said) == 2
    assert said[0] == said[1]


def test_a_first_administrator_is_asked_again(browser: Client, world: World) -> None:
    browser.post("/operator/clinics/clinic/add/", LAKE)
    lake = Clinic.objects.get(name="Lake Clinic")

    said = act(browser, "clinics/clinic", "ask_again", lake, world.clinic)

    assert "Done: 1" in said
    assert "No operator has asked anybody to manage this clinic." in said
    with clinic_context(lake.pk):
        assert Invitation.objects.get().times_sent == 2
    assert kept(lake)[-1] == ("invitation_sent_again", "operator")


def test_what_was_done_is_said_by_name_and_no_entry_is_called_changed(browser: Client) -> None:
    bridge = shipped("exercise")

    kept = browser.post(page_of("exercise", bridge.pk), SAID, follow=True)
    of_berg = browser.post(page_of("outcomemeasure", berg().pk), SAID, follow=True)

    assert [str(one) for one in kept.context["messages"]] == [
        f"The review of {bridge.current.name} is kept."
    ]
    assert kept.redirect_chain == [("/operator/programs/exercise/", 302)]
    assert [str(one) for one in of_berg.context["messages"]] == [
        "The review of Berg Balance Scale is kept."
    ]
