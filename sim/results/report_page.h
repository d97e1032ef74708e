// The parts of the page, each written once per language (internal to the report).
// Thread rule: one writer per thread.
#pragma once

#include <string>
#include <vector>

#include "sim/results/compare.h"
#include "sim/results/report.h"
#include "sim/results/report_map.h"
#include "sim/results/report_words.h"

namespace gemeo {

struct page_maps {  // shared by both languages
  network_map map;
  bool closures = false;                        // some road is closed to cars on either side
  std::vector<double> flow_steps, speed_steps;  // of the difference maps; km/h for the second
  std::string symbols;                          // <symbol>s, to be defined once
};
page_maps make_page_maps(comparison const& c);

class page_writer {
 public:
  page_writer(comparison const& c, page_maps const& maps, language l, report_options const& o);
  [[nodiscard]] std::string title() const;  // text
  [[nodiscard]] std::string body();         // markup of <main>

 private:
  // report_page.cpp
  void head();
  void notes();
  void cards();
  void maps();
  void streets();
  // report_tables.cpp
  void travellers();
  void day();
  void indicators();
  void groups();
  // report_method.cpp
  void method();
  void stuck_table();
  void settings_list();
  void footer();

  [[nodiscard]] bool english() const { return lang_ == language::kEnglish; }
  [[nodiscard]] std::string say(char const* en, char const* pt) const { return english() ? en : pt; }
  [[nodiscard]] std::string id(std::string const& name) const { return (english() ? "en-" : "pt-") + name; }
  [[nodiscard]] std::string verdict_chip(paired_estimate const& e) const;
  [[nodiscard]] std::string difference_cell(paired_estimate const& e, indicator const& i) const;
  void kpi_table(std::string const& caption, std::vector<kpi_comparison const*> const& rows, bool keys_first);
  void group_table(std::string const& group, std::string const& name, std::size_t shown);
  void street_table(char const* caption_en, char const* caption_pt, std::vector<road_values const*> const& roads,
                    bool delay);

  comparison const& c_;
  page_maps const& maps_;
  language lang_;
  report_options options_;
  number_format number_;
  std::string out_;
};

}  // namespace gemeo
