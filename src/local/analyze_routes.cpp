// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/schema.hpp>

#include "core/ids.hpp"
#include "core/text.hpp"
#include "local/server.hpp"
#include "local/sql_text.hpp"
#include "local/url_source.hpp"

namespace tinybird_cdk::local {

namespace {

/// Clients send the first megabyte of a file, but Parquet whole.
constexpr std::size_t largest_sample = 64U << 20U;
/// Said anew, for a connection may come from an import, which sets some of them otherwise.
constexpr const char* inference_settings =
    "SETTINGS schema_inference_make_columns_nullable = 'auto', input_format_csv_detect_header = 1, "
    "input_format_with_names_use_header = 1, format_csv_delimiter = ',', input_format_allow_errors_num = 0, "
    "input_format_allow_errors_ratio = 0, input_format_record_errors_file_path = '', "
    "input_format_json_read_numbers_as_strings = 0, input_format_json_read_bools_as_strings = 0, "
    "input_format_json_read_objects_as_strings = 0, input_format_json_read_arrays_as_strings = 0";
constexpr std::size_t largest_begin = 1U << 20U;
constexpr std::size_t preview_rows = 10;

/// Bytes as a file that the engine can read, gone with the object.
class SampleFile {
public:
    SampleFile(const std::filesystem::path& folder, std::string_view bytes)
        : path_(folder / ("analyze_" + core::random_hex(16))) {
        std::ofstream file(path_, std::ios::binary);
        file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        if (!file.flush()) {
            throw Refusal(503, "the disk is full");
        }
    }
    SampleFile(const SampleFile&) = delete;
    SampleFile& operator=(const SampleFile&) = delete;
    ~SampleFile() {
        std::error_code ignored;
        std::filesystem::remove(path_, ignored);
    }
    [[nodiscard]] std::string path() const { return path_.string(); }

private:
    const std::filesystem::path path_;
};

std::string engine_format_of(std::string_view bytes) {
    if (bytes.starts_with("PAR1")) {
        return "Parquet";
    }
    return core::trim(bytes).starts_with('{') ? "JSONEachRow" : "CSV";
}

/// The first megabyte behind a URL; of Parquet, whose schema is at the end, all.
std::string begin_of_url(const std::string& url) {
    struct Enough {};
    std::string bytes;
    try {
        stream_url(url, [&](std::string_view piece) {
            bytes += piece;
            const bool parquet = bytes.starts_with("PAR1");
            if (parquet && bytes.size() > largest_sample) {
                throw Refusal(413, fmt::format("a Parquet file to analyze has at most {} bytes", largest_sample));
            }
            if (!parquet && bytes.size() >= largest_begin) {
                throw Enough();
            }
        });
    } catch (const Enough&) {
        bytes.resize(largest_begin);
    }
    return bytes;
}

/// The sample may end in the middle of a row.
std::string_view whole_lines(std::string_view bytes, std::string_view format) {
    const std::size_t end = bytes.rfind('\n');
    return format == "Parquet" || end == std::string_view::npos ? bytes : bytes.substr(0, end + 1);
}

nlohmann::json rows_of(Services& services, const std::string& sql) {
    const std::string text = services.engine.run(sql, "JSON");
    return nlohmann::json::parse(text, nullptr, false);
}

/// The schema of a file, guessed from its begin (`DESCRIBE file(…)` of ClickHouse).
Answer analyze(Services& services, Call& call) {
    const auto url = call.parameter("url");
    const std::string bytes = url && !url->empty() ? begin_of_url(*url) : call.body(largest_sample);
    const std::string format = engine_format_of(bytes);
    const std::string_view sample = whole_lines(bytes, format);
    if (core::trim(sample).empty()) {
        throw Refusal(400, "there is nothing to analyze: the body is empty");
    }
    const SampleFile file(services.scratch, sample);
    const std::string source = fmt::format("file({}, '{}')", literal(file.path()), format);
    const nlohmann::json described = rows_of(services, fmt::format("DESCRIBE TABLE {} {}", source, inference_settings));
    nlohmann::json columns = nlohmann::json::array();
    std::vector<std::string> texts;
    for (const auto& row : described.at("data")) {
        const std::string name = row.at("name");
        const std::string type = row.at("type");
        const std::string path = schema::jsonpath_of(name) + (type.starts_with("Array(") ? "[:]" : "");
        columns.push_back({{"path", path}, {"name", name}, {"recommended_type", type}, {"present_pct", 1}});
        texts.push_back(format == "CSV" ? fmt::format("{} {}", identifier(name), type)
                                        : fmt::format("{} {} `json:{}`", identifier(name), type, path));
    }
    nlohmann::json answer = {
        {"analysis", {{"columns", columns}, {"schema", fmt::format("{}", fmt::join(texts, ", "))}}},
        {"preview",
         rows_of(services, fmt::format("SELECT * FROM {} LIMIT {} {}", source, preview_rows, inference_settings))}};
    if (format == "CSV") {
        answer["dialect"] = {{"delimiter", ","}, {"has_header", true}, {"new_line", "\n"}, {"escapechar", nullptr}};
    }
    return json_answer(answer);
}

}  // namespace

void add_analyze_routes(Router& router, Services& services) {
    router.add("POST", "/v0/analyze", [&](Call& call) { return analyze(services, call); });
}

}  // namespace tinybird_cdk::local
