// SPDX-License-Identifier: Apache-2.0
// How fast rows become CSV and NDJSON, on one core, with nothing before or behind the row writer.
//
//   encoders_bench [--rows N] [--passes N] [--unknown-targets] [--check-utf8] [--checksums]
//   encoders_bench --write FILE.csv [--rows N]     writes the table itself, for other programs to measure
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/row_writer.hpp>

#include "mixed_table.hpp"

namespace {

using namespace tinybird_cdk;

struct Options {
    std::size_t rows = 100'000;
    int passes = 15;
    bool known_targets = true;
    bool valid_utf8 = true;
    bool checksums = false;
    std::string file;
};

/// Gives each block straight back.
class DiscardingSink final : public BufferSink {
public:
    Buffer exchange(Buffer full, std::size_t wanted) override {
        bytes_ += full.size();
        return full.capacity() >= wanted ? std::move(full) : Buffer(wanted);
    }
    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

private:
    std::uint64_t bytes_ = 0;
};

class FileSink final : public BufferSink {
public:
    explicit FileSink(const std::string& path) : file_(path, std::ios::binary) {
        file_.exceptions(std::ios::failbit | std::ios::badbit);
    }
    Buffer exchange(Buffer full, std::size_t /*wanted*/) override {
        file_.write(full.data(), static_cast<std::streamsize>(full.size()));
        return full;
    }

private:
    std::ofstream file_;
};

template <class Number>
Number number(std::string_view text) {
    Number value{};
    const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
    if (result.ec != std::errc() || result.ptr != text.data() + text.size() || value < 1) {
        throw errors::InvalidArgument(fmt::format("\"{}\" is no number above 0", text));
    }
    return value;
}

Options read_options(int count, char** arguments) {
    Options options;
    for (int i = 1; i < count; ++i) {
        const std::string_view option = arguments[i];
        const auto value = [&]() -> std::string_view {
            if (++i >= count) {
                throw errors::InvalidArgument(fmt::format("{} needs a value", option));
            }
            return arguments[i];
        };
        if (option == "--rows") {
            options.rows = number<std::size_t>(value());
        } else if (option == "--passes") {
            options.passes = number<int>(value());
        } else if (option == "--unknown-targets") {
            options.known_targets = false;
        } else if (option == "--check-utf8") {
            options.valid_utf8 = false;
        } else if (option == "--checksums") {
            options.checksums = true;
        } else if (option == "--write") {
            options.file = value();
        } else {
            throw errors::InvalidArgument(fmt::format("unknown option {}", option));
        }
    }
    return options;
}

std::vector<OutputColumn> columns_of(const Options& options) {
    std::vector<OutputColumn> columns = benchmarks::mixed_columns(options.known_targets);
    for (OutputColumn& column : columns) {
        column.valid_utf8 = options.valid_utf8;
    }
    return columns;
}

/// @return MB (10^6 bytes) per second of the fastest pass: what else the machine does only ever slows a pass down
double measure(Format format, const Options& options, const std::vector<benchmarks::MixedRow>& rows) {
    double best = 0;
    for (int pass = 0; pass < options.passes; ++pass) {
        DiscardingSink sink;
        RowWriter writer(columns_of(options), {.format = format, .checksums = options.checksums}, sink);
        const auto begin = std::chrono::steady_clock::now();
        for (const benchmarks::MixedRow& row : rows) {
            write(writer, row);
        }
        writer.finish();
        const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
        best = std::max(best, static_cast<double>(sink.bytes()) / elapsed.count() / 1e6);
    }
    return best;
}

void write_file(const Options& options, const std::vector<benchmarks::MixedRow>& rows) {
    FileSink sink(options.file);
    RowWriter writer(columns_of(options), {.format = Format::csv, .header = true}, sink);
    for (const benchmarks::MixedRow& row : rows) {
        write(writer, row);
    }
    writer.finish();
}

}  // namespace

int main(int count, char** arguments) {
    try {
        const Options options = read_options(count, arguments);
        const std::vector<benchmarks::MixedRow> rows = benchmarks::mixed_rows(options.rows);
        if (!options.file.empty()) {
            write_file(options, rows);
            return 0;
        }
        for (const Format format : {Format::csv, Format::ndjson}) {
            std::cout << fmt::format("{:<8}{:>8.0f} MB/s\n", formats::name(format), measure(format, options, rows));
        }
        return 0;
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
