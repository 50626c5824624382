"""What a therapist chooses about digests by mail."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from clinics.actors import Actor
from clinics.models import Membership
from core import audit
from core.errors import Forbidden
from reminders.bodies.weeks import DigestChoice
from reminders.models import DigestPreferences
from reminders.policies import may_choose_digests


def choose_digests(*, asked: DigestChoice, by: Actor, now: dt.datetime) -> DigestPreferences:
    """
    Put a whole choice in place of the one before. The same again changes nothing.

    :raises Forbidden: digests are told to therapists
    """
    if by.membership_id is None or not may_choose_digests(by):
        raise Forbidden
    with transaction.atomic():
        # The membership is what two choices at once wait for each other by.
        member = Membership.objects.select_for_update().get(pk=by.membership_id)
        return _choose(member, asked, by=by, now=now)


def _choose(
    member: Membership, asked: DigestChoice, *, by: Actor, now: dt.datetime
) -> DigestPreferences:
    stored = DigestPreferences.objects.filter(membership=member).first()
    row = stored or DigestPreferences(clinic_id=member.clinic_id, membership=member)
    changed = []
    if asked.wants_digests != (row.stopped_at is None):
        row.stopped_at = None if asked.wants_digests else now
        changed.append("wants_digests")
    if asked.always != row.is_always:
        row.is_always = asked.always
        changed.append("always")
    if changed:
        row.save()
        audit.record(
            action="digests_chosen", by=by, now=now, target="membership", target_id=member.pk,
            details={"changed": changed},
        )  # fmt: skip
    return row
