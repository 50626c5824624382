"""Past weeks in a browser: as they were told, to whom they were told, and each look is kept."""

from __future__ import annotations

import datetime as dt
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinics.models import Membership, User
from core.models import AuditEvent
from core.tenancy import clinic_context, current_clinic
from patients.models import Carer, CareTeamMembership, Patient
from rehab_platform.web.weeks import span_of
from reminders.models import WeeklySummary
from tests.factories import people
from tests.factories.reminders import MONDAY, NO_CASES, QUIET_WEEK, digest, weekly_summary
from tests.web.conftest import browser_of
from tests.web.told import BUSY_WEEK, STATES, WORDS, case, whole

THIS = MONDAY.isoformat()
WEEK = dt.timedelta(weeks=1)


def page(user: User | None, path: str) -> tuple[int, str]:
    assert user is not None
    answer = browser_of(user).get(path)
    return answer.status_code, unescape(answer.content.decode())


def events(clinic: Any, action: str) -> list[tuple[Any, ...]]:
    with clinic_context(clinic.pk):
        kept = AuditEvent.objects.filter(action=action).order_by("at", "pk")
        return list(kept.values_list("actor_id", "acting_as", "patient_id", "details"))


def missing(text: str, *words: str) -> list[str]:
    return [one for one in words if one not in text]


# ---- A patient's weeks ---------------------------------------------------------------------------


def test_a_week_is_shown_as_it_was_told(world: people.World) -> None:
    weekly_summary(world.ana, contents=BUSY_WEEK)

    status, text = page(world.ana.user, f"/summaries/{THIS}")

    assert status == 200
    assert missing(
        text,
        "Your week, 16 to 22 November 2026", "<h1>Well done. You met a goal.</h1>",
        "You did your plan on 3 of 5 days.", "4 sessions logged. 3 days in a row.",
        "Walk to the <bakery>.", "You met your goal: 300 m", "in one go", "Stand up alone.", "4 of 10 times",
        "The plan is the same: 5 days.", "Tuesday is now: done",
    ) == []  # fmt: skip
    assert text.count("Reached this week") == 1
    days = [row.split("</tr>")[0] for row in text.split('<tr class="')[1:]]
    assert [row.split('"')[0] for row in days] == STATES
    assert [words in row for row, words in zip(days, WORDS, strict=True)] == [True] * 7
    assert "Monday" in days[0]
    assert "22 Nov" in days[6]


def test_what_a_patient_wrote_is_text(world: people.World) -> None:
    weekly_summary(world.ana, contents=BUSY_WEEK)

    raw = browser_of(world.ana.user).get(f"/summaries/{THIS}").content.decode()

    assert "&lt;bakery&gt;" in raw
    assert "<bakery>" not in raw


def test_a_quiet_week_has_no_empty_headings(world: people.World) -> None:
    weekly_summary(world.ana)

    _status, text = page(world.ana.user, f"/summaries/{THIS}")

    assert "0 sessions logged." in text
    for heading in ("Your goals", "Since the summary before", "Reached"):
        assert heading not in text


@pytest.mark.parametrize(("sessions", "said"), [(0, ""), (1, "<p>1 session logged.</p>")])
def test_a_paused_week_says_nothing_of_no_session(
    world: people.World, sessions: int, said: str
) -> None:
    paused = [dict(day, state="paused", words="Paused") for day in BUSY_WEEK["days"]]
    weekly_summary(world.ana, contents=QUIET_WEEK | {"days": paused, "sessions": sessions})

    _status, text = page(world.ana.user, f"/summaries/{THIS}")

    assert said in text
    assert text.count("logged") == sessions
    assert "<p></p>" not in text


def test_its_words_are_marked_in_the_language_in_which_they_were_told(world: people.World) -> None:
    weekly_summary(world.ana, language="pt")

    _status, text = page(world.ana.user, f"/summaries/{THIS}")

    assert '<html lang="en">' in text
    assert '<div lang="pt">' in text


