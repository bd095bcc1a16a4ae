// SPDX-License-Identifier: Apache-2.0
#include "transfer/load.hpp"

#include <chrono>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "encode/arrow/record_batch_rows.hpp"
#include "transfer/cloud_export.hpp"
#include "transfer/column_match.hpp"
#include "transfer/held_rows.hpp"
#include "transfer/kept_rows.hpp"
#include "transfer/rows_load.hpp"
#include "transfer/verifier.hpp"

namespace tinybird_cdk::transfer {

namespace {

/// One load, with what all forms of exports share.
class Load {
public:
    Load(tinybird::Client& client, Mode mode, const std::string& data_source,
         const std::optional<tinybird::DataSource>& target, const LoadOptions& options,
         std::optional<HeldRows::Time> asked)
        : client_(client), mode_(mode), data_source_(data_source), target_(target), options_(options), asked_(asked) {}

    LoadResult operator()(std::unique_ptr<Rows>& rows) { return load_all(*rows); }

    LoadResult operator()(std::unique_ptr<RecordBatches>& batches) {
        encode::RecordBatchRows rows(*batches);
        return load_all(rows);
    }

    LoadResult operator()(Data& data) {
        refuse_what_needs_rows();
        LoadResult result;
        result.response = mode_ == Mode::append ? client_.append_data(data.bytes, data_source_, import_options())
                                                : client_.replace_data(data.bytes, data_source_, import_options());
        result.bytes = data.bytes.size();
        return result;
    }

    LoadResult operator()(LocalFile& file) {
        refuse_what_needs_rows();
        LoadResult result;
        result.bytes = std::filesystem::file_size(file.path());
        result.response = mode_ == Mode::append ? client_.append_file(file.path(), data_source_, import_options())
                                                : client_.replace_file(file.path(), data_source_, import_options());
        return result;
    }

    LoadResult operator()(Url& url) {
        refuse_what_needs_rows();
        LoadResult result;
        result.response = mode_ == Mode::append ? client_.append_url(url.url, data_source_, import_options())
                                                : client_.replace_url(url.url, data_source_, import_options());
        return result;
    }

    LoadResult operator()(CloudFile& file) {
        refuse_what_needs_rows();
        return load_cloud_file(client_, file, mode_, data_source_, options_);
    }

    LoadResult operator()(CloudDir& directory) {
        refuse_what_needs_rows();
        const std::optional<std::uint64_t> rows = directory.rows();
        LoadOptions options = options_;
        options.format = directory.format().value_or(options.format);
        std::optional<LoadResult> loaded = load_cloud_directory(client_, directory, mode_, data_source_, options);
        if (!loaded) {
            return load_nothing();
        }
        loaded->rows = rows;
        compare_counts(*loaded);
        refuse_missing_rows(*loaded);
        return *std::move(loaded);
    }

private:
    LoadResult load_all(Rows& source) {
        HeldRows rows(source, asked_);
        ColumnMatch match = match_columns(rows.columns(), target_, options_.format);
        std::optional<Verifier> verifier;
        if (options_.verify) {
            verifier.emplace(client_, mode_, data_source_, match, options_);
        }
        std::optional<LoadResult> loaded =
            load_rows(client_, rows, mode_, data_source_, std::move(match), options_, import_options());
        const bool any_rows = loaded.has_value();
        LoadResult result = any_rows ? *std::move(loaded) : load_nothing();
        result.source_held = rows.longest();
        logger::info(fmt::format("\"{}\": the query at the source was open for {:.1f} s", data_source_,
                                 std::chrono::duration<double>(rows.longest()).count()));
        if (any_rows) {
            compare_counts(result);
        }
        if (verifier) {
            std::optional<RowStatistics> sent;
            if (any_rows) {
                sent = RowStatistics{.rows = result.rows.value_or(0), .bytes = result.bytes, .columns = result.columns};
            }
            result.verification = verifier->check(sent, result.response);
        }
        return result;
    }

    [[nodiscard]] tinybird::ImportOptions import_options() const {
        tinybird::ImportOptions request;
        request.format = options_.format;
        request.on_quarantine = options_.on_quarantine;
        request.stop = options_.stop;
        if (mode_ == Mode::replace) {
            request.replace_condition = options_.replace_condition;
        }
        return request;
    }

