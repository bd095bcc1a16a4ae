// SPDX-License-Identifier: Apache-2.0
#include "cloud/gcs/signer.hpp"

#include <algorithm>
#include <map>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "cloud/crypto.hpp"
#include "core/text.hpp"

namespace tinybird_cdk::cloud::gcs {

namespace {

constexpr std::string_view algorithm = "GOOG4-RSA-SHA256";

/// Without the port, as in Google's vectors ("Simple GET with non-default hostname").
std::string host_of(std::string_view base) {
    const std::size_t scheme = base.find("://");
    std::string_view host = scheme == std::string_view::npos ? base : base.substr(scheme + 3);
    host = host.substr(0, host.find('/'));
    return std::string(host.substr(0, host.rfind(':')));
}

/// Without blanks around it, and with one in place of many.
std::string trimmed_value(std::string_view value) {
    std::string result;
    bool blank = false;
    for (const char c : value) {
        if (c == ' ' || c == '\t') {
            blank = true;
            continue;
        }
        if (blank && !result.empty()) {
            result += ' ';
        }
        blank = false;
        result += c;
    }
    return result;
}

std::string joined_query(std::vector<std::pair<std::string, std::string>> parameters) {
    for (auto& [name, value] : parameters) {
        name = core::url_encode(name);
        value = core::url_encode(value);
    }
    std::sort(parameters.begin(), parameters.end());
    std::string query;
    for (const auto& [name, value] : parameters) {
        query += fmt::format("{}{}={}", query.empty() ? "" : "&", name, value);
    }
    return query;
}

}  // namespace

std::string encode_key(std::string_view key) {
    std::string path;
    bool first = true;
    for (const std::string_view segment : core::split(key, '/')) {
        path += first ? "" : "/";
        path += core::url_encode(segment);
        first = false;
    }
    return path;
}

Canonical canonical_form(const UrlToSign& what, std::string_view email) {
    std::map<std::string, std::string> headers{{"host", host_of(what.base)}};
    for (const auto& [name, value] : what.headers) {
        headers[core::to_lower(core::trim(name))] = trimmed_value(value);
    }
    std::string header_lines;
    std::string header_names;
    for (const auto& [name, value] : headers) {
        header_lines += fmt::format("{}:{}\n", name, value);
        header_names += (header_names.empty() ? "" : ";") + name;
    }
    const auto digest = headers.find("x-goog-content-sha256");

    const std::string date =
        fmt::format("{:%Y%m%dT%H%M%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(what.when)));
    const std::string scope = fmt::format("{}/auto/storage/goog4_request", date.substr(0, 8));
    auto parameters = what.query;
    parameters.emplace_back("X-Goog-Algorithm", algorithm);
    parameters.emplace_back("X-Goog-Credential", fmt::format("{}/{}", email, scope));
    parameters.emplace_back("X-Goog-Date", date);
    parameters.emplace_back("X-Goog-Expires", fmt::format("{}", what.expires.count()));
    parameters.emplace_back("X-Goog-SignedHeaders", header_names);
    const std::string query = joined_query(std::move(parameters));
    const std::string path = encode_key(what.path);

    Canonical canonical;
    canonical.request = fmt::format("{}\n{}\n{}\n{}\n{}\n{}", what.method, path, query, header_lines, header_names,
                                    digest == headers.end() ? "UNSIGNED-PAYLOAD" : digest->second);
    canonical.string_to_sign = fmt::format("{}\n{}\n{}\n{}", algorithm, date, scope, hex(sha256(canonical.request)));
    canonical.url = fmt::format("{}{}?{}", what.base, path, query);
    return canonical;
}

std::string signed_url(const UrlToSign& what, std::string_view email, const Sign& sign) {
    const Canonical canonical = canonical_form(what, email);
    return fmt::format("{}&X-Goog-Signature={}", canonical.url, hex(sign(canonical.string_to_sign)));
}

}  // namespace tinybird_cdk::cloud::gcs
