#include "sim/scenario/timeline.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace gemeo {

namespace {

class composer {
 public:
  composer(network const& net, std::vector<lane_patch> const& patches, double begin_s, double end_s)
      : net_(net), begin_s_(begin_s), end_s_(end_s) {
    for (lane_patch const& p : patches) {
      if (p.begin_s < end_s && p.end_s > begin_s) of_lane_[p.lane].push_back(&p);
    }
  }

  timeline take() {
    for (auto const& [lane, list] : of_lane_) add_commands(lane, list);
    std::stable_sort(out_.commands.begin(), out_.commands.end(),
                     [](auto const& a, auto const& b) { return a.time_s < b.time_s; });
    std::map<edge_id, std::vector<double>> edges;
    for (auto const& [lane, list] : of_lane_) {
      auto& times = edges[net_.lanes.edge[lane]];
      auto const more = moments(list);
      times.insert(times.end(), more.begin(), more.end());
    }
    for (auto const& [edge, times] : edges) add_edge(edge, times);
    add_turns(edges);
    for (auto& [key, list] : closed_) put_edges(out_.closures, key, std::move(list), true);
    for (auto& [key, list] : opened_) put_edges(out_.closures, key, std::move(list), false);
    for (auto& [key, list] : turns_) {
      cost_patch p = patch_of(key);
      p.turns = std::move(list);
      out_.closures.push_back(std::move(p));
    }
    std::sort(out_.lost_turns.begin(), out_.lost_turns.end());
    out_.lost_turns.erase(std::unique(out_.lost_turns.begin(), out_.lost_turns.end()), out_.lost_turns.end());
    return std::move(out_);
  }

 private:
  using patch_list = std::vector<lane_patch const*>;
  using window = std::tuple<double, double, vclass_mask>;  // begin, end, classes

  // The moments within the scenario at which a lane's state may change, ascending.
  std::vector<double> moments(patch_list const& patches) const {
    std::vector<double> t;
    for (lane_patch const* p : patches) {
      t.push_back(std::max(p->begin_s, begin_s_));
      if (p->end_s < end_s_) t.push_back(p->end_s);
    }
    sort_unique(t);
    return t;
  }
  static void sort_unique(std::vector<double>& t) {
    std::sort(t.begin(), t.end());
    t.erase(std::unique(t.begin(), t.end()), t.end());
  }

  lane_state base(lane_id l) const { return {net_.lanes.allowed[l], static_cast<double>(net_.lanes.speed_mps[l])}; }
  lane_state now(lane_id l, double t) const {
    auto const it = of_lane_.find(l);
    return it == of_lane_.end() ? base(l) : state_at(net_, l, it->second, t);
  }

  void add_commands(lane_id lane, patch_list const& patches) {
    lane_state last = base(lane);
    bool changed = false;
    for (double const t : moments(patches)) {
      lane_state const s = state_at(net_, lane, patches, t);
      if (s.allowed != last.allowed) out_.commands.push_back({t, set_lane_permissions{lane, s.allowed}});
      if (s.speed_mps != last.speed_mps) out_.commands.push_back({t, set_lane_speed{lane, s.speed_mps}});
      changed = changed || !(s == last);
      last = s;
    }
    if (changed) out_.changed.push_back(lane);
  }

  template <typename State>
  vclass_mask any_lane(edge_id e, State&& state) const {
    vclass_mask m = 0;
    for (std::uint32_t l = net_.edges.lanes[e].begin; l < net_.edges.lanes[e].end; ++l) m |= state(lane_id(l)).allowed;
    return m;
  }
  double fastest(edge_id e, double t) const {
    double v = 0;
    for (std::uint32_t l = net_.edges.lanes[e].begin; l < net_.edges.lanes[e].end; ++l)
      v = std::max(v, now(lane_id(l), t).speed_mps);
    return v;
  }

  // From each moment to the next: what the whole edge closes to and opens to, and how much slower it is.
  void add_edge(edge_id e, std::vector<double> times) {
    sort_unique(times);
    vclass_mask const before = net_.allowed(e);
    for (std::size_t i = 0; i < times.size(); ++i) {
      double const begin = times[i], end = i + 1 < times.size() ? times[i + 1] : kForever;
      vclass_mask const after = any_lane(e, [&](lane_id l) { return now(l, begin); });
      if ((before & ~after) != 0) closed_[{begin, end, before & ~after}].push_back(e);
      if ((after & ~before) != 0) opened_[{begin, end, after & ~before}].push_back(e);
      double const v0 = net_.speed_mps(e), v1 = fastest(e, begin);
      if (v1 >= v0 || v1 <= 0) continue;
      cost_patch p;
      p.edges = {e};
      p.begin_s = begin;
      p.end_s = end;
      p.extra_s = net_.length_m(e) / v1 - net_.length_m(e) / v0;
      out_.delays.push_back(std::move(p));
    }
  }

