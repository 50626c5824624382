"""Where a person is reached: addresses, numbers and browsers of one's own."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from clinics.http import RECORD_HOLDERS, RecordView, answer
from clinics.openapi import operation
from reminders.actions.contacts import add_contact, confirm_contact, remove_contact
from reminders.bodies.contacts import ContactCode, ContactList, ContactOut, NewContact
from reminders.presenters.contacts import contact_out, own_contacts

WAITING = {
    "id": "019aa9f4-8b66-7057-8cd3-5e6f70819203",
    "channel": "email",
    "address": "ana@example.org",
    "added_at": "2026-11-26T10:00:00Z",
    "confirmed_at": None,
    "code_ends_at": "2026-11-26T10:30:00Z",
    "disabled_at": None,
    "disabled_because": "",
}
CONFIRMED = WAITING | {"confirmed_at": "2026-11-26T10:02:00Z", "code_ends_at": None}


class OwnContactsView(RecordView):
    access: ClassVar = {"get": RECORD_HOLDERS, "post": RECORD_HOLDERS}
    audited_as = "contacts"

    @operation(
        summary="List where one is reached",
        answers={200: ContactList},
        examples={200: {"results": [CONFIRMED]}},
    )
    def get(self, request: Request) -> Response:
        return answer(own_contacts(self.actor))

    @operation(
        summary="Add an address, a number or a browser",
        description="Six digits go to an address or a number, good for 30 minutes; nothing else is "
        "sent there before they are typed. At most three codes an hour. A browser is confirmed by "
        "its subscription. What is there already answers 200; one that was disabled gets a new code.",
        body=NewContact,
        answers={201: ContactOut, 200: ContactOut},
        problems=(409, 429),
        examples={
            "body": {"channel": "email", "address": "ana@example.org"},
            201: WAITING,
            200: CONFIRMED,
        },
    )
    def post(self, request: Request) -> Response:
        made, is_new = add_contact(
            patient_id=self.patient_id, asked=self.body(NewContact), by=self.actor, now=self.now
        )
        return answer(contact_out(made), status=201 if is_new else 200)


class OwnContactConfirmView(RecordView):
    access: ClassVar = {"post": RECORD_HOLDERS}

    @operation(
        summary="Confirm an address or a number by its code",
        description="Five tries; then ask for a new code by adding it again. Whatever is wrong "
        "answers 400 `contact_code_invalid`. Twice is as once.",
        body=ContactCode,
        answers={200: ContactOut},
        problems=(409,),
        examples={"body": {"code": "204817"}, 200: CONFIRMED},
    )
    def post(self, request: Request, contact_id: UUID) -> Response:
        confirmed = confirm_contact(
            patient_id=self.patient_id,
            contact_id=contact_id,
            code=self.body(ContactCode).code,
            by=self.actor,
            now=self.now,
        )
        return answer(contact_out(confirmed))


class OwnContactView(RecordView):
    access: ClassVar = {"delete": RECORD_HOLDERS}

    @operation(
        summary="Take an address, a number or a browser away",
        description="Nothing goes there any more. Add it again to use it again.",
        answers={204: None},
        examples={},
    )
    def delete(self, request: Request, contact_id: UUID) -> Response:
        remove_contact(
            patient_id=self.patient_id, contact_id=contact_id, by=self.actor, now=self.now
        )
        return Response(status=204)


_ONE = "me/contacts/<uuid:contact_id>"
urlpatterns = [
    path("me/contacts", OwnContactsView.as_view(), name="me-contacts"),
    path(f"{_ONE}/confirm", OwnContactConfirmView.as_view(), name="me-contact-confirm"),
    path(_ONE, OwnContactView.as_view(), name="me-contact"),
]
