// The one exception of the project, and the always-on check.
// kind decides the exit code: bad input or usage is 2, a failure while running is 1.
// where names file, line and element; what says what is wrong; hint says what to do about it.
#pragma once

#include <algorithm>
#include <exception>
#include <string>

namespace gemeo {

enum class error_kind { kUsage, kInput, kRun };

class error : public std::exception {
 public:
  error(error_kind kind, std::string where, std::string what, std::string hint = {});
  [[nodiscard]] char const* what() const noexcept override { return message_.c_str(); }
  [[nodiscard]] error_kind kind() const { return kind_; }
  [[nodiscard]] std::string const& where() const { return where_; }
  [[nodiscard]] std::string const& problem() const { return problem_; }
  [[nodiscard]] std::string const& hint() const { return hint_; }
  // 2 for usage and input, 1 for a failed run.
  [[nodiscard]] int exit_code() const { return kind_ == error_kind::kRun ? 1 : 2; }

 private:
  error_kind kind_;
  std::string where_, problem_, hint_, message_;  // message_: "where: what (hint)"
};

[[noreturn]] void throw_input(std::string where, std::string what, std::string hint = {});
[[noreturn]] void throw_usage(std::string what, std::string hint = {});
[[noreturn]] void throw_run(std::string where, std::string what, std::string hint = {});

// Always on, in every build type. A failed check is a defect of gemeo, reported as a failed run.
void verify(bool cond, char const* msg);

// The known key nearest to an unknown one (edit distance at most a third of its length), empty when none is near or
// the unknown one is longer than any key.
// Used as: hint = did_you_mean(key, known).
template <typename Range>
std::string did_you_mean(std::string const& unknown, Range const& known);
std::size_t edit_distance(std::string const& a, std::string const& b);

template <typename Range>
std::string did_you_mean(std::string const& unknown, Range const& known) {
  std::string best;
  std::size_t best_distance = unknown.size() / 3 + 2;
  for (auto const& k : known) {
    std::string const candidate(k);  // NOLINT: a text, whatever the range holds
    std::size_t const longer = std::max(candidate.size(), unknown.size());
    if (longer - std::min(candidate.size(), unknown.size()) >= best_distance || longer > 256) continue;
    if (std::size_t const d = edit_distance(unknown, candidate); d < best_distance) {
      best_distance = d;
      best = candidate;
    }
  }
  return best.empty() ? std::string() : "did you mean '" + best + "'?";
}

}  // namespace gemeo
