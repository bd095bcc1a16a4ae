// SPDX-License-Identifier: Apache-2.0
#include "query_columns.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "sql_text.hpp"

namespace tinybird_cdk::postgresql {

namespace {

/// What the catalog says of a type.
struct TypeInfo {
    std::string shown;     ///< as PostgreSQL writes it
    char kind = 'b';       ///< pg_type.typtype
    oid::Oid element = 0;  ///< of an array
    char element_kind = 'b';
};

oid::Oid number_of(const char* text) {
    oid::Oid value = 0;
    std::from_chars(text, text + std::char_traits<char>::length(text), value);
    return value;
}

/// One look-up for all columns; typmod makes "numeric" into "numeric(38,10)".
std::vector<TypeInfo> look_up(Connection& connection, const PGresult* described) {
    std::string types;
    for (int i = 0; i < PQnfields(described); ++i) {
        types += fmt::format("{}({}, {}, {})", i == 0 ? "" : ", ", i, PQftype(described, i), PQfmod(described, i));
    }
    const ResultHandle rows = connection.run(
        fmt::format("SELECT format_type(t.oid, c.modifier), t.typtype, "
                    "CASE WHEN t.typcategory = 'A' THEN t.typelem ELSE 0 END, coalesce(e.typtype, 'b') "
                    "FROM (VALUES {}) AS c(place, type, modifier) JOIN pg_catalog.pg_type t ON t.oid = c.type::oid "
                    "LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem ORDER BY c.place",
                    types));
    std::vector<TypeInfo> result;
    for (int i = 0; i < PQntuples(rows.get()); ++i) {
        result.push_back({PQgetvalue(rows.get(), i, 0), *PQgetvalue(rows.get(), i, 1),
                          number_of(PQgetvalue(rows.get(), i, 2)), *PQgetvalue(rows.get(), i, 3)});
    }
    return result;
}

/// Decoder and cast of a type.
void choose(QueryColumn& column, oid::Oid type, const TypeInfo& info) {
    if (type == oid::money || type == oid::money_array) {
        // Its text depends on the server's locale; numeric is exact.
        column.cast = type == oid::money ? "::numeric" : "::numeric[]";
        column.decoder = type == oid::money ? scalar_decoder(oid::numeric) : array_decoder(oid::numeric);
        return;
    }
    if (const Decoder known = scalar_decoder(type); known.decode != nullptr) {
        column.decoder = known;
        return;
    }
    if (info.kind == 'e') {
        column.decoder = text_decoder();
        return;
    }
    if (info.element != 0) {
        if (const Decoder known = array_decoder(info.element); known.decode != nullptr) {
            column.decoder = known;
        } else if (info.element_kind == 'e') {
            column.decoder = text_array_decoder(info.element);
        } else {
            column.cast = "::text[]";
            column.decoder = array_decoder(oid::text);
        }
        return;
    }
    column.cast = "::text";
    column.decoder = text_decoder();
}

}  // namespace

std::vector<QueryColumn> describe_columns(Connection& connection, const std::string& query) {
    const ResultHandle described = connection.describe(query);
    const int count = PQnfields(described.get());
    if (count == 0) {
        throw errors::InvalidArgument("the query gives no columns", "Give a SELECT with at least one column.");
    }
    const std::vector<TypeInfo> types = look_up(connection, described.get());
    std::vector<QueryColumn> columns;
    for (int i = 0; i < count; ++i) {
        QueryColumn column;
        const TypeInfo& info = types.at(static_cast<std::size_t>(i));
        column.column = {PQfname(described.get(), i), info.shown, connection.valid_utf8()};
        choose(column, PQftype(described.get(), i), info);
        columns.push_back(std::move(column));
    }
    return columns;
}

CopyStatement copy_statement(const std::string& query, const std::vector<QueryColumn>& columns,
                             std::optional<std::uint64_t> row_limit) {
    const bool any_cast =
        std::any_of(columns.begin(), columns.end(), [](const auto& column) { return !column.cast.empty(); });
    std::string begin = "COPY (\n";
    std::string end = "\n) TO STDOUT (FORMAT binary)";
    if (any_cast || row_limit) {
        // Columns get names of the kit's own, so that odd or repeated ones do no harm.
        std::string list;
        std::string names;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            list += fmt::format("{}c{}{}", i == 0 ? "" : ", ", i, columns[i].cast);
            names += fmt::format("{}c{}", i == 0 ? "" : ", ", i);
        }
        begin = fmt::format("COPY (SELECT {} FROM (\n", list);
        end = fmt::format("\n) AS q({}){}) TO STDOUT (FORMAT binary)", names,
                          row_limit ? fmt::format(" LIMIT {}", *row_limit) : std::string());
    }
    // On lines of its own, for the query may end in a comment.
    return {begin + query + end, begin.size()};
}

}  // namespace tinybird_cdk::postgresql