  // A turn is lost to a class when no connection from a lane it may use to a lane it may use is left.
  void add_turns(std::map<edge_id, std::vector<double>> const& edges) {
    std::map<std::pair<edge_id, edge_id>, std::vector<double>> touched;
    for (auto const& [e, times] : edges) {
      for (edge_id const next : net_.successors(e))
        touched[{e, next}].insert(touched[{e, next}].end(), times.begin(), times.end());
      for (edge_id const prev : net_.predecessors(e))
        touched[{prev, e}].insert(touched[{prev, e}].end(), times.begin(), times.end());
    }
    for (auto& [key, list] : touched) {
      auto const& turn = key;  // a lambda may not capture a structured binding
      auto& times = list;
      sort_unique(times);
      vclass_mask const before = turn_classes(turn, [&](lane_id l) { return base(l); });
      for (std::size_t i = 0; i < times.size(); ++i) {
        auto const state = [&](lane_id l) { return now(l, times[i]); };
        vclass_mask const open = any_lane(turn.first, state) & any_lane(turn.second, state);
        vclass_mask const lost = before & ~turn_classes(turn, state) & open;
        if (lost == 0) continue;
        turns_[{times[i], i + 1 < times.size() ? times[i + 1] : kForever, lost}].push_back(turn);
        out_.lost_turns.push_back(turn);
      }
    }
  }
  template <typename State>
  vclass_mask turn_classes(std::pair<edge_id, edge_id> turn, State&& state) const {
    vclass_mask m = 0;
    for (std::uint32_t l = net_.edges.lanes[turn.first].begin; l < net_.edges.lanes[turn.first].end; ++l) {
      range const out = net_.lanes.out[lane_id(l)];
      for (std::uint32_t k = out.begin; k < out.end; ++k) {
        connection const& c = net_.connections[k];
        if (net_.lanes.edge[c.to] == turn.second) m |= state(c.from).allowed & state(c.to).allowed;
      }
    }
    return m;
  }

  static cost_patch patch_of(window const& w) {
    cost_patch p;
    std::tie(p.begin_s, p.end_s, p.classes) = w;
    return p;
  }
  static void put_edges(std::vector<cost_patch>& into, window const& w, std::vector<edge_id> edges, bool closed) {
    cost_patch p = patch_of(w);
    p.edges = std::move(edges);
    p.closed = closed;
    p.opened = !closed;
    into.push_back(std::move(p));
  }

  network const& net_;
  double begin_s_, end_s_;
  std::map<lane_id, patch_list> of_lane_;
  std::map<window, std::vector<edge_id>> closed_, opened_;
  std::map<window, std::vector<std::pair<edge_id, edge_id>>> turns_;
  timeline out_;
};

}  // namespace

lane_state state_at(network const& net, lane_id lane, std::vector<lane_patch const*> const& of_lane, double time_s) {
  vclass_mask closed = 0, allowed = kAllClasses;
  bool permission = false, limited = false;
  double speed = static_cast<double>(net.lanes.speed_mps[lane]), limit = 0;
  std::vector<double> factors;
  for (lane_patch const* const p : of_lane) {
    if (time_s < p->begin_s || time_s >= p->end_s) continue;
    switch (p->what) {
      case lane_patch::kind::kClose:
        closed |= p->classes;
        break;
      case lane_patch::kind::kAllow:
        allowed &= p->classes;
        permission = true;
        break;
      case lane_patch::kind::kLimit:
        limit = limited ? std::min(limit, p->value) : p->value;
        limited = true;
        break;
      case lane_patch::kind::kFactor:
        factors.push_back(p->value);
        break;
    }
  }
  if (limited) speed = limit;
  std::sort(factors.begin(), factors.end());  // the product must not depend on the order of interventions
  for (double const f : factors) speed *= f;
  return {(permission ? allowed : net.lanes.allowed[lane]) & ~closed, speed};
}

timeline compose(network const& net, std::vector<lane_patch> const& patches, double begin_s, double end_s) {
  return composer(net, patches, begin_s, end_s).take();
}

}  // namespace gemeo
