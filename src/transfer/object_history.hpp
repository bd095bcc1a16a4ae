// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>
#include <vector>

#include <tinybird_cdk/cloud.hpp>
#include <tinybird_cdk/connector.hpp>

#include "transfer/ledger_records.hpp"

namespace tinybird_cdk::transfer {

/// What earlier loads mean for the objects of a listing. Pure; keeps nothing of objects that are not listed.
class ObjectHistory {
public:
    /// @param uris of the listed objects, each once @param etags theirs, in the same order
    ObjectHistory(const std::vector<std::string>& uris, const std::vector<std::string>& etags);

    void add(const LedgerLoad& load);

    /// Of the object at this place of the listing.
    [[nodiscard]] ObjectState state(std::size_t place) const;
    /// The same as if the open loads had never been.
    [[nodiscard]] ObjectState state_but_for_open(std::size_t place) const;
    /// Loads of its present content of which nothing says how they ended. Of no meaning when one of them is done.
    [[nodiscard]] const std::vector<LedgerLoad>& open(std::size_t place) const { return entries_.at(place).open; }

private:
    struct Entry {
        std::string etag;
        bool loaded = false;
        bool other_content = false;  ///< was loaded
        std::vector<LedgerLoad> open = {};
    };
    std::unordered_map<std::string, std::size_t> places_;
    std::vector<Entry> entries_;
};

/// Those that come first are loaded first: by when they were written, so that of two rows with the same key the later
/// one wins, then by key.
void sort_by_age(std::vector<cloud::Object>& objects);

}  // namespace tinybird_cdk::transfer
