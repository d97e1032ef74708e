#include <fmt/core.h>

#include <cmath>

#include "calibration/job/write_job.h"
#include "sim/core/hash.h"
#include "sim/results/h5_out.h"

namespace gemeo {

namespace {

using h5::out_group;
using h5::table;

template <typename T>
std::span<T const> all(std::vector<T> const& v) {
  return v;
}

table write_stations(calibration_outcome const& c, out_group const& g) {
  network const& net = *c.base.net;
  std::vector<std::string> names, edges, corridors;
  std::vector<double> pos;
  std::vector<std::uint8_t> held_out;
  for (std::size_t i = 0; i < c.observed.stations.size(); ++i) {
    count_station const& s = c.observed.stations[i];
    names.push_back(s.name);
    edges.push_back(net.edges.name[s.edge]);
    corridors.push_back(s.corridor);
    pos.push_back(s.pos_m >= 0 ? s.pos_m : net.length_m(s.edge) / 2);
    held_out.push_back(c.split.held_out[i] ? 1 : 0);
  }
  table const axis = g.names("station", names, "where vehicles were counted");
  g.text_column("edge", edges, axis, {"", "edge of the network"});
  g.text_column("corridor", corridors, axis, {"", "stations of one corridor are held out together"});
  g.column("position", all(pos), axis, {"m", "along the edge"});
  g.column("held_out", all(held_out), axis, {"", "1: never fitted"});
  return g.names("name", names, "the same names, for the axis of other groups");
}

void write_counts(calibration_outcome const& c, out_group const& g) {
  std::size_t const n = c.observed.periods.size();
  std::vector<std::uint32_t> station, days;
  std::vector<double> begin, end, observed, sd, other, fitted(n, std::nan(""));
  std::vector<double> occupancy;
  std::vector<std::uint8_t> held_out, beyond, contradicts, on_other_days, fits, scored;
  std::size_t at = 0;
  for (std::size_t i = 0; i < n; ++i) {
    observed_period const& p = c.observed.periods[i];
    station.push_back(p.station);
    begin.push_back(p.begin_s);
    end.push_back(p.end_s);
    observed.push_back(p.mean());
    sd.push_back(std::sqrt(p.variance_of_mean()));
    other.push_back(p.held_out_mean());
    std::uint32_t counted = 0;
    for (double const x : p.by_day) counted += std::isnan(x) ? 0U : 1U;
    days.push_back(counted);
    bool const held = c.split.held_out[p.station];
    held_out.push_back(held ? 1 : 0);
    beyond.push_back(c.capacity.beyond[i] ? 1 : 0);
    contradicts.push_back(c.capacity.contradicts[i] ? 1 : 0);
    on_other_days.push_back(c.capacity.contradicts_on_other_days[i] ? 1 : 0);
    fits.push_back(c.is_fitted(i) ? 1 : 0);
    occupancy.push_back(p.occupancy < 0 ? std::nan("") : p.occupancy);
    scored.push_back(c.is_scored(i) ? 1 : 0);
    if (c.is_fitted(i) && at < c.fit.simulated_counts.size()) fitted[i] = c.fit.simulated_counts[at++];
  }
  table const axis = g.axis("count", n, false);
  g.column("station", all(station), axis, {"", "row of /calibration/stations"});
  g.column("begin", all(begin), axis, {"s", "since local midnight"});
  g.column("end", all(end), axis, {"s", "since local midnight"});
  g.column("observed", all(observed), axis, {"veh", "mean over the days that counted"});
  g.column("days", all(days), axis, {"", "days in that mean"});
  g.column("sd_between_days", all(sd), axis, {"veh", "of the mean, beyond that of counting"});
  g.column("observed_held_out_days", all(other), axis, {"veh", "mean over the days that were held out"});
  g.column("held_out", all(held_out), axis, {"", "1: never fitted"});
  g.column("beyond_capacity", all(beyond), axis, {"", "1: of an hour that the network cannot carry, see capacity"});
  g.column("contradicts", all(contradicts), axis,
           {"", "1: of an hour that contradicts others on the days fitted, see contradictions"});
  g.column("contradicts_on_held_out_days", all(on_other_days), axis,
           {"", "1: the same by the means of the days held out"});
  g.column("fitted", all(fits), axis, {"", "1: the demand was fitted to it"});
  g.column("occupancy", all(occupancy), axis, {"", "0..1, as loops without a length would tell it; NaN: not told"});
  g.column("scored", all(scored), axis, {"", "0: in no score"});
  g.column("simulated_in_fit", all(fitted), axis, {"veh", "in the simulation of the iterate kept; fitted stations"});
  auto const means = [&](char const* name, std::vector<judged_run> const& runs, char const* of) {
    if (runs.empty()) return;
    std::vector<double> const mean = c.mean_simulated(runs);
    g.column(name, all(mean), axis, {"veh", fmt::format("mean over the unseen seeds, {}", of)});
    std::vector<std::uint64_t> seeds;
    std::vector<double> values;
    for (judged_run const& r : runs) seeds.push_back(r.seed);
    for (std::size_t i = 0; i < n; ++i) {
      for (judged_run const& r : runs) values.push_back(r.counts[i]);
    }
    table const columns =
        g.number_axis(fmt::format("{}_seed", name), all(seeds), {"", fmt::format("seed of a simulation, {}", of)});
    g.matrix(fmt::format("{}_by_seed", name), all(values), axis, columns, {"veh", fmt::format("simulated, {}", of)});
  };
  if (!c.members.trips.empty()) {
    g.column("flow_p05", all(c.members.flow_low), axis, {"veh", "expected, 5 % quantile over the members"});
    g.column("flow_p95", all(c.members.flow_high), axis, {"veh", "expected, 95 % quantile over the members"});
  }
  means("simulated", c.judges, "as calibrated");
  means("simulated_prior", c.prior_runs, "of the base as it was");
}

void write_capacity(calibration_outcome const& c, out_group const& g) {
  capacity_findings const& f = c.capacity;
  g.attribute("rule", c.job.counts.beyond_capacity);
  g.attribute("hours", static_cast<std::int64_t>(f.hours.size()));
  g.attribute("beyond", static_cast<std::int64_t>(f.report.beyond.size()));
  g.attribute("contradictions", static_cast<std::int64_t>(f.contradicted.size()));
  g.attribute("hours_never_below_geh5", static_cast<std::int64_t>(f.never_below_geh5));
  g.attribute("headway_s", f.drivers.tau_s);
  g.attribute("vehicle_length_m", f.drivers.length_m);
  g.attribute("min_gap_m", f.drivers.min_gap_m);
  std::vector<double> lanes, stop_line, coming, leaving, known;
  for (place_capacity const& p : f.report.places) {
    lanes.push_back(p.lanes);
    stop_line.push_back(p.stop_line);
    coming.push_back(p.coming);
    leaving.push_back(p.leaving);
    known.push_back(p.known_up_to);
  }
  table const axis = g.axis("station", lanes.size(), false);
  g.column("lanes", all(lanes), axis, {"veh/h", "that the lanes counted carry at most"});
  g.column("stop_line", all(stop_line), axis, {"veh/h", "that the end of its edge lets through at most"});
  g.column("coming", all(coming), axis, {"veh/h", "that can come there at most, looked for up to known_up_to"});
  g.column("leaving", all(leaving), axis, {"veh/h", "that can go on at most, looked for up to known_up_to"});
  g.column("known_up_to", all(known), axis, {"veh/h", "the busiest hour counted"});
  std::vector<std::uint32_t> station;
  std::vector<double> begin, flow, carried;
  std::vector<std::string> limit, words;
  for (std::uint32_t h = 0, b = 0; h < f.hours.size(); ++h) {
    station.push_back(f.hours[h].place);
    begin.push_back(f.hours[h].begin_s);
    flow.push_back(f.hours[h].flow_veh_per_h);
    bool const beyond = b < f.report.beyond.size() && f.report.beyond[b].hour == h;
    limit.emplace_back(to_text(beyond ? f.report.beyond[b].limit : carry_limit::kNone));
    carried.push_back(beyond ? f.report.beyond[b].carried : std::nan(""));
    words.push_back(beyond ? describe(f.report.beyond[b], f.places) : "");
    b += beyond;
  }
  if (station.empty()) return;
  table const rows = g.axis("hour", station.size(), false);
  g.column("hour_station", all(station), rows, {"", "row of /calibration/stations"});
  g.column("hour_begin", all(begin), rows, {"s", "since local midnight"});
  g.column("flow", all(flow), rows, {"veh/h", "counted, mean over the days to fit, else over those held out"});
  g.column("carried", all(carried), rows, {"veh/h", "at most, where that is less; of several stations, together"});
  g.text_column("limit", limit, rows, {"", "what carries no more: lanes, stop line, coming, leaving, together, none"});
  g.text_column("verdict", words, rows, {"", "in words, with the cut"});
}

// A row a count of a contradiction.
void write_contradictions(calibration_outcome const& c, out_group const& g) {
  capacity_findings const& f = c.capacity;
  std::vector<std::uint32_t> number, station;
  std::vector<std::uint8_t> more;
  std::vector<double> begin, flow, least, most;
  std::vector<std::string> words;
  for (std::size_t i = 0; i < f.contradicted.size(); ++i) {
    contradiction const& k = f.contradicted[i];
    for (bool const of_more : {true, false}) {
      for (std::uint32_t const h : of_more ? k.more : k.less) {
        number.push_back(static_cast<std::uint32_t>(i));
        station.push_back(f.hours[h].place);
        more.push_back(of_more ? 1 : 0);
        begin.push_back(f.hours[h].begin_s);
        flow.push_back(f.hours[h].flow_veh_per_h);
      }
    }
    least.push_back(k.least);
    most.push_back(k.most);
    words.push_back(describe(k, f.places, f.hours));
  }
  table const sets = g.axis("contradiction", words.size(), false);
  g.column("least", all(least), sets, {"veh/h", "that passed those who saw more, with what counts may err by"});
  g.column("most", all(most), sets, {"veh/h", "that those who saw fewer and roads that nobody counts let pass"});
  g.text_column("verdict", words, sets, {"", "in words"});
  table const rows = g.axis("contradicted_count", number.size(), false);
  g.column("of", all(number), rows, {"", "row of verdict"});
  g.column("station", all(station), rows, {"", "row of /calibration/stations"});
  g.column("begin", all(begin), rows, {"s", "since local midnight"});
  g.column("flow", all(flow), rows, {"veh/h", "counted"});
  g.column("saw_more", all(more), rows, {"", "1: more than others of its contradiction allow; 0: fewer"});
}

void write_entries(calibration_outcome const& c, out_group const& g) {
  std::vector<std::string> names;
  std::vector<double> wanted, lets_in;
  for (full_entry const& e : c.fit.full_entries) {
    names.push_back(c.place_name(e.place));
    wanted.push_back(e.wanted);
    lets_in.push_back(e.lets_in);
  }
  table const axis = g.names("entry", names, "where trips begin, those that kept most out first");
  g.column("wanted", all(wanted), axis, {"veh", "trips of the estimated time that counts and prior ask for"});
  g.column("lets_in", all(lets_in), axis, {"veh", "that enter at most, as simulations showed"});
}

void write_roads(calibration_outcome const& c, out_group const& g) {
  std::vector<std::string> names;
  std::vector<double> wanted, carries, limit, flow, at_signal;
  for (full_road const& r : c.fit.full_roads) {
    names.push_back(c.road_name(r));
    wanted.push_back(r.wanted);
    carries.push_back(r.carries);
  }
  table const axis =
      g.names("road", names, "edges and turns (FROM > TO) that the last fit filled, those that kept most out first");
  g.column("wanted", all(wanted), axis, {"veh", "trips of the estimated time that counts and prior ask for"});
  g.column("carries", all(carries), axis,
           {"veh", "that its lanes let through out of a jam, by the green share at signals"});
  for (auto const& [kmh, of_lane] : c.roads.lane_veh_per_h) {
    limit.push_back(kmh);
    flow.push_back(of_lane);
    auto const signal = c.roads.at_signal_veh_per_h.find(kmh);
    at_signal.push_back(signal == c.roads.at_signal_veh_per_h.end() ? std::nan("") : signal->second);
  }
  table const lanes = g.axis("lane", limit.size(), false);
  g.column("lane_limit", all(limit), lanes, {"km/h", "rounded to tens"});
  g.column("lane_flow", all(flow), lanes, {"veh/h", "of a lane out of a jam, measured with the base's drivers"});
  g.column("at_signal", all(at_signal), lanes, {"veh/h", "in an hour of green; NaN: no signal at that limit"});
}

void write_demand(calibration_outcome const& c, out_group const& g) {
  trip_source const& s = *c.source;
  departure_slots const slots = s.slots();
  std::vector<std::string> names;
  std::vector<std::uint32_t> habits;
  std::vector<double> begins;
  for (std::size_t i = 0; i < s.streams(); ++i) {
    names.push_back(s.pair_name(s.pair_of(i)));
    habits.push_back(s.habit_of(i));
  }
  for (std::size_t i = 0; i < slots.count; ++i) begins.push_back(slots.begin_of(i));
  table const streams = g.names("stream", names, "origin > destination; a pair has one stream for each route habit");
  table const axis = g.number_axis("slot_begin", all(begins), {"s", "begin of the departure slot, simulation time"});
  g.column("habit", all(habits), streams,
           {"", "how the stream's routes are chosen; of a city 0: by the scenario's times, 1: by the empty network's"});
  std::vector<double> const prior(s.prior().begin(), s.prior().end());
  g.matrix("prior", all(prior), streams, axis, {"veh", "trips expected before any count"});
  g.matrix("trips", all(c.fit.trips), streams, axis, {"veh", "trips as calibrated"});
  if (!c.members.trips.empty()) {
    g.matrix("trips_p05", all(c.members.cell_low), streams, axis, {"veh", "5 % quantile over the members"});
    g.matrix("trips_p95", all(c.members.cell_high), streams, axis, {"veh", "95 % quantile over the members"});
  }
  g.attribute("trips_of_pairs_that_no_fitted_station_sees", c.trips_unobserved);
}

void write_members(calibration_outcome const& c, out_group const& g) {
  demand_members const& m = c.members;
  g.attribute("members", static_cast<std::int64_t>(m.trips.size()));
  g.attribute("trips_p05", m.total_low);
  g.attribute("trips_p95", m.total_high);
  g.attribute("noise_scale", m.noise_scale);
  g.attribute("drift_before_centring", m.drift);
  g.attribute("unconverged", static_cast<std::int64_t>(m.unconverged));
  g.attribute("fitted_counts", static_cast<std::int64_t>(m.fitted.counts));
  g.attribute("fitted_counts_inside", static_cast<std::int64_t>(m.fitted.inside));
  g.attribute("held_out_counts", static_cast<std::int64_t>(m.held_out.counts));
  g.attribute("held_out_counts_inside", static_cast<std::int64_t>(m.held_out.inside));
  auto const zones = [&](char const* name, std::vector<zone_band> const& list) {
    std::vector<std::string> names;
    std::vector<double> prior, trips, low, high;
    for (zone_band const& z : list) {
      names.push_back(z.name);
      prior.push_back(z.prior);
      trips.push_back(z.calibrated);
      low.push_back(z.low);
      high.push_back(z.high);
    }
    table const axis = g.names(name, names, "all slots together; largest first");
    g.column(fmt::format("{}_prior", name), all(prior), axis, {"veh", "trips before any count"});
    g.column(fmt::format("{}_trips", name), all(trips), axis, {"veh", "trips as calibrated"});
    g.column(fmt::format("{}_trips_p05", name), all(low), axis, {"veh", "5 % quantile over the members"});
    g.column(fmt::format("{}_trips_p95", name), all(high), axis, {"veh", "95 % quantile over the members"});
  };
  zones("origin", m.origins);
  zones("destination", m.destinations);
}

void write_supply(calibration_outcome const& c, out_group const& g) {
  std::vector<double> tau, speed, gap, sigma, error;
  for (supply_trial const& t : c.supply.trials) {
    tau.push_back(t.what.tau);
    speed.push_back(t.what.speed_factor);
    gap.push_back(t.what.min_gap);
    sigma.push_back(t.what.sigma);
    error.push_back(t.error);
  }
  table const axis = g.axis("trial", tau.size(), false);
  g.attribute("taken", std::int64_t{c.supply.taken ? 1 : 0});
  g.attribute("fold_error", c.supply.fold_error);
  g.attribute("fold_error_of_the_base", c.supply.own_fold_error);
  g.column("tau", all(tau), axis, {"", "factor on the headway of cars"});
  g.column("speed_factor", all(speed), axis, {"", "factor on the speed that drivers wish for"});
  g.column("min_gap", all(gap), axis, {"", "factor on the distance of standing cars"});
  g.column("sigma", all(sigma), axis, {"", "factor on how much cars dawdle"});
  g.column("error", all(error), axis, {"", "mean square standardised error at the fitted counts, one seed"});
}

void write_journeys(calibration_outcome const& c, out_group const& g) {
  std::vector<std::string> names;
  std::vector<double> begin, end, length, measured, prior, calibrated;
  for (journey_time const& j : c.journeys) {
    names.push_back(j.name);
    begin.push_back(j.begin_s);
    end.push_back(j.end_s);
    length.push_back(j.length_m);
    measured.push_back(j.measured_s);
    prior.push_back(j.prior_s);
    calibrated.push_back(j.calibrated_s);
  }
  table const axis = g.axis("journey", names.size(), false);
  g.text_column("name", names, axis, {"", "what people call it"});
  g.column("begin", all(begin), axis, {"s", "departures from when on, since local midnight"});
  g.column("end", all(end), axis, {"s", "departures until when"});
  g.column("length", all(length), axis, {"m", "of the way"});
  g.column("measured", all(measured), axis, {"s", "NaN: nobody measured it"});
  g.column("simulated_prior", all(prior), axis, {"s", "mean over the unseen seeds, of the base as it was"});
  g.column("simulated", all(calibrated), axis, {"s", "mean over the unseen seeds, as calibrated"});
}

void write_iterates(calibration_outcome const& c, out_group const& g) {
  std::vector<double> trips, misfit, rmsn, sum_error, fold_error, lambda, mu, model_error, factor, simulation_s, fit_s,
      step, kept_promise, occupancy_ratio;
  std::vector<double> whole_misfit;
  std::vector<std::int64_t> teleports, never, jams, told_jams, simulated_jams, both_jam;
  for (calibration_iterate const& i : c.fit.iterates) {
    auto const& o = i.presence_of_vehicles;
    occupancy_ratio.push_back(o.told > 0 ? o.simulated / o.told : std::nan(""));
    whole_misfit.push_back(i.whole_misfit());
    jams.push_back(i.jams() ? 1 : 0);
    told_jams.push_back(static_cast<std::int64_t>(o.told_jams));
    simulated_jams.push_back(static_cast<std::int64_t>(o.simulated_jams));
    both_jam.push_back(static_cast<std::int64_t>(o.both_jam));
    trips.push_back(i.trips);
    misfit.push_back(i.misfit);
    rmsn.push_back(i.rmsn);
    sum_error.push_back(i.sum_error);
    fold_error.push_back(i.fold_error);
    lambda.push_back(i.weights.lambda);
    mu.push_back(i.weights.mu);
    model_error.push_back(i.weights.model_error);
    factor.push_back(i.weights.factor);
    simulation_s.push_back(i.simulation_s);
    fit_s.push_back(i.fit_s);
    teleports.push_back(i.teleports);
    never.push_back(i.never_inserted);
    step.push_back(i.step);
    kept_promise.push_back(i.kept_promise);
  }
  table const axis = g.axis("iterate", trips.size(), false);
  g.attribute("kept", static_cast<std::int64_t>(c.fit.best));
  g.column("trips", all(trips), axis, {"veh", "estimated in all"});
  g.column("misfit", all(misfit), axis, {"", "mean square of (counted - simulated) / sd at the fitted stations"});
  g.column("rmsn", all(rmsn), axis, {"", "root mean square error over mean, fitted counts"});
  g.column("sum_error", all(sum_error), axis, {"", "simulated / counted - 1, all fitted counts"});
  g.column("occupancy_ratio", all(occupancy_ratio), axis,
           {"", "simulated / told, fitted counts that tell their occupancy; NaN: none does"});
  g.column("whole_misfit", all(whole_misfit), axis,
           {"", "with that of occupancies: the least is kept of those that do not jam"});
  g.column("jams", all(jams), axis, {"", "1: over 2 % of trips stuck or kept out, beyond what the loops tell"});
  g.column("told_jams", all(told_jams), axis, {"", "fitted counts whose loops tell a jam"});
  g.column("simulated_jams", all(simulated_jams), axis,
           {"", "of those that tell occupancies, where the simulation jams"});
  g.column("both_jam", all(both_jam), axis, {"", "where both do"});
  g.column("fold_error", all(fold_error), axis, {"", "at fitted stations left out in turn; 0: no fit followed"});
  g.column("lambda", all(lambda), axis, {"", "weight of the prior"});
  g.column("mu", all(mu), axis, {"", "weight of smoothness in time"});
  g.column("model_error", all(model_error), axis, {"", "factor on variances beyond counting"});
  g.column("factor", all(factor), axis, {"", "factor on the spread of shared errors"});
  g.column("simulation_wall", all(simulation_s), axis, {"s", "wall time of the simulation"});
  g.column("fit_wall", all(fit_s), axis, {"s", "wall time of the fit"});
  g.column("step", all(step), axis,
           {"",
            "of the way from the last demand that the network took, with no more standing than told after the first, "
            "to the one fitted"});
  g.column(
      "kept_promise", all(kept_promise), axis,
      {"", "of what the step was to take off the misfit of the demand that it began from; NaN: nothing was promised"});
  g.column("teleports", all(teleports), axis, {"", "vehicles moved past an obstacle"});
  g.column("never_inserted", all(never), axis, {"veh", "vehicles that never entered"});
}

void write_folds(calibration_outcome const& c, out_group const& g) {
  std::vector<double> lambda, mu, model_error, factor, mean, se;
  for (fold_point const& p : c.fit.folds.tried) {
    lambda.push_back(p.weights.lambda);
    mu.push_back(p.weights.mu);
    model_error.push_back(p.weights.model_error);
    factor.push_back(p.weights.factor);
    mean.push_back(p.mean);
    se.push_back(p.standard_error);
  }
  if (mean.empty()) return;
  table const axis = g.axis("tried", mean.size(), false);
  g.attribute("chosen", static_cast<std::int64_t>(c.fit.folds.chosen));
  g.attribute("hash", to_hex(c.fit.folds.hash));
  g.column("lambda", all(lambda), axis, {"", "weight of the prior"});
  g.column("mu", all(mu), axis, {"", "weight of smoothness in time"});
  g.column("model_error", all(model_error), axis, {"", "factor on variances beyond counting"});
  g.column("factor", all(factor), axis, {"", "factor on the spread of shared errors"});
  g.column("error", all(mean), axis, {"", "mean square of standardised errors at what was left out"});
  g.column("error_se", all(se), axis, {"", "standard error of its difference from the best"});
  std::vector<std::uint32_t> const& fold = c.fit.folds.fold;
  table const rows = g.axis("fitted_count", fold.size(), false);
  g.column("fold", all(fold), rows, {"", "of each fitted count; 4294967295: nobody crosses its station"});
}

void write_scores(calibration_outcome const& c, out_group const& g) {
  for (judged_scores const& s : c.scores) {
    out_group const one = g.group(s.name, s.title);
    one.attribute("stations", static_cast<std::int64_t>(s.stations));
    one.attribute("counts", static_cast<std::int64_t>(s.counts));
    one.attribute("contradicted", static_cast<std::int64_t>(s.contradicted));
    one.attribute("beyond_capacity_scored", static_cast<std::int64_t>(s.beyond));
    one.attribute("beyond_capacity_left_out", static_cast<std::int64_t>(s.left_out));
    auto const add = [&](char const* which, count_score const& v) {
      for (auto const& [name, value] : {std::pair("geh_below_5", v.geh_below_5),
                                        {"geh_mean", v.geh_mean},
                                        {"rmsn", v.rmsn},
                                        {"rmse", v.rmse},
                                        {"nrmse", v.nrmse},
                                        {"sum_error", v.sum_error},
                                        {"flow_in_band", v.flow_in_band},
                                        {"tag_m3_1_flows", v.tag_flows ? 1.0 : 0.0},
                                        {"tag_m3_1_geh", v.tag_geh ? 1.0 : 0.0},
                                        {"fhwa_2004", v.fhwa_2004 ? 1.0 : 0.0}})
        one.attribute(fmt::format("{}_{}", which, name), value);
    };
    if (!c.prior_runs.empty()) add("prior", s.prior);
    add("calibrated", s.calibrated);
    if (!s.has_consistent()) continue;
    if (!c.prior_runs.empty()) add("consistent_prior", s.consistent.prior);
    add("consistent_calibrated", s.consistent.calibrated);
  }
}

}  // namespace

void write_calibration_h5(calibration_outcome const& c, std::filesystem::path const& file) {
  h5::out_file out(file);
  {
    out_group const& root = out.root();
    root.attribute("software", "gemeo " + software_version());
    root.attribute("commit", software_commit());
    out_group const g = root.group("calibration", "counts observed and simulated, demand fitted, and how");
    g.attribute("job", c.job.text);
    g.attribute("effective_job", print_job(c.job));
    g.attribute("split_hash", to_hex(c.split.hash));
    g.attribute("network_hash", to_hex(c.base.network_hash));
    g.attribute("engine", c.job.engine.name);
    g.attribute("caution", c.base.of_data.caution);
    g.attribute("wall_s", c.wall_s);
    g.attribute("begin_s", c.source->slots().begin_s);
    g.attribute("warm_up_s", c.warm_up_s());
    g.attribute("lead_slots", static_cast<std::int64_t>(c.lead_slots()));
    g.attribute("end_s", c.base.end_s);
    write_stations(c, g.group("stations", "where vehicles were counted, and who was held out"));
    write_counts(c, g.group("counts", "by station and period of the day"));
    write_capacity(c, g.group("capacity", "what lanes, signals and cuts carry at most, whatever the demand"));
    if (!c.capacity.contradicted.empty())
      write_contradictions(c, g.group("contradictions", "counts that cannot all be true on this network"));
    if (!c.fit.full_entries.empty())
      write_entries(c, g.group("entries", "places that let in fewer trips than the last fit wanted to begin there"));
    if (!c.roads.limits.empty()) write_roads(c, g.group("roads", "what the fit was held to on roads, counted or not"));
    write_demand(c, g.group("demand", "trips by stream and departure slot"));
    if (!c.members.trips.empty())
      write_members(c, g.group("members", "other demands that counts and prior allow, centred on the calibrated one"));
    if (!c.supply.trials.empty())
      write_supply(c, g.group("supply", "drivers' headways and speeds tried after the fit"));
    if (!c.journeys.empty()) write_journeys(c, g.group("journeys", "journey times; no part of the fit"));
    write_iterates(c, g.group("iterates", "simulations of the fit, in order"));
    write_folds(c, g.group("folds", "weights tried on stations left out in turn"));
    write_scores(c, g.group("scores", "means over the simulations with unseen seeds"));
  }
  out.close();
}

}  // namespace gemeo
