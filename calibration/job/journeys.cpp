#include "calibration/job/journeys.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <sstream>
#include <tuple>

#include "calibration/job/run_job.h"
#include "sim/core/error.h"
#include "sim/demand/csv.h"

namespace gemeo {

namespace {

constexpr double kEvery_s = 120;  // departures within a journey's time

double time_in(csv_row const& r, char const* column) {
  std::string const& text = r.text(column);
  if (text.find(':') == std::string::npos) return r.not_negative(column);
  int hours = 0, minutes = 0, seconds = 0, used = 0;
  bool const fine = (std::sscanf(text.c_str(), "%2d:%2d%n", &hours, &minutes, &used) == 2 &&
                     static_cast<std::size_t>(used) == text.size()) ||
                    (std::sscanf(text.c_str(), "%2d:%2d:%2d%n", &hours, &minutes, &seconds, &used) == 3 &&
                     static_cast<std::size_t>(used) == text.size());
  if (!fine || hours < 0 || hours > 48 || minutes < 0 || minutes > 59 || seconds < 0 || seconds > 59)
    r.fail(fmt::format("'{}' is no time of day: '{}'", column, text), "07:30, or seconds since midnight");
  return hours * 3600.0 + minutes * 60.0 + seconds;
}

edge_id edge_in(csv_row const& r, network const& net, std::string const& name) {
  auto const e = net.find_edge(name);
  if (!e || !net.is_normal(*e))
    r.fail(fmt::format("the network has no edge '{}'", name), did_you_mean(name, net.edges.name.raw()));
  return *e;
}

std::vector<edge_id> way_in(csv_row const& r, network const& net) {
  std::istringstream in(r.text("edges"));
  std::vector<edge_id> out;
  for (std::string name; in >> name;) {
    out.push_back(edge_in(r, net, name));
    if (out.size() < 2) continue;
    auto const next = net.successors(out[out.size() - 2]);
    if (std::find(next.begin(), next.end(), out.back()) == next.end())
      r.fail(fmt::format("nobody can drive from '{}' to '{}'", net.edges.name[out[out.size() - 2]], name),
             "name every edge of the way, or from_edge and to_edge alone");
  }
  if (out.empty()) r.fail("'edges' names none");
  return out;
}

// Where most trips of a pair begin and end.
std::pair<edge_id, edge_id> ends_of(calibration_outcome const& c, std::size_t pair) {
  if (auto const* const of_city = dynamic_cast<city_source const*>(c.source.get())) {
    auto const [from, to] = of_city->zones_of(pair);
    auto const heaviest = [](zone const& z, std::vector<double> const& weight) {
      auto const at = std::max_element(weight.begin(), weight.end()) - weight.begin();
      return z.edges[static_cast<std::size_t>(at)];
    };
    zone const &a = of_city->town().zones[from], &b = of_city->town().zones[to];
    return {heaviest(a, a.origin_weight), heaviest(b, b.destination_weight)};
  }
  od_pair const& p = dynamic_cast<od_source const&>(*c.source).table().pairs[pair];
  return {p.routes.front().edges.front(), p.routes.front().edges.back()};
}

}  // namespace

journey_meter::journey_meter(calibration_outcome const& c, std::vector<bilingual>& notes)
    : net_(c.base.net.get()), offset_s_(c.clock_offset_s()) {
  if (c.job.journeys_file.empty()) {
    choose(c);
  } else {
    read(c, notes);
  }
}

void journey_meter::read(calibration_outcome const& c, std::vector<bilingual>& notes) {
  std::map<std::tuple<std::string, double, double>, std::size_t> known;
  std::size_t outside = 0;
  csv_table const table(c.job.journeys_file, {"name", "begin", "end", "time_s"}, {"edges", "from_edge", "to_edge"});
  table.for_each([&](csv_row const& r) {
    route now;
    now.name = r.text("name");
    now.begin_s = time_in(r, "begin") - offset_s_;
    now.end_s = time_in(r, "end") - offset_s_;
    if (now.end_s <= now.begin_s) r.fail("'end' is not after 'begin'", "of the departures, as 07:30 and 08:00");
    double const seconds = r.not_negative("time_s");
    if (seconds <= 0 || seconds > 86400) r.fail(fmt::format("'time_s' is {}", seconds), "seconds, above 0");
    if (r.has("edges")) {
      now.edges = way_in(r, *net_);
    } else if (r.has("from_edge") && r.has("to_edge")) {
      now.from = edge_in(r, *net_, r.text("from_edge"));
      now.to = edge_in(r, *net_, r.text("to_edge"));
    } else {
      r.fail("a journey needs its 'edges', or 'from_edge' and 'to_edge'");
    }
    if (now.begin_s < c.source->slots().begin_s || now.end_s > c.base.end_s) {
      ++outside;
      return;
    }
    auto const [at, fresh] = known.try_emplace({now.name, now.begin_s, now.end_s}, routes_.size());
    if (fresh) routes_.push_back(now);
    route& same = routes_[at->second];
    if (same.edges != now.edges || same.from != now.from || same.to != now.to)
      r.fail(fmt::format("'{}' has another way than in a row before", now.name), "give each way a name of its own");
    same.measured_s += seconds;
    ++same.rows;
  });
  if (outside > 0)
    notes.push_back(in_both("{} measured journeys leave outside the simulated time and are not compared",
                            "{} percursos medidos partem fora do tempo simulado e não são comparados", outside));
}

void journey_meter::choose(calibration_outcome const& c) {
  auto const want = static_cast<std::size_t>(c.job.journeys.pairs);
  std::vector<double> const trips = trips_of_pairs(*c.source, c.fit.trips);
  std::size_t const slots = c.source->slots().count;
  std::vector<std::pair<double, std::size_t>> order;
  for (std::size_t p = 0; p < c.source->pairs(); ++p) {
    double sum = 0;
    for (std::size_t s = 0; s < slots; ++s) sum += trips[p * slots + s];
    order.emplace_back(-sum, p);
  }
  std::sort(order.begin(), order.end());
  for (auto const& [n, p] : order) {
    if (routes_.size() == want || n == 0) break;
    route now;
    now.name = c.source->pair_name(p);
    std::tie(now.from, now.to) = ends_of(c, p);
    if (now.from == now.to) continue;
    now.begin_s = c.source->slots().begin_s;
    now.end_s = c.base.end_s;
    routes_.push_back(std::move(now));
  }
}

void journey_meter::add(edge_costs const& times, bool of_prior) {
  router const ways(*net_, times);
  routing_options const plain{.taste_sd = 0};
  for (route& r : routes_) {
    route_query q;
    q.depart_s = (r.begin_s + r.end_s) / 2;
    if (r.edges.empty()) {
      q.from = r.from;
      q.to = r.to;
      r.edges = ways.route(q, plain);
    }
    if (r.edges.empty()) continue;
    q.from = r.edges.front();
    q.to = r.edges.back();
    double sum = 0;
    std::size_t n = 0;
    for (double t = r.begin_s; t < r.end_s; t += kEvery_s) {
      q.depart_s = t;
      sum += ways.cost_s(r.edges, q, plain);
      ++n;
    }
    r.sum_s[of_prior ? 1 : 0] += sum / static_cast<double>(n);
    ++r.runs[of_prior ? 1 : 0];
  }
}

std::vector<journey_time> journey_meter::take() const {
  std::vector<journey_time> out;
  for (route const& r : routes_) {
    if (r.edges.empty()) continue;  // no way for cars
    auto const mean = [](double sum, std::size_t n) { return n > 0 ? sum / static_cast<double>(n) : std::nan(""); };
    journey_time j{r.name, r.begin_s + offset_s_, r.end_s + offset_s_};
    for (edge_id const e : r.edges) j.length_m += net_->length_m(e);
    j.measured_s = mean(r.measured_s, r.rows);
    j.calibrated_s = mean(r.sum_s[0], r.runs[0]);
    j.prior_s = mean(r.sum_s[1], r.runs[1]);
    out.push_back(std::move(j));
  }
  return out;
}

}  // namespace gemeo
