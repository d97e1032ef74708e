#include "sim/cli/outputs.h"

#include <algorithm>
#include <filesystem>

#include "sim/core/error.h"

namespace gemeo::cli {

namespace fs = std::filesystem;

void check_outputs(std::vector<std::string> const& read, std::vector<std::string> const& written, bool force) {
  std::error_code ec;
  auto const path_of = [&](std::string const& file) { return fs::weakly_canonical(fs::absolute(file, ec), ec); };
  for (std::size_t i = 0; i < written.size(); ++i) {
    if (written[i].empty()) continue;
    auto const same = [&](std::string const& o) { return !o.empty() && path_of(o) == path_of(written[i]); };
    if (std::any_of(read.begin(), read.end(), same))
      throw_input(written[i], "is read, too, and would be lost", "give the output another name");
    if (std::any_of(written.begin(), written.begin() + static_cast<std::ptrdiff_t>(i), same))
      throw_input(written[i], "is named for two outputs", "give each a name of its own");
    if (fs::is_directory(written[i], ec)) throw_input(written[i], "is a folder", "name a file in it");
    if (!force && fs::exists(fs::symlink_status(written[i], ec)))
      throw_input(written[i], "exists already", "--force replaces it; or give another name");
    fs::path const folder = fs::absolute(written[i], ec).parent_path();
    if (!fs::is_directory(folder, ec)) throw_input(folder.string(), "no such folder for the output", "make it first");
  }
}

}  // namespace gemeo::cli
