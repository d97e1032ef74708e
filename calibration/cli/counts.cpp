// gemeo counts check|import|info: whether counts may be believed, by detector and day; a store of them.
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "calibration/cli/stage_line.h"
#include "calibration/cli/verbs.h"
#include "calibration/counts/check_network.h"
#include "calibration/counts/check_page.h"
#include "calibration/counts/series.h"
#include "calibration/counts/store.h"
#include "calibration/counts/time_text.h"
#include "sim/command_line/say.h"
#include "sim/core/error.h"
#include "sim/core/json_text.h"
#include "sim/core/text_file.h"
#include "sim/results/report_svg.h"
#include "sim/run/signals.h"

namespace gemeo::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

struct counts_arguments {
  std::vector<std::string> files;
  std::string mapping, source, day, time_zone, time_means = "begin";
  double period_s = 0;
  std::string network, detectors, matches, matches_out, html, page_language = "en", store, received;
  bool as_json = false, all_days = false;
};

read_options reading_of(counts_arguments const& a) {
  read_options o;
  if (!a.mapping.empty()) o.mapping = std::make_shared<csv_mapping const>(read_mapping(a.mapping));
  o.source = a.source;
  o.period_s = a.period_s;
  if (!a.time_zone.empty()) o.time_zone = a.time_zone;
  local_clock const check(o.time_zone, "--time-zone");
  if (a.time_means != "begin" && a.time_means != "middle" && a.time_means != "end")
    throw_usage(fmt::format("--time-means {}: not known", a.time_means), "begin, middle or end");
  o.datex_time = a.time_means == "begin"    ? time_meaning::kBegin
                 : a.time_means == "middle" ? time_meaning::kMiddle
                                            : time_meaning::kEnd;
  if (!a.day.empty()) {
    auto const d = scan_iso(a.day);
    if (!d || !d->date || d->time_s) throw_usage(fmt::format("--day {}: not a date", a.day), "2024-11-04");
    o.day = d->date;
  }
  return o;
}

void add_reading(option_set const& app, counts_arguments& a) {
  app.add("--mapping", a.mapping, "what the columns of CSV files are (calibration/counts/FORMAT.md)").type("M.toml");
  app.add("--source", a.source, "the feed's name, instead of what file or mapping say").type("NAME");
  app.add("--time-zone", a.time_zone, "of the local clock; default: the mapping's, or UTC").type("ZONE");
  app.add("--period", a.period_s, "seconds of a value where the file does not say it").type("S").between(0.0, 86400.0);
  app.add("--time-means", a.time_means, "which moment of its period a DATEX II v2 value's time is: begin, middle, end")
      .show_default()
      .type("WORD");
  app.add("--day", a.day, "the day of SUMO's outputs; default 1970-01-01").type("YYYY-MM-DD");
}

std::string when(std::int64_t ms) { return ms == kNoTime ? "-" : utc_text(ms); }

// "3 null, 2 impossible": what a reader of the file must know.
std::string remarks(read_report const& r) {
  std::string out;
  auto const add = [&](std::uint64_t n, char const* what) {
    if (n > 0) out += fmt::format("{}{} {}", out.empty() ? "" : ", ", n, what);
  };
  add(r.sites, "sites in its table");
  add(r.nulls, "without a value");
  add(r.out_of_range, "with impossible values");
  add(r.supplier_errors, "marked faulty");
  add(r.clock_repeated, "in a repeated hour");
  add(r.clock_missing, "left out: of an hour that the clock passes over");
  add(r.skipped, "elements passed over");
  return out.empty() ? out : "; " + out;
}

void print_files(std::vector<read_report> const& files) {
  constexpr std::size_t kShown = 12;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (i == kShown && files.size() > kShown + 1) {
      fmt::print("... and {} files more\n", files.size() - kShown);
      return;
    }
    read_report const& r = files[i];
    fmt::print("{}: {}, {} records, {} to {}{}\n", r.file.string(), r.kind, r.records, when(r.first_ms),
               when(r.last_ms), remarks(r));
  }
}

// Names come from anywhere: nothing in them may act on a terminal.
std::string name_of(detector_key const& k) { return clean_text(describe(k), 60); }

struct detector_row {
  detector_key key;
  std::string place;
  std::size_t good = 0, doubtful = 0, bad = 0, samples = 0, expected = 0;
  double total = 0;
  std::size_t total_days = 0;
  std::vector<day_verdict const*> not_good;
  std::string worst;  // the reason met most often on the worst days
};

