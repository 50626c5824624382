"""The statements that make a crowd's rows: its people, their lines, and what was logged."""

from __future__ import annotations

from psycopg import sql

from benchmarks.crowd import Crowd
from benchmarks.inserts import insert, key
from clinics.models import Clinic, Membership, User
from patients.models import Assignment, CareTeamMembership, Line, Patient, PrescribedExercise
from sessions.models import ExerciseResult, ExerciseSession

DAILY = 0b1111111
MON_WED_FRI = 0b0010101
SETS = 3
REPETITIONS = 10
LONG_AGO = "'2000-01-01Z'::timestamptz"
# A patient's login comes after all therapists' logins.
PATIENTS_LOGIN = "1000000 + n"


def people(crowd: Crowd) -> list[sql.Composed]:
    """Clinics with a therapist each, and patients with a login and a prescription."""
    return [*_clinics(crowd), *_records(crowd), *_lines(crowd)]


def _clinics(crowd: Crowd) -> list[sql.Composed]:
    clinics = f"generate_series({crowd.first + 1}, {crowd.first + crowd.clinics}) AS n"
    clinic = {
        "id": key(Clinic, "n"), "name": "'Clinic ' || n", "time_zone": "'Europe/Lisbon'",
        "country": "'PT'", "phone_number": "'+351 210 000 000'",
    }  # fmt: skip
    therapist = {
        "id": key(User, "n"), "email": "'therapist' || n || '@example.org'",
        "name": "'Rui Costa'", "password": "'!'",
    }  # fmt: skip
    membership = {
        "id": key(Membership, "n"), "clinic_id": key(Clinic, "n"), "user_id": key(User, "n"),
        "role": "'therapist'",
    }  # fmt: skip
    return [
        insert(Clinic, clinic, clinics),
        insert(User, therapist, clinics),
        insert(Membership, membership, clinics),
    ]


def _records(crowd: Crowd) -> list[sql.Composed]:
    place = _clinic_of(crowd)
    of_patient = {"clinic_id": key(Clinic, place), "patient_id": key(Patient, "n")}
    login = {
        "id": key(User, PATIENTS_LOGIN), "email": "'patient' || n || '@example.org'",
        "name": "'Ana Silva'", "password": "'!'",
    }  # fmt: skip
    patient = {
        "id": key(Patient, "n"), "clinic_id": key(Clinic, place),
        "user_id": key(User, PATIENTS_LOGIN), "name": "'Ana Silva'",
        "date_of_birth": "'1958-04-17'", "medical_record_number": "'MRN-' || n",
        "affected_side": "'left'", "time_zone": "'Europe/Lisbon'",
    }  # fmt: skip
    team = {
        "id": key(CareTeamMembership, "n"), "membership_id": key(Membership, place),
        "is_lead": "true",
    }  # fmt: skip
    assignment = {
        "id": key(Assignment, "n"), "therapist_id": key(Membership, place),
        "title": "'At home'", "starts_on": f"'{crowd.starts_on}'::date", "status": "'active'",
        "screened_by_id": key(User, place), "screened_at": LONG_AGO, "screening": "'{}'",
        "drafted_at": LONG_AGO, "activated_at": LONG_AGO,
    }  # fmt: skip
    return [
        insert(User, login, _patients(crowd)),
        insert(Patient, patient, _patients(crowd)),
        insert(CareTeamMembership, of_patient | team, _patients(crowd)),
        insert(Assignment, of_patient | assignment, _patients(crowd)),
    ]


