"""Published results of other people's code, reproduced through the files source.

R `rfm` (its segment table, cut points and single customers) and CDNOW against `lifetimes`.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pytest
from conftest import RunDbt
from contract_files import preset_vars, write_contract_file
from lifetimes.utils import summary_data_from_transaction_data

pytestmark = pytest.mark.slow

# What every order of the two data sets has in common.
COMPLETED = {
    "status": "'completed'",
    "is_test": "false",
    "discount_amount": "0",
    "currency": "'USD'",
}


@dataclass(frozen=True)
class Built:
    """A database that dbt has built."""

    database: Path

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.execute(sql).fetchall()


def build_orders(
    run_dbt: RunDbt,
    folder: Path,
    orders: duckdb.DuckDBPyRelation,
    expressions: Mapping[str, str],
    **variables: Any,
) -> Built:
    """The whole project, tests included, over a file of orders alone."""
    write_contract_file(folder / "orders.parquet", "orders", orders, COMPLETED | expressions)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEGMENTATION_FILES", str(folder))
        patch.delenv("SEGMENTATION_FILES_FORMAT", raising=False)
        result = run_dbt(
            ["--quiet", "build"],
            vars=preset_vars("files", inputs={"orders": ["stg_files__orders"]}, **variables),
            db_path=folder / "built.duckdb",
            target_path=folder / "target",
        )
    assert result.success, result.error or result.failed
    return Built(folder / "built.duckdb")


# Which customer of the marts a source's own id became, through the orders that both know.
CUSTOMER_OF_CONTACT = """
    customer_of_contact as (
        select distinct staged.contact_id, orders.customer_id
        from marts.orders as orders
        inner join staging.stg_files__orders as staged using (source_name, order_id)
    )
"""


# --- R rfm --------------------------------------------------------------------------------------
PUBLISHED_SEGMENTS = {
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
PUBLISHED_CUTS = {
    "recency": ("115", "181", "297.4", "482"),
    "frequency": ("4", "5", "6", "8"),
    "monetary": ("255.8", "382", "506.4", "666"),
}
# recency days, orders, revenue, scores
PUBLISHED_CUSTOMERS = {
    "Abbey O'Reilly": (205, 6, 472, "343"),
    "Add Senger": (140, 3, 340, "412"),
    "Aden Lesch": (194, 4, 405, "323"),
    "Aden Murphy": (98, 7, 596, "544"),
    "Admiral Senger": (132, 5, 448, "433"),
}


@pytest.fixture(scope="module")
def r_rfm(run_dbt, data_dir, tmp_path_factory) -> Built:
    """The package's customers are known by their names: contact_id is the name."""
    path = data_dir / "rfm_rpkg" / "rfm_data_orders.parquet"
    orders = duckdb.read_parquet(str(path), file_row_number=True)
    return build_orders(
        run_dbt,
        tmp_path_factory.mktemp("r_rfm"),
        orders,
        {
            "source_name": "'r_rfm'",
            "order_id": "file_row_number",
            "contact_id": "customer_id",
            "ordered_at": "order_date",
            "gross_amount": "revenue",
        },
        as_of_date="2006-12-31",
        rfm_preset="rfm_r",
    )


def test_r_rfm_has_all_its_customers_orders_and_revenue(r_rfm):
    assert r_rfm.rows(
        "select count(*), sum(order_count), sum(net_revenue) from marts.customers"
    ) == [(995, 4_906, Decimal(464_158))]


def test_r_rfm_segment_counts_are_the_published_ones(r_rfm):
    counts = r_rfm.rows(
        "select segments.label_en, count(*) from marts.customers as customers"
        " left join marts.segments as segments on segments.segmentation_id = 'rfm'"
        " and segments.segment_id = customers.rfm_segment group by 1"
    )
    assert dict(counts) == PUBLISHED_SEGMENTS


def test_r_rfm_cut_points_are_the_published_ones(r_rfm):
    found = r_rfm.rows(
        "select metric, cut_number, cut_value, is_inclusive, as_of_date::varchar"
        " from intermediate.int_rfm_cut_points order by 1, 2"
    )
    expected = [
        (metric, number, Decimal(value), metric != "recency", "2006-12-31")
        for metric, values in sorted(PUBLISHED_CUTS.items())
        for number, value in enumerate(values, start=1)
    ]
    assert found == expected


@pytest.mark.parametrize("name", PUBLISHED_CUSTOMERS)
def test_r_rfm_single_customer_is_scored_as_published(r_rfm, name):
    customers = r_rfm.rows(
        f"""
        with {CUSTOMER_OF_CONTACT}
        select
            customer_of_contact.contact_id,
            customers.recency_days,
            customers.order_count,
            customers.net_revenue,
            concat(customers.r_score, customers.f_score, customers.m_score)
        from customer_of_contact
        inner join marts.customers as customers using (customer_id)
        """
    )
    assert len(customers) == len({contact for contact, *_ in customers}) == 995
    assert {contact: tuple(facts) for contact, *facts in customers}[name] == (
        PUBLISHED_CUSTOMERS[name]
    )


# --- CDNOW --------------------------------------------------------------------------------------
AS_OF_DATE = date(1998, 7, 1)

# One purchase as lifetimes ships it: customer, day, amount.
Purchase = tuple[str, date, Decimal]


@dataclass(frozen=True)
class Facts:
    """What the marts say of one customer."""

    order_count: int
    recency_days: int | None
    tenure_days: int | None
    gross_revenue: Decimal
    purchase_days: int
    first_day_revenue: Decimal


