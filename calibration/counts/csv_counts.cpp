// CSV files of counts by a mapping: long (a row a period) and wide (a column a period, or a column a site).
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "calibration/counts/batch.h"
#include "calibration/counts/csv_stream.h"
#include "calibration/counts/time_text.h"
#include "sim/core/error.h"
#include "sim/core/xml.h"

namespace gemeo {
namespace {

constexpr int kNoColumn = -1;
constexpr double kLongestPeriod_s = 2 * 86400.0;

struct wide_column {
  int at = kNoColumn;
  time_parts says;  // the period, or the site, that the header names
};

// A moment as a file gives it: on the local clock, or with its offset from UTC.
struct given_time {
  civil_date date;
  double of_day_s = 0;
  std::optional<std::int32_t> utc_offset_s;
};

struct compiled_text {  // column_text with the places of its columns
  struct part {
    int column = kNoColumn;
    std::string text;
    std::map<std::string, std::string> const* meaning = nullptr;
  };
  std::vector<part> parts;
};

struct column_places {
  compiled_text site, index, lane, direction, vclass, version;
  int begin, end, date, time, period, count, flow, speed, occupancy, n_inputs, received, imputed;
  int name, road_name, edge, longitude, latitude, lat_lon, heading, position, lanes;
};

class csv_reader {
 public:
  csv_reader(std::filesystem::path const& file, read_options const& o, count_catalog& catalog, record_batch& out)
      : m_(*o.mapping),
        file_(file.string()),
        source_(o.source.empty() ? m_.source : o.source),
        in_(file, m_.delimiter),
        clock_(m_.time_zone, m_.file.string() + ": time_zone"),
        catalog_(catalog),
        out_(out) {
    read_file_name(file);
    read_header();
  }

  void run() {
    while (in_.next()) {
      if (in_.count() != columns_.size()) {
        throw_input(in_.where(), fmt::format("{} fields where the header has {}", in_.count(), columns_.size()),
                    in_.count() > columns_.size()
                        ? "is the mapping's delimiter the file's, and are texts that hold it in quotes?"
                        : "empty fields keep their delimiter");
      }
      row();
    }
    if (occupancies_ > 20 && too_full_ * 2 > occupancies_) {
      throw_input(file_, fmt::format("{} of {} occupancies are above 100 %", too_full_, occupancies_),
                  fmt::format("is the unit right? [units] occupancy in {}", m_.file.string()));
    }
  }

 private:
  void read_file_name(std::filesystem::path const& file) {
    if (!m_.fixed_date.empty()) fixed_.date = scan_iso(m_.fixed_date)->date;
    if (!m_.fixed_time.empty()) fixed_.time_s = scan_iso(m_.fixed_time)->time_s;
    if (m_.file_name_pattern.empty()) return;
    auto const p = scan(m_.file_name_pattern, file.filename().string());
    if (!p) {
      throw_input(file_, fmt::format("its name does not fit the pattern '{}'", m_.file_name_pattern),
                  fmt::format("correct [file_name] pattern in {}", m_.file.string()));
    }
    if (p->date) fixed_.date = p->date;
    if (p->time_s) fixed_.time_s = p->time_s;
    fixed_.end_time_s = p->end_time_s;
    fixed_.site = p->site;
  }

  int place(std::string const& name, char const* key) {
    if (name.empty()) return kNoColumn;
    auto const at = std::find(columns_.begin(), columns_.end(), name);
    if (at == columns_.end()) {
      std::string hint = did_you_mean(name, columns_);
      if (hint.empty() && columns_.size() == 1) hint = "it has a single column: is the mapping's delimiter right?";
      if (hint.empty()) hint = fmt::format("its columns are {}", fmt::join(columns_, ", "));
      throw_input(in_.where(),
                  fmt::format("there is no column '{}', which {} names for {}", name, m_.file.string(), key), hint);
    }
    auto const i = static_cast<std::size_t>(at - columns_.begin());
    named_[i] = true;
    return static_cast<int>(i);
  }

  compiled_text place(column_text const& t, char const* key) {
    compiled_text out;
    for (column_text::part const& p : t.parts) {
      if (!p.is_column) {
        out.parts.push_back({kNoColumn, p.text, nullptr});
        continue;
      }
      auto const values = m_.values.find(p.text);
      out.parts.push_back({place(p.text, key), p.text, values == m_.values.end() ? nullptr : &values->second});
    }
    return out;
  }

