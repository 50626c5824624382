"""What every channel takes and answers: one small port, behind which a provider can be changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol
from uuid import UUID

from reminders.models import Contact


@dataclass(frozen=True, kw_only=True)
class Note:
    """
    What goes out, the same for every channel: no name, diagnosis, exercise or number of a session.

    `key` is the delivery's: a provider, a mail program or a browser that gets a note twice can tell.
    `template` and `context` are of the mail; the other channels say `title` and `text`.
    """

    key: UUID
    title: str
    text: str
    template: str
    context: Mapping[str, object] = field(default_factory=dict)
    path: str = ""
    stop_url: str = ""
    tag: str = ""
    seconds_of_use: int = 3600


class Result(Enum):
    TAKEN = "taken"
    LATER = "later"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """
    What became of a note. `error` names a class and a code, never an address.

    `dead` are contacts that the provider says exist no longer, with the reason each is disabled
    for. `is_provider_down`: others would fare no better now.
    """

    result: Result
    error: str = ""
    dead: tuple[tuple[Contact, Contact.Disabled], ...] = ()
    is_provider_down: bool = False


class Port(Protocol):
    """One channel, over one connection to its provider for as long as a run takes."""

    def send(self, note: Note, contacts: Sequence[Contact]) -> Outcome:
        """Send to these contacts of one person. Bounded in time; what it cannot do is an outcome."""

    def close(self) -> None:
        """Let go of the connection."""
