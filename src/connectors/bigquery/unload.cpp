// SPDX-License-Identifier: Apache-2.0
#include "unload.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "export_sql.hpp"
#include "job.hpp"
#include "query_request.hpp"
#include "sql_text.hpp"
#include "type_map.hpp"

namespace tinybird_cdk::bigquery {

namespace {

std::vector<ResultColumn> result_columns(const std::vector<Field>& fields) {
    std::vector<ResultColumn> columns;
    columns.reserve(fields.size());
    for (const Field& field : fields) {
        columns.push_back({.name = field.name,
                           .source_type = type_text(field),
                           .valid_utf8 = true,
                           .type = suggest_type(field).type});
    }
    return columns;
}

/// BigQuery exports not all that it can query: no wildcard tables, no INFORMATION_SCHEMA
/// (https://cloud.google.com/bigquery/docs/reference/standard-sql/export-statements), no WITH RECURSIVE, which may not
/// stand in parentheses. Only its own word tells. @return it; empty: it exports this query
std::string why_not_exported(Api& api, const ExportRequest& request, const std::vector<Field>& fields, Format format) {
    const Settings& settings = api.settings();
    std::vector<OutputColumn> columns;
    columns.reserve(fields.size());
    for (const Field& field : fields) {
        columns.push_back({field.name, std::nullopt, true});
    }
    const std::string refusal =
        why_refused(api,
                    export_statement(fmt::format("gs://{}/{}", settings.bucket, settings.folder), format,
                                     in_our_notation(request.query, fields, columns, format)),
                    request.stop);
    return refusal.empty() ? refusal : "BigQuery does not export the query: " + refusal;
}

/// BigQuery writes with the rights of who asks, and says "accessDenied" of the data and of the bucket alike.
errors::ExternalDatasourceError with_rights_of_bucket(const errors::ExternalDatasourceError& error,
                                                      const std::string& bucket) {
    return errors::ExternalDatasourceError(
        error.what(), error.sqlstate(),
        fmt::format("{} Writing to the bucket needs roles/storage.objectAdmin on gs://{}.", error.hint(), bucket),
        error.exit_code());
}

}  // namespace

UnloadEstimate estimate(Api& api, const ExportRequest& request) {
    const Described described = describe(api, request.query, request.stop);
    UnloadEstimate estimate{.columns = result_columns(described.fields),
                            .bytes_read = described.bytes_processed,
                            .billed = true,
                            .not_by_bucket = not_exportable(described.fields, request.format),
                            .refuses_nulls = true,
                            .refuses_numbers = true};
    if (has_statements(request.query)) {
        // An export is of one SELECT, without the functions that are made before it.
        estimate.not_by_bucket = "the query is several statements, and BigQuery exports the result of one";
    } else if (!estimate.not_by_bucket.empty() && not_exportable(described.fields, Format::ndjson).empty()) {
        estimate.instead = Format::ndjson;
    }
    estimate.last_look = [&api, request, fields = described.fields](Format format) {
        return why_not_exported(api, request, fields, format);
    };
    return estimate;
}

CloudDir unload(Api& api, const UnloadRequest& request, const std::string& job_id) {
    const Described described = describe(api, request.query, request.stop);
    refuse_changed_columns(request.estimated, result_columns(described.fields));
    const UnloadLocation& location = request.location;
    const std::string statement =
        export_statement(fmt::format("gs://{}/{}", location.bucket, location.directory), request.format,
                         in_our_notation(request.query, described.fields, request.columns, request.format));
    Job job(api, job_id, described.location);
    Exported exported;
    const auto clean_up = [&] {
        // A job that runs would write on.
        const bool has_ended = job.end();
        CloudDir(location.client, location.bucket, location.directory).cleanup();
        if (!has_ended) {
            // What it has written while that was deleted.
            CloudDir(location.client, location.bucket, location.directory).cleanup();
            logger::warning(fmt::format(
                "BigQuery: what job {} still writes stays in gs://{}/{}: delete it when the job has ended ({})", job_id,
                location.bucket, location.directory, job.link()));
        }
    };
    try {
        job.begin(statement, request.limits.statement_timeout, request.stop);
        exported = job.wait_for_export(request.stop);
    } catch (const errors::ExternalDatasourceError& error) {
        clean_up();
        if (error.sqlstate() == "accessDenied") {
            throw with_rights_of_bucket(error, location.bucket);
        }
        throw;
    } catch (...) {
        clean_up();
        throw;
    }
    logger::info(
        fmt::format("BigQuery has written {} rows to gs://{}/{}", exported.rows, location.bucket, location.directory));
    CloudDir directory(location.client, location.bucket, location.directory, false, exported.rows);
    if (request.format == Format::csv) {
        directory.set_columns(request.column_names());
    }
    if (exported.objects) {
        directory.set_objects(*exported.objects);
    }
    return directory;
}

}  // namespace tinybird_cdk::bigquery
