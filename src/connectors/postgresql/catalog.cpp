// SPDX-License-Identifier: Apache-2.0
#include "catalog.hpp"

#include <charconv>
#include <cstring>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "type_map.hpp"

namespace tinybird_cdk::postgresql {

namespace {

constexpr const char* schemas_sql =
    "SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname <> 'information_schema' AND nspname !~ '^pg_' "
    "AND pg_catalog.has_schema_privilege(oid, 'USAGE') ORDER BY nspname";

/// reltuples is −1 until the table was analysed (0 before PostgreSQL 14); of a view it says nothing.
constexpr const char* tables_sql =
    "SELECT c.relname, CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'v' THEN 'view' "
    "WHEN 'm' THEN 'materialized view' ELSE 'foreign table' END, "
    "CASE WHEN c.relkind IN ('r', 'p', 'm') AND c.reltuples >= 0 THEN c.reltuples::bigint END, "
    "CASE WHEN c.relkind IN ('r', 'm') THEN pg_catalog.pg_table_size(c.oid) END "
    "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY c.relname";

/// Domains are followed to the type below them, those of an array's elements too (step 2). Any of them may say NOT
/// NULL, which holds for what is stored; a view may have NULLs of such a domain, and nothing makes a foreign server
/// keep a promise.
constexpr const char* columns_sql =
    "WITH RECURSIVE resolved AS ("
    "SELECT 1 AS step, a.attnum, a.attname, c.relkind IN ('r', 'p') AS is_stored, "
    "a.attnotnull AND c.relkind IN ('r', 'p') AS not_null, a.attndims::int AS dimensions, a.atttypid AS type, "
    "a.atttypmod AS modifier, pg_catalog.format_type(a.atttypid, a.atttypmod) AS shown "
    "FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p', 'v', 'm', 'f') "
    "AND a.attnum > 0 AND NOT a.attisdropped "
    "UNION ALL "
    "SELECT CASE WHEN t.typtype = 'd' THEN r.step ELSE 2 END, r.attnum, r.attname, r.is_stored, "
    "r.not_null OR (r.step = 1 AND r.is_stored AND t.typnotnull), greatest(r.dimensions, t.typndims), "
    "CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.typelem END, "
    "CASE WHEN t.typtype = 'd' AND t.typtypmod >= 0 THEN t.typtypmod ELSE r.modifier END, r.shown "
    "FROM resolved r JOIN pg_catalog.pg_type t ON t.oid = r.type "
    "WHERE t.typtype = 'd' OR (r.step = 1 AND t.typcategory = 'A')) "
    "SELECT r.attname, r.shown, r.not_null, r.dimensions, r.type::bigint, r.modifier, t.typtype, "
    "e.type::bigint, e.modifier, e.typtype "
    "FROM resolved r JOIN pg_catalog.pg_type t ON t.oid = r.type "
    "LEFT JOIN (SELECT r.attnum, r.type, r.modifier, t.typtype FROM resolved r "
    "JOIN pg_catalog.pg_type t ON t.oid = r.type WHERE r.step = 2 AND t.typtype <> 'd') AS e ON e.attnum = r.attnum "
    "WHERE r.step = 1 AND t.typtype <> 'd' ORDER BY r.attnum";

constexpr const char* primary_key_sql =
    "SELECT a.attname FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indrelid "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k(attnum, place) "
    "JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum "
    "WHERE i.indisprimary AND n.nspname = $1 AND c.relname = $2 ORDER BY k.place";

std::string text(const ResultHandle& rows, int row, int column) {
    return PQgetvalue(rows.get(), row, column);
}

template <class Number>
Number number(const ResultHandle& rows, int row, int column) {
    const char* const begin = PQgetvalue(rows.get(), row, column);
    Number value{};
    std::from_chars(begin, begin + std::strlen(begin), value);
    return value;
}

std::optional<std::uint64_t> count(const ResultHandle& rows, int row, int column) {
    if (PQgetisnull(rows.get(), row, column) != 0) {
        return std::nullopt;
    }
    return number<std::uint64_t>(rows, row, column);
}

void refuse_unknown_schema(Connection& connection, const std::string& schema) {
    if (PQntuples(connection.run("SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1", {schema}).get()) == 0) {
        throw errors::InvalidArgument(fmt::format("there is no schema \"{}\"", schema),
                                      "`tb-cdk scopes -c postgresql` lists what there is.");
    }
}

int money_scale(Connection& connection) {
    return number<int>(connection.run("SELECT pg_catalog.scale(0::pg_catalog.money::pg_catalog.numeric)"), 0, 0);
}

}  // namespace

std::vector<ScopeItem> list_schemas(Connection& connection) {
    const ResultHandle rows = connection.run(schemas_sql);
    std::vector<ScopeItem> items;
    for (int i = 0; i < PQntuples(rows.get()); ++i) {
        items.push_back({text(rows, i, 0), text(rows, i, 0), {}, {}, {}});
    }
    return items;
}

std::vector<ScopeItem> list_tables(Connection& connection, const std::string& schema) {
    const ResultHandle rows = connection.run(tables_sql, {schema});
    if (PQntuples(rows.get()) == 0) {
        refuse_unknown_schema(connection, schema);
    }
    std::vector<ScopeItem> items;
    for (int i = 0; i < PQntuples(rows.get()); ++i) {
        items.push_back({text(rows, i, 0), text(rows, i, 0), text(rows, i, 1), count(rows, i, 2), count(rows, i, 3)});
    }
    return items;
}

schema::Schema table_schema(Connection& connection, const std::string& schema, const std::string& table) {
    const ResultHandle rows = connection.run(columns_sql, {schema, table});
    if (PQntuples(rows.get()) == 0) {
        throw errors::InvalidArgument(
            fmt::format("there is no table \"{}\" with columns in schema \"{}\"", table, schema),
            fmt::format("`tb-cdk scopes -c postgresql --parent schema={}` lists what there is.", schema));
    }
    schema::Schema result;
    result.scopes = {{"schema", schema}, {"table", table}};
    result.table = table;
    for (int i = 0; i < PQntuples(rows.get()); ++i) {
        SourceType source;
        source.dimensions = number<int>(rows, i, 3);
        source.type = number<oid::Oid>(rows, i, 4);
        source.modifier = number<int>(rows, i, 5);
        source.kind = *PQgetvalue(rows.get(), i, 6);
        if (PQgetisnull(rows.get(), i, 7) == 0) {
            source.element = number<oid::Oid>(rows, i, 7);
            source.modifier = number<int>(rows, i, 8);
            source.element_kind = *PQgetvalue(rows.get(), i, 9);
        }
        if (source.type == oid::money || source.element == oid::money) {
            source.money_scale = money_scale(connection);
        }
        const TargetType target = target_of(source);
        schema::Column column;
        column.name = text(rows, i, 0);
        column.source_type = text(rows, i, 1);
        column.type = target.type.with_nullable(text(rows, i, 2) != "t");
        column.remark = target.remark;
        result.columns.push_back(std::move(column));
    }
    const ResultHandle key = connection.run(primary_key_sql, {schema, table});
    for (int i = 0; i < PQntuples(key.get()); ++i) {
        result.sorting_key.push_back(text(key, i, 0));
    }
    return result;
}

}  // namespace tinybird_cdk::postgresql
