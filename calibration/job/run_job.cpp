#include "calibration/job/run_job.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>

#include "calibration/job/own_city.h"
#include "calibration/loop/warm_up.h"
#include "sim/core/error.h"
#include "sim/scenario/sumo_config.h"

namespace gemeo {

namespace fs = std::filesystem;

namespace {

using wall = std::chrono::steady_clock;
double since(wall::time_point t) { return std::chrono::duration<double>(wall::now() - t).count(); }

// Where drivers have routes of their own, most are taken to keep them.
route_choice choice_of_known_routes(std::size_t threads) {
  route_choice c;
  c.habits = {{.known = true, .learns = false, .taste_sd = 0, .share = 0.5},
              {.known = false, .learns = true, .taste_sd = 0.15, .share = 0.25},
              {.known = false, .learns = true, .taste_sd = 0.5, .share = 0.25}};
  c.threads = threads;
  return c;
}

// base: it begins with the warm-up.
departure_slots slots_of(calibration_job const& job, scenario const& base) {
  if (!std::isfinite(base.end_s))
    throw_input(job.base_file.string(), "names no end of its time", "say it in the job: [demand] end");
  departure_slots s;
  s.begin_s = base.begin_s + 60 * static_cast<double>(job.demand.warm_up_min);
  s.length_s = static_cast<double>(job.demand.slot_min) * 60;
  double const n = (base.end_s - s.begin_s) / s.length_s;
  if (n < 1 || n != std::floor(n))
    throw_input(job.file.string(),
                fmt::format("the departures' time of {:g} min is not a whole number of slots of {} min",
                            (base.end_s - s.begin_s) / 60, job.demand.slot_min),
                "[demand] begin, end and slot_min");
  s.count = static_cast<std::size_t>(n);
  if (s.begin_s + (s.begin_s - base.begin_s) > s.end_s())
    throw_input(job.file.string(),
                fmt::format("a warm-up of {} min repeats more than the {:g} min of departures", job.demand.warm_up_min,
                            (s.end_s() - s.begin_s) / 60),
                "[demand] warm_up_min is at most as long");
  return s;
}

compile_options compile_options_of(calibration_job const& job, std::size_t threads) {
  compile_options o;
  o.seed = static_cast<std::uint64_t>(job.fit.seed);
  o.threads = threads;
  if (job.demand.begin) o.begin_s = job.demand.begin->s;
  if (job.demand.end) o.end_s = job.demand.end->s;
  return o;
}

// The base, begun so much earlier as the warm-up takes.
compiled compile_early(calibration_outcome const& out, compile_options o) {
  compiled c = compile_scenario(out.job.base_file, o);
  if (out.warm_up_s() == 0) return c;
  o.begin_s = c.ready.begin_s - out.warm_up_s();
  if (*o.begin_s < 0)
    throw_input(out.job.file.string(),
                fmt::format("a warm-up of {} min would begin before midnight", out.job.demand.warm_up_min),
                "[demand] begin later, or warm_up_min shorter");
  return compile_scenario(out.job.base_file, o);
}

compiled compile_city(calibration_outcome& out, fs::path const& work, std::size_t threads) {
  compile_options o = compile_options_of(out.job, threads);
  if (out.job.prior.trust == "routes")
    throw_input(out.job.file.string(), "[prior] trust = \"routes\" is for SUMO scenarios",
                "a city's trips choose routes themselves; without numbers: trust = \"zones\"");
  if (out.job.prior.trust != "zones") return compile_early(out, o);
  std::shared_ptr<city const> const town = compile_scenario(out.job.base_file, o).town;
  std::string const od = od_by_gravity(*town, out.job, out.notes);
  copy_city(town->folder, work / "city");
  replace_in_city(work / "city", "od", od);
  out.own_city = true;
  o.set.push_back("city=" + fs::absolute(work / "city").string());
  return compile_early(out, o);
}

// What knows no job says which of its keys is wrong; people look for it in its file.
template <typename F>
auto in_job(fs::path const& file, F const& f) {
  try {
    return f();
  } catch (error const& e) {
    if (e.kind() != error_kind::kInput || !(e.where() == "calibration" || e.where().starts_with("["))) throw;
    throw_input(e.where() == "calibration" ? file.string() : file.string() + ": " + e.where(), e.problem(), e.hint());
  }
}

// Simulations of the result with a seed of the fit would flatter it.
void refuse_seen_seeds(calibration_job const& job) {
  std::int64_t const judges = std::max(job.judge.seeds, job.judge.prior_seeds), first = job.judge.first_seed;
  if (first >= job.fit.seed + job.fit.iterations || first + judges <= job.fit.seed) return;
  throw_input(job.file.string(),
              fmt::format("[judge] seeds {} to {} are to be those that the fit never saw, and it takes {} to {}", first,
                          first + judges - 1, job.fit.seed, job.fit.seed + job.fit.iterations - 1),
              "judge.first_seed beyond them");
}

void open_city(calibration_outcome& out, fs::path const& work, std::size_t threads) {
  compiled c = compile_city(out, work, threads);
  if (!c.report.empty())
    throw_input(
        c.report.front().where,
        fmt::format("the base of a calibration has no interventions, this one has '{}'", c.report.front().intervention),
        "calibrate the scenario below it, and let this one start from the calibrated one");
  if (c.response == route_response::kEquilibrium)
    throw_input(out.job.base_file.string(), "routes.response = \"equilibrium\" cannot be calibrated",
                "calibrate with another response; the equilibrium may start from the calibrated scenario");
  out.town = c.town;
  out.base = std::move(c.ready);
  for (std::string const& w : c.warnings) out.notes.push_back({w, {}});
  out.source = in_job(out.job.file, [&] {
    return std::make_unique<city_source>(*out.town, slots_of(out.job, out.base), out.base.ways, out.base.way_options,
                                         out.job.prior.free_flow_share);
  });
}

od_table cars_of(calibration_outcome& out) {
  od_table const all = table_of_travellers(*out.base.travellers, slots_of(out.job, out.base), *out.base.net);
  od_table kept = cars_alone(all, *out.base.net);
  auto const left = std::ranges::count(kept.fixed, true) - std::ranges::count(all.fixed, true);
  if (out.job.prior.trust == "routes" && !kept.trips.empty()) {
    double const sum = std::accumulate(kept.trips.begin(), kept.trips.end(), 0.0);
    std::fill(kept.trips.begin(), kept.trips.end(), sum / static_cast<double>(kept.trips.size()));
    out.notes.push_back(in_both("numbers of trips are not trusted: {:.0f} trips are shared out evenly among {} pairs",
                                "os números de viagens não merecem confiança: {:.0f} viagens repartem-se por igual por "
                                "{} pares",
                                sum, kept.pairs.size()));
  }
  if (left > 0)
    out.notes.push_back(in_both("{} vehicles travel as they are: no cars, or where cars have no way",
                                "{} veículos viajam como estão: não são automóveis, ou não há caminho para automóveis",
                                left));
  return kept;
}

// A SUMO scenario begins at second 0 as a rule, where nothing can be before: it is moved. What is so from its begin on
// (signals' programs) is so in the warm-up.
void begin_early(calibration_outcome& out) {
  scenario& s = out.base;
  double const by = out.warm_up_s(), first = s.begin_s;
  if (first < by) {
    auto moved = std::make_shared<demand>(*s.travellers);
    move_in_time(*moved, by);
    s.travellers = std::move(moved);
    s.end_s += by;
    out.moved_s = by;
  } else {
    s.begin_s -= by;
  }
  for (timed_command& c : s.commands) c.time_s = c.time_s <= first ? s.begin_s : c.time_s + out.moved_s;
}

void open_sumo(calibration_outcome& out, std::size_t threads) {
  if (out.job.prior.trust == "zones")
    throw_input(out.job.file.string(), "[prior] trust = \"zones\" is for cities",
                "a SUMO scenario needs routes: trust = \"routes\"");
  if (out.job.prior.free_flow_share > 0)
    throw_input(out.job.file.string(), "[prior] free_flow_share is for cities",
                "travellers of a SUMO scenario have their own routes: leave it out");
  compiled c = read_sumo_scenario(out.job.base_file, compile_options_of(out.job, threads));
  out.base = std::move(c.ready);
  for (std::string const& w : c.warnings) out.notes.push_back({w, {}});
  if (out.warm_up_s() > 0) begin_early(out);
  out.source = std::make_unique<od_source>(out.base.net, cars_of(out), choice_of_known_routes(threads));
  if (out.source->pairs() == 0)
    throw_input(out.job.base_file.string(), "has no travellers to calibrate in this time",
                "look at [demand] begin and end");
}

fit_loss loss_of(std::string const& name) {
  return name == "huber" ? fit_loss::kHuber : name == "student" ? fit_loss::kStudent : fit_loss::kSquared;
}

calibration_options options_of(calibration_outcome const& out, std::size_t threads) {
  calibration_job const& j = out.job;
  calibration_options o;
  o.simulation.engine = j.engine.name;
  o.simulation.seed = static_cast<std::uint64_t>(j.fit.seed);
  o.simulation.threads = threads;
  o.simulation.warm_up_s = out.warm_up_s();
  o.learn_routes = j.fit.learn_routes && out.town == nullptr;
  o.simulation.times = o.learn_routes;
  o.iterations = static_cast<std::size_t>(j.fit.iterations);
  o.choose_weights_every = static_cast<std::size_t>(j.fit.choose_weights_every);
  o.folds.folds = static_cast<std::size_t>(j.fit.folds);
  o.fit.loss = loss_of(j.fit.loss);
  o.prior.log_sd = j.prior.spread(j.prior.log_sd, 0.5, 1);
  o.prior.floor_trips = j.prior.floor_trips;
  o.prior.origin_log_sd = j.prior.spread(j.prior.origin_log_sd, 0.3, 0.6);
  o.prior.destination_log_sd = j.prior.spread(j.prior.destination_log_sd, 0.3, 0.6);
  o.prior.slot_log_sd = j.prior.spread(j.prior.slot_log_sd, 0.15, 0.5);
  o.prior.habit_log_sd = j.prior.habit_log_sd;
  o.prior.structure = j.prior.structure && j.prior.trust == "numbers";
  o.prior.most_factor = j.prior.most_factor;
  return o;
}

class job_runner {
 public:
  job_runner(calibration_job const& job, fs::path work, std::size_t threads, job_observer const& observer,
             stop_function const& stop)
      : work_(std::move(work)), threads_(threads), observer_(observer), stop_(stop) {
    out_.job = job;
  }

