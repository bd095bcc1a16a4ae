// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tinybird_cdk::local {

/// One thing that a token allows.
struct Scope {
    std::string type;      ///< "ADMIN", "DATASOURCES:READ", …
    std::string resource;  ///< the id of a data source, so that a scope follows it through another name; may be empty
};

/// A static token (https://www.tinybird.co/docs/api-reference/token-api).
struct AccessToken {
    std::string id;
    std::string name;
    std::string description;
    std::string secret;
    std::vector<Scope> scopes;
    bool built_in = false;  ///< the server's own, which no call can change

    [[nodiscard]] bool has(std::string_view type) const;
    [[nodiscard]] bool has(std::string_view type, std::string_view resource) const;
    [[nodiscard]] bool is_admin() const { return has("ADMIN"); }
};

/// The tokens of the workspace, kept in a file that only its owner may read. Thread-safe.
class TokenStore {
public:
    /// @param admin the server's own token, which the file does not hold
    TokenStore(std::filesystem::path file, const std::string& admin);

    using Entry = std::shared_ptr<const AccessToken>;
    [[nodiscard]] Entry find_secret(std::string_view secret) const;
    /// By id, name or secret, as the API names tokens.
    [[nodiscard]] Entry find(std::string_view name) const;
    [[nodiscard]] std::vector<Entry> all() const;

    /// Adds it, or takes the place of the one with its id. @throws errors::Error when it can't be written
    void put(AccessToken token);
    void remove(const std::string& id);

private:
    void save(const std::vector<Entry>& tokens) const;

    const std::filesystem::path file_;
    mutable std::mutex mutex_;
    std::vector<Entry> tokens_;
};

/// A secret in the form of Tinybird's.
std::string new_secret();

}  // namespace tinybird_cdk::local
