# SPDX-License-Identifier: Apache-2.0
# What `cmake --install` puts where, and what find_package() and pkg-config then find.
option(TINYBIRD_CDK_INSTALL "Make rules for installing the kit" ${PROJECT_IS_TOP_LEVEL})
if(NOT TINYBIRD_CDK_INSTALL)
  return()
endif()
include(CMakePackageConfigHelpers)

# A static library leaves the linking of what it uses to its consumer. That is read from the library's own list, so
# that a connector brings its vendor's library into both packages by its one call.
get_target_property(linked tinybird_cdk LINK_LIBRARIES)
set(PACKAGE_DEPENDENCIES "")
set(PKG_CONFIG_REQUIRES "")
foreach(target ${linked})
  if(target MATCHES "^PkgConfig::(.+)$")
    set(prefix ${CMAKE_MATCH_1})
    # The module is mostly called as its prefix in pkg_check_modules().
    set(module ${prefix})
    if(prefix STREQUAL "xxhash")
      set(module libxxhash)
    endif()
    string(APPEND PACKAGE_DEPENDENCIES "tinybird_cdk_find_module(${prefix} ${module})\n")
    list(APPEND PKG_CONFIG_REQUIRES ${module})
  elseif(target MATCHES "^(fmt|spdlog)::")
    string(APPEND PACKAGE_DEPENDENCIES "find_dependency(${CMAKE_MATCH_1})\n")
    list(APPEND PKG_CONFIG_REQUIRES ${CMAKE_MATCH_1})
  elseif(target STREQUAL "Threads::Threads")
    string(APPEND PACKAGE_DEPENDENCIES "find_dependency(Threads)\n")
  elseif(NOT target MATCHES "^\\$<BUILD_INTERFACE:")
    message(FATAL_ERROR "cmake/Install.cmake does not know how a consumer of the kit finds ${target}")
  endif()
endforeach()
list(JOIN PKG_CONFIG_REQUIRES ", " PKG_CONFIG_REQUIRES)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/tinybird_cdk)
configure_package_config_file(cmake/tinybird_cdk-config.cmake.in ${PROJECT_BINARY_DIR}/tinybird_cdk-config.cmake
  INSTALL_DESTINATION ${package_dir} NO_SET_AND_CHECK_MACRO NO_CHECK_REQUIRED_COMPONENTS_MACRO)
# Before 1.0 a minor release may change the interface (semantic versioning 2.0, item 4).
write_basic_package_version_file(${PROJECT_BINARY_DIR}/tinybird_cdk-config-version.cmake COMPATIBILITY SameMinorVersion)

# "Requires" and not "Requires.private", which only `pkg-config --static` reads: there is no shared library that would
# link these by itself, and --static would ask for the static parts of libcurl, which nobody has.
# The .pc file finds its prefix from where it lies, so that an installed tree can be moved.
cmake_path(APPEND CMAKE_INSTALL_PREFIX ${CMAKE_INSTALL_LIBDIR} pkgconfig OUTPUT_VARIABLE pkg_config_dir)
file(RELATIVE_PATH PKG_CONFIG_PREFIX ${pkg_config_dir} ${CMAKE_INSTALL_PREFIX})
configure_file(cmake/tinybird_cdk.pc.in ${PROJECT_BINARY_DIR}/tinybird_cdk.pc @ONLY)
configure_file(cmake/tinybird_cdk_conformance.pc.in ${PROJECT_BINARY_DIR}/tinybird_cdk_conformance.pc @ONLY)

install(TARGETS tinybird_cdk tinybird_cdk_conformance EXPORT tinybird_cdk ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/tinybird_cdk DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp")
install(EXPORT tinybird_cdk NAMESPACE tinybird_cdk:: FILE tinybird_cdk-targets.cmake DESTINATION ${package_dir})
install(FILES ${PROJECT_BINARY_DIR}/tinybird_cdk-config.cmake ${PROJECT_BINARY_DIR}/tinybird_cdk-config-version.cmake
        DESTINATION ${package_dir})
install(FILES ${PROJECT_BINARY_DIR}/tinybird_cdk.pc ${PROJECT_BINARY_DIR}/tinybird_cdk_conformance.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
foreach(program tb-cdk tb-cdk-local)
  if(TARGET ${program})
    install(TARGETS ${program} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  endif()
endforeach()