std::vector<detector_row> rows_of(loaded_counts const& c, network const* net) {
  std::map<std::uint32_t, detector_row> rows;
  for (day_verdict const& d : c.quality.days) {
    detector_row& r = rows[d.detector];
    ++(d.verdict == count_verdict::kGood ? r.good : d.verdict == count_verdict::kDoubtful ? r.doubtful : r.bad);
    r.samples += d.samples;
    r.expected += d.expected;
    if (d.verdict != count_verdict::kBad) {
      r.total += d.total;
      ++r.total_days;
    }
    if (d.verdict != count_verdict::kGood) r.not_good.push_back(&d);
  }
  std::vector<detector_row> out;
  for (auto& [detector, r] : rows) {
    r.key = c.catalog.key(detector);
    site_match const* const m = find_match(c.matches, r.key);
    if (net != nullptr && m != nullptr)
      r.place = m->edge ? fmt::format("{} ({:.2f})", clean_text(net->edges.name[*m->edge], 60), m->confidence) : "-";
    std::map<std::string, std::size_t> reasons;
    count_verdict const level = r.bad > 0 ? count_verdict::kBad : count_verdict::kDoubtful;
    for (day_verdict const* d : r.not_good) {
      if (d->verdict == level) ++reasons[d->reason.en.substr(0, d->reason.en.find(';'))];
    }
    std::size_t most = 0;
    for (auto const& [reason, n] : reasons) {
      if (n > most) r.worst = reason;
      most = std::max(most, n);
    }
    out.push_back(std::move(r));
  }
  std::sort(out.begin(), out.end(), [](detector_row const& a, detector_row const& b) { return a.key < b.key; });
  return out;
}

void print_table(loaded_counts const& c, network const* net, bool all_days) {
  std::vector<detector_row> const rows = rows_of(c, net);
  std::size_t wide = 8, place = 4;
  for (detector_row const& r : rows) {
    wide = std::max(wide, name_of(r.key).size());
    place = std::max(place, r.place.size());
  }
  wide = std::min<std::size_t>(wide, 48);
  fmt::print("\n{:<{}}  {}{:>5} {:>5} {:>5}  {:>5} {:>9}  {}\n", "detector", wide,
             net != nullptr ? fmt::format("{:<{}}  ", "edge (confidence)", std::max<std::size_t>(place, 17)) : "",
             "good", "doubt", "bad", "there", "veh/day", "most often");
  std::size_t good = 0, doubtful = 0, bad = 0;
  for (detector_row const& r : rows) {
    good += r.good;
    doubtful += r.doubtful;
    bad += r.bad;
    std::string const there =
        r.expected > 0
            ? fmt::format("{:.0f}%", 100.0 * static_cast<double>(r.samples) / static_cast<double>(r.expected))
            : "-";
    fmt::print("{:<{}}  {}{:>5} {:>5} {:>5}  {:>5} {:>9}  {}\n", name_of(r.key), wide,
               net != nullptr ? fmt::format("{:<{}}  ", r.place, std::max<std::size_t>(place, 17)) : "", r.good,
               r.doubtful, r.bad, there,
               r.total_days > 0 ? fmt::format("{:.0f}", r.total / static_cast<double>(r.total_days)) : "-", r.worst);
    if (!all_days) continue;
    for (day_verdict const* d : r.not_good)
      fmt::print("    {}  {:<8}  {}\n", to_text(date_of(d->day)), to_text(d->verdict), d->reason.en);
  }
  fmt::print("\n{} detectors, {} detector days: {} good, {} doubtful, {} bad (times of {})\n", rows.size(),
             good + doubtful + bad, good, doubtful, bad, c.time_zone);
  if (c.quality.duplicates + c.quality.conflicts > 0) {
    fmt::print("{} records came twice, {} with another value: the last holds\n",
               c.quality.duplicates + c.quality.conflicts, c.quality.conflicts);
  }
}

void print_doubts(loaded_counts const& c, counts_arguments const& a) {
  std::size_t doubtful = 0, nowhere = 0;
  for (site_match const& m : c.matches) {
    nowhere += m.edge ? 0U : 1U;
    doubtful += m.edge && m.confidence < kSureMatch ? 1U : 0U;
  }
  if (doubtful + nowhere == 0) return;
  fmt::print("places: {} of {} sites are doubtful, {} nowhere on the network; {}\n", doubtful, c.matches.size(),
             nowhere,
             a.matches_out.empty() ? "--matches-out M.csv lists them for confirmation"
                                   : "confirm in " + a.matches_out + " and read it back with --matches");
}

