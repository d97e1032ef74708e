#include "tests/support/shared_data.h"

#include <unistd.h>

#include <cstdlib>

namespace gemeo::test {

std::optional<std::filesystem::path> shared_data(std::string const& name) {
  char const* const set = std::getenv("GEMEO_SHARED_DATA");
  std::filesystem::path const base =
      set != nullptr ? std::filesystem::path(set) : std::filesystem::path(GEMEO_SOURCE_DIR) / "../shared";
  std::error_code ec;
  if (!std::filesystem::exists(base / name, ec)) return std::nullopt;
  return std::filesystem::canonical(base / name);
}

temp_folder::temp_folder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "gemeo-test-XXXXXX").string();
  path_ = ::mkdtemp(pattern.data());
}

temp_folder::~temp_folder() {
  std::error_code ec;
  std::filesystem::remove_all(path_, ec);
}

}  // namespace gemeo::test
