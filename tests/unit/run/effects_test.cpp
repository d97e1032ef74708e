// From the words of a scenario file to vehicles on libsumo: what each kind of intervention does on the road, that it
// does it in its window, and that it leaves alone what it does not name. What single commands do to single vehicles,
// and that nothing spreads but by meeting, is tested in tests/unit/engine_sumo.
#include <algorithm>
#include <functional>

#include "sim/core/text_file.h"
#include "tests/unit/engine_sumo/driver.h"
#include "tests/unit/scenario/scene.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {

constexpr double kBegin = 7 * 3600;

// The tiny city from 07:00 to 07:20, and a second bus line along E, F, G, H every two minutes.
struct road_scene : scene {
  explicit road_scene(double trips_per_day = 5000) {
    tiny_city const busier(dir / "data/tiny", trips_per_day);
    city.write("lines.toml", read_text_file(city.folder / "lines.toml") +
                                 "[[line]]\nid = \"2\"\nvtype = \"bus\"\nedges = [\"EF\", \"FG\", \"GH\"]\nstops = "
                                 "[]\noffsets_s = []\nservice = [{begin = \"06:00\", end = \"20:00\", headway_s = "
                                 "120}]\n");
  }
  [[nodiscard]] compiled make(std::string const& text) const { return with(text, {"time.end=07:20"}, 3); }
};

outcome go(compiled const& c) {
  drive_options o = every(300);
  o.frames = true;
  return drive(c.ready, o);
}

using choice = std::function<bool(vehicle_id)>;

choice of_class(compiled const& c, vclass cls) {
  return [&c, cls](vehicle_id v) {
    demand const& d = *c.ready.travellers;
    return d.types[d.vehicles.type[v]].cls == cls;
  };
}

// How often a vehicle that is meant comes onto one of the lanes in (from_s, to_s], times since 07:00.
std::size_t come(outcome const& o, std::vector<lane_id> const& lanes, choice const& meant, double from_s = 0,
                 double to_s = 1e9) {
  std::size_t n = 0;
  std::map<vehicle_id, bool> was;
  for (frame const& f : o.frames) {
    for (std::size_t i = 0; i < f.size(); ++i) {
      bool const is = std::find(lanes.begin(), lanes.end(), f.lane[i]) != lanes.end();
      bool& before = was[f.vehicle[i]];
      if (is && !before && meant(f.vehicle[i]) && f.time_s - kBegin > from_s && f.time_s - kBegin <= to_s) ++n;
      before = is;
    }
  }
  return n;
}

std::vector<lane_id> lanes_of(compiled const& c, std::vector<char const*> const& edges) {
  std::vector<lane_id> out;
  for (char const* name : edges) {
    range const r = c.ready.net->edges.lanes[edge(c, name)];
    for (std::uint32_t l = r.begin; l < r.end; ++l) out.emplace_back(l);
  }
  return out;
}

std::string const kWindow = "begin = \"07:05\"\nend = \"07:12\"\n";

}  // namespace

TEST_CASE("effects: an edge closed to cars in a window has no car enter it then; buses do, and cars come back") {
  road_scene const s;
  compiled const base = s.make(""), c = s.make("[[close]]\nedges = [\"FG\"]\nclasses = [\"passenger\"]\n" + kWindow);
  outcome const a = go(base), b = go(c);
  auto const fg = lanes_of(c, {"FG"});
  choice const car = of_class(c, vclass::kPassenger), bus = of_class(c, vclass::kBus);
  CHECK(come(a, fg, bus, 300, 720) >= 3);
  CHECK(come(a, fg, car, 300, 720) > 10);
  // Who ended on FG ends elsewhere in its zone; those about to cross the line at 07:05 may still do so.
  CHECK(come(b, fg, car, 303, 720) == 0);
  CHECK(come(b, fg, bus, 300, 720) >= 2);
  CHECK(come(b, fg, car, 0, 300) == come(a, fg, car, 0, 300));
  CHECK(come(b, fg, car, 720, 1200) > 5);
}

TEST_CASE("effects: a bus lane is left by cars and used by buses; the road's other lane takes the cars") {
  road_scene const s;
  compiled const base = s.make(""),
                 c = s.make("[[lane_permission]]\nedges = [\"FG\"]\nlanes = [0]\nallow = [\"bus\"]\n" + kWindow);
  outcome const a = go(base), b = go(c);
  choice const car = of_class(c, vclass::kPassenger), bus = of_class(c, vclass::kBus);
  lane_id const right = lane(c, "FG_0"), left = lane(c, "FG_1");
  CHECK(come(a, {right}, car, 320, 720) > 5);
  CHECK(come(b, {right}, car, 320, 720) == 0);
  CHECK(come(b, {left}, car, 320, 720) > 5);
  CHECK(come(b, {right}, bus, 300, 720) >= 2);
  CHECK(come(b, {right}, car, 720, 1200) > 5);
}

