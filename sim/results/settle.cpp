#include "sim/results/settle.h"

#include <fmt/core.h>

#include <system_error>
#include <vector>

#include "sim/core/error.h"
#include "sim/results/h5_in.h"
#include "sim/results/reader.h"

namespace gemeo {

namespace fs = std::filesystem;

namespace {

std::vector<std::string> problems_of(fs::path const& file) {
  try {
    return result_file(file).validate();
  } catch (error const& e) {
    return {e.what()};
  }
}

std::string settle(fs::path const& partial) {
  bool opens = false;
  std::string why;
  try {
    opens = result_file(partial).description().step_s > 0;
  } catch (error const& e) {
    why = e.what();
  }
  if (!opens) {
    fs::remove(partial);
    return fmt::format("what it had written could not be read ({}) and was removed", why);
  }
  try {
    unlock_result(partial);
  } catch (error const& e) {
    return fmt::format("what it wrote until then is {}, for gemeo to read: {}", partial.string(), e.what());
  }
  auto const problems = problems_of(partial);
  if (problems.empty()) return fmt::format("what it wrote until then is {}", partial.string());
  return fmt::format("what it wrote until then is {}, and is damaged: {}", partial.string(), problems.front());
}

}  // namespace

void unlock_result(fs::path const& file) {
  std::size_t const before = problems_of(file).size();
  h5::clear_marks(file, [&] {
    auto const after = problems_of(file);
    return after.size() <= before ? std::string() : after.front();
  });
}

std::string settle_partial(fs::path const& result) noexcept {
  try {
    fs::path starting = result, partial = result;
    fs::remove(starting += ".partial.new");
    return fs::exists(partial += ".partial") ? settle(partial) : "";
  } catch (std::exception const& e) {  // NOLINT: told, and nothing more can be done
    try {
      return fmt::format("what it had written could not be looked at: {}", e.what());
    } catch (...) {
      return "";
    }
  }
}

}  // namespace gemeo
