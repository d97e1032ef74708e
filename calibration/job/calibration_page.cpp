// The page of a calibration: what was fitted, what was not, and how far both are from what was counted.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "calibration/counts/local_time.h"
#include "calibration/job/page_charts.h"
#include "calibration/job/write_job.h"
#include "sim/core/hash.h"
#include "sim/results/report_style.h"
#include "sim/results/report_svg.h"

namespace gemeo {

namespace {

std::string percent(double share) { return fmt::format("{:.0f} %", 100 * share); }
std::string signed_percent(double share) { return fmt::format("{:+.1f} %", 100 * share); }

std::string date_text(std::vector<std::int32_t> const& days) {
  if (days.empty()) return "none";
  std::string const first = to_text(date_of(days.front()));
  return days.size() == 1 ? first : fmt::format("{} days, {} to {}", days.size(), first, to_text(date_of(days.back())));
}

class page {
 public:
  explicit page(calibration_outcome const& c) : c_(c) {}

  std::string write() {
    std::string const title = c_.job.title.empty() ? "Calibration of " + c_.base.title : c_.job.title;
    out_ =
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
        "content=\"width=device-width,initial-scale=1\"><title>" +
        escape_html(title) + "</title><style>" + page_style() + kMoreStyle +
        "</style></head><body><main lang=\"en\">\n";
    add("<p class=\"kicker\">gemeo calibrate</p><h1>{}</h1>\n", escape_html(title));
    lead();
    notes();
    scores();
    tests();
    scatter();
    map();
    series();
    demand();
    runs();
    method();
    return out_ + "</main></body></html>\n";
  }

 private:
  template <typename... A>
  void add(fmt::format_string<A...> text, A&&... a) {
    out_ += fmt::format(text, std::forward<A>(a)...);
  }

  void lead() {
    judged_scores const& held = c_.score("held_out");
    if (held.counts == 0) {
      add("<div class=\"lead\"><p class=\"say\">No station was held out: nothing here says how good the model is where "
          "nobody counted.</p></div>\n");
      return;
    }
    std::string const before =
        c_.prior_runs.empty() ? "" : fmt::format(" (before: {})", percent(held.prior.geh_below_5));
    add("<div class=\"lead\"><p class=\"say\">At stations that the fit never saw, {} of hourly flows are within GEH 5 "
        "of "
        "what was counted{}.</p><p>{} of {} stations were held out, corridor by corridor; figures are means over {} "
        "simulations with seeds that the fit never saw.</p></div>\n",
        percent(held.calibrated.geh_below_5), before, held.stations, c_.observed.stations.size(), c_.judges.size());
  }

  void notes() {
    std::vector<std::string> all;
    if (!c_.base.of_data.caution.empty()) all.push_back(c_.base.of_data.caution);
    all.insert(all.end(), c_.notes.begin(), c_.notes.end());
    if (c_.town != nullptr && c_.base.end_s - c_.base.begin_s < 7200)
      all.push_back(
          "The simulation begins on an empty network and is short: trips of its first minutes make up for those "
          "that were on the road before.");
    if (all.empty()) return;
    add("<div class=\"notes\"><h2>Know before you read</h2><ul>");
    for (std::string const& n : all) add("<li>{}</li>", escape_html(n));
    add("</ul></div>\n");
  }

  void scores() {
    add("<h2>How far from the counts</h2><div "
        "class=\"scroll\"><table><thead><tr><th>counts</th><th>stations</th><th>GEH "
        "&lt; 5, hourly</th><th>RMSN</th><th>flow within band</th><th>all together</th></tr></thead><tbody>\n");
    for (judged_scores const& s : c_.scores) {
      if (!c_.prior_runs.empty()) score_row(s.title + ", before", s.stations, s.prior);
      score_row(s.title, s.stations, s.calibrated);
    }
    add("</tbody></table></div><p>RMSN: root mean square error of the counts over their mean. Bands: within 100 veh/h "
        "below 700, 15 % to 2,700, 400 veh/h above (TAG M3.1).</p>\n");
  }
  void score_row(std::string const& name, std::size_t stations, count_score const& s) {
    add("<tr><th>{}</th><td>{}</td><td>{}</td><td>{:.3f}</td><td>{}</td><td>{}</td></tr>\n", escape_html(name),
        stations, percent(s.geh_below_5), s.rmsn, percent(s.flow_in_band), signed_percent(s.sum_error));
  }

