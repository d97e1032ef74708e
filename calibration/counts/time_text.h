// Times and dates as files write them: by a pattern ("%d/%m/%Y %H:%M"), or ISO 8601 when there is none.
// In a pattern %Y %y %m %d %H %M %S stand for numbers, {site} for a name, {*} for anything, all else for itself; a
// second %H or %M is of the end of a period. Thread rule: plain functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "calibration/counts/local_time.h"

namespace gemeo {

struct time_parts {
  std::optional<civil_date> date;
  std::optional<double> time_s, end_time_s;  // of the day; 24:00 is 86400
  std::optional<std::int32_t> utc_offset_s;  // "Z", "+01:00"
  std::string site;
};

// The whole text must fit; nullopt otherwise, also for a date that there is not.
std::optional<time_parts> scan(std::string_view pattern, std::string_view text);
// "2024-11-04", "2024-11-04T07:15[:00[.000]][Z|+01:00]", a blank instead of the T; "07:15[:00]" is a time alone.
std::optional<time_parts> scan_iso(std::string_view text);
// Of an ISO text with its offset; nullopt where one of date, time and offset is missing. Milliseconds.
std::optional<std::int64_t> utc_ms_of_iso(std::string_view text);
// Why a pattern cannot be used; empty when it can.
std::string problem_of_pattern(std::string_view pattern);

}  // namespace gemeo
