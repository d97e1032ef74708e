#include "sim/results/compare.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>

#include "sim/core/error.h"

namespace gemeo {
namespace {

// Steps in which the values of an edge can be believed to change (see estimate()).
constexpr double kFlowResolution_veh = 1, kSpeedResolution_mps = 0.1, kDelayResolution_h = 1.0 / 60;

// What the shares of stuck vehicles may be before other figures stop meaning what they say. The first two are the bars
// of a sound run; a difference between the two sides matters earlier.
constexpr double kMaxTeleported = 0.005, kMaxNeverInserted = 0.005, kMaxUnfinished = 0.02;
constexpr double kManyUnfinished = 0.1;  // alike on both sides it is a remark up to here
constexpr double kMaxStuckDifference = 0.002, kMaxUnfinishedDifference = 0.01;

double share_of(std::int64_t part, std::int64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

struct stuck {  // of one run: shares, and the same in vehicles
  double share_teleported, share_never_inserted, share_unfinished, teleported, never_inserted, unfinished, vehicles;
};

// Warm-up included: counters begin with the run.
stuck stuck_in_run(counters const& c) {
  std::int64_t const due = std::max(c.loaded, c.departed + c.backlog);
  return {share_of(c.teleports, c.departed), share_of(c.backlog, due),       share_of(c.running, c.departed),
          static_cast<double>(c.teleports),  static_cast<double>(c.backlog), static_cast<double>(c.running),
          static_cast<double>(due)};
}

// As the run's indicators say, of the window that they count; nothing where they do not.
std::optional<stuck> stuck_in_window(std::vector<kpi_row> const& kpis) {
  auto const value = [&](std::string_view name) {
    auto const at = std::find_if(kpis.begin(), kpis.end(),
                                 [&](kpi_row const& k) { return k.group == "all" && k.key.empty() && k.name == name; });
    return at == kpis.end() ? kNan : at->value;
  };
  double const teleported = value("share_teleported"), never = value("share_never_inserted"),
               unfinished = value("share_unfinished"), trips = value("trips");
  if (!std::isfinite(teleported) || !std::isfinite(never) || !std::isfinite(unfinished)) return std::nullopt;
  double const entered = trips * (1 - never);
  return stuck{teleported, never, unfinished, teleported * entered, never * trips, unfinished * trips, trips};
}

struct stuck_moments {
  moments share_teleported, share_never_inserted, share_unfinished, teleported, never_inserted, unfinished, vehicles;

  void add(stuck const& s) {
    share_teleported.add(s.share_teleported);
    teleported.add(s.teleported);
    share_never_inserted.add(s.share_never_inserted);
    share_unfinished.add(s.share_unfinished);
    never_inserted.add(s.never_inserted);
    unfinished.add(s.unfinished);
    vehicles.add(s.vehicles);
  }
};

struct gridlock {  // of one side
  stuck_moments run, window;

  void fill(ensemble_side& side, bool of_window) const {
    stuck_moments const& m = of_window ? window : run;
    side.share_teleported = m.share_teleported.mean;
    side.teleported = m.teleported.mean;
    side.share_never_inserted = m.share_never_inserted.mean;
    side.share_unfinished = m.share_unfinished.mean;
    side.never_inserted = m.never_inserted.mean;
    side.unfinished = m.unfinished.mean;
    side.vehicles = m.vehicles.mean;
  }
};

struct edge_moments {
  paired_moments flow, speed, delay, travel_time;
  double sampled_s[2] = {0, 0}, distance_m[2] = {0, 0};  // base, other
};

struct road_moments {
  std::vector<edge_id> edges;
  double length_m = 0;
  paired_moments flow, speed, delay;
};

using row_key = std::tuple<std::string, std::string, std::string>;  // group, key, name

struct kpi_moments {
  std::string unit;
  std::size_t order = 0;
  paired_moments values;
  member_values by_member;
};

struct one_side {  // of a pair, per edge of the joint network
  std::vector<double> flow, sampled_s, distance_m, delay_s;
  double hours = 0;

  [[nodiscard]] double speed(std::size_t e) const { return sampled_s[e] > 0 ? distance_m[e] / sampled_s[e] : kNan; }
};

}  // namespace

std::size_t change_bin(double change_s) {
  constexpr std::size_t kMiddle = std::size(kChangeBounds_s);
  auto const* const above =
      std::upper_bound(std::begin(kChangeBounds_s), std::end(kChangeBounds_s), std::abs(change_s));
  auto const steps = static_cast<std::size_t>(above - std::begin(kChangeBounds_s));
  return change_s < 0 ? kMiddle - steps : kMiddle + steps;
}

bool notice::grave() const {
  switch (kind) {
    case notice_kind::kNetworksDiffer:
    case notice_kind::kWindowsDiffer:
    case notice_kind::kEnginesDiffer:
    case notice_kind::kConfigsVary:
    case notice_kind::kInputsVary:
    case notice_kind::kMembersDiffer:
    case notice_kind::kTeleports:
    case notice_kind::kNeverInserted:
    case notice_kind::kGridlockDiffers:
      return true;
    case notice_kind::kUnfinished:
      return !names.empty() || std::max(numbers.at(0), numbers.at(1)) > kManyUnfinished;
    default:
      return false;
  }
}

bool comparison::trustworthy() const {
  return std::none_of(notices.begin(), notices.end(), [](notice const& n) { return n.grave(); });
}

bool comparison::has_warm_up() const { return base.description.warm_up_s > 0 || other.description.warm_up_s > 0; }

kpi_comparison const* comparison::find(std::string const& name, std::string const& group,
                                       std::string const& key) const {
  for (kpi_comparison const& k : kpis) {
    if (k.name == name && k.group == group && (key.empty() || k.key == key)) return &k;
  }
  return nullptr;
}

std::string comparison::road_of(std::string const& edge) const {
  for (std::size_t e = 0; e < net.name.size(); ++e) {
    if (net.name[edge_id(e)] == edge) return net.road_name[edge_id(e)];
  }
  return "";
}

struct comparison_builder::state {
  comparison result;
  std::vector<std::uint32_t> edge_of_other;   // the other network's edge in the joint one
  closure_windows base_closed, other_closed;  // by edges of the joint network
  std::vector<edge_moments> edges;
  std::vector<road_moments> roads;
  std::vector<std::string> road_names;
  std::map<row_key, kpi_moments> kpis;
  std::map<double, std::pair<double, std::pair<paired_moments, paired_moments>>> series;  // begin: end, vehicles, delay
  std::map<std::pair<std::string, std::string>, traveller_values> travellers;
  gridlock base_gridlock, other_gridlock;
  std::size_t identical = 0, unlike_members = 0;
  std::set<std::string> members;
  member_values journeys;
  std::array<moments, 2> open_gap;  // relative gap of runs that were not settled, base's and other's

