"""The addresses of logins, devices and places of work, below /api/v1/."""

from __future__ import annotations

from clinics.api import clinic, devices, invitations, members, operator, passwords

urlpatterns = [
    *devices.urlpatterns,
    *passwords.urlpatterns,
    *clinic.urlpatterns,
    *members.urlpatterns,
    *invitations.urlpatterns,
    *operator.urlpatterns,
]
