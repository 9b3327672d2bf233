"""What must hold for the files themselves.

Beside every model its YAML, no clock in a model, no name of a machine or a registry, a lock that
fits the project.

Forbidden words are put together from parts, so that this file doesn't hold them.
"""

import csv
import re
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from conftest import PROJECT_ROOT, RunDbt

MODELS = sorted((PROJECT_ROOT / "models").rglob("*.sql"))
MODEL_YAML = sorted(
    path for path in (PROJECT_ROOT / "models").rglob("*.yml") if not path.name.startswith("_")
)
MACROS = sorted((PROJECT_ROOT / "macros").rglob("*.sql"))
MAX_FILE_BYTES = 2_000_000

REGISTRY_HOSTS = ("pypi" + ".org", "python" + "hosted.org", "npm" + "js.org", "debian" + ".org")
MACHINE_PATH = re.compile(r"(?<![\w.~$}])/(?:home|root|work|tmp|farm|Users)/")
SHARED_FOLDER = "shared" + "/data"
UNFINISHED = re.compile(
    # three quoted X are the currency code of "no currency"
    r"(?<![\"'])\b(?:" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")) + r")\b"
    r"|for" + r" now\b|not" + r" implemented\b|place" + r"holder"
)
# what a model must not say, with the reason that the test prints
FORBIDDEN_IN_MODELS = {
    r"\btarget\s*\.\s*type\b": "a business rule must not fork on the engine",
    r"\bntile\b": "splits equal customers",
    r"\bcurrent_(?:date|timestamp|time)\b": "as_of_date is the only clock",
    r"\b(?:now|getdate|today)\s*\(": "as_of_date is the only clock",
    r"\brun_query\b|\bget_columns_in_relation\b": "a model must compile without a database",
    r"\{\{\s*config\s*\(": "configuration belongs to the folders in dbt_project.yml",
    r"\bas\s+(?:numeric|decimal)\s*\(": "decimal_of: BigQuery casts to no precision",
    r"\bunion\b(?!\s+all\b)": "union all and select distinct: engines disagree on the short form",
    r"\bpercentile_|\bquantile_": "the macro median",
    r"(?<!segmentation\.)\bregexp_": "the macros regexp_like and regexp_remove",
    r"::|\bilike\b|\bqualify\b|\bexclude\s*\(|\bgroup\s+by\s+all\b": "one engine's own",
}
# Postgres cuts longer names off, and dbt refuses them there.
LONGEST_NAME = 63
LONGEST_COMMENT = 255


