// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

/// The few primitives that signatures are made of, by OpenSSL. Bytes are std::string. All thread-safe.
namespace tinybird_cdk::cloud {

std::string sha256(std::string_view bytes);
std::string sha1(std::string_view bytes);
std::string md5(std::string_view bytes);
std::string hmac_sha256(std::string_view key, std::string_view bytes);
/// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2). @param pem an RSA private key, PKCS #8 or PKCS #1
/// @throws errors::InvalidArgument when it is none; the message holds nothing of it
std::string rsa_sha256_sign(std::string_view pem, std::string_view bytes);

/// Lower case.
std::string hex(std::string_view bytes);
/// RFC 4648 §4, padded.
std::string base64(std::string_view bytes);
/// RFC 4648 §5, not padded: the form of JSON Web Tokens (RFC 7515 §2).
std::string base64url(std::string_view bytes);
/// Takes both alphabets, padded or not. @throws errors::InvalidArgument for anything else
std::string base64_decode(std::string_view text);

}  // namespace tinybird_cdk::cloud
