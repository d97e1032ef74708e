// The page of a calibration: both languages, of which one is shown; what was fitted, and how far that is from counts.
#include <algorithm>
#include <cmath>

#include "calibration/job/page_writer.h"
#include "calibration/job/write_job.h"
#include "sim/results/report_style.h"
#include "sim/results/report_svg.h"

namespace gemeo {

std::string calibration_page_writer::title() const {
  if (!c_.job.title.empty()) return c_.job.title;
  std::string const of = lang_ == language::kPortuguese && !c_.base.title_pt.empty() ? c_.base.title_pt : c_.base.title;
  return say("Calibration of ", "Calibração de ") + of;
}

std::string calibration_page_writer::body() {
  out_.clear();
  add("<p class=\"kicker\">{}</p><h1>{}</h1>\n",
      say("Traffic counts and a digital twin: what was fitted, and how good it is",
          "Contagens de tráfego e um gémeo digital: o que foi ajustado e com que qualidade"),
      escape_html(title()));
  lead();
  cards();
  notes();
  map();
  scores();
  capacity();
  scatter();
  journeys();
  demand();
  members();
  supply();
  series();
  tests();
  runs();
  method();
  return std::move(out_);
}

void calibration_page_writer::table_begin(std::vector<std::string> const& columns) {
  out_ += "<div class=\"scroll\"><table><thead><tr>";
  for (std::string const& c : columns) add("<th>{}</th>", c);
  out_ += "</tr></thead><tbody>\n";
}

void calibration_page_writer::row(std::string const& name, std::vector<std::string> const& cells) {
  add("<tr><th>{}</th>", name);
  for (std::string const& c : cells) add("<td>{}</td>", c);
  out_ += "</tr>\n";
}

std::string calibration_page_writer::title_of(judged_scores const& s) const {
  if (lang_ == language::kEnglish) return escape_html(s.title);
  std::string out = s.held_out_stations ? "postos reservados" : "postos ajustados";
  return s.held_out_days ? out + " em dias reservados" : out;
}

std::string calibration_page_writer::zone_label(std::string const& id) const {
  if (c_.town == nullptr) return id;
  auto const z = c_.town->find_zone(id);
  return z && !c_.town->zones[*z].label.empty() ? c_.town->zones[*z].label : id;
}

std::string calibration_page_writer::pair_label(std::string const& name) const {
  std::size_t const arrow = name.find(" > ");
  if (arrow == std::string::npos) return name;
  return zone_label(name.substr(0, arrow)) + " > " + zone_label(name.substr(arrow + 3));
}

double calibration_page_writer::stuck_share() const {
  double trips = 0, stuck = 0;
  for (judged_run const& r : c_.judges) {
    trips += static_cast<double>(r.trips);
    stuck += static_cast<double>(r.teleports + r.never_inserted);
  }
  return trips > 0 ? stuck / trips : 0;
}

void calibration_page_writer::lead() {
  judged_scores const& held = c_.score("held_out");
  if (held.counts == 0) {
    both(
        "<div class=\"lead\"><p class=\"say\">No station was held out: nothing here says how good the model is where "
        "nobody counted.</p></div>\n",
        "<div class=\"lead\"><p class=\"say\">Nenhum posto foi reservado: nada aqui diz quão bom é o modelo onde "
        "ninguém contou.</p></div>\n");
    return;
  }
  std::string const before = c_.prior_runs.empty() ? ""
                                                   : fmt::format(fmt::runtime(say(" (before: {})", " (antes: {})")),
                                                                 percent(held.prior.geh_below_5));
  both(
      "<div class=\"lead\"><p class=\"say\">At stations that the fit never saw, {} of hourly flows are close to what "
      "was counted{}.</p><p>Close: GEH below 5, some 15 % of a busy road's flow. {} of {} stations were held out for "
      "this, road by road; figures are means over {} simulations with seeds that the fit never saw.</p></div>\n",
      "<div class=\"lead\"><p class=\"say\">Nos postos que o ajuste nunca viu, {} dos fluxos horários estão próximos "
      "do "
      "que foi contado{}.</p><p>Próximos: GEH inferior a 5, cerca de 15 % do fluxo de uma via movimentada. Para isto "
      "foram reservados {} de {} postos, via a via; os valores são médias de {} simulações com sementes que o ajuste "
      "nunca viu.</p></div>\n",
      percent(held.calibrated.geh_below_5), before, held.stations, c_.observed.stations.size(), c_.judges.size());
}

void calibration_page_writer::cards() {
  double before = 0, after = 0;
  for (double const x : c_.source->prior()) before += x;
  for (double const x : c_.fit.trips) after += x;
  auto const card = [&](char const* name, std::string const& big, std::string const& more) {
    add("<div class=\"card\"><h3>{}</h3><p class=\"big\">{}</p><p>{}</p></div>\n", name, big, more);
  };
  out_ += "<div class=\"cards\">\n";
  std::string range;
  if (!c_.members.trips.empty())
    range = fmt::format(fmt::runtime(say("; the counts allow {} to {}", "; as contagens admitem {} a {}")),
                        whole(c_.members.total_low), whole(c_.members.total_high));
  card(say("Trips", "Viagens"), whole(after),
       fmt::format(fmt::runtime(say("{} against the demand before{}", "{} face à procura anterior{}")),
                   before > 0 ? signed_percent(after / before - 1) : "", range));
  for (judged_scores const& s : c_.scores) {
    if (s.held_out_days) continue;
    card(s.held_out_stations ? say("Flows at stations held out, all together", "Fluxos nos postos reservados, no total")
                             : say("Flows at fitted stations, all together", "Fluxos nos postos ajustados, no total"),
         signed_percent(s.calibrated.sum_error),
         c_.prior_runs.empty()
             ? say("against what was counted", "face ao contado")
             : fmt::format(fmt::runtime(say("against what was counted; before: {}", "face ao contado; antes: {}")),
                           signed_percent(s.prior.sum_error)));
  }
  card(say("Vehicles stuck or kept out", "Veículos bloqueados ou sem entrada"),
       number_.plain(100 * stuck_share(), 2) + "\xe2\x80\xaf%",
       say("where this is more than 0.5 %, the network jams as the real one does not",
           "acima de 0,5 %, a rede bloqueia como a real não bloqueia"));
  out_ += "</div>\n";
}

void calibration_page_writer::notes() {
  std::vector<bilingual> all;
  if (stuck_share() > kMostStuckShare)
    all.push_back(same_in_both(fmt::format(
        fmt::runtime(
            say("The network jams in these simulations: {} of the trips were moved past an obstacle or never "
                "entered. Where it does, counts fall with more trips, and a fit cannot tell a jam from little "
                "traffic: believe no other figure before that is mended.",
                "A rede bloqueia nestas simulações: {} das viagens foram passadas além de um obstáculo ou nunca "
                "entraram. Onde bloqueia, mais viagens dão menos contagens, e o ajuste não distingue um "
                "engarrafamento de pouco tráfego: não confiar em nenhum outro valor antes de o corrigir.")),
        number_.plain(100 * stuck_share(), 1) + "\xe2\x80\xaf%")));
  data_statement const& d = c_.base.of_data;
  if (!d.caution.empty()) all.push_back({d.caution, d.caution_pt});
  all.insert(all.end(), c_.notes.begin(), c_.notes.end());
  if (c_.town != nullptr && c_.warm_up_s() == 0 && c_.lead_slots() == 0 &&
      c_.base.end_s - c_.source->slots().begin_s < 7200)
    all.push_back(
        same_in_both(say("The simulation begins on an empty network and is short: trips of its first minutes make up "
                         "for those that were on the road before.",
                         "A simulação começa com a rede vazia e é curta: as viagens dos primeiros minutos substituem "
                         "as que já estavam em curso.")));
  if (all.empty()) return;
  add("<div class=\"notes\"><h2>{}</h2><ul>", say("Know before you read", "A saber antes de ler"));
  for (bilingual const& n : all) {  // of a scenario's warnings there is no Portuguese: said to be English
    bool const foreign = lang_ == language::kPortuguese && n.pt.empty();
    add("<li{}>{}</li>", foreign ? " lang=\"en\"" : "", escape_html(n.in(lang_), 1000));
  }
  add("</ul></div>\n");
}

void calibration_page_writer::scores() {
  heading("How far from the counts", "A que distância das contagens");
  table_begin({say("counts", "contagens"), say("stations", "postos"), say("GEH &lt; 5, hourly", "GEH &lt; 5, horário"),
               "RMSN", say("flow within band", "fluxo na banda"), say("all together", "no total")});
  auto const score = [&](std::string const& name, std::size_t stations, count_score const& s) {
    row(name, {std::to_string(stations), percent(s.geh_below_5), number_.plain(s.rmsn, 3), percent(s.flow_in_band),
               signed_percent(s.sum_error)});
  };
  for (judged_scores const& s : c_.scores) {
    if (!c_.prior_runs.empty()) score(title_of(s) + say(", before", ", antes"), s.stations, s.prior);
    score(title_of(s), s.stations, s.calibrated);
    if (!s.has_consistent()) continue;
    std::string const without = fmt::format(fmt::runtime(say(", without counts that contradict others ({})",
                                                             ", sem contagens que contradizem outras ({})")),
                                            s.contradicted);
    if (!c_.prior_runs.empty())
      score(title_of(s) + without + say(", before", ", antes"), s.consistent.prior.detectors, s.consistent.prior);
    score(title_of(s) + without, s.consistent.calibrated.detectors, s.consistent.calibrated);
  }
  table_end();
  both(
      "<p>RMSN: root mean square error of the counts over their mean. Bands: within 100 veh/h below 700, 15 % to "
      "2,700, 400 veh/h above (TAG M3.1).</p>\n",
      "<p>RMSN: raiz do erro quadrático médio das contagens, sobre a sua média. Bandas: 100 veíc./h abaixo de 700, 15 "
      "% até 2700, 400 veíc./h acima (TAG M3.1).</p>\n");
}

void calibration_page_writer::tests() {
  heading("Practitioners' tests", "Os testes da prática");
  table_begin({say("counts", "contagens"), say("TAG M3.1 flows", "TAG M3.1 fluxos"), "TAG M3.1 GEH", "FHWA 2004"});
  auto const mark = [&](bool passed) {
    return passed ? std::string(say("passed", "cumprido"))
                  : fmt::format("<b class=\"no\">{}</b>", say("failed", "não cumprido"));
  };
  for (judged_scores const& s : c_.scores)
    row(title_of(s), {mark(s.calibrated.tag_flows), mark(s.calibrated.tag_geh), mark(s.calibrated.fhwa_2004)});
  table_end();
  auto const fhwa = [&](char const* name, day_to_day const& d) {
    if (d.stations == 0) return;
    both(
        "<p>FHWA 2019, {} ({} with three whole days or more): within the 2-sigma band of days (I) at {}, the 1-sigma "
        "band (II) at {}, bounded absolute error (III) at {}, bounded bias (IV) at {}; all four at {}.</p>\n",
        "<p>FHWA 2019, {} ({} com três dias completos ou mais): na banda de 2 sigma dos dias (I) em {}, de 1 sigma "
        "(II) "
        "em {}, erro absoluto limitado (III) em {}, viés limitado (IV) em {}; os quatro em {}.</p>\n",
        name, d.stations, d.outliers, d.inliers, d.absolute, d.systematic, d.all);
  };
  fhwa(say("fitted stations", "postos ajustados"), c_.fhwa_fitted);
  fhwa(say("stations held out", "postos reservados"), c_.fhwa_held_out);
}

std::vector<flow_point> calibration_page_writer::points() const {
  std::vector<flow_point> out;
  std::vector<double> const now = c_.mean_simulated(c_.judges);
  std::vector<double> const before = c_.prior_runs.empty() ? now : c_.mean_simulated(c_.prior_runs);
  for (std::size_t i = 0; i < now.size(); ++i) {
    observed_period const& p = c_.observed.periods[i];
    if (std::isnan(p.mean())) continue;
    double const h = 3600 / (p.end_s - p.begin_s);
    out.push_back(
        {p.station, p.begin_s, p.end_s, p.mean() * h, now[i] * h, before[i] * h, c_.split.held_out[p.station]});
    if (c_.members.trips.empty()) continue;
    out.back().low = c_.members.flow_low[i] * h;
    out.back().high = c_.members.flow_high[i] * h;
  }
  return out;
}

void calibration_page_writer::scatter() {
  heading("Counted and simulated", "Contado e simulado");
  both(
      "<p>Each point is a station and period, as flow an hour; full blue points were fitted, orange rings were held "
      "out. The lines are GEH 5.</p>\n",
      "<p>Cada ponto é um posto e um período, em fluxo por hora; os azuis cheios foram ajustados, os anéis laranja "
      "foram reservados. As linhas são GEH 5.</p>\n");
  out_ += scatter_svg(points(), lang_) + "\n";
}

void calibration_page_writer::map() {
  heading("Where", "Onde");
  both(
      "<p>Stations by the mean GEH of their hourly flows: circles were fitted, squares held out. Green is close.</p>\n",
      "<p>Postos pelo GEH médio dos fluxos horários: círculos ajustados, quadrados reservados. Verde é próximo.</p>\n");
  out_ += station_map_svg(*c_.base.net, c_.observed.stations, c_.split.held_out,
                          mean_geh(points(), c_.observed.stations.size()), lang_) +
          "\n";
}

void calibration_page_writer::series() {
  heading("Station by station", "Posto a posto");
  both(
      "<p>Flow an hour: counted (black), simulated with the demand before (grey dashes), as calibrated (blue: fitted; "
      "orange: held out){}.</p>\n",
      "<p>Fluxo por hora: contado (preto), simulado com a procura anterior (tracejado cinzento), calibrado (azul: "
      "ajustado; laranja: reservado){}.</p>\n",
      c_.members.trips.empty()
          ? ""
          : say("; shaded: what the counts allow, 5 to 95 %", "; sombreado: o que as contagens admitem, 5 a 95 %"));
  std::vector<flow_point> const all = points();
  for (bool const held : {true, false}) {
    add("<h3>{}</h3><div class=\"small\">\n", held ? say("Held out", "Reservados") : say("Fitted", "Ajustados"));
    for (std::uint32_t s = 0; s < c_.observed.stations.size(); ++s) {
      if (c_.split.held_out[s] != held) continue;
      std::vector<flow_point> of;
      std::copy_if(all.begin(), all.end(), std::back_inserter(of), [&](flow_point const& p) { return p.station == s; });
      if (of.empty()) continue;
      count_station const& at = c_.observed.stations[s];
      std::string const& road = c_.base.net->edges.road_name[at.edge];
      out_ +=
          series_svg(at.name + (road.empty() ? say(" on ", " em ") + c_.base.net->edges.name[at.edge] : ", " + road),
                     of, !c_.prior_runs.empty());
    }
    add("</div>\n");
  }
}

namespace {

constexpr char const* kMoreStyle =
    "td,th{text-align:right;padding:4px "
    "10px}th:first-child{text-align:left;font-weight:500}table{width:auto;margin:.8em "
    "0}.scroll{overflow-x:auto}.no{color:var(--warn)}.small{display:grid;grid-template-columns:repeat(auto-fill,minmax("
    "230px,1fr));gap:10px}.small svg{border:1px solid var(--rule);border-radius:5px}svg{max-width:100%;height:auto}svg "
    "text{font-size:11px;fill:var(--soft)}svg.plot{width:440px}";

}  // namespace

std::string calibration_page(calibration_outcome const& c) {
  bool const pt = c.job.language == "pt";
  calibration_page_writer english(c, language::kEnglish), portuguese(c, language::kPortuguese);
  std::string out = fmt::format(
      "<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width,initial-scale=1\"><title>{}</title><style>{}{}</style></head><body>\n",
      pt ? "pt" : "en", escape_html((pt ? portuguese : english).title()), page_style(), kMoreStyle);
  for (bool const of_pt : {true, false})
    out += fmt::format("<input class=\"lang\" type=\"radio\" name=\"lang\" id=\"lang-{0}\" value=\"{0}\"{1}>",
                       of_pt ? "pt" : "en", of_pt == pt ? " checked" : "");
  out +=
      "\n<div class=\"langs\"><label for=\"lang-pt\" lang=\"pt\">Português</label><label for=\"lang-en\" "
      "lang=\"en\">English</label></div>\n";
  std::string const in_english = "<main lang=\"en\">\n" + english.body() + "</main>\n",
                    in_portuguese = "<main lang=\"pt\">\n" + portuguese.body() + "</main>\n";
  return out + (pt ? in_portuguese + in_english : in_english + in_portuguese) + "</body></html>\n";
}

}  // namespace gemeo
