// SPDX-License-Identifier: Apache-2.0
/// Both import APIs, jobs, quarantine, and what is known when an import fails.
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>

#include <unistd.h>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/tinybird.hpp>

#include "helpers/scripted_tinybird.hpp"
#include "helpers/unsized_body.hpp"

namespace tinybird_cdk::tinybird {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::Received;
using testing::Reply;
using testing::ScriptedTinybird;
using ::testing::SizeIs;

const Reply missing = Reply::json(R"({"error":"not found"})", 404);

Reply lost() {
    Reply reply;
    reply.cut_at_answer_byte = 0;
    return reply;
}

template <class Error, class Call>
Error expect_error(Call call) {
    try {
        call();
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), Not(HasSubstr(testing::test_token)));
        EXPECT_THAT(error.hint(), Not(HasSubstr(testing::test_token)));
        return error;
    } catch (const std::exception& error) {
        ADD_FAILURE() << "another exception: " << error.what();
        throw;
    }
    throw std::logic_error("no exception");
}

TEST(TestImportsV1, SendTheBodyRawAndWaitForTheJob) {
    ScriptedTinybird tinybird({Reply::json(R"({"import_id":"i1","id":"j1"})"),
                               Reply::json(R"({"id":"j1","status":"waiting"})"),
                               Reply::json(R"({"id":"j1","status":"working","progress_percentage":50})"),
                               Reply::json(R"({"id":"j1","status":"done","blocks":[{"process_return":[{"lines":2,
                                            "quarantine":0}]},{"process_return":[{"lines":3}]}]})")});
    std::vector<double> progress;
    ImportOptions options;
    options.replace_condition = "day = '2026-11-24'";
    options.on_job = [&](const Job& job) { progress.push_back(job.progress.value_or(-1)); };
    const Response response = tinybird.client().replace_data("1,\"a\"\n", "or ders", options);
    EXPECT_EQ(response.import_id, "i1");
    EXPECT_EQ(response.job_id, "j1");
    EXPECT_EQ(response.rows, 5U);
    EXPECT_EQ(response.quarantined, 0U);
    EXPECT_THAT(progress, ElementsAre(-1, 0.5, -1));
    EXPECT_THAT(tinybird.clock->sleeps(), ElementsAre(milliseconds(250), milliseconds(375)));

    const auto received = tinybird.server.received();
    ASSERT_THAT(received, SizeIs(4));
    EXPECT_EQ(received[0].path(), "/v1/datasources/or%20ders/replace");
    EXPECT_EQ(received[0].parameter("format"), "csv");
    EXPECT_EQ(received[0].parameter("dialect_delimiter"), ",");
    EXPECT_EQ(received[0].parameter("dialect_new_line"), "\n");
    EXPECT_EQ(received[0].parameter("dialect_escapechar"), std::nullopt);
    EXPECT_EQ(received[0].parameter("replace_condition"), "day = '2026-11-24'");
    EXPECT_EQ(received[0].header("content-type"), "text/csv");
    EXPECT_EQ(received[0].header("content-encoding"), std::nullopt) << "on loopback nothing is compressed";
    EXPECT_EQ(received[0].body, "1,\"a\"\n");
    EXPECT_EQ(received[1].path(), "/v0/jobs/j1");
    for (const Received& request : received) {
        EXPECT_EQ(request.header("authorization"), std::string("Bearer ") + testing::test_token);
        EXPECT_EQ(request.header("x-tb-cdk-tag"), "tests");
        EXPECT_THAT(request.header("user-agent").value_or(""), HasSubstr("tinybird-cdk-cpp/"));
        EXPECT_EQ(request.target.find(testing::test_token), std::string::npos);
    }
}