def _lines(crowd: Crowd) -> list[sql.Composed]:
    """The lines' exercises are the catalogue's first by name, one each."""
    number = f"n * {crowd.lines} + place"
    rows = (
        f"{_patients(crowd)} CROSS JOIN (SELECT row_number() OVER (ORDER BY slug) - 1 AS place, "
        "id, current_id FROM programs_exercise WHERE clinic_id IS NULL ORDER BY slug "
        f"LIMIT {crowd.lines}) AS exercise"
    )
    is_quota = "place % 2 = 1" if crowd.quota else "false"
    days = MON_WED_FRI if crowd.only_mon_wed_fri else DAILY
    of_patient = {"clinic_id": key(Clinic, _clinic_of(crowd)), "patient_id": key(Patient, "n")}
    line = {
        "id": key(Line, number), "assignment_id": key(Assignment, "n"),
        "exercise_id": "exercise.id", "measure": "'repetitions'", "position": "place + 1",
    }  # fmt: skip
    row = {
        "id": key(PrescribedExercise, number), "line_id": key(Line, number),
        "exercise_version_id": "exercise.current_id", "in_force_from": f"'{crowd.starts_on}'::date",
        "measure": "'repetitions'", "side": "'both'", "sets": str(SETS),
        "repetitions": str(REPETITIONS),
        "schedule": f"CASE WHEN {is_quota} THEN 'times_per_week' ELSE 'weekdays' END",
        "weekdays": f"CASE WHEN {is_quota} THEN 0 ELSE {days} END",
        "times_per_day": f"CASE WHEN NOT {is_quota} THEN {crowd.per_day} END",
        "times_per_week": f"CASE WHEN {is_quota} THEN 3 END",
        "prescribed_by_id": key(User, "1"), "prescribed_at": LONG_AGO,
    }  # fmt: skip
    return [
        insert(Line, of_patient | line, rows),
        insert(PrescribedExercise, of_patient | row, rows),
    ]


def logged(crowd: Crowd) -> list[sql.Composed]:
    """Day after day, as sessions arrive: a day's rows of all patients lie together."""
    # Unique among all crowds, and growing with time.
    number = (
        f"({crowd.first}::bigint * 1000000 "
        f"+ (number * {crowd.per_day} + time) * {crowd.patients} + n - {crowd.first})"
    )
    of_patient = {
        "clinic_id": key(Clinic, _clinic_of(crowd)), "patient_id": key(Patient, "n"),
        "performed_on": "day", "performed_at": "at",
    }  # fmt: skip
    places = f"{_moments(crowd)} CROSS JOIN generate_series(0, {crowd.lines - 1}) AS place"
    when = _when(crowd)
    return [
        insert(ExerciseSession, of_patient | _session(number), f"{_moments(crowd)} WHERE {when}"),
        insert(ExerciseResult, of_patient | _result(number, crowd), f"{places} WHERE {when}"),
    ]


def _session(number: str) -> dict[str, str]:
    return {
        "id": key(ExerciseSession, number), "phone_id": key(ExerciseSession, number),
        "status": "'counted'", "claimed_performed_at": "at", "received_at": "at", "pain_after": "1",
        "logged_by_id": key(User, PATIENTS_LOGIN), "logged_as": "'patient'",
    }  # fmt: skip


def _result(number: str, crowd: Crowd) -> dict[str, str]:
    """Three sets of ten; in every fourth session the last one has five."""
    is_short = "(n + number) % 4 = 0"
    line = f"n * {crowd.lines} + place"
    total = f"CASE WHEN {is_short} THEN 25 ELSE 30 END"
    return {
        "id": key(ExerciseResult, f"{number} * {crowd.lines} + place"),
        "session_id": key(ExerciseSession, number), "line_id": key(Line, line),
        "prescribed_exercise_id": key(PrescribedExercise, line), "counts": "true",
        "side": "'both'", "is_off_plan": "false",
        "repetitions": f"CASE WHEN {is_short} THEN '{{10,10,5}}' ELSE '{{10,10,10}}' END"
        "::smallint[]",
        "set_count": str(SETS), "pain": "1", "verdict": "'right'", "credit_numerator": total,
        "credit_denominator": str(REPETITIONS), "total": total,
    }  # fmt: skip


def _patients(crowd: Crowd) -> str:
    return f"generate_series({crowd.first + 1}, {crowd.first + crowd.patients}) AS n"


def _clinic_of(crowd: Crowd) -> str:
    """The number of patient n's clinic."""
    return f"{crowd.first} + (n - 1) % {crowd.clinics} + 1"


def _moments(crowd: Crowd) -> str:
    """Every day, time of day and patient, in that order."""
    return (
        f"(SELECT number, time, n, '{crowd.first_day}'::date + number AS day "
        f"FROM generate_series(0, {crowd.days - 1}) AS number, "
        f"generate_series(0, {crowd.per_day - 1}) AS time, {_patients(crowd)}) AS every_time "
        "CROSS JOIN LATERAL (SELECT (day + time '09:00' + time * interval '3 hours') "
        "AT TIME ZONE 'UTC' AS at) AS moment"
    )


def _when(crowd: Crowd) -> str:
    """On which days they log; `Crowd.logs_on` says the same."""
    if crowd.only_mon_wed_fri:
        return "extract(isodow FROM day) IN (1, 3, 5)"
    return "number % 10 <> 9"
