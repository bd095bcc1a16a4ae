// SPDX-License-Identifier: Apache-2.0
//
// What is left after a load has failed: nothing in the data source, nothing open here, no lock and no statement at the
// source. And a wire that is cut never makes a part of the rows look like all of them.
#include "conformance/checks.hpp"

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "conformance/held_load.hpp"
#include "conformance/running.hpp"

namespace tinybird_cdk::conformance {

namespace {

/// A table of about a megabyte, which one upload can be held in.
class FailingLoads {
public:
    FailingLoads(Trial& trial, std::string name)
        : trial_(trial), name_(std::move(name)), rows_(trial.make_padded(name_, 1'000'000)) {}
    [[nodiscard]] std::uint64_t rows() const noexcept { return rows_; }
    [[nodiscard]] std::string query(const std::string& marker = {}) const {
        return "SELECT id, pad FROM " + trial_.table(name_) + (marker.empty() ? "" : " /* " + marker + " */");
    }
    std::string target() { return trial_.make_data_source(schema_of({{"id", "Int64"}, {"pad", "String"}})); }

    /// Looks at everything, once before the failure and once after it. With no connection open, no lock is left either.
    void expect_clean(const std::string& marker, const std::function<void(const std::string&)>& failing_load) {
        const std::string data_source = target();
        trial_.connector()->append(query(), data_source, trial_.load_options(Format::csv));
        const std::size_t before = open_descriptors();
        failing_load(data_source);
        expect_equal("rows after a failed load", rows_, trial_.count(data_source));
        expect_closed(before);
        if (!trial_.dialect().running.empty()) {
            expect_nothing_runs(trial_, marker);
        }
        trial_.drop_data_source(data_source);
    }

private:
    /// Threads that were told to end may need a moment to close what they have.
    static void expect_closed(std::size_t before) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(3);
        std::size_t after = 0;
        while ((after = open_descriptors()) > before) {
            if (std::chrono::steady_clock::now() > deadline) {
                expect_equal("open descriptors after a failed load", before, after);
            }
            std::this_thread::yield();
        }
    }

    Trial& trial_;
    const std::string name_;
    const std::uint64_t rows_;
};

}  // namespace

void check_clean_up(Trial& trial, Recorder& recorder) {
    constexpr std::uint64_t held_bytes = 200'000;
    struct Failure {
        std::string name;
        std::function<void(Format, FailingLoads&, const std::string& target, const std::string& marker)> load;
    };
    const std::vector<Failure> failures{
        {"bad_sql",
         [&](Format format, FailingLoads& loads, const std::string& target, const std::string& marker) {
             error_of("a load of bad SQL", [&] {
                 trial.connector()->append(loads.query(marker) + " WHERE no_such_column = 1", target,
                                           trial.load_options(format));
             });
         }},
        {"refused_value",
         [&](Format format, FailingLoads& loads, const std::string& /*target*/, const std::string& marker) {
             // Most rows fit, the last ones don't.
             const std::string narrow = trial.make_data_source(schema_of({{"id", "Int8"}, {"pad", "String"}}));
             error_of("a load of ids beyond Int8", "RefusedValueError",
                      [&] { trial.connector()->append(loads.query(marker), narrow, trial.load_options(format)); });
             expect_equal("rows after a value was refused", 0, trial.count(narrow));
             trial.drop_data_source(narrow);
         }},
        {"no_data_source",
         [&](Format format, FailingLoads& loads, const std::string& /*target*/, const std::string& marker) {
             error_of("a load into no data source", [&] {
                 trial.connector()->append(loads.query(marker), "no_such_data_source", trial.load_options(format));
             });
         }},
        {"upload_cut",
         [&](Format format, FailingLoads& loads, const std::string& target, const std::string& marker) {
             HeldLoad load(trial, format, loads.query(marker), target, held_bytes);
             load.cut();
             error_of("a load whose upload is cut", [&] { load.finish(); });
         }},
        {"stopped", [&](Format format, FailingLoads& loads, const std::string& target, const std::string& marker) {
             HeldLoad load(trial, format, loads.query(marker), target, held_bytes);
             load.request_stop();
             error_of("a load that is stopped", "InterruptedError", [&] { load.finish(); });
         }}};
    for (const Failure& failure : failures) {
        recorder.each_format(failure.name, [&](Format format) {
            FailingLoads loads(trial, fmt::format("left_{}_{}", failure.name, formats::name(format)));
            const std::string marker = "cdk_" + trial.random().hex(12);
            loads.expect_clean(marker, [&](const std::string& target) { failure.load(format, loads, target, marker); });
        });
    }
}

void check_cut_wire(Trial& trial, Recorder& recorder) {
    constexpr int cuts = 6;
    std::shared_ptr<FailingLoads> loads;
    recorder.each_format([&](Format format) {
        if (!trial.subject().network) {
            fail("the subject", "where the source is in the network, or a reason to skip cut_wire", "neither");
        }
        if (!loads) {
            loads = std::make_shared<FailingLoads>(trial, "cut_wire");
        }
        const Network& network = *trial.subject().network;
        const Environment& environment = trial.subject().environment;
        const auto load = [&](const Wire& wire, const std::string& target) {
            const Environment through =
                environment.with(network.host_variable, "127.0.0.1").with(network.port_variable, wire.port());
            Background work([make = trial.subject().make, through, query = loads->query(), target,
                             options = trial.load_options(format)] { make(through)->append(query, target, options); });
            if (!work.ended_within(patience)) {
                fail("a load whose wire to the source is cut", "its end", "none for a minute");
            }
            work.result();
        };
        const auto new_wire = [&] {
            return std::make_unique<Wire>(config::get(network.host_variable, environment),
                                          config::get(network.port_variable, environment));
        };
        const auto whole = new_wire();
        const std::string first = loads->target();
        load(*whole, first);
        expect_equal("rows by a wire that is not cut", loads->rows(), trial.count(first));
        const std::uint64_t bytes = whole->answered();
        for (int i = 0; i < cuts; ++i) {
            const std::uint64_t place = trial.random().below(bytes);
            const std::string what = fmt::format("a load whose wire is cut after {} of {} bytes", place, bytes);
            const auto wire = new_wire();
            wire->cut_after(place);
            const std::string target = loads->target();
            try {
                load(*wire, target);
                // The very end is a farewell, without which all rows are there.
                expect_equal("rows of " + what + ", which reports success", loads->rows(), trial.count(target));
            } catch (const errors::InterruptedError&) {
                throw;
            } catch (const errors::Error& error) {
                if (trial.shows_secret(error.what())) {
                    fail("the error of " + what, "no secret", error.what());
                }
                expect_equal("rows after " + what, 0, trial.count(target));
            }
            trial.drop_data_source(target);
        }
    });
}

}  // namespace tinybird_cdk::conformance
