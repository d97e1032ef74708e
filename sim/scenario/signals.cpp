// A new program for a traffic light, from the network's own and what the scenario changes of it.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "sim/core/error.h"
#include "sim/scenario/draft.h"

namespace gemeo {

namespace {

// As SUMO sees it: somebody has green and nobody yellow.
bool is_green(std::string const& state) {
  return state.find_first_of("gG") != std::string::npos && state.find_first_of("yY") == std::string::npos;
}

std::vector<std::size_t> green_phases(signal_program const& p) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < p.phases.size(); ++i) {
    if (is_green(p.phases[i].state)) out.push_back(i);
  }
  return out;
}

// Whole seconds that sum to the whole number nearest to `total`, by largest remainders.
std::vector<double> split_seconds(double total, std::vector<double> const& shares) {
  std::vector<double> out;
  for (double const s : shares) out.push_back(std::floor(total * s + 1e-9));
  std::vector<std::size_t> order(shares.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return total * shares[a] - out[a] > total * shares[b] - out[b];
  });
  auto left = static_cast<std::int64_t>(std::llround(total - std::accumulate(out.begin(), out.end(), 0.0)));
  for (std::size_t i = 0; left > 0 && i < order.size(); ++i, --left) out[order[i]] += 1;
  return out;
}

class program_builder {
 public:
  program_builder(network const& net, signal_id s, signal_program_config const& c) : net_(net), signal_(s), config_(c) {
    if (net.signals.programs[s].empty()) fail("has no program in the network that could be changed");
    program_ = net.signals.programs[s].back();
  }

  signal_program build() {
    if (config_.offset_s) program_.offset_s = *config_.offset_s;
    if (!config_.phases.empty()) {
      take_phases();
    } else {
      greens_ = green_phases(program_);
      if (greens_.empty()) fail("has no green phase");
      set_greens();
    }
    program_.type = "static";
    if (config_.mode == "actuated") actuate();
    return std::move(program_);
  }

 private:
  void take_phases() {
    program_.phases.clear();
    for (phase_config const& p : config_.phases) {
      if (p.state.size() != net_.signals.links[signal_]) {
        fail(fmt::format("has {} links, but the state '{}' names {}", net_.signals.links[signal_], p.state,
                         p.state.size()));
      }
      program_.phases.push_back(
          {p.duration_s, p.min_s > 0 ? p.min_s : p.duration_s, p.max_s > 0 ? p.max_s : p.duration_s, p.state});
    }
    greens_ = green_phases(program_);
    if (greens_.empty()) fail("would have no green phase");
  }

  void set_greens() {
    if (!config_.green_s.empty()) {
      expect(config_.green_s.size(), "green_s");
      for (std::size_t i = 0; i < greens_.size(); ++i) set(greens_[i], config_.green_s[i]);
      return;
    }
    if (!config_.cycle_s && config_.splits.empty()) return;
    double green = 0, cycle = 0;
    for (signal_phase const& p : program_.phases) cycle += p.duration_s;
    for (std::size_t const i : greens_) green += program_.phases[i].duration_s;
    double const fixed = cycle - green;
    double const free = config_.cycle_s.value_or(cycle) - fixed;
    std::vector<double> shares = config_.splits;
    if (shares.empty()) {
      for (std::size_t const i : greens_) shares.push_back(program_.phases[i].duration_s / green);
    } else {
      expect(shares.size(), "splits");
    }
    auto const seconds = split_seconds(free, shares);
    for (std::size_t i = 0; i < greens_.size(); ++i) {
      if (seconds[i] < 1) {
        fail(fmt::format(
            "cannot have a cycle of {} s: yellow and red phases take {} s, and green phase {} would get {} s",
            config_.cycle_s.value_or(cycle), fixed, i, seconds[i]));
      }
      set(greens_[i], seconds[i]);
    }
  }

  void expect(std::size_t n, char const* key) const {
    if (n != greens_.size()) fail(fmt::format("has {} green phases, but '{}' lists {}", greens_.size(), key, n));
  }
  void set(std::size_t phase, double seconds) {
    signal_phase& p = program_.phases[phase];
    p.duration_s = p.min_s = p.max_s = seconds;
  }

  void actuate() {
    program_.type = "actuated";
    for (std::size_t const i : greens_) {
      signal_phase& p = program_.phases[i];
      if (config_.min_green_s) p.min_s = *config_.min_green_s;
      if (config_.max_green_s) p.max_s = *config_.max_green_s;
      if (p.min_s <= 0 || p.max_s <= p.min_s)
        fail("would have greens of fixed length though actuated: give min_green_s and max_green_s");
      p.duration_s = std::clamp(p.duration_s, p.min_s, p.max_s);
    }
  }

  [[noreturn]] void fail(std::string const& what) const {
    throw_input(config_.label.where, fmt::format("traffic light '{}' {}", net_.signals.name[signal_], what));
  }

  network const& net_;
  signal_id signal_;
  signal_program_config const& config_;
  signal_program program_;
  std::vector<std::size_t> greens_;
};

}  // namespace

signal_program build_program(network const& net, signal_id s, signal_program_config const& c) {
  return program_builder(net, s, c).build();
}

}  // namespace gemeo
