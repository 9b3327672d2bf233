"""The oracle itself on cases worked out by hand, and on the published figures of R `rfm`."""

import re
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pygini
import pytest
from conftest import PROJECT_ROOT
from hypothesis import given
from hypothesis import strategies as st
from oracle import (
    Contact,
    Metrics,
    Order,
    OrderLine,
    Outcome,
    Reference,
    Refund,
    Settings,
    business_date,
    gini_of,
    lifecycle_segment,
    normal_email,
    normal_phone,
    preferred,
    quantile_type_7,
    rate_on,
    recency_score,
    recorded_clock,
    round_cents,
    run,
    season,
    time_of_day,
    top_share,
    value_score,
    vip_level,
)
from reference_seeds import read_reference, read_seed

RUN_DATE = date(2024, 6, 30)
AS_OF = date(2024, 3, 15)
SETTINGS = Settings(run_date=RUN_DATE)
NOWHERE = Reference()
SEEDS = PROJECT_ROOT / "seeds" / "reference"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def order(order_id: str | None, moment: str | None = "2024-03-01T04:00:00", **given: Any) -> Order:
    amounts: dict[str, Any] = {
        "gross_amount": Decimal(100),
        "discount_amount": Decimal(0),
        "currency": "CNY",
    }
    return Order(
        "shop",
        order_id=order_id,
        ordered_at=at(moment) if moment else None,
        **({"contact_id": "c1", "status": "paid"} | amounts | given),
    )


def contact(
    contact_id: str | None, moment: str | None = "2024-01-01T04:00:00", **given: Any
) -> Contact:
    created = at(moment) if moment else None
    return Contact(given.pop("source", "crm"), contact_id=contact_id, created_at=created, **given)


def refund(
    refund_id: str | None, moment: str | None = "2024-03-02T04:00:00", **given: Any
) -> Refund:
    amount: dict[str, Any] = {"refund_amount": Decimal(10), "currency": "CNY"}
    refunded = at(moment) if moment else None
    return Refund("shop", refund_id=refund_id, refunded_at=refunded, **(amount | given))


def line(order_id: str | None, line_id: str | None, **given: Any) -> OrderLine:
    usual: dict[str, Any] = {
        "category": "tea",
        "quantity": Decimal(1),
        "unit_price": Decimal(50),
        "unit_cost": Decimal(20),
        "currency": "CNY",
    }
    return OrderLine("shop", order_id=order_id, line_id=line_id, **(usual | given))


def outcome(
    orders: Sequence[Order] = (),
    contacts: Sequence[Contact] = (),
    refunds: Sequence[Refund] = (),
    order_lines: Sequence[OrderLine] = (),
    *,
    reference: Reference = NOWHERE,
    settings: Settings = SETTINGS,
) -> Outcome:
    return run(
        orders,
        contacts,
        refunds,
        order_lines,
        as_of_dates=[AS_OF],
        settings=settings,
        reference=reference,
    )


def only_customer(*args: Any, **kwargs: Any) -> Metrics:
    (metrics,) = outcome(*args, **kwargs).customers.values()
    return metrics


# --- order lines -------------------------------------------------------------------------------
def test_lines_are_judged_in_the_documented_order() -> None:
    cases: dict[str, OrderLine] = {
        "missing_order_id": line(None, None),
        "missing_line_id": line("o1", None, quantity=None),
        "quantity_unreadable": line("o1", "3", quantity=None, unit_price=None),
        "quantity_not_positive": line("o1", "4", quantity=Decimal(0), unit_price=None),
        "price_unreadable": line("o1", "5", unit_price=None, unit_cost=Decimal(-1)),
        "price_negative": line("o1", "6", unit_price=Decimal("-0.01"), unit_cost=Decimal(-1)),
        "cost_negative": line("o9", "7", unit_cost=Decimal(-1), quantity=Decimal(10**9)),
        "amount_out_of_range": line("o9", "8", quantity=Decimal(10**9), unit_price=Decimal(0)),
        "order_unknown": line("o9", "9", currency=None),
        "currency_unknown": line("o1", "10", currency=None),
        "currency_differs": line("o1", "11", currency="USD"),
    }
    found = outcome([order("o1")], order_lines=[*cases.values(), line("o1", "1")])
    assert [judged.reason for judged in found.order_lines] == [*cases, None]


def test_a_line_bears_its_share_of_the_discount_and_of_the_refund() -> None:
    metrics = only_customer(
        [order("o1", discount_amount=Decimal(25))],
        refunds=[refund("r1", order_id="o1", refund_amount=Decimal("37.50"))],
        order_lines=[
            line("o1", "1", unit_price=Decimal(60)),
            line("o1", "2", unit_price=Decimal(40), unit_cost=None, category=" CUPS "),
        ],
    )
    # 60 less a quarter is 45, of which 20 is cost; half of what was paid went back
    assert metrics.gross_profit == Decimal("12.5")
    assert metrics.gross_margin_share == Fraction(25, 45)
    assert metrics.costed_revenue_share == Fraction(45, 75)
    assert metrics.line_revenue_share == 1
    assert metrics.profit_tier_segment == "low"
    assert metrics.category_preference_segment == "tea"
    assert metrics.category_preference_share == Fraction(60, 100)
    assert metrics.category_count == 2


def test_a_foreign_line_goes_at_the_rate_of_its_order() -> None:
    rates = {"USD": [(date(2024, 1, 1), Decimal(7))]}
    metrics = only_customer(
        [order("o1", currency="USD")],
        order_lines=[line("o1", "1", currency="USD", unit_price=Decimal(100))],
        reference=Reference(rates=rates),
    )
    assert metrics.gross_profit == 560
    assert metrics.profit_tier_segment == "mid"


