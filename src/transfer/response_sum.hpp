// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tinybird_cdk/tinybird.hpp>

namespace tinybird_cdk::transfer {

/// Several imports of one load as one answer: counts and errors are those of all, the rest is the last one's.
void add(tinybird::Response last, tinybird::Response& all);

}  // namespace tinybird_cdk::transfer
