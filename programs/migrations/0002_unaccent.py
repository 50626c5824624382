from __future__ import annotations

from django.contrib.postgres.operations import UnaccentExtension
from django.db import migrations


class Migration(migrations.Migration):
    """Lets a search find "pés" by "pes"."""

    dependencies = [("programs", "0001_initial")]

    operations = [UnaccentExtension()]