  void read_header() {
    if (!in_.next()) throw_input(file_, "is empty", "a header line with column names is needed");
    columns_.assign(in_.fields().begin(), in_.fields().begin() + static_cast<std::ptrdiff_t>(in_.count()));
    named_.assign(columns_.size(), false);
    c_.site = place(m_.site, "site");
    c_.index = place(m_.index, "index");
    c_.lane = place(m_.lane, "lane");
    c_.direction = place(m_.direction, "direction");
    c_.vclass = place(m_.vclass, "vclass");
    c_.version = place(m_.version, "version");
    std::tuple<int*, std::string const*, char const*> const plain[] = {
        {&c_.begin, &m_.begin, "begin"},
        {&c_.end, &m_.end, "end"},
        {&c_.date, &m_.date, "date"},
        {&c_.time, &m_.time, "time"},
        {&c_.period, &m_.period, "period"},
        {&c_.count, &m_.count, "count"},
        {&c_.flow, &m_.flow, "flow"},
        {&c_.speed, &m_.speed, "speed"},
        {&c_.occupancy, &m_.occupancy, "occupancy"},
        {&c_.n_inputs, &m_.n_inputs, "n_inputs"},
        {&c_.received, &m_.received, "received"},
        {&c_.imputed, &m_.imputed, "imputed"},
        {&c_.name, &m_.name, "name"},
        {&c_.road_name, &m_.road_name, "road_name"},
        {&c_.edge, &m_.edge, "edge"},
        {&c_.longitude, &m_.longitude, "longitude"},
        {&c_.latitude, &m_.latitude, "latitude"},
        {&c_.lat_lon, &m_.lat_lon, "lat_lon"},
        {&c_.heading, &m_.heading, "heading"},
        {&c_.position, &m_.position, "position"},
        {&c_.lanes, &m_.lanes, "lanes"},
    };
    for (auto const& [into, name, key] : plain) *into = place(*name, key);
    if (m_.wide_pattern.empty()) return;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (named_[i]) continue;
      if (auto const p = scan(m_.wide_pattern, columns_[i])) wide_.push_back({static_cast<int>(i), *p});
    }
    if (wide_.empty()) {
      throw_input(in_.where(), fmt::format("no column's name fits [wide] header '{}'", m_.wide_pattern),
                  fmt::format("its columns are {}", fmt::join(columns_, ", ")));
    }
  }

  [[noreturn]] void fail(int column, std::string const& what, std::string hint) const {
    throw_input(in_.where(), fmt::format("column '{}': {}", columns_[static_cast<std::size_t>(column)], what),
                std::move(hint));
  }
  [[nodiscard]] std::string const& at(int column) const { return in_.field(static_cast<std::size_t>(column)); }

  [[nodiscard]] bool is_missing(std::string const& s) const {
    return std::find(m_.missing.begin(), m_.missing.end(), s) != m_.missing.end();
  }

  [[nodiscard]] std::string text(compiled_text const& t) const {
    std::string out;
    for (compiled_text::part const& p : t.parts) {
      if (p.column == kNoColumn) {
        out += p.text;
        continue;
      }
      std::string const& s = at(p.column);
      if (p.meaning == nullptr) {
        out += s;
      } else if (auto const found = p.meaning->find(s); found != p.meaning->end()) {
        out += found->second;
      } else {
        fail(p.column, fmt::format("'{}' is not among its values", s),
             fmt::format("add it to [values.{}] in {}", p.text, m_.file.string()));
      }
    }
    return out;
  }

  [[nodiscard]] std::int32_t whole(compiled_text const& t, std::int32_t absent, char const* key) const {
    if (t.parts.empty()) return absent;
    std::string const s = text(t);
    if (is_missing(s)) return absent;
    auto const v = parse_integer(s);
    if (!v || *v < 0 || *v > 1'000'000)
      throw_input(in_.where(), fmt::format("{} '{}' is no whole number from 0 on", key, s),
                  fmt::format("[values.COLUMN] in {} can say what it means", m_.file.string()));
    return static_cast<std::int32_t>(*v);
  }

