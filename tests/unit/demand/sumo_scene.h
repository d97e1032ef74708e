// A network of five edges for the readers of SUMO demand, and what is read on it.
//
//   W ==a==> J --b--> K --c--> E      a: two lanes, the right one for buses only; c: buses only
//                     |
//                     d -> S          x: reached by nobody
#pragma once

#include <catch2/catch.hpp>
#include <string>

#include "sim/core/error.h"
#include "sim/demand/sumo_demand.h"

namespace gemeo::test {

inline std::shared_ptr<network const> sumo_scene_net() {
  return read_network_text(R"(<net version="1.9">
<location netOffset="0,0" convBoundary="0,0,600,0" origBoundary="0,0,600,0" projParameter="!"/>
<edge id="a" from="W" to="J"><lane id="a_0" index="0" allow="bus" speed="13.89" length="100" shape="0,-5 100,-5"/>
<lane id="a_1" index="1" speed="13.89" length="100" shape="0,-2 100,-2"/></edge>
<edge id="b" from="J" to="K"><lane id="b_0" index="0" speed="13.89" length="200" shape="100,-2 300,-2"/></edge>
<edge id="c" from="K" to="E"><lane id="c_0" index="0" allow="bus" speed="13.89" length="300" shape="300,-2 600,-2"/></edge>
<edge id="d" from="K" to="S"><lane id="d_0" index="0" speed="13.89" length="50" shape="300,-2 300,-52"/></edge>
<edge id="x" from="S" to="W"><lane id="x_0" index="0" speed="13.89" length="50" shape="300,-52 0,-2"/></edge>
<tlLogic id="J" type="static" programID="0" offset="0"><phase duration="30" state="GG"/><phase duration="5" state="yy"/></tlLogic>
<junction id="W" type="dead_end" x="0" y="0" incLanes="x_0" intLanes="" shape="0,0 0,-7"/>
<junction id="J" type="traffic_light" x="100" y="0" incLanes="a_0 a_1" intLanes="" shape="100,0 100,-7"/>
<junction id="K" type="priority" x="300" y="0" incLanes="b_0" intLanes="" shape="300,0 300,-7"/>
<junction id="E" type="dead_end" x="600" y="0" incLanes="c_0" intLanes="" shape="600,0 600,-7"/>
<junction id="S" type="dead_end" x="300" y="-52" incLanes="d_0" intLanes="" shape="300,-52 303,-52"/>
<connection from="a" to="b" fromLane="0" toLane="0" tl="J" linkIndex="0" dir="s" state="O"/>
<connection from="a" to="b" fromLane="1" toLane="0" tl="J" linkIndex="1" dir="s" state="O"/>
<connection from="b" to="c" fromLane="0" toLane="0" dir="s" state="M"/>
<connection from="b" to="d" fromLane="0" toLane="0" dir="r" state="m"/>
</net>)",
                           "scene.net.xml");
}

struct sumo_scene {
  std::shared_ptr<network const> net = sumo_scene_net();
  sumo_reading times{0, 1000, 1, 7};
  [[nodiscard]] sumo_inputs read(std::string const& elements) const {
    return parse_sumo_demand(*net, "<routes>" + elements + "</routes>", "scene.rou.xml", times);
  }
  // The message of what is wrong; empty when nothing is.
  [[nodiscard]] std::string message(std::string const& elements) const {
    try {
      (void)read(elements);
      return "";
    } catch (error const& e) {
      CHECK(e.kind() == error_kind::kInput);
      return e.what();
    }
  }
  [[nodiscard]] edge_id edge(char const* name) const { return net->find_edge(name).value(); }
};

}  // namespace gemeo::test
