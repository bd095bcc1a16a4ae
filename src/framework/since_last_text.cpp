// SPDX-License-Identifier: Apache-2.0
#include "framework/since_last_text.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace tinybird_cdk::framework {

namespace {

constexpr std::size_t shown_loads = 10;

std::string text_of(const UnfinishedLoad& load) {
    std::string text = fmt::format("{} (begun {} UTC", load.uri, load.begun);
    if (!load.job_id.empty()) {
        text += fmt::format(", job {}{}", load.job_id, load.running ? " which still runs" : "");
    } else if (load.running) {
        text += ", by a job that still runs";
    }
    return text + ")";
}

}  // namespace

errors::InDoubtError unfinished_error(const std::vector<UnfinishedLoad>& loads, const std::string& data_source) {
    std::string named;
    for (std::size_t i = 0; i < std::min(loads.size(), shown_loads); ++i) {
        named += (i == 0 ? "" : ", ") + text_of(loads[i]);
    }
    if (loads.size() > shown_loads) {
        named += fmt::format(" and {} more", loads.size() - shown_loads);
    }
    const bool all_run =
        std::all_of(loads.begin(), loads.end(), [](const UnfinishedLoad& load) { return load.running; });
    return errors::InDoubtError(
        fmt::format("nothing was loaded into \"{}\", for the load of {} object(s) was begun and nothing says how it "
                    "ended: {}",
                    data_source, loads.size(), named),
        all_run ? "Run it again when Tinybird is done with them."
                : fmt::format("If another load of them is at work, let it end. Else compare what \"{}\" has with the "
                              "objects, and choose: --unfinished load loads them again (their rows may be there twice "
                              "then), --unfinished skip takes them as loaded.",
                              data_source));
}

errors::InDoubtError claimed_error(const UnfinishedLoad& load, const std::string& data_source) {
    return errors::InDoubtError(fmt::format("another load into \"{}\" has begun {} in the meantime: it is left to it",
                                            data_source, text_of(load)),
                                "Let one load of these objects end before the next one begins.");
}

}  // namespace tinybird_cdk::framework
