#include "sim/network/mended_lanes.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "sim/core/error.h"
#include "sim/core/xml.h"
#include "sim/network/merges.h"
#include "sim/network/xml_copy.h"

namespace gemeo {

namespace {

// Junctions of fast roads alone: typed so, or without types and with one edge as fast.
class fast_junctions {
 public:
  fast_junctions(network const& net, std::vector<junction_id> const& also) {
    all_.resize(net.junctions.name.size());
    for (connection const& c : net.connections) {
      edge_id const from = net.lanes.edge[c.from], to = net.lanes.edge[c.to];
      if (!net.is_normal(from) || !net.is_normal(to)) continue;
      seen& s = all_[net.edges.to[from]];
      for (edge_id const e : {from, to}) {
        s.some = s.some || is_fast(net, e);
        s.all = s.all && (net.edges.type[e].empty() || is_fast(net, e));
      }
      s.signals = s.signals || c.signal.valid();
    }
    for (junction_id const j : also) all_[j].some = all_[j].all = true;
  }
  bool operator[](junction_id j) const { return all_[j].all && all_[j].some && !all_[j].signals; }
  void leave(junction_id j) { all_[j].all = false; }

 private:
  struct seen {
    bool all = true, some = false, signals = false;
  };
  id_vector<junction_id, seen> all_;
};

junction_id end_of(network const& net, xml_attributes const& a, char const* edge) {
  auto const e = net.find_edge(a.text(edge));
  if (!e) a.fail(fmt::format("edge '{}' is not in the network", a.text(edge)));
  return net.edges.to[*e];
}

// Connections with permissions or a course of their own were set by hand: their junctions stay.
class find_hand_made : public xml_handler {
 public:
  find_hand_made(network const& net, fast_junctions& fast) : net_(net), fast_(fast) {}
  void start(std::string_view element, xml_attributes const& a) override {
    if (element != "connection" || !a.find("to")) return;
    for (char const* const own : {"allow", "disallow", "shape", "uncontrolled", "speed", "pass", "keepClear", "contPos",
                                  "visibility", "length", "changeLeft", "changeRight", "type", "indirect"}) {
      if (a.find(own)) fast_.leave(end_of(net_, a, "from"));
    }
  }
  void end(std::string_view) override {}

 private:
  network const& net_;
  fast_junctions& fast_;
};

class connection_copy final : public xml_copy {
 public:
  connection_copy(network const& net, fast_junctions const& fast, mended_connections& out)
      : net_(net), fast_(fast), out_(out) {
    for (merge& m : find_merges(net)) {
      if (m.lanes_suffice() && m.ordered && fast[m.at]) merges_.emplace(m.at, std::move(m));
    }
    out.merges = merges_.size();
  }
  std::string text() { return take_text(); }

 private:
  bool keep(std::string_view element, xml_attributes const& a) override {
    if (element != "connection" || !a.find("to")) return true;
    junction_id const j = end_of(net_, a, "from");
    if (!fast_[j]) return true;
    if (merges_.contains(j)) return false;
    out_.junctions += freed_.insert(j).second ? 1U : 0U;
    if (pairs_.emplace(a.text("from"), a.text("to")).second)
      write(
          fmt::format("  <connection from=\"{}\" to=\"{}\"/>\n", xml_escape(a.text("from")), xml_escape(a.text("to"))));
    return false;
  }
  void at_end() override {
    for (auto const& [j, m] : merges_) write_lanes(m);
  }
  // Outer ways have the outer lanes, the innermost way the inner ones, and what lies between from its outermost lane.
  void write_lanes(merge const& m) {
    std::size_t lane = 0;
    for (std::size_t w = 0; w < m.ways.size(); ++w) {
      std::size_t const own = net_.edges.lanes[m.ways[w]].size();
      if (w + 1 == m.ways.size()) {
        for (; lane + own < m.lanes_on; ++lane) write_one(m, w, 0, lane);
      }
      for (std::size_t i = 0; i < own; ++i) write_one(m, w, i, lane++);
    }
  }
  void write_one(merge const& m, std::size_t way, std::size_t from, std::size_t to) {
    write(fmt::format("  <connection from=\"{}\" to=\"{}\" fromLane=\"{}\" toLane=\"{}\"/>\n",
                      xml_escape(net_.edges.name[m.ways[way]]), xml_escape(net_.edges.name[m.on]), from, to));
  }

  network const& net_;
  fast_junctions const& fast_;
  mended_connections& out_;
  std::map<junction_id, merge> merges_;
  std::set<junction_id> freed_;
  std::set<std::pair<std::string, std::string>> pairs_;
};

}  // namespace

mended_connections mend_connections(network const& net, std::string_view plain, std::filesystem::path const& name,
                                    junction_choice const& choice) {
  mended_connections out;
  fast_junctions fast(net, choice.also);
  find_hand_made by_hand(net, fast);
  parse_xml(plain, name, by_hand);
  for (junction_id const j : choice.leave) fast.leave(j);
  connection_copy copy(net, fast, out);
  parse_xml(plain, name, copy);
  out.text = copy.text();
  return out;
}

std::vector<junction_id> where_lanes_were_lost(network const& was, network const& is) {
  std::set<std::string> before;
  for (lane_id const l : find_lost_lanes(was)) before.insert(was.edges.name[was.lanes.edge[l]]);
  std::set<junction_id> out;
  for (lane_id const l : find_lost_lanes(is)) {
    edge_id const e = is.lanes.edge[l];
    auto const j = was.find_junction(is.junctions.name[is.edges.to[e]]);
    if (j && !before.contains(is.edges.name[e])) out.insert(*j);
  }
  return {out.begin(), out.end()};
}

}  // namespace gemeo