def test_equal_amounts_go_to_more_orders_then_the_latest_then_the_name() -> None:
    first, second = order("o1"), order("o2", "2024-03-02T04:00:00")

    def preferred(*lines: OrderLine) -> str:
        return only_customer([first, second], order_lines=lines).category_preference_segment

    half = {"unit_price": Decimal(25)}
    cups = line("o2", "1", category="cups")
    assert preferred(cups, line("o1", "1", **half), line("o2", "2", **half)) == "tea"
    assert preferred(cups, line("o1", "1", **half), line("o1", "2", **half)) == "cups"
    assert preferred(line("o1", "1", category="cups"), line("o2", "1")) == "tea"
    assert preferred(line("o1", "1", category="Cups"), line("o1", "2")) == "cups"
    assert preferred(line("o1", "1", category="Unknown")) == "unknown"
    assert preferred() == "unknown"
    assert only_customer(contacts=[contact("c1")]).category_preference_segment == "none"


# --- primitives ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("moment", "zone", "expected"),
    [
        ("2024-02-28T15:59:59.999999", "Asia/Shanghai", date(2024, 2, 28)),
        ("2024-02-28T16:00:00", "Asia/Shanghai", date(2024, 2, 29)),
        ("2024-03-31T22:59:59", "Europe/Berlin", date(2024, 4, 1)),
        ("2024-01-01T04:59:59", "America/New_York", date(2023, 12, 31)),
    ],
)
def test_a_business_day_starts_at_midnight_of_its_zone(
    moment: str, zone: str, expected: date
) -> None:
    assert business_date(at(moment), replace(SETTINGS, business_timezone=zone)) == expected


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2024-02-29T00:00:00", None),
        ("2024-02-29T00:00:00.000001", time(0, 0, 0, 1)),
        ("2024-03-31T00:59:59", time(0, 59, 59)),
        ("2024-03-31T01:00:00", time(2)),
        ("2024-03-31T23:00:00", None),
        ("2024-10-27T00:59:59", time(1, 59, 59)),
        ("2024-10-27T01:00:00", time(1)),
    ],
)
def test_a_clock_is_read_on_the_wall_and_midnight_is_no_time(
    moment: str, expected: time | None
) -> None:
    london = replace(SETTINGS, business_timezone="Europe/London")
    assert recorded_clock(at(moment), london) == expected


@pytest.mark.parametrize(
    ("amount", "expected"),
    [("0.005", "0.01"), ("-0.005", "-0.01"), ("2.675", "2.68"), ("0.0049", "0.00"), ("1", "1.00")],
)
def test_halves_round_away_from_zero(amount: str, expected: str) -> None:
    assert round_cents(Decimal(amount)) == Decimal(expected)


def test_quantiles_equal_the_inclusive_method_of_the_standard_library() -> None:
    for values in ([3, 1, 2], [1, 1, 1, 5], [7], list(range(17)), [1, 2, 2, 9, 40, 41]):
        exact = [Fraction(value) for value in values]
        ours = [quantile_type_7(values, Fraction(place, 5)) for place in range(1, 5)]
        if len(values) > 1:
            assert ours == statistics.quantiles(exact, n=5, method="inclusive")
        assert quantile_type_7(values, Fraction(1, 2)) == statistics.median(exact)


def test_the_latest_rate_on_or_before_the_day_is_used() -> None:
    dated = {"USD": [(date(2024, 2, 1), Decimal("7.2")), (date(2024, 1, 1), Decimal("7.1"))]}
    reference = Reference(rates=dated)

    def rate(currency: str | None, day: str) -> Decimal | None:
        return rate_on(currency, date.fromisoformat(day), SETTINGS, reference)

    assert rate("USD", "2023-12-31") is None
    assert rate("USD", "2024-01-31") == Decimal("7.1")
    assert rate("USD", "2024-02-01") == Decimal("7.2")
    assert rate("CNY", "1999-01-01") == 1
    assert rate("XXX", "2024-02-01") is None
    assert rate(None, "2024-02-01") is None


