from __future__ import annotations

import datetime as dt

import pytest
from django.core.management import CommandError, call_command

from clinics.models import Clinic, Membership, User
from core.tenancy import clinic_context
from patients.models import Patient
from rehab_platform import demo
from tests.unit.rehab_platform.seeded_demo.seen import (
    WEDNESDAY,
    SeenPatient,
    counts_of_everything,
)

pytestmark = pytest.mark.django_db

MONDAY_SIX_WEEKS_AGO = dt.date(2026, 10, 12)
HALF_AN_HOUR = dt.timedelta(minutes=30)


def kind(
    name, band, weeks, sessions, needs, *alerts, plan="Getting up and standing", status="active"
):
    return SeenPatient(
        name=name,
        band=band,
        weeks=weeks,
        alerts=set(alerts),
        needs=needs,
        sessions=sessions,
        assignments=[(plan, status)],
    )


BED = "Early: bed and chair"
WALK = "Walk further"
HARBOUR = {
    "H-1027": kind(
        "Ana Silva", "slipping", [73, 77, 73, 88, 81, 75], 68, ("high", "slipping"),
        ("near_fall", "high", "open"),
        plan="Six leg exercises",
    ),
    "H-1031": kind("Manuel Rocha", "on_track", [100, 100, 73, 100, 100, 100], 25, ()),
    "H-1033": kind("Teresa Nunes", "slipping", [100, 100, 78, 78, 47, 52], 20, ("slipping",)),
    "H-1035": kind("Antónia Dias", "on_track", [100, 100, 73, 100, 100, None], 19, ()),
    "H-1038": kind(
        "Beatriz Lima", "on_track", [60, 49, 71, 90, 100, 100], 31, ("suggestion",),
        ("too_easy", "suggestion", "open"),
        plan=WALK,
    ),
    "H-1040": kind(
        "Carlos Pinto", "on_track", [75, 100, 100, 75, 100, 90], 24, ("critical",),
        ("exercise_pain", "critical", "open"),
        ("pain_after", "critical", "open"),
        ("pain_after", "high", "resolved"),
        ("skipped_for_pain", "high", "acknowledged"),
        plan=BED,
    ),
    "H-1042": kind(
        "Diana Melo", "off_track", [0] * 5, 0, ("critical", "off_track", "never_started"),
        ("low_adherence", "medium", "open"),
        ("no_contact", "critical", "open"),
        plan=BED,
    ),
    "H-1044": kind(
        "Eduardo Vaz", "on_track", [100] * 6, 19, (),
        plan="Three times a week, when it suits",
    ),
    "H-1046": kind("Fátima Reis", "on_track", [80, 80, 100, 80, 80, 80], 27, (), plan=WALK),
    "H-1048": kind(
        "Graça Cruz", "on_track", [73, 100, 100, 100, 100, 55], 20, None, status="ended"
    ),
    "H-1051": kind(
        "Henrique Sá", "on_track", [73, 100, 100, 100, 100, 73], 25, ("held_waiting",)
    ),
    "H-1053": kind("Ivo Faria", "on_track", [100, 73, 73, 100, 78, 100], 22, None),
    "H-1055": kind(
        "Joaquim Neves", "off_track", [80, 40, 15, 40, 25, 15], 11, ("medium", "off_track"),
        ("low_adherence", "medium", "acknowledged"),
        ("no_contact", "medium", "open"),
        plan=BED,
    ),
}  # fmt: skip
LAKESIDE = {
    "L-201": kind("Fátima Reis", "on_track", [100, 80, 80, 80, 100, 80], 28, (), plan=WALK),
    "L-204": kind(
        "Luisa Amaral", "on_track", [100, 80, 100, 80, 100, 80], 27, ("high", "safety_hold"),
        ("fall", "critical", "acknowledged"),
        ("pain_after", "high", "open"),
        plan=WALK,
    ),
    "L-207": kind("Noah Tremblay", "on_track", [100, 80, 100, 100, 100, 80], 30, (), plan=WALK),
    "L-210": kind(
        "Olivia Grant", "on_track", [100, 75, 100, 100, 75, 100], 23, ("pause_request",), plan=BED
    ),
    "L-212": kind("Peter Walsh", None, [], 0, ("nothing_prescribed", "draft"), status="draft"),
    "L-215": kind("Ruth Fraser", None, [None] * 6, 9, (), plan="When the leg feels stiff"),
    "L-218": kind(
        "Samuel Okafor", "slipping", [100, 75, 100, 100, 100, 0], 19,
        ("medium", "slipping", "no_contact"),
        ("no_contact", "medium", "open"),
        plan=BED,
    ),
    "L-221": kind(
        "Victoria Singh", "on_track", [80, 100, 100, 100, 80, 100], 30,
        ("emergency", "safety_hold"),
        ("chest_pain", "emergency", "open"),
        plan=WALK,
    ),
}  # fmt: skip
EXPECTED = [("Harbour Clinic", *each) for each in HARBOUR.items()] + [
    ("Lakeside Clinic", *each) for each in LAKESIDE.items()
]


