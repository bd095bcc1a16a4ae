// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <string>
#include <string_view>

#include "tinybird/api.hpp"
#include "tinybird/import_pace.hpp"
#include "tinybird/jobs.hpp"

namespace tinybird_cdk::tinybird {

enum class Mode { append, replace };

/// Both import APIs behind one call. Thread-safe.
class Imports {
public:
    Imports(Api& api, Jobs& jobs, ImportPace& pace, ImportApi choice)
        : api_(api), jobs_(jobs), pace_(pace), choice_(choice) {}

    Response import_body(Body& body, Mode mode, std::string_view data_source, const ImportOptions& options);
    Response import_url(std::string_view url, Mode mode, std::string_view data_source, const ImportOptions& options);

private:
    [[nodiscard]] Call base_call(Mode mode, std::string_view data_source, const ImportOptions& options) const;
    [[nodiscard]] Call v1_call(Mode mode, std::string_view data_source, const ImportOptions& options) const;
    [[nodiscard]] Call v0_call(Mode mode, std::string_view data_source, const ImportOptions& options) const;
    /// Tells the caller what the way at hand takes, or refuses what is too large for it before anything is sent.
    static void announce_limit(const Body& body, std::optional<std::uint64_t> largest, const ImportOptions& options);
    /// Whether to compress on the way: only by v1, and not on loopback, where it costs more than it saves.
    [[nodiscard]] bool compresses(const ImportOptions& options) const;
    Response send_v1_body(Body& body, Mode mode, std::string_view data_source, const ImportOptions& options);
    Response send_v0_body(Body& body, Mode mode, std::string_view data_source, const ImportOptions& options);
    /// True when v1 is to be tried.
    [[nodiscard]] bool use_v1() const noexcept {
        return choice_ == ImportApi::v1 || (choice_ == ImportApi::automatic && !v1_is_missing_);
    }
    /// A 404 of v1 means that the route is unknown, or the data source; @return false in the first case
    bool route_exists(const Response& response, std::string_view data_source, const ImportOptions& options);
    Response finish(Response response, std::string_view data_source, const ImportOptions& options);

    Api& api_;
    Jobs& jobs_;
    ImportPace& pace_;
    const ImportApi choice_;
    std::atomic<bool> v1_is_missing_ = false;
};

}  // namespace tinybird_cdk::tinybird
