from __future__ import annotations

from clinics.actors import SYSTEM, Actor


def may_read_catalogue(who: Actor | None) -> bool:
    """Whether they choose exercises and programs: a clinic's therapists and administrators."""
    return who is not None and who.is_staff and who.clinic_id is not None


def may_publish_catalogue(who: Actor) -> bool:
    """Whether they write what all clinics share: the platform itself alone, outside any clinic."""
    return who.acting_as == SYSTEM and who.clinic_id is None
