// Reads SUMO's .net.xml in one pass, in SUMO's own order (edges before junctions and connections), then checks the
// references that may point ahead: junctions named by edges, signals named by connections.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <unordered_map>
#include <utility>

#include "sim/core/error.h"
#include "sim/core/hash.h"
#include "sim/core/text_file.h"
#include "sim/core/xml.h"
#include "sim/network/network.h"

namespace gemeo {

namespace {

constexpr double kMaxCoordinate_m = 1e8;  // a float still tells such points apart by 8 m
constexpr double kMaxLength_m = 1e7;
constexpr double kVisibility_m = 4.5, kZipperVisibility_m = 100;  // SUMO's defaults
constexpr double kDefaultLaneWidth_m = 3.2;                       // SUMO_const_laneWidth
constexpr std::uint64_t kMaxReserve = std::uint64_t{1} << 30U;
constexpr std::int64_t kMaxLink = 1 << 16;  // links of one signal
constexpr std::string_view kSignalStates = "GgrRyYsuoO";
constexpr std::string_view kBlanks = " \t\r\n";

constexpr std::array<std::pair<std::string_view, edge_function>, 5> kFunctions = {
    {{"normal", edge_function::kNormal},
     {"internal", edge_function::kInternal},
     {"connector", edge_function::kConnector},
     {"crossing", edge_function::kCrossing},
     {"walkingarea", edge_function::kWalkingArea}}};

constexpr std::array<std::pair<std::string_view, junction_type>, 18> kJunctionTypes = {
    {{"priority", junction_type::kPriority},
     {"traffic_light", junction_type::kTrafficLight},
     {"right_before_left", junction_type::kRightBeforeLeft},
     {"left_before_right", junction_type::kLeftBeforeRight},
     {"allway_stop", junction_type::kAllwayStop},
     {"priority_stop", junction_type::kPriorityStop},
     {"unregulated", junction_type::kUnregulated},
     {"dead_end", junction_type::kDeadEnd},
     {"internal", junction_type::kInternal},
     {"zipper", junction_type::kZipper},
     {"rail_signal", junction_type::kRailSignal},
     {"rail_crossing", junction_type::kRailCrossing},
     {"traffic_light_unregulated", junction_type::kTrafficLightUnregulated},
     {"traffic_light_right_on_red", junction_type::kTrafficLightRightOnRed},
     {"district", junction_type::kDistrict},
     {"unknown", junction_type::kOther},
     {"intermodal", junction_type::kOther},
     {"NONE", junction_type::kOther}}};

// What may stand in a network and says nothing about traffic that gemeo keeps.
constexpr std::array<std::string_view, 11> kPassedOver = {"type",      "restriction", "laneType", "param",
                                                          "neigh",     "stopOffset",  "taz",      "prohibition",
                                                          "condition", "assignment",  "function"};
constexpr std::array<std::string_view, 9> kKnown = {"location", "edge",    "lane",       "tlLogic",   "phase",
                                                    "junction", "request", "connection", "roundabout"};

template <typename F>
void for_each_word(std::string_view s, F&& f) {
  for (std::size_t pos = s.find_first_not_of(kBlanks); pos != std::string_view::npos;) {
    std::size_t const end = std::min(s.find_first_of(kBlanks, pos), s.size());
    f(s.substr(pos, end - pos));
    pos = s.find_first_not_of(kBlanks, end);
  }
}

template <typename Table>
auto lookup(Table const& table, std::string_view name) -> std::optional<decltype(table[0].second)> {
  for (auto const& [key, value] : table) {
    if (key == name) return value;
  }
  return std::nullopt;
}

class net_reader : public xml_handler {
 public:
  explicit net_reader(network& net, std::filesystem::path file) : net_(net), file_(std::move(file)) {}

