from __future__ import annotations

from clinics.actors import SYSTEM, Actor


def may_publish_catalogue(who: Actor) -> bool:
    """Whether they write what all clinics share: the platform itself alone, outside any clinic."""
    return who.acting_as == SYSTEM and who.clinic_id is None
