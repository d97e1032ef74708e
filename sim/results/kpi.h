// Key performance indicators from finished observations; and paired comparison of two ensembles.
// Every KPI set, of all trips or of a group, carries its shares of trips never inserted, unfinished and teleported.
// Trips count by when they were due: those due in the warm-up do not.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/core/frame.h"
#include "sim/core/observations.h"
#include "sim/results/writer.h"

namespace gemeo {

// Collects observations during a run; rows() at its end. Units in every row.
class kpi_collector {
 public:
  kpi_collector(network const& net, traveller_table const& t, run_description const& d);
  ~kpi_collector();
  void add(observations const& o);
  // Samples queues: on every approach (edge into a junction), from the stop line back to the last vehicle slower than
  // 5 km/h that stands within 30 m of the one before it. Call with every frame that is hashed.
  void add_frame(frame const& f);
  // The queues of the interval that has just ended (mean and maximum over its samples), and starts the next one.
  [[nodiscard]] std::vector<queue_record> take_queues(double begin_s, double end_s);
  [[nodiscard]] std::vector<kpi_row> rows(counters const& total) const;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace gemeo
