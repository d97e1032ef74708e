// What an intervention names, found in the network and the city: edges, lanes, signals, zones. Whatever is named and
// not there is an error with the nearest name. Results are ascending and without repetition. Thread rule: one object
// per thread (it holds a projection).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/demand/city.h"
#include "sim/network/projection.h"
#include "sim/scenario/config.h"

namespace gemeo {

// Lower case, accents off: "São João" and "sao joao" are one.
std::string folded(std::string_view text);
// '*' stands for any run of characters.
bool matches(std::string_view pattern, std::string_view text);

class target_finder {
 public:
  explicit target_finder(city const& c);
  [[nodiscard]] std::vector<edge_id> edges(target_config const& t, std::string const& where);
  // The numbered lanes of the edges. An edge too narrow for a number is an error when it is the only kind of edge
  // named, otherwise it is put into *without.
  [[nodiscard]] std::vector<lane_id> lanes(std::vector<edge_id> const& edges, std::vector<std::int64_t> const& numbers,
                                           std::string const& where, std::vector<edge_id>* without);
  [[nodiscard]] std::vector<signal_id> signals(signal_program_config const& c);
  // By id, name, parish or kind, with '*'; empty names: empty.
  [[nodiscard]] std::vector<zone_id> zones(std::vector<std::string> const& names, std::string const& where);
  // Edges that lead from outside into the polygon, less what within, direction and except_* leave out.
  [[nodiscard]] std::vector<edge_id> crossing_into(target_config const& t, std::string const& where);
  [[nodiscard]] edge_id edge(std::string const& name, std::string const& where);

 private:
  [[nodiscard]] bool inside(area const& a, double x, double y);
  [[nodiscard]] bool middle_inside(area const& a, edge_id e);
  [[nodiscard]] std::string lies_off(target_config const& t);
  [[nodiscard]] bool runs_towards(edge_id e, std::string const& side) const;
  void leave_out(target_config const& t, std::string const& where, std::vector<edge_id>& out);
  void add_road(std::string const& name, std::string const& where, std::vector<edge_id>& out) const;

  city const& city_;
  network const& net_;
  std::optional<projection> projection_;
};

}  // namespace gemeo