@pytest.mark.parametrize(
    ("phone", "country", "expected"),
    [
        ("13812345678", None, "+8613812345678"),
        (" 138-1234-5678 ", "CN", "+8613812345678"),
        ("86 138 1234 5678", "CN", "+8613812345678"),
        ("0086 13812345678", "CN", "+8613812345678"),
        ("+86 138 1234 5678", "US", "+8613812345678"),
        ("(0571) 8888 1234", "CN", "+8657188881234"),
        ("(212) 555-0100", "US", "+12125550100"),
        ("1 212 555 0100", "US", "+12125550100"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("+44 (0)20 7946 0958", None, "+442079460958"),
        ("030 123456", "DE", "+4930123456"),
        ("06 1234 5678", "IT", "+390612345678"),
        ("not given", "CN", None),
        ("123", "CN", None),
        (None, "CN", None),
    ],
)
def test_phones_have_one_normal_form(
    phone: str | None, country: str | None, expected: str | None
) -> None:
    assert normal_phone(phone, country, SETTINGS) == expected


@pytest.mark.parametrize(
    ("email", "expected"),
    [
        (" Ann@Example.COM ", "ann@example.com"),
        ("  ", None),
        (None, None),
        ("ann", None),
        ("ann@example", None),
        ("@example.com", None),
        ("ann@@example.com", None),
        ("ann@example..com", None),
        ("an n@example.com", None),
    ],
)
def test_e_mails_have_one_normal_form(email: str | None, expected: str | None) -> None:
    assert normal_email(email) == expected


def test_equal_values_score_alike_and_collapsed_cuts_count_each() -> None:
    cuts = (Fraction(1), Fraction(1), Fraction(2), Fraction(5, 2))
    assert [value_score(value, cuts, is_inclusive=False) for value in (0, 1, 2, 3)] == [1, 1, 3, 5]
    assert [value_score(value, cuts, is_inclusive=True) for value in (0, 1, 2, 3)] == [1, 3, 4, 5]
    assert [recency_score(days, cuts) for days in (0, 1, 2, 3)] == [5, 3, 2, 1]


# --- accepted and rejected rows --------------------------------------------------------------
@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (order("o1"), None),
        (order(None, None), "missing_order_id"),
        (order("o1", None, gross_amount=None), "ordered_at_unreadable"),
        (order("o1", "2024-07-01T15:59:59"), None),
        (order("o1", "2024-07-01T16:00:00", gross_amount=None), "ordered_in_future"),
        (order("o1", gross_amount=None, currency="XXX"), "amount_unreadable"),
        (order("o1", discount_amount=None), "amount_unreadable"),
        (order("o1", gross_amount=Decimal(-1)), "amount_negative"),
        (order("o1", discount_amount=Decimal(-1)), "amount_negative"),
        (order("o1", discount_amount=Decimal("100.01"), currency="XXX"), "amount_negative"),
        (order("o1", discount_amount=Decimal(100)), None),
        (order("o1", currency="XXX"), "currency_unknown"),
        (order("o1", currency=None), "currency_unknown"),
    ],
)
def test_the_first_reject_reason_wins(row: Order, reason: str | None) -> None:
    assert [judged.reason for judged in outcome([row]).orders] == [reason]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (refund("r1"), None),
        (refund(None), "missing_refund_id"),
        (refund("r1", None), "refunded_at_unreadable"),
        (refund("r1", "2024-07-02T04:00:00"), "refunded_in_future"),
        (refund("r1", refund_amount=None), "amount_unreadable"),
        (refund("r1", refund_amount=Decimal(0)), "amount_not_positive"),
        (refund("r1", currency="XXX"), "currency_unknown"),
    ],
)
def test_refunds_are_judged(row: Refund, reason: str | None) -> None:
    assert [judged.reason for judged in outcome(refunds=[row]).refunds] == [reason]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (contact("c1"), None),
        (contact(None), "missing_contact_id"),
        (contact("c1", None), "created_at_unreadable"),
        (contact("c1", "2024-07-02T04:00:00"), "created_in_future"),
    ],
)
def test_contacts_are_judged(row: Contact, reason: str | None) -> None:
    assert [judged.reason for judged in outcome(contacts=[row]).contacts] == [reason]


def test_the_newest_usable_version_of_a_row_stands() -> None:
    rows = [
        order("o1", updated_at=None, gross_amount=Decimal(1)),
        order("o1", updated_at=at("2024-03-02"), gross_amount=Decimal(2)),
        order("o1", updated_at=at("2024-03-02"), gross_amount=Decimal(2)),
        order("o1", updated_at=at("2024-03-01"), gross_amount=Decimal(3)),
        order("o1", updated_at=at("2024-03-09"), gross_amount=None),
        order("o2", gross_amount=Decimal(4)),
        replace(order("o1", gross_amount=Decimal(5)), source_name="till"),
    ]
    reasons = [judged.reason for judged in outcome(rows).orders]
    assert reasons[0] == "superseded"
    assert sorted(map(str, reasons[1:3])) == ["None", "superseded"]
    assert reasons[3:] == ["superseded", "amount_unreadable", None, None]
    kept = outcome(rows).accepted_orders
    assert {key: sale.gross for key, sale in kept.items()} == {
        ("shop", "o1"): 2,
        ("shop", "o2"): 4,
        ("till", "o1"): 5,
    }


# --- money -----------------------------------------------------------------------------------
def test_converted_gross_and_paid_are_rounded_once_and_the_discount_lies_between() -> None:
    reference = Reference(rates={"USD": [(date(2024, 1, 1), Decimal("7.1234"))]})
    row = order(
        "o1", gross_amount=Decimal("10.01"), discount_amount=Decimal("3.33"), currency="USD"
    )
    (sale,) = outcome([row], reference=reference).accepted_orders.values()
    # 10.01 * 7.1234 = 71.305234, 6.68 * 7.1234 = 47.584312
    assert (sale.gross, sale.paid, sale.discount) == (
        Decimal("71.31"),
        Decimal("47.58"),
        Decimal("23.73"),
    )


def test_a_refund_in_the_orders_currency_uses_the_orders_rate() -> None:
    reference = Reference(
        rates={
            "USD": [(date(2024, 1, 1), Decimal(7)), (date(2024, 3, 2), Decimal(8))],
            "EUR": [(date(2024, 3, 2), Decimal(9))],
        }
    )
    sales = [order("o1", currency="USD"), order("o2", status="cancelled", currency="USD")]
    backs = [
        refund("same", order_id="o1", currency="USD"),
        refund("other currency", order_id="o1", currency="EUR"),
        refund("unknown order", order_id="o9", contact_id="c1", currency="USD"),
        refund("no sale", order_id="o2", currency="USD"),
        refund("not yet", "2024-03-14T16:00:00", order_id="o1"),
    ]
    metrics = only_customer(sales, refunds=backs, reference=reference)
    assert metrics.refund_amount == 70 + 90 + 80
    assert metrics.gross_revenue == 700
    assert metrics.net_revenue == 700 - 240


