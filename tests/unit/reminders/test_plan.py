"""Planning: exactly the deliveries of the next two days, whatever is run again or changes between."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError

from core.tenancy import clinic_context
from patients.models import Patient
from reminders.actions.plan import LOCK_TO_PLAN, TO_PLAN, plan, plan_clinic
from reminders.faults import ClinicsFaulty
from reminders.models import Contact, Delivery, Receipt, ReminderPreferences, ReminderTime
from tests.factories import people
from tests.factories.reminders import delivery, preferences

# A Monday noon in Lisbon; seven in the morning in Toronto.
NOW = dt.datetime(2026, 11, 23, 12, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)


def planned(patient: Patient) -> list[tuple[str, int, str, str]]:
    """Return each delivery as local date, slot, UTC instant and state."""
    with clinic_context(patient.clinic_id):
        rows = Delivery.objects.filter(patient=patient).order_by("due_at", "recipient_id")
        return [
            (f"{row.local_date:%d}", row.slot, f"{row.due_at:%d %H:%M}", row.state) for row in rows
        ]


def change(chosen: ReminderPreferences, **fields: object) -> None:
    """Change preferences as the action for it does: with the next version."""
    with clinic_context(chosen.clinic_id):
        rows = ReminderPreferences.objects.filter(pk=chosen.pk)
        rows.update(version=rows.get().version + 1, **fields)


def test_the_rest_of_today_and_two_days_more_are_planned(world):
    preferences(world.ana, "09:00", "18:30")

    assert plan(now=NOW) == 1
    assert planned(world.ana) == [
        ("23", 2, "23 18:30", "waiting"),
        ("24", 1, "24 09:00", "waiting"), ("24", 2, "24 18:30", "waiting"),
        ("25", 1, "25 09:00", "waiting"), ("25", 2, "25 18:30", "waiting"),
    ]  # fmt: skip


def test_a_row_says_who_where_and_for_how_long(world):
    preferences(world.ana, "18:30", channels=["sms", "email"])
    plan(now=NOW)

    with clinic_context(world.clinic.pk):
        row = Delivery.objects.earliest("due_at")
    assert (row.kind, row.channel, row.slot, row.attempts) == ("reminder", "sms", 1, 0)
    assert (row.recipient_id, row.patient_id) == (world.ana.user_id, world.ana.pk)
    assert row.next_at == row.due_at
    assert row.expires_at == row.due_at + HOUR
    assert row.time_zone == "Europe/Lisbon"


def test_it_plans_nobody_twice(world):
    preferences(world.ana, "18:30")
    plan(now=NOW)
    before = planned(world.ana)

    assert plan(now=NOW) == 0
    assert plan(now=NOW + 7 * HOUR) == 0  # still Monday in Lisbon
    assert planned(world.ana) == before


def test_a_new_day_adds_the_day_after_tomorrow(world):
    preferences(world.ana, "18:30")
    plan(now=NOW)

    assert plan(now=NOW + 12 * HOUR) == 1
    assert [row[0] for row in planned(world.ana)] == ["23", "24", "25", "26"]


@pytest.mark.parametrize(
    ("days_down", "expected"),
    [
        (1, ["23", "24", "25", "26"]),
        (3, ["23", "24", "25", "26", "27", "28"]),
        # Nobody planned the 26th to the 29th: yesterday is made up for, earlier days are not.
        (8, ["23", "24", "25", "30", "01", "02", "03"]),
    ],
)
def test_after_an_outage_it_goes_on_from_yesterday(world, days_down, expected):
    preferences(world.ana, "18:30")
    plan(now=NOW)
    plan(now=NOW + days_down * DAY)

    assert [row[0] for row in planned(world.ana)] == expected


@pytest.mark.parametrize(
    ("weekdays", "expected"), [((1,), ["23"]), ((2, 3), ["24", "25"]), ((6, 7), [])]
)
def test_only_the_chosen_weekdays_are_planned(world, weekdays, expected):
    preferences(world.ana, "18:30", weekdays=weekdays)
    plan(now=NOW)

    assert [row[0] for row in planned(world.ana)] == expected


def test_another_time_replaces_what_lies_ahead(world):
    chosen = preferences(world.ana, "18:30")
    plan(now=NOW)
    with clinic_context(world.clinic.pk):
        ReminderTime.objects.filter(patient=world.ana).update(at=dt.time(20, 0))
    change(chosen)

    assert plan(now=NOW) == 1
    assert [row[2] for row in planned(world.ana)] == ["23 20:00", "24 20:00", "25 20:00"]


def test_a_time_that_has_passed_today_begins_tomorrow(world):
    chosen = preferences(world.ana, "18:30")
    plan(now=NOW)
    with clinic_context(world.clinic.pk):
        ReminderTime.objects.filter(patient=world.ana).update(at=dt.time(11, 0))
    change(chosen)
    plan(now=NOW)

    assert [row[2] for row in planned(world.ana)] == ["24 11:00", "25 11:00"]


@pytest.mark.parametrize("channel", ["email", "sms"])
def test_what_went_out_today_does_not_go_out_again(world, channel):
    """Neither at a later time nor by another channel."""
    chosen = preferences(world.ana, "11:30")
    plan(now=NOW - HOUR)
    with clinic_context(world.clinic.pk):
        first = Delivery.objects.filter(due_at__lt=NOW)
        assert first.update(state="sent", settled_at=NOW) == 1
        ReminderTime.objects.filter(patient=world.ana).update(at=dt.time(18, 30))
    change(chosen, channels=[channel])
    plan(now=NOW)

    assert planned(world.ana) == [
        ("23", 1, "23 11:30", "sent"),
        ("24", 1, "24 18:30", "waiting"), ("25", 1, "25 18:30", "waiting"),
    ]  # fmt: skip


def test_another_zone_moves_what_lies_ahead(world):
    preferences(world.ana, "09:00")
    plan(now=NOW)
    with clinic_context(world.clinic.pk):
        Patient.objects.filter(pk=world.ana.pk).update(time_zone="America/Toronto")

    assert plan(now=NOW) == 1
    # It is seven there: nine is still to come today.
    assert [row[2] for row in planned(world.ana)] == ["23 14:00", "24 14:00", "25 14:00"]


def test_what_was_due_before_the_zone_changed_moves_too(world):
    """Nine in Lisbon had come and no worker had looked; then she flew to Toronto."""
    preferences(world.ana, "09:00")
    plan(now=NOW - 4 * HOUR)
    with clinic_context(world.clinic.pk):
        Patient.objects.filter(pk=world.ana.pk).update(time_zone="America/Toronto")
    plan(now=NOW - 2.5 * HOUR)

    assert planned(world.ana)[0] == ("23", 1, "23 14:00", "waiting")


def test_new_zone_rules_plan_anew(world, monkeypatch):
    preferences(world.ana, "18:30")
    plan(now=NOW)
    monkeypatch.setattr("reminders.actions.plan.ZONE_RULES", "2027.1")

    assert plan(now=NOW) == 1
    assert plan(now=NOW) == 0
    assert [row[0] for row in planned(world.ana)] == ["23", "24", "25"]


@pytest.mark.parametrize(
    "why",
    ["no_times", "no_channels", "stopped", "discharged", "no_login", "archived"],
)
def test_who_is_not_to_be_reminded_is_not_planned(world, why):
    chosen = preferences(world.ana, *([] if why == "no_times" else ["18:30"]))
    with clinic_context(world.clinic.pk):
        patients = Patient.objects.filter(pk=world.ana.pk)
        if why == "no_channels":
            change(chosen, channels=[])
        elif why == "stopped":
            change(chosen, reminders_stopped_at=NOW)
        elif why == "discharged":
            patients.update(status="discharged", discharged_on=NOW.date())
        elif why == "no_login":
            patients.update(user=None)
    if why == "archived":
        world.clinic.archived_at = NOW
        world.clinic.save()
    plan(now=NOW)

    assert planned(world.ana) == []


def test_carers_are_copied_by_email_where_the_patient_agrees(world):
    preferences(world.ana, "18:30", weekdays=(1,), channels=["sms"], copies_carers=True)
    plan(now=NOW)

    with clinic_context(world.clinic.pk):
        told = set(Delivery.objects.values_list("recipient_id", "channel"))
    assert told == {(world.ana.user_id, "sms"), (world.carer.user_id, "email")}


def test_without_agreement_carers_are_not_copied(world):
    preferences(world.ana, "18:30", weekdays=(1,))
    plan(now=NOW)

    assert len(planned(world.ana)) == 1


def test_a_carer_who_comes_or_goes_plans_anew(world):
    preferences(world.ana, "18:30", weekdays=(1,), copies_carers=True)
    plan(now=NOW)
    assert len(planned(world.ana)) == 2
    with clinic_context(world.clinic.pk):
        world.carer.revoked_at = NOW
        world.carer.save()
    plan(now=NOW)
    assert len(planned(world.ana)) == 1

    people.carer(world.ana, "Eva Silva")
    plan(now=NOW)
    assert len(planned(world.ana)) == 2


def test_statements_do_not_grow_with_the_patients(world, django_assert_num_queries):
    preferences(world.ana, "09:00", "18:30")
    with django_assert_num_queries(14):
        plan_clinic(world.clinic.pk, now=NOW)
    for number in range(5):
        login = people.user(f"Patient{number}")
        with clinic_context(world.clinic.pk):
            row = Patient.objects.get(pk=world.ana.pk)
            row.pk, row._state.adding, row.user = None, True, login
            row.medical_record_number = f"P-{number}"
            row.id = Patient._meta.pk.get_default()
            row.save(force_insert=True)
        preferences(row, "09:00", "18:30")
    with django_assert_num_queries(14):
        assert plan_clinic(world.clinic.pk, now=NOW) == 5


def test_a_slice_is_planned_at_a_time(world, monkeypatch):
    monkeypatch.setattr("reminders.actions.plan.AT_ONCE", 1)
    preferences(world.ana, "18:30")

    assert plan(now=NOW) == 1


def test_what_is_too_late_is_settled_at_once(world):
    preferences(world.ana, "09:00", "18:30")
    plan(now=NOW)
    plan(now=NOW + 24 * HOUR)

    assert planned(world.ana)[:4] == [
        ("23", 2, "23 18:30", "expired"), ("24", 1, "24 09:00", "expired"),
        ("24", 2, "24 18:30", "waiting"), ("25", 1, "25 09:00", "waiting"),
    ]  # fmt: skip
    with clinic_context(world.clinic.pk):
        late = Delivery.objects.filter(state="expired")
        assert set(late.values_list("reason", "settled_at")) == {("late", NOW + 24 * HOUR)}


@pytest.mark.parametrize(("days", "kept"), [(90, 1), (90.001, 0)])
def test_what_was_settled_three_months_ago_is_forgotten(world, days, kept):
    delivery(world.ana, NOW - 100 * DAY, state="sent", settled_at=NOW - days * DAY)
    plan(now=NOW)

    assert len(planned(world.ana)) == kept


def test_the_address_at_which_somebody_accepted_is_a_contact(world):
    """Who was invited by mail, and came, has shown that the address is theirs."""
    with clinic_context(world.clinic.pk):
        asked = {"kind": "patient", "email": world.ana.user.email, "roles": []}
        people.invitation(
            world.clinic, world.rui.user, patient_id=world.ana.pk, **asked,
            accepted_at=NOW - DAY, accepted_by=world.ana.user,
        )  # fmt: skip
    plan(now=NOW)

    with clinic_context(world.clinic.pk):
        [found] = Contact.objects.all()
    assert (found.user_id, found.address, found.confirmed_at) == (
        world.ana.user_id, world.ana.user.email, NOW - DAY,
    )  # fmt: skip


def test_what_is_an_hour_late_is_not_settled_yet(world):
    preferences(world.ana, "18:30", weekdays=(1,))
    plan(now=NOW)
    plan(now=NOW + 7.5 * HOUR)
    assert planned(world.ana)[0][3] == "waiting"
    plan(now=NOW + 7.5 * HOUR + dt.timedelta(microseconds=1))
    assert planned(world.ana)[0][3] == "expired"


def test_a_run_that_has_no_time_plans_a_slice_and_leaves_the_rest(world, monkeypatch):
    monkeypatch.setattr("reminders.actions.plan.AT_ONCE", 1)
    preferences(world.ana, "18:30")
    preferences(world.far_patient, "18:30")

    assert [plan(now=NOW, longest_seconds=0) for _run in range(3)] == [1, 1, 0]
    assert len(planned(world.ana)) == len(planned(world.far_patient)) == 3


# ---- What must not hold up the planner -----------------------------------------------------------


def test_what_another_channel_carried_on_is_forgotten_like_all_else(world):
    """Neither of the two keeps the other, nor the planner from its work."""
    old = {"state": "failed", "settled_at": NOW - 91 * DAY}
    first = delivery(world.ana, NOW - 92 * DAY, **old)
    delivery(world.ana, NOW - 92 * DAY, channel="sms", instead_of=first.pk, **old)
    preferences(world.ana, "18:30", weekdays=(1,))

    assert plan(now=NOW) == 1
    assert [row[3] for row in planned(world.ana)] == ["waiting"]


def test_what_was_sent_is_not_called_late(world):
    """A worker died after the provider took it; the next one came hours later."""
    row = delivery(world.ana, NOW - 3 * HOUR)
    Receipt.objects.create(delivery_id=row.pk, at=NOW - 3 * HOUR)
    plan(now=NOW)

    assert planned(world.ana)[0][3] == "waiting"
    Receipt.objects.filter(delivery_id=row.pk).delete()


def test_a_clinic_that_meets_a_fault_stops_no_other(world, monkeypatch, caplog):
    preferences(world.ana, "18:30")
    preferences(world.far_patient, "18:30")
    first, _second = sorted([world.clinic.pk, world.far_clinic.pk])
    real = plan_clinic

    def faulty(clinic_id, **asked):
        if clinic_id == first:
            raise IntegrityError
        return real(clinic_id, **asked)

    monkeypatch.setattr("reminders.actions.plan.plan_clinic", faulty)
    with pytest.raises(ClinicsFaulty, match="1 clinics, 1 patients planned"):
        plan(now=NOW)

    whose = {world.clinic.pk: world.ana, world.far_clinic.pk: world.far_patient}
    assert [bool(planned(whose[key])) for key in sorted(whose)] == [False, True]


def test_what_follows_from_a_choice_is_read_after_its_lock():
    assert "FOR NO KEY UPDATE OF preferences SKIP LOCKED" in LOCK_TO_PLAN
    assert "array_agg(at ORDER BY slot) AS times" in TO_PLAN
    assert "UPDATE" not in TO_PLAN
    assert "preferences.id = ANY" in TO_PLAN