json finite(double v) { return std::isfinite(v) ? json(v) : json(nullptr); }

void print_network(network_findings const& f) {
  for (bilingual const& road : f.roads) fmt::print("road: {}\n", clean_text(road.en));
  constexpr std::size_t kShown = 20;
  for (std::size_t i = 0; i < f.carried.beyond.size() && i < kShown; ++i) {
    beyond_capacity const& b = f.carried.beyond[i];
    counted_hour const& h = f.hours[b.hour];
    fmt::print("capacity: {} from {:02.0f}:00: {}\n", clean_text(f.places[h.place].name, 60), h.begin_s / 3600,
               describe(b, f.places));
  }
  if (f.carried.beyond.size() > kShown) fmt::print("capacity: and {} hours more\n", f.carried.beyond.size() - kShown);
}

void print_contradictions(network_findings const& f) {
  if (f.contradicted.empty()) return;
  constexpr std::size_t kShown = 20;
  auto const sets = by_places(f.contradicted, f.hours);
  fmt::print(
      "contradiction: {} sets of counts of an hour cannot all be true, {}\n", f.contradicted.size(),
      f.ends_known ? "where trips begin and end as in the city's zones" : "unless trips begin or end on counted roads");
  for (std::size_t i = 0; i < std::min(kShown, sets.size()); ++i)
    fmt::print("contradiction: {}\n", clean_text(describe(sets[i], f.contradicted, f.places, f.hours), 430));
  if (sets.size() > kShown)
    fmt::print("contradiction: and {} more; --html and --json list them\n", sets.size() - kShown);
}

json in_english(std::vector<bilingual> const& all) {
  json out = json::array();
  for (bilingual const& b : all) out.push_back(b.en);
  return out;
}

json capacity_json(network_findings const& f) {
  json out = json::array();
  for (beyond_capacity const& b : f.carried.beyond) {
    counted_hour const& h = f.hours[b.hour];
    out.push_back({{"site", f.places[h.place].name},
                   {"begin_s", h.begin_s},
                   {"flow_veh_per_h", h.flow_veh_per_h},
                   {"carried_veh_per_h", b.carried},
                   {"limit", to_text(b.limit)}});
  }
  return out;
}

json contradictions_json(network_findings const& f) {
  auto const sites = [&](std::vector<std::uint32_t> const& hours) {
    json list = json::array();
    for (std::uint32_t const h : hours)
      list.push_back({{"site", f.places[f.hours[h].place].name}, {"flow_veh_per_h", f.hours[h].flow_veh_per_h}});
    return list;
  };
  json out = json::array();
  for (contradiction const& c : f.contradicted) {
    out.push_back({{"begin_s", c.begin_s},
                   {"more", sites(c.more)},
                   {"least_veh_per_h", c.least},
                   {"fewer", sites(c.less)},
                   {"roads", in_english(c.cut)},
                   {"most_veh_per_h", c.most}});
  }
  return out;
}

