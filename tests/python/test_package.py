"""Another dbt project installs this one as a package and supplies its own orders."""

import os
from pathlib import Path

import duckdb
from conftest import PROJECT_ROOT, run_dbt
from dbt.cli.main import dbtRunner

PROJECT = """
name: my_shop
version: 1.0.0
profile: segmentation
flags:
  send_anonymous_usage_stats: false
  require_generic_test_arguments_property: true
vars:
  segmentation:
    inputs:
      orders: [stg_shop__orders]
      contacts: []
      refunds: []
      rejected_rows: []
    as_of_date: "2026-01-01"
    business_timezone: Europe/Berlin
    reporting_currency: EUR
    default_country: DE
models:
  segmentation:
    staging: {+enabled: false}
seeds:
  segmentation:
    sample: {+enabled: false}
"""

# Seven customers who take turns, a hundred orders of 1 to 100 euros, one a day.
ORDERS = """
select
    'shop' as source_name,
    cast(number as varchar) as order_id,
    cast(number % 7 as varchar) as contact_id,
    {{ segmentation.null_of('string') }} as email,
    {{ segmentation.null_of('string') }} as phone,
    {{ segmentation.null_of('string') }} as country,
    timestamp '2025-01-01 12:00:00' + to_days(cast(number as integer)) as ordered_at,
    'paid' as status,
    false as is_test,
    cast(number as decimal(18, 4)) as gross_amount,
    cast(0 as decimal(18, 4)) as discount_amount,
    'EUR' as currency,
    'web' as sales_channel,
    {{ segmentation.null_of('string') }} as utm_source,
    {{ segmentation.null_of('string') }} as utm_medium,
    {{ segmentation.null_of('string') }} as utm_campaign,
    {{ segmentation.null_of('timestamp') }} as updated_at,
    {{ segmentation.raw_values(['number']) }} as raw_values
from range(1, 101) as numbers (number)
"""


def test_a_project_that_installs_the_package_gets_its_marts(tmp_path: Path) -> None:
    project = tmp_path / "my_shop"
    (project / "models").mkdir(parents=True)
    (project / "dbt_project.yml").write_text(PROJECT)
    path_to_package = os.path.relpath(PROJECT_ROOT, project)
    (project / "packages.yml").write_text(f"packages:\n  - local: {path_to_package}\n")
    (project / "models" / "stg_shop__orders.sql").write_text(ORDERS)
    contract = PROJECT_ROOT / "models" / "staging" / "files" / "stg_files__orders.yml"
    (project / "models" / "stg_shop__orders.yml").write_text(
        contract.read_text().replace("stg_files__orders", "stg_shop__orders")
    )

    database, target = tmp_path / "package.duckdb", tmp_path / "target"
    assert dbtRunner().invoke(["--quiet", "deps", "--project-dir", str(project)]).success
    result = run_dbt(["build"], db_path=database, target_path=target, project_dir=project)

    assert result.success, (result.error, result.failed)
    with duckdb.connect(str(database), read_only=True) as connection:
        found = connection.execute(
            "select count(*), sum(order_count), sum(net_revenue) from marts.customers"
        ).fetchone()
    assert found == (7, 100, 5050)
