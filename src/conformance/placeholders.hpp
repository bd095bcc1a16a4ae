// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace tinybird_cdk::conformance {

/// `text` with each {name} of the list replaced by its value. What is put in is not looked at again, and braces with
/// another name stay: JSON has such.
std::string filled(std::string_view text, std::initializer_list<std::pair<std::string_view, std::string_view>> values);

}  // namespace tinybird_cdk::conformance
