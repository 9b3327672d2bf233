"""Tests of the dbt tests: each one fails on what it is there for, and says which row it was."""

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
import yaml
from conftest import PROJECT_ROOT, RunDbt
from project_copy import change, copy_project

# --- generic tests, on tables of a few rows

FULL = ["1,1", "1,2", "2,1", "2,2"]
TEXT_COLUMNS = {"preset", "stage", "row_id", "day"}


def grid(*cells: str, preset: str = "a") -> list[str]:
    return [f"{preset},{cell}" for cell in cells]


def total_map_on(*rows: str, presets: str = "a") -> tuple[str, list[str], dict[str, object]]:
    axes = ["r_score", "f_score"]
    arguments = {"axes": axes, "levels": 2, "per": "preset", "values": list(presets)}
    return "preset,r_score,f_score", list(rows), {"total_map": arguments}


def named_map_on(*rows: str) -> tuple[str, list[str], dict[str, object]]:
    arguments = {"axes": ["stage"], "levels": ["old", "new"], "per": "preset", "values": ["a"]}
    return "preset,stage", list(rows), {"total_map": arguments}


def thresholds_on(*rows: str) -> tuple[str, list[str], dict[str, object]]:
    arguments = {"threshold": "amount", "rank": "paid"}
    return "row_id,amount,paid", list(rows), {"rises_from_zero": arguments}


def expression_on(expression: str, *rows: str) -> tuple[str, list[str], dict[str, object]]:
    return "row_id,amount,paid", list(rows), {"expression_is_true": {"expression": expression}}


def unique_on(*rows: str) -> tuple[str, list[str], dict[str, object]]:
    return "row_id,day", list(rows), {"unique_combination": {"columns": ["row_id", "day"]}}


