// Runs the gemeo that was built, in a folder, and describes what lies there: for tests of the command line and of
// broken inputs. A broken input is a row: files, arguments, the exit code, what the message must say; run_broken checks
// that
//  - the exit code is the one given;
//  - standard error is one message ("gemeo: ...") that holds each of the texts given (the file's name among them);
//  - no file or folder was left, changed or removed: what lies in the folder before and after is the same.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sim/core/process.h"
#include "tests/support/shared_data.h"
#include "tests/support/tiny_network.h"

namespace gemeo::test {

process_result run_gemeo(std::vector<std::string> arguments, std::filesystem::path const& folder,
                         process_options options = {});

// Every path below a folder with the hash of its content ("folder" for folders).
std::map<std::string, std::string> contents(std::filesystem::path const& folder);

struct broken_input {
  std::string name;                    // what is wrong
  std::vector<std::string> arguments;  // run inside an empty folder; paths relative to it
  int exit_code = 2;
  std::vector<std::string> says;                                   // texts that the message must hold
  std::vector<std::pair<std::string, std::string>> files = {};     // path and content
  std::function<void(std::filesystem::path const&)> prepare = {};  // what plain files cannot express
  std::vector<std::pair<std::string, std::string>> environment = {};
};

void run_broken(broken_input const& b);

}  // namespace gemeo::test
