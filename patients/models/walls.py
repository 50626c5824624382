"""What PostgreSQL refuses of people by trigger, where no check constraint can look."""

from __future__ import annotations

import pgtrigger

CARE_TEAM_OF_THERAPISTS = pgtrigger.Trigger(
    name="care_team_of_therapists",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.Update,
    func="""
        IF EXISTS (
            SELECT FROM clinics_membership
            WHERE id = NEW.membership_id AND role <> 'therapist'
        ) THEN
            RAISE EXCEPTION 'a member of a care team is a therapist'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'care_team_of_therapists';
        END IF;
        RETURN NEW;
    """,
)
