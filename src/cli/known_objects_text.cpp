// SPDX-License-Identifier: Apache-2.0
#include "cli/known_objects_text.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "cli/table_text.hpp"

namespace tinybird_cdk::cli {

namespace {

std::string_view name(ObjectState state) {
    switch (state) {
        case ObjectState::fresh:
            return "new";
        case ObjectState::changed:
            return "changed";
        case ObjectState::loaded:
            return "loaded";
        case ObjectState::unfinished:
            return "unfinished";
    }
    return {};
}

bool is_wanted(const KnownObject& object, Unfinished unfinished) {
    return object.state == ObjectState::fresh || object.state == ObjectState::changed ||
           (object.state == ObjectState::unfinished && unfinished == Unfinished::load);
}

std::string text_of(const std::vector<KnownObject>& objects, const ObjectLoad& load, bool refused) {
    std::vector<std::vector<std::string>> rows;
    std::uint64_t bytes = 0;
    std::size_t wanted = 0;
    for (const KnownObject& object : objects) {
        std::string state(name(object.state));
        if (object.state == ObjectState::unfinished) {
            state += fmt::format(" since {} UTC", object.begun.substr(0, object.begun.find('.')));
        }
        rows.push_back(
            {object.object.key, count_text(object.object.size), moment_text(object.object.modified), std::move(state)});
        if (is_wanted(object, load.options.unfinished)) {
            bytes += object.object.size;
            ++wanted;
        }
    }
    const std::string table = table_text({"key", "bytes", "modified (UTC)", "state"}, rows);
    if (refused) {
        return table + "\nWould load nothing, for what became of an earlier load is not known: see --unfinished.\n";
    }
    return fmt::format("{}\nWould append {} object(s), {}, as {}, and leave out {}. Nothing was written.\n", table,
                       wanted, bytes_text(static_cast<double>(bytes)), formats::name(load.options.format),
                       objects.size() - wanted);
}

std::string json_of(const std::vector<KnownObject>& objects, const ObjectLoad& load) {
    Value::List list;
    for (const KnownObject& object : objects) {
        Value::Record record{{"key", object.object.key},
                             {"bytes", Value(object.object.size)},
                             {"modified", moment_text(object.object.modified)},
                             {"state", std::string(name(object.state))},
                             {"would_load", Value(is_wanted(object, load.options.unfinished))}};
        if (object.state == ObjectState::unfinished) {
            record.emplace_back("begun", object.begun);
            record.emplace_back("job_id", object.job);
        }
        list.emplace_back(std::move(record));
    }
    return Value(Value::Record{{"mode", "append"},
                               {"data_source", load.data_source},
                               {"format", std::string(formats::name(load.options.format))},
                               {"objects", std::move(list)}})
               .to_json() +
           "\n";
}

}  // namespace

int show_known_objects(const std::vector<KnownObject>& objects, const ObjectLoad& load) {
    const bool refused = load.options.unfinished == Unfinished::refuse &&
                         std::any_of(objects.begin(), objects.end(),
                                     [](const KnownObject& object) { return object.state == ObjectState::unfinished; });
    print(load.output == "json" ? json_of(objects, load) : text_of(objects, load, refused));
    return static_cast<int>(refused ? errors::ExitCode::data_refused : errors::ExitCode::done);
}

}  // namespace tinybird_cdk::cli
