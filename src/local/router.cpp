// SPDX-License-Identifier: Apache-2.0
#include "local/router.hpp"

#include <fmt/format.h>

#include "core/text.hpp"

namespace tinybird_cdk::local {

namespace {

constexpr std::size_t largest_form = 16U << 20U;

std::vector<std::string> segments_of(std::string_view path) {
    std::vector<std::string> segments;
    for (const std::string_view segment : core::split(path, '/')) {
        if (!segment.empty()) {
            segments.emplace_back(segment);
        }
    }
    return segments;
}

}  // namespace

std::string Call::body(std::size_t limit) {
    std::string text;
    const bool complete = stream_body([&](std::string_view piece) {
        if (text.size() + piece.size() > limit) {
            throw Refusal(413, fmt::format("the body is larger than {} bytes", limit));
        }
        text += piece;
    });
    if (!complete) {
        throw Refusal(400, "the body is not complete");
    }
    return text;
}

void Call::read_form() {
    const std::string text = body(largest_form);
    if (!header("content-type").starts_with("application/x-www-form-urlencoded")) {
        return;
    }
    add_form(text);
}

void Call::add_form(std::string_view text) {
    for (const std::string_view pair : core::split(text, '&')) {
        const std::size_t equals = pair.find('=');
        const auto name = core::url_decode(pair.substr(0, equals), true);
        const auto value = core::url_decode(equals == std::string_view::npos ? "" : pair.substr(equals + 1), true);
        if (name && value && !name->empty()) {
            add_parameter(*name, *value);
        }
    }
    if (permit) {
        permit(*this);
    }
}

std::vector<std::string> Call::values(std::string_view name) const {
    std::vector<std::string> found;
    for (const auto& [each, value] : repeated) {
        if (each == name) {
            found.push_back(value);
        }
    }
    return found;
}

void Router::add(std::string method, std::string_view pattern, Handler handler) {
    routes_.push_back({std::move(method), std::string(pattern), segments_of(pattern), std::move(handler)});
}

Answer Router::dispatch(Call& call) const {
    const auto segments = segments_of(call.path);
    bool known_path = false;
    for (const Route& route : routes_) {
        if (route.segments.size() != segments.size()) {
            continue;
        }
        std::vector<std::string> captured;
        bool fits = true;
        for (std::size_t i = 0; fits && i < segments.size(); ++i) {
            if (route.segments[i] == ":") {
                captured.push_back(segments[i]);
            } else {
                fits = route.segments[i] == segments[i];
            }
        }
        if (!fits) {
            continue;
        }
        known_path = true;
        call.route = route.pattern;
        if (route.method == call.method) {
            call.captured = std::move(captured);
            return route.handler(call);
        }
    }
    return known_path ? error_answer(405, fmt::format("{} is not allowed here", call.method))
                      : error_answer(404, fmt::format("there is no {} in this API", call.path));
}

}  // namespace tinybird_cdk::local
