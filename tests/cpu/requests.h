/* SPDX-License-Identifier: BSD-3-Clause */
/* Tests of what a processor may ask, and what not. */
#ifndef REQUESTS_H
#define REQUESTS_H

#include <check.h>

TCase *requests_tests(void);

#endif
