// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <tinybird_cdk/tinybird.hpp>

/// Reading what Tinybird answers. Missing or odd fields are never an error here: the fields differ between API
/// versions, and an answer that can't be read must not turn a success into a failure.
namespace tinybird_cdk::tinybird {

/// A field of a record; nothing when there is none or it is null.
const Value* find(const Value& record, std::string_view name);
std::optional<std::string> text_of(const Value& record, std::string_view name);
std::optional<std::uint64_t> count_of(const Value& record, std::string_view name);

/// Parses a body; nothing when it is no JSON object.
std::optional<Value> object_of(std::string_view body);

/// What the server said of a failure, in one line: `error` and `errors` of a JSON body, else the begin of the text.
std::string error_text(std::string_view body);

/// Fills the typed fields of a response from an import's answer or from a finished job.
void read_import_fields(const Value& answer, Response& response);

/// A job out of its description.
Job read_job(const Value& description);

/// A data source out of its description.
DataSource read_data_source(const Value& description);

}  // namespace tinybird_cdk::tinybird
