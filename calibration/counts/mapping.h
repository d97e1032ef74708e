// How a CSV file of counts is to be understood: which column is what, in which unit, on which clock. A small TOML file;
// its keys are described in calibration/counts/FORMAT.md. Unknown keys and units are errors that name the known ones.
// Thread rule: plain values.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gemeo {

// A text made of columns: "{EQUIPMENTID}_{DIRECTION}", or one column's name.
struct column_text {
  struct part {
    bool is_column = false;
    std::string text;
  };
  std::vector<part> parts;
  [[nodiscard]] bool empty() const { return parts.empty(); }
};

struct csv_mapping {
  std::filesystem::path file;
  std::string source, time_zone = "UTC";
  char delimiter = ',', decimal = '.';
  char thousands = 0;                // 0: none
  double period_s = 0;               // 0: said by a column
  bool mean_of_days = false;         // each value is a mean over days
  bool imputed_flag_is_true = true;  // of columns.imputed: any of 1, true, yes
  std::vector<std::string> missing = {"", "-", "-1", "NA", "N/A", "NaN", "nan", "null", "NULL"};

  // [columns]
  column_text site, index, lane, direction, vclass, version;
  std::string begin, end, date, time, period, count, flow, speed, occupancy, n_inputs, received, imputed;
  std::string name, road_name, edge, longitude, latitude, lat_lon, heading, position, lanes;
  // [fixed]: what no column says
  std::string fixed_date, fixed_time, fixed_site, fixed_direction, fixed_vclass;
  // [patterns]; empty: ISO 8601
  std::string datetime_pattern, date_pattern, time_pattern;
  std::string file_name_pattern;        // "gt_link_data_{*}_%y%m%d_%H-%H.csv"
  std::string wide_pattern;             // of headers whose column holds values: "%H:%M-%H:%M", or "flow_{site}"
  std::string wide_quantity = "count";  // or flow, speed, occupancy: what those columns hold
  // [units], as factors to veh/h, km/h, 0..1, seconds
  double flow_factor = 1, speed_factor = 1, occupancy_factor = 1, period_factor = 1;
  bool heading_counter_clockwise = false;
  // [lanes]
  std::int32_t first_lane = 0;
  bool lanes_from_left = false;
  // [values.COLUMN]: what a value means
  std::map<std::string, std::map<std::string, std::string>> values;
  // [detectors]: how the ids of detectors.add.xml are made of a site: "{site}{*}"
  std::string detector_pattern;
};

csv_mapping read_mapping(std::filesystem::path const& file);
csv_mapping parse_mapping(std::string_view text, std::filesystem::path const& name);

}  // namespace gemeo