  calibration_outcome run() {
    auto const began = wall::now();
    refuse_seen_seeds(out_.job);
    show("reading");
    open();
    // A wrong file is told before the fit, not an hour later.
    if (!out_.job.journeys_file.empty()) journeys_.emplace(out_, out_.notes);
    if (observer_.split_made) observer_.split_made(out_);
    fit();
    if (out_.job.fit.refits > 0 && out_.fit.problem)
      seen_.emplace(out_.source->slots(), out_.source->streams(), assignment_options{.warm_up_s = out_.warm_up_s()});
    if (!out_.stopped && out_.job.supply.wanted()) tune_supply();
    if (!out_.stopped && !journeys_) journeys_.emplace(out_, out_.notes);
    if (!out_.stopped) judge(out_.fit.trips, out_.job.judge.seeds, out_.judges);
    if (!out_.stopped && seen_) find_members();
    if (!out_.stopped) judge(prior(), out_.job.judge.prior_seeds, out_.prior_runs);
    if (!out_.stopped) {
      score_judged(out_);
      count_unobserved();
      out_.journeys = journeys_->take();
    }
    out_.wall_s = since(began);
    return std::move(out_);
  }

 private:
  void open() {
    bool const of_sumo = is_sumo_config(out_.job.base_file);
    if (!of_sumo && out_.job.demand.starts_at.s != 0)
      throw_input(out_.job.file.string(), "[demand] starts_at is for SUMO scenarios",
                  "a city's scenario has the clock's own times");
    if (of_sumo) {
      open_sumo(out_, threads_);
    } else {
      open_city(out_, work_, threads_);
    }
    double const offset = out_.clock_offset_s(), first = out_.source->slots().begin_s;
    driver_headway const usual = out_.base.travellers ? mean_headway(*out_.base.travellers) : driver_headway{};
    out_.observed =
        observe(out_.job, out_.base.net, out_.town.get(), first + offset, out_.base.end_s + offset, usual.length_m);
    for (bilingual const& n : out_.observed.notes) out_.notes.push_back(n);
    for (observed_period const& p : out_.observed.periods) {
      out_.counts.push_back(
          {p.station, p.begin_s - offset, p.end_s - offset, p.mean(), p.variance_of_mean(), p.occupancy});
      if (out_.counts.back().begin_s < first || out_.counts.back().end_s > out_.base.end_s)
        throw_input(out_.job.file.string(),
                    fmt::format("station '{}' counts from {:g} s to {:g} s, which is not simulated",
                                out_.observed.stations[p.station].name, p.begin_s, p.end_s),
                    "[counts] begin and end lie within those of [demand]");
    }
    out_.split = in_job(out_.job.file, [&] { return split_stations(out_.job.split, out_.observed); });
    out_.capacity = find_beyond_capacity(out_.base, ends_of_trips(out_.base, out_.town.get(), *out_.source),
                                         out_.observed, out_.split.held_out, out_.job.counts.saturation_flow, [this] {
                                           show("holding counts against the network");
                                           return stop_ && stop_();
                                         });
  }

