"""The worked example of models/staging/README.md works, followed to the letter."""

import re
import shutil
from pathlib import Path

import duckdb
import yaml
from conftest import PROJECT_ROOT, run_dbt

# What a shop in Berlin might have: cents, a numeric status, wall clock of Berlin. Sale 2 is open,
# sale 3 has no customer number but an e-mail, sale 4 has an unreadable total.
RAW_SALES = """
create schema raw_shop;
create table raw_shop.sales as
select * from (values
    ('1', 'A', null, timestamp '2026-01-01 00:30:00', 3, 1999, 0, 'google', 'cpc', null,
     cast(null as timestamp)),
    ('2', 'A', null, timestamp '2026-01-02 09:00:00', 1, 500, 0, null, null, null, null),
    ('3', ' ', 'X@Example.com ', timestamp '2026-01-03 10:00:00', 4, 1000, 100,
     null, null, null, null),
    ('4', 'B', null, timestamp '2026-01-04 10:00:00', 4, null, 0, null, null, null, null)
) as sales (
    sale_no, customer_no, mail, sold_at, state, total_cents, rebate_cents,
    utm_source, utm_medium, utm_campaign, changed_at
)
"""


def blocks(language: str) -> list[str]:
    page = (PROJECT_ROOT / "models" / "staging" / "README.md").read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL)


def test_the_worked_example_works(tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(
        PROJECT_ROOT,
        project,
        ignore=shutil.ignore_patterns(".*", "target", "logs", "*.duckdb*", "tests", "data"),
    )
    shutil.copytree(PROJECT_ROOT / "tests" / "generic", project / "tests" / "generic")
    shop = project / "models" / "staging" / "my_shop"
    shop.mkdir()
    source_yaml, vars_yaml = blocks("yaml")
    (shop / "_my_shop__sources.yml").write_text(source_yaml, encoding="utf-8")
    (sql,) = blocks("sql")
    (shop / "stg_my_shop__orders.sql").write_text(sql, encoding="utf-8")
    contract = project / "models/staging/web_shop/stg_web_shop__orders.yml"
    (shop / "stg_my_shop__orders.yml").write_text(
        contract.read_text(encoding="utf-8").replace("stg_web_shop__orders", "stg_my_shop__orders"),
        encoding="utf-8",
    )
    settings = yaml.safe_load((project / "dbt_project.yml").read_text(encoding="utf-8"))
    settings["vars"]["segmentation"].update(yaml.safe_load(vars_yaml))
    for source in ("web_shop", "tills", "crm"):
        settings["models"]["segmentation"]["staging"][source]["+enabled"] = False
    settings["seeds"]["segmentation"]["sample"]["+enabled"] = False
    (project / "dbt_project.yml").write_text(yaml.safe_dump(settings), encoding="utf-8")

    database = tmp_path / "own.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute(RAW_SALES)
    result = run_dbt(
        ["build"], db_path=database, target_path=tmp_path / "target", project_dir=project
    )

    assert result.success, (result.error, result.failed)
    with duckdb.connect(str(database), read_only=True) as connection:
        orders = connection.execute(
            "select order_id, cast(order_date as varchar), validity, marketing_channel, net_revenue"
            " from marts.orders order by order_id"
        ).fetchall()
        rejected = connection.execute(
            "select record_key, reason, raw_values like '%[personal]%' from marts.rejected_records"
        ).fetchall()
        customers = connection.execute("select count(*) from marts.customers").fetchone()
    assert [(*order[:4], float(order[4])) for order in orders] == [
        ("1", "2026-01-01", "valid", "paid_search", 19.99),
        ("2", "2026-01-02", "status", "direct", 0.0),
        ("3", "2026-01-03", "valid", "direct", 9.0),
    ]
    assert rejected == [("4", "amount_unreadable", False)]
    assert customers == (2,)
