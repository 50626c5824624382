"""The demo's buttons: a reminder and last week's mails at any hour, and nothing else by it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.test import Client

from clinics.models import Clinic
from core.models import JobRun
from core.tenancy import clinic_context
from patients.models import Patient
from rehab_platform.demo import now as buttons
from rehab_platform.demo.mailbox import newest
from rehab_platform.demo.story import DemoRefused
from reminders.actions.plan import plan_clinic
from reminders.models import (
    Contact,
    Delivery,
    Digest,
    ReminderPreferences,
    ReminderTime,
    WeeklySummary,
)
from tests.unit.rehab_platform.seeded_demo.seen import WEDNESDAY

pytestmark = pytest.mark.django_db

LAST_WEEK, FIRST_WEEK = dt.date(2026, 11, 16), dt.date(2026, 10, 12)
BACKEND = "django.core.mail.backends.filebased.EmailBackend"
WEEKLY = {"weekly_summary", "digest"}
# Deep night in both zones, Monday before the hour, Sunday's last minute, a year's end.
HOURS = [
    WEDNESDAY,
    dt.datetime(2026, 11, 26, 3, 30, tzinfo=dt.UTC),
    dt.datetime(2026, 11, 30, 0, 5, tzinfo=dt.UTC),
    dt.datetime(2026, 11, 30, 7, 59, tzinfo=dt.UTC),
    dt.datetime(2026, 11, 29, 23, 59, tzinfo=dt.UTC),
    dt.datetime(2026, 11, 28, 20, 45, tzinfo=dt.UTC),
]


@pytest.fixture
def folder(seeded, settings, tmp_path):
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = BACKEND, str(tmp_path)
    settings.APP_URL = "http://127.0.0.1:8000"
    return tmp_path


def rows(model, **asked):
    """Rows of both clinics."""
    found = []
    for clinic in Clinic.objects.order_by("name"):
        with clinic_context(clinic.pk):
            found += list(model.objects.filter(**asked))
    return found


def count(model, **asked):
    return len(rows(model, **asked))


def kinds_sent(folder):
    return Counter(letter.subject for letter in newest(folder))


@pytest.mark.parametrize("moment", HOURS, ids=[f"{one:%a %H:%M}" for one in HOURS])
def test_at_any_hour_a_reminder_and_both_weekly_mails_are_there(folder, moment):
    told, reminded = buttons.show_everything(now=moment)

    assert told == (
        "Told of last week, as on the morning on which it is due: 20 summaries to patients, "
        "4 digests to therapists."
    )
    assert reminded.startswith("Sent Ana Silva the reminder of ")
    assert reminded.endswith(
        ", as if it were that minute, and a copy to whoever helps. It does not come again at that time."
    )
    assert kinds_sent(folder) == {
        "Your plan for today is waiting": 1,
        "A plan for today is waiting": 1,
        "Your week at Harbour Clinic": 14,
        "Your week at Lakeside Clinic": 10,
    }
    to_rui = [one for one in newest(folder) if one.to == "rui@harbour.example"]
    assert "Who may need you first" in to_rui[0].text
    texts = {one.to: one.text for one in newest(folder) if one.subject.startswith("Your week")}
    assert "Your week is ready." in texts["ana@harbour.example"]
    assert "session" in texts["manuel@harbour.example"]  # who agreed to counts


def test_a_second_start_shows_another_reminder_and_says_that_the_week_was_told(folder):
    buttons.show_everything(now=WEDNESDAY)
    before = len(newest(folder))

    told, reminded = buttons.show_everything(now=WEDNESDAY)

    assert told == (
        "Last week was told already: its mails are in the mailbox, and none goes out twice."
    )
    assert reminded.startswith("Sent Ana Silva the reminder of Thursday 10:00")
    assert len(newest(folder)) == before + 2


def test_a_week_later_the_next_week_is_told_even_if_it_was_stored_meanwhile(folder):
    buttons.show_everything(now=WEDNESDAY)

    told = buttons.tell_last_week(now=WEDNESDAY + dt.timedelta(days=7))

    assert told.startswith("Told of last week")
    assert count(WeeklySummary, week=LAST_WEEK + dt.timedelta(days=7)) == 20


def test_when_all_were_shown_it_says_so_and_another_patient_is_left(folder):
    words = [buttons.remind("H-1027", now=WEDNESDAY) for _press in range(8)]

    assert words[-1] == (
        "Every reminder of Ana Silva for the next two days was shown, or nothing is due."
    )
    assert sum(one.startswith("Sent") for one in words) == 5  # today's second, two days' two
    assert buttons.remind("L-207", now=WEDNESDAY).startswith(
        "Sent Noah Tremblay the reminder of Wednesday 09:00"
    )


def test_nothing_else_goes_out_and_no_clock_moves(folder):
    started = dt.datetime(2026, 11, 25, 11, 59, 30, tzinfo=dt.UTC)
    JobRun.objects.create(name="remind", last_started_at=started, last_outcome="done")
    for clinic in Clinic.objects.all():
        plan_clinic(clinic.pk, now=WEDNESDAY)
    before = {one.pk: (one.next_at, one.state) for one in rows(Delivery, state="waiting")}

    buttons.show_everything(now=WEDNESDAY)

    after = {one.pk: (one.next_at, one.state) for one in rows(Delivery)}
    changed = [key for key, was in before.items() if after[key] != was]
    assert len(changed) == 2  # Ana's, and her husband's copy
    run = JobRun.objects.get(name="remind")
    assert (run.last_started_at, run.last_finished_at, run.last_outcome) == (started, None, "done")


def test_a_job_that_never_ran_has_no_run_afterwards(folder):
    buttons.remind("H-1027", now=WEDNESDAY)

    assert not JobRun.objects.filter(name__in=["remind", "plan", "weeks"]).exists()


def test_only_those_are_offered_whose_reminders_go_out(seeded):
    offered = {one.number for one in buttons.reminded()}

    assert "H-1027" in offered
    assert offered.isdisjoint({"H-1040", "H-1044", "H-1051", "L-212", "L-215"})


def test_who_is_not_in_the_demo_is_not_reminded(folder):
    with pytest.raises(LookupError):
        buttons.remind("X-1", now=WEDNESDAY)


def test_a_production_server_has_no_such_buttons(folder, settings):
    settings.SECURE_SSL_REDIRECT = True

    for press in (lambda: buttons.remind("H-1027", now=WEDNESDAY),
                  lambda: buttons.tell_last_week(now=WEDNESDAY)):  # fmt: skip
        with pytest.raises(DemoRefused):
            press()

    assert newest(folder) == []


# ---- what was seeded -----------------------------------------------------------------------------


def test_the_weeks_of_the_story_were_told_as_they_were_due(seeded):
    summaries = Counter(one.week for one in rows(WeeklySummary))

    assert summaries == {
        FIRST_WEEK: 19, dt.date(2026, 10, 19): 20, dt.date(2026, 10, 26): 20,
        dt.date(2026, 11, 2): 20, dt.date(2026, 11, 9): 20,
    }  # fmt: skip
    assert Counter(one.week for one in rows(Digest)) == dict.fromkeys(summaries, 4)
    assert all(one.made_at.isoweekday() == 1 for one in rows(WeeklySummary))
    settled = {(one.state, one.settled_at - one.due_at) for one in rows(Delivery)}
    assert settled == {("sent", dt.timedelta(0))}


def test_most_patients_chose_reminders_each_by_an_action(seeded):
    chosen = rows(ReminderPreferences)

    assert len(chosen) == 18
    assert count(ReminderTime) == 26
    assert {one.version for one in chosen} == {1}
    assert sum(one.is_paused for one in chosen) == 1
    assert sum(one.reminders_stopped_at is not None for one in chosen) == 1
    assert sum(one.copies_carers for one in chosen) == 2
    assert sum(one.counts_by_mail_at is not None for one in chosen) == 3


def test_everybody_is_reached_at_the_address_that_they_sign_in_with(seeded):
    contacts = rows(Contact)

    assert len(contacts) == 29  # one of them in two clinics
    assert all(one.address == one.user.email and one.confirmed_at for one in contacts)
    assert {one.channel for one in contacts} == {"email"}


# ---- the page ------------------------------------------------------------------------------------

demo_addresses = pytest.mark.urls("rehab_platform.demo.urls")


@demo_addresses
def test_the_page_has_a_button_for_each_and_says_what_it_did(folder):
    shown = Client().get("/demo/now/").content.decode()

    assert '<option value="H-1027">Ana Silva (H-1027)</option>' in shown
    assert '<button id="remind" class="button" name="do" value="remind">' in shown
    assert '<button id="week" class="button" name="do" value="week">' in shown
    assert 'role="status"' not in shown
    assert newest(folder) == []
    reminded = Client().post("/demo/now/", {"do": "remind", "patient": "H-1033"})
    assert "Sent Teresa Nunes the reminder of" in reminded.content.decode()
    assert '<option value="H-1033" selected>' in reminded.content.decode()
    assert "no-store" in reminded["Cache-Control"]
    told = Client().post("/demo/now/", {"do": "week"}).content.decode()
    assert 'role="status">Told of last week' in told
    assert len(newest(folder)) == 25


@demo_addresses
@pytest.mark.parametrize(
    "sent",
    [{}, {"do": "other"}, {"do": "remind"}, {"do": "remind", "patient": "H-1040"},
     {"do": "remind", "patient": "' OR 1=1"}],
)  # fmt: skip
def test_what_no_button_sends_is_refused_and_nothing_goes_out(folder, sent):
    assert Client().post("/demo/now/", sent).status_code == 400
    assert newest(folder) == []


@demo_addresses
def test_another_site_cannot_press_a_button(folder):
    assert Client(enforce_csrf_checks=True).post("/demo/now/", {"do": "week"}).status_code == 403
    assert Client().put("/demo/now/").status_code == 405
    assert newest(folder) == []


@demo_addresses
def test_before_there_is_a_demo_nobody_is_reminded(folder):
    Clinic.objects.update(archived_at=WEDNESDAY)

    assert Client().post("/demo/now/", {"do": "remind", "patient": "H-1027"}).status_code == 404
    assert buttons.show_everything(now=WEDNESDAY) == []


@demo_addresses
def test_the_mailbox_leads_to_the_buttons(folder):
    assert '<a href="/demo/now/">' in Client().get("/demo/mail/").content.decode()


def test_elsewhere_there_are_no_buttons(folder):
    assert Client().get("/demo/now/").status_code == 404
    assert Client().post("/demo/now/", {"do": "week"}).status_code == 404


def test_the_command_presses_both_and_says_so(folder, capsys):
    call_command("seed_demo")

    said = capsys.readouterr().out.split("In the mailbox\n")[1].splitlines()
    assert said[0].startswith("  Told of last week, as on the morning on which it is due: ")
    assert said[1].startswith("  Sent Ana Silva the reminder of ")
    assert len(newest(folder)) == 26


def test_where_mails_really_leave_nothing_is_sent_early(folder, settings, capsys):
    settings.EMAIL_FILE_PATH = ""

    call_command("seed_demo")

    assert "In the mailbox" not in capsys.readouterr().out
    assert newest(folder) == []


def test_each_patient_lives_at_the_clinic_s_clock(seeded):
    """The hours above are night in both zones where they say so."""
    assert {one.time_zone for one in rows(Patient)} == {"Europe/Lisbon", "America/Toronto"}
    night = HOURS[1]
    for name in ("Europe/Lisbon", "America/Toronto"):
        assert not dt.time(8) <= night.astimezone(ZoneInfo(name)).time() < dt.time(21)
