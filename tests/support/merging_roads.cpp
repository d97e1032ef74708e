#include "tests/support/merging_roads.h"

#include <cstdlib>
#include <stdexcept>

#include "sim/core/text_file.h"

namespace gemeo::test {

namespace {

void netconvert(std::filesystem::path const& folder, std::string const& arguments) {
  std::string const command = "cd '" + folder.string() +
                              "' && netconvert --xml-validation never --ignore-errors.edge-type " + arguments +
                              " > netconvert.log 2>&1";
  if (std::system(command.c_str()) != 0)  // NOLINT: no thread of ours runs
    throw std::runtime_error("netconvert failed: " + read_text_file(folder / "netconvert.log"));
}

std::string lines(std::string const& from, std::vector<std::pair<int, int>> const& lanes) {
  std::string out;
  for (auto const& [a, b] : lanes) {
    out += "<connection from=\"" + from + "\" to=\"on\"";
    if (a >= 0) out += " fromLane=\"" + std::to_string(a) + "\" toLane=\"" + std::to_string(b) + "\"";
    out += "/>\n";
  }
  return out;
}

}  // namespace

merging_roads::merging_roads(merging_options const& o) {
  auto const edge = [&](std::string const& id, char const* from, char const* to, int lanes, char const* more) {
    return "<edge id=\"" + id + "\" from=\"" + from + "\" to=\"" + to + "\" numLanes=\"" + std::to_string(lanes) +
           "\" type=\"" + o.type + "\" " + more + "/>\n";
  };
  write_text(folder.path() / "m.nod.xml",
             "<nodes><node id=\"A\" x=\"0\" y=\"0\"/><node id=\"J\" x=\"1500\" y=\"0\"/><node id=\"B\" x=\"3000\" "
             "y=\"0\"/><node id=\"R\" x=\"700\" y=\"-150\"/></nodes>");
  write_text(folder.path() / "m.edg.xml", "<edges>" + edge("main", "A", "J", 2, "speed=\"25\" priority=\"12\"") +
                                              edge("ramp", "R", "J", 1, "speed=\"16.7\" priority=\"9\"") +
                                              edge("on", "J", "B", o.lanes_on, "speed=\"25\" priority=\"12\"") +
                                              "</edges>");
  write_text(folder.path() / "m.con.xml",
             "<connections>" + lines("ramp", o.ramp) + lines("main", o.main) + "</connections>");
  netconvert(folder.path(), "-n m.nod.xml -e m.edg.xml -x m.con.xml -o m.net.xml --no-turnarounds " + o.netconvert);
  file = folder.path() / "m.net.xml";
  net = read_network(file);
}

std::string merging_roads::plain_connections() const {
  netconvert(folder.path(), "-s m.net.xml --plain-output-prefix plain");
  return read_text_file(folder.path() / "plain.con.xml");
}

}  // namespace gemeo::test
