// SPDX-License-Identifier: Apache-2.0
#include "tinybird/import_pace.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <xxhash.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "core/file_descriptor.hpp"

namespace tinybird_cdk::tinybird {

namespace {

using std::chrono::milliseconds;

constexpr std::int64_t window = 60'000;
constexpr std::size_t largest_file = 16 * 1024;

std::filesystem::path default_folder() {
    const char* const runtime = std::getenv("XDG_RUNTIME_DIR");
    return runtime != nullptr && *runtime != '\0'
               ? std::filesystem::path(runtime) / "tinybird-cdk"
               : std::filesystem::path(fmt::format("/tmp/tinybird-cdk-{}", ::getuid()));
}

/// A folder that is nobody else's: in /tmp anyone may have made one of that name.
bool is_own_folder(const std::filesystem::path& folder) {
    struct stat status {};
    return (::mkdir(folder.c_str(), S_IRWXU) == 0 || errno == EEXIST) && ::lstat(folder.c_str(), &status) == 0 &&
           S_ISDIR(status.st_mode) && status.st_uid == ::getuid();
}

std::vector<std::int64_t> read_times(int file) {
    std::array<char, largest_file> text;
    const ssize_t count = ::pread(file, text.data(), text.size(), 0);
    std::vector<std::int64_t> times;
    const char* at = text.data();
    const char* const end = at + std::max<ssize_t>(count, 0);
    std::int64_t time = 0;
    while (at < end) {
        const auto parsed = std::from_chars(at, end, time);
        if (parsed.ec != std::errc()) {
            break;
        }
        times.push_back(time);
        at = parsed.ptr + 1;
    }
    return times;
}

}  // namespace

ImportPace::ImportPace(const config::Tinybird& configuration, std::shared_ptr<Clock> clock,
                       std::filesystem::path folder)
    : per_minute_(configuration.limits.imports_per_minute), clock_(std::move(clock)) {
    if (folder.empty()) {
        folder = default_folder();
    }
    if (per_minute_ > 0 && is_own_folder(folder)) {
        const std::string workspace = configuration.endpoint + "\n" + configuration.token.reveal();
        file_ = folder / fmt::format("imports-{:016x}", XXH64(workspace.data(), workspace.size(), 0));
    }
}

milliseconds ImportPace::take() {
    const core::FileDescriptor file(
        ::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR));
    if (!file || ::flock(file.get(), LOCK_EX) != 0) {
        logger::debug(fmt::format("imports are not paced: {} can't be used", file_.string()));
        return milliseconds(0);
    }
    const std::int64_t now = std::chrono::duration_cast<milliseconds>(clock_->wall_now().time_since_epoch()).count();
    std::vector<std::int64_t> times = read_times(file.get());
    // Times to come are there after the clock was set back.
    std::erase_if(times, [now](std::int64_t time) { return time <= now - window || time > now; });
    std::sort(times.begin(), times.end());
    if (times.size() >= per_minute_) {
        return milliseconds(times[times.size() - per_minute_] + window - now);
    }
    times.push_back(now);
    const std::string text = fmt::format("{}\n", fmt::join(times, "\n"));
    if (::ftruncate(file.get(), 0) != 0 || ::pwrite(file.get(), text.data(), text.size(), 0) < 0) {
        logger::debug(fmt::format("imports are not paced: {} can't be written", file_.string()));
    }
    return milliseconds(0);
}

void ImportPace::wait(const std::stop_token& stop) {
    bool told = false;
    while (!file_.empty()) {
        const milliseconds pause = take();
        if (pause.count() <= 0) {
            return;
        }
        if (!told) {
            logger::info(fmt::format("waiting {:.0f} s: Tinybird takes {} imports per minute (TB_CDK_LIMITS)",
                                     static_cast<double>(pause.count()) / 1000, per_minute_));
            told = true;
        }
        if (!clock_->sleep(pause, stop)) {
            throw errors::InterruptedError();
        }
    }
}

}  // namespace tinybird_cdk::tinybird