  // Memory for a network of that many bytes of XML, so that tables do not move while they grow: a page that is never
  // touched costs nothing. The shares are those of large imported cities.
  void reserve(std::uint64_t xml_bytes) {
    auto const n = static_cast<std::size_t>(std::min(xml_bytes, kMaxReserve));
    edge_table& e = net_.edges;
    e.name.reserve(n / 500);
    e.road_name.reserve(n / 500);
    e.type.reserve(n / 500);
    e.function.reserve(n / 500);
    e.from.reserve(n / 500);
    e.to.reserve(n / 500);
    e.lanes.reserve(n / 500);
    e.priority.reserve(n / 500);
    lane_table& l = net_.lanes;
    l.edge.reserve(n / 500);
    l.length_m.reserve(n / 500);
    l.speed_mps.reserve(n / 500);
    l.width_m.reserve(n / 500);
    l.allowed.reserve(n / 500);
    l.shape.reserve(n / 500);
    net_.points.reserve(n / 60);
    net_.connections.reserve(n / 350);
    net_.requests.reserve(n / 800);
    net_.lane_refs.reserve(n / 300);
  }

  void start(std::string_view element, xml_attributes const& a) override {
    ++depth_;
    if (depth_ == 1) return read_root(element, a);
    if (element == "lane") return read_lane(a);
    if (element == "edge") return read_edge(a);
    if (element == "connection") return read_connection(a);
    if (element == "request") return read_request(a);
    if (element == "junction") return read_junction(a);
    if (element == "phase") return read_phase(a);
    if (element == "tlLogic") return read_program(a);
    if (element == "location") return read_location(a);
    if (element == "roundabout") return read_roundabout(a);
    if (std::find(kPassedOver.begin(), kPassedOver.end(), element) == kPassedOver.end()) {
      a.fail("is no element of a SUMO network", did_you_mean(std::string(element), kKnown));
    }
  }

  void end(std::string_view element) override {
    --depth_;
    if (depth_ != 1) return;
    if (element == "edge") end_edge();
    if (element == "junction") end_junction();
    if (element == "tlLogic") program_ = nullptr;
    edge_ = edge_id();
    junction_ = junction_id();
  }

  [[nodiscard]] bool wants_text() const override { return false; }

  void finish() {
    if (net_.edges.name.empty()) {
      throw_input(file_.string(), "the network has no edges", "make it again with netconvert or 'gemeo import'");
    }
    check_junctions();
    check_signals();
    sort_connections();
    link_edges();
    find_bounds();
    net_.set_name_indexes(std::move(edge_names_), std::move(junction_names_), std::move(signal_names_));
  }

 private:
  // --- elements -------------------------------------------------------------------------------------------------

  void read_root(std::string_view element, xml_attributes const& a) {
    if (element != "net") {
      a.fail(fmt::format("the file holds <{}>, not a SUMO network", element), "name the .net.xml file");
    }
    net_.left_hand = a.flag_or("lefthand", false);
  }

  void read_location(xml_attributes const& a) {
    if (has_location_) a.fail("a network has one <location>", "remove one of them");
    has_location_ = true;
    net_.projection = a.text_or("projParameter", "!");
    if (auto const offset = a.find("netOffset")) {
      std::size_t const comma = offset->find(',');
      auto const x = parse_number(offset->substr(0, comma));
      auto const y = comma == std::string_view::npos ? std::nullopt : parse_number(offset->substr(comma + 1));
      if (!x || !y) a.fail(fmt::format("netOffset is not 'x,y': '{}'", *offset));
      net_.offset_x = *x;
      net_.offset_y = *y;
    }
  }

