#include "sim/engine_sumo/input_files.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <limits>
#include <memory>
#include <unordered_map>
#include <utility>

#include "sim/core/error.h"
#include "sim/core/hash.h"
#include "sim/core/xml.h"
#include "sim/engine_sumo/output_reader.h"

namespace gemeo {

namespace {

// Text of any size to a file, in pieces; a full disk is an error that names the file.
class text_sink {
 public:
  explicit text_sink(std::filesystem::path file) : file_(std::move(file)), out_(std::fopen(file_.c_str(), "wb")) {
    if (out_ == nullptr) fail();
  }
  ~text_sink() {
    if (out_ != nullptr) std::fclose(out_);
  }
  text_sink(text_sink const&) = delete;
  text_sink& operator=(text_sink const&) = delete;

  template <typename... A>
  void add(fmt::format_string<A...> text, A&&... a) {
    fmt::format_to(std::back_inserter(buffer_), text, std::forward<A>(a)...);
    if (buffer_.size() > kPiece) write();
  }
  void close() {
    write();
    bool const closed = std::fclose(std::exchange(out_, nullptr)) == 0;
    if (!closed) fail();
  }

 private:
  static constexpr std::size_t kPiece = std::size_t{1} << 16U;
  void write() {
    if (std::fwrite(buffer_.data(), 1, buffer_.size(), out_) != buffer_.size()) fail();
    buffer_.clear();
  }
  [[noreturn]] void fail() const {
    throw_run(file_.string(), fmt::format("cannot be written: {}", std::strerror(errno)),
              "free space or choose another TMPDIR");
  }

  std::filesystem::path file_;
  std::FILE* out_;
  std::string buffer_;
};

void write_type(text_sink& out, vehicle_type const& t) {
  out.add(
      "<vType id=\"{}\" vClass=\"{}\" length=\"{}\" minGap=\"{}\" accel=\"{}\" decel=\"{}\" emergencyDecel=\"{}\" "
      "sigma=\"{}\" tau=\"{}\" maxSpeed=\"{}\" speedFactor=\"{}\" speedDev=\"{}\" emissionClass=\"{}\"",
      xml_escape(t.name), name_of(t.cls), t.length_m, t.min_gap_m, t.accel_mps2, t.decel_mps2, t.emergency_decel_mps2,
      t.sigma, t.tau_s, t.max_speed_mps, t.speed_factor, t.speed_factor_dev, xml_escape(t.emission_class));
  for (auto const& [name, value] : t.other) out.add(" {}=\"{}\"", name, xml_escape(value));
  out.add("/>\n");
}

// Vehicles carry numbers as names, which a line may be called, too: in what passengers wait for, lines have a mark.
std::string line_word(std::string const& line) { return "line:" + line; }

class passenger_writer {
 public:
  passenger_writer(demand const& d, text_sink& out) : demand_(d), out_(out) {
    std::unordered_map<std::string, std::vector<std::size_t>> asked;  // by name, into served_by
    for (std::size_t i = 0; i < d.served_by.size(); ++i) {
      words_.emplace_back();
      for (std::string const& name : d.served_by[i]) {
        asked[name].push_back(i);
        words_[i] += (words_[i].empty() ? "" : " ") + (name == "ANY" ? name : line_word(name));
      }
    }
    if (asked.empty()) return;
    for (std::size_t i = 0; i < d.size(); ++i) {
      auto const at = asked.find(d.vehicles.name[vehicle_id(i)]);
      if (at == asked.end()) continue;
      for (std::size_t const by : at->second) words_[by] += fmt::format(" {}", i);
    }
  }

