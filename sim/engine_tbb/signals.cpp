#include "sim/engine_tbb/signals.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/core/error.h"

namespace gemeo::micro {

namespace {

constexpr double kDetectorGap_s = 2, kMaxGap_s = 3, kPassingTime_s = 1.9, kLengthWithGap_m = 7.5;
constexpr double kTiny = 1e-6;

double cycle_of(signal_program const& p) {
  double sum = 0;
  for (signal_phase const& f : p.phases) sum += f.duration_s;
  return sum;
}

bool is_actuated(signal_program const& p) { return p.type == "actuated"; }

signal_program const* last_program(network const& n, signal_id s) {
  auto const& all = n.signals.programs[s];
  return all.empty() || all.back().phases.empty() ? nullptr : &all.back();
}

}  // namespace

std::vector<std::string> signal_control::unsupported(scenario const& s) {
  std::vector<std::string> out;
  auto const check = [&](signal_id id, signal_program const& p) {
    if (p.type != "static" && p.type != "actuated" && !p.type.empty())
      out.push_back(fmt::format("signal '{}', program '{}' of type '{}'", s.net->signals.name[id], p.name, p.type));
  };
  for (std::size_t i = 0; i < s.net->signals.name.size(); ++i) {
    signal_id const id(i);
    if (signal_program const* p = last_program(*s.net, id)) check(id, *p);
    if (s.programs.contains(id)) {
      for (signal_program const& p : s.programs[id]) check(id, p);
    }
  }
  return out;
}

signal_control::signal_control(world& w) {
  network const& n = w.map->net();
  signals_.resize(n.signals.name.size());
  for (std::size_t i = 0; i < signals_.size(); ++i) {
    signal_id const s(i);
    signal_program const* p = last_program(n, s);
    if (p == nullptr) continue;
    light& l = signals_[s];
    l.programs.push_back(start(*p, w.now_s));
    if (w.s->programs.contains(s)) {
      for (signal_program const& other : w.s->programs[s]) {
        auto const same = [&](running const& r) { return r.program->name == other.name; };
        auto at = std::find_if(l.programs.begin(), l.programs.end(), same);
        if (at == l.programs.end()) at = l.programs.insert(at, start(other, w.now_s));
        l.of_scenario.push_back(static_cast<std::size_t>(at - l.programs.begin()));
      }
    }
    for (running& r : l.programs) {
      if (is_actuated(*r.program)) place_sensors(w, s, r);
    }
  }
}

bool signal_control::shows_any_of(char const* letters) const {
  auto const phase_does = [&](signal_phase const& f) { return f.state.find_first_of(letters) != std::string::npos; };
  return std::any_of(signals_.begin(), signals_.end(), [&](light const& l) {
    return std::any_of(l.programs.begin(), l.programs.end(), [&](running const& r) {
      return std::any_of(r.program->phases.begin(), r.program->phases.end(), phase_does);
    });
  });
}

signal_control::running signal_control::start(signal_program const& p, double now_s) {
  running r;
  r.program = &p;
  if (is_actuated(p)) {  // SUMO knows no offset for phases of no fixed length: they begin with the first one
    r.since_s = now_s;
    r.next_s = now_s + p.phases.front().min_s;
    return r;
  }
  double const cycle = cycle_of(p);
  double at = cycle > 0 ? std::fmod(now_s - p.offset_s, cycle) : 0;
  if (at < 0) at += cycle;
  while (r.phase + 1 < p.phases.size() && at >= p.phases[r.phase].duration_s - kTiny)
    at -= p.phases[r.phase++].duration_s;
  r.since_s = now_s - at;
  double const rest = p.phases[r.phase].duration_s - at;
  r.next_s = cycle > 0 ? now_s + rest : std::numeric_limits<double>::max();
  return r;
}

void signal_control::switch_to(signal_id s, std::uint32_t program) {
  signals_[s].shown = signals_[s].of_scenario.at(program);
  next_s_.clear();
}

void signal_control::place_sensors(world& w, signal_id s, running& r) {
  network const& n = w.map->net();
  signal_program const& p = *r.program;
  std::uint32_t const first = w.map->first_letter[s], links = n.signals.links[s];
  struct approach_lane {
    lane_id lane;
    std::vector<std::uint32_t> letters;  // of its links
  };
  std::vector<approach_lane> lanes;
  std::vector<bool> one_lane(links, false), turns_back(links, true), never_major(links, true);
  for (link const& l : w.map->links) {
    if (l.letter == kNone || l.letter < first || l.letter >= first + links || l.has(kFromInternal)) continue;
    std::uint32_t const letter = l.letter - first;
    auto at = std::find_if(lanes.begin(), lanes.end(), [&](approach_lane const& a) { return a.lane == l.from; });
    if (at == lanes.end()) at = lanes.insert(at, {l.from, {}});
    at->letters.push_back(letter);
    if (!l.has(kTurnaround)) turns_back[letter] = false;
    range const siblings = n.edges.lanes[n.lanes.edge[l.from]];
    int motorized = 0;
    for (std::uint32_t k = siblings.begin; k < siblings.end; ++k) {
      if ((n.lanes.allowed[lane_id(k)] & ~(mask_of(vclass::kPedestrian) | mask_of(vclass::kBicycle))) != 0) ++motorized;
    }
    if (motorized == 1) one_lane[letter] = true;
  }
  for (signal_phase const& f : p.phases) {
    for (std::uint32_t i = 0; i < links && i < f.state.size(); ++i) {
      if (f.state[i] == 'G') never_major[i] = false;
    }
  }
  for (approach_lane const& a : lanes) {
    sensor x;
    x.serves.assign(p.phases.size(), false);
    double least_green = std::numeric_limits<double>::max();
    bool any = false;
    for (std::size_t f = 0; f < p.phases.size(); ++f) {
      signal_phase const& phase = p.phases[f];
      if (phase.min_s == phase.max_s) continue;
      auto const has_major = [&] {
        return std::any_of(a.letters.begin(), a.letters.end(), [&](std::uint32_t i) { return phase.state[i] == 'G'; });
      };
      x.serves[f] = std::all_of(a.letters.begin(), a.letters.end(), [&](std::uint32_t i) {
        char const shown = phase.state[i];
        return shown == 'G' || (shown == 'g' && (((never_major[i] || turns_back[i]) && has_major()) || one_lane[i]));
      });
      if (!x.serves[f]) continue;
      any = true;
      least_green = std::min(least_green, phase.min_s);
    }
    if (!any) continue;
    double const back =
        std::min(kDetectorGap_s * w.lanes[a.lane].limit, (least_green / kPassingTime_s + 0.5) * kLengthWithGap_m);
    lane_id lane = a.lane;
    double pos = w.lanes[lane].length_m - back;
    while (pos < 0 && w.map->lanes[lane].single_before != kNone) {
      lane = lane_id(w.map->lanes[lane].single_before);
      pos += w.lanes[lane].length_m;
    }
    x.loop = static_cast<std::uint32_t>(w.loops.size());
    loop o;
    o.lane = lane;
    o.pos_m = std::max(0.0, pos);
    w.loops.push_back(o);
    r.sensors.push_back(std::move(x));
  }
}

void signal_control::renumber(std::vector<std::uint32_t> const& where) {
  for (light& l : signals_) {
    for (running& r : l.programs) {
      for (sensor& x : r.sensors) x.loop = where[x.loop];
    }
  }
}

void signal_control::save(byte_writer& out) const {
  for (light const& l : signals_) {
    out.put(std::uint64_t{l.programs.size()});
    out.put(std::uint64_t{l.shown});
    for (running const& r : l.programs) {
      out.put(std::uint64_t{r.phase});
      out.put(r.since_s);
      out.put(r.next_s);
    }
  }
}

void signal_control::restore(byte_reader& in) {
  next_s_.clear();
  for (light& l : signals_) {
    bool good = in.get<std::uint64_t>() == l.programs.size();
    l.shown = in.get<std::uint64_t>();
    l.written = nullptr;
    good = good && (l.programs.empty() || l.shown < l.programs.size());
    if (!good) throw_input("checkpoint", "has other signal programs", "restore it with the scenario it was made with");
    for (running& r : l.programs) {
      r.phase = in.get<std::uint64_t>();
      in.get(r.since_s);
      in.get(r.next_s);
      if (r.phase >= r.program->phases.size())
        throw_input("checkpoint", "names a signal phase that is not there",
                    "restore it with the scenario it was made with");
    }
  }
}

// The phase's time is up, or has to be looked at again.
void signal_control::step(world const& w, running& r) {
  signal_program const& p = *r.program;
  bool const actuated = is_actuated(p);
  signal_phase const& f = p.phases[r.phase];
  double const now = w.now_s, lasted = now - r.since_s;
  if (actuated && f.min_s != f.max_s) {
    double gap = std::numeric_limits<double>::max();
    if (lasted < f.max_s - kTiny) {
      for (sensor const& x : r.sensors) {
        double const seen = std::max(0.0, now - w.loops[x.loop].last_seen_s);
        if (x.serves[r.phase] && seen < kMaxGap_s) gap = std::min(gap, seen);
      }
    }
    if (gap < std::numeric_limits<double>::max()) {
      double rest = std::max({f.min_s - lasted, kDetectorGap_s - gap, 0.001});
      rest = std::ceil(rest - kTiny);
      r.next_s = now + std::max(kTiny, std::min(rest, f.max_s - lasted));
      return;
    }
  }
  r.phase = (r.phase + 1) % p.phases.size();
  r.since_s = now;
  signal_phase const& next = p.phases[r.phase];
  r.next_s = now + (actuated && next.min_s != next.max_s ? next.min_s : next.duration_s);
}

void signal_control::tick(world& w) {
  next_s_.resize(signals_.size(), w.now_s);
  for (std::size_t i = 0; i < signals_.size(); ++i) {
    double& next_s = next_s_[signal_id(i)];
    if (w.now_s < next_s - kTiny) continue;
    light& l = signals_[signal_id(i)];
    next_s = std::numeric_limits<double>::max();
    if (l.programs.empty()) continue;
    for (running& r : l.programs) {
      std::size_t const most = 2 * r.program->phases.size() + 2;
      for (std::size_t guard = 0; w.now_s >= r.next_s - kTiny && guard < most; ++guard) step(w, r);
      next_s = std::min(next_s, r.next_s);
    }
    running const& shown = l.programs[l.shown];
    std::string const& state = shown.program->phases[shown.phase].state;
    if (l.written == &state) continue;
    l.written = &state;
    char* const to = w.letters.data() + w.map->first_letter[signal_id(i)];
    std::copy_n(state.data(), std::min<std::size_t>(state.size(), w.map->net().signals.links[signal_id(i)]), to);
  }
}

}  // namespace gemeo::micro
