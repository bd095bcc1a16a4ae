// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/adbc.hpp>
#include <tinybird_cdk/record_batches.hpp>
#include <tinybird_cdk/schema.hpp>

namespace tinybird_cdk::redshift {

/// What a column of a result is, as far as its way out of Redshift depends on it.
enum class Kind : std::uint8_t {
    whole,    ///< an integer
    single,   ///< REAL
    real,     ///< DOUBLE PRECISION
    decimal,  ///< NUMERIC
    truth,    ///< BOOLEAN
    text,
    date,
    timestamp,
    timestamp_tz,
    time,     ///< TIME or TIMETZ
    super,    ///< semi-structured, becomes JSON text
    varbyte,  ///< bytes, become base64
    other     ///< of a type that the kit doesn't know how to read
};

struct Column {
    std::string name;
    Kind kind = Kind::other;
    std::string type;           ///< as the driver names it, for messages
    bool is_read_here = false;  ///< the driver gives its values in a form that the kit understands
    /// Nullable, for nothing says of a result whether NULL may come. Nothing for a decimal, whose digits the driver
    /// does not tell, and for other types.
    std::optional<schema::Type> holds = {};
};

/// The columns of a stream of ADBC's driver for PostgreSQL.
std::vector<Column> columns_of(const ArrowSchema& schema);

/// The columns of a query, without running it. @throws errors::ExternalDatasourceError when it can't be run, and for
/// what is no SELECT, errors::InterruptedError when the token asks
std::vector<Column> describe(adbc::Connection& connection, std::string_view query, const std::stop_token& stop);

/// About how many bytes it gives, by EXPLAIN. Nothing when the plan does not say.
std::optional<std::uint64_t> result_bytes(adbc::Connection& connection, std::string_view query,
                                          const std::stop_token& stop);

}  // namespace tinybird_cdk::redshift
