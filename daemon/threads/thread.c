/* SPDX-License-Identifier: EUPL-1.2 */
/* SPDX-FileCopyrightText: 2026 The greend authors */
#include "threads/thread.h"

#include "shell/log.h"

int thread_start(pthread_t *ret_thread, const char *name, void *(*run)(void *), void *userdata)
{
    int r = pthread_create(ret_thread, NULL, run, userdata);
    if (r == EAGAIN) /* the C library says so for memory too */
        return log_errno(
            LOG_ERR, -r,
            "cannot start the thread %s: no memory is left, or the service's TasksMax= "
            "or the user's limit (ulimit -u) allows no more; make room for it",
            name);
    if (r != 0)
        return log_errno(LOG_ERR, -r, "cannot start the thread %s", name);
    (void)pthread_setname_np(*ret_thread, name);
    return 0;
}