  void read_edge(xml_attributes const& a) {
    at_top(a);
    std::string_view const name = a.text("id");
    if (name.empty()) a.fail("the id is empty");
    edge_table& e = net_.edges;
    if (edge_names_.find(name, e.name.raw()) != name_index::kNone) a.fail("an edge of this id exists already");
    edge_function function = edge_function::kNormal;
    if (auto const text = a.find("function")) {
      auto const known = lookup(kFunctions, *text);
      if (!known)
        a.fail(fmt::format("unknown function '{}'", *text), "normal, internal, connector, crossing or walkingarea");
      function = *known;
    }
    junction_id from, to;
    if (function == edge_function::kNormal || function == edge_function::kConnector) {
      from = refer_junction(a.text("from"), a);
      to = refer_junction(a.text("to"), a);
    } else {
      from = to = refer_junction(junction_of_internal(name, a), a);
    }
    edge_ = e.name.push_back(std::string(name));
    edge_names_.add(name, edge_.value);
    e.road_name.push_back(std::string(a.text_or("name", "")));
    e.type.push_back(std::string(a.text_or("type", "")));
    e.function.push_back(function);
    e.from.push_back(from);
    e.to.push_back(to);
    e.priority.push_back(small_integer(a, "priority", -1));
    auto const first = static_cast<std::uint32_t>(net_.lanes.edge.size());
    e.lanes.push_back({first, first});
    edge_line_ = a.line();
  }

  void end_edge() {
    if (edge_.valid() && net_.edges.lanes[edge_].size() == 0)
      throw_input(where("edge", edge_line_, net_.edges.name[edge_]), "the edge has no lanes");
  }

  void read_lane(xml_attributes const& a) {
    if (!edge_.valid() || depth_ != 3) a.fail("a lane stands inside an edge only");
    lane_table& l = net_.lanes;
    range& lanes = net_.edges.lanes[edge_];
    std::uint32_t const index = lanes.size();
    // netconvert numbers the second halves of internal lanes wrongly (index 0 twice); their ids are right.
    bool const internal = net_.edges.function[edge_] == edge_function::kInternal;
    if (a.integer("index") != index && !internal) {
      a.fail(fmt::format("lanes are numbered from the right: expected index {}", index));
    }
    check_lane_name(a, index);
    double const length = a.number("length");
    double const speed = a.number("speed");
    double const width = a.number_or("width", kDefaultLaneWidth_m);
    if (length < 0 || length > kMaxLength_m)
      a.fail(fmt::format("length {} is not between 0 and {} m", length, kMaxLength_m));
    if (speed < 0 || speed > 1000) a.fail(fmt::format("speed {} is not between 0 and 1000 m/s", speed));
    if (width < 0 || width > 1000) a.fail(fmt::format("width {} is not between 0 and 1000 m", width));
    range const shape = add_points(a, a.text("shape"));
    if (shape.size() < 2) a.fail("the shape has fewer than two points");
    l.edge.push_back(edge_);
    l.length_m.push_back(static_cast<float>(length));
    l.speed_mps.push_back(static_cast<float>(speed));
    l.width_m.push_back(static_cast<float>(width));
    l.allowed.push_back(permissions(a));
    l.change_left.push_back(changes(a, "changeLeft"));
    l.change_right.push_back(changes(a, "changeRight"));
    l.acceleration.push_back(a.flag_or("acceleration", false) ? 1 : 0);
    l.shape.push_back(shape);
    ++lanes.end;
  }

  void read_program(xml_attributes const& a) {
    at_top(a);
    signal_id const s = refer_signal(a.text("id"), a);
    signal_program p;
    p.name = a.text("programID");
    p.type = a.text_or("type", "static");
    p.offset_s = a.time_or("offset", 0);
    auto& programs = net_.signals.programs[s];
    for (signal_program const& other : programs) {
      if (other.name == p.name) a.fail(fmt::format("program '{}' of this signal exists already", p.name));
    }
    signal_defined_[s.index()] = true;
    programs.push_back(std::move(p));
    program_ = &programs.back();
    program_places_.push_back({s, programs.size() - 1, a.line()});
  }

