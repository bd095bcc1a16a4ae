// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "local/catalog.hpp"
#include "local/engine.hpp"

namespace tinybird_cdk::local {

/// The tables of an import whose rows are all staged.
struct ImportSwitch {
    std::string ready;       ///< the rows
    std::string next;        ///< a name for the table that may become the data source's
    std::string quarantine;  ///< rows for the quarantine; empty: none
};

struct SwitchMode {
    bool replace = false;
    std::string condition;  ///< of a replace; empty: of all
    std::string import_id;
};

/// Puts an import into its data source, in one step that a crash can't cut: a rename of one part, or an exchange of
/// two tables. Rows for the quarantine come first, under a note in the journal; a start that finds the note asks
/// whether the exchange has happened, and removes those rows if not. So both are there, or none.
/// @throws Refusal 404 or 409 when the data source was dropped or changed meanwhile
void switch_import(Engine& engine, Catalog& catalog, const DataSource& source, const ImportSwitch& tables,
                   const SwitchMode& mode, const std::filesystem::path& journal);

/// The folder of the notes, beside the scratch folder. It is made when it is not there.
std::filesystem::path import_journal(const std::filesystem::path& scratch);

/// At a start: removes what imports that a crash cut left in quarantines.
void recover_imports(Engine& engine, const std::filesystem::path& journal);

}  // namespace tinybird_cdk::local
