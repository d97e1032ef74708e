#include "sim/network/mended_parts.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>

#include "sim/network/spatial_index.h"
#include "sim/network/xml_copy.h"

namespace gemeo {

namespace {

// An edge of the old network in the new one, as it is driven through. Pieces that the old one has already are edges of
// their own.
std::vector<edge_id> pieces_of(network const& was, network const& is, edge_id edge) {
  std::vector<edge_id> out;
  for (char const* const piece : {"-AddedOnRampEdge", "", "-AddedOffRampEdge"}) {
    std::string const name = was.edges.name[edge] + piece;
    if (*piece != '\0' && was.find_edge(name)) continue;
    if (auto const e = is.find_edge(name)) out.push_back(*e);
  }
  return out;
}

using edge_pair = std::pair<edge_id, edge_id>;

// Who may go from edge to edge, by any lanes.
std::map<edge_pair, vclass_mask> turns_of(network const& net) {
  std::map<edge_pair, vclass_mask> out;
  for (connection const& c : net.connections) {
    edge_id const from = net.lanes.edge[c.from], to = net.lanes.edge[c.to];
    if (!net.is_normal(from) || !net.is_normal(to)) continue;
    vclass_mask who = net.lanes.allowed[c.from] & net.lanes.allowed[c.to];
    if (c.via.valid()) who &= net.lanes.allowed[c.via];
    out[{from, to}] |= who;
  }
  return out;
}

vclass_mask who_turns(std::map<edge_pair, vclass_mask> const& turns, edge_id from, edge_id to) {
  auto const at = turns.find({from, to});
  return at == turns.end() ? 0 : at->second;
}

class loop_copy final : public xml_copy {
 public:
  loop_copy(network const& was, network const& is, moved_loops& out) : was_(was), is_(is), out_(out) {}
  std::string text() { return take_text(); }

 private:
  void root(std::string_view element, xml_attributes const& a) override {
    if (element != "additional" && element != "add")
      a.fail(fmt::format("<{}> is no additional file", element), "a file of <additional> with detectors");
  }
  bool keep(std::string_view element, xml_attributes const& a) override {
    inside(element, a);
    return true;
  }
  void inside(std::string_view element, xml_attributes const& a) override {
    bool const moves = element == "inductionLoop" || element == "e1Detector" || element == "instantInductionLoop" ||
                       element == "detEntry" || element == "detExit";
    if (moves) {
      move(a);
    } else if (a.find("lane") || a.find("lanes")) {
      ++out_.others;
    }
  }

  void move(xml_attributes const& a) {
    auto const lane = was_.find_lane(a.text("lane"));
    if (!lane) a.fail(fmt::format("lane '{}' is not in the network", a.text("lane")));
    edge_id const e = was_.lanes.edge[*lane];
    if (!was_.is_normal(e))
      a.fail(fmt::format("lane '{}' lies inside a junction, and the lanes there are others now", a.text("lane")),
             "a place on the lane before or behind it");
    double const pos_m = place(a, *lane);
    point const at = place_on(was_, *lane, pos_m);
    std::size_t const index = lane->value - was_.edges.lanes[e].begin, had = was_.edges.lanes[e].size();
    lane_hit best{lane_id(), std::numeric_limits<double>::infinity(), 0};
    for (edge_id const piece : pieces_of(was_, is_, e)) {
      std::size_t const has = is_.edges.lanes[piece].size();  // added ones lie outside
      lane_id const l(is_.edges.lanes[piece].begin + (has >= had ? index + has - had : std::min(index, has - 1)));
      lane_hit const hit = nearest_on(is_, l, static_cast<double>(at.x), static_cast<double>(at.y));
      if (hit.distance_m < best.distance_m) best = hit;
    }
    if (!best.lane.valid()) a.fail(fmt::format("edge '{}' is not in the new network", was_.edges.name[e]));
    std::string const name = is_.lane_name(best.lane);
    out_.moved += name != a.text("lane") ? 1U : 0U;
    out_.farthest_m = std::max(out_.farthest_m, best.distance_m);
    change("lane", name);
    change("pos", fmt::format("{:.2f}", std::clamp(best.pos_m, 0.0, double{is_.lanes.length_m[best.lane]} - 0.1)));
  }

  [[nodiscard]] double place(xml_attributes const& a, lane_id lane) const {
    constexpr double kRounded_m = 0.1;  // as files round lengths
    double const length_m = double{was_.lanes.length_m[lane]}, given_m = a.number("pos");
    double const pos_m = given_m < 0 ? given_m + length_m : given_m;
    bool const friendly = a.flag_or("friendlyPos", false);
    if ((pos_m < -kRounded_m || pos_m > length_m + kRounded_m) && !friendly)
      a.fail(fmt::format("pos {:g} lies beyond lane '{}', {:.2f} m long", given_m, a.text("lane"), length_m),
             "a place on the lane, or friendlyPos=\"true\" for its end");
    return std::clamp(pos_m, 0.0, length_m);
  }

  network const &was_, &is_;
  moved_loops& out_;
};

}  // namespace

std::vector<std::string> missing_edges(network const& was, network const& is) {
  std::vector<std::string> out;
  for (std::uint32_t i = 0; i < was.edge_count(); ++i) {
    if (was.is_normal(edge_id(i)) && !is.find_edge(was.edges.name[edge_id(i)]))
      out.push_back(was.edges.name[edge_id(i)]);
  }
  return out;
}

turns_changed compare_turns(network const& was, network const& is) {
  auto const before = turns_of(was), now = turns_of(is);
  turns_changed out;
  std::map<edge_id, edge_id> of_piece;
  for (std::uint32_t i = 0; i < was.edge_count(); ++i) {
    if (!was.is_normal(edge_id(i))) continue;
    for (edge_id const piece : pieces_of(was, is, edge_id(i))) of_piece.emplace(piece, edge_id(i));
  }
  for (auto const& [pair, who] : before) {
    std::vector<edge_id> way = pieces_of(was, is, pair.first);
    std::vector<edge_id> const on = pieces_of(was, is, pair.second);
    if (way.empty() || on.empty()) continue;  // missing_edges names them
    way.push_back(on.front());
    vclass_mask still = who;
    for (std::size_t i = 0; i + 1 < way.size(); ++i) still &= who_turns(now, way[i], way[i + 1]);
    if (still != who) out.lost.push_back({was.edges.name[pair.first], was.edges.name[pair.second], who & ~still});
  }
  for (auto const& [pair, who] : now) {
    auto const from = of_piece.find(pair.first), to = of_piece.find(pair.second);
    if (from == of_piece.end() || to == of_piece.end() || from->second == to->second) continue;
    vclass_mask const more = who & ~who_turns(before, from->second, to->second);
    if (more != 0) out.added.push_back({was.edges.name[from->second], was.edges.name[to->second], more});
  }
  return out;
}

moved_loops move_loops(network const& was, network const& is, std::string_view additional,
                       std::filesystem::path const& name) {
  moved_loops out;
  loop_copy copy(was, is, out);
  parse_xml(additional, name, copy);
  out.text = copy.text();
  return out;
}

}  // namespace gemeo
