// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <stdexcept>

#include <curl/curl.h>

/// All owners of libcurl's objects (https://curl.se/libcurl/c/).
namespace tinybird_cdk::http {

template <auto Function>
struct Deleter {
    template <class Handle>
    void operator()(Handle* handle) const noexcept {
        Function(handle);
    }
};

using EasyHandle = std::unique_ptr<CURL, Deleter<curl_easy_cleanup>>;
using MultiHandle = std::unique_ptr<CURLM, Deleter<curl_multi_cleanup>>;
using UrlHandle = std::unique_ptr<CURLU, Deleter<curl_url_cleanup>>;
using CurlText = std::unique_ptr<char, Deleter<curl_free>>;

/// A list of header lines.
class HeaderList {
public:
    void append(const char* line) {
        // On failure the old list stays as it is, and stays owned.
        curl_slist* const longer = curl_slist_append(list_.get(), line);
        if (longer == nullptr) {
            throw std::bad_alloc();
        }
        static_cast<void>(list_.release());
        list_.reset(longer);
    }
    [[nodiscard]] curl_slist* get() const noexcept { return list_.get(); }

private:
    std::unique_ptr<curl_slist, Deleter<curl_slist_free_all>> list_;
};

/// A transfer inside its multi handle. It must be taken out before either is destroyed.
class RunningTransfer {
public:
    RunningTransfer(CURLM* multi, CURL* easy) : multi_(multi), easy_(easy) { curl_multi_add_handle(multi_, easy_); }
    RunningTransfer(const RunningTransfer&) = delete;
    RunningTransfer& operator=(const RunningTransfer&) = delete;
    ~RunningTransfer() { curl_multi_remove_handle(multi_, easy_); }

private:
    CURLM* multi_;
    CURL* easy_;
};

}  // namespace tinybird_cdk::http
