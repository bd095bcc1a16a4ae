// SPDX-License-Identifier: Apache-2.0
#include "account.hpp"

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

namespace tinybird_cdk::snowflake {

namespace {

constexpr std::string_view host_end = ".snowflakecomputing.com";
/// Where accounts are that are named without a region.
constexpr std::string_view first_region = "us-west-2";

}  // namespace

std::string account_identifier(std::string_view text) {
    if (text.empty()) {
        throw errors::MissingConfiguration("SF_ACCOUNT", "It is the account's identifier, as in myorg-account1.");
    }
    const std::size_t end = text.find(host_end);
    if (text.find("://") != std::string_view::npos || end != std::string_view::npos) {
        const std::size_t scheme = text.find("://");
        const std::size_t begin = scheme == std::string_view::npos ? 0 : scheme + 3;
        throw errors::InvalidArgument(
            fmt::format("SF_ACCOUNT is {}, which is an address and no identifier", logger::mask(text)),
            end == std::string_view::npos || end < begin
                ? std::string("Write the identifier alone, as in myorg-account1.")
                : fmt::format("Write {}.", text.substr(begin, end - begin)));
    }
    if (text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") !=
        std::string_view::npos) {
        throw errors::InvalidArgument(
            fmt::format("SF_ACCOUNT is {}, which is no identifier of an account", logger::mask(text)),
            "Write it as in myorg-account1.");
    }
    return std::string(text);
}

std::string queries_page(std::string_view account) {
    constexpr std::string_view form = "https://app.snowflake.com/{}/{}/#/compute/history/queries/";
    // ORGANISATION-ACCOUNT, in which an organisation has no "-", or LOCATOR[.REGION[.CLOUD]].
    const std::size_t dot = account.find('.');
    const std::size_t dash = account.find('-');
    if (dot == std::string_view::npos && dash != std::string_view::npos) {
        return fmt::format(fmt::runtime(form), account.substr(0, dash), account.substr(dash + 1));
    }
    return fmt::format(fmt::runtime(form), dot == std::string_view::npos ? first_region : account.substr(dot + 1),
                       account.substr(0, dot));
}

}  // namespace tinybird_cdk::snowflake
