// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <tinybird_cdk/conformance/subject.hpp>
#include <tinybird_cdk/connector.hpp>

namespace tinybird_cdk::testing {

/// What a connector may get wrong. Each is one that users of real ones complained about, or a likely slip.
enum class Fault {
    none,
    loses_the_last_row,
    loses_a_row_at_the_second_read,
    null_becomes_empty,
    empty_becomes_null,
    cuts_long_text,
    flattens_text,
    goes_through_a_double,
    writes_null_for_what_is_refused,
    ignores_the_limit,
    gives_a_row_for_none,
    takes_what_has_no_columns,
    takes_bad_sql_for_no_rows,
    drops_conditions,
    reads_in_pages,
    calls_a_stop_a_failure,
    keeps_a_connection,
    keeps_a_lock,
    shows_the_secret_in_errors,
    prints_the_secret,
    says_nothing_of_the_database,
    throws_foreign_exceptions,
    does_not_quote,
    lists_no_tables,
    takes_any_scope,
    swaps_columns,
    forgets_not_null,
    suggests_text,
    runs_writes,
    ignores_the_cursor,
    takes_a_cut_for_the_end,
};

/// A connector to SQLite files, FAULTY_DATABASE, with FAULTY_PASSWORD that it has no use for, which does one thing
/// wrong. With FAULTY_PORT it asks a LineServer for the rows instead.
conformance::Subject faulty_subject(Fault fault, const Environment& environment, const std::string& database);

}  // namespace tinybird_cdk::testing