  void fit() {
    calibration_input in{out_.base, out_.observed.stations, {}, {}};
    for (std::size_t i = 0; i < out_.counts.size(); ++i) {
      if (out_.is_fitted(i)) in.fitted.push_back(out_.counts[i]);
    }
    fitted_ = in.fitted;
    calibration_options o = options_of(out_, threads_);
    if (out_.supply.taken) o.drivers = [this](demand& d) { apply_supply(d, out_.supply.kept, out_.base.step_s); };
    if (out_.job.fit.within_roads) {
      show("measuring what lanes carry");
      demand who = out_.source->draw(prior(), o.simulation.seed).who;
      if (o.drivers) o.drivers(who);
      out_.roads = bounds_of_roads(out_.base, who, out_.job.counts.saturation_flow, out_.job.engine.name, stop_);
      in.roads = out_.roads.limits;
    }
    out_.fit = calibrate(
        *out_.source, in, o, [&](calibration_iterate const& i) { tell("fitting", &i); }, stop_);
    out_.stopped = out_.fit.stopped;
  }

  void tune_supply() {
    if (out_.fit.folds.fold.size() != fitted_.size())
      throw_input(out_.job.file.string(), "[supply] needs a fit of the demand, and fit.iterations is 1",
                  "fit.iterations = 2 at least");
    simulation_request const r{.engine = out_.job.engine.name,
                               .seed = static_cast<std::uint64_t>(out_.job.fit.seed),
                               .threads = threads_,
                               .times = false,
                               .warm_up_s = out_.warm_up_s()};
    variance_model const weigh;
    job_supply const searched =
        within_ticks(out_.job.supply, out_.source->draw(out_.fit.wished, r.seed).who, out_.base.step_s, out_.notes);
    if (!searched.wanted()) return;
    out_.supply = fit_supply(searched, r.seed, out_.fit.folds.fold, [&](supply_factors const& f) {
      drawn_trips trips = out_.source->draw(out_.fit.wished, r.seed);
      apply_supply(trips.who, f, out_.base.step_s);
      simulated const s =
          simulate_trips(out_.base, out_.observed.stations, std::move(trips), out_.fit.trips.size(), r, stop_);
      std::vector<double> errors;
      if (!s.complete) return errors;
      std::vector<double> const n = counted_in(s, fitted_);
      for (std::size_t i = 0; i < n.size(); ++i) errors.push_back(misfit_of(fitted_[i], n[i], weigh));
      tell("supply");
      return errors;
    });
    out_.stopped = out_.supply.trials.empty() || !std::isfinite(out_.supply.trials.back().error);
    if (out_.stopped || !out_.supply.taken) return;
    fit();
    if (out_.stopped || out_.town == nullptr) return;
    if (!out_.own_city) copy_city(out_.town->folder, work_ / "city");
    replace_in_city(work_ / "city", "vtypes", vtypes_with(*out_.town, out_.supply.kept, out_.base.step_s));
    out_.own_city = true;
  }

