// SPDX-License-Identifier: Apache-2.0
#include "cloud/s3/documents.hpp"

#include <algorithm>
#include <charconv>
#include <sstream>

#include <fmt/format.h>
#include <pugixml.hpp>

#include <tinybird_cdk/errors.hpp>

#include "cloud/s3/times.hpp"
#include "core/text.hpp"

namespace tinybird_cdk::cloud::s3 {

namespace {

[[noreturn]] void refuse_document(const char* expected) {
    throw errors::ExternalDatasourceError(
        fmt::format("s3: the store's answer is no {} as S3 has it", expected), {},
        "Check that the endpoint is one of a store that speaks S3's protocol, and that no proxy answers for it.");
}

pugi::xml_node root_of(pugi::xml_document& document, std::string_view xml, const char* name) {
    // Blanks are part of keys.
    const auto result =
        document.load_buffer(xml.data(), xml.size(), pugi::parse_default | pugi::parse_ws_pcdata_single);
    pugi::xml_node root = document.child(name);
    if (!result || !root) {
        refuse_document(name);
    }
    return root;
}

std::string decoded(const char* text, bool encoded) {
    if (!encoded) {
        return text;
    }
    auto plain = core::url_decode(text, true);
    if (!plain) {
        refuse_document("ListBucketResult");
    }
    return std::move(*plain);
}

std::string written(const pugi::xml_document& document) {
    std::ostringstream text;
    document.save(text, "", pugi::format_raw | pugi::format_no_declaration);
    return text.str();
}

}  // namespace

std::string plain_etag(std::string_view etag) {
    if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') {
        etag = etag.substr(1, etag.size() - 2);
    }
    return std::string(etag);
}

std::optional<Refusal> parse_refusal(std::string_view xml) {
    pugi::xml_document document;
    document.load_buffer(xml.data(), xml.size());
    pugi::xml_node error = document.child("Error");
    // The other services put it one deeper.
    if (const pugi::xml_node answer = document.child("ErrorResponse")) {
        error = answer.child("Error");
    }
    if (!error) {
        return std::nullopt;
    }
    return Refusal{.code = error.child_value("Code"),
                   .message = error.child_value("Message"),
                   .region = error.child_value("Region")};
}

Page parse_page(std::string_view xml) {
    pugi::xml_document document;
    const pugi::xml_node root = root_of(document, xml, "ListBucketResult");
    const bool encoded = std::string_view(root.child_value("EncodingType")) == "url";
    Page page;
    for (const pugi::xml_node& entry : root.children("Contents")) {
        Object object;
        object.key = decoded(entry.child_value("Key"), encoded);
        const std::string_view size = entry.child_value("Size");
        const auto modified = parse_iso_time(entry.child_value("LastModified"));
        const auto read = std::from_chars(size.data(), size.data() + size.size(), object.size);
        if (object.key.empty() || read.ec != std::errc() || read.ptr != size.data() + size.size() || !modified) {
            refuse_document("ListBucketResult");
        }
        object.modified = *modified;
        object.etag = plain_etag(entry.child_value("ETag"));
        page.objects.push_back(std::move(object));
    }
    if (std::string_view(root.child_value("IsTruncated")) == "true") {
        page.next = root.child_value("NextContinuationToken");
        if (page.next.empty()) {
            // Going on without it would list the first page for ever, ending here would leave objects out.
            refuse_document("ListBucketResult");
        }
    }
    return page;
}

std::vector<Unfinished> parse_unfinished(std::string_view xml) {
    pugi::xml_document document;
    const pugi::xml_node root = root_of(document, xml, "ListMultipartUploadsResult");
    const bool encoded = std::string_view(root.child_value("EncodingType")) == "url";
    std::vector<Unfinished> uploads;
    for (const pugi::xml_node& entry : root.children("Upload")) {
        Unfinished upload{.key = decoded(entry.child_value("Key"), encoded), .upload = entry.child_value("UploadId")};
        if (const auto begun = parse_iso_time(entry.child_value("Initiated"))) {
            upload.begun = *begun;
        }
        uploads.push_back(std::move(upload));
    }
    return uploads;
}

std::string parse_text(std::string_view xml, const char* root, const char* element) {
    pugi::xml_document document;
    std::string text = root_of(document, xml, root).child_value(element);
    if (text.empty()) {
        refuse_document(root);
    }
    return text;
}

std::vector<std::string> parse_not_deleted(std::string_view xml) {
    pugi::xml_document document;
    std::vector<std::string> left;
    for (const pugi::xml_node& error : root_of(document, xml, "DeleteResult").children("Error")) {
        // What is gone already is what was asked for; AWS says nothing of it.
        if (std::string_view(error.child_value("Code")) == "NoSuchKey") {
            continue;
        }
        left.push_back(fmt::format("{}: {}: {}", error.child_value("Key"), error.child_value("Code"),
                                   error.child_value("Message")));
    }
    return left;
}

std::string delete_document(const std::vector<std::string>& keys) {
    pugi::xml_document document;
    pugi::xml_node root = document.append_child("Delete");
    root.append_attribute("xmlns") = "http://s3.amazonaws.com/doc/2006-03-01/";
    for (const std::string& key : keys) {
        root.append_child("Object").append_child("Key").text() = key.c_str();
    }
    root.append_child("Quiet").text() = "true";
    return written(document);
}

std::string complete_document(const std::vector<std::string>& etags) {
    pugi::xml_document document;
    pugi::xml_node root = document.append_child("CompleteMultipartUpload");
    root.append_attribute("xmlns") = "http://s3.amazonaws.com/doc/2006-03-01/";
    int number = 0;
    for (const std::string& etag : etags) {
        pugi::xml_node part = root.append_child("Part");
        part.append_child("PartNumber").text() = ++number;
        part.append_child("ETag").text() = fmt::format("\"{}\"", etag).c_str();
    }
    return written(document);
}

bool fits_xml(std::string_view key) {
    return std::none_of(key.begin(), key.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; });
}

}  // namespace tinybird_cdk::cloud::s3
