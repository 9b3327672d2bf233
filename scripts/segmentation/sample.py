"""The sample data: a tea shop with a web shop, four tills and a CRM, as eight raw CSV files.

The story runs from 2023-07-01 to a few days after its as_of_date, 2026-07-01. It is made so that
each rule of the project has rows that need it; `SampleReport.features` counts them:

- Each buyer has an own rhythm (median gap, regularity, chance to stop), bent by the season:
  November, the weeks before Chinese New Year, June. Most buyers buy once; a few buy weekly.
- One person has several records: web account, guest orders, loyalty card, CRM contact. Only
  e-mail and phone tie them, each written in another way. Families share a phone; a parcel locker
  and the shop's own switchboard belong to nobody; a reseller chains accounts without end.
- Rows come twice, late, or in newer versions; orders are cancelled, tests, free of charge, in six
  currencies and two stores' time zones; six stand around the midnight of as_of_date.
- Orders have lines, with category and cost for most; the tills send them since their new software.
- About one row in a hundred can't be used. Its column `planted` names the reason expected, in the
  words of the mart `rejected_records`. Copies of one row are all marked `duplicate`: one of them
  is accepted, the others are `superseded`. All other rows leave `planted` blank.

Same arguments, same bytes, on any Python from 3.11: of the `random` module only `random()` and
integer seeds are used, whose results Python promises to keep; amounts are whole cents.
"""

from __future__ import annotations

import bisect
import csv
import io
import math
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final

from segmentation import sample_lists as lists
from segmentation.errors import SegmentationError
from segmentation.sample_chance import chance, pick, quantile, stream, weighted, whole
from segmentation.sample_faults import Row, place_of, plant_faults, spread, unusable_rows
from segmentation.sample_lines import (
    WHOLESALE_PERCENT,
    Basket,
    Item,
    loose_tea,
    write_lines,
)
from segmentation.sample_people import (
    CHAIN_ACCOUNTS,
    ERASED_CONTACT,
    FAMILY,
    FILLER_EMAIL,
    FILLER_EMAIL_CONTACT,
    FILLER_PHONE,
    LEAP_DAY_CHILD,
    SWITCHBOARD_CARD,
    SWITCHBOARD_CONTACT,
    SWITCHBOARD_PHONE,
    Person,
    is_odd_one,
    make_person,
    write_email,
    write_phone,
)

Touch = lists.Touch

DEFAULT_SEED: Final = 20260701
DEFAULT_PEOPLE: Final = 2000
MIN_PEOPLE: Final = 500

