# Shoetopia's own macros for configure.

# SHOETOPIA_SYSTEM_HEADERS(VARIABLE): replaces -I by -isystem, so that no warning is given about third-party headers.
AC_DEFUN([SHOETOPIA_SYSTEM_HEADERS], [
$1=`AS_ECHO(["$$1"]) | sed 's/\(^\| \)-I */\1-isystem /g'`
])

# SHOETOPIA_FLAG(VARIABLE, FLAG): adds FLAG to VARIABLE if the compiler accepts it for compiling and for linking.
AC_DEFUN([SHOETOPIA_FLAG], [
AC_MSG_CHECKING([whether $CC takes $2])
shoetopia_cflags=$CFLAGS
CFLAGS="$CFLAGS -Werror $2"
AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])], [AC_MSG_RESULT([yes]); $1="$$1 $2"], [AC_MSG_RESULT([no])])
CFLAGS=$shoetopia_cflags
])

# SHOETOPIA_WARNINGS: WARNING_CFLAGS; --enable-development makes them errors.
AC_DEFUN([SHOETOPIA_WARNINGS], [
WARNING_CFLAGS="-Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wformat=2 -Wno-missing-field-initializers"
AS_IF([test "$enable_development" = yes], [WARNING_CFLAGS="$WARNING_CFLAGS -Werror"])
AC_SUBST([WARNING_CFLAGS])
])

# SHOETOPIA_PROTECTION: PROTECTION_CFLAGS and PROTECTION_LDFLAGS: one of the sanitizers, or the hardening of a release.
AC_DEFUN([SHOETOPIA_PROTECTION], [
PROTECTION_CFLAGS=
PROTECTION_LDFLAGS=
PROTECTION_CPPFLAGS=
shoetopia_asan="-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"
AS_IF(
	[test "$enable_tsan" = yes], [
		shoetopia_protection="ThreadSanitizer"
		PROTECTION_CFLAGS="-fsanitize=thread -fno-omit-frame-pointer"
		PROTECTION_LDFLAGS="-fsanitize=thread"],
	[test "$enable_fuzzing" = yes], [
		shoetopia_protection="libFuzzer, AddressSanitizer, UndefinedBehaviorSanitizer"
		PROTECTION_CFLAGS="-fsanitize=fuzzer-no-link $shoetopia_asan"
		PROTECTION_LDFLAGS="$shoetopia_asan"],
	[test "$enable_sanitizers" = yes], [
		shoetopia_protection="AddressSanitizer, UndefinedBehaviorSanitizer"
		PROTECTION_CFLAGS="$shoetopia_asan"
		PROTECTION_LDFLAGS="$shoetopia_asan"],
	[
		shoetopia_protection="hardening"
		PROTECTION_CPPFLAGS="-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2"
		SHOETOPIA_FLAG([PROTECTION_CFLAGS], [-fstack-protector-strong])
		SHOETOPIA_FLAG([PROTECTION_CFLAGS], [-fstack-clash-protection])
		SHOETOPIA_FLAG([PROTECTION_CFLAGS], [-fcf-protection])
		SHOETOPIA_FLAG([PROTECTION_CFLAGS], [-ftrivial-auto-var-init=zero])
		SHOETOPIA_FLAG([PROTECTION_CFLAGS], [-fPIE])
		SHOETOPIA_FLAG([PROTECTION_LDFLAGS], [-pie])
		SHOETOPIA_FLAG([PROTECTION_LDFLAGS], [[-Wl,-z,relro,-z,now]])
		SHOETOPIA_FLAG([PROTECTION_LDFLAGS], [[-Wl,-z,noexecstack]])])
AC_SUBST([PROTECTION_CPPFLAGS])
AC_SUBST([PROTECTION_CFLAGS])
AC_SUBST([PROTECTION_LDFLAGS])
])