@pytest.fixture(scope="module")
def purchases() -> list[Purchase]:
    """All purchases of CDNOW's 23,570 new customers of early 1997."""
    path = files("lifetimes") / "datasets" / "CDNOW_master.txt"
    rows = [line.split() for line in path.read_text(encoding="ascii").splitlines()[1:]]
    return [
        (customer, datetime.strptime(day, "%Y%m%d").date(), Decimal(amount))  # noqa: DTZ007
        for customer, day, _, amount in rows
    ]


@pytest.fixture(scope="module")
def valid_purchases(purchases) -> list[Purchase]:
    """Without the 80 purchases of nothing: a valid order has an amount above zero."""
    return [purchase for purchase in purchases if purchase[2] > 0]


@pytest.fixture(scope="module")
def cdnow(run_dbt, purchases, tmp_path_factory) -> dict[str, Facts]:
    customers, days, amounts = zip(*purchases, strict=True)
    table = pa.table(
        {
            "number": pa.array(range(len(purchases))),
            "customer": pa.array(customers),
            "day": pa.array(days, pa.date32()),
            "amount": pa.array(amounts, pa.decimal128(18, 4)),
        }
    )
    built = build_orders(
        run_dbt,
        tmp_path_factory.mktemp("cdnow"),
        duckdb.from_arrow(table),
        {
            "source_name": "'cdnow'",
            "order_id": "number",
            "contact_id": "customer",
            "ordered_at": "day",
            "gross_amount": "amount",
        },
        as_of_date=AS_OF_DATE.isoformat(),
    )
    rows = built.rows(
        f"""
        with {CUSTOMER_OF_CONTACT},
        days as (
            select
                orders.customer_id,
                count(distinct orders.order_date) as purchase_days,
                sum(orders.gross_amount) filter (
                    where orders.order_date = customers.first_order_date
                ) as first_day_revenue
            from marts.orders as orders
            inner join marts.customers as customers using (customer_id)
            where orders.is_valid
            group by orders.customer_id
        )
        select
            customer_of_contact.contact_id,
            customers.order_count,
            customers.recency_days,
            customers.tenure_days,
            customers.gross_revenue,
            coalesce(days.purchase_days, 0),
            coalesce(days.first_day_revenue, 0)
        from marts.customers as customers
        inner join customer_of_contact using (customer_id)
        left join days using (customer_id)
        """
    )
    assert built.rows("select count(*) from marts.customers") == [(len(rows),)]
    return {contact: Facts(*facts) for contact, *facts in rows}


def lifetimes_summary(purchases: list[Purchase], **options: bool) -> dict[str, dict[str, float]]:
    """frequency, recency, T and monetary_value per customer, in days."""
    frame = pd.DataFrame(purchases, columns=["customer", "day", "amount"])
    frame["day"] = pd.to_datetime(frame["day"])
    frame["amount"] = frame["amount"].astype(float)
    summary = summary_data_from_transaction_data(
        frame,
        "customer",
        "day",
        "amount",
        observation_period_end=AS_OF_DATE.isoformat(),
        freq="D",
        **options,
    )
    return summary.to_dict(orient="index")


def test_cdnow_has_all_its_customers_and_orders(cdnow, purchases, valid_purchases):
    assert len(purchases) == 69_659
    assert set(cdnow) == {customer for customer, _, _ in purchases}
    assert len(cdnow) == 23_570
    orders = Counter(customer for customer, _, _ in valid_purchases)
    assert {customer: facts.order_count for customer, facts in cdnow.items()} == {
        customer: orders[customer] for customer in cdnow
    }


def test_cdnow_recency_frequency_and_monetary_equal_lifetimes(cdnow, valid_purchases):
    """Every customer, after converting the definitions of `lifetimes` to ours.

    lifetimes counts days with a purchase and leaves the first one out; we count orders and look
    back from as_of_date. Its observation period ends with a day, ours before a midnight: with
    observation_period_end = as_of_date (no purchase is that late) both measure to the same moment.

    - frequency = repeat purchase days = days with a valid order - 1
    - recency = last - first purchase day = tenure_days - recency_days
    - T = observation_period_end - first purchase day = tenure_days
    - monetary_value = mean spend of the repeat purchase days
      = (gross_revenue - spend of the first day) / frequency; 0 without a repeat purchase

    Customers who only ever took something for nothing have no valid order, and no summary.
    """
    summary = lifetimes_summary(valid_purchases)
    buyers = {customer: facts for customer, facts in cdnow.items() if facts.order_count}
    assert set(buyers) == set(summary)
    different = []
    for customer, facts in buyers.items():
        assert facts.tenure_days is not None and facts.recency_days is not None
        repeat_days = facts.purchase_days - 1
        repeat_spend = facts.gross_revenue - facts.first_day_revenue
        ours = {
            "frequency": repeat_days,
            "recency": facts.tenure_days - facts.recency_days,
            "T": facts.tenure_days,
            "monetary_value": float(repeat_spend / repeat_days) if repeat_days else 0,
        }
        if ours != pytest.approx(summary[customer], rel=1e-12, abs=1e-9):
            different.append((customer, ours, summary[customer]))
    assert different == []


def test_cdnow_gross_revenue_equals_lifetimes(cdnow, valid_purchases):
    """With the first purchase included, mean spend a day x days is all that was ever spent."""
    summary = lifetimes_summary(valid_purchases, include_first_transaction=True)
    assert {
        customer: facts.gross_revenue for customer, facts in cdnow.items() if facts.order_count
    } == {
        customer: round(Decimal(facts["monetary_value"] * facts["frequency"]), 2)
        for customer, facts in summary.items()
    }


def test_cdnow_customers_without_a_valid_order_are_customers_too(cdnow, valid_purchases):
    silent = set(cdnow) - {customer for customer, _, _ in valid_purchases}
    assert len(silent) == 68
    assert {cdnow[customer] for customer in silent} == {Facts(0, None, None, *[Decimal(0)] * 3)}