  void read_phase(xml_attributes const& a) {
    if (program_ == nullptr) a.fail("a phase stands inside a tlLogic only");
    signal_phase p;
    if (!a.find("duration")) a.fail("attribute 'duration' is missing");
    p.duration_s = a.time_or("duration", 0);
    p.min_s = a.time_or("minDur", p.duration_s);
    p.max_s = a.time_or("maxDur", p.duration_s);
    if (p.duration_s < 0 || p.min_s < 0 || p.max_s < 0) a.fail("a duration is negative");
    p.state = a.text("state");
    if (p.state.empty()) a.fail("the state is empty", "one letter per link");
    if (std::size_t const bad = p.state.find_first_not_of(kSignalStates); bad != std::string::npos) {
      a.fail(fmt::format("the state has the unknown letter '{}' at link {}", p.state[bad], bad),
             "one of GgrRyYsuoO per link");
    }
    if (!program_->phases.empty() && program_->phases.front().state.size() != p.state.size()) {
      a.fail(fmt::format("the state has {} letters, the first phase {}", p.state.size(),
                         program_->phases.front().state.size()));
    }
    program_->phases.push_back(std::move(p));
  }

  void read_junction(xml_attributes const& a) {
    at_top(a);
    std::string_view const name = a.text("id");
    if (name.empty()) a.fail("the id is empty");
    junction_ = refer_junction(name, a);
    if (junction_defined_[junction_.index()]) a.fail("a junction of this id exists already");
    junction_defined_[junction_.index()] = true;
    junction_table& j = net_.junctions;
    std::string_view const type = a.text("type");
    auto const known = lookup(kJunctionTypes, type);
    if (!known) a.fail(fmt::format("unknown junction type '{}'", type), did_you_mean(std::string(type), type_names()));
    j.type[junction_] = *known;
    if (*known == junction_type::kRailSignal || *known == junction_type::kRailCrossing) {
      signal_defined_[refer_signal(name, a).index()] = true;  // SUMO makes their logic from the junction
    }
    j.position[junction_] = {coordinate(a, a.number("x")), coordinate(a, a.number("y")),
                             coordinate(a, a.number_or("z", 0))};
    j.shape[junction_] = add_points(a, a.text_or("shape", ""));
    j.incoming_lanes[junction_] = add_lanes(a, "incLanes");
    j.internal_lanes[junction_] = add_lanes(a, "intLanes");
    auto const first = static_cast<std::uint32_t>(net_.requests.size());
    j.requests[junction_] = {first, first};
    junction_line_ = a.line();
  }

  void read_request(xml_attributes const& a) {
    if (!junction_.valid()) a.fail("a request stands inside a junction only");
    range& r = net_.junctions.requests[junction_];
    if (a.integer("index") != r.size())
      a.fail(fmt::format("requests are numbered from 0: expected index {}", r.size()));
    request q;
    q.response = links_of(a, "response");
    q.foes = links_of(a, "foes");
    q.may_continue = a.flag_or("cont", false);
    net_.requests.push_back(std::move(q));
    ++r.end;
  }

  void end_junction() {
    if (!junction_.valid()) return;
    range const r = net_.junctions.requests[junction_];
    for (std::uint32_t i = r.begin; i < r.end; ++i) {
      request const& q = net_.requests[i];
      if (q.response.size() != r.size() || q.foes.size() != r.size()) {
        throw_input(where("junction", junction_line_, net_.junctions.name[junction_]),
                    fmt::format("request {} speaks of {} and {} links, the junction has {}", i - r.begin,
                                q.response.size(), q.foes.size(), r.size()),
                    "make the network again with netconvert");
      }
    }
  }

