// gemeo through: made-up trips between the open ends of a network, a start for calibrating one that has no demand.
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "sim/cli/outputs.h"
#include "sim/cli/verbs.h"
#include "sim/core/error.h"
#include "sim/core/text_file.h"
#include "sim/core/xml.h"
#include "sim/demand/through_trips.h"

namespace gemeo::cli {

namespace {

struct through_options {
  std::string network, out, begin = "00:00", end = "24:00";
  std::vector<std::string> weights;
  double trips_per_hour = 0;
  bool force = false;
};

double time_of(char const* option, std::string const& text) {
  constexpr double kLatest_s = 48 * 3600;
  auto const t = parse_time_s(text + ":00");
  bool const minutes = text.size() > 2 && text[text.size() - 3] == ':' && text[text.size() - 2] < '6';
  if (!t || *t < 0 || *t > kLatest_s || !minutes || std::count(text.begin(), text.end(), ':') != 1)
    throw_usage(fmt::format("{} '{}' is no time", option, text), "HH:MM, as 07:30, until 48:00");
  return *t;
}

constexpr double kMostWeight = 1e9;

std::map<std::string, double> weights_of(std::vector<std::string> const& words) {
  std::map<std::string, double> out;
  for (std::string const& w : words) {
    std::size_t const is = w.find('=');
    auto const n = is == std::string::npos ? std::optional<double>() : parse_number(w.substr(is + 1));
    if (!n || *n < 0 || *n > kMostWeight)
      throw_usage(fmt::format("--weight '{}' is no TYPE=NUMBER (0 to {:g})", w, kMostWeight),
                  "--weight highway.motorway=67200");
    out[w.substr(0, is)] = *n;
  }
  return out;
}

// A weight for a type that no open end has would be asked for in vain.
void refuse_unknown(std::map<std::string, double> const& weights, network const& net, open_ends_of_roads const& ends) {
  std::set<std::string> known;
  for (auto const* const side : {&ends.in, &ends.out}) {
    for (edge_id const e : *side) known.insert(net.edges.type[e]);
  }
  for (auto const& [type, n] : weights) {
    if (!known.contains(type))
      throw_usage(fmt::format("--weight: no open end of the network is of type '{}'", type),
                  fmt::format("those it has: {}", fmt::join(known, ", ")));
  }
}

int through(through_options const& o) {
  double const begin_s = time_of("--begin", o.begin), end_s = time_of("--end", o.end);
  if (begin_s >= end_s) throw_usage("--begin is not before --end", "--begin 07:00 --end 10:00");
  check_outputs({o.network}, {o.out}, o.force);
  auto const net = read_network(o.network);
  auto const ends = find_open_ends(*net);
  auto const weights = weights_of(o.weights);
  refuse_unknown(weights, *net, ends);
  auto const pairs = through_pairs(*net, weights);
  write_text_file(o.out, through_trips(*net, pairs, o.trips_per_hour, begin_s, end_s));
  fmt::print(
      "{}: {:g} trips an hour from {} ways in to {} ways out, {} pairs, by the class of their roads. They are made "
      "up:\n"
      "calibrate them by counts ([prior] log_sd = 1, as nobody counted them)\n",
      o.out, o.trips_per_hour, ends.in.size(), ends.out.size(), pairs.size());
  return 0;
}

}  // namespace

action setup_through(option_set const& app) {
  auto const o = std::make_shared<through_options>();
  app.add("network", o->network, "SUMO network: .net.xml or .net.xml.gz").required();
  app.add("-o,--out", o->out, "the trips to make, e.g. trips.rou.xml").required();
  app.add("--trips-per-hour", o->trips_per_hour, "of all pairs together; a calibration finds its own level")
      .required()
      .between(1.0, 1e6);
  app.add("--begin", o->begin, "of departures (HH:MM)").show_default();
  app.add("--end", o->end, "of departures (HH:MM)").show_default();
  app.add("--weight", o->weights, "of ends on edges of a type, instead of the usual vehicles a day of such roads")
      .type("TYPE=NUMBER")
      .one_value_each();
  app.add_flag("--force", o->force, "replace what exists");
  return [o] { return through(*o); };
}

}  // namespace gemeo::cli
