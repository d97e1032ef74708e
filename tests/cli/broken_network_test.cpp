// Broken OpenStreetMap data, areas and networks through the command line: see tests/support/gemeo_program.h for what is
// checked of each row.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "sim/core/text_file.h"
#include "tests/support/gemeo_program.h"
#include "tests/support/replaced.h"
#include "tests/support/tiny_osm.h"

using namespace gemeo;
using namespace gemeo::test;
namespace fs = std::filesystem;

namespace {

std::string const kTown = tiny_osm();
std::vector<std::string> const kImport{"import", "town.osm", "-o", "city"};

std::vector<std::string> import_with(std::vector<std::string> more) {
  std::vector<std::string> a = kImport;
  a.insert(a.end(), more.begin(), more.end());
  return a;
}

// A PBF file that starts well: the length of a header blob, then a header that claims `claimed` bytes of data.
std::string pbf(std::uint32_t header_length, std::string const& rest) {
  std::string s;
  for (int shift = 24; shift >= 0; shift -= 8)
    s += static_cast<char>((header_length >> static_cast<unsigned>(shift)) & 0xFFU);
  return s + "\x0a\x09OSMHeader" + rest;
}

// netconvert as a script, found first in PATH.
broken_input with_netconvert(std::string name, std::string const& script, int exit_code,
                             std::vector<std::string> says) {
  return {std::move(name),
          kImport,
          exit_code,
          std::move(says),
          {{"town.osm", kTown}, {"bin/netconvert", script}},
          [](fs::path const& f) { fs::permissions(f / "bin/netconvert", fs::perms::owner_all); },
          {{"PATH", "bin:/usr/bin:/bin"}}};
}

std::string broken_net(std::string const& what, std::string const& with) {
  return replaced(tiny_net_text(), what, with);
}

// A SUMO configuration with that network.
broken_input run_of(std::string name, std::string const& net, std::vector<std::string> says) {
  std::string const config =
      "<configuration><input><net-file value=\"net.net.xml\"/></input><time><end value=\"10\"/></time></configuration>";
  return {std::move(name),
          {"run", "x.sumocfg", "-o", "out"},
          2,
          std::move(says),
          {{"net.net.xml", net}, {"x.sumocfg", config}}};
}

}  // namespace

