"""The people of the sample data, and the many ways in which they write their phone and e-mail."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from segmentation import sample_lists as lists
from segmentation.sample_chance import chance, pick, stream, weighted

# Identifiers that belong to nobody. The first three are what a deny list is for.
SWITCHBOARD_PHONE: Final = "021-55550100"
FILLER_PHONE: Final = "15400000000"
FILLER_EMAIL: Final = "noemail@example.com"
LOCKER_PHONE: Final = "15499990000"
LOCKER_ACCOUNTS: Final = 24
CHAIN_ACCOUNTS: Final = 28
# Whoever has this number, modulo the cycle, is the odd one: (cycle, place).
FAMILY: Final = (60, 11)
SWITCHBOARD_CARD: Final = (50, 33)
SWITCHBOARD_CONTACT: Final = (90, 17)
FILLER_EMAIL_CONTACT: Final = (160, 21)
LEAP_DAY_CHILD: Final = (100, 29)
ERASED_CONTACT: Final = (50, 41)


@dataclass
class Person:
    """A person as they are; the files hold only what they wrote down.

    `account` and `card` are working ids, replaced by numbers once all rows are in order of time;
    `days` are the days of the orders, counted from the calendar's first.
    """

    index: int
    country: str
    region: str
    city: str
    name: str
    gender: str
    email: str
    phone: str  # as dialled inside the country, digits only; blank when there is none
    touch: lists.Touch
    company: str = ""
    industry: str = ""
    company_size: str = ""
    partner_type: str = ""
    locker: bool = False
    card: str = ""
    account: str = ""
    days: list[int] = field(default_factory=list)
    behaviour: str = "prospect"


def is_odd_one(index: int, cycle_and_place: tuple[int, int]) -> bool:
    """Whether the person of this number is the one of the cycle at the place."""
    cycle, place = cycle_and_place
    return index % cycle == place


def _make_name(rng: random.Random, country: str, gender: str) -> tuple[str, str]:
    """The name as written, and its Latin letters for an e-mail address."""
    if country in ("CN", "HK"):
        surname, surname_latin = pick(rng, lists.CHINESE_SURNAMES)
        given, given_latin = pick(rng, lists.CHINESE_GIVEN[gender])
        return surname + given, given_latin + surname_latin
    if country == "JP":
        surname, surname_latin = pick(rng, lists.JAPANESE_SURNAMES)
        given, given_latin = pick(rng, lists.JAPANESE_GIVEN[gender])
        return surname + given, given_latin + surname_latin
    given = pick(rng, lists.WESTERN_GIVEN[gender])
    surname = pick(rng, lists.WESTERN_SURNAMES)
    latin = f"{given[0]}.{surname}".translate(lists.PLAIN_LETTERS).replace("'", "")
    return f"{given} {surname}", latin.lower()


def _make_phone(country: str, index: int, taken: Counter[str]) -> str:
    """The next number of the country's reserved range; blank when there is none left."""
    serial = taken[country]
    taken[country] += 1
    if serial >= lists.PHONES_OF_COUNTRY[country]:
        return ""
    if country == "CN":
        return f"154{(index * 7919 + 1234567) % 100_000_000:08d}"
    if country == "US":
        areas = ("212", "312", "415", "206", "617")
        return f"{areas[serial % len(areas)]}55501{serial // len(areas):02d}"
    if country == "GB":
        return f"07700900{serial:03d}"
    if country == "DE":
        return f"0176040690{serial:02d}"
    return f"063998{serial:04d}"


def write_phone(rng: random.Random, country: str, phone: str) -> str:
    """One of the ways in which people write the number."""
    if not phone:
        return ""
    if country == "CN":
        spaced = f"{phone[:3]} {phone[3:7]} {phone[7:]}"
        return weighted(
            rng,
            (
                (phone, 50),
                (spaced, 16),
                (f"+86{phone}", 12),
                (f"+86-{spaced.replace(' ', '-')}", 10),
                (f"+86 {spaced}", 6),
                (f"0086{phone}", 6),
            ),
        )
    if country == "GB":
        trunkless = phone[1:]
        return weighted(
            rng,
            (
                (phone, 35),
                (f"{phone[:5]} {phone[5:]}", 30),
                (f"+44 {trunkless[:4]} {trunkless[4:]}", 20),
                (f"+44{trunkless}", 10),
                (f"0044 {trunkless}", 5),
            ),
        )
    if country == "US":
        area, middle, last = phone[:3], phone[3:6], phone[6:]
        return weighted(
            rng,
            (
                (f"({area}) {middle}-{last}", 40),
                (f"{area}-{middle}-{last}", 25),
                (f"+1 {area} {middle} {last}", 20),
                (f"+1{phone}", 15),
            ),
        )
    return ("+49 " if country == "DE" else "+33 ") + phone[1:]


def write_email(rng: random.Random, email: str) -> str:
    """The address, one time in twelve with other capitals or stray blanks."""
    if not email or not chance(rng, 8):
        return email
    local, _, domain = email.partition("@")
    return pick(
        rng,
        (
            email.upper(),
            f"{local.capitalize()}@{domain}",
            f"{local}@{domain.capitalize()}",
            f" {email}",
            f"{email} ",
        ),
    )


def make_person(seed: int, index: int, taken: Counter[str]) -> Person:
    """The person of this number.

    Args:
        seed: The seed of the sample.
        index: From 0; the same whatever the number of people.
        taken: Country -> phone numbers given out so far; counted up here.
    """
    rng = stream(seed, 1, index)
    country = weighted(rng, lists.COUNTRIES)
    region, city = weighted(rng, lists.PLACES[country])
    gender = weighted(rng, (("F", 56), ("M", 44)))
    name, latin = _make_name(rng, country, gender)
    domain = weighted(rng, lists.EMAIL_DOMAINS)
    market = lists.CHINA_TOUCHES if country == "CN" else lists.WEST_TOUCHES
    person = Person(
        index=index,
        country=country,
        region=region,
        city=city,
        name=name,
        gender=gender,
        email=f"{latin}{index}@{domain}",
        phone=_make_phone(country, index, taken),
        touch=weighted(rng, market),
    )
    if chance(rng, 0.5):
        person.touch = lists.UNKNOWN_TOUCH
    if index % 10 == 0 and index // 10 <= LOCKER_ACCOUNTS and index > 0:
        person.country, person.phone, person.locker = "CN", LOCKER_PHONE, True
        person.region, person.city = "上海", "上海"
        person.touch = weighted(rng, lists.CHINA_TOUCHES)
    elif chance(rng, 5):
        _make_company(rng, person)
    return person


def _make_company(rng: random.Random, person: Person) -> None:
    chinese, english = pick(rng, lists.COMPANY_WORDS)
    person.industry, (chinese_kind, english_kind) = pick(rng, lists.INDUSTRIES)
    in_chinese = person.country in ("CN", "HK")
    place = person.city if in_chinese else f"{person.city} "
    person.company = (
        f"{place}{chinese}{chinese_kind}" if in_chinese else f"{place}{english} {english_kind}"
    )
    person.company_size = weighted(rng, lists.COMPANY_SIZES)
    person.partner_type = weighted(rng, lists.PARTNER_TYPES)
    slug = f"{english}-{english_kind}{person.index}".lower().replace(" ", "-")
    person.email = person.email.partition("@")[0] + f"@{slug}.example"
