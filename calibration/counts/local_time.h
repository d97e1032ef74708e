// Local clocks: from the times that people and files write to UTC and back, with the hours that changes of the clock
// leave out or repeat. Rules come from the machine's time zone database (TZif, RFC 8536); "UTC" needs none.
// Units: seconds; local times are seconds since 1970-01-01 00:00 of the local clock. Thread rule: const access from any
// number of threads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gemeo {

struct civil_date {
  std::int32_t year = 1970, month = 1, day = 1;
  friend auto operator<=>(civil_date const&, civil_date const&) = default;
};
// Days since 1970-01-01 of the Gregorian calendar.
std::int64_t days_of(civil_date d);
civil_date date_of(std::int64_t days);
bool is_date(civil_date d);             // there is such a day
int weekday_of(std::int64_t days);      // 0 Monday .. 6 Sunday
std::string to_text(civil_date d);      // "2024-11-04"
std::string utc_text(std::int64_t ms);  // "2024-11-04T07:15:00Z"

class local_clock {
 public:
  // Throws error(kInput) at `where` for an unknown zone, naming the nearest, or where the machine has no database.
  local_clock(std::string const& zone, std::string const& where);
  [[nodiscard]] std::string const& zone() const { return zone_; }
  [[nodiscard]] std::int64_t local_of(std::int64_t utc_s) const { return utc_s + offset_s(utc_s); }
  [[nodiscard]] std::int32_t offset_s(std::int64_t utc_s) const;

  struct moment {
    std::int64_t first_s = 0, second_s = 0;  // UTC; the same unless the local time comes twice
    bool repeated = false;
    bool missing = false;  // no such local time: taken as if the clock had not been changed yet
  };
  [[nodiscard]] moment utc_of(std::int64_t local_s) const;

 private:
  struct yearly_change {  // "M3.5.0/1": month, week (5: the last), day of the week (0: Sunday), seconds of that day
    int month = 0, week = 0, weekday = 0;
    std::int32_t at_s = 0;
  };
  void read(std::string_view file, std::string const& where);
  bool read_rule(std::string_view text);
  [[nodiscard]] std::int32_t by_rule(std::int64_t utc_s) const;

  std::string zone_;
  std::vector<std::int64_t> change_s_;
  std::vector<std::int32_t> offset_s_;  // after each change
  std::int32_t before_s_ = 0;           // before the first
  // After the last change: standard time, and summer time where there is one.
  bool has_rule_ = false, has_summer_ = false;
  std::int32_t standard_s_ = 0, summer_s_ = 0;
  yearly_change to_summer_, to_standard_;
};

}  // namespace gemeo
