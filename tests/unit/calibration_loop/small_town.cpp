#include "tests/unit/calibration_loop/small_town.h"

#include <array>
#include <cmath>

#include "sim/core/random.h"

namespace gemeo::test {

small_town::small_town()
    : map("   A      \n"
          "   \"      \n"
          "   \"      \n"
          "B==E==F==C\n"
          "   \"  \"   \n"
          "   \"  \"   \n"
          "   G==H==D\n",
          {.cell_m = 60, .signals = "E"}) {
  base.name = "town";
  base.file = map.folder / "town.toml";
  base.net = map.net;
  base.end_s = 4 * 900 + 300;
  base.programs.resize(map.net->signals.name.size());
  table.slots = {0, 900, 4};
  vehicle_type car;
  car.name = "car";
  table.others.types.push_back(car);
  table.type_weight = {1};
  std::array<std::pair<char const*, char const*>, 4> const gates{
      {{"AE", "EA"}, {"BE", "EB"}, {"DH", "HD"}, {"CF", "FC"}}};
  constexpr std::array<double, 4> kProfile{0.8, 1.2, 1.1, 0.9};
  for (std::size_t a = 0; a < gates.size(); ++a) {
    for (std::size_t b = 0; b < gates.size(); ++b) {
      if (a == b) continue;
      table.pairs.push_back({gates[a].first, gates[b].second, {}, {}});
      ends.emplace_back(edge(gates[a].first), edge(gates[b].second));
      double const size = 24 * std::exp(0.6 * random_normal(7, a * 4 + b, 0, draw::kDayNoise));
      for (double const p : kProfile) table.trips.push_back(size * p);
    }
  }
  for (char const* const name : {"AE", "EA", "BE", "EB", "EF", "FE", "EG", "GE", "FH", "HF", "GH", "HG"})
    stations.push_back({.name = name, .edge = edge(name), .lanes = {}, .corridor = {}});
}

od_source small_town::source(std::vector<double> trips, route_choice choice) const {
  od_table t = table;
  t.trips = std::move(trips);
  return {map.net, std::move(t), std::move(choice), ends};
}

calibration_input small_town::counted(od_source& s, std::vector<double> const& trips,
                                      std::vector<std::uint32_t> const& at) const {
  calibration_input in;
  in.base = base;
  in.stations = stations;
  in.fitted = counts(simulate_trips(base, stations, s.draw(trips, 1), trips.size(),
                                    {.engine = "tbb", .seed = 11, .threads = 1, .times = false}),
                     at);
  return in;
}

std::vector<station_count> small_town::counts(simulated const& s, std::vector<std::uint32_t> const& wanted) const {
  std::vector<station_count> out;
  for (std::uint32_t const at : wanted) {
    for (std::size_t k = 0; k < 4; ++k) {
      double const begin = 900 * static_cast<double>(k);
      out.push_back({at, begin, begin + 900, 0, 0});
    }
  }
  std::vector<double> const n = counted_in(s, out);
  for (std::size_t i = 0; i < out.size(); ++i) out[i].count = n[i];
  return out;
}

}  // namespace gemeo::test
