// gemeo view: finds gemeo-view beside this program (as git finds its commands), or in PATH, and becomes it. All options
// are gemeo-view's own and passed on as they are.
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "sim/cli/verbs.h"
#include "sim/core/error.h"
#include "sim/core/process.h"

namespace gemeo::cli {

action setup_view(option_set const& app) {
  app.pass_all("options: see gemeo view --help");
  return [app]() -> int {
    std::filesystem::path const program = find_program("gemeo-view");
    if (program.empty()) {
      throw_usage("gemeo-view is not here",
                  "this gemeo was built with -DGEMEO_VIEWER=OFF; build it with -DGEMEO_VIEWER=ON");
    }
    std::vector<std::string> words = {program.string()};
    for (std::string const& w : app.rest()) words.push_back(w);
    std::vector<char*> arguments;
    for (std::string& w : words) arguments.push_back(w.data());
    arguments.push_back(nullptr);
    ::execv(program.c_str(), arguments.data());
    throw_run(program.string(), std::string("cannot be started: ") + std::strerror(errno));
  };
}

}  // namespace gemeo::cli
