# SPDX-License-Identifier: Apache-2.0
# cmake -D OUTPUT=built_in_cases.cpp -D FILES=src/connectors/foo/conformance.cases,… -P EmbedCases.cmake
# Writes the case files of the connectors as character arrays, each under the name of its folder.
string(REPLACE "," ";" FILES "${FILES}")
set(arrays "")
set(tests "")
foreach(file ${FILES})
  cmake_path(GET file PARENT_PATH folder)
  cmake_path(GET folder FILENAME name)
  file(READ "${file}" bytes HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${bytes}")
  string(APPEND arrays "constexpr char cases_of_${name}[] = {${bytes}};\n")
  string(APPEND tests "    if (connector == \"${name}\") {
        return std::string_view(cases_of_${name}, sizeof cases_of_${name});
    }\n")
endforeach()
file(WRITE "${OUTPUT}" "// Written by cmake/EmbedCases.cmake.
#include <tinybird_cdk/conformance/case_file.hpp>

namespace tinybird_cdk::conformance {

namespace {

${arrays}
}  // namespace

std::optional<std::string_view> built_in_cases([[maybe_unused]] std::string_view connector) noexcept {
${tests}    return std::nullopt;
}

}  // namespace tinybird_cdk::conformance
")
