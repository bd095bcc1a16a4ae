// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "conformance/recorder.hpp"
#include "conformance/trial.hpp"

/// The checks. Each records its results, one per case and format.
namespace tinybird_cdk::conformance {

void check_connection(Trial& trial, Recorder& recorder);
void check_secrets(Trial& trial, Recorder& recorder);
void check_bad_sql(Trial& trial, Recorder& recorder);

void check_scopes(Trial& trial, Recorder& recorder);
void check_schema(Trial& trial, Recorder& recorder);
void check_identifiers(Trial& trial, Recorder& recorder);

void check_types(Trial& trial, Recorder& recorder);
void check_suggested_types(Trial& trial, Recorder& recorder);
void check_refused_values(Trial& trial, Recorder& recorder);

void check_null_and_empty(Trial& trial, Recorder& recorder);
void check_random_text(Trial& trial, Recorder& recorder);
void check_wide_rows(Trial& trial, Recorder& recorder);
void check_long_text(Trial& trial, Recorder& recorder);

void check_row_limit(Trial& trial, Recorder& recorder);
void check_empty_result(Trial& trial, Recorder& recorder);
void check_no_columns(Trial& trial, Recorder& recorder);
void check_replace_condition(Trial& trial, Recorder& recorder);
void check_same_rows_twice(Trial& trial, Recorder& recorder);
void check_cursor(Trial& trial, Recorder& recorder);

void check_snapshot(Trial& trial, Recorder& recorder);
void check_cancel(Trial& trial, Recorder& recorder);
void check_clean_up(Trial& trial, Recorder& recorder);
void check_cut_wire(Trial& trial, Recorder& recorder);

}  // namespace tinybird_cdk::conformance
