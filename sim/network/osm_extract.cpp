// Three passes over the file, each reading only what it needs: the ways, the restrictions, and the copy. An area takes
// two more before them: the nodes of all streets, and where these lie, since a street may cross the area without a node
// in it. Ids and places are held, never the data. Nothing is assumed about the order of elements.
#include "sim/network/osm_extract.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <osmium/io/any_compression.hpp>
#include <osmium/io/pbf_input.hpp>
#include <osmium/io/reader.hpp>
#include <osmium/io/writer.hpp>
#include <osmium/io/xml_input.hpp>
#include <osmium/io/xml_output.hpp>
#include <osmium/osm.hpp>
#include <string_view>
#include <system_error>
#include <vector>

#include "sim/core/error.h"

namespace gemeo {

namespace fs = std::filesystem;

namespace {

// Ids first gathered, then looked up. Any 64-bit number may stand in a file (editors number new elements below zero).
class id_list {
 public:
  void add(std::int64_t id) { ids_.push_back(id); }
  void seal() {
    std::sort(ids_.begin(), ids_.end());
    ids_.erase(std::unique(ids_.begin(), ids_.end()), ids_.end());
    taken_.assign(ids_.size(), false);
  }
  // Its place in the list; size() for an id that is not listed.
  [[nodiscard]] std::size_t find(std::int64_t id) const {
    auto const it = std::lower_bound(ids_.begin(), ids_.end(), id);
    return it != ids_.end() && *it == id ? static_cast<std::size_t>(it - ids_.begin()) : ids_.size();
  }
  [[nodiscard]] bool has(std::int64_t id) const { return find(id) < ids_.size(); }
  // True the first time that a listed id comes by.
  bool take(std::int64_t id) {
    std::size_t const i = find(id);
    if (i == ids_.size() || taken_[i]) return false;
    taken_[i] = true;
    return true;
  }
  [[nodiscard]] bool taken(std::int64_t id) const {
    std::size_t const i = find(id);
    return i < ids_.size() && taken_[i];
  }
  [[nodiscard]] std::size_t size() const { return ids_.size(); }

 private:
  std::vector<std::int64_t> ids_;
  std::vector<bool> taken_;
};

constexpr std::array<std::string_view, 20> kStreets = {
    "motorway",       "motorway_link", "trunk",         "trunk_link",   "primary",     "primary_link",  "secondary",
    "secondary_link", "tertiary",      "tertiary_link", "unclassified", "residential", "living_street", "service",
    "road",           "busway",        "bus_guideway",  "cycleway",     "pedestrian",  "track"};
constexpr std::array<std::string_view, 5> kFootways = {"footway", "path", "steps", "bridleway", "corridor"};
constexpr std::array<std::string_view, 4> kPrivateService = {"parking_aisle", "driveway", "drive-through",
                                                             "emergency_access"};

template <typename List>
bool among(List const& list, std::string_view value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

std::string_view tag(osmium::OSMObject const& o, char const* key) { return o.tags().get_value_by_key(key, ""); }

// The format by the first bytes: names lie, and .pbf, .osm.pbf, .gz are all common.
std::string format_of(fs::path const& file) {
  std::error_code ec;
  if (!fs::exists(file, ec)) throw_input(file.string(), "no such file", "check the path");
  if (fs::is_directory(file, ec)) throw_input(file.string(), "is a folder, not a file", "name the file inside it");
  std::ifstream in(file, std::ios::binary);
  std::string head(64, '\0');
  in.read(head.data(), static_cast<std::streamsize>(head.size()));
  if (in.bad() || (!in && in.gcount() == 0 && !in.eof()))
    throw_input(file.string(), "cannot be read", "check its rights");
  head.resize(static_cast<std::size_t>(in.gcount()));
  if (head.empty()) throw_input(file.string(), "is empty", "fetch it again");
  if (head.starts_with("\x1f\x8b")) return "osm.gz";
  if (head.starts_with("BZh")) return "osm.bz2";
  if (head.find("OSMHeader") != std::string::npos && head.front() == '\0') return "osm.pbf";
  std::string_view text = head;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::size_t const first = text.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos && text[first] == '<') return "osm";
  throw_input(file.string(), "is not OpenStreetMap data", "gemeo import reads .osm, .osm.gz, .osm.bz2 and .osm.pbf");
}

class extraction {
 public:
  extraction(fs::path const& file, fs::path const& out, osm_options const& o) : file_(file), out_(out), o_(o) {}