  void join_networks(result_network const& other, bool same);
  void append_edge(result_network const& other, edge_id e);
  void find_roads();
  void add_kpis(run_data const& b, run_data const& o);
  void add_series(run_data const& b, run_data const& o);
  void add_edges(run_data const& b, run_data const& o);
  void add_travellers(run_data const& b, run_data const& o);
  void add_gridlock(run_data const& b, run_data const& o);
  [[nodiscard]] one_side side_of(run_data const& r, bool is_other) const;
  void finish_kpis();
  void finish_edges();
  void finish_roads();
  void finish_gridlock();
  void add_members(run_data const& b, run_data const& o);
  void finish_members();
  void add_equilibrium(run_data const& b, run_data const& o);
  void finish_equilibrium();
};

namespace {

using index_of_edge = std::unordered_map<std::string_view, std::uint32_t>;

index_of_edge index_edges(result_network const& n) {
  index_of_edge index;
  index.reserve(n.name.size());
  for (std::size_t e = 0; e < n.name.size(); ++e) index.emplace(n.name[edge_id(e)], static_cast<std::uint32_t>(e));
  return index;
}

}  // namespace

void comparison_builder::state::append_edge(result_network const& other, edge_id e) {
  result_network& n = result.net;
  n.name.push_back(other.name[e]);
  n.road_name.push_back(other.road_name[e]);
  n.function.push_back(other.function[e]);
  n.length_m.push_back(other.length_m[e]);
  n.speed_mps.push_back(other.speed_mps[e]);
  n.width_m.push_back(other.width_m[e]);
  n.lanes.push_back(other.lanes[e]);
  auto const begin = static_cast<std::uint32_t>(n.points.size());
  for (std::uint32_t i = other.shape[e].begin; i < other.shape[e].end; ++i) {
    point p = other.points[i];  // both lie in the projection's plane once the offsets are taken off
    p.x += static_cast<float>(n.offset_x - other.offset_x);
    p.y += static_cast<float>(n.offset_y - other.offset_y);
    n.points.push_back(p);
  }
  n.shape.push_back({begin, static_cast<std::uint32_t>(n.points.size())});
}

void comparison_builder::state::join_networks(result_network const& other, bool same) {
  result_network& n = result.net;
  std::size_t const base_edges = n.name.size();
  edge_of_other.resize(other.name.size());
  if (same) {
    verify(other.name.size() == base_edges, "networks of one hash have the same edges");
    for (std::size_t e = 0; e < base_edges; ++e) edge_of_other[e] = static_cast<std::uint32_t>(e);
    return;
  }
  std::vector<edge_id> only_other;
  {
    index_of_edge const index = index_edges(n);
    for (std::size_t e = 0; e < other.name.size(); ++e) {
      auto const found = index.find(other.name[edge_id(e)]);
      if (found != index.end()) {
        edge_of_other[e] = found->second;
      } else {
        edge_of_other[e] = static_cast<std::uint32_t>(base_edges + only_other.size());
        only_other.emplace_back(e);
      }
    }
  }  // the index refers to names that now move
  for (edge_id const e : only_other) append_edge(other, e);
  std::size_t const shared = other.name.size() - only_other.size();
  if (shared == 0) {
    throw_input(result.other.path.string(),
                "has no road in common with " + result.base.path.string() + ": two different places",
                "compare two scenarios of one city");
  }
  result.notices.push_back({notice_kind::kNetworksDiffer,
                            {},
                            {static_cast<double>(base_edges - shared), static_cast<double>(only_other.size())}});
}

void comparison_builder::state::find_roads() {
  result_network const& n = result.net;
  bool const named =
      std::any_of(n.road_name.begin(), n.road_name.end(), [](std::string const& s) { return !s.empty(); });
  std::unordered_map<std::string, std::size_t> index;
  for (std::size_t i = 0; i < n.name.size(); ++i) {
    edge_id const e(i);
    if (n.function[e] != 0) continue;
    std::string const& name = named ? n.road_name[e] : n.name[e];
    if (name.empty()) continue;
    auto const [at, fresh] = index.emplace(name, roads.size());
    if (fresh) {
      roads.emplace_back();
      road_names.push_back(name);
    }
    roads[at->second].edges.push_back(e);
    roads[at->second].length_m += n.length_m[e];
  }
}

comparison_builder::comparison_builder(ensemble_side base, ensemble_side other, result_network base_net,
                                       result_network const& other_net, bool same_network, std::vector<notice> notices)
    : state_(std::make_shared<state>()) {
  state& s = *state_;
  s.result.base = std::move(base);
  s.result.other = std::move(other);
  s.result.net = std::move(base_net);
  s.result.notices = std::move(notices);
  s.join_networks(other_net, same_network);
  s.edges.resize(s.result.net.name.size());
  s.find_roads();
}

void comparison_builder::take_closures(closure_windows base, closure_windows const& other) {
  state& s = *state_;
  s.base_closed = std::move(base);
  s.other_closed = other;
  for (edge_closure& c : s.other_closed.rows) c.edge = edge_id(s.edge_of_other[c.edge.index()]);
  std::stable_sort(s.other_closed.rows.begin(), s.other_closed.rows.end(),
                   [](edge_closure const& a, edge_closure const& b) { return a.edge < b.edge; });
}

void comparison_builder::add_pair(run_data const& base, run_data const& other) {
  state& s = *state_;
  verify(base.description.seed == other.description.seed, "a pair shares its seed");
  s.result.seeds.push_back(base.description.seed);
  if (base.summary.frame_hash == other.summary.frame_hash) ++s.identical;
  for (run_data const* const run : {&base, &other}) {
    for (auto const& [zone, label] : run->zone_labels) s.result.zone_label.emplace(zone, label);
  }
  s.add_kpis(base, other);
  s.add_series(base, other);
  s.add_edges(base, other);
  s.add_travellers(base, other);
  s.add_gridlock(base, other);
  s.add_members(base, other);
  s.add_equilibrium(base, other);
}

void comparison_builder::state::add_kpis(run_data const& b, run_data const& o) {
  std::map<row_key, kpi_row const*> in_other;
  for (kpi_row const& row : o.kpis) in_other[{row.group, row.key, row.name}] = &row;
  for (kpi_row const& row : b.kpis) {
    row_key const key{row.group, row.key, row.name};
    if (row.name.starts_with("equilibrium_")) continue;  // how the run was made, not what came of it: a notice
    auto const [at, fresh] = kpis.try_emplace(key);
    if (fresh) at->second = {row.unit, kpis.size(), {}, {}};
    auto const found = in_other.find(key);
    if (found == in_other.end() || found->second->unit != row.unit) continue;
    at->second.values.add(row.value, found->second->value);
    if (std::string const& member = b.description.demand_member; !member.empty() && row.group == "all")
      at->second.by_member.add(member, row.value, found->second->value);
  }
}

void comparison_builder::state::add_series(run_data const& b, run_data const& o) {
  std::size_t j = 0;
  for (std::size_t i = 0; i < b.begin_s.size(); ++i) {
    while (j < o.begin_s.size() && o.begin_s[j] < b.begin_s[i]) ++j;
    if (j == o.begin_s.size()) break;
    if (o.begin_s[j] != b.begin_s[i] || o.end_s[j] != b.end_s[i]) continue;
    auto& [end, values] = series[b.begin_s[i]];
    end = b.end_s[i];
    values.first.add(b.vehicles[i], o.vehicles[j]);
    values.second.add(b.delay_s[i] / 3600, o.delay_s[j] / 3600);
  }
}

one_side comparison_builder::state::side_of(run_data const& r, bool is_other) const {
  std::size_t const n = edges.size();
  one_side s;
  s.flow.assign(n, 0);
  s.sampled_s.assign(n, 0);
  s.distance_m.assign(n, 0);
  s.delay_s.assign(n, 0);
  s.hours = (r.edges_end_s - r.edges_begin_s) / 3600;
  for (std::size_t e = 0; e < r.sampled_s.size(); ++e) {
    std::size_t const at = is_other ? edge_of_other.at(e) : e;
    s.flow[at] = s.hours > 0 ? r.entered[e] / s.hours : 0;
    s.sampled_s[at] = r.sampled_s[e];
    s.distance_m[at] = r.distance_m[e];
    s.delay_s[at] = r.time_loss_s[e];
  }
  return s;
}

void comparison_builder::state::add_edges(run_data const& b, run_data const& o) {
  if (b.sampled_s.empty() || o.sampled_s.empty()) return;
  one_side const base = side_of(b, false), other = side_of(o, true);
  result.edges_begin_s = b.edges_begin_s;
  result.edges_end_s = b.edges_end_s;
  for (std::size_t e = 0; e < edges.size(); ++e) {
    if (result.net.function[edge_id(e)] != 0) continue;
    edge_moments& m = edges[e];
    double const length_m = result.net.length_m[edge_id(e)];
    m.sampled_s[0] += base.sampled_s[e];
    m.distance_m[0] += base.distance_m[e];
    m.sampled_s[1] += other.sampled_s[e];
    m.distance_m[1] += other.distance_m[e];
    m.flow.add(base.flow[e], other.flow[e]);
    m.speed.add(base.speed(e), other.speed(e));
    m.travel_time.add(length_m / base.speed(e), length_m / other.speed(e));
    m.delay.add(base.delay_s[e] / 3600, other.delay_s[e] / 3600);
  }
  for (road_moments& r : roads) {
    double flow[2] = {0, 0}, sampled[2] = {0, 0}, distance[2] = {0, 0}, delay[2] = {0, 0};
    one_side const* const sides[2] = {&base, &other};
    for (int k = 0; k < 2; ++k) {
      for (edge_id const e : r.edges) {
        flow[k] += sides[k]->flow[e.index()] * result.net.length_m[e];
        sampled[k] += sides[k]->sampled_s[e.index()];
        distance[k] += sides[k]->distance_m[e.index()];
        delay[k] += sides[k]->delay_s[e.index()];
      }
    }
    double const length_m = std::max(r.length_m, 1.0);
    r.flow.add(flow[0] / length_m, flow[1] / length_m);
    r.delay.add(delay[0] / 3600, delay[1] / 3600);
    r.speed.add(sampled[0] > 0 ? distance[0] / sampled[0] : kNan, sampled[1] > 0 ? distance[1] / sampled[1] : kNan);
  }
}

namespace {

struct one_group {  // of travellers, within one pair
  std::size_t travellers = 0, slower = 0, faster = 0, bins[kChangeBinCount] = {};
  double change_s = 0;