  // Nullopt: the file says that there is no value.
  [[nodiscard]] std::optional<double> number(int column) const {
    std::string const& s = at(column);
    if (is_missing(s)) return std::nullopt;
    std::string plain;
    std::string_view digits = s;
    if (m_.thousands != 0 || m_.decimal == ',') {
      for (char const letter : s) {
        if (letter == m_.thousands && letter != 0) continue;
        if (m_.decimal == ',' && letter == '.') {
          fail(column, fmt::format("'{}' has a point where decimals have a comma", s),
               "decimal = \".\", or thousands = \".\", in " + m_.file.string());
        }
        plain += letter == m_.decimal ? '.' : letter;
      }
      digits = plain;
    }
    auto const v = parse_number(digits);
    if (!v) {
      fail(column, fmt::format("'{}' is no number", s),
           s.find(',') != std::string::npos && m_.decimal == '.'
               ? "decimal = \",\" in " + m_.file.string() + "?"
               : "if it means that there is no value, add it to missing in " + m_.file.string());
    }
    return v;
  }

  [[nodiscard]] time_parts parse(int column, std::string const& pattern) const {
    std::string const& s = at(column);
    auto const p = pattern.empty() ? scan_iso(s) : scan(pattern, s);
    if (!p) {
      fail(column, fmt::format("'{}' is no time or date of the form {}", s, pattern.empty() ? "of ISO 8601" : pattern),
           pattern.empty() ? "2024-11-04T07:15, or [patterns] in " + m_.file.string()
                           : "correct [patterns] in " + m_.file.string());
    }
    return *p;
  }

  [[nodiscard]] given_time moment_of(int column) const {
    time_parts const p = parse(column, m_.datetime_pattern);
    std::optional<civil_date> const date = p.date ? p.date : row_date_;
    if (!date || !p.time_s) fail(column, fmt::format("'{}' lacks its {}", at(column), date ? "time" : "date"), "");
    return {*date, *p.time_s, p.utc_offset_s};
  }

  // The date and time that the row gives to all its values; the time may be left to a wide column.
  void read_row_time() {
    row_date_ = fixed_.date;
    row_time_s_ = fixed_.time_s;
    if (c_.date != kNoColumn) row_date_ = parse(c_.date, m_.date_pattern).date;
    if (c_.time != kNoColumn) row_time_s_ = parse(c_.time, m_.time_pattern).time_s;
    if (c_.date != kNoColumn && !row_date_) fail(c_.date, fmt::format("'{}' is no date", at(c_.date)), "");
    if (c_.time != kNoColumn && !row_time_s_) fail(c_.time, fmt::format("'{}' is no time", at(c_.time)), "");
  }

  [[nodiscard]] double period_of_row() const {
    if (c_.period == kNoColumn) return m_.period_s;
    auto const v = number(c_.period);
    double const s = v.value_or(0) * m_.period_factor;
    if (!(s > 0) || s > kLongestPeriod_s)
      fail(c_.period, fmt::format("'{}' is no period", at(c_.period)), "seconds, or [units] period");
    return s;
  }

  // UTC in milliseconds. Of a local time that comes twice the first is meant, unless the detector has had that already.
  std::int64_t utc_ms(given_time const& t, std::int64_t after_ms, std::uint16_t& flags) const {
    std::int64_t const midnight = days_of(t.date) * 86400;
    auto const whole_s = static_cast<std::int64_t>(std::floor(t.of_day_s));
    std::int64_t const ms = std::llround((t.of_day_s - std::floor(t.of_day_s)) * 1000);
    if (t.utc_offset_s) return (midnight + whole_s - *t.utc_offset_s) * 1000 + ms;
    local_clock::moment const m = clock_.utc_of(midnight + whole_s);
    if (m.missing) flags |= kClockMissing;
    if (m.repeated) flags |= kClockRepeated;
    bool const again = m.repeated && after_ms != kNoTime && m.first_s * 1000 + ms <= after_ms;
    return (again ? m.second_s : m.first_s) * 1000 + ms;
  }

