// SPDX-License-Identifier: Apache-2.0
#include "tinybird/imports.hpp"

#include <charconv>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "core/text.hpp"
#include "http/client.hpp"
#include "http/gzip.hpp"
#include "tinybird/answers.hpp"
#include "tinybird/multipart_body.hpp"

namespace tinybird_cdk::tinybird {

namespace {

constexpr std::size_t shown_errors = 3;
constexpr std::size_t shown_answer = 100;
constexpr int not_found = 404;
constexpr int not_allowed = 405;
constexpr int not_implemented = 501;

/// CSV is told apart from guesses: the dialect that the kit writes, and no escape character.
void add_dialect(Parameters& parameters, Format format) {
    if (format == Format::csv) {
        parameters.emplace_back("dialect_delimiter", ",");
        parameters.emplace_back("dialect_new_line", "\n");
    }
}

std::string_view name(Mode mode) noexcept {
    return mode == Mode::append ? "append" : "replace";
}

/// Who stops the kit is told when the rows may be in.
template <class Send>
Response send_rows(std::string_view data_source, const Send& send) {
    try {
        return send();
    } catch (const http::InterruptedAfterSending&) {
        throw errors::InterruptedError(fmt::format(
            "interrupted when \"{}\" had been sent its rows and Tinybird had not answered: they may be in, so look "
            "before you load again",
            data_source));
    }
}

std::string first_errors(const Response& response) {
    std::string text;
    for (std::size_t i = 0; i < response.errors.size() && i < shown_errors; ++i) {
        text += "; " + response.errors[i];
    }
    return logger::mask(text);
}

}  // namespace

Call Imports::base_call(Mode mode, std::string_view data_source, const ImportOptions& options) const {
    Call call;
    call.method = "POST";
    // Replacing the same rows by the same rows once more changes nothing, so a lost answer does no harm.
    call.idempotent = mode == Mode::replace;
    call.stop = options.stop;
    call.on_sent = options.on_sent;
    call.data_source = std::string(data_source);
    return call;
}

Call Imports::v1_call(Mode mode, std::string_view data_source, const ImportOptions& options) const {
    Call call = base_call(mode, data_source, options);
    call.path = fmt::format("/v1/datasources/{}/{}", core::url_encode(data_source), name(mode));
    call.parameters.emplace_back("format", formats::name(options.format));
    add_dialect(call.parameters, options.format);
    if (!options.replace_condition.empty()) {
        call.parameters.emplace_back("replace_condition", options.replace_condition);
    }
    return call;
}

Call Imports::v0_call(Mode mode, std::string_view data_source, const ImportOptions& options) const {
    Call call = base_call(mode, data_source, options);
    call.path = "/v0/datasources";
    call.parameters = {{"mode", std::string(name(mode))},
                       {"name", std::string(data_source)},
                       {"format", std::string(formats::name(options.format))},
                       {"debug", "blocks_block_log"}};
    add_dialect(call.parameters, options.format);
    if (!options.replace_condition.empty()) {
        call.parameters.emplace_back("replace_condition", options.replace_condition);
    }
    return call;
}

bool Imports::is_missing(const Response& response, std::string_view data_source, const ImportOptions& options) {
    if (choice_ == ImportApi::v1 || response.status < 400) {
        return false;
    }
    if (response.status == not_found) {
        const Response description = api_.send_unless(
            {.path = "/v0/datasources/" + core::url_encode(data_source), .stop = options.stop}, {not_found});
        if (description.status == not_found) {
            throw errors::HTTPError(not_found,
                                    fmt::format("there is no data source \"{}\" in this workspace", data_source),
                                    "Create it first.");
        }
    }
    v1_is_missing_ = true;
    return true;
}

void Imports::announce_limit(const Body& body, std::optional<std::uint64_t> largest, const ImportOptions& options) {
    if (options.on_limit) {
        options.on_limit(largest);
    } else if (largest && body.size().value_or(0) > *largest) {
        throw errors::Error(
            fmt::format("the body has {} bytes, and this import API takes {} at once", *body.size(), *largest),
            "Load it in parts, use the v1 import API where the server has it, or raise the limit with TB_CDK_LIMITS if "
            "your "
            "plan has another one.",
            errors::ExitCode::data_refused);
    }
}

bool Imports::compresses(const ImportOptions& options) const {
    if (!options.content_encoding.empty() || options.format == Format::parquet) {
        return false;
    }
    return options.compression == Compression::gzip ||
           (options.compression == Compression::automatic && !api_.configuration().on_loopback());
}

void Imports::begin(const ImportOptions& options) {
    pace_.wait(options.stop);
    if (options.on_begin) {
        options.on_begin();
    }
}

Response Imports::send_v1_body(Body& body, Mode mode, std::string_view data_source, const ImportOptions& options) {
    Call call = v1_call(mode, data_source, options);
    call.content_type = std::string(formats::content_type(options.format));
    call.content_encoding = options.content_encoding;
    call.body = &body;
    std::optional<http::GzipBody> packed;
    if (compresses(options)) {
        call.body = &packed.emplace(body);
        call.content_encoding = "gzip";
    }
    announce_limit(body, api_.configuration().limits.largest_v1(), options);
    return send_rows(data_source, [&] { return send_v1(std::move(call)); });
}

Response Imports::send_v1(Call call) {
    return choice_ == ImportApi::v1 ? api_.send(std::move(call))
                                    : api_.send_unless(std::move(call), {not_found, not_allowed, not_implemented});
}

Response Imports::send_v0_body(Body& body, Mode mode, std::string_view data_source, const ImportOptions& options) {
    Call call = v0_call(mode, data_source, options);
    const std::string_view format = formats::name(options.format);
    // What is compressed is the file, not the form.
    const std::string file = fmt::format("data.{}{}", format, options.content_encoding == "gzip" ? ".gz" : "");
    // Tinybird takes 8 MB as a raw body and 500 MB as a form (https://www.tinybird.co/docs/support/limits).
    MultipartBody form(body, format, file, formats::content_type(options.format));
    call.body = &form;
    call.content_type = form.content_type();
    announce_limit(body, api_.configuration().limits.largest_v0(options.format), options);
    return send_rows(data_source, [&] { return api_.send(std::move(call)); });
}

Response Imports::import_body(Body& body, Mode mode, std::string_view data_source, const ImportOptions& options) {
    begin(options);
    if (use_v1()) {
        Response response = send_v1_body(body, mode, data_source, options);
        if (!is_missing(response, data_source, options)) {
            return finish(std::move(response), Answered::by_job, mode, data_source, options);
        }
        if (!body.rewind()) {
            throw errors::HTTPError(response.status,
                                    "this Tinybird has no v1 imports, and the body can't be sent again",
                                    "Choose the v0 import API.");
        }
    }
    return finish(send_v0_body(body, mode, data_source, options), Answered::at_once, mode, data_source, options);
}

std::optional<std::string> Imports::end_unseen(std::string_view url, std::string_view data_source,
                                               const ImportOptions& options) {
    return options.url_is_own && !url.empty() ? end_import_of(endings_, url, data_source) : std::nullopt;
}

EndedImport Imports::end_known(const std::string& job_id, Mode mode, std::string_view url, std::string_view data_source,
                               const ImportOptions& options) {
    std::vector<std::string> ids{job_id};
    if (options.url_is_own && mode == Mode::replace) {
        for (std::string& other : endings_.find_imports(url, data_source, 1)) {
            if (other != job_id) {
                ids.push_back(std::move(other));
            }
        }
    }
    return end_imports(endings_, ids);
}

Response Imports::ask_for_url(Call call, bool by_v1, std::string_view url, std::string_view data_source,
                              const ImportOptions& options) {
    call.parameters.emplace_back("url", url);
    const bool repeated = call.idempotent;
    // A body that is cut short is refused; a URL is all that Tinybird needs, whoever waits for its answer.
    try {
        return by_v1 ? send_v1(std::move(call)) : api_.send(std::move(call));
    } catch (const errors::InterruptedError&) {
        throw errors::InterruptedError(
            fmt::format("interrupted while Tinybird was asked to import a URL into \"{}\": {}", data_source,
                        end_unseen(url, data_source, options)
                            .value_or("it may go on with it, so look whether its rows are in before you load again")));
    } catch (errors::Error& error) {
        if (const auto known = may_go_on(error, repeated) ? end_unseen(url, data_source, options) : std::nullopt) {
            error.add_hint(fmt::format("What is known of it: {}.", *known));
        }
        throw;
    }
}

Response Imports::import_url(std::string_view url, Mode mode, std::string_view data_source,
                             const ImportOptions& options) {
    begin(options);
    if (use_v1()) {
        Response response = ask_for_url(v1_call(mode, data_source, options), true, url, data_source, options);
        if (!is_missing(response, data_source, options)) {
            return finish(std::move(response), Answered::by_job, mode, data_source, options, url);
        }
    }
    Response response = ask_for_url(v0_call(mode, data_source, options), false, url, data_source, options);
    return finish(std::move(response), Answered::by_job, mode, data_source, options, url);
}

Response Imports::wait_for(const std::string& job_id, Mode mode, std::string_view data_source,
                           const ImportOptions& options, std::string_view url) {
    try {
        return jobs_.wait(job_id, options.stop, options.on_job);
    } catch (const errors::JobError&) {
        throw;
    } catch (const errors::InterruptedError&) {
        if (url.empty()) {
            throw errors::InterruptedError(fmt::format(
                "interrupted while \"{}\" took its rows as job {}, which goes on at Tinybird: look at GET /v0/jobs/{} "
                "before you load again",
                data_source, job_id, job_id));
        }
        // What it fetches may be deleted next.
        throw errors::InterruptedError(fmt::format("interrupted while \"{}\" took rows: {}", data_source,
                                                   end_known(job_id, mode, url, data_source, options).words));
    } catch (const errors::Error& error) {
        // The import goes on whoever looks at it, and only what it fetches may make it end; its failure would be a
        // JobError.
        std::string known;
        if (options.url_is_own && !url.empty()) {
            EndedImport ended = end_known(job_id, mode, url, data_source, options);
            if (ended.done) {
                return *std::move(ended.done);
            }
            known = "; " + ended.words;
        }
        throw errors::InDoubtError(
            fmt::format("\"{}\" took the rows as job {}, but what became of it can't be read: {}{}", data_source,
                        job_id, error.what(), known),
            fmt::format("Look at GET /v0/jobs/{} with a token that may read it before you load again.", job_id));
    } catch (...) {
        // What the caller throws where it is told of the job.
        if (!url.empty()) {
            logger::warning(end_known(job_id, mode, url, data_source, options).words);
        }
        throw;
    }
}

Response Imports::finish(Response response, Answered how, Mode mode, std::string_view data_source,
                         const ImportOptions& options, std::string_view url) {
    const auto unconfirmed = [&](std::string_view what) {
        errors::InDoubtError error(
            fmt::format("Tinybird answered {} to the import into \"{}\", but {}", response.status, data_source, what),
            "Check TB_CDK_ENDPOINT (is it Tinybird's API, with no proxy that answers in its place?), and compare the "
            "row counts of source and data source before you load again.");
        if (const auto known = end_unseen(url, data_source, options)) {
            error.add_hint(fmt::format("What is known of it: {}.", *known));
        }
        throw error;
    };
    const auto answer = object_of(response.body);
    if (!answer) {
        const std::string text = error_text(response.body).substr(0, shown_answer);
        unconfirmed(text.empty() ? std::string("said nothing") : fmt::format("with no JSON object: {}", text));
    }
    read_import_fields(*answer, response);
    // With its counts the import has ended, whichever way it went.
    if (!response.rows && (how == Answered::by_job || !response.job_id.empty())) {
        const std::string job_id = response.job_id.empty() ? response.import_id : response.job_id;
        const std::string import_id = response.import_id.empty() ? job_id : response.import_id;
        if (job_id.empty()) {
            unconfirmed("named no job, so that what became of it can't be seen");
        }
        response = wait_for(job_id, mode, data_source, options, url);
        response.job_id = job_id;
        response.import_id = import_id;
        const Value job = response.json();
        read_import_fields(job, response, Described::job);
        if (!response.quarantined && count_of(job, "quarantine_rows").value_or(0) > 0) {
            response.quarantined = quarantined_by(import_id, data_source, options);
        }
    }
    report_rejected(response, data_source, options);
    return response;
}

std::optional<std::uint64_t> Imports::quarantined_by(const std::string& import_id, std::string_view data_source,
                                                     const ImportOptions& options) {
    // The job's own number counts all that the quarantine ever took.
    std::string literal = import_id;
    for (const std::string_view special : {"\\", "'"}) {
        for (std::size_t at = 0; (at = literal.find(special, at)) != std::string::npos; at += 2) {
            literal.insert(at, "\\");
        }
    }
    try {
        const Value counted = api_.send_for_json(
            {.path = "/v0/sql",
             .parameters = {{"q", fmt::format("SELECT count() AS rows FROM {}_quarantine WHERE c__import_id = '{}' "
                                              "FORMAT JSON",
                                              data_source, literal)}},
             .stop = options.stop});
        const Value* const data = find(counted, "data");
        const auto* rows = data == nullptr ? nullptr : std::get_if<Value::List>(&data->variant());
        if (rows != nullptr && !rows->empty()) {
            const Value* const count = find(rows->front(), "rows");
            const std::string text = count == nullptr ? "" : count->to_text();
            std::uint64_t number = 0;
            if (std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc()) {
                return number;
            }
        }
    } catch (const errors::InterruptedError&) {
        throw;
    } catch (const errors::Error& error) {
        logger::debug(fmt::format("the quarantine of \"{}\" can't be read: {}", data_source, error.what()));
    }
    const std::string text =
        fmt::format("\"{}\" has rows in quarantine, and whether this import put some there can't be told", data_source);
    if (options.on_quarantine == OnQuarantine::fail) {
        throw errors::QuarantineError(text, "Use a token that may also read the quarantine, or empty it first.");
    }
    logger::warning(text);
    return std::nullopt;
}

void Imports::report_rejected(const Response& response, std::string_view data_source, const ImportOptions& options) {
    const std::uint64_t quarantined = response.quarantined.value_or(0);
    const std::uint64_t invalid = response.invalid_lines.value_or(0);
    if (quarantined == 0 && invalid == 0 && response.errors.empty()) {
        return;
    }
    const std::string text = fmt::format("\"{}\": {} row(s) went to quarantine, {} line(s) could not be read{}",
                                         data_source, quarantined, invalid, first_errors(response));
    const std::string look = fmt::format("See SELECT * FROM {}_quarantine ORDER BY insertion_date DESC.", data_source);
    if (options.on_quarantine == OnQuarantine::fail) {
        throw errors::QuarantineError(text, look);
    }
    logger::warning(text + ". " + look);
}

}  // namespace tinybird_cdk::tinybird
