#include "sim/network/mended_lanes.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "sim/core/error.h"
#include "sim/core/xml.h"
#include "sim/network/merges.h"

namespace gemeo {

namespace {

// Writes what it reads, but for what a rule changes.
class xml_copy : public xml_handler {
 public:
  void start(std::string_view element, xml_attributes const& a) override {
    if (depth_++ == 1 && !keep(element, a)) skipped_ = depth_;
    if (skipped_ > 0) return;
    if (depth_ > 2) inside(element, a);
    text_ += fmt::format("{:{}}<{}", "", 2 * (depth_ - 1), element);
    for (char const** p = a.pairs(); *p != nullptr; p += 2) {
      text_ += fmt::format(" {}=\"{}\"", p[0], xml_escape(value(p[0], p[1])));
    }
    text_ += ">\n";
    changed_.clear();
  }
  void end(std::string_view element) override {
    if (depth_-- == skipped_) {
      skipped_ = 0;
      return;
    }
    if (skipped_ > 0) return;
    if (depth_ == 0) at_end();
    text_ += fmt::format("{:{}}</{}>\n", "", 2 * depth_, element);
  }
  [[nodiscard]] bool wants_text() const override { return false; }

 protected:
  virtual bool keep(std::string_view element, xml_attributes const& a) = 0;  // of the root's children
  virtual void inside(std::string_view, xml_attributes const&) {}            // of what is kept
  virtual void at_end() {}
  void change(std::string const& name, std::string const& to) { changed_[name] = to; }
  void write(std::string const& line) { text_ += line; }
  std::string take_text() { return std::move(text_); }

 private:
  [[nodiscard]] std::string value(std::string const& name, char const* was) const {
    auto const it = changed_.find(name);
    return it != changed_.end() ? it->second : was;
  }
  std::string text_;
  std::map<std::string, std::string> changed_;
  std::size_t depth_ = 0, skipped_ = 0;
};

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

// An edge of the old network in the new one, where netconvert may have cut off a piece beside a ramp at either end.
class pieces {
 public:
  pieces(network const& is, std::string const& edge) {
    for (char const* const piece : {"-AddedOnRampEdge", "", "-AddedOffRampEdge"}) {
      if (auto const e = is.find_edge(edge + piece)) all_.push_back(*e);
    }
  }
  [[nodiscard]] bool empty() const { return all_.empty(); }
  [[nodiscard]] std::vector<edge_id> const& all() const { return all_; }  // as they are driven through
  // Where a place lies: lengths differ a little by the shapes of junctions, too.
  [[nodiscard]] std::pair<edge_id, double> at(network const& is, double share) const {
    double sum = 0;
    for (edge_id const e : all_) sum += is.length_m(e);
    double at_m = share * sum;
    for (std::size_t i = 0; i + 1 < all_.size(); ++i) {
      if (at_m < is.length_m(all_[i])) return {all_[i], at_m};
      at_m -= is.length_m(all_[i]);
    }
    return {all_.back(), at_m};
  }

 private:
  std::vector<edge_id> all_;
};

class loop_copy final : public xml_copy {
 public:
  loop_copy(network const& was, network const& is, moved_loops& out) : was_(was), is_(is), out_(out) {}
  std::string text() { return take_text(); }

 private:
  bool keep(std::string_view element, xml_attributes const& a) override {
    if (!a.find("lane")) return true;
    if (element == "inductionLoop" || element == "e1Detector" || element == "instantInductionLoop") {
      move(a);
    } else {
      ++out_.others;
    }
    return true;
  }
  void inside(std::string_view element, xml_attributes const& a) override {
    if (element == "detEntry" || element == "detExit") move(a);
  }

  void move(xml_attributes const& a) {
    auto const lane = was_.find_lane(a.text("lane"));
    if (!lane) a.fail(fmt::format("lane '{}' is not in the network", a.text("lane")));
    edge_id const e = was_.lanes.edge[*lane];
    pieces const now(is_, was_.edges.name[e]);
    if (now.empty()) a.fail(fmt::format("edge '{}' is not in the new network", was_.edges.name[e]));
    double const length_m = was_.length_m(e), given_m = a.number_or("pos", 0);
    double const pos_m = given_m < 0 ? given_m + length_m : given_m;
    constexpr double kRounded_m = 0.1;  // as files round lengths
    if ((pos_m < -kRounded_m || pos_m > length_m + kRounded_m) && !a.flag_or("friendlyPos", false))
      a.fail(fmt::format("pos {:g} lies beyond lane '{}', {:.2f} m long", given_m, a.text("lane"), length_m),
             "a place on the lane, or friendlyPos=\"true\" for its end");
    auto const [to, to_m] = now.at(is_, std::clamp(pos_m / length_m, 0.0, 1.0));
    std::size_t const had = was_.edges.lanes[e].size(), has = is_.edges.lanes[to].size();
    std::size_t const index = lane->value - was_.edges.lanes[e].begin + (has > had ? has - had : 0);  // added outside
    std::string const name = fmt::format("{}_{}", is_.edges.name[to], index);
    out_.moved += name != a.text("lane") ? 1U : 0U;
    change("lane", name);
    change("pos", fmt::format("{:.2f}", std::min(to_m, is_.length_m(to) - 0.1)));
  }

  network const &was_, &is_;
  moved_loops& out_;
};

}  // namespace

mended_connections mend_connections(network const& net, std::string_view plain, std::filesystem::path const& name,
                                    std::vector<junction_id> const& also) {
  mended_connections out;
  fast_junctions fast(net, also);
  find_hand_made by_hand(net, fast);
  parse_xml(plain, name, by_hand);
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

std::vector<std::string> missing_edges(network const& was, network const& is) {
  std::vector<std::string> out;
  for (std::uint32_t i = 0; i < was.edge_count(); ++i) {
    if (was.is_normal(edge_id(i)) && !is.find_edge(was.edges.name[edge_id(i)]))
      out.push_back(was.edges.name[edge_id(i)]);
  }
  return out;
}

turns_changed compare_turns(network const& was, network const& is) {
  std::set<std::pair<edge_id, edge_id>> there, asked;
  std::map<edge_id, edge_id> of_piece;
  for (connection const& c : is.connections) there.emplace(is.lanes.edge[c.from], is.lanes.edge[c.to]);
  turns_changed out;
  for (std::uint32_t i = 0; i < was.edge_count(); ++i) {
    if (!was.is_normal(edge_id(i))) continue;
    pieces const now(is, was.edges.name[edge_id(i)]);
    for (edge_id const piece : now.all()) of_piece.emplace(piece, edge_id(i));
  }
  for (connection const& c : was.connections) {
    edge_id const from = was.lanes.edge[c.from], to = was.lanes.edge[c.to];
    if (!was.is_normal(from) || !was.is_normal(to) || !asked.emplace(from, to).second) continue;
    std::vector<edge_id> way = pieces(is, was.edges.name[from]).all();
    pieces const on(is, was.edges.name[to]);
    if (way.empty() || on.empty()) continue;  // missing_edges names them
    way.push_back(on.all().front());
    bool whole = true;
    for (std::size_t i = 0; i + 1 < way.size(); ++i) whole = whole && there.contains({way[i], way[i + 1]});
    if (!whole) out.lost.push_back({was.edges.name[from], was.edges.name[to]});
  }
  for (auto const& [piece, next] : there) {
    auto const from = of_piece.find(piece), to = of_piece.find(next);
    if (from == of_piece.end() || to == of_piece.end() || from->second == to->second) continue;
    if (!asked.contains({from->second, to->second}))
      out.added.push_back({was.edges.name[from->second], was.edges.name[to->second]});
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