  void tests() {
    add("<h2>Practitioners' tests</h2><div class=\"scroll\"><table><thead><tr><th>counts</th><th>TAG M3.1 "
        "flows</th><th>TAG M3.1 GEH</th><th>FHWA 2004</th></tr></thead><tbody>\n");
    auto const mark = [](bool passed) { return passed ? "passed" : "<b class=\"no\">failed</b>"; };
    for (judged_scores const& s : c_.scores)
      add("<tr><th>{}</th><td>{}</td><td>{}</td><td>{}</td></tr>\n", escape_html(s.title), mark(s.calibrated.tag_flows),
          mark(s.calibrated.tag_geh), mark(s.calibrated.fhwa_2004));
    add("</tbody></table></div>\n");
    auto const fhwa = [&](char const* name, day_to_day const& d) {
      if (d.stations == 0) return;
      add("<p>FHWA 2019, {} ({} with three whole days or more): within the 2-sigma band of days (I) at {}, the 1-sigma "
          "band (II) at {}, bounded absolute error (III) at {}, bounded bias (IV) at {}; all four at {}.</p>\n",
          name, d.stations, d.outliers, d.inliers, d.absolute, d.systematic, d.all);
    };
    fhwa("fitted stations", c_.fhwa_fitted);
    fhwa("stations held out", c_.fhwa_held_out);
  }

  [[nodiscard]] std::vector<flow_point> points() const {
    std::vector<flow_point> out;
    std::vector<double> const now = c_.mean_simulated(c_.judges);
    std::vector<double> const before = c_.prior_runs.empty() ? now : c_.mean_simulated(c_.prior_runs);
    for (std::size_t i = 0; i < now.size(); ++i) {
      observed_period const& p = c_.observed.periods[i];
      if (std::isnan(p.mean())) continue;
      double const h = 3600 / (p.end_s - p.begin_s);
      out.push_back(
          {p.station, p.begin_s, p.end_s, p.mean() * h, now[i] * h, before[i] * h, c_.split.held_out[p.station]});
    }
    return out;
  }

  void scatter() {
    add("<h2>Counted and simulated</h2><p>Each point is a station and period, as flow an hour; full blue points were "
        "fitted, orange rings were held out. The lines are GEH 5.</p>\n{}\n",
        scatter_svg(points()));
  }

  void map() {
    add("<h2>Where</h2><p>Stations by the mean GEH of their hourly flows: circles were fitted, squares held "
        "out.</p>\n{}\n",
        station_map_svg(*c_.base.net, c_.observed.stations, c_.split.held_out,
                        mean_geh(points(), c_.observed.stations.size())));
  }

  void series() {
    add("<h2>Station by station</h2><p>Flow an hour: counted (black), simulated with the prior (grey dashes), as "
        "calibrated "
        "(blue: fitted; orange: held out).</p>\n");
    std::vector<flow_point> const all = points();
    for (bool const held : {true, false}) {
      add("<h3>{}</h3><div class=\"small\">\n", held ? "Held out" : "Fitted");
      for (std::uint32_t s = 0; s < c_.observed.stations.size(); ++s) {
        if (c_.split.held_out[s] != held) continue;
        std::vector<flow_point> of;
        std::copy_if(all.begin(), all.end(), std::back_inserter(of),
                     [&](flow_point const& p) { return p.station == s; });
        if (of.empty()) continue;
        count_station const& at = c_.observed.stations[s];
        std::string const& road = c_.base.net->edges.road_name[at.edge];
        out_ += series_svg(at.name + (road.empty() ? " on " + c_.base.net->edges.name[at.edge] : ", " + road), of,
                           !c_.prior_runs.empty());
      }
      add("</div>\n");
    }
  }

  void demand() {
    trip_source const& s = *c_.source;
    std::vector<double> const prior = trips_of_pairs(s, s.prior()), trips = trips_of_pairs(s, c_.fit.trips);
    std::size_t const slots = s.slots().count;
    double const before = std::accumulate(prior.begin(), prior.end(), 0.0),
                 after = std::accumulate(trips.begin(), trips.end(), 0.0);
    add("<h2>Demand</h2><p>{:.0f} trips, {} against the prior's {:.0f}. By departure slot:</p>", after,
        signed_percent(after / before - 1), before);
    add("<div "
        "class=\"scroll\"><table><thead><tr><th>slot</th><th>prior</th><th>calibrated</th><th>change</th></tr></thead>"
        "<tbody>\n");
    for (std::size_t t = 0; t < slots; ++t) {
      double a = 0, b = 0;
      for (std::size_t p = 0; p < s.pairs(); ++p) {
        a += prior[p * slots + t];
        b += trips[p * slots + t];
      }
      double const at = s.slots().begin_of(t) + c_.job.demand.starts_at.s;
      add("<tr><th>{}</th><td>{:.0f}</td><td>{:.0f}</td><td>{}</td></tr>\n", hour_text(at), a, b,
          a > 0 ? signed_percent(b / a - 1) : "");
    }
    add("</tbody></table></div><h3>Pairs that changed most</h3><div class=\"scroll\"><table><thead><tr><th>from &gt; "
        "to</th><th>prior</th><th>calibrated</th></tr></thead><tbody>\n");
    std::vector<std::pair<double, std::size_t>> change;
    std::vector<std::pair<double, double>> sums(s.pairs());
    for (std::size_t p = 0; p < s.pairs(); ++p) {
      for (std::size_t t = 0; t < slots; ++t) {
        sums[p].first += prior[p * slots + t];
        sums[p].second += trips[p * slots + t];
      }
      change.emplace_back(-std::abs(sums[p].second - sums[p].first), p);
    }
    std::sort(change.begin(), change.end());
    for (std::size_t i = 0; i < std::min<std::size_t>(12, change.size()); ++i) {
      std::size_t const p = change[i].second;
      add("<tr><th>{}</th><td>{:.1f}</td><td>{:.1f}</td></tr>\n", escape_html(s.pair_name(p)), sums[p].first,
          sums[p].second);
    }
    add("</tbody></table></div>\n<h3>What the counts cannot tell</h3><p>{} counts were fitted by {} cells (pair, route "
        "habit and departure slot): far from every cell is known by itself, and what the counts leave open follows the "
        "prior. {} of {} pairs, with {:.0f} trips ({}), pass no fitted station: they change with what pairs share, and "
        "no "
        "count contradicts them.</p>\n",
        c_.fit.simulated_counts.size(), c_.fit.trips.size(), c_.fit.findings.unobserved_pairs.size(), s.streams(),
        c_.trips_unobserved, percent(after > 0 ? c_.trips_unobserved / after : 0));
  }

