"""
The floors: the least that Django can do for the same answer. No auth, no audit, no checks.

- an upload: a plain view, msgspec, one statement that stores the session, its results and its sets
  from one JSON value in three plain tables;
- a plan: a plain view, three `.values()` queries for the patient, the lines with their exercises,
  and what was done this week, sent as they come;
- a week's adherence of everybody: one INSERT … SELECT over the same rows;
- a week told to everybody: the same, with what was worked out as JSON, into two tables that have the
  keys and indexes of the product's.
"""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import msgspec
from django.db import connection
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from core.bodies import encode
from core.calendar import week_start
from patients.models import Patient, PrescribedExercise
from sessions.models import ExerciseResult

TABLES = """
CREATE TABLE floor_session (
    id uuid PRIMARY KEY, patient_id uuid NOT NULL, performed_at timestamptz NOT NULL,
    duration_seconds integer, effort smallint, pain_before smallint, pain_after smallint, note text
);
CREATE INDEX ON floor_session (patient_id, performed_at);
CREATE TABLE floor_result (
    session_id uuid REFERENCES floor_session, place smallint, line_id uuid NOT NULL,
    side text NOT NULL, difficulty text, pain smallint, checks jsonb,
    PRIMARY KEY (session_id, place)
);
CREATE TABLE floor_set (
    session_id uuid, result smallint, place smallint, repetitions smallint,
    PRIMARY KEY (session_id, result, place),
    FOREIGN KEY (session_id, result) REFERENCES floor_result
);
CREATE TABLE floor_week (patient_id uuid, credited float8, prescribed bigint)
"""

STORE = """
WITH sent AS MATERIALIZED (SELECT %s::jsonb AS body),
session AS (
    INSERT INTO floor_session
    SELECT x.* FROM sent, jsonb_to_record(body) AS x (
        id uuid, patient uuid, performed_at timestamptz, duration_seconds integer,
        effort smallint, pain_before smallint, pain_after smallint, note text)
),
result AS (
    INSERT INTO floor_result
    SELECT (body ->> 'id')::uuid, place, (one ->> 'line')::uuid, one ->> 'side',
           one ->> 'difficulty', (one ->> 'pain')::smallint, one -> 'checks'
    FROM sent, jsonb_array_elements(body -> 'results') WITH ORDINALITY AS r (one, place)
)
INSERT INTO floor_set
SELECT (body ->> 'id')::uuid, r.place, s.place, (s.one ->> 'repetitions')::smallint
FROM sent, jsonb_array_elements(body -> 'results') WITH ORDINALITY AS r (one, place),
    jsonb_array_elements(r.one -> 'sets') WITH ORDINALITY AS s (one, place)
"""

WEEK = """
INSERT INTO floor_week
SELECT patient_id, credited, prescribed
FROM (
    SELECT patient_id, sum(credit_numerator::float8 / credit_denominator) AS credited
    FROM rehab_sessions_exerciseresult
    WHERE counts AND performed_on BETWEEN %(first)s AND %(last)s
    GROUP BY patient_id
) AS done
JOIN (
    SELECT patient_id, sum(sets * CASE schedule
        WHEN 'weekdays' THEN times_per_day * bit_count(weekdays::integer::bit(7))
        ELSE times_per_week END) AS prescribed
    FROM patients_prescribedexercise
    WHERE in_force_from <= %(last)s AND (in_force_until IS NULL OR in_force_until > %(first)s)
    GROUP BY patient_id
) AS asked USING (patient_id)
"""

# Like the product's, with the references that a model of Django has; no wall, no composite keys.
TOLD_TABLES = """
CREATE TABLE floor_summary (LIKE reminders_weeklysummary INCLUDING ALL);
ALTER TABLE floor_summary
    ADD FOREIGN KEY (clinic_id) REFERENCES clinics_clinic DEFERRABLE INITIALLY DEFERRED,
    ADD FOREIGN KEY (patient_id) REFERENCES patients_patient DEFERRABLE INITIALLY DEFERRED;
CREATE TABLE floor_delivery (LIKE reminders_delivery INCLUDING ALL);
ALTER TABLE floor_delivery
    ADD FOREIGN KEY (clinic_id) REFERENCES clinics_clinic DEFERRABLE INITIALLY DEFERRED,
    ADD FOREIGN KEY (patient_id) REFERENCES patients_patient DEFERRABLE INITIALLY DEFERRED,
    ADD FOREIGN KEY (recipient_id) REFERENCES clinics_user DEFERRABLE INITIALLY DEFERRED
"""

