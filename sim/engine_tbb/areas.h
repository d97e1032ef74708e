// Lane-area detectors as SUMO 1.15's E2 collectors see vehicles (manual, "Lanearea Detectors (E2)"): a vehicle is
// followed from its front's arrival on the area's lanes until its rear has left them, or it has changed lanes.
// Invariants: who is followed is sorted by vehicle id; no value depends on slots or on the order of parts. One thread.
#pragma once

#include "sim/core/bytes.h"
#include "sim/engine_tbb/world.h"

namespace gemeo::micro {

class lane_areas {
 public:
  lane_areas() = default;
  explicit lane_areas(world const& w);
  [[nodiscard]] std::size_t size() const { return areas_.size(); }
  void after_moves(world const& w);  // all vehicles have moved, nobody has changed lanes yet
  void after_tick(world const& w);   // nothing more happens in this tick
  area_record take(std::size_t i, double begin_s, double end_s);  // what was seen since it was last asked
  void renumber(std::vector<slot> const& to);                     // vehicles have moved to other slots
  void save(byte_writer& out) const;
  void restore(byte_reader& in);

 private:
  struct followed {
    vehicle_id id;
    slot who = kNone;
    lane_id lane;                 // its front's
    double at_m = 0;              // its front, from the area's begin
    double in_m = 0, exit_m = 0;  // where it comes onto the area's lanes, and where it leaves them, on the same scale
    std::uint8_t entered = 0, leaves = 0;
    [[nodiscard]] bool operator<(followed const& o) const { return id < o.id; }
  };
  struct sight {  // of a vehicle in one tick
    vehicle_id id;
    double to_end_m = 0, length_m = 0, speed = 0;
  };
  struct halt {
    vehicle_id id;
    double lasts_s = 0, here_s = 0;  // altogether; in this interval
    [[nodiscard]] bool operator<(halt const& o) const { return id < o.id; }
  };
  struct sums {  // of the interval so far
    double ticks = 0, sampled_s = 0, way_m = 0, loss_s = 0, occupancy = 0, most_occupancy = 0;
    double vehicles = 0, most_vehicles = 0, entered = 0, left = 0, halts = 0;
    double jam_veh = 0, jam_m = 0, most_jam_veh = 0, most_jam_m = 0, jam_veh_sum = 0, jam_m_sum = 0;
    double ended = 0, ended_s = 0, ended_here_s = 0, most_ended_s = 0, most_ended_here_s = 0;  // halts that are over
  };
  struct area {
    lane_area what;
    double length_m = 0;
    std::vector<double> offset_m;  // of each lane's begin from the area's
    std::vector<followed> known;
    std::vector<sight> sights;  // in this tick
    std::vector<halt> halts;    // that last
    double seen = 0;
    sums now;
  };
  struct place {  // of a lane in an area
    std::uint32_t area = 0, index = 0;
  };

  followed* find(area& a, vehicle_id id);
  void follow_onto(world const& w, passage const& p, std::span<lane_id const> lanes, std::size_t at);
  void see(world const& w, area& a, followed& f);
  void sum_up(world const& w, area& a);
  bool note_halt(area& a, sight const& s, double dt, std::vector<halt>& lasting);
  void find_new(world const& w, area& a);

  std::vector<area> areas_;
  std::vector<place> places_;
  id_vector<lane_id, range> on_;  // into places_
};

}  // namespace gemeo::micro
