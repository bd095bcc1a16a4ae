// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <tinybird_cdk/formats.hpp>
#include <tinybird_cdk/incremental.hpp>
#include <tinybird_cdk/plan.hpp>
#include <tinybird_cdk/schema.hpp>

namespace tinybird_cdk {

/// What a warehouse says of a query without running it.
struct WarehousePreview {
    std::string via;                               ///< the way that would be taken: "bucket" or "direct"
    std::string why;                               ///< as in "about 3.2 GB would be read"
    std::optional<std::uint64_t> bytes_read = {};  ///< that it would read for the query, about
    Format format = Format::csv;                   ///< of the objects, or of what is uploaded
    bool billed = false;  ///< what it reads costs money: the query was not run, and no row was looked at
};

/// What a load would do, found out without writing anything: the query is described and its first rows are encoded
/// (not where a warehouse would bill them: see `warehouse`).
struct LoadPreview {
    /// A column of the query.
    struct Column {
        std::string name;
        std::string source_type;             ///< as the source writes it
        std::string place;                   ///< the column of the data source; empty where it is not known
        std::optional<schema::Type> target;  ///< its type
        /// What the target can't hold, as in "values beyond Int32 don't fit"; empty when it holds everything, or when
        /// the source knows types only value by value. Such values are refused, or go as a policy says.
        std::string loss;
    };

    std::string query;
    std::string data_source;
    bool replace = false;
    std::string replace_condition;
    Format format = Format::csv;
    std::vector<Column> columns;
    std::optional<std::uint64_t> rows;   ///< an estimate, or exact for a few; nothing where the source can't tell
    std::optional<std::uint64_t> bytes;  ///< of the bodies, before compression
    bool exact = false;                  ///< rows and bytes are no estimate
    std::uint64_t sampled_rows = 0;      ///< so many rows were encoded
    std::string refusal;                 ///< why one of them would be refused; empty: none would
    std::optional<LoadPlan> plan;        ///< where the size is known
    /// The requests, as in "POST /v1/datasources/orders/append?format=csv".
    std::vector<std::string> requests;
    std::optional<IncrementalRange> incremental;
    std::optional<WarehousePreview> warehouse;  ///< nothing: the source is none
};

}  // namespace tinybird_cdk
