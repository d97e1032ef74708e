#include <fmt/core.h>

#include "sim/core/error.h"
#include "sim/engine_sumo/engine_sumo.h"
#include "sim/run/run.h"

namespace gemeo {

std::vector<std::string> engine_names() { return {"sumo"}; }

std::unique_ptr<engine> make_engine(std::string const& name) {
  if (name == "sumo") return make_engine_sumo();
  std::string const meant = did_you_mean(name, engine_names());
  throw_usage(fmt::format("there is no engine '{}'", name), meant.empty() ? "known: sumo" : meant + "; known: sumo");
}

}  // namespace gemeo
