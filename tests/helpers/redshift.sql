-- SPDX-License-Identifier: Apache-2.0
-- What Redshift has and PostgreSQL has not, as far as the connector uses it.

-- Types are made in several steps, which PostgreSQL would comment on.
SET client_min_messages TO warning;

CREATE TYPE super;
CREATE FUNCTION super_in(cstring) RETURNS super AS 'textin' LANGUAGE internal IMMUTABLE STRICT;
CREATE FUNCTION super_out(super) RETURNS cstring AS 'textout' LANGUAGE internal IMMUTABLE STRICT;
CREATE FUNCTION super_recv(internal) RETURNS super AS 'textrecv' LANGUAGE internal IMMUTABLE STRICT;
CREATE FUNCTION super_send(super) RETURNS bytea AS 'textsend' LANGUAGE internal IMMUTABLE STRICT;
CREATE TYPE super (INPUT = super_in, OUTPUT = super_out, RECEIVE = super_recv, SEND = super_send, LIKE = text);
CREATE FUNCTION json_parse(varchar) RETURNS super LANGUAGE sql IMMUTABLE STRICT AS 'SELECT super_in(textout($1::json::text))';
CREATE CAST (super AS text) WITHOUT FUNCTION;
-- "If super_expression is NULL, JSON_SERIALIZE returns the JSON string 'null'"
-- (https://docs.aws.amazon.com/redshift/latest/dg/JSON_SERIALIZE.html).
CREATE FUNCTION json_serialize(super) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT COALESCE($1::text, 'null') $$;

CREATE TYPE varbyte;
CREATE FUNCTION varbyte_in(cstring) RETURNS varbyte AS 'byteain' LANGUAGE internal IMMUTABLE STRICT;
CREATE FUNCTION varbyte_out(varbyte) RETURNS cstring AS 'byteaout' LANGUAGE internal IMMUTABLE STRICT;
CREATE FUNCTION varbyte_recv(internal) RETURNS varbyte AS 'bytearecv' LANGUAGE internal IMMUTABLE STRICT;
CREATE FUNCTION varbyte_send(varbyte) RETURNS bytea AS 'byteasend' LANGUAGE internal IMMUTABLE STRICT;
CREATE TYPE varbyte (INPUT = varbyte_in, OUTPUT = varbyte_out, RECEIVE = varbyte_recv, SEND = varbyte_send, LIKE = bytea);
CREATE CAST (varbyte AS bytea) WITHOUT FUNCTION;
CREATE FUNCTION from_varbyte(varbyte, text) RETURNS text LANGUAGE sql IMMUTABLE STRICT
  AS $$ SELECT translate(encode($1::bytea, $2), E'\n', '') $$;

-- A literal without a cast keeps this type in PostgreSQL 8, and nothing converts it once it is a column; later
-- versions make text of it at once.
CREATE TYPE public."unknown";
CREATE FUNCTION public.unknownin(cstring) RETURNS public."unknown" AS 'textin' LANGUAGE internal IMMUTABLE STRICT;
CREATE FUNCTION public.unknownout(public."unknown") RETURNS cstring AS 'textout' LANGUAGE internal IMMUTABLE STRICT;
CREATE FUNCTION public.unknownrecv(internal) RETURNS public."unknown" AS 'textrecv' LANGUAGE internal IMMUTABLE STRICT;
CREATE FUNCTION public.unknownsend(public."unknown") RETURNS bytea AS 'textsend' LANGUAGE internal IMMUTABLE STRICT;
CREATE TYPE public."unknown" (INPUT = public.unknownin, OUTPUT = public.unknownout, RECEIVE = public.unknownrecv,
                              SEND = public.unknownsend, LIKE = text);

CREATE VIEW svv_redshift_databases AS
  SELECT datname AS database_name FROM pg_database WHERE NOT datistemplate;
CREATE VIEW svv_all_schemas AS
  SELECT catalog_name AS database_name, schema_name FROM information_schema.schemata;
CREATE VIEW svv_all_tables AS
  SELECT table_catalog AS database_name, table_schema AS schema_name, table_name,
         CASE table_type WHEN 'BASE TABLE' THEN 'TABLE' ELSE table_type END AS table_type
  FROM information_schema.tables;
-- Those of tables outside, which have their types as the catalog outside spells them.
CREATE TABLE external_columns (database_name text, schema_name text, table_name text, column_name text,
                               ordinal_position integer, data_type text, is_nullable text, numeric_precision integer,
                               numeric_scale integer);
CREATE VIEW svv_all_columns AS
  SELECT table_catalog AS database_name, table_schema AS schema_name, table_name, column_name, ordinal_position,
         CASE data_type WHEN 'USER-DEFINED' THEN udt_name ELSE data_type END AS data_type, is_nullable,
         numeric_precision, numeric_scale
  FROM information_schema.columns
  UNION ALL SELECT * FROM external_columns;
-- Its columns are called by words that are reserved. A table of which no statistics are known has a comment that says so.
CREATE VIEW svv_table_info AS
  SELECT table_catalog AS "database", table_schema AS "schema", table_name AS "table",
         CASE WHEN obj_description(to_regclass(format('%I.%I', table_schema, table_name)), 'pg_class')
                   IS DISTINCT FROM 'no statistics' THEN
         (xpath('/row/c/text()', query_to_xml(format('SELECT count(*) AS c FROM %I.%I', table_schema, table_name),
                                              false, true, '')))[1]::text::numeric END AS tbl_rows,
         CAST(2 AS bigint) AS size
  FROM information_schema.tables WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema');
-- https://docs.aws.amazon.com/redshift/latest/dg/SYS_QUERY_HISTORY.html
CREATE VIEW sys_query_history AS
  SELECT pid AS session_id, CAST('running' AS character(10)) AS status, query AS query_text
  FROM pg_stat_activity WHERE state = 'active';
