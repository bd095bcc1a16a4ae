// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "connectors/cloud/any_store.hpp"
#include "connectors/cloud/gcs/store.hpp"

namespace tinybird_cdk::testing {

class GcsStore final : public AnyStore {
public:
    [[nodiscard]] Environment environment() const override { return environment_; }
    [[nodiscard]] cloud::Client& client() override { return client_; }
    [[nodiscard]] const std::string& bucket() const override { return bucket_; }

private:
    const Environment environment_ = Environment::of({{"STORAGE_EMULATOR_HOST", cloud::gcs::server_url()}});
    const std::string bucket_ = cloud::gcs::new_bucket();
    cloud::gcs::Client client_{environment_};
};

inline AnyService gcs() {
    return {.connector = "gcs", .new_store = [] { return std::make_unique<GcsStore>(); }};
}

}  // namespace tinybird_cdk::testing
