/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "shell/machine_id.h"

#include <systemd/sd-id128.h>

/* Tells this program's hash of the machine-id from every other program's (sd-id128(3)). */
static const sd_id128_t application_id =
    SD_ID128_MAKE(8d, 1f, 0b, 52, 6c, 5e, 4f, 0a, 9b, 77, 2e, 41, 63, 0d, a8, 15);

int machine_id(uint8_t ret_id[STORE_HOST_ID_SIZE])
{
    sd_id128_t id;
    int r = sd_id128_get_machine_app_specific(application_id, &id);
    if (r < 0)
        id = SD_ID128_NULL;
    memcpy(ret_id, id.bytes, STORE_HOST_ID_SIZE);
    return r == -ENOMEM ? r : 0;
}