TEST(TestImportsV1, CompressWhenAsked) {
    ScriptedTinybird tinybird({Reply::json(R"({"id":"j","blocks":[{"process_return":[{"lines":1}]}]})")});
    ImportOptions options;
    options.compression = Compression::gzip;
    tinybird.client().append_data(std::string(100'000, '7'), "t", options);
    const Received request = tinybird.server.received().at(0);
    EXPECT_EQ(request.header("content-encoding"), "gzip");
    EXPECT_LT(request.body.size(), 2000U);
    EXPECT_EQ(request.body.substr(0, 2), "\x1f\x8b");
}

TEST(TestImportsV0, AreUsedWhereV1IsMissingAndRemembered) {
    const Reply described = Reply::json(R"({"name":"t","columns":[]})");
    const Reply imported = Reply::json(
        R"({"import_id":"i","datasource":{"name":"t"},"error":false,"invalid_lines":0,"quarantine_rows":0,
            "blocks":[{"process_return":[{"parser":"python","lines":1}]}]})");
    ScriptedTinybird tinybird({missing, described, imported, imported});
    Client client = tinybird.client();
    EXPECT_EQ(client.append_data("1\n", "t").rows, 1U);
    client.append_data("2\n", "t");
    const auto received = tinybird.server.received();
    ASSERT_THAT(received, SizeIs(4));
    EXPECT_EQ(received[0].path(), "/v1/datasources/t/append");
    EXPECT_EQ(received[1].path(), "/v0/datasources/t");
    EXPECT_EQ(received[2].path(), "/v0/datasources");
    EXPECT_EQ(received[2].parameter("mode"), "append");
    EXPECT_EQ(received[2].parameter("name"), "t");
    EXPECT_THAT(received[2].header("content-type").value_or(""), HasSubstr("multipart/form-data; boundary="));
    EXPECT_THAT(received[2].body, HasSubstr("\r\n\r\n1\n\r\n--"));
    EXPECT_EQ(received[3].path(), "/v0/datasources");
}

TEST(TestImportsV0, AreUsedForOtherRefusalsOfTheRoute) {
    for (const int status : {405, 501}) {
        ScriptedTinybird tinybird(
            {Reply::json("{}", status), Reply::json(R"({"blocks":[{"process_return":[{"lines":1}]}]})")});
        EXPECT_EQ(tinybird.client().append_data("1\n", "t").rows, 1U) << status;
    }
}

TEST(TestImports, AMissingDataSourceIsToldFromAMissingRoute) {
    ScriptedTinybird tinybird({missing});
    const auto error = expect_error<errors::HTTPError>([&] { tinybird.client().append_data("1\n", "nothing"); });
    EXPECT_EQ(error.status(), 404);
    EXPECT_THAT(error.what(), HasSubstr("no data source \"nothing\""));
}

TEST(TestImports, TheApiCanBeChosen) {
    ScriptedTinybird tinybird({Reply::json(R"({"blocks":[{"process_return":[{"lines":1}]}]})")});
    tinybird.client({.import_api = ImportApi::v0}).append_data("1\n", "t");
    tinybird.client({.import_api = ImportApi::v1}).append_data("1\n", "t");
    EXPECT_EQ(tinybird.server.received().at(0).path(), "/v0/datasources");
    EXPECT_EQ(tinybird.server.received().at(1).path(), "/v1/datasources/t/append");

    ScriptedTinybird old({missing});
    expect_error<errors::HTTPError>([&] { old.client({.import_api = ImportApi::v1}).append_data("1\n", "t"); });
    EXPECT_THAT(old.server.received(), SizeIs(1));
}

TEST(TestImports, JobsThatFailOrAreCancelledRaise) {
    for (const char* status : {"error", "cancelled"}) {
        ScriptedTinybird tinybird(
            {Reply::json(R"({"id":"job-7"})"), Reply::json(std::string(R"({"id":"job-7","status":")") + status +
                                                           R"(","error":"disk full","errors":["block 3"]})")});
        const auto error = expect_error<errors::JobError>([&] { tinybird.client().append_data("1\n", "t"); });
        EXPECT_EQ(error.job_id(), "job-7");
        EXPECT_THAT(error.what(), HasSubstr("disk full; block 3"));
        EXPECT_THAT(error.what(), HasSubstr(status));
    }
}

TEST(TestImports, RowsInQuarantineAreNeverSilent) {
    const Reply partly = Reply::json(
        R"({"invalid_lines":1,"quarantine_rows":2,"errors":["value 'x' is no number"],"blocks":[{"process_return":[{"lines":3,"quarantine":2}]}]})");
    {
        ScriptedTinybird tinybird({partly});
        ::testing::internal::CaptureStdout();
        const Response response = tinybird.client().append_data("1\n", "t");
        const std::string log = ::testing::internal::GetCapturedStdout();
        EXPECT_EQ(response.rows, 3U);
        EXPECT_EQ(response.quarantined, 2U);
        EXPECT_EQ(response.invalid_lines, 1U);
        EXPECT_THAT(response.errors, ElementsAre("value 'x' is no number"));
        EXPECT_THAT(log, HasSubstr("WARNING"));
        EXPECT_THAT(log, HasSubstr("2 row(s) went to quarantine, 1 line(s) could not be read; value 'x' is no number"));
    }
    ScriptedTinybird tinybird({partly});
    const auto error = expect_error<errors::QuarantineError>(
        [&] { tinybird.client().append_data("1\n", "t", {.on_quarantine = OnQuarantine::fail}); });
    EXPECT_EQ(error.exit_code(), errors::ExitCode::data_refused);
}

TEST(TestImports, ALostAnswerLeavesAnAppendInDoubtAndIsNotSentAgain) {
    ScriptedTinybird tinybird({lost()});
    const auto error = expect_error<errors::InDoubtError>([&] { tinybird.client().append_data("1\n", "orders"); });
    EXPECT_THAT(error.hint(), HasSubstr("\"orders\""));
    EXPECT_THAT(tinybird.server.received(), SizeIs(1));
}

TEST(TestImports, ALostAnswerToAReplaceIsAskedForAgain) {
    ScriptedTinybird tinybird({lost(), Reply::json(R"({"blocks":[{"process_return":[{"lines":1}]}]})")});
    EXPECT_EQ(tinybird.client().replace_data("1\n", "t").rows, 1U);
    const auto received = tinybird.server.received();
    ASSERT_THAT(received, SizeIs(2));
    EXPECT_EQ(received[0].body, received[1].body);
}

TEST(TestImports, ErrorsSayWhatTheServerSaid) {
    struct Case {
        Reply reply;
        std::string expected;
    };
    Reply plain = Reply::json("upstream\nis down", 503);
    plain.headers = {{"Content-Type", "text/plain"}};
    Reply html = Reply::json("<html><body>Bad thing</body></html>", 500);
    html.headers = {{"Content-Type", "text/html"}};
    const std::vector<Case> cases{
        {Reply::json(R"({"error":"no such column"})", 400), "400 Bad Request: no such column"},
        {Reply::json(R"({"error":"bad","errors":["first","second"]})", 422), "bad; first; second"},
        {Reply::json(R"({"errors":["only these"]})", 400), "400 Bad Request: only these"},
        {plain, "503 Service Unavailable: upstream is down"},
        {html, "<html><body>Bad thing</body></html>"},
        {Reply::json("", 409), "409 Conflict"},
        {Reply::json("{\"error\":", 400), "400 Bad Request: {\"error\":"},
    };
    for (const Case& one : cases) {
        ScriptedTinybird tinybird({one.reply});
        const auto error = expect_error<errors::HTTPError>([&] { tinybird.client().append_data("1\n", "t"); });
        EXPECT_EQ(error.status(), one.reply.status);
        EXPECT_THAT(error.what(), HasSubstr(one.expected));
        EXPECT_THAT(error.what(), HasSubstr("POST " + tinybird.server.url() + "/v1/datasources/t/append"));
    }
}

TEST(TestImports, SecretsInAnswersAndUrlsAreMasked) {
    ScriptedTinybird tinybird(
        {Reply::json(std::string(R"({"error":"token )") + testing::test_token + R"( is unknown"})", 403)});
    const auto error = expect_error<errors::HTTPError>(
        [&] { tinybird.client().append_url("https://bucket.example/key.csv?X-Amz-Signature=0123456789abcdef", "t"); });
    EXPECT_THAT(error.what(), Not(HasSubstr("0123456789abcdef")));
    EXPECT_EQ(tinybird.server.received().at(0).parameter("url"),
              "https://bucket.example/key.csv?X-Amz-Signature=0123456789abcdef");
}

TEST(TestImports, AnAnswerThatIsNoneOfTinybirdsConfirmsNothing) {
    for (const char* body : {"", "OK", "[1,2]", "{\"rows\":", "null", "<html>Log in to the network</html>"}) {
        for (const ImportApi api : {ImportApi::v0, ImportApi::v1, ImportApi::automatic}) {
            ScriptedTinybird tinybird({Reply::json(body)});
            Client client = tinybird.client({.import_api = api});
            for (const auto& call : std::vector<std::function<void()>>{
                     [&] { client.append_data("1\n", "t"); }, [&] { client.replace_data("1\n", "t"); },
                     [&] { client.append_url("https://example.org/x.csv", "t"); },
                     [&] { client.append_event("{}", "t"); }}) {
                const auto error = expect_error<errors::InDoubtError>(call);
                EXPECT_EQ(error.exit_code(), errors::ExitCode::data_refused);
                EXPECT_THAT(error.hint(), HasSubstr("TB_CDK_ENDPOINT"));
            }
            EXPECT_THAT(tinybird.server.received(), SizeIs(4)) << "nothing is sent twice";
        }
    }
}

TEST(TestImports, AJobThatIsNotNamedCanNotBeWaitedFor) {
    ScriptedTinybird tinybird({Reply::json("{}")});
    Client client = tinybird.client({.import_api = ImportApi::v1});
    expect_error<errors::InDoubtError>([&] { client.append_data("1\n", "t"); });
    expect_error<errors::InDoubtError>([&] { client.append_url("https://example.org/x.csv", "t"); });
}

TEST(TestImports, AJobThatCannotBeReadLeavesTheImportInDoubt) {
    for (const Reply& reply : {Reply::json(R"({"error":"the token may not read jobs"})", 403), missing,
                               Reply::json(R"({"id":"job-7"})"), Reply::json("<html>")}) {
        ScriptedTinybird tinybird({Reply::json(R"({"id":"job-7"})"), reply});
        const auto error = expect_error<errors::InDoubtError>([&] { tinybird.client().append_data("1\n", "t"); });
        EXPECT_THAT(error.what(), HasSubstr("job-7"));
        EXPECT_THAT(tinybird.server.received(), SizeIs(2)) << "the rows are not sent again";
    }
}

TEST(TestImports, ImportsByUrlGoByEitherApiAndWaitForTheirJob) {
    for (const ImportApi api : {ImportApi::v0, ImportApi::v1, ImportApi::automatic}) {
        ScriptedTinybird tinybird({Reply::json(R"({"id":"j","job_id":"j","status":"waiting","import_id":"i"})"),
                                   Reply::json(R"({"status":"done","block_log":[{"status":"done"}]})")});
        Client client = tinybird.client({.import_api = api});
        const Response response = client.replace_url("https://example.org/x.ndjson", "t",
                                                     {.format = Format::ndjson, .replace_condition = "a"});
        EXPECT_EQ(response.job_id, "j");
        EXPECT_EQ(response.import_id, "i");
        const Received request = tinybird.server.received().at(0);
        EXPECT_EQ(request.path(), api == ImportApi::v0 ? "/v0/datasources" : "/v1/datasources/t/replace");
        EXPECT_EQ(request.parameter("url"), "https://example.org/x.ndjson");
        EXPECT_EQ(request.parameter("format"), "ndjson");
        EXPECT_EQ(request.parameter("replace_condition"), "a");
        EXPECT_EQ(request.parameter("dialect_delimiter"), std::nullopt);
        EXPECT_EQ(request.body, "");
    }
}

TEST(TestImports, ImportsByUrlFindTheApiThatIsThere) {
    ScriptedTinybird tinybird({missing, Reply::json(R"({"name":"t","columns":[]})"),
                               Reply::json(R"({"id":"j","job_id":"j","status":"waiting"})"),
                               Reply::json(R"({"status":"done"})")});
    Client client = tinybird.client();
    EXPECT_EQ(client.append_url("https://example.org/x.csv", "t").job_id, "j");
    const auto received = tinybird.server.received();
    ASSERT_THAT(received, SizeIs(4));
    EXPECT_EQ(received[0].path(), "/v1/datasources/t/append");
    EXPECT_EQ(received[2].path(), "/v0/datasources");
    EXPECT_EQ(received[2].parameter("mode"), "append");
}

TEST(TestImports, OldRowsOfAQuarantineAreNotOnesOfThisImport) {
    const Reply taken = Reply::json(R"({"id":"j","import_id":"o'k"})");
    const Reply done = Reply::json(R"({"id":"j","status":"done","quarantine_rows":7,"blocks":[]})");
    for (const std::uint64_t count : {0U, 2U}) {
        ScriptedTinybird tinybird({taken, done, Reply::json(fmt::format(R"({{"data":[{{"rows":{}}}]}})", count))});
        EXPECT_EQ(tinybird.client().append_data("1\n", "t").quarantined, count);
        EXPECT_EQ(tinybird.server.received().at(2).parameter("q"),
                  R"(SELECT count() AS rows FROM t_quarantine WHERE c__import_id = 'o\'k' FORMAT JSON)");
    }
    ScriptedTinybird blind({taken, done, Reply::json(R"({"error":"no scope"})", 403)});
    ::testing::internal::CaptureStdout();
    EXPECT_EQ(blind.client().append_data("1\n", "t").quarantined, std::nullopt);
    EXPECT_THAT(::testing::internal::GetCapturedStdout(), HasSubstr("can't be told"));
    ScriptedTinybird strict({taken, done, Reply::json(R"({"error":"no scope"})", 403)});
    expect_error<errors::QuarantineError>(
        [&] { strict.client().append_data("1\n", "t", {.on_quarantine = OnQuarantine::fail}); });
}

TEST(TestImports, FilesThatAreCompressedAreSentAsTheyAre) {
    const std::filesystem::path file =
        std::filesystem::temp_directory_path() / fmt::format("cdk_test_imports_{}.csv.gz", ::getpid());
    const std::string packed = "\x1f\x8b not looked at";
    std::ofstream(file) << packed;
    for (const ImportApi api : {ImportApi::v0, ImportApi::v1}) {
        ScriptedTinybird tinybird({Reply::json(R"({"blocks":[{"process_return":[{"lines":1}]}]})")});
        tinybird.client({.import_api = api}).append_file(file, "t");
        const Received request = tinybird.server.received().at(0);
        if (api == ImportApi::v1) {
            EXPECT_EQ(request.header("content-encoding"), "gzip");
            EXPECT_EQ(request.body, packed);
        } else {
            EXPECT_EQ(request.header("content-encoding"), std::nullopt) << "the form is not compressed, the file is";
            EXPECT_THAT(request.body, HasSubstr("filename=\"data.csv.gz\""));
            EXPECT_THAT(request.body, HasSubstr(packed));
        }
    }
    std::filesystem::remove(file);
}

TEST(TestImports, ABodyIsSentWithItsLengthWhenTheServerWantsThat) {
    ScriptedTinybird tinybird([](const Received& request) {
        if (!request.header("content-length")) {
            Reply refusal = Reply::json(R"({"error":"length required"})", 411);
            refusal.early = true;
            return refusal;
        }
        return Reply::json(R"({"blocks":[{"process_return":[{"lines":1}]}]})");
    });
    Client client = tinybird.client();
    testing::UnsizedBody first(std::string(300'000, '7') + "\n");
    EXPECT_EQ(client.append(first, "t").rows, 1U);
    testing::UnsizedBody second(std::string(300'000, '7') + "\n");
    EXPECT_EQ(client.append(second, "t").rows, 1U);
    const auto received = tinybird.server.received();
    ASSERT_THAT(received, SizeIs(3)) << "the second body has its length at once";
    EXPECT_EQ(received[1].header("content-length"), "300001");
    EXPECT_EQ(received[2].body.size(), 300'001U);
}

TEST(TestImports, WhatIsTooLargeIsRefusedBeforeItIsSent) {
    testing::ScriptedServer server({Reply::json(R"({"blocks":[{"process_return":[{"lines":1}]}]})")});
    auto configuration = testing::configuration_for(server.url());
    configuration.limits = configuration.limits.with("multipart_bytes=1kB,v1_bytes=2kB");
    for (const auto& [api, size] : {std::pair(ImportApi::v0, 1001), std::pair(ImportApi::v1, 2001)}) {
        ClientOptions options;
        options.import_api = api;
        Client client(configuration, options);
        const auto error = expect_error<errors::Error>(
            [&] { client.append_data(std::string(static_cast<std::size_t>(size), 'x'), "t"); });
        EXPECT_EQ(error.exit_code(), errors::ExitCode::data_refused);
        client.append_data(std::string(static_cast<std::size_t>(size) - 1, 'x'), "t");
    }
    EXPECT_THAT(server.received(), SizeIs(2));
}

TEST(TestImports, TooManyPartitionsHaveAHint) {
    ScriptedTinybird tinybird({Reply::json(R"({"error":"too many parts in this block"})", 400)});
    const auto error = expect_error<errors::HTTPError>([&] { tinybird.client().append_data("1\n", "t"); });
    EXPECT_THAT(error.hint(), HasSubstr("may touch 12 partitions"));
}

}  // namespace
}  // namespace tinybird_cdk::tinybird
