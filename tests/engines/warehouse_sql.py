"""Compile every model for a warehouse without a connection; judge the SQL by its vendor's rules.

`python warehouse_sql.py JOB.json` runs in the environment `warehouses`, which has the adapters and
sqlglot. The job: project_dir, profiles_dir, folder (for dbt's files), adapters, planted (adapter to
a list of SQL that must be refused), result_path. The result is a JSON object, see `run`.

Rules are those of the vendors' documentation as read in November 2026, each with its reason. A
grammar alone would let them pass.
"""

import itertools
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.tokens import Token, TokenType

# Nobody answers there: whatever asks for a connection fails.
NOBODY = {"host": "127.0.0.1", "port": 9}
SECRETS = {"user": "nobody", "password": "nobody"}
OUTPUTS: dict[str, dict[str, Any]] = {
    "snowflake": SECRETS
    | {"account": "nobody", "warehouse": "none", "database": "SEGMENTATION", "schema": "public"},
    "bigquery": {
        "method": "oauth-secrets",
        "token": "none",
        "project": "segmentation",
        "dataset": "default",
    },
    "redshift": SECRETS | NOBODY | {"dbname": "segmentation", "schema": "public"},
    "trino": NOBODY
    | {"method": "none", "user": "nobody", "database": "segmentation", "schema": "default"},
    "databricks": {
        "host": "127.0.0.1",
        "http_path": "/sql/1.0/warehouses/none",
        "token": "none",
        "catalog": "segmentation",
        "schema": "default",
    },
}

# Everything that is written like a call, types with a length included. A name that is new here:
# look it up in each vendor's reference before you add it.
DOCUMENTED_EVERYWHERE = """
abs cast ceil chr coalesce count dense_rank extract floor greatest lag lead length ln lower max md5
min mod nullif rank regexp_replace replace round row_number substring sum translate trim upper
decimal
"""
DOCUMENTED = {
    "snowflake": """
    convert_timezone date_trunc dateadd datediff listagg percentile_disc position regexp_instr
    split_part to_char try_cast
    """,
    "bigquery": """
    array_agg code_points_to_string date_add date_diff datetime datetime_add datetime_diff
    regexp_contains safe_cast safe_offset split string_agg strpos timestamp timestamp_trunc to_hex
    """,
    "redshift": """
    convert_timezone date_trunc dateadd datediff len listagg percentile_cont position split_part
    try_cast varchar
    """,
    "trino": """
    array_agg array_join array_sort at_timezone date_add date_diff date_trunc element_at hour minute
    position regexp_like second split_part to_hex to_milliseconds to_utf8 try_cast with_timezone
    """,
    "databricks": """
    array_join array_sort collect_set date_add date_trunc datediff from_utc_timestamp
    concat get percentile_disc position regexp_extract regexp_like split split_part timestampadd
    timestampdiff to_utc_timestamp try_cast
    """,
}

RESERVED = {
    "snowflake": """
    account all alter and any as between by case cast check column connect connection constraint
    create cross current current_date current_time current_timestamp current_user database delete
    distinct drop else exists false following for from full grant group gscluster having ilike in
    increment inner insert intersect into is issue join lateral left like localtime localtimestamp
    minus natural not null of on or order organization qualify regexp revoke right rlike row rows
    sample schema select set some start table tablesample then to trigger true try_cast union unique
    update using values view when whenever where with
    """,
    "bigquery": """
    all and any array as asc assert_rows_modified at between by case cast collate contains create
    cross cube current default define desc distinct else end enum escape except exclude exists
    extract false fetch following for from full group grouping groups hash having if ignore in inner
    intersect interval into is join lateral left like limit lookup merge natural new no not null
    nulls of on or order outer over partition preceding proto qualify range recursive respect right
    rollup rows select set some struct tablesample then to treat true unbounded union unnest using
    when where window with within
    """,
    "redshift": """
    aes128 aes256 all allowoverwrite analyse analyze and any array as asc authorization az64 backup
    between binary blanksasnull both bytedict bzip2 case cast check collate column constraint create
    credentials cross current_date current_time current_timestamp current_user current_user_id
    default deferrable deflate defrag delta delta32k desc disable distinct do else emptyasnull
    enable encode encrypt encryption end except explicit false for foreign freeze from full
    globaldict256 globaldict64k grant group gzip having identity ignore ilike in initially inner
    intersect interval into is isnull join leading left like limit localtime localtimestamp lun luns
    lzo lzop minus mostly16 mostly32 mostly8 natural new not notnull null nulls off offline offset
    oid old on only open or order outer overlaps parallel partition percent permissions pivot
    placing primary raw readratio recover references respect rejectlog resort restore right select
    session_user similar snapshot some sysdate system table tag tdes text255 text32k then timestamp
    to top trailing true truncatecolumns union unique unnest unpivot user using verbose wallet when
    where with without
    """,
    "trino": """
    alter and as between by case cast constraint create cross cube current_catalog current_date
    current_path current_role current_schema current_time current_timestamp current_user deallocate
    delete describe distinct drop else end escape except exists extract false for from full group
    grouping having in inner insert intersect into is join json_array json_exists json_object
    json_query json_table json_value left like listagg localtime localtimestamp natural normalize
    not null on or order outer prepare recursive right rollup select skip table then trim true
    uescape union unnest using values when where with
    """,
    "databricks": """
    anti cross except full inner intersect join lateral left minus natural null on right semi union
    using
    """,
}


