// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "local/page_files.hpp"
#include "local/server.hpp"

namespace tinybird_cdk::local {

namespace {

/// Scripts, styles and calls of this server only: what a data source holds can't make the page reach anything else.
constexpr const char* content_security_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const char* content_type_of(std::string_view name) {
    if (name.ends_with(".html")) {
        return "text/html; charset=utf-8";
    }
    if (name.ends_with(".js")) {
        return "text/javascript; charset=utf-8";
    }
    if (name.ends_with(".css")) {
        return "text/css; charset=utf-8";
    }
    return "image/svg+xml";
}

Answer page_file(const Call& call, std::string_view name) {
    const auto files = page_files();
    const auto file = std::find_if(files.begin(), files.end(), [&](const PageFile& each) { return each.name == name; });
    if (file == files.end()) {
        return error_answer(404, fmt::format("the page has no file \"{}\"", name));
    }
    const std::string tag = fmt::format("\"{}\"", file->hash);
    Answer answer;
    answer.content_type = content_type_of(file->name);
    // Asked again each time, for another build of the program may serve the same address.
    answer.headers = {{"Cache-Control", "no-cache"},
                      {"ETag", tag},
                      {"Content-Security-Policy", content_security_policy},
                      {"X-Content-Type-Options", "nosniff"},
                      {"Referrer-Policy", "no-referrer"}};
    if (call.header("if-none-match").find(tag) != std::string::npos) {
        answer.status = 304;
    } else {
        answer.body = file->content;
    }
    return answer;
}

}  // namespace

void add_page_routes(Router& router) {
    for (const char* method : {"GET", "HEAD"}) {
        router.add(method, "/", [](Call& call) { return page_file(call, "index.html"); });
        router.add(method, "/page/:", [](Call& call) { return page_file(call, call.captured.at(0)); });
    }
}

}  // namespace tinybird_cdk::local