# name: (header, rows, test), and whether the test must pass
FIXTURES: dict[str, tuple[tuple[str, list[str], dict[str, object]], bool]] = {
    "map_is_total": (total_map_on(*grid(*FULL), *grid(*FULL, preset="b"), presets="ab"), True),
    "map_lacks_a_cell": (
        total_map_on(*grid(*FULL), *grid(*FULL[:3], preset="b"), presets="ab"),
        False,
    ),
    "map_lacks_a_preset": (total_map_on(*grid(*FULL), presets="ab"), False),
    "map_has_an_unknown_preset": (total_map_on(*grid(*FULL), *grid(*FULL, preset="b")), False),
    "map_is_empty": (total_map_on(), False),
    "map_doubles_a_cell": (total_map_on(*grid(*FULL, "1,2")), False),
    "map_leaves_the_grid": (total_map_on(*grid(*FULL, "3,1")), False),
    "map_begins_at_zero": (total_map_on(*grid(*FULL, "0,1")), False),
    "map_has_an_empty_score": (total_map_on(*grid(*FULL, ",1")), False),
    "map_has_an_empty_preset": (total_map_on(*grid(*FULL), ",1,1"), False),
    "map_of_names_is_total": (named_map_on("a,old", "a,new"), True),
    "map_of_names_lacks_one": (named_map_on("a,old"), False),
    "map_of_names_doubles_one": (named_map_on("a,old", "a,new", "a,new"), False),
    "map_of_names_has_another": (named_map_on("a,old", "a,new", "a,odd"), False),
    "thresholds_rise_from_zero": (thresholds_on("a,0,1", "b,0.01,2", "c,5,3"), True),
    "thresholds_are_in_any_order": (thresholds_on("c,5,3", "a,0,1", "b,2,2"), True),
    "thresholds_begin_above_zero": (thresholds_on("a,1,1", "b,2,2"), False),
    "thresholds_repeat": (thresholds_on("a,0,1", "b,2,2", "c,2,3"), False),
    "thresholds_fall": (thresholds_on("a,0,1", "b,5,2", "c,4,3"), False),
    "thresholds_share_a_rank": (thresholds_on("a,0,1", "b,5,2", "c,6,2"), False),
    "a_threshold_is_empty": (thresholds_on("a,0,1", "b,,2", "c,6,3"), False),
    "there_are_no_thresholds": (thresholds_on(), False),
    "expression_holds": (expression_on("amount >= paid", "1,5,5", "2,6,5"), True),
    "expression_with_or_holds": (expression_on("amount = 5 or paid = 5", "1,5,6", "2,6,5"), True),
    "expression_is_false": (expression_on("amount >= paid", "1,5,5", "2,4,5"), False),
    "expression_is_null": (expression_on("amount >= paid", "1,5,5", "2,,5"), False),
    "keys_are_unique": (unique_on("1,2024-02-28", "1,2024-02-29", "2,2024-02-28", ",2024"), True),
    "keys_repeat": (unique_on("1,2024-02-28", "2,2024-02-28", "1,2024-02-28"), False),
    "keys_repeat_with_nulls": (unique_on("1,", "2,2024-02-28", "1,"), False),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tests")


@pytest.fixture(scope="module")
def statuses(run_dbt: RunDbt, folder: Path) -> dict[str, str]:
    """How each fixture's test ended, in a project of seeds alone."""
    project = folder / "fixtures"
    shutil.copytree(PROJECT_ROOT / "tests" / "generic", project / "tests" / "generic")
    (project / "seeds").mkdir()
    described = []
    for name, ((header, rows, test), _) in FIXTURES.items():
        (project / "seeds" / f"{name}.csv").write_text("\n".join([header, *rows]) + "\n")
        ((kind, arguments),) = test.items()
        types = {
            column: "varchar" if column in TEXT_COLUMNS else "decimal(9, 2)"
            for column in header.split(",")
        }
        described.append(
            {
                "name": name,
                "config": {"column_types": types},
                "data_tests": [{kind: {"name": f"test_{name}", "arguments": arguments}}],
            }
        )
    (project / "seeds" / "seeds.yml").write_text(yaml.safe_dump({"seeds": described}))
    (project / "dbt_project.yml").write_text(
        yaml.safe_dump(
            {
                "name": "fixtures",
                "profile": "segmentation",
                "flags": {"require_generic_test_arguments_property": True},
            }
        )
    )
    result = run_dbt(
        ["--quiet", "build"],
        db_path=folder / "fixtures.duckdb",
        target_path=folder / "fixtures_target",
        project_dir=project,
    )
    assert result.nodes, result.error
    return {
        node.name.removeprefix("test_"): node.status
        for node in result.nodes
        if node.resource_type == "test"
    }


@pytest.mark.parametrize("name", FIXTURES)
def test_a_generic_test_fails_on_its_fixture_and_passes_beside_it(
    name: str, statuses: dict[str, str]
) -> None:
    _, passes = FIXTURES[name]
    assert statuses[name] == ("pass" if passes else "fail")


def test_every_generic_test_has_a_fixture_that_fails_and_one_that_passes() -> None:
    files = {path.stem for path in (PROJECT_ROOT / "tests" / "generic").glob("*.sql")}
    for outcome in (True, False):
        assert {
            next(iter(test)) for (_, _, test), passes in FIXTURES.values() if passes is outcome
        } == files


# --- the project's own tests, on the built sample with a fault put into it


@pytest.fixture(scope="module")
def built_sample(run_dbt: RunDbt, folder: Path) -> Path:
    """The sample through every model."""
    database = folder / "sample.duckdb"
    for command in ("seed", "run"):
        result = run_dbt(["--quiet", command], db_path=database, target_path=folder / "target")
        assert result.success, result.error or [(node.name, node.message) for node in result.failed]
    return database


@pytest.fixture
def test_after(
    run_dbt: RunDbt,
    built_sample: Path,
    folder: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> Callable[..., tuple[dict[str, tuple[str, str]], str]]:
    """Call with SQL that spoils the sample and a selector: how the tests ended, what was said."""

    def run(
        statements: str, select: str, project_dir: Path = PROJECT_ROOT
    ) -> tuple[dict[str, tuple[str, str]], str]:
        # dbt keeps the name of the database in its artifacts: a copy keeps it too
        database = tmp_path / built_sample.name
        shutil.copy(built_sample, database)
        with duckdb.connect(str(database)) as connection:
            connection.execute(statements)
        own = project_dir == PROJECT_ROOT
        capfd.readouterr()
        result = run_dbt(
            ["--quiet", "--no-use-colors", "test", "--select", select],
            db_path=database,
            target_path=folder / "target" if own else tmp_path / "target",
            project_dir=project_dir,
        )
        tests = {
            node.name: (node.status, node.message)
            for node in result.nodes
            if node.resource_type == "test"
        }
        assert tests, result.error or f"no test matches {select}"
        return tests, capfd.readouterr().out

    return run


TestAfter = Callable[..., tuple[dict[str, tuple[str, str]], str]]
MAP_TEST = "total_map_rfm_segment_map_r_score__f_score__m_score__5__preset__rfm__rfm_r__fm_grid"


def test_the_sample_passes_before_anything_is_put_into_it(test_after: TestAfter) -> None:
    tests, said = test_after("select 1", "test_type:singular rfm_segment_map")
    assert {name: status for name, (status, _) in tests.items() if status != "pass"} == {}
    assert len(tests) > 4
    assert "first rows" not in said


def test_a_broken_rfm_map_fails_and_the_cell_is_named(test_after: TestAfter) -> None:
    tests, said = test_after(
        """
        delete from seeds.rfm_segment_map
        where preset = 'rfm' and r_score = 1 and f_score = 2 and m_score = 3;
        insert into seeds.rfm_segment_map values
            ('rfm_r', 5, 4, 3, 'champions'), ('rfm', 6, 1, 1, 'champions');
        """,
        "rfm_segment_map",
    )
    assert [name for name, (status, _) in tests.items() if status == "fail"] == [MAP_TEST]
    lines = [line.strip() for line in said.splitlines()]
    assert f"FAIL {MAP_TEST}, first rows:" in lines
    for cell in (
        "preset=rfm, r_score=1, f_score=2, m_score=3, problem=no segment",
        "preset=rfm_r, r_score=5, f_score=4, m_score=3, problem=more than one segment",
        "preset=rfm, r_score=6, f_score=1, m_score=1, problem=not a cell of the grid",
    ):
        assert cell in lines


def test_a_broken_tier_map_fails_and_the_cell_is_named(test_after: TestAfter) -> None:
    tests, said = test_after(
        """
        delete from seeds.value_tier_map
        where policy = 'max' and spend_grade = 'low' and frequency_grade = 'high';
        insert into seeds.value_tier_map values ('min', 'high', 'never', 'low');
        """,
        "value_tier_map",
    )
    assert [name for name, (status, _) in tests.items() if status == "fail"] == [
        "value_tier_map_is_total"
    ]
    lines = [line.strip() for line in said.splitlines()]
    for cell in (
        "policy=max, spend_grade=low, frequency_grade=high, problem=no segment",
        "policy=min, spend_grade=high, frequency_grade=never, problem=not a cell of the grid",
    ):
        assert cell in lines


def test_vip_levels_that_leave_a_score_out_fail(test_after: TestAfter) -> None:
    tests, said = test_after(
        """
        update seeds.vip_levels set min_score = 1 where level_id = 'v1';
        update seeds.vip_levels set min_score = 80 where level_id = 'v5';
        """,
        "vip_levels,test_type:data",
    )
    assert [name for name, (status, _) in tests.items() if status == "fail"] == [
        "rises_from_zero_vip_levels_level_rank__min_score"
    ]
    lines = [line.strip() for line in said.splitlines()]
    for problem in (
        "level_rank=1, min_score=1.00, problem=does not begin at zero",
        "level_rank=5, min_score=80.00, problem=is not above the one before it",
    ):
        assert problem in lines


def test_concentration_that_is_not_the_segments_is_found(test_after: TestAfter) -> None:
    name = "assert_revenue_concentration_is_that_of_the_segments"
    for change_of_mart in (
        "net_revenue = net_revenue + 0.0001",
        "head_customer_count = head_customer_count + 1, tail_customer_count = 0",
    ):
        tests, _ = test_after(f"update marts.revenue_concentration set {change_of_mart}", name)
        assert tests[name] == ("fail", "Got 1 result, configured to fail if != 0")


PERSONAL_DATA = "assert_no_personal_data_in_marts"
ONE_ADDRESS = "(select min(email) from intermediate.int_identity_emails where verdict = 'usable')"
ONE_PHONE = """
(select min({column}) from intermediate.int_identity_phones where verdict = 'usable')
"""


LEAKS = {
    "customers, mart_column=city, problem=holds an e-mail or phone of the inputs": (
        f"update marts.customers set city = upper({ONE_ADDRESS})"
    ),
    "orders, mart_column=status, problem=holds an e-mail or phone of the inputs": (
        "update intermediate.int_order_profiles"  # the mart is a view
        f" set status = {ONE_PHONE.format(column='phone_normal')}"
    ),
    "customers, mart_column=tags, problem=holds an e-mail or phone of the inputs": (
        f"update marts.customers set tags = {ONE_PHONE.format(column='phone')}"
    ),
    "rejected_records, mart_column=raw_values, problem=holds something like an e-mail address": (
        """update marts.rejected_records set raw_values = '{"note": "ask lily@example.com"}'"""
    ),
}


def test_a_missing_rfm_map_fails(test_after: TestAfter) -> None:
    tests, _ = test_after("delete from seeds.rfm_segment_map where preset = 'rfm'", MAP_TEST)
    assert tests[MAP_TEST] == ("fail", "Got 125 results, configured to fail if != 0")
    tests, _ = test_after("delete from seeds.rfm_segment_map", MAP_TEST)
    assert tests[MAP_TEST] == ("fail", "Got 375 results, configured to fail if != 0")


def test_an_email_or_phone_in_a_mart_is_found(test_after: TestAfter) -> None:
    tests, said = test_after("; ".join(LEAKS.values()), PERSONAL_DATA)
    assert tests[PERSONAL_DATA][0] == "fail"
    found = {line.strip() for line in said.splitlines() if "mart_column=" in line}
    # the address in city looks like one, too
    city = "customers, mart_column=city, problem=holds something like an e-mail address"
    assert found == {f"mart={leak}" for leak in (*LEAKS, city)}


def test_a_mart_column_named_like_personal_data_is_found(
    test_after: TestAfter, tmp_path: Path
) -> None:
    project = copy_project(tmp_path / "project")
    change(
        project / "models" / "marts" / "customers" / "customers.yml",
        "- name: city\n",
        "- name: home_address\n",
    )
    tests, said = test_after(
        "alter table marts.customers rename column city to home_address",
        PERSONAL_DATA,
        project_dir=project,
    )
    assert tests == {PERSONAL_DATA: ("fail", "Got 1 result, configured to fail if != 0")}
    found = "mart=customers, mart_column=home_address, problem=is named like personal data"
    assert found in [line.strip() for line in said.splitlines()]


def test_an_account_left_out_of_its_component_is_found(test_after: TestAfter) -> None:
    name = "assert_identity_has_converged"
    tests, said = test_after(
        """
        update intermediate.int_identity_labels set label = account_key
        where account_key = (
            select max(account_key) from intermediate.int_identity_labels
            where label <> account_key
        )
        """,
        name,
    )
    assert tests[name][0] == "fail"
    assert "identifier_key=" in said


def test_a_customer_in_no_or_an_unknown_segment_is_found(test_after: TestAfter) -> None:
    name = "assert_every_customer_is_in_one_segment"
    tests, said = test_after(
        """
        create temp table chosen as
        select customer_number, row_number() over (order by customer_number) as place
        from intermediate.int_customers;
        update intermediate.int_customer_segments set rfm_segment = null
        where customer_number = (select customer_number from chosen where place = 1);
        update intermediate.int_customer_segments set activity_segment = 'asleep'
        where customer_number = (select customer_number from chosen where place = 2);
        """,
        name,
    )
    assert tests[name] == ("fail", "Got 2 results, configured to fail if != 0")
    for problem in (
        "segmentation_id=rfm, assignment_count=1, known_segment_count=0",
        "segmentation_id=activity, assignment_count=1, known_segment_count=0",
    ):
        assert problem in said


def test_a_customer_in_two_segments_is_found(test_after: TestAfter) -> None:
    name = "assert_every_customer_is_in_one_segment"
    tests, said = test_after(
        """
        insert into intermediate.int_customer_segments
        select * from intermediate.int_customer_segments
        where customer_number = (select min(customer_number) from intermediate.int_customers)
        """,
        name,
    )
    assert tests[name][0] == "fail"
    assert "assignment_count=2, known_segment_count=2" in said


HOLES = {
    "segment_labels_have_both_languages_or_none": ("persona_zh = null", "next_action_en = null"),
    "segment_labels_contact_has_action_channel_and_cool_down": (
        "contact_channel = null",
        "cool_down_days = null",
        "cool_down_days = 0",
        "next_action_en = null, next_action_zh = null",
    ),
}


@pytest.mark.parametrize("name", HOLES)
def test_a_hole_in_the_playbook_is_found(test_after: TestAfter, name: str) -> None:
    spoiled = [
        f"""
        update seeds.segment_labels set {hole}
        where (segmentation_id, preset, segment_rank) = ('rfm', 'rfm', {place + 1})
        """
        for place, hole in enumerate(HOLES[name])
    ]
    tests, said = test_after(";".join(spoiled), name)
    found = len(HOLES[name])
    many = "results" if found > 1 else "result"
    assert tests[name] == ("fail", f"Got {found} {many}, configured to fail if != 0")
    assert "segment_id=champions" in said


# stage before, stage after, days since the last order after, rhythm before and after, and the end
MOVES = [
    ("'growing'", "declining", 29, "14.0", "14.0", None),
    ("'growing'", "churned", 57, "14.0", "14.0", "growing, to_segment=churned, cause=time"),
    ("'growing'", "churned", 57, "20.0", "14.0", None),
    ("'mature'", "growing", 1, "14.0", "14.0", "mature, to_segment=growing, cause=order"),
    ("null", "growing", 1, "14.0", "14.0", "not_yet_known, to_segment=growing, cause=order"),
]


@pytest.mark.parametrize("source", ["own", "population"])
def test_an_illegal_move_of_the_lifecycle_is_named(test_after: TestAfter, source: str) -> None:
    rows = []
    for place, (before, after, recency, rhythm_before, rhythm_after, _) in enumerate(MOVES):
        rows.append(f"({place}, {before}, '{after}', {recency}, {rhythm_before}, {rhythm_after})")
    tests, said = test_after(
        f"""
        create temp table moves as
        select * from (values {", ".join(rows)}) as moves (
            customer_number, stage_before, stage_after, recency, rhythm_before, rhythm_after
        );
        create or replace view intermediate.int_as_of_dates as
        select date '2026-06-28' as as_of_date, false as is_current
        union all select date '2026-06-30', false union all select date '2026-07-01', true;
        delete from intermediate.int_lifecycle_segments;
        insert into intermediate.int_lifecycle_segments by name
        select customer_number, date '2026-06-28' as as_of_date, 'churned' as segment_id
        from moves  -- no neighbour of the other two
        union all by name
        select customer_number, date '2026-06-30' as as_of_date, stage_before as segment_id,
            rhythm_before as rhythm_days, '{source}' as rhythm_source
        from moves where stage_before is not null
        union all by name
        select customer_number, date '2026-07-01' as as_of_date, stage_after as segment_id,
            rhythm_after as rhythm_days, '{source}' as rhythm_source
        from moves;
        delete from intermediate.int_customer_metrics;
        insert into intermediate.int_customer_metrics by name
        select customer_number, date '2026-07-01' as as_of_date, recency as recency_days
        from moves
        """,
        "assert_lifecycle_moves_are_legal",
    )
    illegal = [move[-1] for move in MOVES if move[-1]]
    if source == "own":  # whose rhythm is their own, the population can't move
        illegal.append("growing, to_segment=churned, cause=time")
    assert tests["assert_lifecycle_moves_are_legal"][1].startswith(f"Got {len(illegal)} results")
    assert sorted(illegal) == sorted(
        line.split("from_segment=")[1].split(", has_new")[0]
        for line in said.splitlines()
        if "from_segment=" in line
    )


def test_many_unassigned_touches_give_a_warning(test_after: TestAfter) -> None:
    name = "assert_few_touches_are_unassigned"
    tests, said = test_after(
        "update intermediate.int_order_channels set marketing_channel = 'unassigned'", name
    )
    assert tests[name][0] == "warn"
    assert f"WARN {name}, first rows:" in said


def test_a_writing_that_no_seed_knows_gives_a_warning(test_after: TestAfter) -> None:
    name = "assert_profile_values_are_mapped"
    tests, said = test_after(
        """
        update intermediate.int_profile_values set is_mapped = false
        where attribute = 'city' or raw_value = '湖北' or raw_value = 'designer'
        """,
        name,
    )
    assert tests[name] == ("warn", "Got 1 result, configured to warn if != 0")
    assert "attribute=region, written_country=CN, raw_value=湖北" in said


def test_an_open_segmentation_with_too_many_segments_gives_a_warning(test_after: TestAfter) -> None:
    name = "assert_open_segmentations_are_readable"
    many = """
        insert into marts.segments
        select one.* replace ('made up ' || number as segment_id)
        from (select * from marts.segments where segmentation_id = '{id}' limit 1) as one,
            range({count}) as numbers (number)
    """
    labels = "(select count(*) from marts.segments where segmentation_id = '{id}')"
    for segmentation_id, status in (("industry", "warn"), ("gender", "pass")):
        count = f"51 - {labels.format(id=segmentation_id)}"
        tests, said = test_after(many.format(id=segmentation_id, count=count), name)
        assert tests[name][0] == status
        assert ("segment_count=51" in said) is (status == "warn")
    fewer = f"50 - {labels.format(id='industry')}"
    assert test_after(many.format(id="industry", count=fewer), name)[0][name][0] == "pass"


def test_bands_that_leave_out_the_smallest_values_fail(test_after: TestAfter) -> None:
    name = "assert_bands_begin_at_zero"
    tests, said = test_after(
        """
        update seeds.age_bands set min_age = 1 where min_age = 0;
        delete from seeds.company_size_bands;
        """,
        name,
    )
    assert tests[name] == ("fail", "Got 2 results, configured to fail if != 0")
    assert "seed=age_bands, least_value=1" in said


def test_a_text_of_more_tags_than_are_read_is_found(test_after: TestAfter) -> None:
    name = "assert_no_tags_are_left_out"
    for separators, status in ((999, "pass"), (1000, "fail")):
        tests, _ = test_after(
            f"""
            update intermediate.int_customer_attributes
            set tags = 'a' || repeat('，b', {separators})
            where tags = (select max(tags) from intermediate.int_customer_attributes)
            """,
            name,
        )
        assert tests[name][0] == status


def test_the_log_of_a_failure_shows_no_email_or_phone(test_after: TestAfter) -> None:
    tests, said = test_after(
        """
        insert into intermediate.int_identity_emails
        select * from intermediate.int_identity_emails where verdict = 'usable';
        insert into intermediate.int_identity_phones
        select * from intermediate.int_identity_phones where verdict = 'usable';
        """,
        "int_identity_emails int_identity_phones,test_type:data",
    )
    assert [status for status, _ in tests.values()].count("fail") > 1
    assert "[e-mail]" in said
    assert "[phone]" in said
    assert "@" not in said
