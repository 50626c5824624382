"""What a clinic's administrators set for all of it."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from msgspec import UNSET

from clinics.actors import Actor
from clinics.bodies import ClinicChange
from clinics.models import Clinic
from clinics.policies import may_manage_clinic
from clinics.settings_rules import RULED, refuse_faults
from core import audit
from core.errors import Conflict, Forbidden


class SettingsStale(Conflict):
    """Another administrator was faster; `version` in the problem is the present one."""

    code = "stale"
    message = _("Somebody changed the settings meanwhile. Read them again, then change them.")


def change_clinic(*, asked: ClinicChange, by: Actor, now: dt.datetime) -> Clinic:
    """
    Change a clinic's settings. Another zone moves no date that is stored: it counts from now on.

    What is ruled must hold afterwards, sent or not: a country that is none is mended first.

    :raises SettingsStale: the change was made from an older version
    :raises Invalid: an unknown zone or country, a number that cannot be dialled
    """
    if not may_manage_clinic(by):
        raise Forbidden
    with transaction.atomic(savepoint=False):
        clinic = lock_clinic(by)
        if asked.version != clinic.settings_version:
            raise SettingsStale(field="version", extra={"version": clinic.settings_version})
        wanted = _differing(clinic, asked)
        refuse_faults(**{name: str(wanted.get(name, getattr(clinic, name))) for name in RULED})
        if not wanted:
            return clinic
        for name, value in (wanted | {"settings_version": clinic.settings_version + 1}).items():
            setattr(clinic, name, value)
        clinic.save(update_fields=[*wanted, "settings_version", "updated_at"])
        audit.record(
            action="clinic_changed",
            by=by,
            now=now,
            target="clinics.Clinic",
            target_id=clinic.pk,
            details={"fields": sorted(wanted)},
        )
    return clinic


def lock_clinic(by: Actor) -> Clinic:
    """Lock the actor's clinic: the one lock of its settings and of who works there."""
    return Clinic.objects.visible_to(by).select_for_update(no_key=True).get()


def _differing(clinic: Clinic, asked: ClinicChange) -> dict[str, object]:
    sent = {
        name: getattr(asked, name)
        for name in asked.__struct_fields__
        if name != "version" and getattr(asked, name) is not UNSET
    }
    for name in ("quiet_from", "quiet_until"):
        if name in sent:
            sent[name] = dt.time.fromisoformat(str(sent[name]))
    return {name: value for name, value in sent.items() if value != getattr(clinic, name)}
