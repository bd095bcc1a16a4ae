// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/adbc.hpp>

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>
#include <vector>

#include <fmt/format.h>

namespace tinybird_cdk::adbc {

namespace {

namespace fs = std::filesystem;

/// "postgresql" of "adbc_driver_postgresql", of "libadbc_driver_postgresql.so" and of a path to it.
std::string short_name(std::string_view driver) {
    driver.remove_prefix(driver.rfind('/') + 1);
    for (const std::string_view prefix : {"lib", "adbc_driver_", "adbc-driver-"}) {
        if (driver.starts_with(prefix)) {
            driver.remove_prefix(prefix.size());
        }
    }
    return std::string(driver.ends_with(".so") ? driver.substr(0, driver.size() - 3) : driver);
}

bool is_file(const fs::path& path) {
    std::error_code ignored;
    return fs::is_regular_file(path, ignored);
}

/// The packages of PyPI put the library beside their Python module.
std::optional<std::string> in_python_environment(const fs::path& environment, const std::string& name) {
    std::error_code ignored;
    const std::string module = "adbc_driver_" + name;
    for (const auto& entry : fs::directory_iterator(environment / "lib", ignored)) {
        fs::path library = entry.path() / "site-packages" / module / ("lib" + module + ".so");
        if (entry.path().filename().string().starts_with("python3") && is_file(library)) {
            return library.string();
        }
    }
    return std::nullopt;
}

std::vector<std::string> folders_of(std::string_view list) {
    std::vector<std::string> folders;
    while (!list.empty()) {
        const std::size_t end = std::min(list.find(':'), list.size());
        if (end > 0) {
            folders.emplace_back(list.substr(0, end));
        }
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return folders;
}

/// Those that PyPI has; DuckDB is its own driver.
constexpr std::array<std::string_view, 5> on_pypi{"sqlite", "postgresql", "snowflake", "bigquery", "flightsql"};

}  // namespace

std::optional<std::string> find_driver(std::string_view driver, const Environment& environment) {
    if (driver.find('/') != std::string_view::npos) {
        return std::string(driver);
    }
    const std::string name = short_name(driver);
    for (const std::string& folder : folders_of(environment.get("ADBC_DRIVER_PATH").value_or(""))) {
        for (const std::string& file : {"libadbc_driver_" + name + ".so", "lib" + name + ".so", name + ".toml"}) {
            if (is_file(fs::path(folder) / file)) {
                return (fs::path(folder) / file).string();
            }
        }
    }
    for (const std::string& python : {environment.get("VIRTUAL_ENV").value_or(""), std::string(TB_CDK_PROJECT_VENV)}) {
        if (!python.empty()) {
            if (auto found = in_python_environment(python, name)) {
                return found;
            }
        }
    }
    return std::nullopt;
}

std::string install_hint(std::string_view driver) {
    const std::string name = short_name(driver);
    std::string how;
    if (name == "duckdb") {
        how = "get libduckdb (https://duckdb.org/install) and set DUCKDB_LIBRARY to its path";
    } else if (std::find(on_pypi.begin(), on_pypi.end(), name) != on_pypi.end()) {
        how = fmt::format("pip install adbc-driver-{}", name);
    } else {
        how = fmt::format(
            "pip install adbc-driver-{0} where PyPI has it, else dbc install {0} "
            "(https://docs.columnar.tech/dbc)",
            name);
    }
    return fmt::format(
        "Install it: {}. Drivers are found in the active Python environment (VIRTUAL_ENV), in the folders of "
        "ADBC_DRIVER_PATH, and by driver manifests of the user and the system.",
        how);
}

}  // namespace tinybird_cdk::adbc
