// toml++ with its assertions on in every build, as exceptions. Wrong input reaches some of them (a table header that
// begins with a sign), and with NDEBUG toml++ 3.3 takes what it asserts for granted, which is undefined behaviour.
// Include this and never toml++ itself, so that all of gemeo has one and the same toml++.
#pragma once

namespace gemeo {
struct toml_surprise {};  // an assertion of toml++ did not hold: the text is no TOML
[[noreturn]] inline void throw_toml_surprise() { throw toml_surprise(); }
}  // namespace gemeo

#define TOML_HEADER_ONLY 0  // its parser is compiled in toml_library.cpp and nowhere else
#define TOML_ASSERT(holds) ((holds) ? static_cast<void>(0) : ::gemeo::throw_toml_surprise())
#pragma push_macro("NDEBUG")
#undef NDEBUG
#include <toml++/toml.h>  // IWYU pragma: export
#pragma pop_macro("NDEBUG")
