// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/logger.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <unistd.h>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/file_descriptor.hpp"

namespace tinybird_cdk::logger {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::SizeIs;

struct CloseFile {
    void operator()(std::FILE* file) const { static_cast<void>(std::fclose(file)); }
};

/// Leads a descriptor of the process into a file for as long as it lives.
class Capture {
public:
    explicit Capture(std::FILE* stream) : stream_(stream), file_(std::tmpfile()), original_(::dup(::fileno(stream))) {
        static_cast<void>(std::fflush(stream_));
        ::dup2(::fileno(file_.get()), ::fileno(stream_));
    }
    Capture(const Capture&) = delete;
    Capture& operator=(const Capture&) = delete;
    ~Capture() {
        static_cast<void>(std::fflush(stream_));
        ::dup2(original_.get(), ::fileno(stream_));
    }

    /// What was written so far. Does not flush: that is the logger's duty.
    [[nodiscard]] std::string text() const {
        std::string result;
        char block[4096];
        ssize_t count = 0;
        while ((count = ::pread(::fileno(file_.get()), block, sizeof(block), static_cast<off_t>(result.size()))) > 0) {
            result.append(block, static_cast<std::size_t>(count));
        }
        return result;
    }

    [[nodiscard]] std::vector<std::string> lines() const {
        std::vector<std::string> result;
        std::istringstream in(text());
        for (std::string line; std::getline(in, line);) {
            result.push_back(line);
        }
        return result;
    }

private:
    std::FILE* stream_;
    std::unique_ptr<std::FILE, CloseFile> file_;
    core::FileDescriptor original_;
};

class TestLogger : public ::testing::Test {
protected:
    void TearDown() override { configure({}); }
};

TEST_F(TestLogger, WritesTimeTagLevelAndMessage) {
    configure({.level = Level::debug, .stream = Stream::standard_output, .layout = Layout::text, .tag = "nightly"});
    const Capture out(stdout);
    debug("one");
    info("two");
    warning("three");
    error("four");
    const std::string time = "\\[[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z\\]";
    EXPECT_THAT(out.lines(), ElementsAre(MatchesRegex(time + "\\[nightly\\]\\[DEBUG\\] one"),
                                         MatchesRegex(time + "\\[nightly\\]\\[INFO\\] two"),
                                         MatchesRegex(time + "\\[nightly\\]\\[WARNING\\] three"),
                                         MatchesRegex(time + "\\[nightly\\]\\[ERROR\\] four")));
}

TEST_F(TestLogger, TheTimeIsNowInUtc) {
    configure({.level = Level::info, .stream = Stream::standard_output, .layout = Layout::text, .tag = "t"});
    const Capture out(stdout);
    const auto seconds_now = [] {
        return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()).time_since_epoch().count();
    };
    const auto before = seconds_now();
    info("x");
    const auto after = seconds_now();
    std::tm parts{};
    ASSERT_NE(::strptime(out.text().c_str(), "[%Y-%m-%dT%H:%M:%S", &parts), nullptr);
    const auto logged = ::timegm(&parts);
    EXPECT_GE(logged, before);
    EXPECT_LE(logged, after);
}

TEST_F(TestLogger, LeavesOutWhatIsBelowItsLevel) {
    const std::vector<Level> levels{Level::debug, Level::info, Level::warning, Level::error, Level::off};
    for (std::size_t i = 0; i < levels.size(); ++i) {
        configure({.level = levels[i], .stream = Stream::standard_output, .layout = Layout::text, .tag = "t"});
        const Capture out(stdout);
        debug("m");
        info("m");
        warning("m");
        error("m");
        EXPECT_THAT(out.lines(), SizeIs(4 - i));
    }
}

TEST_F(TestLogger, StartsWithInfoOnStandardOutput) {
    configure({});
    const Capture out(stdout);
    debug("no");
    info("yes");
    const char* const tag = std::getenv("TB_CDK_TAG");  // NOLINT(concurrency-mt-unsafe)
    EXPECT_THAT(out.lines(),
                ElementsAre(HasSubstr(fmt::format("Z][{}][INFO] yes", tag != nullptr && *tag != '\0' ? tag : "-"))));
}

TEST_F(TestLogger, MayWriteToStandardError) {
    configure({.level = Level::info, .stream = Stream::standard_error, .layout = Layout::text, .tag = "t"});
    const Capture out(stdout);
    const Capture err(stderr);
    info("x");
    EXPECT_THAT(out.text(), IsEmpty());
    EXPECT_THAT(err.lines(), ElementsAre(HasSubstr("[INFO] x")));
}

TEST_F(TestLogger, AMessageStaysOneLine) {
    configure({.level = Level::info, .stream = Stream::standard_output, .layout = Layout::text, .tag = "a\nb"});
    const Capture out(stdout);
    info("first\n[2026-01-01T00:00:00.000Z][t][ERROR] forged\r\nlast\n");
    EXPECT_THAT(
        out.lines(),
        ElementsAre(HasSubstr("[a\\nb][INFO] first\\n[2026-01-01T00:00:00.000Z][t][ERROR] forged\\r\\nlast\\n")));
}

