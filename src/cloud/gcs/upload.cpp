// SPDX-License-Identifier: Apache-2.0
#include "cloud/gcs/upload.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "cloud/gcs/crc32c.hpp"
#include "cloud/gcs/objects.hpp"
#include "cloud/gcs/resumable_upload.hpp"
#include "core/ids.hpp"

namespace tinybird_cdk::cloud::gcs {

namespace {

/// Cuts a body into parts, and knows of each whether it is the last.
class Parts {
public:
    Parts(Body& body, std::size_t part_bytes) : body_(body), part_bytes_(part_bytes) {
        // What is known to be small needs no room for more.
        const std::uint64_t size = body.size().value_or(part_bytes);
        buffer_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(size, part_bytes)) + 1);
    }

    /// Holds until the next call.
    std::string_view next() {
        // One byte is read ahead, and kept for the next part.
        std::size_t filled = 0;
        if (std::exchange(has_more_, false)) {
            buffer_.front() = buffer_[part_bytes_];
            filled = 1;
        }
        for (;;) {
            if (filled == buffer_.size() && filled <= part_bytes_) {
                buffer_.resize(part_bytes_ + 1);  // the body is longer than it said
            }
            const std::size_t count =
                filled == buffer_.size() ? 0 : body_.read({buffer_.data() + filled, buffer_.size() - filled});
            filled += count;
            if (count == 0) {
                break;
            }
        }
        has_more_ = filled > part_bytes_;
        const std::string_view part(buffer_.data(), std::min(filled, part_bytes_));
        checksum_.add(part);
        return part;
    }
    [[nodiscard]] bool has_more() const noexcept { return has_more_; }
    /// Of all parts so far.
    [[nodiscard]] std::string checksum() const { return checksum_.text(); }

private:
    Body& body_;
    const std::size_t part_bytes_;
    std::string buffer_;
    bool has_more_ = false;
    Crc32c checksum_;
};

/// Metadata and bytes in one request. The store refuses bytes that don't fit the checksum
/// (https://cloud.google.com/storage/docs/uploading-objects, multipart upload; RFC 2387).
Resource upload_whole(Api& api, std::string_view bucket, std::string_view key, std::string_view bytes,
                      const std::string& checksum, const std::stop_token& stop) {
    const std::string boundary = core::random_hex(32);
    const nlohmann::json metadata{{"name", key}, {"contentType", "application/octet-stream"}, {"crc32c", checksum}};
    const std::string body = fmt::format(
        "--{0}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n{1}\r\n--{0}\r\n"
        "Content-Type: application/octet-stream\r\n\r\n{2}\r\n--{0}--\r\n",
        boundary, metadata.dump(), bytes);
    const Call call{.method = "POST",
                    .url = api.upload_url(bucket, {{"uploadType", "multipart"}, {"name", std::string(key)}}, stop),
                    .headers = {{"Content-Type", "multipart/related; boundary=" + boundary}},
                    .body = body,
                    .has_body = true,
                    .stop_where = Transport::Stop::between_tries};
    return api.described_object(api.send(call, stop), fmt::format("{} can't be written", uri_of(bucket, key)));
}

Resource upload_parts(Api& api, std::string_view bucket, std::string_view key, std::string_view first, Parts& parts,
                      const std::stop_token& stop) {
    ResumableUpload session(api, bucket, key, stop);
    std::string_view part = first;
    for (;;) {
        if (auto object = session.send(part, !parts.has_more())) {
            return std::move(*object);
        }
        part = parts.next();
    }
}

}  // namespace

Resource upload(Api& api, std::string_view bucket, std::string_view key, Body& body, std::size_t part_bytes,
                const std::stop_token& stop) {
    need_object_name(key);
    Parts parts(body, part_bytes);
    const std::string_view first = parts.next();
    Resource written = parts.has_more() ? upload_parts(api, bucket, key, first, parts, stop)
                                        : upload_whole(api, bucket, key, first, parts.checksum(), stop);
    if (!written.crc32c.empty() && written.crc32c != parts.checksum()) {
        remove_object(api, bucket, key, written.object.etag, {});
        throw errors::ExternalDatasourceError(fmt::format("{} was damaged on its way: its checksum is {}, not {}",
                                                          uri_of(bucket, key), written.crc32c, parts.checksum()),
                                              {}, "Run it again.", errors::ExitCode::temporary);
    }
    return written;
}

}  // namespace tinybird_cdk::cloud::gcs
