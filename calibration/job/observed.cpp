#include "calibration/job/observed.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "calibration/counts/same_road.h"
#include "calibration/counts/site_totals.h"
#include "calibration/counts/time_text.h"
#include "sim/core/error.h"
#include "sim/core/hash.h"
#include "sim/core/random.h"

namespace gemeo {

namespace {

constexpr std::size_t kMostDays = 4000;
constexpr std::size_t kAlarmsSaid = 2;
constexpr double kFreeOfFastest = 0.8, kFastest = 0.9;  // of the speed that so many periods do not reach
constexpr double kLeastVehicles = 100, kShortest_m = 4, kLongest_m = 15;

double mean_of(std::vector<double> const& v) {
  double sum = 0;
  std::size_t n = 0;
  for (double const x : v) {
    if (std::isnan(x)) continue;
    sum += x;
    ++n;
  }
  return n == 0 ? std::nan("") : sum / static_cast<double>(n);
}

std::int32_t day_in(std::string const& text, std::string const& key) {
  auto const d = scan_iso(text);
  if (!d || !d->date || d->time_s)
    throw_input(key, fmt::format("'{}' is no date", text), "\"2024-11-04\", or \"2024-11-04..2024-11-15\"");
  return static_cast<std::int32_t>(days_of(*d->date));
}

bool of_type(std::int32_t day, std::string const& type) {
  int const weekday = weekday_of(day);
  if (type == "weekday") return weekday < 5;
  if (type == "saturday") return weekday == 5;
  return type != "sunday" || weekday == 6;
}

std::string name_of_site(detector_key const& k) { return k.direction.empty() ? k.site : k.site + " " + k.direction; }

bilingual shown(std::vector<std::string> const& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size() && i < 8; ++i) out += (i == 0 ? "" : ", ") + names[i];
  return names.size() > 8 ? in_both("{} and {} more", "{} e mais {}", out, names.size() - 8) : same_in_both(out);
}

series_request request_of(calibration_job const& job, std::shared_ptr<network const> const& net, city const* town,
                          double begin_s, double end_s) {
  series_request r;
  r.files = job.files;
  if (r.files.empty() && town != nullptr && !town->counts.empty()) r.files = {town->counts};
  if (r.files.empty())
    throw_input(job.file.string(), "there are no counts to calibrate by", "name them: [counts] files = [\"...\"]");
  if (!job.mapping.empty()) r.reading.mapping = std::make_shared<csv_mapping const>(read_mapping(job.mapping));
  r.net = net;
  r.detectors = !job.detectors.empty() ? job.detectors : town != nullptr ? town->detectors : "";
  r.matches = job.matches;
  r.time_zone = !job.counts.time_zone.empty() ? job.counts.time_zone : town != nullptr ? town->time_zone : "";
  r.begin_s = job.counts.begin ? job.counts.begin->s : begin_s;
  r.end_s = job.counts.end ? job.counts.end->s : end_s;
  return r;
}

// Stations that follow each other on roads without a name: one's edge leads straight into the other's.
class corridor_finder {
 public:
  corridor_finder(network const& net, std::vector<count_station>& stations) : net_(net), stations_(stations) {
    root_.resize(stations.size());
    std::iota(root_.begin(), root_.end(), std::size_t{0});
  }
  void find() {
    for (std::size_t i = 0; i < stations_.size(); ++i) {
      for (std::size_t k = 0; k < i; ++k) {
        if (together(stations_[i].edge, stations_[k].edge)) join(i, k);
      }
    }
    for (std::size_t i = 0; i < stations_.size(); ++i) {
      std::string const& road = net_.edges.road_name[stations_[of(i)].edge];
      stations_[i].corridor = road.empty() ? "by " + stations_[of(i)].name : road;
    }
  }

 private:
  [[nodiscard]] bool together(edge_id a, edge_id b) const {
    std::string const &x = net_.edges.road_name[a], &y = net_.edges.road_name[b];
    if (!x.empty() || !y.empty()) return x == y;
    return a == b || leads(a, b) || leads(b, a);
  }
  [[nodiscard]] bool leads(edge_id a, edge_id b) const {
    auto const next = net_.successors(a);
    return std::find(next.begin(), next.end(), b) != next.end();
  }
  std::size_t of(std::size_t i) {
    while (root_[i] != i) i = root_[i] = root_[root_[i]];
    return i;
  }
  void join(std::size_t a, std::size_t b) {
    std::size_t const x = of(a), y = of(b);
    root_[std::max(x, y)] = std::min(x, y);
  }
  network const& net_;
  std::vector<count_station>& stations_;
  std::vector<std::size_t> root_;
};

class gatherer {
 public:
  gatherer(calibration_job const& job, network const& net, double vehicle_m)
      : job_(job),
        net_(net),
        vehicle_m_(vehicle_m),
        held_out_(parse_days(job.counts.held_out_days, "[counts] held_out_days")),
        wanted_(parse_days(job.counts.days, "[counts] days")) {
    for (std::int32_t const d : held_out_) {
      if (std::binary_search(wanted_.begin(), wanted_.end(), d))
        throw_input(job.file.string(), fmt::format("{} is to be fitted and held out", to_text(date_of(d))),
                    "[counts] days and held_out_days share no day");
    }
  }

