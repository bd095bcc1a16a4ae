// SPDX-License-Identifier: Apache-2.0
//
// A connector that the kit knows nothing of, with the public headers only: copy this file and change what the rows are.
//
// Its "database" is arithmetic. A query is a range such as "1..1000", and a row is a number with its square.
//
//     outside_connector 1..5                 prints the rows
//     outside_connector 1..1000000 squares   replaces the data source `squares` by them (TB_CDK_TOKEN, TB_CDK_TAG)
//     outside_connector --conformance FILE   runs the conformance suite with the cases in a file (numbers.cases)
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tinybird_cdk/conformance/case_file.hpp>
#include <tinybird_cdk/conformance/suite.hpp>
#include <tinybird_cdk/connector.hpp>
#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/export.hpp>
#include <tinybird_cdk/registry.hpp>

namespace {

namespace cdk = tinybird_cdk;

struct Range {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
};

Range parse_range(std::string_view query, std::uint64_t largest) {
    Range range;
    const char* const end = query.data() + query.size();
    const auto first = std::from_chars(query.data(), end, range.first);
    const std::string_view rest(first.ptr, static_cast<std::size_t>(end - first.ptr));
    const auto last = std::from_chars(rest.starts_with("..") ? first.ptr + 2 : end, end, range.last);
    // Errors have a message (what was wrong) and a hint (what to do), and the class says who is to act: here the
    // caller. Anything else that is thrown reaches the user logged and wrapped in cdk::errors::Error.
    if (first.ec != std::errc() || last.ec != std::errc() || last.ptr != end) {
        throw cdk::errors::InvalidArgument("\"" + std::string(query) + "\" is no range", "Write one as 1..1000.");
    }
    if (range.last > largest) {
        throw cdk::errors::InvalidArgument("the range ends beyond NUMBERS_LARGEST, " + std::to_string(largest));
    }
    return range;
}

/// An export: columns that are known at once, and rows that are made when the kit asks, while it uploads.
class NumberRows final : public cdk::Rows {
public:
    NumberRows(Range range, const cdk::ExportRequest& request) : range_(range) {
        const std::uint64_t available = range.first > range.last ? 0 : range.last - range.first + 1;
        count_ = std::min(available, request.row_limit.value_or(available));
    }

    [[nodiscard]] const std::vector<cdk::ResultColumn>& columns() const override { return columns_; }

    // May be called again, when an upload has to be repeated: it always begins at the first row.
    void write(cdk::RowWriter& writer, const std::stop_token& stop) override {
        for (std::uint64_t index = 0; index < count_; ++index) {
            if (stop.stop_requested()) {
                throw cdk::errors::InterruptedError();
            }
            const std::uint64_t number = range_.first + index;
            writer.begin_row();
            writer.uint64(number);
            writer.uint64(number * number);
            writer.boolean(number % 2 == 0);
            writer.end_row();
        }
    }

    [[nodiscard]] std::optional<std::uint64_t> estimated_rows() const override { return count_; }

private:
    std::vector<cdk::ResultColumn> columns_{{"number", "uint", true}, {"square", "uint", true}, {"even", "bool", true}};
    Range range_;
    std::uint64_t count_ = 0;
};

// Configuration is the environment only. This table feeds help, docs and the masking of secrets.
constexpr std::array<cdk::ConfigOption, 1> options{{
    {.variable = "NUMBERS_LARGEST", .default_value = "4294967295", .text = "the largest number", .required = false},
}};

class NumbersConnector final : public cdk::SqlConnector {
public:
    explicit NumbersConnector(const cdk::Environment& environment) : SqlConnector(environment) {
        const std::string text = cdk::config::get_or(options[0].variable, options[0].default_value, environment);
        const auto parsed = std::from_chars(text.data(), text.data() + text.size(), largest_);
        // The square has to fit 64 bits.
        if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || largest_ > 4'294'967'295) {
            throw cdk::errors::InvalidArgument("NUMBERS_LARGEST is no number up to 4294967295: \"" + text + "\"");
        }
    }

protected:
    std::vector<cdk::Scope> get_scopes_() override { return {{"Table", "table"}}; }

