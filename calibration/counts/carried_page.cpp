#include "calibration/counts/carried_page.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "sim/results/report_svg.h"

namespace gemeo {

namespace {

constexpr std::size_t kMostRows = 40, kMostOfCell = 400;

std::string limit_words(beyond_capacity const& b, std::vector<counted_place> const& places, language l) {
  std::string const cut = b.cut.empty() ? "" : escape_html(": " + joined(b.cut, l), kMostOfCell);
  switch (b.limit) {
    case carry_limit::kLanes:
      return phrase{"its lanes", "as suas vias"}.in(l);
    case carry_limit::kStopLine:
      return phrase{"the stop line behind it", "a linha de paragem a seguir"}.in(l);
    case carry_limit::kComing:
      return phrase{"what can come", "o que lá pode chegar"}.in(l) + cut;
    case carry_limit::kLeaving:
      return phrase{"what can go on", "o que pode seguir"}.in(l) + cut;
    case carry_limit::kTogether:
      break;
    case carry_limit::kNone:
      return "";
  }
  std::vector<std::string> names;
  for (std::uint32_t const p : b.with) names.push_back(places[p].name);
  return fmt::format(fmt::runtime(phrase{"the roads between {}, together", "as vias entre {}, em conjunto"}.in(l)),
                     escape_html(fmt::format("{}", fmt::join(names, ", ")), kMostOfCell)) +
         cut;
}

}  // namespace

std::string beyond_capacity_table(std::vector<beyond_capacity> const& all, std::vector<counted_place> const& places,
                                  std::vector<counted_hour> const& counted, phrase const& rest, language l) {
  if (all.empty()) return {};
  number_format const number{l};
  std::string out = "<div class=\"scroll\"><table><thead><tr>";
  for (phrase const& column : {phrase{"station", "posto"},
                               {"from", "desde"},
                               {"counted, veh/h", "contado, veíc./h"},
                               {"carried at most", "suportado no máximo"},
                               {"by", "por"}})
    out += fmt::format("<th>{}</th>", column.in(l));
  out += "</tr></thead><tbody>\n";
  for (std::size_t i = 0; i < std::min(kMostRows, all.size()); ++i) {
    beyond_capacity const& b = all[i];
    counted_hour const& h = counted[b.hour];
    std::string const carried =
        b.limit == carry_limit::kTogether
            ? fmt::format(fmt::runtime(phrase{"{} of {} together", "{} de {} em conjunto"}.in(l)),
                          number.plain(b.carried, 0), number.plain(b.seen, 0))
            : number.plain(b.carried, 0);
    out += fmt::format("<tr><th>{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                       escape_html(places[h.place].name, kMostOfCell), time_of_day(h.begin_s),
                       number.plain(h.flow_veh_per_h, 0), carried, limit_words(b, places, l));
  }
  out += "</tbody></table></div>\n";
  if (all.size() > kMostRows)
    out += fmt::format("<p>{}</p>\n", fmt::format(fmt::runtime(rest.in(l)), all.size() - kMostRows));
  return out;
}

}  // namespace gemeo
