/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "ctl.h"

int main(int argc, char *argv[])
{
    return ctl_main(argc, argv);
}
