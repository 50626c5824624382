from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest
from django.core.management import CommandError, call_command

from clinics.models import Clinic, Membership, User
from core.models import AuditEvent
from core.tenancy import clinic_context
from patients.models import Assignment, Carer, CareTeamMembership, Patient, PrescribedExercise
from rehab_platform import demo
from sessions.adherence import adherence
from sessions.models import Alert, ExerciseResult, ExerciseSession, SessionVersion
from sessions.streak import streak

pytestmark = pytest.mark.django_db

# A Wednesday: two whole weeks, and Monday and Tuesday of this one, lie behind it.
WEDNESDAY = dt.datetime(2026, 11, 25, 12, 0, tzinfo=dt.UTC)
TODAY = WEDNESDAY.date()
MONDAY = dt.date(2026, 11, 9)
TABLES = (
    Patient, Membership, CareTeamMembership, Carer, Assignment, PrescribedExercise,
    ExerciseSession, ExerciseResult, SessionVersion, Alert,
)  # fmt: skip


@pytest.fixture
def seeded():
    assert demo.seed(now=WEDNESDAY) is True
    clinic = Clinic.objects.get(name="Harbour Clinic")
    with clinic_context(clinic.pk):
        yield clinic


def everything():
    counts = {model.__name__: model.objects.count() for model in TABLES}
    sessions = list(ExerciseSession.objects.order_by("phone_id").values("phone_id", "updated_at"))
    return counts, sessions, User.objects.count(), AuditEvent.objects.count()


def test_each_person_of_the_demo_can_sign_in_where_they_belong(seeded):
    [ana] = Patient.objects.select_related("user")
    memberships = Membership.objects.select_related("user").order_by("role")

    assert [(one.role, one.user.email) for one in memberships] == [
        ("admin", "helena@harbour.example"),
        ("therapist", "rui@harbour.example"),
    ]
    assert (ana.name, ana.affected_side, ana.user.email) == (
        "Ana Silva",
        "left",
        "ana@harbour.example",
    )
    assert [one.user.email for one in Carer.objects.select_related("user")] == [
        "joao@harbour.example"
    ]
    assert [one.membership.user.name for one in ana.care_team.all() if one.is_lead] == ["Rui Costa"]
    assert all(user.check_password(demo.PASSWORD) for user in User.objects.all())


def test_the_six_exercises_are_in_force_with_their_screening_confirmed(seeded):
    [assignment] = Assignment.objects.all()

    assert assignment.status == "active"
    assert assignment.starts_on == MONDAY
    assert assignment.lines.count() == 6
    assert len(assignment.screening["items"]) == 6
    assert len(assignment.screening["exercises"]) == 6
    assert assignment.screened_by.email == "rui@harbour.example"


def test_the_first_look_at_progress_shows_a_life(seeded):
    ana = Patient.objects.get()

    figures = adherence(patient_id=ana.pk, first=MONDAY, last=TODAY, today=TODAY)
    run = streak(patient_id=ana.pk, today=TODAY)

    # 16 days, 2 of them off and 3 of them short; today asks for nothing yet.
    assert ExerciseSession.objects.count() == 14 + 11
    assert [week.week for week in figures.by_week] == [
        MONDAY,
        dt.date(2026, 11, 16),
        dt.date(2026, 11, 23),
    ]
    assert all(Fraction(1, 2) < week.sums.dose < 1 for week in figures.by_week[:2])
    assert (run.unit, run.length) == ("days", 0)
    assert set(ExerciseSession.objects.values_list("logged_as", flat=True)) == {"patient", "carer"}
    assert set(ExerciseResult.objects.values_list("verdict", flat=True)) == {
        "right",
        "part",
        "not_yet",
        "not_done",
    }
    assert list(Alert.objects.values_list("rule", "status")) == [("near_fall", "open")]


def test_every_session_was_received_when_it_was_done_and_none_lies_ahead(seeded):
    for session in ExerciseSession.objects.all():
        assert session.status == "counted"
        assert session.received_at - session.performed_at == dt.timedelta(minutes=30)
        assert session.received_at < WEDNESDAY


def test_a_second_run_changes_nothing(seeded):
    before = everything()

    assert demo.seed(now=WEDNESDAY + dt.timedelta(days=40)) is False

    assert everything() == before


def test_the_same_day_of_seeding_gives_the_same_story(seeded):
    ids = set(ExerciseSession.objects.values_list("phone_id", flat=True))

    assert ids == {
        demo.uuid5(demo.SESSION_IDS, f"{number} {part}")
        for number in range(16)
        for part in ("morning", "afternoon")
        if number not in demo.DAYS_OFF and not (part == "afternoon" and number in demo.SHORT_DAYS)
    }


@pytest.mark.parametrize(
    "production",
    [
        pytest.param({"SECURE_SSL_REDIRECT": True}, id="only over TLS"),
        pytest.param({"SECURE_HSTS_SECONDS": 3600}, id="TLS promised to browsers"),
        pytest.param({"SETTINGS_MODULE": "rehab_platform.settings.production"}, id="by name"),
    ],
)
def test_a_production_server_gets_no_logins_whose_password_is_published(settings, production):
    for name, value in production.items():
        setattr(settings, name, value)

    with pytest.raises(CommandError, match="not for production"):
        call_command("seed_demo")

    assert not User.objects.exists()
    assert not Clinic.objects.exists()


def test_without_the_catalogue_it_says_what_to_do_and_leaves_nothing_half_made(monkeypatch):
    monkeypatch.setattr(demo, "PROGRAM", "not_loaded")

    with pytest.raises(CommandError, match=r"manage\.py load_catalogue"):
        call_command("seed_demo")

    assert not User.objects.exists()
    assert not Clinic.objects.exists()


def test_it_prints_every_sign_in_each_time(capsys):
    call_command("seed_demo")
    first = capsys.readouterr().out
    call_command("seed_demo")

    assert capsys.readouterr().out == first
    assert "harbour-lights-2026" in first
    for role, email in [
        ("therapist", "rui@harbour.example"),
        ("patient", "ana@harbour.example"),
        ("carer", "joao@harbour.example"),
        ("clinic admin", "helena@harbour.example"),
        ("no role yet", "maria@harbour.example"),
    ]:
        assert any(role in line and email in line for line in first.splitlines())