def test_a_carer_reads_the_same_and_whose_it_is(world: people.World) -> None:
    weekly_summary(world.ana, contents=BUSY_WEEK)

    status, text = page(world.carer.user, f"/summaries/{THIS}")

    assert status == 200
    assert "The week of Ana Silva, 16 to 22 November 2026" in text
    assert "Past weeks of Ana Silva" in page(world.carer.user, "/summaries")[1]


def test_each_look_is_kept_in_the_record_s_clinic(world: people.World) -> None:
    weekly_summary(world.ana)
    for user in (world.ana.user, world.carer.user):
        page(user, "/summaries")
        page(user, f"/summaries/{THIS}")
        page(user, "/summaries/2026-11-09")

    ana, carer, record = world.ana.user_id, world.carer.user_id, world.ana.pk
    expected = [(ana, "patient", record, {}), (carer, "carer", record, {})]
    assert events(world.clinic, "read_summaries") == expected
    assert events(world.clinic, "read_summary") == expected
    assert current_clinic() is None


def test_who_sees_a_patient_s_weeks(world: people.World) -> None:
    weekly_summary(world.ana)
    weekly_summary(world.far_patient, contents=QUIET_WEEK | {"sentence": "Of Per alone."})
    table = [
        (world.ana.user, 200), (world.carer.user, 200), (world.far_patient.user, 404),
        (world.rui.user, 404), (world.marta.user, 404), (world.admin.user, 404),
        (world.far_therapist.user, 404), (people.user("Maria Lopes"), 404),
    ]  # fmt: skip
    for user, status in table:
        for path in ("/summaries", f"/summaries/{THIS}"):
            named = f"{path}?record={world.ana.pk}"
            assert page(user, named)[0] == status, (user.name, named)
            assert "Of Per alone." not in page(user, named)[1]
    answer = Client().get(f"/summaries/{THIS}")
    assert (answer.status_code, answer["Location"]) == (
        302,
        f"/account/sign-in?next=%2Fsummaries%2F{THIS}",
    )


def test_consent_that_ended_shows_nothing_more(world: people.World) -> None:
    weekly_summary(world.ana)
    browser = browser_of(world.carer.user)
    assert browser.get("/summaries").status_code == 200
    with clinic_context(world.clinic.pk):
        Carer.objects.update(revoked_at=timezone.now())

    assert browser.get("/summaries").status_code == 404


BAD_WEEKS = ["2026-11-17", "2026-W47", "20261116", "2026-11-09", "today", "2026-11-16 ", "9999-99-99"]  # fmt: skip


def test_a_week_that_was_not_told_is_nothing(world: people.World) -> None:
    weekly_summary(world.ana)
    digest(world.rui)
    for week in BAD_WEEKS:
        assert page(world.ana.user, f"/summaries/{week}")[0] == 404, week
        assert page(world.rui.user, f"/digests/{week}")[0] == 404, week


@pytest.mark.parametrize(
    "said", ["x", "0", str(UUID(int=7)), "null", "%00", "x" * 3000], ids=range(6)
)
def test_a_record_or_clinic_that_is_not_one_s_own_is_nothing(
    world: people.World, said: str
) -> None:
    weekly_summary(world.ana)
    digest(world.rui)

    assert page(world.ana.user, f"/summaries?record={said}")[0] == 404
    assert page(world.rui.user, f"/digests?clinic={said}")[0] == 404


def test_whoever_has_several_records_chooses(world: people.World) -> None:
    other = people.patient(world.far_clinic, "Ana Silva", login=world.ana.user)
    weekly_summary(world.ana)
    weekly_summary(other, contents=QUIET_WEEK | {"sentence": "At the fjord."})

    status, text = page(world.ana.user, f"/summaries/{THIS}")

    assert status == 200
    for record, clinic in ((world.ana, "Harbour Clinic"), (other, "Fjord Clinic")):
        assert f'href="/summaries/{THIS}?record={record.pk}"' in text
        assert clinic in text
    assert "At the fjord." not in text
    assert "At the fjord." in page(world.ana.user, f"/summaries/{THIS}?record={other.pk}")[1]
    assert events(world.clinic, "read_summary") == []
    assert len(events(world.far_clinic, "read_summary")) == 1


