// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/cloud/azure.hpp>

#include "cloud/azure/delegation_keys.hpp"
#include "cloud/azure/requests.hpp"

namespace tinybird_cdk::cloud::azure {

/// Of an object.
struct ByteRange {
    std::uint64_t begin = 0;
    std::optional<std::uint64_t> length = {};  ///< none: to the end
};

/// What goes between two objects when the first one does not end its last line.
constexpr std::string_view line_end = "\n";

/// Bytes that go into an object; never empty.
struct Piece {
    const Object* part = nullptr;  ///< whose bytes they are; null: they are `line_end`
    std::uint64_t begin = 0;
    std::uint64_t length = 0;
};

/// What one client has: its requests and the operations that are more than one of them. Thread-safe.
class Client::Store {
public:
    Store(const Environment& environment, Options options);

    [[nodiscard]] const std::string& account() const noexcept { return requests_.account().name; }

    std::vector<Object> list(std::string_view container, std::string_view prefix, const std::stop_token& stop);
    /// A URL of a blob with a signature that lets anyone read it.
    std::string signed_url(std::string_view container, std::string_view blob, std::chrono::seconds life,
                           const std::stop_token& stop);
    void remove(std::string_view container, std::string_view blob, const std::stop_token& stop);
    std::vector<std::string> remove_all(std::string_view container, const std::vector<std::string>& blobs,
                                        const std::stop_token& stop);
    void put(std::string_view container, std::string_view blob, Body& body, const std::stop_token& stop);
    /// @param part key, and the ETag it must have unless that is empty
    std::unique_ptr<Body> get(std::string_view container, const Object& part, ByteRange range,
                              const std::stop_token& stop);
    std::optional<Object> stat(std::string_view container, std::string_view blob, const std::stop_token& stop);
    void join(std::string_view container, const std::vector<Object>& parts, std::string_view target,
              const CatOptions& options);

private:
    /// As put(). @param in_doubt set when the blob may be there although this throws
    void write(std::string_view container, std::string_view blob, Body& body, const std::stop_token& stop,
               bool& in_doubt);
    /// Joins inside the store. @return false when the store can't read the parts by itself; nothing is written then
    bool join_inside(std::string_view container, const std::vector<Piece>& pieces, std::string_view target,
                     const std::stop_token& stop, bool& in_doubt);
    std::vector<Piece> pieces_of(std::string_view container, const std::vector<Object>& parts,
                                 const CatOptions& options);
    /// Those of objects that begin with the same header line, which only the first one keeps.
    std::vector<Piece> with_one_header(std::string_view container, std::vector<Piece> pieces,
                                       const std::stop_token& stop);
    /// With a line end behind each but the last one that has none.
    std::vector<Piece> with_line_ends(std::string_view container, const std::vector<Piece>& pieces,
                                      const std::stop_token& stop);
    bool ends_line(std::string_view container, const Piece& piece, const std::stop_token& stop);
    /// The first line of an object, its end included where it has one.
    std::string first_line(std::string_view container, const Object& part, const std::stop_token& stop);
    /// @return those of the batch that are to be tried one by one
    std::vector<std::string> remove_batch(std::string_view container, std::span<const std::string> blobs,
                                          const std::stop_token& stop);

    const Options options_;
    Requests requests_;
    DelegationKeys keys_;
};

}  // namespace tinybird_cdk::cloud::azure
