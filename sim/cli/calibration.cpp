// gemeo counts, gemeo calibrate: become gemeo-calibrate, which needs much that a run does not.
#include "sim/cli/verbs.h"

namespace gemeo::cli {
namespace {

action pass_to_calibrate(option_set const& app, char const* verb, char const* footer) {
  app.pass_all(footer);
  return pass_to(app, "gemeo-calibrate", {verb}, "it is built with gemeo: install both programs into one folder");
}

}  // namespace

action setup_counts(option_set const& app) {
  return pass_to_calibrate(app, "counts", "options: see gemeo counts --help");
}
action setup_calibrate(option_set const& app) {
  return pass_to_calibrate(app, "calibrate", "options: see gemeo calibrate --help");
}

}  // namespace gemeo::cli
