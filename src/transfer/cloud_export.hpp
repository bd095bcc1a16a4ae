// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <utility>

#include <tinybird_cdk/connector.hpp>
#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/export.hpp>
#include <tinybird_cdk/logger.hpp>
#include <tinybird_cdk/tinybird.hpp>

#include "transfer/load.hpp"

/// Exports that are objects of a bucket.
namespace tinybird_cdk::transfer {

/// Does something with an export, and deletes it before it returns or throws. What could not be deleted is told: in the
/// hint of the error that is thrown anyway, or in the result, for what was loaded is loaded.
template <class CloudExport, class Action>
LoadResult and_delete(CloudExport& source, Action&& action) {
    LoadResult result;
    try {
        result = std::forward<Action>(action)();
    } catch (errors::Error& error) {
        if (const std::string left = source.remove(); !left.empty()) {
            error.add_hint("Left behind, to be deleted by hand: " + left + ".");
        }
        throw;
    }
    result.left_behind = source.remove();
    if (!result.left_behind.empty()) {
        logger::warning("left behind, to be deleted by hand: " + result.left_behind);
    }
    return result;
}

/// Carries an object to a data source, and deletes it.
LoadResult load_cloud_file(tinybird::Client& client, CloudFile& file, Mode mode, const std::string& data_source,
                           const LoadOptions& options);
/// The same for all objects below a directory. As one import where Tinybird takes them as one; else an append makes
/// several, one after the other, each of as many objects as fit. When one of them fails, those before it are in: the
/// error says so, and nothing is repeated. A replace and an incremental load are one import, or are refused before
/// anything is sent. @return nothing when there are no objects
std::optional<LoadResult> load_cloud_directory(tinybird::Client& client, CloudDir& directory, Mode mode,
                                               const std::string& data_source, const LoadOptions& options);

}  // namespace tinybird_cdk::transfer
