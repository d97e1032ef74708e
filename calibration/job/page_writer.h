// One language of a calibration's page: what was fitted, what was not, how far both are from what was counted, and how
// sure the demand is. Internal to calibration/job. Thread rule: one thread each.
#pragma once

#include <fmt/core.h>

#include <string>
#include <vector>

#include "calibration/job/page_charts.h"
#include "calibration/job/run_job.h"
#include "sim/results/report_words.h"

namespace gemeo {

class calibration_page_writer {
 public:
  calibration_page_writer(calibration_outcome const& c, language l) : c_(c), lang_(l), number_{l} {}
  [[nodiscard]] std::string title() const;
  [[nodiscard]] std::string body();

 private:
  template <typename... A>
  void add(fmt::format_string<A...> text, A&&... a) {
    out_ += fmt::format(text, std::forward<A>(a)...);
  }
  [[nodiscard]] char const* say(char const* en, char const* pt) const { return lang_ == language::kEnglish ? en : pt; }
  template <typename... A>
  void both(char const* en, char const* pt, A const&... a) {
    out_ += fmt::format(fmt::runtime(say(en, pt)), a...);
  }
  [[nodiscard]] std::string percent(double share) const { return number_.plain(100 * share, 0) + "\xe2\x80\xaf%"; }
  [[nodiscard]] std::string signed_percent(double share) const { return number_.percent(share, 1); }
  [[nodiscard]] std::string whole(double v) const { return number_.plain(v, 0); }
  void heading(char const* en, char const* pt) { add("<h2>{}</h2>\n", say(en, pt)); }
  void table_begin(std::vector<std::string> const& columns);
  void row(std::string const& name, std::vector<std::string> const& cells);
  void table_end() { out_ += "</tbody></table></div>\n"; }
  [[nodiscard]] std::string title_of(judged_scores const& s) const;
  [[nodiscard]] std::vector<flow_point> points() const;
  // A city's zones as people call them.
  [[nodiscard]] std::string zone_label(std::string const& id) const;
  [[nodiscard]] std::string pair_label(std::string const& name) const;
  [[nodiscard]] double stuck_share() const;  // of the calibrated demand's trips

  void lead();
  void cards();
  void notes();
  void scores();
  void capacity();
  void full_entries();
  void full_roads();
  void contradictions();
  void tests();
  void scatter();
  void map();
  void series();
  void journeys();
  void demand();
  void changed_pairs(std::vector<double> const& prior, std::vector<double> const& trips);
  void unknown(double trips);
  void members();
  void zones(char const* en, char const* pt, std::vector<zone_band> const& list);
  void supply();
  void runs();
  void method();

  calibration_outcome const& c_;
  language lang_;
  number_format number_;
  std::string out_;
};

}  // namespace gemeo
