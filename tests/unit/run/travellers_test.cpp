// The table of travellers in a result: the mode that a survey would record.
#include "sim/run/travellers.h"

#include <catch2/catch.hpp>

#include "tests/support/tiny_network.h"

using namespace gemeo;

TEST_CASE("travellers: people in vans travel by car; goods, and vans of whom nothing is known, by lorry") {
  struct row {
    vclass cls;
    purpose why;
    char const* mode;
  };
  std::vector<row> const rows = {
      {vclass::kPassenger, purpose::kWork, "car"},   {vclass::kDelivery, purpose::kWork, "car"},
      {vclass::kDelivery, purpose::kThrough, "car"}, {vclass::kDelivery, purpose::kFreight, "truck"},
      {vclass::kDelivery, purpose::kOther, "truck"}, {vclass::kTruck, purpose::kWork, "truck"},
      {vclass::kBus, purpose::kBus, "bus"},          {vclass::kMoped, purpose::kHome, "motorcycle"}};
  test::tiny_network const map("A----B\n", {.cell_m = 60});
  auto d = std::make_shared<demand>();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    vehicle_type t;
    t.cls = rows[i].cls;
    d->types.push_back(t);
    vehicle_table& v = d->vehicles;
    v.key.push_back(i);
    v.name.push_back(std::to_string(i));
    v.depart_s.push_back(static_cast<double>(i));
    v.type.push_back(vtype_id(i));
    v.speed_factor.push_back(1);
    v.from.push_back(edge_id(0U));
    v.to.push_back(edge_id(0U));
    v.route.push_back({});
    v.why.push_back(rows[i].why);
    v.from_zone.push_back({});
    v.to_zone.push_back({});
    v.line.push_back({});
    v.stops.push_back({});
  }
  scenario s;
  s.net = map.net;
  s.travellers = d;
  traveller_table const t = make_traveller_table(s);
  REQUIRE(t.mode.size() == rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) CHECK(t.mode[i] == rows[i].mode);
}