@cache
def repository_files() -> tuple[Path, ...]:
    """Every file that is or would be committed."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    return tuple(
        path for name in sorted(filter(None, listed)) if (path := PROJECT_ROOT / name).is_file()
    )


def lines_of_text_files() -> Iterator[tuple[str, str]]:
    """'file:line' and the line, of every text file of the repository."""
    for path in repository_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), start=1):
            yield f"{path.relative_to(PROJECT_ROOT)}:{number}", line


def relative(path: Path) -> str:
    return path.relative_to(PROJECT_ROOT).as_posix()


def without_comments(sql: str) -> str:
    """The SQL of a model without Jinja and SQL comments."""
    return re.sub(r"--[^\n]*", "", re.sub(r"\{#.*?#\}", "", sql, flags=re.DOTALL))


def yaml_of(path: Path) -> dict[str, Any]:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(content, dict), f"{relative(path)} is not a mapping"
    return content


def model_of(path: Path) -> dict[str, Any]:
    models = yaml_of(path).get("models", [])
    assert len(models) == 1, f"{relative(path)} must describe exactly one model"
    model = models[0]
    assert isinstance(model, dict)
    return model


# --- all files


def test_no_registry_host_is_named() -> None:
    hosts = re.compile("|".join(map(re.escape, REGISTRY_HOSTS)))
    assert [place for place, line in lines_of_text_files() if hosts.search(line)] == []


def test_no_path_of_one_machine_is_named() -> None:
    found = [place for place, line in lines_of_text_files() if MACHINE_PATH.search(line)]
    assert found == []


def test_only_the_ci_script_knows_where_the_real_data_lies() -> None:
    places = {place.split(":")[0] for place, line in lines_of_text_files() if SHARED_FOLDER in line}
    assert places <= {".ci/run"}


def test_nothing_is_marked_as_unfinished() -> None:
    found = [
        place
        for place, line in lines_of_text_files()
        if not place.split(":")[0].endswith(".csv") and UNFINISHED.search(line)
    ]
    assert found == []


def test_no_large_file_is_committed() -> None:
    large = [relative(path) for path in repository_files() if path.stat().st_size > MAX_FILE_BYTES]
    assert large == []


def test_yaml_and_toml_files_parse() -> None:
    paths = [path for path in repository_files() if path.suffix in {".yml", ".yaml"}]
    assert paths
    for path in paths:
        yaml.safe_load(path.read_text(encoding="utf-8"))
    for path in repository_files():
        if path.suffix == ".toml":
            tomllib.loads(path.read_text(encoding="utf-8"))


def test_the_workflow_runs_the_script_and_has_no_secrets() -> None:
    text = (PROJECT_ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    workflow = yaml.safe_load(text)
    assert "secrets" + "." not in text
    assert workflow["permissions"] == {"contents": "read"}
    assert "pull_request" in workflow[True]  # YAML 1.1 reads the key `on` as true
    steps = [step.get("run") for job in workflow["jobs"].values() for step in job["steps"]]
    assert ".ci/run" in steps


def test_hooks_call_make_targets_that_exist() -> None:
    config = yaml_of(PROJECT_ROOT / ".pre-commit-config.yaml")
    makefile = (PROJECT_ROOT / "Makefile").read_text(encoding="utf-8")
    assert [repository["repo"] for repository in config["repos"]] == ["local"]
    for hook in config["repos"][0]["hooks"]:
        command, target = hook["entry"].split()
        assert command == "make"
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE)


# --- the lock


def lock_entries() -> list[str]:
    """The entries of requirements.txt, one per package and version, each with its hashes."""
    text = (PROJECT_ROOT / "requirements.txt").read_text(encoding="utf-8")
    return re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]


def test_every_locked_package_has_a_version_and_hashes() -> None:
    entries = lock_entries()
    assert entries
    loose = [
        entry.splitlines()[0]
        for entry in entries
        if "--hash=sha256:" not in entry or not re.match(r"[a-z0-9.\[\],-]+==[^\s;]+", entry)
    ]
    assert loose == []


def test_the_lock_covers_what_the_project_asks_for() -> None:
    project = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = [
        *project["project"]["dependencies"],
        *project["project"]["optional-dependencies"]["dev"],
        *project["build-system"]["requires"],
    ]
    names = {re.split(r"[^A-Za-z0-9._-]", text)[0].lower().replace("_", "-") for text in asked}
    locked = {re.split(r"[=\[]", entry)[0] for entry in lock_entries()}
    assert names - locked == set()


# --- models


def test_there_are_models() -> None:
    assert MODELS
    assert MACROS


def test_every_model_has_its_yaml_beside_it_and_no_yaml_is_left_over() -> None:
    models = {relative(path.with_suffix("")) for path in MODELS}
    described = {relative(path.with_suffix("")) for path in MODEL_YAML}
    assert models - described == set(), "models without their YAML"
    assert described - models == set(), "YAML without its model"


@pytest.mark.parametrize("path", MODEL_YAML, ids=lambda path: path.stem)
def test_the_yaml_of_a_model_describes_it(path: Path) -> None:
    model = model_of(path)
    assert model["name"] == path.stem
    assert str(model.get("description", "")).strip().endswith("."), "describe it, in sentences"
    columns = model.get("columns") or []
    assert columns, "list its columns"
    names = [column["name"] for column in columns]
    assert len(names) == len(set(names)), "a column is listed twice"
    undescribed = [
        column["name"] for column in columns if not str(column.get("description", "")).strip()
    ]
    assert undescribed == []


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_a_model_keeps_to_the_house_style(path: Path) -> None:
    sql = path.read_text(encoding="utf-8")
    assert sql.startswith("{#"), "opens with a comment: what a row is, its key, one decision"
    assert sql.rstrip().endswith("select * from final"), "ends with: select * from final"
    code = without_comments(sql)
    said = [
        f"{pattern}: {reason}"
        for pattern, reason in FORBIDDEN_IN_MODELS.items()
        if re.search(pattern, code, flags=re.IGNORECASE)
    ]
    assert said == []


@pytest.mark.parametrize("path", MACROS, ids=relative)
def test_only_the_primitives_know_the_engine(path: Path) -> None:
    """Business rules are written once: what is dispatched lies in macros/portable."""
    if path.parent.name != "portable":
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\btarget\s*\.\s*(?:type|name)\b|adapter\.dispatch", text)


def test_no_model_asks_for_its_engine_in_its_yaml_either() -> None:
    asking = [
        relative(path)
        for path in sorted((PROJECT_ROOT / "models").rglob("*.yml"))
        if re.search(r"\btarget\s*\.\s*(?:type|name)\b", path.read_text(encoding="utf-8"))
    ]
    assert asking == []


def test_every_primitive_is_tested_on_every_engine() -> None:
    """Each dispatched macro stands in a test that builds run on their own engine."""
    tests = "".join(
        path.read_text(encoding="utf-8") for path in (PROJECT_ROOT / "tests/portable").glob("*.sql")
    )
    dispatched = {
        name
        for path in MACROS
        for name in re.findall(r"adapter\.dispatch\('(\w+)'", path.read_text(encoding="utf-8"))
    }
    # seen through the macros that are made of them, or not at all in a row
    within = {
        "cast_or_null": "safe_date",
        "plain_blanks": "clean_text",
        "decimal_type": "null_of",
        "file_or_table": "",  # Online Retail II and the made-up orders are read through it
        "gather_statistics": "",
        "session_zone_problems": "",
    }
    missing = {name for name in dispatched if within.get(name, name) not in tests}
    assert dispatched
    assert missing == set()


def test_descriptions_fit_every_engine() -> None:
    """Spark's own metastore holds this much about a column, or refuses the table."""
    long = [
        f"{relative(path)}: {column['name']}"
        for path in MODEL_YAML
        for model in yaml.safe_load(path.read_text(encoding="utf-8"))["models"]
        for column in model["columns"]
        if len(" ".join(column["description"].split())) > LONGEST_COMMENT
    ]
    assert long == []


