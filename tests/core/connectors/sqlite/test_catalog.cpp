// SPDX-License-Identifier: Apache-2.0
#include "connectors/sqlite/catalog.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

#include "connectors/sql/sqlite/sqlite_file.hpp"

namespace tinybird_cdk::sqlite {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::SqliteFile;

class TestCatalog : public ::testing::Test {
protected:
    std::vector<ScopeItem> items() {
        Database database({file.path().string(), std::chrono::milliseconds{0}});
        return list_tables(database);
    }

    Table table(const std::string& name) {
        Database database({file.path().string(), std::chrono::milliseconds{0}});
        return find_table(database, name);
    }

    std::vector<std::string> column_names(const std::string& name) {
        std::vector<std::string> names;
        for (const DeclaredColumn& column : table(name).columns) {
            names.push_back(column.name);
        }
        return names;
    }

    SqliteFile file;
};

TEST_F(TestCatalog, EmptyDatabaseHasNothing) {
    EXPECT_THAT(items(), IsEmpty());
}

TEST_F(TestCatalog, TablesViewsAndVirtualTablesWithoutWhatServesThem) {
    file.execute(
        "CREATE TABLE b(id INTEGER PRIMARY KEY AUTOINCREMENT); CREATE VIEW a AS SELECT 1 AS x; "
        "CREATE TABLE sqlitefan(x); CREATE VIRTUAL TABLE notes USING fts5(body); CREATE TABLE \"odd \"\" name\"(x)");
    std::vector<std::string> found;
    for (const ScopeItem& item : items()) {
        EXPECT_EQ(item.name, item.value);
        EXPECT_EQ(item.bytes, std::nullopt);
        found.push_back(item.kind + " " + item.name);
    }
    EXPECT_THAT(found, ElementsAre("view a", "table b", "virtual table notes", "table odd \" name", "table sqlitefan"));
}

TEST_F(TestCatalog, AViewWithoutItsTableIsListedAndDoesNotHideTheOthers) {
    file.execute("CREATE TABLE t(a); CREATE VIEW v AS SELECT a FROM t; DROP TABLE t; CREATE TABLE z(a)");
    ASSERT_EQ(items().size(), 2U);
    EXPECT_THROW(table("v"), errors::ExternalDatasourceError);
    EXPECT_THAT(column_names("z"), ElementsAre("a"));
}

TEST_F(TestCatalog, RowsAreKnownAfterAnalyze) {
    file.execute(
        "CREATE TABLE plain(a); INSERT INTO plain VALUES (1), (2), (3); CREATE TABLE indexed(a); "
        "INSERT INTO indexed VALUES (1), (NULL); CREATE INDEX i ON indexed(a) WHERE a IS NOT NULL; "
        "CREATE INDEX j ON indexed(a)");
    for (const ScopeItem& item : items()) {
        EXPECT_EQ(item.rows, std::nullopt) << item.name;
    }
    file.execute("ANALYZE");
    const auto all = items();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].name, "indexed");
    EXPECT_EQ(all[0].rows, 2U);
    EXPECT_EQ(all[1].rows, 3U);
}

TEST_F(TestCatalog, NamesAreFoundWithoutRegardToCase) {
    file.execute("CREATE TABLE Orders(Id)");
    EXPECT_EQ(table("ORDERS").name, "Orders");
    EXPECT_THAT(column_names("orders"), ElementsAre("Id"));
}

TEST_F(TestCatalog, NamesOfAnyTextAreFound) {
    file.execute("CREATE TABLE \"it's \"\"odd\"\"\"(\"a \"\"b\"\"\", \"sélect\", \"select\")");
    EXPECT_THAT(column_names("it's \"odd\""), ElementsAre("a \"b\"", "sélect", "select"));
}

TEST_F(TestCatalog, UnknownTableIsAnError) {
    file.execute("CREATE TABLE t(a)");
    for (const char* name : {"nope", "sqlite_schema", "", "t' OR '1'='1"}) {
        try {
            table(name);
            ADD_FAILURE() << name;
        } catch (const errors::InvalidArgument& error) {
            EXPECT_THAT(error.what(), HasSubstr("no table or view"));
        }
    }
}

TEST_F(TestCatalog, GeneratedColumnsBelongToATableAndHiddenOnesDoNot) {
    file.execute(
        "CREATE TABLE t(a INT, twice AS (a * 2), thrice AS (a * 3) STORED); CREATE VIRTUAL TABLE f USING fts5(body)");
    EXPECT_THAT(column_names("t"), ElementsAre("a", "twice", "thrice"));
    EXPECT_THAT(column_names("f"), ElementsAre("body"));
}

TEST_F(TestCatalog, KeysAreInTheirOwnOrder) {
    file.execute("CREATE TABLE t(a, b, c, PRIMARY KEY(c, a)); CREATE TABLE u(a); CREATE VIEW v AS SELECT a FROM u");
    EXPECT_THAT(table("t").primary_key, ElementsAre("c", "a"));
    EXPECT_THAT(table("u").primary_key, IsEmpty());
    EXPECT_THAT(table("v").primary_key, IsEmpty());
}

TEST_F(TestCatalog, OnlySomePrimaryKeysAreNeverNull) {
    file.execute(
        "CREATE TABLE row_number(id INTEGER PRIMARY KEY); CREATE TABLE descending(id INTEGER PRIMARY KEY DESC); "
        "CREATE TABLE ordinary(id TEXT PRIMARY KEY); CREATE TABLE declared(id TEXT NOT NULL PRIMARY KEY); "
        "CREATE TABLE clustered(id TEXT PRIMARY KEY) WITHOUT ROWID; CREATE TABLE strict(id TEXT PRIMARY KEY) STRICT");
    const auto never_null = [this](const std::string& name) { return table(name).columns.at(0).never_null; };
    EXPECT_TRUE(never_null("row_number"));
    EXPECT_FALSE(never_null("descending"));
    EXPECT_FALSE(never_null("ordinary"));
    EXPECT_TRUE(never_null("declared"));
    EXPECT_TRUE(never_null("clustered"));
    EXPECT_TRUE(never_null("strict"));
}

}  // namespace
}  // namespace tinybird_cdk::sqlite
