// Of a calibration's page: which counted hours network and signals cannot carry, whatever the demand.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "calibration/counts/carried_page.h"
#include "calibration/counts/contradiction_page.h"
#include "calibration/job/page_writer.h"
#include "sim/results/report_svg.h"

namespace gemeo {

namespace {
constexpr std::size_t kMostCutRows = 40;
}

void calibration_page_writer::capacity() {
  capacity_findings const& f = c_.capacity;
  heading("What the network can carry", "O que a rede pode suportar");
  std::string const& rule = c_.job.counts.beyond_capacity;
  both(
      "<p>Before anything was fitted, each counted hour was held against what lanes, signals and cuts through the "
      "network "
      "carry at most, whatever the demand ({} veh/h a lane at 50 km/h by these drivers' headways, times the green "
      "share at "
      "signals). {} of {} hours cannot be carried{}.</p>\n",
      "<p>Antes de qualquer ajuste, cada hora contada foi comparada com o máximo que vias, semáforos e cortes da rede "
      "suportam, seja qual for a procura ({} veíc./h por via a 50 km/h com as distâncias destes condutores, vezes a "
      "fração de verde nos semáforos). {} de {} horas não podem ser suportadas{}.</p>\n",
      whole(saturation_veh_per_h(f.drivers, 50 / 3.6)), f.report.beyond.size(), f.hours.size(),
      f.report.beyond.empty() ? ""
      : rule == "fit"
          ? say("; they were fitted and scored as all others", "; foram ajustadas e avaliadas como as restantes")
      : rule == "leave_out"
          ? say("; they were neither fitted nor scored", "; não foram ajustadas nem avaliadas")
          : say("; they were not fitted, but they are scored", "; não foram ajustadas, mas são avaliadas"));
  phrase const rest{"{} more lie in calibration.h5.", "Mais {} em calibration.h5."};
  out_ += beyond_capacity_table(f.report.beyond, f.places, f.hours, rest, lang_);
  if (!f.contradicted.empty() || f.never_below_geh5 > 0) contradictions();
  if (!c_.fit.full_entries.empty()) full_entries();
  if (!c_.roads.limits.empty()) full_roads();
}

void calibration_page_writer::full_roads() {
  if (auto const& lanes = c_.roads.lane_veh_per_h; !lanes.empty()) {
    auto const [least, most] = std::minmax_element(lanes.begin(), lanes.end(),
                                                   [](auto const& a, auto const& b) { return a.second < b.second; });
    both(
        "<p>A lane lets {} to {} veh/h through out of a jam, by the limit: measured in the simulation with these "
        "drivers. No road was asked for more, at signals by the green share, but where more was counted.</p>\n",
        "<p>Uma via de trânsito deixa passar {} a {} veíc./h a partir de um congestionamento, conforme o limite: "
        "medido na "
        "simulação com estes condutores. Não se pediu mais a nenhuma estrada, nos semáforos pela fração de verde, "
        "salvo "
        "onde se contou mais.</p>\n",
        whole(least->second), whole(most->second));
  }
  if (c_.fit.full_roads.empty()) return;
  both(
      "<p>On {} roads counts and prior ask for more than that; other ways answer for what is left of the counts.</p>\n",
      "<p>Em {} estradas as contagens e a procura anterior pedem mais; outros caminhos respondem pelo resto das "
      "contagens.</p>\n",
      c_.fit.full_roads.size());
  table_begin(
      {say("edge or turn", "via ou viragem"), say("wanted, trips", "pedidas, viagens"), say("carries", "suporta")});
  std::size_t rows = 0;
  for (full_road const& r : c_.fit.full_roads) {
    if (++rows > kMostCutRows) break;
    row(escape_html(c_.road_name(r)), {whole(r.wanted), whole(r.carries)});
  }
  table_end();
  if (c_.fit.full_roads.size() > kMostCutRows)
    both("<p>{} more lie in calibration.h5.</p>\n", "<p>Mais {} em calibration.h5.</p>\n",
         c_.fit.full_roads.size() - kMostCutRows);
}

void calibration_page_writer::full_entries() {
  both(
      "<p>At {} places fewer trips can begin than counts and prior ask for: the roads there are full. No more were "
      "asked for, and other places answer for what is left of the counts.</p>\n",
      "<p>Em {} locais podem começar menos viagens do que pedem as contagens e a procura anterior: as vias aí estão "
      "cheias. Não se pediram mais, e outros locais respondem pelo resto das contagens.</p>\n",
      c_.fit.full_entries.size());
  table_begin({say("place", "local"), say("wanted, trips", "pedidas, viagens"), say("room for", "espaço para")});
  std::size_t rows = 0;
  for (full_entry const& e : c_.fit.full_entries) {
    if (++rows > kMostCutRows) break;
    row(escape_html(zone_label(c_.place_name(e.place))), {whole(e.wanted), whole(e.lets_in)});
  }
  table_end();
  if (c_.fit.full_entries.size() > kMostCutRows)
    both("<p>{} more lie in calibration.h5.</p>\n", "<p>Mais {} em calibration.h5.</p>\n",
         c_.fit.full_entries.size() - kMostCutRows);
}

void calibration_page_writer::contradictions() {
  capacity_findings const& f = c_.capacity;
  both(
      "<p>Sets of counts that contradict each other: {}. Whoever passes the first of a set passes one of the others, "
      "too, but more were counted than that allows (a tenth and what chance explains forgiven). A count is wrong, or "
      "the "
      "base lacks a road there, or a place where trips begin or end. They are fitted and scored as all others; {} of "
      "{} hours at least cannot be within GEH 5 where an hour's flow is steady and trips begin and end as in the base, "
      "whatever the demand.</p>\n",
      "<p>Conjuntos de contagens que se contradizem: {}. Quem passa pelo primeiro de um conjunto passa também por um "
      "dos outros, mas contou-se mais do que isso permite (descontados um décimo e o acaso). Há uma contagem errada, "
      "ou "
      "falta na base uma via, ou um local onde começam ou acabam viagens. São ajustadas e avaliadas como as restantes; "
      "pelo menos {} de {} horas não podem ficar abaixo de GEH 5, seja qual for a procura, se o fluxo de cada hora for "
      "constante e as viagens começarem e acabarem como na base.</p>\n",
      f.contradicted.size(), f.never_below_geh5, f.hours.size());
  out_ += contradictions_table(f.contradicted, f.places, f.hours,
                               {"{} more lie in calibration.h5.", "Mais {} em calibration.h5."}, lang_);
}

}  // namespace gemeo
