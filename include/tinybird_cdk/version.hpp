// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The version of the kit, semantic versioning 2.0. CMake reads it from here, so this is the only place that says it.
#define TINYBIRD_CDK_VERSION "0.1.0"

namespace tinybird_cdk {

/// The version of the headers a program was compiled with, as in "0.1.0".
inline constexpr const char* header_version = TINYBIRD_CDK_VERSION;

/// The version of the library the program runs with. Thread-safe, never throws.
const char* version() noexcept;

}  // namespace tinybird_cdk
