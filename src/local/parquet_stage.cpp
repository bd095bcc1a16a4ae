// SPDX-License-Identifier: Apache-2.0
#include "local/parquet_stage.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <tinybird_cdk/errors.hpp>

#include "local/answers.hpp"
#include "local/ingest/json_paths.hpp"
#include "local/ingest/types.hpp"
#include "local/sql_text.hpp"

namespace tinybird_cdk::local {

namespace {

using schema::Kind;

bool is_integer(Kind kind) {
    return kind <= Kind::uint256;
}
bool is_number(Kind kind) {
    return kind <= Kind::float64;
}
bool is_time(Kind kind) {
    return kind == Kind::datetime || kind == Kind::datetime64;
}

struct Change {
    std::string value;  ///< NULL where it does not fit
    std::string bad;
};

/// SQL over an expression of one type that gives another.
class Conversions {
public:
    static Change change(const schema::Type& to, const schema::Type& from, const std::string& of, int depth = 0) {
        if (to.with_nullable(false) == from.with_nullable(false) && (to.nullable() || !from.nullable())) {
            return {of, "0"};
        }
        if (!ingest::is_nested(to)) {
            const std::string value = scalar(to, from, of);
            return to.nullable() ? Change{value, fmt::format("(isNotNull({}) AND isNull({}))", of, value)}
                                 : Change{fmt::format("assumeNotNull({})", value), fmt::format("isNull({})", value)};
        }
        const std::string x = fmt::format("x{}", depth);
        if (to.kind() == Kind::array && from.kind() == Kind::array) {
            const Change element = change(to.arguments().at(0), from.arguments().at(0), x, depth + 1);
            return {fmt::format("arrayMap({} -> {}, {})", x, element.value, of),
                    fmt::format("arrayExists({} -> {}, {})", x, element.bad, of)};
        }
        if (to.kind() == Kind::map && from.kind() == Kind::map) {
            const Change key = change(to.arguments().at(0), from.arguments().at(0), x, depth + 1);
            const Change value = change(to.arguments().at(1), from.arguments().at(1), x, depth + 1);
            return {
                fmt::format("mapFromArrays(arrayMap({0} -> {1}, mapKeys({3})), arrayMap({0} -> {2}, mapValues({3})))",
                            x, key.value, value.value, of),
                fmt::format("(arrayExists({0} -> {1}, mapKeys({3})) OR arrayExists({0} -> {2}, mapValues({3})))", x,
                            key.bad, value.bad, of)};
        }
        if (to.kind() == Kind::tuple && from.kind() == Kind::tuple &&
            to.arguments().size() == from.arguments().size()) {
            return tuple(to, from, of, depth);
        }
        return {fmt::format("defaultValueOfTypeName({})", literal(to.to_string())), "1"};
    }

private:
    static Change tuple(const schema::Type& to, const schema::Type& from, const std::string& of, int depth) {
        std::vector<std::string> values;
        std::vector<std::string> bad;
        for (std::size_t i = 0; i < to.arguments().size(); ++i) {
            const Change member =
                change(to.arguments()[i], from.arguments()[i], fmt::format("tupleElement({}, {})", of, i + 1), depth);
            values.push_back(member.value);
            bad.push_back(member.bad);
        }
        return {fmt::format("tuple({})", fmt::join(values, ", ")), fmt::format("({})", fmt::join(bad, " OR "))};
    }