  void read_connection(xml_attributes const& a) {
    at_top(a);
    connection c;
    c.from = lane_of(a, "from", "fromLane");
    c.to = lane_of(a, "to", "toLane");
    if (auto const via = a.find("via"); via && !via->empty()) c.via = lane_named(a, *via);
    std::string_view const dir = a.text_or("dir", "s");
    std::string_view const state = a.text_or("state", "M");
    if (dir.empty() || (dir.size() > 1 && dir != "invalid")) a.fail(fmt::format("unknown direction '{}'", dir));
    if (state.size() != 1) a.fail(fmt::format("unknown state '{}'", state));
    c.dir = dir.front();
    c.state = state.front();
    c.keep_clear = a.flag_or("keepClear", true);
    double const visibility = a.number_or("visibility", c.state == 'Z' ? kZipperVisibility_m : kVisibility_m);
    if (visibility < 0 || visibility > kMaxLength_m) a.fail(fmt::format("visibility {} is no distance", visibility));
    c.visibility_m = static_cast<float>(visibility);
    if (auto const tl = a.find("tl"); tl && !tl->empty()) {
      std::int64_t const link = a.integer("linkIndex");
      if (link < 0 || link >= kMaxLink) a.fail(fmt::format("linkIndex {} is not between 0 and {}", link, kMaxLink - 1));
      c.signal = refer_signal(*tl, a);
      c.link = static_cast<std::int32_t>(link);
      std::uint32_t& links = net_.signals.links[c.signal];
      links = std::max(links, static_cast<std::uint32_t>(link) + 1);
      if (auto const second = a.integer_or("linkIndex2", -1); second >= kMaxLink) {
        a.fail(fmt::format("linkIndex2 {} is not below {}", second, kMaxLink));
      }
    }
    net_.connections.push_back(c);
  }

  void read_roundabout(xml_attributes const& a) {
    roundabout r;
    for_each_word(a.text_or("nodes", ""), [&](std::string_view name) {
      auto const id = junction_names_.find(name, net_.junctions.name.raw());
      if (id == name_index::kNone) a.fail(fmt::format("unknown junction '{}'", name));
      r.junctions.emplace_back(id);
    });
    for_each_word(a.text_or("edges", ""), [&](std::string_view name) {
      auto const id = edge_names_.find(name, net_.edges.name.raw());
      if (id == name_index::kNone) a.fail(fmt::format("unknown edge '{}'", name));
      r.edges.emplace_back(id);
    });
    net_.roundabouts.push_back(std::move(r));
  }

  // --- attributes -----------------------------------------------------------------------------------------------

  void at_top(xml_attributes const& a) const {
    if (depth_ != 2) a.fail("the element stands inside another one", "it belongs directly into <net>");
  }

  static std::int32_t small_integer(xml_attributes const& a, char const* name, std::int32_t fallback) {
    std::int64_t const v = a.integer_or(name, fallback);
    if (v < -1'000'000 || v > 1'000'000) a.fail(fmt::format("attribute '{}' is out of range: {}", name, v));
    return static_cast<std::int32_t>(v);
  }

  static float coordinate(xml_attributes const& a, double v) {
    if (std::abs(v) > kMaxCoordinate_m) a.fail(fmt::format("coordinate {} is beyond {} m", v, kMaxCoordinate_m));
    return static_cast<float>(v);
  }

  // ":J_3" belongs to J; ":J_c0" and ":J_w1" too.
  static std::string_view junction_of_internal(std::string_view name, xml_attributes const& a) {
    std::size_t const bar = name.rfind('_');
    if (name.front() != ':' || bar == std::string_view::npos || bar < 2) {
      a.fail("the id of an internal edge is ':JUNCTION_NUMBER'", "make the network again with netconvert");
    }
    return name.substr(1, bar - 1);
  }

  void check_lane_name(xml_attributes const& a, std::uint32_t index) {
    std::string_view const id = a.text("id");
    std::string const& edge = net_.edges.name[edge_];
    std::array<char, 16> digits{};
    char const* const end = std::to_chars(digits.data(), digits.data() + digits.size(), index).ptr;
    std::string_view const number(digits.data(), static_cast<std::size_t>(end - digits.data()));
    bool const same = id.size() == edge.size() + 1 + number.size() && id.starts_with(edge) && id[edge.size()] == '_' &&
                      id.ends_with(number);
    if (!same) a.fail(fmt::format("the lane's id must be '{}_{}'", edge, index));
  }

  vclass_mask permissions(xml_attributes const& a) {
    std::string_view const allow = a.text_or("allow", "");
    if (!allow.empty()) return classes(a, allow);
    std::string_view const disallow = a.text_or("disallow", "");
    return disallow.empty() ? kAllClasses : kAllClasses & ~classes(a, disallow);
  }

