#include <cmath>
#include <nlohmann/json.hpp>

#include "sim/core/json_text.h"
#include "sim/results/report.h"
#include "sim/results/report_svg.h"
#include "sim/results/settings.h"

namespace gemeo {
namespace {

using json = nlohmann::ordered_json;

json number(double v) { return std::isfinite(v) ? json(v) : json(nullptr); }
std::string text(std::string const& s) { return clean_text(s, 4000); }

char const* name_of(verdict v) {
  switch (v) {
    case verdict::kNoData:
      return "no_data";
    case verdict::kTooFew:
      return "too_few_pairs";
    case verdict::kUnchanged:
      return "unchanged";
    case verdict::kNotShown:
      return "not_shown";
    case verdict::kWeak:
      return "weak";
    case verdict::kClear:
      return "clear";
  }
  return "";
}

json to_json(paired_estimate const& e) {
  json j;
  j["pairs"] = e.pairs;
  j["base"] = number(e.base);
  j["other"] = number(e.other);
  j["difference"] = number(e.difference);
  j["low_95"] = number(e.low);
  j["high_95"] = number(e.high);
  j["change"] = number(e.change());
  j["sd_of_differences"] = number(e.sd);
  j["unpaired_half_width"] = number(e.unpaired_half);
  j["up"] = e.up;
  j["down"] = e.down;
  j["p"] = number(e.p);
  j["q"] = number(e.q);
  j["verdict"] = name_of(e.says);
  j["pairs_needed"] = e.says == verdict::kNotShown && pairs_needed(e.difference, e.sd) > 0
                          ? json(pairs_needed(e.difference, e.sd))
                          : json(nullptr);
  return j;
}

json brief(paired_estimate const& e) {
  return {{"pairs", e.pairs},         {"base", number(e.base)},
          {"other", number(e.other)}, {"difference", number(e.difference)},
          {"low_95", number(e.low)},  {"high_95", number(e.high)},
          {"q", number(e.q)},         {"verdict", name_of(e.says)}};
}

json to_json(ensemble_side const& s) {
  json j;
  j["path"] = text(s.path.string());
  j["label"] = text(s.label);
  j["scenario"] = text(s.description.scenario_name);
  j["engine"] = text(s.description.engine);
  j["engine_version"] = text(s.description.engine_version);
  j["begin_s"] = number(s.description.begin_s);
  j["end_s"] = number(s.description.end_s);
  j["runs"] = s.runs;
  j["share_teleported"] = number(s.share_teleported);
  j["share_never_inserted"] = number(s.share_never_inserted);
  j["share_unfinished"] = number(s.share_unfinished);
  return j;
}

json to_json(family_count const& f) {
  json j;
  j["tested"] = f.tested;
  j["below_5_pct"] = f.below_5_pct;
  j["expected_by_chance"] = number(f.expected_by_chance());
  j["kept"] = f.kept;
  return j;
}

}  // namespace

std::string report_json(comparison const& c) {
  json j;
  j["base"] = to_json(c.base);
  j["other"] = to_json(c.other);
  j["seeds"] = c.seeds;
  j["trustworthy"] = c.trustworthy();
  j["window_shares"] = c.window_shares;
  finding const f = headline(c, language::kEnglish);
  j["finding"] =
      text(f.sentence + (f.caveat.empty() ? "" : " " + f.caveat) + (f.uncertainty.empty() ? "" : " " + f.uncertainty));
  j["cautions"] = json::array();
  for (std::string const& line : cautions(c, language::kEnglish)) j["cautions"].push_back(text(line));
  j["notices"] = json::array();
  for (notice const& n : c.notices)
    j["notices"].push_back({{"grave", n.grave()}, {"text", text(notice_text(n, c, language::kEnglish))}});
  j["settings"] = json::array();
  for (setting_difference const& s :
       settings_that_differ(c.base.description.effective_config, c.other.description.effective_config))
    j["settings"].push_back({{"key", text(s.key)}, {"base", text(s.base)}, {"other", text(s.other)}});
  j["kpis"] = json::array();
  for (kpi_comparison const& k : c.kpis) {
    json row = {{"name", text(k.name)}, {"unit", text(k.unit)}, {"group", text(k.group)}, {"key", text(k.key)}};
    if (!k.key.empty()) row["label"] = text(key_label(c, k.group, k.key, language::kEnglish));
    row.update(to_json(k.value));
    if (k.over_members)
      row["over_members"] = {{"members", k.over_members->members},
                             {"pairs", k.over_members->pairs},
                             {"low_5", number(k.over_members->low)},
                             {"high_95", number(k.over_members->high)},
                             {"sd_between_members", number(k.over_members->member_sd)},
                             {"sd_between_seeds", number(k.over_members->seed_sd)}};
    j["kpis"].push_back(std::move(row));
  }
  j["edge_families"] = {
      {"flow", to_json(c.flow_family)}, {"speed", to_json(c.speed_family)}, {"delay", to_json(c.delay_family)}};
  j["streets"] = json::array();
  for (road_values const& r : c.roads) {
    j["streets"].push_back({{"name", text(r.name)},
                            {"length_m", number(r.length_m)},
                            {"flow_veh_per_h", to_json(r.flow_veh_per_h)},
                            {"speed_mps", to_json(r.speed_mps)},
                            {"delay_h", to_json(r.delay_h)}});
  }
  j["edges"] = json::array();
  for (std::size_t i = 0; i < c.edges.size(); ++i) {
    edge_values const& v = c.edges[i];
    if (v.flow_veh_per_h.pairs == 0 || (v.flow_veh_per_h.base == 0 && v.flow_veh_per_h.other == 0)) continue;
    j["edges"].push_back({{"edge", text(c.net.name[edge_id(i)])},
                          {"flow_veh_per_h", brief(v.flow_veh_per_h)},
                          {"speed_mps", brief(v.speed_mps)},
                          {"travel_time_s", brief(v.travel_time_s)},
                          {"delay_h", brief(v.delay_h)}});
  }
  j["travellers"] = json::array();
  for (traveller_values const& v : c.travellers) {
    j["travellers"].push_back({{"group", text(v.group)},
                               {"key", text(v.key)},
                               {"travellers", number(v.travellers.mean)},
                               {"mean_change_s", number(v.change_s.mean)},
                               {"half_width_95_s", number(half_width(v.change_s.sd(), v.change_s.n))},
                               {"share_slower", number(v.share_slower.mean)},
                               {"share_faster", number(v.share_faster.mean)}});
  }
  return print_json(j, bad_utf8::kThrows) + "\n";
}

}  // namespace gemeo
