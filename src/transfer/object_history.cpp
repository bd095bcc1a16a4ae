// SPDX-License-Identifier: Apache-2.0
#include "transfer/object_history.hpp"

#include <algorithm>
#include <tuple>

namespace tinybird_cdk::transfer {

ObjectHistory::ObjectHistory(const std::vector<std::string>& uris, const std::vector<std::string>& etags) {
    for (std::size_t place = 0; place < uris.size(); ++place) {
        places_.emplace(uris[place], place);
        entries_.push_back({.etag = etags.at(place)});
    }
}

void ObjectHistory::add(const LedgerLoad& load) {
    const auto place = places_.find(load.uri);
    if (place == places_.end()) {
        return;
    }
    Entry& entry = entries_[place->second];
    if (load.etag != entry.etag) {
        // Whether a load of content that is gone ended well changes nothing for what is there now.
        entry.other_content = entry.other_content || load.done;
    } else if (load.done) {
        entry.loaded = true;
    } else if (load.open()) {
        entry.open.push_back(load);
    }
}

ObjectState ObjectHistory::state(std::size_t place) const {
    const Entry& entry = entries_.at(place);
    return entry.loaded || entry.open.empty() ? state_but_for_open(place) : ObjectState::unfinished;
}

ObjectState ObjectHistory::state_but_for_open(std::size_t place) const {
    const Entry& entry = entries_.at(place);
    if (entry.loaded) {
        return ObjectState::loaded;
    }
    return entry.other_content ? ObjectState::changed : ObjectState::fresh;
}

void sort_by_age(std::vector<cloud::Object>& objects) {
    std::sort(objects.begin(), objects.end(), [](const cloud::Object& left, const cloud::Object& right) {
        return std::tie(left.modified, left.key) < std::tie(right.modified, right.key);
    });
}

}  // namespace tinybird_cdk::transfer