  // Begin and period of the row's values.
  void set_period(count_record& r, wide_column const* wide) {
    double period_s = period_of_row();
    std::int64_t& last = last_begin_ms_[r.series];
    std::optional<given_time> begin, end;
    if (wide != nullptr && wide->says.time_s) {
      begin = given_time{*row_date_, *wide->says.time_s, {}};
      if (wide->says.end_time_s) period_s = *wide->says.end_time_s - *wide->says.time_s;
      if (period_s < 0) period_s += 86400;  // 23:00-00:00
    } else if (c_.begin != kNoColumn) {
      begin = moment_of(c_.begin);
    } else if (row_date_ && row_time_s_) {
      begin = given_time{*row_date_, *row_time_s_, {}};
      if (fixed_.end_time_s && fixed_.time_s && c_.time == kNoColumn) {
        period_s = *fixed_.end_time_s - *fixed_.time_s;
        if (period_s < 0) period_s += 86400;
      }
    }
    if (c_.end != kNoColumn) end = moment_of(c_.end);
    if (!begin && !end) throw_input(in_.where(), "says no time", "[columns] begin, or date and time");
    if (begin) {
      r.begin_ms = utc_ms(*begin, last, r.flags);
      std::uint16_t of_end = 0;  // a period may well end where the clock changes
      if (end) period_s = static_cast<double>(utc_ms(*end, r.begin_ms, of_end) - r.begin_ms) / 1000;
    } else {
      std::int64_t const after = last == kNoTime ? kNoTime : last + std::llround(period_s * 1000);
      r.begin_ms = utc_ms(*end, after, r.flags) - std::llround(period_s * 1000);
    }
    if (!(period_s >= 1) || period_s > kLongestPeriod_s) {
      throw_input(in_.where(), fmt::format("a period of {:g} s", period_s),
                  "a period is at least a second and at most two days; period_s, or the columns period or end, say it");
    }
    r.period_ms = static_cast<std::uint32_t>(std::llround(period_s * 1000));
    last = r.begin_ms;
  }

  void set_count(count_record& r, std::optional<double> v, bool is_flow) {
    if (!v) {
      r.flags |= kNull;
      return;
    }
    if (is_flow) r.flags |= kFromRate;
    r.count = in_range(is_flow ? *v * m_.flow_factor * r.period_ms / 3.6e6 : *v, kMostCount, r);
  }
  void set_speed(count_record& r, std::optional<double> v) const {
    if (v) r.speed_kmh = in_range(*v * m_.speed_factor, kMostSpeed_kmh, r);
  }
  void set_occupancy(count_record& r, std::optional<double> v) {
    if (!v) return;
    double const share = *v * m_.occupancy_factor;
    ++occupancies_;
    too_full_ += share > 1.0001 ? 1U : 0U;
    r.occ_frac = in_range(share > 1 && share <= 1.0001 ? 1 : share, 1, r);
  }

  void set_values(count_record& r, wide_column const* wide) {
    if (c_.count != kNoColumn)
      set_count(r, number(c_.count), false);
    else if (c_.flow != kNoColumn)
      set_count(r, number(c_.flow), true);
    if (c_.speed != kNoColumn) set_speed(r, number(c_.speed));
    if (c_.occupancy != kNoColumn) set_occupancy(r, number(c_.occupancy));
    if (wide != nullptr) {
      auto const v = number(wide->at);
      if (m_.wide_quantity == "count" || m_.wide_quantity == "flow") set_count(r, v, m_.wide_quantity == "flow");
      if (m_.wide_quantity == "speed") set_speed(r, v);
      if (m_.wide_quantity == "occupancy") set_occupancy(r, v);
    }
    if (c_.n_inputs != kNoColumn) {
      if (auto const v = number(c_.n_inputs); v && *v >= 0) {
        r.n_inputs = static_cast<std::uint16_t>(std::min(*v, double{kUnknownInputs - 1}));
      }
    }
    if (c_.imputed != kNoColumn) {
      std::string const& s = at(c_.imputed);
      if (s == "1" || s == "true" || s == "True" || s == "yes") r.flags |= kImputed;
    }
    if (m_.mean_of_days) r.flags |= kMeanOfDays;
    if (r.n_inputs == 0) {
      r.count = r.speed_kmh = r.occ_frac = kAbsent;
      r.flags |= kNull;
    }
  }

