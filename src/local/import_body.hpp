// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "local/router.hpp"

namespace tinybird_cdk::local {

/// How the data of an import is taken.
struct ImportConsumer {
    /// Whether all is known that must be before the data begins. A form may name parameters behind its file; the file
    /// is kept for as long.
    std::function<bool()> ready;
    /// Parameters that must not change any more when the data has begun.
    std::vector<std::string> settled;
    /// Makes who takes the data. Called once.
    std::function<std::function<void(std::string_view)>()> begin;
};

/// Reads the data of an import: the body, the file of a form, or what the parameter `url` names; unpacked where the
/// name ends in .gz. @throws Refusal
void read_import(Call& call, const ImportConsumer& consumer);

}  // namespace tinybird_cdk::local
