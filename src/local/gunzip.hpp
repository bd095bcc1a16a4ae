// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace tinybird_cdk::local {

/// Unpacks gzip that comes in pieces, also several members one after the other (RFC 1952 §2.2).
class Gunzip {
public:
    Gunzip();
    Gunzip(const Gunzip&) = delete;
    Gunzip& operator=(const Gunzip&) = delete;
    ~Gunzip();

    /// @throws Refusal 400 when the bytes are no gzip
    void write(std::string_view packed, const std::function<void(std::string_view)>& sink);
    /// @throws Refusal 400 when the input has ended in the middle of it. @param name for the message
    void finish(const std::string& name) const;

private:
    class Stream;
    std::unique_ptr<Stream> stream_;
};

/// Hands on the bytes of a file, unpacked where its name ends in .gz and it is one.
class FileBytes {
public:
    FileBytes(std::string name, std::function<void(std::string_view)> sink);
    void write(std::string_view bytes);
    void finish() const;

private:
    const std::string name_;
    const std::function<void(std::string_view)> sink_;
    bool begun_ = false;
    std::unique_ptr<Gunzip> gunzip_;
};

}  // namespace tinybird_cdk::local
