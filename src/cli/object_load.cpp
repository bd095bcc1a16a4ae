// SPDX-License-Identifier: Apache-2.0
#include "cli/object_load.hpp"

#include <algorithm>
#include <cctype>
#include <ctime>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/cloud/azure.hpp>
#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/incremental.hpp>
#include <tinybird_cdk/registry.hpp>

#include "cli/known_objects_text.hpp"
#include "cli/load_summary.hpp"
#include "cli/progress_line.hpp"
#include "cli/table_text.hpp"

namespace tinybird_cdk::cli {

namespace {

using SystemTime = std::chrono::system_clock::time_point;

/// A date, a time in UTC, or how long ago.
SystemTime parse_time(const std::string& text) {
    for (const char* form : {"%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d"}) {
        std::tm moment{};
        const char* const end = strptime(text.c_str(), form, &moment);
        if (end != nullptr && *end == '\0') {
            const int day = moment.tm_mday;
            const std::time_t seconds = timegm(&moment);
            // The 31st of February would have become a day of March.
            if (moment.tm_mday == day) {
                return std::chrono::system_clock::from_time_t(seconds);
            }
        }
    }
    try {
        return std::chrono::system_clock::now() - Lag::parse(text).time();
    } catch (
        const errors::InvalidArgument&) {  // NOLINT(bugprone-empty-catch): said below, with all that may be written
    }
    throw errors::InvalidArgument(
        fmt::format("--newer-than \"{}\" is no time", text),
        "Write a date or a time in UTC, as in 2026-11-30 or 2026-11-30T08:00:00Z, or how long "
        "ago, as in 90m, 6h, 7d.");
}

bool is_pattern(const std::string& key) {
    return key.find_first_of("*?[\\") != std::string::npos;
}

/// The bucket and the key or pattern, from --url or from --bucket and --key.
ObjectSelection selection_of(const ObjectArguments& objects, const std::string& connector) {
    ObjectSelection selection{.bucket = objects.bucket, .pattern = objects.key, .newer_than = {}};
    if (!objects.url.empty()) {
        const cloud::Location location = cloud::parse_url(objects.url);
        if (location.service != connector) {
            throw errors::InvalidArgument(
                fmt::format("--url names an object of {}, and the connector is {}", location.service, connector),
                fmt::format("Give --connector {}.", location.service));
        }
        selection.bucket = location.bucket;
        selection.pattern = location.key;
    }
    if (selection.bucket.empty() || selection.pattern.empty()) {
        throw errors::InvalidArgument("nothing says which object to load",
                                      "Give --bucket and --key, or --url as in s3://BUCKET/KEY.");
    }
    if (!objects.newer_than.empty()) {
        selection.newer_than = parse_time(objects.newer_than);
    }
    return selection;
}

/// A URL may name the account of Azure too: it must be the one that the credentials are of, or other objects than
/// the named ones would be loaded.
void check_account(const ObjectArguments& objects, const Environment& environment) {
    const std::string named = objects.url.empty() ? "" : cloud::parse_url(objects.url).account;
    const std::string ours = named.empty() ? "" : cloud::azure::Client(environment).account();
    // Hosts are read in lower case.
    const auto alike = [](char a, char b) { return a == std::tolower(static_cast<unsigned char>(b)); };
    if (!ours.empty() && !std::equal(named.begin(), named.end(), ours.begin(), ours.end(), alike)) {
        throw errors::InvalidArgument(
            fmt::format("--url names an object of the storage account {}, and the credentials are those of {}", named,
                        ours),
            fmt::format("Give credentials of {}.", named));
    }
}

Format format_of(const std::string& asked, const std::vector<cloud::Object>& objects) {
    if (!asked.empty()) {
        return formats::parse(asked);
    }
    // Empty ones, as _SUCCESS, are no part of the load.
    const auto first = std::find_if(objects.begin(), objects.end(), [](const auto& object) { return object.size > 0; });
    const std::string& key = first == objects.end() ? objects.front().key : first->key;
    const std::optional<Format> format = formats::of_file_name(key).format;
    if (!format) {
        throw errors::InvalidArgument(fmt::format("the name of {} does not say its format", key),
                                      "Say it with --format: csv, ndjson or parquet.");
    }
    return *format;
}

std::string plan_text(const std::vector<cloud::Object>& objects, const ObjectLoad& load) {
    std::vector<std::vector<std::string>> rows;
    std::uint64_t bytes = 0;
    for (const cloud::Object& object : objects) {
        rows.push_back({object.key, count_text(object.size), moment_text(object.modified)});
        bytes += object.size;
    }
    return fmt::format("{}\nWould {} {} object(s), {}, as {}, in {} import(s). Nothing was written.\n",
                       table_text({"key", "bytes", "modified (UTC)"}, rows),
                       load.replace ? "replace rows by" : "append", objects.size(),
                       bytes_text(static_cast<double>(bytes)), formats::name(load.options.format),
                       load.join ? 1 : objects.size());
}

std::string plan_json(const std::vector<cloud::Object>& objects, const ObjectLoad& load) {
    Value::List list;
    for (const cloud::Object& object : objects) {
        list.emplace_back(Value::Record{{"key", object.key},
                                        {"bytes", Value(static_cast<std::int64_t>(object.size))},
                                        {"modified", moment_text(object.modified)}});
    }
    return Value(Value::Record{{"mode", load.replace ? "replace" : "append"},
                               {"data_source", load.data_source},
                               {"format", std::string(formats::name(load.options.format))},
                               {"imports", Value(static_cast<std::int64_t>(load.join ? 1 : objects.size()))},
                               {"objects", std::move(list)}})
               .to_json() +
           "\n";
}

/// All imports of a load as one result, for the summary.
void add(const LoadResult& one, LoadResult& all) {
    const auto sum = [](const std::optional<std::uint64_t>& from, std::optional<std::uint64_t>& into) {
        if (from) {
            into = into.value_or(0) + *from;
        }
    };
    all.bytes += one.bytes;
    sum(one.response.rows, all.response.rows);
    sum(one.response.quarantined, all.response.quarantined);
    sum(one.response.invalid_lines, all.response.invalid_lines);
    all.response.import_id = one.response.import_id;
    all.response.job_id = one.response.job_id;
}

}  // namespace

void ObjectArguments::add_to(CLI::App& command, bool replace) {
    auto* const in_bucket =
        command.add_option("--bucket", bucket, "object stores: the bucket, or Azure's container")->type_name("NAME");
    auto* const by_key =
        command
            .add_option("--key", key,
                        replace ? "object stores: the object"
                                : "object stores: the object, or a pattern as in 'dir/*.csv.gz': each one is an import")
            ->type_name("KEY");
    command.add_option("--url", url, "object stores: bucket and key in one, as in s3://BUCKET/KEY")
        ->type_name("URL")
        ->excludes(in_bucket)
        ->excludes(by_key);
    command
        .add_option("--newer-than", newer_than,
                    "object stores: only objects written after this time (2026-11-30T08:00:00Z), or in the last 6h, 7d")
        ->type_name("TIME");
    auto* const joined = command.add_flag(
        "--join", join,
        "object stores: all objects that match the pattern as one import, all or nothing; text that is "
        "not compressed");
    if (!replace) {
        auto* const since = command
                                .add_flag("--since-last", since_last,
                                          "object stores: only objects that no load with this option has brought yet; "
                                          "what is loaded is kept in the data source tb_cdk_objects")
                                ->excludes(joined);
        command
            .add_option("--unfinished", unfinished,
                        "what to do with objects whose load was broken off so that nothing tells how it ended: load "
                        "them again, or skip them; without it nothing is loaded then")
            ->check(CLI::IsMember({"load", "skip"}))
            ->needs(since);
    }
    command
        .add_option(
            "--via", via,
            "object stores: url (Tinybird fetches the object), stream (it goes through this machine); warehouses: "
            "bucket (the warehouse writes objects, which Tinybird fetches), direct (rows go through this machine); "
            "or auto")
        ->check(CLI::IsMember({"auto", "url", "stream", "bucket", "direct"}))
        ->capture_default_str();
}

std::string ObjectArguments::given() const {
    for (const auto& [name, value] :
         {std::pair{"--bucket", &bucket}, {"--key", &key}, {"--url", &url}, {"--newer-than", &newer_than}}) {
        if (!value->empty()) {
            return name;
        }
    }
    if (join) {
        return "--join";
    }
    return since_last ? "--since-last" : "";
}

bool is_object_store(const std::string& connector) {
    for (const ConnectorSpec* spec : connectors()) {
        if (spec->name == connector) {
            return spec->kind == ConnectorKind::cloud;
        }
    }
    return false;
}

std::unique_ptr<CloudConnector> object_store(Context& context, const std::string& name) {
    std::unique_ptr<Connector> connector = connector_for(name, context.environment());
    auto* const cloud = dynamic_cast<CloudConnector*>(connector.get());
    if (cloud == nullptr) {
        throw errors::InvalidArgument(fmt::format("{} is no connector to an object store", name));
    }
    static_cast<void>(connector.release());
    return std::unique_ptr<CloudConnector>(cloud);
}

int load_objects(Context& context, const ObjectArguments& arguments, ObjectLoad load) {
    const ObjectSelection selection = selection_of(arguments, load.connector);
    check_account(arguments, context.environment());
    const auto connector = object_store(context, load.connector);
    load.join = arguments.join;
    if (load.replace && !load.join && (is_pattern(selection.pattern) || selection.newer_than)) {
        throw errors::InvalidArgument("replace takes one object, for several imports are not all or nothing",
                                      "Name one key, or make one import of all objects with --join.");
    }
    std::vector<cloud::Object> objects = connector->list_objects(selection, context.stop());
    if (objects.empty() && !is_pattern(selection.pattern) && !selection.newer_than) {
        throw errors::InvalidArgument(fmt::format("there is no object {} in {}", selection.pattern, selection.bucket),
                                      "Keys are exact: upper and lower case differ, and a slash at the begin counts.");
    }
    if (objects.empty() && load.replace) {
        throw errors::InvalidArgument(fmt::format("no object in {} matches {}", selection.bucket, selection.pattern),
                                      fmt::format("Nothing was replaced in \"{}\".", load.data_source));
    }
    if (objects.empty()) {
        if (load.output == "json") {
            const LoadResult nothing;
            LoadSummary summary{"appended", load.data_source, nothing};
            if (arguments.since_last) {
                summary.objects.emplace();
            }
            print(load.dry_run ? plan_json(objects, load) : summary.json());
        }
        context.say(fmt::format("no object matches: nothing to append to {}", load.data_source));
        return 0;
    }
    if (arguments.since_last) {
        load.options.since_last = true;
        load.options.unfinished = arguments.unfinished == "load"   ? Unfinished::load
                                  : arguments.unfinished == "skip" ? Unfinished::skip
                                                                   : Unfinished::refuse;
    }
    load.options.format = format_of(load.format, objects);
    load.options.via = arguments.via == "url" ? Via::url : arguments.via == "stream" ? Via::stream : Via::automatic;
    if (load.dry_run && arguments.since_last) {
        return show_known_objects(connector->known_objects(selection, load.data_source, context.stop()), load);
    }
    if (load.dry_run) {
        objects = connector->planned_objects(selection, load.data_source, load.options, load.join);
        print(load.output == "json" ? plan_json(objects, load) : plan_text(objects, load));
        return 0;
    }

    ProgressLine line(context.shows_progress());
    load.options.on_progress = [&](const Progress& progress) { line.update(progress); };
    LoadResult total;
    ObjectCounts counts;
    if (load.join) {
        total = load.replace ? connector->replace_joined(selection, load.data_source, load.options)
                             : connector->append_joined(selection, load.data_source, load.options);
    } else if (load.replace) {
        total = connector->replace(selection.bucket, objects.front().key, load.data_source, load.options);
    } else {
        for (const LoadedObject& loaded : connector->append_all(selection, load.data_source, load.options)) {
            add(loaded.result, total);
            ++(loaded.was_there ? counts.there : counts.loaded);
        }
    }
    const double seconds = line.seconds();
    line.clear();
    LoadSummary summary{load.replace ? "replaced" : "appended", load.data_source, total, seconds};
    if (arguments.since_last) {
        summary.objects = counts;
    }
    if (load.output == "json") {
        print(summary.json());
    } else if (!context.options().quiet) {
        print(summary.text());
    }
    return 0;
}

}  // namespace tinybird_cdk::cli
