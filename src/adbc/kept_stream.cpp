// SPDX-License-Identifier: Apache-2.0
#include "adbc/kept_stream.hpp"

#include <cerrno>

#include <fmt/format.h>

namespace tinybird_cdk::adbc {

namespace {

KeptStream& kept(ArrowArrayStream* stream) noexcept {
    return *static_cast<KeptStream*>(stream->private_data);
}

const char* error_of(ArrowArrayStream* stream) noexcept {
    const char* const text = stream->get_last_error(stream);
    return text == nullptr ? "" : text;
}

/// No exception may pass through a C interface.
void explain(KeptStream& failed) noexcept {
    try {
        if (failed.explain) {
            failed.explanation = failed.explain(error_of(failed.stream.get())).value_or("");
        }
    } catch (...) {  // NOLINT(bugprone-empty-catch): the driver's own text is left
    }
}

/// The code that the failure has by what it means. The hint goes into the text: a stream has no other place for it.
int code_of(KeptStream& failed, int code) noexcept {
    try {
        const std::string text = failed.explanation.empty() ? error_of(failed.stream.get()) : failed.explanation;
        const std::optional<Meaning> meaning = failed.meaning ? failed.meaning(text) : std::nullopt;
        if (!meaning) {
            return code;
        }
        failed.explanation = meaning->hint.empty() ? text : text + ". " + meaning->hint;
        return meaning->exit_code == errors::ExitCode::temporary      ? ETIMEDOUT
               : meaning->exit_code == errors::ExitCode::data_refused ? EOVERFLOW
                                                                      : code;
    } catch (...) {
        return code;
    }
}

/// Drivers may lose the rest of a result and tell nobody: gosnowflake does (snowflakedb/gosnowflake#1789).
int code_of_end(KeptStream& stream) noexcept {
    if (stream.rows_to_come < 0 || stream.rows_to_come == stream.rows_given) {
        return 0;
    }
    try {
        stream.explanation = fmt::format("the result ended after {} of its {} rows. Run it again.", stream.rows_given,
                                         stream.rows_to_come);
    } catch (...) {  // NOLINT(bugprone-empty-catch): no memory for the text
    }
    return ETIMEDOUT;
}

int next(ArrowArrayStream* self, ArrowArray* out) noexcept {
    KeptStream& stream = kept(self);
    if (stream.is_late()) {
        return ETIMEDOUT;
    }
    int code = stream.stream->get_next(stream.stream.get(), out);
    if (code != 0 && !stream.is_late() && !stream.is_cancelled()) {
        explain(stream);
        code = code_of(stream, code);
    }
    if (code == 0 && out->release != nullptr) {
        stream.rows_given += out->length;
        return 0;
    }
    if (stream.is_late()) {
        return ETIMEDOUT;
    }
    if (stream.is_cancelled()) {
        return ECANCELED;
    }
    return code == 0 ? code_of_end(stream) : code;
}

const char* last_error(ArrowArrayStream* self) noexcept {
    const KeptStream& stream = kept(self);
    return stream.is_late()              ? stream.ending->late_text.c_str()
           : !stream.explanation.empty() ? stream.explanation.c_str()
                                         : error_of(kept(self).stream.get());
}

}  // namespace

ArrowArrayStream outer_stream(std::unique_ptr<KeptStream> kept_stream) noexcept {
    ArrowArrayStream outer{};
    outer.get_schema = [](ArrowArrayStream* self, ArrowSchema* out) {
        ArrowArrayStream* const inner = kept(self).stream.get();
        return inner->get_schema(inner, out);
    };
    outer.get_next = next;
    outer.get_last_error = last_error;
    outer.release = [](ArrowArrayStream* self) {
        const std::unique_ptr<KeptStream> owner(&kept(self));
        owner->stream.reset();
        self->release = nullptr;
    };
    outer.private_data = kept_stream.release();
    return outer;
}

}  // namespace tinybird_cdk::adbc
