// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tinybird_cdk::local {

enum class ImportFormat { csv, ndjson, parquet };

}  // namespace tinybird_cdk::local
