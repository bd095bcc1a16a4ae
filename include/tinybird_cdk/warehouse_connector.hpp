// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/cloud.hpp>
#include <tinybird_cdk/connector.hpp>
#include <tinybird_cdk/export.hpp>
#include <tinybird_cdk/formats.hpp>
#include <tinybird_cdk/row_writer.hpp>
#include <tinybird_cdk/source_limits.hpp>

/// Connectors to warehouses, which can write a result to a bucket themselves (docs/adr/0025).
namespace tinybird_cdk {

/// How the rows of a warehouse go.
enum class Route : std::uint8_t {
    automatic,  ///< by a bucket if there is one and the result is large, else direct
    bucket,     ///< the warehouse writes objects, which Tinybird fetches
    direct      ///< the kit reads the result, encodes and uploads it
};

/// A directory of a bucket for one unload. Nothing else is in it.
struct UnloadLocation {
    std::shared_ptr<cloud::Client> client;
    std::string bucket;
    std::string directory;  ///< ends in a slash
};

/// What a warehouse is to write.
struct UnloadRequest {
    std::string query;
    Format format = Format::csv;
    UnloadLocation location;
    std::stop_token stop = {};
    SourceLimits limits = {};
    /// How the columns of the result are to be written, in their order: the name in the objects, and the type of the
    /// data source's column (always there), which is to get exactly the value.
    std::vector<OutputColumn> columns = {};
    /// The columns of the result as `estimate_()` gave them: what was compared with the data source.
    std::vector<ResultColumn> estimated = {};

    /// The names of `columns`, for CloudDir::set_columns() where the warehouse writes no header lines.
    [[nodiscard]] std::vector<std::string> column_names() const;
};

/// For `unload_()`, whose query may read a view that somebody has changed since: its columns must still be those that
/// were compared with the data source.
/// @param found the columns now, in the form that `estimate_()` gives them; one without a type is compared by its
///   source type
/// @throws errors::ExternalDatasourceError that names the first column that is another one. It is temporary: the same
///   load may be begun anew.
void refuse_changed_columns(const std::vector<ResultColumn>& estimated, const std::vector<ResultColumn>& found);

/// What a warehouse says of a query before it is run.
struct UnloadEstimate {
    /// The columns of the result. Each has a type, Nullable where NULL may be among the values, that holds everything
    /// that `unload_()` writes. What the warehouse can have beyond that (a date before 1900) must make `unload_()`
    /// fail. A column that is written as text has the type String. Nothing is looked at between the warehouse and
    /// ClickHouse.
    std::vector<ResultColumn> columns = {};
    std::optional<std::uint64_t> result_bytes = {};  ///< of the result, about
    std::optional<std::uint64_t> bytes_read = {};    ///< what the warehouse reads for it, about
    bool billed = false;                             ///< what is read costs money, so previews don't run the query
    std::string not_by_bucket = {};                  ///< why the warehouse can't write this result; empty: it can
    std::optional<Format> instead{};  ///< where it can't write the format that was asked for: one that it can
    /// `unload_()` fails for NULL in a column whose target takes none; false: such columns go directly.
    bool refuses_nulls = false;
    /// `unload_()` fails for a whole number that the whole numbers or decimals of its target don't hold exactly, and
    /// for such a decimal, also in arrays; false: columns that may have such go directly.
    bool refuses_numbers = false;
    /// What costs the warehouse another question, which is asked only when the result would go by the bucket: why it
    /// can't write it in a format; empty: it can. Not called after `export_()` and `describe_()` return. No function:
    /// nothing is asked. @throws errors::ExternalDatasourceError when it can't say so now
    std::function<std::string(Format format)> last_look = {};
};

/// The base of connectors to warehouses.
class WarehouseConnector : public SqlConnector {
public:
    /// For the loads from now on. By the bucket, values are written by the warehouse and read by ClickHouse, so each
    /// column must have a type there that holds all of its values. Where one has not, `automatic` goes directly and
    /// says so; `bucket` throws errors::InvalidArgument that names the column.
    void set_route(Route route) noexcept { route_ = route; }

protected:
    using SqlConnector::SqlConnector;

    /// Where unloads go; `directory` is where their directories are made, "" or one that ends in a slash. Nothing: no
    /// bucket is configured.
    virtual std::optional<UnloadLocation> location_() = 0;
    /// Which variable names the bucket, for messages.
    [[nodiscard]] virtual std::string_view bucket_variable_() const noexcept = 0;
    /// A dry run; also for previews, and without a bucket. It must cost nothing that is worth a word.
    /// @throws errors::ExternalDatasourceError for a query that can't be run
    virtual UnloadEstimate estimate_(const ExportRequest& request) = 0;
    /// Has the result written below the location and waits for that. Called only when the columns of `estimate_()` fit.
    /// @return the directory, which knows its rows. When it throws, the job is cancelled and nothing is left.
    virtual CloudDir unload_(const UnloadRequest& request) = 0;
    /// Rows or RecordBatches.
    virtual Export direct_(const ExportRequest& request) = 0;

private:
    /// Chooses the route.
    Export export_(const ExportRequest& request) final;
    std::optional<QueryDescription> describe_(const ExportRequest& request) final;

    Route route_ = Route::automatic;
};

}  // namespace tinybird_cdk
