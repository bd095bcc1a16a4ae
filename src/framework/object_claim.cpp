// SPDX-License-Identifier: Apache-2.0
#include "framework/object_claim.hpp"

#include <exception>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <tinybird_cdk/logger.hpp>

#include "core/ids.hpp"
#include "framework/since_last_text.hpp"
#include "transfer/load_fate.hpp"
#include "transfer/object_load.hpp"

namespace tinybird_cdk::framework {

namespace {

constexpr std::size_t id_digits = 32;

/// Ends an import that is about to begin; nobody outside of this file sees it.
class LoadedMeanwhile : public std::exception {};

}  // namespace

ObjectClaim::ObjectClaim(tinybird::Client& client, cloud::Client& store, transfer::ObjectLedger& ledger, Way way)
    : client_(client),
      store_(store),
      ledger_(ledger),
      way_(std::move(way)),
      load_id_(core::random_hex(id_digits)),
      whole_(way_.via == Via::url) {}

bool ObjectClaim::load(LoadedObject& object, const CloudLoadOptions& options) {
    uri_ = store_.uri(way_.bucket, object.object.key);
    // The listing may be old by now, and what is written down must be what is read.
    const std::optional<cloud::Object> present = store_.stat(way_.bucket, object.object.key, options.stop);
    if (!present) {
        logger::warning(fmt::format("{} is gone since it was listed: it is left out", uri_));
        return false;
    }
    object_ = *present;
    transfer::check_object(object_, uri_, options.format, way_.via, client_.configuration().limits);
    const transfer::ObjectLoadSteps steps{.on_begin = [&] { begin(options.stop); },
                                          .on_whole = [&] { whole_ = true; },
                                          .on_job = [&](const std::string& job_id) { took(job_id); }};
    try {
        object.result = transfer::load_object(client_, store_, way_.bucket, object_, transfer::Mode::append,
                                              way_.data_source, way_.via, options, steps);
    } catch (const LoadedMeanwhile&) {
        note(transfer::ledger_event::failed);
        logger::info(fmt::format("{} was loaded by another run in the meantime", uri_));
        object.object = object_;
        return true;
    } catch (const errors::QuarantineError&) {
        // The rows that fit are in, and the others are where they are looked for.
        write_done();
        throw;
    } catch (const errors::Error& error) {
        end_in(error);
        throw;
    } catch (...) {
        if (begun_ && !sent_) {
            note(transfer::ledger_event::failed);
        }
        throw;
    }
    write_done();
    warn_if_changed(options.stop);
    object.object = object_;
    object.was_there = false;
    return true;
}

void ObjectClaim::begin(const std::stop_token& stop) {
    begun_ = true;
    ledger_.write({event_of(transfer::ledger_event::begun)}, stop);
    // Written first, then read: of two runs at least one sees the other. Both may, and then none loads it this time.
    std::vector<UnfinishedLoad> others;
    for (const transfer::LedgerLoad& load : ledger_.loads_of(uri_, object_.etag, stop)) {
        if (load.done) {
            throw LoadedMeanwhile();
        }
        if (load.open() && load.load_id != load_id_) {
            others.push_back({.uri = uri_, .begun = load.begun, .job_id = load.job_id});
        }
    }
    if (!others.empty()) {
        throw claimed_error(others.front(), way_.data_source);
    }
    sent_ = true;
}

void ObjectClaim::took(const std::string& job_id) {
    job_id_ = job_id;
    if (!job_id.empty()) {
        note(transfer::ledger_event::job);
    }
}

void ObjectClaim::end_in(const errors::Error& error) {
    if (!begun_) {
        return;
    }
    if (!sent_ || !transfer::may_have_loaded(error, whole_)) {
        note(transfer::ledger_event::failed);
        return;
    }
    // Whoever was interrupted asked for an end, not for a look at a job that goes on.
    if (const auto* job = dynamic_cast<const errors::JobError*>(&error)) {
        if (transfer::ask_for_job(client_, job->job_id()) == transfer::Fate::nothing) {
            note(transfer::ledger_event::failed);
            return;
        }
    }
    if (way_.via == Via::url && dynamic_cast<const errors::InterruptedError*>(&error) != nullptr) {
        // Its job was ended, and the error says what is known of it by now.
        logger::warning(
            fmt::format("the load of {} was stopped: the next load with since-last asks what became of it", uri_));
        return;
    }
    logger::warning(
        fmt::format("whether the rows of {} are in \"{}\" is not known: the next load with since-last asks "
                    "for it",
                    uri_, way_.data_source));
}

void ObjectClaim::note(std::string_view event) {
    try {
        ledger_.write({event_of(event)});
    } catch (const errors::Error& error) {
        logger::warning(fmt::format("that the load of {} {} could not be written to {}: {}", uri_,
                                    event == transfer::ledger_event::job ? "is a job" : "failed", transfer::ledger_name,
                                    error.what()));
    }
}

void ObjectClaim::write_done() {
    try {
        ledger_.write({event_of(transfer::ledger_event::done)});
    } catch (const errors::Error& error) {
        throw errors::InDoubtError(fmt::format("the rows of {} are in \"{}\", but that could not be written to {}: {}",
                                               uri_, way_.data_source, transfer::ledger_name, error.what()),
                                   "Run it once with --unfinished skip, so that this object is not loaded again.");
    }
}

void ObjectClaim::warn_if_changed(const std::stop_token& stop) {
    try {
        const std::optional<cloud::Object> after = store_.stat(way_.bucket, object_.key, stop);
        if (after && after->etag != object_.etag) {
            logger::warning(
                fmt::format("{} was changed while it was loaded: the next load takes it again, and some of "
                            "its rows may be in \"{}\" twice then",
                            uri_, way_.data_source));
        }
    } catch (const errors::Error& error) {
        logger::debug(fmt::format("whether {} was changed while it was loaded can't be told: {}", uri_, error.what()));
    }
}

transfer::LedgerEvent ObjectClaim::event_of(std::string_view event) const {
    return {.uri = uri_,
            .etag = object_.etag,
            .size = object_.size,
            .modified = object_.modified,
            .load_id = load_id_,
            .event = std::string(event),
            .job_id = job_id_};
}

}  // namespace tinybird_cdk::framework
