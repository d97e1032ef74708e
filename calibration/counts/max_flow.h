// The most that can flow through a network of arcs with capacities, and the narrowest cut that forbids more (Ford and
// Fulkerson, Canadian Journal of Mathematics 8, 1956), found by Dinic's blocking flows (Soviet Mathematics Doklady 11,
// 1970). Invariants: arcs are tried in the order in which they were added, so results are the same bits everywhere;
// what is left of an arc below kLeastFlow counts as nothing. Units: the caller's. Thread rule: one thread.
#pragma once

#include <cstdint>
#include <vector>

namespace gemeo {

inline constexpr double kLeastFlow = 1e-6, kUnlimitedFlow = 1e9;

class flow_graph {
 public:
  explicit flow_graph(std::uint32_t nodes) : first_(nodes, kNone) {}
  std::uint32_t add_node();
  // capacity >= 0 and finite; the arc's number.
  std::uint32_t add_arc(std::uint32_t from, std::uint32_t to, double capacity);
  void set_capacity(std::uint32_t arc, double capacity);  // forgets what flows: call before maximize
  // From nothing: all flow is taken off first. at_most: it stops there.
  double maximize(std::uint32_t source, std::uint32_t sink, double at_most = kUnlimitedFlow);
  [[nodiscard]] double flow(std::uint32_t arc) const;
  [[nodiscard]] double capacity(std::uint32_t arc) const { return capacity_[arc]; }
  // After maximize(): by node, whether more could still get there from the source. Arcs out of the set are a least cut.
  [[nodiscard]] std::vector<bool> source_side(std::uint32_t source) const;

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;
  bool rank(std::uint32_t source, std::uint32_t sink);
  double push(std::uint32_t source, std::uint32_t sink, double at_most);

  struct half_arc {  // each arc, and its way back, one after the other
    std::uint32_t to = 0, next = kNone;
    double left = 0;
  };
  std::vector<half_arc> arcs_;
  std::vector<double> capacity_;                  // of arcs
  std::vector<std::uint32_t> first_, at_, rank_;  // by node
};

}  // namespace gemeo
