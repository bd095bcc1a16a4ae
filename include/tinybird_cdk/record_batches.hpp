// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <tinybird_cdk/schema.hpp>
#include <tinybird_cdk/value.hpp>

// Arrow's C data and stream interfaces, word for word (https://arrow.apache.org/docs/format/CDataInterface.html,
// CStreamInterface.html): other headers of a program may define them too, so the guards are Arrow's own.
#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4

extern "C" {
struct ArrowSchema {
    const char* format;
    const char* name;
    const char* metadata;
    int64_t flags;
    int64_t n_children;
    struct ArrowSchema** children;
    struct ArrowSchema* dictionary;
    void (*release)(struct ArrowSchema*);
    void* private_data;
};

struct ArrowArray {
    int64_t length;
    int64_t null_count;
    int64_t offset;
    int64_t n_buffers;
    int64_t n_children;
    const void** buffers;
    struct ArrowArray** children;
    struct ArrowArray* dictionary;
    void (*release)(struct ArrowArray*);
    void* private_data;
};
}
#endif  // ARROW_C_DATA_INTERFACE

#ifndef ARROW_C_STREAM_INTERFACE
#define ARROW_C_STREAM_INTERFACE

extern "C" {
struct ArrowArrayStream {
    int (*get_schema)(struct ArrowArrayStream*, struct ArrowSchema* out);
    int (*get_next)(struct ArrowArrayStream*, struct ArrowArray* out);
    const char* (*get_last_error)(struct ArrowArrayStream*);
    void (*release)(struct ArrowArrayStream*);
    void* private_data;
};
}
#endif  // ARROW_C_STREAM_INTERFACE

/// Arrow data as an export, for sources that are columnar anyway.
namespace tinybird_cdk {

/// The owner of one of Arrow's three C structures: releases it exactly once. Movable only.
template <class Structure>
class ArrowOwner {
public:
    ArrowOwner() noexcept = default;
    /// Takes over what is in `structure`, which is empty (released) after that.
    explicit ArrowOwner(Structure&& structure) noexcept : structure_(std::exchange(structure, Structure{})) {}
    ArrowOwner(ArrowOwner&& other) noexcept : structure_(std::exchange(other.structure_, Structure{})) {}
    ArrowOwner& operator=(ArrowOwner&& other) noexcept {
        if (this != &other) {
            reset();
            structure_ = std::exchange(other.structure_, Structure{});
        }
        return *this;
    }
    ~ArrowOwner() { reset(); }

    void reset() noexcept {
        if (structure_.release != nullptr) {
            structure_.release(&structure_);
            // Not every producer marks what it released.
            structure_ = Structure{};
        }
    }
    /// Nothing is owned: never filled, moved away or released.
    [[nodiscard]] bool empty() const noexcept { return structure_.release == nullptr; }
    [[nodiscard]] const Structure& operator*() const noexcept { return structure_; }
    [[nodiscard]] const Structure* operator->() const noexcept { return &structure_; }
    /// For functions that fill a structure: releases what was owned.
    [[nodiscard]] Structure* out() noexcept {
        reset();
        return &structure_;
    }
    [[nodiscard]] Structure* get() noexcept { return &structure_; }
    /// Gives the structure away: its release is the receiver's business.
    [[nodiscard]] Structure give() noexcept { return std::exchange(structure_, Structure{}); }

private:
    Structure structure_{};
};

using OwnedArrowSchema = ArrowOwner<ArrowSchema>;
using OwnedArrowArray = ArrowOwner<ArrowArray>;

/// The owner of a stream of record batches. Movable only.
class ArrowStream {
public:
    ArrowStream() noexcept = default;
    /// Takes over the stream. @param source says in errors where the data comes from, as in "DuckDB"
    explicit ArrowStream(ArrowArrayStream&& stream, std::string source = {})
        : stream_(std::move(stream)), source_(std::move(source)) {}  // NOLINT(performance-move-const-arg): it empties

    [[nodiscard]] bool empty() const noexcept { return stream_.empty(); }
    /// @throws errors::ExternalDatasourceError with the stream's own message
    [[nodiscard]] OwnedArrowSchema schema();
    /// The next batch; an empty owner at the end. @throws errors::ExternalDatasourceError as above
    [[nodiscard]] OwnedArrowArray next();

private:
    [[noreturn]] void fail(int code, const char* doing);

    ArrowOwner<ArrowArrayStream> stream_;
    std::string source_;
};

/// A producer of record batches: columns of values, in Arrow's C stream interface. Every Arrow type is understood;
/// how each is written is told in docs/arrow.md.
class RecordBatches {
public:
    RecordBatches() = default;
    RecordBatches(const RecordBatches&) = delete;
    RecordBatches& operator=(const RecordBatches&) = delete;
    virtual ~RecordBatches() = default;

    /// Runs the query: a stream that begins at the first row. Called again when a load must be sent again; the
    /// stream before is then released. It must give the same columns each time.
    virtual ArrowStream open() = 0;
    /// Ends a read that is under way, from another thread: the stream's next batch should fail soon. Called when the
    /// load is stopped; where a source can't, the load ends with the batch at hand.
    virtual void cancel() noexcept {}
    /// At most so many rows are taken from the stream.
    [[nodiscard]] virtual std::optional<std::uint64_t> row_limit() const { return std::nullopt; }
    /// How many rows to expect, where the source can tell at no cost. For progress only.
    [[nodiscard]] virtual std::optional<std::uint64_t> estimated_rows() const { return std::nullopt; }
    /// The largest count of days or of units, and its negative, stand for ±infinity (DuckDB): Arrow has no other way
    /// to say it.
    [[nodiscard]] virtual bool infinite_dates() const { return false; }
};

/// Batches from a stream that there is only once (a DataFrame, a pipe). A load that would have to read it a second
/// time (a large one, after a failure) ends with an error that says so.
std::unique_ptr<RecordBatches> record_batches_of(ArrowStream stream);

/// All rows of a stream, in memory: meant for small results. Values are shaped as `query_db()` gives them.
ResultSet read_all(ArrowStream stream);
ResultSet read_all(RecordBatches& batches);

/// The ClickHouse type that holds every value of an Arrow column, and what there is to say of it.
struct SuggestedType {
    schema::Type type;
    std::string remark = {};
};
/// @param nullable whether the column may be NULL; nothing: as the schema's flag says
SuggestedType suggest_type(const ArrowSchema& column, std::optional<bool> nullable = std::nullopt);

}  // namespace tinybird_cdk
