// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/export.hpp>

#include <exception>
#include <system_error>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

namespace tinybird_cdk {

namespace {

/// What there is none of needs no deletion: mostly a bucket that somebody named and nobody made. Each cloud has its own
/// word for it.
bool is_nowhere(const errors::ExternalDatasourceError& error) {
    return error.sqlstate() == "404" || error.sqlstate() == "NoSuchBucket" || error.sqlstate() == "ContainerNotFound";
}

/// Runs it, but for what is nowhere.
template <class Deletion>
void delete_what_is_there(Deletion&& deletion) {
    try {
        deletion();
    } catch (const errors::ExternalDatasourceError& error) {
        if (!is_nowhere(error)) {
            throw;
        }
    }
}

/// Clean-up runs in destructors, so a failure can only be told.
template <class Deletion>
void clean_up(const std::string& what, Deletion&& deletion) noexcept {
    try {
        delete_what_is_there(deletion);
    } catch (const std::exception& error) {
        try {
            logger::warning(fmt::format("can't delete {}: {}. Delete it by hand.", what, error.what()));
        } catch (...) {  // NOLINT(bugprone-empty-catch): no memory for the warning either
        }
    } catch (...) {
        try {
            logger::warning(fmt::format("can't delete {}. Delete it by hand.", what));
        } catch (...) {  // NOLINT(bugprone-empty-catch): as above
        }
    }
}

/// The same for a caller that can tell it.
template <class Deletion>
std::string what_is_left(const std::string& what, Deletion&& deletion) {
    try {
        delete_what_is_there(deletion);
        return {};
    } catch (const std::exception& error) {
        return fmt::format("{} ({})", what, error.what());
    }
}

}  // namespace

LocalFile& LocalFile::operator=(LocalFile&& other) noexcept {
    if (this != &other) {
        cleanup();
        path_ = std::exchange(other.path_, {});
    }
    return *this;
}

void LocalFile::cleanup() noexcept {
    const std::filesystem::path path = std::exchange(path_, {});
    if (path.empty()) {
        return;
    }
    clean_up(path.string(), [&] { std::filesystem::remove(path); });
}

CloudFile& CloudFile::operator=(CloudFile&& other) noexcept {
    if (this != &other) {
        cleanup();
        client_ = std::move(other.client_);
        bucket_ = std::move(other.bucket_);
        key_ = std::move(other.key_);
    }
    return *this;
}

void CloudFile::cleanup() noexcept {
    const std::shared_ptr<cloud::Client> client = std::exchange(client_, nullptr);
    if (client) {
        clean_up(client->uri(bucket_, key_), [&] { client->rm(bucket_, key_); });
    }
}

std::string CloudFile::remove() {
    const std::shared_ptr<cloud::Client> client = std::exchange(client_, nullptr);
    return client ? what_is_left(client->uri(bucket_, key_), [&] { client->rm(bucket_, key_); }) : std::string();
}

CloudDir& CloudDir::operator=(CloudDir&& other) noexcept {
    if (this != &other) {
        cleanup();
        client_ = std::move(other.client_);
        bucket_ = std::move(other.bucket_);
        directory_ = std::move(other.directory_);
        header_lines_ = other.header_lines_;
        rows_ = other.rows_;
        format_ = other.format_;
        objects_ = other.objects_;
        columns_ = std::move(other.columns_);
    }
    return *this;
}

void CloudDir::cleanup() noexcept {
    const std::shared_ptr<cloud::Client> client = std::exchange(client_, nullptr);
    if (client) {
        clean_up(client->uri(bucket_, directory_), [&] { client->rmtree(bucket_, directory_); });
    }
}

std::string CloudDir::remove() {
    const std::shared_ptr<cloud::Client> client = std::exchange(client_, nullptr);
    return client ? what_is_left(client->uri(bucket_, directory_), [&] { client->rmtree(bucket_, directory_); })
                  : std::string();
}

}  // namespace tinybird_cdk