  // Those who appear before: SUMO wants a file in order of departure.
  void write_until(double depart_s) {
    for (; next_ < demand_.passengers.size(); ++next_) {
      passenger const& p = demand_.passengers[passenger_id(next_)];
      if (p.depart_s >= depart_s) return;
      out_.add("<person id=\"{}\" depart=\"{}\">", xml_escape(p.name), p.depart_s);
      for (std::uint32_t r = p.rides.begin; r < p.rides.end; ++r) {
        ride const& one = demand_.rides[r];
        if (r == p.rides.begin || one.stay_s > 0 || one.stay_until_s >= 0) {
          out_.add("<stop busStop=\"{}\" duration=\"{}\"", xml_escape(demand_.stops[one.from].name), one.stay_s);
          if (one.stay_until_s >= 0) out_.add(" until=\"{}\"", one.stay_until_s);
          out_.add("/>");
        }
        out_.add("<ride busStop=\"{}\" lines=\"{}\"/>", xml_escape(demand_.stops[one.to].name),
                 xml_escape(words_[one.served_by]));
      }
      out_.add("</person>\n");
    }
  }

 private:
  demand const& demand_;
  text_sink& out_;
  std::vector<std::string> words_;  // of SUMO's attribute "lines"
  std::size_t next_ = 0;
};

class route_writer {
 public:
  route_writer(scenario const& s, text_sink& out) : net_(*s.net), demand_(*s.travellers), out_(out) {
    // Routes of the same edges are one route; those of one vehicle alone are written inside it, and SUMO forgets them
    // when it has arrived.
    first_.resize(demand_.routes.size());
    uses_.resize(demand_.routes.size(), 0);
    std::unordered_map<std::uint64_t, std::vector<route_id>> by_hash;
    for (std::size_t i = 0; i < demand_.size(); ++i) {
      route_id const r = demand_.vehicles.route[vehicle_id(i)];
      if (r.valid()) ++uses_[first_of(r, by_hash)];
    }
    written_.assign(demand_.routes.size(), false);
  }

  void write(vehicle_id v) {
    vehicle_table const& t = demand_.vehicles;
    route_id const r = first_[t.route[v]];
    bool const shared = uses_[r] > 1;
    if (shared && !written_[r.index()]) {
      written_[r.index()] = true;
      out_.add("<route id=\"r{}\" edges=\"", r.value);
      write_edges(r);
      out_.add("\"/>\n");
    }
    out_.add("<vehicle id=\"{}\" type=\"{}\" depart=\"{}\" departLane=\"best\" departSpeed=\"max\"", v.value,
             xml_escape(demand_.types[t.type[v]].name), t.depart_s[v]);
    if (t.speed_factor[v] > 0) out_.add(" speedFactor=\"{}\"", t.speed_factor[v]);
    if (t.line[v].valid()) out_.add(" line=\"{}\"", xml_escape(line_of(t.line[v])));
    range const calls = t.stops[v];
    if (shared) out_.add(" route=\"r{}\"", r.value);
    if (shared && calls.size() == 0) {
      out_.add("/>\n");
      return;
    }
    out_.add(">");
    if (!shared) {
      out_.add("<route edges=\"");
      write_edges(r);
      out_.add("\"/>");
    }
    for (std::uint32_t c = calls.begin; c < calls.end; ++c) {
      stop_call const& call = demand_.stop_calls[c];
      out_.add("<stop busStop=\"{}\" duration=\"{}\"", xml_escape(demand_.stops[call.stop].name), call.duration_s);
      if (call.until_s >= 0) out_.add(" until=\"{}\"", call.until_s);
      out_.add("/>");
    }
    out_.add("</vehicle>\n");
  }

 private:
  [[nodiscard]] std::string line_of(line_id l) const {
    std::string const& name = demand_.lines[l].name;
    return demand_.passengers.empty() ? name : line_word(name);
  }
  route_id first_of(route_id r, std::unordered_map<std::uint64_t, std::vector<route_id>>& by_hash) {
    if (first_[r].valid()) return first_[r];
    auto const edges = demand_.route(r);
    check(r, edges);
    auto& same = by_hash[hash_bytes(edges.data(), edges.size_bytes())];
    for (route_id const other : same) {
      auto const theirs = demand_.route(other);
      if (std::equal(edges.begin(), edges.end(), theirs.begin(), theirs.end())) return first_[r] = other;
    }
    same.push_back(r);
    return first_[r] = r;
  }
  void check(route_id r, std::span<edge_id const> edges) const {
    if (edges.empty()) throw_input(fmt::format("route {}", r.value), "has no edges");
    for (std::size_t i = 0; i + 1 < edges.size(); ++i) {
      auto const next = net_.successors(edges[i]);
      if (std::find(next.begin(), next.end(), edges[i + 1]) == next.end()) {
        throw_input(fmt::format("route {}", r.value),
                    fmt::format("no connection leads from edge '{}' to edge '{}'", net_.edges.name[edges[i]],
                                net_.edges.name[edges[i + 1]]));
      }
    }
  }
  void write_edges(route_id r) {
    bool first = true;
    for (edge_id const e : demand_.route(r)) {
      out_.add("{}{}", first ? "" : " ", xml_escape(net_.edges.name[e]));
      first = false;
    }
  }

