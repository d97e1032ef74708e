#include "calibration/counts/match.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "calibration/counts/time_text.h"
#include "sim/core/error.h"
#include "sim/core/text_file.h"
#include "sim/core/xml.h"
#include "sim/demand/csv.h"
#include "sim/network/projection.h"
#include "sim/network/spatial_index.h"

namespace gemeo {
namespace {

constexpr double kPlaceSd_m = 15, kHeadingSd_deg = 30;  // of coordinates and headings in cities' lists
constexpr double kOtherWay_deg = 135, kSameWay_deg = 60, kAlong_deg = 30;  // turned so far; so little
constexpr double kAcross_deg = 2.5 * kHeadingSd_deg;                       // another road
constexpr double kElsewhere = 0.05;                                        // the weight of "none of these"
constexpr vclass_mask kForCars = mask_of(vclass::kPassenger);
bilingual const kNowhere{"nothing says where it is", "nada diz onde está"};

bilingual which_leads(double edge_deg, double vehicles_deg) {
  return in_both("which leads {:.0f} degrees where vehicles head {:.0f}",
                 "que segue {:.0f} graus quando os veículos seguem {:.0f}", edge_deg, vehicles_deg);
}

double turned(double a_deg, double b_deg) {  // 0..180
  double const d = std::fmod(std::abs(a_deg - b_deg), 360);
  return std::min(d, 360 - d);
}

// Of a lane at a position, clockwise from north.
double heading_at(network const& net, lane_id l, double pos_m) {
  auto const shape = net.shape(l);
  double left = pos_m;
  for (std::size_t i = 0; i + 1 < shape.size(); ++i) {
    double const dx = static_cast<double>(shape[i + 1].x - shape[i].x),
                 dy = static_cast<double>(shape[i + 1].y - shape[i].y);
    double const length = std::hypot(dx, dy);
    if ((length > 0 && left <= length) || i + 2 == shape.size())
      return std::fmod(std::atan2(dx, dy) * 180 / M_PI + 360, 360);
    left -= length;
  }
  return 0;
}

std::vector<std::uint32_t> all_lanes(network const& net, edge_id e) {
  std::vector<std::uint32_t> out;
  range const r = net.edges.lanes[e];
  for (std::uint32_t l = r.begin; l < r.end; ++l) {
    if ((net.lanes.allowed[lane_id(l)] & kForCars) != 0) out.push_back(l - r.begin);
  }
  if (out.empty()) {  // a busway counts, too
    for (std::uint32_t l = 0; l < r.size(); ++l) out.push_back(l);
  }
  return out;
}

// Letters of road names without accents, in lower case; bytes above ASCII by the letters that western names have.
std::string plain(std::string_view s) {
  std::string out;
  for (std::size_t i = 0; i < s.size(); ++i) {
    auto const c = static_cast<unsigned char>(s[i]);
    if (c < 0x80) {
      bool const letter = std::isalnum(c) != 0;
      out += letter ? static_cast<char>(std::tolower(c)) : ' ';
    } else if (c == 0xC3 && i + 1 < s.size()) {  // U+00C0..U+00FF
      constexpr std::string_view kLetters = "aaaaaaaceeeeiiiidnooooo ouuuuytsaaaaaaaceeeeiiiidnooooo ouuuuyty";
      auto const next = static_cast<unsigned char>(s[++i]);
      out += next >= 0x80 && next < 0xC0 ? kLetters[next - 0x80] : ' ';
    }
  }
  return out;
}

std::set<std::string> words_of(std::string_view name) {
  static std::set<std::string> const kPassed = {"rua",    "r",     "avenida", "av",      "via",   "viale", "v",
                                                "piazza", "largo", "praca",   "estrada", "de",    "do",    "da",
                                                "dos",    "das",   "del",     "della",   "di",    "the",   "street",
                                                "road",   "st",    "rd",      "e",       "calle", "avda"};
  std::set<std::string> out;
  std::string const s = plain(name);
  for (std::size_t at = 0; at < s.size();) {
    std::size_t const end = std::min(s.find(' ', at), s.size());
    if (end > at && !kPassed.contains(s.substr(at, end - at))) out.insert(s.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

struct candidate {
  edge_id edge;
  double pos_m = 0, distance_m = 0, heading_deg = 0, weight = 0;
};

// A position along an edge, from its beginning or, negative, back from its end; SUMO rounds by a tenth of a metre, too.
struct place_along {
  place_along(network const& net, edge_id e, double pos_m)
      : length_m(net.length_m(e)), at_m(pos_m < 0 ? length_m + pos_m : pos_m) {}
  [[nodiscard]] bool on_edge() const { return at_m >= -0.1 && at_m <= length_m + 0.1; }
  [[nodiscard]] double clamped_m() const { return std::clamp(at_m, 0.0, length_m); }
  double length_m, at_m;
};

class matcher {
 public:
  matcher(count_catalog const& catalog, network const& net, match_options const& o)
      : catalog_(catalog), net_(net), o_(o) {
    if (net.has_projection()) projection_.emplace(net);
    group_detectors();
    find_roads_named();
  }

  std::vector<site_match> run() {
    std::set<std::tuple<std::string, std::string, std::string>> keys;
    for (std::uint32_t s = 0; s < catalog_.size(); ++s) {
      detector_key const& k = catalog_.key(s);
      keys.emplace(k.source, k.site, k.direction);
    }
    std::vector<site_match> out;
    for (auto const& [source, site, direction] : keys) {
      site_match m;
      m.source = source;
      m.site = site;
      m.direction = direction;
      place(m, catalog_.site(source, site));
      out.push_back(std::move(m));
    }
    return out;
  }

 private:
  void group_detectors() {
    for (loop_place const& d : o_.detectors) {
      std::string site = d.station;
      if (site.empty() && !o_.detector_pattern.empty()) {
        auto const p = scan_site(d.id);
        if (!p.empty()) site = p;
      }
      if (site.empty()) site = d.id;
      loops_[site].push_back(&d);
      if (site == d.id) {  // "d01_2" is a loop of "d01", too, where nothing else is of that name
        std::size_t const bar = d.id.rfind('_');
        if (bar != std::string::npos && bar > 0 && parse_integer(d.id.substr(bar + 1)))
          by_stem_[d.id.substr(0, bar)].push_back(&d);
      }
    }
  }
  // Sources that name one edge for vehicles of both directions name roads by their edges, and not directions.
  void find_roads_named() {
    std::map<std::pair<std::string, std::string>, std::vector<double>> headings;
    for (auto const& [key, s] : catalog_.sites()) {
      if (!s.edge.empty() && std::isfinite(s.heading_deg)) headings[{s.source, s.edge}].push_back(s.heading_deg);
    }
    for (auto const& [key, all] : headings) {
      for (double const h : all) {
        if (turned(h, all.front()) > kOtherWay_deg) names_roads_.insert(key.first);
      }
    }
  }

  [[nodiscard]] std::string scan_site(std::string const& id) const {
    // The longest site: "{site}{*}" alone would take the shortest. A pattern "{site}{*}" means one letter at the end.
    if (o_.detector_pattern == "{site}{*}") return id.size() > 1 ? id.substr(0, id.size() - 1) : "";
    auto const p = scan(o_.detector_pattern, id);
    return p ? p->site : "";
  }

  void place(site_match& m, count_site const* site) {
    std::vector<loop_place const*> const* loops = nullptr;
    if (auto const at = loops_.find(m.site); at != loops_.end())
      loops = &at->second;
    else if (auto const stem = by_stem_.find(m.site); stem != by_stem_.end())
      loops = &stem->second;
    if (loops != nullptr && !loops->front()->edge.empty()) return by_loops(m, *loops, site);
    count_site listed;  // a list of coordinates adds to what the counts say themselves
    if (loops != nullptr) {
      loop_place const& d = *loops->front();
      if (site != nullptr) listed = *site;
      listed.edge.clear();
      listed.lon_deg = d.lon_deg;
      listed.lat_deg = d.lat_deg;
      if (std::isfinite(d.heading_deg)) listed.heading_deg = d.heading_deg;
      if (!d.road_name.empty()) listed.road_name = d.road_name;
      if (d.lanes > 0) listed.lanes = d.lanes;
      site = &listed;
    }
    if (site == nullptr) {
      m.doubt = kNowhere;
      return;
    }
    std::vector<candidate> around = by_coordinates(*site);
    if (!site->edge.empty()) return by_edge(m, *site, around);
    if (around.empty()) {
      m.doubt = std::isfinite(site->lat_deg) ? no_place(*site) : kNowhere;
      return;
    }
    take(m, around.front(), "coordinates");
    m.confidence = share(around, 0);
    doubt_by_place(m, *site, around, 0);
    lanes_and_position(m, *site);
  }

  [[nodiscard]] bilingual no_place(count_site const& s) const {
    if (!projection_)
      return {"the network has no projection, so coordinates say nothing",
              "a rede não tem projeção, pelo que as coordenadas nada dizem"};
    return in_both("no road for cars within {:.0f} m of {:.6f}, {:.6f}",
                   "nenhuma via para automóveis a menos de {:.0f} m de {:.6f}, {:.6f}", o_.radius_m, s.lat_deg,
                   s.lon_deg);
  }

  void by_loops(site_match& m, std::vector<loop_place const*> const& loops, count_site const* site) const {
    std::map<std::uint32_t, std::vector<loop_place const*>> edges;
    for (loop_place const* d : loops) {
      if (d->edge.empty())
        throw_input(d->where, fmt::format("detector '{}' has no edge, others of its site have", d->id),
                    "give each loop its edge");
      auto const e = net_.find_edge(d->edge);
      if (!e) {
        throw_input(d->where, fmt::format("detector '{}' lies on edge '{}', which the network lacks", d->id, d->edge),
                    "is this the network it was made for?");
      }
      if (d->lane != kAllLanes && static_cast<std::uint32_t>(d->lane) >= net_.edges.lanes[*e].size()) {
        throw_input(d->where,
                    fmt::format("detector '{}' lies on lane {} of edge '{}', which has {}", d->id, d->lane, d->edge,
                                net_.edges.lanes[*e].size()),
                    "lanes are counted from 0, the right-most");
      }
      edges[e->value].push_back(d);
    }
    auto best = edges.begin();
    for (auto e = edges.begin(); e != edges.end(); ++e) {
      if (e->second.size() > best->second.size()) best = e;
    }
    m.edge = edge_id(best->first);
    m.how = "detectors file";
    m.confidence = 1;
    std::set<std::uint32_t> lanes;
    for (loop_place const* d : best->second) {
      if (d->lane == kAllLanes)
        for (std::uint32_t const l : all_lanes(net_, *m.edge)) lanes.insert(l);
      else
        lanes.insert(static_cast<std::uint32_t>(d->lane));
      if (!std::isfinite(d->pos_m)) continue;
      place_along const at(net_, *m.edge, d->pos_m);
      if (!at.on_edge() && !d->friendly)
        throw_input(d->where,
                    fmt::format("detector '{}' lies at {:g} m of edge '{}', which is {:.2f} m long", d->id, d->pos_m,
                                d->edge, at.length_m),
                    "from 0 to its length, or back from its end: -5");
      m.pos_m = at.clamped_m();
    }
    m.lanes.assign(lanes.begin(), lanes.end());
    if (edges.size() > 1) {
      m.confidence = 0.5;
      m.doubt = in_both("its loops lie on {} edges; those on {} are taken",
                        "as suas espiras estão em {} troços; contam as de {}", edges.size(), net_.edges.name[*m.edge]);
    }
    if (site != nullptr && site->lanes > 0 && static_cast<std::size_t>(site->lanes) != m.lanes.size()) {
      m.confidence = std::min(m.confidence, 0.6);
      add_told(m.doubt, in_both("it counts {} lanes, its loops lie on {}", "conta {} vias, as suas espiras estão em {}",
                                site->lanes, m.lanes.size()));
    }
  }

  // By weight, the best first.
  std::vector<candidate> by_coordinates(count_site const& s) {
    std::vector<candidate> out;
    if (!projection_ || !std::isfinite(s.lat_deg) || !std::isfinite(s.lon_deg)) return out;
    point at;
    try {
      at = projection_->to_xy({s.lon_deg, s.lat_deg});
    } catch (error const&) {
      return out;  // a place that the projection cannot map is not on this network
    }
    if (!index_) index_.emplace(net_);
    for (lane_hit const& h :
         index_->near(static_cast<double>(at.x), static_cast<double>(at.y), o_.radius_m, kForCars)) {
      edge_id const e = net_.lanes.edge[h.lane];
      if (std::any_of(out.begin(), out.end(), [&](candidate const& c) { return c.edge == e; })) continue;
      candidate c{e, h.pos_m, h.distance_m, heading_at(net_, h.lane, h.pos_m), 0};
      weigh(c, s);
      out.push_back(c);
    }
    std::stable_sort(out.begin(), out.end(),
                     [](candidate const& a, candidate const& b) { return a.weight > b.weight; });
    return out;
  }

  void weigh(candidate& c, count_site const& s) const {
    auto const bell = [](double x) { return std::exp(-x * x / 2); };
    std::string const& road = net_.edges.road_name[c.edge];
    double const likeness = name_likeness(road, s.road_name);
    double const by_name = road.empty() || s.road_name.empty() ? 0.6 : likeness >= 0.5 ? 1 : 0.3;
    double const by_heading =
        std::isfinite(s.heading_deg) ? bell(turned(c.heading_deg, s.heading_deg) / kHeadingSd_deg) : 0.5;
    c.weight = bell(c.distance_m / kPlaceSd_m) * by_heading * by_name;
  }

  [[nodiscard]] static double share(std::vector<candidate> const& all, std::size_t i) {
    double sum = kElsewhere;
    for (candidate const& c : all) sum += c.weight;
    return all[i].weight / sum;
  }

  void take(site_match& m, candidate const& c, char const* how) const {
    m.edge = c.edge;
    m.pos_m = c.pos_m;
    m.how = how;
  }

  void doubt_by_place(site_match& m, count_site const& s, std::vector<candidate> const& all, std::size_t i) const {
    if (m.confidence >= kSureMatch) return;
    candidate const& c = all[i];
    bilingual why;
    if (c.distance_m > 2 * kPlaceSd_m) why += in_both(", {:.0f} m away", ", a {:.0f} m", c.distance_m);
    if (std::isfinite(s.heading_deg) && turned(c.heading_deg, s.heading_deg) > 45)
      why += same_in_both(", ") + which_leads(c.heading_deg, s.heading_deg);
    if (!s.road_name.empty() && !net_.edges.road_name[c.edge].empty() &&
        name_likeness(s.road_name, net_.edges.road_name[c.edge]) < 0.5)
      why +=
          in_both(", called '{}' and not '{}'", ", chamado '{}' e não '{}'", net_.edges.road_name[c.edge], s.road_name);
    bilingual others;
    for (std::size_t j = 0, named = 0; j < all.size() && named < 2; ++j) {
      if (j == i || all[j].weight < 0.2 * c.weight) continue;
      others += in_both("{}{} ({:.2f})", "{}{} ({:.2f})", named == 0 ? phrase{"; or ", "; ou "} : phrase{", ", ", "},
                        net_.edges.name[all[j].edge], share(all, j));
      ++named;
    }
    m.doubt = in_both("edge {}{}{}", "troço {}{}{}", net_.edges.name[c.edge], why, others);
  }

  // The edge that the counts' file names; coordinates and heading may speak against it.
  void by_edge(site_match& m, count_site const& s, std::vector<candidate> const& around) {
    auto e = net_.find_edge(s.edge);
    lane_id const lane = e ? lane_id() : net_.find_lane(s.edge).value_or(lane_id());  // "a_0" is the edge a
    if (lane.valid()) e = net_.lanes.edge[lane];
    if (!e || !net_.is_normal(*e)) {
      if (around.empty()) {
        m.doubt = in_both("edge '{}' is not in the network", "o troço '{}' não está na rede", s.edge);
        return;
      }
      take(m, around.front(), "coordinates");
      m.confidence = std::min(0.7, share(around, 0));
      doubt_by_place(m, s, around, 0);
      m.doubt = in_both("edge '{}' is not in the network; by its coordinates {}",
                        "o troço '{}' não está na rede; pelas coordenadas, {}", s.edge, m.doubt);
      return lanes_and_position(m, s);
    }
    m.edge = *e;
    m.how = "edge in the counts";
    m.confidence = 1;
    auto const here = std::find_if(around.begin(), around.end(), [&](candidate const& c) { return c.edge == *e; });
    if (here != around.end()) m.pos_m = here->pos_m;
    bool const against = !around.empty() && std::isfinite(s.heading_deg) &&
                         (here == around.end() || turned(here->heading_deg, s.heading_deg) > kSameWay_deg);
    if (against && around.front().edge != *e && turned(around.front().heading_deg, s.heading_deg) <= kSameWay_deg) {
      candidate const& c = around.front();
      take(m, c, "coordinates");
      bool const road_alone = names_roads_.contains(s.source) && here != around.end() &&
                              turned(here->heading_deg, c.heading_deg) > kOtherWay_deg &&
                              turned(c.heading_deg, s.heading_deg) <= kAlong_deg && c.distance_m <= 2 * kPlaceSd_m;
      m.confidence = std::min(road_alone ? 1 : 0.75, share(around, 0));
      if (m.confidence < kSureMatch)
        m.doubt = in_both("the counts name edge {}, {}; edge {} is taken",
                          "as contagens indicam o troço {}, {}; usa-se o troço {}", s.edge,
                          here == around.end()
                              ? in_both("which is more than {:.0f} m away", "que está a mais de {:.0f} m", o_.radius_m)
                              : which_leads(here->heading_deg, s.heading_deg),
                          net_.edges.name[*m.edge]);
    } else if (against && here != around.end() && turned(here->heading_deg, s.heading_deg) > kAcross_deg &&
               std::none_of(around.begin(), around.end(),
                            [&](candidate const& c) { return turned(c.heading_deg, s.heading_deg) <= kSameWay_deg; })) {
      m.doubt =
          in_both("edge {} leads {:.0f} degrees where vehicles head {:.0f}, and no road around leads there",
                  "o troço {} segue {:.0f} graus quando os veículos seguem {:.0f}, e nenhuma via próxima segue nesse "
                  "sentido",
                  s.edge, here->heading_deg, s.heading_deg);
      m.edge.reset();  // doubtful is what may be right: this is not
      m.confidence = 0;
      m.pos_m = std::nan("");
      return;
    } else if (against) {
      m.confidence = 0.4;
      m.doubt = in_both("edge {} {}", "o troço {} {}", s.edge,
                        here == around.end() ? in_both("is more than {:.0f} m from its coordinates",
                                                       "está a mais de {:.0f} m das suas coordenadas", o_.radius_m)
                                             : in_both("leads {:.0f} degrees where vehicles head {:.0f}",
                                                       "segue {:.0f} graus quando os veículos seguem {:.0f}",
                                                       here->heading_deg, s.heading_deg));
    }
    lanes_and_position(m, s);
    if (lane.valid() && m.edge == e) m.lanes = {lane.value - net_.edges.lanes[*e].begin};
  }

  void lanes_and_position(site_match& m, count_site const& s) const {
    m.lanes = all_lanes(net_, *m.edge);
    if (m.how == "edge in the counts" && std::isfinite(s.pos_m)) {
      place_along const at(net_, *m.edge, s.pos_m);
      m.pos_m = at.clamped_m();
      if (!at.on_edge()) {
        m.confidence = std::min(m.confidence, 0.6);
        add_told(m.doubt, in_both("it lies at {:g} m of edge {}, which is {:.0f} m long",
                                  "está a {:g} m do troço {}, que tem {:.0f} m", s.pos_m, net_.edges.name[*m.edge],
                                  at.length_m));
      }
    }
    if (s.lanes > 0 && static_cast<std::size_t>(s.lanes) != m.lanes.size()) {
      m.confidence = std::min(m.confidence, 0.6);
      add_told(m.doubt, in_both("it counts {} lanes, edge {} has {}", "conta {} vias, o troço {} tem {}", s.lanes,
                                net_.edges.name[*m.edge], m.lanes.size()));
    }
  }

  count_catalog const& catalog_;
  network const& net_;
  match_options const& o_;
  std::optional<projection> projection_;
  std::optional<spatial_index> index_;
  std::map<std::string, std::vector<loop_place const*>> loops_, by_stem_;
  std::set<std::string> names_roads_;  // sources
};

class loop_reader : public xml_handler {
 public:
  explicit loop_reader(std::vector<loop_place>& out) : out_(out) {}
  [[nodiscard]] bool wants_text() const override { return false; }
  void end(std::string_view) override {}
  void start(std::string_view element, xml_attributes const& a) override {
    if (element != "inductionLoop" && element != "e1Detector") return;
    loop_place d;
    d.id = std::string(a.text("id"));
    std::string const lane(a.text("lane"));
    std::size_t const bar = lane.rfind('_');
    auto const n = bar == std::string::npos ? std::nullopt : parse_integer(lane.substr(bar + 1));
    if (!n || *n < 0 || *n > 100) a.fail(fmt::format("'{}' is no lane", lane), "EDGE_INDEX, such as a_0");
    d.edge = lane.substr(0, bar);
    d.lane = static_cast<std::int32_t>(*n);
    d.pos_m = a.number("pos");
    d.friendly = a.flag_or("friendlyPos", false);
    d.where = a.where();
    if (!ids_.insert(d.id).second)
      a.fail(fmt::format("detector '{}' stands there twice", d.id), "give each loop a name of its own");
    out_.push_back(std::move(d));
  }

 private:
  std::vector<loop_place>& out_;
  std::set<std::string> ids_;
};

std::string lane_list(std::vector<std::uint32_t> const& lanes) { return fmt::format("{}", fmt::join(lanes, " ")); }

std::string quoted(std::string const& s) {
  if (s.find_first_of(",\"\n\r") == std::string::npos) return s;
  std::string out = "\"";
  for (char const c : s) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

}  // namespace

double name_likeness(std::string_view a, std::string_view b) {
  std::set<std::string> const x = words_of(a), y = words_of(b);
  if (x.empty() || y.empty()) return 0;
  auto const shared =
      static_cast<double>(std::count_if(x.begin(), x.end(), [&](auto const& w) { return y.contains(w); }));
  return shared / static_cast<double>(std::min(x.size(), y.size()));
}

std::vector<loop_place> read_detectors(std::filesystem::path const& file) {
  std::vector<loop_place> out;
  std::string const name = file.filename().string();
  if (name.ends_with(".xml") || name.ends_with(".xml.gz")) {
    loop_reader reader(out);
    read_xml(file, reader);
    if (out.empty()) throw_input(file.string(), "holds no <inductionLoop> or <e1Detector>", "is this the right file?");
    return out;
  }
  csv_table const table(file, {"id"},
                        {"station", "edge", "lane", "pos_m", "road_name", "lat", "lon", "heading_deg", "lanes"});
  std::set<std::string> ids;
  table.for_each([&](csv_row const& r) {
    loop_place d;
    d.id = r.text("id");
    if (!ids.insert(d.id).second)
      r.fail(fmt::format("detector '{}' stands there twice", d.id), "give each loop an id of its own");
    if (r.has("edge")) d.edge = r.text("edge");
    if (r.has("station")) d.station = r.text("station");
    if (r.has("road_name")) d.road_name = r.text("road_name");
    if (r.has("lane")) {
      auto const l = r.integer("lane");
      if (l < 0 || l > 100) r.fail(fmt::format("lane {} is out of range", l), "0 is the right-most");
      d.lane = static_cast<std::int32_t>(l);
    }
    if (r.has("pos_m")) d.pos_m = r.number("pos_m");
    if (r.has("heading_deg")) d.heading_deg = r.number("heading_deg");
    if (r.has("lanes")) d.lanes = static_cast<std::int32_t>(std::clamp<std::int64_t>(r.integer("lanes"), 0, 20));
    if (d.edge.empty()) {
      if (!r.has("lat") || !r.has("lon")) r.fail("says neither edge nor lat and lon", "one of them places a detector");
      d.lat_deg = r.number("lat");
      d.lon_deg = r.number("lon");
      if (std::abs(d.lat_deg) > 90 || std::abs(d.lon_deg) > 180)
        r.fail(fmt::format("{}, {} is no place on earth", d.lat_deg, d.lon_deg), "lat and lon are degrees of WGS 84");
    }
    d.where = r.where();
    out.push_back(std::move(d));
  });
  return out;
}

std::vector<site_match> match_sites(count_catalog const& catalog, network const& net, match_options const& o) {
  return matcher(catalog, net, o).run();
}

std::vector<std::uint32_t> lanes_of(site_match const& m, detector_key const& k, count_site const* site,
                                    network const& net) {
  if (!m.edge || k.lane == kAllLanes) return m.lanes;
  std::int32_t const first = site == nullptr ? 0 : site->first_lane, n = k.lane - first;
  auto const lanes = static_cast<std::int32_t>(m.lanes.size());
  if (n < 0 || n >= lanes) return {};
  bool const from_left = (site != nullptr && site->lanes_from_left) != net.left_hand;
  return {m.lanes[static_cast<std::size_t>(from_left ? lanes - 1 - n : n)]};
}

void write_matches(std::filesystem::path const& file, std::vector<site_match> const& matches, network const& net) {
  std::string out = "source,site,direction,edge,lanes,pos_m,confidence,how,doubt,confirm\n";
  for (site_match const& m : matches) {
    out += fmt::format("{},{},{},{},{},{},{:.2f},{},{},\n", quoted(m.source), quoted(m.site), quoted(m.direction),
                       m.edge ? quoted(net.edges.name[*m.edge]) : "", lane_list(m.lanes),
                       std::isfinite(m.pos_m) ? fmt::format("{:.1f}", m.pos_m) : "", m.confidence, quoted(m.how),
                       quoted(m.doubt.en));
  }
  write_text_file(file, out);
}

void read_matches(std::filesystem::path const& file, network const& net, std::vector<site_match>& matches) {
  csv_table const table(file, {"source", "site", "edge", "confirm"},
                        {"direction", "lanes", "pos_m", "confidence", "how", "doubt"});
  table.for_each([&](csv_row const& r) {
    if (!r.has("confirm")) return;
    std::string const& word = r.text("confirm");
    if (word != "yes" && word != "no") r.fail(fmt::format("confirm '{}'", word), "yes, no, or empty");
    std::string const direction = r.has("direction") ? r.text("direction") : "";
    std::string const source = r.has("source") ? r.text("source") : "";
    auto const at = std::find_if(matches.begin(), matches.end(), [&](site_match const& m) {
      return m.source == source && m.site == r.text("site") && m.direction == direction;
    });
    if (at == matches.end()) return;  // of other counts
    site_match& m = *at;
    m.how = "confirmed";
    m.doubt.clear();
    m.confidence = word == "yes" ? 1 : 0;
    m.edge.reset();
    m.lanes.clear();
    if (word == "no") return;
    auto const e = net.find_edge(r.text("edge"));
    if (!e) r.fail(fmt::format("edge '{}' is not in the network", r.text("edge")), "correct it, or confirm = no");
    m.edge = *e;
    m.lanes = all_lanes(net, *e);
    if (r.has("lanes")) {
      m.lanes.clear();
      std::string const& list = r.text("lanes");
      for (std::size_t i = 0; i < list.size();) {
        std::size_t const end = std::min(list.find(' ', i), list.size());
        if (end > i) {
          auto const l = parse_integer(list.substr(i, end - i));
          if (!l || *l < 0 || *l >= net.edges.lanes[*e].size())
            r.fail(fmt::format("lanes '{}': edge {} has lanes 0 to {}", list, r.text("edge"),
                               net.edges.lanes[*e].size() - 1));
          m.lanes.push_back(static_cast<std::uint32_t>(*l));
        }
        i = end + 1;
      }
      std::sort(m.lanes.begin(), m.lanes.end());
    }
    if (!r.has("pos_m")) return;
    place_along const place(net, *e, r.number("pos_m"));
    if (!place.on_edge())
      r.fail(fmt::format("pos_m {}: edge {} is {:.2f} m long", r.text("pos_m"), r.text("edge"), place.length_m),
             "from 0 to its length, or back from its end: -5");
    m.pos_m = place.clamped_m();
  });
}

char const* how_in(site_match const& m, language l) {
  if (l == language::kEnglish) return m.how.c_str();
  return m.how == "detectors file"       ? "ficheiro de detetores"
         : m.how == "edge in the counts" ? "troço indicado nas contagens"
         : m.how == "coordinates"        ? "coordenadas"
         : m.how == "confirmed"          ? "confirmado"
                                         : m.how.c_str();
}

site_match const* find_match(std::vector<site_match> const& sorted, detector_key const& k) {
  auto const want = std::tie(k.source, k.site, k.direction);
  auto const at = std::lower_bound(sorted.begin(), sorted.end(), want, [](site_match const& m, auto const& w) {
    return std::tie(m.source, m.site, m.direction) < w;
  });
  return at != sorted.end() && std::tie(at->source, at->site, at->direction) == want ? &*at : nullptr;
}

}  // namespace gemeo
