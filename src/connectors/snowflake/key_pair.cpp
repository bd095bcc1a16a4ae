// SPDX-License-Identifier: Apache-2.0
#include "key_pair.hpp"

#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::snowflake {

namespace {

constexpr std::string_view plain = "-----BEGIN PRIVATE KEY-----";
constexpr std::string_view encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----";
constexpr std::string_view of_rsa = "-----BEGIN RSA PRIVATE KEY-----";

}  // namespace

std::string file_of_key(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (!file.good() && !file.eof()) {
        throw errors::InvalidArgument(fmt::format("the file of SF_PRIVATE_KEY_FILE, {}, can't be read", path));
    }
    if (text.empty()) {
        throw errors::InvalidArgument(
            fmt::format("the file of SF_PRIVATE_KEY_FILE, {}, is empty or can't be read", path));
    }
    return text;
}

Secret private_key(std::string pem, std::string_view variable, bool has_password) {
    for (std::size_t at = pem.find("\\n"); at != std::string::npos; at = pem.find("\\n", at)) {
        pem.replace(at, 2, "\n");
    }
    if (pem.find(of_rsa) != std::string::npos) {
        throw errors::InvalidArgument(fmt::format("the key of {} is PEM of PKCS #1, and PKCS #8 is needed", variable),
                                      "Convert it with: openssl pkcs8 -topk8 -nocrypt -in KEY -out NEW_KEY");
    }
    const bool is_encrypted = pem.find(encrypted) != std::string::npos;
    if (!is_encrypted && pem.find(plain) == std::string::npos) {
        throw errors::InvalidArgument(fmt::format("{} has no private key as PEM in it", variable),
                                      fmt::format("It begins with {}.", plain));
    }
    if (is_encrypted && !has_password) {
        throw errors::MissingConfiguration("SF_PRIVATE_KEY_PWD", fmt::format("The key of {} is encrypted.", variable));
    }
    return Secret(std::move(pem));
}

}  // namespace tinybird_cdk::snowflake
