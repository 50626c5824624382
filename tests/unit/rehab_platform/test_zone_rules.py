"""No process begins with other zone rules than those that are shipped."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import pytest

from rehab_platform import zone_rules
from rehab_platform.zone_rules import ZoneRulesUnusable, fault_of_rules, use_shipped_rules


def test_the_shipped_rules_are_used_whatever_the_machine_has():
    zoneinfo.reset_tzpath(to=("/usr/share/zoneinfo",))
    use_shipped_rules()

    assert zoneinfo.TZPATH == ()
    assert fault_of_rules() == ""


def test_a_process_with_older_rules_does_not_begin(monkeypatch):
    older = dt.timezone(-dt.timedelta(hours=8))
    monkeypatch.setattr(zoneinfo, "ZoneInfo", lambda name: older)

    with pytest.raises(ZoneRulesUnusable, match="outdated: install the pinned tzdata"):
        use_shipped_rules()


def test_a_process_without_rules_does_not_begin(monkeypatch):
    monkeypatch.setattr(zone_rules, "PROBE_ZONE", "America/Nowhere")

    with pytest.raises(ZoneRulesUnusable, match="missing"):
        use_shipped_rules()