  void find_members() {
    fit_options f = options_of(out_, threads_).fit;
    for (calibration_iterate const& i : out_.fit.iterates) {
      if (i.number < out_.fit.iterates.size()) f.weights = i.weights;
    }
    f.stop = stop_;
    out_.members = gemeo::find_members(out_, *seen_, f, threads_);
    seen_.reset();
    out_.stopped = stop_ && stop_();
  }

  // As the base is without a calibration.
  [[nodiscard]] std::vector<double> prior() const {
    if (auto const* const of_city = dynamic_cast<city_source const*>(out_.source.get())) return of_city->as_base();
    return {out_.source->prior().begin(), out_.source->prior().end()};
  }

  void judge(std::vector<double> const& trips, std::int64_t seeds, std::vector<judged_run>& into) {
    for (std::int64_t i = 0; i < seeds; ++i) {
      auto const began = wall::now();
      simulation_request r{.engine = out_.job.engine.name,
                           .seed = static_cast<std::uint64_t>(out_.job.judge.first_seed + i),
                           .threads = threads_,
                           .times = journeys_->wanted(),
                           .warm_up_s = out_.warm_up_s()};
      drawn_trips drawn = out_.source->draw(trips, r.seed);
      if (&into == &out_.judges) apply_supply(drawn.who, out_.supply.kept, out_.base.step_s);
      simulated s = simulate_trips(out_.base, out_.observed.stations, std::move(drawn), trips.size(), r, stop_);
      if (!s.complete) {
        out_.stopped = true;
        return;
      }
      into.push_back({r.seed, counted_in(s, out_.counts), s.trips, s.arrived, s.never_inserted, s.teleports,
                      s.mean_duration_s, s.mean_time_loss_s, since(began)});
      if (journeys_->wanted()) journeys_->add(s.times, &into == &out_.prior_runs);
      if (seen_) seen_->add(std::move(s));
      tell("judging");
    }
  }

