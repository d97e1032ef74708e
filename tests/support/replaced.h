// A text with one passage changed, for inputs that are broken in one place.
#pragma once

#include <stdexcept>
#include <string>

namespace gemeo::test {

// Throws when the passage is not there: the test would try something else than it says.
inline std::string replaced(std::string text, std::string const& what, std::string const& with) {
  std::size_t const at = text.find(what);
  if (at == std::string::npos) throw std::logic_error("not in the text: " + what);
  return text.replace(at, what.size(), with);
}

}  // namespace gemeo::test
