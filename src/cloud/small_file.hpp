// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tinybird_cdk::cloud {

/// What a file holds that somebody named for credentials, or why it can't be read, as in "Is a directory". One of more
/// than a MiB is none of credentials, and is not read to its end: it may be a device that has none.
struct SmallFile {
    std::string text;
    std::string failure;  ///< empty: `text` is all of it
};

SmallFile read_small_file(const std::string& path);

}  // namespace tinybird_cdk::cloud
