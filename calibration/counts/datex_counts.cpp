// DATEX II, versions 2 and 3: site tables (what the indexes of a site mean, and where it is) and measured data, joined
// on (site, version, index). Elements are known by their names without prefix: publishers nest them in envelopes of all
// kinds. Memory: one site's values at a time, as version 3 says their time after them.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>

#include "calibration/counts/batch.h"
#include "calibration/counts/time_text.h"
#include "sim/core/error.h"
#include "sim/core/xml.h"

namespace gemeo {
namespace {

constexpr std::size_t kMostText = 4096;      // bytes of one element's text that are kept
constexpr std::size_t kMostValues = 20'000;  // of one site in one publication
constexpr double kDefault = -1;

std::string_view local_name(std::string_view name) {
  std::size_t const colon = name.rfind(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

std::string_view type_of(xml_attributes const& a) {  // xsi:type, without the prefixes of both
  for (char const** p = a.pairs(); *p != nullptr; p += 2) {
    std::string_view const name = p[0];
    if (name.find(':') != std::string_view::npos && local_name(name) == "type") return local_name(p[1]);
  }
  return {};
}

struct value_time {  // as far as a document says it
  std::int64_t ms = kNoTime, begin_ms = kNoTime, end_ms = kNoTime;
  std::string meaning;  // beginTime, middleTime, endTime
  double period_s = 0;
};

struct datex_value {
  std::int32_t index = 0;
  enum class kind { kNone, kFlow, kSpeed, kOccupancy } what = kind::kNone;
  double number = 0;
  bool has_number = false, faulty = false, has_inputs = false;
  std::int64_t inputs = 0;
  std::string vclass;
  value_time time;
};

class datex_reader : public xml_handler {
 public:
  datex_reader(std::filesystem::path const& file, read_options const& o, count_catalog& catalog, record_batch& out,
               read_report& report)
      : file_(file.string()), o_(o), catalog_(catalog), out_(out), report_(report), source_(o.source) {}

  void start(std::string_view element, xml_attributes const& a) override {
    std::string_view const name = local_name(element);
    line_ = a.line();
    text_.clear();
    path_.emplace_back(name);
    if (name == "d2LogicalModel" || name == "messageContainer")
      report_.kind = a.text_or("modelBaseVersion", "3") == "2" ? "DATEX II v2" : "DATEX II v3";
    if (name == "measurementSiteRecord" || name == "measurementSite") {
      begin_site(a);
    } else if (name == "siteMeasurements") {
      begin_measurements();
    } else if (in_site_ && name == "measurementSpecificCharacteristics" && a.find("index")) {
      meaning_ = {};
      meaning_index_ = index_of(a);
    } else if (in_measurements_ && name == "measurementSiteReference") {
      site_.id = std::string(a.text("id"));
      site_.version = std::string(a.text_or("version", ""));
    } else if (in_measurements_ && (name == "measuredValue" || name == "physicalQuantity") && a.find("index")) {
      begin_value(a);
    } else if (in_value_) {
      start_in_value(name, a);
    }
  }

  void characters(std::string_view s) override {
    if (text_.size() < kMostText) text_ += s.substr(0, kMostText - text_.size());
  }

  void end(std::string_view element) override {
    std::string_view const name = local_name(element);
    path_.pop_back();
    if (name == "nationalIdentifier" && source_.empty()) source_ = trimmed();
    if (name == "publicationTime") received_ms_ = moment("publicationTime");
    if (in_site_) {
      end_in_site(name);
    } else if (in_measurements_) {
      end_in_measurements(name);
    }
    text_.clear();
  }

  void finish() const {
    if (report_.sites == 0 && measurements_ == 0) {
      throw_input(file_, "holds neither siteMeasurements nor measurement sites",
                  "MeasuredDataPublication and MeasurementSiteTablePublication are read; other publications hold no "
                  "counts");
    }
  }

 private:
  [[nodiscard]] std::string where() const { return fmt::format("{}:{}", file_, line_); }
  [[nodiscard]] std::string where_site() const {
    return fmt::format("{}:{}: site {}{}", file_, line_, site_.id,
                       site_.version.empty() ? "" : " version " + site_.version);
  }
  [[nodiscard]] std::string trimmed() const {
    std::size_t const a = text_.find_first_not_of(" \t\r\n");
    return a == std::string::npos ? "" : text_.substr(a, text_.find_last_not_of(" \t\r\n") - a + 1);
  }
  [[nodiscard]] std::int64_t moment(char const* element) const {
    auto const ms = utc_ms_of_iso(text_);
    if (!ms)
      throw_input(where(), fmt::format("<{}>: '{}' is no time with its offset", element, trimmed()),
                  "2024-11-04T07:15:00+00:00");
    return *ms;
  }
  [[nodiscard]] double number(std::string_view element) const {
    auto const v = parse_number(text_);
    if (!v) throw_input(where(), fmt::format("<{}>: '{}' is no number", element, trimmed()));
    return *v;
  }
  [[nodiscard]] static std::int32_t index_of(xml_attributes const& a) {
    std::int64_t const i = a.integer("index");
    if (i < 0 || i > 1'000'000) a.fail(fmt::format("index {} is out of range", i), "0 to 1000000");
    return static_cast<std::int32_t>(i);
  }
  [[nodiscard]] bool inside(std::string_view element) const {
    return std::find(path_.begin(), path_.end(), element) != path_.end();
  }

  // Site tables.

  void begin_site(xml_attributes const& a) {
    if (in_site_ || in_measurements_) a.fail("a site inside another, or inside measurements");
    in_site_ = true;
    site_ = {};
    site_.id = std::string(a.text("id"));
    site_.version = std::string(a.text_or("version", ""));
    site_.first_lane = 1;
    meanings_.clear();
    meaning_index_ = kNoIndex;
  }

  void end_in_site(std::string_view name) {
    if (name == "measurementSiteRecord" || name == "measurementSite") {
      in_site_ = false;
      site_.source = source();
      catalog_.add_site(site_);
      if (!meanings_.empty()) catalog_.set_meanings(site_.source, site_.id, site_.version, std::move(meanings_));
      meanings_ = {};
      ++report_.sites;
    } else if (name == "value" && inside("measurementSiteName")) {
      if (site_.name.empty()) site_.name = trimmed();
    } else if (name == "measurementSiteNumberOfLanes") {
      double const n = number(name);
      site_.lanes = n >= 1 && n <= 20 ? static_cast<std::int32_t>(n) : 0;
    } else if (name == "latitude" && !std::isfinite(site_.lat_deg)) {
      site_.lat_deg = number(name);
    } else if (name == "longitude" && !std::isfinite(site_.lon_deg)) {
      site_.lon_deg = number(name);
    } else if (name == "openlrBearing" || name == "bearing") {
      site_.heading_deg = number(name);
    } else if (name == "measurementSide") {
      set_heading(trimmed());
    } else if (name == "roadNumber" || name == "roadName") {
      if (site_.road_name.empty()) site_.road_name = trimmed();
    } else if (meaning_index_ != kNoIndex) {
      end_in_meaning(name);
    }
  }

  void set_heading(std::string const& side) {
    constexpr std::array<std::string_view, 8> kSides = {"northBound", "northEastBound", "eastBound", "southEastBound",
                                                        "southBound", "southWestBound", "westBound", "northWestBound"};
    auto const at = std::find(kSides.begin(), kSides.end(), side);
    if (at != kSides.end() && !std::isfinite(site_.heading_deg))
      site_.heading_deg = 45.0 * static_cast<double>(at - kSides.begin());
  }

  void end_in_meaning(std::string_view name) {
    if (name == "measurementSpecificCharacteristics") {
      // Version 2 and 3 nest an element of this name in one of the same name; the inner one ends first.
      if (meanings_.size() > kMostValues) throw_input(where_site(), "more indexes than a site has");
      meanings_[meaning_index_] = meaning_;
      if (!path_.empty() && path_.back() != "measurementSpecificCharacteristics") meaning_index_ = kNoIndex;
    } else if (name == "period") {
      meaning_.period_s = number(name);
    } else if (name == "specificLane" || name == "laneNumber" || name == "laneUsage") {
      set_lane(trimmed());
    } else if (name == "specificMeasurementValueType") {
      meaning_.is_flow = trimmed() == "trafficFlow";
    } else {
      add_class(name, meaning_.vclass);
    }
  }

  void set_lane(std::string const& s) {
    std::string_view digits = s;
    if (digits.substr(0, 4) == "lane") digits.remove_prefix(4);
    if (auto const n = parse_integer(digits); n && *n >= 0 && *n <= 20) {
      meaning_.lane = static_cast<std::int32_t>(*n);
    } else if (!s.empty() && s != "allLanesCompleteCarriageway") {
      meaning_.lane_name = s;
    }
  }

  // "car+van", "greaterThan 5.2 lessThanOrEqualTo 6.6" (metres of length), "lessThan 3.5t".
  void add_class(std::string_view name, std::string& vclass) const {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kParts = {{{"vehicleType", ""},
                                                                                      {"comparisonOperator", ""},
                                                                                      {"vehicleLength", ""},
                                                                                      {"grossVehicleWeight", "t"},
                                                                                      {"numberOfAxles", "axles"},
                                                                                      {"vehicleHeight", "m-high"},
                                                                                      {"vehicleWidth", "m-wide"}}};
    auto const part = std::find_if(kParts.begin(), kParts.end(), [&](auto const& p) { return p.first == name; });
    if (part == kParts.end()) return;
    std::string const s = trimmed();
    if (s.empty() || s == "anyVehicle" || vclass.size() > 100) return;
    if (!vclass.empty()) vclass += name == "vehicleType" ? "+" : " ";
    vclass += s;
    vclass += part->second;
  }

  // Measured data.

  void begin_measurements() {
    if (in_measurements_) throw_input(where(), "<siteMeasurements> inside another");
    in_measurements_ = true;
    ++measurements_;
    site_ = {};
    values_.clear();
    default_time_ = {};
  }

  void begin_value(xml_attributes const& a) {
    if (values_.size() >= kMostValues) a.fail(fmt::format("more than {} values of one site", kMostValues));
    values_.emplace_back();
    values_.back().index = index_of(a);
    in_value_ = true;
    value_depth_ = path_.size();
  }

  void start_in_value(std::string_view name, xml_attributes const& a) {
    datex_value& v = values_.back();
    if (name == "basicData") {
      std::string_view const type = type_of(a);
      if (type != "TrafficFlow" && type != "TrafficSpeed" && type != "TrafficConcentration") ++report_.skipped;
    } else if (name == "vehicleFlow" || name == "averageVehicleSpeed" || name == "occupancy") {
      v.what = name == "vehicleFlow"           ? datex_value::kind::kFlow
               : name == "averageVehicleSpeed" ? datex_value::kind::kSpeed
                                               : datex_value::kind::kOccupancy;
      if (a.find("numberOfInputValuesUsed")) {
        v.inputs = a.integer("numberOfInputValuesUsed");
        v.has_inputs = true;
      }
    } else if (name == "measurementEquipmentFault" || name == "physicalQuantityFault") {
      v.faulty = true;
    }
  }

  value_time& time_now() { return in_value_ ? values_.back().time : default_time_; }

  void end_in_measurements(std::string_view name) {
    if (name == "siteMeasurements") {
      in_measurements_ = false;
      emit();
      return;
    }
    if (name == "measurementTimeDefault" || name == "measurementOrCalculationTime") {
      if (text_.find_first_not_of(" \t\r\n") != std::string::npos) time_now().ms = moment(std::string(name).c_str());
    } else if (name == "timeValue") {
      time_now().ms = moment("timeValue");
    } else if (name == "startOfPeriod") {
      time_now().begin_ms = moment("startOfPeriod");
    } else if (name == "endOfPeriod") {
      time_now().end_ms = moment("endOfPeriod");
    } else if (name == "timeMeaning") {
      time_now().meaning = trimmed();
    } else if (name == "measurementOrCalculationPeriod") {
      time_now().period_s = number(name);
    }
    if (in_value_) end_in_value(name);
  }

  void end_in_value(std::string_view name) {
    datex_value& v = values_.back();
    using kind = datex_value::kind;
    bool const holder = !path_.empty() && (path_.back() == "vehicleFlow" || path_.back() == "averageVehicleSpeed" ||
                                           path_.back() == "occupancy");
    if (path_.size() < value_depth_) {
      in_value_ = false;
      if (v.what == kind::kNone) values_.pop_back();
    } else if (holder &&
               ((name == "vehicleFlowRate" && v.what == kind::kFlow) || (name == "speed" && v.what == kind::kSpeed) ||
                (name == "percentage" && v.what == kind::kOccupancy))) {
      v.number = number(name);
      v.has_number = true;
    } else if (name == "dataError") {
      std::string const s = trimmed();
      v.faulty = v.faulty || s == "true" || s == "1";
    } else if (inside("forVehiclesWithCharacteristicsOf")) {
      add_class(name, v.vclass);
    }
  }

  // What one record is made of: the values of one lane, class and time.
  struct group_key {
    std::int32_t lane = kAllLanes;
    std::string lane_name, vclass;
    std::int64_t begin_ms = 0;
    std::uint32_t period_ms = 0;
    friend auto operator<=>(group_key const&, group_key const&) = default;
  };
  struct group {
    std::int32_t index = 0;
    std::vector<datex_value const*> values;
  };

  [[nodiscard]] std::string const& source() {
    if (source_.empty()) source_ = "datex2";
    return source_;
  }

  // False: a value marked as faulty, of which nobody says the time.
  [[nodiscard]] bool set_time(datex_value const& v, index_meaning const* m, group_key& k) const {
    value_time const& t = v.time;
    auto const or_default = [&](std::int64_t value_time::*part) {
      return t.*part != kNoTime ? t.*part : default_time_.*part;
    };
    std::int64_t const begin = or_default(&value_time::begin_ms), end = or_default(&value_time::end_ms);
    double period_s = begin != kNoTime && end != kNoTime ? static_cast<double>(end - begin) / 1000
                      : t.period_s > 0                   ? t.period_s
                      : default_time_.period_s > 0       ? default_time_.period_s
                      : m != nullptr && m->period_s > 0  ? m->period_s
                                                         : o_.period_s;
    if (v.faulty && !(period_s >= 1)) return false;
    if (!(period_s >= 1) || period_s > 2 * 86400) {
      throw_input(fmt::format("{} index {}", where_site(), v.index), "nowhere is said how long its period is",
                  "name its site table (MeasurementSiteTablePublication) before it, or give --period 60");
    }
    auto const period_ms = static_cast<std::int64_t>(std::llround(period_s * 1000));
    k.period_ms = static_cast<std::uint32_t>(period_ms);
    if (begin != kNoTime) {
      k.begin_ms = begin;
      return true;
    }
    if (end != kNoTime) {
      k.begin_ms = end - period_ms;
      return true;
    }
    std::int64_t const ms = or_default(&value_time::ms);
    if (ms == kNoTime) throw_input(where_site(), "says no time", "measurementTimeDefault is needed");
    std::string const& said = t.meaning.empty() ? default_time_.meaning : t.meaning;
    time_meaning const means = said == "endTime"      ? time_meaning::kEnd
                               : said == "middleTime" ? time_meaning::kMiddle
                               : said == "beginTime"  ? time_meaning::kBegin
                                                      : o_.datex_time;
    k.begin_ms = means == time_meaning::kBegin ? ms : means == time_meaning::kEnd ? ms - period_ms : ms - period_ms / 2;
    return true;
  }

  void emit() {
    if (site_.id.empty()) throw_input(where(), "<siteMeasurements> names no site", "measurementSiteReference id=...");
    count_catalog::site_meanings const* const table = catalog_.meanings(source(), site_.id, site_.version);
    std::map<group_key, group> groups;
    for (datex_value const& v : values_) {
      index_meaning const* m = nullptr;
      if (table != nullptr) {
        auto const at = table->find(v.index);
        if (at != table->end()) m = &at->second;
      }
      group_key k;
      if (m != nullptr) {
        k.lane = m->lane;
        k.lane_name = m->lane_name;
      }
      k.vclass = !v.vclass.empty() || m == nullptr ? v.vclass : m->vclass;
      if (set_time(v, m, k))
        groups[k].values.push_back(&v);
      else
        ++report_.supplier_errors;
    }
    for (auto& [k, g] : groups) emit(k, g, table);
  }

  void emit(group_key const& k, group& g, count_catalog::site_meanings const* table) {
    auto const same_kind = [](datex_value const* a, datex_value const* b) { return a->what < b->what; };
    std::stable_sort(g.values.begin(), g.values.end(), same_kind);
    bool const twice = std::adjacent_find(g.values.begin(), g.values.end(), [](auto const* a, auto const* b) {
                         return a->what == b->what;
                       }) != g.values.end();
    if (twice) {  // nothing says what makes them different: each index is a detector of its own
      for (datex_value const* v : g.values) put(k, v->index, {v});
      return;
    }
    g.index = g.values.front()->index;  // of the flow, where there is one
    if (table != nullptr) {             // the same in every publication, whatever is left out of it
      for (auto const& [index, m] : *table) {
        if (!m.is_flow || m.lane != k.lane || m.lane_name != k.lane_name || m.vclass != k.vclass) continue;
        g.index = index;
        break;
      }
    }
    put(k, g.index, g.values);
  }

  void put(group_key const& k, std::int32_t index, std::vector<datex_value const*> const& values) {
    key_.source = source();
    key_.site = site_.id;
    key_.version = site_.version;
    key_.index = index;
    key_.lane = k.lane;
    key_.direction = k.lane_name;
    key_.vclass = k.vclass;
    count_record r;
    r.series = catalog_.intern(key_);
    r.begin_ms = k.begin_ms;
    r.period_ms = k.period_ms;
    r.received_ms = received_ms_;
    for (datex_value const* v : values) take(*v, r);
    out_.add(r);
  }

  static void take(datex_value const& v, count_record& r) {
    using kind = datex_value::kind;
    if (v.has_inputs && v.what == kind::kFlow)
      r.n_inputs = static_cast<std::uint16_t>(std::clamp<std::int64_t>(v.inputs, 0, kUnknownInputs - 1));
    if (v.faulty) r.flags |= kSupplierError;
    bool const null = !v.has_number || v.number == kDefault || (v.has_inputs && v.inputs == 0);
    if (null && v.what == kind::kFlow) r.flags |= kNull;
    if (null || v.faulty) return;
    if (v.what == kind::kFlow) {
      r.flags |= kFromRate;
      r.count = in_range(v.number * r.period_ms / 3.6e6, kMostCount, r);
    } else if (v.what == kind::kSpeed) {
      r.speed_kmh = in_range(v.number, kMostSpeed_kmh, r);
    } else {
      r.occ_frac = in_range(v.number / 100, 1, r);
    }
  }

  std::string file_;
  read_options const& o_;
  count_catalog& catalog_;
  record_batch& out_;
  read_report& report_;
  std::string source_, text_;
  std::vector<std::string> path_;
  std::uint64_t line_ = 0, measurements_ = 0;
  std::int64_t received_ms_ = kNoTime;
  bool in_site_ = false, in_measurements_ = false, in_value_ = false;
  std::size_t value_depth_ = 0;
  count_site site_;
  count_catalog::site_meanings meanings_;
  index_meaning meaning_;
  std::int32_t meaning_index_ = kNoIndex;
  std::vector<datex_value> values_;
  value_time default_time_;
  detector_key key_;
};

}  // namespace

void read_datex_counts(std::filesystem::path const& file, read_options const& o, count_catalog& catalog,
                       record_batch& out, read_report& report) {
  report.kind = "DATEX II";
  datex_reader reader(file, o, catalog, out, report);
  read_xml(file, reader);
  reader.finish();
}

}  // namespace gemeo
