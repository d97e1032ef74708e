// Counts of one hour that contradict each other: whoever passes some places passes others, too, before or after, and
// those counted fewer than can be. Flows within a band around every count exist unless the roads out of some part of
// the network forbid them (Hoffman's circulation theorem, Proc. Symposia in Applied Mathematics 10, 1960); where they
// do, what is told is irreducible: without any one of its counts the others could all be true. Contradictions of an
// hour share no count, so at least one count of each is out of its band in every simulation, whatever the demand and
// the routes, as long as trips begin and end where the base's do and an hour's flow is steady. Nobody says who is
// wrong. Units: veh/h; s. Thread rule: one thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "calibration/counts/carried.h"

namespace gemeo {

struct count_band {
  double least = 0, most = 0;
};
// A tenth as of the balance of junctions, and what two Poisson counts of as many vehicles differ by.
count_band counting_band(counted_hour const& h);
count_band geh_band(double flow_veh_per_h, double geh = 5);

struct contradiction {
  double begin_s = 0;
  std::vector<std::uint32_t> more, less;  // of the counted_hours given, ascending
  double least = 0, most = 0;             // that pass `more`, and that `less` and the roads of `cut` let pass
  std::vector<bilingual> cut;             // roads that nobody counts, as people read them
};

// counted: as for check_carried, with the same places; only hours of the same periods are compared. beyond: what that
// found, which contradicts the network itself.
std::vector<contradiction> find_contradictions(road_capacity const& roads, open_ends const& ends,
                                               std::vector<counted_place> const& places,
                                               std::vector<counted_hour> const& counted, carried_report const& beyond,
                                               count_band (*band)(counted_hour const&) = counting_band,
                                               std::function<bool()> const& stop = {});

// Contradictions of the same places in several hours, by the first of them.
struct repeated_contradiction {
  std::uint32_t worst = 0;  // of the contradictions given: where most stand against most
  std::size_t hours = 0;
};
std::vector<repeated_contradiction> by_places(std::vector<contradiction> const& all,
                                              std::vector<counted_hour> const& counted);

// "BC (1,600), BD (900) and 3 more": the places of hours with what they counted, the first of many. Shared by terminal
// and pages.
std::string first_named(std::vector<std::uint32_t> const& hours, std::vector<counted_place> const& places,
                        std::vector<counted_hour> const& counted, language l);

// "BC (1,600) against AB (1,000): whoever passes it passes the other, too, but 1,520 veh/h at least stand against ..."
std::string describe(contradiction const& c, std::vector<counted_place> const& places,
                     std::vector<counted_hour> const& counted);
// "07:00 and 2 other hours: " before it.
std::string describe(repeated_contradiction const& r, std::vector<contradiction> const& all,
                     std::vector<counted_place> const& places, std::vector<counted_hour> const& counted);

}  // namespace gemeo
