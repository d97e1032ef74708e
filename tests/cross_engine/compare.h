// One scene on both engines, and how far they differ.
#pragma once

#include "tests/unit/engine_sumo/driver.h"

namespace gemeo::test {

struct both {
  explicit both(scenario const& s, bool emissions = false);
  outcome sumo, tbb;
};

// Ticks in which a vehicle's place differs by more than 1 cm or its speed by more than 1 cm/s; the first ones are told.
std::size_t different_ticks(both const& b, scenario const& s);

// Not one.
void check_exact(scenario const& s);

double mean_duration(outcome const& o);  // of the trips that arrived, in s

// As many arrive, in the same time on average.
void check_alike(both const& b, double share);

// Scenes that more than one test looks at.
struct column : drawn_scenario {
  column() : drawn_scenario("A---------B---------C\n", 300) {
    add("AB BC", 0, "lorry");
    add_each("AB BC", 2, 2, 60);
  }
};

struct red_light : drawn_scenario {
  red_light()
      : drawn_scenario("A---------B---------C\n          |\n          |\n          D\n", 400, {.signals = "B"}) {
    add_each("AB BC", 0, 3, 200);
    add_each("DB BC", 1, 7, 200);
  }
};

struct changes : drawn_scenario {
  changes() : drawn_scenario("A=========B=========C\n", 400) {
    add_each("AB BC", 0, 3, 200);
    add_each("AB BC", 1, 17, 200, "lorry");
  }
};

struct ring_of_one_lane : drawn_scenario {  // with three arms
  explicit ring_of_one_lane(double end_s)
      : drawn_scenario(
            "      A      \n"
            "      |      \n"
            "      |      \n"
            "   P<-Q<-R   \n"
            "   v     ^   \n"
            "B--S->T->U--C\n",
            end_s, {.cell_m = 15, .roundabouts = "PQRUTS"}) {}
};

struct minor_road : drawn_scenario {
  minor_road() : drawn_scenario("A=========B=========C\n          |\n          |\n          |\n          D\n", 600) {
    add_each("AB BC", 0, 4, 300);
    add_each("DB BC", 1, 9, 300);
    add_each("DB BA", 5, 19, 300);
    add_each("CB BD", 3, 11, 300);
  }
};

}  // namespace gemeo::test
