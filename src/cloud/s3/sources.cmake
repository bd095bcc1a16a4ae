# SPDX-License-Identifier: Apache-2.0
set(cloud_s3_sources)
