// SPDX-License-Identifier: Apache-2.0
#include "query_columns.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "sql_text.hpp"
#include "type_map.hpp"

namespace tinybird_cdk::postgresql {

namespace {

/// What the catalog says of a type.
struct TypeInfo {
    std::string shown;     ///< as PostgreSQL writes it
    char kind = 'b';       ///< pg_type.typtype
    oid::Oid element = 0;  ///< of an array, as the array names it
    /// Of an array: the type below the element's domains, and its kind.
    oid::Oid element_base = 0;
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
    const ResultHandle rows = connection.run(fmt::format(
        "SELECT pg_catalog.format_type(t.oid, c.modifier), t.typtype, a.element, "
        "coalesce(b.oid, 0), coalesce(b.typtype, 'b') "
        "FROM (VALUES {}) AS c(place, type, modifier) JOIN pg_catalog.pg_type t ON t.oid = c.type::pg_catalog.oid "
        "CROSS JOIN LATERAL (SELECT CASE WHEN t.typcategory = 'A' THEN t.typelem ELSE 0 END) AS a(element) "
        "LEFT JOIN LATERAL (WITH RECURSIVE below AS (SELECT e.oid, e.typtype, e.typbasetype FROM pg_catalog.pg_type e "
        "WHERE e.oid = a.element UNION ALL SELECT e.oid, e.typtype, e.typbasetype FROM below "
        "JOIN pg_catalog.pg_type e ON e.oid = below.typbasetype WHERE below.typtype = 'd') "
        "SELECT oid, typtype FROM below WHERE typtype <> 'd') AS b ON true ORDER BY c.place",
        types));
    std::vector<TypeInfo> result;
    for (int i = 0; i < PQntuples(rows.get()); ++i) {
        result.push_back({PQgetvalue(rows.get(), i, 0), *PQgetvalue(rows.get(), i, 1),
                          number_of(PQgetvalue(rows.get(), i, 2)), number_of(PQgetvalue(rows.get(), i, 3)),
                          *PQgetvalue(rows.get(), i, 4)});
    }
    return result;
}

/// Decoder and cast of a type.
void choose(QueryColumn& column, oid::Oid type, const TypeInfo& info, int version) {
    const bool is_array = info.element != 0;
    if ((is_array ? info.element_base : type) == oid::money) {
        // Its text depends on the server's locale; numeric is exact.
        column.cast = is_array ? "::pg_catalog.numeric[]" : "::pg_catalog.numeric";
        column.decoder =
            is_array ? array_decoder(oid::numeric, oid::numeric, version) : scalar_decoder(oid::numeric, version);
        return;
    }
    column.decoder = scalar_decoder(info.kind == 'e' ? oid::text : type, version);
    if (column.decoder.decode == nullptr && is_array) {
        column.decoder = array_decoder(info.element, info.element_kind == 'e' ? oid::text : info.element_base, version);
    }
    if (column.decoder.decode == nullptr) {
        column.cast = is_array ? "::pg_catalog.text[]" : "::pg_catalog.text";
        column.decoder = is_array ? array_decoder(oid::text, oid::text, version) : scalar_decoder(oid::text, version);
    }
}

/// "char" is one byte, not a character: what it holds need not be UTF-8.
bool is_encoded(oid::Oid type, const TypeInfo& info) {
    return (info.element != 0 ? info.element_base : type) != oid::character;
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
        const oid::Oid type = PQftype(described.get(), i);
        column.column = {PQfname(described.get(), i), info.shown, connection.valid_utf8() && is_encoded(type, info),
                         target_of({.type = type,
                                    .modifier = PQfmod(described.get(), i),
                                    .kind = info.kind,
                                    .element = info.element_base,
                                    .element_kind = info.element_kind,
                                    .dimensions = info.element == 0 ? 0 : 1})
                             .type};
        choose(column, type, info, connection.server_version());
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
    // A statement that changes data can't be wrapped; left as it is, the server says why it is refused.
    if ((any_cast || row_limit) && !changes_data(query)) {
        // Columns get names of the kit's own, so that odd or repeated ones do no harm.
        std::string list;
        std::string names;
        std::string limit;
        if (row_limit) {
            constexpr std::uint64_t largest = std::numeric_limits<std::int64_t>::max();
            limit = fmt::format(" LIMIT {}", std::min(*row_limit, largest));
        }
        for (std::size_t i = 0; i < columns.size(); ++i) {
            list += fmt::format("{}c{}{}", i == 0 ? "" : ", ", i, columns[i].cast);
            names += fmt::format("{}c{}", i == 0 ? "" : ", ", i);
        }
        begin = fmt::format("COPY (SELECT {} FROM (\n", list);
        end = fmt::format("\n) AS q({}){}) TO STDOUT (FORMAT binary)", names, limit);
    }
    // On lines of its own, for the query may end in a comment.
    const std::size_t prefix = begin.size();
    return {std::move(begin) + query + end, prefix};
}

}  // namespace tinybird_cdk::postgresql
