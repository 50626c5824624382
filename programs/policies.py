from __future__ import annotations

from clinics.actors import OPERATOR, SYSTEM, Actor


def may_publish_catalogue(who: Actor) -> bool:
    """Whether they write what all clinics share: the platform itself alone, outside any clinic."""
    return who.acting_as == SYSTEM and who.clinic_id is None


def may_author_own(who: Actor) -> bool:
    """
    Whether they make, change, retire and review what is the clinic's own: its therapists.

    An administrator does not, unless also a therapist: what an exercise says is clinical work.
    """
    return who.is_therapist and who.clinic_id is not None and who.patient_id is None


def may_review_shared(who: Actor) -> bool:
    """Whether they say that a clinician has reviewed what ships: its operators, outside any clinic."""
    return who.acting_as in {SYSTEM, OPERATOR} and who.clinic_id is None
