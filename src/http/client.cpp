// SPDX-License-Identifier: Apache-2.0
#include "http/client.hpp"

#include <cstring>
#include <exception>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "http/curl_handles.hpp"
#include "http/easy_options.hpp"

namespace tinybird_cdk::http {

namespace {

/// Answers are JSON documents or small query results; Tinybird itself ends at 100 MB.
constexpr std::size_t largest_answer = 256U << 20U;
constexpr long upload_buffer_bytes = 512L * 1024;
/// Beyond it a request asks first (RFC 9110 §10.1.1), so that a refusal costs no upload.
constexpr std::uint64_t small_body = 1U << 20U;
constexpr std::size_t most_idle_sessions = 8;

/// What the callbacks of one transfer share.
struct Transfer {
    const Request& request;
    Response response;
    std::exception_ptr failure;  ///< of a callback; thrown when libcurl has returned
    bool body_ended = false;
    bool body_began = false;
    bool head_ended = false;  ///< the blank line behind the answer's headers came
    std::uint64_t sent = 0;
};

std::size_t read_body(char* into, std::size_t size, std::size_t count, void* context) noexcept {
    auto& transfer = *static_cast<Transfer*>(context);
    try {
        const std::size_t bytes = transfer.request.body->read({into, size * count});
        transfer.body_began = true;
        transfer.body_ended = bytes == 0;
        transfer.sent += bytes;
        if (transfer.request.on_sent) {
            transfer.request.on_sent(transfer.sent);
        }
        return bytes;
    } catch (...) {
        transfer.failure = std::current_exception();
        return CURL_READFUNC_ABORT;
    }
}

/// Whether the server may have seen the whole body.
bool body_was_sent(const Transfer& transfer) {
    const auto size = transfer.request.body->size();
    return transfer.body_ended || (size && transfer.sent >= *size && (transfer.body_began || *size == 0));
}

/// libcurl sends a request again by itself when a kept connection ends without an answer, whatever the method is. That
/// is fine as long as the server can't have seen all of it, or when doing it twice is doing it once (RFC 9110 §9.2.2).
int seek_body(void* context, curl_off_t offset, int origin) noexcept {
    auto& transfer = *static_cast<Transfer*>(context);
    try {
        if (!transfer.request.idempotent && body_was_sent(transfer)) {
            return CURL_SEEKFUNC_FAIL;
        }
        if (offset != 0 || origin != SEEK_SET || !transfer.request.body->rewind()) {
            return CURL_SEEKFUNC_CANTSEEK;
        }
        transfer.body_ended = false;
        transfer.sent = 0;
        return CURL_SEEKFUNC_OK;
    } catch (...) {
        transfer.failure = std::current_exception();
        return CURL_SEEKFUNC_FAIL;
    }
}

std::size_t write_answer(char* data, std::size_t size, std::size_t count, void* context) noexcept {
    auto& transfer = *static_cast<Transfer*>(context);
    try {
        if (transfer.response.body.size() + size * count > largest_answer) {
            throw errors::Error(fmt::format("the answer is larger than {} MB", largest_answer >> 20U));
        }
        transfer.response.body.append(data, size * count);
        return size * count;
    } catch (...) {
        transfer.failure = std::current_exception();
        return 0;
    }
}

std::size_t read_header(char* data, std::size_t size, std::size_t count, void* context) noexcept {
    auto& transfer = *static_cast<Transfer*>(context);
    try {
        read_head_line({data, size * count}, transfer.response, transfer.head_ended);
        return size * count;
    } catch (...) {
        transfer.failure = std::current_exception();
        return 0;
    }
}

HeaderList header_list(const Request& request, bool may_ask) {
    HeaderList list;
    append_headers(list, request);
    if (request.body != nullptr) {
        const auto size = request.body->size();
        // Beyond that size libcurl asks by itself.
        if (!may_ask || (size && *size <= small_body)) {
            list.append("Expect:");
        }
        if (!size) {
            list.append("Transfer-Encoding: chunked");
        }
    }
    return list;
}

}  // namespace

/// A multi handle with one easy handle in it: the multi handle keeps the connections and can be woken from another
/// thread.
class Client::Session {
public:
    Session() : easy_(curl_easy_init()), multi_(curl_multi_init()) {
        if (!easy_ || !multi_) {
            throw std::bad_alloc();
        }
    }

