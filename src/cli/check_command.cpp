// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <memory>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "cli/commands.hpp"
#include "cli/object_load.hpp"
#include "cli/source_arguments.hpp"

namespace tinybird_cdk::cli {

namespace {

struct CheckArguments {
    SourceArguments source;
    std::string data_source;
    std::string bucket;
};

/// Runs steps one after the other and prints what each came to; the first failure decides the exit code.
class Steps {
public:
    void run(std::string_view name, const std::function<std::string()>& step) {
        try {
            const std::string remark = step();
            print(fmt::format("ok      {}{}{}\n", name, remark.empty() ? "" : ": ", remark));
        } catch (const errors::Error& error) {
            print(logger::mask(fmt::format("failed  {}: {}\n", name, error.what())));
            if (!error.hint().empty()) {
                print(logger::mask(fmt::format("        {}\n", error.hint())));
            }
            if (exit_code_ == 0) {
                exit_code_ = static_cast<int>(error.exit_code());
            }
        }
    }
    [[nodiscard]] int exit_code() const noexcept { return exit_code_; }

private:
    int exit_code_ = 0;
};

void check_database(Context& context, const CheckArguments& arguments, Steps& steps) {
    std::unique_ptr<SqlConnector> connector;
    steps.run("source can be reached", [&] {
        connector = arguments.source.make(context);
        return connector->query_db_scalar("SELECT 1").to_text() == "1" ? std::string() : "it answers oddly";
    });
    if (connector) {
        steps.run("source can be listed", [&] {
            return fmt::format("{} {}(s)", connector->list_scope().size(), connector->get_scopes().front().value);
        });
    }
}

void check_object_store(Context& context, const CheckArguments& arguments, Steps& steps) {
    steps.run("bucket can be listed", [&] {
        if (arguments.bucket.empty()) {
            throw errors::InvalidArgument("nothing says which bucket", "Give --bucket.");
        }
        // No object has that name. One request tells whether the list would be given; all keys may be many pages.
        const ObjectSelection nothing{.bucket = arguments.bucket, .pattern = "tinybird_cdk_check", .newer_than = {}};
        object_store(context, arguments.source.connector)->list_objects(nothing, context.stop());
        return arguments.bucket;
    });
}

int run_check(Context& context, const CheckArguments& arguments) {
    Steps steps;
    if (is_object_store(arguments.source.connector)) {
        check_object_store(context, arguments, steps);
    } else if (!arguments.bucket.empty()) {
        throw errors::InvalidArgument(
            fmt::format("--bucket is for object stores, and {} is none", arguments.source.connector), "Leave it out.");
    } else {
        check_database(context, arguments, steps);
    }
    steps.run("Tinybird can be reached", [&] { return context.tinybird().configuration().endpoint; });
    steps.run("Tinybird answers queries", [&] {
        context.tinybird().query("SELECT 1 AS one", {.pipe = {}, .stop = context.stop()});
        return std::string();
    });
    steps.run("data sources can be listed",
              [&] { return fmt::format("{} there", context.tinybird().data_sources().size()); });
    if (!arguments.data_source.empty()) {
        steps.run(fmt::format("data source {} exists", arguments.data_source), [&] {
            const auto found = context.tinybird().data_source(arguments.data_source);
            if (!found) {
                throw errors::InvalidArgument("there is none of that name");
            }
            return fmt::format("{} columns, {} rows", found->columns.size(), found->rows.value_or(0));
        });
    }
    return steps.exit_code();
}

}  // namespace

void add_check_command(CLI::App& app, const Choose& choose) {
    auto arguments = std::make_shared<CheckArguments>();
    CLI::App& command = *app.add_subcommand("check", "Check that source and Tinybird can be reached and let you in");
    arguments->source.add_connector_to(command);
    command.add_option("-d,--data-source", arguments->data_source, "also check that this data source exists")
        ->type_name("NAME");
    command.add_option("--bucket", arguments->bucket, "object stores: the bucket, or Azure's container")
        ->type_name("NAME");
    command.callback([arguments, &choose] {
        choose([arguments](Context& context) {
            context.set_up_logger(true);
            return run_check(context, *arguments);
        });
    });
}

}  // namespace tinybird_cdk::cli
