// The calibrated travellers as SUMO reads them, and a configuration that runs them with everything else of the base.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "calibration/job/write_job.h"
#include "calibration/loop/warm_up.h"
#include "sim/core/text_file.h"
#include "sim/core/xml.h"
#include "sim/results/text_output.h"
#include "sim/scenario/sumo_config.h"

namespace gemeo {

namespace {

namespace fs = std::filesystem;

// The base's additional files may define types of the same names.
std::string type_name(vehicle_type const& t) { return "calibrated." + t.name; }

void write_type(text_output& out, vehicle_type const& t) {
  out.add(
      "  <vType id=\"{}\" vClass=\"{}\" length=\"{}\" minGap=\"{}\" accel=\"{}\" decel=\"{}\" emergencyDecel=\"{}\" "
      "sigma=\"{}\" tau=\"{}\" maxSpeed=\"{}\" speedFactor=\"{}\" speedDev=\"{}\" emissionClass=\"{}\"",
      xml_escape(type_name(t)), name_of(t.cls), t.length_m, t.min_gap_m, t.accel_mps2, t.decel_mps2,
      t.emergency_decel_mps2, t.sigma, t.tau_s, t.max_speed_mps, t.speed_factor, t.speed_factor_dev,
      xml_escape(t.emission_class));
  for (auto const& [name, value] : t.other) out.add(" {}=\"{}\"", name, xml_escape(value));
  out.add("/>\n");
}

std::string start_attributes(departure const& d) {
  static constexpr char const* kLanes[] = {"first", "", "best", "free", "random", "allowed"};
  static constexpr char const* kPlaces[] = {"base", "", "free", "random", "random_free", "last", "stop"};
  static constexpr char const* kSpeeds[] = {"", "max", "desired", "speedLimit", "random", "last", "avg"};
  static constexpr char const* kEnds[] = {"max", "", "center", "random"};
  auto const or_number = [](char const* word, double number) {
    return *word != '\0' ? std::string(word) : fmt::format("{}", number);
  };
  std::string out = fmt::format(" departLane=\"{}\" departPos=\"{}\" departSpeed=\"{}\" arrivalPos=\"{}\"",
                                or_number(kLanes[static_cast<int>(d.lane)], d.lane_index),
                                or_number(kPlaces[static_cast<int>(d.pos)], d.pos_m),
                                or_number(kSpeeds[static_cast<int>(d.speed)], d.speed_mps),
                                or_number(kEnds[static_cast<int>(d.end)], d.end_pos_m));
  if (d.end_lane >= 0) out += fmt::format(" arrivalLane=\"{}\"", d.end_lane);
  if (d.end_speed_mps >= 0) out += fmt::format(" arrivalSpeed=\"{}\"", d.end_speed_mps);
  return out;
}

void write_routes(demand const& d, network const& net, fs::path const& file) {
  text_output out(file);
  out.add("<routes>\n");
  for (vehicle_type const& t : d.types) write_type(out, t);
  vehicle_table const& t = d.vehicles;
  for (std::size_t i = 0; i < d.size(); ++i) {
    vehicle_id const v(i);
    if (!t.route[v].valid()) continue;
    out.add("  <vehicle id=\"{}\" type=\"{}\" depart=\"{:.2f}\"{}", xml_escape(t.name[v]),
            xml_escape(type_name(d.types[t.type[v]])), t.depart_s[v],
            t.start.empty() ? " departLane=\"best\" departSpeed=\"max\"" : start_attributes(t.start[v]));
    if (t.speed_factor[v] > 0) out.add(" speedFactor=\"{}\"", t.speed_factor[v]);
    if (t.line[v].valid()) out.add(" line=\"{}\"", xml_escape(d.lines[t.line[v]].name));
    out.add("><route edges=\"");
    char const* between = "";
    for (edge_id const e : d.route(t.route[v])) {
      out.add("{}{}", between, xml_escape(net.edges.name[e]));
      between = " ";
    }
    out.add("\"/>");
    for (std::uint32_t c = t.stops[v].begin; c < t.stops[v].end; ++c) {
      stop_call const& call = d.stop_calls[c];
      out.add("<stop busStop=\"{}\" duration=\"{}\"", xml_escape(d.stops[call.stop].name), call.duration_s);
      if (call.until_s >= 0) out.add(" until=\"{}\"", call.until_s);
      out.add("/>");
    }
    out.add("</vehicle>\n");
  }
  out.add("</routes>\n");
  out.finish();
}

void write_config(calibration_outcome const& c, fs::path const& file, fs::path const& home) {
  sumo_config const s = read_sumo_config(c.job.base_file);
  std::string more;
  for (fs::path const& a : s.additionals) more += (more.empty() ? "" : ",") + path_from(home, a);
  std::string const begins = c.warm_up_s() == 0
                                 ? std::string()
                                 : fmt::format(
                                       "  <!-- Calibrated from second {:g} on, which is the base's {:g}; what is "
                                       "before fills the roads. -->\n",
                                       c.source->slots().begin_s, c.source->slots().begin_s - c.moved_s);
  std::string text =
      fmt::format("<configuration>\n{}  <net-file value=\"{}\"/>\n  <route-files value=\"calibrated.rou.xml\"/>\n",
                  begins, xml_escape(path_from(home, s.net)));
  if (!more.empty()) text += fmt::format("  <additional-files value=\"{}\"/>\n", xml_escape(more));
  text += fmt::format("  <begin value=\"{}\"/>\n  <end value=\"{}\"/>\n  <step-length value=\"{}\"/>\n", c.base.begin_s,
                      c.base.end_s, s.step_s);
  text += fmt::format("  <time-to-teleport value=\"{}\"/>\n", s.time_to_teleport_s);
  for (sumo_option const& o : s.rest) {
    fs::path const beside = c.job.base_file.parent_path() / o.value;
    bool const is_input = std::any_of(s.others.begin(), s.others.end(), [&](fs::path const& f) {
      std::error_code ec;
      return fs::equivalent(f, beside, ec);
    });
    text += fmt::format("  <{} value=\"{}\"/>\n", o.name, xml_escape(is_input ? path_from(home, beside) : o.value));
  }
  write_text_file(file, text + "</configuration>\n");
}

}  // namespace

void write_calibrated_sumo(calibration_outcome const& c, fs::path const& folder, fs::path const& home) {
  drawn_trips d = c.source->draw(c.fit.trips, static_cast<std::uint64_t>(c.job.fit.seed));
  if (c.warm_up_s() > 0) add_warm_up(d, c.source->slots().begin_s, c.warm_up_s());
  apply_supply(d.who, c.supply.kept, c.base.step_s);
  write_routes(d.who, *c.base.net, folder / "calibrated.rou.xml");
  write_config(c, folder / "calibrated.sumocfg", home);
}

}  // namespace gemeo
