# SPDX-License-Identifier: Apache-2.0
# cmake -D OUTPUT=page_files.cpp -D FOLDER=page -D FILES=a.js,b.css -P EmbedFiles.cmake
# Writes files as character arrays, so that the program needs none of them when it runs.
string(REPLACE "," ";" FILES "${FILES}")
set(arrays "")
set(table "")
set(number 0)
foreach(name ${FILES})
  file(READ "${FOLDER}/${name}" bytes HEX)
  file(SHA256 "${FOLDER}/${name}" hash)
  string(SUBSTRING "${hash}" 0 32 hash)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${bytes}")
  string(APPEND arrays "constexpr char file_${number}[] = {${bytes}};\n")
  string(APPEND table "    PageFile{\"${name}\", {file_${number}, sizeof file_${number}}, \"${hash}\"},\n")
  math(EXPR number "${number} + 1")
endforeach()
file(WRITE "${OUTPUT}" "// Written by cmake/EmbedFiles.cmake.
#include \"local/page_files.hpp\"

namespace tinybird_cdk::local {

namespace {

${arrays}
constexpr PageFile files[] = {
${table}};

}  // namespace

std::span<const PageFile> page_files() {
    return files;
}

}  // namespace tinybird_cdk::local
")
