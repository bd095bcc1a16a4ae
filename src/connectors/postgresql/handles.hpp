// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include <libpq-fe.h>

namespace tinybird_cdk::postgresql {

template <auto Function>
struct Deleter {
    template <class Handle>
    void operator()(Handle* handle) const noexcept {
        Function(handle);
    }
};

using ConnectionHandle = std::unique_ptr<PGconn, Deleter<PQfinish>>;
using ResultHandle = std::unique_ptr<PGresult, Deleter<PQclear>>;
using CancelHandle = std::unique_ptr<PGcancel, Deleter<PQfreeCancel>>;
using OptionsHandle = std::unique_ptr<PQconninfoOption, Deleter<PQconninfoFree>>;
using MemoryHandle = std::unique_ptr<char, Deleter<PQfreemem>>;

}  // namespace tinybird_cdk::postgresql
