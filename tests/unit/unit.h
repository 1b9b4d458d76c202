/* cmocka.h requires these four headers before it; every unit test includes this one. */
#ifndef SHOETOPIA_TEST_UNIT_H
#define SHOETOPIA_TEST_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