def test_who_is_patient_and_carer_of_one_record_acts_as_the_patient(world: people.World) -> None:
    with clinic_context(world.clinic.pk):
        Patient.objects.filter(pk=world.ana.pk).update(user=world.carer.user)
    weekly_summary(world.ana)

    assert "Your week," in page(world.carer.user, f"/summaries/{THIS}")[1]
    assert [acting for _who, acting, *_rest in events(world.clinic, "read_summary")] == ["patient"]


def test_the_list_goes_back_page_by_page_and_costs_the_same(world: people.World) -> None:
    with clinic_context(world.clinic.pk):
        WeeklySummary.objects.bulk_create(
            [
                WeeklySummary(
                    clinic=world.clinic, patient=world.ana, week=MONDAY - number * WEEK,
                    made_at=timezone.now(), language="en", contents=QUIET_WEEK,
                )
                for number in range(26)
            ]
        )  # fmt: skip
    browser = browser_of(world.ana.user)

    with CaptureQueriesContext(connection) as first:
        text = unescape(browser.get("/summaries").content.decode())
    earlier = text.split('<a href="?record=')[1].split('"')[0]
    with CaptureQueriesContext(connection) as second:
        last = unescape(browser.get(f"/summaries?record={earlier}").content.decode())

    assert (text.count('class="card"'), last.count('class="card"')) == (25, 1)
    assert text.index("16 to 22 November 2026") < text.index("9 to 15 November 2026")
    assert "Earlier weeks" not in last
    assert len(first) == len(second)


def test_a_cursor_of_another_list_is_refused(world: people.World) -> None:
    weekly_summary(world.ana)
    digest(world.rui)
    for user, path in ((world.ana.user, "/summaries"), (world.rui.user, "/digests")):
        for cursor in ("x", "x:y:z", "%00"):
            status, text = page(user, f"{path}?cursor={cursor}")
            assert (status, "This was not understood" in text) == (400, True)


def test_before_the_first_week_it_says_when_one_comes(world: people.World) -> None:
    assert (
        "The first one comes when your first week is over." in page(world.ana.user, "/summaries")[1]
    )
    assert "The first one comes when the week is over." in page(world.rui.user, "/digests")[1]


# ---- A therapist's digests -----------------------------------------------------------------------


def test_a_digest_is_shown_by_name_those_who_need_somebody_first(world: people.World) -> None:
    digest(world.rui, contents=whole(world))

    status, text = page(world.rui.user, f"/digests/{THIS}")

    assert status == 200
    assert missing(
        text,
        "Your patients, 16 to 22 November 2026", "<h1>2 of 3 patients may need you</h1>",
        "1 on track. 0 paused.", "Who may need you first", "Everybody else", "Ana Silva", "1042",
        '<span class="why safety">safety</span><span class="why slipping">slipping</span>',
        "No longer yours", "1043", '<span class="why ready">ready</span>', "3 of 5", "Zé Pinto",
    ) == []  # fmt: skip
    places = [text.index(one) for one in ("Ana Silva", "No longer yours", "Zé Pinto")]
    assert places == sorted(places)
    assert text.count("less than the week before") == text.count("more than the week before") == 1
    last = text[text.index("Zé Pinto") :]
    assert ("Paused" in last, "of 5" in last, "the week before" in last) == (True, False, False)


def test_reading_it_keeps_whom_it_names(world: people.World) -> None:
    contents = whole(world)
    digest(world.rui, contents=contents)
    page(world.rui.user, f"/digests/{THIS}")
    page(world.rui.user, "/digests")

    named = [contents["cases"][0]["patient"], contents["cases"][2]["patient"]]
    rui = world.rui.user_id
    assert events(world.clinic, "read_digest") == [(rui, "staff", None, {"patients": named})]
    assert events(world.clinic, "read_digests") == [(rui, "staff", None, {})]