  vclass_mask changes(xml_attributes const& a, char const* attribute) {
    auto const text = a.find(attribute);
    return text && !text->empty() ? classes(a, *text) : kAllClasses;
  }

  vclass_mask classes(xml_attributes const& a, std::string_view text) {
    key_.assign(text);
    if (auto const it = masks_.find(key_); it != masks_.end()) return it->second;
    std::string unknown;
    auto const m = parse_vclasses(text, &unknown);
    if (!m) {
      a.fail(fmt::format("unknown vehicle class '{}'", unknown),
             "gemeo knows the classes of SUMO 1.15; make the network with it");
    }
    if (masks_.size() < 4096) masks_.emplace(key_, *m);
    return *m;
  }

  range add_points(xml_attributes const& a, std::string_view text) {
    auto const begin = static_cast<std::uint32_t>(net_.points.size());
    char const* p = text.data();
    char const* const end = p + text.size();
    auto const number = [&] {
      double v = 0;
      auto const [next, ec] = std::from_chars(p, end, v);
      if (ec != std::errc() || !std::isfinite(v))
        a.fail(fmt::format("the shape is not 'x,y x,y ...' at '{}'",
                           std::string_view(p, static_cast<std::size_t>(std::min<std::ptrdiff_t>(end - p, 20)))));
      p = next;
      return coordinate(a, v);
    };
    auto const skip_blanks = [&] {
      while (p != end && kBlanks.find(*p) != std::string_view::npos) ++p;
    };
    for (skip_blanks(); p != end; skip_blanks()) {
      point q;
      q.x = number();
      if (p == end || *p != ',') a.fail("the shape has a point without y", "points are 'x,y' or 'x,y,z'");
      ++p;
      q.y = number();
      if (p != end && *p == ',') {
        ++p;
        q.z = number();
      }
      if (p != end && kBlanks.find(*p) == std::string_view::npos)
        a.fail("the shape has a point with odd characters", "points are 'x,y' or 'x,y,z'");
      net_.points.push_back(q);
    }
    return {begin, static_cast<std::uint32_t>(net_.points.size())};
  }

  range add_lanes(xml_attributes const& a, char const* attribute) {
    auto const begin = static_cast<std::uint32_t>(net_.lane_refs.size());
    for_each_word(a.text_or(attribute, ""),
                  [&](std::string_view name) { net_.lane_refs.push_back(lane_named(a, name)); });
    return {begin, static_cast<std::uint32_t>(net_.lane_refs.size())};
  }

  lane_id lane_named(xml_attributes const& a, std::string_view name) const {
    std::size_t const bar = name.rfind('_');
    if (bar != std::string_view::npos) {
      auto const e = edge_names_.find(name.substr(0, bar), net_.edges.name.raw());
      auto const index = parse_integer(name.substr(bar + 1));
      if (e != name_index::kNone && index && *index >= 0 && *index < net_.edges.lanes[edge_id(e)].size()) {
        return lane_id(net_.edges.lanes[edge_id(e)].begin + static_cast<std::uint32_t>(*index));
      }
    }
    a.fail(fmt::format("unknown lane '{}'", name), "edges come before the elements that use them");
  }

  lane_id lane_of(xml_attributes const& a, char const* edge_attribute, char const* lane_attribute) const {
    std::string_view const name = a.text(edge_attribute);
    auto const e = edge_names_.find(name, net_.edges.name.raw());
    if (e == name_index::kNone)
      a.fail(fmt::format("unknown edge '{}'", name), "edges come before the connections that use them");
    range const lanes = net_.edges.lanes[edge_id(e)];
    std::int64_t const index = a.integer(lane_attribute);
    if (index < 0 || index >= lanes.size()) {
      a.fail(fmt::format("edge '{}' has no lane {}: it has {}", name, index, lanes.size()));
    }
    return lane_id(lanes.begin + static_cast<std::uint32_t>(index));
  }

