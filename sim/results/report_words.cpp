#include "sim/results/report_words.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <sstream>

namespace gemeo {
namespace {

constexpr char const* kThinSpace = "\xe2\x80\xaf";  // narrow, no break
constexpr char const* kMinus = "\xe2\x88\x92";
constexpr char const* kDash = "\xe2\x80\x93";

struct known_indicator {
  char const* name;
  phrase label;
  int better;
};

// The names are those sim/results/kpi.cpp writes.
constexpr std::array kKnown = {
    known_indicator{"trips", {"Trips", "Viagens"}, 0},
    known_indicator{"arrived", {"Trips completed", "Viagens concluídas"}, 0},
    known_indicator{"mean_travel_time", {"Travel time, mean", "Tempo de viagem médio"}, -1},
    known_indicator{"p95_travel_time", {"Travel time, 95th percentile", "Tempo de viagem, percentil 95"}, -1},
    known_indicator{"mean_delay", {"Delay per trip, mean", "Atraso médio por viagem"}, -1},
    known_indicator{"total_delay", {"Delay of all trips", "Atraso de todas as viagens"}, -1},
    known_indicator{
        "mean_depart_delay", {"Wait before entering the road, mean", "Espera média para entrar na via"}, -1},
    known_indicator{"mean_stops", {"Times a vehicle stands still, per trip", "Número de imobilizações por viagem"}, -1},
    known_indicator{"mean_speed", {"Speed, mean", "Velocidade média"}, 1},
    known_indicator{"vehicle_hours", {"Time driven by all vehicles", "Tempo de circulação de todos os veículos"}, -1},
    known_indicator{"vehicle_km", {"Distance driven by all vehicles", "Distância percorrida por todos os veículos"}, 0},
    known_indicator{"co2", {"CO\xe2\x82\x82", "CO\xe2\x82\x82"}, -1},
    known_indicator{"nox", {"Nitrogen oxides (NOx)", "Óxidos de azoto (NOx)"}, -1},
    known_indicator{"pmx", {"Particulates (PMx)", "Partículas (PMx)"}, -1},
    known_indicator{"co2_on_roads", {"CO\xe2\x82\x82 on the zone's roads", "CO\xe2\x82\x82 nas vias da zona"}, -1},
    known_indicator{"nox_on_roads", {"NOx on the zone's roads", "NOx nas vias da zona"}, -1},
    known_indicator{"pmx_on_roads", {"Particulates on the zone's roads", "Partículas nas vias da zona"}, -1},
    known_indicator{"fuel", {"Fuel", "Combustível"}, -1},
    known_indicator{"share_teleported",
                    {"Stuck vehicles that had to be moved on", "Veículos bloqueados que foi preciso retirar"},
                    -1},
    known_indicator{"share_never_inserted", {"Trips that never started", "Viagens que não chegaram a começar"}, -1},
    known_indicator{"share_unfinished", {"Trips unfinished at the end", "Viagens por terminar no fim"}, -1},
    known_indicator{"mean_queue", {"Queue, mean", "Fila média"}, -1},
    known_indicator{"max_queue", {"Queue, longest", "Fila máxima"}, -1},
    known_indicator{"bus_mean_delay", {"Buses behind timetable, mean", "Atraso médio dos autocarros"}, -1},
    known_indicator{"bus_on_time_share", {"Buses on time", "Autocarros a horas"}, 1},
    known_indicator{"bus_stops_served", {"Bus stops served", "Paragens de autocarro servidas"}, 1},
    known_indicator{"bus_passengers_carried", {"Bus passengers carried", "Passageiros de autocarro transportados"}, 1},
    known_indicator{"bus_passengers_left_waiting",
                    {"Bus passengers still waiting at the end", "Passageiros ainda à espera de autocarro no fim"},
                    -1},
    known_indicator{"bus_passengers_mean_wait", {"Wait for a bus, mean", "Espera média pelo autocarro"}, -1},
    known_indicator{"iso37120_19_7_commute_time",
                    {"Commute time, one way (ISO 37120, 19.7; modelled)",
                     "Tempo casa-trabalho, um sentido (ISO 37120, 19.7; modelado)"},
                    -1},
};

known_indicator const* find_known(std::string const& name) {
  auto const at = std::find_if(kKnown.begin(), kKnown.end(), [&](known_indicator const& k) { return name == k.name; });
  return at == kKnown.end() ? nullptr : &*at;
}

std::string readable(std::string name) {
  std::replace(name.begin(), name.end(), '_', ' ');
  if (!name.empty() && name[0] >= 'a' && name[0] <= 'z') name[0] = static_cast<char>(name[0] - 'a' + 'A');
  return name;
}

struct known_key {
  char const* key;
  phrase label;
};
constexpr std::array kPurposes = {
    known_key{"work", {"To work", "Para o trabalho"}},
    known_key{"school", {"To school", "Para a escola"}},
    known_key{"home", {"Home", "Regresso a casa"}},
    known_key{"leisure", {"Leisure", "Lazer"}},
    known_key{"business", {"Business", "Em serviço"}},
    known_key{"through", {"Through traffic", "Tráfego de atravessamento"}},
    known_key{"freight", {"Freight", "Mercadorias"}},
    known_key{"bus", {"Bus", "Autocarro"}},
    known_key{"event", {"Event", "Evento"}},
    known_key{"other", {"Other", "Outros"}},
    known_key{"car", {"Car", "Automóvel"}},
    known_key{"passenger", {"Car", "Automóvel"}},
    known_key{"truck", {"Lorry", "Pesado de mercadorias"}},
    known_key{"delivery", {"Van", "Ligeiro de mercadorias"}},
    known_key{"motorcycle", {"Motorcycle", "Motociclo"}},
    known_key{"bicycle", {"Bicycle", "Bicicleta"}},
    known_key{"taxi", {"Taxi", "Táxi"}},
    known_key{"coach", {"Coach", "Autocarro de turismo"}},
    known_key{"trailer", {"Lorry with trailer", "Pesado com reboque"}},
    known_key{"moped", {"Moped", "Ciclomotor"}},
    known_key{"scooter", {"E-scooter", "Trotinete"}},
    known_key{"pedestrian", {"On foot", "A pé"}},
    known_key{"emergency", {"Emergency vehicle", "Veículo de emergência"}},
    known_key{"authority", {"Authority", "Autoridades"}},
    known_key{"army", {"Army", "Exército"}},
    known_key{"tram", {"Tram", "Elétrico"}},
    known_key{"rail", {"Train", "Comboio"}},
    known_key{"rail_urban", {"Suburban train", "Comboio suburbano"}},
    known_key{"rail_electric", {"Electric train", "Comboio elétrico"}},
    known_key{"rail_fast", {"High-speed train", "Comboio de alta velocidade"}},
    known_key{"subway", {"Underground", "Metropolitano"}},
    known_key{"ship", {"Ship", "Barco"}},
};

known_key const* find_key(std::string const& key) {
  auto const at = std::find_if(kPurposes.begin(), kPurposes.end(), [&](known_key const& k) { return key == k.key; });
  return at == kPurposes.end() ? nullptr : &*at;
}

std::string group_digits(std::string const& digits, char const* separator) {
  std::string out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) out += separator;
    out += digits[i];
  }
  return out;
}

}  // namespace

