"""What answers about one's own addresses show."""

from __future__ import annotations

from clinics.actors import Actor
from reminders.bodies.contacts import ContactList, ContactOut
from reminders.masking import masked
from reminders.models import Channel, Contact


def own_contacts(who: Actor) -> ContactList:
    """Show all of a person's, at most thirty; what they took away is gone for them."""
    own = Contact.objects.visible_to(who).exclude(disabled_because=Contact.Disabled.REMOVED)
    return ContactList(results=[contact_out(one) for one in own.order_by("channel", "pk")])


def contact_out(contact: Contact) -> ContactOut:
    """A browser's endpoint is as good as a key: its owner's browser has it, and nobody needs it."""
    is_browser = contact.channel == Channel.WEB_PUSH
    return ContactOut(
        id=contact.pk,
        channel=contact.channel,  # type: ignore[arg-type]
        address=masked(contact.channel, contact.address) if is_browser else contact.address,
        added_at=contact.added_at,
        confirmed_at=contact.confirmed_at,
        code_ends_at=contact.code_ends_at,
        disabled_at=contact.disabled_at,
        disabled_because=contact.disabled_because,
    )
