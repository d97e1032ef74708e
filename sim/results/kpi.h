// Key performance indicators from finished observations; and paired comparison of two ensembles.
// Every KPI set carries its shares of teleported, never-inserted and unfinished trips.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "sim/core/observations.h"
#include "sim/results/writer.h"

namespace gemeo {

// Collects observations during a run; rows() at its end. Units in every row.
class kpi_collector {
 public:
  kpi_collector(network const& net, traveller_table const& t, run_description const& d);
  ~kpi_collector();
  void add(observations const& o);
  [[nodiscard]] std::vector<kpi_row> rows(counters const& total) const;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace gemeo
