// TrafficFlowObserved of the FIWARE Smart Data Models, as NGSI-v2 and NGSI-LD give it: one entity, a list of them, or a
// notification with a list in "data"; attributes as plain values or as objects with "value". `intensity` is the number
// of vehicles in the period, not a rate; occupancy is 0..1.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "calibration/counts/batch.h"
#include "calibration/counts/json_stream.h"
#include "calibration/counts/time_text.h"
#include "sim/core/error.h"
#include "sim/core/xml.h"

namespace gemeo {
namespace {

constexpr std::size_t kMostLeaves =
    4000;  // values of one entity that are kept; further points of a line are not needed

struct leaf {
  std::string text;
  double number = NAN;
  bool is_null = false;
};

// NGSI-LD may write a name in full: "https://smartdatamodels.org/dataModel.Transportation/intensity".
std::string_view short_name(std::string_view name) {
  if (name.substr(0, 4) != "http") return name;
  std::size_t const cut = name.find_last_of("/#");
  return cut == std::string_view::npos ? name : name.substr(cut + 1);
}

class ngsi_reader : public json_handler {
 public:
  ngsi_reader(std::filesystem::path const& file, read_options const& o, count_catalog& catalog, record_batch& out,
              read_report& report)
      : file_(file.string()),
        o_(o),
        clock_(o.time_zone, "--time-zone"),
        catalog_(catalog),
        out_(out),
        report_(report) {}

  void begin_object() override {
    count_item();
    // Entities are: the whole, an item of the whole list, an item of "data" of the whole.
    bool const item = !stack_.empty() && stack_.back().is_array;
    bool const entity =
        stack_.empty() || (item && stack_.size() == 1) || (item && stack_.size() == 2 && stack_[1].name == "data");
    stack_.push_back({false, entity, std::move(next_), 0, line});
    next_.clear();
    if (entity) leaves_.emplace_back();
  }
  void end_object() override {
    if (stack_.back().entity) {
      entity(leaves_.back(), stack_.back().line);
      leaves_.pop_back();
    }
    stack_.pop_back();
  }
  void begin_array() override {
    count_item();
    stack_.push_back({true, false, std::move(next_), 0, line});
    next_.clear();
  }
  void end_array() override { stack_.pop_back(); }
  void key(std::string_view name) override { next_ = std::string(short_name(name)); }
  void text(std::string_view v) override {
    // Of a notification: it stands before the entities that it is about.
    bool const of_all = stack_.size() == 1 && !stack_[0].is_array && next_ == "notifiedAt";
    if (of_all) notified_ms_ = utc_ms_of_iso(v).value_or(kNoTime);
    put({std::string(v), NAN, false});
  }
  void number(double v) override { put({"", v, false}); }
  void nothing() override { put({"", NAN, true}); }
  void truth(bool v) override { put({v ? "true" : "false", NAN, false}); }

  void finish() const {
    if (report_.records == 0 && report_.skipped == 0)
      throw_input(file_, "holds no entity", "is this an NGSI document?");
    if (report_.records == 0) {
      throw_input(file_, fmt::format("holds no TrafficFlowObserved among {} entities", report_.skipped),
                  "entities of this type hold counts");
    }
    if (occupancies_ > 20 && too_full_ * 2 > occupancies_) {
      throw_input(file_, fmt::format("{} of {} occupancies are above 1", too_full_, occupancies_),
                  "occupancy of TrafficFlowObserved is a share, 0 to 1: the publisher writes something else");
    }
  }

 private:
  struct level {
    bool is_array, entity;
    std::string name;  // its key, or its place in a list
    std::size_t items = 0, line = 1;
  };
  using leaf_map = std::map<std::string, leaf, std::less<>>;

  // In a list, what comes next is named by its place.
  void count_item() {
    if (!stack_.empty() && stack_.back().is_array) next_ = std::to_string(stack_.back().items++);
  }

  void put(leaf l) {
    count_item();
    if (leaves_.empty() || leaves_.back().size() >= kMostLeaves) return;
    std::size_t first = stack_.size();
    while (first > 0 && !stack_[first - 1].entity) --first;
    std::string path;
    for (std::size_t i = first; i < stack_.size(); ++i) path += stack_[i].name + ".";
    leaves_.back()[path + next_] = std::move(l);
  }

