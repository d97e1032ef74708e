#include "tests/support/made_runs.h"

#include <algorithm>
#include <cmath>

#include "sim/core/random.h"

namespace gemeo::test {

namespace {

class run_maker {
 public:
  run_maker(result_network const& net, made_options const& o) : net_(net), o_(o) {}
  [[nodiscard]] run_data run(std::uint64_t seed, bool other) const {
    run_data r;
    r.file = "made/seed_" + std::to_string(seed) + ".h5";
    run_description& d = r.description;
    d.scenario_name = other ? "closed" : "weekday";
    d.scenario_title = other ? "Avenida Marginal closed to cars" : "A weekday as it is";
    d.effective_config = "name = \"" + d.scenario_name + "\"\n";
    d.engine = "sumo";
    d.engine_version = "1.15.0";
    d.software_version = "0.1.0";
    d.commit = "0123abc";
    d.seed = seed;
    d.network_hash = 0x1234abcd5678ef00;
    d.demand_hash = seed;
    d.begin_s = o_.begin_s;
    d.end_s = o_.end_s;
    d.interval_s = o_.interval_s;
    r.summary.complete = true;
    r.summary.frame_hash = 2 * seed + (other ? 1U : 0U);
    counters& c = r.summary.total;
    c.loaded = c.departed = static_cast<std::int64_t>(o_.trips) + 200;
    c.arrived = c.departed - 20;
    c.running = 20;
    c.teleports = other ? o_.teleports_other : 2;
    fill_edges(r, seed, other);
    fill_kpis(r, seed, other);
    fill_trips(r, seed, other);
    return r;
  }

 private:
  [[nodiscard]] double noise(std::uint64_t seed, std::uint64_t what, bool other) const {
    double const common = random_normal(seed, what, 0, draw::kSpeedFactor);
    double const own = random_normal(seed, what, other ? 1 : 2, draw::kSpeedFactor);
    return 1 + o_.common_noise * common + o_.own_noise * own;
  }
  [[nodiscard]] bool closed(edge_id e) const { return !o_.closed_road.empty() && net_.road_name[e] == o_.closed_road; }

