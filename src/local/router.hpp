// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "local/answers.hpp"

namespace tinybird_cdk::local {

struct AccessToken;

/// One request, as the routes see it.
class Call {
public:
    virtual ~Call() = default;

    std::string method;
    std::string path;                                           ///< decoded, without a slash at its end
    std::map<std::string, std::string> parameters;              ///< of the query string, later also of a form
    std::map<std::string, std::string, std::less<>> headers;    ///< names in lower case
    std::vector<std::string> captured;                          ///< segments that the route left open
    std::string file_name;                                      ///< of the file of a form, once it has begun
    std::vector<std::pair<std::string, std::string>> repeated;  ///< every parameter, in order
    std::string route;                                          ///< the pattern that answers, as in "/v0/jobs/:"
    std::shared_ptr<const AccessToken> caller;                  ///< none on a path that is open to all
    /// Asked again when a form has named more parameters; throws Refusal. May be empty.
    std::function<void(const Call&)> permit;

    [[nodiscard]] std::optional<std::string> parameter(const std::string& name) const {
        const auto found = parameters.find(name);
        return found == parameters.end() ? std::nullopt : std::optional(found->second);
    }
    /// All values of a parameter that may come several times.
    [[nodiscard]] std::vector<std::string> values(std::string_view name) const;
    void add_parameter(const std::string& name, const std::string& value) {
        parameters.insert_or_assign(name, value);
        repeated.emplace_back(name, value);
    }
    [[nodiscard]] std::string header(std::string_view name) const {
        const auto found = headers.find(name);
        return found == headers.end() ? std::string() : found->second;
    }

    /// The body in pieces: of a multipart form its file, whatever its part is called; its other parts become
    /// parameters. @return false when the client went away or sent nonsense
    virtual bool stream_body(const std::function<void(std::string_view)>& sink) = 0;
    /// The whole body. @throws Refusal beyond the limit or when the client went away
    std::string body(std::size_t limit);
    /// A urlencoded form becomes parameters.
    void read_form();
    /// The same with a body that has been read.
    void add_form(std::string_view text);
};

/// Which function answers which path. Not changed after it is set up.
class Router {
public:
    using Handler = std::function<Answer(Call&)>;

    /// @param pattern as in "/v0/datasources/:/truncate": a colon stands for any segment
    void add(std::string method, std::string_view pattern, Handler handler);
    /// The handler, with the open segments in `call.captured`; an error answer when there is none.
    Answer dispatch(Call& call) const;

private:
    struct Route {
        std::string method;
        std::string pattern;
        std::vector<std::string> segments;
        Handler handler;
    };
    std::vector<Route> routes_;
};

}  // namespace tinybird_cdk::local
