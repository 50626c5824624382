"""
The number to call for an ambulance, by country.

DRAFT DATA, from general knowledge and not yet checked against each country's own source: a clinic
confirms its number before it goes live. Only countries of which the number is well known are
listed; anywhere else 112 is offered, which mobile networks pass on in most of the world, and the
text adds "or your local emergency number".
"""

from __future__ import annotations

ANYWHERE = "112"

# One number, then the ISO 3166-1 codes in which it reaches an ambulance.
COUNTRIES_BY_NUMBER: dict[str, str] = {
    # 112 is the number of the European Union (Directive (EU) 2018/1972, article 109), of Iceland,
    # Liechtenstein and Türkiye, and India's single number since 2019.
    "112": (
        "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IN IT LI LT LU LV MT NL PL PT RO SE SI SK "
        "TR"
    ),
    # North America's single number, taken up by several neighbours.
    "911": "CA CR DO EC MX PA PH PR US UY VE",
    # The United Kingdom's number and that of places which took it over.
    "999": "BD GB GG HK IM JE MY",
    "000": "AU",
    "111": "NZ",
    "119": "JP KR TW",
    "120": "CN",
    "192": "BR",
    "107": "AR",
    "131": "CL",
    "123": "CO EG",
    "106": "PE",
    "113": "NO",
    "144": "CH",
    "103": "RU UA",
    "101": "IL",
    "998": "AE",
    "997": "SA",
    "995": "SG",
    "1669": "TH",
    "115": "VN",
    "10177": "ZA",
}
NUMBERS: dict[str, str] = {
    country: number
    for number, countries in COUNTRIES_BY_NUMBER.items()
    for country in countries.split()
}


def known_number(country: str) -> str | None:
    """Return the number for an ISO 3166-1 code in either case, None where it is not known."""
    return NUMBERS.get(country.strip().upper())
