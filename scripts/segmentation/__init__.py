"""Customer segmentation in dbt: the Python side.

The segments themselves are SQL in the warehouse. This package starts dbt with the right vars,
writes the sample data, reads foreign files, shows what came out, and measures how fast it was.
"""

__version__ = "0.1.0"
