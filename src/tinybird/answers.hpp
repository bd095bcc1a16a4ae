// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/tinybird.hpp>

/// Reading what Tinybird answers. Missing or odd fields are never an error here, for they differ between API versions.
namespace tinybird_cdk::tinybird {

/// A field of a record; nothing when there is none or it is null.
const Value* find(const Value& record, std::string_view name);
std::optional<std::string> text_of(const Value& record, std::string_view name);
std::optional<std::uint64_t> count_of(const Value& record, std::string_view name);

/// The body as JSON. @param call as in "GET https://…", for the message
/// @throws errors::HTTPError when it is none, as of a proxy's page
Value json_of(const Response& response, const std::string& call);

/// Parses a body; nothing when it is no JSON object.
std::optional<Value> object_of(std::string_view body);

/// What the server said of a failure, in one line: `error` and `errors` of a JSON body, else the begin of the text.
std::string error_text(std::string_view body);

/// Whose fields they are: those of a job count a whole quarantine, those of an answer the import's rows.
enum class Described { import, job };

/// Fills the typed fields of a response from an import's answer or from a finished job.
void read_import_fields(const Value& answer, Response& response, Described what = Described::import);

/// A job out of its description.
Job read_job(const Value& description);
/// The jobs of a list.
std::vector<Job> read_jobs(const Value& answer);

/// Whether a job is an import of a URL into a data source.
/// @param data_source its name or id @param url what is behind its path is not compared, for signatures differ
bool imports_url(const Job& job, std::string_view data_source, std::string_view url);

/// A data source out of its description.
DataSource read_data_source(const Value& description);

}  // namespace tinybird_cdk::tinybird
