#include "calibration/counts/check_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "calibration/counts/carried_page.h"
#include "calibration/counts/contradiction_page.h"
#include "sim/results/report_chart.h"
#include "sim/results/report_svg.h"

namespace gemeo {
namespace {

constexpr std::size_t kMostBytes = 8'000'000;  // of the page; charts beyond are left out, and said so
constexpr double kWidth = 980, kLeft = 56, kRight = 970, kTop = 10, kBottom = 118, kHeight = 140;
constexpr std::size_t kBins = 900;  // points of a line: as many as can be told apart

char const* class_of(count_verdict v) {
  return v == count_verdict::kGood ? "g" : v == count_verdict::kDoubtful ? "d" : "b";
}

constexpr char const* kStyle = R"css(
:root{--ink:#16202b;--soft:#4d5b69;--rule:#d5dbe1}
*{box-sizing:border-box}
body{margin:0;background:#fff;color:var(--ink);font:15px/1.45 system-ui,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif}
main{max-width:1060px;margin:0 auto;padding:16px 24px 48px}
h1{font-size:1.7rem;margin:.3em 0}h2{font-size:1.2rem;margin:1.8em 0 .4em;border-top:2px solid var(--ink);padding-top:.5em}
h3{font-size:.98rem;margin:1.3em 0 .1em;overflow-wrap:anywhere}
p{margin:.35em 0;max-width:80ch}.s{color:var(--soft);font-size:.88rem}
ul{margin:.3em 0;padding-left:1.2em}
.alarm{border-left:6px solid #7a2a02;background:#fff4e5;padding:10px 16px;margin:1em 0}
table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:3px 12px 3px 0;border-bottom:1px solid var(--rule);vertical-align:top}
td.n,th.n{text-align:right}
svg{display:block;width:100%;height:auto}
text{font-family:system-ui,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif;font-size:11px;fill:#4d5b69}
.gl{stroke:#e2e7eb;fill:none}.fl{fill:none;stroke:#0b3470;stroke-width:1.1}
.vg{fill:#3b74b8}.vd{fill:#e3a35c}.vb{fill:#7a2a02}
.bg{fill:#fff}.bd{fill:#fbe9d3}.bb{fill:#e9cfc3}
.x{stroke:#7a2a02;stroke-width:.8;stroke-opacity:.55}
.key i{display:inline-block;width:12px;height:12px;margin:0 5px 0 16px;vertical-align:-1px}
.langs{max-width:1060px;margin:0 auto;padding:12px 24px 0;display:flex;gap:4px;justify-content:flex-end;font-size:.9rem}
.langs label{padding:5px 11px;border:1px solid var(--rule);border-radius:4px;cursor:pointer;color:var(--soft)}
input.lang{position:absolute;opacity:0;pointer-events:none}
#lang-pt:checked~.langs label[for=lang-pt],#lang-en:checked~.langs label[for=lang-en]{background:var(--ink);color:#fff}
#lang-pt:checked~main [lang=en],#lang-en:checked~main [lang=pt]{display:none}
.scroll{overflow-x:auto}
details{margin:.2em 0}summary{cursor:pointer;color:#0b4f6c}
@media print{h3,figure{break-inside:avoid}}
)css";

phrase verdict_words(count_verdict v) {
  return v == count_verdict::kGood       ? phrase{"good", "bom"}
         : v == count_verdict::kDoubtful ? phrase{"doubtful", "duvidoso"}
                                         : phrase{"bad", "mau"};
}

// One of the two is shown; html: is made harmless already.
std::string spans(bilingual const& html) {
  return fmt::format("<span lang=\"en\">{}</span><span lang=\"pt\">{}</span>", html.en, html.in(language::kPortuguese));
}
template <typename... A>
std::string both(char const* en, char const* pt, A const&... a) {
  return spans(in_both(en, pt, a...));
}
bilingual harmless(bilingual const& text, std::size_t most_bytes = 400) {
  return {escape_html(text.en, most_bytes), escape_html(text.in(language::kPortuguese), most_bytes)};
}
// A tip of a chart, where no style decides about languages: both, one behind the other.
std::string tip(day_verdict const& d) {
  phrase const v = verdict_words(d.verdict);
  std::string const date = to_text(date_of(d.day));
  if (d.reason.empty()) return fmt::format("{}: {} / {}", date, v.en, v.pt);
  bilingual const why = harmless(d.reason, 300);
  return fmt::format("{}: {}: {} / {}: {}", date, v.en, why.en, v.pt, why.pt);
}

struct span_of {
  std::size_t begin = 0, end = 0;
};
span_of records_of(quality_report const& q, std::uint32_t detector) {
  auto const [a, b] = std::equal_range(q.detector.begin(), q.detector.end(), detector);
  return {static_cast<std::size_t>(a - q.detector.begin()), static_cast<std::size_t>(b - q.detector.begin())};
}
std::span<day_verdict const> days_of_detector(quality_report const& q, std::uint32_t detector) {
  auto const low = std::lower_bound(q.days.begin(), q.days.end(), detector,
                                    [](day_verdict const& d, std::uint32_t k) { return d.detector < k; });
  auto const high = std::upper_bound(low, q.days.end(), detector,
                                     [](std::uint32_t k, day_verdict const& d) { return k < d.detector; });
  return {low, high};
}

struct axis_of_time {
  double begin_s = 0, end_s = 1;
  [[nodiscard]] double x(double s) const { return kLeft + (kRight - kLeft) * (s - begin_s) / (end_s - begin_s); }
};

std::string day_bands(std::span<day_verdict const> days, axis_of_time const& t) {
  std::string out;
  for (day_verdict const& d : days) {
    if (d.verdict == count_verdict::kGood) continue;
    double const a = std::max(kLeft, t.x(d.day * 86400.0)), b = std::min(kRight, t.x((d.day + 1) * 86400.0));
    out += fmt::format(
        "<rect class=\"b{}\" x=\"{:.1f}\" y=\"{:.0f}\" width=\"{:.1f}\" height=\"{:.0f}\"><title>{}</title></rect>",
        class_of(d.verdict), a, kTop, b - a, kBottom - kTop, tip(d));
    if (d.verdict == count_verdict::kBad)
      out += fmt::format("<path class=\"x\" d=\"M{:.1f} {:.0f}L{:.1f} {:.0f}\"/>", a, kBottom, b, kTop);
  }
  return out;
}

std::string time_labels(axis_of_time const& t) {
  double const days = (t.end_s - t.begin_s) / 86400;
  std::string out;
  auto const tick = [&](double s, std::string const& text) {
    if (t.x(s) > kRight - 12) return;  // its text would be cut
    out += fmt::format(
        "<path class=\"gl\" d=\"M{0:.1f} {1:.0f}V{2:.0f}\"/><text x=\"{0:.1f}\" y=\"{3:.0f}\" "
        "text-anchor=\"middle\">{4}</text>",
        t.x(s), kBottom, kBottom + 4, kBottom + 16, text);
  };
  if (days <= 1.01) {
    double step = 3600;
    while ((t.end_s - t.begin_s) / step > 12) step *= 2;
    if ((t.end_s - t.begin_s) / 3600 <= 3) step = 900;
    for (double s = std::ceil(t.begin_s / step) * step; s <= t.end_s; s += step) {
      auto const m = static_cast<long>(std::fmod(s, 86400) / 60);
      tick(s, fmt::format("{:02}:{:02}", m / 60, m % 60));
    }
    return out;
  }
  double const step = 86400 * std::max(1.0, std::ceil(days / 10));
  double const first = std::ceil(t.begin_s / 86400) * 86400;
  for (double s = first; s <= t.end_s; s += step)
    tick(s, to_text(date_of(static_cast<std::int64_t>(s / 86400))).substr(5));
  return out;
}

// Flow by bin of time: the mean of what there is; a bin without a value breaks the line.
std::string flow_line(loaded_counts const& c, local_clock const& clock, span_of r, axis_of_time const& t, double top) {
  quality_report const& q = c.quality;
  double const bin_s = std::max((t.end_s - t.begin_s) / kBins, 1.0);
  std::map<long, std::pair<double, int>> bins;
  double longest_s = 0;
  for (std::size_t i = r.begin; i < r.end; ++i) {
    if (!std::isfinite(q.records[i].count)) continue;
    double const period_s = q.records[i].period_ms / 1000.0;
    double const middle = static_cast<double>(clock.local_of(q.records[i].begin_ms / 1000)) + period_s / 2;
    auto& [sum, n] = bins[static_cast<long>((middle - t.begin_s) / bin_s)];
    sum += q.records[i].flow_veh_per_h();
    ++n;
    longest_s = std::max(longest_s, period_s);
  }
  std::string d;
  long last = -1000000;
  auto const most_apart = static_cast<long>(std::ceil(longest_s / bin_s)) + 1;
  for (auto const& [bin, v] : bins) {
    double const flow = v.first / v.second, y = kBottom - (kBottom - kTop) * std::min(flow / top, 1.0);
    d += fmt::format("{}{:.1f} {:.1f}", bin - last > most_apart ? "M" : "L",
                     t.x(t.begin_s + (static_cast<double>(bin) + 0.5) * bin_s), y);
    if (bin - last > most_apart) d += "h.6";  // a value alone is a dot
    last = bin;
  }
  return d;
}

axis_of_time axis_for(loaded_counts const& c, local_clock const& clock, span_of r) {
  axis_of_time t{1e300, -1e300};
  for (std::size_t i = r.begin; i < r.end; ++i) {
    double const s = static_cast<double>(clock.local_of(c.quality.records[i].begin_ms / 1000));
    t.begin_s = std::min(t.begin_s, s);
    t.end_s = std::max(t.end_s, s + c.quality.records[i].period_ms / 1000.0);
  }
  return t;
}

struct tally {
  std::size_t good = 0, doubtful = 0, bad = 0;
  void add(count_verdict v) { ++(v == count_verdict::kGood ? good : v == count_verdict::kDoubtful ? doubtful : bad); }
};

std::vector<std::uint32_t> detectors_of(loaded_counts const& c) {
  std::vector<std::uint32_t> out;
  for (day_verdict const& d : c.quality.days) {
    if (out.empty() || out.back() != d.detector) out.push_back(d.detector);
  }
  std::sort(out.begin(), out.end(),
            [&](std::uint32_t a, std::uint32_t b) { return c.catalog.key(a) < c.catalog.key(b); });
  return out;
}

// A row a detector, a column a day.
std::string matrix_svg(loaded_counts const& c, std::vector<std::uint32_t> const& detectors) {
  if (detectors.empty()) return "";
  std::int32_t first = c.quality.days.front().day, last = first;
  for (day_verdict const& d : c.quality.days) {
    first = std::min(first, d.day);
    last = std::max(last, d.day);
  }
  double label = 90;
  for (std::uint32_t const detector : detectors)
    label = std::max(label, std::min(260.0, 11 * text_width(describe(c.catalog.key(detector))) + 12));
  double const cell_x = std::clamp((kWidth - label - 10) / (last - first + 1), 0.4, 26.0), cell_y = 13;
  double const height = 22 + cell_y * static_cast<double>(detectors.size());
  std::string out = fmt::format(
      "<svg viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" aria-label=\"Verdict by detector and day / Avaliação por "
      "detetor e dia\">",
      kWidth, height);
  std::int32_t const step = std::max(1, static_cast<std::int32_t>(std::ceil(60 / cell_x)));
  for (std::int32_t d = first; d <= last; d += step)
    out += fmt::format("<text x=\"{:.1f}\" y=\"12\">{}</text>", label + (d - first) * cell_x,
                       to_text(date_of(d)).substr(5));
  double y = 20;
  for (std::uint32_t const detector : detectors) {
    out += fmt::format("<text x=\"{:.0f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>", label - 6, y + 9.5,
                       escape_html(describe(c.catalog.key(detector)), 40));
    for (day_verdict const& d : days_of_detector(c.quality, detector)) {
      double const shrink = d.verdict == count_verdict::kBad ? 0 : 1.5;  // told apart without colour, too
      out += fmt::format(
          "<rect class=\"v{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"><title>{}</title></rect>",
          class_of(d.verdict), label + (d.day - first) * cell_x, y + shrink, std::max(cell_x - 1, cell_x * 0.8),
          cell_y - 2 - 2 * shrink, tip(d));
    }
    y += cell_y;
  }
  return out + "</svg>";
}

bilingual place_text(loaded_counts const& c, network const* net, detector_key const& k) {
  site_match const* const m = find_match(c.matches, k);
  if (net == nullptr || m == nullptr) return {};
  if (!m->edge) return in_both("nowhere on the network: {}", "sem lugar na rede: {}", m->doubt);
  std::string const& edge = net->edges.name[*m->edge];
  bilingual out =
      in_both("edge {}{}, {} (confidence {:.2f})", "troço {}{}, {} (confiança {:.2f})", edge,
              std::isfinite(m->pos_m) ? in_both(" at {:.0f} m", " a {:.0f} m do início", m->pos_m) : bilingual{},
              phrase{how_in(*m, language::kEnglish), how_in(*m, language::kPortuguese)}, m->confidence);
  if (!m->doubt.empty()) out += in_both(": {}", ": {}", m->doubt);
  return out;
}

std::string reasons(std::span<day_verdict const> days) {
  constexpr std::size_t kMost = 60;
  std::string out;
  std::size_t n = 0;
  for (day_verdict const& d : days) {
    if (d.verdict == count_verdict::kGood || ++n > kMost) continue;
    out += "<li>" +
           both("{}: {}: {}", "{}: {}: {}", to_text(date_of(d.day)), verdict_words(d.verdict), harmless(d.reason)) +
           "</li>";
  }
  if (n == 0) return "";
  if (n > kMost) out += "<li>" + both("and {} days more", "e mais {} dias", n - kMost) + "</li>";
  return fmt::format("<details><summary>{}</summary><ul>{}</ul></details>",
                     both("{} day{} not good", "{} dia{} que não {}", n, n == 1 ? "" : "s",
                          n == 1 ? phrase{"", "é bom"} : phrase{"", "são bons"}),
                     out);
}

std::string heading(char const* en, char const* pt) { return "<h2>" + both(en, pt) + "</h2>"; }

std::string alarms_html(std::vector<bilingual> const& alarms) {
  constexpr std::size_t kMost = 40;
  if (alarms.empty()) return {};
  std::string out = "<div class=\"alarm\"><b>" +
                    both("Of whole feeds and junctions", "De fontes e cruzamentos inteiros") + "</b><ul>";
  for (std::size_t i = 0; i < std::min(alarms.size(), kMost); ++i) out += "<li>" + spans(harmless(alarms[i])) + "</li>";
  if (alarms.size() > kMost) out += "<li>" + both("and {} more", "e mais {}", alarms.size() - kMost) + "</li>";
  return out + "</ul></div>";
}

std::string roads_html(std::vector<bilingual> const& roads) {
  if (roads.empty()) return {};
  std::string out = heading("Sites of one road", "Locais de contagem da mesma via") + "<ul>";
  for (bilingual const& r : roads) out += "<li>" + spans(harmless(r)) + "</li>";
  return out + "</ul>";
}

constexpr phrase kRest{"{} more: --json lists them.", "Mais {}: enumera-os --json."};
constexpr phrase kOfWorkingDays{"of working days where there are any", "dos dias úteis, se os houver"};

std::string in_each_language(auto const& table) {
  std::string out;
  for (language const l : {language::kEnglish, language::kPortuguese})
    out += fmt::format("<div lang=\"{}\">{}</div>", l == language::kEnglish ? "en" : "pt", table(l));
  return out;
}

std::string contradictions_html(network_findings const& f) {
  if (f.contradicted.empty()) return {};
  std::string out = heading("Counts that contradict each other", "Contagens que se contradizem");
  out += "<p>" +
         both(
             "{} sets of counts of an hour cannot all be true: whoever passes the first of a set passes one of the "
             "others, too, but more were counted than that allows (a tenth and what chance explains forgiven){}. A "
             "count is wrong, or the network lacks a road there, or a place where trips begin or end. Means {}.",
             "{} conjuntos de contagens de uma hora não podem ser todos verdadeiros: quem passa pelo primeiro de um "
             "conjunto passa também por um dos outros, mas contou-se mais do que isso permite (descontados um décimo e "
             "o acaso){}. Há uma contagem errada, ou falta na rede uma via, ou um local onde começam ou acabam "
             "viagens. Médias {}.",
             f.contradicted.size(),
             f.ends_known ? phrase{", where trips begin and end as in the city's zones",
                                   ", se as viagens começarem e acabarem como nas zonas da cidade"}
                          : phrase{", unless trips begin or end on counted roads",
                                   ", a não ser que comecem ou acabem viagens nas vias contadas"},
             kOfWorkingDays) +
         "</p>";
  return out + in_each_language(
                   [&](language l) { return contradictions_table(f.contradicted, f.places, f.hours, kRest, l); });
}

std::string beyond_html(network_findings const& f) {
  if (f.carried.beyond.empty()) return {};
  return heading("Hours that the network cannot carry", "Horas que a rede não suporta") + "<p>" +
         both(
             "In {} of {} hours more was counted than lanes, stop lines or cuts through the network carry, whatever "
             "the demand. A count is wrong, or the network lacks lanes, roads or a longer green there. Means {}.",
             "Em {} de {} horas contou-se mais do que vias, linhas de paragem ou cortes da rede suportam, seja qual "
             "for a procura. Há uma contagem errada, ou faltam na rede vias, estradas ou um verde mais longo. Médias "
             "{}.",
             f.carried.beyond.size(), f.hours.size(), kOfWorkingDays) +
         "</p>" + in_each_language([&](language l) {
           return beyond_capacity_table(f.carried.beyond, f.places, f.hours, kRest, l);
         });
}

std::string page_begin(language first) {
  bool const pt = first == language::kPortuguese;
  std::string out = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width,initial-scale=1\"><title>{}</title><style>{}</style></head><body>\n",
      pt ? "pt" : "en", phrase{"Traffic counts", "Contagens de tráfego"}.in(first), kStyle);
  for (bool const of_pt : {true, false})
    out += fmt::format("<input class=\"lang\" type=\"radio\" name=\"lang\" id=\"lang-{0}\" value=\"{0}\"{1}>",
                       of_pt ? "pt" : "en", of_pt == pt ? " checked" : "");
  return out +
         "\n<div class=\"langs\"><label for=\"lang-pt\" lang=\"pt\">Português</label><label for=\"lang-en\" "
         "lang=\"en\">English</label></div>\n<main><h1>" +
         both("Traffic counts", "Contagens de tráfego") + "</h1>";
}

}  // namespace

std::string flow_chart_svg(loaded_counts const& c, std::uint32_t detector, std::string const& id) {
  local_clock const clock(c.time_zone, "time zone");
  span_of const r = records_of(c.quality, detector);
  if (r.begin == r.end) return "";
  axis_of_time const t = axis_for(c, clock, r);
  double most = 1;
  for (std::size_t i = r.begin; i < r.end; ++i) {
    if (c.quality.ok[i] != 0) most = std::max(most, c.quality.records[i].flow_veh_per_h());
  }
  if (most == 1) {  // nothing is good: what there is sets the scale
    for (std::size_t i = r.begin; i < r.end; ++i) {
      if (std::isfinite(c.quality.records[i].count)) most = std::max(most, c.quality.records[i].flow_veh_per_h());
    }
  }
  auto const ticks = axis_ticks(0, most, 4);
  double const top = ticks.back();
  std::string out = fmt::format("<svg viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" aria-label=\"{}\" id=\"{}\">", kWidth,
                                kHeight, escape_html(describe(c.catalog.key(detector))), id);
  out += day_bands(days_of_detector(c.quality, detector), t);
  for (double const v : ticks) {
    double const y = kBottom - (kBottom - kTop) * v / top;
    out += fmt::format(
        "<path class=\"gl\" d=\"M{:.0f} {:.1f}H{:.0f}\"/><text x=\"{:.0f}\" y=\"{:.1f}\" "
        "text-anchor=\"end\">{:.0f}</text>",
        kLeft, y, kRight, kLeft - 5, y + 4, v);
  }
  out += time_labels(t);
  return out + fmt::format("<path class=\"fl\" d=\"{}\"/></svg>", flow_line(c, clock, r, t, top));
}

std::string check_page_html(loaded_counts const& c, network const* net, network_findings const& found,
                            check_page_options const& o) {
  std::vector<std::uint32_t> const detectors = detectors_of(c);
  tally all;
  for (day_verdict const& d : c.quality.days) all.add(d.verdict);
  std::string out = page_begin(o.first);
  out +=
      "<p>" +
      both(
          "{} detectors, {} detector days: {} good, {} doubtful, {} bad. Times are those of {}. Bad days enter no "
          "calibration; nothing is filled in.",
          "{} detetores, {} dias de detetor: {} bons, {} duvidosos, {} maus. As horas são as de {}. Os dias maus não "
          "entram em nenhuma calibração; nada é preenchido.",
          detectors.size(), c.quality.days.size(), all.good, all.doubtful, all.bad, escape_html(c.time_zone)) +
      "</p><p class=\"s key\">" + both("Verdicts:", "Avaliação:") + "<i style=\"background:#3b74b8\"></i>" +
      both("good", "bom") + "<i style=\"background:#e3a35c\"></i>" + both("doubtful", "duvidoso") +
      "<i style=\"background:#7a2a02\"></i>" + both("bad", "mau") + "</p>";
  out += alarms_html(c.quality.alarms) + roads_html(found.roads) + beyond_html(found) + contradictions_html(found);
  out += heading("Detectors and days", "Detetores e dias") + matrix_svg(c, detectors) +
         heading("Flow by detector", "Fluxo por detetor") + "<p class=\"s\">" +
         both("Vehicles an hour over local time; days that are doubtful or bad are shaded, bad ones crossed.",
              "Veículos por hora ao longo da hora local; os dias duvidosos ou maus estão sombreados, e os maus "
              "riscados.") +
         "</p>";
  std::size_t drawn = 0;
  for (std::uint32_t const d : detectors) {
    if (drawn >= o.most_charts || out.size() > kMostBytes) {
      out += "<p>" +
             both("{} detectors more are not drawn; name fewer files to see them.",
                  "Mais {} detetores não estão desenhados; com menos ficheiros seriam visíveis.",
                  detectors.size() - drawn) +
             "</p>";
      break;
    }
    detector_key const& k = c.catalog.key(d);
    count_site const* const site = c.catalog.site(k.source, k.site);
    std::string const road = site == nullptr ? "" : !site->road_name.empty() ? site->road_name : site->name;
    out += fmt::format("<h3>{}{}</h3>", escape_html(describe(k)), road.empty() ? "" : ": " + escape_html(road));
    if (bilingual const place = place_text(c, net, k); !place.empty())
      out += "<p class=\"s\">" + spans(harmless(place)) + "</p>";
    out += flow_chart_svg(c, d, fmt::format("c{}", drawn)) + reasons(days_of_detector(c.quality, d));
    ++drawn;
  }
  return out + "</main></body></html>\n";
}

}  // namespace gemeo
