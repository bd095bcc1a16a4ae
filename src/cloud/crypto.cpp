// SPDX-License-Identifier: Apache-2.0
#include "cloud/crypto.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>

#include <tinybird_cdk/errors.hpp>

#include "core/text.hpp"

namespace tinybird_cdk::cloud {

namespace {

template <auto Function>
struct Free {
    template <class Handle>
    void operator()(Handle* handle) const noexcept {
        Function(handle);
    }
};
using Bio = std::unique_ptr<BIO, Free<BIO_free_all>>;
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>>;

[[noreturn]] void fail(const char* what) {
    throw errors::Error(std::string("OpenSSL could not ") + what);
}

const unsigned char* octets(std::string_view bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

std::string text_of(const unsigned char* bytes, std::size_t count) {
    return {reinterpret_cast<const char*>(bytes), count};
}

std::string digest(std::string_view bytes, const EVP_MD* kind) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> result{};
    unsigned int count = 0;
    if (EVP_Digest(bytes.data(), bytes.size(), result.data(), &count, kind, nullptr) != 1) {
        fail("compute a digest");
    }
    return text_of(result.data(), count);
}

/// No key is encrypted, and nobody is asked for a passphrase at the terminal.
int no_passphrase(char*, int, int, void*) noexcept {
    return -1;
}

Key private_key(std::string_view pem) {
    const Bio input(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    Key key(input ? PEM_read_bio_PrivateKey(input.get(), nullptr, no_passphrase, nullptr) : nullptr);
    if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) {
        throw errors::InvalidArgument("the private key is no RSA key in the PEM form");
    }
    return key;
}

int value_of(char letter) {
    if (letter >= 'A' && letter <= 'Z') {
        return letter - 'A';
    }
    if (letter >= 'a' && letter <= 'z') {
        return letter - 'a' + 26;
    }
    if (letter >= '0' && letter <= '9') {
        return letter - '0' + 52;
    }
    if (letter == '+' || letter == '-') {
        return 62;
    }
    return letter == '/' || letter == '_' ? 63 : -1;
}

}  // namespace

std::string sha256(std::string_view bytes) {
    return digest(bytes, EVP_sha256());
}

std::string sha1(std::string_view bytes) {
    return digest(bytes, EVP_sha1());
}

std::string md5(std::string_view bytes) {
    return digest(bytes, EVP_md5());
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> result{};
    unsigned int count = 0;
    if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), octets(bytes), bytes.size(), result.data(),
             &count) == nullptr) {
        fail("compute an HMAC");
    }
    return text_of(result.data(), count);
}

std::string rsa_sha256_sign(std::string_view pem, std::string_view bytes) {
    const Key key = private_key(pem);
    const DigestContext context(EVP_MD_CTX_new());
    std::size_t size = 0;
    if (!context || EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1 ||
        EVP_DigestSign(context.get(), nullptr, &size, octets(bytes), bytes.size()) != 1) {
        fail("sign");
    }
    std::string signature(size, '\0');
    if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, octets(bytes),
                       bytes.size()) != 1) {
        fail("sign");
    }
    signature.resize(size);
    return signature;
}

std::string hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string result;
    result.reserve(bytes.size() * 2);
    for (const char byte : bytes) {
        const auto value = static_cast<unsigned char>(byte);
        result += digits[value >> 4U];
        result += digits[value & 15U];
    }
    return result;
}

std::string base64(std::string_view bytes) {
    return core::base64_encode(std::as_bytes(std::span(bytes)));
}

std::string base64url(std::string_view bytes) {
    std::string result = base64(bytes);
    std::replace(result.begin(), result.end(), '+', '-');
    std::replace(result.begin(), result.end(), '/', '_');
    result.resize(std::min(result.size(), result.find('=')));
    return result;
}

std::string base64_decode(std::string_view text) {
    for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) {
        text.remove_suffix(1);
    }
    std::string result;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char letter : text) {
        const int value = value_of(letter);
        if (value < 0) {
            throw errors::InvalidArgument("what should be base64 is not");
        }
        bits = (bits << 6U | static_cast<std::uint32_t>(value)) & 0xFFFFFFU;
        count += 6;
        if (count >= 8) {
            count -= 8;
            result += static_cast<char>(bits >> static_cast<unsigned>(count) & 0xFFU);
        }
    }
    if (text.size() % 4 == 1) {
        throw errors::InvalidArgument("what should be base64 is not");
    }
    return result;
}

}  // namespace tinybird_cdk::cloud
