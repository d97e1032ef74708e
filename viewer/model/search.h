// Finding a road by name: case and accents do not matter ("sao joao" finds "Avenida de São João"); edge ids are found
// too. Built once per network; const access from any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/results/reader.h"

namespace gemeo::view {

struct search_hit {
  std::string name;            // a road's name, or an edge's id
  std::vector<edge_id> edges;  // all of them, ascending
  double length_m = 0;
};

// Lower case, without the accents of Latin letters; other characters as they are.
std::string folded(std::string_view utf8);

class road_search {
 public:
  explicit road_search(result_network const& net);
  // Every word of the query must occur; names that begin with it first, then longer roads, then by name.
  [[nodiscard]] std::vector<search_hit const*> find(std::string_view query, std::size_t most) const;
  [[nodiscard]] std::vector<search_hit> const& roads() const { return roads_; }

 private:
  std::vector<search_hit> roads_, ids_;
  std::vector<std::string> folded_roads_, folded_ids_;
};

}  // namespace gemeo::view