  void runs() {
    add("<h2>Simulations with unseen seeds</h2><div class=\"scroll\"><table><thead><tr><th>demand</th><th>seed</th>"
        "<th>trips</th><th>arrived</th><th>teleports</th><th>never entered</th><th>mean "
        "duration</th></tr></thead><tbody>\n");
    auto const rows = [&](char const* name, std::vector<judged_run> const& list) {
      for (judged_run const& r : list)
        add("<tr><th>{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{:.0f} s</td></tr>\n", name,
            r.seed, r.trips, r.arrived, r.teleports, r.never_inserted, r.mean_duration_s);
    };
    rows("prior", c_.prior_runs);
    rows("calibrated", c_.judges);
    add("</tbody></table></div><p>Mean duration: of trips that arrived within the simulation.</p>\n");
  }

  void method() {
    add("<h2>How it was fitted</h2><p>Days fitted: {}. Days held out: {}. Split of the stations, made before the fit: "
        "{} of "
        "{} corridors held out, hash <code>{}</code>. Engine {}; {:.0f} s in all.</p>\n",
        date_text(c_.observed.days), date_text(c_.observed.held_out_days), c_.split.corridors_held_out,
        c_.split.corridors, to_hex(c_.split.hash), escape_html(c_.job.engine.name), c_.wall_s);
    add("<div class=\"scroll\"><table><thead><tr><th>simulation</th><th>trips</th><th>misfit</th><th>RMSN, fitted</th>"
        "<th>all together</th><th>prior's weight</th><th>smoothness</th><th>teleports</th><th>never "
        "entered</th></tr></thead>"
        "<tbody>\n");
    for (calibration_iterate const& i : c_.fit.iterates)
      add("<tr><th>{}{}</th><td>{:.0f}</td><td>{:.2f}</td><td>{:.3f}</td><td>{}</td><td>{:g}</td><td>{:g}</td><td>{}</"
          "td>"
          "<td>{}</td></tr>\n",
          i.number,
          i.number == c_.fit.best + 1 ? " (kept)"
          : i.number == 1             ? " (prior)"
                                      : "",
          i.trips, i.misfit, i.rmsn, signed_percent(i.sum_error), i.weights.lambda, i.weights.mu, i.teleports,
          i.never_inserted);
    add("</tbody></table></div><p>The fit is the most likely demand given counts and prior, its weights chosen on "
        "fitted "
        "stations left out in turn; the iterate kept is the one whose own simulation meets the fitted counts best. "
        "Numbers, "
        "with units: calibration.h5.</p>\n<details><summary>The calibration's "
        "settings</summary><pre>{}</pre></details>\n",
        escape_long(print_job(c_.job)));
  }

  static constexpr char const* kMoreStyle =
      "table{border-collapse:collapse;margin:.8em 0;font-size:.93rem}td,th{padding:4px 10px;border-bottom:1px solid "
      "var(--rule);text-align:right}th:first-child{text-align:left;font-weight:500}.scroll{overflow-x:auto}.no{color:"
      "var(--warn)}.small{display:grid;grid-template-columns:repeat(auto-fill,minmax(230px,1fr));gap:10px}.small "
      "svg{border:1px solid var(--rule);border-radius:5px}svg{max-width:100%;height:auto}svg text{font-size:11px;fill:"
      "var(--soft)}";
  calibration_outcome const& c_;
  std::string out_;
};

}  // namespace

std::string calibration_page(calibration_outcome const& c) { return page(c).write(); }

}  // namespace gemeo
