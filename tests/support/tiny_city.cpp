#include "tests/support/tiny_city.h"

namespace gemeo::test {

tiny_city::tiny_city(std::filesystem::path const& where, double trips_per_day) : folder(where) {
  std::filesystem::create_directories(folder);
  auto const made = draw_network(folder,
                                 "A-----B-----C-----D\n"
                                 "|     |     |     |\n"
                                 "|     |     |     |\n"
                                 "E-----F=====G-----H\n"
                                 "|     |     |     |\n"
                                 "|     |     |     |\n"
                                 "I-----J-----K-----L\n",
                                 {.cell_m = 50, .signals = "FG"});
  if (made.filename() != "net.net.xml") std::filesystem::copy_file(made, folder / "net.net.xml");
  write("city.toml",
        "name = \"tiny\"\nlabel = \"Tiny\"\ntime_zone = \"Europe/Lisbon\"\nnetwork = \"net.net.xml\"\nzones = "
        "\"zones.csv\"\n"
        "zone_edges = \"zone_edges.csv\"\nod = \"od.csv\"\nprofiles = \"profiles.csv\"\nvtypes = \"vtypes.add.xml\"\n"
        "stops = \"stops.csv\"\nlines = \"lines.toml\"\n");
  write("zones.csv",
        "zone_id,name,parish,kind,lat,lon,park_and_ride_spaces\nwest,West,P,cell,38.7,-9.4,\neast,East,P,cell,38.7,-"
        "9.3,\n"
        "south,South,Q,gate,38.6,-9.35,\nmid,Mid,Q,station,38.65,-9.35,20\n");
  write("zone_edges.csv",
        "zone_id,edge_id,weight\nwest,AB,2\nwest,AE,1\nwest,EA,1\nwest,BA,1\neast,DH,1\neast,DC,1\neast,CD,1\nsouth,"
        "KJ,1\nsouth,KL,1\n"
        "south,LK,1\nmid,FG,1\nmid,GF,1\n");
  auto const f = [&](double share) { return std::to_string(trips_per_day * share); };
  write("od.csv", "from_zone,to_zone,purpose,vtype,trips_per_day\nwest,east,work,car," + f(0.4) +
                      "\neast,west,home,car," + f(0.3) + "\nsouth,west,work,car," + f(0.1) + "\nwest,mid,work,car," +
                      f(0.15) + "\neast,south,freight,lorry," + f(0.05) + "\n");
  std::string profiles = "purpose,begin_s,share\n";
  for (char const* p : {"work", "home", "freight"}) {
    for (int i = 0; i < 96; ++i) {
      bool const peak = i >= 28 && i < 36;
      profiles += std::string(p) + "," + std::to_string(i * 900) + "," + (peak ? "0.06" : "0.005909090909") + "\n";
    }
  }
  write("profiles.csv", profiles);
  write("vtypes.add.xml",
        "<additional>\n<vType id=\"brisk\" sigma=\"0\" tau=\"1.0\" speedDev=\"0.1\"/>\n<vType id=\"calm\" "
        "sigma=\"0\" tau=\"1.4\" "
        "speedFactor=\"0.9\" speedDev=\"0.05\"/>\n<vType id=\"lorry\" vClass=\"truck\" length=\"9\" sigma=\"0\" "
        "guiShape=\"truck\"/>\n"
        "<vType id=\"bus\" vClass=\"bus\" length=\"12\" sigma=\"0\"/>\n"
        "<vTypeDistribution id=\"car\" vTypes=\"brisk calm\" probabilities=\"0.75 0.25\"/>\n</additional>\n");
  write("stops.csv", "stop_id,name,edge_id,lane,begin_m,end_m\ns1,First,AB,0,100,120\ns2,Second,CD,0,100,120\n");
  write("lines.toml",
        "[[line]]\nid = \"1\"\nname = \"A to D\"\nvtype = \"bus\"\nedges = [\"AB\", \"BC\", \"CD\"]\nstops = "
        "[\"s1\", \"s2\"]\n"
        "offsets_s = [40, 120]\ndwell_s = 15\nservice = [{begin = \"06:00\", end = \"20:00\", headway_s = 1200}]\n");
}

}  // namespace gemeo::test
