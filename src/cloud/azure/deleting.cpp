// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <mutex>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "cloud/azure/batch.hpp"
#include "cloud/azure/refusal.hpp"
#include "cloud/azure/store.hpp"
#include "cloud/parallel.hpp"
#include "core/ids.hpp"

namespace tinybird_cdk::cloud::azure {

void Client::Store::remove(std::string_view container, std::string_view blob, const std::stop_token& stop) {
    const http::Response response =
        requests_.send(Call{.method = "DELETE", .container = std::string(container), .blob = std::string(blob)}, stop);
    if (!succeeded(response) && !no_such_blob(response)) {
        refuse(response, fmt::format("deleting azure://{}/{}", container, blob));
    }
}

std::vector<std::string> Client::Store::remove_batch(std::string_view container, std::span<const std::string> blobs,
                                                     const std::stop_token& stop) {
    const std::string boundary = "batch_" + core::random_hex(16);
    const auto make = [&] {
        std::vector<BatchPart> parts;
        for (const std::string& blob : blobs) {
            const Call part{.method = "DELETE", .container = std::string(container), .blob = blob};
            parts.push_back({.path = requests_.path_of(part) + requests_.query_in_batch(),
                             .headers = requests_.headers_in_batch(part, stop)});
        }
        return batch_document(boundary, parts);
    };
    const std::string document = make();
    const http::Response response =
        requests_.send(Call{.method = "POST",
                            .container = std::string(container),
                            .parameters = {{"restype", "container"}, {"comp", "batch"}},
                            .headers = {{"Content-Type", "multipart/mixed; boundary=" + boundary}},
                            .content = document},
                       stop);
    std::vector<bool> gone(blobs.size(), false);
    if (succeeded(response)) {
        for (const BatchAnswer& answer : parse_batch_answers(response)) {
            const bool done = (answer.status >= 200 && answer.status < 300) || answer.code == "BlobNotFound";
            if (answer.number < gone.size() && done) {
                gone[answer.number] = true;
            }
        }
    } else {
        logger::debug(fmt::format("azure://{}: no batches here (status {}, {})", container, response.status,
                                  logger::mask(code_of(response))));
    }
    std::vector<std::string> left;
    for (std::size_t i = 0; i < blobs.size(); ++i) {
        if (!gone[i]) {
            left.push_back(blobs[i]);
        }
    }
    return left;
}

std::vector<std::string> Client::Store::remove_all(std::string_view container, const std::vector<std::string>& blobs,
                                                   const std::stop_token& stop) {
    std::vector<std::string> left;
    const std::span<const std::string> all(blobs);
    for (std::size_t begin = 0; begin < all.size(); begin += largest_batch) {
        const std::vector<std::string> tried =
            remove_batch(container, all.subspan(begin, std::min(largest_batch, all.size() - begin)), stop);
        // One by one those are repeated that may be, and say why when it can't be done.
        std::mutex mutex;
        in_parallel({.count = tried.size(), .threads = options_.parallel}, stop,
                    [&](std::size_t i, const std::stop_token& ending) {
                        try {
                            remove(container, tried[i], ending);
                        } catch (const errors::InterruptedError&) {
                            throw;
                        } catch (const errors::Error& error) {
                            const std::lock_guard lock(mutex);
                            left.push_back(fmt::format("{}: {}", tried[i], error.what()));
                        }
                    });
    }
    std::sort(left.begin(), left.end());
    return left;
}

}  // namespace tinybird_cdk::cloud::azure
