// SPDX-License-Identifier: Apache-2.0
// Text and JSON documents that their target can't plainly hold.
#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "encode/escape.hpp"
#include "encode/json_document.hpp"
#include "encode/row_writer_impl.hpp"
#include "encode/shown.hpp"

namespace tinybird_cdk {

using encode::Accept;
using encode::shown;

void RowWriter::Impl::invalid_text(const Rule& rule, std::string_view text) {
    if (resolve(Hazard::invalid_utf8, rule, text, "it is not valid UTF-8") == Way::null) {
        put_null();
        return;
    }
    checked_text(rule, encode::with_valid_utf8(text));
}

void RowWriter::Impl::checked_text(const Rule& rule, std::string_view text) {
    switch (rule.accept) {
        case Accept::fixed_text:
            if (text.size() > static_cast<std::size_t>(rule.precision)) {
                refuse(fmt::format("\"{}\" has {} bytes, {} holds {}", shown(text), text.size(), rule.type,
                                   rule.precision),
                       "Make the column a String.");
            }
            break;
        case Accept::label:
            if (std::find(rule.labels.begin(), rule.labels.end(), text) == rule.labels.end()) {
                refuse(fmt::format("\"{}\" is no label of {}", shown(text), shown(rule.type)),
                       "Add the label to the data source's column, or make it LowCardinality(String).");
            }
            break;
        case Accept::boolean:
            // In JSON ClickHouse reads true and false, but not "true".
            if (text == "true" || text == "false" || text == "1" || text == "0") {
                put_digits(text == "1" ? "true" : text == "0" ? "false" : text, Quoting::bare);
                return;
            }
            break;
        case Accept::json:
            json_into_json(rule, text);
            return;
        case Accept::list:
        case Accept::tuple:
        case Accept::map:
            // ClickHouse's CSV reader takes its own notation from a quoted field; in JSON a string would not do.
            if (ndjson_ && encode::is_json_container(text)) {
                put_json(text);
                return;
            }
            break;
        default:
            break;
    }
    put_string(text);
}

void RowWriter::Impl::json_into_json(const Rule& rule, std::string_view document) {
    const encode::JsonFindings findings = encode::look_through(document);
    if (!findings.fault.empty()) {
        refuse(fmt::format("{} is not valid JSON: {}", shown(document), findings.fault));
    }
    if (!findings.object) {
        refuse(fmt::format("{} can't be held by {}, which takes objects only", shown(document), rule.type),
               "Make the column a String.");
    }
    if (findings.duplicate_key &&
        resolve(Hazard::duplicate_key, rule, document,
                fmt::format("it names the key \"{}\" twice", shown(*findings.duplicate_key))) == Way::null) {
        put_null();
        return;
    }
    put_json(document);
}

}  // namespace tinybird_cdk
