"""Every address of the platform, and the demo's mailbox and its buttons, where mails are left in a folder."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from rehab_platform import urls
from rehab_platform.demo import pages

mailbox: list[URLPattern | URLResolver] = [
    path("demo/now/", pages.now, name="now"),
    path("demo/mail/", pages.mails, name="mails"),
    path("demo/mail/<str:name>", pages.mail, name="mail"),
    path("demo/mail/<str:name>/html", pages.mail_html, name="mail_html"),
]
urlpatterns = [*urls.urlpatterns]
if settings.EMAIL_FILE_PATH:
    urlpatterns.append(path("", include((mailbox, "demo"))))

handler400 = urls.handler400
handler403 = urls.handler403
handler404 = urls.handler404
handler500 = urls.handler500
