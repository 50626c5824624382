"""
How every writer about a patient begins and ends: lock the record first, raise its sequence last.

The patient's row is the one lock of a patient: whoever holds it is alone with the record, so
writers lock it before any other row. Both functions need a transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext_lazy as _

from clinics.actors import Actor
from core.bulk import insert_together
from core.errors import NotFound
from core.ids import uuid7
from patients.models import Patient, PatientChange
from patients.policies import may_manage_person, may_use_record

Kind = PatientChange.Kind
Thing = tuple[Kind, UUID]
Statement = tuple[str, list[Any]]

NOTE: Final = """
INSERT INTO patients_patientchange
    (id, created_at, updated_at, clinic_id, patient_id, seq, kind, target_id)
SELECT told.id, now(), now(), record.clinic_id, record.id, record.change_seq + told.place,
    told.kind, told.target_id
FROM patients_patient record,
    unnest(%s::uuid[], %s::text[], %s::uuid[]) WITH ORDINALITY
        AS told(id, kind, target_id, place)
WHERE record.id = %s
ON CONFLICT (patient_id, kind, target_id)
    DO UPDATE SET seq = EXCLUDED.seq, updated_at = EXCLUDED.updated_at
RETURNING 1
"""
NOTE_RECORDS: Final = """
INSERT INTO patients_patientchange
    (id, created_at, updated_at, clinic_id, patient_id, seq, kind, target_id)
SELECT told.id, now(), now(), record.clinic_id, record.id, record.change_seq + 1,
    'record', record.id
FROM patients_patient record, unnest(%s::uuid[], %s::uuid[]) AS told(id, patient_id)
WHERE record.id = told.patient_id
ON CONFLICT (patient_id, kind, target_id)
    DO UPDATE SET seq = EXCLUDED.seq, updated_at = EXCLUDED.updated_at
RETURNING 1
"""
RAISE_RECORDS: Final = """
UPDATE patients_patient SET change_seq = change_seq + 1 WHERE id = ANY(%s) RETURNING 1
"""
# As text: every write begins with it, and putting it together took longer than running it. Its key
# stays free to be referred to: whoever inserts rows of many patients at once waits for no writer.
NAMES: Final = [field.attname for field in Patient._meta.concrete_fields]
COLUMNS: Final = ", ".join(f'"{field.column}"' for field in Patient._meta.concrete_fields)
LOCK: Final = (
    f"SELECT {COLUMNS} FROM patients_patient "  # noqa: S608
    "WHERE id = %s AND clinic_id = %s FOR NO KEY UPDATE"
)
RAISE: Final = """
UPDATE patients_patient SET change_seq = change_seq + %s WHERE id = %s RETURNING 1
"""


def lock_patient(patient_id: UUID, by: Actor) -> Patient:
    """
    Lock and return a record that the actor may read and write: their own, or a care team's.

    Access is looked at after the lock is held, in a statement of its own: someone may have left
    the care team while this one waited.

    :raises NotFound: unknown, of another clinic, or not the actor's to see
    """
    patient = _locked(patient_id, by)
    if patient is None or not may_use_record(by, patient):
        raise no_such_patient()
    return patient


def lock_person(patient_id: UUID, by: Actor) -> Patient:
    """
    Lock and return a record whose people (name, care team, carers, login) the actor manages.

    The care team's therapists, and the clinic's administrators for every patient of the clinic.

    :raises NotFound: as `lock_patient`
    """
    patient = _locked(patient_id, by)
    if patient is None or not may_manage_person(by, patient):
        raise no_such_patient()
    return patient


def raise_change(patient: Patient, kind: Kind = Kind.RECORD, *targets: UUID) -> None:
    """
    Tell this patient's phones, through the changes feed, what changed. The record must be locked.

    Without a target it is the one thing of that kind: the record, the plan. Phones that hear of a
    kind that they do not know pass it over.
    """
    things = {(kind, target) for target in targets or (patient.pk,)}
    insert_together([], also=change_of(patient, *sorted(things)))
    patient.change_seq += len(things)


def raise_changes(patients: Sequence[Patient]) -> None:
    """Tell the phones of many patients that their records changed, in one statement. All locked."""
    keys = [one.pk for one in patients]
    if not keys:
        return
    told = [uuid7() for _key in keys]
    insert_together([], also=[(NOTE_RECORDS, [told, keys]), (RAISE_RECORDS, [keys])])
    for one in patients:
        one.change_seq += 1


def change_of(patient: Patient, *things: Thing) -> list[Statement]:
    """
    The same as statements that a writer runs with its own rows (`core.bulk.insert_together`).

    Each thing gets the record's next number. Both statements see the record as it was before; the
    lock makes that the newest, and a writer who forgot it meets the constraint on the number.
    """
    told = list(dict.fromkeys(things))
    ids = [uuid7() for _thing in told]
    kinds = [str(kind) for kind, _target in told]
    targets = [target for _kind, target in told]
    return [
        (NOTE, [ids, kinds, targets, patient.pk]),
        (RAISE, [len(told), patient.pk]),
    ]


def no_such_patient() -> NotFound:
    return NotFound(_("There is no such patient."))


def _locked(patient_id: UUID, by: Actor) -> Patient | None:
    if by.clinic_id is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [patient_id, by.clinic_id])
        row = cursor.fetchone()
    return None if row is None else Patient.from_db(connection.alias, NAMES, row)