  network const& net_;
  demand const& demand_;
  text_sink& out_;
  id_vector<route_id, route_id> first_;
  id_vector<route_id, std::uint32_t> uses_;
  std::vector<bool> written_;
};

void write_programs(text_sink& out, scenario const& s) {
  for (std::size_t i = 0; i < s.programs.size(); ++i) {
    signal_id const id(i);
    for (std::size_t p = 0; p < s.programs[id].size(); ++p) {
      signal_program const& program = s.programs[id][p];
      std::string const name = sumo_program_name(s, id, static_cast<std::uint32_t>(p));
      auto const& own = s.net->signals.programs[id];
      if (std::any_of(own.begin(), own.end(), [&](signal_program const& o) { return o.name == name; })) continue;
      out.add("<tlLogic id=\"{}\" type=\"{}\" programID=\"{}\" offset=\"{}\">", xml_escape(s.net->signals.name[id]),
              xml_escape(program.type.empty() ? "static" : program.type), xml_escape(name), program.offset_s);
      for (signal_phase const& f : program.phases) {
        out.add("<phase duration=\"{}\" state=\"{}\"", f.duration_s, xml_escape(f.state));
        if (f.min_s > 0) out.add(" minDur=\"{}\"", f.min_s);
        if (f.max_s > 0) out.add(" maxDur=\"{}\"", f.max_s);
        out.add("/>");
      }
      out.add("</tlLogic>\n");
    }
  }
}

bool any_obstacle(scenario const& s) {
  return std::any_of(s.commands.begin(), s.commands.end(),
                     [](timed_command const& c) { return std::holds_alternative<block_lane>(c.what); });
}

std::string joined(std::vector<std::string> const& words) {
  std::string out;
  for (std::string const& w : words) out += (out.empty() ? "" : " ") + w;
  return out;
}

// Without an attribute SUMO gives one value for the whole run.
std::string period_of(double asked_s, run_options const& o) {
  if (std::isinf(asked_s)) return {};
  return fmt::format(" period=\"{}\"", asked_s > 0 ? asked_s : o.interval_s);
}

void write_detectors(text_sink& out, scenario const& s, run_options const& o, std::string const& filter) {
  for (detector_place const& place : s.detectors) {
    std::string const where = fmt::format("id=\"{}\" lane=\"{}\" pos=\"{}\" file=\"stdout\"{}", xml_escape(place.name),
                                          xml_escape(s.net->lane_name(place.lane)), place.pos_m, filter);
    out.add("<inductionLoop {}{}/>\n", where, period_of(place.period_s, o));
    if (o.crossings) out.add("<instantInductionLoop {}/>\n", where);
  }
  for (lane_area const& area : s.areas) {
    std::vector<std::string> lanes;
    for (lane_id const l : area.lanes) {  // SUMO finds those inside junctions
      bool const ends = l == area.lanes.front() || l == area.lanes.back();
      if (ends || s.net->is_normal(s.net->lanes.edge[l])) lanes.push_back(s.net->lane_name(l));
    }
    out.add("<laneAreaDetector id=\"{}\" {}=\"{}\" pos=\"{}\" endPos=\"{}\"{} file=\"stdout\"{}", xml_escape(area.name),
            lanes.size() == 1 ? "lane" : "lanes", xml_escape(joined(lanes)), area.begin_m, area.end_m,
            period_of(area.period_s, o), filter);
    out.add(" timeThreshold=\"{}\" speedThreshold=\"{}\" jamThreshold=\"{}\"/>\n", area.jam_s, area.halt_mps,
            area.jam_gap_m);
  }
}

}  // namespace

std::string sumo_program_name(scenario const& s, signal_id signal, std::uint32_t program) {
  return s.programs[signal].at(program).name;
}

bool has_new_programs(scenario const& s, signal_id signal) {
  if (!s.programs.contains(signal)) return false;
  auto const& own = s.net->signals.programs[signal];
  return std::any_of(s.programs[signal].begin(), s.programs[signal].end(), [&](signal_program const& p) {
    return std::none_of(own.begin(), own.end(), [&](signal_program const& o) { return o.name == p.name; });
  });
}

std::string mean_data_elements(run_options const& o, std::vector<std::string> const& types) {
  std::string const filter = types.empty() ? "" : fmt::format(" vTypes=\"{}\"", xml_escape(joined(types)));
  std::string out = fmt::format(
      "<edgeData id=\"{}\" file=\"stdout\" period=\"{}\" excludeEmpty=\"true\"{} writeAttributes=\"sampledSeconds "
      "traveltime density occupancy waitingTime timeLoss speed departed arrived entered left\"/>\n",
      kTrafficData, o.interval_s, filter);
  if (o.emissions) {
    out += fmt::format(
        "<edgeData id=\"{}\" type=\"emissions\" file=\"stdout\" period=\"{}\" excludeEmpty=\"true\"{} "
        "writeAttributes=\"CO2_abs NOx_abs PMx_abs fuel_abs\"/>\n",
        kEmissionData, o.interval_s, filter);
  }
  return out;
}

sumo_input write_sumo_input(scenario const& s, run_options const& o) {
  sumo_input in;
  demand const& d = *s.travellers;
  in.routes = o.scratch / "demand.rou.xml";
  in.additional = o.scratch / "gemeo.add.xml";
  std::vector<std::string> types;  // named only where obstacles have to be told from vehicles

  text_sink routes(in.routes);
  routes.add("<routes>\n");
  for (vehicle_type const& t : d.types) write_type(routes, t);
  if (any_obstacle(s)) {
    for (vehicle_type const& t : d.types) types.push_back(t.name);
    routes.add(
        "<vType id=\"{}\" vClass=\"ignoring\" length=\"5\" minGap=\"0.5\" sigma=\"0\" speedDev=\"0\">"
        "<param key=\"has.tripinfo.device\" value=\"false\"/><param key=\"has.emissions.device\" value=\"false\"/>"
        "</vType>\n",
        kObstacleType);
  }
  route_writer writer(s, routes);
  passenger_writer passengers(d, routes);
  for (std::size_t i = 0; i < d.size(); ++i) {
    vehicle_id const v(i);
    if (!d.vehicles.route[v].valid()) continue;
    double const depart = d.vehicles.depart_s[v];
    if (depart < s.begin_s) {
      throw_input(fmt::format("traveller '{}'", d.vehicles.name[v]),
                  fmt::format("departs at {} s, before the scenario begins ({} s)", depart, s.begin_s));
    }
    passengers.write_until(depart);
    writer.write(v);
  }
  passengers.write_until(std::numeric_limits<double>::infinity());
  routes.add("</routes>\n");
  routes.close();

  text_sink additional(in.additional);
  additional.add("<additional>\n{}", mean_data_elements(o, types));
  std::string const filter = types.empty() ? "" : fmt::format(" vTypes=\"{}\"", xml_escape(joined(types)));
  write_detectors(additional, s, o, filter);
  for (bus_stop const& stop : d.stops) {
    additional.add("<busStop id=\"{}\"", xml_escape(stop.name));
    if (!stop.label.empty()) additional.add(" name=\"{}\"", xml_escape(stop.label));  // SUMO refuses an empty one
    additional.add(" lane=\"{}\" startPos=\"{}\" endPos=\"{}\" friendlyPos=\"true\"/>\n",
                   xml_escape(s.net->lane_name(stop.lane)), stop.begin_m, stop.end_m);
  }
  write_programs(additional, s);
  additional.add("</additional>\n");
  additional.close();
  return in;
}

}  // namespace gemeo
