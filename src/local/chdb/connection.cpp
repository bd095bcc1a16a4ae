// SPDX-License-Identifier: Apache-2.0
#include "local/chdb/connection.hpp"

#include <charconv>

namespace tinybird_cdk::local::chdb {

namespace {

/// "Code: 62. DB::Exception: …"
int code_of(std::string_view message) noexcept {
    constexpr std::string_view prefix = "Code: ";
    const std::size_t begin = message.find(prefix);
    int code = 0;
    if (begin != std::string_view::npos) {
        const std::string_view rest = message.substr(begin + prefix.size());
        std::from_chars(rest.data(), rest.data() + rest.size(), code);
    }
    return code;
}

class Result {
public:
    Result(const Functions& functions, ResultHandle* handle) : functions_(functions), handle_(handle) {
        if (handle_ == nullptr) {
            throw EngineError("the engine gave no result");
        }
    }
    Result(const Result&) = delete;
    Result& operator=(const Result&) = delete;
    ~Result() { functions_.destroy_result(handle_); }

    void throw_on_error() const {
        if (const char* const error = functions_.result_error(handle_)) {
            throw EngineError(error);
        }
    }
    [[nodiscard]] std::size_t size() const { return functions_.result_length(handle_); }
    [[nodiscard]] std::string text() const {
        const char* const data = functions_.result_buffer(handle_);
        return data == nullptr ? std::string() : std::string(data, functions_.result_length(handle_));
    }

private:
    const Functions& functions_;
    ResultHandle* handle_;
};

}  // namespace

EngineError::EngineError(const std::string& message) : std::runtime_error(message), code_(code_of(message)) {}

Connection::Connection(const Functions& functions, const std::vector<std::string>& arguments)
    : functions_(functions), handle_(nullptr, Close{&functions}) {
    std::vector<std::string> copies{"clickhouse"};
    copies.insert(copies.end(), arguments.begin(), arguments.end());
    std::vector<char*> pointers;
    pointers.reserve(copies.size());
    for (std::string& copy : copies) {
        pointers.push_back(copy.data());
    }
    handle_.reset(functions_.connect(static_cast<int>(pointers.size()), pointers.data()));
    if (!handle_ || *handle_ == nullptr) {
        throw EngineError("the engine refused a connection");
    }
}

std::string Connection::query(std::string_view sql, std::string_view format) {
    const Result result(functions_, functions_.query(*handle_, sql.data(), sql.size(), format.data(), format.size()));
    try {
        result.throw_on_error();
    } catch (const EngineError&) {
        failed_ = true;
        throw;
    }
    if (largest_result_ > 0 && result.size() > largest_result_) {
        throw EngineError("Code: 396. DB::Exception: the result has " + std::to_string(result.size()) + " bytes.");
    }
    return result.text();
}

QueryAnalysis Connection::classify(std::string_view sql) {
    QueryAnalysis analysis;
    if (functions_.classify(*handle_, sql.data(), sql.size(), nullptr, 0, &analysis) != 0) {
        throw EngineError("the engine can't classify statements");
    }
    return analysis;
}

Connection::Insert::Insert(Connection& connection, std::string_view sql, std::string_view format)
    : functions_(connection.functions_),
      handle_(functions_.insert(*connection.handle_, sql.data(), sql.size(), format.data(), format.size()),
              Close{&functions_}) {
    if (const char* const error = functions_.insert_error(handle_.get())) {
        throw EngineError(error);
    }
}

void Connection::Insert::write(std::string_view data) {
    if (functions_.append(handle_.get(), data.data(), data.size()) != 0) {
        const char* const error = functions_.insert_error(handle_.get());
        throw EngineError(error == nullptr ? "the insert failed" : error);
    }
}

void Connection::Insert::finish() {
    const Result result(functions_, functions_.insert_done(handle_.get()));
    result.throw_on_error();
}

}  // namespace tinybird_cdk::local::chdb
