/* cmocka wants these four before itself; every unit test begins with this. */
#ifndef SHOETOPIA_TEST_UNIT_H
#define SHOETOPIA_TEST_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
