// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/conformance/case_file.hpp>

#include <stdlib.h>  // mkdtemp is POSIX

#include <charconv>
#include <filesystem>
#include <functional>
#include <map>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/conformance/suite.hpp>
#include <tinybird_cdk/errors.hpp>

#include "conformance/adbc_statements.hpp"
#include "conformance/case_text.hpp"
#include "conformance/client_process.hpp"
#include "conformance/placeholders.hpp"

namespace tinybird_cdk::conformance {

class CaseFile::Directory {
public:
    Directory() {
        std::string name = (std::filesystem::temp_directory_path() / "tinybird_cdk_conformance_XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) {
            throw errors::Error("no temporary directory can be made in " +
                                std::filesystem::temp_directory_path().string());
        }
        path_ = name;
    }
    ~Directory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;
    [[nodiscard]] std::string path() const { return path_.string(); }

private:
    std::filesystem::path path_;
};

namespace {

using Line = CaseSection::Line;

/// ${NAME} and ${NAME:-text}, as a shell has them.
std::string expanded(std::string_view text, const Environment& environment) {
    std::string result;
    while (!text.empty()) {
        const std::size_t begin = text.find("${");
        const std::size_t end = begin == std::string_view::npos ? begin : text.find('}', begin);
        result += text.substr(0, begin);
        if (end == std::string_view::npos) {
            break;
        }
        const std::string_view inner = text.substr(begin + 2, end - begin - 2);
        const std::size_t dash = inner.find(":-");
        const std::string value = environment.get(inner.substr(0, dash)).value_or("");
        result += value.empty() && dash != std::string_view::npos ? std::string(inner.substr(dash + 2)) : value;
        text.remove_prefix(end + 1);
    }
    return result;
}

std::pair<std::string, std::string> assignment(std::string_view file, const Line& line) {
    const std::size_t equals = line.value.find('=');
    if (equals == std::string::npos || equals == 0) {
        refuse_case_line(file, line.number, line.key + " is NAME=VALUE");
    }
    return {line.value.substr(0, equals), line.value.substr(equals + 1)};
}

/// Reads the sections into a subject.
class Reader {
public:
    Reader(std::string_view file, std::string directory, Environment environment)
        : file_(file), directory_(std::move(directory)), environment_(std::move(environment)) {}

    Subject read(const std::vector<CaseSection>& sections, std::string_view connector) {
        for (const CaseSection& section : sections) {
            if (section.kind == "source") {
                read_source(section);
            } else if (section.kind == "type") {
                read_type(section);
            } else if (section.kind == "fault") {
                read_fault(section);
            } else if (section.kind == "skip") {
                read_skips(section);
            } else {
                refuse_case_line(
                    file_, section.number,
                    "sections are [source], [type NAME], [fault NAME] and [skip], not [" + section.kind + "]");
            }
        }
        const std::string name = connector.empty() ? connector_ : std::string(connector);
        if (name.empty()) {
            refuse_case_line(file_, 1, "[source] names no connector");
        }
        Subject subject = Subject::of(name, environment_);
        subject.dialect = dialect_;
        subject.types = std::move(types_);
        subject.faults = std::move(faults_);
        subject.skips = std::move(skips_);
        subject.secret_values = std::move(secret_values_);
        if (!formats_.empty()) {
            subject.formats = formats_;
        }
        if (!host_variable_.empty() && !port_variable_.empty()) {
            subject.network = Network{host_variable_, port_variable_};
        }
        if (client_.empty() == adbc_.driver.empty()) {
            refuse_case_line(file_, 1, "[source] names either a client or an adbc_driver, to run statements with");
        }
        if (client_.empty()) {
            adbc_.setup = session_;
            subject.statements = std::make_shared<AdbcStatements>(adbc_, environment_);
        } else {
            subject.statements = std::make_shared<ClientProcess>(client_, session_, environment_);
        }
        if (!set_up_.empty()) {
            subject.statements->execute(set_up_);
        }
        return subject;
    }

private:
    void read_source(const CaseSection& section) {
        const std::map<std::string_view, std::string*> texts{{"connector", &connector_},
                                                             {"client", &client_},
                                                             {"quote", &dialect_.quote},
                                                             {"create_namespace", &dialect_.create_namespace},
                                                             {"drop_namespace", &dialect_.drop_namespace},
                                                             {"table", &dialect_.table},
                                                             {"integer", &dialect_.integer},
                                                             {"text", &dialect_.text},
                                                             {"null", &dialect_.column_null},
                                                             {"hex", &dialect_.hex},
                                                             {"concat", &dialect_.concat},
                                                             {"random", &dialect_.random},
                                                             {"endless", &dialect_.endless},
                                                             {"running", &dialect_.running},
                                                             {"host_variable", &host_variable_},
                                                             {"port_variable", &port_variable_},
                                                             {"source_text", &source_text_},
                                                             {"target_text", &target_text_}};
        for (const Line& line : section.lines) {
            if (const auto text = texts.find(line.key); text != texts.end()) {
                *text->second = line.value;
            } else {
                read_source_line(line);
            }
        }
    }

