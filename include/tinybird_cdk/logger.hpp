// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

/// Standardised logging: `[ISO time][TB_CDK_TAG][LEVEL] message`, one line each, to standard output unless told
/// otherwise. Thread-safe. Values of secret options and credentials inside URLs are masked in every message.
namespace tinybird_cdk::logger {

enum class Level { debug, info, warning, error, off };
enum class Stream { standard_output, standard_error };
enum class Layout { text, json };

struct Options {
    Level level = Level::info;
    Stream stream = Stream::standard_output;
    Layout layout = Layout::text;  ///< json: one object per line with time, tag, level, message
    std::string tag;               ///< empty: TB_CDK_TAG of the process, or "-" when it is unset
};

/// Applies to the whole process, from the next message on.
void configure(Options options);

void debug(std::string_view message);
void info(std::string_view message);
void warning(std::string_view message);
void error(std::string_view message);

/// Remembers a secret: from now on `***` stands in its place in all that `mask()` and the logger give out. Texts
/// shorter than four characters are ignored, for masking them would make every message unreadable.
void remember_secret(std::string_view secret);

/// `text` with every remembered secret, the password of every URL, and every `token=`, `password=`, `signature`
/// parameter of a URL replaced by `***`.
std::string mask(std::string_view text);

}  // namespace tinybird_cdk::logger
