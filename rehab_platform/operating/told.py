"""How one clinic's patients are reminded and told, to read, behind its glass."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from programs.wording import weekdays_in_words
from rehab_platform.operating.pages import GlassPage, OfPatientPage, YesOrNo
from rehab_platform.operating.reasons import why
from rehab_platform.operating.shown import column_of
from rehab_platform.operating.site import site
from reminders.masking import masked
from reminders.models import Contact, Delivery, ReminderPreferences, WeeklySummary


@admin.register(ReminderPreferences, site=site)
class RemindersPage(OfPatientPage):
    list_display = (
        "patient_name",
        "times",
        column_of(ReminderPreferences, "channels"),
        "is_paused",
        "copies_carers",
    )
    list_filter = ("is_paused",)
    readonly_fields = ("times",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("times", *super().get_fields(request, obj))

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReminderPreferences]:
        return super().get_queryset(request).prefetch_related("patient__reminder_times")

    @admin.display(description=_("times"))
    def times(self, row: ReminderPreferences) -> str:
        chosen = sorted(row.patient.reminder_times.all(), key=lambda one: (one.at, one.slot))
        return ", ".join(f"{one.at:%H:%M} {weekdays_in_words(one.weekdays)}" for one in chosen)


@admin.register(Contact, site=site)
class ContactPage(GlassPage):
    """An address is shown in part, on its own page too; a browser's keys and a code nowhere."""

    list_display = ("shown", "channel", "name", "confirmed_at", "disabled_because")
    list_filter = ("channel", "disabled_because", ("confirmed_at", YesOrNo))
    list_select_related: ClassVar[Any] = ("user",)
    search_fields = ("user__name",)
    search_help_text = _("A person's name")
    ordering = ("-pk",)
    fields = (
        "shown", "channel", "name", "added_at", "confirmed_at", "disabled_at", "disabled_because",
    )  # fmt: skip
    readonly_fields = ("shown", "name")

    @admin.display(description=_("address"))
    def shown(self, row: Contact) -> str:
        return masked(row.channel, row.address)

    @admin.display(description=_("name"))
    def name(self, row: Contact) -> str:
        return str(row.user.name)


@admin.register(Delivery, site=site)
class DeliveryPage(OfPatientPage):
    list_display = ("due_at", "patient_name", "kind", "channel", "state", "because", "attempts")
    list_filter = ("state", "kind", "channel")

    @admin.display(description=_("why"))
    def because(self, row: Delivery) -> str:
        return why(row.reason)


@admin.register(WeeklySummary, site=site)
class WeeklySummaryPage(OfPatientPage):
    list_display = ("week", "patient_name", "made_at")
