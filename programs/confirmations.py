"""What must be said twice: a write is refused with what it asks, and done once confirmed. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, FieldError


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """One thing that stands against a write; `code` is what `confirm` names it by."""

    code: str
    field: str
    detail: str
    usual: tuple[float, float] | None = None

    def as_error(self) -> FieldError:
        return FieldError(field=self.field, code=self.code, detail=self.detail)


class NotConfirmed(Conflict):
    """`confirm` in the problem body lists all that the same request must confirm to be done."""

    message = _("Confirm this to go on.")

    def __init__(self, concerns: Collection[Concern]) -> None:
        asked = list(dict.fromkeys(one.code for one in concerns))
        extra: dict[str, Any] = {"confirm": asked}
        usual = {one.field: list(one.usual) for one in concerns if one.usual}
        super().__init__(extra=extra | ({"usual_range": usual} if usual else {}))
        self._errors = [one.as_error() for one in concerns]

    @property
    def errors(self) -> list[FieldError]:
        return self._errors


class OutsideUsualRange(NotConfirmed):
    code = "outside_usual_range"
    message = _("This dose is outside the usual range of the exercise.")


class ReadsHard(NotConfirmed):
    code = "reads_hard"
    message = _("Some of what the patient reads is hard to read. Shorter words help.")


class RepeatedExercise(NotConfirmed):
    code = "repeated_exercise"
    message = _("This exercise stands in the program twice on the same side.")


KINDS: dict[str, type[NotConfirmed]] = {
    kind.code: kind for kind in (OutsideUsualRange, ReadsHard, RepeatedExercise)
}


def ask(
    concerns: Iterable[Concern],
    *,
    confirmed: Collection[str],
    kinds: Mapping[str, type[NotConfirmed]] = KINDS,
) -> None:
    """
    Let a write go on only where each of its concerns is confirmed.

    :raises NotConfirmed: the subclass of the first concern, naming all that are open
    """
    still_open = [one for one in concerns if one.code not in confirmed]
    if still_open:
        raise kinds[still_open[0].code](still_open)