    /// @param may_ask whether a larger body is preceded by `Expect: 100-continue`
    Response perform(const Request& request, const Settings& settings, bool may_ask) {
        Transfer transfer{.request = request, .response = {}, .failure = {}};
        const HeaderList headers = header_list(request, may_ask);
        ErrorText error_text{};
        set_options(transfer, headers, error_text, settings);

        const CURLcode result = run(request.stop);
        if (transfer.failure) {
            std::rethrow_exception(transfer.failure);
        }
        if (request.stop.stop_requested()) {
            if (was_sent(transfer)) {
                throw InterruptedAfterSending();
            }
            throw errors::InterruptedError();
        }
        long status = 0;
        curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
        transfer.response.request_sent = was_sent(transfer);
        // A refusal counts even if the connection broke behind it, as it does when a server stops reading a body.
        // libcurl takes a head that ends with the connection for a whole one, which a good answer must not be.
        if ((result == CURLE_OK && transfer.head_ended) || status >= 400) {
            transfer.response.status = static_cast<int>(status);
        } else if (result == CURLE_OK) {
            transfer.response.failure = "the connection ended in the middle of the answer's headers";
        } else {
            transfer.response.failure = error_text.front() != '\0' ? error_text.data() : curl_easy_strerror(result);
        }
        // libcurl stops sending when an answer is complete. A refusal or a redirect may come early, but nobody can
        // have carried out a request that he does not know to its end.
        if (status >= 200 && status < 300 && !transfer.response.request_sent) {
            transfer.response.status = 0;
            transfer.response.failure = "the server answered before it had the whole request";
        }
        return std::move(transfer.response);
    }

private:
    void set_options(Transfer& transfer, const HeaderList& headers, ErrorText& error_text, const Settings& settings) {
        CURL* const easy = easy_.get();
        const Request& request = transfer.request;
        curl_easy_reset(easy);
        set_common_options(easy, request, headers, error_text, settings);
        if (request.decode) {
            curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
        }
        if (request.fresh_connection) {
            curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
        }
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, write_answer);
        curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
        curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, read_header);
        curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
        if (request.body == nullptr) {
            if (request.method == "HEAD") {
                curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
            } else if (request.method != "GET") {
                curl_easy_setopt(easy, CURLOPT_POSTFIELDS, "");
            }
            curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
            // Without a body there is no way to keep libcurl from repeating a request on a kept connection.
            if (!request.idempotent && !request.read_only()) {
                curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
            }
            return;
        }
        if (const auto size = request.body->size(); !size || *size > small_body) {
            // HTTP/2 has neither chunks nor, with libcurl, a question before the body, and its window would bound the
            // speed of a long upload. Small requests use it where it is offered.
            curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
        }
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
        curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, upload_buffer_bytes);
        curl_easy_setopt(easy, CURLOPT_READFUNCTION, read_body);
        curl_easy_setopt(easy, CURLOPT_READDATA, &transfer);
        curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, seek_body);
        curl_easy_setopt(easy, CURLOPT_SEEKDATA, &transfer);
        const auto size = request.body->size();
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, size ? static_cast<curl_off_t>(*size) : curl_off_t{-1});
    }

    CURLcode run(const std::stop_token& stop) {
        const RunningTransfer running(multi_.get(), easy_.get());
        const std::stop_callback wake(stop, [this] { curl_multi_wakeup(multi_.get()); });
        int active = 1;
        while (!stop.stop_requested()) {
            if (curl_multi_perform(multi_.get(), &active) != CURLM_OK) {
                return CURLE_FAILED_INIT;
            }
            int left = 0;
            while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
                if (message->msg == CURLMSG_DONE) {
                    return message->data.result;
                }
            }
            curl_multi_poll(multi_.get(), nullptr, 0, 1000, nullptr);
        }
        return CURLE_ABORTED_BY_CALLBACK;
    }

    /// Whether the server may have seen a whole request. Without a byte of body it may, as soon as there was a
    /// connection.
    [[nodiscard]] bool was_sent(const Transfer& transfer) const {
        if (transfer.request.body != nullptr && transfer.request.body->size() != std::uint64_t{0}) {
            return body_was_sent(transfer);
        }
        long request_bytes = 0;
        curl_easy_getinfo(easy_.get(), CURLINFO_REQUEST_SIZE, &request_bytes);
        return request_bytes > 0;
    }

    EasyHandle easy_;
    MultiHandle multi_;  // destroyed first, for it may still refer to the easy handle
};

Client::Client(Settings settings) : settings_(std::move(settings)) {
    initialise_once();
}

Client::~Client() = default;

std::unique_ptr<Client::Session> Client::take() {
    {
        const std::lock_guard lock(mutex_);
        if (!idle_.empty()) {
            auto session = std::move(idle_.back());
            idle_.pop_back();
            return session;
        }
    }
    return std::make_unique<Session>();
}

void Client::give_back(std::unique_ptr<Session> session) {
    const std::lock_guard lock(mutex_);
    if (idle_.size() < most_idle_sessions) {
        idle_.push_back(std::move(session));
    }
}

Response Client::perform(const Request& request) {
    Response response = perform_once(request, true);
    // RFC 9110 §15.5.18: nothing was done, and the same request without an expectation is welcome. libcurl does that by
    // itself, but not when the answer and the end of its connection come together.
    if (response.status == 417 && request.body != nullptr && request.body->rewind()) {
        response = perform_once(request, false);
    }
    return response;
}

Response Client::perform_once(const Request& request, bool may_ask) {
    auto session = take();
    Response response = session->perform(request, settings_, may_ask);
    // A session is not kept when its transfer threw, or was answered before its body was sent: its connection may stand
    // in the middle of that body, and libcurl would put the next request there.
    if (request.body == nullptr || response.request_sent) {
        give_back(std::move(session));
    }
    return response;
}

}  // namespace tinybird_cdk::http
