"""A build larger than its memory: what spills to disk does not stop the models that follow."""

from __future__ import annotations

from pathlib import Path

import jinja2
import yaml
from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.environments import create

from conftest import PROJECT

SORTED = "create temp table hashes as select md5(range::varchar) as hash from range(2_000_000) order by hash"


def test_a_build_that_spilled_goes_on(tmp_path: Path) -> None:
    values = {
        "SYNCHRO_MEMORY": "60MB",
        "SYNCHRO_WAREHOUSE": str(tmp_path / "synchro.duckdb"),
        "SYNCHRO_VAULT": str(tmp_path / "vault.duckdb"),
    }
    jinja = jinja2.Environment(autoescape=False)  # noqa: S701
    jinja.filters["as_number"] = int
    text = (PROJECT / "profiles.yml").read_text(encoding="utf-8")
    profile = yaml.safe_load(jinja.from_string(text).render(env_var=values.get))
    environment = create(DuckDBCredentials.from_dict(profile["synchro"]["outputs"]["local"]))
    try:
        # dbt asks for a handle before every model, and sets the profile's settings on it.
        spilling = environment.handle().cursor()
        spilling.execute(SORTED)
        assert spilling.execute("select count(*) from duckdb_temporary_files()").fetchone()[0]
        assert (tmp_path / "synchro.duckdb.tmp").is_dir()
        assert environment.handle().cursor().execute("select 1").fetchone() == (1,)
    finally:
        environment.close()
