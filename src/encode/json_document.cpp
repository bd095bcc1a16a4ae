// SPDX-License-Identifier: Apache-2.0
#include "encode/json_document.hpp"

#include <unordered_set>
#include <vector>

#include <nlohmann/json.hpp>

namespace tinybird_cdk::encode {

namespace {

/// Watches the parser's events for a key that comes twice.
class DuplicateFinder {
public:
    static bool null() { return true; }
    static bool boolean(bool) { return true; }
    static bool number_integer(std::int64_t) { return true; }
    static bool number_unsigned(std::uint64_t) { return true; }
    static bool number_float(double, const std::string&) { return true; }
    static bool string(std::string&) { return true; }
    static bool binary(nlohmann::json::binary_t&) { return true; }
    bool start_object(std::size_t) {
        open_.emplace_back();
        return true;
    }
    bool key(std::string& name) {
        if (!open_.back().insert(name).second) {
            duplicate = name;
            return false;
        }
        return true;
    }
    bool end_object() {
        open_.pop_back();
        return true;
    }
    static bool start_array(std::size_t) { return true; }
    static bool end_array() { return true; }
    static bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) { return false; }

    std::optional<std::string> duplicate;

private:
    std::vector<std::unordered_set<std::string>> open_;
};

}  // namespace

bool is_json(std::string_view text) {
    return nlohmann::json::accept(text.begin(), text.end());
}

std::optional<std::string> duplicate_key(std::string_view document) {
    DuplicateFinder finder;
    nlohmann::json::sax_parse(document.begin(), document.end(), &finder);
    return finder.duplicate;
}

void append_on_one_line(std::string& out, std::string_view document) {
    for (const char c : document) {
        out += c == '\n' || c == '\r' ? ' ' : c;
    }
}

}  // namespace tinybird_cdk::encode
