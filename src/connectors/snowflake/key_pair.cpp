// SPDX-License-Identifier: Apache-2.0
#include "key_pair.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <system_error>

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::snowflake {

namespace {

constexpr std::string_view plain = "-----BEGIN PRIVATE KEY-----";
constexpr std::string_view encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----";
constexpr std::string_view of_rsa = "-----BEGIN RSA PRIVATE KEY-----";

template <auto Function>
struct Free {
    template <class Handle>
    void operator()(Handle* handle) const noexcept {
        Function(handle);
    }
};

int copy_password(char* buffer, int size, int, void* password) noexcept {
    const auto& text = *static_cast<const std::string*>(password);
    return text.size() > static_cast<std::size_t>(size)
               ? -1
               : static_cast<int>(text.copy(buffer, static_cast<std::size_t>(size)));
}

/// The driver panics over a key that is no RSA key, and is of no use to the process after that. What is no key at all
/// it refuses in words.
bool is_of_another_kind(const std::string& pem, std::string password) {
    const std::unique_ptr<BIO, Free<BIO_free_all>> input(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    const std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>> key(
        input ? PEM_read_bio_PrivateKey(input.get(), nullptr, copy_password, &password) : nullptr);
    ERR_clear_error();
    return key && EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA;
}

}  // namespace

std::string file_of_key(const std::string& path) {
    std::error_code why;
    const std::filesystem::file_status status = std::filesystem::status(path, why);
    if (!std::filesystem::exists(status) || std::filesystem::is_directory(status)) {
        throw errors::InvalidArgument(fmt::format("the file of SF_PRIVATE_KEY_FILE, {}, can't be read: {}", path,
                                                  why ? why.message() : "it is a directory"));
    }
    std::ifstream file(path, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (text.empty()) {
        throw errors::InvalidArgument(
            fmt::format("the file of SF_PRIVATE_KEY_FILE, {}, is empty or can't be read", path));
    }
    return text;
}

Secret private_key(std::string pem, std::string_view variable, const std::string& password) {
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
    if (is_encrypted && password.empty()) {
        throw errors::MissingConfiguration("SF_PRIVATE_KEY_PWD", fmt::format("The key of {} is encrypted.", variable));
    }
    if (is_of_another_kind(pem, password)) {
        throw errors::InvalidArgument(fmt::format("the key of {} is no RSA key, which Snowflake needs", variable),
                                      "Make one with: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048");
    }
    return Secret(std::move(pem));
}

}  // namespace tinybird_cdk::snowflake
