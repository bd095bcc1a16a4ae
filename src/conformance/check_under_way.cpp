// SPDX-License-Identifier: Apache-2.0
//
// What happens while rows are being read: others write, somebody stops the load.
#include "conformance/checks.hpp"

#include <chrono>

#include <fmt/format.h>

#include "conformance/held_load.hpp"
#include "conformance/placeholders.hpp"
#include "conformance/running.hpp"

namespace tinybird_cdk::conformance {

namespace {

constexpr std::uint64_t held_bytes = 1'000'000;

}  // namespace

void check_snapshot(Trial& trial, Recorder& recorder) {
    recorder.each_format([&](Format format) {
        const std::uint64_t rows = trial.large_table();
        const std::string target =
            trial.make_data_source(schema_of({{"id", "Int64"}, {"v", "Int64"}, {"pad", "String"}}));
        const std::string table = trial.table("large");
        {
            HeldLoad load(trial, format, trial.large_query(), target, held_bytes);
            // The last rows, which are not read yet, and new ones.
            execute_or_fail(trial,
                            {fmt::format("UPDATE {} SET v = 1 WHERE id > {}", table, rows / 2),
                             fmt::format("INSERT INTO {} VALUES ({}, 1, 'new')", table, rows + 1)},
                            "a write while the table is read");
            load.release();
            load.finish();
        }
        trial.execute({fmt::format("UPDATE {} SET v = 0 WHERE v <> 0", table),
                       fmt::format("DELETE FROM {} WHERE id > {}", table, rows)});
        expect_equal("rows of the snapshot", rows, trial.count(target));
        expect_equal("rows that were changed while the table was read", "0",
                     trial.ask("countIf(v != 0)", target).at(0));
        expect_equal("different ids", std::to_string(rows), trial.ask("uniqExact(id)", target).at(0));
        trial.drop_data_source(target);
    });
}

void check_cancel(Trial& trial, Recorder& recorder) {
    recorder.each_format("before", [&](Format format) {
        trial.make_numbers(fmt::format("cancel_{}", formats::name(format)), 3);
        const std::string target = trial.make_data_source(schema_of({{"id", "Int64"}, {"v", "Int64"}}));
        std::stop_source stop;
        stop.request_stop();
        LoadOptions options = trial.load_options(format);
        options.stop = stop.get_token();
        error_of("a load that is stopped before it begins", "InterruptedError", [&] {
            trial.connector()->append(
                "SELECT id, v FROM " + trial.table(fmt::format("cancel_{}", formats::name(format))), target, options);
        });
        expect_equal("rows after a load that was stopped", 0, trial.count(target));
    });
    const auto stopped = [&](Format format) {
        const std::string target = trial.make_data_source(schema_of({{"id", "Int64"}}));
        std::string marker = "cdk_" + trial.random().hex(12);
        {
            // Held: the upload does not go on, so it is the stop alone that ends the load.
            HeldLoad load(trial, format, trial.dialect().endless + " /* " + marker + " */", target, held_bytes);
            load.request_stop();
            error_of("a load that is stopped while it reads", "InterruptedError", [&] { load.finish(); });
        }
        expect_equal("rows after a load that was stopped", 0, trial.count(target));
        return marker;
    };
    recorder.each_format("while_it_reads", [&](Format format) { stopped(format); });
    recorder.run("at_the_source", {}, [&] {
        if (trial.dialect().running.empty()) {
            fail("the subject", "a query for what runs, or a reason to skip cancel/at_the_source", "neither");
        }
        expect_nothing_runs(trial, stopped(trial.subject().formats.front()));
    });
}

}  // namespace tinybird_cdk::conformance
