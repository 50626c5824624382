from __future__ import annotations

import dataclasses
import itertools
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.emergency_numbers import COUNTRIES_BY_NUMBER, NUMBERS, known_number
from sessions.symptoms import (
    RED_FLAGS,
    SYMPTOMS,
    Number,
    has_red_flag,
    in_order,
    opens_safety_hold,
    safety_for,
    safety_texts_for_plan,
    symptom_labels,
    worst,
)
from tests.unit.sessions.reading import grade

CLINIC_PHONE = "+351 21 555 0100"
EMERGENCIES = ["chest_pain", "faint", "new_weakness", "severe_headache"]
SIT_DOWN = ["breathlessness", "dizziness", "swollen_calf"]


def said(*symptoms, country="PT", clinic_phone=CLINIC_PHONE, language="en"):
    return safety_for(symptoms, country=country, clinic_phone=clinic_phone, language=language)


# symptom, severity, verdict, red flag, opens a safety hold
TABLE = [
    ("chest_pain", "emergency", "stop", True, True),
    ("faint", "emergency", "stop", True, True),
    ("new_weakness", "emergency", "stop", True, True),
    ("severe_headache", "emergency", "stop", True, True),
    ("fall", "critical", "stop", True, True),
    ("breathlessness", "high", "stop", True, False),
    ("dizziness", "high", "stop", True, False),
    ("swollen_calf", "high", "stop", True, False),
    ("near_fall", "high", None, False, False),
]


@pytest.mark.parametrize(("symptom", "severity", "verdict", "red_flag", "hold"), TABLE)
def test_each_symptom_has_its_severity_and_verdict(symptom, severity, verdict, red_flag, hold):
    safety = said(symptom)
    assert (safety.severity, safety.verdict, safety.symptoms) == (severity, verdict, (symptom,))
    assert worst([symptom]) == severity
    assert has_red_flag([symptom]) is red_flag
    assert opens_safety_hold([symptom], after_fall=True) is hold
    assert opens_safety_hold([symptom], after_fall=False) is (hold and severity == "emergency")


def test_other_alone_says_nothing_and_raises_nothing():
    assert said("other") is None
    assert worst(["other"]) is None
    assert has_red_flag(["other"]) is False
    assert opens_safety_hold(["other"], after_fall=True) is False


def test_no_symptom_says_nothing():
    assert said() is None
    assert worst([]) is None
    assert has_red_flag([]) is False


def test_the_table_has_the_ten_symptoms_of_the_contract():
    assert [each.id for each in SYMPTOMS] == [*[row[0] for row in TABLE], "other"]
    assert frozenset(row[0] for row in TABLE if row[3]) == RED_FLAGS


# ---- what is said --------------------------------------------------------------------------------


@pytest.mark.parametrize("symptom", EMERGENCIES)
def test_an_emergency_says_call_now_and_never_offers_the_clinic(symptom):
    safety = said(symptom)
    assert safety.text == (
        "Stop. Call 112 now. Do not wait. Sit or lie down. Tell someone near you. "
        "Nobody watches this app in real time."
    )
    assert safety.numbers == (Number("Emergency", "112"),)


def test_a_fall_says_sit_down_asks_about_hurt_and_offers_the_clinic_first():
    safety = said("fall")
    assert safety.text == (
        "Stop. Sit down. Tell someone near you. Are you hurt? Did you hit your head? "
        "If so, call 112 now. If not, call your clinic on +351 21 555 0100. "
        "Nobody watches this app in real time."
    )
    assert safety.numbers == (Number("Your clinic", CLINIC_PHONE), Number("Emergency", "112"))


@pytest.mark.parametrize("symptom", SIT_DOWN)
def test_a_symptom_that_may_pass_says_sit_down_and_when_to_call(symptom):
    safety = said(symptom)
    assert safety.text == (
        "Stop. Sit down. Tell someone near you. If it does not pass, call 112. "
        "Nobody watches this app in real time."
    )
    assert safety.numbers == (Number("Emergency", "112"),)


def test_a_near_fall_does_not_stop():
    safety = said("near_fall")
    assert safety.verdict is None
    assert safety.text == (
        "Thank you for telling us. Your therapist will know, but may not see it at once. "
        "Hold on to something firm."
    )
    assert safety.numbers == ()


@pytest.mark.parametrize("phone", ["", "   "])
def test_a_clinic_without_a_number_is_still_named_and_offers_none(phone):
    safety = said("fall", clinic_phone=phone)
    assert "If not, call your clinic. Nobody" in safety.text
    assert safety.numbers == (Number("Emergency", "112"),)


# ---- several at once -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("symptoms", "severity", "verdict", "as_alone"),
    [
        (("fall", "chest_pain"), "emergency", "stop", "chest_pain"),
        (("dizziness", "fall"), "critical", "stop", "fall"),
        (("near_fall", "dizziness"), "high", "stop", "dizziness"),
        (("other", "near_fall"), "high", None, "near_fall"),
        (("other", "near_fall", "swollen_calf", "fall", "faint"), "emergency", "stop", "faint"),
    ],
)
def test_the_gravest_symptom_decides_what_is_said(symptoms, severity, verdict, as_alone):
    safety = said(*symptoms)
    assert (safety.severity, safety.verdict) == (severity, verdict)
    assert (safety.text, safety.numbers) == (said(as_alone).text, said(as_alone).numbers)


