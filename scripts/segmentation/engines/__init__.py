"""The engines the models are proven on: environments, servers, settings, and the comparison.

An engine is a database that dbt builds on, together with the Python environment of its adapter.
`catalog` lists them, `environments` makes the environments, `postgres` and `spark` start what they
need on this machine's loopback, `worker` builds inside an environment, `compare` looks at the rows.
"""
