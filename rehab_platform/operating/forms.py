"""Forms whose saving is an action of ours: what it refuses is said at the field, nothing is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.http import HttpRequest

from core.errors import DomainError, NotFound
from rehab_platform.operating.pages import Page

if TYPE_CHECKING:
    Form = forms.ModelForm[Any]
else:
    Form = forms.ModelForm

KEY = "operating_refused"


class ActionForm(Form):
    """
    A form that says what the action refused, once it has.

    `called_here`: the form's field for one that the action knows by another name.
    """

    refused: ClassVar[DomainError | None] = None
    called_here: ClassVar[dict[str, str]] = {}

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.refused is not None:
            self._say(self.refused)
        return cleaned

    def _say(self, refused: DomainError) -> None:
        for error in refused.errors:
            field = self.called_here.get(error.field, error.field)
            self.add_error(field if field in self.visible() else None, error.detail)
        if not refused.errors:
            self.add_error(None, str(refused))

    def visible(self) -> set[str]:
        return {field.name for field in self.visible_fields()}


class ActionPage(Page):
    """
    A page of which the form is saved by an action.

    Django saves in one transaction: what is refused has left nothing, and the form is shown again.
    """

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except NotFound as refused:
            return self.back_with(request, refused)
        except DomainError as refused:
            setattr(request, KEY, refused)
            return super().changeform_view(request, *args, **kwargs)

    def get_form(self, request: HttpRequest, obj: Any = None, *args: Any, **kwargs: Any) -> Any:
        made = super().get_form(request, obj, *args, **kwargs)
        return type(made.__name__, (made,), {"refused": getattr(request, KEY, None)})
