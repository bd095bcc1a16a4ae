// SPDX-License-Identifier: Apache-2.0
#include "local/answers.hpp"

namespace tinybird_cdk::local {

Answer json_answer(const nlohmann::json& body, int status) {
    Answer answer;
    answer.status = status;
    answer.body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    return answer;
}

Answer error_answer(int status, const std::string& text) {
    return json_answer({{"error", text.empty() ? "unknown error" : text},
                        {"documentation", "https://www.tinybird.co/docs/api-reference"}},
                       status);
}

}  // namespace tinybird_cdk::local