    void refuse_what_needs_rows() const {
        if (options_.verify) {
            throw errors::InvalidArgument("this load can't be verified: the source hands over bytes, not values",
                                          "Load without verifying, and compare the counts.");
        }
        if (options_.max_rate) {
            throw errors::InvalidArgument(
                "this load can't be slowed down: the source hands over bytes that were made already, not rows",
                "Leave the rate out.");
        }
    }

    /// An import of no bytes is refused by the API, so an empty result takes another way: nothing to append is done
    /// at once, and all rows replaced by none is a truncation.
    LoadResult load_nothing() {
        LoadResult result;
        result.rows = 0;
        if (mode_ == Mode::append) {
            logger::info(fmt::format("the query gave no rows: nothing to append to \"{}\"", data_source_));
            return result;
        }
        if (!options_.replace_condition.empty()) {
            logger::info(fmt::format("the query gave no rows: those of \"{}\" that match the condition are deleted",
                                     data_source_));
            result.response = client_.delete_rows(data_source_, options_.replace_condition, options_.stop);
            return result;
        }
        logger::warning(fmt::format("the query gave no rows: \"{}\" is now empty", data_source_));
        result.response = client_.truncate(data_source_);
        return result;
    }

    /// Rows that Tinybird did not count are worth a word even when it reports success.
    void compare_counts(const LoadResult& result) const {
        if (!result.response.rows || !result.rows) {
            return;
        }
        const std::uint64_t accounted =
            *result.response.rows + result.response.quarantined.value_or(0) + result.response.invalid_lines.value_or(0);
        if (accounted != *result.rows && *result.response.rows != *result.rows) {
            logger::warning(
                fmt::format("{} rows were sent to \"{}\" but Tinybird accounts for {}: check the data source",
                            *result.rows, data_source_, accounted));
        }
    }

    /// Nobody looked at the rows on their way, so these counts are all that tells that they arrived.
    void refuse_missing_rows(const LoadResult& result) const {
        if (!result.response.rows || !result.rows) {
            return;
        }
        const std::uint64_t accounted =
            *result.response.rows + result.response.quarantined.value_or(0) + result.response.invalid_lines.value_or(0);
        if (accounted < *result.rows) {
            throw errors::NotProvedError(
                fmt::format("the source wrote {} rows for \"{}\", and Tinybird accounts for {}: {} are missing",
                            *result.rows, data_source_, accounted, *result.rows - accounted),
                "The others are in. Compare the data source with the source before you load again.");
        }
    }

    tinybird::Client& client_;
    const Mode mode_;
    const std::string& data_source_;
    const std::optional<tinybird::DataSource>& target_;
    const LoadOptions& options_;
    const std::optional<HeldRows::Time> asked_;
};

}  // namespace

std::optional<tinybird::DataSource> find_target(tinybird::Client& client, const std::string& data_source) {
    if (data_source.empty()) {
        throw errors::InvalidArgument("no data source was named");
    }
    try {
        std::optional<tinybird::DataSource> target = client.data_source(data_source);
        if (!target) {
            throw errors::InvalidArgument(fmt::format("there is no data source \"{}\" in this workspace", data_source),
                                          "Create it first; `tb-cdk schema … --output datafile` writes a fitting "
                                          "definition, `--create` makes it.");
        }
        return target;
    } catch (const errors::HTTPError& error) {
        // A token that may append need not be allowed to read: then the server does the checking.
        if (error.status() != 403) {
            throw;
        }
        logger::debug(
            fmt::format("the token may not describe \"{}\": values are not checked against its types", data_source));
        return std::nullopt;
    }
}

LoadResult load(tinybird::Client& client, Export& source, Mode mode, const std::string& data_source,
                const std::optional<tinybird::DataSource>& target, const LoadOptions& options,
                std::optional<HeldRows::Time> asked) {
    LoadResult result = std::visit(Load(client, mode, data_source, target, options, asked), source);
    // What was verified was counted as well.
    if (mode == Mode::replace && !options.verify) {
        refuse_dropped_rows(client, data_source, options.replace_condition, result, options.stop);
    }
    return result;
}

}  // namespace tinybird_cdk::transfer