@pytest.mark.parametrize(
    ("clinic", "number", "expected"), EXPECTED, ids=[each[2].name for each in EXPECTED]
)
def test_each_kind_of_patient_does_as_it_is_said_to(seen, clinic, number, expected):
    assert seen[clinic].patients[number] == expected


def test_there_is_nobody_else(seen):
    assert {name: list(each.patients) for name, each in seen.items()} == {
        "Harbour Clinic": list(HARBOUR),
        "Lakeside Clinic": list(LAKESIDE),
    }


def test_two_clinics_in_two_zones_have_four_therapists(seen):
    assert {name: (each.zone, each.members) for name, each in seen.items()} == {
        "Harbour Clinic": (
            "Europe/Lisbon",
            [
                ("admin", "helena@harbour.example"),
                ("therapist", "ines@harbour.example"),
                ("therapist", "rui@harbour.example"),
            ],
        ),
        "Lakeside Clinic": (
            "America/Toronto",
            [
                ("admin", "sophie@lakeside.example"),
                ("therapist", "daniel@lakeside.example"),
                ("therapist", "grace@lakeside.example"),
            ],
        ),
    }


@pytest.mark.parametrize("clinic", ["Harbour Clinic", "Lakeside Clinic"])
def test_each_session_was_received_when_it_was_done_and_none_lies_ahead(seen, clinic):
    held = []
    for session in seen[clinic].sessions:
        assert session["received_at"] < WEDNESDAY
        assert session["performed_on"] < WEDNESDAY.date()
        if session["status"] == "held":
            held.append(session["note"])
            continue
        assert session["status"] == "counted"
        assert session["received_at"] - session["performed_at"] == HALF_AN_HOUR
        assert session["performed_on"] >= MONDAY_SIX_WEEKS_AGO

    assert held == (["Found on my old tablet."] if clinic == "Harbour Clinic" else [])


def test_a_carer_logs_on_the_days_on_which_they_are_there(seen):
    of_ana = [
        each
        for each in seen["Harbour Clinic"].sessions
        if each["patient__medical_record_number"] == "H-1027"
    ]

    assert {(each["performed_on"].isoweekday() == 7, each["logged_as"]) for each in of_ana} == {
        (True, "carer"),
        (False, "patient"),
    }


def test_the_one_who_is_treated_twice_has_one_login_and_two_records(seen):
    assert User.objects.filter(email="fatima@harbour.example").count() == 1
    assert HARBOUR["H-1046"].name == LAKESIDE["L-201"].name
    assert seen["Harbour Clinic"].patients["H-1046"].sessions == 27
    assert seen["Lakeside Clinic"].patients["L-201"].sessions == 28


SHOWN = [
    ("Harbour Clinic", "goals", ("H-1027", "active", "Walk ten minutes in one go")),
    ("Harbour Clinic", "goals", ("H-1048", "ended", "Ten heel raises without a stop")),
    ("Harbour Clinic", "assessments", ("H-1027", "gait_speed", 0.42, dt.date(2026, 10, 16))),
    ("Harbour Clinic", "assessments", ("H-1027", "gait_speed", 0.6, dt.date(2026, 11, 13))),
    ("Harbour Clinic", "form checks", ("H-1027", dt.date(2026, 11, 16))),
    ("Harbour Clinic", "pauses", ("H-1035", "hospital", dt.date(2026, 11, 15))),
    ("Harbour Clinic", "discharges", ("H-1048", "completed", dt.date(2026, 11, 17))),
    ("Harbour Clinic", "carers", ("H-1027", "joao@harbour.example")),
    ("Harbour Clinic", "invitations", ("pedro@harbour.example", "member", None)),
    ("Harbour Clinic", "unassigned", "H-1053"),
    ("Harbour Clinic", "own exercises", "Heel slide on a towel"),
    ("Lakeside Clinic", "form checks", ("L-207", dt.date(2026, 11, 5))),
    ("Lakeside Clinic", "pauses", ("L-204", "safety_hold", dt.date(2026, 11, 21))),
    ("Lakeside Clinic", "pauses", ("L-221", "safety_hold", dt.date(2026, 11, 24))),
    ("Lakeside Clinic", "pause requests", ("L-210", "waiting", dt.date(2026, 12, 1))),
    ("Lakeside Clinic", "carers", ("L-207", "claire@lakeside.example")),
    ("Lakeside Clinic", "invitations", ("amelie@lakeside.example", "member", None)),
    ("Lakeside Clinic", "own exercises", "Side steps along the counter"),
]


