#include "sim/core/error.h"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace gemeo {

error::error(error_kind kind, std::string where, std::string what, std::string hint)
    : kind_(kind), where_(std::move(where)), problem_(std::move(what)), hint_(std::move(hint)) {
  message_ = where_.empty() ? problem_ : where_ + ": " + problem_;
  if (!hint_.empty()) message_ += " (" + hint_ + ")";
}

void throw_input(std::string where, std::string what, std::string hint) {
  throw error(error_kind::kInput, std::move(where), std::move(what), std::move(hint));
}

void throw_usage(std::string what, std::string hint) {
  throw error(error_kind::kUsage, "", std::move(what), std::move(hint));
}

void throw_run(std::string where, std::string what, std::string hint) {
  throw error(error_kind::kRun, std::move(where), std::move(what), std::move(hint));
}

void verify(bool cond, char const* msg) {
  if (!cond) throw error(error_kind::kRun, "internal check", msg, "this is a defect of gemeo; please report it");
}

std::size_t edit_distance(std::string const& a, std::string const& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      std::size_t const substitute = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substitute});
    }
  }
  return row[b.size()];
}

}  // namespace gemeo