  void tell_site(detector_key const& k) {
    count_site s;
    s.source = k.source;
    s.id = k.site;
    s.version = k.version;
    s.first_lane = m_.first_lane;
    s.lanes_from_left = m_.lanes_from_left;
    if (c_.name != kNoColumn) s.name = at(c_.name);
    if (c_.road_name != kNoColumn) s.road_name = at(c_.road_name);
    if (c_.edge != kNoColumn) s.edge = at(c_.edge);
    auto const read = [&](int column, double& into) {
      if (column == kNoColumn) return;
      if (auto const v = number(column)) into = *v;
    };
    read(c_.longitude, s.lon_deg);
    read(c_.latitude, s.lat_deg);
    read(c_.position, s.pos_m);
    read(c_.heading, s.heading_deg);
    if (m_.heading_counter_clockwise) s.heading_deg = std::fmod(720 - s.heading_deg, 360);
    if (c_.lanes != kNoColumn) {
      auto const v = number(c_.lanes);
      if (v && *v >= 1 && *v <= 20) s.lanes = static_cast<std::int32_t>(*v);
    }
    if (c_.lat_lon != kNoColumn && !is_missing(at(c_.lat_lon))) {  // "44.49, 11.32": two numbers with points
      std::string const& both = at(c_.lat_lon);
      std::size_t const comma = both.find_first_of(",;");
      auto const lat = parse_number(std::string_view(both).substr(0, comma));
      auto const lon =
          comma == std::string::npos ? std::nullopt : parse_number(std::string_view(both).substr(comma + 1));
      if (!lat || !lon) fail(c_.lat_lon, fmt::format("'{}' is no latitude and longitude", both), "44.49, 11.32");
      s.lat_deg = *lat;
      s.lon_deg = *lon;
    }
    catalog_.add_site(s);
  }

  std::uint32_t series_of(wide_column const* wide) {
    key_.source = source_;
    key_.site = wide != nullptr && !wide->says.site.empty() ? wide->says.site
                : !c_.site.parts.empty()                    ? text(c_.site)
                : !m_.fixed_site.empty()                    ? m_.fixed_site
                                                            : fixed_.site;
    if (key_.site.empty()) throw_input(in_.where(), "names no site", "a row without one cannot be used; take it out");
    key_.version = text(c_.version);
    key_.direction = c_.direction.parts.empty() ? m_.fixed_direction : text(c_.direction);
    key_.vclass = c_.vclass.parts.empty() ? m_.fixed_vclass : text(c_.vclass);
    key_.index = whole(c_.index, kNoIndex, "index");
    key_.lane = whole(c_.lane, kAllLanes, "lane");
    std::uint32_t const s = catalog_.intern(key_);
    if (last_begin_ms_.size() <= s) last_begin_ms_.resize(s + 1, kNoTime);
    if (told_.size() <= s) told_.resize(s + 1, false);
    if (!told_[s]) tell_site(key_);
    told_[s] = true;
    return s;
  }

  void one(wide_column const* wide) {
    count_record r;
    r.series = series_of(wide);
    set_period(r, wide);
    if (c_.received != kNoColumn && !is_missing(at(c_.received))) {
      std::uint16_t ignored = 0;
      r.received_ms = utc_ms(moment_of(c_.received), r.begin_ms, ignored);
    }
    set_values(r, wide);
    out_.add(r);
  }

  void row() {
    read_row_time();
    if (wide_.empty()) return one(nullptr);
    for (wide_column const& w : wide_) one(&w);
  }

  csv_mapping const& m_;
  std::string file_, source_;
  csv_stream in_;
  local_clock clock_;
  count_catalog& catalog_;
  record_batch& out_;
  std::vector<std::string> columns_;
  std::vector<bool> named_;  // by the mapping
  column_places c_{};
  std::vector<wide_column> wide_;
  time_parts fixed_;  // by the mapping, or by the file's name
  std::optional<civil_date> row_date_;
  std::optional<double> row_time_s_;
  detector_key key_;
  std::vector<std::int64_t> last_begin_ms_;  // by series, in this file
  std::vector<bool> told_;
  std::uint64_t occupancies_ = 0, too_full_ = 0;
};

}  // namespace

void read_csv_counts(std::filesystem::path const& file, read_options const& o, count_catalog& catalog,
                     record_batch& out, read_report& report) {
  report.kind = "csv";
  csv_reader(file, o, catalog, out).run();
}

}  // namespace gemeo
