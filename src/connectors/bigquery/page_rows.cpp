// SPDX-License-Identifier: Apache-2.0
#include "page_rows.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/rest.hpp>
#include <tinybird_cdk/warehouse_connector.hpp>

#include "cell.hpp"
#include "query_request.hpp"

namespace tinybird_cdk::bigquery {

namespace {

// As deep as the schema is: 15 levels at most.
std::size_t cells_of_a_row(const std::vector<Field>& fields) {  // NOLINT(misc-no-recursion)
    std::size_t cells = 0;
    for (const Field& field : fields) {
        cells += 1 + cells_of_a_row(field.fields);
    }
    return cells;
}

bool has_picoseconds(const std::vector<Field>& fields) {                       // NOLINT(misc-no-recursion)
    return std::any_of(fields.begin(), fields.end(), [](const Field& field) {  // NOLINT(misc-no-recursion)
        return field.timestamp_precision > Field().timestamp_precision || has_picoseconds(field.fields);
    });
}

/// As BigQuery's tables call a member of a record that the query gives no name.
bool is_made_up(std::string_view name) {
    constexpr std::string_view begin = "_field_";
    return name.starts_with(begin) && name.find_first_not_of("0123456789", begin.size()) == std::string_view::npos;
}

/// Without what a value's notation does not depend on: the schema of a result need not say it as a dry run does.
Field bare(Field field) {  // NOLINT(misc-no-recursion)
    field.required = false;
    field.precision.reset();
    field.scale = 0;
    field.max_length.reset();
    for (Field& member : field.fields) {
        member = bare(std::move(member));
        if (is_made_up(member.name)) {
            member.name.clear();
        }
    }
    return field;
}

std::vector<ResultColumn> columns_of(const std::vector<Field>& fields) {
    std::vector<ResultColumn> columns;
    columns.reserve(fields.size());
    for (const Field& field : fields) {
        columns.push_back({.name = field.name, .source_type = type_text(bare(field))});
    }
    return columns;
}

}  // namespace

PageForm page_form(const std::vector<Field>& fields) {
    // The text of a page is in memory: wide rows come fewer at a time.
    constexpr std::uint64_t most_cells = 100'000;
    constexpr std::uint64_t fewest_rows = 50;
    const std::uint64_t rows = most_cells / std::max<std::size_t>(cells_of_a_row(fields), 1);
    return {.rows = std::clamp(rows, fewest_rows, rows_of_a_page), .iso_timestamps = has_picoseconds(fields)};
}

void PageRows::write(RowWriter& writer, std::optional<std::uint64_t> row_limit, const std::stop_token& stop) {
    constexpr std::uint64_t all = std::numeric_limits<std::uint64_t>::max();
    written_ = 0;
    bool is_first = true;
    bool is_whole = true;
    std::optional<std::uint64_t> there;
    job_.read(
        page_form(fields_),
        [&](Page& page) {
            if (std::exchange(is_first, false)) {
                check_columns(page);
                there = count_at(page.head(), {"totalRows"});
            }
            is_whole = write_page(writer, page, row_limit.value_or(all), stop);
            return is_whole;
        },
        stop);
    if (is_whole && there && written_ != *there) {
        throw errors::ExternalDatasourceError(
            fmt::format("BigQuery: the result has {} rows, and its pages gave {}", *there, written_), {},
            "Run it again. The job: " + job_.link(), errors::ExitCode::temporary);
    }
}

bool PageRows::write_page(RowWriter& writer, Page& page, std::uint64_t wanted, const std::stop_token& stop) {
    while (const std::optional<Value> row = page.next_row()) {
        if (stop.stop_requested()) {
            throw errors::InterruptedError();
        }
        write_row(writer, *row);
        if (++written_ == wanted) {
            return false;
        }
    }
    return true;
}

void PageRows::write_row(RowWriter& writer, const Value& row) const {
    const Value* const list = rest::field_at(row, {"f"});
    const auto* const cells = list == nullptr ? nullptr : std::get_if<Value::List>(&list->variant());
    if (cells == nullptr || cells->size() != fields_.size()) {
        throw errors::ExternalDatasourceError("BigQuery gives a row that does not fit the columns of its query");
    }
    writer.begin_row();
    for (std::size_t i = 0; i < fields_.size(); ++i) {
        write_cell(writer, fields_[i], (*cells)[i]);
    }
    writer.end_row();
}

void PageRows::check_columns(const Page& page) const {
    const Value* const schema = rest::field_at(page.head(), {"schema"});
    if (schema == nullptr) {
        throw errors::ExternalDatasourceError("BigQuery does not say which columns the result has", {},
                                              "The job: " + job_.link());
    }
    // Cells have no names: a view that was changed since the dry run would put one column's values into another one.
    refuse_changed_columns(columns_of(fields_), columns_of(fields_of(*schema)));
}

}  // namespace tinybird_cdk::bigquery
