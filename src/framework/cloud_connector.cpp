// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/connector.hpp>
#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "cloud/glob.hpp"
#include "cloud/temporary_key.hpp"
#include "framework/guard.hpp"
#include "framework/since_last.hpp"
#include "transfer/kept_rows.hpp"
#include "transfer/object_join.hpp"
#include "transfer/object_load.hpp"

namespace tinybird_cdk {

namespace {

bool marks_directory(const cloud::Object& object) {
    return object.size == 0 && object.key.ends_with('/');
}

/// Any URL of the store will do, for what is asked is whether its host can be reached.
Via way_to(cloud::Client& store, const std::string& bucket, const std::string& key, const tinybird::Client& tb,
           Via chosen) {
    if (chosen != Via::automatic) {
        return chosen;
    }
    return transfer::way_of(chosen, store.public_url(bucket, key, std::chrono::seconds(1)),
                            tb.configuration().on_loopback());
}

std::vector<cloud::Object> select(cloud::Client& store, const ObjectSelection& selection, std::stop_token stop) {
    const cloud::Glob pattern(selection.pattern);
    std::vector<cloud::Object> objects = store.list(selection.bucket, pattern.prefix(), std::move(stop));
    std::erase_if(objects, [&](const cloud::Object& object) {
        if (marks_directory(object) || !pattern.matches(object.key) ||
            (selection.newer_than && object.modified <= *selection.newer_than)) {
            return true;
        }
        if (object.key != selection.pattern && cloud::is_temporary(object.key)) {
            logger::warning(
                fmt::format("{} was left behind by a join that was killed, and is left out: its rows are those of "
                            "other objects. Delete it.",
                            store.uri(selection.bucket, object.key)));
            return true;
        }
        return false;
    });
    return objects;
}

/// Objects without a byte have no rows; writers of many parts leave some. One that is named by its key stays, to be
/// refused.
void leave_out_empty(std::vector<cloud::Object>& objects, const std::string& pattern) {
    const std::size_t count =
        std::erase_if(objects, [&](const cloud::Object& object) { return object.size == 0 && object.key != pattern; });
    if (count > 0) {
        logger::info(fmt::format("{} empty object(s) left out", count));
    }
}

/// @param joined they become one import
void check_objects(cloud::Client& store, const std::string& bucket, const std::vector<cloud::Object>& objects, Via via,
                   const Limits& limits, Format format, bool joined) {
    for (const cloud::Object& object : objects) {
        transfer::check_object(object, store.uri(bucket, object.key), format, via, limits);
    }
    if (joined && objects.size() > 1) {
        transfer::check_joinable(store, bucket, objects, via, limits, format);
    }
}

}  // namespace

LoadResult CloudConnector::load(bool replace, const std::string& bucket, const std::string& key,
                                const std::string& data_source, const CloudLoadOptions& options) {
    return framework::guard([&] {
        const auto mode = replace ? transfer::Mode::replace : transfer::Mode::append;
        transfer::check_object_options(mode, options);
        transfer::find_target(tb(), data_source);
        cloud::Client& store = client_();
        const std::optional<cloud::Object> object = store.stat(bucket, key, options.stop);
        if (!object) {
            throw errors::InvalidArgument(
                fmt::format("there is no {}", store.uri(bucket, key)),
                "Keys are exact: upper and lower case differ, and a slash at the begin counts.");
        }
        const Via via = way_to(store, bucket, key, tb(), options.via);
        if (options.since_last) {
            framework::SinceLast since_last(tb(), store, bucket, {*object}, data_source, options.stop);
            const std::vector<LoadedObject> loaded = since_last.append(via, options, {});
            return loaded.empty() ? LoadResult() : loaded.front().result;
        }
        transfer::check_object(*object, store.uri(bucket, key), options.format, via, tb().configuration().limits);
        LoadResult result = transfer::load_object(tb(), store, bucket, *object, mode, data_source, via, options);
        transfer::refuse_dropped_rows(tb(), data_source, options.replace_condition, result, options.stop);
        return result;
    });
}

LoadResult CloudConnector::append(const std::string& bucket, const std::string& key, const std::string& data_source,
                                  const CloudLoadOptions& options) {
    return load(false, bucket, key, data_source, options);
}

LoadResult CloudConnector::replace(const std::string& bucket, const std::string& key, const std::string& data_source,
                                   const CloudLoadOptions& options) {
    return load(true, bucket, key, data_source, options);
}

std::vector<cloud::Object> CloudConnector::list_objects(const ObjectSelection& selection, std::stop_token stop) {
    return framework::guard([&] { return select(client_(), selection, std::move(stop)); });
}

std::vector<cloud::Object> CloudConnector::planned_objects(const ObjectSelection& selection,
                                                           const std::string& data_source,
                                                           const CloudLoadOptions& options, bool joined) {
    return framework::guard([&] {
        transfer::find_target(tb(), data_source);
        cloud::Client& store = client_();
        std::vector<cloud::Object> objects = select(store, selection, options.stop);
        leave_out_empty(objects, selection.pattern);
        if (!objects.empty()) {
            const Via via = way_to(store, selection.bucket, objects.front().key, tb(), options.via);
            check_objects(store, selection.bucket, objects, via, tb().configuration().limits, options.format, joined);
        }
        return objects;
    });
}

std::vector<KnownObject> CloudConnector::known_objects(const ObjectSelection& selection, const std::string& data_source,
                                                       std::stop_token stop) {
    return framework::guard([&] {
        transfer::find_target(tb(), data_source);
        cloud::Client& store = client_();
        std::vector<cloud::Object> objects = select(store, selection, stop);
        leave_out_empty(objects, selection.pattern);
        return framework::SinceLast(tb(), store, selection.bucket, std::move(objects), data_source, std::move(stop))
            .known();
    });
}

std::vector<LoadedObject> CloudConnector::append_all(const ObjectSelection& selection, const std::string& data_source,
                                                     const CloudLoadOptions& options,
                                                     const std::function<void(const LoadedObject&)>& on_object) {
    return framework::guard([&] {
        transfer::check_object_options(transfer::Mode::append, options);
        transfer::find_target(tb(), data_source);
        cloud::Client& store = client_();
        std::vector<cloud::Object> objects = select(store, selection, options.stop);
        leave_out_empty(objects, selection.pattern);
        std::vector<LoadedObject> loaded;
        if (objects.empty()) {
            logger::info(fmt::format("no object matches {}: nothing to append to \"{}\"",
                                     store.uri(selection.bucket, selection.pattern), data_source));
            return loaded;
        }
        const Via via = way_to(store, selection.bucket, objects.front().key, tb(), options.via);
        if (options.since_last) {
            return framework::SinceLast(tb(), store, selection.bucket, objects, data_source, options.stop)
                .append(via, options, on_object);
        }
        check_objects(store, selection.bucket, objects, via, tb().configuration().limits, options.format, false);
        for (const cloud::Object& object : objects) {
            try {
                loaded.push_back({object, transfer::load_object(tb(), store, selection.bucket, object,
                                                                transfer::Mode::append, data_source, via, options)});
            } catch (...) {
                logger::warning(fmt::format("{} of {} objects are in \"{}\"; the one that ended the load: {}",
                                            loaded.size(), objects.size(), data_source,
                                            store.uri(selection.bucket, object.key)));
                throw;
            }
            if (on_object) {
                on_object(loaded.back());
            }
        }
        return loaded;
    });
}

LoadResult CloudConnector::load_joined(bool replace, const ObjectSelection& selection, const std::string& data_source,
                                       const CloudLoadOptions& options) {
    return framework::guard([&] {
        const auto mode = replace ? transfer::Mode::replace : transfer::Mode::append;
        transfer::check_object_options(mode, options);
        if (options.since_last) {
            throw errors::InvalidArgument("what was loaded is kept object by object, so objects can't be joined then",
                                          "Leave out one of the two: joining, or loading what is new only.");
        }
        const std::optional<tinybird::DataSource> target = transfer::find_target(tb(), data_source);
        cloud::Client& store = client_();
        std::vector<cloud::Object> objects = select(store, selection, options.stop);
        leave_out_empty(objects, selection.pattern);
        if (objects.empty()) {
            const std::string none =
                fmt::format("no object with rows matches {}", store.uri(selection.bucket, selection.pattern));
            if (replace) {
                throw errors::InvalidArgument(none, fmt::format("Nothing was replaced in \"{}\".", data_source));
            }
            logger::info(fmt::format("{}: nothing to append to \"{}\"", none, data_source));
            return LoadResult();
        }
        const Via via = way_to(store, selection.bucket, objects.front().key, tb(), options.via);
        check_objects(store, selection.bucket, objects, via, tb().configuration().limits, options.format, true);
        LoadResult result =
            transfer::load_joined(tb(), store, selection.bucket, objects, mode, data_source, target, via, options);
        transfer::refuse_dropped_rows(tb(), data_source, options.replace_condition, result, options.stop);
        return result;
    });
}

LoadResult CloudConnector::append_joined(const ObjectSelection& selection, const std::string& data_source,
                                         const CloudLoadOptions& options) {
    return load_joined(false, selection, data_source, options);
}

LoadResult CloudConnector::replace_joined(const ObjectSelection& selection, const std::string& data_source,
                                          const CloudLoadOptions& options) {
    return load_joined(true, selection, data_source, options);
}

}  // namespace tinybird_cdk