    static std::string scalar(const schema::Type& to, const schema::Type& from, const std::string& of) {
        const std::string type = literal(to.with_nullable(false).to_string());
        if (to.with_nullable(false) == from.with_nullable(false)) {
            return of;
        }
        if (is_integer(to.kind()) && is_integer(from.kind())) {
            return fmt::format("accurateCastOrNull({}, {})", of, type);
        }
        if (is_number(to.kind()) && from.kind() == Kind::boolean) {
            return fmt::format("accurateCastOrNull(toUInt8({}), {})", of, type);
        }
        if (from.kind() == Kind::string) {
            return scalar_value(to, of);
        }
        if (is_time(to.kind()) && is_time(from.kind())) {
            // A point in time, whatever the zone of the column.
            return scalar_value(to, fmt::format("concat(toString(toTimezone({}, 'UTC')), 'Z')", of));
        }
        return scalar_value(to, fmt::format("toString({})", of));
    }
};

/// Types that a Parquet file can only hold as bytes: ClickHouse knows how when it is told.
bool goes_by_bytes(const schema::Type& to, const schema::Type& from) {
    const Kind kind = to.kind();
    return from.kind() == Kind::fixed_string &&
           (kind == Kind::uuid || kind == Kind::ipv6 || kind == Kind::int128 || kind == Kind::uint128 ||
            kind == Kind::int256 || kind == Kind::uint256);
}

}  // namespace

ParquetStage::ParquetStage(std::filesystem::path file) : file_(std::move(file)), stream_(file_, std::ios::binary) {}

ParquetStage::~ParquetStage() {
    std::error_code ignored;
    std::filesystem::remove(file_, ignored);
}

void ParquetStage::write(std::string_view data) {
    if (!stream_.write(data.data(), static_cast<std::streamsize>(data.size()))) {
        throw errors::Error("the Parquet file can't be kept", "Is the disk full?", errors::ExitCode::temporary);
    }
}

void ParquetStage::finish(Engine& engine) {
    stream_.close();
    if (!stream_) {
        throw errors::Error("the Parquet file can't be kept", "Is the disk full?", errors::ExitCode::temporary);
    }
    nlohmann::json described;
    try {
        described = nlohmann::json::parse(engine.run("DESCRIBE TABLE " + table(), "JSON"));
    } catch (const chdb::EngineError& error) {
        throw Refusal(400, fmt::format("the body is no Parquet file, or it is damaged: {}", error.what()));
    }
    for (const auto& row : described.at("data")) {
        columns_.emplace_back(row.at("name").get<std::string>(),
                              ingest::plain_type(schema::Type::parse(row.at("type").get<std::string>())));
    }
}

std::string ParquetStage::table() const {
    return fmt::format("file({}, 'Parquet')", literal(file_.string()));
}

const schema::Type* ParquetStage::type_of(const std::string& name) const {
    for (const auto& [column, type] : columns_) {
        if (column == name) {
            return &type;
        }
    }
    return nullptr;
}

Conversion ParquetStage::conversion(const schema::Column& column) const {
    const std::vector<std::string> path = ingest::fields_of_jsonpath(column);
    const std::string name = path.size() == 1 && type_of(path.front()) != nullptr ? path.front() : column.name;
    const schema::Type to = ingest::plain_type(column.type);
    const schema::Type* from = type_of(name);
    const bool absent = from == nullptr;
    const schema::Type no_text = schema::Nullable(schema::String());
    const std::string of = absent ? "CAST(NULL AS Nullable(String))" : identifier(name);
    if (absent && ingest::is_nested(to) && column.default_expr.empty() && to.kind() != Kind::tuple) {
        return {fmt::format("defaultValueOfTypeName({})", literal(to.to_string())), "0", of};
    }
    Conversion result;
    if (!absent && goes_by_bytes(to, *from)) {
        const std::string cast = fmt::format("reinterpret({}, {})", of, literal(to.with_nullable(false).to_string()));
        result = {cast, to.nullable() ? "0" : fmt::format("isNull({})", of), {}};
    } else {
        const Change change = Conversions::change(to, absent ? no_text : *from, of);
        result = {change.value, change.bad, {}};
    }
    result.raw = absent ? of : fmt::format("toString({})", of);
    if (!column.default_expr.empty() && !to.nullable()) {
        const std::string type = literal(to.to_string());
        result.value = fmt::format("if(isNull({0}), CAST(({1}), {2}), CAST({3}, {2}))", of, column.default_expr, type,
                                   result.value);
        result.bad = fmt::format("(isNotNull({}) AND {})", of, result.bad);
    }
    return result;
}

}  // namespace tinybird_cdk::local
