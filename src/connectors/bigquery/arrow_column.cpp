// SPDX-License-Identifier: Apache-2.0
#include "arrow_column.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "arrow_scalars.hpp"

namespace tinybird_cdk::bigquery {

namespace {

/// As write_cell(): an array that is NULL is an empty one.
class Arrays final : public ArrowColumn {
public:
    explicit Arrays(std::unique_ptr<ArrowColumn> element) : element_(std::move(element)) {}

    void write(RowWriter& writer, const ArrowArrayView& array, std::int64_t row) override {
        writer.begin_list();
        if (ArrowArrayViewIsNull(&array, row) == 0) {
            const std::int64_t end = ArrowArrayViewListChildOffset(&array, row + 1);
            for (std::int64_t i = ArrowArrayViewListChildOffset(&array, row); i < end; ++i) {
                element_->write(writer, *array.children[0], i);
            }
        }
        writer.end_list();
    }

private:
    const std::unique_ptr<ArrowColumn> element_;
};

class Records final : public ArrowColumn {
public:
    Records(std::vector<std::string> names, std::vector<std::unique_ptr<ArrowColumn>> members)
        : names_(std::move(names)), members_(std::move(members)) {}

    void write(RowWriter& writer, const ArrowArrayView& array, std::int64_t row) override {
        if (ArrowArrayViewIsNull(&array, row) != 0) {
            writer.null();
            return;
        }
        writer.begin_struct();
        for (std::size_t i = 0; i < members_.size(); ++i) {
            writer.field(names_[i]);
            members_[i]->write(writer, *array.children[i], array.offset + row);
        }
        writer.end_struct();
    }

private:
    const std::vector<std::string> names_;
    const std::vector<std::unique_ptr<ArrowColumn>> members_;
};

std::string_view format_of(const ArrowSchema& schema) {
    return schema.format == nullptr ? std::string_view() : std::string_view(schema.format);
}

std::unique_ptr<ArrowColumn> make_value(const Field& field, const ArrowSchema& schema) {  // NOLINT(misc-no-recursion)
    if (field.type != "STRUCT") {
        return make_arrow_scalar(field, schema);
    }
    std::vector<std::string> names;
    for (const Field& member : field.fields) {
        names.push_back(member.name);
    }
    return std::make_unique<Records>(std::move(names), make_arrow_columns(field.fields, schema));
}

}  // namespace

void refuse_arrow_type(const Field& field, const ArrowSchema& schema) {
    throw errors::ExternalDatasourceError(
        fmt::format("BigQuery: column \"{}\" is {}, and comes as the Arrow type \"{}\", which does not hold that",
                    field.name, type_text(field), format_of(schema)));
}

// As deep as the schema is: 15 levels at most.
std::unique_ptr<ArrowColumn> make_arrow_column(const Field& field,  // NOLINT(misc-no-recursion)
                                               const ArrowSchema& schema) {
    if (!field.repeated) {
        return make_value(field, schema);
    }
    if (format_of(schema) != "+l" || schema.n_children != 1) {
        refuse_arrow_type(field, schema);
    }
    return std::make_unique<Arrays>(make_value(field, *schema.children[0]));
}

std::vector<std::unique_ptr<ArrowColumn>> make_arrow_columns(
    const std::vector<Field>& fields,  // NOLINT(misc-no-recursion)
    const ArrowSchema& schema) {
    const std::span<ArrowSchema* const> children(schema.children, static_cast<std::size_t>(schema.n_children));
    if (format_of(schema) != "+s" || children.size() != fields.size()) {
        throw errors::ExternalDatasourceError("BigQuery gives rows that do not fit the columns of their query");
    }
    std::vector<std::unique_ptr<ArrowColumn>> columns;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        // Members of a record may have no name, and get one in Arrow.
        const std::string_view name = children[i]->name == nullptr ? "" : children[i]->name;
        if (!fields[i].name.empty() && name != fields[i].name) {
            throw errors::ExternalDatasourceError(fmt::format(
                "BigQuery gives rows with the column \"{}\", where their query has \"{}\"", name, fields[i].name));
        }
        columns.push_back(make_arrow_column(fields[i], *children[i]));
    }
    return columns;
}

bool fits_arrow(const std::vector<Field>& fields) noexcept {  // NOLINT(misc-no-recursion)
    constexpr std::array<std::string_view, 16> known{
        "INT64", "FLOAT64", "NUMERIC",  "BIGNUMERIC", "BOOL",      "STRING", "BYTES",    "DATE",
        "TIME",  "STRUCT",  "DATETIME", "TIMESTAMP",  "GEOGRAPHY", "JSON",   "INTERVAL", "RANGE"};
    return std::all_of(fields.begin(), fields.end(), [&](const Field& field) {  // NOLINT(misc-no-recursion)
        return std::find(known.begin(), known.end(), field.type) != known.end() &&
               field.timestamp_precision <= Field().timestamp_precision && fits_arrow(field.fields);
    });
}

}  // namespace tinybird_cdk::bigquery
