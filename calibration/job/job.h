// What `gemeo calibrate` is told: a TOML file, typed. Keys are listed once, in visit(), as those of a scenario
// (sim/scenario/config.h): unknown ones are errors with the nearest known one; `--set section.key=value` changes one.
// Paths start from the job's own folder, those of --set from where the program was called. Thread rule: plain values.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "sim/scenario/config.h"

namespace gemeo {

struct job_counts {
  std::vector<std::string> files;
  std::string mapping, detectors, matches, time_zone;
  std::vector<std::string> days, held_out_days;
  std::string day_type = "all";
  std::optional<clock_time> begin, end;
  bool use_doubtful_places = false, occupancies = true;
  double loop_length_m = 2;
  std::string beyond_capacity = "show";
  std::optional<double> saturation_flow;
  template <typename V>
  void visit(V& v) {
    v({"files", "files", "counts, of any kind that `gemeo counts check` reads, or stores; default: those of the city"},
      files);
    v({"mapping", "file", "what the columns of CSV files are (calibration/counts/FORMAT.md)"}, mapping);
    v({"detectors", "file",
       "where detectors lie: CSV (id, station, edge, lane, pos_m) or SUMO's additional file; "
       "default: those of the city"},
      detectors);
    v({"matches", "file", "places that a person confirmed (gemeo counts check --matches)"}, matches);
    v({"time_zone", "zone", "of the local clock; default: the city's, or the mapping's"}, time_zone);
    v({"days", "dates",
       "days to fit: \"2024-11-04\" or \"2024-11-04..2024-11-15\"; default: all that are not held out"},
      days);
    v({"held_out_days", "dates", "days that are scored and never fitted"}, held_out_days);
    v({"day_type", "",
       "of those days, only these; each: weekdays, saturdays and sundays, fits of their own in folders of their own",
       -1e12, 1e12, false, "all|weekday|saturday|sunday|each"},
      day_type);
    v({"begin", "time",
       "counts from when on; default: the departures' begin. Whole slots of departures before the first count that is "
       "fitted fill the roads: as no count tells them from the first slot after them, they keep the prior's course in "
       "time up to it",
       0, 172800},
      begin);
    v({"end", "time", "counts until when; default: the departures' end", 0, 172800}, end);
    v({"use_doubtful_places", "true or false", "take sites whose place on the network is in doubt, too"},
      use_doubtful_places);
    v({"occupancies", "true or false",
       "occupancies (or, without them, speeds) tell empty roads from jammed ones: where only one of road and "
       "simulation "
       "jams, more or fewer want to pass than the count says"},
      occupancies);
    v({"loop_length_m", "m",
       "of the loops along the road, which their occupancies hold besides the vehicles'; SUMO's: 0. Where a station "
       "tells "
       "speeds, too, its own free flow says how long vehicles and loop are together, and this is not used",
       0, 30},
      loop_length_m);
    v({"beyond_capacity", "",
       "hours of stations that network and signals cannot carry, whatever the demand (calibration/counts/carried.h): "
       "show "
       "them, and score them, but fit nothing to them; leave_out: score them neither; fit: as all others. Always told "
       "and "
       "counted",
       -1e12, 1e12, false, "show|leave_out|fit"},
      beyond_capacity);
    v({"saturation_flow", "veh/h",
       "of a lane at a green signal, for that: 1900 is the HCM's (6th edition, equation 19-8); default: what the "
       "drivers' "
       "headways allow, beyond which no demand gets",
       100, 5000},
      saturation_flow);
  }
};

struct job_demand {
  std::optional<clock_time> begin, end;
  std::int64_t slot_min = 15, warm_up_min = 0;
  clock_time starts_at;
  template <typename V>
  void visit(V& v) {
    v({"begin", "time", "departures from when on, and begin of the simulation; default: the base's", 0, 172800}, begin);
    v({"end", "time", "departures until when, and end of the simulation; default: the base's", 0, 172800}, end);
    v({"slot_min", "min", "length of a departure slot", 5, 240}, slot_min);
    v({"warm_up_min", "min",
       "simulated before `begin`, so that the counting begins on roads that are not empty: the first so "
       "many minutes' travellers depart once more, so much earlier; never counted or scored (teleports "
       "are told of the whole simulation). A city keeps its own times: a scenario on the result begins "
       "on empty roads unless its `time.begin` is as much earlier. A SUMO scenario that begins too "
       "early for it is moved: its results begin so much later, and its signal programs, which go by "
       "the clock, meet the demand at another phase where the warm-up is no multiple of their cycles",
       0, 240},
      warm_up_min);
    v({"starts_at", "time", "SUMO scenarios: the time of day at their second 0; counts are moved by it", 0, 172800},
      starts_at);
  }
};

struct job_prior {
  std::string trust = "numbers", zone_trips;
  double mean_km = 5;
  std::optional<double> log_sd, origin_log_sd, destination_log_sd, slot_log_sd;
  double floor_trips = 0.5, habit_log_sd = 2, free_flow_share = 0, most_factor = 20;
  bool structure = true;
  // A spread that the job does not say.
  [[nodiscard]] double spread(std::optional<double> const& said, double of_numbers, double else_) const {
    return said.value_or(trust == "numbers" ? of_numbers : else_);
  }
  template <typename V>
  void visit(V& v) {
    v({"trust", "",
       "what is worth something before any count: the base's numbers of trips; only its routes (SUMO scenarios: all "
       "pairs and slots begin alike); only where zones lie and zone_trips (cities: od.csv is made by gravity)",
       -1e12, 1e12, false, "numbers|routes|zones"},
      trust);
    v({"zone_trips", "file",
       "CSV (zone_id, from_trips, to_trips): trips a day that begin and end in each zone, where zones are all there "
       "is"},
      zone_trips);
    v({"mean_km", "km", "mean distance of those trips, as the crow flies", 0.1, 1000}, mean_km);
    v({"log_sd", "log trips", "how far one cell's trips lie from the prior; default: 0.5, without numbers 1", 0.01, 5},
      log_sd);
    v({"floor_trips", "trips", "least standard deviation of a cell", 1e-3, 1000}, floor_trips);
    v({"origin_log_sd", "log trips",
       "error that all trips from one place share; 0: none; default: 0.3, without numbers 0.6", 0, 5},
      origin_log_sd);
    v({"destination_log_sd", "log trips",
       "error that all trips to one place share; 0: none; default: 0.3, without numbers 0.6", 0, 5},
      destination_log_sd);
    v({"slot_log_sd", "log trips",
       "error that all trips of one slot share; 0: none; default: 0.15, without numbers 0.5", 0, 5},
      slot_log_sd);
    v({"habit_log_sd", "log trips", "error that all trips of one route habit share; 0: none", 0, 5}, habit_log_sd);
    v({"free_flow_share", "share",
       "of a city's drivers, before any count, who choose routes by the empty network's times and not by the "
       "scenario's; the counts then say how many do, pair by pair; 0: no count is asked, and what an "
       "earlier calibration of the base found stays",
       0, 0.9},
      free_flow_share);
    v({"structure", "true or false",
       "pairs are first moved towards the pattern of the prior's numbers, as far as its spread says"},
      structure);
    v({"most_factor", "factor", "no cell grows beyond so many times its prior", 1, 1000}, most_factor);
  }
};

struct job_split {
  double share = 0.3;
  std::int64_t seed = 1;
  std::string corridors = "road";
  std::vector<std::string> held_out;
  template <typename V>
  void visit(V& v) {
    v({"share", "share", "of stations held out, corridor by corridor", 0, 0.9}, share);
    v({"seed", "", "draws which corridors", 0, 1e9}, seed);
    v({"corridors", "",
       "stations held out together: those of one road (by its name, else edges that follow each other), or each alone",
       -1e12, 1e12, false, "road|station"},
      corridors);
    v({"held_out", "stations", "these, instead of a share"}, held_out);
  }
};

struct job_fit {
  std::int64_t iterations = 5, folds = 5, choose_weights_every = 1, seed = 1, refits = 0;
  bool learn_routes = true, within_roads = true;
  std::string loss = "squared";
  template <typename V>
  void visit(V& v) {
    v({"iterations", "", "simulations, the first with the prior", 1, 100}, iterations);
    v({"folds", "", "parts of the fitted stations, each left out in turn to choose the weights", 2, 50}, folds);
    v({"choose_weights_every", "iterations", "how often the weights are chosen anew", 1, 100}, choose_weights_every);
    v({"seed", "", "of the first simulation; the others count on from it", 0, 1e15}, seed);
    v({"refits", "",
       "other demands that counts and prior allow, 30 say: bands in report.html, od.csv and calibration.h5, and of a "
       "city the folder members, for a scenario's key `members`; 0: none, else two at least",
       0, 1000},
      refits);
    v({"learn_routes", "true or false",
       "SUMO scenarios: drivers learn travel times from iteration to iteration. Those of a city choose as its "
       "scenarios do"},
      learn_routes);
    v({"within_roads", "true or false",
       "no more trips are asked for of any road, counted or not, than its lanes let through out of a jam, which is "
       "measured with the base's drivers (and less where counts.saturation_flow is), in the green share at a signal; "
       "but "
       "as many as were counted there"},
      within_roads);
    v({"loss", "", "of a count's misfit: huber and student heed outliers less", -1e12, 1e12, false,
       "squared|huber|student"},
      loss);
  }
};

struct job_judge {
  std::int64_t seeds = 5, prior_seeds = 5, first_seed = 1001;
  template <typename V>
  void visit(V& v) {
    v({"seeds", "", "simulations of the result with seeds that the fit never saw", 1, 1000}, seeds);
    v({"prior_seeds", "", "and of the base as it was, to compare with; 0: none", 0, 1000}, prior_seeds);
    v({"first_seed", "", "the first of those seeds", 0, 1e15}, first_seed);
  }
};

struct job_supply {
  std::vector<double> tau, speed_factor, min_gap, sigma;
  std::int64_t evaluations = 20;
  [[nodiscard]] bool wanted() const {
    return !tau.empty() || !speed_factor.empty() || !min_gap.empty() || !sigma.empty();
  }
  template <typename V>
  void visit(V& v) {
    v({"tau", "[low, high]",
       "bounds of a factor on the headway of cars, e.g. [0.8, 1.3], fitted to what the counts ask for and taken where "
       "fitted stations left out in turn are met better; the demand is then fitted again, with those drivers; no "
       "headway below a tick; empty: as it is",
       0.2, 5},
      tau);
    v({"speed_factor", "[low, high]", "of a factor on the speed that their drivers wish for", 0.5, 2}, speed_factor);
    v({"min_gap", "[low, high]", "of a factor on their distance when they stand", 0.2, 5}, min_gap);
    v({"sigma", "[low, high]", "of a factor on how much they dawdle, where they do", 0, 2}, sigma);
    v({"evaluations", "", "simulations for it, 10 at least", 10, 1000}, evaluations);
  }
};

struct job_journeys {
  std::string file;
  std::int64_t pairs = 8;
  template <typename V>
  void visit(V& v) {
    v({"file", "file",
       "CSV of measured journey times (calibration/job/journeys.h): name, begin, end, time_s, and edges or from_edge "
       "and "
       "to_edge; compared with the simulated ones, never fitted"},
      file);
    v({"pairs", "", "without a file: simulated journey times of so many pairs, those with most trips; 0: none", 0,
       1000},
      pairs);
  }
};

struct job_engine {
  std::string name = "tbb";
  template <typename V>
  void visit(V& v) {
    v({"name", "", "which engine simulates", -1e12, 1e12, false, "tbb|sumo"}, name);
  }
};

struct calibration_job {
  std::string title, base, language = "en";
  job_counts counts;
  job_demand demand;
  job_prior prior;
  job_split split;
  job_fit fit;
  job_supply supply;
  job_judge judge;
  job_journeys journeys;
  job_engine engine;
  std::filesystem::path file;
  std::string text;                          // as written
  std::filesystem::path base_file;           // found
  std::vector<std::filesystem::path> files;  // of counts, found
  std::filesystem::path mapping, detectors, matches, zone_trips, journeys_file;
  template <typename V>
  void visit(V& v) {
    v({"title", "text", "what people call it"}, title);
    v({"base", "file", "the scenario to calibrate: a city's (.toml) without interventions, or a .sumocfg", -1e12, 1e12,
       true},
      base);
    v({"language", "", "of the page that is shown first; it holds both", -1e12, 1e12, false, "en|pt"}, language);
  }
  template <typename F>
  void each_section(F&& f) {
    f("counts", counts);
    f("demand", demand);
    f("prior", prior);
    f("split", split);
    f("fit", fit);
    f("supply", supply);
    f("judge", judge);
    f("journeys", journeys);
    f("engine", engine);
  }
};

// Throws error(kInput) with file, line and key; error(kUsage) for a --set that makes no sense.
calibration_job read_job(std::filesystem::path const& file, std::vector<std::string> const& set);
std::string print_job(calibration_job const& j);  // all keys, as TOML
std::string job_reference();                      // calibration/job/FORMAT.md

}  // namespace gemeo
