#include "sim/results/starting_name.h"

#include <fmt/core.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <string>
#include <system_error>

namespace gemeo {

namespace fs = std::filesystem;

namespace {

// "seed_0042.h5.partial.new.node7."
std::string prefix(fs::path const& result) {
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  return fmt::format("{}.partial.new.{}.", result.filename().string(), host.data());
}

}  // namespace

fs::path partial_name(fs::path const& result) {
  fs::path name = result;
  return name += ".partial";
}

fs::path starting_name(fs::path const& result) {
  return result.parent_path() / (prefix(result) + std::to_string(::getpid()));
}

void remove_stale_starts(fs::path const& result) {
  std::string const begin = prefix(result);
  std::error_code ec;
  fs::path const folder = result.has_parent_path() ? result.parent_path() : fs::path(".");
  for (fs::directory_iterator i(folder, ec), end; !ec && i != end; i.increment(ec)) {
    std::string const name = i->path().filename().string();
    if (!name.starts_with(begin)) continue;
    pid_t writer = 0;
    auto const read = std::from_chars(name.data() + begin.size(), name.data() + name.size(), writer);
    if (read.ec != std::errc() || read.ptr != name.data() + name.size() || writer <= 0) continue;
    if (::kill(writer, 0) == 0 || errno != ESRCH) continue;
    std::error_code gone;
    fs::remove(i->path(), gone);
  }
}

}  // namespace gemeo
