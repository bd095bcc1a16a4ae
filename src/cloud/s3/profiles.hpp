// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <tinybird_cdk/config.hpp>

namespace tinybird_cdk::cloud::s3 {

/// Names in lower case; what is nested below a setting is named "setting.name".
using Section = std::map<std::string, std::string, std::less<>>;

/// Reads a file of AWS's configuration (https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html): sections by
/// the text in their brackets. Lines that mean nothing are skipped, as AWS's tools do.
std::map<std::string, Section, std::less<>> parse_config_file(std::string_view text);

/// ~/.aws/config and ~/.aws/credentials, or what stands in their place. Files that are not there are empty.
class Profiles {
public:
    /// @throws errors::InvalidArgument when a file is there and can't be read
    explicit Profiles(const Environment& environment);

    /// The profile in use: AWS_PROFILE, AWS_DEFAULT_PROFILE, else "default".
    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    /// Whether a variable names it, so that it has to be there.
    [[nodiscard]] bool was_chosen() const noexcept { return chosen_; }
    /// A profile's settings from both files, those of the credentials file first. Nothing when neither has it.
    [[nodiscard]] std::optional<Section> profile(std::string_view name) const;
    /// As in [sso-session NAME] and [services NAME] of the config file.
    [[nodiscard]] std::optional<Section> section(std::string_view kind, std::string_view name) const;
    /// For messages: where profiles were looked for.
    [[nodiscard]] std::string files() const;

private:
    std::string name_;
    bool chosen_ = false;
    std::string config_path_;
    std::string credentials_path_;
    std::map<std::string, Section, std::less<>> config_;
    std::map<std::string, Section, std::less<>> credentials_;
};

/// A path below ~/.aws, by HOME; empty without one.
std::string path_below_aws(const Environment& environment, std::string_view name);
/// A whole file; nothing when there is none. @throws errors::InvalidArgument when it can't be read
std::optional<std::string> read_file(const std::string& path);
/// The value of a variable that is set and not empty.
std::optional<std::string> filled(const Environment& environment, std::string_view name);

}  // namespace tinybird_cdk::cloud::s3
