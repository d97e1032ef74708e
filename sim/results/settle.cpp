#include "sim/results/settle.h"

#include <fmt/core.h>
#include <sys/stat.h>

#include <algorithm>
#include <vector>

#include "sim/core/error.h"
#include "sim/results/h5_in.h"
#include "sim/results/reader.h"
#include "sim/results/starting_name.h"

namespace gemeo {

namespace fs = std::filesystem;

namespace {

struct finding {
  bool opens = false;
  std::vector<std::string> problems;
};

finding look(fs::path const& file) {
  try {
    result_file const r(file);
    return {true, r.validate()};
  } catch (std::exception const& e) {
    return {false, {e.what()}};
  }
}

std::string settle(fs::path const& partial) {
  std::string const where = "what it wrote until then is " + partial.string();
  try {
    unlock_result(partial);
  } catch (error const& e) {
    return fmt::format("{}, with the marks of its writer: {}", where, e.what());
  }
  auto const problems = look(partial).problems;
  return problems.empty() ? where : fmt::format("{}, and is damaged: {}", where, problems.front());
}

}  // namespace

void unlock_result(fs::path const& file) {
  finding const before = look(file);
  h5::clear_marks(file, [&]() -> std::string {
    finding const after = look(file);
    if (before.opens && !after.opens) return after.problems.front();
    for (std::string const& p : after.problems) {
      if (std::find(before.problems.begin(), before.problems.end(), p) == before.problems.end()) return p;
    }
    return "";
  });
}

std::optional<file_identity> partial_identity(fs::path const& result) {
  struct stat s {};
  if (::stat(partial_name(result).c_str(), &s) != 0) return std::nullopt;
  return file_identity{static_cast<std::uint64_t>(s.st_dev), static_cast<std::uint64_t>(s.st_ino)};
}

std::string settle_partial(fs::path const& result, std::optional<file_identity> const& before) noexcept {
  try {
    remove_stale_starts(result);
    auto const now = partial_identity(result);
    return now && now != before ? settle(partial_name(result)) : "";
  } catch (std::exception const& e) {  // NOLINT: told, and nothing more can be done
    try {
      return fmt::format("what it had written could not be looked at: {}", e.what());
    } catch (...) {
      return "";
    }
  }
}

}  // namespace gemeo
