# SPDX-License-Identifier: Apache-2.0
set(cloud_gcs_sources
  gcs/api.cpp gcs/authorized_user.cpp gcs/client.cpp gcs/compose.cpp gcs/crc32c.cpp gcs/credential_file.cpp
  gcs/credentials.cpp gcs/external_account.cpp gcs/google.cpp gcs/header_lines.cpp gcs/impersonation.cpp gcs/intermediates.cpp
  gcs/json_field.cpp gcs/line_ends.cpp gcs/metadata_server.cpp gcs/objects.cpp gcs/resource.cpp
  gcs/resumable_upload.cpp gcs/service_account.cpp gcs/settings.cpp gcs/signer.cpp gcs/token_answer.cpp
  gcs/token_cache.cpp gcs/upload.cpp gcs/workforce_user.cpp)
