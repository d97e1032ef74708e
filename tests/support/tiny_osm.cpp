#include "tests/support/tiny_osm.h"

#include <fmt/core.h>

#include <algorithm>

namespace gemeo::test {

std::string tiny_osm(tiny_osm_options const& o) {
  std::string s = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<osm version=\"0.6\" generator=\"test\">\n";
  auto const node = [&](int id, double column, double row, std::string const& tags = "") {
    s += fmt::format("<node id=\"{}\" lat=\"{:.7f}\" lon=\"{:.7f}\" version=\"1\">{}</node>\n", id,
                     o.lat_deg + 0.0018 * row, o.lon_deg + 0.0023 * column, tags);
  };
  auto const tag = [](std::string const& k, std::string const& v) {
    return fmt::format("<tag k=\"{}\" v=\"{}\"/>", k, v);
  };
  for (int r = 0; r < kTownRows; ++r) {
    for (int c = 0; c < kTownColumns; ++c) {
      node(100 * (r + 1) + c + 1, c, r, r == 1 && c == 2 ? tag("highway", "traffic_signals") : "");
    }
  }
  node(900, -3, 1);  // where the primary road leaves in the west
  node(901, 7, 1);   // and in the east
  node(902, 0.5, 0.5);
  int way = 1000;
  auto const road = [&](std::string const& nodes, std::string const& tags) {
    s += fmt::format("<way id=\"{}\" version=\"1\">", way++);
    for (std::size_t at = 0; at < nodes.size();) {
      std::size_t const end = std::min(nodes.find(' ', at), nodes.size());
      s += fmt::format("<nd ref=\"{}\"/>", nodes.substr(at, end - at));
      at = end + 1;
    }
    s += tags + "</way>\n";
  };
  auto const row_nodes = [](int r) {
    std::string list;
    for (int c = 0; c < kTownColumns; ++c) list += fmt::format("{}{}", c > 0 ? " " : "", 100 * (r + 1) + c + 1);
    return list;
  };
  for (int r = 0; r < kTownRows; ++r) {
    if (r == 1) {
      road("900 " + row_nodes(r) + " 901", tag("highway", "primary") +
                                               tag("name", "Avenida Central &amp; D&apos;Ouro") + tag("lanes", "2") +
                                               tag("maxspeed", "50"));
    } else {
      road(row_nodes(r), tag("highway", "residential") + tag("name", fmt::format("Rua {}", r)));
    }
  }
  for (int c = 0; c < kTownColumns; ++c) {
    std::string list;
    for (int r = 0; r < kTownRows; ++r) list += fmt::format("{}{}", r > 0 ? " " : "", 100 * (r + 1) + c + 1);
    road(list, tag("highway", c == 2 ? "secondary" : "residential") + tag("name", fmt::format("Travessa {}", c)));
  }
  road("101 902 202", tag("highway", "footway"));
  road("101 902", tag("highway", "service") + tag("service", "driveway"));
  road("401 405", tag("highway", "construction"));
  s += "<relation id=\"5000\" version=\"1\"><member type=\"way\" ref=\"1001\" role=\"from\"/><member type=\"node\" "
       "ref=\"203\" role=\"via\"/><member type=\"way\" ref=\"1006\" role=\"to\"/>" +
       tag("type", "restriction") + tag("restriction", "no_left_turn") + "</relation>\n";
  return s + o.more + "</osm>\n";
}

}  // namespace gemeo::test
