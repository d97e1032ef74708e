// Runs another program and waits for it: no shell, arguments as they are, streams captured, resources measured.
// The child dies with its parent (SIGTERM); a program that cannot be started is an error(kRun) that names it.
// File descriptor 3 of the child is a channel for lines, when on_channel_line is set.
// Thread rule: any number of threads may each run one program; callbacks come on the calling thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gemeo {

struct process_options {
  std::string input;                                             // the child's standard input
  std::filesystem::path folder;                                  // working folder; empty: the parent's
  std::vector<std::pair<std::string, std::string>> environment;  // set beside the inherited ones
  std::size_t keep_bytes = std::size_t{1} << 20U;                // how much of the end of each stream is kept
  std::function<void(std::string_view)> on_channel_line;         // without the newline
  bool deaf_to_interrupt = false;  // SIGINT is ignored from the first instruction on: a terminal sends it to all
  // Asked about every 50 ms and after each message: a signal to send to the child, 0 for none.
  std::function<int()> signal_to_send;
};

struct process_result {
  int exit_code = -1;  // -1 when a signal ended it
  int signal = 0;      // 0 when it ended by itself
  std::string output, error_output;
  double cpu_s = 0;  // user + system, of the child and what it waited for
  std::uint64_t peak_rss_bytes = 0;
  [[nodiscard]] bool ok() const { return exit_code == 0; }
};

process_result run_program(std::vector<std::string> const& arguments, process_options const& options = {});

// "exit code 3" or "signal 11 (Segmentation fault)".
std::string describe(process_result const& r);

// The absolute path of a program beside this executable or in PATH; empty when there is none.
std::filesystem::path find_program(std::string const& name);
// This executable.
std::filesystem::path own_executable();

}  // namespace gemeo
