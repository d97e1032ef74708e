#include "tests/support/page_words.h"

#include "sim/core/process.h"

namespace gemeo::test {

std::string english_in_portuguese(std::filesystem::path const& page, std::vector<std::string> const& names) {
  std::vector<std::string> arguments{"/usr/bin/python3", "-B", GEMEO_SOURCE_DIR "/tests/support/check_words.py",
                                     page.string()};
  arguments.insert(arguments.end(), names.begin(), names.end());
  process_result const r = run_program(arguments);
  return r.exit_code == 0 ? r.output + r.error_output : "check_words.py failed: " + r.error_output;
}

}  // namespace gemeo::test