    void read_source_line(const Line& line) {
        if (line.key == "variable") {
            const auto [name, value] = assignment(file_, line);
            if (environment_.get(name).value_or("").empty()) {
                environment_ = environment_.with(name, filled(value, {{"directory", directory_}}));
            }
        } else if (line.key == "secret") {
            const auto [name, value] = assignment(file_, line);
            secret_values_[name] = filled(value, {{"directory", directory_}});
        } else if (line.key == "scope") {
            const auto [name, value] = assignment(file_, line);
            if (std::exchange(scopes_given_, true) == false) {
                dialect_.scopes.clear();
            }
            dialect_.scopes[name] = expanded(value, environment_);
        } else if (line.key == "session") {
            session_.push_back(line.value);
        } else if (line.key == "set_up") {
            set_up_.push_back(line.value);
        } else if (line.key == "no_columns") {
            dialect_.no_columns.push_back(line.value);
        } else if (line.key == "format") {
            formats_.push_back(formats::parse(line.value));
        } else if (line.key == "adbc_driver") {
            adbc_.driver = expanded(line.value, environment_);
        } else if (line.key == "adbc_entrypoint") {
            adbc_.entrypoint = expanded(line.value, environment_);
        } else if (line.key == "adbc_option") {
            const auto [name, value] = assignment(file_, line);
            adbc_.database.emplace_back(name, expanded(value, environment_));
        } else if (line.key == "cursor_lag") {
            dialect_.cursor_lag = Lag::parse(line.value);
        } else if (line.key == "most_columns") {
            const char* const end = line.value.data() + line.value.size();
            if (const auto parsed = std::from_chars(line.value.data(), end, dialect_.most_columns);
                parsed.ec != std::errc() || parsed.ptr != end || dialect_.most_columns < 2) {
                refuse_case_line(file_, line.number, "most_columns is a number from 2 on");
            }
        } else {
            refuse_unknown(line, "source");
        }
    }

    void read_type(const CaseSection& section) {
        TypeCase type;
        type.name = section.name;
        if (type.name.empty() ||
            type.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") != std::string::npos) {
            refuse_case_line(file_, section.number, "the name of a type is of small letters, digits and underscores");
        }
        type.source_text = source_text_;
        type.target_text = target_text_;
        for (const Line& line : section.lines) {
            if (line.key == "type") {
                type.source_type = line.value;
            } else if (line.key == "value") {
                type.values.push_back(line.value);
            } else if (line.key == "refused") {
                type.refused.push_back(line.value);
            } else if (line.key == "target") {
                type.target_type = line.value;
            } else if (line.key == "suggested") {
                type.suggested_type = line.value;
            } else if (line.key == "suggest" && (line.value == "no" || line.value == "yes")) {
                type.suggest = line.value == "yes";
            } else if (line.key == "source_text") {
                type.source_text = line.value;
            } else if (line.key == "target_text") {
                type.target_text = line.value;
            } else if (line.key == "set_up") {
                type.set_up.push_back(line.value);
            } else {
                refuse_unknown(line, "type");
            }
        }
        if (type.values.empty() || type.target_type.empty()) {
            refuse_case_line(file_, section.number, "a type has at least one value and a target");
        }
        try {
            static_cast<void>(schema::Type::parse(type.target_type));
        } catch (const errors::InvalidArgument& error) {
            refuse_case_line(file_, section.number, error.what());
        }
        types_.push_back(std::move(type));
    }

    void read_fault(const CaseSection& section) {
        Fault fault;
        fault.name = section.name;
        for (const Line& line : section.lines) {
            (line.key == "says" ? fault.says : fault.variables[line.key]) = line.value;
        }
        if (fault.name.empty() || fault.variables.empty()) {
            refuse_case_line(file_, section.number, "a fault has a name and at least one variable");
        }
        faults_.push_back(std::move(fault));
    }

    void read_skips(const CaseSection& section) {
        for (const Line& line : section.lines) {
            if (line.value.empty()) {
                refuse_case_line(file_, line.number, "say why " + line.key + " is skipped");
            }
            skips_[line.key] = line.value;
        }
    }

    [[noreturn]] void refuse_unknown(const Line& line, std::string_view section) const {
        refuse_case_line(file_, line.number, fmt::format("[{}] has no \"{} = {}\"", section, line.key, line.value));
    }

    const std::string_view file_;
    const std::string directory_;
    Environment environment_;
    std::string connector_;
    std::string client_;
    std::vector<std::string> session_;
    std::vector<std::string> set_up_;
    adbc::Source adbc_;
    Dialect dialect_;
    bool scopes_given_ = false;
    std::string host_variable_;
    std::string port_variable_;
    std::string source_text_ = TypeCase{}.source_text;
    std::string target_text_ = TypeCase{}.target_text;
    std::map<std::string, std::string, std::less<>> secret_values_;
    std::vector<Format> formats_;
    std::vector<TypeCase> types_;
    std::vector<Fault> faults_;
    std::map<std::string, std::string, std::less<>> skips_;
};

}  // namespace

CaseFile::CaseFile(std::string_view text, std::string_view name, const Environment& environment,
                   std::string_view connector)
    : directory_(std::make_unique<Directory>()) {
    subject_ = Reader(name, directory_->path(), environment).read(case_sections(text, name), connector);
}

CaseFile::~CaseFile() = default;

}  // namespace tinybird_cdk::conformance