  void count_unobserved() {
    std::size_t const slots = out_.source->slots().count;
    std::map<std::uint32_t, std::size_t> unseen;  // pairs, and how many of their streams
    for (std::uint32_t const stream : out_.fit.findings.unobserved_pairs) ++unseen[out_.source->pair_of(stream)];
    std::size_t const each = out_.source->streams() / out_.source->pairs();
    std::vector<double> const trips = trips_of_pairs(*out_.source, out_.fit.trips);
    for (auto const& [pair, streams] : unseen) {
      if (streams < each) continue;
      ++out_.pairs_unobserved;
      for (std::size_t s = 0; s < slots; ++s) out_.trips_unobserved += trips[pair * slots + s];
    }
  }

  // A simulation more is done.
  void tell(char const* stage, calibration_iterate const* iterate = nullptr) {
    ++done_;
    show(stage, iterate);
  }

  void show(char const* stage, calibration_iterate const* iterate = nullptr) {
    if (!observer_.progress) return;
    calibration_job const& j = out_.job;
    observer_.progress({stage, done_,
                        static_cast<std::size_t>(j.fit.iterations + j.judge.seeds + j.judge.prior_seeds +
                                                 (j.supply.wanted() ? j.supply.evaluations + 1 : 0) +
                                                 (out_.supply.taken ? j.fit.iterations : 0)),
                        iterate});
  }

  fs::path work_;
  std::vector<station_count> fitted_;
  std::size_t threads_;
  std::optional<journey_meter> journeys_;
  std::optional<assignment> seen_;  // the calibrated demand's simulations, where members are wanted
  job_observer const& observer_;
  stop_function const& stop_;
  std::size_t done_ = 0;
  calibration_outcome out_;
};

}  // namespace

bool calibration_outcome::is_scored(std::size_t period) const {
  return job.counts.beyond_capacity != "leave_out" || !capacity.beyond[period];
}

bool calibration_outcome::is_fitted(std::size_t period) const {
  return !split.held_out[observed.periods[period].station] && std::isfinite(counts[period].count) &&
         (job.counts.beyond_capacity == "fit" || !capacity.not_fitted[period]);
}

std::string calibration_outcome::road_name(full_road const& r) const {
  auto const& names = base.net->edges.name;
  return r.to.valid() ? names[r.edge] + " > " + names[r.to] : names[r.edge];
}

double calibration_outcome::free_flow_share() const {
  if (town == nullptr || job.prior.free_flow_share == 0) return std::nan("");
  double by_free_flow = 0, all = 0;
  for (std::size_t c = 0; c < fit.trips.size(); ++c) {
    all += fit.trips[c];
    if (source->habit_of(c / source->slots().count) != 0) by_free_flow += fit.trips[c];
  }
  return all > 0 ? by_free_flow / all : 0;
}

std::vector<double> calibration_outcome::mean_simulated(std::vector<judged_run> const& runs) const {
  std::vector<double> out(counts.size());
  for (judged_run const& r : runs) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] += r.counts[i] / static_cast<double>(runs.size());
  }
  return out;
}

std::string calibration_outcome::place_name(std::uint32_t origin) const {
  for (std::size_t p = 0; p < source->pairs(); ++p) {
    if (source->origin_of(p) == origin) return source->origin_name(p);
  }
  return "";
}

judged_scores const& calibration_outcome::score(std::string const& name) const {
  for (judged_scores const& s : scores) {
    if (s.name == name) return s;
  }
  static judged_scores const kNone;
  return kNone;
}

calibration_outcome run_job(calibration_job const& job, fs::path const& work, std::size_t threads,
                            job_observer const& observer, stop_function const& stop_requested) {
  return job_runner(job, work, threads, observer, stop_requested).run();
}

}  // namespace gemeo