TEST_CASE("broken inputs: import refuses each with one message and leaves nothing") {
  std::string const box_hint = "W,S,E,N";
  std::vector<broken_input> const table = {
      {"no file", kImport, 2, {"town.osm", "no such file"}},
      {"a folder for a file", kImport, 2, {"town.osm", "is a folder"}, {{"town.osm/x", ""}}},
      {"an empty file", kImport, 2, {"town.osm", "is empty"}, {{"town.osm", ""}}},
      {"a picture", kImport, 2, {"town.osm", "is not OpenStreetMap data"}, {{"town.osm", "\x89PNG\r\n\x1a\n...."}}},
      {"a web page",
       kImport,
       2,
       {"town.osm", "no OpenStreetMap data"},
       {{"town.osm", "<html><body>429</body></html>"}}},
      {"a network for streets", kImport, 2, {"town.osm", "no OpenStreetMap data"}, {{"town.osm", tiny_net_text()}}},
      {"XML cut in the middle", kImport, 2, {"town.osm", "damaged"}, {{"town.osm", kTown.substr(0, kTown.size() / 2)}}},
      {"XML with a stray tag",
       kImport,
       2,
       {"town.osm", "damaged"},
       {{"town.osm", replaced(kTown, "</way>", "</wey>")}}},
      {"an id that is no number",
       kImport,
       2,
       {"town.osm", "damaged"},
       {{"town.osm", replaced(kTown, "id=\"101\"", "id=\"x\"")}}},
      {"an id beyond 64 bits",
       kImport,
       2,
       {"town.osm", "damaged"},
       {{"town.osm", replaced(kTown, "id=\"101\"", "id=\"99999999999999999999\"")}}},
      {"a latitude that is no number",
       kImport,
       2,
       {"town.osm", "damaged"},
       {{"town.osm", replaced(kTown, "lat=\"38.7000000\"", "lat=\"nan\"")}}},
      {"no way at all", kImport, 2, {"town.osm", "no street"}, {{"town.osm", "<osm version=\"0.6\"></osm>"}}},
      {"ways without nodes",
       kImport,
       2,
       {"town.osm", "no nodes"},
       {{"town.osm",
         "<osm version=\"0.6\"><way id=\"1\"><nd ref=\"1\"/><nd ref=\"2\"/><tag k=\"highway\" "
         "v=\"primary\"/></way></osm>"}}},
      {"gzip cut in the middle",
       kImport,
       2,
       {"town.osm", "damaged"},
       {},
       [](fs::path const& f) {
         write_text_file(f / "town.osm.gz", kTown);
         fs::rename(f / "town.osm.gz", f / "town.osm");
         fs::resize_file(f / "town.osm", 400);
       }},
      {"gzip with flipped bytes",
       kImport,
       2,
       {"town.osm", "damaged"},
       {{"town.osm", "\x1f\x8b\x08\x01\x02\x03\x04 garbage"}}},
      {"bzip2 of nothing", kImport, 2, {"town.osm", "damaged"}, {{"town.osm", "BZh9 not really"}}},
      {"a PBF file cut after its header",
       kImport,
       2,
       {"town.osm", "damaged"},
       {{"town.osm", pbf(13, std::string("\x18\xff\x01", 3))}}},
      {"a PBF header of 2 GB", kImport, 2, {"town.osm", "damaged"}, {{"town.osm", pbf(0x00FFFFFF, "xxxx")}}},
      {"a PBF blob that claims 10 GB",
       kImport,
       2,
       {"town.osm", "damaged"},
       {{"town.osm", pbf(17, std::string("\x18\x80\x80\x80\x80\x25", 6))}}},
      {"a box without streets",
       import_with({"--box=10,50,11,51"}),
       2,
       {"town.osm", "no street lies in the area", "longitude comes first", "within -9.4"},
       {{"town.osm", kTown}}},
      {"a box of three numbers", import_with({"--box=1,2,3"}), 2, {"--box", box_hint}, {{"town.osm", kTown}}},
      {"a box of five numbers", import_with({"--box=1,2,3,4,5"}), 2, {"--box", box_hint}, {{"town.osm", kTown}}},
      {"a box with NaN", import_with({"--box=nan,2,3,4"}), 2, {"--box", "nan"}, {{"town.osm", kTown}}},
      {"a box inside out", import_with({"--box=11,50,10,51"}), 2, {"--box", "is empty"}, {{"town.osm", kTown}}},
      {"a box off the globe", import_with({"--box=0,0,10,951"}), 2, {"--box", "globe"}, {{"town.osm", kTown}}},
      {"a time zone that is none",
       import_with({"--time-zone", "Europe/Lisbonn"}),
       2,
       {"--time-zone", "did you mean 'Europe/Lisbon'?"},
       {{"town.osm", kTown}}},
      {"a box and a polygon",
       import_with({"--box=0,0,1,1", "--polygon", "p.geojson"}),
       2,
       {"--polygon"},
       {{"town.osm", kTown}}},
      {"no polygon file",
       import_with({"--polygon", "p.geojson"}),
       2,
       {"p.geojson", "no such file"},
       {{"town.osm", kTown}}},
      {"a polygon cut in the middle",
       import_with({"--polygon", "p.geojson"}),
       2,
       {"p.geojson"},
       {{"town.osm", kTown}, {"p.geojson", "{\"type\": \"Poly"}}},
      {"a point for a polygon",
       import_with({"--polygon", "p.geojson"}),
       2,
       {"p.geojson"},
       {{"town.osm", kTown}, {"p.geojson", "{\"type\":\"Point\",\"coordinates\":[1,2]}"}}},
      {"an output that exists",
       kImport,
       2,
       {"city", "exists already", "--force"},
       {{"town.osm", kTown}, {"city/city.toml", "name = \"mine\"\n"}}},
      {"an output that is a file", kImport, 2, {"city", "is a file"}, {{"town.osm", kTown}, {"city", "mine"}}},
      {"--force on a folder that is no city",
       import_with({"--force"}),
       2,
       {"city", "no city.toml"},
       {{"town.osm", kTown}, {"city/thesis.tex", "mine"}}},
      {"--force with data that is broken",
       import_with({"--force"}),
       2,
       {"town.osm"},
       {{"town.osm", "<osm"}, {"city/city.toml", "name = \"mine\"\n"}}},
      {"an output under a file",
       {"import", "town.osm", "-o", "a/city"},
       2,
       {"a/"},
       {{"town.osm", kTown}, {"a", "a file"}}},
      {"an output where nobody may write",
       {"import", "town.osm", "-o", "/proc/city"},
       2,
       {"/proc/", "cannot make this folder"},
       {{"town.osm", kTown}}},
      {"an output that is the current folder",
       {"import", "town.osm", "-o", "."},
       2,
       {"names no folder"},
       {{"town.osm", kTown}}},
      {"no output", {"import", "town.osm"}, 2, {"--out"}, {{"town.osm", kTown}}},
      {"an unknown option", import_with({"--boxx=1,2,3,4"}), 2, {"--boxx"}, {{"town.osm", kTown}}},
      {"a zone of no size", import_with({"--zone-size", "0"}), 2, {"--zone-size"}, {{"town.osm", kTown}}},
      {"negative trips", import_with({"--placeholder-trips", "-5"}), 2, {"--placeholder-trips"}, {{"town.osm", kTown}}},
      {"streets for pedestrians only",
       import_with({"--footways"}),
       2,
       {"no street is left"},
       {{"town.osm",
         "<osm version=\"0.6\"><node id=\"1\" lat=\"1\" lon=\"1\"/><node id=\"2\" lat=\"1.01\" lon=\"1\"/><node "
         "id=\"3\" lat=\"1.01\" lon=\"1.01\"/>"
         "<way id=\"1\"><nd ref=\"1\"/><nd ref=\"2\"/><tag k=\"highway\" v=\"footway\"/></way>"
         "<way id=\"2\"><nd ref=\"2\"/><nd ref=\"3\"/><tag k=\"highway\" v=\"footway\"/></way></osm>"}}},
      {"an option netconvert does not know",
       import_with({"--netconvert=--no-such-option"}),
       1,
       {"netconvert", "no-such-option"},
       {{"town.osm", kTown}}},
      with_netconvert("netconvert that fails", "#!/bin/sh\necho 'Error: the moon is full' >&2\nexit 3\n", 1,
                      {"netconvert", "exit code 3", "the moon is full"}),
      with_netconvert("netconvert that crashes", "#!/bin/sh\nkill -SEGV $$\n", 1, {"netconvert", "signal 11"}),
      with_netconvert("netconvert that writes nothing", "#!/bin/sh\nexit 0\n", 1, {"netconvert"}),
      with_netconvert("netconvert that writes half a network",
                      "#!/bin/sh\nprintf '<net version=\"1.9\"><edge' > net.net.xml\n", 2,
                      {"net.net.xml", "malformed XML"}),
      with_netconvert("netconvert that writes no edges",
                      "#!/bin/sh\nprintf '<net version=\"1.9\"></net>' > net.net.xml\n", 2,
                      {"net.net.xml", "no edges"}),
      with_netconvert(
          "netconvert without a projection",
          "#!/bin/sh\ncat > net.net.xml << 'E'\n" + replaced(tiny_net_text(), "\"bus taxi\"", "\"passenger\"") + "E\n",
          2, {"net.net.xml"}),
      {"no netconvert", kImport, 1, {"netconvert", "not installed"}, {{"town.osm", kTown}}, {}, {{"PATH", "/nowhere"}}},
  };
  CHECK(table.size() >= 45);
  for (broken_input const& b : table) {
    DYNAMIC_SECTION(b.name) { run_broken(b); }
  }
}

