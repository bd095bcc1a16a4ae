// SPDX-License-Identifier: Apache-2.0
#include "local/import_body.hpp"

#include <map>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "core/spool.hpp"
#include "local/gunzip.hpp"
#include "local/url_source.hpp"

namespace tinybird_cdk::local {

namespace {

/// Takes a body: at once when all is known that must be, from a file when it is at an end otherwise.
class Intake {
public:
    Intake(Call& call, const ImportConsumer& consumer)
        : call_(call), consumer_(consumer), form_(call.header("content-type").starts_with("multipart/form-data")) {}

    void write(std::string_view bytes) {
        if (!sink_ && !kept_ && (!form_ || consumer_.ready())) {
            begin();
        }
        if (sink_) {
            bytes_->write(bytes);
        } else {
            if (!kept_) {
                kept_.emplace();
            }
            kept_->write(bytes);
        }
    }

    void finish() {
        check_settled();
        if (sink_) {
            bytes_->finish();
            return;
        }
        begin();
        if (kept_) {
            std::vector<char> block(block_size);
            while (const std::size_t size = kept_->read(block)) {
                bytes_->write({block.data(), size});
            }
            bytes_->finish();
        } else if (const auto url = call_.parameter("url"); url && !url->empty()) {
            stream_url(*url, sink_);
        }
    }

private:
    static constexpr std::size_t block_size = 256U << 10U;

    void begin() {
        for (const std::string& name : consumer_.settled) {
            known_[name] = call_.parameter(name);
        }
        sink_ = consumer_.begin();
        bytes_.emplace(call_.file_name, sink_);
    }
    void check_settled() const {
        for (const auto& [name, value] : known_) {
            if (call_.parameter(name) != value) {
                throw Refusal(400, fmt::format("{} must come before the file of a form, or in the URL", name));
            }
        }
    }

    Call& call_;
    const ImportConsumer& consumer_;
    const bool form_;
    std::map<std::string, std::optional<std::string>> known_;
    std::function<void(std::string_view)> sink_;
    std::optional<FileBytes> bytes_;
    std::optional<core::Spool> kept_;
};

}  // namespace

void read_import(Call& call, const ImportConsumer& consumer) {
    Intake intake(call, consumer);
    const bool by_url = call.parameter("url").has_value() && !call.parameter("url")->empty();
    // Of a body beside a URL nothing is taken.
    if (!by_url && !call.stream_body([&](std::string_view piece) { intake.write(piece); })) {
        throw Refusal(400, "the body is not complete: nothing was imported");
    }
    intake.finish();
}

}  // namespace tinybird_cdk::local
