// SPDX-License-Identifier: Apache-2.0
#include "conformance/held_load.hpp"

#include <string_view>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::conformance {

namespace {

/// A wire to the Tinybird of the subject.
std::shared_ptr<Wire> wire_to(const std::string& endpoint) {
    constexpr std::string_view scheme = "http://";
    const std::size_t colon = endpoint.rfind(':');
    if (!endpoint.starts_with(scheme)) {
        throw CheckSkipped{"the upload is held on the way to Tinybird, which needs one without TLS: a local one"};
    }
    const bool has_port = colon > scheme.size();
    return std::make_shared<Wire>(endpoint.substr(scheme.size(), has_port ? colon - scheme.size() : std::string::npos),
                                  has_port ? endpoint.substr(colon + 1) : "80");
}

}  // namespace

HeldLoad::HeldLoad(Trial& trial, Format format, const std::string& query, const std::string& data_source,
                   std::uint64_t held_bytes)
    : wire_(wire_to(trial.tinybird().configuration().endpoint)),
      on_stop_(trial.options().stop, [this] { stop_.request_stop(); }),
      load_([make = trial.subject().make, query, data_source, wire = wire_,
             environment = trial.subject().environment.with("TB_CDK_ENDPOINT", "http://127.0.0.1:" + wire_->port()),
             options = [&] {
                 LoadOptions options = trial.load_options(format);
                 options.stop = stop_.get_token();
                 return options;
             }()] { make(environment)->append(query, data_source, options); }) {
    wire_->hold_after(held_bytes);
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!wire_->held_within(std::chrono::seconds(0))) {
        if (load_.ended_within(std::chrono::seconds(0))) {
            finished_ = true;
            load_.result();
            fail("a load to be held half way", "so many rows that it is", "it was over before");
        }
        if (std::chrono::steady_clock::now() > deadline) {
            fail("a load", "rows that are uploaded", "none for a minute");
        }
        static_cast<void>(wire_->held_within(std::chrono::seconds(1)));
    }
}

HeldLoad::~HeldLoad() {
    if (!finished_) {
        stop_.request_stop();
        wire_->release();
        static_cast<void>(load_.ended_within(patience));
    }
}

void HeldLoad::finish() {
    if (!load_.ended_within(patience)) {
        finished_ = true;  // no use to wait once more
        wire_->cut();
        fail("a load", "its end", "none for a minute");
    }
    finished_ = true;
    load_.result();
}

void execute_or_fail(Trial& trial, const std::vector<std::string>& statements, const std::string& what) {
    Background work([source = trial.subject().statements, statements] { source->execute(statements); });
    if (!work.ended_within(patience)) {
        fail(what, "its end", "none for a minute: something holds a lock");
    }
    work.result();
}

}  // namespace tinybird_cdk::conformance