std::string number_format::plain(double v, int digits) const {
  if (!std::isfinite(v)) return ascii ? "-" : kDash;
  std::string text = fmt::format("{:.{}f}", std::abs(v), std::max(0, digits));
  bool const zero = text.find_first_not_of("0.") == std::string::npos;
  std::string fraction;
  if (auto const dot = text.find('.'); dot != std::string::npos) {
    fraction = (lang == language::kEnglish ? "." : ",") + text.substr(dot + 1);
    text.resize(dot);
  }
  bool const english = lang == language::kEnglish;
  // Portuguese leaves four digits together (Acordo Ortográfico; ISO 80000-1).
  if (english || text.size() > 4) text = group_digits(text, english ? "," : kThinSpace);
  return (v < 0 && !zero ? (ascii ? "-" : kMinus) : "") + text + fraction;
}

std::string number_format::with_sign(double v, int digits) const {
  std::string const text = plain(v, digits);
  bool const positive = std::isfinite(v) && v > 0 && text.find_first_of("123456789") != std::string::npos;
  return (positive ? "+" : "") + text;
}

std::string number_format::range(double low, double high, int digits) const {
  if (!std::isfinite(low) || !std::isfinite(high)) return ascii ? "-" : kDash;
  return with_sign(low, digits) + (lang == language::kEnglish ? " to " : " a ") + with_sign(high, digits);
}

std::string number_format::percent(double share, int digits) const {
  if (!std::isfinite(share)) return ascii ? "-" : kDash;
  return with_sign(100 * share, digits) + (ascii ? " %" : std::string(kThinSpace) + "%");
}

int digits_for(double half, double value) {
  bool const known = std::isfinite(half) && half > 0;
  double const of = known ? half : std::abs(value);
  if (!std::isfinite(of) || of == 0) return 0;
  double const power = std::floor(std::log10(of));
  int const figures = !known ? 3 : of / std::pow(10, power) < 2.95 ? 2 : 1;  // 0.28 and 0.3, as physicists round
  return std::clamp(figures - 1 - static_cast<int>(power), 0, 3);
}

std::string time_of_day(double s) {
  if (!std::isfinite(s)) return "\u2026";  // a .sumocfg that names no end
  auto const minutes = static_cast<long>(std::lround(s / 60));
  return fmt::format("{:02}:{:02}", minutes / 60, minutes % 60);
}

