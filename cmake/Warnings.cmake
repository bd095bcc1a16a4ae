# SPDX-License-Identifier: Apache-2.0
# Warnings for the kit's own code; linked PRIVATE, so that they never reach a consumer.
add_library(tinybird_cdk_warnings INTERFACE)
target_compile_options(tinybird_cdk_warnings INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC 12 warns of overlapping copies inside std::string that can't happen (gcc.gnu.org/PR105651).
  target_compile_options(tinybird_cdk_warnings INTERFACE -Wno-restrict)
endif()
if(TINYBIRD_CDK_DEVELOPER)
  target_compile_options(tinybird_cdk_warnings INTERFACE -Werror)
endif()
