// Which lanes drivers take: on both engines alike where lights, roundabouts and short edges decide about it.
#include <catch2/catch.hpp>

#include "tests/cross_engine/compare.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {

// Two lanes all round, and on every arm. rarer_s: between vehicles of each way, beyond those of a ring that is all but
// full.
struct ring_of_two_lanes : drawn_scenario {
  explicit ring_of_two_lanes(double end_s, double rarer_s = 0)
      : drawn_scenario(
            "        A        \n"
            "        \"        \n"
            "        \"        \n"
            "   P<===Q<===R   \n"
            "   \"         \"   \n"
            "   v         ^   \n"
            "B==S===>T===>U==C\n",
            end_s, {.cell_m = 15, .roundabouts = "PQRUTS"}) {
    add_each("AQ QP PS SB", 0, 5 + rarer_s, end_s - 200);
    add_each("AQ QP PS ST TU UC", 1, 6 + rarer_s, end_s - 200);
    add_each("BS ST TU UC", 2, 5 + rarer_s, end_s - 200);
    add_each("CU UR RQ QA", 3, 6 + rarer_s, end_s - 200);
    add_each("CU UR RQ QP PS SB", 4, 7 + rarer_s, end_s - 200);
  }
};

// Share of the time inside the ring that is spent on inner lanes.
double inner_share(outcome const& o, scenario const& s) {
  double inner = 0, all = 0;
  for (auto const& [key, places] : trajectories(o, s)) {
    for (place const& p : places) {
      std::string const lane = p.lane.valid() ? s.net->lane_name(p.lane) : std::string();
      for (char const* const edge : {"QP_", "PS_", "ST_", "TU_", "UR_", "RQ_"}) {
        if (!lane.starts_with(edge)) continue;
        all += 1;
        inner += lane.ends_with("_1") ? 1 : 0;
      }
    }
  }
  return all > 0 ? inner / all : -1;
}

}  // namespace

// In one demand alone chance has more to say than that: where the ring is all but full it jams in one engine or not.
TEST_CASE("both engines: in a roundabout of two lanes as many drive on the inner one, and take as long within 2 %") {
  double sumo_s = 0, tbb_s = 0;
  for (int demand = 0; demand < 12; ++demand) {
    INFO("demand " << demand);
    ring_of_two_lanes t(900, 0.15 * demand);
    scenario const s = t.with();
    both const b(s);
    sumo_s += mean_duration(b.sumo);
    tbb_s += mean_duration(b.tbb);
    CHECK(static_cast<double>(b.tbb.total.arrived) == Approx(static_cast<double>(b.sumo.total.arrived)).epsilon(0.01));
    CHECK(b.tbb.total.teleports == b.sumo.total.teleports);
    double const sumo = inner_share(b.sumo, s), tbb = inner_share(b.tbb, s);
    CHECK(sumo > 0.02);
    CHECK(tbb == Approx(sumo).margin(0.05));
  }
  CHECK(tbb_s == Approx(sumo_s).epsilon(0.02));
}

TEST_CASE("both engines: who is not cooperative stays on the outer lane of a roundabout") {
  ring_of_two_lanes t(900);
  t.add_each("CU UR RQ QP PS SB", 5, 31, 700, "bus");
  t.who.types[vtype_id(1U)].other["lcCooperative"] = "0";
  t.ready.end_s = 900;
  scenario const s = t.with();
  both const b(s);
  check_alike(b, 0.05);
  auto const by_bus = [&](outcome const& o) {
    std::size_t inner = 0, all = 0;
    for (auto const& [key, places] : trajectories(o, s)) {
      std::size_t id = 0;
      while (s.travellers->vehicles.key[vehicle_id(id)] != key) ++id;
      if (s.travellers->vehicles.type[vehicle_id(id)] != vtype_id(1U)) continue;
      for (place const& p : places) {
        std::string const lane = p.lane.valid() ? s.net->lane_name(p.lane) : std::string();
        bool const in_ring = lane.starts_with("RQ_") || lane.starts_with("QP_") || lane.starts_with("PS_");
        all += in_ring ? 1 : 0;
        inner += in_ring && lane.ends_with("_1") ? 1 : 0;
      }
    }
    CHECK(all > 100);
    return inner;
  };
  CHECK(by_bus(b.sumo) == 0);
  CHECK(by_bus(b.tbb) == 0);
}

TEST_CASE("both engines: two lanes at a red light, lorries among cars, and slow ones beyond it") {
  drawn_scenario t("A=========B=========C\n          |\n          |\n          D\n", 600, {.signals = "B"});
  t.add_each("AB BC", 0, 4, 400);
  t.add_each("AB BC", 2, 13, 400, "lorry");
  t.add_each("DB BC", 1, 17, 400, "lorry");
  check_exact(t.with());
}

TEST_CASE("both engines: from two lanes into a junction and out of it on short edges, where lanes end") {
  drawn_scenario t("A======B=C=D------E\n", 600, {.cell_m = 30});
  t.add_each("AB BC CD DE", 0, 3, 300);
  t.add_each("AB BC CD DE", 1, 17, 300, "lorry");
  check_alike(both(t.with()), 0.03);
}
