"""A channel in the tests' own hands: what it was given, and what it answers to whom."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from reminders.channels.port import Note, Outcome, Result
from reminders.models import Contact

TAKEN = Outcome(result=Result.TAKEN)
LATER = Outcome(result=Result.LATER, error="Later 450")
DOWN = Outcome(result=Result.LATER, error="TimeoutError", is_provider_down=True)
REFUSED = Outcome(result=Result.REFUSED, error="Refused 550")


class Recording:
    """`answers` are given by address, else TAKEN; `sent` holds what was taken, in order."""

    def __init__(self, **answers: Outcome) -> None:
        self.answers = {address.replace("_", "."): answer for address, answer in answers.items()}
        self.sent: list[tuple[str, Note]] = []
        self.tried: list[str] = []
        self.closed = 0

    def send(self, note: Note, contacts: Sequence[Contact]) -> Outcome:
        [address] = [contact.address for contact in contacts][:1]
        self.tried.append(address)
        answer = self.answers.get(address, self.answers.get("all", TAKEN))
        if answer is TAKEN:
            self.sent.append((address, note))
        return answer

    def close(self) -> None:
        self.closed += 1


def opening(**ports: Recording) -> Callable[[str], Recording]:
    return lambda channel: ports[channel]
