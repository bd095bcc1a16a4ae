// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include <mysql.h>

namespace tinybird_cdk::mysql {

template <auto Function>
struct Deleter {
    template <class Handle>
    void operator()(Handle* handle) const noexcept {
        Function(handle);
    }
};

using SessionHandle = std::unique_ptr<MYSQL, Deleter<mysql_close>>;
using StatementHandle = std::unique_ptr<MYSQL_STMT, Deleter<mysql_stmt_close>>;
using ResultHandle = std::unique_ptr<MYSQL_RES, Deleter<mysql_free_result>>;

}  // namespace tinybird_cdk::mysql
