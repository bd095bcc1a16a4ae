// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <typeindex>
#include <utility>
#include <vector>

#include <tinybird_cdk/conformance/random_text.hpp>
#include <tinybird_cdk/conformance/subject.hpp>
#include <tinybird_cdk/conformance/suite.hpp>
#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/tinybird.hpp>

namespace tinybird_cdk::conformance {

/// What a check throws when the connector does not do what was asked.
struct CheckFailed {
    Failed failure;
};
/// What a check throws when it can say nothing.
struct CheckSkipped {
    std::string reason;
};

[[noreturn]] void fail(std::string what, std::string expected, std::string got);
void expect_equal(const std::string& what, std::string_view expected, std::string_view got);
void expect_equal(const std::string& what, std::uint64_t expected, std::uint64_t got);

/// The error that a call of the connector ends with. @throws CheckFailed when there is none, or it is none of the kit's
struct SeenError {
    std::string message;  ///< with its hint behind it, not masked
    std::string name;
    errors::ExitCode exit_code;
};
SeenError error_of(const std::string& what, const std::function<void()>& call);
/// The same, which must be of this class.
SeenError error_of(const std::string& what, std::string_view name, const std::function<void()>& call);

/// What the checks share: the subject, random data, names at the source and in Tinybird that nobody else uses, and the
/// removal of all that was made, however a check ends.
class Trial {
public:
    /// @throws errors::Error when the source or Tinybird can't be used at all
    Trial(const Subject& subject, const Options& options);
    ~Trial();
    Trial(const Trial&) = delete;
    Trial& operator=(const Trial&) = delete;

    [[nodiscard]] const Subject& subject() const noexcept { return subject_; }
    [[nodiscard]] const Dialect& dialect() const noexcept { return subject_.dialect; }
    [[nodiscard]] const Options& options() const noexcept { return options_; }
    [[nodiscard]] RandomText& random() noexcept { return random_; }
    [[nodiscard]] tinybird::Client& tinybird() noexcept { return tinybird_; }

    [[nodiscard]] std::unique_ptr<SqlConnector> connector() const { return subject_.make(subject_.environment); }
    /// @throws errors::InterruptedError when the run is to stop
    void check_stop() const;
    /// The options of a load that takes no loss in silence.
    [[nodiscard]] LoadOptions load_options(Format format) const;

    /// Text that no output must show from now on.
    void plant(std::string secret);
    [[nodiscard]] std::string new_secret();
    [[nodiscard]] bool shows_secret(std::string_view text) const;
    /// For reports: what leaked must not leak once more.
    [[nodiscard]] std::string without_secrets(std::string text) const;

    /// Names at the source.
    [[nodiscard]] std::string identifier(std::string_view name) const;
    [[nodiscard]] std::string table_name(std::string_view name) const;  ///< with the suite's prefix, if there is one
    [[nodiscard]] std::string table(std::string_view name) const;       ///< as a query writes it
    [[nodiscard]] Parents parents(std::string_view name) const;
    /// A text of the subject with its {namespace}.
    [[nodiscard]] std::string named(std::string_view text) const;

    void execute(const std::vector<std::string>& statements) { subject_.statements->execute(statements); }
    std::vector<std::string> column(const std::string& query) { return subject_.statements->column(query); }
    /// CREATE TABLE name (definition), removed at the end.
    void make_table(const std::string& name, const std::string& definition,
                    const std::vector<std::string>& statements = {});
    void drop_table(const std::string& name);
    /// One that is gone already.
    void forget_table(const std::string& name) { std::erase(tables_, name); }
    /// Those of the tables that there are.
    void drop_tables(const std::vector<std::string>& names);
    /// A table (id, v) with ids from 1 on, v = id.
    void make_numbers(const std::string& name, std::uint64_t rows);
    /// A table (id, v, pad) of at least so many bytes that nothing makes smaller. v is 0. @return its rows
    std::uint64_t make_padded(const std::string& name, std::uint64_t bytes);
    /// The table "large", made at first use: larger than all that a load keeps in memory.
    /// @return its rows
    std::uint64_t large_table();
    /// A query of all its rows.
    [[nodiscard]] std::string large_query() const;

    /// A data source, removed at the end. @param name empty: one that nobody else uses @return its name
    std::string make_data_source(const schema::Schema& schema, std::string name = {});
    void drop_data_source(const std::string& name);
    /// SELECT expression FROM data source, then `rest`: the first column, as text.
    std::vector<std::string> ask(std::string_view expression, const std::string& data_source,
                                 std::string_view rest = {});
    std::uint64_t count(const std::string& data_source);

    /// Something that checks share, made at first use and kept to the end.
    template <class Thing, class Make>
    Thing& kept(Make&& make) {
        auto& place = kept_[typeid(Thing)];
        if (!place) {
            place = std::shared_ptr<Thing>(make());
        }
        return *static_cast<Thing*>(place.get());
    }

private:
    void clean_up() noexcept;

    const Subject& subject_;
    const Options& options_;
    RandomText random_;
    const std::string mark_;
    const std::string namespace_;
    tinybird::Client tinybird_;
    std::vector<std::string> secrets_;
    std::vector<std::string> tables_;
    std::vector<std::string> data_sources_;
    bool namespace_made_ = false;
    std::uint64_t large_rows_ = 0;
    std::map<std::type_index, std::shared_ptr<void>> kept_;
};

/// A schema of columns with these names and ClickHouse types.
schema::Schema schema_of(const std::vector<std::pair<std::string, std::string>>& columns);

}  // namespace tinybird_cdk::conformance
