// Counts made for tests: files read back as records, and weeks of a detector that lives, to be broken in one place.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "calibration/counts/quality.h"
#include "calibration/counts/read.h"
#include "tests/support/shared_data.h"

namespace gemeo::test {

struct read_counts_result {
  count_catalog catalog;
  std::vector<count_record> records;
  read_report report;
  [[nodiscard]] detector_key const& key(std::size_t record) const { return catalog.key(records[record].series); }
};

// Writes the text into a folder of its own and reads it.
read_counts_result read_text_counts(std::string_view text, std::string const& file_name, read_options const& o = {});
read_counts_result read_csv_text(std::string_view text, std::string_view mapping,
                                 std::string const& file_name = "counts.csv");
// The message of the error(kInput) that reading throws; fails when it throws none, or of another kind.
std::string refusal(std::function<void()> const& read);
bool holds(std::string const& text, std::string const& part);

// `days` days from Monday 2024-11-04 (UTC) of one detector: a morning and an evening peak, with scatter that is the
// same in every run; speed and occupancy fit the flow.
struct made_week {
  count_catalog catalog;
  std::vector<count_record> records;
  std::uint32_t detector = 0;
  double period_s = 900;
};
made_week make_week(int days, double period_s, double peak_veh_per_h = 900, std::string const& site = "s1");
void add_week(made_week& into, int days, double peak_veh_per_h, std::string const& site);
inline constexpr std::int64_t kMonday_ms = 1730678400000;  // 2024-11-04T00:00:00Z

}  // namespace gemeo::test
