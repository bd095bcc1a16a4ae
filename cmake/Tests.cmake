# SPDX-License-Identifier: Apache-2.0
# tinybird_cdk_add_test(test_foo.cpp [LINK target …] [SOURCES helper.cpp …])
# One executable per test file, at the same path below the build directory: bin/test finds it from the source's path.
find_package(GTest REQUIRED)
add_custom_target(all_tests)
function(tinybird_cdk_add_test file)
  cmake_parse_arguments(arg "" "" "LINK;SOURCES" ${ARGN})
  get_filename_component(name ${file} NAME_WE)
  file(RELATIVE_PATH folder ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  string(REPLACE "/" "." target "${folder}/${name}")
  add_executable(${target} ${file} ${arg_SOURCES})
  set_target_properties(${target} PROPERTIES OUTPUT_NAME ${name}
    RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/${folder})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(${target} PRIVATE tinybird_cdk_warnings tinybird_cdk GTest::gmock_main nlohmann_json::nlohmann_json fmt::fmt ${arg_LINK})
  add_dependencies(all_tests ${target})
endfunction()
