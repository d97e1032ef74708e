// What lies in the folder of a finished calibration (result_folder.h):
//   od.csv            from,to,begin_s,end_s,prior_trips,trips: the matrix by slot; with fit.refits their bands
//   calibration.h5    /calibration: counts, simulations, demand, iterates, weights, split
//   report.html       for people
//   job.toml          all keys of the calibration, defaults included
//   of a city:        factors.csv, and calibrated.toml: a scenario that others may start from; with fit.refits also
//                     members/member_001.csv ...: factors of other demands that the counts allow
//                     city/ where the calibration had to make one: without numbers
//   of a .sumocfg:    calibrated.rou.xml (travellers of one seed on their routes), and calibrated.sumocfg
// Thread rule: plain functions.
#pragma once

#include <filesystem>
#include <string>

#include "calibration/job/run_job.h"

namespace gemeo {

// in: where to write; home: where that will be.
void write_calibration(calibration_outcome const& c, std::filesystem::path const& in,
                       std::filesystem::path const& home);

// The parts of it (calibration_h5.cpp, calibration_page.cpp, sumo_files.cpp). home: where the folder will be, for
// paths from there.
void write_calibration_h5(calibration_outcome const& c, std::filesystem::path const& file);
std::string calibration_page(calibration_outcome const& c);
// Relative, so that a tree of files can be moved.
std::string path_from(std::filesystem::path const& home, std::filesystem::path const& to);
void write_calibrated_sumo(calibration_outcome const& c, std::filesystem::path const& folder,
                           std::filesystem::path const& home);

}  // namespace gemeo