def run(job: dict[str, Any]) -> dict[str, Any]:
    """Compile for every adapter of the job, and judge what came out.

    Returns:
        Per adapter: compiled, the names of the files that dbt wrote; error, why dbt stopped, or
        null; problems, sentences that begin with the file; planted, the problems of each planted
        statement.
    """
    _leave_databricks_alone()
    write_profiles(Path(job["profiles_dir"]), job["adapters"])
    results = {}
    for adapter in job["adapters"]:
        target = Path(job["folder"]) / adapter
        error = compile_for(adapter, job, target)
        folder = target / "compiled"
        files = [path for path in sorted(folder.rglob("*.sql")) if "hooks" not in path.parts]
        results[adapter] = {
            "compiled": [path.name for path in files],
            "error": error,
            "problems": [
                f"{path.relative_to(folder)}: {problem}"
                for path in files
                for problem in problems_of(path.read_text(encoding="utf-8"), adapter)
            ],
            "planted": [list(problems_of(sql, adapter)) for sql in job["planted"].get(adapter, [])],
        }
    return results


def write_profiles(folder: Path, adapters: list[str]) -> None:
    """Write a profiles.yml with a target per adapter that leads nowhere."""
    outputs = {name: {"type": name, "threads": 1, **OUTPUTS[name]} for name in adapters}
    folder.mkdir(parents=True, exist_ok=True)
    profile = {"segmentation": {"target": adapters[0], "outputs": outputs}}
    (folder / "profiles.yml").write_text(json.dumps(profile), encoding="utf-8")


def compile_for(adapter: str, job: dict[str, Any], target: Path) -> str | None:
    """`dbt compile` of the whole project, every input and every deprecation; why it failed."""
    from dbt.cli.main import dbtRunner

    done = dbtRunner().invoke(
        [
            "--quiet",
            "--no-use-colors",
            "--no-partial-parse",
            "--log-path",
            str(target),
            "--warn-error-options",
            '{"error": ["Deprecations"]}',
            "compile",
            "--no-populate-cache",
            "--no-introspect",
            "--target",
            adapter,
            "--target-path",
            str(target),
            "--project-dir",
            str(job["project_dir"]),
            "--profiles-dir",
            str(job["profiles_dir"]),
            "--vars",
            '{"input_preset": "all"}',
        ]
    )
    return None if done.success else str(done.exception or "dbt compile failed")


def _leave_databricks_alone() -> None:
    """Its adapter asks for the runtime's version before it writes a date; answer: the newest."""
    from dbt.adapters.databricks.impl import DatabricksAdapter

    DatabricksAdapter.has_dbr_capability = lambda *_: True


def problems_of(sql: str, dialect: str) -> Iterator[str]:
    """What the vendor's documentation says against a statement, a sentence each."""
    try:
        tokens = sqlglot.tokenize(sql, read=dialect)
        tree = sqlglot.parse_one(sql, read=dialect)
    except sqlglot.errors.SqlglotError as error:
        yield f"is no {dialect} SQL: {str(error).splitlines()[0]}"
        return
    known = {*DOCUMENTED_EVERYWHERE.split(), *DOCUMENTED[dialect].split()}
    for name in sorted(calls(tokens) - known):
        yield f"calls {name}(), which is not in the list of what {dialect} documents"
    reserved = set(RESERVED[dialect].split())
    names = {node.name for node in tree.find_all(exp.Identifier) if not node.quoted}
    for name in sorted(name for name in names if name.lower() in reserved):
        yield f"uses {name} as a name, a reserved word of {dialect}"
    for rule in RULES[dialect]:
        yield from rule(tree, tokens)


def calls(tokens: list[Token]) -> set[str]:
    """The lower-case names right before an opening parenthesis."""
    pairs = itertools.pairwise(tokens)
    return {
        token.text.lower()
        for token, following in pairs
        if following.token_type is TokenType.L_PAREN
        and token.end + 1 == following.start
        and token.text.isidentifier()
    }


