// SPDX-License-Identifier: Apache-2.0
#include "read_messages.hpp"

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "wire.hpp"

namespace tinybird_cdk::bigquery {

namespace {

constexpr std::uint64_t arrow = 2;  ///< of DataFormat

/// The one field with bytes of a message that has no others of interest.
std::string_view bytes_in(std::string_view message, std::uint32_t number) {
    std::string_view found;
    WireReader reader(message);
    while (const auto field = reader.next()) {
        if (field->number == number) {
            found = field->as_bytes();
        }
    }
    return found;
}

}  // namespace

std::string create_session_request(std::string_view project, std::string_view table, unsigned streams) {
    WireWriter session;
    session.number(3, arrow);
    session.bytes(6, table);
    WireWriter request;
    request.bytes(1, fmt::format("projects/{}", project));
    request.bytes(2, session.message());
    request.number(3, streams);
    // A hint, for small tables would otherwise get one stream.
    request.number(4, streams);
    return request.message();
}

ReadSession session_of(std::string_view message) {
    ReadSession session;
    WireReader reader(message);
    while (const auto field = reader.next()) {
        if (field->number == 5) {
            session.schema = bytes_in(field->as_bytes(), 1);
        } else if (field->number == 10) {
            session.streams.emplace_back(bytes_in(field->as_bytes(), 1));
            if (session.streams.back().empty()) {
                throw errors::ExternalDatasourceError("BigQuery: a stream of a read session has no name");
            }
        }
    }
    if (session.schema.empty()) {
        throw errors::ExternalDatasourceError("BigQuery: a read session does not say which columns it has");
    }
    return session;
}

std::string read_rows_request(std::string_view stream, std::uint64_t offset) {
    WireWriter request;
    request.bytes(1, stream);
    request.number(2, offset);
    return request.message();
}

RowsMessage rows_of(std::string_view message) {
    RowsMessage rows;
    std::uint64_t older_count = 0;
    WireReader reader(message);
    while (const auto field = reader.next()) {
        if (field->number == 4) {
            WireReader batch(field->as_bytes());
            while (const auto inner = batch.next()) {
                if (inner->number == 1) {
                    rows.batch = inner->as_bytes();
                } else if (inner->number == 2) {
                    older_count = inner->as_number();
                }
            }
        } else if (field->number == 6) {
            rows.rows = field->as_number();
        }
    }
    rows.rows = rows.rows == 0 ? older_count : rows.rows;
    if (rows.batch.empty() && rows.rows != 0) {
        throw errors::ExternalDatasourceError(
            fmt::format("BigQuery: a message should have {} rows, and has none in Arrow's format", rows.rows));
    }
    return rows;
}

}  // namespace tinybird_cdk::bigquery
