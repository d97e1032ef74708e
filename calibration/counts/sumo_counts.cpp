// SUMO's outputs as counts: of induction loops (<detector><interval id=..>) and of edges (<meandata><interval><edge>).
#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "calibration/counts/batch.h"
#include "sim/core/error.h"
#include "sim/core/xml.h"

namespace gemeo {
namespace {

class sumo_reader : public xml_handler {
 public:
  sumo_reader(read_options const& o, count_catalog& catalog, record_batch& out, read_report& report)
      : source_(o.source.empty() ? "sumo" : o.source), catalog_(catalog), out_(out), report_(report) {
    local_clock const clock(o.time_zone, "--time-zone");
    midnight_ms_ = clock.utc_of(days_of(o.day.value_or(civil_date{})) * 86400).first_s * 1000;
  }
  [[nodiscard]] bool wants_text() const override { return false; }
  void end(std::string_view) override {}
  void start(std::string_view element, xml_attributes const& a) override {
    if (root_) {
      root_ = false;
      edges_ = element == "meandata";
      report_.kind = edges_ ? "SUMO edge data" : "SUMO induction loops";
    } else if (element == "interval") {
      interval(a);
    } else if (edges_ && element == "edge") {
      count_record r = at_;
      r.series = series(a);
      if (a.find("entered"))
        r.count = in_range(a.number("entered"), kMostCount, r);
      else
        a.fail("has no 'entered'", "write the edge data without excludeEmpty and with type=\"performance\"");
      if (a.find("speed")) r.speed_kmh = in_range(a.number("speed") * 3.6, kMostSpeed_kmh, r);
      out_.add(r);
    } else {
      ++report_.skipped;
    }
  }

 private:
  std::uint32_t series(xml_attributes const& a) {
    key_.source = source_;
    key_.site = std::string(a.text("id"));
    if (edges_ && catalog_.site(source_, key_.site) == nullptr) {
      count_site s;
      s.source = source_;
      s.id = s.edge = key_.site;
      catalog_.add_site(s);
    }
    return catalog_.intern(key_);
  }

  void interval(xml_attributes const& a) {
    double const begin = a.time_or("begin", NAN), end = a.time_or("end", NAN);
    if (!(begin >= 0) || !(end - begin >= 0.001) || end > 1e7 || end - begin > 2 * 86400) {
      a.fail("begin and end are no period", "0 <= begin < end, in seconds, at most two days apart");
    }
    at_ = {};
    at_.begin_ms = midnight_ms_ + std::llround(begin * 1000);
    at_.period_ms = static_cast<std::uint32_t>(std::llround((end - begin) * 1000));
    if (edges_) return;
    count_record r = at_;
    r.series = series(a);
    double const n = a.number_or("nVehContrib", NAN), entered = a.number_or("nVehEntered", n);
    if (std::isnan(entered)) a.fail("has neither nVehContrib nor nVehEntered", "is this the output of an e1Detector?");
    r.count = in_range(entered, kMostCount, r);
    if (double const v = a.number_or("speed", -1); v >= 0) r.speed_kmh = in_range(v * 3.6, kMostSpeed_kmh, r);
    if (double const v = a.number_or("occupancy", -1); v >= 0) r.occ_frac = in_range(std::min(v, 100.0) / 100, 1, r);
    out_.add(r);
  }

  std::string source_;
  count_catalog& catalog_;
  record_batch& out_;
  read_report& report_;
  std::int64_t midnight_ms_ = 0;
  bool root_ = true, edges_ = false;
  count_record at_;
  detector_key key_;
};

}  // namespace

void read_sumo_counts(std::filesystem::path const& file, read_options const& o, count_catalog& catalog,
                      record_batch& out, read_report& report) {
  sumo_reader reader(o, catalog, out, report);
  read_xml(file, reader);
}

}  // namespace gemeo
