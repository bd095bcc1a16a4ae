# SPDX-License-Identifier: Apache-2.0
# tinybird_cdk_add_layer(NAME core SOURCES a.cpp … LINK target …)
# One folder of src/ as objects of the one library. LINK: third-party targets only; what a layer may include of the
# other layers is checked by scripts/check_includes.py.
function(tinybird_cdk_add_layer)
  cmake_parse_arguments(arg "" "NAME" "SOURCES;LINK" ${ARGN})
  set(target tinybird_cdk_${arg_NAME})
  add_library(${target} OBJECT ${arg_SOURCES})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/include)
  target_link_libraries(${target} PRIVATE tinybird_cdk_warnings ${arg_LINK})
  set_property(GLOBAL APPEND PROPERTY tinybird_cdk_objects ${target})
  set_property(GLOBAL APPEND PROPERTY tinybird_cdk_links ${arg_LINK})
endfunction()
