// Travellers without a way or stops, for tests that need no more of them.
#pragma once

#include <string>
#include <utility>

#include "sim/demand/demand.h"

namespace gemeo::test {

struct plain_traveller {
  std::uint64_t key = 1;
  std::string name = "one";
  double depart_s = 0;
  vtype_id type{0U};
  float speed_factor = 1;
  edge_id from = {}, to = {};
};

inline void add_traveller(demand& d, plain_traveller t) {
  vehicle_table& v = d.vehicles;
  v.key.push_back(t.key);
  v.name.push_back(std::move(t.name));
  v.depart_s.push_back(t.depart_s);
  v.type.push_back(t.type);
  v.speed_factor.push_back(t.speed_factor);
  v.from.push_back(t.from);
  v.to.push_back(t.to);
  v.route.push_back({});
  v.from_zone.push_back({});
  v.to_zone.push_back({});
  v.why.push_back(purpose::kOther);
  v.line.push_back({});
  v.stops.push_back({});
}

// One traveller of this type.
inline demand one_traveller(vehicle_type const& t) {
  demand d;
  d.types.push_back(t);
  add_traveller(d, {});
  return d;
}

}  // namespace gemeo::test
