// SPDX-License-Identifier: Apache-2.0
//
// What docs/types says of PostgreSQL is what a real one gives: the suggested type and its remark, and each example.
#include "connectors/postgresql/type_notes.hpp"

#include <memory>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "connectors/postgresql/copy_rows.hpp"
#include "connectors/sql/postgresql/server.hpp"

namespace tinybird_cdk::postgresql {
namespace {

using tinybird_cdk::testing::PostgresqlSchema;

/// The name in front of what explains it, as in "mood (an enum)".
std::string type_name(const std::string& shown) {
    return shown.substr(0, shown.find(" (a"));
}

TEST(TestPostgresqlTypeNotes, AreWhatARealServerGives) {
    PostgresqlSchema source;
    source.run("CREATE TYPE mood AS ENUM ('ok', 'no'); CREATE TYPE pair AS (a int, b text)");
    for (const TypeNote& note : type_notes()) {
        SCOPED_TRACE(note.source_type);
        const std::string type = type_name(note.source_type);
        source.run("DROP TABLE IF EXISTS t");
        source.run(fmt::format("CREATE TABLE t (id int NOT NULL, c {} NOT NULL)", type));
        TypeNote real{.source_type = note.source_type, .target = {}, .remark = {}, .examples = {}};
        for (std::size_t i = 0; i < note.examples.size(); ++i) {
            source.run(fmt::format("INSERT INTO t VALUES ({}, ({})::{})", i, note.examples[i].literal, type));
            real.examples.push_back({note.examples[i].literal, [&source, i]() -> Export {
                                         return std::make_unique<CopyRows>(
                                             Environment::process(),
                                             fmt::format("SELECT c FROM {}.t WHERE id = {}", source.name(), i),
                                             std::nullopt, std::stop_token());
                                     }});
        }
        const schema::Schema suggested =
            PostgresqlSchema::connector()->suggest_schema({{"schema", source.name()}, {"table", "t"}});
        const schema::Column& column = suggested.columns.at(1);
        EXPECT_EQ(note.target.to_string(), column.type.to_string());
        EXPECT_EQ(note.remark, column.remark);
        // As "c" is found in the schema of this test, the type's own name may have that in front.
        EXPECT_TRUE(column.source_type.ends_with(type.substr(0, type.find('['))) || type.ends_with("[][]") ||
                    column.source_type.ends_with(type))
            << column.source_type;
        real.target = column.type;
        const DescribedType told = describe_types({note}).at(0);
        const DescribedType found = describe_types({real}).at(0);
        for (std::size_t i = 0; i < note.examples.size(); ++i) {
            EXPECT_EQ(told.examples.at(i).notations, found.examples.at(i).notations) << note.examples[i].literal;
            EXPECT_EQ(told.examples.at(i).refusal, found.examples.at(i).refusal) << note.examples[i].literal;
        }
    }
}

}  // namespace
}  // namespace tinybird_cdk::postgresql
