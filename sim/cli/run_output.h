// How `gemeo run` speaks: one line of progress on a terminal, a table or JSON lines at the end.
// Standard output holds results only; progress, notes and failures go to standard error.
#pragma once

#include <chrono>
#include <string>

#include "sim/run/ensemble.h"

namespace gemeo::cli {

class progress_line {  // rewritten in place on a terminal, silent elsewhere
 public:
  progress_line();
  ~progress_line();
  progress_line(progress_line const&) = delete;
  progress_line& operator=(progress_line const&) = delete;
  void show(ensemble_progress const& p);
  void clear();  // before something else is written to the terminal

 private:
  bool terminal_, shown_ = false;
  std::chrono::steady_clock::time_point started_, told_;
};

// "12 s", "3:05", "1:02:03".
std::string duration_text(double seconds);
// What the line says, without control characters.
std::string progress_text(ensemble_progress const& p, double elapsed_s);
// The JSON object of one run; of a run without a result: {scenario, engine, seed, error: {kind, message}}.
std::string json_line(seed_result const& s, std::string const& scenario, std::string const& engine);
// For people: one row a run, means over all, and always the shares that qualify them.
std::string summary_table(ensemble_report const& r);

}  // namespace gemeo::cli