def no_precision_in_casts(tree: exp.Expression, tokens: list[Token]) -> Iterator[str]:
    """BigQuery: "Parameterized types are not allowed in CAST expressions"."""
    for cast in tree.find_all(exp.Cast):
        if cast.to.find(exp.DataTypeParam):
            yield f"casts to {cast.to.sql('bigquery')} with a precision, which only columns have"


def no_adjacent_texts(tree: exp.Expression, tokens: list[Token]) -> Iterator[str]:
    """A quote within a text is written with a backslash there; two quotes end and begin a text."""
    for token, following in itertools.pairwise(tokens):
        if token.token_type is following.token_type is TokenType.STRING:
            yield f"has a text right behind the text '{token.text}'"


def no_where_without_from(tree: exp.Expression, tokens: list[Token]) -> Iterator[str]:
    """BigQuery: "Query without FROM clause cannot have a WHERE clause"."""
    for select in tree.find_all(exp.Select):
        if select.args.get("where") and not (select.args.get("from_") or select.args.get("from")):
            yield "has a where without a from"


def outer_joins_have_an_equality(tree: exp.Expression, tokens: list[Token]) -> Iterator[str]:
    """BigQuery joins outer tables by a condition with an equality of both sides only."""
    for join in tree.find_all(exp.Join):
        condition = join.args.get("on")
        if join.side in {"LEFT", "RIGHT", "FULL"} and not (condition and condition.find(exp.EQ)):
            yield "has an outer join without an equality"


def no_quoted_lower_case(tree: exp.Expression, tokens: list[Token]) -> Iterator[str]:
    """Snowflake keeps unquoted names in upper case: a quoted lower-case one is another."""
    for node in tree.find_all(exp.Identifier):
        if node.quoted and node.name != node.name.upper():
            yield f'quotes "{node.name}", which is in lower case'


def no_anchored_match(tree: exp.Expression, tokens: list[Token]) -> Iterator[str]:
    """Snowflake's regexp_like and rlike match whole texts only."""
    if tree.find(exp.RegexpLike, exp.RegexpFullMatch):
        yield "uses regexp_like, which matches whole texts only"


def no_short_text(tree: exp.Expression, tokens: list[Token]) -> Iterator[str]:
    """Redshift's text is varchar(256), and a cast to it cuts without a word."""
    for cast in tree.find_all(exp.Cast):
        is_text = cast.to.is_type(*exp.DataType.TEXT_TYPES)
        if is_text and not cast.to.expressions:
            yield f"casts to {cast.to.sql('redshift')}, which has 256 characters"


def one_order_of_sorted_aggregates(tree: exp.Expression, tokens: list[Token]) -> Iterator[str]:
    """Redshift: all calls of listagg, percentile_cont and median must have the same order."""
    for select in tree.find_all(exp.Select):
        orders = {
            group.expression.sql("redshift")
            for group in select.find_all(exp.WithinGroup)
            if group.find_ancestor(exp.Select) is select
        }
        if len(orders) > 1:
            yield f"sorts aggregates in one select by {' and by '.join(sorted(orders))}"


def characters_below(limit: int) -> Callable[[exp.Expression, list[Token]], Iterator[str]]:
    """chr() of a higher code is NULL on Redshift, another character on Databricks."""

    def rule(tree: exp.Expression, tokens: list[Token]) -> Iterator[str]:
        for call in tree.find_all(exp.Chr):
            for code in call.find_all(exp.Literal):
                if not code.is_string and int(code.this) >= limit:
                    yield f"has chr({code.this}), which is no character there"

    return rule


def no_numeric(tree: exp.Expression, tokens: list[Token]) -> Iterator[str]:
    """Trino knows decimal, and no type called numeric."""
    if any(
        token.text.lower() == "numeric" and token.token_type is not TokenType.STRING
        for token in tokens
    ):
        yield "names the type numeric, which is called decimal there"


Rule = Callable[[exp.Expression, list[Token]], Iterator[str]]
RULES: dict[str, list[Rule]] = {
    "snowflake": [no_quoted_lower_case, no_anchored_match],
    "bigquery": [
        no_precision_in_casts,
        no_adjacent_texts,
        no_where_without_from,
        outer_joins_have_an_equality,
    ],
    "redshift": [no_short_text, one_order_of_sorted_aggregates, characters_below(128)],
    "trino": [no_numeric],
    "databricks": [no_adjacent_texts, characters_below(256)],
}


def main(job_path: Path) -> None:
    """Do the job."""
    job = json.loads(job_path.read_text(encoding="utf-8"))
    Path(job["result_path"]).write_text(json.dumps(run(job), indent=2), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
