// SPDX-License-Identifier: Apache-2.0
//
// What docs/types says of MySQL is what a real MariaDB gives: the suggested type and its remark, and each example.
#include "connectors/mysql/type_notes.hpp"

#include <memory>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "connectors/mysql/query_rows.hpp"
#include "connectors/sql/mysql/server.hpp"

namespace tinybird_cdk::mysql {
namespace {

using tinybird_cdk::testing::MysqlDatabase;

TEST(TestMysqlTypeNotes, AreWhatARealServerGives) {
    MysqlDatabase source;
    for (const TypeNote& note : type_notes()) {
        SCOPED_TRACE(note.source_type);
        source.run("DROP TABLE IF EXISTS t");
        source.run(fmt::format("CREATE TABLE t (id int NOT NULL, c {} NOT NULL)", note.source_type));
        TypeNote real{.source_type = note.source_type, .target = {}, .remark = {}, .examples = {}};
        for (std::size_t i = 0; i < note.examples.size(); ++i) {
            source.run(fmt::format("INSERT INTO t VALUES ({}, {})", i, note.examples[i].literal));
            real.examples.push_back({note.examples[i].literal, [&source, i]() -> Export {
                                         ExportRequest request;
                                         request.query = fmt::format("SELECT c FROM t WHERE id = {}", i);
                                         return std::make_unique<QueryRows>(source.environment(), request);
                                     }});
        }
        const schema::Schema suggested =
            source.connector()->suggest_schema({{"database", source.name()}, {"table", "t"}});
        const schema::Column& column = suggested.columns.at(1);
        EXPECT_EQ(note.target.to_string(), column.type.to_string());
        // MariaDB's JSON is a longtext to the catalog; the values are told as JSON.
        if (note.source_type != "json") {
            EXPECT_EQ(note.remark, column.remark);
        }
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
}  // namespace tinybird_cdk::mysql