def test_only_valid_orders_count_but_any_record_makes_a_customer() -> None:
    rows = [
        order("o1", status=" PAID "),
        order("o2", status="cancelled"),
        order("o3", status=None),
        order("o4", is_test=True),
        order("o5", discount_amount=Decimal(100)),
        order("o6", "2024-03-14T16:00:00"),
        order("o7", "2023-12-31T04:00:00", status="pending"),
    ]
    metrics = only_customer(rows)
    assert (metrics.order_count, metrics.net_revenue) == (1, Decimal(100))
    assert (metrics.recency_days, metrics.tenure_days) == (14, 14)
    assert metrics.first_seen_date == date(2023, 12, 31)
    assert not outcome([rows[5]]).customers


# --- identity --------------------------------------------------------------------------------
def customers_of(
    *contacts: Contact, settings: Settings = SETTINGS, reference: Reference = NOWHERE
) -> list[int]:
    result = outcome(contacts=contacts, settings=settings, reference=reference)
    return sorted(len(customer) for customer in set(result.customer_of_contact.values()))


def test_accounts_are_joined_through_chains_of_identifiers() -> None:
    chain = [
        contact("c1", email=" Ann@Example.com"),
        contact("c1", source="shop", email="ann@example.com ", phone="138 1234 5678"),
        contact("c2", phone="+8613812345678", country="US"),
        contact("c3", phone="2125550100", country="US"),
    ]
    assert customers_of(*chain) == [1, 3]
    denied = Reference(is_denied=lambda kind, identifier: identifier == "ann@example.com")
    assert customers_of(*chain, reference=denied) == [1, 1, 2]


def test_an_erased_contact_is_linked_by_nothing() -> None:
    pair = [
        contact("c1", email="a@x.org", erased_at=at("2024-02-01")),
        contact("c2", email="a@x.org"),
    ]
    assert customers_of(*pair) == [1, 1]
    buys = [replace(order("o1", email="a@x.org"), source_name="crm")]
    assert len(set(outcome(buys, pair).identity.customer_of.values())) == 2


def test_an_identifier_of_too_many_accounts_links_none() -> None:
    crowd = [contact(f"c{number}", email="desk@x.org") for number in range(4)]
    limit = replace(SETTINGS, identity_max_accounts_per_identifier=3)
    assert customers_of(*crowd[:3], settings=limit) == [3]
    assert customers_of(*crowd, settings=limit) == [1, 1, 1, 1]


def test_a_component_of_too_many_identifiers_falls_apart() -> None:
    chain = [
        contact("c1", email="a@x.org", phone="13800000001"),
        contact("c2", email="b@x.org", phone="13800000001"),
        contact("c3", email="b@x.org"),
    ]
    limit = replace(SETTINGS, identity_max_identifiers_per_customer=6)
    assert customers_of(*chain, settings=limit) == [3]
    chain.append(contact("c4", email="b@x.org"))
    assert customers_of(*chain, settings=limit) == [1, 1, 1, 1]
    assert len(outcome(contacts=chain, settings=limit).identity.capped) == 4


def test_guests_are_found_by_e_mail_else_phone_else_not_at_all() -> None:
    guests = [
        order("o1", contact_id=None, email="a@x.org", phone="13800000001"),
        order("o2", contact_id=None, phone="+86 138 0000 0001"),
        order("o3", contact_id=None, email="noreply@x.org"),
        order("o4", contact_id=None),
    ]
    denied = Reference(is_denied=lambda kind, identifier: identifier == "noreply@x.org")
    result = outcome(guests, reference=denied)
    found = result.customer_of_order
    assert found["shop", "o1"] == found["shop", "o2"] is not None
    assert found["shop", "o3"] is None is found["shop", "o4"]


# --- segments --------------------------------------------------------------------------------
def days_ago(*days: int) -> list[Order]:
    noon = datetime(AS_OF.year, AS_OF.month, AS_OF.day, 4)  # noqa: DTZ001  (UTC, as in the contract)
    return [
        order(f"o{place}", (noon - timedelta(days=day)).isoformat())
        for place, day in enumerate(days)
    ]


@pytest.mark.parametrize(
    ("days", "registered", "expected"),
    [
        ([], 1, "prospect"),
        ([30], 400, "new"),
        ([31], 400, "active"),
        ([90], 400, "active"),
        ([1, 1], 1, "active"),
        ([91], 400, "dormant"),
        ([91], 30, "new"),
        ([365], 400, "dormant"),
        ([366], 400, "lost"),
    ],
)
def test_activity(days: list[int], registered: int, expected: str) -> None:
    created = f"{AS_OF - timedelta(days=registered)}T04:00:00"
    person = contact("c1", created, source="shop")
    assert only_customer(days_ago(*days), [person]).activity_segment == expected


