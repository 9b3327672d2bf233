"""The command line: what it teaches, what it prints, and the sentences of its errors.

A project of four models in a folder of its own stands in for the real one.
"""

import errno
import hashlib
import json
from datetime import date
from pathlib import Path

import duckdb
import pytest
import yaml
from segmentation import audiences as listing
from segmentation import build, cli, dbt_runner, presets
from segmentation.errors import SegmentationError
from typer.testing import CliRunner, Result

COMMANDS = (
    "build",
    "summary",
    "audiences",
    "explain",
    "sample",
    "online-retail",
    "bench",
    "compare-engines",
)

SUMMARY_SQL = """
select
    cast('{{ var("as_of_date", "2026-07-01") }}' as date) as as_of_date,
    *,
    cast(0.25 as numeric(18, 6)) as customer_share,
    12 as order_count,
    cast(1234.5 as numeric(18, 2)) as net_revenue,
    cast(0.5 as numeric(18, 6)) as revenue_share,
    cast(102.88 as numeric(18, 2)) as average_order_value,
    cast(12.5 as numeric(18, 4)) as median_recency_days,
    cast(3 as numeric(18, 4)) as median_order_count,
    cast(100 as numeric(18, 4)) as median_net_revenue
from (
    values
    ('rfm', 'champions', 'Champions', '重要价值客户', 1, 25),
    ('rfm', 'lost', 'Lost', '流失客户', 2, 75),
    ('activity', 'active', 'Active', '活跃', 1, 100),
    ('gender', 'female', 'Women', '女性', 1, 100),
    ('region', 'north', 'North', '华北', 1, 100),
    ('audience', 'vip', 'VIPs', '高价值客户', 1, 10),
    ('audience', 'sale', 'Summer sale', '夏季大促', 2, 0)
) as literal (segmentation_id, segment_id, label_en, label_zh, segment_rank, customer_count)
"""
REJECTS_SQL = """
select
    source_name, 'orders' as entity, '1' as record_key, 'superseded' as reason,
    cast(1 as numeric(18, 4)) as amount, 'CNY' as currency, '{}' as raw_values,
    cast('{{ var("as_of_date", "2026-07-01") }}' as date) as as_of_date
from (values ('tills'), ('web_shop')) as literal (source_name)
"""
CHECKS_SQL = """
select
    cast('{{ var("as_of_date", "2026-07-01") }}' as date) as as_of_date, 'orders' as check_name,
    cast(10 as numeric(18, 2)) as expected,
    cast(10 - {{ var("lost_money", 0) }} as numeric(18, 2)) as actual,
    cast({{ var("lost_money", 0) }} as numeric(18, 2)) as difference, 'rows' as description
"""
LEVELS_SQL = """
select
    cast('{{ var("as_of_date", "2026-07-01") }}' as date) as as_of_date, 'frequency' as metric,
    level, 1 as lower_bound, 1 as upper_bound, 0 as customer_count, level < 4 as is_empty
from (values (2), (3), (4)) as literal (level)
"""
AUDIENCES_SQL = """
select *
from (
    values
    ('sale', 2, 'Summer sale', '夏季大促', 'marketing', cast('2026-07-01' as date)),
    ('vip', 1, 'VIPs', '高价值客户', 'crm', null)
) as literal (audience_id, audience_rank, label_en, label_zh, owner, expires_date)
where {{ var('has_audiences', true) }}
"""
CUSTOMERS_SQL = """
select customer_id from (
    values ('abc1'), ('abd2'), ('abd23'), ('abe1'), ('abe2'), ('abe3'), ('abe4'), ('abe5'), ('abe6')
) as literal (customer_id)
"""
SEGMENTS_SQL = """
select
    *,
    cast('2026-07-01' as date) as as_of_date,
    case segmentation_id when 'audience' then 'audience' else 'partition' end as kind
from (
    values
    ('rfm', 'champions', 'RFM', 'RFM 客户分层', 1),
    ('rfm', 'lost', 'RFM', 'RFM 客户分层', 1),
    ('activity', 'active', 'Activity', '客户活跃度', 2),
    ('region', 'north', 'Region', '大区', 3),
    ('gender', 'female', 'Gender', '性别', 4),
    ('channel', 'web', 'Channel', '渠道', 5),
    ('habit', 'mixed', 'Habit', '习惯', 6),
    ('audience', 'vip', 'Audiences', '人群', 7)
) as literal (
    segmentation_id, segment_id, segmentation_label_en, segmentation_label_zh, segmentation_rank
)
"""
EXPLANATIONS_SQL = """
select
    'abc1' as customer_id,
    cast('2026-07-01' as date) as as_of_date,
    *,
    cast(quantity as numeric(18, 2)) as change_quantity,
    cast(null as date) as change_by
from (
    values
    ('habit', 'mixed', 'Mixed', '不固定', 'No habit.', '没有习惯。', null, null, null, null, null,
     null, null, null),
    ('channel', 'web', 'Web', '官网', 'The shop.', '商城。', '{"is_known": true, "name": null}',
     'channel_count 1', null, null, null, 'a touch', '一次触达', null),
    ('activity', 'active', 'Active', '活跃', 'Active [for 90 days].', '90 天内活跃。',
     '{"recency_days": 20}', 'recency_days 20 <= activity_active_days 90', 'dormant', 'Dormant',
     '沉睡', 'no order until 2026-09-15', '至 2026-09-15 仍未下单', 90),
    ('rfm', 'champions', 'Champions', '重要价值客户', 'The best.', '最好的。',
     '{"order_count": 5, "net_revenue": 10.50}', 'R 5, F 5, M 5', 'lost', 'Lost', '流失',
     '1 more order', '再下 1 单', 1)
) as literal (
    segmentation_id, segment_id, label_en, label_zh, definition_en, definition_zh, facts,
    decided_by, nearest_segment_id, nearest_label_en, nearest_label_zh, change_en, change_zh,
    quantity
)
"""
PROJECT = {
    "name": "segmentation",
    "version": "0.1.0",
    "profile": "segmentation",
    "flags": {"send_anonymous_usage_stats": False},
    "models": {
        "segmentation": {
            "+materialized": "table",
            "marts": {"+schema": "marts"},
            "intermediate": {"+schema": "intermediate"},
        }
    },
}


