// SPDX-License-Identifier: Apache-2.0
#include "http/http2_call.hpp"

#include <exception>
#include <new>
#include <utility>

#include <tinybird_cdk/errors.hpp>

#include "http/easy_options.hpp"

namespace tinybird_cdk::http {

class Http2Call::Running {
public:
    Running(const Settings& settings, Request request, std::string body)
        : request_(std::move(request)), body_(std::move(body)) {
        initialise_once();
        easy_.reset(curl_easy_init());
        multi_.reset(curl_multi_init());
        if (!easy_ || !multi_) {
            throw std::bad_alloc();
        }
        append_headers(headers_, request_);
        headers_.append("Expect:");
        CURL* const easy = easy_.get();
        set_common_options(easy, request_, headers_, error_text_, settings);
        const bool clear_text = request_.url.starts_with("http:");
        curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
                         clear_text ? CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE : CURL_HTTP_VERSION_2TLS);
        // A proxy does not speak HTTP/2 in clear text: through it only a tunnel leads.
        curl_easy_setopt(easy, CURLOPT_HTTPPROXYTUNNEL, 1L);
        curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body_.data());
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body_.size()));
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_bytes);
        curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
        curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_head);
        curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
        curl_multi_add_handle(multi_.get(), easy);
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    ~Running() { curl_multi_remove_handle(multi_.get(), easy_.get()); }

    std::string_view read() {
        waiting_.clear();
        const std::stop_callback wake(request_.stop, [this] { curl_multi_wakeup(multi_.get()); });
        while (!ended_ && waiting_.empty()) {
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
            if (!ended_ && waiting_.empty()) {
                curl_multi_poll(multi_.get(), nullptr, 0, 1000, nullptr);
            }
        }
        return waiting_;
    }

    [[nodiscard]] const Response& answer() const noexcept { return answer_; }

private:
    void look_for_end() {
        int left = 0;
        while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
            if (message->msg == CURLMSG_DONE) {
                ended_ = true;
                note_status();
                if (message->data.result != CURLE_OK) {
                    answer_.failure =
                        error_text_.front() != '\0' ? error_text_.data() : curl_easy_strerror(message->data.result);
                } else if (!head_ended_) {
                    answer_.failure = "the connection ended in the middle of the answer's headers";
                }
            }
        }
    }

    void note_status() {
        long status = 0;
        curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
        answer_.status = static_cast<int>(status);
    }

    [[nodiscard]] bool is_http2() const {
        long version = 0;
        curl_easy_getinfo(easy_.get(), CURLINFO_HTTP_VERSION, &version);
        return version == CURL_HTTP_VERSION_2_0;
    }

    static std::size_t take_head(char* data, std::size_t size, std::size_t count, void* context) noexcept {
        auto& self = *static_cast<Running*>(context);
        try {
            read_head_line({data, size * count}, self.answer_, self.head_ended_);
            if (self.head_ended_) {
                self.note_status();
                if (!self.is_http2()) {
                    throw errors::ExternalDatasourceError("the server, or a proxy before it, speaks no HTTP/2",
                                                          "UNAVAILABLE");
                }
            }
            return size * count;
        } catch (...) {
            self.failure_ = std::current_exception();
            return 0;
        }
    }

    static std::size_t take_bytes(char* data, std::size_t size, std::size_t count, void* context) noexcept {
        auto& self = *static_cast<Running*>(context);
        try {
            self.waiting_.append(data, size * count);
            return size * count;
        } catch (...) {
            self.failure_ = std::current_exception();
            return 0;
        }
    }

    const Request request_;
    const std::string body_;
    HeaderList headers_;
    ErrorText error_text_{};
    EasyHandle easy_;
    MultiHandle multi_;  // destroyed first, for it may still refer to the easy handle
    Response answer_;
    bool head_ended_ = false;
    bool ended_ = false;
    std::string waiting_;         ///< bytes that came and were not asked for yet
    std::exception_ptr failure_;  ///< of a callback
};

Http2Call::Http2Call(const Settings& settings, Request request, std::string body)
    : running_(std::make_unique<Running>(settings, std::move(request), std::move(body))) {}

Http2Call::~Http2Call() = default;

std::string_view Http2Call::read() {
    return running_->read();
}

const Response& Http2Call::answer() const noexcept {
    return running_->answer();
}

}  // namespace tinybird_cdk::http
