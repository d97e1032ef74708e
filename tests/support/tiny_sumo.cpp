#include "tests/support/tiny_sumo.h"

namespace gemeo::test {

std::filesystem::path make_tiny_sumo(std::filesystem::path const& folder, tiny_sumo_options const& o) {
  std::filesystem::create_directories(folder);
  draw_network(folder,
               "A----B----C\n"
               "|    |    |\n"
               "|    |    |\n"
               "D----E----F\n",
               {.cell_m = 60, .signals = "B"});
  std::string const rate =
      "\" begin=\"0\" end=\"" + std::to_string(o.end_s) + "\" vehsPerHour=\"" + std::to_string(o.veh_per_h) + "\"/>\n";
  write_text(folder / "routes.rou.xml",
             "<routes>\n<vType id=\"car\" sigma=\"0.5\"/>\n<flow id=\"east\" type=\"car\" from=\"AB\" to=\"CF" + rate +
                 "<flow id=\"north\" type=\"car\" from=\"FE\" to=\"BC" + rate +
                 "<flow id=\"south\" type=\"car\" from=\"AD\" to=\"EF" + rate + o.broken + "</routes>\n");
  std::filesystem::path const config = folder / (o.name + ".sumocfg");
  write_text(config,
             "<configuration>\n<input><net-file value=\"net.net.xml\"/><route-files value=\"routes.rou.xml\"/>" +
                 o.more_input + "</input>\n<time><begin value=\"0\"/><end value=\"" + std::to_string(o.end_s) +
                 "\"/></time>\n</configuration>\n");
  return config;
}

}  // namespace gemeo::test