@pytest.fixture
def project(tmp_path: Path, project_root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The stand-in project, as the working folder."""
    files = {
        "dbt_project.yml": yaml.safe_dump(PROJECT),
        "profiles.yml": (project_root / "profiles.example.yml").read_text(encoding="utf-8"),
        "macros/generate_schema_name.sql": (
            project_root / "macros" / "generate_schema_name.sql"
        ).read_text(encoding="utf-8"),
        "models/marts/segment_summary.sql": SUMMARY_SQL,
        "models/marts/customers.sql": CUSTOMERS_SQL,
        "models/marts/segments.sql": SEGMENTS_SQL,
        "models/marts/segment_explanations.sql": EXPLANATIONS_SQL,
        "models/marts/rejected_records.sql": REJECTS_SQL,
        "models/marts/reconciliation.sql": CHECKS_SQL,
        "models/intermediate/int_rfm_levels.sql": LEVELS_SQL,
        "models/intermediate/int_audiences.sql": AUDIENCES_SQL,
        "tests/assert_not_broken.sql": (
            "select 1 as wrong from {{ ref('segment_summary') }} where {{ var('broken', false) }}"
        ),
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for name in ("DBT_PROFILES_DIR", "DBT_TARGET", "DBT_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "120")
    return tmp_path


def run(*args: str) -> Result:
    return CliRunner().invoke(cli.app, list(args), prog_name="segmentation")


def error_of(*args: str) -> str:
    """The one sentence on stderr of a command that fails."""
    result = run(*args)
    assert result.exit_code == 1, result.output
    assert "Traceback" not in result.output
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    return lines[0].removeprefix("Error: ")


def test_help_lists_the_commands_and_shows_examples() -> None:
    text = run("--help").output
    assert all(command in text for command in COMMANDS)
    assert "Start here" in text


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_each_command_has_examples(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert "Examples" in result.output
    assert f"segmentation {command}" in result.output


def test_build_runs_and_summarises(project: Path) -> None:
    result = run("build")
    assert result.exit_code == 0, result.output
    assert "9 models, seeds and tests passed" in result.output
    assert "100 customers at 2026-07-01" in result.output
    assert "in 4 segmentations and 2 audiences" in result.output
    assert "Champions" in result.output
    assert "audiences, which overlap" in result.output
    assert "net revenue 2,469.00" in result.output
    assert "2 rows rejected" in result.output
    assert "tills, web_shop" in result.output
    assert "all 1 checks agree to the cent" in result.output
    assert "frequency 2, 3 can't be had by anyone" in result.output
    assert "Where to look next" in result.output

    before = hashlib.sha256((project / "segmentation.duckdb").read_bytes()).hexdigest()
    again = run("summary", "--lang", "zh")
    assert again.exit_code == 0
    assert "重要价值客户" in again.output
    after = hashlib.sha256((project / "segmentation.duckdb").read_bytes()).hexdigest()
    assert before == after, "the summary wrote to the database"

    said = error_of("summary", "--as-of", "2020-01-31")
    assert "holds no 2020-01-31. It holds 2026-07-01" in said


def test_the_summary_shows_the_first_segmentations_all_or_those_asked_for(project: Path) -> None:
    assert run("build").exit_code == 0

    def shown(*options: str) -> list[str]:
        result = run("summary", *options)
        assert result.exit_code == 0, result.output
        lines = result.output.partition("rows rejected")[0].splitlines()
        titles = {"rfm", "activity", "region", "gender", "audiences, which overlap"}
        return [line.strip() for line in lines if line.strip() in titles]

    first = ["rfm", "activity", "region", "audiences, which overlap"]
    assert shown() == first
    assert "1 more: gender." in run("summary").output
    assert shown("--all") == [*first[:3], "gender", first[-1]]
    assert " more: " not in run("summary", "--all").output
    assert shown("-s", "gender", "-s", "rfm") == ["rfm", "gender"]
    assert shown("--segmentation", "audience") == first[-1:]
    said = error_of("summary", "-s", "gendre")
    assert said.startswith("There is no segmentation 'gendre'. There are: rfm, activity,")
    assert said.endswith("Did you mean 'gender'?")


def said_of(*args: str) -> list[str]:
    """The lines that explain prints, less blanks at their ends and empty lines."""
    result = run("explain", *args)
    assert result.exit_code == 0, result.output
    return [line.rstrip() for line in result.output.splitlines() if line.strip()]


def test_explain_says_why_and_what_would_move_it(project: Path) -> None:
    assert run("build").exit_code == 0
    assert said_of("abc1") == [
        "Customer abc1 at 2026-07-01",
        "RFM: Champions (rfm: champions)",
        "  means    The best.",
        "  because  R 5, F 5, M 5",
        "  facts    order_count 5, net_revenue 10.50",
        "  nearest  Lost: 1 more order",
        "Activity: Active (activity: active)",
        "  means    Active [for 90 days].",
        "  because  recency_days 20 <= activity_active_days 90",
        "  facts    recency_days 20",
        "  nearest  Dormant: no order until 2026-09-15",
        "Channel: Web (channel: web)",
        "  means    The shop.",
        "  because  channel_count 1",
        "  facts    is_known true, name null",
        "  nearest  another segment: a touch",
        "Habit: Mixed (habit: mixed)",
        "  means  No habit.",
    ]
    assert said_of("ABC", "--language", "zh", "-s", "activity") == [
        "客户 abc1，截至 2026-07-01",
        "客户活跃度：活跃 (activity: active)",
        "  含义      90 天内活跃。",
        "  依据      recency_days 20 <= activity_active_days 90",
        "  数据      recency_days 20",
        "  临近分层  沉睡：至 2026-09-15 仍未下单",
    ]


def test_explain_as_json_has_the_columns_of_the_mart(project: Path) -> None:
    assert run("build").exit_code == 0
    options = ("abc1", "--json", "-s", "rfm", "-s", "habit", "--as-of", "2026-07-01")
    found = json.loads(run("explain", *options).output)
    assert [row["segmentation_id"] for row in found] == ["rfm", "habit"]
    assert found[0]["facts"] == {"order_count": 5, "net_revenue": 10.5}
    assert found[0]["change_quantity"] == 1
    assert found[0]["as_of_date"] == "2026-07-01"
    assert found[1]["facts"] is None


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("zzz",), "No customer_id is or begins with 'zzz' in"),
        (("%",), "No customer_id is or begins with '%' in"),
        (("x' or '1' = '1",), "No customer_id is or begins with"),
        (("ab",), "begin with 'ab': abc1, abd2, abd23, abe1, abe2 and others. Give more"),
        (("abe",), "begin with 'abe': abe1, abe2, abe3, abe4, abe5 and others."),
        (
            ("abc1", "-s", "rmf"),
            "There is no segmentation 'rmf'. There are: rfm, activity, region",
        ),
        (("abc1", "--as-of", "2020-01-31"), "explains 2026-07-01, not 2020-01-31"),
    ],
)
def test_who_or_what_is_not_there_is_a_sentence(
    project: Path, args: tuple[str, ...], said: str
) -> None:
    assert run("build").exit_code == 0
    assert said in error_of("explain", *args)


def test_explain_without_a_build(project: Path) -> None:
    assert "There is no database at" in error_of("explain", "abc1")
    duckdb.connect("segmentation.duckdb").close()
    assert "holds no finished build" in error_of("explain", "abc1")


def test_build_takes_the_day_and_vars_and_dbt_options(project: Path) -> None:
    result = run(
        "build", "--as-of", "2025-01-31", "--var", "lost_money=2.5", "--", "--full-refresh"
    )
    assert result.exit_code == 0, result.output
    assert "customers at 2025-01-31" in result.output
    assert "Reconciliation: 1 of 1 fail" in result.output
    assert "difference 2.50" in result.output


def test_a_failed_test_is_named_and_fails_the_command(project: Path) -> None:
    result = run("build", "--var", "broken=true")
    assert result.exit_code == 1
    assert "1 of 9 models, seeds and tests failed: assert_not_broken" in result.stderr
    assert "Where to look next" not in result.output


def test_a_selector_that_matches_nothing_fails(project: Path) -> None:
    assert "no model, seed or test matches nobody" in error_of("build", "--select", "nobody")


def test_audiences_are_listed_in_their_order(project: Path) -> None:
    assert "There is no database at" in error_of("audiences")
    assert run("build").exit_code == 0
    result = run("audiences")
    assert result.exit_code == 0, result.output
    assert "2 audiences at 2026-07-01" in result.output
    rows = [" ".join(line.split()) for line in result.output.splitlines()]
    vip = rows.index("vip VIPs 10 25.0% crm never")
    assert rows[vip + 1] == "sale Summer sale 0 25.0% marketing 2026-07-01, over"
    chinese = run("audiences", "--lang", "zh").output
    assert "高价值客户" in chinese
    assert "VIPs" not in chinese
    assert "holds no 2020-01-31" in error_of("audiences", "--as-of", "2020-01-31")


def test_no_audiences_are_a_sentence(project: Path) -> None:
    assert run("build", "--var", "has_audiences=false").exit_code == 0
    assert "There are no audiences: the var 'audiences' is empty." in run("audiences").output


def test_the_reference_of_audiences_is_written_into_the_project(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "read_grammar", lambda *_: {"told": "by the macros"})
    monkeypatch.setattr(listing, "worded_segments", lambda _: {})
    monkeypatch.setattr(listing, "reference_page", lambda told, _: f"# {told['told']}\n")
    result = run("audiences", "--reference")
    assert result.exit_code == 0, result.output
    assert (project / listing.REFERENCE).read_text(encoding="utf-8") == "# by the macros\n"


def test_summary_without_a_database(project: Path) -> None:
    assert "There is no database at" in error_of("summary")
    assert "make build" in error_of("summary")
    assert not (project / "segmentation.duckdb").exists()


def test_summary_of_a_database_without_the_marts(project: Path) -> None:
    duckdb.connect("segmentation.duckdb").close()
    assert "holds no finished build" in error_of("summary")


def test_summary_of_something_that_is_no_database(project: Path) -> None:
    said = run("summary", "--database", "dbt_project.yml")
    assert said.exit_code == 1
    assert "can't be opened as a DuckDB database" in said.stderr


def test_a_schema_name_of_the_profile_is_never_pasted_unquoted(project: Path) -> None:
    schema = 'x"; drop table marts.segment_summary; --'
    profiles = yaml.safe_load((project / "profiles.yml").read_text(encoding="utf-8"))
    profiles["segmentation"]["outputs"]["dev"]["schema"] = schema
    (project / "profiles.yml").write_text(yaml.safe_dump(profiles), encoding="utf-8")
    with duckdb.connect("segmentation.duckdb") as connection:
        connection.execute("create schema marts")
        connection.execute("create table marts.segment_summary as select 1 as kept")
    assert "holds no finished build" in error_of("summary")
    with duckdb.connect("segmentation.duckdb") as connection:
        assert connection.execute("from marts.segment_summary").fetchall() == [(1,)]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--inputs", "samples"), "no inputs called 'samples'. There are: sample, files"),
        (
            ("--target", "nowhere"),
            "has no target 'nowhere'. It has: dev, files, online_retail, postgres, prod, spark.",
        ),
        (("--var", "rfm_preset"), "--var wants NAME=VALUE"),
        (("--var", "history_dates=[1"), "can't be read as YAML"),
        (("--", "--vars", "x: 1"), "--vars can't stand after '--': use --var"),
        (("--", "--target=prod"), "--target can't stand after '--'"),
    ],
)
def test_wrong_options_are_sentences(project: Path, args: tuple[str, ...], said: str) -> None:
    assert said in error_of("build", *args)


def test_a_day_that_is_none_is_refused(project: Path) -> None:
    result = run("build", "--as-of", "2026-02-30")
    assert result.exit_code == 2
    assert "2026-02-30" in result.stderr


def test_no_profiles_is_a_sentence(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "profiles.yml").unlink()
    monkeypatch.setenv("HOME", str(project / "nobody"))
    assert "copy profiles.example.yml to profiles.yml" in error_of("build")


def test_a_missing_environment_variable_is_a_sentence() -> None:
    with pytest.raises(SegmentationError, match="export NOT_SET_ANYWHERE"):
        dbt_runner.render_env_vars("{{ env_var('NOT_SET_ANYWHERE') }}")


def test_environment_variables_of_a_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SET_HERE", "elsewhere.duckdb")
    assert dbt_runner.render_env_vars("{{ env_var('SET_HERE', 'x') }}") == "elsewhere.duckdb"
    assert dbt_runner.render_env_vars("{{ env_var('NOT_SET', 'x') }}") == "x"


def test_unexpected_errors_are_sentences_and_tracebacks_only_on_demand(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object, **options: object) -> None:
        raise ZeroDivisionError("by nought")

    monkeypatch.setattr(cli, "print_summary", broken)
    assert "ZeroDivisionError: by nought" in error_of("summary")
    assert isinstance(run("--debug", "summary").exception, ZeroDivisionError)


def test_a_reader_that_has_had_enough_is_no_error(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(*args: object, **kwargs: object) -> None:
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    monkeypatch.setattr(cli, "print_summary", closed)
    said = run("summary")
    assert said.exit_code == 1
    assert said.stderr == ""


def test_summary_of_an_engine_that_does_not_answer(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSTGRES_HOST", "127.0.0.1")
    monkeypatch.setenv("POSTGRES_PORT", "9")
    monkeypatch.setenv("POSTGRES_USER", "somebody")
    monkeypatch.setenv("POSTGRES_PASSWORD", "secret")
    said = error_of("summary", "--target", "postgres")
    assert "No Postgres server answers at 127.0.0.1:9" in said
    assert "secret" not in said


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--engine", "duckdb"), "name another engine too"),
        (("--engine", "oracle"), "There is no engine 'oracle'"),
        (("--data", "online-retail"), "give --online-retail FILE"),
        (("--data", "sample", "--online-retail", "x.xlsx"), "give --online-retail FILE"),
        (("-e", "postgres", "--online-retail", "x.xlsx"), "There is no file x.xlsx"),
        (("-e", "postgres", "--target", "nowhere"), "has no target 'nowhere'"),
    ],
)
def test_wrong_options_of_the_comparison_are_sentences(
    project: Path, args: tuple[str, ...], said: str
) -> None:
    assert said in error_of("compare-engines", *args)


def test_online_retail_with_a_wrong_path(project: Path) -> None:
    said = error_of("online-retail", "not-there.xlsx")
    assert "not-there.xlsx" in said


def test_sample_is_written_where_it_is_asked(project: Path) -> None:
    result = run("sample", "--people", "500", "--out", "bigger")
    assert result.exit_code == 0, result.output
    assert list((project / "bigger").glob("*.csv"))


def test_presets_are_vars_and_the_users_own_win() -> None:
    assert presets.preset_names()[0] == "sample"
    assert {"files", "online_retail"} < set(presets.preset_names())
    for name in presets.preset_names():
        assert presets.load_preset(name).get("input_preset", "sample") == name
    preset = presets.load_preset("online_retail")
    given = build.build_vars("online_retail", date(2011, 1, 1), {"reporting_currency": "EUR"})
    assert given == preset | {"as_of_date": "2011-01-01", "reporting_currency": "EUR"}


def test_the_project_is_found_from_below_and_from_elsewhere(
    project: Path, project_root: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert dbt_runner.find_project_root(project / "models" / "marts") == project
    assert dbt_runner.find_project_root(tmp_path_factory.mktemp("elsewhere")) == project_root


@pytest.mark.parametrize(
    ("folder", "said"),
    [
        (None, "There is no folder data/files"),
        ("nowhere", "There is no folder nowhere"),
        ("empty", "There is no orders.parquet in empty"),
    ],
)
def test_missing_files_are_named_before_anything_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str | None, said: str
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.delenv("SEGMENTATION_FILES_FORMAT", raising=False)
    if folder is None:
        monkeypatch.delenv("SEGMENTATION_FILES", raising=False)
    else:
        monkeypatch.setenv("SEGMENTATION_FILES", folder)
    with pytest.raises(SegmentationError, match=said):
        build.check_files(tmp_path)
