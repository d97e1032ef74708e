#include "calibration/counts/check_network.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "calibration/counts/same_road.h"
#include "calibration/counts/site_totals.h"

namespace gemeo {

namespace {

void take_doubts(count_series const& s, std::vector<site_match>& matches) {
  for (detector_series const& d : s.detectors) {
    auto const at = std::find_if(matches.begin(), matches.end(), [&](site_match const& m) {
      return m.source == d.key.source && m.site == d.key.site && m.direction == d.key.direction;
    });
    if (at == matches.end()) continue;
    at->part_of_road = d.match.part_of_road;
    if (d.match.confidence >= at->confidence && d.match.doubt == at->doubt) continue;
    at->confidence = d.match.confidence;
    at->doubt = d.match.doubt;
  }
}

struct hour_mean {
  double vehicles = 0, seconds = 0;
};

}  // namespace

network_findings check_network(loaded_counts& c, series_request const& r) {
  network_findings out;
  count_series s = site_totals(series_of(c, r));
  out.roads = settle_same_roads(s, *r.net);
  take_doubts(s, c.matches);
  for (detector_series const& d : s.detectors) {
    if (!d.match.edge || d.match.confidence < kSureMatch) continue;
    auto const place = static_cast<std::uint32_t>(out.places.size());
    counted_place p{d.key.direction.empty() ? d.key.site : d.key.site + " " + d.key.direction, *d.match.edge, {}};
    for (std::uint32_t const l : d.lanes) p.lanes.emplace_back(r.net->edges.lanes[p.edge].begin + l);
    std::map<int, hour_mean> hours;
    for (std::size_t i = 0; i < d.size(); ++i) {
      if (d.ok[i] == 0 || std::isnan(d.count[i]) || !(d.end_s[i] > d.begin_s[i])) continue;
      hour_mean& h = hours[static_cast<int>(d.begin_s[i] / 3600)];
      h.vehicles += static_cast<double>(d.count[i]);
      h.seconds += d.end_s[i] - d.begin_s[i];
    }
    if (hours.empty()) continue;
    out.places.push_back(std::move(p));
    for (auto const& [hour, h] : hours) out.hours.push_back({place, hour * 3600.0, h.vehicles * 3600 / h.seconds});
  }
  out.carried = check_carried(road_capacity(r.net, {}, {}), {}, out.places, out.hours);
  return out;
}

}  // namespace gemeo
