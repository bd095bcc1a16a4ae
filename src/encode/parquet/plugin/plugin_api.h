// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stddef.h>

/* What the kit and its Parquet plugin say to each other: C only, and Arrow's C data interface, so that neither side's
 * libraries reach the other. */
#ifdef __cplusplus
extern "C" {
#endif

struct ArrowArray;
struct ArrowSchema;

/* Takes bytes of the file, in their order. Returns 0, or anything else to stop the writing. */
typedef int (*tb_cdk_parquet_sink)(void* context, const char* bytes, size_t count);

/* Why a call failed: text that ends with a NUL. */
struct tb_cdk_parquet_failure {
    char text[1024];
};

/* All functions return 0 when all is well; else the failure says why, and the writer can only be closed. */
struct tb_cdk_parquet_api {
    /* A new file. `schema`, a struct whose members are the columns, is released by the callee. */
    int (*open)(struct ArrowSchema* schema, tb_cdk_parquet_sink sink, void* context, void** writer,
                struct tb_cdk_parquet_failure* failure);
    /* One row group. `rows` is released by the callee before it returns. */
    int (*write)(void* writer, struct ArrowArray* rows, struct tb_cdk_parquet_failure* failure);
    /* The end of the file. */
    int (*finish)(void* writer, struct tb_cdk_parquet_failure* failure);
    void (*close)(void* writer);
};

/* The name of the plugin's one function changes with this interface. */
#define TB_CDK_PARQUET_ENTRY "tb_cdk_parquet_api_1"
typedef const struct tb_cdk_parquet_api* (*tb_cdk_parquet_entry)();

#ifdef __cplusplus
}
#endif
