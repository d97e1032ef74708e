#include "sim/results/report_page.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "sim/results/report_svg.h"

namespace gemeo {
namespace {

constexpr double kShortestStreet_m = 200;  // both directions together: pieces of a few metres head no list

constexpr int kPale = 20;   // added to the class of a weak difference
constexpr int kClosed = 8;  // dots over a road closed to cars

// 1..3 less, 4..6 more, by step; 0 not shown.
int diverging_class(paired_estimate const& e, double v, std::vector<double> const& steps, bool more_is_high) {
  if (steps.empty()) return 0;
  double const size = std::abs(v);
  int const step = size >= steps[2] ? 3 : size >= steps[1] ? 2 : 1;
  return ((v > 0) == more_is_high ? 3 : 0) + step + (e.says == verdict::kWeak ? kPale : 0);
}

// Speed as a share of the limit: 15 stands still, 11 free, 10 without traffic.
int speed_class(double speed_mps, double limit_mps) {
  if (!std::isfinite(speed_mps) || !(limit_mps > 0)) return 10;
  double const share = speed_mps / limit_mps;
  return share >= 0.85 ? 11 : share >= 0.65 ? 12 : share >= 0.45 ? 13 : share >= 0.25 ? 14 : 15;
}

// Had traffic that does not fail to come by chance, has none in any run.
bool emptied(comparison const& c, edge_values const& v) {
  double const hours = (c.edges_end_s - c.edges_begin_s) / 3600;
  double const seen = v.flow_veh_per_h.base * hours * static_cast<double>(v.flow_veh_per_h.pairs);
  return v.flow_veh_per_h.other == 0 && seen >= 10;
}

// Worded without words: it serves both languages.
std::string tooltip(comparison const& c, edge_id e, bool speed) {
  edge_values const& v = c.edges[e.index()];
  if (!worth_showing(c, speed ? v.speed_mps : v.flow_veh_per_h)) return "";
  std::string const name = c.net.road_name[e].empty() ? c.net.name[e] : c.net.road_name[e];
  paired_estimate const& p = speed ? v.speed_mps : v.flow_veh_per_h;
  double const factor = speed ? 3.6 : 1;
  number_format const f{language::kEnglish};
  return fmt::format("{}: {} \xe2\x86\x92 {} ({}) {}", name, f.plain(p.base * factor, 0), f.plain(p.other * factor, 0),
                     f.with_sign(p.difference * factor, speed ? 1 : 0), speed ? "km/h" : "veh/h");
}

}  // namespace

page_maps make_page_maps(comparison const& c) {
  page_maps m;
  if (c.edges.empty()) return m;
  m.map = make_map(c);
  if (m.map.empty()) return m;
  std::vector<double> flow, speed;
  for (edge_values const& v : c.edges) {
    if (worth_showing(c, v.flow_veh_per_h)) flow.push_back(std::abs(v.flow_veh_per_h.difference));
    if (worth_showing(c, v.speed_mps)) speed.push_back(std::abs(v.speed_mps.difference) * 3.6);
  }
  m.flow_steps = diverging_steps(std::move(flow));
  m.speed_steps = diverging_steps(std::move(speed));
  auto const values = [&](edge_id e) -> edge_values const& { return c.edges[e.index()]; };
  auto const newly_closed = [&](edge_id e) { return values(e).other_closed && !values(e).base_closed; };
  for (edge_values const& v : c.edges) m.closures = m.closures || v.base_closed || v.other_closed;
  m.symbols += map_symbol(
      m.map, "m-flow",
      [&](edge_id e) {
        edge_values const& v = values(e);
        if (emptied(c, v) && !newly_closed(e)) return 7;
        return worth_showing(c, v.flow_veh_per_h)
                   ? diverging_class(v.flow_veh_per_h, v.flow_veh_per_h.difference, m.flow_steps, true)
                   : 0;
      },
      [&](edge_id e) { return tooltip(c, e, false); }, newly_closed);
  // On a road closed to cars the speed is that of the few who may still use it: no comparison.
  m.symbols += map_symbol(
      m.map, "m-speed",
      [&](edge_id e) {
        edge_values const& v = values(e);
        if (v.base_closed || v.other_closed) return 0;
        if (emptied(c, v)) return 7;
        return worth_showing(c, v.speed_mps)
                   ? diverging_class(v.speed_mps, v.speed_mps.difference * 3.6, m.speed_steps, false)
                   : 0;
      },
      [&](edge_id e) { return values(e).base_closed || values(e).other_closed ? "" : tooltip(c, e, true); },
      newly_closed);
  // The mean speed of each side over the seeds: flow-less edges of one seed do not hide those of others.
  m.symbols += map_symbol(
      m.map, "m-base",
      [&](edge_id e) { return values(e).base_closed ? 10 : speed_class(values(e).base_speed_mps, c.net.speed_mps[e]); },
      nullptr, [&](edge_id e) { return values(e).base_closed; });
  m.symbols += map_symbol(
      m.map, "m-other",
      [&](edge_id e) {
        return values(e).other_closed ? 10 : speed_class(values(e).other_speed_mps, c.net.speed_mps[e]);
      },
      nullptr, [&](edge_id e) { return values(e).other_closed; });
  m.symbols += letters_symbol(m.map, "m-letters");
  return m;
}

page_writer::page_writer(comparison const& c, page_maps const& maps, language l, report_options const& o)
    : c_(c), maps_(maps), lang_(l), options_(o), number_{l} {}

std::string page_writer::title() const {
  return clean_text(label_of(c_.other, lang_), 160) + say(": what changes against ", ": o que muda em relação a ") +
         clean_text(label_of(c_.base, lang_), 160);
}

std::string page_writer::body() {
  out_.clear();
  head();
  notes();
  cards();
  maps();
  streets();
  travellers();
  day();
  indicators();
  groups();
  method();
  footer();
  return std::move(out_);
}

void page_writer::head() {
  run_description const& d = c_.base.description;
  finding const f = headline(c_, lang_);
  out_ += "<p class=\"kicker\">" +
          say("Traffic study with a digital twin: modelled figures, not measurements",
              "Estudo de tráfego com um gémeo digital: valores modelados, não medidos") +
          "</p>";
  out_ += "<h1>" + escape_html(label_of(c_.other, lang_)) + "</h1>";
  out_ += fmt::format(
      "<p class=\"versus\">{} <b>{}</b> \xc2\xb7 {}\xe2\x80\x93{} \xc2\xb7 {} {}</p>",
      say("compared with", "em comparação com"), escape_html(label_of(c_.base, lang_)),
      time_of_day(d.begin_s + d.warm_up_s), time_of_day(d.end_s), c_.seeds.size(),
      c_.seeds.size() == 1 ? say("pair of runs", "par de simulações") : say("pairs of runs", "pares de simulações"));
  out_ += "<div class=\"lead\"><p class=\"say\">" + escape_html(f.sentence, 1000) + "</p>";
  if (!f.caveat.empty()) out_ += "<p class=\"but\">" + escape_html(f.caveat, 1000) + "</p>";
  if (!f.uncertainty.empty()) out_ += "<p>" + escape_html(f.uncertainty, 1000) + "</p>";
  for (std::string const& line : cautions(c_, lang_)) out_ += "<p>" + escape_html(line, 4000) + "</p>";
  if (!c_.trustworthy()) {
    out_ += "<p class=\"worse\"><b>" +
            say("Read with care: see the reservations below.", "Ler com cautela: ver as reservas abaixo.") + "</b></p>";
  }
  out_ += "</div>\n";
}

void page_writer::notes() {
  for (bool const grave : {true, false}) {
    std::string items;
    for (notice const& n : c_.notices) {
      bool const here = n.grave() || n.kind == notice_kind::kFewPairs;
      if (here == grave) items += "<li>" + escape_html(notice_text(n, c_, lang_), 2000) + "</li>";
    }
    if (items.empty()) continue;
    out_ += grave ? "<section class=\"notes\" role=\"note\"><h3>" + say("Reservations", "Reservas") + "</h3><ul>" +
                        items + "</ul></section>\n"
                  : "<section class=\"notes mild\"><h3>" + say("Notes", "Notas") + "</h3><ul>" + items +
                        "</ul></section>\n";
  }
}

std::string page_writer::verdict_chip(paired_estimate const& e) const {
  char const* cls = "none";
  if (e.says == verdict::kClear) cls = "clear";
  if (e.says == verdict::kWeak) cls = "weak";
  if (e.says == verdict::kNotShown) cls = "not";
  char const* const word = verdict_phrase(e.says).in(lang_);
  return fmt::format("<span class=\"v {}\" title=\"{}\"><span class=\"w\">{}</span></span>", cls, word, word);
}

std::string page_writer::difference_cell(paired_estimate const& e, indicator const& i) const {
  int const digits = std::max(0, digits_for((e.high - e.low) / 2 * i.factor, e.difference * i.factor));
  bool const shown = e.says == verdict::kClear || e.says == verdict::kWeak;
  char const* const cls = !shown || i.better == 0                ? ""
                          : (e.difference > 0) == (i.better > 0) ? " class=\"better\""
                                                                 : " class=\"worse\"";
  std::string text = fmt::format("<b{}>{}</b>", cls, number_.with_sign(e.difference * i.factor, digits));
  if (!i.share && std::isfinite(e.change()) && e.difference != 0)
    text += " <i>" + number_.percent(e.change(), std::abs(e.change()) < 0.0995 ? 1 : 0) + "</i>";
  if (std::isfinite(e.low) && e.says != verdict::kUnchanged)
    text += "<small>" + number_.range(e.low * i.factor, e.high * i.factor, digits) + "</small>";
  return text;
}

void page_writer::cards() {
  static constexpr char const* kFirst[] = {"mean_travel_time", "mean_delay", "vehicle_hours",
                                           "mean_speed",       "vehicle_km", "co2",
                                           "bus_mean_delay",   "nox",        "mean_stops"};
  std::string cards;
  std::size_t n = 0;
  for (char const* const name : kFirst) {
    kpi_comparison const* const k = c_.find(name);
    if (k == nullptr || k->value.says == verdict::kNoData || n == 6) continue;
    ++n;
    paired_estimate const& e = k->value;
    indicator const i = indicator_of(k->name, k->unit, e.base, lang_);
    double const half = (e.high - e.low) / 2 * i.factor;
    int const digits = digits_for(half, e.difference * i.factor);
    int const level = std::max(i.min_digits, std::min(digits, digits_for(std::nan(""), e.base * i.factor)));
    bool const shown = e.says == verdict::kClear || e.says == verdict::kWeak;
    std::string const cls = !shown || i.better == 0 ? "" : (e.difference > 0) == (i.better > 0) ? " better" : " worse";
    cards += fmt::format(
        "<div class=\"card\"><h3>{}</h3><p class=\"big{}\">{} <small>{}</small></p><p>{} \xe2\x86\x92 {} "
        "{}</p><p><small>{} {}</small></p><p>{}</p></div>",
        escape_html(i.label), cls, number_.with_sign(e.difference * i.factor, digits),
        (i.unit.empty() ? "" : escape_html(i.unit)) +
            (std::isfinite(e.change()) && !i.share
                 ? " (" + number_.percent(e.change(), std::abs(e.change()) < 0.0995 ? 1 : 0) + ")"
                 : ""),
        number_.plain(e.base * i.factor, level), number_.plain(e.other * i.factor, level), escape_html(i.unit),
        say("95 % interval:", "intervalo a 95 %:"), number_.range(e.low * i.factor, e.high * i.factor, digits),
        verdict_chip(e));
  }
  if (cards.empty()) return;
  auto const chip = [&](verdict v) {
    paired_estimate e;
    e.says = v;
    return verdict_chip(e);
  };
  out_ += "<h2>" + say("Key figures", "Principais valores") + "</h2><div class=\"cards\">" + cards + "</div>\n";
  out_ += "<p class=\"kicker\">" +
          fmt::format(fmt::runtime(say("{}: the 95 % interval excludes zero, also after correction for the number of "
                                       "figures compared. {}: only before that correction. {}: the interval includes "
                                       "zero, so the change may be chance.",
                                       "{}: o intervalo a 95 % exclui o zero, mesmo corrigindo para o número de "
                                       "valores comparados. {}: só antes dessa correção. {}: o intervalo inclui o "
                                       "zero e a diferença pode ser acaso.")),
                      chip(verdict::kClear), chip(verdict::kWeak), chip(verdict::kNotShown)) +
          "</p>\n";
}

namespace {

std::string swatch(int cls, double width) {
  return fmt::format(
      "<svg viewBox=\"0 0 34 14\" aria-hidden=\"true\"><path class=\"rd k{}\" "
      "style=\"stroke-dasharray:{};stroke-width:{:.1f}px\" d=\"M4 7h26\"/></svg>",
      cls,
      cls == 7         ? "7 6"
      : cls == kClosed ? "0.1 8"
                       : "none",
      width);
}

std::string legend_item(int cls, std::string const& text, double width = 5) {
  return "<li>" + swatch(cls, width) + text + "</li>";
}

std::string difference_legend(std::vector<double> const& s, bool more_is_high, std::string const& unit,
                              std::string const& none, std::string const& weak, std::string const& last,
                              number_format const& f) {
  std::string out = "<ul class=\"legend\">";
  if (!s.empty()) {
    auto const text = [&](int step, char const* sign) {
      int const digits = s[0] < 1 ? 1 : 0;
      std::string const low = sign + f.plain(step == 1 ? 0 : s[static_cast<std::size_t>(step - 1)], digits);
      if (step == 3) return (std::string(sign) == "+" ? "\xe2\x89\xa5 " : "\xe2\x89\xa4 ") + low + " " + unit;
      std::string const high = sign + f.plain(s[static_cast<std::size_t>(step)], digits), near = step == 1 ? "0" : low;
      return std::string(sign) == "+" ? near + " \xe2\x80\xa6 " + high : high + " \xe2\x80\xa6 " + near;
    };
    for (int step = 3; step >= 1; --step) out += legend_item((more_is_high ? 0 : 3) + step, text(step, "\xe2\x88\x92"));
    out += legend_item(0, none, 3);
    for (int step = 1; step <= 3; ++step) out += legend_item((more_is_high ? 3 : 0) + step, text(step, "+"));
  } else {
    out += legend_item(0, none, 3);
  }
  return out + (weak.empty() ? "" : "<li>" + swatch(kPale + 2, 5) + swatch(kPale + 5, 5) + weak + "</li>") + last +
         "</ul>";
}

}  // namespace

void page_writer::maps() {
  if (maps_.map.empty()) return;
  network_map const& m = maps_.map;
  std::string const hours = time_of_day(c_.edges_begin_s) + "\xe2\x80\x93" + time_of_day(c_.edges_end_s);
  std::string const none = say("no change shown", "sem alteração demonstrada"),
                    weak =
                        c_.seeds.size() < kMinPairs ? "" : say("pale: weak difference", "tom pálido: diferença fraca"),
                    gone = legend_item(7, say("no traffic any more", "deixa de ter tráfego")),
                    closed = maps_.closures
                                 ? legend_item(kClosed, say("closed to cars by the scenario", "cortada a automóveis"))
                                 : "",
                    last = gone + closed;
  out_ += "<h2>" + say("Where traffic changes", "Onde muda o tráfego") + "</h2>";
  out_ += "<figure><h3>" + say("Traffic: vehicles per hour and direction", "Tráfego: veículos por hora e sentido") +
          "</h3>";
  std::string const flow_text = family_sentence(c_.flow_family, {"Traffic", "Tráfego"}, c_, lang_);
  out_ += map_svg(m, id("mapflow"), "m-flow", "m-letters",
                  say("Map of the change in traffic", "Mapa da variação do tráfego"), flow_text);
  out_ += difference_legend(maps_.flow_steps, true, say("veh/h", "veíc/h"), none, weak, last, number_);
  std::string widths;
  for (std::size_t const k : {std::size_t{1}, std::size_t{3}, std::size_t{5}}) {
    if (k < m.widths.size()) {
      widths += legend_item(0, say("up to ", "até ") + number_.plain(m.width_flows[k], 0) + say(" veh/h", " veíc/h"),
                            m.widths[k] / 8);
    }
  }
  out_ += "<ul class=\"legend\">" + widths + "</ul>";
  out_ += "<figcaption>" + hours + ". " +
          say("Orange: more traffic; blue: less. ", "Laranja: mais tráfego; azul: menos. ") +
          escape_html(flow_text, 2000) + "</figcaption></figure>\n";

  std::string const speed_text = family_sentence(c_.speed_family, {"Speed", "Velocidade"}, c_, lang_);
  out_ += "<figure><h3>" + say("Speed", "Velocidade") + "</h3>" +
          map_svg(m, id("mapspeed"), "m-speed", "m-letters",
                  say("Map of the change in speed", "Mapa da variação da velocidade"), speed_text);
  out_ += difference_legend(maps_.speed_steps, false, "km/h", none, weak, last, number_);
  out_ += "<figcaption>" + hours + ". " +
          say("Orange: slower; blue: faster. ", "Laranja: mais lento; azul: mais rápido. ") +
          escape_html(speed_text, 2000) + "</figcaption></figure>\n";

  out_ += "<div class=\"pair\">";
  for (bool const other : {false, true}) {
    ensemble_side const& side = other ? c_.other : c_.base;
    out_ += "<figure><h3>" + escape_html(label_of(side, lang_)) + "</h3>" +
            map_svg(m, id(other ? "mapother" : "mapbase"), other ? "m-other" : "m-base", "m-letters",
                    say("Map of speeds: ", "Mapa de velocidades: ") + label_of(side, lang_),
                    say("Mean speed as a share of the speed limit; line width by traffic.",
                        "Velocidade média em proporção do limite; largura da linha segundo o tráfego.")) +
            "</figure>";
  }
  out_ += "</div><ul class=\"legend\">";
  char const* const kShares[] = {"\xe2\x89\xa5 85 %",
                                 "65\xe2\x80\x93"
                                 "85 %",
                                 "45\xe2\x80\x93"
                                 "65 %",
                                 "25\xe2\x80\x93"
                                 "45 %",
                                 "< 25 %"};
  for (int k = 0; k < 5; ++k) out_ += legend_item(11 + k, kShares[k]);
  out_ += legend_item(10, say("no traffic", "sem tráfego"), 3) + closed + "</ul><p class=\"kicker\">" + hours + ". " +
          say("Colour: mean speed as a share of the speed limit (signals and junctions included). Width: traffic.",
              "Cor: velocidade média em proporção do limite (incluindo semáforos e cruzamentos). Largura: tráfego.") +
          "</p>\n";
}

void page_writer::streets() {
  if (c_.roads.empty()) return;
  std::vector<road_values const*> roads;
  auto const worth = [](road_values const& r) { return r.length_m >= kShortestStreet_m; };
  bool const enough = std::count_if(c_.roads.begin(), c_.roads.end(), worth) >= 10;
  for (road_values const& r : c_.roads) {
    if (!enough || worth(r)) roads.push_back(&r);
  }
  auto const pick = [&](paired_estimate road_values::*of, bool up) {
    std::vector<road_values const*> list;
    for (road_values const* r : roads) {
      paired_estimate const& e = r->*of;
      if (worth_showing(c_, e) && (e.difference > 0) == up) list.push_back(r);
    }
    std::sort(list.begin(), list.end(), [&](auto const* a, auto const* b) {
      double const x = std::abs((a->*of).difference), y = std::abs((b->*of).difference);
      return x != y ? x > y : a->name < b->name;
    });
    if (list.size() > options_.top) list.resize(options_.top);
    double largest = 0;
    for (road_values const* r : roads) {
      if (double const d = std::abs((r->*of).difference); std::isfinite(d)) largest = std::max(largest, d);
    }
    while (!list.empty() && std::abs((list.back()->*of).difference) < 0.002 * largest)
      list.pop_back();  // shown, but nothing
    return list;
  };
  out_ += "<h2>" + say("Streets that gain and lose most", "Ruas que mais ganham e mais perdem") +
          "</h2><div class=\"two\">";
  street_table("More traffic", "Mais tráfego", pick(&road_values::flow_veh_per_h, true), false);
  street_table("Less traffic", "Menos tráfego", pick(&road_values::flow_veh_per_h, false), false);
  street_table("More delay", "Mais atraso", pick(&road_values::delay_h, true), true);
  street_table("Less delay", "Menos atraso", pick(&road_values::delay_h, false), true);
  out_ += "</div><p class=\"kicker\">" +
          say("Traffic: vehicles per hour and direction, mean along the street. Delay: hours lost by all vehicles on "
              "the street against driving at their wished speed. ",
              "Tráfego: veículos por hora e sentido, média ao longo da rua. Atraso: horas perdidas por todos os "
              "veículos na rua face à velocidade desejada. ") +
          (c_.seeds.size() < kMinPairs
               ? say("The largest differences; with fewer than 3 pairs of runs they are not tested.",
                     "As maiores diferenças; com menos de 3 pares de simulações, não são testadas.")
               : say("Only differences whose 95 % interval excludes zero; below each: the interval.",
                     "Só diferenças cujo intervalo a 95 % exclui o zero; por baixo: o intervalo.")) +
          (enough ? say(" Streets shorter than 200 m are left out.", " Ruas com menos de 200 m ficam de fora.") : "") +
          "</p>\n";
}

void page_writer::street_table(char const* en, char const* pt, std::vector<road_values const*> const& roads,
                               bool delay) {
  out_ += fmt::format("<div class=\"scroll\"><table><caption>{}</caption>", say(en, pt));
  if (roads.empty()) {
    out_ += "<tbody><tr><td>" + say("No street where this is shown.", "Nenhuma rua em que isto se demonstre.") +
            "</td></tr></tbody></table></div>";
    return;
  }
  std::string const unit = delay ? "h" : say("veh/h", "veíc/h");
  out_ += fmt::format(
      "<thead><tr><th scope=\"col\">{}</th><th class=\"n\" scope=\"col\">{}</th><th class=\"n\" "
      "scope=\"col\">{}</th></tr></thead><tbody>",
      say("Street", "Rua"), say("Base \xe2\x86\x92 scenario", "Referência \xe2\x86\x92 cenário"),
      say("Difference, ", "Diferença, ") + unit);
  indicator i;
  i.better = delay ? -1 : 0;
  for (road_values const* r : roads) {
    paired_estimate const& e = delay ? r->delay_h : r->flow_veh_per_h;
    int const digits = delay && std::max(e.base, e.other) < 20 ? 1 : 0;
    out_ +=
        fmt::format("<tr><th scope=\"row\">{}</th><td class=\"n\">{} \xe2\x86\x92 {}</td><td class=\"n\">{}</td></tr>",
                    escape_html(r->name, 120), number_.plain(e.base, digits), number_.plain(e.other, digits),
                    difference_cell(e, i));
  }
  out_ += "</tbody></table></div>";
}

std::string report_html(comparison const& c, report_options const& o) {
  page_maps const maps = make_page_maps(c);
  page_writer english(c, maps, language::kEnglish, o), portuguese(c, maps, language::kPortuguese, o);
  bool const pt = o.first == language::kPortuguese;
  std::string const first_title = escape_html(pt ? portuguese.title() : english.title());
  std::string out = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
      "content=\"width=device-width,initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';style-src 'unsafe-inline';script-src "
      "'unsafe-inline'\">\n"
      "<meta name=\"generator\" content=\"gemeo {}\">\n<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n",
      pt ? "pt" : "en", escape_html(c.other.description.software_version), first_title, page_style());
  out +=
      fmt::format("<input class=\"lang\" type=\"radio\" name=\"lang\" id=\"lang-pt\" value=\"pt\" data-title=\"{}\"{}>",
                  escape_html(portuguese.title()), pt ? " checked" : "");
  out += fmt::format(
      "<input class=\"lang\" type=\"radio\" name=\"lang\" id=\"lang-en\" value=\"en\" data-title=\"{}\"{}>\n",
      escape_html(english.title()), pt ? "" : " checked");
  out +=
      "<div class=\"langs\"><label for=\"lang-pt\" lang=\"pt\">Português</label><label for=\"lang-en\" "
      "lang=\"en\">English</label></div>\n";
  out += "<svg width=\"0\" height=\"0\" style=\"position:absolute\" aria-hidden=\"true\"><defs>\n" + maps.symbols +
         "</defs></svg>\n";
  std::string const en_main = "<main lang=\"en\">\n" + english.body() + "</main>\n",
                    pt_main = "<main lang=\"pt\">\n" + portuguese.body() + "</main>\n";
  out += pt ? pt_main + en_main : en_main + pt_main;
  return out + "<script>" + page_script() + "</script>\n</body>\n</html>\n";
}

}  // namespace gemeo