  observed_counts gather(count_series const& s, std::vector<std::string> without_total) {
    std::vector<detector_series const*> used;
    for (detector_series const& d : s.detectors) {
      std::string const name = name_of_site(d.key);
      if (!d.match.edge) {
        nowhere_.push_back(name);
      } else if (d.match.part_of_road) {
        parts_.push_back(name);
      } else if (d.match.confidence < kSureMatch && !job_.counts.use_doubtful_places) {
        doubtful_.push_back(name);
      } else {
        used.push_back(&d);
      }
    }
    find_days(used);
    std::stable_sort(used.begin(), used.end(), [](detector_series const* a, detector_series const* b) {
      return name_of_site(a->key) < name_of_site(b->key);
    });
    for (detector_series const* d : used) add(*d);
    note({"have no place on the network", "não têm lugar na rede"}, nowhere_);
    note({"count a part of their road, and nobody says which lanes (gemeo counts check --matches takes them)",
          "contam parte da sua via, e ninguém diz quais das vias de trânsito (recebe-as gemeo counts check --matches)"},
         parts_);
    note({"have a doubtful place (gemeo counts check --matches shows and confirms it)",
          "têm um lugar duvidoso (mostra-o e confirma-o gemeo counts check --matches)"},
         doubtful_);
    note({"give no total of all vehicles", "não dão o total de todos os veículos"}, without_total);
    note({"have no count in the window that may be believed", "não têm, no período, contagens em que se possa confiar"},
         silent_);
    return std::move(out_);
  }

 private:
  [[nodiscard]] bool held_out(std::int32_t day) const {
    return std::binary_search(held_out_.begin(), held_out_.end(), day) && of_type(day, job_.counts.day_type);
  }
  [[nodiscard]] bool fitted(std::int32_t day) const {
    bool const named = wanted_.empty() ? !std::binary_search(held_out_.begin(), held_out_.end(), day)
                                       : std::binary_search(wanted_.begin(), wanted_.end(), day);
    return named && of_type(day, job_.counts.day_type);
  }
  static bool believed(detector_series const& d, std::size_t i) { return d.ok[i] != 0 && !std::isnan(d.count[i]); }

  void find_days(std::vector<detector_series const*> const& used) {
    std::set<std::int32_t> days, held;
    for (detector_series const* d : used) {
      for (std::size_t i = 0; i < d->size(); ++i) {
        if (!believed(*d, i)) continue;
        if (fitted(d->day[i])) days.insert(d->day[i]);
        if (held_out(d->day[i])) held.insert(d->day[i]);
      }
    }
    out_.days.assign(days.begin(), days.end());
    out_.held_out_days.assign(held.begin(), held.end());
  }

  // Of vehicles and loop together, as occupancies of free flow say where speeds and counts are told, too: occupancy x
  // speed / flow (Jia, Chen, Coifman and Varaiya 2001, as in counts/balance.h). Loops are set differently, and an
  // occupancy of 20 % is a jam of cars or free flow of what a loop sees as 9 m long. NaN: too little is told.
  [[nodiscard]] static double told_length_m(detector_series const& d) {
    std::vector<float> speeds;
    auto const known = [&](std::size_t i) {
      return believed(d, i) && d.occ_frac[i] > 0 && d.speed_kmh[i] > 0 && d.count[i] > 0;
    };
    for (std::size_t i = 0; i < d.size(); ++i) {
      if (known(i)) speeds.push_back(d.speed_kmh[i]);
    }
    if (speeds.empty()) return std::nan("");
    auto const fast = speeds.begin() + static_cast<std::ptrdiff_t>(kFastest * static_cast<double>(speeds.size() - 1));
    std::nth_element(speeds.begin(), fast, speeds.end());
    double covered_s = 0, per_metre_s = 0, vehicles = 0;
    for (std::size_t i = 0; i < d.size(); ++i) {
      if (!known(i) || d.speed_kmh[i] < kFreeOfFastest * static_cast<double>(*fast)) continue;
      auto const n = static_cast<double>(d.count[i]);
      covered_s += static_cast<double>(d.occ_frac[i]) * (d.end_s[i] - d.begin_s[i]) * lanes_of(d);
      per_metre_s += n * 3.6 / static_cast<double>(d.speed_kmh[i]);
      vehicles += n;
    }
    double const length = covered_s / per_metre_s;
    return vehicles >= kLeastVehicles && length >= kShortest_m && length <= kLongest_m ? length : std::nan("");
  }
  static double lanes_of(detector_series const& d) {
    return static_cast<double>(std::max<std::size_t>(1, d.lanes.size()));
  }

