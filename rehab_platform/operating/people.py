"""Clinics, logins and who works where: the pages from which operators change something."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from clinics.actions.logins import deactivate_login, reactivate_login
from clinics.actions.operating import (
    archive_clinic,
    create_clinic,
    resend_first_invitation,
    restore_clinic,
)
from clinics.models import Clinic, Membership, User
from clinics.settings_rules import RULED, fault_of
from core.calendar import known_zones
from core.countries import country_choices, country_name
from patients.actions.leaving import end_role
from rehab_platform.operating.forms import ActionForm, ActionPage
from rehab_platform.operating.glass import operator_of
from rehab_platform.operating.pages import GlassPage, Page, YesOrNo
from rehab_platform.operating.shown import columns_of
from rehab_platform.operating.site import site


class Suggesting(forms.TextInput):
    """A line to type in that offers what may be meant; the browser searches it."""

    def __init__(self, offered: Iterable[str]) -> None:
        super().__init__()
        self.offered = offered

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        key = f"{name}_offered"
        line = super().render(name, value, {**(attrs or {}), "list": key}, renderer)
        options = format_html_join("", '<option value="{}">', ((one,) for one in self.offered))
        return format_html('{}<datalist id="{}">{}</datalist>', line, key, options)


class UsedCountries(admin.AllValuesFieldListFilter):
    """The countries in which there are clinics, by name."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        for choice in super().choices(changelist):
            yield choice | {"display": country_name(str(choice["display"]))}


class NewClinicForm(ActionForm):
    called_here = {"email": "admin_email"}
    admin_email = forms.EmailField(
        label=_("First administrator"), help_text=_("They are asked by mail to manage it.")
    )

    class Meta:
        model = Clinic
        fields = ("name", "time_zone", "country", "phone_number")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        country, zone = self.fields["country"], self.fields["time_zone"]
        country.widget = forms.Select(choices=[("", _("Choose a country")), *country_choices()])
        country.help_text = _("Type its first letters. It decides the emergency number.")
        zone.widget = Suggesting(known_zones())
        zone.help_text = _("Area and city. Type a part of it, and choose.")

    def clean(self) -> dict[str, Any] | None:
        """Say each fault at its field: the table's constraints would say theirs at no field."""
        for name in RULED:
            if name in self.cleaned_data and (fault := fault_of(name, self.cleaned_data[name])):
                self.add_error(name, fault.detail)
        return super().clean()


