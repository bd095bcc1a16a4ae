# SPDX-License-Identifier: Apache-2.0
"""A Snowflake for tests, run by the Python that fakesnow is installed in (helpers/snowflake.py starts it).

fakesnow answers sessions, queries and metadata over DuckDB, in the protocol that the driver speaks. What it lacks is
played here as Snowflake documents it, and really done: credentials are verified, COPY INTO runs its query and writes
objects, a cancelled query ends.
"""