TEST_CASE("broken inputs: a disk that fills up during an import leaves nothing behind") {
  temp_folder const t;
  write_text(t / "town.osm", kTown);
  fs::create_directories(t / "small");
  std::string const gemeo = GEMEO_BINARY_DIR "/bin/gemeo";
  std::string const script = "mount -t tmpfs -o size=16k none small && { " + gemeo +
                             " import town.osm -o small/city >/dev/null; code=$?; ls -A small | wc -l; exit $code; }";
  process_options o;
  o.folder = t.path();
  process_result const probe = run_program({"unshare", "-rm", "sh", "-c", "mount -t tmpfs -o size=16k none small"}, o);
  if (!probe.ok()) {
    WARN("skipped: no small file system can be made here: " << probe.error_output);
    return;
  }
  process_result const r = run_program({"unshare", "-rm", "sh", "-c", script}, o);
  INFO(r.error_output);
  CHECK(r.exit_code >= 1);
  CHECK(r.exit_code <= 2);
  CHECK(r.output == "0\n");
  CHECK(r.error_output.starts_with("gemeo: "));
}

TEST_CASE("broken inputs: a run names what is wrong with its network and leaves nothing") {
  std::vector<broken_input> const table = {
      run_of("a network cut in the middle", tiny_net_text().substr(0, 900), {"net.net.xml", "malformed XML"}),
      run_of("a network without edges", "<net version=\"1.9\"></net>", {"net.net.xml", "no edges"}),
      run_of("routes for a network", "<routes></routes>", {"net.net.xml", "not a SUMO network"}),
      run_of("an empty network file", "", {"net.net.xml", "malformed XML"}),
      run_of("a lane of negative length", broken_net("length=\"99.00\" shape", "length=\"-9\" shape"),
             {"net.net.xml:7", "a_0", "length"}),
      run_of("a lane with a length that is no number", broken_net("length=\"99.00\" shape", "length=\"nan\" shape"),
             {"net.net.xml:7", "length"}),
      run_of("an edge to a junction that is not there", broken_net("from=\"W\"", "from=\"Q\""),
             {"net.net.xml", "unknown junction 'Q'"}),
      run_of("a connection to an edge that is not there", broken_net("to=\"b\"", "to=\"z\""),
             {"net.net.xml", "unknown edge 'z'"}),
      run_of("a signal state with too few letters", broken_net("linkIndex=\"0\"", "linkIndex=\"9\""),
             {"net.net.xml", "link 9"}),
      run_of("an unknown vehicle class", broken_net("bus taxi", "bus taxy"), {"net.net.xml", "taxy"}),
      run_of("an entity bomb", "<!DOCTYPE net [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><net>&b;</net>",
             {"net.net.xml"}),
  };
  for (broken_input const& b : table) {
    DYNAMIC_SECTION(b.name) { run_broken(b); }
  }
}
