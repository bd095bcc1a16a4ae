// SPDX-License-Identifier: Apache-2.0
#include "http/download.hpp"

#include <algorithm>
#include <cstring>
#include <exception>
#include <new>
#include <string>
#include <utility>

#include <tinybird_cdk/errors.hpp>

#include "http/easy_options.hpp"

namespace tinybird_cdk::http {

namespace {

constexpr std::size_t most_waiting = 1U << 20U;
constexpr long receive_buffer_bytes = 256L * 1024;
/// What is kept of a refusal.
constexpr std::size_t most_of_refusal = 64U << 10U;

}  // namespace

class Download::Running {
public:
    Running(const Settings& settings, Request request) : request_(std::move(request)) {
        initialise_once();
        easy_.reset(curl_easy_init());
        multi_.reset(curl_multi_init());
        if (!easy_ || !multi_) {
            throw std::bad_alloc();
        }
        append_headers(headers_, request_);
        CURL* const easy = easy_.get();
        set_common_options(easy, request_, headers_, error_text_, settings);
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request_.method.c_str());
        // Neither chunks nor streams of HTTP/2 are needed for one long answer.
        curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
        curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, receive_buffer_bytes);
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_bytes);
        curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
        curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_head);
        curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
        curl_multi_add_handle(multi_.get(), easy);
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    ~Running() { curl_multi_remove_handle(multi_.get(), easy_.get()); }

    void read_head() {
        run_until([this] { return head_is_complete(); });
        if (ended_ && !head_is_complete()) {
            head_.status = 0;
            head_.failure = broken_.empty() ? "the connection ended in the middle of the answer's headers" : broken_;
            return;
        }
        head_.status = status();
        head_.request_sent = true;
        if (!succeeded()) {
            run_until([] { return false; });
        }
    }

    std::size_t read(std::span<char> into) {
        if (taken_ == waiting_.size()) {
            waiting_.clear();
            taken_ = 0;
            run_until([this] { return !waiting_.empty(); });
        }
        const std::size_t count = std::min(into.size(), waiting_.size() - taken_);
        std::memcpy(into.data(), waiting_.data() + taken_, count);
        taken_ += count;
        return count;
    }

    [[nodiscard]] const Response& head() const noexcept { return head_; }
    [[nodiscard]] const std::string& broken() const noexcept { return broken_; }

private:
    template <class Condition>
    void run_until(Condition&& condition) {
        const std::stop_callback wake(request_.stop, [this] { curl_multi_wakeup(multi_.get()); });
        if (paused_ && waiting_.size() < most_waiting) {
            paused_ = false;
            curl_easy_pause(easy_.get(), CURLPAUSE_CONT);
        }
        while (!ended_ && !condition()) {
            if (request_.stop.stop_requested()) {
                throw errors::InterruptedError();
            }
            int active = 0;
            if (const CURLMcode code = curl_multi_perform(multi_.get(), &active); code != CURLM_OK) {
                throw errors::Error(curl_multi_strerror(code));
            }
            look_for_end();
            if (failure_) {
                std::rethrow_exception(std::exchange(failure_, nullptr));
            }
            if (!ended_ && !condition()) {
                curl_multi_poll(multi_.get(), nullptr, 0, 1000, nullptr);
            }
        }
    }

    void look_for_end() {
        int left = 0;
        while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
            if (message->msg == CURLMSG_DONE) {
                ended_ = true;
                if (message->data.result != CURLE_OK) {
                    broken_ =
                        error_text_.front() != '\0' ? error_text_.data() : curl_easy_strerror(message->data.result);
                }
            }
        }
    }

    [[nodiscard]] int status() const {
        long status = 0;
        curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
        return static_cast<int>(status);
    }
    /// An interim answer (RFC 9110 §15.2) is not the one that is waited for.
    [[nodiscard]] bool head_is_complete() const { return head_ended_ && status() >= 200; }
    [[nodiscard]] bool succeeded() const { return status() >= 200 && status() < 300; }

    static std::size_t take_head(char* data, std::size_t size, std::size_t count, void* context) noexcept {
        auto& self = *static_cast<Running*>(context);
        try {
            read_head_line({data, size * count}, self.head_, self.head_ended_);
            return size * count;
        } catch (...) {
            self.failure_ = std::current_exception();
            return 0;
        }
    }

    static std::size_t take_bytes(char* data, std::size_t size, std::size_t count, void* context) noexcept {
        auto& self = *static_cast<Running*>(context);
        const std::size_t bytes = size * count;
        try {
            if (!self.succeeded()) {
                self.head_.body.append(data, std::min(bytes, most_of_refusal - self.head_.body.size()));
                return bytes;
            }
            if (self.waiting_.size() >= most_waiting) {
                self.paused_ = true;
                return CURL_WRITEFUNC_PAUSE;
            }
            self.waiting_.append(data, bytes);
            return bytes;
        } catch (...) {
            self.failure_ = std::current_exception();
            return 0;
        }
    }

    const Request request_;
    HeaderList headers_;
    ErrorText error_text_{};
    EasyHandle easy_;
    MultiHandle multi_;  // destroyed first, for it may still refer to the easy handle
    Response head_;
    bool head_ended_ = false;
    std::string waiting_;    ///< bytes that came and were not asked for yet
    std::size_t taken_ = 0;  ///< of those
    bool paused_ = false;
    bool ended_ = false;
    std::string broken_;
    std::exception_ptr failure_;  ///< of a callback
};

Download::Download(const Settings& settings, Request request)
    : running_(std::make_unique<Running>(settings, std::move(request))) {
    running_->read_head();
}

Download::~Download() = default;

const Response& Download::head() const noexcept {
    return running_->head();
}

std::size_t Download::read(std::span<char> into) {
    return running_->read(into);
}

const std::string& Download::broken() const noexcept {
    return running_->broken();
}

}  // namespace tinybird_cdk::http
