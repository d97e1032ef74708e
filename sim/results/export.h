// Result files as other programs' formats: CSV tables, GeoJSON in WGS 84, SUMO's edgedata XML.
// Streams row by row, whatever the size; complete or not at all (NAME.partial, then renamed); gzip where the name ends
// in .gz;
// "-" is standard output. Values keep the units of the result file, named in the header or the property.
// Thread rule: one thread.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "sim/results/reader.h"

namespace gemeo {

struct export_options {
  std::string format = "csv";  // csv | geojson | sumo-edgedata
  std::string what = "edges";  // edges | trips | kpi | detectors | areas | stops | rides | network | trajectories | log
  double from_s = -1, to_s = -1;  // only what begins in [from, to); < 0: no bound
};

std::vector<std::string> export_formats();
std::vector<std::string> export_tables(std::string const& format);  // what a format can hold
// Throws error(kUsage) for a combination that has no meaning, error(kInput) for what the file does not have. Gives the
// number of rows or features written.
std::size_t export_result(result_file const& r, export_options const& o, std::filesystem::path const& out);

}  // namespace gemeo
