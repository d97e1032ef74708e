#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "sim/results/report_chart.h"
#include "sim/results/report_page.h"
#include "sim/results/report_svg.h"

namespace gemeo {
namespace {

constexpr std::size_t kRowsShown = 12, kRowsMost = 60;

// Indicators a group is best told by, first ones first.
std::vector<std::string> best_of(std::string const& group) {
  if (group == "line") return {"bus_mean_delay", "bus_on_time_share"};
  if (group == "approach") return {"mean_queue", "max_queue"};
  return {"mean_travel_time", "mean_delay", "trips"};
}

}  // namespace

void page_writer::travellers() {
  auto const all =
      std::find_if(c_.travellers.begin(), c_.travellers.end(), [](auto const& v) { return v.group == "all"; });
  if (all == c_.travellers.end()) return;
  auto const pct = [&](moments const& m) {
    double const half = 100 * half_width(m.sd(), m.n), v = 100 * m.mean;
    std::string text = number_.plain(v, v < 10 ? 1 : 0) + "\xe2\x80\xaf%";
    if (std::isfinite(half))
      text += " <small>\xc2\xb1\xe2\x80\xaf" + number_.plain(half, half < 1 ? 2 : 1) + "</small>";
    return text;
  };
  out_ += "<h2>" + say("Who gains, who loses", "Quem ganha, quem perde") + "</h2>";
  double const still = 100 * (1 - all->share_slower.mean - all->share_faster.mean);
  out_ += "<p>" +
          fmt::format(fmt::runtime(say("The same {} travellers were followed in both situations, on average per pair "
                                       "of runs. For {} % the journey "
                                       "changes by less than a minute; {} lose a minute or more, {} gain one or more.",
                                       "Seguiram-se os mesmos {} viajantes nas duas situações, em média por par de "
                                       "simulações. Para {} % a viagem "
                                       "muda menos de um minuto; {} perdem um minuto ou mais, {} ganham um ou mais.")),
                      number_.plain(all->travellers.mean, 0), number_.plain(still, still > 99 ? 1 : 0),
                      pct(all->share_slower), pct(all->share_faster)) +
          "</p>";
  std::string const chart = change_chart_svg(id("change"), *all, lang_);
  std::string rows, group;
  for (traveller_values const& v : c_.travellers) {
    if (v.group == "all" || v.travellers.mean < 1) continue;
    if (v.group != group)
      rows += "<tr class=\"gr\"><th colspan=\"5\" scope=\"rowgroup\">" + escape_html(group_title(v.group, lang_)) +
              "</th></tr>";
    group = v.group;
    double const half = half_width(v.change_s.sd(), v.change_s.n);
    rows += fmt::format(
        "<tr><th scope=\"row\">{}</th><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td "
        "class=\"n\">{}{}</td></tr>",
        escape_html(key_label(c_, v.group, v.key, lang_)), number_.plain(v.travellers.mean, 0), pct(v.share_slower),
        pct(v.share_faster), number_.with_sign(v.change_s.mean, digits_for(half, v.change_s.mean)),
        std::isfinite(half)
            ? " <small>\xc2\xb1\xe2\x80\xaf" + number_.plain(half, digits_for(half, v.change_s.mean)) + "</small>"
            : "");
  }
  out_ += "<div class=\"charts\">" + (chart.empty() ? "" : "<figure>" + chart + "</figure>");
  if (!rows.empty()) {
    out_ += fmt::format(
        "<div class=\"scroll five\"><table><thead><tr><th scope=\"col\">{}</th><th class=\"n\" "
        "scope=\"col\">{}</th><th "
        "class=\"n\" scope=\"col\">{}</th>"
        "<th class=\"n\" scope=\"col\">{}</th><th class=\"n\" "
        "scope=\"col\">{}</th></tr></thead><tbody>{}</tbody></table></div>",
        say("Trips", "Viagens"), say("Number", "Número"), say("Lose \xe2\x89\xa5 1 min", "Perdem \xe2\x89\xa5 1 min"),
        say("Gain \xe2\x89\xa5 1 min", "Ganham \xe2\x89\xa5 1 min"), say("Mean change, s", "Variação média, s"), rows);
  }
  out_ += "</div><p class=\"kicker\">" +
          say("Only trips that arrive in both situations; buses are not counted. \xc2\xb1: half the 95 % interval over "
              "the pairs of runs.",
              "Só viagens que chegam ao destino nas duas situações; não se contam autocarros. \xc2\xb1: metade do "
              "intervalo a 95 % sobre os pares de simulações.") +
          "</p>\n";
}

void page_writer::day() {
  auto const by_hour = [&](char const* name) {
    std::vector<series_point> points;
    for (kpi_comparison const& k : c_.kpis) {
      if (k.group != "hour" || k.name != name || k.key.empty() ||
          k.key.find_first_not_of("0123456789") != std::string::npos || k.key.size() > 3)
        continue;
      double const begin = std::stoi(k.key) * 3600.0;
      points.push_back({begin, begin + 3600, k.value});
    }
    std::sort(points.begin(), points.end(), [](auto const& a, auto const& b) { return a.begin_s < b.begin_s; });
    return points;
  };
  std::string const b = clean_text(label_of(c_.base, lang_), 160);
  std::string const o = clean_text(label_of(c_.other, lang_), 160);
  std::vector<day_chart> const charts = {
      {id("tt"), say("Mean travel time by hour of departure", "Tempo médio de viagem por hora de partida"), "min",
       1.0 / 60, by_hour("mean_travel_time"), b, o},
      {id("dl"), say("Mean delay by hour of departure", "Atraso médio por hora de partida"), "min", 1.0 / 60,
       by_hour("mean_delay"), b, o},
      {id("run"), say("Vehicles on the roads", "Veículos em circulação"), say("vehicles", "veículos"), 1, c_.vehicles,
       b, o},
      {id("lost"), say("Time lost by all vehicles", "Tempo perdido por todos os veículos"),
       say("h per interval", "h por intervalo"), 1, c_.delay_h, b, o}};
  std::string all;
  for (day_chart const& c : charts) {
    if (c.points.size() < 2) continue;
    std::string const svg = day_chart_svg(c, lang_);
    if (!svg.empty()) all += "<figure>" + svg + "</figure>";
  }
  if (all.empty()) return;
  auto const line = [](char const* cls, char const* band) {
    return fmt::format(
        "<svg viewBox=\"0 0 34 14\" aria-hidden=\"true\"><path class=\"{}\" d=\"M2 2h30v10h-30z\"/><path class=\"{}\" "
        "d=\"M2 7h30\"/></svg>",
        band, cls);
  };
  out_ += "<h2>" + say("Over time", "Ao longo do tempo") + "</h2><ul class=\"legend\"><li>" + line("lb0", "bb") +
          escape_html(b) + "</li><li>" + line("lo", "bo") + escape_html(o) + "</li><li>" + line("ld", "bd") +
          say("difference", "diferença") + "</li></ul><div class=\"charts\">" + all + "</div>";
  out_ += "<p class=\"kicker\">" +
          say("Bands: 95 % intervals over the runs. The band of the difference is narrower than those of the two "
              "sides, because the same travellers are compared.",
              "Faixas: intervalos a 95 % sobre as simulações. A da diferença é mais estreita do que as dos dois lados, "
              "porque se comparam os mesmos viajantes.") +
          "</p>\n";
}

void page_writer::kpi_table(std::string const& caption, std::vector<kpi_comparison const*> const& rows,
                            bool keys_first) {
  out_ += keys_first ? "<div class=\"scroll tight\"><table>" : "<div class=\"scroll\"><table>";
  if (!caption.empty()) out_ += "<caption>" + escape_html(caption) + "</caption>";
  out_ += fmt::format(
      "<thead><tr><th scope=\"col\">{}</th><th class=\"n\" scope=\"col\">{}</th><th class=\"n\" "
      "scope=\"col\">{}</th><th class=\"n\" scope=\"col\">{}</th>"
      "<th class=\"ev\" scope=\"col\">{}</th></tr></thead><tbody>",
      keys_first ? "" : say("Indicator", "Indicador"), say("Base", "Referência"), say("Scenario", "Cenário"),
      say("Difference (95 % interval)", "Diferença (intervalo a 95 %)"),
      keys_first ? "<span class=\"vh\">" + say("Evidence", "Evidência") + "</span>" : say("Evidence", "Evidência"));
  double largest = 0;
  for (kpi_comparison const* k : rows) largest = std::max(largest, std::abs(k->value.base));
  for (kpi_comparison const* k : rows) {
    paired_estimate const& e = k->value;
    // One unit for a table of one indicator.
    indicator const i = indicator_of(k->name, k->unit, keys_first ? largest : e.base, lang_);
    int const level =
        std::max(i.min_digits, digits_for(std::nan(""), std::max(std::abs(e.base), std::abs(e.other)) * i.factor));
    std::string const head =
        keys_first ? escape_html(key_label(c_, k->group, k->key, lang_))
                   : escape_html(i.label) + (i.unit.empty() ? "" : " <small>" + escape_html(i.unit) + "</small>");
    std::string difference = difference_cell(e, i);
    if (e.pairs < c_.seeds.size())
      difference +=
          fmt::format("<small>{} {}</small>", e.pairs, e.pairs == 1 ? say("pair", "par") : say("pairs", "pares"));
    out_ += fmt::format(
        "<tr><th scope=\"row\">{}</th><td class=\"n\">{}</td><td class=\"n\">{}</td><td "
        "class=\"n\">{}</td><td>{}</td></tr>",
        head, number_.plain(e.base * i.factor, level), number_.plain(e.other * i.factor, level), difference,
        verdict_chip(e));
  }
  out_ += "</tbody></table></div>";
}

void page_writer::indicators() {
  std::vector<kpi_comparison const*> rows;
  for (kpi_comparison const& k : c_.kpis) {
    if (k.group == "all" && k.value.says != verdict::kNoData) rows.push_back(&k);
  }
  if (rows.empty()) return;
  out_ += "<h2>" + say("All indicators", "Todos os indicadores") + "</h2>";
  kpi_table("", rows, false);
}

void page_writer::group_table(std::string const& group, std::string const& name, std::size_t shown) {
  std::vector<kpi_comparison const*> rows;
  for (kpi_comparison const& k : c_.kpis) {
    if (k.group == group && k.name == name && k.value.says != verdict::kNoData) rows.push_back(&k);
  }
  if (rows.empty()) return;
  bool const in_order = group == "hour" || group == "purpose" || group == "mode" || rows.size() <= kRowsShown;
  if (!in_order) {  // those that change most first
    std::stable_sort(rows.begin(), rows.end(), [](auto const* a, auto const* b) {
      return std::abs(a->value.difference) > std::abs(b->value.difference);
    });
  }
  double largest = 0;
  for (kpi_comparison const* k : rows) largest = std::max(largest, std::abs(k->value.base));
  indicator const i = indicator_of(name, rows.front()->unit, largest, lang_);
  std::string const caption = i.label + (i.unit.empty() ? "" : ", " + i.unit);
  std::size_t const all = rows.size();
  std::vector<kpi_comparison const*> rest;
  if (!in_order && all > shown) {
    rest.assign(rows.begin() + static_cast<std::ptrdiff_t>(shown),
                rows.begin() + static_cast<std::ptrdiff_t>(std::min(all, kRowsMost)));
    rows.resize(shown);
  }
  kpi_table(caption, rows, true);
  if (rest.empty()) return;
  out_ += fmt::format("<details class=\"more\"><summary>{}</summary>",
                      fmt::format(fmt::runtime(say("{} more", "mais {}")), rest.size()));
  kpi_table("", rest, true);
  if (all > kRowsMost) {
    out_ += "<p class=\"kicker\">" +
            fmt::format(fmt::runtime(say("The {} that change most, of {}.", "As {} que mais mudam, de {}.")), kRowsMost,
                        all) +
            "</p>";
  }
  out_ += "</details>";
}

void page_writer::groups() {
  std::vector<std::string> order = {"purpose", "mode", "zone", "hour", "line", "approach"};
  for (kpi_comparison const& k : c_.kpis) {
    if (k.group != "all" && std::find(order.begin(), order.end(), k.group) == order.end()) order.push_back(k.group);
  }
  for (std::string const& group : order) {
    std::vector<std::string> names;
    for (std::string const& name : best_of(group)) {
      if (c_.find(name, group) != nullptr && names.size() < 2) names.push_back(name);
    }
    for (kpi_comparison const& k : c_.kpis) {  // a group that none of those describe is told by what it has
      if (names.empty() && k.group == group) names.push_back(k.name);
    }
    if (names.empty()) continue;
    bool const folded = group == "hour";  // the charts of the day show it
    out_ += folded ? "<details><summary>" + escape_html(group_title(group, lang_)) + "</summary>"
                   : "<h2>" + escape_html(group_title(group, lang_)) + "</h2>";
    out_ += "<div class=\"two\">";
    for (std::string const& name : names) {
      out_ += "<div>";
      group_table(group, name, kRowsShown);
      out_ += "</div>";
    }
    out_ += folded ? "</div></details>\n" : "</div>\n";
  }
}

}  // namespace gemeo
