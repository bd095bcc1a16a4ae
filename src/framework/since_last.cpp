// SPDX-License-Identifier: Apache-2.0
#include "framework/since_last.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "framework/object_claim.hpp"
#include "framework/since_last_text.hpp"
#include "transfer/load_fate.hpp"
#include "transfer/object_history.hpp"
#include "transfer/object_load.hpp"

namespace tinybird_cdk::framework {

namespace {

using transfer::Fate;
using transfer::LedgerEvent;
using transfer::LedgerLoad;

/// The URL is compared with those of jobs and read by nobody.
constexpr std::chrono::seconds url_life{1};

/// What all of them begin with, in whole characters.
std::string common_beginning(const std::vector<std::string>& texts) {
    const auto [lowest, highest] = std::minmax_element(texts.begin(), texts.end());
    const auto difference = std::mismatch(lowest->begin(), lowest->end(), highest->begin(), highest->end()).first;
    std::string common(lowest->begin(), difference);
    while (!common.empty() && (static_cast<unsigned char>(common.back()) & 0x80U) != 0) {
        common.pop_back();
    }
    return common;
}

LedgerEvent event_of(const LedgerLoad& load, const cloud::Object& object, std::string_view event) {
    return {.uri = load.uri,
            .etag = load.etag,
            .size = object.size,
            .modified = object.modified,
            .load_id = load.load_id,
            .event = std::string(event),
            .job_id = load.job_id};
}

}  // namespace

SinceLast::SinceLast(tinybird::Client& client, cloud::Client& store, std::string bucket,
                     std::vector<cloud::Object> objects, std::string data_source, std::stop_token stop)
    : client_(client),
      store_(store),
      bucket_(std::move(bucket)),
      objects_(std::move(objects)),
      data_source_(std::move(data_source)),
      stop_(std::move(stop)),
      ledger_(client, data_source_) {
    transfer::sort_by_age(objects_);
    for (const cloud::Object& object : objects_) {
        places_.push_back({.uri = store_.uri(bucket_, object.key)});
    }
    if (!objects_.empty() && ledger_.exists()) {
        read_ledger();
    }
}

void SinceLast::read_ledger() {
    std::vector<std::string> uris;
    std::vector<std::string> etags;
    for (std::size_t i = 0; i < objects_.size(); ++i) {
        uris.push_back(places_[i].uri);
        etags.push_back(objects_[i].etag);
    }
    transfer::ObjectHistory history(uris, etags);
    ledger_.read(common_beginning(uris), stop_, [&](const LedgerLoad& load) { history.add(load); });
    for (std::size_t i = 0; i < places_.size(); ++i) {
        places_[i].state = history.state(i);
        places_[i].otherwise = history.state_but_for_open(i);
        if (places_[i].state == ObjectState::unfinished) {
            settle(i, history.open(i));
        }
    }
}

void SinceLast::settle(std::size_t place, const std::vector<LedgerLoad>& open) {
    Place& entry = places_[place];
    const cloud::Object& object = objects_[place];
    bool loaded = false;
    for (const LedgerLoad& load : open) {
        const Fate fate = load.job_id.empty()
                              ? transfer::ask_for_url(client_, jobs(), data_source_,
                                                      store_.public_url(bucket_, object.key, url_life), load)
                              : transfer::ask_for_job(client_, load.job_id);
        switch (fate) {
            case Fate::loaded:
                loaded = true;
                entry.news.push_back(event_of(load, object, transfer::ledger_event::done));
                logger::info(fmt::format("{}: the load that was begun {} UTC was broken off, but its rows are in",
                                         load.uri, load.begun));
                break;
            case Fate::nothing:
                entry.news.push_back(event_of(load, object, transfer::ledger_event::failed));
                logger::info(fmt::format("{}: the load that was begun {} UTC failed at Tinybird: it is loaded again",
                                         load.uri, load.begun));
                break;
            case Fate::running:
                entry.running = true;
                entry.open.push_back(load);
                break;
            case Fate::unknown:
                entry.open.push_back(load);
                break;
        }
    }
    entry.state = loaded ? ObjectState::loaded : entry.open.empty() ? entry.otherwise : ObjectState::unfinished;
}

const std::vector<tinybird::Job>& SinceLast::jobs() {
    if (!jobs_) {
        try {
            jobs_ = client_.jobs();
        } catch (const errors::InterruptedError&) {
            throw;
        } catch (const errors::Error& error) {
            logger::debug(fmt::format("the jobs of the workspace can't be listed: {}", error.what()));
            jobs_.emplace();
        }
    }
    return *jobs_;
}

std::vector<KnownObject> SinceLast::known() const {
    std::vector<KnownObject> result;
    for (std::size_t i = 0; i < objects_.size(); ++i) {
        KnownObject object{.object = objects_[i], .state = places_[i].state, .begun = {}, .job = {}};
        if (object.state == ObjectState::unfinished) {
            object.begun = places_[i].open.front().begun;
            object.job = places_[i].open.front().job_id;
        }
        result.push_back(std::move(object));
    }
    return result;
}

std::size_t SinceLast::count(ObjectState state) const {
    return static_cast<std::size_t>(
        std::count_if(places_.begin(), places_.end(), [&](const Place& place) { return place.state == state; }));
}

void SinceLast::refuse_unfinished(Unfinished unfinished) const {
    std::vector<UnfinishedLoad> loads;
    for (const Place& place : places_) {
        // What runs at Tinybird must be waited for, whatever was chosen.
        if (place.state == ObjectState::unfinished && (unfinished == Unfinished::refuse || place.running)) {
            for (const LedgerLoad& load : place.open) {
                loads.push_back(
                    {.uri = load.uri, .begun = load.begun, .job_id = load.job_id, .running = place.running});
            }
        }
    }
    if (!loads.empty()) {
        throw unfinished_error(loads, data_source_);
    }
}

void SinceLast::write_news(Unfinished unfinished) {
    std::vector<LedgerEvent> events;
    for (std::size_t i = 0; i < places_.size(); ++i) {
        Place& place = places_[i];
        events.insert(events.end(), place.news.begin(), place.news.end());
        place.news.clear();
        if (place.state != ObjectState::unfinished) {
            continue;
        }
        const bool again = unfinished == Unfinished::load;
        for (const LedgerLoad& load : place.open) {
            events.push_back(
                event_of(load, objects_[i], again ? transfer::ledger_event::failed : transfer::ledger_event::done));
            logger::info(fmt::format("{}: the load that was begun {} UTC is taken as {}, as was asked for", load.uri,
                                     load.begun, again ? "none" : "done"));
        }
        place.open.clear();
        place.state = again ? place.otherwise : ObjectState::loaded;
    }
    if (!events.empty()) {
        ledger_.write(events, stop_);
    }
}

void SinceLast::check_wanted(Via via, const CloudLoadOptions& options) const {
    for (std::size_t i = 0; i < objects_.size(); ++i) {
        if (places_[i].state != ObjectState::loaded) {
            transfer::check_object(objects_[i], places_[i].uri, options.format, via, client_.configuration().limits);
        }
        if (places_[i].state == ObjectState::changed) {
            logger::warning(
                fmt::format("{} was changed since it was loaded: it is loaded again, and the rows of its "
                            "earlier content stay in \"{}\"",
                            places_[i].uri, data_source_));
        }
    }
}

std::vector<LoadedObject> SinceLast::append(Via via, const CloudLoadOptions& options,
                                            const std::function<void(const LoadedObject&)>& on_object) {
    refuse_unfinished(options.unfinished);
    write_news(options.unfinished);
    const std::size_t there = count(ObjectState::loaded);
    logger::info(
        fmt::format("\"{}\": {} object(s) to load, {} are in already", data_source_, objects_.size() - there, there));
    if (there < objects_.size()) {
        check_wanted(via, options);
        ledger_.create_if_missing();
    }
    std::vector<LoadedObject> result;
    std::size_t loaded = 0;
    for (std::size_t i = 0; i < objects_.size(); ++i) {
        LoadedObject object{.object = objects_[i], .result = {}, .was_there = true};
        if (places_[i].state != ObjectState::loaded) {
            try {
                ObjectClaim claim(client_, store_, ledger_, {bucket_, data_source_, via});
                if (!claim.load(object, options)) {
                    continue;
                }
            } catch (...) {
                logger::warning(fmt::format("{} of {} objects were loaded into \"{}\"; the first that was not: {}",
                                            loaded, objects_.size() - there, data_source_, places_[i].uri));
                throw;
            }
            loaded += object.was_there ? 0 : 1;
        }
        result.push_back(std::move(object));
        if (on_object) {
            on_object(result.back());
        }
    }
    return result;
}

}  // namespace tinybird_cdk::framework