CALENDAR_START: Final = date(2022, 7, 1)  # the shops were open before the data begin
FIRST_ORDER_DATE: Final = date(2023, 7, 1)
AS_OF_DATE: Final = date(2026, 7, 1)
LAST_ORDER_DATE: Final = date(2026, 7, 3)
EXTRACTED_AT: Final = datetime(2026, 7, 4, 12, 0, 0)  # noqa: DTZ001  naive UTC throughout
CHINESE_NEW_YEARS: Final = (
    date(2023, 1, 22),
    date(2024, 2, 10),
    date(2025, 1, 29),
    date(2026, 2, 17),
)
# First and last (month, day), and how much busier: Double Eleven, Black Friday, the 618 festival.
CAMPAIGN_SEASONS: Final = (
    ((11, 1), (11, 11), 2.1),
    ((11, 21), (11, 30), 1.4),
    ((6, 10), (6, 18), 1.4),
)
WEEKEND: Final = (5, 6)
NOVEMBER: Final = 11
NEW_YEAR_MONTHS: Final = (1, 2)
# Orders of the web shop by hour of the buyer's day: quiet nights, busy evenings.
WEB_HOURS: Final = tuple(
    (hour, 1 if hour in range(1, 7) else 4 + hour // 5 * 2) for hour in range(24)
)

_COLUMN_LISTS: Final = {
    "web_shop_customers": (
        "customer_no name email phone country_code city registered_at signup_utm_source "
        "signup_utm_medium signup_utm_campaign newsletter updated_at planted"
    ),
    "web_shop_orders": (
        "order_no customer_no email phone ship_country placed_at state test_mode subtotal "
        "discount currency storefront utm_source utm_medium utm_campaign updated_at "
        "planted"
    ),
    "web_shop_refunds": (
        "refund_no order_no customer_no email refunded_at amount currency updated_at planted"
    ),
    "web_shop_order_lines": (
        "order_no line_no sku category quantity price cost currency updated_at planted"
    ),
    "till_orders": (
        "receipt_no store local_time member_no phone status training total rebate "
        "currency changed_at planted"
    ),
    "till_order_lines": (
        "receipt_no position article department amount single_price purchase_price currency "
        "changed_at planted"
    ),
    "till_members": ("member_no phone name gender home_store joined_at changed_at planted"),
    "crm_contacts": (
        "contact_no kind full_name email mobile created modified lead_source lead_medium "
        "lead_campaign birth_date gender occupation country province city company "
        "industry company_size partner_type tags consent erased_on planted"
    ),
}
COLUMNS: Final = {name: tuple(columns.split()) for name, columns in _COLUMN_LISTS.items()}


@dataclass(frozen=True)
class FileReport:
    """One written file: its data rows (header not counted) and its size in bytes."""

    rows: int
    bytes: int


@dataclass(frozen=True)
class SampleReport:
    """What `write_sample` wrote.

    Attributes:
        seed: The seed used.
        people: People asked for; those who leave nothing at a till and the reseller's accounts
            come on top.
        files: File name without suffix -> rows and bytes.
        unusable_rows: File name -> reject reason -> planted rows. `superseded` counts older
            versions and all but one of each set of identical rows.
        features: What the sample holds on purpose -> how often.
    """

    seed: int
    people: int
    files: dict[str, FileReport]
    unusable_rows: dict[str, dict[str, int]]
    features: dict[str, int]


@dataclass
class _Sample:
    """The growing files and the counters; rows get their final numbers at the end."""

    seed: int
    rows: dict[str, list[Row]] = field(default_factory=lambda: {name: [] for name in COLUMNS})
    features: Counter[str] = field(default_factory=Counter)
    baskets: dict[tuple[str, str], list[Basket]] = field(default_factory=dict)

    def remember(self, currency: str, basket: Basket) -> int:
        """The price of a basket in cents, which from now on may be the sum of this basket."""
        cents = sum(item.cents for item in basket)
        known = self.baskets.setdefault((currency, _money(currency, cents)), [])
        if basket not in known:
            known.append(basket)
        return cents


# --- the calendar: a busy day is long, so a steady rhythm measured in busy days makes a season ----


def _day_weight(day: date) -> float:
    weight = (100, 85, 95, 110, 95, 95, 85, 85, 95, 100, 105, 115)[day.month - 1] / 100
    for first, last, factor in CAMPAIGN_SEASONS:
        if first <= (day.month, day.day) <= last:
            weight *= factor
    for new_year in CHINESE_NEW_YEARS:
        if timedelta(0) < new_year - day <= timedelta(days=24):
            weight *= 1.8
        elif timedelta(0) <= day - new_year <= timedelta(days=7):
            weight *= 0.45
    return weight * (1.25 if day.weekday() in WEEKEND else 0.9)


def _busy_day_ends() -> list[float]:
    """For each calendar day from CALENDAR_START: how many busy days lie before it."""
    days = (LAST_ORDER_DATE - CALENDAR_START).days + 1
    weights = [_day_weight(CALENDAR_START + timedelta(days=day)) for day in range(days)]
    mean = math.fsum(weights) / days  # sum() rounds differently from Python 3.12 on
    ends = [0.0]
    for weight in weights:
        ends.append(ends[-1] + weight / mean)
    return ends


_BUSY_DAYS: Final = _busy_day_ends()
_FIRST_DAY: Final = (FIRST_ORDER_DATE - CALENDAR_START).days
_AS_OF_DAY: Final = (AS_OF_DATE - CALENDAR_START).days
_LAST_DAY: Final = (LAST_ORDER_DATE - CALENDAR_START).days


def _calendar_day(busy: float) -> int:
    return bisect.bisect_right(_BUSY_DAYS, busy) - 1


def _date_of(day: int) -> date:
    return CALENDAR_START + timedelta(days=day)


def _growing_day(rng: random.Random, first: int) -> int:
    """A day from `first` on, later ones likelier (the shop grows), busy ones likelier too."""
    start, end = _BUSY_DAYS[first], _BUSY_DAYS[_LAST_DAY + 1]
    while True:
        place = rng.random()
        if rng.random() < 0.6 + 0.4 * place:
            return _calendar_day(start + (end - start) * place)


# --- rhythm: on which days a person buys ----------------------------------------------------------


def _plan_days(rng: random.Random, person: Person) -> None:
    """Set the person's behaviour and the days of the orders, ascending."""
    if person.locker:
        kind = "once" if chance(rng, 70) else "repeat"
    elif person.company:
        kind = weighted(rng, (("prospect", 35), ("once", 20), ("repeat", 45)))
    else:
        kind = weighted(rng, (("prospect", 24), ("once", 45), ("repeat", 29), ("back", 2)))
    person.behaviour = kind
    if kind == "once":
        person.days = [_growing_day(rng, _FIRST_DAY)]
    enough = {"repeat": 2, "back": 3}.get(kind, 0)
    while len(person.days) < enough:
        person.days = _repeat_days(rng, person)
        if kind == "back":
            person.days = _come_back(rng, person.days)


def _repeat_days(rng: random.Random, person: Person) -> list[int]:
    """Days of a repeat buyer: own median gap, own regularity, own chance to stop after an order."""
    if person.company:
        gap = quantile(rng, (14, 21, 28, 35, 45, 70))
        stop = quantile(rng, (0.01, 0.03, 0.08, 0.2))
    else:
        gap = quantile(rng, (7, 14, 21, 28, 35, 45, 60, 80, 110))
        stop = quantile(rng, (0.015, 0.03, 0.05, 0.08, 0.12, 0.18, 0.26, 0.36))
    spread = pick(rng, ((0.8, 1.0, 1.25), (0.55, 0.85, 1.0, 1.2, 1.8), (0.3, 0.7, 1.0, 1.5, 2.8)))
    busy = _BUSY_DAYS[_growing_day(rng, 0)] + rng.random()
    days: list[int] = []
    while (day := _calendar_day(busy)) <= _LAST_DAY:
        days.append(day)
        if rng.random() < stop:
            break
        busy += max(1.0, gap * quantile(rng, spread))
    days = [day for day in days if day >= _FIRST_DAY]
    if days and chance(rng, 2):
        days.append(days[-1])  # split into two orders on one day
    return days


def _come_back(rng: random.Random, days: list[int]) -> list[int]:
    """Cut the days off early, then add one order after a silence of five to eight gaps."""
    last = _AS_OF_DAY - whole(rng, 2, 20)
    gap = 18 + whole(rng, 0, 25)
    silent_since = last - gap * whole(rng, 5, 8)
    count = whole(rng, 4, 7)
    start = silent_since - gap * (count - 1)
    if start < _FIRST_DAY or not days:
        return []
    steady = [start + gap * number + whole(rng, -3, 3) for number in range(count)]
    return [*(max(_FIRST_DAY, day) for day in steady), last]


# --- money ----------------------------------------------------------------------------------------


def _money(currency: str, cents: int) -> str:
    sign, cents = ("-" if cents < 0 else ""), abs(cents)
    whole = f"{sign}{cents // 100}"
    return whole if currency == "JPY" else f"{whole}.{cents % 100:02d}"


def _basket(rng: random.Random, person: Person | None, currency: str, *, first: bool) -> Basket:
    """What is bought; prices are in cents (of yen: hundredths, always whole yen)."""
    prices = lists.PRICES[currency]
    if person is not None and person.company:
        cartons = whole(rng, 6, 40)
        place = whole(rng, 1, 5)
        return (Item(place, cartons, prices[place] * WHOLESALE_PERCENT, is_wholesale=True),)
    if first and chance(rng, 72):
        place = weighted(rng, lists.FIRST_ITEM_WEIGHTS)
        return (Item(place, 1, prices[place] * 100),)
    items = weighted(rng, ((1, 38), (2, 32), (3, 18), (4, 8), (6, 4)))
    places = [weighted(rng, lists.REPEAT_ITEM_WEIGHTS) for _ in range(items)]
    return tuple(Item(place, 1, prices[place] * 100) for place in places)


def _discount(rng: random.Random, day: date, cents: int, currency: str) -> int:
    share = 45 if day.month == NOVEMBER else 16
    if not chance(rng, share):
        return 0
    off = cents * weighted(rng, ((5, 25), (10, 45), (15, 20), (30, 10))) // 100
    return off - off % 100 if currency == "JPY" else off


# --- time: naive UTC inside; the tills' local time is made as local time --------------------------


def _instant(rng: random.Random, day: date, *, open_hours: bool) -> datetime:
    """A local moment of the day: shop hours, or the evening-heavy day of a web shop."""
    hour = whole(rng, 10, 20) if open_hours else weighted(rng, WEB_HOURS)
    moment = time(hour, whole(rng, 0, 59), whole(rng, 0, 59))
    return datetime.combine(day, moment)


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _plain(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def _after(rng: random.Random, moment: datetime, low: int, high: int) -> datetime:
    """The moment plus low to high days, not after the extract was taken."""
    seconds = whole(rng, low * 86_400, high * 86_400)
    return min(moment + timedelta(seconds=seconds), EXTRACTED_AT)


# --- orders ---------------------------------------------------------------------------------------


def _touch_of(rng: random.Random, person: Person, day: date, *, first: bool) -> Touch:
    if first or chance(rng, 22):
        source, medium, campaign = person.touch
    else:
        source, medium, campaign = weighted(
            rng,
            (
                (lists.DIRECT, 36),
                (lists.DIRECT_NAMED, 10),
                (lists.EMAIL, 32),
                (
                    ("wechat", "mp", "member-day")
                    if person.country == "CN"
                    else ("google", "organic", ""),
                    22,
                ),
            ),
        )
    if campaign and day.month == NOVEMBER:
        campaign = "double11"
    elif campaign and day.month in NEW_YEAR_MONTHS:
        campaign = "cny-gifts"
    return source, medium, campaign


def _web_order(
    rng: random.Random, sample: _Sample, person: Person, day: date, *, first: bool, guest: bool
) -> Row:
    placed = _instant(rng, day, open_hours=False)
    placed -= timedelta(hours=lists.UTC_OFFSET_HOURS[person.country])
    currency = lists.CURRENCY_OF[person.country]
    if chance(rng, 2):
        currency = pick(rng, ("CNY", "USD", "EUR"))
    cents = sample.remember(currency, _basket(rng, person, currency, first=first))
    discount = _discount(rng, day, cents, currency)
    source, medium, campaign = _touch_of(rng, person, day, first=first)
    fronts = (("web", 45), ("mini_program", 35), ("app", 20)) if person.country == "CN" else None
    state = weighted(rng, (("delivered", 70), ("completed", 27), ("Completed", 3)))
    if EXTRACTED_AT - placed < timedelta(days=5):
        state = pick(rng, ("paid", "shipped"))
    if chance(rng, 3.5):
        state = "cancelled"
        sample.features["cancelled_orders"] += 1
    email, phone = person.email, write_phone(rng, person.country, person.phone)
    if guest and phone and chance(rng, 25):
        email = ""
    elif phone and chance(rng, 30):
        phone = ""
    if guest:
        sample.features["guest_orders_with_email_or_phone"] += 1
    return {
        "customer_no": "" if guest else person.account,
        "email": write_email(rng, email),
        "phone": phone,
        "ship_country": person.country,
        "placed_at": _iso(placed),
        "state": state,
        "test_mode": "",
        "subtotal": _money(currency, cents),
        "discount": _money(currency, discount),
        "currency": currency,
        "storefront": weighted(rng, fronts or (("web", 85), ("app", 15))),
        "utm_source": source,
        "utm_medium": medium,
        "utm_campaign": campaign,
        "updated_at": _iso(_after(rng, placed, 1, 6)),
    }


def _till_order(
    rng: random.Random,
    sample: _Sample,
    person: Person | None,
    day: date,
    store: str,
    *,
    first: bool = False,
) -> Row:
    local = _instant(rng, day, open_hours=True)
    country, currency = lists.STORES[store]
    basket = _basket(rng, person, currency, first=first)
    if not first and chance(rng, 35):
        basket = (*basket, loose_tea(rng))
    cents = sample.remember(currency, basket)
    rebate = _discount(rng, day, cents, currency)
    phone = ""
    if person is not None and (not person.card or chance(rng, 10)):
        phone = write_phone(rng, person.country, person.phone)
        if person.country != country and not phone.startswith("+"):
            phone = ""  # a visitor's number can only be read with its country code
    row = {
        "store": store,
        "local_time": _plain(local),
        "member_no": person.card if person else "",
        "phone": phone,
        "status": "paid",
        "training": "",
        "total": _money(currency, cents),
        "rebate": _money(currency, rebate) if rebate else "",
        "currency": currency,
        "changed_at": _plain(local),
    }
    if chance(rng, 1.5):
        row["status"] = "void"
        sample.features["cancelled_orders"] += 1
    if not row["member_no"] and not row["phone"]:
        sample.features["guest_orders_without_identifier"] += 1
    return row


def _buy(sample: _Sample, person: Person) -> None:
    """Write the person's orders, web account and loyalty card."""
    rng = stream(sample.seed, 3, person.index)
    stores = lists.STORES_OF_CITY.get(person.city, ())
    habit = "web"
    if stores and not person.company and not person.locker:
        habit = weighted(rng, (("web", 22), ("store", 46), ("both", 32)))
    in_store = [habit == "store" or (habit == "both" and chance(rng, 55)) for _ in person.days]
    web_count = in_store.count(False)
    # One-time buyers check out as guests more often; some open an account from the second order on.
    has_account = web_count > 0 and (person.locker or chance(rng, 62 if web_count == 1 else 88))
    guest_first = has_account and web_count > 1 and chance(rng, 15)
    if any(in_store) and person.phone and chance(rng, 90 if len(person.days) > 1 else 70):
        person.card = f"#{person.index}"
    if has_account:
        person.account = f"#{person.index}"
    joined = registered = False
    for number, (day_number, at_store) in enumerate(zip(person.days, in_store, strict=True)):
        day = _date_of(day_number)
        if at_store:
            usual = stores[person.index % len(stores)]
            store = usual if chance(rng, 85) else pick(rng, stores)
            row = _till_order(rng, sample, person, day, store, first=number == 0)
            if person.card and not joined:
                _join(rng, sample, person, row)
                joined = True
            sample.rows["till_orders"].append(row)
            continue
        guest = not has_account or guest_first
        row = _web_order(rng, sample, person, day, first=number == 0, guest=guest)
        sample.rows["web_shop_orders"].append(row)
        if not guest and not registered:
            _register(rng, sample, person, row)
            registered = True
        guest_first = False


def _register(rng: random.Random, sample: _Sample, person: Person, order: Row | None) -> None:
    """The web account: opened at checkout (the same second) or some days earlier."""
    if order is None:
        moment = datetime.combine(_date_of(_growing_day(rng, 0)), time(whole(rng, 0, 23), 5))
        touch = person.touch
    else:
        moment = datetime.strptime(order["placed_at"], "%Y-%m-%dT%H:%M:%SZ")  # noqa: DTZ007
        touch = (order["utm_source"], order["utm_medium"], order["utm_campaign"])
        if chance(rng, 45):
            moment -= timedelta(seconds=whole(rng, 600, 20 * 86_400))
            touch = person.touch
        else:
            sample.features["accounts_opened_with_the_first_order"] += 1
    phone = write_phone(rng, person.country, person.phone)
    _, moved_to = weighted(rng, lists.PLACES[person.country])
    sample.rows["web_shop_customers"].append(
        {
            "customer_no": person.account,
            "name": person.name,
            "email": write_email(rng, person.email),
            "phone": phone if person.locker or chance(rng, 75) else "",
            "country_code": person.country,
            "city": weighted(rng, ((person.city, 75), (moved_to, 5), ("", 20))),
            "registered_at": _iso(moment),
            "signup_utm_source": touch[0],
            "signup_utm_medium": touch[1],
            "signup_utm_campaign": touch[2],
            "newsletter": "1" if chance(rng, 55) else "0",
            "updated_at": _iso(_after(rng, moment, 0, 60)),
        }
    )


def _join(rng: random.Random, sample: _Sample, person: Person, order: Row | None) -> None:
    """The loyalty card, handed out at the till just before the receipt."""
    if order is None:
        local = _instant(rng, _date_of(_growing_day(rng, _FIRST_DAY)), open_hours=True)
        store = lists.STORES_OF_CITY[person.city][0]
    else:
        local = datetime.strptime(order["local_time"], "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007
        local -= timedelta(seconds=whole(rng, 40, 240))
        store = order["store"]
    phone = write_phone(rng, person.country, person.phone)
    if person.country != lists.STORES[store][0] and not phone.startswith("+"):
        phone = ""
    if phone and is_odd_one(person.index, SWITCHBOARD_CARD):
        phone = SWITCHBOARD_PHONE
        sample.features["accounts_with_the_switchboard_number"] += 1
    genders = {"F": "女", "M": "男"} if store != "LDN1" else {"F": "F", "M": "M"}
    sample.rows["till_members"].append(
        {
            "member_no": person.card,
            "phone": phone,
            "name": person.name if chance(rng, 80) else "",
            "gender": genders[person.gender] if chance(rng, 60) else "",
            "home_store": store,
            "joined_at": _plain(local),
            "changed_at": _plain(local + timedelta(days=whole(rng, 0, 30))),
        }
    )


def _enter_crm(sample: _Sample, person: Person) -> None:
    """The CRM record: a lead before the first order, or a contact copied over after it."""
    rng = stream(sample.seed, 4, person.index)
    if person.days and not person.company and not chance(rng, 42):
        return
    lead_first = not person.days or chance(rng, 55)
    if not person.days:
        created = _instant(rng, _date_of(_growing_day(rng, 180)), open_hours=True)
        created = min(created, EXTRACTED_AT - timedelta(hours=30))
    else:
        shift = -whole(rng, 1, 60) if lead_first else whole(rng, 1, 20)
        created = _instant(rng, _date_of(person.days[0]), open_hours=True) + timedelta(days=shift)
        created = min(created, EXTRACTED_AT)
    leads = lists.CHINA_LEAD_TOUCHES if person.country == "CN" else lists.WEST_LEAD_TOUCHES
    touch = weighted(rng, leads) if lead_first else lists.DIRECT
    age_in_days = int(quantile(rng, (6600, 9900, 12800, 15700, 20000, 27700)))
    born = AS_OF_DATE - timedelta(days=age_in_days)
    if is_odd_one(person.index, LEAP_DAY_CHILD):
        born = date(1996, 2, 29)
    email = person.email
    mobile = write_phone(rng, person.country, person.phone)
    if person.locker or (mobile and chance(rng, 22)):
        mobile = ""
    elif mobile and chance(rng, 22):
        email = ""
    if is_odd_one(person.index, SWITCHBOARD_CONTACT):
        mobile = SWITCHBOARD_PHONE
        sample.features["accounts_with_the_switchboard_number"] += 1
    elif is_odd_one(person.index, FILLER_EMAIL_CONTACT):
        email = FILLER_EMAIL
        sample.features["accounts_with_the_filler_email"] += 1
    tags = [tag for tag in lists.TAGS if chance(rng, 12)]
    private = not person.company
    row = {
        "contact_no": f"#{person.index}",
        "kind": "lead" if not person.days else "contact",
        "full_name": person.name,
        "email": write_email(rng, email),
        "mobile": mobile,
        "created": _plain(created),
        "modified": _plain(_after(rng, created, 0, 200)),
        "lead_source": touch[0],
        "lead_medium": touch[1],
        "lead_campaign": touch[2],
        "birth_date": born.isoformat() if private and chance(rng, 62) else "",
        "gender": person.gender if chance(rng, 70) else "",
        "occupation": weighted(rng, lists.OCCUPATIONS) if private and chance(rng, 55) else "",
        "country": lists.COUNTRY_NAMES[person.country],
        "province": person.region if chance(rng, 85) else "",
        "city": person.city if chance(rng, 85) else "",
        "company": person.company,
        "industry": person.industry,
        "company_size": person.company_size,
        "partner_type": person.partner_type,
        "tags": ";".join(tags),
        "consent": weighted(rng, (("Y", 55), ("N", 25), ("", 20))),
        "erased_on": "",
    }
    if is_odd_one(person.index, ERASED_CONTACT):
        _erase(rng, sample, row, created)
    sample.rows["crm_contacts"].append(row)


def _erase(rng: random.Random, sample: _Sample, row: Row, created: datetime) -> None:
    """A request to be forgotten; often enough somebody forgot to blank the fields."""
    erased = _after(rng, created, 20, 400)
    row["erased_on"] = row["modified"] = _plain(erased)
    sample.features["erased_contacts"] += 1
    if chance(rng, 50):
        personal = ("full_name", "email", "mobile", "birth_date", "gender", "occupation", "tags")
        row.update(dict.fromkeys(personal, ""))
    else:
        sample.features["erased_contacts_with_identifiers_left"] += 1


# --- the parts that are not people ----------------------------------------------------------------


def _walk_ins(sample: _Sample, count: int) -> None:
    """Receipts of people who leave nothing, and a few with the number that fills the field."""
    rng = stream(sample.seed, 5, 0)
    for number in range(count):
        day = _date_of(_growing_day(rng, _FIRST_DAY))
        store = weighted(rng, (("SH01", 38), ("SH02", 26), ("HZ01", 20), ("LDN1", 16)))
        row = _till_order(rng, sample, None, day, store)
        if number % 50 == 0 and store != "LDN1":
            row["phone"] = FILLER_PHONE if number % 100 == 0 else SWITCHBOARD_PHONE
            sample.features["guest_orders_without_identifier"] -= 1
            sample.features["guest_orders_with_a_phone_of_nobody"] += 1
        sample.rows["till_orders"].append(row)


def _reseller(sample: _Sample, first_index: int) -> None:
    """Accounts chained by phone: each ships its one order to the phone of the next account."""
    rng = stream(sample.seed, 6, 0)
    phones = [f"154888800{number:02d}" for number in range(CHAIN_ACCOUNTS + 1)]
    for number in range(CHAIN_ACCOUNTS):
        person = Person(
            index=first_index + number,
            country="CN",
            region="浙江",
            city="杭州",
            name="",
            gender="F",
            email=f"buyer{number + 1:02d}@example.net",
            phone=phones[number],
            touch=lists.DIRECT,
            account=f"#{first_index + number}",
        )
        day = _date_of(_FIRST_DAY + 500 + number * 3)
        row = _web_order(rng, sample, person, day, first=True, guest=False)
        row["phone"] = phones[number + 1]
        sample.rows["web_shop_orders"].append(row)
        _register(rng, sample, person, row)
        sample.rows["web_shop_customers"][-1]["phone"] = phones[number]
        sample.features["reseller_accounts"] += 1


def _tests_and_gifts(sample: _Sample) -> None:
    """Orders of our own people in test mode, and samples given away (accepted, but no sale)."""
    rng = stream(sample.seed, 7, 0)
    web, tills = sample.rows["web_shop_orders"], sample.rows["till_orders"]
    for number in range(10):
        row = dict(pick(rng, web))
        row.update(customer_no="", email="checkout-test@example.org", phone="", test_mode="true")
        row.update(state="paid", subtotal=f"{number + 1}.00", discount="0.00", currency="CNY")
        web.append(row)
        till = dict(pick(rng, tills))
        till.update(member_no="", phone="", training="Y", status="paid")
        tills.append(till)
        sample.features["test_orders"] += 2
    for row in spread(web, 12, 3):
        row["discount"] = row["subtotal"]
        sample.features["free_orders"] += 1


def _midnight(sample: _Sample) -> None:
    """Orders around the midnight of as_of_date in Shanghai; only those before it count."""
    web, tills = sample.rows["web_shop_orders"], sample.rows["till_orders"]
    template = next(row for row in web if row["customer_no"] and row["currency"] == "CNY")
    for placed in ("2026-06-29T16:00:00Z", "2026-06-30T15:59:59Z", "2026-06-30T16:00:00Z"):
        row = {**template, "placed_at": placed, "updated_at": placed, "state": "paid"}
        web.append(row)
        sample.features["boundary_orders"] += 1
    local = next(row for row in tills if row["store"] == "SH01" and row["member_no"])
    london = next(row for row in tills if row["store"] == "LDN1" and row["member_no"])
    for till, moment in (
        (local, "2026-07-01 00:00:00"),
        (london, "2026-06-30 16:59:59"),  # British summer time; in Shanghai, the day's last second
        (london, "2026-06-30 17:00:00"),
    ):
        row = {**till, "local_time": moment, "changed_at": moment, "status": "paid"}
        tills.append(row)
        sample.features["boundary_orders"] += 1


def _late(sample: _Sample) -> None:
    """Tills that were offline: the receipt reaches the office weeks later, at the file's end."""
    receipts = sample.rows["till_orders"]
    for row in spread(receipts, 12, 11):
        moment = datetime.strptime(row["local_time"], "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007
        moment = min(moment + timedelta(days=24, minutes=7), EXTRACTED_AT)
        row["changed_at"] = _plain(moment)
        receipts.append(receipts.pop(place_of(receipts, row)))
        sample.features["late_orders"] += 1


def _number(rows: list[Row], column: str, time_column: str, names: Iterable[str]) -> dict[str, str]:
    """Sort by time and replace the working id by its number; returns working id -> number."""
    rows.sort(key=lambda row: (row[time_column], *(row[key] for key in sorted(row))))
    numbers: dict[str, str] = {}
    for row, number in zip(rows, names, strict=False):
        numbers[row.get(column, "")] = number
        row[column] = number
    return numbers


def _number_all(sample: _Sample) -> None:
    """Give every record the id its system would have given, in order of time."""
    rows = sample.rows
    count = range(1, 1_000_000)
    accounts = _number(
        rows["web_shop_customers"], "customer_no", "registered_at", (f"C{1000 + n}" for n in count)
    )
    cards = _number(rows["till_members"], "member_no", "joined_at", (f"{n:06d}" for n in count))
    _number(rows["crm_contacts"], "contact_no", "created", (f"K{1000 + n}" for n in count))
    _number(rows["web_shop_orders"], "order_no", "placed_at", (f"W{1000 + n}" for n in count))
    for row in rows["web_shop_orders"]:
        row["customer_no"] = accounts.get(row["customer_no"], "")
    serials: Counter[str] = Counter()
    rows["till_orders"].sort(key=lambda till: (till["local_time"], *till.values()))
    for row in rows["till_orders"]:
        serials[row["store"]] += 1
        row["receipt_no"] = f"{row['store']}-{serials[row['store']]:04d}"
        row["member_no"] = cards.get(row["member_no"], "")


# --- refunds --------------------------------------------------------------------------------------


def _cents(amount: str) -> int:
    whole, _, part = amount.partition(".")
    return int(whole) * 100 + int((part or "0").ljust(2, "0"))


def _refunds(sample: _Sample) -> None:
    """Refunds weeks after their order: full or partial, some loose, some of cancelled orders."""
    rng = stream(sample.seed, 8, 0)
    orders = [
        row
        for row in sample.rows["web_shop_orders"]
        if not (row["state"] == "cancelled" or row["test_mode"])
        and row["discount"] != row["subtotal"]
    ]
    refunds = sample.rows["web_shop_refunds"]
    as_of = datetime(2026, 6, 30, 16, 0, 0)  # noqa: DTZ001  midnight in Shanghai, in UTC
    recent = [row for row in orders if row["placed_at"][:7] == "2026-06"]
    forced = [id(row) for row in spread(recent, 8, 1)]
    for order in orders:
        is_forced = id(order) in forced
        if not chance(rng, 6) and not is_forced:
            continue
        placed = datetime.strptime(order["placed_at"], "%Y-%m-%dT%H:%M:%SZ")  # noqa: DTZ007
        refunded = placed + timedelta(seconds=whole(rng, 86_400, 40 * 86_400))
        if is_forced:
            refunded = max(placed, as_of) + timedelta(seconds=whole(rng, 3_600, 3 * 86_400))
        if refunded > EXTRACTED_AT:
            continue
        sample.features["refunds_after_as_of_date"] += refunded >= as_of
        paid = _cents(order["subtotal"]) - _cents(order["discount"])
        if chance(rng, 35):
            share = pick(rng, (20, 25, 33, 50, 75))
            paid = paid * share // 100 or 1
            paid = max(100, paid - paid % 100) if order["currency"] == "JPY" else paid
            sample.features["partial_refunds"] += 1
        row = {
            "order_no": order["order_no"],
            "customer_no": order["customer_no"],
            "email": order["email"],
            "refunded_at": _iso(refunded),
            "amount": _money(order["currency"], paid),
            "currency": order["currency"],
            "updated_at": _iso(_after(rng, refunded, 0, 2)),
        }
        if chance(rng, 4):
            row["order_no"] = ""
            sample.features["refunds_without_order"] += 1
        refunds.append(row)
    cancelled = [row for row in sample.rows["web_shop_orders"] if row["state"] == "cancelled"]
    for order in spread(cancelled, 6, 0):
        placed = datetime.strptime(order["placed_at"], "%Y-%m-%dT%H:%M:%SZ")  # noqa: DTZ007
        paid = _cents(order["subtotal"]) - _cents(order["discount"])
        moment = _iso(min(placed + timedelta(days=3), EXTRACTED_AT))
        refunds.append(
            {
                "order_no": order["order_no"],
                "customer_no": order["customer_no"],
                "email": order["email"],
                "refunded_at": moment,
                "amount": _money(order["currency"], paid),
                "currency": order["currency"],
                "updated_at": moment,
            }
        )
        sample.features["refunds_of_cancelled_orders"] += 1
    in_yuan = [row for row in refunds if row["currency"] == "CNY" and row["order_no"]]
    for row in spread(in_yuan, 3, 2):
        row.update(currency="USD", amount="12.50")
        sample.features["refunds_in_another_currency"] += 1
    for row in spread(refunds, 3, 5):
        row.update(order_no="", customer_no="", email="")  # found on a bank statement
        sample.features["refunds_without_identifier"] += 1
    _number(refunds, "refund_no", "refunded_at", (f"R{1000 + n}" for n in range(1, 1_000_000)))


# --- all together ---------------------------------------------------------------------------------


def _populate(sample: _Sample, count: int) -> None:
    taken: Counter[str] = Counter()
    previous: Person | None = None
    for index in range(count):
        person = make_person(sample.seed, index, taken)
        family = is_odd_one(index, FAMILY)
        if family and previous is not None and previous.phone and not previous.locker:
            person.country, person.phone = previous.country, previous.phone
            person.region, person.city = previous.region, previous.city
            sample.features["family_phones"] += 1
        rng = stream(sample.seed, 2, index)
        _plan_days(rng, person)
        if person.days:
            _buy(sample, person)
        elif chance(rng, 18):
            person.account = f"#{index}"
            _register(rng, sample, person, None)
        elif person.phone and person.city in lists.STORES_OF_CITY and chance(rng, 22):
            person.card = f"#{index}"
            _join(rng, sample, person, None)
        if person.behaviour != "prospect" or not (person.account or person.card):
            _enter_crm(sample, person)
        sample.features[f"people_{person.behaviour}"] += 1
        sample.features["people_with_a_company"] += bool(person.company)
        sample.features["people_behind_the_parcel_locker"] += person.locker
        previous = person


def _csv_bytes(columns: Sequence[str], rows: Iterable[Row]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([row[column] for column in columns] for row in rows)
    return text.getvalue().encode("utf-8")


def write_sample(out: Path, seed: int = DEFAULT_SEED, people: int = DEFAULT_PEOPLE) -> SampleReport:
    """Write the sample files into a folder.

    Args:
        out: The folder; made if it is missing. Files of the same names are overwritten.
        seed: Same seed and people: the same bytes.
        people: How many regular people; at least 500, so that every planted row finds its place.

    Returns:
        Rows and bytes per file, planted unusable rows per reason, and a count of each feature.

    Raises:
        SegmentationError: If seed is negative or people is below 500.
    """
    if people < MIN_PEOPLE:
        raise SegmentationError(
            f"The sample needs at least {MIN_PEOPLE} people, but {people} were asked for."
        )
    if seed < 0:
        raise SegmentationError(f"The seed is a whole number of 0 or more, not {seed}.")
    sample = _Sample(seed)
    _populate(sample, people)
    _walk_ins(sample, people * 3 // 4)
    _reseller(sample, people)
    _tests_and_gifts(sample)
    _midnight(sample)
    _number_all(sample)
    _late(sample)
    _refunds(sample)
    write_lines(seed, sample.rows, sample.baskets, sample.features)
    sample.features.update(plant_faults(sample.rows))
    sample.features["emails_in_other_case_or_with_blanks"] = sum(
        row.get("email", "") != row.get("email", "").strip().lower()
        for rows in sample.rows.values()
        for row in rows
    )
    out.mkdir(parents=True, exist_ok=True)
    files: dict[str, FileReport] = {}
    for name, columns in COLUMNS.items():
        content = _csv_bytes(columns, sample.rows[name])
        (out / f"{name}.csv").write_bytes(content)
        files[name] = FileReport(rows=len(sample.rows[name]), bytes=len(content))
    return SampleReport(
        seed=seed,
        people=people,
        files=files,
        unusable_rows={name: unusable_rows(rows) for name, rows in sample.rows.items()},
        features=dict(sorted(sample.features.items())),
    )