@pytest.mark.parametrize(
    ("days", "rhythm", "expected"),
    [
        ([10], 90, "onboarding"),
        ([180], 90, "onboarding"),
        ([181], 90, "declining"),
        ([360], 90, "declining"),
        ([361], 90, "churned"),
        ([10, 20], 90, "growing"),
        ([10, 10, 10, 10], 90, "onboarding"),
        ([10, 371], 90, "reactivated"),
        ([10, 370], 90, "growing"),
        ([10, 40, 70, 100], 30, "mature"),
        ([60, 90, 120, 150], 30, "mature"),
        ([61, 91, 121, 151], 30, "declining"),
        ([10, 12, 14, 16], 14, "mature"),
        ([29, 31, 33, 35], 14, "declining"),
        ([15, 60, 120, 180, 240, 300, 360, 364], 60, "mature"),
        ([15, 60, 120, 180, 240, 300, 360, 365], 60, "loyal"),
    ],
)
def test_lifecycle(days: list[int], rhythm: int, expected: str) -> None:
    metrics = only_customer(days_ago(*days))
    assert (metrics.rhythm_days, metrics.lifecycle_segment) == (Fraction(rhythm), expected)
    assert lifecycle_segment(metrics, Fraction(rhythm), SETTINGS) == expected


def test_the_population_lends_its_rhythm_to_those_without_enough_gaps() -> None:
    steady = [replace(row, contact_id="steady") for row in days_ago(5, 25, 45, 85)]
    slow = [replace(row, contact_id="slow", source_name="s") for row in days_ago(5, 45, 85, 125)]
    once = replace(days_ago(7)[0], source_name="once")
    found = outcome([*steady, *slow, once]).customers
    assert {metrics.rhythm_days for metrics in found.values()} == {20, 30, 40}


def test_quarters_of_the_day_and_seasons_begin_where_the_one_before_ends() -> None:
    hours = [time_of_day(time(hour)) for hour in range(24)]
    assert hours == ["night"] * 6 + ["morning"] * 6 + ["afternoon"] * 6 + ["evening"] * 6
    assert time_of_day(time(5, 59, 59, 999999)) == "night"
    south = replace(SETTINGS, southern_hemisphere=True)
    for month, north_of_it, south_of_it in (
        (1, "winter", "summer"),
        (2, "winter", "summer"),
        (3, "spring", "autumn"),
        (5, "spring", "autumn"),
        (6, "summer", "winter"),
        (8, "summer", "winter"),
        (9, "autumn", "spring"),
        (11, "autumn", "spring"),
        (12, "winter", "summer"),
    ):
        assert season(date(2024, month, 29), SETTINGS) == north_of_it
        assert season(date(2024, month, 29), south) == south_of_it


def test_only_what_stands_more_often_than_any_other_is_preferred() -> None:
    assert preferred([], SETTINGS) == ("unknown", None)
    assert preferred(list("aab"), SETTINGS) == ("a", Fraction(2, 3))
    assert preferred(list("aabb"), SETTINGS) == ("mixed", Fraction(1, 2))
    assert preferred(list("aa"), SETTINGS) == ("unknown", 1)
    assert preferred(list("ab"), SETTINGS) == ("unknown", Fraction(1, 2))
    assert preferred(list("abcc"), SETTINGS) == ("c", Fraction(1, 2))


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([5], "one_time"),
        ([5, 5, 5], "one_time"),
        ([5, 35], "high"),
        ([5, 36], "regular"),
        ([5, 35, 66], "regular"),
        ([5, 95], "regular"),
        ([5, 96], "occasional"),
        ([5, 6, 7, 300], "high"),
    ],
)
def test_purchase_frequency(days: list[int], expected: str) -> None:
    assert only_customer(days_ago(*days)).purchase_frequency_segment == expected


@pytest.mark.parametrize(
    ("discounts", "expected"),
    [
        ([], "none"),
        ([50, 50], "unknown"),
        ([0, 0, 0], "unknown"),
        ([20, 20, 0, 0], "high"),
        ([20, 20, 0, 0, 0], "medium"),
        ([20, "19.9999", 0, 0], "medium"),
        ([10, 0, 0, 0, 0], "medium"),
        ([90, 0, 0, 0, 0, 0], "low"),
        ([2, 2, 2, 2, "1.9999"], "low"),
        ([2, 2, 2, 2, 2], "medium"),
    ],
)
def test_price_sensitivity(discounts: list[int | str], expected: str) -> None:
    sales = [
        replace(row, discount_amount=Decimal(discount))
        for row, discount in zip(days_ago(*range(1, len(discounts) + 1)), discounts, strict=True)
    ]
    metrics = only_customer(sales, [contact("c1", source="shop")])
    assert metrics.price_sensitivity_segment == expected
    assert (metrics.discount_depth is None) == (not any(map(Decimal, discounts)))


def test_no_discount_of_anybody_leaves_prices_unknown_and_one_tells_of_all() -> None:
    mine = days_ago(1, 2, 3)
    other = replace(order("x", contact_id="c2"), discount_amount=Decimal(1), source_name="till")
    found = outcome([*mine, other]).customers.values()
    assert {(one.order_count, one.price_sensitivity_segment) for one in found} == {
        (3, "low"),
        (1, "unknown"),
    }
    assert only_customer(mine).price_sensitivity_segment == "unknown"


def test_variation_is_measured_from_the_median_and_the_next_order_expected_a_rhythm_later() -> None:
    # gaps 10, 40, 20 lie 10, 20 and 0 from 20
    steady = only_customer(days_ago(5, 25, 65, 75))
    assert (steady.median_gap_days, steady.gap_variation) == (20, Fraction(1, 2))
    # gaps 1, 30, 32, 60: a rhythm of 31 days
    uneven = only_customer(days_ago(1, 2, 32, 64, 124))
    assert uneven.gap_variation == Fraction(61, 4) / 31
    assert uneven.next_order_expected_date == AS_OF - timedelta(days=1) + timedelta(days=31)
    # two gaps, of 41 and 20 days, are too few: no variation, and the fallback of 90 days
    few = only_customer(days_ago(1, 21, 62))
    assert (few.median_gap_days, few.gap_variation) == (Fraction(61, 2), None)
    assert few.next_order_expected_date == AS_OF + timedelta(days=89)
    half = only_customer(days_ago(1, 21, 22, 53, 84))  # gaps 20, 1, 31, 31: 25.5 days
    assert half.next_order_expected_date == AS_OF + timedelta(days=25)
    assert only_customer(days_ago(1)).median_gap_days is None