void print_json(loaded_counts const& c, network const* net, network_findings const& found) {
  json days = json::array(), sites = json::array(), files = json::array();
  for (day_verdict const& d : c.quality.days) {
    detector_key const& k = c.catalog.key(d.detector);
    days.push_back({{"source", k.source},
                    {"site", k.site},
                    {"direction", k.direction},
                    {"vclass", k.vclass},
                    {"index", k.index},
                    {"lane", k.lane},
                    {"day", to_text(date_of(d.day))},
                    {"verdict", to_text(d.verdict)},
                    {"reason", d.reason.en},
                    {"period_s", d.period_ms / 1000.0},
                    {"samples", d.samples},
                    {"expected", d.expected},
                    {"total", d.total},
                    {"z", finite(d.z)}});
  }
  for (site_match const& m : c.matches) {
    sites.push_back({{"source", m.source},
                     {"site", m.site},
                     {"direction", m.direction},
                     {"edge", m.edge ? json(net->edges.name[*m.edge]) : json(nullptr)},
                     {"lanes", m.lanes},
                     {"pos_m", finite(m.pos_m)},
                     {"confidence", m.confidence},
                     {"how", m.how},
                     {"doubt", m.doubt.en}});
  }
  for (read_report const& r : c.files) {
    files.push_back({{"file", r.file.string()},
                     {"kind", r.kind},
                     {"records", r.records},
                     {"first", when(r.first_ms)},
                     {"last", when(r.last_ms)},
                     {"null", r.nulls},
                     {"impossible", r.out_of_range},
                     {"faulty", r.supplier_errors},
                     {"clock_repeated", r.clock_repeated},
                     {"clock_missing", r.clock_missing}});
  }
  json const j = {{"time_zone", c.time_zone},
                  {"files", files},
                  {"days", days},
                  {"sites", sites},
                  {"alarms", in_english(c.quality.alarms)},
                  {"roads", in_english(found.roads)},
                  {"beyond_capacity", capacity_json(found)},
                  {"contradictions", contradictions_json(found)},
                  {"duplicates", c.quality.duplicates},
                  {"conflicts", c.quality.conflicts}};
  fmt::print("{}\n", gemeo::print_json(j));
}

// People name the same file twice; what they read must not be lost for what they write.
void refuse_output_over_input(counts_arguments const& a) {
  std::vector<std::string> inputs = a.files;
  for (std::string const* file : {&a.mapping, &a.network, &a.detectors, &a.matches}) inputs.push_back(*file);
  std::error_code ec;
  for (auto const& [option, output] : {std::pair("--html", a.html), {"--matches-out", a.matches_out}}) {
    for (std::string const& input : inputs) {
      if (!output.empty() && !input.empty() && fs::equivalent(output, input, ec))
        throw_usage(fmt::format("{} {}: is one of the files that are read", option, output), "name another file");
    }
  }
  if (a.html.empty() || a.matches_out.empty()) return;
  auto const real = [&](std::string const& name) { return fs::weakly_canonical(fs::absolute(name), ec); };
  if (real(a.html) == real(a.matches_out))
    throw_usage(fmt::format("--html and --matches-out are both {}", a.html), "name another file");
}

network_findings findings_of(loaded_counts& c, series_request const& r, counts_arguments const& a) {
  stage_line line;
  signal_scope const signals(signal_scope::role::kParent);
  return check_network(c, r, a.network, [&] {
    line.show("holding counts against the network");
    return stop_signals() > 0;
  });
}

int run_check(counts_arguments const& a) {
  check_page_options page;
  if (a.page_language != "en" && a.page_language != "pt")
    throw_usage(fmt::format("--language {}: not known", a.page_language), "en or pt");
  page.first = a.page_language == "pt" ? language::kPortuguese : language::kEnglish;
  refuse_output_over_input(a);
  series_request r;
  for (std::string const& f : a.files) r.files.emplace_back(f);
  r.reading = reading_of(a);
  r.time_zone = a.time_zone;
  r.detectors = a.detectors;
  r.matches = a.matches;
  if (!a.matches_out.empty() && a.network.empty())
    throw_usage("--matches-out needs a network", "--network NET.net.xml");
  if (!a.network.empty()) r.net = read_network(a.network);
  loaded_counts c = load_counts(r);
  network_findings const found = r.net ? findings_of(c, r, a) : network_findings{};
  if (found.stopped) {
    say("gemeo: interrupted; nothing was written\n");
    return 1;
  }
  if (!a.matches_out.empty()) write_matches(a.matches_out, c.matches, *r.net);
  if (!a.html.empty()) write_text_file(a.html, check_page_html(c, r.net.get(), found, page));
  if (a.as_json) {
    print_json(c, r.net.get(), found);
    return 0;
  }
  print_files(c.files);
  if (c.quality.days.empty()) {
    fmt::print("no counts\n");
    return 0;
  }
  print_table(c, r.net.get(), a.all_days);
  print_doubts(c, a);
  print_network(found);
  print_contradictions(found);
  for (bilingual const& alarm : c.quality.alarms) fmt::print("alarm: {}\n", clean_text(alarm.en));
  return 0;
}

std::int64_t now_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