    std::vector<cdk::ScopeItem> list_scope_(const cdk::Parents& /*parents*/) override {
        return {{"numbers", "numbers", "table", largest_ + 1, std::nullopt}};
    }

    cdk::schema::Schema suggest_schema_(const cdk::Parents& scopes) override {
        if (scopes.at("table") != "numbers") {
            throw cdk::errors::InvalidArgument("there is no table \"" + scopes.at("table") + "\"");
        }
        cdk::schema::Schema schema;
        schema.scopes = {{"table", scopes.at("table")}};
        schema.table = scopes.at("table");
        const auto add = [&schema](std::string name, std::string source_type, cdk::schema::Type type) {
            cdk::schema::Column column;
            column.name = std::move(name);
            column.source_type = std::move(source_type);
            column.type = std::move(type);
            schema.columns.push_back(std::move(column));
        };
        add("number", "uint", cdk::schema::UInt64());
        add("square", "uint", cdk::schema::UInt64());
        add("even", "bool", cdk::schema::Bool());
        schema.sorting_key = {"number"};
        return schema;
    }

    std::string ingest_query_(const cdk::schema::Schema& /*schema*/, const std::vector<std::string>& names) override {
        if (names.size() != 3) {
            throw cdk::errors::InvalidArgument("a query of numbers gives all of its columns");
        }
        return "0.." + std::to_string(largest_);
    }

    cdk::Export export_(const cdk::ExportRequest& request) override {
        return std::make_unique<NumberRows>(parse_range(request.query, largest_), request);
    }

    // The kit would wrap SQL in a LIMIT; this language has none.
    std::string sample_query_(const std::string& query, std::uint64_t rows) override {
        const Range range = parse_range(query, largest_);
        if (rows == 0) {
            return "1..0";
        }
        return std::to_string(range.first) + ".." + std::to_string(std::min(range.last, range.first + rows - 1));
    }

private:
    std::uint64_t largest_ = 0;
};

const cdk::ConnectorSpec spec{
    .name = "numbers",
    .summary = "numbers and their squares",
    .kind = cdk::ConnectorKind::sql,
    .options = options,
    .documentation = {},
    .make = [](const cdk::Environment& environment) -> std::unique_ptr<cdk::Connector> {
        return std::make_unique<NumbersConnector>(environment);
    },
};

int run(std::string_view query, std::string_view data_source) {
    const auto connector = cdk::sql_connector_for("numbers");
    if (data_source.empty()) {
        for (const auto& row : connector->query_db(query)) {
            std::cout << cdk::Value(row).to_json() << '\n';
        }
        return 0;
    }
    const cdk::LoadResult result = connector->replace(std::string(query), std::string(data_source));
    std::cout << result.rows.value_or(0) << " rows, " << result.bytes << " bytes\n";
    return 0;
}

/// The suite that the kit's own connectors pass; see docs/conformance.md.
int check_conformance(const std::string& file) {
    std::ifstream stream(file);
    const std::string text(std::istreambuf_iterator<char>(stream), {});
    cdk::conformance::CaseFile cases(text, file, cdk::Environment::process());
    const cdk::conformance::Report report = cdk::conformance::run(cases.subject());
    std::cout << report.to_text();
    return report.failed() == 0 ? 0 : 3;
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string_view> arguments(argv + 1, argv + argc);
    if (arguments.empty() || arguments.size() > 2) {
        std::cerr << "usage: outside_connector RANGE [DATA_SOURCE] | --conformance FILE\n";
        return 1;
    }
    try {
        // From here on `numbers` is a connector as any other.
        cdk::register_connector(spec);
        if (arguments[0] == "--conformance" && arguments.size() == 2) {
            return check_conformance(std::string(arguments[1]));
        }
        return run(arguments[0], arguments.size() == 2 ? arguments[1] : std::string_view());
    } catch (const cdk::errors::Error& error) {
        std::cerr << error.what() << (error.hint().empty() ? "" : "\n") << error.hint() << '\n';
        return static_cast<int>(error.exit_code());
    }
}
