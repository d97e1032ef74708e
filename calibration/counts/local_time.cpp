#include "calibration/counts/local_time.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "sim/core/error.h"
#include "sim/core/text_file.h"
#include "sim/demand/time_zone.h"

namespace gemeo {

// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": years begin in March, 400 of them are an era.
std::int64_t days_of(civil_date d) {
  std::int64_t const y = d.year - (d.month <= 2 ? 1 : 0), era = (y >= 0 ? y : y - 399) / 400, of_era = y - era * 400;
  std::int64_t const of_year = (153 * (d.month + (d.month > 2 ? -3 : 9)) + 2) / 5 + d.day - 1;
  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

civil_date date_of(std::int64_t days) {
  std::int64_t const z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097, of_era = z - era * 146097;
  std::int64_t const year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  std::int64_t const of_year = of_era - (365 * year + year / 4 - year / 100), m = (5 * of_year + 2) / 153;
  auto const month = static_cast<std::int32_t>(m < 10 ? m + 3 : m - 9);
  return {static_cast<std::int32_t>(year + era * 400 + (month <= 2 ? 1 : 0)), month,
          static_cast<std::int32_t>(of_year - (153 * m + 2) / 5 + 1)};
}

bool is_date(civil_date d) {
  if (d.year < 1900 || d.year > 2200 || d.month < 1 || d.month > 12 || d.day < 1 || d.day > 31) return false;
  return date_of(days_of(d)) == d;
}

int weekday_of(std::int64_t days) { return static_cast<int>(((days + 3) % 7 + 7) % 7); }
std::string to_text(civil_date d) { return fmt::format("{:04}-{:02}-{:02}", d.year, d.month, d.day); }

std::string utc_text(std::int64_t ms) {
  std::int64_t const s = ms >= 0 ? ms / 1000 : (ms - 999) / 1000, days = s >= 0 ? s / 86400 : (s - 86399) / 86400,
                     of_day = s - days * 86400;
  return fmt::format("{}T{:02}:{:02}:{:02}Z", to_text(date_of(days)), of_day / 3600, of_day / 60 % 60, of_day % 60);
}

namespace {

std::filesystem::path zone_folder() {
  char const* const set = std::getenv("TZDIR");  // NOLINT: gemeo sets no variable while threads run
  return set != nullptr && *set != 0 ? set : "/usr/share/zoneinfo";
}

std::int64_t big_endian(std::string_view s, std::size_t at, std::size_t bytes) {
  std::uint64_t v = 0;
  for (std::size_t i = 0; i < bytes; ++i) v = v << 8U | static_cast<std::uint8_t>(s[at + i]);
  return bytes == 4 ? static_cast<std::int32_t>(v) : static_cast<std::int64_t>(v);
}

struct tzif_head {
  std::size_t is_ut, is_std, leaps, times, types, chars;
  // With times of `width` bytes.
  [[nodiscard]] std::size_t body(std::size_t width) const {
    return times * width + times + types * 6 + chars + leaps * (width + 4) + is_std + is_ut;
  }
};
constexpr std::size_t kHead = 44;

bool read_head(std::string_view s, std::size_t at, tzif_head& h) {
  if (s.size() < at + kHead || s.substr(at, 4) != "TZif") return false;
  std::size_t* const fields[] = {&h.is_ut, &h.is_std, &h.leaps, &h.times, &h.types, &h.chars};
  for (std::size_t i = 0; i < 6; ++i) {
    auto const v = big_endian(s, at + 20 + 4 * i, 4);
    if (v < 0 || v > 100000) return false;
    *fields[i] = static_cast<std::size_t>(v);
  }
  return h.types > 0;
}

// "5", "-5:30", "+01:00:00" of a POSIX rule: hours west of Greenwich, or a time of day.
bool take_time(std::string_view& s, std::int32_t& seconds) {
  std::int32_t sign = 1, parts[3] = {0, 0, 0};
  if (!s.empty() && (s[0] == '+' || s[0] == '-')) {
    sign = s[0] == '-' ? -1 : 1;
    s.remove_prefix(1);
  }
  for (int n = 0; n < 3; ++n) {
    if (s.empty() || s[0] < '0' || s[0] > '9') return false;
    for (int digits = 0; digits < 3 && !s.empty() && s[0] >= '0' && s[0] <= '9'; ++digits) {
      parts[n] = parts[n] * 10 + (s[0] - '0');
      s.remove_prefix(1);
    }
    if (s.empty() || s[0] != ':') break;
    s.remove_prefix(1);
  }
  seconds = sign * (parts[0] * 3600 + parts[1] * 60 + parts[2]);
  return true;
}

bool take_name(std::string_view& s) {  // "WET" or "<-03>"
  std::size_t const end = s.empty() ? 0 : s[0] == '<' ? s.find('>') + 1 : s.find_first_of("+-0123456789,");
  if (end == 0) return false;
  s.remove_prefix(std::min(end, s.size()));
  return true;
}

bool take_number(std::string_view& s, int& v) {
  std::size_t n = 0;
  for (v = 0; n < s.size() && n < 3 && s[n] >= '0' && s[n] <= '9'; ++n) v = v * 10 + (s[n] - '0');
  s.remove_prefix(n);
  return n > 0;
}

}  // namespace

local_clock::local_clock(std::string const& zone, std::string const& where) : zone_(zone) {
  if (zone == "UTC" || zone == "Etc/UTC" || zone == "Z") return;
  check_time_zone(zone, where);
  std::filesystem::path const file = zone_folder() / zone;
  std::error_code ec;
  if (!std::filesystem::is_regular_file(file, ec)) {
    throw_input(where, fmt::format("the rules of the time zone {} are not on this machine", zone),
                "install tzdata, or write the times in UTC");
  }
  read(read_text_file(file, 1U << 20U), where);
}

void local_clock::read(std::string_view file, std::string const& where) {
  auto const damaged = [&] {
    throw_input(where, fmt::format("the file of the time zone {} is damaged", zone_), "install tzdata again");
  };
  tzif_head h{};
  if (!read_head(file, 0, h)) damaged();
  std::size_t at = kHead, width = 4;
  if (file[4] >= '2') {
    std::size_t const second = kHead + h.body(4);
    if (!read_head(file, second, h)) damaged();
    at = second + kHead;
    width = 8;
  }
  if (file.size() < at + h.body(width)) damaged();
  std::size_t const which = at + h.times * width, types = which + h.times;
  auto const offset = [&](std::size_t type) {
    if (type >= h.types) damaged();
    return static_cast<std::int32_t>(big_endian(file, types + type * 6, 4));
  };
  before_s_ = offset(0);
  for (std::size_t i = 0; i < h.types; ++i) {
    if (file[types + i * 6 + 4] == 0) {
      before_s_ = offset(i);
      break;
    }
  }
  for (std::size_t i = 0; i < h.times; ++i) {
    std::int32_t const after = offset(static_cast<std::uint8_t>(file[which + i]));
    change_s_.push_back(big_endian(file, at + i * width, width));
    offset_s_.push_back(after);
  }
  if (!std::is_sorted(change_s_.begin(), change_s_.end())) damaged();
  std::string_view rule = file.substr(at + h.body(width));
  if (width == 8 && rule.size() > 2) has_rule_ = read_rule(rule.substr(1, rule.find('\n', 1) - 1));
}

// RFC 8536, 3.3: a POSIX TZ string such as WET0WEST,M3.5.0/1,M10.5.0. Rules of other forms (Jn, n) are not read: no
// zone of today has them, and the last change then holds for ever.
bool local_clock::read_rule(std::string_view s) {
  std::int32_t west = 0;
  if (!take_name(s) || !take_time(s, west)) return false;
  standard_s_ = -west;
  if (s.empty()) return true;
  if (!take_name(s)) return false;
  summer_s_ = standard_s_ + 3600;
  if (!s.empty() && s[0] != ',') {
    if (!take_time(s, west)) return false;
    summer_s_ = -west;
  }
  for (yearly_change* c : {&to_summer_, &to_standard_}) {
    if (s.substr(0, 2) != ",M") return false;
    s.remove_prefix(2);
    c->at_s = 7200;
    if (!take_number(s, c->month) || s.empty() || s[0] != '.') return false;
    s.remove_prefix(1);
    if (!take_number(s, c->week) || s.empty() || s[0] != '.') return false;
    s.remove_prefix(1);
    if (!take_number(s, c->weekday)) return false;
    if (!s.empty() && s[0] == '/') {
      s.remove_prefix(1);
      if (!take_time(s, c->at_s)) return false;
    }
    if (c->month < 1 || c->month > 12 || c->week < 1 || c->week > 5 || c->weekday > 6) return false;
  }
  has_summer_ = true;
  return true;
}

std::int32_t local_clock::by_rule(std::int64_t utc_s) const {
  if (!has_summer_) return standard_s_;
  std::int64_t const days = (utc_s + standard_s_ >= 0 ? utc_s + standard_s_ : utc_s + standard_s_ - 86399) / 86400;
  std::int32_t const year = date_of(days).year;
  auto const when = [&](yearly_change const& c, std::int32_t offset) {
    std::int64_t const first = days_of({year, c.month, 1});
    int const sunday_based = (weekday_of(first) + 1) % 7;
    std::int64_t day = first + (c.weekday - sunday_based + 7) % 7 + 7 * (c.week - 1);
    std::int64_t const next = c.month == 12 ? days_of({year + 1, 1, 1}) : days_of({year, c.month + 1, 1});
    while (day >= next) day -= 7;
    return day * 86400 + c.at_s - offset;
  };
  std::int64_t const begin = when(to_summer_, standard_s_), end = when(to_standard_, summer_s_);
  bool const summer = begin < end ? utc_s >= begin && utc_s < end : utc_s >= begin || utc_s < end;
  return summer ? summer_s_ : standard_s_;
}

std::int32_t local_clock::offset_s(std::int64_t utc_s) const {
  auto const after = std::upper_bound(change_s_.begin(), change_s_.end(), utc_s);
  if (after == change_s_.end() && has_rule_) return by_rule(utc_s);
  if (after == change_s_.begin()) return before_s_;
  return offset_s_[static_cast<std::size_t>(after - change_s_.begin()) - 1];
}

local_clock::moment local_clock::utc_of(std::int64_t local_s) const {
  // The offsets a day before and after: the clock is not changed twice within two days.
  std::int32_t const early = offset_s(local_s - 86400), late = offset_s(local_s + 86400);
  std::int64_t const first = local_s - std::max(early, late), second = local_s - std::min(early, late);
  bool const first_holds = first + offset_s(first) == local_s, second_holds = second + offset_s(second) == local_s;
  if (first_holds && second_holds) return {first, second, first != second, false};
  if (first_holds) return {first, first, false, false};
  if (second_holds) return {second, second, false, false};
  return {local_s - early, local_s - early, false, true};
}

}  // namespace gemeo