int run_import(counts_arguments const& a) {
  std::int64_t received = now_ms();
  if (!a.received.empty()) {
    auto const t = utc_ms_of_iso(a.received);
    if (!t) throw_usage(fmt::format("--received {}: not a time with its offset", a.received), "2024-11-04T07:15:00Z");
    received = *t;
  }
  read_options const o = reading_of(a);
  count_catalog catalog;
  count_store_writer store(a.store, received);
  std::vector<read_report> files;
  for (std::string const& f : a.files) {
    files.push_back(read_counts(f, o, catalog, [&](std::span<count_record const> b) { store.add(catalog, b); }));
  }
  import_report const r = store.finish(catalog);
  if (a.as_json) {
    json const j = {{"store", a.store}, {"added", r.added}, {"known", r.known}, {"corrections", r.corrections}};
    fmt::print("{}\n", gemeo::print_json(j));
    return 0;
  }
  print_files(files);
  fmt::print("{}: {} records added, {} of them corrections; {} were there already\n", a.store, r.added, r.corrections,
             r.known);
  return 0;
}

int run_info(counts_arguments const& a) {
  store_summary const s = summarise_store(a.store);
  std::map<std::string, std::set<std::string>> sites;
  count_catalog catalog;
  read_store(a.store, 0, 0, catalog, [](std::span<count_record const>) {});
  for (std::uint32_t i = 0; i < catalog.size(); ++i) sites[catalog.key(i).source].insert(catalog.key(i).site);
  auto const bytes = fs::file_size(a.store);
  if (a.as_json) {
    json j = {{"store", a.store},   {"records", s.records},      {"series", s.series},
              {"blocks", s.blocks}, {"first", when(s.first_ms)}, {"last", when(s.last_ms)},
              {"bytes", bytes},     {"sources", json::object()}};
    for (auto const& [source, names] : sites) j["sources"][source] = names.size();
    fmt::print("{}\n", gemeo::print_json(j));
    return 0;
  }
  fmt::print("{}\n  {:<10} {} in {} blocks, {} bytes ({:.1f} a record)\n  {:<10} {} to {}\n  {:<10} {}\n", a.store,
             "records", s.records, s.blocks, bytes,
             s.records > 0 ? static_cast<double>(bytes) / static_cast<double>(s.records) : 0.0, "begins",
             when(s.first_ms), when(s.last_ms), "detectors", s.series);
  for (auto const& [source, names] : sites) fmt::print("  {:<10} {}: {} sites\n", "source", source, names.size());
  return 0;
}

}  // namespace

action setup_counts(option_set const& app) {
  auto a = std::make_shared<counts_arguments>();
  option_set const check = app.add_verb("check", "say of each detector and day whether its counts may be believed");
  check.add("files", a->files, "CSV, DATEX II, NGSI TrafficFlowObserved, SUMO's loop output or edge data, or a store")
      .required()
      .type("FILE...");
  add_reading(check, *a);
  check.add("--network", a->network, "place the detectors on this network").type("NET");
  check
      .add("--detectors", a->detectors,
           "where they lie: SUMO's additional file, or CSV (id, edge, lane, pos_m; or id, lat, lon, heading_deg)")
      .type("FILE");
  check.add("--matches", a->matches, "confirmed places, as --matches-out wrote them").type("M.csv");
  check.add("--matches-out", a->matches_out, "write places and doubts for confirmation").type("M.csv");
  check.add("--html", a->html, "write a page with each detector's flow and verdicts").type("OUT.html");
  check.add("--language", a->page_language, "of the page that is shown first; it holds both: en, pt")
      .show_default()
      .type("WORD");
  check.add_flag("--days", a->all_days, "list every day that is not good");
  check.add_flag("--json", a->as_json, "one JSON object on standard output");

  option_set const adding =
      app.add_verb("import", "add counts to a store (HDF5); what is there already is not added twice");
  adding.add("files", a->files, "as for check").required().type("FILE...");
  adding.add("-o,--output", a->store, "the store; made when it is not there").required().type("STORE.h5");
  add_reading(adding, *a);
  adding.add("--received", a->received, "when they came, where the files do not say it; default: now").type("TIME");
  adding.add_flag("--json", a->as_json, "one JSON object on standard output");

  option_set const info = app.add_verb("info", "say what a store holds");
  info.add("store", a->store, "a store").required().type("STORE.h5");
  info.add_flag("--json", a->as_json, "one JSON object on standard output");
  return [a, check, adding]() -> int {
    return check.chosen() ? run_check(*a) : adding.chosen() ? run_import(*a) : run_info(*a);
  };
}

}  // namespace gemeo::cli