TEST_CASE("effects: a speed limit holds on its road in its window, and nowhere else") {
  road_scene const s;
  compiled const c = s.make("[[speed_limit]]\nedges = [\"FG\"]\nspeed_kmh = 18\n" + kWindow);
  outcome const o = go(c);
  auto const fg = lanes_of(c, {"FG"});
  std::map<std::pair<bool, bool>, float> fastest;  // on FG, in the window
  for (frame const& f : o.frames) {
    double const t = f.time_s - kBegin;
    if ((t > 295 && t < 340) || (t > 715 && t < 725)) continue;  // those on it brake and speed up
    for (std::size_t i = 0; i < f.size(); ++i) {
      bool const on = std::find(fg.begin(), fg.end(), f.lane[i]) != fg.end();
      float& v = fastest[{on, t > 300 && t < 720}];
      v = std::max(v, f.speed_mps[i]);
    }
  }
  CHECK(fastest[{true, true}] < 5.0F * 1.35F);  // speed factors reach 1.25
  CHECK(fastest[{true, true}] > 4.0F);
  CHECK(fastest[{true, false}] > 10.0F);
  CHECK(fastest[{false, true}] > 10.0F);
}

TEST_CASE("effects: a fixed program of one's own rules its signal in its window; the other signal keeps its own") {
  road_scene const s;
  std::size_t const links = s.base().ready.net->signals.links[s.base().ready.net->find_signal("F").value()];
  std::string const red(links, 'r'), green = "G" + std::string(links - 1, 'r');
  compiled const base = s.make(""), c = s.make("[[signal_program]]\nsignals = [\"F\"]\nphases = [{state = \"" + red +
                                               "\", duration_s = 3000}, {state = \"" + green +
                                               "\", duration_s = 1}]\noffset_s = 0\n" + kWindow);
  outcome const a = go(base), b = go(c);
  choice const anybody = [](vehicle_id) { return true; };
  auto const behind_f = lanes_of(c, {"FG", "FE", "FB", "FJ"}), behind_g = lanes_of(c, {"GH", "GC", "GK"});
  CHECK(come(a, behind_f, anybody, 310, 720) > 20);
  std::size_t const passed = come(b, behind_f, anybody, 310, 720), at_most = come(a, behind_f, anybody, 310, 720);
  INFO(passed << " of " << at_most << " pass");
  CHECK(passed < at_most / 5);  // those who start on these edges, and the one green second
  CHECK(come(b, behind_g, anybody, 310, 720) > 5);
  CHECK(come(b, behind_f, anybody, 720, 1200) > 20);
}

TEST_CASE("effects: an actuated program lets the road with traffic go on, and costs less waiting than the fixed one") {
  road_scene const s;
  s.city.write("od.csv", "from_zone,to_zone,purpose,vtype,trips_per_day\nwest,mid,work,car,9000\n");
  compiled const base = s.make(""), c = s.make(
                                        "[[signal_program]]\nsignals = [\"F\", \"G\"]\nmode = "
                                        "\"actuated\"\nmin_green_s = 5\nmax_green_s = 60\n");
  auto const waited = [](outcome const& o) {
    double sum = 0;
    for (trip_record const& t : o.seen.trips) sum += t.waiting_s;
    return sum / static_cast<double>(o.seen.trips.size());
  };
  outcome const a = go(base), b = go(c);
  INFO("fixed " << waited(a) << " s, actuated " << waited(b) << " s");
  CHECK(waited(a) > 3);
  CHECK(waited(b) < 0.8 * waited(a));
}

TEST_CASE("effects: a low-emission zone sees no vehicle of a banned type drive in it, and others as before") {
  road_scene const s;
  compiled const base = s.make(""), c = s.make(
                                        "[[low_emission_zone]]\nedges = [\"FG\", \"GF\"]\ntypes = "
                                        "[\"calm\"]\ninside = \"replace\"\nreplace_with = \"brisk\"\n");
  outcome const a = go(base), b = go(c);
  auto const type = [](compiled const& k, char const* name) -> choice {
    return [&k, name](vehicle_id v) {
      demand const& d = *k.ready.travellers;
      return d.types[d.vehicles.type[v]].name == name;
    };
  };
  auto const zone = lanes_of(c, {"FG", "GF"});
  CHECK(come(a, zone, type(base, "calm")) > 10);
  CHECK(come(b, zone, type(c, "calm")) == 0);
  // Those who are not banned keep their routes; a little later or earlier, as there is less traffic before them.
  CHECK(20 * come(b, zone, type(c, "brisk")) >= 19 * come(a, zone, type(base, "brisk")));
  CHECK(come(b, zone, type(c, "bus")) + 1 >= come(a, zone, type(base, "bus")));
}

