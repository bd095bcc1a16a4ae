// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/text.hpp"
#include "helpers/scripted_server.hpp"

namespace tinybird_cdk::cloud::gcs {

/// The published test key of Google (data/README.md), which was never active.
inline nlohmann::json test_account() {
    std::ifstream file(std::string(GCS_DATA) + "/service_account.json");
    return nlohmann::json::parse(file);
}

/// A folder that goes away with its files.
class CredentialFolder {
public:
    CredentialFolder() : path_(std::filesystem::temp_directory_path() / unique_name()) {
        std::filesystem::create_directories(path_);
    }
    ~CredentialFolder() { std::filesystem::remove_all(path_); }
    CredentialFolder(const CredentialFolder&) = delete;
    CredentialFolder& operator=(const CredentialFolder&) = delete;

    std::string write(const std::string& name, const std::string& text) const {
        std::filesystem::create_directories((path_ / name).parent_path());
        std::ofstream(path_ / name) << text;
        return path_ / name;
    }
    std::string write(const std::string& name, const nlohmann::json& document) const {
        return write(name, document.dump());
    }
    [[nodiscard]] std::string path() const { return path_; }

private:
    static std::string unique_name() {
        const auto* const info = ::testing::UnitTest::GetInstance()->current_test_info();
        return std::string("cdk_gcs_") + std::to_string(::getpid()) + info->name();
    }

    const std::filesystem::path path_;
};

/// A field of a form that was posted, decoded.
inline std::string form_field(const testing::Received& request, const std::string& name) {
    for (const std::string_view pair : core::split(request.body, '&')) {
        if (pair.substr(0, pair.find('=')) == name) {
            return core::url_decode(pair.substr(pair.find('=') + 1), true).value();
        }
    }
    return {};
}

}  // namespace tinybird_cdk::cloud::gcs
