// SPDX-License-Identifier: Apache-2.0
#include "cloud/s3/sso_login.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <optional>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "cloud/crypto.hpp"
#include "cloud/s3/settings.hpp"
#include "cloud/s3/times.hpp"
#include "core/file_descriptor.hpp"

namespace tinybird_cdk::cloud::s3 {

namespace {

using std::chrono::system_clock;

std::string text_of(const nlohmann::json& document, const char* name) {
    const auto found = document.find(name);
    return found != document.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool is_before(system_clock::time_point now, const nlohmann::json& login, const char* name) {
    const auto time = parse_iso_time(text_of(login, name));
    return time && now < *time;
}

/// Puts a whole new file in the place of the old one: others may read it at any time.
void replace_file(const std::string& path, const std::string& text) {
    std::string temporary = path + ".XXXXXX";
    // mkstemp(3) makes it readable by its owner only, as it has to be.
    const core::FileDescriptor file(::mkstemp(temporary.data()));
    if (file.get() < 0) {
        throw errors::Error(fmt::format("{} can't be written", temporary));
    }
    const bool written = ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
    if (!written || std::rename(temporary.c_str(), path.c_str()) != 0) {
        ::unlink(temporary.c_str());
        throw errors::Error(fmt::format("{} can't be written", path));
    }
}

/// https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateToken.html
/// @return the login with a new token; nothing when there can be none
std::optional<nlohmann::json> renewed(const Context& context, const std::string& region, nlohmann::json login) {
    const auto now = context.services.clock().wall_now();
    const nlohmann::json question{{"grantType", "refresh_token"},
                                  {"clientId", text_of(login, "clientId")},
                                  {"clientSecret", text_of(login, "clientSecret")},
                                  {"refreshToken", text_of(login, "refreshToken")}};
    for (const auto& part : question) {
        if (part.get<std::string>().empty()) {
            return std::nullopt;
        }
    }
    if (!is_before(now, login, "registrationExpiresAt")) {
        return std::nullopt;
    }
    logger::remember_secret(text_of(login, "clientSecret"));
    logger::remember_secret(text_of(login, "refreshToken"));
    std::string endpoint = endpoint_of(context.environment, context.profiles, "sso_oidc");
    if (endpoint.empty()) {
        endpoint = fmt::format("https://oidc.{}.{}", region, domain_of(region));
    }
    const std::string text = question.dump();
    const std::unique_ptr<Body> body = body_of(text);
    const http::Response answer = context.services.send(
        [&] {
            http::Request request;
            request.method = "POST";
            request.url = endpoint + "/token";
            request.headers.emplace_back("Content-Type", "application/json");
            request.body = body.get();
            return request;
        },
        "sso", context.stop);
    const nlohmann::json given = nlohmann::json::parse(answer.body, nullptr, false);
    constexpr int done = 200;
    if (answer.status != done || !given.is_object() || text_of(given, "accessToken").empty() ||
        !given.contains("expiresIn") || !given["expiresIn"].is_number_integer()) {
        return std::nullopt;
    }
    login["accessToken"] = given["accessToken"];
    const auto expires = now + std::chrono::seconds(given["expiresIn"].get<std::int64_t>());
    login["expiresAt"] = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(system_clock::to_time_t(expires)));
    if (!text_of(given, "refreshToken").empty()) {
        login["refreshToken"] = given["refreshToken"];
        logger::remember_secret(text_of(login, "refreshToken"));
    }
    return login;
}

}  // namespace

std::string how_to_log_in(std::string_view profile) {
    return fmt::format("Run `aws sso login --profile {}`.", profile);
}

std::string sso_access_token(const Context& context, const Section& place, const std::string& session,
                             std::string_view profile) {
    const std::string name = session.empty() ? setting_of(place, "sso_start_url") : session;
    const std::string path = path_below_aws(context.environment, fmt::format("sso/cache/{}.json", hex(sha1(name))));
    nlohmann::json login = nlohmann::json::parse(read_file(path).value_or(""), nullptr, false);
    if (!login.is_object()) {
        throw errors::ExternalDatasourceError(
            fmt::format("the profile {} of AWS needs a login, of which there is none", profile), {},
            how_to_log_in(profile));
    }
    if (!is_before(context.services.clock().wall_now(), login, "expiresAt")) {
        auto newer = session.empty() ? std::nullopt : renewed(context, setting_of(place, "sso_region"), login);
        if (!newer) {
            throw errors::ExternalDatasourceError(
                fmt::format("the login of the profile {} of AWS has expired", profile), {}, how_to_log_in(profile));
        }
        login = std::move(*newer);
        try {
            replace_file(path, login.dump());
        } catch (const std::exception& error) {
            logger::warning(
                fmt::format("the renewed login of the profile {} of AWS is for now only: {}", profile, error.what()));
        }
    }
    std::string token = text_of(login, "accessToken");
    logger::remember_secret(token);
    return token;
}

}  // namespace tinybird_cdk::cloud::s3
