// SPDX-License-Identifier: Apache-2.0
#include "statement.hpp"

#include <algorithm>
#include <new>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "wire.hpp"

namespace tinybird_cdk::mysql {

Statement::Statement(Connection& connection, const std::string& sql)
    : connection_(connection), statement_(mysql_stmt_init(&connection.session())) {
    if (!statement_) {
        throw std::bad_alloc();
    }
    // Values are taken where they lie in libmariadb's buffer: nothing is copied, and nothing has a longest length.
    mysql_stmt_attr_set(statement_.get(), STMT_ATTR_CB_USER_DATA, this);
    mysql_stmt_attr_set(statement_.get(), STMT_ATTR_CB_RESULT, reinterpret_cast<const void*>(&Statement::on_value));
    connection_.set_busy(true);
    if (mysql_stmt_prepare(statement_.get(), sql.data(), static_cast<unsigned long>(sql.size())) != 0) {
        fail();
    }
    connection_.set_busy(false);
    if (mysql_stmt_param_count(statement_.get()) > 0) {
        throw errors::InvalidArgument("the query has placeholders", "Put the values in their place.");
    }
    if (mysql_stmt_field_count(statement_.get()) == 0) {
        throw errors::InvalidArgument("the statement gives no rows", "Give a SELECT with at least one column.");
    }
    read_fields();
}

Statement::~Statement() {
    if (connection_.busy()) {
        // Closing a statement reads all that is left of its rows.
        connection_.cut();
    }
}

void Statement::read_fields() {
    const ResultHandle metadata(mysql_stmt_result_metadata(statement_.get()));
    if (!metadata) {
        fail();
    }
    fields_.clear();
    decoders_.clear();
    for (unsigned int i = 0; i < mysql_num_fields(metadata.get()); ++i) {
        fields_.push_back(field_of(*mysql_fetch_field_direct(metadata.get(), i)));
        decoders_.push_back(decoder_for(fields_.back()));
    }
}

void Statement::execute() {
    connection_.set_busy(true);
    if (mysql_stmt_execute(statement_.get()) != 0) {
        fail();
    }
    read_fields();
}

bool Statement::write_row(RowWriter& writer) {
    writer_ = &writer;
    const bool any = fetch();
    if (any) {
        writer.end_row();
    }
    return any;
}

bool Statement::skip_row() {
    writer_ = nullptr;
    return fetch();
}

bool Statement::fetch() {
    const int outcome = mysql_stmt_fetch(statement_.get());
    if (failure_) {
        connection_.cut();
        rethrow_failure();
    }
    if (outcome == MYSQL_NO_DATA) {
        connection_.set_busy(false);
        return false;
    }
    if (outcome != 0) {
        fail();
    }
    return true;
}

void Statement::rethrow_failure() const {
    try {
        std::rethrow_exception(failure_);
    } catch (const MalformedData& error) {
        throw errors::ExternalDatasourceError(
            fmt::format("column \"{}\": MySQL's {} can't be read: {}", fields_[column_].name,
                        shown_type(fields_[column_]), error.what()),
            {}, "Convert the column in the query, as with HEX(), and report it.");
    }
}

/// No exception may pass through libmariadb.
void Statement::on_value(void* self, unsigned int column, unsigned char** position) {
    auto& statement = *static_cast<Statement*>(self);
    if (statement.failure_) {
        return;
    }
    try {
        statement.take_value(column, position);
    } catch (...) {
        statement.failure_ = std::current_exception();
    }
}

/// @param position where the value lies, and then what comes behind it; null for NULL
void Statement::take_value(unsigned int column, unsigned char** position) {
    if (writer_ == nullptr) {
        return;
    }
    if (column == 0) {
        writer_->begin_row();
    }
    if (position == nullptr) {
        writer_->null();
        return;
    }
    column_ = column;
    const NET& net = connection_.session().net;
    const auto* const begin = reinterpret_cast<const char*>(*position);
    Wire wire({begin, static_cast<std::size_t>(reinterpret_cast<const char*>(net.buff_end) - begin)});
    decoders_[column](wire, *writer_, scratch_);
    *position += wire.position() - begin;
}

void Statement::fail() {
    // What breaks while rows are read is told by the session only.
    MYSQL& session = connection_.session();
    const bool by_session = mysql_stmt_errno(statement_.get()) == 0;
    const SqlError error{by_session ? mysql_errno(&session) : mysql_stmt_errno(statement_.get()),
                         by_session ? mysql_sqlstate(&session) : mysql_stmt_sqlstate(statement_.get()),
                         by_session ? mysql_error(&session) : mysql_stmt_error(statement_.get())};
    // With an error of its own the server is done with the statement; with one of libmariadb's that is not known.
    connection_.set_busy(error.is_of_client());
    connection_.fail(error);
}

}  // namespace tinybird_cdk::mysql
