"""An address, a number or a browser as it is stored, or what is wrong with it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from clinics.models import UserManager
from core.errors import Invalid
from reminders.bodies.contacts import NewContact
from reminders.channels import offered
from reminders.models import Channel
from reminders.push_endpoints import endpoint_of, is_key, is_secret

LONGEST_EMAIL: Final = 254
# E.164: a plus, the country, at most fifteen digits in all.
_NUMBER: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_SEPARATORS: Final = re.compile(r"[ ()./-]")


@dataclass(frozen=True)
class Place:
    """Where somebody is reached, in the one form in which it is stored."""

    channel: Channel
    address: str
    push_key: str = ""
    push_secret: str = ""


def place_of(asked: NewContact) -> Place:
    """
    :raises Invalid: naming the field: a channel that is not offered, or what is no address of it
    """
    channel = Channel(asked.channel)
    if channel not in offered():
        detail = _("Your clinic does not offer this.")
        raise Invalid.at("channel", "channel_not_offered", detail)
    if channel is Channel.WEB_PUSH:
        return _browser(asked)
    for name in ("push_key", "push_secret"):
        if getattr(asked, name) is not None:
            raise Invalid.at(name, "not_a_browser", _("Only a browser has this."))
    address = _email(asked.address) if channel is Channel.EMAIL else _number(asked.address)
    return Place(channel, address)


def _email(said: str) -> str:
    address = UserManager.normalize(said)
    try:
        validate_email(address)
    except ValidationError:
        address = ""
    if not address or len(address) > LONGEST_EMAIL:
        raise Invalid.at("address", "malformed", _("This is no mail address."))
    return address


def _number(said: str) -> str:
    number = _SEPARATORS.sub("", said)
    if not _NUMBER.fullmatch(number):
        detail = _("Give the number with its country, such as +351 912 345 678.")
        raise Invalid.at("address", "malformed", detail)
    return number


def _browser(asked: NewContact) -> Place:
    if endpoint_of(asked.address, hosts=settings.PUSH_HOSTS) is None:
        raise Invalid.at("address", "unknown_push_service", _("This is no push service we know."))
    if asked.push_key is None or not is_key(asked.push_key):
        raise Invalid.at("push_key", "malformed", _("This is no key of a browser."))
    if asked.push_secret is None or not is_secret(asked.push_secret):
        raise Invalid.at("push_secret", "malformed", _("This is no secret of a browser."))
    return Place(Channel.WEB_PUSH, asked.address, asked.push_key, asked.push_secret)
