// Journey times along routes, as measured by whoever drove or matched them, and as the simulations have them: a check
// of a calibration that counts cannot give, as no count says how long people queue. They are no part of a fit. A file:
//   name,begin,end,time_s[,edges][,from_edge,to_edge]    begin, end: of departures ("07:30"); edges: the way, by
//   spaces,
//                                                        else the quickest from from_edge to to_edge as simulated
// Rows of one name and time (days) are averaged. Where there is no file, journeys are those of the pairs with most
// trips. A journey is from the beginning of its first edge to the end of its last. Times in s. Thread rule: one thread.
#pragma once

#include <string>
#include <vector>

#include "calibration/counts/bilingual.h"
#include "sim/routing/router.h"

namespace gemeo {

struct calibration_outcome;

struct journey_time {
  std::string name;
  double begin_s = 0, end_s = 0;  // of departures, local time
  double length_m = 0;
  double measured_s = 0;                 // NaN: nobody measured it
  double prior_s = 0, calibrated_s = 0;  // simulated; NaN: not simulated
};

class journey_meter {
 public:
  // Reads, or chooses. Throws error(kInput) naming file, line and edge.
  journey_meter(calibration_outcome const& c, std::vector<bilingual>& notes);
  [[nodiscard]] bool wanted() const { return !routes_.empty(); }
  // Travel times of one simulation, as calibrated or of the prior; the calibrated ones come first.
  void add(edge_costs const& times, bool of_prior);
  [[nodiscard]] std::vector<journey_time> take() const;

 private:
  struct route {
    std::string name;
    std::vector<edge_id> edges;  // empty: not known yet
    edge_id from, to;
    double begin_s = 0, end_s = 0;  // of the simulation
    double measured_s = 0;          // a sum of rows; rows 0: none
    std::size_t rows = 0;
    double sum_s[2] = {0, 0};  // calibrated, prior
    std::size_t runs[2] = {0, 0};
  };
  void read(calibration_outcome const& c, std::vector<bilingual>& notes);
  void choose(calibration_outcome const& c);
  network const* net_;
  double offset_s_ = 0;  // local time at the simulation's second 0
  std::vector<route> routes_;
};

}  // namespace gemeo
