"""What a therapist must say twice about a prescription. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Literal

from django.utils.translation import gettext_lazy as _

from programs import confirmations
from programs.confirmations import Concern, NotConfirmed, OutsideUsualRange

__all__ = [
    "AlreadyPrescribed",
    "Concern",
    "Confirmation",
    "ContraindicationsNotRuledOut",
    "NotConfirmed",
    "OutsideUsualRange",
    "ResultsToday",
    "ask",
]

Confirmation = Literal[
    "already_prescribed",
    "outside_usual_range",
    "contraindications",
    "results_today",
    "discharged_in_past",
]


class AlreadyPrescribed(NotConfirmed):
    code = "already_prescribed"
    message = _("This exercise is prescribed on the same side already.")


class ContraindicationsNotRuledOut(NotConfirmed):
    code = "contraindications"
    message = _("Confirm that no contra-indication of this exercise applies to this patient.")


class ResultsToday(NotConfirmed):
    code = "results_today"
    message = _("Something has been logged for today. It will be counted by the new prescription.")


class DischargedInPast(NotConfirmed):
    code = "discharged_in_past"
    message = _("Care would have ended on a date that is over.")


KINDS: dict[str, type[NotConfirmed]] = {
    kind.code: kind
    for kind in (
        AlreadyPrescribed,
        OutsideUsualRange,
        ContraindicationsNotRuledOut,
        ResultsToday,
        DischargedInPast,
    )
}


def ask(concerns: Iterable[Concern], *, confirmed: Collection[str]) -> None:
    """As `programs.confirmations.ask`, of what prescribing may ask."""
    confirmations.ask(concerns, confirmed=confirmed, kinds=KINDS)
