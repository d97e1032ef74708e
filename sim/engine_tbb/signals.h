// Traffic lights: which letter each link of each signal shows at a time. Fixed programs (with offsets) and SUMO's
// actuated ones, which extend a green while detectors see vehicles follow each other (SUMO manual, "Traffic Lights":
// gap-based, detector gap 2 s, largest gap 3 s). One thread.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/core/bytes.h"
#include "sim/engine_tbb/world.h"

namespace gemeo::micro {

class signal_control {
 public:
  // Places the actuated programs' detectors into w.loops: call before loops are sorted.
  explicit signal_control(world& w);
  void switch_to(signal_id s, std::uint32_t program);          // of scenario::programs
  void tick(world& w);                                         // shows what holds at w.now_s
  [[nodiscard]] bool shows_any_of(char const* letters) const;  // in some phase of some program
  // After loops were sorted: where[i] is the new place of loop i.
  void renumber(std::vector<std::uint32_t> const& where);
  void save(byte_writer& out) const;
  void restore(byte_reader& in);  // throws error(kInput) on what save() cannot have written
  [[nodiscard]] static std::vector<std::string> unsupported(scenario const& s);

 private:
  struct sensor {
    std::uint32_t loop;
    std::vector<bool> serves;  // by phase
  };
  // A program goes on while another one is shown, as in SUMO.
  struct running {
    signal_program const* program = nullptr;
    std::vector<sensor> sensors;  // of an actuated one
    std::size_t phase = 0;
    double since_s = 0, next_s = 0;
  };
  struct light {
    std::vector<running> programs;         // what the network's file names last, then others of the scenario
    std::vector<std::size_t> of_scenario;  // where those of scenario::programs are in programs
    std::size_t shown = 0;
    std::string const* written = nullptr;  // the state that its letters show
  };
  static running start(signal_program const& p, double now_s);
  void place_sensors(world& w, signal_id s, running& r);
  void step(world const& w, running& r);

  id_vector<signal_id, light> signals_;
  id_vector<signal_id, double> next_s_;  // before that nothing happens
};

}  // namespace gemeo::micro