indicator indicator_of(std::string const& name, std::string const& unit, double magnitude, language l) {
  indicator i;
  known_indicator const* const known = find_known(name);
  i.label = known != nullptr ? known->label.in(l) : readable(name);
  i.better = known != nullptr ? known->better : 0;
  i.unit = unit == "1" ? "" : unit;
  double const size = std::abs(magnitude);
  bool const english = l == language::kEnglish;
  if (unit == "s") {
    if (size >= 100 || !std::isfinite(size)) {
      i.factor = 1.0 / 60;
      i.unit = "min";
      i.min_digits = 1;
    }
  } else if (unit == "mg" || unit == "g" || unit == "kg") {
    double const grams = unit == "mg" ? 1e-3 : unit == "g" ? 1 : 1e3;
    double const shown = size * grams >= 1e6 ? 1e6 : size * grams >= 1e3 ? 1e3 : 1;
    i.factor = grams / shown;
    i.unit = shown == 1e6 ? "t" : shown == 1e3 ? "kg" : "g";
  } else if (unit == "m/s") {
    i.factor = 3.6;
    i.unit = "km/h";
    i.min_digits = 1;
  } else if (unit == "m" && size >= 2000) {
    i.factor = 1e-3;
    i.unit = "km";
    i.min_digits = 1;
  } else if (name.find("share") != std::string::npos && (unit == "1" || unit.empty())) {
    i.factor = 100;
    i.unit = "%";
    i.share = true;
    i.min_digits = 2;
  } else if (unit == "veh" || unit == "trips") {
    i.unit.clear();
  } else if (unit == "veh*h" || unit == "veh.h" || unit == "veh h" || name == "vehicle_hours") {
    i.unit = english ? "veh\xc2\xb7h" : "veíc\xc2\xb7h";
  } else if (unit == "veh*km" || unit == "veh.km" || unit == "veh km" || name == "vehicle_km") {
    i.unit = english ? "veh\xc2\xb7km" : "veíc\xc2\xb7km";
  }
  return i;
}

std::string const& label_of(ensemble_side const& s, language l) {
  return l == language::kPortuguese && !s.label_pt.empty() ? s.label_pt : s.label;
}

namespace {

std::vector<std::string> lines_of(comparison const& c, language l, std::string run_description::*en,
                                  std::string run_description::*pt) {
  std::vector<std::string> lines;
  for (ensemble_side const* const side : {&c.base, &c.other}) {
    run_description const& d = side->description;
    std::istringstream in(l == language::kPortuguese && !(d.*pt).empty() ? d.*pt : d.*en);
    for (std::string line; std::getline(in, line);) {
      if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
      if (std::find(lines.begin(), lines.end(), line) == lines.end()) lines.push_back(line);
    }
  }
  return lines;
}

}  // namespace

std::vector<std::string> attributions(comparison const& c, language l) {
  return lines_of(c, l, &run_description::attribution, &run_description::attribution_pt);
}

std::vector<std::string> cautions(comparison const& c, language l) {
  return lines_of(c, l, &run_description::caution, &run_description::caution_pt);
}

bool worth_showing(comparison const& c, paired_estimate const& e) {
  if (e.says == verdict::kTooFew) return c.seeds.size() < kMinPairs && e.difference != 0;
  return e.says == verdict::kClear || e.says == verdict::kWeak;
}

bool has_words(std::string const& name) { return find_known(name) != nullptr; }
bool key_has_words(std::string const& key) { return find_key(key) != nullptr; }

std::string group_title(std::string const& group, language l) {
  static constexpr std::array kTitles = {
      known_key{"all", {"The whole network", "Toda a rede"}},
      known_key{"zone", {"By zone of departure", "Por zona de partida"}},
      known_key{"mode", {"By kind of vehicle", "Por tipo de veículo"}},
      known_key{"purpose", {"By purpose of the trip", "Por motivo da viagem"}},
      known_key{"hour", {"By hour of departure", "Por hora de partida"}},
      known_key{"approach", {"By approach to a junction", "Por acesso a cruzamentos"}},
      known_key{"line", {"By bus line", "Por carreira de autocarro"}},
  };
  for (known_key const& t : kTitles) {
    if (group == t.key) return t.label.in(l);
  }
  return (l == language::kEnglish ? "By " : "Por ") + group;
}

std::string key_label(comparison const& c, std::string const& group, std::string const& key, language l) {
  if (group == "zone") {
    auto const at = c.zone_label.find(key);
    return at == c.zone_label.end() || at->second.empty() ? key : at->second;
  }
  if (group == "approach") {
    std::string const road = c.road_of(key);
    return road.empty() ? key : road + " (" + key + ")";
  }
  if (group == "purpose" || group == "mode") {
    if (known_key const* const known = find_key(key); known != nullptr) return known->label.in(l);
  }
  if (group == "hour" && !key.empty() && key.size() <= 2 && key.find_first_not_of("0123456789") == std::string::npos) {
    int const h = std::stoi(key);
    return fmt::format("{:02}:00{}{:02}:00", h, kDash, h + 1);
  }
  return key;
}

phrase verdict_phrase(verdict v) {
  switch (v) {
    case verdict::kNoData:
      return {"no data", "sem dados"};
    case verdict::kTooFew:
      return {"too few pairs", "pares insuficientes"};
    case verdict::kUnchanged:
      return {"unchanged", "sem alteração"};
    case verdict::kNotShown:
      return {"not shown", "não demonstrada"};
    case verdict::kWeak:
      return {"weak", "fraca"};
    case verdict::kClear:
      return {"clear", "clara"};
  }
  return {"", ""};
}

}  // namespace gemeo
