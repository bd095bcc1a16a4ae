// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <tinybird_cdk/config.hpp>
#include <tinybird_cdk/connector.hpp>
#include <tinybird_cdk/formats.hpp>
#include <tinybird_cdk/incremental.hpp>

/// What an author tells the conformance suite of a connector and its source.
namespace tinybird_cdk::conformance {

/// Runs statements at the source, which a connector can't: it only reads. Calls come one after the other, but not all
/// from one thread. What goes wrong is thrown, as any std::exception with the source's message.
class Statements {
public:
    Statements() = default;
    Statements(const Statements&) = delete;
    Statements& operator=(const Statements&) = delete;
    virtual ~Statements() = default;

    /// Runs statements that change something, each complete and without a semicolon at its end.
    virtual void execute(const std::vector<std::string>& statements) = 0;
    /// The first column of a query's rows, as text. Values hold no line break, and none is NULL.
    virtual std::vector<std::string> column(const std::string& query) = 0;
};

/// How the source writes what the suite needs. Texts with {placeholders}; the defaults are standard SQL.
struct Dialect {
    std::string quote = "\"";  ///< around identifiers; doubled inside
    /// Make and remove the suite's own schema or database, {namespace}; empty: tables get a prefix instead.
    std::string create_namespace = {};
    std::string drop_namespace = {};
    std::string table = "{table}";            ///< a table in a query; {table} is quoted, as in "{namespace}.{table}"
    Parents scopes = {{"table", "{table}"}};  ///< the way to a table; {table} and {namespace} as they are
    std::string integer = "bigint";           ///< a type of 64-bit integers
    std::string text = "text";                ///< a type of long text
    std::string column_null = {};             ///< what makes a column take NULL, where that must be said
    /// Hexadecimal digits of the UTF-8 of {text}, on one line.
    std::string hex = "hex({text})";
    std::string concat = "{a} || {b}";           ///< two texts, one behind the other
    std::string random = "hex(randomblob(16))";  ///< 32 random characters, others for each row
    /// A query whose rows never end.
    std::string endless = "WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n) SELECT id FROM n";
    /// Counts the statements that run at the source and contain {marker}, beside this one; empty: see `skips`.
    std::string running = {};
    /// Statements that give no columns at all; {table} is the SQL of a table.
    std::vector<std::string> no_columns = {};
    std::size_t most_columns = 500;  ///< of a table
    /// What an incremental load by a column of integers is given, where the connector can't do without.
    Lag cursor_lag = {};
};

/// A type of the source with its edge values. {v} in the expressions is the column.
struct TypeCase {
    std::string name;                       ///< letters, digits and underscores: it is a column's name too
    std::string source_type = {};           ///< as CREATE TABLE takes it
    std::vector<std::string> values = {};   ///< SQL of values that must arrive as they left
    std::vector<std::string> refused = {};  ///< SQL of values that the suggested type can't hold: they must be refused
    std::string target_type = {};           ///< ClickHouse's; must hold every one of `values`
    std::string suggested_type = {};        ///< what the schema must suggest; empty: anything that holds the values
    bool suggest = true;              ///< false: the values are beyond the suggested type, only the target takes them
    std::string source_text = "{v}";  ///< what the source says of a value
    std::string target_text = "toString({v})";  ///< what Tinybird says of it
    std::vector<std::string> set_up = {};       ///< statements to run before
};

/// A way to make the connection fail.
struct Fault {
    std::string name;  ///< one of "host", "port", "user", "password", "database", or another
    /// What the variables are then; {closed_port} is a port that nobody listens on.
    std::map<std::string, std::string, std::less<>> variables;
    std::string says = {};  ///< what the message must contain
};

/// Where a networked source is, by the variables that say so: the suite puts a wire of its own in between, to cut it.
struct Network {
    std::string host_variable;
    std::string port_variable;
};

/// A connector and its source, as the suite sees them.
struct Subject {
    std::string name;  ///< of the connector; the names of data sources begin with it
    /// Tinybird's variables and those of the source.
    Environment environment = Environment::process();
    std::function<std::unique_ptr<SqlConnector>(const Environment&)> make;
    std::vector<std::string> variables;         ///< all that the connector reads
    std::vector<std::string> secret_variables;  ///< those of them that hold a secret
    /// Variables whose value is more than a secret, as in "file:/tmp/{secret}.db": how one is planted there.
    std::map<std::string, std::string, std::less<>> secret_values;
    std::shared_ptr<Statements> statements;
    Dialect dialect;
    std::vector<TypeCase> types;
    std::vector<Fault> faults;
    std::optional<Network> network;  ///< nothing: see `skips`
    std::vector<Format> formats = {Format::csv, Format::ndjson, Format::parquet};
    /// Checks that say nothing of this connector, and why: by the name of a check, or "types/NAME".
    std::map<std::string, std::string, std::less<>> skips;

    /// A subject for a connector of the registry: `make`, `variables` and `secret_variables` are filled from its spec.
    /// @throws errors::UnknownConnectorError
    static Subject of(std::string_view connector, const Environment& environment);
};

}  // namespace tinybird_cdk::conformance
