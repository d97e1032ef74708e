// One line on a terminal's standard error that says what is being done, and for how long; nothing into a pipe.
// Thread rule: one thread.
#pragma once

#include <fmt/core.h>
#include <unistd.h>

#include <chrono>
#include <string>

#include "sim/command_line/say.h"

namespace gemeo::cli {

class stage_line {
 public:
  stage_line() : terminal_(::isatty(STDERR_FILENO) != 0), began_(std::chrono::steady_clock::now()) {}
  ~stage_line() { clear(); }
  stage_line(stage_line const&) = delete;
  stage_line& operator=(stage_line const&) = delete;

  void show(std::string const& stage, std::string const& more = {}) {
    auto const now = std::chrono::steady_clock::now();
    if (!terminal_ || (shown_ && stage == stage_ && now - drawn_ < kRedrawn)) return;
    double const s = std::chrono::duration<double>(now - began_).count();
    say(fmt::format("\r{}, {:.0f} s{}{}\033[K", stage, s, more.empty() ? "" : "  ", more));
    shown_ = true;
    stage_ = stage;
    drawn_ = now;
  }
  void clear() {
    if (shown_) say("\r\033[K");
    shown_ = false;
  }

 private:
  static constexpr std::chrono::milliseconds kRedrawn{200};
  bool terminal_, shown_ = false;
  std::string stage_;
  std::chrono::steady_clock::time_point began_, drawn_;
};

}  // namespace gemeo::cli
