// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <tinybird_cdk/adbc.hpp>
#include <tinybird_cdk/record_batches.hpp>

namespace tinybird_cdk::adbc {

/// Why a query was ended before its end, for drivers say it in many ways. Shared by its stream and those who end it.
struct Ending {
    std::atomic<bool> cancelled = false;
    std::atomic<bool> late = false;
    std::string late_text;
};

/// A stream of a driver, and what goes with it.
struct KeptStream {
    ArrowOwner<ArrowArrayStream> stream = {};
    /// Released after the stream: its statement and its connection.
    std::shared_ptr<void> keeper = {};
    std::shared_ptr<const Ending> ending = {};  ///< may be null
    /// Asked when the stream fails for no reason of the ending's: a better text than the driver's, if there is one.
    std::function<std::optional<std::string>(std::string_view)> explain = {};
    std::function<std::optional<Meaning>(std::string_view)> meaning = {};  ///< see Source
    std::string explanation = {};
    std::int64_t rows_to_come = -1;  ///< of the whole result; less than none: the driver did not say
    std::int64_t rows_given = 0;

    [[nodiscard]] bool is_late() const noexcept { return ending && ending->late; }
    [[nodiscard]] bool is_cancelled() const noexcept { return ending && ending->cancelled; }
};

/// Fails with ETIMEDOUT when the query is late, with ECANCELED when it was cancelled, as its meaning has it (ETIMEDOUT:
/// temporary, EOVERFLOW: a value was refused), else as the stream does. An end of the stream is such a failure too when
/// the query is late or cancelled, for drivers may end it then without a word, and ETIMEDOUT when it has not given the
/// rows that were to come.
ArrowArrayStream outer_stream(std::unique_ptr<KeptStream> kept) noexcept;

}  // namespace tinybird_cdk::adbc