@admin.register(Clinic, site=site)
class ClinicPage(ActionPage):
    list_display = ("name", "country_name", "time_zone", "phone_number", "archived_at")
    list_filter = (("country", UsedCountries), ("archived_at", YesOrNo))
    search_fields = ("name",)
    search_help_text = _("A clinic's name")
    ordering = ("name", "pk")
    actions = ("ask_again", "archive", "restore")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Clinic]:
        return Clinic.objects.visible_to(operator_of(request)).order_by("name", "pk")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.admin_site.has_permission(request)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return super().get_fields(request, obj) if obj is None else columns_of(Clinic)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else columns_of(Clinic)

    @admin.display(description=_("country"), ordering="country")
    def country_name(self, row: Clinic) -> str:
        return country_name(row.country)

    def get_form(self, request: HttpRequest, obj: Any = None, *args: Any, **kwargs: Any) -> Any:
        if obj is None:
            kwargs["form"] = NewClinicForm
        return super().get_form(request, obj, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        said = form.cleaned_data
        made = create_clinic(
            name=said["name"],
            time_zone=said["time_zone"],
            country=said["country"],
            phone_number=said["phone_number"],
            admin_email=said["admin_email"],
            by=operator_of(request),
            now=timezone.now(),
        )
        obj.pk = made.pk

    def response_add(self, request: HttpRequest, obj: Clinic, *args: Any) -> HttpResponse:
        asked = {"email": request.POST["admin_email"].strip(), "name": obj.name}
        messages.info(request, _("Asked by mail to manage %(name)s: %(email)s") % asked)
        return super().response_add(request, obj, *args)

    def can_be_done(self, row: Clinic) -> set[str]:
        return {"ask_again", "archive"} if row.archived_at is None else {"restore"}

    @admin.action(description=_("Ask the first administrator again, by mail"))
    def ask_again(self, request: HttpRequest, rows: QuerySet[Clinic]) -> None:
        by, now = operator_of(request), timezone.now()
        self.for_each(
            request, rows, lambda one: resend_first_invitation(clinic_id=one.pk, by=by, now=now)
        )

    @admin.action(description=_("Archive: nobody acts there"))
    def archive(self, request: HttpRequest, rows: QuerySet[Clinic]) -> HttpResponse | None:
        question = _(
            "From their next request on, nobody acts in these clinics. Nothing is deleted."
        )
        if asked := self.asked_first(request, rows, action="archive", question=question):
            return asked
        by, now = operator_of(request), timezone.now()
        self.for_each(request, rows, lambda one: archive_clinic(clinic_id=one.pk, by=by, now=now))
        return None

    @admin.action(description=_("Take back from the archive"))
    def restore(self, request: HttpRequest, rows: QuerySet[Clinic]) -> None:
        by, now = operator_of(request), timezone.now()
        self.for_each(request, rows, lambda one: restore_clinic(clinic_id=one.pk, by=by, now=now))


@admin.register(User, site=site)
class LoginPage(Page):
    list_display = ("email", "name", "active", "operator", "last_login")
    list_filter = ("is_active", "is_operator")
    search_fields = ("email", "name")
    search_help_text = _("A name or an email address")
    ordering = ("email", "pk")
    fields = ("email", "name", "active", "operator", "last_login")
    readonly_fields = fields
    actions = ("deactivate", "reactivate")

    def can_be_done(self, row: User) -> set[str]:
        return {"deactivate"} if row.is_active else {"reactivate"}

    @admin.display(description=_("active"), ordering="is_active")
    def active(self, row: User) -> str:
        return str(_("yes") if row.is_active else _("no"))

    @admin.display(description=_("operator"), ordering="is_operator")
    def operator(self, row: User) -> str:
        """Words: a red sign beside each that is none would be read as a fault."""
        return str(_("yes") if row.is_operator else _("no"))

    @admin.action(description=_("Deactivate: devices and web sessions end"))
    def deactivate(self, request: HttpRequest, rows: QuerySet[User]) -> HttpResponse | None:
        question = _("These people are signed out everywhere at once, and cannot sign in again.")
        if asked := self.asked_first(request, rows, action="deactivate", question=question):
            return asked
        by, now = operator_of(request), timezone.now()
        self.for_each(request, rows, lambda one: deactivate_login(user_id=one.pk, by=by, now=now))
        return None

    @admin.action(description=_("Let in again"))
    def reactivate(self, request: HttpRequest, rows: QuerySet[User]) -> None:
        by, now = operator_of(request), timezone.now()
        self.for_each(request, rows, lambda one: reactivate_login(user_id=one.pk, by=by, now=now))


@admin.register(Membership, site=site)
class MembershipPage(GlassPage):
    of_patient = ""
    list_display = ("user_name", "email", "role", "deactivated_at")
    list_filter = ("role", ("deactivated_at", YesOrNo))
    list_select_related = ("user",)
    search_fields = ("user__name", "user__email")
    search_help_text = _("A name or an email address")
    ordering = ("user__name", "pk")
    fields = ("user_name", "email", "role", "deactivated_at")
    actions = ("end",)

    def can_be_done(self, row: Membership) -> set[str]:
        return {"end"} if row.deactivated_at is None else set()

    @admin.display(description=_("name"), ordering="user__name")
    def user_name(self, row: Membership) -> str:
        return row.user.name

    @admin.display(description=_("email"), ordering="user__email")
    def email(self, row: Membership) -> str:
        return row.user.email

    @admin.action(description=_("End this work in the clinic"))
    def end(self, request: HttpRequest, rows: QuerySet[Membership]) -> HttpResponse | None:
        question = _("Their work in this clinic ends, and with it their places in care teams.")
        if asked := self.asked_first(request, rows, action="end", question=question):
            return asked
        by, now = self.glass(request).manager, timezone.now()
        self.for_each(
            request,
            rows.filter(deactivated_at=None),
            lambda one: end_role(user_id=one.user_id, role=one.role, cover=None, by=by, now=now),
        )
        return None
