/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "exporter/gzip.h"

/* NOLINTNEXTLINE(readability-non-const-parameter): the parameters of gzip.c */
int gzip_compress(const char *bytes, size_t length, char **ret_data, size_t *ret_length)
{
    (void)bytes;
    (void)length;
    (void)ret_data;
    (void)ret_length;
    return -EOPNOTSUPP;
}