  osm_counts run() {
    std::string const format = format_of(file_);
    try {
      source_ = osmium::io::File(file_.string(), format);
      if (o_.inside) {
        if (o_.crossed) list_street_nodes();
        find_places();
      }
      choose_ways();
      inside_ = {};  // the memory they take, too
      street_nodes_ = {};
      places_ = std::vector<osmium::Location>();
      if (counts_.ways == 0) no_streets();
      choose_restrictions();
      write();
    } catch (error const&) {
      throw;
    } catch (std::exception const& e) {
      throw_input(file_.string(), fmt::format("is damaged or no OpenStreetMap data: {}", e.what()), "fetch it again");
    }
    return counts_;
  }

 private:
  template <typename F>
  void read(osmium::osm_entity_bits::type what, F const& visit) {
    osmium::io::Reader reader(source_, what, osmium::io::read_meta::no);
    while (osmium::memory::Buffer buffer = reader.read()) {
      if (o_.interrupted && o_.interrupted())
        throw_run(file_.string(), "import was interrupted", "nothing was written");
      for (auto const& object : buffer.select<osmium::OSMObject>()) visit(object);
    }
    reader.close();
  }

  void list_street_nodes() {
    read(osmium::osm_entity_bits::way, [&](osmium::OSMObject const& object) {
      auto const& w = static_cast<osmium::Way const&>(object);
      std::string_view const highway = tag(w, "highway");
      if (highway.empty() || !reason_against(highway, w).empty()) return;
      for (osmium::NodeRef const& n : w.nodes()) street_nodes_.add(n.ref());
    });
    street_nodes_.seal();
    places_.resize(street_nodes_.size());
  }

  void find_places() {
    read(osmium::osm_entity_bits::node, [&](osmium::OSMObject const& object) {
      auto const& n = static_cast<osmium::Node const&>(object);
      if (!n.location().valid()) return;
      if (o_.inside({n.location().lon(), n.location().lat()})) inside_.add(n.id());
      if (std::size_t const i = street_nodes_.find(n.id()); i < places_.size()) {
        places_[i] = n.location();
        extent_.extend(n.location());
      }
    });
    inside_.seal();
  }

  bool has_node_inside(osmium::Way const& w) const {
    return std::any_of(w.nodes().begin(), w.nodes().end(),
                       [&](osmium::NodeRef const& n) { return inside_.has(n.ref()); });
  }

  // Whether a street without a node in the area runs through it. Nodes that the file lacks are passed over, as
  // netconvert draws it.
  bool runs_through(osmium::Way const& w) const {
    osmium::Location last;
    for (osmium::NodeRef const& n : w.nodes()) {
      std::size_t const i = street_nodes_.find(n.ref());
      if (i == places_.size() || !places_[i].valid()) continue;
      osmium::Location const here = places_[i];
      if (last.valid() && o_.crossed({last.lon(), last.lat()}, {here.lon(), here.lat()})) return true;
      last = here;
    }
    return false;
  }

  // Why a way is left out; empty when it is kept.
  std::string reason_against(std::string_view highway, osmium::Way const& w) const {
    bool const foot = among(kFootways, highway);
    if (!foot && !among(kStreets, highway)) return "highway=" + std::string(highway);
    if (foot && !o_.footways) return "highway=" + std::string(highway);
    std::string_view const service = tag(w, "service");
    if (highway == "service" && among(kPrivateService, service)) return "service=" + std::string(service);
    if (tag(w, "area") == "yes") return "area=yes";
    return "";
  }