  [[nodiscard]] static leaf const* find(leaf_map const& e, std::string const& name) {
    for (char const* tail : {"", ".value", ".value.@value", ".@value", ".object"}) {
      auto const at = e.find(name + tail);
      if (at != e.end() && !at->second.is_null) return &at->second;
    }
    return nullptr;
  }
  [[nodiscard]] static std::string text_in(leaf_map const& e, std::string const& name) {
    leaf const* const l = find(e, name);
    return l == nullptr ? "" : l->text;
  }
  [[noreturn]] void fail(std::size_t at_line, std::string const& id, std::string what, std::string hint) const {
    throw_input(fmt::format("{}:{}: {}", file_, at_line, id), std::move(what), std::move(hint));
  }
  // NaN where there is none.
  [[nodiscard]] double number_in(leaf_map const& e, std::string const& name, std::size_t at_line,
                                 std::string const& id) const {
    leaf const* const l = find(e, name);
    if (l == nullptr) return NAN;
    if (auto const v = parse_number(l->text)) return *v;  // some brokers write numbers as texts
    if (!std::isfinite(l->number))
      fail(at_line, id, fmt::format("{} '{}' is no number", name, l->text), "write a number");
    return l->number;
  }

  [[nodiscard]] std::int64_t moment(std::string const& s, std::size_t at_line, std::string const& id,
                                    std::uint16_t& flags) const {
    auto const p = scan_iso(s);
    if (!p || !p->date || !p->time_s) fail(at_line, id, fmt::format("'{}' is no time", s), "2016-12-07T11:10:00Z");
    std::int64_t const local = days_of(*p->date) * 86400;
    std::int64_t const ms = std::llround(*p->time_s * 1000);
    if (p->utc_offset_s) return (local - *p->utc_offset_s) * 1000 + ms;
    local_clock::moment const m = clock_.utc_of(local + ms / 1000);
    if (m.repeated) flags |= kClockRepeated;
    if (m.missing) flags |= kClockMissing;
    return m.first_s * 1000 + ms % 1000;
  }

  void set_period(leaf_map const& e, std::size_t at_line, std::string const& id, count_record& r) const {
    std::string from = text_in(e, "dateObservedFrom"), to = text_in(e, "dateObservedTo");
    std::string const observed = text_in(e, "dateObserved");
    if ((from.empty() || to.empty()) && observed.find('/') != std::string::npos) {
      from = observed.substr(0, observed.find('/'));
      to = observed.substr(observed.find('/') + 1);
    }
    if (!from.empty() && !to.empty()) {
      r.begin_ms = moment(from, at_line, id, r.flags);
      std::uint16_t of_end = 0;  // a period may well end where the clock changes
      std::int64_t const period = moment(to, at_line, id, of_end) - r.begin_ms;
      if (period <= 0 || period > 2 * 86400 * 1000LL)
        fail(at_line, id, fmt::format("from {} to {} is no period", from, to),
             "dateObservedTo is after dateObservedFrom");
      r.period_ms = static_cast<std::uint32_t>(period);
      return;
    }
    std::string instant = observed.empty() ? text_in(e, "intensity.observedAt") : observed;
    if (instant.empty()) instant = text_in(e, "TimeInstant");
    if (instant.empty()) fail(at_line, id, "says no time", "dateObservedFrom and dateObservedTo");
    if (!(o_.period_s >= 1)) {
      fail(at_line, id, "says a moment, but not how long its period is",
           "dateObservedFrom and dateObservedTo say it; or give --period 300");
    }
    r.period_ms = static_cast<std::uint32_t>(std::llround(o_.period_s * 1000));
    r.begin_ms = moment(instant, at_line, id, r.flags) - r.period_ms;  // observed when it was over
  }

  void tell_site(leaf_map const& e, std::string const& id, bool backward, std::size_t at_line) {
    count_site s;
    s.source = key_.source;
    s.id = id;
    s.first_lane = 1;
    s.lanes_from_left = true;  // OpenStreetMap's way of counting, which the data model refers to
    s.name = text_in(e, "name");
    s.road_name = text_in(e, "address.streetAddress");
    if (s.road_name.empty()) s.road_name = text_in(e, "address.value.streetAddress");
    std::string const place = e.contains("location.value.type") ? "location.value.coordinates" : "location.coordinates";
    if (e.contains(place + ".0")) {
      s.lon_deg = number_in(e, place + ".0", at_line, id);
      s.lat_deg = number_in(e, place + ".1", at_line, id);
    } else if (e.contains(place + ".0.0")) {
      line_place(e, place, backward, s);
    }
    catalog_.add_site(s);
  }