  void add(double change) {
    ++travellers;
    change_s += change;
    if (change >= kNoticeableChange_s) ++slower;
    if (change <= -kNoticeableChange_s) ++faster;
    ++bins[change_bin(change)];
  }
};

}  // namespace

void comparison_builder::state::add_travellers(run_data const& b, run_data const& o) {
  std::unordered_map<std::string_view, run_data::trip const*> in_base;
  in_base.reserve(b.trips.size());
  for (run_data::trip const& t : b.trips) {
    if (t.arrived && !t.name.empty()) in_base.emplace(t.name, &t);
  }
  std::map<std::pair<std::string, std::string>, one_group> groups;
  one_group& all = groups[{"all", ""}];
  for (run_data::trip const& t : o.trips) {
    if (!t.arrived) continue;
    auto const found = in_base.find(t.name);
    if (found == in_base.end()) continue;
    double const change = t.time_s - found->second->time_s;
    all.add(change);
    if (!t.mode.empty()) groups[{"mode", t.mode}].add(change);
    if (!t.purpose.empty()) groups[{"purpose", t.purpose}].add(change);
  }
  for (auto const& [key, g] : groups) {
    if (g.travellers == 0) continue;
    traveller_values& v = travellers[key];
    v.group = key.first;
    v.key = key.second;
    double const n = static_cast<double>(g.travellers);
    v.travellers.add(n);
    v.change_s.add(g.change_s / n);
    if (key.first == "all" && !b.description.demand_member.empty())
      journeys.add(b.description.demand_member, 0, g.change_s / n);
    v.share_slower.add(static_cast<double>(g.slower) / n);
    v.share_faster.add(static_cast<double>(g.faster) / n);
    for (std::size_t i = 0; i < kChangeBinCount; ++i) v.bins[i].add(static_cast<double>(g.bins[i]) / n);
  }
}

void comparison_builder::state::add_gridlock(run_data const& b, run_data const& o) {
  base_gridlock.run.add(stuck_in_run(b.summary.total));
  other_gridlock.run.add(stuck_in_run(o.summary.total));
  std::optional<stuck> const base = stuck_in_window(b.kpis), other = stuck_in_window(o.kpis);
  if (!base || !other) return;
  base_gridlock.window.add(*base);
  other_gridlock.window.add(*other);
}

void comparison_builder::state::add_members(run_data const& b, run_data const& o) {
  if (b.description.demand_member != o.description.demand_member) ++unlike_members;
  if (!b.description.demand_member.empty()) members.insert(b.description.demand_member);
}

void comparison_builder::state::finish_members() {
  if (unlike_members > 0) {
    result.notices.push_back({notice_kind::kMembersDiffer, {}, {static_cast<double>(unlike_members)}});
  } else if (!members.empty()) {
    if (journeys.members() > 0) result.journeys_over_members = journeys.spread();
    result.notices.push_back(
        {notice_kind::kMembers, {}, {static_cast<double>(members.size()), static_cast<double>(result.seeds.size())}});
  }
}

void comparison_builder::state::add_equilibrium(run_data const& b, run_data const& o) {
  for (run_data const* const run : {&b, &o}) {
    std::optional<double> reached, gap;
    for (kpi_row const& row : run->kpis) {
      if (row.group != "all") continue;
      if (row.name == "equilibrium_reached") reached = row.value;
      if (row.name == "equilibrium_relative_gap") gap = row.value;
    }
    if (reached == 0 && gap) open_gap[run == &o ? 1 : 0].add(*gap);
  }
}

void comparison_builder::state::finish_equilibrium() {
  if (open_gap[0].n + open_gap[1].n == 0) return;
  auto const gap = [](moments const& m) { return m.n > 0 ? m.mean : std::nan(""); };
  result.notices.push_back({notice_kind::kNoEquilibrium, {}, {gap(open_gap[0]), gap(open_gap[1])}});
}

void comparison_builder::state::finish_kpis() {
  std::vector<std::pair<std::size_t, kpi_comparison>> ordered;
  for (auto const& [key, m] : kpis) {
    auto const& [group, of, name] = key;
    bool const again = m.by_member.repeated();
    kpi_comparison k{name, m.unit, group, of, estimate(again ? m.by_member.of_means() : m.values)};
    if (unlike_members == 0 && m.by_member.members() > 0) k.over_members = m.by_member.spread();
    ordered.emplace_back(m.order, std::move(k));
  }
  std::sort(ordered.begin(), ordered.end(), [](auto const& a, auto const& b) { return a.first < b.first; });
  std::map<std::string, std::vector<paired_estimate*>> families;
  result.kpis.reserve(ordered.size());
  for (auto& [order, k] : ordered) {
    result.kpis.push_back(std::move(k));
    families[result.kpis.back().group].push_back(&result.kpis.back().value);
  }
  for (auto& [group, family] : families) judge(family);
}

namespace {

family_count count(std::vector<paired_estimate*> const& family) {
  family_count c;
  for (paired_estimate const* e : family) {
    if (std::isnan(e->p)) continue;
    ++c.tested;
    if (e->p < 1 - kConfidence) ++c.below_5_pct;
    if (e->says == verdict::kClear) ++c.kept;
  }
  return c;
}

family_count judge_and_count(std::vector<paired_estimate*> family) {
  judge(family);
  return count(family);
}

}  // namespace

void comparison_builder::state::finish_edges() {
  bool const any =
      std::any_of(edges.begin(), edges.end(), [](edge_moments const& m) { return m.flow.difference.n > 0; });
  if (!any) {
    result.notices.push_back({notice_kind::kNoEdges, {}, {}});
    return;
  }
  double const hours = std::max(1e-9, (result.edges_end_s - result.edges_begin_s) / 3600);
  result.edges.resize(edges.size());
  std::vector<paired_estimate*> flow, speeds, delay, travel_time;
  for (std::size_t e = 0; e < edges.size(); ++e) {
    edge_values& v = result.edges[e];
    v.flow_veh_per_h = estimate(edges[e].flow, kFlowResolution_veh / hours, false);
    v.speed_mps = estimate(edges[e].speed, kSpeedResolution_mps, false);
    double const speed = v.speed_mps.base;  // a step of the speed, in travel time
    double const step_s = speed > 0 ? result.net.length_m[edge_id(e)] / (speed * speed) * kSpeedResolution_mps : 0;
    v.travel_time_s = estimate(edges[e].travel_time, step_s, false);
    v.delay_h = estimate(edges[e].delay, kDelayResolution_h, false);
    if (edges[e].sampled_s[0] > 0) v.base_speed_mps = edges[e].distance_m[0] / edges[e].sampled_s[0];
    if (edges[e].sampled_s[1] > 0) v.other_speed_mps = edges[e].distance_m[1] / edges[e].sampled_s[1];
    v.base_closed = base_closed.half_of(edge_id(e), result.edges_begin_s, result.edges_end_s);
    v.other_closed = other_closed.half_of(edge_id(e), result.edges_begin_s, result.edges_end_s);
    flow.push_back(&v.flow_veh_per_h);
    if (v.base_closed || v.other_closed) {
      v.speed_mps = {};  // of the few who may still drive there
    } else {
      speeds.push_back(&v.speed_mps);
    }
    delay.push_back(&v.delay_h);
    travel_time.push_back(&v.travel_time_s);
  }
  result.flow_family = judge_and_count(flow);
  result.speed_family = judge_and_count(speeds);
  result.delay_family = judge_and_count(delay);
  judge(travel_time);
}

void comparison_builder::state::finish_roads() {
  if (result.edges.empty()) return;
  double const hours = std::max(1e-9, (result.edges_end_s - result.edges_begin_s) / 3600);
  std::vector<paired_estimate*> flow, speed, delay;
  result.roads.reserve(roads.size());
  for (std::size_t i = 0; i < roads.size(); ++i) {
    road_moments const& m = roads[i];
    result.roads.push_back(
        {road_names[i], m.length_m, m.edges.size(), estimate(m.flow, kFlowResolution_veh / hours, false),
         estimate(m.speed, kSpeedResolution_mps, false), estimate(m.delay, kDelayResolution_h, false)});
    road_values& v = result.roads.back();
    flow.push_back(&v.flow_veh_per_h);
    speed.push_back(&v.speed_mps);
    delay.push_back(&v.delay_h);
  }
  judge(flow);
  judge(speed);
  judge(delay);
}

void comparison_builder::state::finish_gridlock() {
  // Of all pairs or of none: a mean over windows and whole runs would be neither's.
  result.window_shares = base_gridlock.window.share_unfinished.n == result.seeds.size();
  base_gridlock.fill(result.base, result.window_shares);
  other_gridlock.fill(result.other, result.window_shares);
  struct rule {
    notice_kind kind;
    char const* name;
    double base, other, limit, difference;
  };
  ensemble_side const &b = result.base, &o = result.other;
  rule const rules[] = {{notice_kind::kTeleports, "share_teleported", b.share_teleported, o.share_teleported,
                         kMaxTeleported, kMaxStuckDifference},
                        {notice_kind::kNeverInserted, "share_never_inserted", b.share_never_inserted,
                         o.share_never_inserted, kMaxNeverInserted, kMaxStuckDifference},
                        {notice_kind::kUnfinished, "share_unfinished", b.share_unfinished, o.share_unfinished,
                         kMaxUnfinished, kMaxUnfinishedDifference}};
  for (rule const& r : rules) {
    bool const differ = std::abs(r.other - r.base) > r.difference;
    if (std::max(r.base, r.other) > r.limit) {
      result.notices.push_back({r.kind, {}, {r.base, r.other, r.limit}});
      if (differ) result.notices.back().names = {"differ"};
    } else if (differ) {
      result.notices.push_back({notice_kind::kGridlockDiffers, {r.name}, {r.base, r.other}});
    }
  }
}

comparison comparison_builder::finish() {
  state& s = *state_;
  verify(!s.result.seeds.empty(), "a comparison has at least one pair");
  s.finish_kpis();
  s.finish_edges();
  s.finish_roads();
  s.finish_gridlock();
  s.finish_members();
  s.finish_equilibrium();
  for (auto const& [begin, value] : s.series) {
    s.result.vehicles.push_back({begin, value.first, estimate(value.second.first)});
    s.result.delay_h.push_back({begin, value.first, estimate(value.second.second)});
  }
  for (auto& [key, v] : s.travellers) s.result.travellers.push_back(v);
  if (s.travellers.empty()) s.result.notices.push_back({notice_kind::kNoTrips, {}, {}});
  if (s.result.seeds.size() < kMinPairs) {
    s.result.notices.push_back({notice_kind::kFewPairs, {}, {static_cast<double>(s.result.seeds.size())}});
  }
  if (s.identical > 0)
    s.result.notices.push_back({notice_kind::kIdenticalRuns, {}, {static_cast<double>(s.identical)}});
  return std::move(s.result);
}

}  // namespace gemeo
