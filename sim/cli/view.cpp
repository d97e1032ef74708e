// gemeo view: becomes gemeo-view. All options are its own.
#include "sim/cli/verbs.h"

namespace gemeo::cli {

action setup_view(option_set const& app) {
  app.pass_all("options: see gemeo view --help");
  return pass_to(app, "gemeo-view", {},
                 "this gemeo was built with -DGEMEO_VIEWER=OFF; build it with -DGEMEO_VIEWER=ON");
}

}  // namespace gemeo::cli
