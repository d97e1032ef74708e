#include "sim/demand/factor_members.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <memory>

#include "sim/core/error.h"
#include "sim/demand/city.h"
#include "sim/demand/pair_factors.h"

namespace gemeo {

namespace fs = std::filesystem;

std::vector<fs::path> factor_members(fs::path const& folder) {
  std::vector<fs::path> out;
  std::error_code ec;
  fs::directory_iterator entries(folder, ec);
  if (ec) throw_input(folder.string(), "this folder of members cannot be read: " + ec.message());
  for (fs::directory_entry const& e : entries) {
    if (e.is_regular_file(ec) && e.path().extension() == ".csv") out.push_back(e.path());
  }
  if (out.size() < 2)
    throw_input(folder.string(),
                fmt::format("holds {} files of factors (.csv); an ensemble has two at least", out.size()),
                "gemeo calibrate writes them where its job says fit.refits = 30");
  std::sort(out.begin(), out.end());
  return out;
}

std::size_t member_of_seed(std::uint64_t seed, std::size_t members) {
  verify(members > 0, "an ensemble has members");
  return seed == 0 ? members - 1 : static_cast<std::size_t>((seed - 1) % members);
}

trips_of_members expected_of_members(fs::path const& folder, city const& c, double begin_s, double end_s) {
  trips_of_members out{std::numeric_limits<double>::infinity(), 0};
  city with = c;
  for (fs::path const& file : factor_members(folder)) {
    with.factors = std::make_shared<pair_factors const>(pair_factors::read(file, c));
    double trips = 0;
    for (od_flow const& f : c.od) {
      for (auto q = static_cast<std::size_t>(begin_s / pair_factors::kSlotS);
           static_cast<double>(q) * pair_factors::kSlotS < end_s; ++q) {
        double const slot_s = static_cast<double>(q) * pair_factors::kSlotS;
        double const inside = std::min(end_s, slot_s + pair_factors::kSlotS) - std::max(begin_s, slot_s);
        trips += expected_trips(with, f, q) * inside / pair_factors::kSlotS;
      }
    }
    out.fewest = std::min(out.fewest, trips);
    out.most = std::max(out.most, trips);
  }
  return out;
}

}  // namespace gemeo
