// What libsidetone has of its own, beside the engine room and all below it.
//
// Debian's libtg_owt.a was compiled for programs (-fPIE), not for shared objects: it reaches three variables
// of libc and libstdc++ directly, and a linker refuses that in a library. The link wraps those names
// (--wrap, see CMakeLists.txt), and these hidden copies answer for them.
#include <cstdio>
#include <new>

extern "C" {
// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming): the linker's own names
extern FILE* __real_stdout;
extern FILE* __real_stderr;
__attribute__((visibility("hidden"))) FILE* __wrap_stdout = nullptr;
__attribute__((visibility("hidden"))) FILE* __wrap_stderr = nullptr;
// A tag without value: only its type is ever used.
__attribute__((visibility("hidden"))) extern const char __wrap__ZSt7nothrow;
const char __wrap__ZSt7nothrow = 0;
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)
}

namespace {
// Before any other constructor of the library could print.
[[gnu::constructor(101)]] void take_standard_streams() {
  __wrap_stdout = __real_stdout;
  __wrap_stderr = __real_stderr;
}
}  // namespace
