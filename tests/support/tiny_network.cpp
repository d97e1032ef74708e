#include "tests/support/tiny_network.h"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace gemeo::test {

void write_text(std::filesystem::path const& file, std::string_view text) {
  std::ofstream out(file, std::ios::binary);
  out << text;
  if (!out.flush()) throw std::runtime_error("cannot write " + file.string());
}

namespace {

class ascii_map {
 public:
  ascii_map(std::string_view drawing, tiny_options const& options) : options_(options) {
    std::istringstream in{std::string(drawing)};
    for (std::string line; std::getline(in, line);) rows_.push_back(line);
    while (!rows_.empty() && rows_.back().find_first_not_of(' ') == std::string::npos) rows_.pop_back();
    for (std::size_t row = 0; row < rows_.size(); ++row) {
      for (std::size_t column = 0; column < rows_[row].size(); ++column) {
        if (!is_junction(at(row, column))) continue;
        add_node(row, column);
        add_road(row, column, 0, 1);
        add_road(row, column, 1, 0);
      }
    }
  }
  [[nodiscard]] std::string nodes() const { return "<nodes>\n" + nodes_ + "</nodes>\n"; }
  [[nodiscard]] std::string edges() const { return "<edges>\n" + edges_ + roundabout() + "</edges>\n"; }

 private:
  static bool is_junction(char c) { return c >= 'A' && c <= 'Z'; }
  [[nodiscard]] char at(std::size_t row, std::size_t column) const {
    return row < rows_.size() && column < rows_[row].size() ? rows_[row][column] : ' ';
  }
  void add_node(std::size_t row, std::size_t column) {
    char const c = at(row, column);
    bool const light = options_.signals.find(c) != std::string::npos;
    std::ostringstream s;
    auto const height = options_.heights_m.find(c);
    s << "  <node id=\"" << c << "\" x=\"" << static_cast<double>(column) * options_.cell_m << "\" y=\""
      << static_cast<double>(rows_.size() - 1 - row) * options_.cell_m << "\""
      << (height == options_.heights_m.end() ? "" : " z=\"" + std::to_string(height->second) + "\"")
      << (light                   ? " type=\"traffic_light\""
          : options_.kind.empty() ? ""
                                  : " type=\"" + options_.kind + "\"")
      << "/>\n";
    nodes_ += s.str();
  }
  void add_road(std::size_t row, std::size_t column, std::size_t down, std::size_t right) {
    std::string_view const marks = down != 0 ? "|\"^v" : "-=<>";
    bool forward = true, backward = true;
    int lanes = 1;
    std::size_t r = row + down, c = column + right;
    for (; marks.find(at(r, c)) != std::string_view::npos; r += down, c += right) {
      char const m = at(r, c);
      if (m == '=' || m == '"') lanes = 2;
      if (m == '>' || m == 'v') backward = false;
      if (m == '<' || m == '^') forward = false;
    }
    if (r - row + c - column < 2 || !is_junction(at(r, c))) return;
    if (forward) add_edge(at(row, column), at(r, c), lanes);
    if (backward) add_edge(at(r, c), at(row, column), lanes);
  }
  void add_edge(char from, char to, int lanes) {
    std::ostringstream s;
    s << "  <edge id=\"" << from << to << "\" from=\"" << from << "\" to=\"" << to << "\" numLanes=\"" << lanes
      << "\" speed=\"" << options_.speed_mps << "\" priority=\"1\"/>\n";
    edges_ += s.str();
    ids_.push_back({from, to});
  }
  [[nodiscard]] std::string roundabout() const {
    if (options_.roundabouts.empty()) return "";
    std::string nodes, edges;
    for (char const c : options_.roundabouts) nodes += std::string(1, c) + " ";
    for (std::string const& id : ids_) {
      bool const on = options_.roundabouts.find(id[0]) != std::string::npos &&
                      options_.roundabouts.find(id[1]) != std::string::npos;
      if (on) edges += id + " ";
    }
    nodes.pop_back();
    edges.pop_back();
    return "  <roundabout nodes=\"" + nodes + "\" edges=\"" + edges + "\"/>\n";
  }

  tiny_options options_;
  std::vector<std::string> rows_, ids_;
  std::string nodes_, edges_;
};

}  // namespace

std::filesystem::path draw_network(std::filesystem::path const& folder, std::string_view drawing,
                                   tiny_options const& options) {
  ascii_map const map(drawing, options);
  write_text(folder / "net.nod.xml", map.nodes());
  write_text(folder / "net.edg.xml", map.edges());
  std::filesystem::path const net = folder / "net.net.xml";
  std::string const f = folder.string();
  std::string const command = "netconvert -n '" + f + "/net.nod.xml' -e '" + f + "/net.edg.xml' -o '" + net.string() +
                              "' --no-turnarounds --offset.disable-normalization " + options.netconvert + " > '" + f +
                              "/netconvert.log' 2>&1";
  if (std::system(command.c_str()) != 0) throw std::runtime_error("netconvert failed; see " + f + "/netconvert.log");
  return net;
}

tiny_network::tiny_network(std::string_view drawing, tiny_options const& options)
    : file(draw_network(folder.path(), drawing, options)), net(read_network(file)) {}

std::string tiny_net_text() {
  return R"(<net version="1.9">
<location netOffset="0.00,0.00" convBoundary="0.00,0.00,200.00,0.00" origBoundary="0,0,200,0" projParameter="!"/>
<edge id=":J_0" function="internal">
<lane id=":J_0_0" index="0" speed="13.89" length="2.00" shape="99.00,-1.60 101.00,-1.60"/>
</edge>
<edge id="a" from="W" to="J" priority="1" name="West Street">
<lane id="a_0" index="0" disallow="tram rail" speed="13.89" length="99.00" shape="0.00,-1.60 99.00,-1.60"/>
</edge>
<edge id="b" from="J" to="E" priority="1">
<lane id="b_0" index="0" allow="bus taxi" speed="8.33" length="99.00" width="3.00" shape="101.00,-1.60,1.00 200.00,-1.60,2.00"/>
</edge>
<tlLogic id="J" type="static" programID="0" offset="5">
<phase duration="30" state="G"/>
<phase duration="5" state="y"/>
</tlLogic>
<junction id="W" type="dead_end" x="0.00" y="0.00" incLanes="" intLanes="" shape="0.00,0.00 0.00,-3.20"/>
<junction id="J" type="traffic_light" x="100.00" y="0.00" incLanes="a_0" intLanes=":J_0_0" shape="99.00,0.00 99.00,-3.20 101.00,-3.20 101.00,0.00">
<request index="0" response="0" foes="0" cont="0"/>
</junction>
<junction id="E" type="dead_end" x="200.00" y="0.00" incLanes="b_0" intLanes="" shape="200.00,-3.20 200.00,0.00"/>
<connection from="a" to="b" fromLane="0" toLane="0" via=":J_0_0" tl="J" linkIndex="0" dir="s" state="O"/>
<connection from=":J_0" to="b" fromLane="0" toLane="0" dir="s" state="M"/>
</net>
)";
}

}  // namespace gemeo::test