@pytest.mark.parametrize(
    ("days", "gross", "returned", "expected"),
    [
        ([], "1", "0", ("none", "none", "none")),
        ([366], "6000", "0", ("none", "none", "none")),
        ([365], "6000", "0", ("high", "low", "low")),
        ([1] * 4, "625", "0", ("mid", "mid", "mid")),
        ([1] * 4, "625", "0.01", ("low", "mid", "low")),
        ([1] * 4, "1250", "0", ("mid", "mid", "mid")),
        ([1] * 4, "1250.01", "0", ("high", "mid", "mid")),
        ([1] * 12, "416.67", "0", ("high", "high", "high")),
        ([1] * 11, "1", "0", ("low", "mid", "low")),
        ([1] * 12, "1", "0", ("low", "high", "low")),
    ],
)
def test_value_tier(
    days: list[int], gross: str, returned: str, expected: tuple[str, str, str]
) -> None:
    person = contact("c1", source="shop")
    sales = [replace(row, gross_amount=Decimal(gross)) for row in days_ago(*days)]
    back = [refund("r1", "2024-03-14T04:00:00", contact_id="c1", refund_amount=Decimal(returned))]
    backs = back if Decimal(returned) else []
    metrics = only_customer(sales, [person], backs)
    found = (metrics.spend_grade, metrics.frequency_grade, metrics.value_tier_segment)
    assert found == expected
    tiers = {
        policy: only_customer(
            sales, [person], backs, settings=replace(SETTINGS, value_tier_policy=policy)
        ).value_tier_segment
        for policy in ("max", "matrix")
    }
    order = ["none", "low", "mid", "high"]
    assert tiers["max"] == max(expected[:2], key=order.index)
    named = f"{expected[0]}_spend_{expected[1]}_frequency"
    assert tiers["matrix"] == ("none" if expected[0] == "none" else named)


def spending(*amounts: str) -> list[Metrics]:
    """Customers with one order each, in the order of their amounts."""
    sales = [
        order(f"o{place}", contact_id=f"c{place}", gross_amount=Decimal(amount))
        for place, amount in enumerate(amounts)
    ]
    found = {next(iter(who))[-1]: metrics for (who, _), metrics in outcome(sales).customers.items()}
    return [found[f"c{place}"] for place in range(len(amounts))]


@pytest.mark.parametrize(
    ("amounts", "parts"),
    [
        (["80", "15", "5"], ["head", "torso", "tail"]),
        (["79.99", "15", "5.01"], ["head", "head", "torso"]),
        (["7", "7", "7"], ["head", "head", "head"]),
        (["50", "30", "5", "5", "5", "5"], ["head", "head", *["torso"] * 4]),
        (["0.01"], ["head"]),
    ],
)
def test_pareto(amounts: list[str], parts: list[str]) -> None:
    assert [customer.pareto_segment for customer in spending(*amounts)] == parts


def test_who_brought_nothing_stands_nowhere() -> None:
    backs = [refund("r1", order_id="o1", refund_amount=Decimal(100))]
    result = outcome([order("o1"), order("o2", contact_id="c2")], refunds=backs)
    parts = {metrics.net_revenue: metrics.pareto_segment for metrics in result.customers.values()}
    assert parts == {0: "none", 100: "head"}
    figures = result.concentrations[AS_OF]
    assert (figures.buyer_count, figures.net_revenue, figures.gini) == (1, 100, 0)


@given(st.lists(st.integers(1, 10_000_000), min_size=1, max_size=60))
def test_gini_is_that_of_another_library(cents: list[int]) -> None:
    exact = gini_of([Decimal(amount) / 100 for amount in cents])
    assert float(exact) == pytest.approx(pygini.gini(np.array(cents, dtype=float)), abs=1e-6)


def test_gini_is_that_of_published_examples() -> None:
    """The examples of R's `ineq`, to seven places, and of `phylotools`, which has ties."""
    incomes = [541, 1463, 2445, 3438, 4437, 5401, 6392, 8304, 11904, 22261]
    assert round(float(gini_of([Decimal(income) for income in incomes])), 7) == 0.4620911
    assert gini_of([Decimal(value) for value in (1, 3, 2, 1, 1, 1, 4)]) == Fraction(4, 13)
    assert gini_of([Decimal(5)]) == gini_of([Decimal(5)] * 3) == 0


def test_a_top_share_may_end_within_a_customer() -> None:
    revenues = [Decimal(amount) for amount in (10, 50, 10, 30)]
    assert top_share(revenues, 20) == Fraction(4, 10)
    assert top_share(revenues, 25) == Fraction(5, 10)
    assert top_share(revenues, 60) == Fraction(84, 100)
    assert top_share(revenues, 100) == 1