TEST_CASE("effects: the dearer a road, the fewer drive over it, and a price on nobody changes nobody") {
  road_scene const s;
  auto const toll = [&](double eur, std::string const& more = "") {
    return s.make(
        "[routes]\ntaste_sd = 0.3\n[[road_price]]\nedges = [\"FG\"]\nvalue_of_time_eur_per_h = 9\nprice_eur = " +
        std::to_string(eur) + "\n" + more);
  };
  std::vector<std::size_t> users;
  for (double const eur : {0.0, 0.05, 0.1, 0.2, 5.0}) {
    compiled const c = toll(eur);
    outcome const o = go(c);
    choice const car = of_class(c, vclass::kPassenger);
    users.push_back(come(o, lanes_of(c, {"FG"}), car));
  }
  for (std::size_t i = 1; i < users.size(); ++i) {
    INFO(users[i - 1] << " then " << users[i]);
    CHECK(users[i] <= users[i - 1]);
  }
  CHECK(users[2] < users[0]);
  CHECK(users.back() < users[0] * 3 / 4);
  // Time is worth ten times as much: ten times the price weighs the same.
  compiled const rich = s.make(
      "[routes]\ntaste_sd = 0.3\n[[road_price]]\nedges = [\"FG\"]\nvalue_of_time_eur_per_h = 90\nprice_eur = 1\n");
  CHECK(by_name(rich) == by_name(toll(0.1)));
  CHECK(by_name(toll(5, "exempt_share = 1\n")) == by_name(toll(0)));
  CHECK(by_name(toll(5, "classes = [\"motorcycle\"]\n")) == by_name(toll(0)));
}

TEST_CASE("effects: what changes the demand reaches the road: trips, modes, park and ride, buses, events") {
  road_scene const s(6000);
  struct counts {
    std::map<purpose, std::int64_t> departed;
    std::int64_t to_station = 0, all = 0;
  };
  auto const count = [&](std::string const& text) {
    compiled const c = s.make(text);
    outcome const o = go(c);
    counts n;
    vehicle_table const& t = c.ready.travellers->vehicles;
    for (trip_record const& trip : o.seen.trips) {
      if (trip.depart_s < 0) continue;
      ++n.departed[t.why[trip.vehicle]];
      ++n.all;
      bool const parks = t.to[trip.vehicle] == edge(c, "FG") || t.to[trip.vehicle] == edge(c, "GF");
      n.to_station += parks && t.why[trip.vehicle] == purpose::kHome;
    }
    CHECK(o.total.loaded == static_cast<std::int64_t>(c.ready.travellers->size()));
    return n;
  };
  counts const base = count("");
  REQUIRE(base.departed.at(purpose::kWork) > 100);
  REQUIRE(base.departed.at(purpose::kHome) > 50);

  counts const half = count("[[demand]]\npurposes = [\"work\"]\nscale = 0.5\n");
  CHECK(10 * half.departed.at(purpose::kWork) < 7 * base.departed.at(purpose::kWork));
  CHECK(10 * half.departed.at(purpose::kWork) > 3 * base.departed.at(purpose::kWork));
  CHECK(half.departed.at(purpose::kHome) == base.departed.at(purpose::kHome));
  CHECK(half.departed.at(purpose::kBus) == base.departed.at(purpose::kBus));

  counts const by_train = count("[[demand]]\npurposes = [\"home\"]\nmode_shift_share = 1\nmode_shift_to = \"train\"\n");
  CHECK(by_train.departed.count(purpose::kHome) == 0);
  CHECK(by_train.departed.at(purpose::kWork) == base.departed.at(purpose::kWork));

  counts const parked = count(
      "[[park_and_ride]]\nfrom = [\"east\"]\nto = [\"west\"]\npurposes = [\"home\"]\nstations = [\"mid\"]\nspaces = "
      "12\nreturns = false\n");
  CHECK(base.to_station == 0);
  CHECK(parked.to_station == 12);
  CHECK(parked.all == base.all);

  counts const often = count("[[bus_frequency]]\nlines = [\"2\"]\nfactor = 2\n");
  CHECK(often.departed.at(purpose::kBus) == base.departed.at(purpose::kBus) + 10);
  CHECK(often.departed.at(purpose::kWork) == base.departed.at(purpose::kWork));

  counts const concert = count(
      "[[event]]\nto = \"mid\"\nvisitors = 80\ncar_share = 0.5\npersons_per_car = 2\narrive_begin = "
      "\"07:06\"\narrive_end = \"07:14\"\n");
  CHECK(concert.departed.at(purpose::kEvent) == 20);
  CHECK(concert.all == base.all + 20);
}
