#include "calibration/counts/time_text.h"

#include <fmt/core.h>

#include <cmath>

namespace gemeo {
namespace {

constexpr std::size_t kLongest = 512;  // of a text that a pattern is tried on: {*} tries every length

bool digit(char c) { return c >= '0' && c <= '9'; }

// At least `least`, at most `most` digits.
bool take(std::string_view& s, std::size_t least, std::size_t most, int& v) {
  std::size_t n = 0;
  for (v = 0; n < s.size() && n < most && digit(s[n]); ++n) v = v * 10 + (s[n] - '0');
  s.remove_prefix(n);
  return n >= least;
}

struct found {
  int year = -1, month = -1, day = -1;
  int hour[2] = {-1, -1}, minute[2] = {-1, -1}, second[2] = {-1, -1};
  std::string site;
};

bool put(int* slots, int v, int most) {
  if (v > most) return false;
  int* const slot = slots[0] < 0 ? &slots[0] : &slots[1];
  if (*slot >= 0) return false;
  *slot = v;
  return true;
}

bool fits(std::string_view p, std::string_view s, found& f, int depth);

bool fits_name(std::string_view p, std::string_view s, found& f, int depth) {
  std::size_t const close = p.find('}');
  if (close == std::string_view::npos || depth > 4) return false;
  bool const is_site = p.substr(1, close - 1) == "site";
  for (std::size_t n = is_site ? 1 : 0; n <= s.size(); ++n) {
    found trial = f;
    if (!fits(p.substr(close + 1), s.substr(n), trial, depth + 1)) continue;
    f = std::move(trial);
    if (is_site) f.site = std::string(s.substr(0, n));
    return true;
  }
  return false;
}

bool fits(std::string_view p, std::string_view s, found& f, int depth) {
  while (!p.empty()) {
    if (p[0] == '{') return fits_name(p, s, f, depth);
    if (p[0] != '%' || p.size() < 2) {
      if (s.empty() || s[0] != p[0]) return false;
      p.remove_prefix(1);
      s.remove_prefix(1);
      continue;
    }
    int v = 0;
    switch (p[1]) {
      case 'Y':
        if (!take(s, 4, 4, f.year)) return false;
        break;
      case 'y':
        if (!take(s, 2, 2, v)) return false;
        f.year = v < 70 ? 2000 + v : 1900 + v;
        break;
      case 'm':
        if (!take(s, 1, 2, f.month)) return false;
        break;
      case 'd':
        if (!take(s, 1, 2, f.day)) return false;
        break;
      case 'H':
        if (!take(s, 1, 2, v) || !put(f.hour, v, 24)) return false;
        break;
      case 'M':
        if (!take(s, 2, 2, v) || !put(f.minute, v, 59)) return false;
        break;
      case 'S':
        if (!take(s, 2, 2, v) || !put(f.second, v, 60)) return false;
        break;
      case '%':
        if (s.empty() || s[0] != '%') return false;
        s.remove_prefix(1);
        break;
      default:
        return false;
    }
    p.remove_prefix(2);
  }
  return s.empty();
}

std::optional<double> seconds_of(found const& f, int i) {
  if (f.hour[i] < 0) return std::nullopt;
  double const s = f.hour[i] * 3600 + std::max(0, f.minute[i]) * 60 + std::max(0, f.second[i]);
  return s > 86400 ? std::nullopt : std::optional(s);
}

std::string_view trimmed(std::string_view s) {
  std::size_t const a = s.find_first_not_of(" \t\r\n");
  if (a == std::string_view::npos) return {};
  return s.substr(a, s.find_last_not_of(" \t\r\n") - a + 1);
}

// "07:15[:00[.5]]"
bool take_clock(std::string_view& s, double& seconds) {
  int h = 0, m = 0, sec = 0;
  if (!take(s, 2, 2, h) || s.empty() || s[0] != ':') return false;
  s.remove_prefix(1);
  if (!take(s, 2, 2, m) || m > 59) return false;
  double fraction = 0;
  if (!s.empty() && s[0] == ':') {
    s.remove_prefix(1);
    if (!take(s, 2, 2, sec) || sec > 60) return false;
    if (!s.empty() && (s[0] == '.' || s[0] == ',')) {
      s.remove_prefix(1);
      if (s.empty() || !digit(s[0])) return false;
      double unit = 0.1;
      for (; !s.empty() && digit(s[0]); s.remove_prefix(1), unit /= 10) fraction += unit * (s[0] - '0');
    }
  }
  seconds = h * 3600 + m * 60 + sec + fraction;
  return seconds <= 86400;
}

}  // namespace

std::optional<time_parts> scan(std::string_view pattern, std::string_view text) {
  text = trimmed(text);
  found f;
  if (text.size() > kLongest || !fits(pattern, text, f, 0)) return std::nullopt;
  time_parts out;
  if (f.year >= 0 && f.month >= 0 && f.day >= 0) {
    civil_date const d{f.year, f.month, f.day};
    if (!is_date(d)) return std::nullopt;
    out.date = d;
  }
  for (int i : {0, 1}) {
    if (f.hour[i] < 0) continue;
    auto const s = seconds_of(f, i);
    if (!s) return std::nullopt;
    (i == 0 ? out.time_s : out.end_time_s) = s;
  }
  out.site = std::move(f.site);
  return out;
}

std::optional<time_parts> scan_iso(std::string_view s) {
  s = trimmed(s);
  time_parts out;
  if (s.size() >= 10 && s[4] == '-') {
    civil_date d;
    if (!take(s, 4, 4, d.year) || s.empty() || s[0] != '-') return std::nullopt;
    s.remove_prefix(1);
    if (!take(s, 2, 2, d.month) || s.empty() || s[0] != '-') return std::nullopt;
    s.remove_prefix(1);
    if (!take(s, 2, 2, d.day) || !is_date(d)) return std::nullopt;
    out.date = d;
    if (s.empty()) return out;
    if (s[0] != 'T' && s[0] != ' ' && s[0] != 't') return std::nullopt;
    s.remove_prefix(1);
  }
  double seconds = 0;
  if (!take_clock(s, seconds)) return std::nullopt;
  out.time_s = seconds;
  if (s.empty()) return out;
  if (s == "Z" || s == "z") {
    out.utc_offset_s = 0;
    return out;
  }
  int const sign = s[0] == '-' ? -1 : s[0] == '+' ? 1 : 0;
  s.remove_prefix(1);
  int h = 0, m = 0;
  if (sign == 0 || !take(s, 2, 2, h) || h > 15) return std::nullopt;
  if (!s.empty() && s[0] == ':') s.remove_prefix(1);
  if (!s.empty() && (!take(s, 2, 2, m) || m > 59)) return std::nullopt;
  if (!s.empty()) return std::nullopt;
  out.utc_offset_s = sign * (h * 3600 + m * 60);
  return out;
}

std::optional<std::int64_t> utc_ms_of_iso(std::string_view text) {
  auto const p = scan_iso(text);
  if (!p || !p->date || !p->time_s || !p->utc_offset_s) return std::nullopt;
  return (days_of(*p->date) * 86400 - *p->utc_offset_s) * 1000 + std::llround(*p->time_s * 1000);
}

std::string problem_of_pattern(std::string_view p) {
  int names = 0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (p[i] == '%') {
      ++i;
      if (i >= p.size() || std::string_view("YymdHMS%").find(p[i]) == std::string_view::npos) {
        return fmt::format("'%{}' is not known: %Y %y %m %d %H %M %S are", i < p.size() ? std::string(1, p[i]) : "");
      }
    } else if (p[i] == '{') {
      std::size_t const close = p.find('}', i);
      std::string_view const name = close == std::string_view::npos ? "" : p.substr(i + 1, close - i - 1);
      if (name != "site" && name != "*") return "after '{' comes 'site}' or '*}'";
      if (++names > 4) return "at most four of {site} and {*}";
      i = close;
    }
  }
  return "";
}

}  // namespace gemeo