  // Of a line: the middle of its points, and its direction from the first to the last.
  static void line_place(leaf_map const& e, std::string const& place, bool backward, count_site& s) {
    double lon = 0, lat = 0, first_lon = NAN, first_lat = NAN, last_lon = NAN, last_lat = NAN;
    std::size_t n = 0;
    for (;; ++n) {
      auto const x = e.find(fmt::format("{}.{}.0", place, n)), y = e.find(fmt::format("{}.{}.1", place, n));
      if (x == e.end() || y == e.end() || !std::isfinite(x->second.number) || !std::isfinite(y->second.number)) break;
      last_lon = x->second.number;
      last_lat = y->second.number;
      if (n == 0) first_lon = last_lon;
      if (n == 0) first_lat = last_lat;
      lon += last_lon;
      lat += last_lat;
    }
    if (n == 0) return;
    s.lon_deg = lon / static_cast<double>(n);
    s.lat_deg = lat / static_cast<double>(n);
    double const dx = (last_lon - first_lon) * std::cos(s.lat_deg * M_PI / 180), dy = last_lat - first_lat;
    if (dx == 0 && dy == 0) return;
    s.heading_deg = std::fmod(std::atan2(dx, dy) * 180 / M_PI + (backward ? 540 : 360), 360);
  }

  void entity(leaf_map const& e, std::size_t at_line) {
    std::string type = text_in(e, "type");
    if (type.empty()) type = text_in(e, "type.0");
    if (short_name(type) != "TrafficFlowObserved") {
      report_.skipped += type.empty() && e.empty() ? 0U : 1U;
      return;
    }
    std::string const id = text_in(e, "id");
    if (id.empty()) fail(at_line, "an entity", "has no id", "TrafficFlowObserved needs \"id\" and \"type\"");
    if (e.contains("intensity.0.value"))
      fail(at_line, id, "holds lists of values over time", "ask for entities one time each; those lists are not read");
    key_.source = o_.source.empty() ? "ngsi" : o_.source;
    key_.site = id;
    key_.direction = text_in(e, "laneDirection");
    key_.vclass = text_in(e, "vehicleType");
    double const lane = number_in(e, "laneId", at_line, id);
    key_.lane = lane >= 0 && lane <= 20 ? static_cast<std::int32_t>(lane) : kAllLanes;
    count_record r;
    r.series = catalog_.intern(key_);
    if (catalog_.site(key_.source, id) == nullptr) tell_site(e, id, key_.direction == "backward", at_line);
    set_period(e, at_line, id, r);
    r.received_ms = utc_ms_of_iso(text_in(e, "dateModified")).value_or(notified_ms_);
    set_values(e, at_line, id, r);
    out_.add(r);
  }

  void set_values(leaf_map const& e, std::size_t at_line, std::string const& id, count_record& r) {
    double const count = number_in(e, "intensity", at_line, id),
                 speed = number_in(e, "averageVehicleSpeed", at_line, id),
                 share = number_in(e, "occupancy", at_line, id);
    if (std::isnan(count) || count == -1) {
      r.flags |= kNull;
    } else {
      r.count = in_range(count, kMostCount, r);
    }
    if (std::isfinite(speed) && speed != -1) r.speed_kmh = in_range(speed, kMostSpeed_kmh, r);
    if (std::isfinite(share) && share != -1) {
      ++occupancies_;
      too_full_ += share > 1 ? 1U : 0U;
      r.occ_frac = in_range(share, 1, r);
    }
  }

  std::string file_;
  read_options const& o_;
  local_clock clock_;
  count_catalog& catalog_;
  record_batch& out_;
  read_report& report_;
  std::vector<level> stack_;
  std::vector<leaf_map> leaves_;
  std::string next_;
  std::int64_t notified_ms_ = kNoTime;
  detector_key key_;
  std::uint64_t occupancies_ = 0, too_full_ = 0;
};

}  // namespace

void read_ngsi_counts(std::filesystem::path const& file, read_options const& o, count_catalog& catalog,
                      record_batch& out, read_report& report) {
  report.kind = "NGSI TrafficFlowObserved";
  ngsi_reader reader(file, o, catalog, out, report);
  read_json_stream(file, reader);
  out.flush();
  reader.finish();
}

}  // namespace gemeo
