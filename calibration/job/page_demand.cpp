// Of a calibration's page: journey times, the demand, how sure it is, and how all of it was found.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "calibration/counts/local_time.h"
#include "calibration/fit/score.h"
#include "calibration/job/page_writer.h"
#include "sim/core/hash.h"
#include "sim/results/report_svg.h"

namespace gemeo {

namespace {

constexpr std::size_t kMostRows = 12;

std::string date_text(std::vector<std::int32_t> const& days, char const* none, char const* between) {
  if (days.empty()) return none;
  std::string const first = to_text(date_of(days.front()));
  return days.size() == 1 ? first
                          : fmt::format(fmt::runtime(between), days.size(), first, to_text(date_of(days.back())));
}

}  // namespace

void calibration_page_writer::journeys() {
  if (c_.journeys.empty()) return;
  heading("How long journeys take", "Quanto demoram os percursos");
  bool const measured = std::any_of(c_.journeys.begin(), c_.journeys.end(),
                                    [](journey_time const& j) { return std::isfinite(j.measured_s); });
  if (measured) {
    std::vector<double> now, seen;
    for (journey_time const& j : c_.journeys) {
      if (!std::isfinite(j.measured_s) || !std::isfinite(j.calibrated_s)) continue;
      now.push_back(j.calibrated_s);
      seen.push_back(j.measured_s);
    }
    route_time_score const s = score_route_times(now, seen);
    both(
        "<p>Of {} journeys that were measured, {} are within 15 % or one minute (TAG M3.1 wants more than 85 %: {}). "
        "They were no part of the fit.</p>\n",
        "<p>De {} percursos medidos, {} estão dentro de 15 % ou um minuto (a TAG M3.1 pede mais de 85 %: {}). Não "
        "entraram no ajuste.</p>\n",
        seen.size(), percent(s.within), s.tag_times ? say("passed", "cumprido") : say("failed", "não cumprido"));
  } else {
    both(
        "<p>Nobody measured them: as simulated, between the zones with most trips, on the way that is quickest by "
        "those times.</p>\n",
        "<p>Ninguém os mediu: tal como simulados, entre as zonas com mais viagens, pelo caminho mais rápido segundo "
        "esses tempos.</p>\n");
  }
  std::vector<std::string> columns{say("journey", "percurso"), say("leaving", "partida"), "km", say("before", "antes"),
                                   say("calibrated", "calibrado")};
  if (measured) columns.insert(columns.begin() + 3, say("measured", "medido"));
  table_begin(columns);
  auto const minutes = [&](double s) {
    return std::isfinite(s) ? number_.plain(s / 60, 1) + "\xe2\x80\xafmin" : std::string();
  };
  for (journey_time const& j : c_.journeys) {
    std::vector<std::string> cells{time_of_day(j.begin_s) + "\xe2\x80\x93" + time_of_day(j.end_s),
                                   number_.plain(j.length_m / 1000, 1), minutes(j.prior_s), minutes(j.calibrated_s)};
    if (measured) cells.insert(cells.begin() + 2, minutes(j.measured_s));
    row(escape_html(measured ? j.name : pair_label(j.name)), cells);
  }
  table_end();
}

void calibration_page_writer::demand() {
  trip_source const& s = *c_.source;
  std::vector<double> const prior = trips_of_pairs(s, s.prior()), trips = trips_of_pairs(s, c_.fit.trips);
  std::size_t const slots = s.slots().count;
  double const before = std::accumulate(prior.begin(), prior.end(), 0.0),
               after = std::accumulate(trips.begin(), trips.end(), 0.0);
  heading("Demand", "Procura");
  both("<p>{} trips, {} against the {} before. By departure slot:</p>",
       "<p>{} viagens, {} face às {} anteriores. Por período de partida:</p>", whole(after),
       before > 0 ? signed_percent(after / before - 1) : "", whole(before));
  table_begin(
      {say("slot", "período"), say("before", "antes"), say("calibrated", "calibrado"), say("change", "variação")});
  for (std::size_t t = 0; t < slots; ++t) {
    double a = 0, b = 0;
    for (std::size_t p = 0; p < s.pairs(); ++p) {
      a += prior[p * slots + t];
      b += trips[p * slots + t];
    }
    row(time_of_day(s.slots().begin_of(t) + c_.clock_offset_s()),
        {whole(a), whole(b), a > 0 ? signed_percent(b / a - 1) : ""});
  }
  table_end();
  if (double const share = c_.free_flow_share(); !std::isnan(share))
    both(
        "<p>{} of the drivers choose their routes by the times of empty roads, and not by those of the scenario ({} "
        "were "
        "expected before any count).</p>",
        "<p>{} dos condutores escolhem o percurso pelos tempos das vias vazias, e não pelos do cenário (antes das "
        "contagens esperavam-se {}).</p>",
        percent(share), percent(c_.job.prior.free_flow_share));
  changed_pairs(prior, trips);
  unknown(after);
}

void calibration_page_writer::changed_pairs(std::vector<double> const& prior, std::vector<double> const& trips) {
  trip_source const& s = *c_.source;
  std::size_t const slots = s.slots().count;
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
  add("<h3>{}</h3>", say("Pairs that changed most", "Pares que mais mudaram"));
  table_begin({say("from &gt; to", "de &gt; para"), say("before", "antes"), say("calibrated", "calibrado")});
  for (std::size_t i = 0; i < std::min(kMostRows, change.size()); ++i) {
    std::size_t const p = change[i].second;
    row(escape_html(pair_label(s.pair_name(p))), {number_.plain(sums[p].first, 1), number_.plain(sums[p].second, 1)});
  }
  table_end();
}

void calibration_page_writer::unknown(double trips) {
  both(
      "<h3>What the counts cannot tell</h3><p>{} counts were fitted by {} cells (pair, route habit and departure "
      "slot): far from every cell is known by itself, and what the counts leave open follows the demand before. {} of "
      "{} pairs, with {} trips ({}), pass no fitted station: they change with what pairs share, and no count "
      "contradicts them.</p>\n",
      "<h3>O que as contagens não dizem</h3><p>{} contagens foram ajustadas por {} células (par, hábito de percurso e "
      "período de partida): nem de longe cada célula é conhecida por si, e o que as contagens deixam em aberto segue a "
      "procura anterior. {} de {} pares, com {} viagens ({}), não passam em nenhum posto ajustado: mudam com o que os "
      "pares partilham, e nenhuma contagem os contradiz.</p>\n",
      c_.fit.simulated_counts.size(), c_.fit.trips.size(), c_.pairs_unobserved, c_.source->pairs(),
      whole(c_.trips_unobserved), percent(trips > 0 ? c_.trips_unobserved / trips : 0));
}

void calibration_page_writer::members() {
  demand_members const& m = c_.members;
  if (m.trips.empty()) return;
  heading("How sure the demand is", "Quão segura é a procura");
  both(
      "<p>{} other demands agree with counts and prior as well as this one might: refits of perturbed counts to a "
      "perturbed prior, centred on it. They make {} to {} trips (5 to 95 %).</p>\n",
      "<p>{} outras procuras são compatíveis com as contagens e com a procura anterior: reajustes a contagens e "
      "procura "
      "perturbadas, centrados nesta. Fazem {} a {} viagens (5 a 95 %).</p>\n",
      m.trips.size(), whole(m.total_low), whole(m.total_high));
  auto const share = [&](band_coverage const& b) {
    return percent(static_cast<double>(b.inside) / static_cast<double>(std::max<std::size_t>(1, b.counts)));
  };
  if (m.held_out.counts > 0)
    both(
        "<p>Of {} counts at stations held out, {} lie inside their 90 % band, the chance of counting included (fitted: "
        "{} of {}). Where it is well below 90 %, the model is wrong in ways that no other demand mends, and the bands "
        "are too narrow by as much.</p>\n",
        "<p>De {} contagens em postos reservados, {} estão na sua banda de 90 %, incluindo o acaso da contagem "
        "(ajustados: {} de {}). Bem abaixo de 90 %, o modelo erra de formas que nenhuma outra procura corrige, e as "
        "bandas são estreitas na mesma medida.</p>\n",
        m.held_out.counts, share(m.held_out), share(m.fitted), m.fitted.counts);
  zones("Trips by where they begin", "Viagens por origem", m.origins);
  zones("Trips by where they end", "Viagens por destino", m.destinations);
  if (c_.town != nullptr)
    both(
        "<p>A scenario shows what this means for its own result with <code>members = \".../members\"</code>: each seed "
        "takes one of them.</p>\n",
        "<p>Um cenário mostra o que isto significa para o seu resultado com <code>members = \".../members\"</code>: "
        "cada "
        "semente usa uma delas.</p>\n");
}

void calibration_page_writer::zones(char const* en, char const* pt, std::vector<zone_band> const& list) {
  add("<h3>{}</h3>", say(en, pt));
  table_begin({say("zone", "zona"), say("before", "antes"), say("calibrated", "calibrado"), "5 %", "95 %"});
  for (std::size_t i = 0; i < std::min(kMostRows, list.size()); ++i) {
    zone_band const& z = list[i];
    row(escape_html(zone_label(z.name)), {whole(z.prior), whole(z.calibrated), whole(z.low), whole(z.high)});
  }
  table_end();
}

void calibration_page_writer::supply() {
  supply_result const& s = c_.supply;
  if (s.trials.empty()) return;
  heading("How drivers follow", "Como se segue o veículo da frente");
  auto const best = std::min_element(s.trials.begin(), s.trials.end(),
                                     [](supply_trial const& a, supply_trial const& b) { return a.error < b.error; });
  both(
      "<p>{} simulations tried other headways, wished speeds, gaps and dawdling of cars. The best has headway x {}, "
      "speed x {}, gap x {}, dawdling x {}: misfit {}, as given {}. At fitted stations left out in turn: {}, as given "
      "{}; so it was {}.</p>\n",
      "<p>{} simulações experimentaram outros intervalos, velocidades desejadas, distâncias e hesitações dos "
      "automóveis. A melhor "
      "tem intervalo x {}, velocidade x {}, distância x {}, hesitação x {}: desajuste {}, como dado {}. Em postos "
      "ajustados deixados "
      "de "
      "fora à vez: {}, como dado {}; por isso foi {}.</p>\n",
      s.trials.size(), number_.plain(best->what.tau, 2), number_.plain(best->what.speed_factor, 2),
      number_.plain(best->what.min_gap, 2), number_.plain(best->what.sigma, 2), number_.plain(best->error, 2),
      number_.plain(s.trials.front().error, 2), number_.plain(s.fold_error, 2), number_.plain(s.own_fold_error, 2),
      s.taken ? say("taken", "adotada") : say("not taken", "rejeitada"));
}

void calibration_page_writer::runs() {
  heading("Simulations with unseen seeds", "Simulações com sementes não vistas");
  table_begin({say("demand", "procura"), say("seed", "semente"), say("trips", "viagens"), say("arrived", "chegaram"),
               say("teleports", "teleportados"), say("never entered", "sem entrada"),
               say("mean duration", "duração média")});
  auto const rows = [&](char const* name, std::vector<judged_run> const& list) {
    for (judged_run const& r : list)
      row(name, {std::to_string(r.seed), std::to_string(r.trips), std::to_string(r.arrived),
                 std::to_string(r.teleports), std::to_string(r.never_inserted), whole(r.mean_duration_s) + " s"});
  };
  rows(say("before", "antes"), c_.prior_runs);
  rows(say("calibrated", "calibrada"), c_.judges);
  table_end();
  add("<p>{}</p>\n", say("Mean duration: of trips that arrived within the simulation.",
                         "Duração média: das viagens que chegaram dentro da simulação."));
}

void calibration_page_writer::method() {
  heading("How it was fitted", "Como foi ajustado");
  auto const dates = [&](std::vector<std::int32_t> const& d) {
    return date_text(d, say("none", "nenhum"), say("{} days, {} to {}", "{} dias, {} a {}"));
  };
  both(
      "<p>Days fitted: {}. Days held out: {}. Split of the stations, made before the fit: {} of {} corridors held out, "
      "hash <code>{}</code>. Engine {}; {} s in all.</p>\n",
      "<p>Dias ajustados: {}. Dias reservados: {}. Divisão dos postos, feita antes do ajuste: {} de {} corredores "
      "reservados, hash <code>{}</code>. Motor {}; {} s no total.</p>\n",
      dates(c_.observed.days), dates(c_.observed.held_out_days), c_.split.corridors_held_out, c_.split.corridors,
      to_hex(c_.split.hash), escape_html(c_.job.engine.name), whole(c_.wall_s));
  table_begin({say("simulation", "simulação"), say("trips", "viagens"), say("misfit", "desajuste"),
               say("RMSN, fitted", "RMSN, ajustados"), say("all together", "no total"),
               say("prior's weight", "peso da anterior"), say("smoothness", "suavidade"),
               say("teleports", "teleportados"), say("never entered", "sem entrada")});
  for (calibration_iterate const& i : c_.fit.iterates) {
    std::string const which = i.number == c_.fit.best + 1 ? say(" (kept)", " (escolhida)")
                              : i.number == 1             ? say(" (before)", " (antes)")
                                                          : "";
    row(std::to_string(i.number) + which,
        {whole(i.trips), number_.plain(i.misfit, 2), number_.plain(i.rmsn, 3), signed_percent(i.sum_error),
         fmt::format("{:g}", i.weights.lambda), fmt::format("{:g}", i.weights.mu), std::to_string(i.teleports),
         std::to_string(i.never_inserted)});
  }
  table_end();
  presence const& o = c_.fit.iterates[c_.fit.best].presence_of_vehicles;
  if (o.told > 0)
    both(
        "<p>Loops tell occupancies, too: {} of the fitted counts are of jams, {} in the kept simulation, of which {} "
        "are "
        "the same. Where only one of the two jams, the fit takes it that more or fewer want to pass than the count "
        "says.</p>\n",
        "<p>Os detetores dão também a ocupação: {} das contagens ajustadas são de filas, {} na simulação escolhida, "
        "das "
        "quais {} são as mesmas. Onde só uma das duas tem fila, o ajuste admite que querem passar mais ou menos "
        "veículos "
        "do que diz a contagem.</p>\n",
        o.told_jams, o.simulated_jams, o.both_jam);
  both(
      "<p>The fit is the most likely demand given counts and prior, its weights chosen on fitted stations left out in "
      "turn; kept is, of the iterates whose simulation the network took (or jams no more than the loops tell), the one "
      "that meets fitted counts and jams best. Numbers, with units: calibration.h5.</p>\n",
      "<p>O ajuste é a procura mais provável dadas as contagens e a procura anterior, com pesos escolhidos deixando de "
      "fora, à vez, postos ajustados; das iterações que a rede comporta (ou sem mais filas do que dizem os "
      "detetores), "
      "fica a que melhor reproduz contagens e filas. Números, com unidades: calibration.h5.</p>\n");
  add("<details><summary>{}</summary><pre>{}</pre></details>\n",
      say("The calibration's settings", "Os parâmetros da calibração"), escape_long(print_job(c_.job)));
}

}  // namespace gemeo
