#include "calibration/job/day_types.h"

#include <fmt/core.h>

#include <cmath>
#include <numeric>

#include "sim/results/report_style.h"
#include "sim/results/report_svg.h"
#include "sim/results/report_words.h"

namespace gemeo {

namespace {

char const* word_of(std::string const& type, language l) {
  if (type == "weekday") return phrase{"Weekdays", "Dias úteis"}.in(l);
  if (type == "saturday") return phrase{"Saturdays", "Sábados"}.in(l);
  return phrase{"Sundays", "Domingos"}.in(l);
}

std::string table_of(std::vector<day_type_summary> const& all, language l) {
  number_format const f{l};
  auto const percent = [&](double share) { return f.plain(100 * share, 0) + "\xe2\x80\xaf%"; };
  std::string out = "<div class=\"scroll\"><table><thead><tr>";
  for (phrase const& p : {phrase{"days", "dias"},
                          {"days counted", "dias contados"},
                          {"stations", "postos"},
                          {"trips before", "viagens antes"},
                          {"trips calibrated", "viagens calibradas"},
                          {"5 to 95 %", "5 a 95 %"},
                          {"GEH &lt; 5, fitted", "GEH &lt; 5, ajustados"},
                          {"GEH &lt; 5, held out", "GEH &lt; 5, reservados"},
                          {"held out, before", "reservados, antes"}})
    out += fmt::format("<th>{}</th>", p.in(l));
  out += "</tr></thead><tbody>\n";
  for (day_type_summary const& d : all) {
    std::string const range =
        std::isnan(d.trips_low) ? "" : f.plain(d.trips_low, 0) + "\xe2\x80\x93" + f.plain(d.trips_high, 0);
    out += fmt::format(
        "<tr><th><a href=\"{}/report.html\">{}</a></th><td>{}</td><td>{}</td><td>{}</td><td>{} ({})</td><td>{}</td>"
        "<td>{}</td><td>{}</td><td>{}</td></tr>\n",
        d.type, word_of(d.type, l), d.days, d.stations, f.plain(d.prior_trips, 0), f.plain(d.trips, 0),
        d.prior_trips > 0 ? f.percent(d.trips / d.prior_trips - 1, 1) : "", range,
        d.fitted.counts > 0 ? percent(d.fitted.calibrated.geh_below_5) : "",
        d.held_out.counts > 0 ? percent(d.held_out.calibrated.geh_below_5) : "",
        d.held_out.counts > 0 && d.prior_judged ? percent(d.held_out.prior.geh_below_5) : "");
  }
  return out + "</tbody></table></div>\n";
}

}  // namespace

std::vector<std::string> day_types_of(calibration_job const& job) {
  if (job.counts.day_type != kEachDayType) return {job.counts.day_type};
  return {"weekday", "saturday", "sunday"};
}

day_type_summary summary_of(calibration_outcome const& c) {
  day_type_summary out;
  out.type = c.job.counts.day_type;
  out.days = c.observed.days.size();
  out.stations = c.observed.stations.size();
  auto const prior = c.source->prior();
  out.prior_trips = std::accumulate(prior.begin(), prior.end(), 0.0);
  out.trips = std::accumulate(c.fit.trips.begin(), c.fit.trips.end(), 0.0);
  bool const members = !c.members.trips.empty();
  out.trips_low = members ? c.members.total_low : std::nan("");
  out.trips_high = members ? c.members.total_high : std::nan("");
  out.fitted = c.score("fitted");
  out.held_out = c.score("held_out");
  out.prior_judged = !c.prior_runs.empty();
  return out;
}

std::string day_types_page(calibration_job const& job, std::vector<day_type_summary> const& all,
                           std::vector<std::pair<std::string, std::string>> const& left_out) {
  bool const pt = job.language == "pt";
  language const first = pt ? language::kPortuguese : language::kEnglish;
  auto const title = [&](language l) {
    return escape_html(!job.title.empty() ? job.title
                                          : phrase{"Calibration by type of day", "Calibração por tipo de dia"}.in(l));
  };
  std::string out = fmt::format(
      "<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width,initial-scale=1\"><title>{}</title><style>{}td,th{{text-align:right;padding:4px "
      "10px}}th:first-child{{text-align:left}}.scroll{{overflow-x:auto}}</style></head><body>\n",
      pt ? "pt" : "en", title(first), page_style());
  for (language const l : {first, pt ? language::kEnglish : language::kPortuguese}) {
    out +=
        fmt::format("<section lang=\"{}\"><main style=\"display:block\"><h1>{}</h1><p>{}</p>\n",
                    l == language::kPortuguese ? "pt" : "en", title(l),
                    phrase{"Each type of day was fitted by itself, from the same demand. GEH: of hourly flows; means "
                           "over simulations with seeds that the fit never saw.",
                           "Cada tipo de dia foi ajustado por si, a partir da mesma procura. GEH: dos fluxos horários; "
                           "médias de simulações com sementes que o ajuste nunca viu."}
                        .in(l));
    out += table_of(all, l);
    for (auto const& [type, why] : left_out)
      out += fmt::format("<p>{}: {}</p>\n", word_of(type, l),
                         l == language::kEnglish ? escape_html(why, 1000)
                                                 : "não resta nenhuma contagem destes dias em que se possa confiar");
    out += "</main></section>\n";
  }
  return out + "</body></html>\n";
}

}  // namespace gemeo
