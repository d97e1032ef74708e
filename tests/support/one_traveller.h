// A demand of one traveller without a way, for tests that need no more than his type.
#pragma once

#include "sim/demand/demand.h"

namespace gemeo::test {

inline demand one_traveller(vehicle_type const& t) {
  demand d;
  d.types.push_back(t);
  vehicle_table& v = d.vehicles;
  v.key.push_back(1);
  v.name.push_back("one");
  v.depart_s.push_back(0);
  v.type.push_back(vtype_id(0U));
  v.speed_factor.push_back(1);
  v.from.push_back({});
  v.to.push_back({});
  v.route.push_back({});
  v.from_zone.push_back({});
  v.to_zone.push_back({});
  v.why.push_back(purpose::kOther);
  v.line.push_back({});
  v.stops.push_back({});
  return d;
}

}  // namespace gemeo::test