  // Of a lane's cross-section, as SUMO's loops without a length tell it; from speeds where only those are said, as the
  // part of the time that so many vehicles take to pass. NaN: neither.
  [[nodiscard]] double occupancy_of(detector_series const& d, std::size_t i, double length_m) const {
    if (!std::isnan(d.occ_frac[i])) return std::min(1.0, static_cast<double>(d.occ_frac[i]) * vehicle_m_ / length_m);
    double const speed = static_cast<double>(d.speed_kmh[i]) / 3.6;
    if (std::isnan(speed) || speed <= 0) return std::nan("");
    return std::min(1.0,
                    static_cast<double>(d.count[i]) * vehicle_m_ / (speed * (d.end_s[i] - d.begin_s[i]) * lanes_of(d)));
  }

  void add(detector_series const& d) {
    std::map<std::pair<double, double>, observed_period> found;
    std::map<std::pair<double, double>, std::vector<double>> occupancies;
    double const told_m = told_length_m(d);
    double const length_m = std::isnan(told_m) ? vehicle_m_ + job_.counts.loop_length_m : told_m;
    auto const place = [](std::vector<std::int32_t> const& days, std::int32_t day) {
      return static_cast<std::size_t>(std::lower_bound(days.begin(), days.end(), day) - days.begin());
    };
    for (std::size_t i = 0; i < d.size(); ++i) {
      bool const fit = fitted(d.day[i]);
      if (!believed(d, i) || (!fit && !held_out(d.day[i]))) continue;
      observed_period& p = found[{d.begin_s[i], d.end_s[i]}];
      if (p.by_day.empty() && p.by_held_out_day.empty()) {
        p.by_day.assign(out_.days.size(), std::nan(""));
        p.by_held_out_day.assign(out_.held_out_days.size(), std::nan(""));
      }
      auto& into = fit ? p.by_day[place(out_.days, d.day[i])] : p.by_held_out_day[place(out_.held_out_days, d.day[i])];
      into = static_cast<double>(d.count[i]);
      if (fit && job_.counts.occupancies)
        occupancies[{d.begin_s[i], d.end_s[i]}].push_back(occupancy_of(d, i, length_m));
    }
    for (auto const& [when, all] : occupancies) {
      double const mean = mean_of(all);
      if (!std::isnan(mean)) found[when].occupancy = mean;
    }
    bool const any =
        std::any_of(found.begin(), found.end(), [](auto const& f) { return !std::isnan(f.second.mean()); });
    if (!any) {
      silent_.push_back(name_of_site(d.key));
      return;
    }
    count_station s;
    s.name = name_of_site(d.key);
    s.edge = *d.match.edge;
    if (std::isfinite(d.match.pos_m)) s.pos_m = d.match.pos_m;
    for (std::uint32_t const lane : d.lanes) s.lanes.emplace_back(net_.edges.lanes[s.edge].begin + lane);
    for (auto& [when, p] : found) {
      p.station = static_cast<std::uint32_t>(out_.stations.size());
      p.begin_s = when.first;
      p.end_s = when.second;
      out_.periods.push_back(std::move(p));
    }
    out_.stations.push_back(std::move(s));
  }

  void note(phrase const& what, std::vector<std::string> const& names) {
    if (!names.empty())
      out_.notes.push_back(in_both("{} stations {}: {}", "{} postos {}: {}", names.size(), what, shown(names)));
  }

  calibration_job const& job_;
  network const& net_;
  double vehicle_m_;
  std::vector<std::int32_t> held_out_, wanted_;
  std::vector<std::string> nowhere_, parts_, doubtful_, silent_;
  observed_counts out_;
};

}  // namespace

double observed_period::mean() const { return mean_of(by_day); }
double observed_period::held_out_mean() const { return mean_of(by_held_out_day); }

double observed_period::variance_of_mean() const {
  double const m = mean();
  double squares = 0, n = 0;
  for (double const x : by_day) {
    if (std::isnan(x)) continue;
    squares += (x - m) * (x - m);
    n += 1;
  }
  return n < 2 ? 0 : std::max(0.0, squares / (n - 1) - m) / n;
}

