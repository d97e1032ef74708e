// Runs the gemeo that was built, in a folder, and describes what lies there: for tests of the command line and of
// broken inputs. A broken input is a row: files, arguments, the exit code, what the message must say; run_broken checks
// that
//  - the exit code is the one given;
//  - standard error is one message ("gemeo: ...") that holds each of the texts given (the file's name among them);
//  - no file or folder was left, changed or removed: what lies in the folder before and after is the same.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "sim/core/hash.h"
#include "sim/core/process.h"
#include "tests/support/shared_data.h"
#include "tests/support/tiny_network.h"

namespace gemeo::test {

inline process_result run_gemeo(std::vector<std::string> arguments, std::filesystem::path const& folder,
                                process_options options = {}) {
  arguments.insert(arguments.begin(), GEMEO_BINARY_DIR "/bin/gemeo");
  options.folder = folder;
  return run_program(arguments, options);
}

// Every path below a folder with the hash of its content ("folder" for folders).
inline std::map<std::string, std::string> contents(std::filesystem::path const& folder) {
  std::map<std::string, std::string> all;
  for (auto const& entry : std::filesystem::recursive_directory_iterator(folder)) {
    bool const plain = entry.is_regular_file() && !entry.is_symlink();
    all[entry.path().lexically_relative(folder).string()] = plain ? to_hex(hash_file(entry.path())) : "folder";
  }
  return all;
}

struct broken_input {
  std::string name;                    // what is wrong
  std::vector<std::string> arguments;  // run inside an empty folder; paths relative to it
  int exit_code = 2;
  std::vector<std::string> says;                                   // texts that the message must hold
  std::vector<std::pair<std::string, std::string>> files = {};     // path and content
  std::function<void(std::filesystem::path const&)> prepare = {};  // what plain files cannot express
  std::vector<std::pair<std::string, std::string>> environment = {};
};

inline void run_broken(broken_input const& b) {
  temp_folder const t;
  for (auto const& [name, text] : b.files) {
    std::filesystem::create_directories((t / name).parent_path());
    write_text(t / name, text);
  }
  if (b.prepare) b.prepare(t.path());
  auto const before = contents(t.path());
  process_options options;
  options.environment = b.environment;
  process_result const r = run_gemeo(b.arguments, t.path(), options);
  INFO(b.name << ": gemeo " << (b.arguments.empty() ? "" : b.arguments[0]) << " said\n" << r.error_output << r.output);
  CHECK(r.signal == 0);
  CHECK(r.exit_code == b.exit_code);
  CHECK(r.error_output.starts_with("gemeo: "));
  CHECK(std::count(r.error_output.begin(), r.error_output.end(), '\n') <= 2);
  for (std::string const& text : b.says) CHECK_THAT(r.error_output, Catch::Contains(text));
  CHECK(contents(t.path()) == before);
}

}  // namespace gemeo::test