TEST_F(TestLogger, AMessageDoesNotSpeakToTheTerminal) {
    configure({.level = Level::info, .stream = Stream::standard_output, .layout = Layout::text, .tag = "t"});
    const Capture out(stdout);
    info(std::string_view("\x1B[2J\0\x7F\t\v é %v {}", 17));
    EXPECT_THAT(out.lines(), ElementsAre(EndsWith("[INFO] \\x1b[2J\\x00\\x7f\t\\x0b é %v {}")));
}

TEST_F(TestLogger, WritesJsonObjects) {
    configure({.level = Level::info, .stream = Stream::standard_output, .layout = Layout::json, .tag = "t\"\n"});
    const Capture out(stdout);
    const std::string message = "a \"quote\" \\ \n\r\t\x01 é \xFF end";
    info(message);
    error("two");
    ASSERT_THAT(out.lines(), SizeIs(2));
    const auto object = nlohmann::json::parse(out.lines()[0]);
    EXPECT_THAT(object.at("time").get<std::string>(), MatchesRegex("....-..-..T..:..:..\\....Z"));
    EXPECT_EQ(object.at("tag"), "t\"\n");
    EXPECT_EQ(object.at("level"), "INFO");
    EXPECT_EQ(object.at("message"), "a \"quote\" \\ \n\r\t\x01 é \uFFFD end");
    EXPECT_EQ(object.size(), 4U);
    EXPECT_EQ(nlohmann::json::parse(out.lines()[1]).at("level"), "ERROR");
}

TEST_F(TestLogger, MasksSecretsInBothLayouts) {
    remember_secret("open sesame");
    for (const Layout layout : {Layout::text, Layout::json}) {
        configure({.level = Level::info, .stream = Stream::standard_output, .layout = layout, .tag = "t"});
        const Capture out(stdout);
        info("open sesame at postgres://u:hunter2@h?token=abcdef");
        EXPECT_THAT(out.text(), HasSubstr("*** at postgres://u:***@h?token=***"));
        EXPECT_THAT(out.text(), Not(HasSubstr("sesame")));
    }
    EXPECT_EQ(mask("open sesame"), "***");
}

TEST_F(TestLogger, EmptyAndLongMessages) {
    configure({.level = Level::info, .stream = Stream::standard_output, .layout = Layout::text, .tag = "t"});
    const Capture out(stdout);
    const std::string long_message(1'000'000, 'x');
    info("");
    info(long_message);
    ASSERT_THAT(out.lines(), SizeIs(2));
    EXPECT_THAT(out.lines()[0], MatchesRegex(".*\\[INFO\\] "));
    EXPECT_THAT(out.lines()[1], EndsWith("[INFO] " + long_message));
}

TEST_F(TestLogger, ThreadsDoNotMixTheirLines) {
    configure({.level = Level::info, .stream = Stream::standard_output, .layout = Layout::text, .tag = "t"});
    const Capture out(stdout);
    constexpr int thread_count = 8;
    constexpr int message_count = 250;
    std::vector<std::thread> threads;
    threads.reserve(thread_count);
    for (int t = 0; t < thread_count; ++t) {
        threads.emplace_back([t] {
            for (int i = 0; i < message_count; ++i) {
                info(fmt::format("<{}:{}:{}>", t, i, std::string(100, 'x')));
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    std::set<std::string> messages;
    for (const std::string& line : out.lines()) {
        ASSERT_THAT(line, MatchesRegex("\\[.{24}\\]\\[t\\]\\[INFO\\] <[0-9]+:[0-9]+:x{100}>"));
        messages.insert(line.substr(line.find('<')));
    }
    EXPECT_EQ(messages.size(), static_cast<std::size_t>(thread_count * message_count));
}

TEST_F(TestLogger, MayBeConfiguredWhileOthersLog) {
    const Capture out(stdout);
    configure({.level = Level::info, .stream = Stream::standard_output, .layout = Layout::text, .tag = "a"});
    std::thread other([] {
        for (int i = 0; i < 500; ++i) {
            info("m");
        }
    });
    for (int i = 0; i < 100; ++i) {
        configure({.level = Level::info,
                   .stream = Stream::standard_output,
                   .layout = Layout::text,
                   .tag = i % 2 == 0 ? "b" : "c"});
    }
    other.join();
    EXPECT_THAT(out.lines(), SizeIs(500));
    EXPECT_THAT(out.lines(), ::testing::Each(MatchesRegex("\\[.{24}\\]\\[[abc]\\]\\[INFO\\] m")));
}

}  // namespace
}  // namespace tinybird_cdk::logger
