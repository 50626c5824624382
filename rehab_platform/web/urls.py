"""The addresses of the web side. Of allauth's own there are two, under the names that it knows."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView, TemplateView

from rehab_platform.web.pages import Start
from rehab_platform.web.passwords import ForgottenPassword, NewPassword
from rehab_platform.web.signing_in import SignIn, SignOut
from rehab_platform.web.stopping import StopMails
from rehab_platform.web.weeks import Digest, Digests, Summaries, Summary

pages = [
    path("", Start.as_view(), name="start"),
    path("summaries", Summaries.as_view(), name="summaries"),
    path("summaries/<str:week>", Summary.as_view(), name="summary"),
    path("digests", Digests.as_view(), name="digests"),
    path("digests/<str:week>", Digest.as_view(), name="digest"),
    path("stop/<str:token>", StopMails.as_view(), name="stop"),
    # Where mails with a code lead. What follows # stays in the browser: the code is typed.
    path("invitation", TemplateView.as_view(template_name="web/invitation.html")),
    path("reset-password", RedirectView.as_view(pattern_name="web:new_password")),
    path("account/forgotten-password", ForgottenPassword.as_view(), name="forgotten_password"),
    path("account/new-password", NewPassword.as_view(), name="new_password"),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("account/sign-in", SignIn.as_view(), name="account_login"),
    path("account/sign-out", SignOut.as_view(), name="account_logout"),
    path("", include((pages, "web"))),
]