  void choose_ways() {
    read(osmium::osm_entity_bits::way, [&](osmium::OSMObject const& object) {
      auto const& w = static_cast<osmium::Way const&>(object);
      std::string_view const highway = tag(w, "highway");
      if (highway.empty()) return;
      std::string const reason = reason_against(highway, w);
      // What is left out in any case is counted by its nodes alone: where they lie is not held.
      bool const within = !o_.inside || has_node_inside(w) || (reason.empty() && runs_through(w));
      if (!within) {
        ++counts_.outside;
        return;
      }
      if (!reason.empty()) {
        ++counts_.left_out[reason];
        return;
      }
      if (w.nodes().size() < 2) {
        ++counts_.left_out["fewer than two nodes"];
        return;
      }
      ways_.add(w.id());
      for (osmium::NodeRef const& n : w.nodes()) nodes_.add(n.ref());
      ++counts_.kept[std::string(highway)];
    });
    ways_.seal();
    nodes_.seal();
    counts_.ways = ways_.size();
  }

  [[noreturn]] void no_streets() const {
    if (o_.inside) {
      std::string where;
      if (extent_.valid()) {
        where = fmt::format("; the file's lie within {:.4f},{:.4f},{:.4f},{:.4f}", extent_.bottom_left().lon(),
                            extent_.bottom_left().lat(), extent_.top_right().lon(), extent_.top_right().lat());
      }
      throw_input(file_.string(), fmt::format("no street lies in the area ({} lie outside it)", counts_.outside),
                  "longitude comes first: a box is W,S,E,N in degrees, a point of GeoJSON [lon, lat]" + where);
    }
    throw_input(file_.string(), "holds no street (no way tagged 'highway')", "fetch it again with its ways and nodes");
  }

  void choose_restrictions() {
    read(osmium::osm_entity_bits::relation, [&](osmium::OSMObject const& object) {
      auto const& r = static_cast<osmium::Relation const&>(object);
      bool const all = tag(r, "type") == "restriction" &&
                       std::all_of(r.members().begin(), r.members().end(), [&](osmium::RelationMember const& m) {
                         return m.type() == osmium::item_type::node  ? nodes_.has(m.ref())
                                : m.type() == osmium::item_type::way ? ways_.has(m.ref())
                                                                     : false;
                       });
      if (!all) return;
      relations_.add(r.id());
    });
    relations_.seal();
    counts_.restrictions = relations_.size();
  }

  void write() {
    try {
      copy();
    } catch (std::system_error const& e) {  // the file could be read before: this is about writing
      throw_input(out_.string(), fmt::format("cannot be written: {}", e.what()), "check the rights and the free space");
    }
  }

  void copy() {
    osmium::io::Header header;
    header.set("generator", "gemeo");
    osmium::io::Writer writer(osmium::io::File(out_.string(), "osm,add_metadata=false"), header,
                              osmium::io::overwrite::allow);
    read(osmium::osm_entity_bits::node, [&](osmium::OSMObject const& object) {
      auto const& n = static_cast<osmium::Node const&>(object);
      if (!n.location().valid() || !nodes_.take(n.id())) return;
      ++counts_.nodes;
      counts_.signals += tag(n, "highway") == "traffic_signals" ? 1U : 0U;
      writer(n);
    });
    read(osmium::osm_entity_bits::way, [&](osmium::OSMObject const& object) {
      auto const& w = static_cast<osmium::Way const&>(object);
      if (!ways_.take(w.id())) return;
      bool const whole = std::all_of(w.nodes().begin(), w.nodes().end(),
                                     [&](osmium::NodeRef const& n) { return nodes_.taken(n.ref()); });
      counts_.incomplete += whole ? 0U : 1U;  // netconvert joins the nodes that are there
      writer(w);
    });
    read(osmium::osm_entity_bits::relation, [&](osmium::OSMObject const& object) {
      if (relations_.take(object.id())) writer(static_cast<osmium::Relation const&>(object));
    });
    writer.close();
    if (counts_.nodes == 0)
      throw_input(file_.string(), "its streets have no nodes", "fetch it again with its ways and nodes");
  }

  fs::path const& file_;
  fs::path const& out_;
  osm_options const& o_;
  osmium::io::File source_;
  osm_counts counts_;
  id_list inside_, street_nodes_, nodes_, ways_, relations_;
  osmium::Box extent_;                    // of the places
  std::vector<osmium::Location> places_;  // of street_nodes_; invalid where the file has none
};

}  // namespace

osm_counts extract_streets(fs::path const& osm, fs::path const& out, osm_options const& o) {
  return extraction(osm, out, o).run();
}

}  // namespace gemeo
