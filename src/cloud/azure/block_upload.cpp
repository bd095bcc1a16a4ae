// SPDX-License-Identifier: Apache-2.0
#include "cloud/azure/block_upload.hpp"

#include <utility>

#include <fmt/format.h>

#include "cloud/azure/documents.hpp"
#include "cloud/azure/refusal.hpp"
#include "cloud/crypto.hpp"
#include "core/ids.hpp"

namespace tinybird_cdk::cloud::azure {

BlockUpload::BlockUpload(Requests& requests, std::string container, std::string blob)
    : requests_(requests), container_(std::move(container)), blob_(std::move(blob)), name_(core::random_hex(12)) {}

std::string BlockUpload::id_of(std::size_t number) const {
    // All ids of a blob must have the same length, at most 64 bytes before base64.
    return base64(fmt::format("{}-{:08}", name_, number));
}

Call BlockUpload::call(Pairs parameters) const {
    return {.method = "PUT", .container = container_, .blob = blob_, .parameters = std::move(parameters)};
}

std::string BlockUpload::what() const {
    return fmt::format("writing azure://{}/{}", container_, blob_);
}

void BlockUpload::stage(std::size_t number, std::string_view bytes, const std::stop_token& stop) {
    Call block = call({{"comp", "block"}, {"blockid", id_of(number)}});
    block.content = bytes;
    const http::Response response = requests_.send(block, stop);
    if (!succeeded(response)) {
        refuse(response, what());
    }
}

http::Response BlockUpload::stage_from(std::size_t number, const std::function<Pairs()>& source,
                                       const std::stop_token& stop) {
    return requests_.send(
        [&] {
            Call block = call({{"comp", "block"}, {"blockid", id_of(number)}});
            block.headers = source();
            return block;
        },
        stop);
}

void BlockUpload::commit(std::size_t count, const std::stop_token& stop) {
    std::vector<std::string> ids;
    ids.reserve(count);
    for (std::size_t number = 0; number < count; ++number) {
        ids.push_back(id_of(number));
    }
    const std::string list = block_list(ids);
    Call commit = call({{"comp", "blocklist"}});
    commit.headers = {{"Content-Type", "application/xml"}};
    commit.content = list;
    // Broken off, it might be carried out after the clean-up.
    commit.stop_where = Transport::Stop::between_tries;
    in_doubt_ = true;
    const http::Response response = requests_.send(commit, stop);
    if (!succeeded(response)) {
        in_doubt_ = response.status >= 500;
        refuse(response, what());
    }
}

}  // namespace tinybird_cdk::cloud::azure
