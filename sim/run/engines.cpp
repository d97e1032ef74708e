#include <fmt/core.h>

#include "sim/core/error.h"
#include "sim/engine_sumo/engine_sumo.h"
#include "sim/engine_tbb/engine_tbb.h"
#include "sim/run/run.h"

namespace gemeo {

std::vector<std::string> engine_names() { return {"sumo", "tbb"}; }

std::unique_ptr<engine> make_engine(std::string const& name) {
  if (name == "sumo") return make_engine_sumo();
  if (name == "tbb") return make_engine_tbb();
  std::string const meant = did_you_mean(name, engine_names());
  throw_usage(fmt::format("there is no engine '{}'", name),
              meant.empty() ? "known: sumo, tbb" : meant + "; known: sumo, tbb");
}

void refuse_unsupported(engine const& e, scenario const& s) {
  std::vector<std::string> const missing = e.unsupported(s);
  if (missing.empty()) return;
  std::string all;
  for (std::string const& m : missing) all += (all.empty() ? "" : "; ") + m;
  throw_input(s.file.string(), "the engine " + e.info().name + " cannot simulate: " + all,
              "take these out of the scenario, or choose another engine with --engine");
}

}  // namespace gemeo
