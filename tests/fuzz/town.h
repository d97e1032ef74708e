// A town of two edges whose files a fuzz target changes one at a time: files on disk, and what was sound of each.
// Internal to tests/fuzz. Thread rule: one thread.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/fuzz/must.h"

namespace gemeo::test {

namespace fs = std::filesystem;

inline void write(fs::path const& file, std::string_view text) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  must(out.flush().good(), "the scratch folder cannot be written");
}

// Two edges in line with a signal between them, two lanes on the first.
inline constexpr char const* kNet = R"(<net version="1.9">
<location netOffset="-460000.00,-4283000.00" convBoundary="0,0,200,0" origBoundary="-9.5,38.6,-9.3,38.8" projParameter="+proj=utm +zone=29 +ellps=WGS84 +datum=WGS84 +units=m +no_defs"/>
<edge id=":J_0" function="internal"><lane id=":J_0_0" index="0" speed="13.89" length="2.00" shape="99,-1.6 101,-1.6"/></edge>
<edge id="a" from="W" to="J" priority="1" name="West Street">
<lane id="a_0" index="0" speed="13.89" length="99" shape="0,-4.8 99,-4.8"/><lane id="a_1" index="1" speed="13.89" length="99" shape="0,-1.6 99,-1.6"/></edge>
<edge id="b" from="J" to="E" priority="1"><lane id="b_0" index="0" speed="8.33" length="99" shape="101,-1.6 200,-1.6"/></edge>
<tlLogic id="J" type="static" programID="0" offset="5"><phase duration="30" state="GG"/><phase duration="5" state="yy"/></tlLogic>
<junction id="W" type="dead_end" x="0" y="0" incLanes="" intLanes="" shape="0,0 0,-6.4"/>
<junction id="J" type="traffic_light" x="100" y="0" incLanes="a_0 a_1" intLanes=":J_0_0" shape="99,0 99,-3 101,-3 101,0"><request index="0" response="00" foes="00" cont="0"/><request index="1" response="00" foes="00" cont="0"/></junction>
<junction id="E" type="dead_end" x="200" y="0" incLanes="b_0" intLanes="" shape="200,-3 200,0"/>
<connection from="a" to="b" fromLane="0" toLane="0" via=":J_0_0" tl="J" linkIndex="0" dir="s" state="O"/>
<connection from="a" to="b" fromLane="1" toLane="0" tl="J" linkIndex="1" dir="s" state="O"/>
<connection from=":J_0" to="b" fromLane="0" toLane="0" dir="s" state="M"/>
</net>
)";

struct sound_file {
  char kind;
  char const* name;
  std::string text;
};

class town {
 public:
  explicit town(std::string const& of_target)
      : folder_(fs::temp_directory_path() / (of_target + "_fuzz_" + std::to_string(::getpid()))) {
    fs::create_directories(folder_ / "data/tiny");
    fs::create_directories(folder_ / "scenarios");
    std::string profiles = "purpose,begin_s,share\n";
    for (int i = 0; i < 96; ++i) profiles += "work," + std::to_string(i * 900) + ",0.0104166666667\n";
    files_ = {
        {'n', "net.net.xml", kNet},
        {'x', "city.toml",
         "name = \"tiny\"\nnetwork = \"net.net.xml\"\nzones = \"zones.csv\"\nzone_edges = \"zone_edges.csv\"\nod = "
         "\"od.csv\"\nprofiles = \"profiles.csv\"\nvtypes = \"vtypes.add.xml\"\nstops = \"stops.csv\"\nlines = "
         "\"lines.toml\"\ntravel_times = \"travel_times.csv\"\ndetectors = \"detectors.csv\"\n"},
        {'z', "zones.csv",
         "zone_id,name,parish,kind,lat,lon,park_and_ride_spaces\nwest,West,P,cell,38.7,-9.4,\neast,East,P,station,38.7,"
         "-9.3,5\n"},
        {'e', "zone_edges.csv", "zone_id,edge_id,weight\nwest,a,2\neast,b,1\n"},
        {'o', "od.csv", "from_zone,to_zone,purpose,vtype,trips_per_day\nwest,east,work,car,300\n"},
        {'p', "profiles.csv", profiles},
        {'v', "vtypes.add.xml",
         "<additional><vType id=\"brisk\"/><vType id=\"bus\" vClass=\"bus\"/><vTypeDistribution id=\"car\" "
         "vTypes=\"brisk\"/></additional>\n"},
        {'s', "stops.csv", "stop_id,name,edge_id,lane,begin_m,end_m\ns1,First,a,0,10,30\n"},
        {'l', "lines.toml",
         "[[line]]\nid = \"1\"\nvtype = \"bus\"\nedges = [\"a\", \"b\"]\nstops = [\"s1\"]\noffsets_s = [10]\nservice = "
         "[{begin = \"06:00\", end = \"20:00\", headway_s = 1200}]\n"},
        {'r', "travel_times.csv", "begin_s,edge_id,travel_time_s,view\n25200,a,30,0\n25200,a,40,1\n"},
        {'d', "detectors.csv", "id,edge,lane,pos_m\nd1,a,0,50\n"},
    };
    for (sound_file const& f : files_) write(path(f), f.text);
    write(folder_ / "scenarios/base.toml", "city = \"tiny\"\n[time]\nbegin = \"07:00\"\nend = \"07:20\"\n");
  }
  ~town() {
    std::error_code ec;
    fs::remove_all(folder_, ec);
  }
  town(town const&) = delete;
  town& operator=(town const&) = delete;

  [[nodiscard]] fs::path scenario(std::string_view text) const {
    write(folder_ / "scenarios/x.toml", text);
    return folder_ / "scenarios/x.toml";
  }
  [[nodiscard]] fs::path folder() const { return folder_ / "data/tiny"; }
  [[nodiscard]] fs::path const& root() const { return folder_; }
  [[nodiscard]] sound_file const* of_kind(char kind) const {
    for (sound_file const& f : files_) {
      if (f.kind == kind) return &f;
    }
    return nullptr;
  }
  [[nodiscard]] fs::path path(sound_file const& f) const { return folder() / f.name; }

 private:
  fs::path folder_;
  std::vector<sound_file> files_;
};

}  // namespace gemeo::test