std::vector<std::int32_t> parse_days(std::vector<std::string> const& texts, std::string const& key) {
  std::set<std::int32_t> out;
  for (std::string const& t : texts) {
    std::size_t const dots = t.find("..");
    std::int32_t const first = day_in(t.substr(0, dots), key),
                       last = dots == std::string::npos ? first : day_in(t.substr(dots + 2), key);
    if (last < first) throw_input(key, fmt::format("'{}' ends before it begins", t), "the earlier day first");
    if (static_cast<std::size_t>(last - first) > kMostDays)
      throw_input(key, fmt::format("'{}' is longer than {} days", t, kMostDays), "name the days that were counted");
    for (std::int32_t d = first; d <= last; ++d) out.insert(d);
  }
  return {out.begin(), out.end()};
}

observed_counts observe(calibration_job const& job, std::shared_ptr<network const> const& net, city const* town,
                        double begin_s, double end_s, double vehicle_m) {
  gatherer g(job, *net, vehicle_m);
  count_series const all = load_series(request_of(job, net, town, begin_s, end_s));
  std::vector<std::string> without_total;
  count_series totals = site_totals(all, &without_total);
  std::vector<bilingual> const roads = settle_same_roads(totals, *net);
  observed_counts out = g.gather(totals, without_total);
  out.notes.insert(out.notes.end(), roads.begin(), roads.end());
  for (std::size_t i = 0; i < all.alarms.size() && i < kAlarmsSaid; ++i) out.notes.push_back(all.alarms[i]);
  if (all.alarms.size() > kAlarmsSaid)
    out.notes.push_back(in_both("{} more such findings in the counts: gemeo counts check lists them",
                                "mais {} avisos destes nas contagens: enumera-os gemeo counts check",
                                all.alarms.size() - kAlarmsSaid));
  if (out.stations.empty()) {
    std::string why;
    for (bilingual const& n : out.notes) why += (why.empty() ? "" : "; ") + n.en;
    throw_input(job.file.string(), fmt::format("{} to calibrate by{}", kNoCount, why.empty() ? "" : ": " + why),
                "look at days, day_type, begin and end in [counts], and at gemeo counts check");
  }
  if (job.split.corridors == "road") {
    corridor_finder(*net, out.stations).find();
  } else {
    for (count_station& s : out.stations) s.corridor = s.name;
  }
  return out;
}

count_split split_stations(job_split const& s, observed_counts const& o) {
  count_split out;
  out.held_out.assign(o.stations.size(), false);
  std::map<std::string, std::vector<std::size_t>> corridors;
  for (std::size_t i = 0; i < o.stations.size(); ++i) corridors[o.stations[i].corridor].push_back(i);
  out.corridors = corridors.size();
  std::vector<std::string> names;
  for (count_station const& c : o.stations) names.push_back(c.name);
  for (std::string const& name : s.held_out) {
    auto const at = std::find(names.begin(), names.end(), name);
    if (at == names.end())
      throw_input("[split] held_out", fmt::format("there is no station '{}' with counts", name),
                  did_you_mean(name, names).empty() ? "there are " + shown(names).en : did_you_mean(name, names));
    out.held_out[static_cast<std::size_t>(at - names.begin())] = true;
  }
  if (s.held_out.empty() && s.share > 0) {
    std::vector<std::pair<std::uint64_t, std::string>> order;
    for (auto const& [name, members] : corridors)
      order.emplace_back(entity_key(entity_key(name), static_cast<std::uint64_t>(s.seed)), name);
    std::sort(order.begin(), order.end());
    double const wanted = s.share * static_cast<double>(o.stations.size());
    double held = 0;
    for (auto const& [key, name] : order) {  // a corridor comes in where that brings the share nearer
      auto const n = static_cast<double>(corridors[name].size());
      if (held + n / 2 > wanted) continue;
      for (std::size_t const i : corridors[name]) out.held_out[i] = true;
      held += n;
    }
  }
  std::size_t left = 0;
  for (auto const& [name, members] : corridors) {
    bool const any_fitted =
        std::any_of(members.begin(), members.end(), [&](std::size_t i) { return !out.held_out[i]; });
    left += any_fitted;
    out.corridors_held_out += !any_fitted;
  }
  if (left < 2)
    throw_input(
        "[split]",
        fmt::format("{} of {} corridors would be left to fit; weights need two at least", left, corridors.size()),
        "hold out fewer stations, or set split.corridors = \"station\"");
  hasher h;
  for (std::size_t i = 0; i < o.stations.size(); ++i) {
    h.add_value(entity_key(o.stations[i].name));
    h.add_value(entity_key(o.stations[i].corridor));
    h.add_value(std::uint64_t{out.held_out[i] ? 1U : 0U});
  }
  for (std::int32_t const d : o.days) h.add_value(static_cast<std::uint64_t>(d));
  h.add_value(std::uint64_t{0xFFFFFFFF});
  for (std::int32_t const d : o.held_out_days) h.add_value(static_cast<std::uint64_t>(d));
  out.hash = h.value();
  return out;
}

}  // namespace gemeo
