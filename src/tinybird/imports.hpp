// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <string>
#include <string_view>

#include "tinybird/api.hpp"
#include "tinybird/ended_import.hpp"
#include "tinybird/import_pace.hpp"
#include "tinybird/job_endings.hpp"
#include "tinybird/jobs.hpp"

namespace tinybird_cdk::tinybird {

enum class Mode { append, replace };

/// Both import APIs behind one call. Thread-safe.
class Imports {
public:
    Imports(Api& api, Jobs& jobs, JobEndings& endings, ImportPace& pace, ImportApi choice)
        : api_(api), jobs_(jobs), endings_(endings), pace_(pace), choice_(choice) {}

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
    /// Waits until Tinybird's rate allows another import, and tells the caller.
    void begin(const ImportOptions& options);
    /// True when v1 is to be tried.
    [[nodiscard]] bool use_v1() const noexcept {
        return choice_ == ImportApi::v1 || (choice_ == ImportApi::automatic && !v1_is_missing_);
    }
    /// Where v1 may be missing, answers that say so are no errors yet.
    Response send_v1(Call call);
    /// Whether an answer means that there are no v1 imports; this is remembered.
    /// @throws errors::HTTPError for the other thing that a 404 may mean: there is no such data source
    bool is_missing(const Response& response, std::string_view data_source, const ImportOptions& options);

    enum class Answered {
        at_once,  ///< the answer is the import's result
        by_job    ///< unless the answer has the result already, it names a job that will
    };
    /// From the answer of an import to its result. @throws errors::InDoubtError when there is none to be had
    /// @param url that Tinybird fetches; empty: it has got a body
    Response finish(Response response, Answered how, Mode mode, std::string_view data_source,
                    const ImportOptions& options, std::string_view url = {});
    /// What became of the import of a URL that no answer named a job for; nothing when that can't be known.
    std::optional<std::string> end_unseen(std::string_view url, std::string_view data_source,
                                          const ImportOptions& options);
    /// @param url that Tinybird fetches; empty: it has got a body
    Response wait_for(const std::string& job_id, Mode mode, std::string_view data_source, const ImportOptions& options,
                      std::string_view url);
    /// The job of a URL that is not waited for any more, and the others that a repeated request may have begun.
    EndedImport end_known(const std::string& job_id, Mode mode, std::string_view url, std::string_view data_source,
                          const ImportOptions& options);
    /// Asks for an import by URL; an answer that is missing may mean that it goes on.
    Response ask_for_url(Call call, bool by_v1, std::string_view url, std::string_view data_source,
                         const ImportOptions& options);
    /// The rows of one import that are in quarantine; nothing when that can't be seen, which is told.
    std::optional<std::uint64_t> quarantined_by(const std::string& import_id, std::string_view data_source,
                                                const ImportOptions& options);
    /// A success that left rows out is a warning or an error.
    static void report_rejected(const Response& response, std::string_view data_source, const ImportOptions& options);

    Api& api_;
    Jobs& jobs_;
    JobEndings& endings_;
    ImportPace& pace_;
    const ImportApi choice_;
    std::atomic<bool> v1_is_missing_ = false;
};

}  // namespace tinybird_cdk::tinybird
