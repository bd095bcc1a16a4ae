# SPDX-License-Identifier: Apache-2.0
# Parquet is written by a plugin of its own on Arrow's C++ library: the system's where find_package() knows it, else the
# one that scripts/setup.sh fetches. Without either the kit is built without Parquet.
set(TINYBIRD_CDK_ARROW ${PROJECT_SOURCE_DIR}/.deps/arrow-26.0.1 CACHE PATH "Where Arrow's C++ library is: lib/ and include/")
set(parquet_plugin_dir ${CMAKE_INSTALL_LIBDIR}/tinybird_cdk)
find_package(Parquet QUIET CONFIG)
if(TARGET Parquet::parquet_shared)
  set(parquet_libraries Parquet::parquet_shared)
  set(parquet_from_system ON)
else()
  # The wheel's libraries have no names without a version.
  file(GLOB parquet_libraries ${TINYBIRD_CDK_ARROW}/lib/libparquet.so.*)
  file(GLOB arrow_libraries ${TINYBIRD_CDK_ARROW}/lib/libarrow.so.*)
  if(NOT parquet_libraries OR NOT arrow_libraries)
    message(STATUS "Without Parquet: Arrow's C++ library is not in ${TINYBIRD_CDK_ARROW}")
    return()
  endif()
  list(APPEND parquet_libraries ${arrow_libraries})
endif()

add_library(tinybird_cdk_parquet MODULE ${PROJECT_SOURCE_DIR}/src/encode/parquet/plugin/plugin.cpp)
target_include_directories(tinybird_cdk_parquet PRIVATE ${PROJECT_SOURCE_DIR}/src)
target_link_libraries(tinybird_cdk_parquet PRIVATE tinybird_cdk_warnings ${parquet_libraries})
set_target_properties(tinybird_cdk_parquet PROPERTIES
  CXX_VISIBILITY_PRESET hidden
  LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib/tinybird_cdk)
# Loaded at run time, so nothing links it: whatever is built with the library gets it by this.
add_dependencies(tinybird_cdk tinybird_cdk_parquet)
if(NOT parquet_from_system)
  target_include_directories(tinybird_cdk_parquet SYSTEM PRIVATE ${TINYBIRD_CDK_ARROW}/include)
  set_target_properties(tinybird_cdk_parquet PROPERTIES
    BUILD_RPATH ${TINYBIRD_CDK_ARROW}/lib
    INSTALL_RPATH $ORIGIN)
endif()
if(TINYBIRD_CDK_INSTALL)
  install(TARGETS tinybird_cdk_parquet LIBRARY DESTINATION ${parquet_plugin_dir})
  if(NOT parquet_from_system)
    install(FILES ${parquet_libraries} DESTINATION ${parquet_plugin_dir})
    install(DIRECTORY ${TINYBIRD_CDK_ARROW}/licenses/licenses/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/arrow)
  endif()
endif()