TOLD = """
WITH told AS (
    SELECT patient.id, patient.clinic_id, patient.user_id, week.done
    FROM (
        SELECT patient_id, jsonb_object_agg(performed_on, credited) AS done
        FROM (
            SELECT patient_id, performed_on,
                   sum(credit_numerator::float8 / credit_denominator) AS credited
            FROM rehab_sessions_exerciseresult
            WHERE counts AND performed_on BETWEEN %(first)s AND %(last)s
            GROUP BY patient_id, performed_on
        ) AS day
        GROUP BY patient_id
    ) AS week
    JOIN (
        SELECT patient_id, sum(sets * CASE schedule
            WHEN 'weekdays' THEN times_per_day * bit_count(weekdays::integer::bit(7))
            ELSE times_per_week END) AS prescribed
        FROM patients_prescribedexercise
        WHERE in_force_from <= %(last)s AND (in_force_until IS NULL OR in_force_until > %(first)s)
        GROUP BY patient_id
    ) AS asked USING (patient_id)
    JOIN patients_patient AS patient ON patient.id = week.patient_id
),
summary AS (
    INSERT INTO floor_summary
        (id, created_at, updated_at, clinic_id, patient_id, week, made_at, language, contents,
         run_unit, run_length, change_seq)
    SELECT gen_random_uuid(), now(), now(), clinic_id, id, %(first)s, now(), 'en',
           jsonb_build_object('monday', %(first)s::date, 'days', done, 'sentence',
               'Well done. You did all that was planned.', 'counts',
               'You did your plan on 3 of 3 days.'), '', 0, 0
    FROM told
)
INSERT INTO floor_delivery (id, created_at, updated_at, clinic_id, patient_id, recipient_id, kind,
    channel, local_date, slot, time_zone, due_at, expires_at, next_at, state, reason, attempts,
    last_error)
SELECT gen_random_uuid(), now(), now(), clinic_id, id, user_id, 'weekly_summary', 'email',
       %(first)s, 0, 'Europe/Lisbon', now(), now() + interval '36 hours', now(), 'waiting', '', 0, ''
FROM told
"""

ROW = (
    "id", "line_id", "line__position", "line__note", "line__assignment__title", "side", "schedule",
    "weekdays", "times_per_day", "times_per_week", "measure", "sets", "repetitions",
    "repetitions_max", "hold_seconds", "duration_seconds", "distance_m", "steps", "load_kg",
    "rest_seconds", "tempo", "exercise_version__name", "exercise_version__content",
)  # fmt: skip


class FloorSet(msgspec.Struct):
    repetitions: int


class FloorResult(msgspec.Struct):
    line: UUID
    side: str
    sets: list[FloorSet]
    checks: dict[str, str] = {}
    difficulty: str = ""
    pain: int | None = None


class FloorSession(msgspec.Struct):
    id: UUID
    performed_at: dt.datetime
    duration_seconds: int | None = None
    effort: int | None = None
    pain_before: int | None = None
    pain_after: int | None = None
    note: str = ""
    results: list[FloorResult] = []


decoder = msgspec.json.Decoder(FloorSession)


@csrf_exempt
def store(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    session = decoder.decode(request.body)
    sent = msgspec.to_builtins(session) | {"patient": str(patient_id)}
    with connection.cursor() as cursor:
        cursor.execute(STORE, [msgspec.json.encode(sent).decode()])
    return HttpResponse(encode({"id": session.id}), status=201, content_type="application/json")


def plan(request: HttpRequest, patient_id: UUID, day: str) -> HttpResponse:
    on = dt.date.fromisoformat(day)
    patient = Patient.objects.values("id", "name", "time_zone", "language").get(pk=patient_id)
    lines = (
        PrescribedExercise.objects.filter(patient_id=patient_id, in_force_from__lte=on)
        .order_by("line__assignment__starts_on", "line__position")
        .values(*ROW)
    )
    done = (
        ExerciseResult.objects.filter(patient_id=patient_id, performed_on__gte=week_start(on))
        .values("line_id", "side")
        .annotate(sets=Sum("set_count"), times=Count("session_id"))
    )
    body = {"patient": patient, "lines": list(lines), "done": list(done)}
    return HttpResponse(encode(body), content_type="application/json")


urlpatterns = [
    path("floor/sessions/<uuid:patient_id>", store),
    path("floor/plan/<uuid:patient_id>/<str:day>", plan),
]
