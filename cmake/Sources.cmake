# SPDX-License-Identifier: Apache-2.0
# Other projects' sources that are compiled into the library: scripts/setup.sh fetches them, pinned.
set(TINYBIRD_CDK_SOURCES ${PROJECT_SOURCE_DIR}/.deps/sources CACHE PATH "Where the sources of nanoarrow and ADBC are")
set(nanoarrow_dir ${TINYBIRD_CDK_SOURCES}/nanoarrow-0.9.0)
set(flatcc_dir ${TINYBIRD_CDK_SOURCES}/flatcc-fd3c4ae5)
set(adbc_dir ${TINYBIRD_CDK_SOURCES}/adbc-driver-manager-1.13.0)
if(NOT EXISTS ${nanoarrow_dir}/nanoarrow/nanoarrow.h OR NOT EXISTS ${flatcc_dir}/include/flatcc/flatcc_verifier.h OR NOT EXISTS ${adbc_dir}/adbc_driver_manager.cc)
  message(FATAL_ERROR "The sources of nanoarrow or of the ADBC driver manager are not in ${TINYBIRD_CDK_SOURCES}.\n"
    "Fetch them: bash -c '. scripts/setup.sh && require_sources' (bin/cdk and bin/test do it by themselves).")
endif()

# A namespace of its own, so that a program may have another nanoarrow beside it.
set(NANOARROW_VERSION_MAJOR 0)
set(NANOARROW_VERSION_MINOR 9)
set(NANOARROW_VERSION_PATCH 0)
set(NANOARROW_VERSION 0.9.0)
set(NANOARROW_NAMESPACE_DEFINE "#define NANOARROW_NAMESPACE TinybirdCdk")
configure_file(${nanoarrow_dir}/nanoarrow/nanoarrow_config.h.in
  ${PROJECT_BINARY_DIR}/nanoarrow/nanoarrow/nanoarrow_config.h @ONLY)
set(nanoarrow_include ${nanoarrow_dir} ${PROJECT_BINARY_DIR}/nanoarrow)
add_library(tinybird_cdk_nanoarrow OBJECT
  ${nanoarrow_dir}/nanoarrow/common/array.c ${nanoarrow_dir}/nanoarrow/common/array_stream.c
  ${nanoarrow_dir}/nanoarrow/common/schema.c ${nanoarrow_dir}/nanoarrow/common/utils.c
  ${nanoarrow_dir}/nanoarrow/ipc/codecs.c ${nanoarrow_dir}/nanoarrow/ipc/decoder.c ${nanoarrow_dir}/nanoarrow/ipc/encoder.c
  ${flatcc_dir}/src/runtime/builder.c ${flatcc_dir}/src/runtime/emitter.c ${flatcc_dir}/src/runtime/refmap.c
  ${flatcc_dir}/src/runtime/verifier.c)
target_include_directories(tinybird_cdk_nanoarrow SYSTEM PRIVATE ${nanoarrow_include} ${flatcc_dir}/include)

add_library(tinybird_cdk_adbc_driver_manager OBJECT
  ${adbc_dir}/adbc_driver_manager.cc ${adbc_dir}/adbc_driver_manager_api.cc
  ${adbc_dir}/adbc_driver_manager_driver_loading.cc ${adbc_dir}/adbc_driver_manager_profiles.cc)
target_include_directories(tinybird_cdk_adbc_driver_manager SYSTEM PRIVATE ${adbc_dir})
# Not held to the kit's warnings: they are not its code.
target_compile_options(tinybird_cdk_nanoarrow PRIVATE -w)
target_compile_options(tinybird_cdk_adbc_driver_manager PRIVATE -w)
set_property(GLOBAL APPEND PROPERTY tinybird_cdk_objects tinybird_cdk_nanoarrow tinybird_cdk_adbc_driver_manager)