@pytest.mark.parametrize(("clinic", "shown", "one"), SHOWN)
def test_every_list_has_something_to_show(seen, clinic, shown, one):
    rows = seen[clinic].lists[shown]

    found = [
        tuple(round(float(each), 2) if hasattr(each, "quantize") else each for each in row)
        if isinstance(row, tuple)
        else row
        for row in rows
    ]
    assert one in found


def test_the_floor_was_not_free_once(seen):
    assert seen["Harbour Clinic"].lists["safety checks"] == [
        ("H-1027", {"well": "yes", "floor": "no", "shoes": "yes", "aid": "yes"})
    ]


@pytest.mark.parametrize("clinic", ["Harbour Clinic", "Lakeside Clinic"])
def test_the_same_day_and_seed_give_the_same_story(seen_before, seen, clinic):
    first, second = seen_before[clinic], seen[clinic]

    assert first.patients == second.patients
    assert first.sessions == second.sessions
    assert first.alerts == second.alerts
    assert first.audit == second.audit
    assert first.lists == second.lists
    assert first.counts == second.counts


def test_a_second_run_changes_nothing(seen):
    before = counts_of_everything()

    assert demo.seed(now=WEDNESDAY + dt.timedelta(days=40)) is False
    assert demo.seed(now=WEDNESDAY, number=2) is False

    assert counts_of_everything() == before


def test_everybody_signs_in_with_the_password_that_is_printed(seen):
    users = User.objects.order_by("email")

    assert len(users) == 30
    assert all(user.check_password("harbour-lights-2026") for user in users)


def test_one_of_them_operates_the_platform_and_is_nobody_elsewhere(seen):
    operator = User.objects.get(is_operator=True)

    assert (operator.email, operator.name) == ("olga@platform.example", "Olga Reis")
    assert operator.is_active
    for clinic in Clinic.objects.all():
        with clinic_context(clinic.pk):
            assert not Membership.objects.filter(user=operator).exists()
            assert not Patient.objects.filter(user=operator).exists()


def test_the_command_prints_each_sign_in_by_clinic_and_role_each_time(seen, capsys, settings):
    settings.EMAIL_FILE_PATH = ""  # what is in the mailbox is printed after them
    call_command("seed_demo")
    first = capsys.readouterr().out
    call_command("seed_demo")

    assert capsys.readouterr().out == first
    blocks = [block.splitlines() for block in first.strip().split("\n\n")]
    assert [block[0] for block in blocks] == [
        "Sign in with the password harbour-lights-2026 as",
        "The platform (/operator/)",
        "Harbour Clinic (Europe/Lisbon)",
        "Lakeside Clinic (America/Toronto)",
        "Nowhere yet",
    ]
    assert blocks[1][1].split() == ["operator", "olga@platform.example", "Olga", "Reis"]
    assert [" ".join(line.split()) for line in blocks[2][1:6]] == [
        "clinic admin helena@harbour.example Helena Prata",
        "therapist rui@harbour.example Rui Costa",
        "therapist ines@harbour.example Inês Matos",
        "patient ana@harbour.example Ana Silva most days, with her husband's help on Sundays",
        "carer joao@harbour.example João Silva of Ana Silva",
    ]
    assert [" ".join(line.split()) for line in blocks[3][1:4]] == [
        "clinic admin sophie@lakeside.example Sophie Martin",
        "therapist grace@lakeside.example Grace Chen",
        "therapist daniel@lakeside.example Daniel Roy",
    ]
    assert blocks[4][1].split() == ["no", "role", "yet", "maria@harbour.example", "Maria", "Lopes"]
    assert max(len(line) for line in first.splitlines()) <= 120


@pytest.mark.parametrize(
    "production",
    [
        pytest.param({"SECURE_SSL_REDIRECT": True}, id="only over TLS"),
        pytest.param({"SECURE_HSTS_SECONDS": 3600}, id="TLS promised to browsers"),
        pytest.param({"SETTINGS_MODULE": "rehab_platform.settings.production"}, id="by name"),
    ],
)
def test_a_production_server_gets_no_logins_whose_password_is_published(seen, settings, production):
    before = counts_of_everything()
    for name, value in production.items():
        setattr(settings, name, value)

    with pytest.raises(CommandError, match="not for production"):
        call_command("seed_demo")

    assert counts_of_everything() == before
