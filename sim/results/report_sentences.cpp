#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "sim/core/error.h"
#include "sim/results/report_svg.h"
#include "sim/results/report_words.h"

namespace gemeo {
namespace {

std::string side_name(std::string const& side, comparison const& c, language l) {
  std::string const label = clean_text(label_of(side == "BASE" ? c.base : c.other, l), 160);
  return l == language::kEnglish ? "\xe2\x80\x9c" + label + "\xe2\x80\x9d" : "\xc2\xab" + label + "\xc2\xbb";
}

// Words for "more" and "less" of what an indicator measures.
struct direction_words {
  char const* name;
  phrase up, down, same;
};
constexpr direction_words kDirections[] = {
    {"mean_travel_time",
     {"A trip takes {} longer on average", "Em média, cada viagem demora mais {}"},
     {"A trip takes {} less on average", "Em média, cada viagem demora menos {}"},
     {"No change in the mean travel time could be shown",
      "Não foi possível demonstrar uma alteração do tempo médio de viagem"}},
    {"mean_delay",
     {"A trip is delayed {} more on average", "Em média, cada viagem atrasa-se mais {}"},
     {"A trip is delayed {} less on average", "Em média, cada viagem atrasa-se menos {}"},
     {"No change in the mean delay could be shown", "Não foi possível demonstrar uma alteração do atraso médio"}},
    {"total_delay",
     {"Drivers lose {} more in all", "No conjunto, perdem-se mais {}"},
     {"Drivers lose {} less in all", "No conjunto, perdem-se menos {}"},
     {"No change in the time lost could be shown", "Não foi possível demonstrar uma alteração do tempo perdido"}},
    {"vehicle_hours",
     {"Vehicles spend {} more on the roads", "Os veículos passam mais {} nas estradas"},
     {"Vehicles spend {} less on the roads", "Os veículos passam menos {} nas estradas"},
     {"No change in the time driven could be shown",
      "Não foi possível demonstrar uma alteração do tempo de circulação"}},
};

// Short differences of travel times are said in seconds.
bool in_seconds(paired_estimate const& e, indicator const& i) {
  return i.unit == "min" && std::abs(e.difference * i.factor) < 1.5;
}

std::string amount(paired_estimate const& e, indicator const& i, number_format const& f) {
  double const factor = in_seconds(e, i) ? i.factor * 60 : i.factor, v = std::abs(e.difference) * factor;
  int const digits = std::min(digits_for((e.high - e.low) / 2 * factor, v), v >= 10 ? 0 : 2);
  std::string const unit = in_seconds(e, i) ? "s" : i.unit;
  return f.plain(v, digits) + (unit.empty() ? "" : "\xc2\xa0" + unit);
}

std::string interval_text(paired_estimate const& e, indicator const& i, number_format const& f) {
  double const factor = in_seconds(e, i) ? i.factor * 60 : i.factor, low = e.low * factor, high = e.high * factor;
  int const digits = std::min(digits_for((high - low) / 2, low), std::max(std::abs(low), std::abs(high)) >= 10 ? 0 : 2);
  std::string const unit = in_seconds(e, i) ? "s" : i.unit;
  return f.range(low, high, digits) + (unit.empty() ? "" : "\xc2\xa0" + unit);
}

std::string agreement(paired_estimate const& e, language l) {
  std::size_t const most = std::max(e.up, e.down);
  bool const english = l == language::kEnglish;
  bool const up = e.up >= e.down;
  if (english) return fmt::format("{} in {} of {} pairs of runs", up ? "up" : "down", most, e.pairs);
  return fmt::format("{} em {} de {} pares de simulações", up ? "aumenta" : "diminui", most, e.pairs);
}

}  // namespace

std::string pairs_needed_text(paired_estimate const& e, language l) {
  bool const english = l == language::kEnglish;
  if (e.says == verdict::kTooFew) {
    return english ? fmt::format("At least {} pairs of runs are needed, 10 are better.", kMinPairs)
                   : fmt::format("São precisos pelo menos {} pares de simulações; 10 será melhor.", kMinPairs);
  }
  if (e.says != verdict::kNotShown) return "";
  std::size_t const n = pairs_needed(e.difference, e.sd);
  if (n == 0) return "";
  if (n > 1000) {
    return english ? "More than 1,000 pairs of runs would be needed to show a change as small as this one."
                   : "Seriam precisos mais de 1000 pares de simulações para demonstrar uma diferença tão pequena.";
  }
  return english
             ? fmt::format("If the change is real and of this size, about {} pairs of runs would show it.", n)
             : fmt::format(
                   "Se a diferença for real e desta ordem, cerca de {} pares de simulações permitiriam demonstrá-la.",
                   n);
}

namespace {

std::string too_few_sentence(std::string const& direction, paired_estimate const& e, language l) {
  bool const english = l == language::kEnglish, one = e.pairs == 1;
  if (e.up == 0 && e.down == 0) {
    if (one) {
      return english
                 ? "Too few runs for a finding. In the one pair there is, travel times do not change."
                 : "Simulações insuficientes para concluir. No único par disponível, os tempos de viagem não mudam.";
    }
    return english
               ? "Too few runs for a finding. In the two pairs there are, travel times do not change."
               : "Simulações insuficientes para concluir. Nos dois pares disponíveis, os tempos de viagem não mudam.";
  }
  return english
             ? fmt::format("Too few runs for a finding. {} in the {} there {}.", direction,
                           one ? "one pair of runs" : "two pairs of runs", one ? "is" : "are")
             : fmt::format("Simulações insuficientes para concluir. {} {}.", direction,
                           one ? "no único par de simulações disponível" : "nos dois pares de simulações disponíveis");
}

// "Over the 30 demands that the counts leave open: 3 to 12 s (5 to 95 %)": a range that more runs do not narrow.
std::string over_members(std::optional<member_spread> const& of, paired_estimate const& value, indicator const& i,
                         number_format const& f, language l) {
  if (!of || of->members < kMinPairs) return "";
  member_spread const& m = *of;
  bool const english = l == language::kEnglish;
  paired_estimate range;
  range.difference = value.difference;
  range.low = m.low;
  range.high = m.high;
  std::string out =
      english
          ? fmt::format(" Over the {} likely demands: {} (5 to 95 % of them)", m.members, interval_text(range, i, f))
          : fmt::format(" Nas {} procuras prováveis: {} (5 a 95 % delas)", m.members, interval_text(range, i, f));
  if (!std::isfinite(m.seed_sd)) return out + ".";
  bool const seconds = in_seconds(value, i);
  double const factor = seconds ? i.factor * 60 : i.factor;
  auto const sd = [&](double v) {
    return f.plain(v * factor, digits_for(std::max(m.member_sd, m.seed_sd) * factor, v * factor)) + "\xc2\xa0" +
           (seconds ? "s" : i.unit);
  };
  return out + (english ? fmt::format("; standard deviation {} between demands, {} between seeds of one.",
                                      sd(m.member_sd), sd(m.seed_sd))
                        : fmt::format("; desvio-padrão de {} entre procuras e de {} entre sementes da mesma.",
                                      sd(m.member_sd), sd(m.seed_sd)));
}

// Who cannot start at all is in no mean: where that befalls one side more than the other, the mean alone misleads.
std::string missing_trips(comparison const& c, language l) {
  bool const differ = std::any_of(c.notices.begin(), c.notices.end(), [](notice const& n) {
    return (n.kind == notice_kind::kNeverInserted && !n.names.empty()) ||
           (n.kind == notice_kind::kGridlockDiffers && n.names.at(0) == "share_never_inserted");
  });
  if (!differ) return "";
  number_format const f{l};
  auto const pct = [&](double share) { return f.plain(100 * share, share < 0.0995 ? 1 : 0) + "\xe2\x80\xaf%"; };
  std::string const of = whole_run_note(c, l);
  return l == language::kEnglish
             ? fmt::format("{} of the trips cannot start, against {} in the base{}; no travel time counts them.",
                           pct(c.other.share_never_inserted), pct(c.base.share_never_inserted), of)
             : fmt::format(
                   "{} das viagens não podem começar, contra {} na referência{}; nenhum tempo de viagem as conta.",
                   pct(c.other.share_never_inserted), pct(c.base.share_never_inserted), of);
}

// The change for travellers who arrive on both sides, as an estimate over the pairs; no data where they are not known.
paired_estimate of_same_travellers(comparison const& c) {
  paired_estimate e;
  auto const all = std::find_if(c.travellers.begin(), c.travellers.end(), [](auto& t) { return t.group == "all"; });
  if (all == c.travellers.end() || all->change_s.n < kMinPairs) return e;
  moments const& m = all->change_s;
  double const half = half_width(m.sd(), m.n);
  e.pairs = m.n;
  e.difference = m.mean;
  e.sd = m.sd();
  e.low = m.mean - half;
  e.high = m.mean + half;
  e.says = half > 0 && e.low <= 0 && e.high >= 0 ? verdict::kNotShown : verdict::kClear;
  return e;
}

// With many trips unfinished at the end, the means of the two sides are over different trips: the slower side loses
// long trips from its mean and seems faster. Then only journeys that both sides know can be held against each other.
bool journeys_only(comparison const& c) {
  return std::any_of(c.notices.begin(), c.notices.end(), [](auto& n) { return n.kind == notice_kind::kUnfinished; });
}

finding about_same_travellers(comparison const& c, paired_estimate const& e, language l) {
  bool const english = l == language::kEnglish;
  number_format const f{l};
  indicator const i = indicator_of("mean_travel_time", "s", 60, l);
  std::string const by = amount(e, i, f), interval = interval_text(e, i, f);
  finding out;
  if (e.says == verdict::kNotShown) {
    out.sentence = english ? "No change in the same travellers' journey times could be shown."
                           : "Não foi possível demonstrar uma alteração dos tempos das mesmas viagens.";
    out.uncertainty = english ? fmt::format("The 95 % confidence interval, {}, includes zero.", interval)
                              : fmt::format("O intervalo de confiança a 95 %, {}, inclui o zero.", interval);
  } else {
    out.sentence = e.difference >= 0
                       ? fmt::format(fmt::runtime(english ? "The same travellers need {} longer on average."
                                                          : "Em média, os mesmos viajantes demoram mais {}."),
                                     by)
                       : fmt::format(fmt::runtime(english ? "The same travellers need {} less on average."
                                                          : "Em média, os mesmos viajantes demoram menos {}."),
                                     by);
    out.uncertainty = (english ? "95 % confidence interval: " : "Intervalo de confiança a 95 %: ") + interval + ".";
  }
  out.uncertainty += over_members(c.journeys_over_members, e, i, f, l);
  out.uncertainty +=
      english ? " It is about those who arrive on both sides: with so many trips unfinished at the end, the mean over "
                "all trips is one over different trips."
              : " Refere-se a quem chega ao destino nos dois lados: com tantas viagens por terminar no fim, a média "
                "de todas seria sobre viagens diferentes.";
  out.caveat = missing_trips(c, l);
  return out;
}

}  // namespace

finding headline(comparison const& c, language l) {
  bool const english = l == language::kEnglish;
  number_format const f{l};
  finding out;
  direction_words const* words = nullptr;
  for (direction_words const& d : kDirections) {
    kpi_comparison const* const k = c.find(d.name);
    if (k != nullptr && k->value.says != verdict::kNoData) {
      words = &d;
      out.kpi = k;
      break;
    }
  }
  if (out.kpi == nullptr) {
    out.sentence = english ? "The runs hold no travel time to compare."
                           : "As simulações não contêm tempos de viagem para comparar.";
    return out;
  }
  paired_estimate const& e = out.kpi->value;
  paired_estimate const same = of_same_travellers(c);
  if (journeys_only(c) && same.says != verdict::kNoData && e.says != verdict::kUnchanged)
    return about_same_travellers(c, same, l);
  indicator const i = indicator_of(out.kpi->name, out.kpi->unit, e.base, l);
  std::string const by = amount(e, i, f);
  std::string const relative =
      std::isnan(e.change()) ? "" : " (" + f.percent(e.change(), std::abs(e.change()) < 0.1 ? 1 : 0) + ")";
  std::string const direction =
      fmt::format(fmt::runtime((e.difference >= 0 ? words->up : words->down).in(l)), by) + relative;
  std::string const interval = interval_text(e, i, f);
  switch (e.says) {
    case verdict::kClear:
    case verdict::kWeak:
      out.sentence = direction + ".";
      out.uncertainty = (english ? "95 % confidence interval: " : "Intervalo de confiança a 95 %: ") + interval + "; " +
                        agreement(e, l) + ".";
      if (e.says == verdict::kWeak) {
        out.uncertainty +=
            english ? " Weak evidence: with this many indicators compared, one like it may appear by chance."
                    : " Evidência fraca: com tantos indicadores comparados, um destes pode surgir por acaso.";
      }
      break;
    case verdict::kUnchanged:
      out.sentence = english ? "Nothing changes: the travel times of every pair of runs are the same."
                             : "Nada muda: os tempos de viagem são iguais em todos os pares de simulações.";
      break;
    case verdict::kNotShown:
      out.sentence = std::string(words->same.in(l)) + ".";
      out.uncertainty =
          english ? fmt::format("The 95 % confidence interval, {}, includes zero ({}).", interval, agreement(e, l))
                  : fmt::format("O intervalo de confiança a 95 %, {}, inclui o zero ({}).", interval, agreement(e, l));
      break;
    default:
      out.sentence = too_few_sentence(direction, e, l);
  }
  out.uncertainty += over_members(out.kpi->over_members, e, i, f, l);
  out.caveat = missing_trips(c, l);
  if (std::string const more = pairs_needed_text(e, l); !more.empty())
    out.uncertainty += (out.uncertainty.empty() ? "" : " ") + more;
  return out;
}

std::string family_sentence(family_count const& f, phrase const& what, comparison const& c, language l) {
  number_format const n{l};
  auto const whole = [&](double v) { return n.plain(v, 0); };
  bool const english = l == language::kEnglish;
  auto const t = static_cast<double>(f.tested), raw = static_cast<double>(f.below_5_pct),
             kept = static_cast<double>(f.kept);
  if (f.tested == 0) {
    return english ? fmt::format("{}: no stretch of road differs in any pair of runs.", what.en)
                   : fmt::format("{}: nenhum troço difere em qualquer par de simulações.", what.pt);
  }
  if (c.seeds.size() < kMinPairs) {
    return english ? fmt::format("{}: differences are not tested, as there are fewer than {} pairs of runs.", what.en,
                                 kMinPairs)
                   : fmt::format("{}: as diferenças não foram testadas, por haver menos de {} pares de simulações.",
                                 what.pt, kMinPairs);
  }
  return english
             ? fmt::format(
                   "{}: {} stretches of road differ in some pair of runs. Taken one by one, {} of them look changed (p "
                   "< 0.05), "
                   "of which about {} would by chance alone; {} remain when false discoveries are held to 5 % "
                   "(Benjamini\xe2\x80\x93Hochberg). Those are in full colour, the others pale.",
                   what.en, whole(t), whole(raw), whole(f.expected_by_chance()), whole(kept))
             : fmt::format(
                   "{}: {} troços diferem em algum par de simulações. Um a um, {} parecem alterados (p < 0,05), "
                   "dos quais cerca de {} o pareceriam só por acaso; restam {} quando se limita a 5 % a proporção de "
                   "falsas descobertas (Benjamini\xe2\x80\x93Hochberg). Esses têm cor cheia; os outros, tom pálido.",
                   what.pt, whole(t), whole(raw), whole(f.expected_by_chance()), whole(kept));
}

namespace {

phrase indicator_phrase(std::string const& name) {
  if (name == "share_teleported")
    return {"Stuck vehicles that had to be moved on", "Veículos bloqueados que foi preciso retirar"};
  if (name == "share_never_inserted")
    return {"Trips that could not start (no room, or their street closed)",
            "Viagens que não puderam começar (sem espaço, ou rua cortada)"};
  return {"Trips unfinished at the end", "Viagens por terminar no fim"};
}

std::string gridlock_text(notice const& n, std::string const& indicator, comparison const& c, language l) {
  std::string const what = indicator_phrase(indicator).in(l) + whole_run_note(c, l);
  number_format const f{l};
  auto const pct = [&](double share) { return f.plain(100 * share, 2) + "\xe2\x80\xaf%"; };
  bool const english = l == language::kEnglish;
  std::string text = fmt::format("{}: {} {}, {} {}", what, pct(n.numbers[0]), side_name("BASE", c, l),
                                 pct(n.numbers[1]), side_name("OTHER", c, l));
  if (n.numbers.size() > 2) text += (english ? ", above the limit of " : ", acima do limite de ") + pct(n.numbers[2]);
  return text + ". ";
}

std::string window_text(std::vector<double> const& numbers, std::size_t at, language l) {
  verify(numbers.size() >= at + kWindowNumbers, "a notice on windows holds both");
  number_format const f{l};
  auto const s = [&](std::size_t i) {
    return f.plain(numbers[at + i], numbers[at + i] == std::floor(numbers[at + i]) ? 0 : 2);
  };
  std::string const begin = time_of_day(numbers[at]), end = time_of_day(numbers[at + 1]);
  bool const warm = numbers[at + 2] > 0;
  if (l == language::kEnglish) {
    return fmt::format("{} to {}{}, steps of {} s, intervals of {} s", begin, end,
                       warm ? " with " + s(2) + " s of warm-up" : "", s(3), s(4));
  }
  return fmt::format("das {} às {}{}, passos de {} s, intervalos de {} s", begin, end,
                     warm ? ", com " + s(2) + " s de aquecimento" : "", s(3), s(4));
}

// Runs of a SUMO configuration keep no settings apart from their files.
std::string inputs_differ_text(comparison const& c, language l) {
  bool const english = l == language::kEnglish;
  if (c.base.description.effective_config.empty()) {
    return english ? "The two have one name, but not the same input files (configuration, network, demand or others)."
                   : "As duas têm o mesmo nome, mas não os mesmos ficheiros de entrada (configuração, rede, procura ou "
                     "outros).";
  }
  return english ? "No setting differs between the two, but their input files do (network, demand, vehicle types or "
                   "others)."
                 : "Nenhum parâmetro difere entre as duas, mas os ficheiros de entrada sim (rede, procura, tipos de "
                   "veículos ou outros).";
}

// Empty where the two sides are alike.
std::string unlike(notice const& n, language l) {
  if (n.names.empty()) return "";
  return l == language::kEnglish
             ? " As the two differ in this, their travel times are means over different trips and not fully comparable."
             : " Como os dois diferem nisto, os tempos são médias sobre viagens diferentes e não são inteiramente "
               "comparáveis.";
}

}  // namespace

std::string whole_run_note(comparison const& c, language l) {
  if (c.window_shares || !c.has_warm_up()) return "";
  return l == language::kEnglish ? ", of the whole run, warm-up included"
                                 : ", de toda a simulação, aquecimento incluído";
}

std::string notice_text(notice const& n, comparison const& c, language l) {
  bool const english = l == language::kEnglish;
  auto const name = [&](std::size_t i) { return i < n.names.size() ? n.names[i] : std::string(); };
  auto const number = [&](std::size_t i) { return number_format{l}.plain(i < n.numbers.size() ? n.numbers[i] : 0, 0); };
  switch (n.kind) {
    case notice_kind::kSeedsIgnored:
      return english ? fmt::format("Seeds {} exist only for {} and were left out.", name(1), side_name(name(0), c, l))
                     : fmt::format("As sementes {} existem apenas para {} e ficaram de fora.", name(1),
                                   side_name(name(0), c, l));
    case notice_kind::kRunsSkipped:
      return english ? fmt::format("{}: {} was left out ({}).", side_name(name(0), c, l), name(1), name(2))
                     : fmt::format("{}: {} ficou de fora (não chegou ao fim).", side_name(name(0), c, l), name(1));
    case notice_kind::kFewPairs:
      return english ? fmt::format(
                           "Not enough seeds: {} common, at least {} are needed for any finding. What follows are "
                           "differences, not findings.",
                           number(0), kMinPairs)
                     : fmt::format(
                           "Sementes insuficientes: {} em comum; são precisas pelo menos {} para concluir. O que se "
                           "segue são diferenças, "
                           "não conclusões.",
                           number(0), kMinPairs);
    case notice_kind::kNetworksDiffer:
      return english
                 ? fmt::format(
                       "The two run on different road networks ({} stretches only in the first, {} only in the "
                       "second).",
                       number(0), number(1))
                 : fmt::format("As duas usam redes viárias diferentes ({} troços só na primeira, {} só na segunda).",
                               number(0), number(1));
    case notice_kind::kWindowsDiffer:
      return english ? fmt::format("The two cover different times: {}; and {}.", window_text(n.numbers, 0, l),
                                   window_text(n.numbers, kWindowNumbers, l))
                     : fmt::format("As duas cobrem períodos diferentes: {}; e {}.", window_text(n.numbers, 0, l),
                                   window_text(n.numbers, kWindowNumbers, l));
    case notice_kind::kEnginesDiffer:
      return english ? fmt::format(
                           "The two were simulated by different engines: {} and {}. Their difference includes that of "
                           "the engines.",
                           name(0), name(1))
                     : fmt::format(
                           "As duas foram simuladas por motores diferentes: {} e {}. A diferença inclui a dos motores.",
                           name(0), name(1));
    case notice_kind::kSoftwareDiffers:
      return english ? fmt::format("The runs were made by different versions of gemeo: {} and {}.", name(0), name(1))
                     : fmt::format("As simulações foram feitas por versões diferentes do gemeo: {} e {}.", name(0),
                                   name(1));
    case notice_kind::kConfigsVary:
      return english
                 ? fmt::format("The runs of {} were not all made with one configuration ({} and {} differ).",
                               side_name(name(0), c, l), name(1), name(2))
                 : fmt::format("As simulações de {} não foram todas feitas com a mesma configuração ({} e {} diferem).",
                               side_name(name(0), c, l), name(1), name(2));
    case notice_kind::kInputsVary:
      return english
                 ? fmt::format(
                       "The runs of {} were not all made from the same input files: between {} and {} the network, the "
                       "demand, the vehicle types or another file changed.",
                       side_name(name(0), c, l), name(1), name(2))
                 : fmt::format(
                       "As simulações de {} não foram todas feitas com os mesmos ficheiros de entrada: entre {} e {} "
                       "mudou a rede, a procura, os tipos de veículos ou outro ficheiro.",
                       side_name(name(0), c, l), name(1), name(2));
    case notice_kind::kInputsDiffer:
      return inputs_differ_text(c, l);
    case notice_kind::kSameScenario:
      return english ? "Both sides are runs of the same scenario." : "Os dois lados são simulações do mesmo cenário.";
    case notice_kind::kIdenticalRuns:
      return english ? fmt::format("In {} of the pairs both runs are identical, vehicle by vehicle.", number(0))
                     : fmt::format("Em {} dos pares as duas simulações são idênticas, veículo a veículo.", number(0));
    case notice_kind::kTeleports:
      return gridlock_text(n, "share_teleported", c, l) +
             (english ? "The network was gridlocked in places; travel times there are too low."
                      : "A rede bloqueou em alguns pontos; aí, os tempos de viagem são subestimados.") +
             unlike(n, l);
    case notice_kind::kNeverInserted:
      return gridlock_text(n, "share_never_inserted", c, l) +
             (english ? "They are missing from every travel time." : "Faltam em todos os tempos de viagem.") +
             unlike(n, l);
    case notice_kind::kUnfinished:
      return gridlock_text(n, "share_unfinished", c, l) +
             (english ? "Their travel times are not in the means." : "Os seus tempos não entram nas médias.") +
             unlike(n, l);
    case notice_kind::kGridlockDiffers:
      return gridlock_text(n, name(0), c, l) + unlike(n, l).substr(1);
    case notice_kind::kNoEquilibrium: {
      std::string sides;
      for (std::size_t k : {0U, 1U}) {
        if (!std::isfinite(n.numbers.at(k))) continue;
        sides += (sides.empty() ? ""
                  : english     ? ", "
                                : "; ") +
                 fmt::format("{} {}\xe2\x80\xaf%", label_of(k == 0 ? c.base : c.other, l),
                             number_format{l}.plain(100 * n.numbers[k], 1));
      }
      return english ? fmt::format(
                           "Route choice had not settled when its iterations ended; travellers could still save, "
                           "of their time: {}.",
                           sides)
                     : fmt::format(
                           "A escolha de percursos não tinha estabilizado no fim das iterações; os viajantes "
                           "ainda podiam poupar, do seu tempo: {}.",
                           sides);
    }
    case notice_kind::kMembers: {
      bool const once = number(0) == number(1);
      std::string const twice = once ? fmt::format("--seeds {}", 2 * static_cast<long>(n.numbers.at(0))) : "";
      if (english)
        return fmt::format(
                   "Each pair of runs has one of {} likely demands of the calibration, the same on both sides: what is "
                   "said to be uncertain holds what the counts left open beside the chance of seeds.",
                   number(0)) +
               (once ? fmt::format(" Which is which cannot be told, as each demand ran once ({} tells it, if the "
                                   "calibration has no more of them).",
                                   twice)
                     : " Pairs of one demand count as one, by their mean.");
      return fmt::format(
                 "Cada par de simulações usa uma de {} procuras prováveis da calibração, a mesma nos dois lados: a "
                 "incerteza indicada inclui o que as contagens deixam em aberto, além do acaso das sementes.",
                 number(0)) +
             (once ? fmt::format(" Não é possível separar as duas, porque cada procura foi simulada uma vez ({} "
                                 "permite-o, se a calibração não tiver mais).",
                                 twice)
                   : " Os pares da mesma procura contam como um só, pela média.");
    }
    case notice_kind::kMembersDiffer:
      return english ? fmt::format(
                           "In {} of the pairs the two sides do not have the same likely demand of the calibration: "
                           "their difference holds that of the demands.",
                           number(0))
                     : fmt::format(
                           "Em {} dos pares os dois lados não usam a mesma procura provável da calibração: a diferença "
                           "inclui a das procuras.",
                           number(0));
    case notice_kind::kNoEdges:
      return english ? "The runs hold no values by road: no maps and no street tables."
                     : "As simulações não têm valores por via: não há mapas nem tabelas de ruas.";
    case notice_kind::kNoTrips:
      return english ? "No traveller arrives on both sides: no comparison traveller by traveller."
                     : "Nenhum viajante chega ao destino nos dois lados: não há comparação viajante a viajante.";
  }
  return "";
}

}  // namespace gemeo