  void fill_edges(run_data& r, std::uint64_t seed, bool other) const {
    std::size_t const n = net_.name.size();
    double const hours = (o_.end_s - o_.begin_s) / 3600;
    r.edges_begin_s = o_.begin_s;
    r.edges_end_s = o_.end_s;
    r.entered.assign(n, 0);
    r.sampled_s = r.distance_m = r.time_loss_s = r.entered;
    for (std::size_t i = 0; i < n; ++i) {
      edge_id const e(i);
      if (net_.function[e] != 0 || (other && closed(e))) continue;
      double const lanes = std::max<double>(1, net_.lanes[e]), u = random_uniform(99, i, 0, draw::kDepartTime);
      double const near = i % 3 == 0 ? o_.effect : 0;  // a third of the roads take the traffic up
      double const flow = 320 * lanes * lanes * (0.15 + u) * noise(seed, i, other) * (other ? 1 + near : 1);
      double const speed = net_.speed_mps[e] * std::clamp(0.95 - flow / (1300 * lanes), 0.08, 1.0);
      r.entered[i] = std::round(flow * hours);
      r.distance_m[i] = r.entered[i] * net_.length_m[e];
      r.sampled_s[i] = r.distance_m[i] / speed;
      r.time_loss_s[i] = r.sampled_s[i] * (1 - speed / net_.speed_mps[e]);
    }
    for (double t = o_.begin_s; t + o_.interval_s <= o_.end_s + 1; t += o_.interval_s) {
      r.begin_s.push_back(t);
      r.end_s.push_back(t + o_.interval_s);
      double const level =
          peak(t) * noise(seed, 70000 + static_cast<std::uint64_t>(t), other) * (other ? 1 + o_.effect : 1);
      r.vehicles.push_back(9000 * level);
      r.delay_s.push_back(9000 * level * level * 900);
    }
  }
  static double peak(double t) {
    double const h = t / 3600;
    return 0.08 + 0.9 * std::exp(-(h - 8.3) * (h - 8.3) / 3) + 0.45 * std::exp(-(h - 13) * (h - 13) / 12) +
           0.8 * std::exp(-(h - 18) * (h - 18) / 5);
  }
  void add(run_data& r, char const* name, char const* unit, std::string const& group, std::string const& key,
           double value) const {
    r.kpis.push_back({name, unit, group, key, value});
  }
  void fill_kpis(run_data& r, std::uint64_t seed, bool other) const {
    double const up = other ? 1 + o_.effect : 1;
    auto const value = [&](std::uint64_t what, double v, double power = 1) {
      return v * noise(seed, 90000 + what, other) * std::pow(up, power);
    };
    add(r, "trips", "veh", "all", "", 395000);
    add(r, "vehicle_hours", "veh*h", "all", "", value(1, 91234));
    add(r, "vehicle_km", "veh*km", "all", "", value(2, 3012345, 0.2));
    add(r, "mean_travel_time", "s", "all", "", value(3, 812));
    add(r, "p95_travel_time", "s", "all", "", value(4, 2013, 1.5));
    add(r, "mean_delay", "s", "all", "", value(5, 213, 3));
    add(r, "mean_speed", "m/s", "all", "", value(6, 9.2, -1));
    add(r, "co2", "mg", "all", "", value(7, 6.12e11, 0.5));
    add(r, "nox", "mg", "all", "", value(8, 1.9e9, 0));
    add(r, "share_teleported", "1", "all", "", 0.0011);
    add(r, "bus_mean_delay", "s", "all", "", value(9, 85, 2));
    add(r, "iso37120_19_7_commute_time", "min", "all", "", value(10, 17.4));
    std::uint64_t what = 20;
    for (char const* p : {"work", "school", "home", "leisure", "business", "through", "freight"}) {
      ++what;
      add(r, "mean_travel_time", "s", "purpose", p, value(what, 600 + 30.0 * static_cast<double>(what), 1));
      ++what;
      add(r, "mean_delay", "s", "purpose", p, value(what, 100 + static_cast<double>(what), 2));
    }
    for (char const* m : {"car", "truck", "bus"}) add(r, "mean_travel_time", "s", "mode", m, value(++what, 900));
    for (int h = 0; h < 24; ++h) {
      std::string const key = (h < 10 ? "0" : "") + std::to_string(h);
      add(r, "mean_travel_time", "s", "hour", key, value(++what, 400 + 700 * peak(h * 3600.0)));
      add(r, "mean_delay", "s", "hour", key, value(++what, 60 + 400 * peak(h * 3600.0), 2));
    }
    for (int z = 0; z < 30; ++z) {
      add(r, "mean_travel_time", "s", "zone", "Zona " + std::to_string(z), value(++what, 500 + 20 * z, z % 4));
    }
    for (int l = 1; l <= 8; ++l)
      add(r, "bus_mean_delay", "s", "line", "M" + std::to_string(40 + l), value(++what, 60 + 9 * l, 2));
  }
  void fill_trips(run_data& r, std::uint64_t seed, bool other) const {
    static constexpr char const* kPurposes[] = {"work", "school", "home", "leisure", "freight"};
    for (std::size_t i = 0; i < o_.trips; ++i) {
      double const base = 300 + 1200 * random_uniform(seed, i, 1, draw::kDepartTime),
                   z = random_normal(seed, i, 7, draw::kSpeedFactor);
      double const change = other && i % 4 == 0   ? 240 * std::abs(z) * o_.effect / 0.08
                            : other && i % 9 == 0 ? -70 * std::abs(z)
                                                  : 0;
      r.trips.push_back(
          {"t" + std::to_string(i), base + change, i % 150 != 0, kPurposes[i % 5], i % 5 == 4 ? "truck" : "car"});
    }
  }

  result_network const& net_;
  made_options const& o_;
};

}  // namespace

run_data made_runs::run(std::uint64_t seed, bool other) const { return run_maker(net_, o_).run(seed, other); }

comparison compare_made(made_runs const& runs, std::size_t pairs) {
  ensemble_side base, other;
  base.path = "base";
  other.path = "other";
  base.runs = other.runs = pairs;
  base.description = runs.run(1, false).description;
  other.description = runs.run(1, true).description;
  base.label = base.description.scenario_title;
  other.label = other.description.scenario_title;
  comparison_builder builder(base, other, runs.net(), runs.net(), true);
  for (std::uint64_t seed = 1; seed <= pairs; ++seed) builder.add_pair(runs.run(seed, false), runs.run(seed, true));
  return builder.finish();
}

}  // namespace gemeo::test
