# SPDX-License-Identifier: Apache-2.0
set(cloud_gcs_sources)