  static link_set links_of(xml_attributes const& a, char const* name) {
    std::string_view const bits = a.text(name);
    if (bits.find_first_not_of("01") != std::string_view::npos)
      a.fail(fmt::format("'{}' is not made of 0 and 1", name));
    return link_set(bits);
  }

  static std::vector<std::string> type_names() {
    std::vector<std::string> names;
    for (auto const& [name, type] : kJunctionTypes) names.emplace_back(name);
    return names;
  }

  // --- references that may point ahead ----------------------------------------------------------------------------

  junction_id refer_junction(std::string_view name, xml_attributes const& a) {
    junction_table& j = net_.junctions;
    if (auto const id = junction_names_.find(name, j.name.raw()); id != name_index::kNone) return junction_id(id);
    junction_id const id = j.name.push_back(std::string(name));
    junction_names_.add(name, id.value);
    j.type.push_back(junction_type::kOther);
    j.position.push_back({});
    j.shape.push_back({});
    j.incoming_lanes.push_back({});
    j.internal_lanes.push_back({});
    j.requests.push_back({});
    junction_defined_.push_back(false);
    junction_first_.push_back({a.line(), static_cast<std::uint32_t>(net_.edges.name.size())});
    return id;
  }

  signal_id refer_signal(std::string_view name, xml_attributes const& a) {
    signal_table& s = net_.signals;
    if (name.empty()) a.fail("the signal's id is empty");
    if (auto const id = signal_names_.find(name, s.name.raw()); id != name_index::kNone) return signal_id(id);
    signal_id const id = s.name.push_back(std::string(name));
    signal_names_.add(name, id.value);
    s.programs.push_back({});
    s.links.push_back(0);
    signal_defined_.push_back(false);
    signal_first_.push_back(a.line());
    return id;
  }

  void check_junctions() const {
    for (std::size_t i = 0; i < junction_defined_.size(); ++i) {
      if (junction_defined_[i]) continue;
      throw_input(where("edge", junction_first_[i].line, net_.edges.name.raw()[junction_first_[i].edge]),
                  fmt::format("unknown junction '{}'", net_.junctions.name.raw()[i]),
                  "every edge ends in junctions of the same file");
    }
  }

  void check_signals() {
    for (std::size_t i = 0; i < signal_defined_.size(); ++i) {
      if (signal_defined_[i]) continue;
      throw_input(where("connection", signal_first_[i]), fmt::format("unknown signal '{}'", net_.signals.name.raw()[i]),
                  "every signal of a connection has a <tlLogic> in the same file");
    }
    for (auto const& [s, index, line] : program_places_) {
      auto const& phases = net_.signals.programs[s][index].phases;
      if (!phases.empty() && phases.front().state.size() < net_.signals.links[s]) {
        throw_input(where("tlLogic", line, net_.signals.name[s]),
                    fmt::format("its states have {} letters but connections use link {}", phases.front().state.size(),
                                net_.signals.links[s] - 1),
                    "one letter per link");
      }
    }
    for (std::size_t i = 0; i < net_.signals.links.size();
         ++i) {  // links without a connection: pedestrians, spare ones
      for (signal_program const& p : net_.signals.programs.raw()[i]) {
        auto& links = net_.signals.links.raw()[i];
        if (!p.phases.empty()) links = std::max(links, static_cast<std::uint32_t>(p.phases.front().state.size()));
      }
    }
  }

  // --- after the last element -------------------------------------------------------------------------------------

  void sort_connections() {
    auto& c = net_.connections;
    auto const before = [](connection const& a, connection const& b) {
      return std::pair(a.from, a.to) < std::pair(b.from, b.to);
    };
    if (!std::is_sorted(c.begin(), c.end(), before)) std::stable_sort(c.begin(), c.end(), before);
    net_.lanes.out.resize(net_.lanes.edge.size());
    for (std::uint32_t i = 0; i < c.size();) {
      std::uint32_t end = i;
      while (end < c.size() && c[end].from == c[i].from) ++end;
      net_.lanes.out[c[i].from] = {i, end};
      i = end;
    }
    for (std::uint32_t l = 0, at = 0; l < net_.lanes.out.size(); ++l) {  // lanes without connections: empty, in order
      range& r = net_.lanes.out[lane_id(l)];
      if (r.size() == 0) r = {at, at};
      at = r.end;
    }
  }

