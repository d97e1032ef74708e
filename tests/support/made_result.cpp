#include "tests/support/made_result.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/core/hash.h"
#include "sim/core/random.h"

namespace gemeo::test {

made_city::made_city()
    : drawn{
          "A-----B-----C-----D\n"
          "|     |     |     |\n"
          "|     |     |     |\n"
          "E-----F=====G-----H\n"
          "|     |     |     |\n"
          "|     |     |     |\n"
          "I-----J-----K-----L\n",
          {.cell_m = 50, .signals = "FG"}} {}

made_city const& drawn_city() {
  static made_city const city;
  return city;
}

std::vector<edge_id> normal_edges(network const& net) {
  std::vector<edge_id> out;
  for (std::size_t i = 0; i < net.edge_count(); ++i) {
    if (net.is_normal(edge_id(i))) out.push_back(edge_id(i));
  }
  return out;
}

namespace {

class result_maker {
 public:
  result_maker(network const& net, made_run const& r) : net_(net), run_(r), edges_(normal_edges(net)) {
    describe();
    add_travellers();
    draw_trips();
    std::size_t const n = static_cast<std::size_t>(std::lround((r.end_s - r.begin_s) / r.interval_s));
    for (std::size_t i = 0; i < n; ++i)
      data.intervals.push_back(interval(r.begin_s + static_cast<double>(i) * r.interval_s));
    add_kpis();
    if (r.trajectories) add_frames();
    data.summary.total.tick = static_cast<std::int64_t>(r.end_s - r.begin_s);
    data.summary.total.time_s = r.end_s;
    data.summary.frame_hash = random_bits(r.seed, r.closed.size(), 0, draw::kRouteCost);
    data.summary.wall_s = 1.5;
    data.summary.cpu_s = 1.25;
    data.summary.peak_rss_bytes = 50U << 20U;
    data.summary.complete = r.complete;
  }
  made_data data;

 private:
  struct planned {
    double depart, duration, length, loss, co2;
    trip_state state;
  };
  [[nodiscard]] double uniform(std::uint64_t entity, std::uint64_t counter) const {
    return random_uniform(run_.seed, entity, counter, draw::kRouteCost);
  }
  [[nodiscard]] double slower() const { return run_.closed.empty() ? 1.0 : run_.delay_factor; }

