#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "sim/results/report_page.h"
#include "sim/results/report_svg.h"
#include "sim/results/settings.h"

namespace gemeo {
namespace {

std::string seeds_text(std::vector<std::uint64_t> const& seeds) {
  std::string text;
  for (std::size_t i = 0; i < seeds.size(); ++i) {
    if (i == 40) return text + ", \xe2\x80\xa6";
    text += (i > 0 ? ", " : "") + std::to_string(seeds[i]);
  }
  return text;
}

// As its makers want it named; engines that this page does not know keep their own name.
std::string engine_name(std::string const& engine) { return engine == "sumo" ? "Eclipse SUMO (EPL-2.0)" : engine; }

}  // namespace

void page_writer::stuck_table() {
  struct row {
    char const *indicator, *en, *pt;
    double base, other, base_share, other_share;
  };
  ensemble_side const &b = c_.base, &o = c_.other;
  row const rows[] = {{"share_teleported", "Stuck, moved on by the simulator (teleported)",
                       "Bloqueados, retirados pelo simulador (teleportados)", b.teleported, o.teleported,
                       b.share_teleported, o.share_teleported},
                      {"share_never_inserted", "Could not start (no room, or street closed)",
                       "Não puderam começar (sem espaço, ou rua cortada)", b.never_inserted, o.never_inserted,
                       b.share_never_inserted, o.share_never_inserted},
                      {"share_unfinished", "Unfinished at the end", "Por terminar no fim", b.unfinished, o.unfinished,
                       b.share_unfinished, o.share_unfinished}};
  out_ += fmt::format(
      "<div class=\"scroll\"><table><caption>{}</caption><thead><tr><th scope=\"col\"></th><th class=\"n\" "
      "scope=\"col\">{}</th><th class=\"n\" scope=\"col\">{}</th></tr></thead><tbody>",
      say("Vehicles the figures do not fully count, mean per run",
          "Veículos que os valores não contam por inteiro, média por simulação"),
      escape_html(label_of(b, lang_)), escape_html(label_of(o, lang_)));
  auto const cell = [&](double n, double share) {
    return fmt::format("<td class=\"n\">{} <small>{}\xe2\x80\xaf%</small></td>", number_.plain(n, n < 10 ? 1 : 0),
                       number_.plain(100 * share, 2));
  };
  for (row const& r : rows)
    out_ += "<tr><th scope=\"row\">" + say(r.en, r.pt) + whole_run_note(c_, lang_) + "</th>" +
            cell(r.base, r.base_share) + cell(r.other, r.other_share) + "</tr>";
  std::string const of = c_.window_shares && c_.has_warm_up() ? say(" after the warm-up", " depois do aquecimento")
                                                              : whole_run_note(c_, lang_);
  out_ += "<tr><th scope=\"row\">" + say("All vehicles due", "Todos os veículos previstos") + of +
          "</th><td class=\"n\">" + number_.plain(b.vehicles, 0) + "</td><td class=\"n\">" +
          number_.plain(o.vehicles, 0) + "</td></tr></tbody></table></div>";
  if (!c_.window_shares) return;
  out_ += "<p class=\"kicker\">" +
          say("Vehicles moved on are a share of those that set out; the others are shares of all vehicles due.",
              "Os veículos retirados são uma proporção dos que partiram; os restantes, de todos os previstos.") +
          "</p>";
}

void page_writer::method() {
  run_description const &b = c_.base.description, &o = c_.other.description;
  out_ += "<section class=\"method\"><h2>" + say("How this was worked out", "Como se chegou a estes valores") + "</h2>";
  out_ += "<p>" +
          say("Every vehicle of the city was simulated, second by second, in both situations. Each pair of runs shares "
              "its random draws: the same travellers, with the "
              "same wishes and the same way of driving, meet the two situations. What is reported is the mean of the "
              "differences within pairs, with the 95 % confidence "
              "interval of Student's t distribution. The interval covers the chance in demand and driving that the "
              "runs vary; it does not cover errors of the model or of its data.",
              "Todos os veículos da cidade foram simulados, segundo a segundo, nas duas situações. Cada par de "
              "simulações partilha os sorteios: os mesmos viajantes, com os mesmos "
              "desejos e o mesmo modo de conduzir, encontram as duas situações. Apresenta-se a média das diferenças "
              "dentro de cada par, com o intervalo de confiança a 95 % da "
              "distribuição t de Student. O intervalo cobre o acaso na procura e na condução que as simulações fazem "
              "variar; não cobre erros do modelo nem dos seus dados.") +
          "</p>";
  kpi_comparison const* const first = headline(c_, lang_).kpi;
  if (first != nullptr && std::isfinite(first->value.variance_removed()) && first->value.variance_removed() > 0) {
    out_ += "<p>" +
            fmt::format(fmt::runtime(say("Pairing took away {} % of the variance of the first figure; unpaired runs "
                                         "would have needed an interval {} times as wide.",
                                         "O emparelhamento eliminou {} % da variância do primeiro valor; sem ele, o "
                                         "intervalo seria {} vezes mais largo.")),
                        number_.plain(100 * first->value.variance_removed(), 0),
                        number_.plain(1 / std::sqrt(std::max(1e-6, 1 - first->value.variance_removed())), 1)) +
            "</p>";
  }
  out_ +=
      "<h3>" + say("What the words mean", "O que significam as palavras") + "</h3><p>" +
      say("Travel time: from entering the road to arrival; mean over the trips that arrive, buses left out. The "
          "wait before entering, where the street is full, is an indicator of its own; it is counted in the commute "
          "time and where journeys are followed one by one. Delay: time lost while driving against the wished "
          "speed on an empty road, at signals and in queues; also over the trips that arrive, buses left out. "
          "Totals (vehicle hours, kilometres, delay of all trips, emissions) take in every vehicle, buses and "
          "unfinished trips too. Standing still: slower than 0.1 m/s. On time: at most one minute early and three "
          "late. "
          "Figures labelled ISO 37120 follow that standard's indicator but are modelled, not surveyed.",
          "Tempo de viagem: da entrada na via até à chegada; média das viagens que chegam ao destino, sem "
          "autocarros. A espera para entrar, onde a rua está cheia, é um indicador à parte; conta no tempo "
          "casa-trabalho e onde se seguem as viagens uma a uma. Atraso: tempo perdido em circulação face à "
          "velocidade desejada em via livre, em semáforos e filas; também das viagens que chegam, sem autocarros. "
          "Os totais (horas e quilómetros percorridos, atraso de todas as viagens, emissões) contam todos os "
          "veículos, incluindo autocarros e viagens por terminar. Imobilização: menos de 0,1 m/s. A horas: no "
          "máximo um minuto de avanço e três de atraso. "
          "Os valores ISO 37120 seguem o indicador da norma, mas são modelados e não inquiridos.") +
      "</p>";
  out_ += "<h3>" + say("What is not modelled", "O que não está modelado") + "</h3><p>" +
          say("Unless the scenario says so, people keep their destination, their time and their means of travel. Not "
              "modelled: search for parking, crashes beyond stated incidents, weather, "
              "people on foot, and changes that build up over months, such as new habits or new shops. Emissions come "
              "from average emission factors, not from measurements.",
              "Salvo indicação do cenário, as pessoas mantêm o destino, a hora e o meio de transporte. Não se modela: "
              "procura de estacionamento, acidentes além dos incidentes indicados, meteorologia, "
              "peões, e mudanças que levam meses, como novos hábitos ou novo comércio. As emissões resultam de fatores "
              "médios de emissão e não de medições.") +
          "</p>";
  stuck_table();
  auto const item = [&](std::string const& name, std::string const& value) {
    out_ += "<dt>" + name + "</dt><dd>" + escape_html(value, 2000) + "</dd>";
  };
  auto const both = [](std::string const& x, std::string const& y) { return x == y ? x : x + " / " + y; };
  auto const window = [](run_description const& d) {
    return time_of_day(d.begin_s) + "\xe2\x80\x93" + time_of_day(d.end_s);
  };
  auto const hex = [](std::uint64_t h) { return fmt::format("{:016x}", h); };
  out_ += "<h3>" + say("The runs", "As simulações") + "</h3><dl>";
  item(say("Scenarios", "Cenários"), both(b.scenario_name, o.scenario_name));
  item(say("Seeds in common", "Sementes em comum"), fmt::format("{}: {}", c_.seeds.size(), seeds_text(c_.seeds)));
  item(say("Simulated time", "Período simulado"), both(window(b), window(o)));
  if (b.warm_up_s > 0 || o.warm_up_s > 0)
    item(say("Warm-up left out", "Aquecimento não contado"),
         both(fmt::format("{:g} min", b.warm_up_s / 60), fmt::format("{:g} min", o.warm_up_s / 60)));
  item(say("Engine", "Motor"), both(b.engine + " " + b.engine_version, o.engine + " " + o.engine_version));
  item(say("Software", "Programa"),
       both("gemeo " + b.software_version + (b.commit.empty() ? "" : " (" + b.commit + ")"),
            "gemeo " + o.software_version + (o.commit.empty() ? "" : " (" + o.commit + ")")));
  item(say("Network (hash)", "Rede (hash)"), both(hex(b.network_hash), hex(o.network_hash)));
  item(say("Demand of the first seed (hash)", "Procura da primeira semente (hash)"),
       both(hex(b.demand_hash), hex(o.demand_hash)));
  out_ += "</dl>";
  settings_list();
  for (ensemble_side const* const side : {&c_.base, &c_.other}) {
    if (side->description.effective_config.empty()) continue;
    out_ += "<details><summary>" + say("Scenario as it was run: ", "Cenário tal como foi simulado: ") +
            escape_html(label_of(*side, lang_)) + "</summary><pre>" + escape_long(side->description.effective_config) +
            "</pre></details>";
  }
  out_ += "<h3>" + say("Data and licence", "Dados e licença") + "</h3>";
  auto const lines = attributions(c_, lang_);
  if (lines.empty()) {
    out_ += "<p>" +
            say("The runs name no source for the network and the demand: ask whoever made them before publishing.",
                "As simulações não indicam a fonte da rede e da procura: perguntar a quem as fez antes de publicar.") +
            "</p>";
  } else {
    out_ += "<ul>";
    for (std::string const& line : lines) out_ += "<li>" + escape_html(line, 1000) + "</li>";
    out_ += "</ul>";
  }
  out_ += "</section>\n";
}

void page_writer::settings_list() {
  auto const all = settings_that_differ(c_.base.description.effective_config, c_.other.description.effective_config);
  if (all.empty()) return;
  out_ += "<h3>" + say("Settings that differ", "Parâmetros que diferem") + "</h3><dl>";
  auto const value = [&](std::string const& v) {
    return v.empty() ? say("not set", "sem valor")
                     : escape_html(v == "yes"  ? say("yes", "sim")
                                   : v == "no" ? say("no", "não")
                                               : v,
                                   1000);
  };
  constexpr std::size_t kMost = 200;  // more than any scenario has; a file from anywhere may hold more
  for (std::size_t i = 0; i < std::min(all.size(), kMost); ++i) {
    setting_difference const& s = all[i];
    out_ += "<dt>" + escape_html(s.key) + "</dt><dd>" + value(s.base) + " &rarr; " + value(s.other) + "</dd>";
  }
  if (all.size() > kMost) out_ += fmt::format("<dt>\xe2\x80\xa6 {}</dt><dd></dd>", all.size() - kMost);
  out_ += "</dl>";
}

void page_writer::footer() {
  std::vector<std::string> engines;
  for (ensemble_side const* const side : {&c_.base, &c_.other}) {
    std::string const name = engine_name(side->description.engine);
    if (!name.empty() && std::find(engines.begin(), engines.end(), name) == engines.end()) engines.push_back(name);
  }
  std::string with;
  for (std::string const& name : engines) with += say(" and ", " e ") + escape_html(name);
  out_ += "<footer><p>" + say("Made with gemeo (EPL-2.0)", "Feito com gemeo (EPL-2.0)") + with +
          say(". All figures are modelled.", ". Todos os valores são modelados.") + "</p></footer>\n";
}

}  // namespace gemeo
