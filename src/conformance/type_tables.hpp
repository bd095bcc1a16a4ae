// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "conformance/trial.hpp"

namespace tinybird_cdk::conformance {

/// Tables with a column per type of the subject, so that one load takes all of them: "types" for those that go by the
/// suggested schema, "beyond" for those that only their own target takes. The rows of a type with fewer values than
/// others begin anew with the first one.
class TypeTables {
public:
    /// Makes the tables. A type that the source does not take is left out, with its reason.
    explicit TypeTables(Trial& trial);

    [[nodiscard]] std::size_t rows() const noexcept { return rows_; }
    /// Why a type is not in the tables; empty: it is.
    [[nodiscard]] std::string reason(const TypeCase& type) const;
    [[nodiscard]] std::vector<const TypeCase*> cases() const;
    /// A query of the id and these types.
    [[nodiscard]] std::string query(const std::vector<const TypeCase*>& types) const;
    /// The data source that has a column of each type's own target.
    [[nodiscard]] schema::Schema target(const std::vector<const TypeCase*>& types) const;
    /// "-" for NULL, or "=" and the hexadecimal digits of what the source says of a value, for each row.
    const std::vector<std::string>& expected(const TypeCase& type);
    /// The same, as Tinybird says it, by the names of the types.
    using Arrived = std::map<std::string, std::vector<std::string>, std::less<>>;
    [[nodiscard]] Arrived arrived(const std::vector<const TypeCase*>& types, const std::string& data_source) const;
    /// @throws CheckFailed for the first value that did not arrive as it left
    void compare(const TypeCase& type, const std::vector<std::string>& arrived);

private:
    void try_alone(const TypeCase& type);
    [[nodiscard]] std::string said(const TypeCase& type, std::size_t number) const;
    void ask_source(const std::vector<const TypeCase*>& types);
    void make(const std::string& table, bool suggested);

    Trial& trial_;
    std::size_t rows_ = 0;
    std::map<std::string, std::string, std::less<>> reasons_;
    std::map<std::string, std::vector<std::string>, std::less<>> expected_;
};

/// The data sources of all types: NAME_export_FORMAT with the author's own, NAME_ingest_query with those suggested.
std::string export_name(const Subject& subject, Format format);
std::string ingest_name(const Subject& subject);

/// CREATE TABLE's words for a column of a type that may be NULL.
std::string column_definition(const Trial& trial, const TypeCase& type, const std::string& name);

}  // namespace tinybird_cdk::conformance
