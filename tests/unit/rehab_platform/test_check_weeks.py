from __future__ import annotations

import datetime as dt
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from core.tenancy import clinic_context
from rehab_platform.management.commands import check_weeks
from sessions.models import PatientWeek
from sessions.patient_weeks import figures_of
from tests.factories import people, prescribed

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)
WEEKS = [dt.date(2026, 11, day) for day in (23, 16, 9)]


@pytest.fixture
def world(db: None, time_machine) -> people.World:
    """Ana Silva of Harbour Clinic and Per Lund of Fjord Clinic with three kept weeks each."""
    time_machine.move_to(NOW, tick=False)
    made = people.world()
    for patient in (made.ana, made.far_patient):
        prescribed.line(patient)
        with clinic_context(patient.clinic_id):
            figures_of(patient_ids=[patient.pk], weeks=WEEKS)
    return made


def check(*arguments: str) -> str:
    out = StringIO()
    call_command("check_weeks", *arguments, stdout=out)
    return out.getvalue()


def spoil(patient, week: dt.date) -> None:
    with clinic_context(patient.clinic_id):
        assert PatientWeek.objects.filter(patient=patient, week=week).update(done=99) == 1


def kept(patient) -> set[dt.date]:
    with clinic_context(patient.clinic_id):
        return set(PatientWeek.objects.filter(patient=patient).values_list("week", flat=True))


def test_weeks_that_are_right_stay_as_they_are(world):
    assert check() == "2 patients, 13 weeks: 0 wrong\n"
    assert kept(world.ana) == kept(world.far_patient) == set(WEEKS)


def test_a_wrong_week_is_named_and_the_command_fails(world, capsys):
    spoil(world.far_patient, WEEKS[1])
    out = StringIO()

    with pytest.raises(CommandError, match="2 patients, 3 weeks: 1 wrong"):
        call_command("check_weeks", "--weeks=3", stdout=out)

    clinic, patient = world.far_clinic.pk, world.far_patient.pk
    assert out.getvalue() == f"clinic {clinic} patient {patient} week 2026-11-16\n"
    assert kept(world.far_patient) == set(WEEKS)


def test_mending_takes_away_what_is_wrong_alone(world):
    spoil(world.ana, WEEKS[0])

    assert check("--mend").endswith("2 patients, 13 weeks: 1 wrong\n")
    assert kept(world.ana) == set(WEEKS[1:])
    assert kept(world.far_patient) == set(WEEKS)
    assert check() == "2 patients, 13 weeks: 0 wrong\n"


def test_a_week_further_back_than_asked_is_not_looked_at(world):
    spoil(world.ana, WEEKS[2])

    assert check("--weeks=2") == "2 patients, 2 weeks: 0 wrong\n"


@pytest.mark.parametrize("count", ["0", "521"])
def test_too_few_or_too_many_weeks_are_refused(world, count):
    with pytest.raises(CommandError, match="--weeks: 1 to 520"):
        check(f"--weeks={count}")


def test_patients_are_looked_at_some_at_a_time(world, monkeypatch):
    monkeypatch.setattr(check_weeks, "AT_ONCE", 1)
    people.patient(world.clinic, "Eva Lima", care_team=[world.rui])

    assert check("--weeks=1") == "3 patients, 1 weeks: 0 wrong\n"