  void describe() {
    run_description& d = data.description;
    d.scenario_name = run_.scenario;
    d.scenario_title = run_.title;
    d.scenario_text = "title = \"" + run_.title + "\"\n";
    d.effective_config = d.scenario_text + "city = \"made\"\n";
    d.engine = "made";
    d.engine_version = "1";
    d.software_version = "0.0.0";
    d.commit = "none";
    d.seed = run_.seed;
    d.network_hash = net_.hash;
    d.demand_hash = run_.seed * 31;
    std::string const inputs = d.effective_config + run_.closed;  // of every seed the same
    d.input_hash = hash_bytes(inputs.data(), inputs.size());
    d.begin_s = run_.begin_s;
    d.end_s = run_.end_s;
    d.interval_s = run_.interval_s;
    d.emissions = run_.emissions;
    d.trajectories = run_.trajectories;
  }
  void add_travellers() {
    traveller_table& t = data.travellers;
    t.zone_names = {"north", "south"};
    t.edge_zone.assign(net_.edge_count(), 0xffffffffU);
    for (std::size_t i = 0; i < edges_.size(); ++i) t.edge_zone[edges_[i].index()] = i < edges_.size() / 2 ? 0 : 1;
    for (std::size_t v = 0; v < run_.vehicles; ++v) {
      bool const bus = v % 20 == 19;
      t.name.push_back((bus ? "bus_" : "car_") + std::to_string(v));
      t.type.push_back(bus ? "bus" : "car");
      t.mode.push_back(bus ? "bus" : "car");
      t.purpose.push_back(bus ? "bus" : uniform(v, 1) < 0.6 ? "work" : "leisure");
      t.from_zone.push_back(uniform(v, 2) < 0.5 ? "north" : "south");
      t.to_zone.push_back(uniform(v, 3) < 0.5 ? "north" : "south");
      t.line.push_back(bus ? "1" : "");
      t.planned_depart_s.push_back(run_.begin_s + uniform(v, 4) * (run_.end_s - run_.begin_s) * 0.9);
    }
    t.stop_names = {"First", "Second"};
    for (std::size_t v = 0; v < run_.vehicles; ++v) t.passenger_names.push_back(fmt::format("person {}", v));
    t.detector_names = {"loop_1"};
    t.area_names = {"queue_1"};
  }
  void draw_trips() {
    for (std::size_t v = 0; v < run_.vehicles; ++v) {
      double const u = uniform(v, 5), free = 60 + 240 * uniform(v, 6);
      double const loss = free * 0.4 * uniform(v, 7) * slower();
      planned p{
          data.travellers.planned_depart_s[v] + 2 * uniform(v, 8),     std::round(free + loss), free * 11, loss, 0,
          u < 0.01 ? trip_state::kNeverInserted : trip_state::kArrived};
      p.co2 = p.length * 150 + p.loss * 700;
      if (p.state == trip_state::kArrived && p.depart + p.duration > run_.end_s) p.state = trip_state::kRunning;
      trips_.push_back(p);
    }
  }
  void add_trip(observations& o, std::size_t v) {
    planned const& p = trips_[v];
    trip_record t;
    t.vehicle = vehicle_id(v);
    t.state = p.state;
    counters& c = data.summary.total;
    ++c.loaded;
    if (p.state == trip_state::kNeverInserted) {
      ++c.backlog;
      t.depart_delay_s = run_.end_s - p.depart;
      o.trips.push_back(t);
      return;
    }
    ++c.departed;
    bool const arrived = p.state == trip_state::kArrived;
    ++(arrived ? c.arrived : c.running);
    t.depart_s = p.depart;
    t.depart_delay_s = p.depart - data.travellers.planned_depart_s[v];
    t.duration_s = arrived ? p.duration : run_.end_s - p.depart;
    t.arrival_s = arrived ? p.depart + p.duration : -1;
    t.route_length_m = arrived ? p.length : p.length * t.duration_s / p.duration;
    t.time_loss_s = p.loss;
    t.waiting_s = p.loss / 2;
    t.waiting_count = static_cast<std::uint32_t>(p.loss / 20);
    t.teleports = t.vehicle.index() % 50 == 7 ? 1 : 0;
    if (run_.emissions) {
      t.co2_mg = static_cast<float>(p.co2);
      t.nox_mg = static_cast<float>(p.co2 * 2e-4);
      t.pmx_mg = static_cast<float>(p.co2 * 1e-5);
      t.fuel_mg = static_cast<float>(p.co2 / 3.1);
    }
    c.vehicle_updates += static_cast<std::int64_t>(t.duration_s);
    o.trips.push_back(t);
  }
  observations interval(double begin) {
    observations o;
    double const end = begin + run_.interval_s;
    bool const last = end > run_.end_s - 1;
    o.edges.push_back(edge_values(begin, end));
    for (std::size_t v = 0; v < trips_.size(); ++v) {
      planned const& p = trips_[v];
      double const at =
          p.state == trip_state::kArrived ? p.depart + p.duration : std::numeric_limits<double>::infinity();
      if ((at >= begin && at < end) || (last && at >= run_.end_s)) add_trip(o, v);
    }
    for (std::size_t v = 19; v < trips_.size(); v += 20) {
      planned const& p = trips_[v];
      if (p.depart < begin || p.depart >= end || p.state != trip_state::kArrived) continue;
      for (std::uint32_t s = 0; s < 2; ++s) {
        double const arrive = p.depart + p.duration * (s + 1) / 2.5;
        o.stops.push_back({vehicle_id(v), stop_id(s), arrive, arrive + 20, p.loss * (s + 1) / 2});
      }
      bool const carried = v % 40 == 19;
      o.rides.push_back({passenger_id(v), stop_id(std::uint32_t{0}), stop_id(std::uint32_t{1}),
                         carried ? vehicle_id(v) : vehicle_id(), p.depart - 60, carried ? p.depart : -1,
                         carried ? p.depart + p.duration : -1});
    }
    o.detectors.push_back({detector_id(std::uint32_t{0}), begin, end, 100, 400, 12.5F, 11.25F});
    area_record area;
    area.area = area_id(std::uint32_t{0});
    area.begin_s = begin;
    area.end_s = end;
    area.seen = 40;
    area.most_jam_m = 61.5F;
    o.areas.push_back(area);
    for (edge_id const e : edges_) {
      auto const q = static_cast<float>(30 * uniform(1000 + e.value, static_cast<std::uint64_t>(begin)) * slower());
      o.queues.push_back({e, begin, end, q, 2 * q});
    }
    if (begin == run_.begin_s) o.messages.push_back({begin, "made, not simulated"});
    return o;
  }
  edge_interval edge_values(double begin, double end) {
    edge_interval i;
    i.begin_s = begin;
    i.end_s = end;
    for (edge_id const e : edges_) {
      double const u = uniform(e.value, static_cast<std::uint64_t>(begin));
      bool const empty = net_.edges.name[e] == run_.closed || u < 0.03;
      double const limit = net_.speed_mps(e), speed = limit * (0.9 - 0.5 * u) / (empty ? 1 : std::sqrt(slower()));
      double const entered = empty ? 0 : std::floor(20 + 200 * u);
      double const sampled = entered * net_.length_m(e) / speed;
      auto const nan = std::numeric_limits<float>::quiet_NaN();
      auto const f = [&](double v) { return empty ? nan : static_cast<float>(v); };
      i.edge.push_back(e);
      i.sampled_s.push_back(static_cast<float>(sampled));
      i.travel_time_s.push_back(f(net_.length_m(e) / speed));
      i.density_veh_per_km.push_back(f(sampled / (end - begin) / net_.length_m(e) * 1000));
      i.occupancy_pct.push_back(f(std::min(100.0, sampled / (end - begin) / net_.length_m(e) * 500)));
      i.waiting_s.push_back(f(sampled * 0.2));
      i.time_loss_s.push_back(f(sampled * (1 - speed / limit)));
      i.speed_mps.push_back(f(speed));
      i.departed.push_back(static_cast<float>(empty ? 0 : 3));
      i.arrived.push_back(static_cast<float>(empty ? 0 : 2));
      i.entered.push_back(static_cast<float>(entered));
      i.left.push_back(static_cast<float>(entered));
      if (!run_.emissions) continue;
      i.co2_mg.push_back(static_cast<float>(sampled * 2000));
      i.nox_mg.push_back(static_cast<float>(sampled * 0.4));
      i.pmx_mg.push_back(static_cast<float>(sampled * 0.02));
      i.fuel_mg.push_back(static_cast<float>(sampled * 650));
    }
    return i;
  }
  void add_kpis() {
    double hours = 0, km = 0, loss = 0, time = 0, co2 = 0;
    std::size_t arrived = 0, inserted = 0, missing = 0;
    for (planned const& p : trips_) {
      if (p.state == trip_state::kNeverInserted) {
        ++missing;
        continue;
      }
      ++inserted;
      hours += p.duration / 3600;
      km += p.length / 1000;
      loss += p.loss;
      co2 += p.co2;
      if (p.state == trip_state::kArrived) {
        ++arrived;
        time += p.duration;
      }
    }
    auto const n = static_cast<double>(arrived), in = static_cast<double>(inserted),
               all = static_cast<double>(trips_.size());
    auto const add = [&](char const* name, char const* unit, double v) {
      data.kpis.push_back({name, unit, "all", "", v});
    };
    add("trips", "veh", all);
    add("arrived", "veh", n);
    add("vehicle_hours", "veh.h", hours);
    add("vehicle_km", "veh.km", km);
    add("mean_travel_time", "s", time / n);
    add("mean_delay", "s", loss / in);
    add("total_delay", "veh.h", loss / 3600);
    if (run_.emissions) add("co2", "kg", co2 / 1e6);
    add("share_teleported", "1", 0);
    add("share_never_inserted", "1", static_cast<double>(missing) / all);
    add("share_unfinished", "1", (in - n) / all);
    data.kpis.push_back({"mean_travel_time", "s", "hour", "07", time / n});
    data.kpis.push_back({"mean_travel_time", "s", "mode", "car", time / n});
  }
  void add_frames() {
    for (double t = run_.begin_s; t < run_.end_s; t += 1) {
      frame f;
      f.tick = static_cast<std::int64_t>(t - run_.begin_s);
      f.time_s = t;
      for (std::size_t v = 0; v < trips_.size(); ++v) {
        planned const& p = trips_[v];
        if (p.state == trip_state::kNeverInserted || t < p.depart || t >= p.depart + p.duration) continue;
        // From edge to edge, drawn by vehicle; a wave of speeds along the way.
        double way = (t - p.depart) * p.length / p.duration;
        std::size_t k = v;
        while (way > net_.length_m(edges_[k % edges_.size()])) way -= net_.length_m(edges_[k++ % edges_.size()]);
        lane_id const lane(net_.edges.lanes[edges_[k % edges_.size()]].begin);
        f.vehicle.push_back(vehicle_id(v));
        f.lane.push_back(static_cast<std::size_t>(t) % 997 == v ? lane_id() : lane);
        f.pos_m.push_back(static_cast<float>(way));
        f.speed_mps.push_back(
            static_cast<float>(p.length / p.duration * (1 + 0.5 * std::sin(t / 9 + static_cast<double>(v)))));
      }
      data.frames.push_back(std::move(f));
    }
  }

  network const& net_;
  made_run run_;
  std::vector<edge_id> edges_;
  std::vector<planned> trips_;
};

}  // namespace

made_data make_data(network const& net, made_run const& r) { return result_maker(net, r).data; }

std::filesystem::path make_result(network const& net, std::filesystem::path const& file, made_run const& r,
                                  made_data* written) {
  result_maker m(net, r);
  if (r.edit) r.edit(m.data);
  result_writer w(file, m.data.description, net, m.data.travellers);
  std::size_t next = 0;
  for (observations const& o : m.data.intervals) {
    for (; next < m.data.frames.size() && m.data.frames[next].time_s < o.edges.front().end_s; ++next)
      w.append_frame(m.data.frames[next]);
    w.append(o);
  }
  w.log(r.end_s, "end of the made run");
  w.write_kpis(m.data.kpis);
  w.finish(m.data.summary);
  if (written != nullptr) *written = m.data;
  std::filesystem::path partial = file;
  return r.complete ? file : partial += ".partial";
}

}  // namespace gemeo::test