  void link_edges() {
    std::vector<std::pair<edge_id, edge_id>> pairs;
    for (connection const& c : net_.connections) {
      edge_id const from = net_.lanes.edge[c.from], to = net_.lanes.edge[c.to];
      if (net_.is_normal(from) && net_.is_normal(to)) pairs.emplace_back(from, to);
    }
    auto const fill = [&](id_vector<edge_id, range>& ranges, std::vector<edge_id>& flat) {
      std::sort(pairs.begin(), pairs.end());
      pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
      ranges.resize(net_.edges.name.size());
      std::size_t next = 0;
      for (std::uint32_t e = 0; e < ranges.size(); ++e) {
        auto const begin = static_cast<std::uint32_t>(next);
        while (next < pairs.size() && pairs[next].first == edge_id(e)) flat.push_back(pairs[next++].second);
        ranges[edge_id(e)] = {begin, static_cast<std::uint32_t>(next)};
      }
    };
    fill(net_.edges.out, net_.edge_successors);
    for (auto& [a, b] : pairs) std::swap(a, b);
    fill(net_.edges.in, net_.edge_predecessors);
  }

  void find_bounds() {
    box& b = net_.bounds;
    for (point const& p : net_.points) {
      b.min_x = std::min(b.min_x, static_cast<double>(p.x));
      b.min_y = std::min(b.min_y, static_cast<double>(p.y));
      b.max_x = std::max(b.max_x, static_cast<double>(p.x));
      b.max_y = std::max(b.max_y, static_cast<double>(p.y));
    }
  }

  struct program_place {
    signal_id signal;
    std::size_t index;
    std::uint64_t line;
  };
  struct first_mention {  // of a junction, by an edge
    std::uint64_t line;
    std::uint32_t edge;
  };

  // As xml_attributes::where() would have said: made only when something is wrong, as every edge could be.
  [[nodiscard]] std::string where(std::string_view element, std::uint64_t line, std::string_view id = {}) const {
    return id.empty() ? fmt::format("{}:{}: <{}>", file_.string(), line, element)
                      : fmt::format("{}:{}: <{} id=\"{}\">", file_.string(), line, element, id);
  }

  network& net_;
  std::filesystem::path file_;
  int depth_ = 0;
  bool has_location_ = false;
  edge_id edge_;          // the open one
  junction_id junction_;  // the open one
  signal_program* program_ = nullptr;
  std::uint64_t edge_line_ = 0, junction_line_ = 0;
  std::string key_;
  name_index edge_names_, junction_names_, signal_names_;
  std::vector<bool> junction_defined_, signal_defined_;
  std::vector<first_mention> junction_first_;
  std::vector<std::uint64_t> signal_first_;  // the line of the connection that first named it
  std::vector<program_place> program_places_;
  std::unordered_map<std::string, vclass_mask> masks_;
};

}  // namespace

std::shared_ptr<network const> read_network(std::filesystem::path const& file) {
  auto net = std::make_shared<network>();
  net->file = file;
  net->projection = "!";
  net_reader reader(*net, file);
  reader.reserve(text_size_hint(file));
  read_xml(file, reader);
  reader.finish();
  net->hash = hash_file(file);
  return net;
}

std::shared_ptr<network const> read_network_text(std::string_view text, std::filesystem::path const& name) {
  auto net = std::make_shared<network>();
  net->file = name;
  net->projection = "!";
  net_reader reader(*net, name);
  parse_xml(text, name, reader);
  reader.finish();
  net->hash = hash_bytes(text.data(), text.size());
  return net;
}

}  // namespace gemeo