def test_a_digest_of_one_patient_is_kept_with_that_patient(world: people.World) -> None:
    digest(world.rui, contents=NO_CASES | {"patients": 1, "cases": [case(world.ana.pk, "1042")]})

    page(world.rui.user, f"/digests/{THIS}")

    assert events(world.clinic, "read_digest") == [(world.rui.user_id, "staff", world.ana.pk, {})]


def test_whoever_left_the_care_team_sees_the_name_no_more(world: people.World) -> None:
    digest(world.rui, contents=whole(world))
    with clinic_context(world.clinic.pk):
        CareTeamMembership.objects.filter(patient=world.ana).delete()

    text = page(world.rui.user, f"/digests/{THIS}")[1]

    assert "Ana Silva" not in text
    assert "1042" in text


def test_a_digest_is_its_therapist_s_alone(world: people.World) -> None:
    digest(world.rui, contents=whole(world))
    table = [
        (world.rui.user, 200, 200), (world.marta.user, 200, 404), (world.admin.user, 404, 404),
        (world.ana.user, 404, 404), (world.carer.user, 404, 404),
        (world.far_therapist.user, 200, 404), (people.user("Maria Lopes"), 404, 404),
    ]  # fmt: skip
    for user, in_list, itself in table:
        seen = page(user, "/digests")[0], page(user, f"/digests/{THIS}")[0]
        assert seen == (in_list, itself), user.name
    assert page(world.far_therapist.user, f"/digests?clinic={world.clinic.pk}")[0] == 404
    assert "16 to 22" not in page(world.marta.user, "/digests")[1]


def test_a_therapist_of_two_clinics_chooses(world: people.World) -> None:
    there = people.membership(world.far_clinic, "therapist", user=world.rui.user)
    digest(world.rui)
    digest(there, contents=NO_CASES | {"patients": 7, "attention": 7})

    text = page(world.rui.user, f"/digests/{THIS}")[1]

    for clinic in (world.clinic, world.far_clinic):
        assert f'href="/digests/{THIS}?clinic={clinic.pk}"' in text
        assert clinic.name in text
    chosen = f"/digests/{THIS}?clinic={world.far_clinic.pk}"
    assert "7 of 7 patients may need you" in page(world.rui.user, chosen)[1]


def test_work_that_ended_shows_nothing_more(world: people.World) -> None:
    digest(world.rui)
    browser = browser_of(world.rui.user)
    assert browser.get("/digests").status_code == 200
    with clinic_context(world.clinic.pk):
        Membership.objects.filter(pk=world.rui.pk).update(deactivated_at=timezone.now())

    assert browser.get("/digests").status_code == 404


def test_the_start_leads_to_the_weeks_of_each_place(world: people.World) -> None:
    own = f'href="/summaries?record={world.ana.pk}"'
    of_patients = f'href="/digests?clinic={world.clinic.pk}"'
    for user, shown, hidden in [
        (world.ana.user, own, "/digests"),
        (world.carer.user, own, "/digests"),
        (world.rui.user, of_patients, "/summaries"),
    ]:
        text = page(user, "/")[1]
        assert (shown in text, hidden in text) == (True, False), user.name
    assert "/digests" not in page(world.admin.user, "/")[1]


@pytest.mark.parametrize(
    ("monday", "said"),
    [
        ("2026-11-16", "16 to 22 November 2026"),
        ("2026-11-30", "30 November to 6 December 2026"),
        ("2026-12-28", "28 December 2026 to 3 January 2027"),
        ("2024-02-26", "26 February to 3 March 2024"),
    ],
)
def test_a_week_is_said_by_its_days(monday: str, said: str) -> None:
    assert span_of(dt.date.fromisoformat(monday)) == said
