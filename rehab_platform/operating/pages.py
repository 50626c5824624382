"""What every list and page of the operators keeps: read-only, bounded, changed by actions alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.utils import (
    display_for_field,
    display_for_value,
    get_fields_from_path,
)
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import SimpleTemplateResponse, TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise, cached_property
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from clinics.actions.operating import look_at
from core.errors import DomainError
from core.tenancy import clinic_context
from rehab_platform.operating.glass import Glass, glass_of
from rehab_platform.operating.shown import FOR_CODE, NOTHING, columns_of, plainly

if TYPE_CHECKING:
    Admin = admin.ModelAdmin[Any]
    Pages = Paginator[Any]
else:
    Admin, Pages = admin.ModelAdmin, Paginator

MOST_COUNTED = 10_000


class BoundedPages(Pages):
    """Counts no further than anybody turns pages: a table of millions answers as a small one."""

    @cached_property
    def count(self) -> int:
        found: Any = self.object_list
        return int(found[:MOST_COUNTED].count())


class YesOrNo(admin.EmptyFieldListFilter):
    """Whether something has happened, by the column that says when."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        for choice, words in zip(
            super().choices(changelist), (_("All"), _("No"), _("Yes")), strict=True
        ):
            yield dict(choice) | {"display": words}


class Page(Admin):
    """Read, searched and filtered; no row is added, changed or deleted but by an action of ours."""

    paginator = BoundedPages
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    view_on_site = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.admin_site.has_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.admin_site.has_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """
        Let an address ask by what the list's filters name, and by no other column.

        Django lets it ask by any column of the table: letter by letter a password's hash too.
        """
        assert request is not None, "lists name it"
        return any(lookup in asks for asks in self._asked_by_filters(request))

    def _asked_by_filters(self, request: HttpRequest) -> Iterator[Sequence[str]]:
        for one in self.get_list_filter(request):
            path, kind = one if isinstance(one, tuple) else (one, admin.FieldListFilter.create)
            column: Any = get_fields_from_path(self.model, str(path))[-1]
            made: Any = kind
            spec = made(column, request, {}, self.model, self, field_path=str(path))
            yield spec.expected_parameters()

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Our own audit has kept it."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """As above."""

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        """Nothing is deleted, whatever the row."""
        raise PermissionDenied

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        """Django's log is not written; the audit's list is the history."""
        return redirect("operator:index")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        named = {"title": capfirst(self.opts.verbose_name_plural)}
        return super().changelist_view(request, named | (extra_context or {}))

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Name the filters as the columns are named."""
        listed = super().get_changelist_instance(request)
        for one in listed.filter_specs:
            one.title = plainly(str(one.title))
        return listed

    def get_form(self, request: HttpRequest, obj: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Leave out what the tables say of a column to whoever writes code."""
        kwargs.setdefault("help_texts", dict.fromkeys(FOR_CODE, ""))
        return super().get_form(request, obj, *args, **kwargs)

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row = context.get("original")
        if row is not None:
            context |= {"subtitle": self.heading(row), "deeds": self._deeds(request, row)}
        return super().render_change_form(request, context, *args, **kwargs)

    def can_be_done(self, row: Any) -> set[str]:
        """Return which of the page's actions are of use for a row as it stands."""
        return set()

    def _deeds(self, request: HttpRequest, row: Any) -> list[tuple[str, str]]:
        """Return those with their words: a row's own page offers what its list does."""
        useful = self.can_be_done(row)
        offered: Any = self.get_actions(request)
        return [(name, str(words)) for _act, name, words in offered.values() if name in useful]

    def heading(self, row: Any) -> str:
        """Name a row as the list's first column does."""
        column = str(self.list_display[0])
        own = getattr(self, column, None)
        if callable(own):
            return str(display_for_value(own(row), NOTHING))
        field: Any = self.opts.get_field(column)
        return str(display_for_field(getattr(row, column), field, NOTHING))

    def asked_first(
        self, request: HttpRequest, rows: QuerySet[Any], *, action: str, question: str | Promise
    ) -> HttpResponse | None:
        """Ask, naming the rows of this page; None once it was confirmed."""
        if "confirmed" in request.POST:
            return None
        context = self.admin_site.each_context(request) | {
            "title": _("Are you sure?"),
            "question": question,
            "action": action,
            "chosen": [(one.pk, self.heading(one)) for one in rows[: self.list_per_page]],
        }
        return TemplateResponse(request, "operating/confirm.html", context)

    def for_each(
        self, request: HttpRequest, rows: QuerySet[Any], act: Callable[[Any], object]
    ) -> None:
        """Do something with each row that was chosen, and say what was done and what was refused."""
        done = 0
        for row in rows:
            try:
                act(row)
                done += 1
            except DomainError as refused:
                messages.error(request, f"{self.heading(row)}: {refused}")
        if done:
            messages.success(request, _("Done: %(count)s") % {"count": done})

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str
    ) -> HttpResponse:
        """Django names the key, and asks whether the row was deleted: nothing is."""
        messages.warning(request, _("There is nothing at that address. Look for it in its list."))
        return redirect("operator:index")

    def back_with(self, request: HttpRequest, refused: DomainError) -> HttpResponse:
        messages.error(request, str(refused))
        return redirect(f"operator:{self.opts.app_label}_{self.opts.model_name}_changelist")


class GlassPage(Page):
    """
    Rows of one clinic: seen inside its context, after its glass was broken, each look kept.

    `of_patient`: the column that says which patient's a row is.
    """

    of_patient = "patient_id"

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        show = super().changelist_view
        return self._behind_glass(request, None, lambda: show(request, extra_context))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> Any:
        show = super().changeform_view
        return self._behind_glass(
            request, object_id, lambda: show(request, object_id, form_url, extra_context)
        )

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show each column in words, unless the page says which."""
        return self.fields or columns_of(self.model)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*self.readonly_fields, *columns_of(self.model))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found: QuerySet[Any] = self._rows().visible_to(self.glass(request).reader)
        return found.order_by(*self.get_ordering(request))

    def _rows(self) -> Any:
        return self.model.objects

    def glass(self, request: HttpRequest) -> Glass:
        opened = glass_of(request)
        assert opened is not None, "the view has looked"
        return opened

    def _behind_glass(
        self, request: HttpRequest, object_id: str | None, show: Callable[[], HttpResponseBase]
    ) -> HttpResponseBase:
        glass = glass_of(request)
        if glass is None:
            query = urlencode({"next": request.path})
            return redirect(f"{reverse('operator:glass')}?{query}")
        with transaction.atomic(), clinic_context(glass.clinic_id):
            row = self.get_object(request, object_id) if object_id else None
            look_at(
                target=self.opts.label,
                target_id=row.pk if row else None,
                patient_id=getattr(row, self.of_patient, None),
                reason=glass.reason,
                by=glass.reader,
                now=timezone.now(),
            )
            response = show()
            if isinstance(response, SimpleTemplateResponse):
                response.render()  # rows are read while it is written: inside the context
        return response


class OfPatientPage(GlassPage):
    """Rows of patients, found by a patient's name or record number."""

    list_select_related: ClassVar[Any] = ("patient",)
    search_fields: ClassVar[Any] = ("patient__name", "patient__medical_record_number")
    search_help_text = _lazy("A patient's name or record number")
    ordering: ClassVar[Any] = ("-pk",)

    @admin.display(description=_lazy("patient"), ordering="patient__name")
    def patient_name(self, row: Any) -> str:
        return str(row.patient.name) if row.patient else ""
