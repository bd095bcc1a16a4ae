// SPDX-License-Identifier: Apache-2.0
#include "local/data_source_creation.hpp"

#include <vector>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "core/ids.hpp"
#include "core/text.hpp"
#include "local/import_request.hpp"
#include "local/schema_guess.hpp"
#include "local/schema_text.hpp"
#include "local/table_text.hpp"

namespace tinybird_cdk::local {

namespace {

[[noreturn]] void refuse_full_disk() {
    throw errors::Error("the data can't be kept", "Is the disk full?", errors::ExitCode::temporary);
}

}  // namespace

DataSourceCreation::DataSourceCreation(Services& services, const Call& call)
    : services_(services),
      call_(call),
      file_(services.scratch / (core::random_hex(24) + ".data")),
      stream_(file_, std::ios::binary) {
    check_name();
}

DataSourceCreation::~DataSourceCreation() {
    std::error_code ignored;
    std::filesystem::remove(file_, ignored);
}

void DataSourceCreation::check_name() const {
    const std::string name = call_.parameter("name").value_or("");
    if (name.empty() || name != schema::data_source_name(name)) {
        throw Refusal(400,
                      fmt::format("\"{}\" is no name for a data source: use letters, digits and underscores", name));
    }
    if (services_.catalog.find(name)) {
        throw Refusal(409, fmt::format("there is already a data source \"{}\"", name));
    }
}

void DataSourceCreation::write(std::string_view data) {
    size_ += data.size();
    if (!stream_.write(data.data(), static_cast<std::streamsize>(data.size()))) {
        refuse_full_disk();
    }
}

DataSource DataSourceCreation::create() {
    stream_.close();
    if (!stream_) {
        refuse_full_disk();
    }
    request_ = import_request_of(call_, false);
    source_ = described();
    services_.storage.create(source_);
    return source_;
}

DataSource DataSourceCreation::described() {
    DataSource source;
    source.id = "t_" + core::random_hex(32);
    source.name = call_.parameter("name").value_or("");
    source.description = call_.parameter("description").value_or("");
    const auto text = call_.parameter("schema");
    if (text && !core::trim(*text).empty()) {
        source.columns = parse_schema(*text);
    } else if (empty()) {
        throw Refusal(400, "the parameter schema is missing, and there is no data to guess it from");
    } else {
        source.columns = guess_schema(services_.engine, file_, request_.format, request_.dialect,
                                      call_.parameter("type_guessing") != "false");
    }
    source.engine = engine_of(call_.parameters);
    source.ttl = call_.parameter("engine_ttl").value_or("");
    source.sorting_key = call_.parameter("engine_sorting_key").value_or("");
    if (source.sorting_key.empty()) {
        source.sorting_key = "tuple()";
    }
    source.partition_key = call_.parameter("engine_partition_key").value_or("");
    source.created_at = timestamp_now();
    source.updated_at = source.created_at;
    return source;
}

ImportResult DataSourceCreation::import_data() {
    try {
        return import_file(source_);
    } catch (...) {
        services_.storage.drop(source_);
        throw;
    }
}

ImportResult DataSourceCreation::import_file(const DataSource& source) {
    Import import_run(services_.engine, services_.catalog, source, request_, services_.scratch);
    std::ifstream stream(file_, std::ios::binary);
    constexpr std::size_t block_size = 256U << 10U;
    std::vector<char> block(block_size);
    while (stream.read(block.data(), static_cast<std::streamsize>(block.size())) || stream.gcount() > 0) {
        import_run.write({block.data(), static_cast<std::size_t>(stream.gcount())});
    }
    return import_run.commit();
}

}  // namespace tinybird_cdk::local
