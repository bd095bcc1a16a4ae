// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/registry.hpp>

#include <algorithm>
#include <mutex>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "framework/connectors_table.hpp"
#include "framework/guard.hpp"

namespace tinybird_cdk {

namespace {

/// Built-in connectors and those that were added, sorted by name.
class Registry {
public:
    static Registry& instance() {
        static Registry registry;
        return registry;
    }

    std::vector<const ConnectorSpec*> all() {
        const std::lock_guard lock(mutex_);
        return specs_;
    }

    const ConnectorSpec* find(std::string_view name) {
        const std::lock_guard lock(mutex_);
        const auto found =
            std::find_if(specs_.begin(), specs_.end(), [&](const auto* spec) { return spec->name == name; });
        return found == specs_.end() ? nullptr : *found;
    }

    /// @return false when the name is taken
    bool add(const ConnectorSpec& spec) {
        const std::lock_guard lock(mutex_);
        const auto place =
            std::lower_bound(specs_.begin(), specs_.end(), spec.name,
                             [](const auto* known, std::string_view name) { return known->name < name; });
        if (place != specs_.end() && (*place)->name == spec.name) {
            return false;
        }
        specs_.insert(place, &spec);
        return true;
    }

private:
    Registry() {
        for (const ConnectorSpec* spec : framework::built_in_connectors()) {
            add(*spec);
        }
    }

    std::mutex mutex_;
    std::vector<const ConnectorSpec*> specs_;
};

std::string known_names() {
    std::vector<std::string_view> names;
    for (const ConnectorSpec* spec : connectors()) {
        names.push_back(spec->name);
    }
    return fmt::format("{}", fmt::join(names, ", "));
}

[[noreturn]] void throw_unknown(std::string_view name) {
    const auto left_out = framework::connectors_left_out();
    if (std::find(left_out.begin(), left_out.end(), name) != left_out.end()) {
        throw errors::UnknownConnectorError(fmt::format("connector \"{}\" is known but not in this build", name),
                                            "Build the kit with it: add it to TINYBIRD_CDK_CONNECTORS.");
    }
    throw errors::UnknownConnectorError(fmt::format("there is no connector \"{}\"", name),
                                        fmt::format("The connectors are: {}.", known_names()));
}

/// What the environment holds for secret options must not appear in any message from now on.
void remember_secrets(const ConnectorSpec& spec, const Environment& environment) {
    for (const ConfigOption& option : spec.options) {
        if (option.secret) {
            if (const auto value = environment.get(option.variable)) {
                logger::remember_secret(*value);
            }
        }
    }
}

}  // namespace

std::unique_ptr<Connector> connector_for(std::string_view name, const Environment& environment) {
    const ConnectorSpec* spec = Registry::instance().find(name);
    if (spec == nullptr) {
        throw_unknown(name);
    }
    remember_secrets(*spec, environment);
    return framework::guard([&] { return spec->make(environment); });
}

std::unique_ptr<SqlConnector> sql_connector_for(std::string_view name, const Environment& environment) {
    std::unique_ptr<Connector> connector = connector_for(name, environment);
    auto* sql = dynamic_cast<SqlConnector*>(connector.get());
    if (sql == nullptr) {
        throw errors::InvalidArgument(fmt::format("connector \"{}\" is not one to a SQL database", name));
    }
    static_cast<void>(connector.release());
    return std::unique_ptr<SqlConnector>(sql);
}

std::vector<const ConnectorSpec*> connectors() {
    return Registry::instance().all();
}

void register_connector(const ConnectorSpec& spec) {
    if (spec.name.empty() || spec.make == nullptr) {
        throw errors::InvalidArgument("a connector needs a name and a function that makes it");
    }
    if (!Registry::instance().add(spec)) {
        throw errors::InvalidArgument(fmt::format("there is already a connector \"{}\"", spec.name));
    }
}

}  // namespace tinybird_cdk
