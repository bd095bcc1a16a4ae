# SPDX-License-Identifier: Apache-2.0
# tinybird_cdk_add_connector(NAME foo SOURCES foo.cpp … LINK target …)
#
# Called once in src/connectors/foo/CMakeLists.txt. A file conformance.cases beside it holds the connector's types and edge
# values for the conformance suite. The connector must define
#     namespace tinybird_cdk::connector_specs { const ConnectorSpec& foo(); }
# which the generated registry table refers to (not "connectors": that is a function of registry.hpp). There are no
# self-registering objects: a static library drops them.
function(tinybird_cdk_add_connector)
  cmake_parse_arguments(arg "" "NAME" "SOURCES;LINK" ${ARGN})
  set(target tinybird_cdk_connector_${arg_NAME})
  add_library(${target} OBJECT ${arg_SOURCES})
  # Its own folder and the public headers, nothing of src/: an outsider has no more.
  target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/include)
  target_link_libraries(${target} PRIVATE tinybird_cdk_warnings ${arg_LINK})
  set_property(GLOBAL APPEND PROPERTY tinybird_cdk_objects ${target})
  set_property(GLOBAL APPEND PROPERTY tinybird_cdk_links ${arg_LINK})
  set_property(GLOBAL APPEND PROPERTY tinybird_cdk_connectors ${arg_NAME})
  if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/conformance.cases)
    set_property(GLOBAL APPEND PROPERTY tinybird_cdk_cases ${CMAKE_CURRENT_SOURCE_DIR}/conformance.cases)
  endif()
endfunction()
