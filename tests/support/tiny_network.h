// Small road networks for tests: drawn in ASCII and made by netconvert, or written out as text.
//
//   tiny_network const t("A--B==C\n"
//                        "   |   \n"
//                        "   D   \n", {.signals = "B"});
//   t.net->find_edge("AB");
//
// Letters are junctions, '-' and '|' two-way roads of one lane a direction ("AB" and "BA"), '=' and '"' of two lanes,
// '>' '<' '^' 'v' anywhere in a road make it one-way. A character is cell_m metres wide and high. Coordinates: A's
// column and the last row are 0.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "sim/network/network.h"
#include "tests/support/shared_data.h"

namespace gemeo::test {

struct tiny_options {
  double cell_m = 50;
  double speed_mps = 13.89;
  std::string signals = {};               // letters of the junctions with traffic lights
  std::string roundabouts = {};           // letters of junctions on one roundabout
  std::string kind = {};                  // of the other junctions, as netconvert has it: "allway_stop"
  std::string netconvert = {};            // further options of netconvert
  std::map<char, double> heights_m = {};  // of junctions; 0 where nothing is said
};

void write_text(std::filesystem::path const& file, std::string_view text);

// Runs netconvert over the drawing; the network lies in FOLDER/net.net.xml.
std::filesystem::path draw_network(std::filesystem::path const& folder, std::string_view drawing,
                                   tiny_options const& options = {});

struct tiny_network {
  explicit tiny_network(std::string_view drawing, tiny_options const& options = {});
  temp_folder folder;
  std::filesystem::path file;
  std::shared_ptr<network const> net;
};

// Two edges in line, one lane each, joined at J with an internal lane; a signal at J. For tests that break one thing.
std::string tiny_net_text();

}  // namespace gemeo::test
