// The folder of a finished calibration, complete or not at all: FOLDER.partial.PID until everything lies in it, then
// FOLDER, which must not exist, be empty, or be an older calibration's.
//   od.csv            from,to,begin_s,end_s,prior_trips,trips: the matrix by slot
//   calibration.h5    /calibration: counts, simulations, demand, iterates, weights, split
//   report.html       for people
//   job.toml          all keys of the calibration, defaults included
//   of a city:        factors.csv, and calibrated.toml: a scenario that others may start from
//   of a .sumocfg:    calibrated.rou.xml (travellers of one seed on their routes), and calibrated.sumocfg
// Thread rule: plain functions.
#pragma once

#include <filesystem>
#include <string>

#include "calibration/job/run_job.h"

namespace gemeo {

// Throws error(kUsage) where the folder holds something else; to be asked before anything is calibrated.
void check_folder(std::filesystem::path const& folder);
void write_calibration(calibration_outcome const& c, std::filesystem::path const& folder);

// The parts of it (calibration_h5.cpp, calibration_page.cpp, sumo_files.cpp). home: where the folder will be, for
// paths from there.
void write_calibration_h5(calibration_outcome const& c, std::filesystem::path const& file);
std::string calibration_page(calibration_outcome const& c);
void write_calibrated_sumo(calibration_outcome const& c, std::filesystem::path const& folder,
                           std::filesystem::path const& home);

}  // namespace gemeo
