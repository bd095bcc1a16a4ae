// SPDX-License-Identifier: Apache-2.0
#include "cloud/s3/profiles.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <system_error>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "core/text.hpp"

namespace tinybird_cdk::cloud::s3 {

namespace {

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

/// A comment may stand behind a value after a blank (as in botocore's and the SDKs' readers).
std::string_view without_comment(std::string_view value) {
    for (std::size_t i = 1; i < value.size(); ++i) {
        if ((value[i] == '#' || value[i] == ';') && is_blank(value[i - 1])) {
            return core::trim(value.substr(0, i));
        }
    }
    return core::trim(value);
}

/// "profile foo" and "profile 'foo'" alike, with one blank.
std::string normal_header(std::string_view header) {
    header = core::trim(header);
    const std::size_t blank = header.find_first_of(" \t");
    if (blank == std::string_view::npos) {
        return std::string(header);
    }
    std::string_view name = core::trim(header.substr(blank));
    if (name.size() >= 2 && (name.front() == '"' || name.front() == '\'') && name.back() == name.front()) {
        name = name.substr(1, name.size() - 2);
    }
    return fmt::format("{} {}", header.substr(0, blank), name);
}

std::optional<Section> find(const std::map<std::string, Section, std::less<>>& sections, std::string_view name) {
    const auto found = sections.find(name);
    return found == sections.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace

std::map<std::string, Section, std::less<>> parse_config_file(std::string_view text) {
    std::map<std::string, Section, std::less<>> sections;
    Section* section = nullptr;
    std::string parent;  // a setting without a value, whose nested settings may follow
    for (const std::string_view line : core::split(text, '\n')) {
        const std::string_view content = core::trim(line);
        if (content.empty() || content.front() == '#' || content.front() == ';') {
            continue;
        }
        const bool nested = is_blank(line.front());
        if (content.front() == '[' && !nested) {
            const std::size_t end = content.find(']');
            section = end == std::string_view::npos ? nullptr : &sections[normal_header(content.substr(1, end - 1))];
            parent.clear();
            continue;
        }
        const std::size_t equals = content.find('=');
        if (section == nullptr || equals == std::string_view::npos) {
            continue;
        }
        const std::string name = core::to_lower(core::trim(content.substr(0, equals)));
        const std::string value(without_comment(content.substr(equals + 1)));
        if (nested && !parent.empty()) {
            (*section)[parent + "." + name] = value;
            continue;
        }
        parent = value.empty() ? name : "";
        (*section)[name] = value;
    }
    return sections;
}

std::optional<std::string> filled(const Environment& environment, std::string_view name) {
    auto value = environment.get(name);
    return value && !value->empty() ? std::move(value) : std::nullopt;
}

std::string path_below_aws(const Environment& environment, std::string_view name) {
    const auto home = filled(environment, "HOME");
    return home ? fmt::format("{}/.aws/{}", *home, name) : std::string();
}

std::optional<std::string> read_file(const std::string& path) {
    if (path.empty()) {
        return std::nullopt;
    }
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    if (!file && (errno == ENOENT || errno == ENOTDIR)) {
        return std::nullopt;
    }
    std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (!file) {
        throw errors::InvalidArgument(
            fmt::format("{} can't be read: {}", path, std::generic_category().message(errno)));
    }
    return text;
}

Profiles::Profiles(const Environment& environment) {
    auto chosen = filled(environment, "AWS_PROFILE");
    chosen = chosen ? chosen : filled(environment, "AWS_DEFAULT_PROFILE");
    chosen_ = chosen.has_value();
    name_ = chosen.value_or("default");
    const auto expanded = [&](std::string path) {
        return path.starts_with("~/") ? environment.get("HOME").value_or("") + path.substr(1) : path;
    };
    config_path_ = expanded(filled(environment, "AWS_CONFIG_FILE").value_or(path_below_aws(environment, "config")));
    credentials_path_ = expanded(
        filled(environment, "AWS_SHARED_CREDENTIALS_FILE").value_or(path_below_aws(environment, "credentials")));
    config_ = parse_config_file(read_file(config_path_).value_or(""));
    credentials_ = parse_config_file(read_file(credentials_path_).value_or(""));
}

std::optional<Section> Profiles::profile(std::string_view name) const {
    auto first = find(credentials_, name);
    auto second = find(config_, fmt::format("profile {}", name));
    if (!second && name == "default") {
        second = find(config_, name);
    }
    if (!first) {
        return second;
    }
    if (second) {
        first->insert(second->begin(), second->end());
    }
    return first;
}

std::optional<Section> Profiles::section(std::string_view kind, std::string_view name) const {
    return find(config_, fmt::format("{} {}", kind, name));
}

std::string Profiles::files() const {
    if (config_path_.empty() && credentials_path_.empty()) {
        return "no files, for HOME is not set";
    }
    return fmt::format("{} and {}", credentials_path_, config_path_);
}

}  // namespace tinybird_cdk::cloud::s3