def test_vip_levels_reach_up_to_the_next() -> None:
    minimums = {"low": Decimal(0), "high": Decimal("41.67")}
    assert vip_level(None, minimums) == "none"
    assert vip_level(Fraction(0), minimums) == "low"
    assert vip_level(Fraction("41.66"), minimums) == "low"
    assert vip_level(Fraction(125, 3), minimums) == "high", "two places are kept"
    reference = Reference(
        vip_minimums=minimums,
        rfm_map=dict.fromkeys(product(range(1, 6), repeat=3), "x"),
    )
    (buyer,) = outcome([order("o1")], reference=reference).customers.values()
    scores = (buyer.r_score, buyer.f_score, buyer.m_score)
    assert (scores, buyer.vip_score, buyer.vip_level_segment) == ((1, 1, 1), 0, "low")


@pytest.mark.parametrize(
    ("days", "risk", "reasons"),
    [
        ([], "none", {}),
        ([400], "unknown", {}),
        ([10, 40, 70], "unknown", {}),
        ([10, 40, 70, 100], "low", {}),
        ([45, 75, 105, 135], "low", {}),
        ([46, 76, 106, 136], "medium", {"overdue": 1}),
        ([120, 150, 180, 210], "medium", {"overdue": 1}),
        ([121, 151, 181, 211], "high", {"overdue": 2}),
        ([180, 181, 182, 360], "high", {"overdue": 2, "falling_frequency": 1, "falling_spend": 1}),
        ([180, 181, 182, 361], "high", {"overdue": 2}),
        ([181, 181, 360], "high", {"falling_frequency": 2, "falling_spend": 2}),
        ([90, 181, 360], "unknown", {}),
        ([90, 90, 181, 181, 360, 360], "low", {}),
        ([90, 181, 181, 360], "medium", {"falling_frequency": 1, "falling_spend": 1}),
    ],
)
def test_churn_risk(days: list[int], risk: str, reasons: dict[str, int]) -> None:
    metrics = only_customer(days_ago(*days), [contact("c1", "2023-01-01T04:00:00", source="shop")])
    assert metrics.churn_risk_segment == risk
    found = {reason: severity for reason, (severity, _, _) in metrics.churn_reasons.items()}
    assert found == reasons


def test_spend_may_fall_alone() -> None:
    sales = [
        replace(row, gross_amount=Decimal(gross))
        for row, gross in zip(
            days_ago(10, 20, 30, 190, 200, 210), (30, 30, 39, 100, 100, 1), strict=True
        )
    ]
    metrics = only_customer(sales)
    assert metrics.churn_reasons.keys() == {"falling_spend"}
    assert metrics.churn_reasons["falling_spend"][0] == 1
    backs = [refund("r1", "2024-03-10T04:00:00", contact_id="c1", refund_amount=Decimal(99))]
    assert only_customer(sales, refunds=backs).churn_reasons["falling_spend"][:2] == (2, 0)


def test_channels_are_chosen_by_orders_then_paid_then_latest_then_name() -> None:
    def channel(*rows: tuple[str, str, str]) -> str:
        return only_customer(
            [
                order(f"o{place}", moment, sales_channel=name, gross_amount=Decimal(gross))
                for place, (name, moment, gross) in enumerate(rows)
            ]
        ).purchase_channel

    first, later = "2024-03-01T04:00:00", "2024-03-02T04:00:00"
    assert channel(("a", first, "1"), ("a", first, "1"), ("b", later, "9")) == "a"
    assert channel(("a", later, "1"), ("b", first, "2")) == "b"
    assert channel(("a", first, "1"), ("b", later, "1")) == "b"
    assert channel(("b", first, "1"), ("a", first, "1")) == "a"

    rows = [order(f"o{place}", sales_channel=name) for place, name in enumerate("aab")]
    metrics = only_customer(rows)
    assert metrics.purchase_channel_share == Fraction(2, 3)
    assert metrics.purchase_channel_entropy == pytest.approx(0.6365141682948128)
    assert metrics.is_omnichannel


def test_the_first_touch_that_says_something_is_the_acquisition() -> None:
    reference = Reference(
        channel_of=lambda touch: touch[0] or "unassigned",
        channel_rank={"email": 2, "paid_search": 1},
    )

    def channel(*sources: str | None, **person: Any) -> str:
        created = [contact("c1", "2024-03-01T04:00:00", source="shop", **person)] if person else []
        rows = [
            order(f"o{place}", f"2024-03-0{place + 1}T04:00:00", utm_source=source)
            for place, source in enumerate(sources)
        ]
        return only_customer(rows, created, reference=reference).acquisition_channel

    assert channel("direct", None, "email", "paid_search") == "email"
    assert channel(None, "direct") == "direct"
    assert channel(None) == "unassigned"
    assert channel("email", acquisition_source="paid_search") == "paid_search"
    erased = {"acquisition_source": "paid_search", "erased_at": at("2024-04-01")}
    assert channel("email", **erased) == "email"


EIGHT_TYPES = {
    "RFM": "重要价值客户",
    "R-M": "重要发展客户",
    "-FM": "重要保持客户",
    "--M": "重要挽留客户",
    "RF-": "一般价值客户",
    "R--": "一般发展客户",
    "-F-": "一般保持客户",
    "---": "一般挽留客户",
}


def labels_zh(preset: str) -> dict[str, str]:
    rows = read_seed(SEEDS, "segment_labels")
    return {
        row["segment_id"]: row["label_zh"]
        for row in rows
        if (row["segmentation_id"], row["preset"]) == ("rfm", preset)
    }


def test_the_eight_value_types_are_called_as_everybody_calls_them() -> None:
    labels = labels_zh("rfm_8")
    named = {
        "".join(
            letter if row[f"{letter.lower()}_level"] == "2" else "-" for letter in "RFM"
        ): labels[row["segment_id"]]
        for row in read_seed(SEEDS, "rfm_8_segment_map")
    }
    assert named == EIGHT_TYPES


