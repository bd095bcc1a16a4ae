// SPDX-License-Identifier: Apache-2.0
#include "connectors/sqlite/database.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <stop_token>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

#include "connectors/sql/sqlite/sqlite_file.hpp"
#include "connectors/sqlite/query_rows.hpp"

namespace tinybird_cdk::sqlite {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using testing::SqliteFile;

void write_file(const std::filesystem::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
}

std::int64_t integer(Database& database, const std::string& sql) {
    return std::get<std::int64_t>(scalar(read_all(database, sql)).variant());
}

/// What a failing action throws; the test fails when it throws nothing.
errors::ExternalDatasourceError failure_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const errors::ExternalDatasourceError& error) {
        return error;
    }
    ADD_FAILURE() << "nothing was thrown";
    return errors::ExternalDatasourceError("");
}

errors::ExternalDatasourceError failure_to_open(const std::string& path) {
    return failure_of([&] { const Database database({path, milliseconds{0}}); });
}

std::string invalid_argument(Database& database, std::string_view sql) {
    try {
        database.prepare(sql);
    } catch (const errors::InvalidArgument& error) {
        return error.what();
    }
    return "nothing was thrown";
}

TEST(TestSqliteOpen, MissingFileIsAnErrorAndIsNotMade) {
    const SqliteFile file;
    const auto path = file.directory() / "missing.db";
    const auto error = failure_to_open(path.string());
    EXPECT_THAT(error.what(), HasSubstr(path.string()));
    EXPECT_THAT(error.what(), HasSubstr("no such file"));
    EXPECT_FALSE(error.retryable());
    EXPECT_FALSE(std::filesystem::exists(path));

    EXPECT_THAT(failure_to_open("file:" + path.string()).what(), HasSubstr(path.string()));
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(TestSqliteOpen, DirectoryIsAnError) {
    const SqliteFile file;
    EXPECT_THAT(failure_to_open(file.directory().string()).what(), HasSubstr("is a directory"));
    EXPECT_THAT(failure_to_open("file:" + file.directory().string()).what(), HasSubstr(file.directory().string()));
}

TEST(TestSqliteOpen, WhatIsNoDatabaseIsAnError) {
    const SqliteFile file;
    const auto path = file.directory() / "other";
    for (const std::string& bytes :
         {std::string("hello\n"), std::string(5'000, '\x5A'), "SQLite format 3" + std::string(2'000, '\x07')}) {
        write_file(path, bytes);
        const auto error = failure_to_open(path.string());
        EXPECT_THAT(error.what(), HasSubstr(path.string()));
        EXPECT_THAT(error.what(), HasSubstr("not a database"));
        EXPECT_THAT(error.hint(), HasSubstr("encrypted"));
        EXPECT_EQ(error.sqlstate(), "SQLITE_NOTADB");
        EXPECT_EQ(error.exit_code(), errors::ExitCode::bad_input);
    }
}

TEST(TestSqliteOpen, EmptyFileIsAnEmptyDatabase) {
    const SqliteFile file;
    const auto path = file.directory() / "empty";
    write_file(path, "");
    Database database({path.string(), milliseconds{0}});
    EXPECT_EQ(integer(database, "SELECT count(*) FROM sqlite_schema"), 0);
}

TEST(TestSqliteOpen, MessagesLeaveOutTheParametersOfAUri) {
    const std::string text = failure_to_open("file:/nowhere/a.db?hexkey=00112233").what();
    EXPECT_THAT(text, HasSubstr("/nowhere/a.db"));
    EXPECT_THAT(text, ::testing::Not(HasSubstr("00112233")));
}

TEST(TestSqliteOpen, AUriCannotAskForWriting) {
    SqliteFile file;
    file.execute("CREATE TABLE t(a)");
    EXPECT_THAT(failure_to_open("file:" + file.path().string() + "?mode=rwc").what(), HasSubstr("not allowed"));
}

TEST(TestSqliteOpen, NamesWithSpecialCharactersArePaths) {
    SqliteFile file;
    file.execute("CREATE TABLE t(a)");
    const auto path = file.directory() / "100% ?#é.db";
    std::filesystem::copy_file(file.path(), path);
    Database database({path.string(), milliseconds{0}});
    EXPECT_EQ(integer(database, "SELECT count(*) FROM t"), 0);
}

TEST(TestSqliteOpen, WalModeIsReadWhileItsWriterIsThereAndAfter) {
    SqliteFile file;
    file.execute("PRAGMA journal_mode = WAL; CREATE TABLE t(a); INSERT INTO t VALUES (7)");
    Database beside({file.path().string(), milliseconds{0}});
    EXPECT_EQ(integer(beside, "SELECT a FROM t"), 7);

    // A copy of the file with its log, as a backup of a running program has it.
    const auto copy = file.directory() / "copy.db";
    std::filesystem::copy_file(file.path(), copy);
    std::filesystem::copy_file(file.path().string() + "-wal", copy.string() + "-wal");
    Database after({copy.string(), milliseconds{0}});
    EXPECT_EQ(integer(after, "SELECT a FROM t"), 7);
}

TEST(TestSqliteOpen, WalModeWithoutAPlaceForItsIndexSaysWhatToDo) {
    SqliteFile file;
    file.execute("PRAGMA journal_mode = WAL; CREATE TABLE t(a); INSERT INTO t VALUES (7); PRAGMA wal_checkpoint");
    // A link to nowhere in the place of the -shm file: for any user, root too, as if the medium could not be written.
    const auto copy = file.directory() / "copy.db";
    std::filesystem::copy_file(file.path(), copy);
    std::filesystem::create_symlink("/nowhere/index", copy.string() + "-shm");

    EXPECT_THAT(failure_to_open(copy.string()).hint(), HasSubstr("immutable=1"));
    Database database({"file:" + copy.string() + "?immutable=1", milliseconds{0}});
    EXPECT_EQ(integer(database, "SELECT a FROM t"), 7);
}

TEST(TestSqliteOpen, AnUnfinishedWriteNeedsItsProgram) {
    SqliteFile file;
    file.execute(
        "PRAGMA cache_size = 1; CREATE TABLE t(a); "
        "INSERT INTO t SELECT zeroblob(2000) FROM (WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c "
        "LIMIT 200) SELECT x FROM c); BEGIN; UPDATE t SET a = zeroblob(2001)");
    // As it lies on the disk after the writer was killed: pages changed, and a journal to roll them back.
    const auto copy = file.directory() / "copy.db";
    std::filesystem::copy_file(file.path(), copy);
    std::filesystem::copy_file(file.path().string() + "-journal", copy.string() + "-journal");
    const auto error = failure_to_open(copy.string());
    EXPECT_THAT(error.hint(), HasSubstr("write access"));
}

TEST(TestSqliteOpen, DamagedFileIsAnError) {
    SqliteFile file;
    file.execute("PRAGMA page_size = 512; CREATE TABLE t(a)");
    for (int row = 0; row < 200; ++row) {
        file.insert("t", {std::string(100, 'x')});
    }
    std::fstream damage(file.path(), std::ios::binary | std::ios::in | std::ios::out);
    damage.seekp(512);
    damage << std::string(4'096, '\xFF');
    damage.close();
    Database database({file.path().string(), milliseconds{0}});
    const auto error = failure_of([&] { read_all(database, "SELECT * FROM t"); });
    EXPECT_EQ(error.sqlstate(), "SQLITE_CORRUPT");
    EXPECT_EQ(error.exit_code(), errors::ExitCode::bad_input);
    EXPECT_THAT(error.hint(), HasSubstr("integrity_check"));
}

class TestSqlitePrepare : public ::testing::Test {
protected:
    Database database{{":memory:", milliseconds{0}}};
};

TEST_F(TestSqlitePrepare, CommentsAndSemicolonsAroundTheQueryAreFine) {
    for (const std::string_view sql : {"SELECT 1", "SELECT 1;", " ;; SELECT 1 ; ;\n", "-- first\nSELECT 1 -- last",
                                       "/* a; b */ SELECT 1; /* open", "SELECT 1;--", "SELECT ';' IS NOT NULL"}) {
        EXPECT_EQ(integer(database, std::string(sql)), 1) << sql;
    }
}

TEST_F(TestSqlitePrepare, ErrorsPointAtTheirPlace) {
    const auto error = failure_of([&] { database.prepare("SELECT 'é',\n       nope"); });
    EXPECT_THAT(error.what(), HasSubstr("no such column: nope"));
    EXPECT_EQ(error.exit_code(), errors::ExitCode::bad_input);
    EXPECT_EQ(error.sqlstate(), "SQLITE_ERROR");
#if SQLITE_VERSION_NUMBER >= 3038000
    EXPECT_THAT(error.what(), HasSubstr("line 2, column 8 of the query"));
    EXPECT_THAT(failure_of([&] { database.prepare(";;\nSELEC 1"); }).what(), HasSubstr("line 2, column 1 "));
#endif
}

TEST_F(TestSqlitePrepare, WhatIsNoQueryIsRefused) {
    EXPECT_THAT(invalid_argument(database, ""), HasSubstr("empty"));
    EXPECT_THAT(invalid_argument(database, " ;\n-- nothing"), HasSubstr("empty"));
    EXPECT_THAT(invalid_argument(database, "SELECT 1;\n SELECT 2"), HasSubstr("line 2, column 2"));
    EXPECT_THAT(invalid_argument(database, "SELECT 1; nonsense"), HasSubstr("several statements"));
    EXPECT_THAT(invalid_argument(database, std::string_view("SELECT 1\0 + 1", 13)), HasSubstr("NUL"));
    EXPECT_THAT(invalid_argument(database, "CREATE TABLE t(a)"), HasSubstr("would change the database"));
    EXPECT_THAT(invalid_argument(database, "PRAGMA user_version = 5"), HasSubstr("database"));
    EXPECT_THAT(invalid_argument(database, "BEGIN"), HasSubstr("no columns"));
    EXPECT_THAT(invalid_argument(database, "ATTACH 'x' AS y"), HasSubstr("no columns"));
}

TEST(TestSqliteWrite, WritesAreRefusedAndChangeNothing) {
    SqliteFile file;
    file.execute("CREATE TABLE t(a); INSERT INTO t VALUES (1)");
    Database database({file.path().string(), milliseconds{0}});
    for (const std::string_view sql :
         {"DELETE FROM t", "INSERT INTO t VALUES (2) RETURNING a", "DROP TABLE t", "UPDATE t SET a = 2",
          "PRAGMA journal_mode = WAL", "VACUUM", "REPLACE INTO t VALUES (3)"}) {
        EXPECT_THAT(invalid_argument(database, sql), HasSubstr("would change the database")) << sql;
    }
    EXPECT_EQ(integer(database, "SELECT sum(a) FROM t"), 1);
}

TEST(TestSqliteLock, IsWorthAnotherTry) {
    SqliteFile file;
    file.execute("CREATE TABLE t(a)");
    Database database({file.path().string(), milliseconds{1}});
    file.execute("BEGIN EXCLUSIVE");
    const auto error = failure_of([&] { read_all(database, "SELECT * FROM t"); });
    EXPECT_EQ(error.sqlstate(), "SQLITE_BUSY");
    EXPECT_TRUE(error.retryable());
    EXPECT_THAT(error.hint(), HasSubstr("SQLITE_BUSY_TIMEOUT_MS"));
    file.execute("ROLLBACK");
    EXPECT_TRUE(read_all(database, "SELECT * FROM t").empty());
}

TEST(TestSqliteLock, IsWaitedFor) {
    SqliteFile file;
    file.execute("CREATE TABLE t(a)");
    Database database({file.path().string(), std::chrono::minutes{10}});
    file.execute("BEGIN EXCLUSIVE");
    const std::jthread writer([&file] { file.execute("INSERT INTO t VALUES (1); COMMIT"); });
    read_all(database, "SELECT * FROM t");
}

TEST(TestSqliteLock, WaitingEndsWhenAskedTo) {
    SqliteFile file;
    file.execute("CREATE TABLE t(a)");
    Database database({file.path().string(), std::chrono::hours{24}});
    file.execute("BEGIN EXCLUSIVE");
    std::stop_source stop;
    const Database::Stoppable stoppable(database, stop.get_token());
    const std::jthread asker([&stop] { stop.request_stop(); });
    EXPECT_THROW(read_all(database, "SELECT * FROM t"), errors::InterruptedError);
}

TEST(TestSqliteStop, EndsAQueryThatNeverEnds) {
    Database database({":memory:", milliseconds{0}});
    std::stop_source stop;
    {
        const Database::Stoppable stoppable(database, stop.get_token());
        const std::jthread asker([&stop] { stop.request_stop(); });
        EXPECT_THROW(read_all(database,
                              "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) "
                              "SELECT count(*) FROM c"),
                     errors::InterruptedError);
    }
    // The connection goes on to be of use.
    EXPECT_EQ(integer(database, "SELECT 1"), 1);
    EXPECT_THROW(Database::Stoppable(database, stop.get_token()), errors::InterruptedError);
}

TEST(TestSqliteSnapshot, LaterWritesAreNotSeen) {
    SqliteFile file;
    file.execute("PRAGMA journal_mode = WAL; CREATE TABLE t(a)");
    Database database({file.path().string(), milliseconds{0}});
    {
        const Database::Snapshot snapshot(database);
        EXPECT_EQ(integer(database, "SELECT count(*) FROM t"), 0);
        file.execute("INSERT INTO t VALUES (1)");
        EXPECT_EQ(integer(database, "SELECT count(*) FROM t"), 0);
    }
    EXPECT_EQ(integer(database, "SELECT count(*) FROM t"), 1);
}

}  // namespace
}  // namespace tinybird_cdk::sqlite
