// SPDX-License-Identifier: Apache-2.0
#include "cluster.hpp"

#include <algorithm>
#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <tinybird_cdk/cloud/s3.hpp>
#include <tinybird_cdk/errors.hpp>

#include "core/ids.hpp"
#include "helpers/target.hpp"

namespace tinybird_cdk::testing {

namespace {

Environment cluster_environment(const std::string& folder) {
    Environment environment = tinybird_environment();
    for (const char* const variable :
         {"REDSHIFT_HOST", "REDSHIFT_PORT", "REDSHIFT_DATABASE", "REDSHIFT_USER", "REDSHIFT_PASSWORD",
          "REDSHIFT_SSLMODE", "REDSHIFT_IAM_ROLE", "REDSHIFT_ADBC_DRIVER", "S3_BUCKET", "AWS_ENDPOINT_URL_S3",
          "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"}) {
        const auto value = Environment::process().get(variable);
        if (!value) {
            throw std::runtime_error(std::string(variable) + " is not set: run this by bin/test");
        }
        environment = environment.with(variable, *value);
    }
    return environment.with("S3_FOLDER", "/" + folder);
}

adbc::Source source(const Environment& environment) {
    std::string password;
    for (const char c : config::get("REDSHIFT_PASSWORD", environment)) {
        password += c == '\'' ? "\\'" : std::string(1, c);
    }
    return {.driver = config::get("REDSHIFT_ADBC_DRIVER", environment),
            .database = {{"uri", "host=127.0.0.1 sslmode=disable port=" + config::get("REDSHIFT_PORT", environment) +
                                     " user=" + config::get("REDSHIFT_USER", environment) + " dbname=" +
                                     config::get("REDSHIFT_DATABASE", environment) + " password='" + password + "'"}}};
}

std::vector<int> sockets_to(const std::string& port) {
    constexpr int most = 1024;
    std::vector<int> found;
    for (int descriptor = 0; descriptor < most; ++descriptor) {
        sockaddr_in peer{};
        socklen_t size = sizeof peer;
        if (getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer), &size) == 0 && peer.sin_family == AF_INET &&
            std::to_string(ntohs(peer.sin_port)) == port) {
            found.push_back(descriptor);
        }
    }
    return found;
}

}  // namespace

Cluster::Cluster()
    : schema_("s_" + core::random_hex(8)),
      folder_("loads/" + schema_),
      connection_(source(cluster_environment(folder_)), cluster_environment(folder_)) {
    environment_ = cluster_environment(folder_);
    database_ = config::get("REDSHIFT_DATABASE", environment_);
    own_sockets_ = sockets_to(config::get("REDSHIFT_PORT", environment_));
    execute("CREATE SCHEMA {s}");
}

Cluster::~Cluster() {
    try {
        execute("DROP SCHEMA {s} CASCADE");
    } catch (const errors::Error&) {  // NOLINT(bugprone-empty-catch): the server ends with the tests
    }
}

std::string Cluster::sql(std::string text) const {
    for (std::size_t at = text.find("{s}"); at != std::string::npos; at = text.find("{s}", at)) {
        text.replace(at, 3, schema_);
    }
    return text;
}

std::string Cluster::value(const std::string& text) {
    return read_all(connection_.query(sql(text))).at(0).at(0).second.to_text();
}

std::vector<int> Cluster::sockets() const {
    std::vector<int> found = sockets_to(config::get("REDSHIFT_PORT", environment_));
    std::erase_if(found, [this](int descriptor) {
        return std::find(own_sockets_.begin(), own_sockets_.end(), descriptor) != own_sockets_.end();
    });
    return found;
}

std::vector<cloud::Object> Cluster::objects() const {
    return cloud::s3::Client(environment_).list(config::get("S3_BUCKET", environment_), folder_);
}

}  // namespace tinybird_cdk::testing
