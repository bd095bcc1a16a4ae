// SPDX-License-Identifier: Apache-2.0
#include "cloud/azure/batch.hpp"

#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "core/text.hpp"

namespace tinybird_cdk::cloud::azure {

namespace {

template <class Number>
std::optional<Number> number_of(std::string_view text) {
    Number value = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
    return result.ec == std::errc() ? std::optional(value) : std::nullopt;
}

/// The headers of the part, then the status line and the headers of the answer in it.
std::optional<BatchAnswer> parse_one(std::string_view text) {
    BatchAnswer answer;
    bool numbered = false;
    for (const std::string_view line : core::split(text, '\n')) {
        const std::size_t colon = line.find(':');
        const std::string_view name = line.substr(0, colon);
        const std::string_view value =
            colon == std::string_view::npos ? std::string_view() : core::trim(line.substr(colon + 1));
        if (answer.status == 0 && core::equal_ignoring_case(name, "content-id")) {
            const auto number = number_of<std::size_t>(value);
            numbered = number.has_value();
            answer.number = number.value_or(0);
        } else if (answer.status == 0 && line.starts_with("HTTP/")) {
            answer.status = number_of<int>(line.substr(std::min(line.size(), line.find(' ') + 1))).value_or(0);
        } else if (answer.status != 0 && core::equal_ignoring_case(name, "x-ms-error-code")) {
            answer.code = value;
        }
    }
    return numbered && answer.status != 0 ? std::optional(answer) : std::nullopt;
}

}  // namespace

std::string batch_document(std::string_view boundary, const std::vector<BatchPart>& parts) {
    std::string text;
    for (std::size_t number = 0; number < parts.size(); ++number) {
        text += fmt::format(
            "--{}\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: {}\r\n\r\n"
            "DELETE {} HTTP/1.1\r\n",
            boundary, number, parts[number].path);
        for (const auto& [name, value] : parts[number].headers) {
            text += fmt::format("{}: {}\r\n", name, value);
        }
        text += "Content-Length: 0\r\n\r\n";
    }
    return text + fmt::format("--{}--\r\n", boundary);
}

std::vector<BatchAnswer> parse_batch_answers(const http::Response& response) {
    const std::string_view type = response.header("content-type").value_or("");
    const std::size_t at = type.find("boundary=");
    if (at == std::string_view::npos) {
        return {};
    }
    std::string boundary(core::trim(type.substr(at + 9, type.find(';', at) - at - 9)));
    std::erase(boundary, '"');
    std::vector<BatchAnswer> answers;
    const std::string mark = "--" + boundary;
    std::string_view rest = response.body;
    for (std::size_t begin = rest.find(mark); begin != std::string_view::npos; begin = rest.find(mark)) {
        rest.remove_prefix(begin + mark.size());
        if (auto answer = parse_one(rest.substr(0, rest.find(mark)))) {
            answers.push_back(*std::move(answer));
        }
    }
    return answers;
}

}  // namespace tinybird_cdk::cloud::azure
