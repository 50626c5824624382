"""What could not be done with a session, each with its stable code."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, Forbidden


class SessionIdReused(Conflict):
    code = "id_reused"
    message = _("This id already belongs to other content. Nothing was changed.")


class StaleVersion(Conflict):
    code = "stale_version"
    message = _("The session was changed since. Read it again, then correct the newest version.")


class SessionWithdrawn(Conflict):
    code = "withdrawn"
    message = _("This session was withdrawn. It can no longer be corrected.")


class CorrectionTooLate(Forbidden):
    code = "correction_too_late"
    message = _("A session can be corrected for 7 days. Ask your therapist to do it.")


class PatientDischarged(Conflict):
    code = "patient_discharged"
    message = _("Care at this clinic has ended. Sessions after that day are not kept.")


class NotHeld(Conflict):
    code = "not_held"
    message = _("This session does not wait for a decision.")