def test_a_value_type_is_told_by_the_means() -> None:
    """Means of 20 days, 2 orders and 150 spent: what is equal to the mean is low."""
    settings = replace(SETTINGS, rfm_preset="rfm_8")
    reference = read_reference(SEEDS, settings)

    def person(name: str, days: Sequence[int], gross: str) -> list[Order]:
        amount = Decimal(gross) / len(days)
        return [replace(row, source_name=name, gross_amount=amount) for row in days_ago(*days)]

    def types(*people: Sequence[Order]) -> dict[str, str]:
        rows = [row for orders in people for row in orders]
        found = outcome(rows, settings=settings, reference=reference).customers
        return {next(iter(one))[1]: metrics.rfm_segment for (one, _), metrics in found.items()}

    assert types(
        person("mean", [20, 20], "150"),
        person("best", [19, 40, 41], "150.01"),
        person("worst", [21], "149.99"),
    ) == {
        "mean": "general_win_back",
        "best": "important_value",
        "worst": "general_win_back",
    }
    assert types(person("only", [1], "1000")) == {"only": "general_win_back"}


# R and the mean of F and M as digits, as notebooks all over the web write this grid down
GRID_RULES = {
    "hibernating": "[12][12]",
    "at_risk": "[12][34]",
    "cannot_lose_them": "[12]5",
    "about_to_sleep": "3[12]",
    "need_attention": "33",
    "loyal_customers": "[34][45]",
    "promising": "41",
    "new_customers": "51",
    "potential_loyalists": "[45][23]",
    "champions": "5[45]",
}


def test_the_map_of_fm_grid_is_the_usual_grid() -> None:
    grid = read_reference(SEEDS, replace(SETTINGS, rfm_preset="fm_grid")).rfm_map
    for r, f, m in product(range(1, 6), repeat=3):
        mean = (Decimal(f + m) / 2).quantize(Decimal(1), rounding=ROUND_HALF_UP)
        names = [name for name, rule in GRID_RULES.items() if re.fullmatch(rule, f"{r}{mean}")]
        assert [grid[r, f, m]] == names
    assert set(grid.values()) == set(GRID_RULES)


# --- published figures -----------------------------------------------------------------------
R_RULES = {
    "Champions": ("5", "5", "5"),
    "Potential Loyalist": ("345", "345", "2345"),
    "Loyal Customers": ("234", "234", "234"),
    "Promising": ("34", "123", "345"),
    "New Customers": ("45", "123", "12345"),
    "Can't Lose Them": ("12", "34", "45"),
    "At Risk": ("12", "2345", "45"),
    "Need Attention": ("123", "345", "345"),
    "About To Sleep": ("23", "123", "1234"),
    "Lost": ("1", "12345", "12345"),
}


def r_map() -> dict[tuple[int, int, int], str]:
    """The ten ordered rules of R `rfm` over all 125 cells, from its documentation."""
    return {
        (r, f, m): next(
            (
                name
                for name, allowed in R_RULES.items()
                if all(str(part) in parts for part, parts in zip((r, f, m), allowed, strict=True))
            ),
            "Others",
        )
        for r, f, m in product(range(1, 6), repeat=3)
    }


def test_the_published_table_of_r_rfm_comes_out(data_dir: Path) -> None:
    path = data_dir / "rfm_rpkg" / "rfm_data_orders.parquet"
    rows = duckdb.read_parquet(str(path)).select("customer_id, order_date, revenue").fetchall()
    sales = [
        order(str(number), f"{day}T04:00:00", contact_id=name, gross_amount=Decimal(revenue))
        for number, (name, day, revenue) in enumerate(rows)
    ]
    as_of = date(2006, 12, 31)
    result = run(
        sales,
        [],
        [],
        as_of_dates=[as_of],
        settings=replace(SETTINGS, rfm_preset="rfm_r"),
        reference=Reference(rfm_map=r_map()),
    )
    cuts = result.cut_points[as_of]
    assert cuts is not None
    assert [float(cut) for cut in cuts.recency] == [115, 181, 297.4, 482]
    assert [float(cut) for cut in cuts.frequency] == [4, 5, 6, 8]
    assert [float(cut) for cut in cuts.monetary] == [255.8, 382, 506.4, 666]
    assert Counter(metrics.rfm_segment for metrics in result.customers.values()) == {
        "Potential Loyalist": 342,
        "Loyal Customers": 170,
        "Lost": 148,
        "New Customers": 104,
        "About To Sleep": 102,
        "Can't Lose Them": 47,
        "Champions": 35,
        "At Risk": 28,
        "Need Attention": 10,
        "Promising": 9,
    }
    published: dict[str, tuple[Any, ...]] = {
        "Abbey O'Reilly": (205, 6, 472, 343),
        "Add Senger": (140, 3, 340, 412),
        "Aden Lesch": (194, 4, 405, 323),
        "Aden Murphy": (98, 7, 596, 544),
        "Admiral Senger": (132, 5, 448, 433),
    }
    found: dict[str, tuple[Any, ...]] = {}
    for (customer, _), metrics in result.customers.items():
        name = next(iter(customer))[-1]
        if name in published:
            digits = f"{metrics.r_score}{metrics.f_score}{metrics.m_score}"
            found[name] = (
                metrics.recency_days,
                metrics.order_count,
                metrics.net_revenue,
                int(digits),
            )
    assert found == published
