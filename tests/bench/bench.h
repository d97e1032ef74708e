// What every benchmark shares: figures with their targets as a table for people and as JSON lines for scripts, medians,
// and CPU time of programs (user + system, children included).
// A figure without a target is for information; one that misses its target makes exit_code() 1.
#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace gemeo::bench {

inline double median(std::vector<double> v) {
  if (v.empty()) return NAN;
  std::sort(v.begin(), v.end());
  std::size_t const n = v.size();
  return n % 2 == 1 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

class report {
 public:
  enum class goal { kNone, kAtMost, kAtLeast };

  // bar: the requirement it belongs to, e.g. "run.cpu"; name: what was measured.
  void add(std::string const& bar, std::string const& name, double value, std::string const& unit, goal g = goal::kNone,
           double target = NAN) {
    bool const ok = g == goal::kNone || (g == goal::kAtMost ? value <= target : value >= target);
    missed_ += ok ? 0 : 1;
    char const* const sign = g == goal::kAtMost ? "<=" : g == goal::kAtLeast ? ">=" : "";
    fmt::print("{:<12} {:<58} {:>12.4g} {:<8} {:<12} {}\n", bar, name, value, unit,
               g == goal::kNone ? "" : fmt::format("{} {:g}", sign, target),
               g == goal::kNone ? ""
               : ok             ? "ok"
                                : "MISSED");
    nlohmann::ordered_json j{{"bar", bar}, {"name", name}, {"value", value}, {"unit", unit}};
    j["target"] = g == goal::kNone ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(target);
    j["ok"] = ok;
    lines_ += j.dump() + "\n";
    std::fflush(stdout);
  }
  void note(std::string const& text) const {
    fmt::print("# {}\n", text);
    std::fflush(stdout);
  }
  // The JSON lines, after the table.
  int finish() const {
    fmt::print("{}", lines_);
    return missed_ > 0 ? 1 : 0;
  }

 private:
  std::string lines_;
  int missed_ = 0;
};

}  // namespace gemeo::bench
