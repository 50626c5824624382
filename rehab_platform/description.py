"""Where the interface describes itself: the OpenAPI document, and pages to browse it."""

from __future__ import annotations

from functools import cache
from typing import Any, ClassVar

from django.urls import path
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response

from clinics.http import ANYONE, PublicView, answer
from clinics.permissions import DenyByDefault


@cache
def document() -> dict[str, Any]:
    """Make the document once for a process: making it costs far more than sending it."""
    generator = SchemaGenerator()  # type: ignore[no-untyped-call]
    made: dict[str, Any] = generator.get_schema(public=True)  # type: ignore[no-untyped-call]
    return made


class DocumentView(PublicView):
    """The OpenAPI document. It holds nothing about anyone."""

    access: ClassVar = {"get": ANYONE}
    schema = None

    def get(self, request: Request) -> Response:
        return answer(document(), headers={"Cache-Control": "public, max-age=300"})


class DocsView(SpectacularSwaggerSplitView):
    """Swagger UI from our own static files, under the strict content security policy."""

    access: ClassVar = {"get": ANYONE}
    permission_classes = [DenyByDefault]
    template_name = "api_docs.html"
    url_name = "schema"


urlpatterns = [
    path("schema/", DocumentView.as_view(), name="schema"),
    path("docs/", DocsView.as_view(), name="docs"),
]