def test_symptoms_are_named_once_and_gravest_first():
    assert said("other", "fall", "chest_pain", "fall").symptoms == ("chest_pain", "fall", "other")
    assert in_order(["dizziness", "unheard-of", "dizziness"]) == ("dizziness",)


# ---- numbers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("country", "number"),
    [
        ("PT", "112"),
        ("IE", "112"),
        ("IN", "112"),
        ("DE", "112"),
        ("US", "911"),
        ("CA", "911"),
        ("MX", "911"),
        ("GB", "999"),
        ("AU", "000"),
        ("NZ", "111"),
        ("JP", "119"),
        ("BR", "192"),
        ("NO", "113"),
        ("us", "911"),
    ],
)
def test_the_emergency_number_is_that_of_the_clinics_country(country, number):
    safety = said("chest_pain", country=country)
    assert safety.numbers == (Number("Emergency", number),)
    assert safety.text.startswith(f"Stop. Call {number} now.")


@pytest.mark.parametrize("country", ["ZZ", "", "AQ", "Portugal"])
def test_an_unknown_country_gets_112_or_the_local_number(country):
    emergency, dizzy = said("faint", country=country), said("dizziness", country=country)
    assert emergency.text.startswith("Stop. Call 112 or your local emergency number now.")
    assert "call 112 or your local emergency number." in dizzy.text
    assert emergency.numbers == (Number("Emergency", "112"),)
    assert known_number(country) is None


def test_no_country_is_listed_twice_and_each_number_can_be_dialled():
    listed = [code for codes in COUNTRIES_BY_NUMBER.values() for code in codes.split()]
    assert sorted(listed) == sorted(NUMBERS)
    assert all(re.fullmatch(r"[A-Z]{2}", country) for country in NUMBERS)
    assert all(re.fullmatch(r"[0-9]{3,5}", number) for number in NUMBERS.values())


# ---- every text ----------------------------------------------------------------------------------

EVERYWHERE = [*sorted(NUMBERS), "ZZ"]


@pytest.mark.parametrize("language", ["en", "pt", "en-GB", "xx", ""])
def test_a_language_without_translations_still_gets_a_text(language):
    assert said("chest_pain", language=language).text.startswith("Stop. Call 112 now.")


def test_no_text_is_empty_long_or_hard_to_read_in_any_country():
    for country in EVERYWHERE:
        for safety in safety_texts_for_plan(
            country=country, clinic_phone=CLINIC_PHONE, language="en"
        ).values():
            assert grade(safety.text) <= 6, safety.text
            assert len(safety.text.split()) <= 50
            assert "%" not in safety.text


@given(
    symptoms=st.sets(st.sampled_from([each.id for each in SYMPTOMS])),
    country=st.sampled_from(EVERYWHERE),
    phone=st.sampled_from(["", CLINIC_PHONE]),
)
def test_whatever_is_reported_together(symptoms, country, phone):
    safety = said(*symptoms, country=country, clinic_phone=phone)
    if not symptoms - {"other"}:
        assert safety is None
        return
    assert (safety.verdict == "stop") is has_red_flag(symptoms)
    assert safety.text.strip()
    assert ("Nobody watches this app in real time." in safety.text) is (safety.verdict == "stop")
    if not symptoms.isdisjoint(EMERGENCIES):
        assert CLINIC_PHONE not in [number.number for number in safety.numbers]
        assert CLINIC_PHONE not in safety.text
    assert bool(safety.numbers) is (safety.verdict == "stop")


# ---- what the phone carries ----------------------------------------------------------------------


def test_the_plan_carries_what_the_server_would_say_for_each_symptom():
    carried = safety_texts_for_plan(country="GB", clinic_phone=CLINIC_PHONE, language="en")
    assert list(carried) == [row[0] for row in TABLE]
    assert carried["faint"] == said("faint", country="GB")
    assert carried["fall"].numbers[1] == Number("Emergency", "999")


def test_a_phone_with_the_plan_says_the_same_for_any_two_symptoms():
    carried = safety_texts_for_plan(country="PT", clinic_phone=CLINIC_PHONE, language="en")
    for pair in itertools.permutations(carried, 2):
        on_the_phone = carried[next(name for name in carried if name in pair)]
        on_the_server = said(*pair)
        assert on_the_phone.text == on_the_server.text
        assert on_the_phone.verdict == on_the_server.verdict
        assert on_the_phone.severity == on_the_server.severity
        assert on_the_phone.numbers == on_the_server.numbers


def test_what_is_carried_is_plain_data():
    carried = safety_texts_for_plan(country="PT", clinic_phone=CLINIC_PHONE, language="en")
    sent = json.loads(json.dumps(dataclasses.asdict(carried["near_fall"]), allow_nan=False))
    assert sent == {
        "verdict": None,
        "symptoms": ["near_fall"],
        "severity": "high",
        "text": (
            "Thank you for telling us. Your therapist will know, but may not see it at once. "
            "Hold on to something firm."
        ),
        "numbers": [],
    }


def test_each_symptom_has_plain_words():
    assert symptom_labels(language="en") == {
        "chest_pain": "Chest pain",
        "faint": "I fainted, or nearly did",
        "new_weakness": "New weakness, face drop, speech or sight trouble",
        "severe_headache": "A sudden, very bad headache",
        "fall": "I fell",
        "breathlessness": "I cannot get my breath back",
        "dizziness": "I feel dizzy",
        "swollen_calf": "A hot, red or swollen calf",
        "near_fall": "I nearly fell",
        "other": "Something else",
    }
