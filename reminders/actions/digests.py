"""The week of each therapist's whole caseload, those who need somebody first; stored once."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from clinics.actors import THERAPIST, Actor
from clinics.models import Clinic, Membership
from core.bulk import insert_missing
from reminders.actions.weekly_deliveries import mail_of
from reminders.bodies.weeks import Caseload, CaseOfWeek
from reminders.digest_words import done_of_due, reasons_of, trend
from reminders.models import Delivery, Digest, DigestPreferences
from reminders.telling import Telling
from reminders.week_reading import Weeks, weeks_of
from sessions.caseload import Case, cases
from sessions.caseload_bodies import CaseloadQuery
from sessions.models import Alert
from sessions.needs import place_of

AT_ONCE: Final = 20


def make_digests(
    *, clinic: Clinic, telling: Telling, after: UUID | None, now: dt.datetime
) -> tuple[int, UUID | None]:
    """
    Store the next therapists' digests, in the order of their keys, with what is to be delivered.

    Returns how many were new, and the last membership's key; None where these were the last. Runs
    in the clinic's context and inside a transaction.
    """
    therapists = Membership.objects.working().filter(clinic=clinic, role=Membership.Role.THERAPIST)
    if after is not None:
        therapists = therapists.filter(pk__gt=after)
    members = list(therapists.order_by("pk")[:AT_ONCE])
    found = {one.pk: _cases(one, now=now) for one in members}
    # Of all together: a transaction locks the patients whose weeks it keeps once, in their order.
    patient_ids = {
        case.facts.patient_id for cases_of_one in found.values() for case in cases_of_one
    }
    weeks = weeks_of(patient_ids=patient_ids, monday=telling.week)
    made = {
        pk: caseload_of(cases_of_one, weeks, telling.week) for pk, cases_of_one in found.items()
    }
    count = insert_missing(
        Digest,
        [{"membership_id": one.pk, "contents": made[one.pk]} for one in members],
        alike={"clinic_id": clinic.pk, "week": telling.week, "made_at": now},
    )
    if not telling.is_over(now):
        insert_missing(
            Delivery,
            [
                {"recipient_id": one.user_id, "next_at": telling.due_at}
                for one in _wanted(members, made)
            ],
            alike=mail_of(telling, clinic, kind=Delivery.Kind.DIGEST),
        )
    return count, members[-1].pk if len(members) == AT_ONCE else None


def _cases(member: Membership, *, now: dt.datetime) -> list[Case]:
    """Return one therapist's caseload as it is now, those who need somebody first."""
    who = Actor(
        user_id=member.user_id, clinic_id=member.clinic_id, membership_id=member.pk,
        roles=frozenset({THERAPIST}),
    )  # fmt: skip
    found = cases(who=who, asked=CaseloadQuery(), now=now)
    return sorted(found, key=lambda case: place_of(case.situation))


def caseload_of(found: Sequence[Case], weeks: Mapping[UUID, Weeks], week: dt.date) -> Caseload:
    """Put one therapist's caseload together, with what was done in that week."""
    rules = _open_rules([case.facts.patient_id for case in found])
    told = [_case(case, weeks[case.facts.patient_id], rules) for case in found]
    waiting = [one for one in told if one.reasons]
    paused = sum(one.is_paused for one in told if not one.reasons)
    return Caseload(
        monday=week,
        patients=len(told),
        attention=len(waiting),
        on_track=len(told) - len(waiting) - paused,
        paused=paused,
        cases=told,
    )


def _open_rules(patient_ids: Sequence[UUID]) -> dict[UUID, set[str]]:
    rows = Alert.objects.filter(patient__in=patient_ids, status=Alert.Status.OPEN)
    found: defaultdict[UUID, set[str]] = defaultdict(set)
    for patient_id, rule in rows.values_list("patient_id", "rule"):
        found[patient_id].add(rule)
    return found


def _case(case: Case, weeks: Weeks, rules: dict[UUID, set[str]]) -> CaseOfWeek:
    facts = case.facts
    unit, done, due = done_of_due(weeks.week)
    return CaseOfWeek(
        patient=facts.patient_id,
        reference=facts.medical_record_number,
        reasons=reasons_of(case.needs, rules.get(facts.patient_id, set())),
        unit=unit,
        done=done,
        due=due,
        trend=trend(weeks.week, weeks.before),
        is_paused=facts.is_paused,
    )


def _wanted(members: Sequence[Membership], made: dict[UUID, Caseload]) -> list[Membership]:
    """Return who gets a mail: where somebody needs them, or where they asked for it always."""
    choices = {
        one.membership_id: one
        for one in DigestPreferences.objects.filter(membership__in=[each.pk for each in members])
    }
    wanted = []
    for one in members:
        choice = choices.get(one.pk)
        if choice is not None and choice.stopped_at is not None:
            continue
        if made[one.pk].attention or (choice is not None and choice.is_always):
            wanted.append(one)
    return wanted
