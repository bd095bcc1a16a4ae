# SPDX-License-Identifier: Apache-2.0
set(cloud_azure_sources
  azure/account.cpp azure/batch.cpp azure/block_upload.cpp azure/client.cpp azure/connection_string.cpp azure/dates.cpp
  azure/delegation_keys.cpp azure/deleting.cpp azure/documents.cpp azure/joining.cpp
  azure/pieces.cpp azure/reading.cpp azure/refusal.cpp azure/requests.cpp azure/sas.cpp azure/shared_key.cpp
  azure/token_answer.cpp azure/tokens.cpp azure/writing.cpp)
