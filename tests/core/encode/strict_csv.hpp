// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// Reads CSV as RFC 4180 has it, with `\n` between records, and nothing else.
namespace tinybird_cdk::testing {

struct CsvField {
    bool quoted = false;
    std::string text;
    bool operator==(const CsvField&) const = default;
};

inline std::vector<std::vector<CsvField>> read_csv(std::string_view text) {
    std::vector<std::vector<CsvField>> records;
    std::size_t i = 0;
    while (i < text.size()) {
        records.emplace_back();
        while (true) {
            CsvField field;
            if (i < text.size() && text[i] == '"') {
                field.quoted = true;
                for (++i;; ++i) {
                    if (i >= text.size()) {
                        throw std::runtime_error("a quoted field has no end");
                    }
                    if (text[i] == '"') {
                        if (i + 1 < text.size() && text[i + 1] == '"') {
                            ++i;
                        } else {
                            break;
                        }
                    }
                    field.text += text[i];
                }
                ++i;
            } else {
                while (i < text.size() && text[i] != ',' && text[i] != '\n') {
                    if (text[i] == '"') {
                        throw std::runtime_error("a quote in a field without quotes");
                    }
                    field.text += text[i++];
                }
            }
            records.back().push_back(field);
            if (i >= text.size()) {
                throw std::runtime_error("the last record has no end");
            }
            const char separator = text[i++];
            if (separator == '\n') {
                break;
            }
            if (separator != ',') {
                throw std::runtime_error("something behind a quoted field");
            }
        }
    }
    return records;
}

}  // namespace tinybird_cdk::testing
