#include "calibration/counts/contradiction_page.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/results/report_svg.h"

namespace gemeo {

std::string contradictions_table(std::vector<contradiction> const& all, std::vector<counted_place> const& places,
                                 std::vector<counted_hour> const& counted, phrase const& rest, language l) {
  constexpr std::size_t kMostRows = 40, kMostOfCell = 400;
  if (all.empty()) return {};
  number_format const number{l};
  std::string out = "<div class=\"scroll\"><table><thead><tr>";
  for (phrase const& column : {phrase{"saw more", "contou mais"},
                               {"worst hour", "pior hora"},
                               {"hours", "horas"},
                               {"at least, veh/h", "no mínimo, veíc./h"},
                               {"at most by the others", "no máximo pelos outros"},
                               {"saw fewer", "contou menos"}})
    out += fmt::format("<th>{}</th>", column.in(l));
  out += "</tr></thead><tbody>\n";
  auto const sets = by_places(all, counted);
  for (std::size_t i = 0; i < std::min(kMostRows, sets.size()); ++i) {
    contradiction const& k = all[sets[i].worst];
    std::string fewer = first_named(k.less, places, counted, l);
    if (!k.cut.empty()) fewer += (fewer.empty() ? "" : ", ") + joined(k.cut, l);
    out +=
        fmt::format("<tr><th>{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                    escape_html(first_named(k.more, places, counted, l), kMostOfCell), time_of_day(k.begin_s),
                    sets[i].hours, number.plain(k.least, 0), number.plain(k.most, 0), escape_html(fewer, kMostOfCell));
  }
  out += "</tbody></table></div>\n";
  if (sets.size() > kMostRows)
    out += fmt::format("<p>{}</p>\n", fmt::format(fmt::runtime(rest.in(l)), sets.size() - kMostRows));
  return out;
}

}  // namespace gemeo
