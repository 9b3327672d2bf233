"""The calendar of exchange rates where it is long: more rows than a unit test can write down."""

import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
from conftest import RunDbt

FIRST_DAY = date(1999, 1, 1)
RUN_DATE = date(2026, 7, 1)


def test_an_old_rate_that_nothing_replaced_still_holds(run_dbt: RunDbt, tmp_path: Path) -> None:
    """A rate of 1999 stands on every day up to tomorrow, more than ten thousand days on."""
    result = run_dbt(
        ["--quiet", "compile", "--select", "int_exchange_rates"],
        vars={"reporting_currency": "CNY", "run_date": RUN_DATE.isoformat()},
        db_path=tmp_path / "rates.duckdb",
        target_path=tmp_path / "target",
    )
    assert result.success, result.error
    nodes = json.loads((tmp_path / "target" / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    code = nodes["model.segmentation.int_exchange_rates"]["compiled_code"]
    seed = nodes["seed.segmentation.exchange_rates"]["relation_name"]
    with duckdb.connect() as connection:
        connection.execute(
            "create table given as select 'EUR' as from_currency, 'CNY' as to_currency,"
            " date '1999-01-01' as valid_from, cast(8 as decimal(18, 8)) as rate"
        )
        rows = connection.execute(code.replace(seed, "given")).fetchall()
    found = sorted((day, rate) for _, day, rate in rows)
    days = (RUN_DATE - FIRST_DAY).days + 2
    assert found == [(FIRST_DAY + timedelta(days=n), Decimal(8)) for n in range(days)]
