# SPDX-License-Identifier: Apache-2.0
# Warnings for the kit's own code; linked PRIVATE, so that they never reach a consumer.
add_library(tinybird_cdk_warnings INTERFACE)
target_compile_options(tinybird_cdk_warnings INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor)
if(TINYBIRD_CDK_DEVELOPER)
  target_compile_options(tinybird_cdk_warnings INTERFACE -Werror)
endif()