def test_names_fit_every_engine() -> None:
    long = [
        f"{relative(path)}: {unit_test['name']}"
        for path in MODEL_YAML
        for unit_test in yaml.safe_load(path.read_text(encoding="utf-8")).get("unit_tests", [])
        if len(unit_test["name"]) > LONGEST_NAME
    ]
    assert long == []


@pytest.mark.parametrize("path", MACROS, ids=lambda path: path.stem)
def test_no_macro_reads_the_clock_or_splits_equal_customers(path: Path) -> None:
    code = without_comments(path.read_text(encoding="utf-8"))
    for pattern in (r"\bntile\b", r"\bcurrent_(?:date|timestamp)\b", r"\bnow\s*\("):
        assert not re.search(pattern, code, flags=re.IGNORECASE), pattern


@pytest.fixture(scope="session")
def columns_in_database(
    run_dbt: RunDbt, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[str]]:
    """Columns of each relation of the sample, in order, from a build over no rows at all."""
    folder = tmp_path_factory.mktemp("empty")
    database = folder / "empty.duckdb"
    for args in (["seed"], ["run", "--empty"]):
        result = run_dbt(["--quiet", *args], db_path=database, target_path=folder / "target")
        assert result.success, result.error or [(node.name, node.message) for node in result.failed]
    columns: dict[str, list[str]] = {}
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(
            """
            select table_name, column_name from information_schema.columns
            order by table_schema, table_name, ordinal_position
            """
        ).fetchall()
    for table, column in rows:
        columns.setdefault(table, []).append(column)
    return columns


# their columns are those of the registry or of the audiences
WIDE_AS_THE_REGISTRY = (
    "int_customer_segments",
    "int_customer_profiles",
    "int_audience_matches",
    "int_audience_order_windows",
)


def test_the_yaml_lists_every_column_in_the_order_of_the_sql(
    columns_in_database: dict[str, list[str]],
) -> None:
    described = {
        path.stem: [column["name"] for column in model_of(path).get("columns") or []]
        for path in MODEL_YAML
        if path.stem in columns_in_database and path.stem not in WIDE_AS_THE_REGISTRY
    }
    assert described, "the build made no model"
    wrong = {
        name: {"yaml": names, "sql": columns_in_database[name]}
        for name, names in described.items()
        if names != columns_in_database[name]
    }
    assert wrong == {}


# --- seeds


def test_seeds_are_rectangular_and_have_unique_headers() -> None:
    seeds = sorted((PROJECT_ROOT / "seeds").rglob("*.csv"))
    assert seeds
    for path in seeds:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        header = rows[0]
        assert len(header) == len(set(header)), relative(path)
        ragged = [number for number, row in enumerate(rows, start=1) if len(row) != len(header)]
        assert ragged == [], relative(path)
