// The state of the simulated world and what the stages of one tick hand to each other. A tick runs through
//   signals -> plan -> approach -> move -> advance -> change -> insert -> observe
// plan reads the state at time t; move chooses each speed from the vehicle's own plan and what plans have said about
// who approaches where, and applies it; both write only what belongs to their vehicle. advance hands vehicles from lane
// to lane in a fixed order; change works on whole edges. Conflicts are resolved by position and vehicle id, random
// numbers are keyed by (seed, traveller, tick): the result does not depend on the number of threads. Units: m, s, m/s.
// Vehicles live in slots that are used again; a lane lists its slots, foremost first. Now and then all move to slots in
// the order of chunks, so that neighbours are neighbours in memory, too; no decision depends on a slot's number.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "sim/core/error.h"
#include "sim/core/observations.h"
#include "sim/core/parallel.h"
#include "sim/engine_tbb/car_following.h"
#include "sim/engine_tbb/emissions.h"
#include "sim/engine_tbb/lane_cars.h"
#include "sim/engine_tbb/pile.h"
#include "sim/engine_tbb/roads.h"
#include "sim/engine_tbb/routes.h"
#include "sim/engine_tbb/slopes.h"
#include "sim/scenario/scenario.h"

namespace gemeo {
struct engine_memory;  // engine_tbb.h
}

namespace gemeo::micro {

class passengers;  // passengers.h

inline constexpr std::int32_t kNever = 0x7FFFFFFF;
inline constexpr double kImpatience_s = 180;      // SUMO 1.15 uses this (its help text says 300)
inline constexpr std::size_t kMostEdges = 65535;  // of a route
inline constexpr std::size_t kChain = 16;         // edges ahead for which the best lane is known, at most

// One lane of the edge a vehicle is on, as its route sees it; ten bytes, as everybody has some.
class lane_choice {
 public:
  static constexpr std::uint32_t kNoLink = 31;   // leads nowhere
  static constexpr std::uint32_t kFarLink = 30;  // it is this one or one behind it: to be looked for

  std::uint16_t link : 5 = kNoLink;  // that the vehicle would take, counted from the lane's first
  std::uint16_t known : 5 = 0;       // edges in way
  std::uint16_t biased : 5 = 16;     // offset, from -16 on
  bool continues : 1 = false;        // leads to the next edge of the route

  // Changes needed to the best lane, positive to the left.
  [[nodiscard]] int offset() const { return static_cast<int>(biased) - 16; }
  void set_offset(int changes) { biased = static_cast<unsigned>(changes + 16) & 31U; }
  // Way to go on without a change, from the edge's begin.
  [[nodiscard]] float length_m() const { return std::bit_cast<float>(length_); }
  void set_length_m(float m) { length_ = std::bit_cast<halves>(m); }
  // Lane indices on the next edges, as many bits each as the network needs; see world::way_of.
  [[nodiscard]] std::uint32_t way() const { return std::bit_cast<std::uint32_t>(way_); }
  void set_way(std::uint32_t way) { way_ = std::bit_cast<halves>(way); }

 private:
  using halves = std::array<std::uint16_t, 2>;
  halves length_{}, way_{};
};
static_assert(sizeof(lane_choice) == 10 && kChain < 32);

enum : std::uint8_t {  // vehicle::flags
  kWaits = 1,          // has to wait at its next link
  kStopped = 2,        // stands at a planned stop
  kGone = 4,           // has arrived, or is to be taken off
  kObstacle = 8,       // no traveller: fills a lane that an incident blocks
  kLeaves = 16,        // means to leave the junction it is on
  kEntered = 32        // has come onto it, and not yielded since
};

enum : std::uint8_t {  // vehicle::settled
  kIsSettled = 1,
  kWillWait = 2,  // its flags kWaits and kLeaves are to be set
  kWillLeave = 4,
  kHasNotEntered = 8  // forgets when it entered the junction
};

// One cache line: what others look at, and what most stages need.
struct alignas(64) vehicle {
  double pos = 0, speed = 0;  // front bumper from the lane's begin
  double accel = 0;           // from plan to move of who is settled: the speed that its links leave it
  vehicle_id id;
  lane_id lane;
  std::uint32_t route_at = 0;       // into world::route_edges
  std::uint32_t stop_edge = kNone;  // route index of the next stop
  std::uint32_t wish = 0;           // lane change state, bits as in change.h
  float waiting_s = 0, speed_factor = 1;
  std::int32_t entered_conflict = kNever;  // came to where ways cross in the junction, in ticks
  std::uint16_t edges_left = 0;            // of its route, from route_at on
  std::uint16_t type = 0;
  std::uint8_t flags = 0;
  std::uint8_t steps = 0;        // that plan has left to move: of its part's steps, or of its links where it is settled
  std::uint8_t settled = 0;      // what plan has found out for move, as above; 0: move goes through its steps
  std::uint8_t behinds : 2 = 0;  // of vehicle_past::behind
  std::uint8_t ahead : 1 = 0;    // 1: its choices are of the next edge, as it is inside a junction
  bool noted : 1 = false;        // has change_notes in its chunk, from the change stage to the next move
  bool decided : 1 = false;      // about changes, in this tick: its wishes are rounded

  [[nodiscard]] std::uint32_t best_at() const { return route_at + ahead; }  // the edge that its choices are of
  [[nodiscard]] bool on_last_edge() const { return edges_left <= 1; }
  [[nodiscard]] std::uint32_t route_end() const { return route_at + edges_left; }
  void take_route(range r) {
    verify(r.size() <= kMostEdges, "a route has at most 65,535 edges");
    route_at = r.begin;
    edges_left = static_cast<std::uint16_t>(r.size());
  }
  void enter_next_edge() {
    ++route_at;
    --edges_left;
  }
  [[nodiscard]] std::int32_t entered(std::int32_t first) const { return is(kEntered) ? first : kNever; }
  [[nodiscard]] bool is(unsigned f) const { return (flags & f) != 0; }
  void set(unsigned f, bool on) { flags = static_cast<std::uint8_t>(on ? flags | f : flags & ~f); }
};
static_assert(sizeof(vehicle) == 64);

inline constexpr double kWishUnit = 1e-5;  // SUMO keeps five decimals of wishes to change from tick to tick

// What a vehicle keeps from tick to tick that others seldom ask for.
struct alignas(32) vehicle_past {
  double look_ahead_speed = 0;
  std::int32_t speed_gain = 0, keep_right = 0;  // in kWishUnit
  std::array<lane_id, 3> behind;                // lanes its rear still is on, nearest first
  std::int32_t entered_first = kNever;          // the junction it is on, in ticks
};
static_assert(sizeof(vehicle_past) == 32);

struct change_notes {  // what wishes to change lanes ask of the next speed; few have any
  double left_space_m = 0, blocker_m = 0;
  std::array<double, 3> advice{};  // accelerations wished by others or for a change
  slot who = kNone;
  std::uint8_t advices = 0;
  bool dont_brake = false;  // for the end of its lane: it could go on by another way

  void advise(double accel) {
    if (advices < advice.size())
      advice[advices++] = accel;
    else
      advice.back() = std::min(advice.back(), accel);
  }
};

struct trip_log {  // of a running vehicle, for its trip record
  float length_m = 0, time_loss_s = 0, waited_s = 0;
  std::int32_t departed = 0;              // tick
  std::uint16_t waits = 0, reroutes = 0;  // 65,535 stand for more, too

  static void count(std::uint16_t& n) { n = static_cast<std::uint16_t>(n + (n < 65535 ? 1 : 0)); }
};
static_assert(sizeof(trip_log) == 20);

struct bus_calls {
  std::uint32_t next_stop = 0, stops_end = 0;  // into demand::stop_calls
  std::int64_t left_ms = 0;                    // at this stop; in float, ticks of 0.1 s would add up to others
  double began_s = 0;
  float stood_s = 0;         // at all stops
  std::uint32_t unused = 0;  // checkpoints hold every byte
};
static_assert(sizeof(bus_calls) == 32);

inline double as_told(double x) { return static_cast<float>(x); }  // to others, in an approach

struct plan_item {  // one link ahead, or the place where a vehicle has to end (link == kNone)
  std::uint32_t link = kNone;
  double v_pass = 0, way_m = 0;
  double most_wait = 0, stop_m = -1;  // of the speed with which it would wait: see planner::waiting
  double arrival_speed = 0, leave_speed = -1;
  double arrives_from = 0;  // the speed from which arrival_speed is meant
  float space_m = 0;
  bool request = false, stopped_ahead = false;
  bool held = false;   // by red or yellow
  bool timed = false;  // somebody asks when it arrives and leaves; otherwise that is not known
  bool watched = false, in_circle = false, has_way = false;  // of the link, with its state now
  bool reckoned = false, later = false;                      // when it arrives; see driver::arrival_s
  char state = 'M';

  // At once where nobody has reckoned it. Rounded as others see it, so that who comes at the same time is seen to.
  [[nodiscard]] double arrival_s(driver const& t) const {
    return reckoned ? t.arrival_s(as_told(way_m), as_told(arrives_from), as_told(arrival_speed), later) : 0;
  }
  void adapt_leave(double v) { leave_speed = leave_speed < 0 ? v : std::min(leave_speed, v); }
  [[nodiscard]] double leave() const { return leave_speed < 0 ? v_pass : leave_speed; }
};

struct plan_step {  // what the move stage needs of an item where plan could not settle the speed
  std::uint32_t link = kNone;
  bool request = false, has_way = false;
  char state = 'M';
  double v_pass = 0, wait_speed = 0, way_m = 0, arrival_s = 0;
  float arrival_speed = 0, leave = 0;
};
static_assert(sizeof(plan_step) == 48);

struct link_ahead {  // of a settled vehicle that may reach the end of its lane
  std::uint32_t link : 31 = kNoLink;
  bool request : 1 = false;

  static constexpr std::uint32_t kNoLink = 0x7FFFFFFF;
  static link_ahead of(std::uint32_t link, bool request) { return {link & kNoLink, request}; }  // kNone: none
};
static_assert(sizeof(link_ahead) == 4);

// A vehicle on its way to a link that somebody gives way to, which it means to pass. Who does not is told of only where
// somebody asks whether right before left goes in a circle. As planned; when it arrives is worked out for who asks.
struct approach {
  std::uint32_t who : 28 = 0;  // slot; nobody else's as long as this is in world::approaches
  bool passes : 1 = false, stands : 1 = false, reckoned : 1 = false, later : 1 = false;
  std::uint32_t next = 0;  // of the same link, in world::approaches; of the last one the link, with kLast set

  static constexpr std::uint32_t kLast = 0x80000000U;
  float way_m = 0, arrives_from = 0, arrival_speed = 0, leave_speed = 0;  // as in plan_item

  [[nodiscard]] double arrival_s(driver const& t) const {  // from when it was planned
    return reckoned ? t.arrival_s(double{way_m}, double{arrives_from}, double{arrival_speed}, later) : 0;
  }
};
static_assert(sizeof(approach) == 24);
inline constexpr std::size_t kMostSlots = std::size_t{1} << 28U;

struct approach_detail {  // of an approach, for zippers and all-way stops
  float waiting_s = 0, speed_factor = 1;
  double speed = 0;
  lane_id lane;              // where it is
  std::uint32_t unused = 0;  // checkpoints hold it
};
static_assert(sizeof(approach_detail) == 24);

struct partial {  // a vehicle whose rear is on a lane that its front has left
  slot who = kNone;
  std::uint32_t next = kNone;  // behind it on that lane
  double back = 0;
};

class rear_list {  // the partials of one lane, foremost first
 public:
  struct place {
    partial const* all;
    std::uint32_t at;
    partial const& operator*() const { return all[at]; }
    void operator++() { at = all[at].next; }
    bool operator!=(place const& o) const { return at != o.at; }
  };
  rear_list(partial const* all, std::uint32_t first) : first_{all, first} {}
  [[nodiscard]] place begin() const { return first_; }
  [[nodiscard]] static place end() { return {nullptr, kNone}; }

 private:
  place first_;
};

// One cache line: who is on a lane, and what who comes along it asks of it.
struct alignas(64) lane_state {
  lane_cars cars;                    // foremost first
  double length_m = 0;               // as in lane_facts, like what stands below
  double limit = 0;                  // m/s
  std::uint32_t first_rear = kNone;  // into world::partials
  std::uint32_t first_link = kNone;  // into roads::links; kNone where there is none
  edge_id edge;
  std::uint8_t index = 0;
  bool internal : 1 = false, roundabout : 1 = false, before_roundabout : 1 = false;
  bool has_loops : 1 = false;
  bool alone : 1 = false;   // the only lane of its edge
  std::uint16_t place = 0;  // in chunk::lanes
};
static_assert(sizeof(lane_state) == 64);

struct passage {  // a vehicle that was on more than one lane in this tick
  slot who;
  std::uint32_t first_rear = 0;  // of its part's, in world::partials
  double pos0 = 0;               // of its front on lanes[was], before the move
  double speed = 0;
  std::uint32_t first = 0;          // of its lanes in part::passed
  std::uint8_t count = 0, was = 0;  // lanes: rear-most first, then the one it was on, then those it drove onto
  std::uint8_t rears = 0;           // lanes that its rear is still on: those before the last one
  [[nodiscard]] bool crosses() const { return count > was + 1U; }
};
inline constexpr std::size_t kMostPassed = 12;  // lanes

struct alignas(64) edge_sums {  // of the interval so far
  double sampled_s = 0, way_m = 0, front_s = 0, front_way_m = 0, length_s = 0, waiting_s = 0, loss_s = 0;
};

struct edge_counts {
  std::uint32_t departed = 0, arrived = 0, entered = 0, left = 0;
};

struct hint {  // what somebody who changes lanes asks of somebody on another edge
  slot to;
  vehicle_id from;
  std::uint32_t flags;
  double speed;
};

struct turned {  // has changed lanes while its rear was on these
  slot who;
  std::array<lane_id, 3> behind;
};

struct new_order {  // of the vehicles on a lane, after its edge has decided about changes
  lane_id lane;
  std::uint32_t first, count;  // of part::ordered
};

// Before push_back and resize, for little to spare.
template <typename T>
void make_room(std::vector<T>& v, std::size_t n) {
  if (n > v.capacity()) v.reserve(n + n / 40 + 4);
}
// Its room, too: `v = {}` would keep that.
template <typename T>
void give_room_back(std::vector<T>& v) {
  std::vector<T>().swap(v);
}

struct chunk {  // lanes of whole edges, close to each other (chunks.h)
  std::vector<lane_id> lanes;
  std::vector<std::uint64_t> with_cars;   // a bit for each lane: somebody's front is on it
  range changing;                         // into changing_edges
  std::vector<std::uint64_t> may_change;  // a bit for each lane: it is on one of them
  std::vector<std::uint16_t> edge_at;     // of each of these lanes, from changing.begin on
  range active;                           // of its part's active lanes
  std::vector<change_notes> notes;
};

// The notes of a vehicle in its chunk, of the few who have some; nullptr: it has none.
inline change_notes* find_notes(chunk& c, vehicle const& v, slot k) {
  if (!v.noted) return nullptr;
  return &*std::find_if(c.notes.begin(), c.notes.end(), [&](change_notes const& n) { return n.who == k; });
}
inline change_notes const* find_notes(chunk const& c, vehicle const& v, slot k) {
  if (!v.noted) return nullptr;
  return &*std::find_if(c.notes.begin(), c.notes.end(), [&](change_notes const& n) { return n.who == k; });
}
// Made where it has none yet; valid until somebody else gets some.
inline change_notes& notes_of(chunk& c, vehicle& v, slot k) {
  if (change_notes* const known = find_notes(c, v, k)) return *known;
  v.noted = true;
  if (c.notes.size() == c.notes.capacity()) c.notes.reserve(c.notes.size() + c.notes.size() / 8 + 1);
  c.notes.emplace_back().who = k;
  return c.notes.back();
}

struct far_approach {  // of a link that falls to another share
  std::uint32_t at;    // in part::told
  std::uint32_t link;
};

// Neighbouring chunks that one thread works on in this tick, and what it finds out. All vehicles of a part share its
// arrays, so that little room is kept for what might come.
struct part {
  explicit part(std::shared_ptr<block_pool> const& pool)
      : steps(pool),
        links(pool),
        planned(pool),
        told(pool),
        planned_details(pool),
        details(pool),
        passages(pool),
        passed(pool),
        turned_rears(pool),
        changed(pool),
        ordered(pool) {}
  range chunks;                 // of world::chunks
  range near;                   // those of its share
  std::vector<lane_id> active;  // lanes with vehicles at the begin of the tick
  pile<plan_step> steps;
  pile<link_ahead> links;
  pile<approach> planned, told;                    // being noted by plan; in world::approaches
  pile<approach_detail> planned_details, details;  // of them, where somebody asks
  pile<passage> passages;
  pile<lane_id> passed;  // lanes of passages
  pile<turned> turned_rears;
  pile<new_order> changed;                       // of edges on which somebody changes
  pile<slot> ordered;                            // their vehicles
  std::vector<hint> hints;                       // by who changes lanes; handed over when all edges are done
  std::uint32_t first_told = 0, first_rear = 0;  // in world::approaches and partials
  std::uint32_t rears = 0;                       // of all passages
  // Of what it has noted that which concerns another share's links or lanes, too, in order.
  std::vector<far_approach> far_approaches;
  std::vector<std::uint32_t> far_passages;  // in passages
  std::vector<slot> halted;                 // came to stand at a planned stop in this tick
  std::vector<slot> finished;
  std::int64_t emergency_stops = 0;
  bool jammed = false;                     // somebody has waited as long as one may
  std::vector<crossing_record> crossings;  // of vehicles that stayed on their lane
  [[nodiscard]] std::span<lane_id const> lanes_of(passage const& p) const { return passed.run(p.first, p.count); }
};

// What one thread does where things are handed over from lane to lane or link to link, whoever has found them out: most
// of that are the parts that it has worked on itself.
struct alignas(64) share {
  range chunks;                            // of world::chunks; their lanes and the links from these fall to it
  range parts;                             // of world::parts
  std::vector<lane_id> with_rears;         // lanes that have partials
  std::vector<std::uint32_t> approached;   // links that have approaches
  std::vector<crossing_record> crossings;  // in this tick, of vehicles that were on several lanes
};

// What plan has left to move, vehicle by vehicle: move asks in the order in which plan has gone through them.
class planned_steps {
 public:
  explicit planned_steps(part const& p) : p_(p) {}
  void next(vehicle const& v) {  // to be asked about from now on
    settled_ = v.settled != 0;
    n_ = v.steps;
    first_ = settled_ ? links_ : steps_;
    (settled_ ? links_ : steps_) += n_;
  }
  [[nodiscard]] std::size_t size() const { return n_; }
  [[nodiscard]] plan_step const& step(std::size_t i) const { return p_.steps[first_ + i]; }  // of who is not settled
  // The i-th link ahead; none where its plan ends.
  [[nodiscard]] link_ahead link_of(std::size_t i) const {
    if (i >= n_) return {};
    if (settled_) return p_.links[first_ + i];
    plan_step const& s = p_.steps[first_ + i];
    return link_ahead::of(s.link, s.request);
  }

 private:
  part const& p_;
  std::size_t steps_ = 0, links_ = 0;  // of those before
  std::size_t first_ = 0, n_ = 0;
  bool settled_ = false;
};

struct changing_edge {  // with more than one lane
  edge_id edge;
  range lanes;
  std::uint32_t place;  // of the first lane in chunk::lanes
  bool internal;
};

struct loop {  // an induction loop
  lane_id lane;
  detector_id detector;  // of the scenario's; invalid for those of signals
  double pos_m = 0;
  double count = 0, occupied_s = 0, speed_sum = 0, inverse_sum = 0;
  double last_seen_s = -1e9;  // when a vehicle last left it; now while it is occupied
};

struct teleporting {
  slot who;
  std::uint32_t unused = 0;  // checkpoints hold it
  double proceed_s = -1;
  double since_s = 0;
};

// What is known of all travellers so far: SUMO reads them some minutes ahead, and goes by the extremes of those it has
// read when it looks for followers.
struct known_fleet {
  std::size_t known = 0;
  double most_speed_factor = 1, least_decel = 4.5;
};

struct world {
  scenario const* s = nullptr;
  demand const* d = nullptr;
  std::unique_ptr<roads const> map;
  std::uint64_t seed = 42;
  double dt = 1, now_s = 0;              // time of the tick's begin
  double half = 0.5, four_fifths = 0.8;  // to the power of dt
  std::int64_t tick = 0;

  std::vector<driver> types;
  known_fleet fleet;
  std::vector<emission_table const*> emission_of;  // by type; empty: nobody asks
  std::unique_ptr<lane_heights const> heights;     // where somebody asks
  std::vector<edge_id> route_edges;                // the demand's, and behind them those of routes that were changed
  route_changes changes;
  id_vector<lane_id, lane_state> lanes;
  id_vector<lane_id, std::uint16_t> occupants;   // vehicles with any part on the lane
  id_vector<junction_id, std::uint64_t> inside;  // bits of its lanes with occupants, as in roads::conflict_bits
  id_vector<lane_id, std::int64_t> taken;        // by cars with their gaps, in 0.1 mm: hangs on no order
  id_vector<lane_id, double> taken_m;            // the same
  id_vector<lane_id, vclass_mask> allowed;
  id_vector<lane_id, std::array<vclass_mask, 2>> beside;  // who may change to the lane on the right, on the left
  id_vector<edge_id, vclass_mask> open_to;                // who may use all lanes of the edge
  std::vector<char> letters;                              // of all signals
  std::vector<vehicle> cars;
  std::vector<vehicle_past> pasts;
  std::vector<trip_log> logs;
  std::vector<emitted> emitted_by;                 // by slot, where somebody asks
  passengers* riders = nullptr;                    // where there are any
  std::map<vehicle_id, bus_calls> calls;           // of those underway who stop on the way
  std::map<vehicle_id, std::uint16_t> teleported;  // how often, of those underway
  std::vector<slot> free_slots;
  std::vector<slot> left_slots;         // of who left in this tick: free when his approaches are gone
  std::vector<lane_choice> choices;     // [slot * map->max_lanes + lane index]
  std::vector<std::uint32_t> far_ways;  // of each choice, what follows its way; where an edge has more than four lanes
  std::vector<chunk> chunks;
  id_vector<lane_id, std::uint32_t> chunk_of;  // of each lane, in chunks
  // Of the piles; each share's parts have a pool, as what one thread has written it had better write over itself.
  std::vector<std::shared_ptr<block_pool>> blocks{std::make_shared<block_pool>()};
  std::vector<part> parts;
  std::vector<share> shares;  // one a thread
  std::vector<partial> partials;
  row_of_piles<approach> approaches;        // registered, in the order of chunks
  row_of_piles<approach_detail> details;    // of the approaches, where there are zippers or all-way stops
  pile<approach> restored{blocks.front()};  // the approaches of a checkpoint, for one tick
  pile<approach_detail> restored_details{blocks.front()};
  bool wants_details = false;
  std::vector<std::uint32_t> approach_head;  // by link, into approaches; kNone: nobody
  std::vector<changing_edge> changing_edges;
  id_vector<edge_id, edge_sums> sums;
  id_vector<edge_id, edge_counts> counts;
  id_vector<edge_id, emitted> emissions;  // where somebody asks
  std::vector<loop> loops;
  id_vector<lane_id, range> loops_on;  // into loops, sorted by lane
  bool wants_crossings = false;        // one by one
  std::vector<teleporting> teleports;
  std::vector<slot> standing;                    // at planned stops
  std::vector<std::pair<stop_id, double>> held;  // by who stands there, as the tick begins: up to where
  std::vector<std::uint8_t> plain_stops;         // by stop: just a place on a lane, no bus stop
  double approaches_age_s = 0;                   // since approaches were planned: a tick while plan goes on, else none
  bool moving = false;                           // speeds are being written
  bool any_stopped = false;                      // somebody stands at a planned stop, or blocks a lane
  std::vector<std::uint8_t> full;   // by lane: somebody could not enter there in this tick, and nobody else tries
  std::vector<lane_id> full_lanes;  // where full is set
  // Of those who could not enter yet, by number: bits of the lanes it may enter by.
  std::unordered_map<std::uint32_t, std::uint16_t> entry_lanes;

  [[nodiscard]] char state_of(link const& l) const { return l.letter == kNone ? l.state : letters[l.letter]; }
  // The signal by which the junction was entered, of a link behind an internal junction; 0 for other links.
  [[nodiscard]] char entered_by(link const& l) const {
    return l.via.valid() && l.has(kFromInternal) && !l.has(kCont) ? state_of(map->links[l.entry]) : '\0';
  }
  [[nodiscard]] slot slot_of(vehicle const& v) const { return static_cast<slot>(&v - cars.data()); }
  [[nodiscard]] vehicle_past& past_of(vehicle const& v) { return pasts[slot_of(v)]; }
  [[nodiscard]] vehicle_past const& past_of(vehicle const& v) const { return pasts[slot_of(v)]; }
  [[nodiscard]] driver const& type_of(vehicle const& v) const { return types[v.type]; }
  [[nodiscard]] double back_of(vehicle const& v) const { return v.pos - type_of(v).length_m; }
  [[nodiscard]] double lane_speed(vehicle const& v, lane_id l) const {
    return std::min(type_of(v).max_speed, lanes[l].limit * v.speed_factor);
  }
  [[nodiscard]] double desired(vehicle const& v) const {  // see car_following.h
    return types[v.type].idm ? lane_speed(v, v.lane) : 0;
  }
  // For random numbers; an obstacle is no traveller.
  [[nodiscard]] std::uint64_t key_of(vehicle const& v) const { return v.id.valid() ? d->vehicles.key[v.id] : 0; }
  // Grows while waiting, by which the gaps accepted shrink.
  [[nodiscard]] double impatience_of(vehicle const& v) const {
    return std::clamp(type_of(v).impatience + v.waiting_s / kImpatience_s, 0.0, 1.0);
  }
  [[nodiscard]] bool permits_on(lane_id l, vehicle const& v) const { return permits(allowed[l], type_of(v).cls); }
  [[nodiscard]] double time_of(std::int64_t t) const {  // in whole milliseconds, as SUMO counts
    return t == 0 ? s->begin_s : std::round((s->begin_s + static_cast<double>(t) * dt) * 1000) / 1000;
  }
  [[nodiscard]] bus_calls& calls_of(slot k) { return calls.find(cars[k].id)->second; }  // of who stops on the way
  [[nodiscard]] bool calls_somewhere(slot k) const {                                    // still
    auto const at = calls.find(cars[k].id);
    return at != calls.end() && at->second.next_stop < at->second.stops_end;
  }
  [[nodiscard]] bus_stop const& next_stop(slot k) const {
    return d->stops[d->stop_calls[calls.find(cars[k].id)->second.next_stop].stop];
  }
  [[nodiscard]] std::span<lane_choice> choices_of(slot k) {
    return {choices.data() + std::size_t{k} * map->max_lanes, map->max_lanes};
  }
  [[nodiscard]] std::span<lane_choice const> choices_of(slot k) const {
    return {choices.data() + std::size_t{k} * map->max_lanes, map->max_lanes};
  }
  // The lanes' indices on the edges after that of a vehicle's choice, way_bits each, the next one lowest.
  [[nodiscard]] std::uint64_t way_of(lane_choice const& q) const {
    if (far_ways.empty()) return q.way();
    return std::uint64_t{far_ways[static_cast<std::size_t>(&q - choices.data())]} << 32U | q.way();
  }
  [[nodiscard]] std::uint32_t next_lane(lane_choice const& q, std::size_t i) const {
    return map->way_index(way_of(q) >> map->way_bits * i);
  }
  [[nodiscard]] std::uint32_t* far_ways_of(slot k) {  // nullptr: there are none
    return far_ways.empty() ? nullptr : far_ways.data() + std::size_t{k} * map->max_lanes;
  }
  [[nodiscard]] double brutto_m(lane_id l) const { return taken_m[l]; }
  void take(lane_id l, std::int64_t of_it) {
    taken[l] += of_it;
    taken_m[l] = static_cast<double>(taken[l]) / 1e4;
  }
  void set_occupants(lane_id l, std::size_t n) {
    occupants[l] = static_cast<std::uint16_t>(n);
    if (lanes[l].internal) note_inside(l);
  }
  void note_inside(lane_id l) {
    junction_id const j = map->net().edges.to[lanes[l].edge];
    if (!j.valid() || map->crowded[j] != 0) return;
    inside[j] = occupants[l] != 0 ? inside[j] | roads::bit_of(l) : inside[j] & ~roads::bit_of(l);
  }
  void find_inside();  // of all lanes
  // May there be somebody on a lane that is in the way of the link's?
  [[nodiscard]] bool may_conflict(link const& l) const {
    return (inside[l.junction] & map->conflict_bits[static_cast<std::size_t>(&l - map->links.data())]) != 0;
  }
  void find_beside();  // again, when permissions have changed
  [[nodiscard]] rear_list rears(lane_state const& l) const { return {partials.data(), l.first_rear}; }
  [[nodiscard]] bool is_within(range chunks_there, lane_id l) const {
    return shares.size() == 1 || (chunk_of[l] >= chunks_there.begin && chunk_of[l] < chunks_there.end);
  }
  [[nodiscard]] bool falls_to(share const& mine, lane_id l) const { return is_within(mine.chunks, l); }
  [[nodiscard]] std::size_t share_of(lane_id l) const {
    return static_cast<std::size_t>(
        std::find_if(shares.begin(), shares.end(), [&](share const& one) { return falls_to(one, l); }) -
        shares.begin());
  }
  void note_cars(lane_id l) {  // after somebody joined or left
    lane_state const& on = lanes[l];
    std::uint64_t& bits = chunks[chunk_of[l]].with_cars[on.place / 64U];
    std::uint64_t const bit = std::uint64_t{1} << on.place % 64U;
    bits = on.cars.empty() ? bits & ~bit : bits | bit;
  }
  void join(lane_id l, slot const* before, slot k) {
    lanes[l].cars.insert(before, k);
    note_cars(l);
    take(l, type_of(cars[k]).taken());
    set_occupants(l, occupants[l] + 1U);
  }
  void leave(lane_id l, slot k) {
    lane_state& on = lanes[l];
    slot const* const at = std::find(on.cars.begin(), on.cars.end(), k);
    if (at == on.cars.end()) return;
    on.cars.erase(at);
    note_cars(l);
    take(l, -type_of(cars[k]).taken());
    set_occupants(l, occupants[l] - 1U);
  }
  // The link a vehicle takes from a lane of its way; at: route index of that lane's edge (or of the next edge, for a
  // lane inside a junction); start: its lane's index on the edge best_at(). kNone: it ends there.
  [[nodiscard]] std::uint32_t link_after(slot k, lane_id from, std::uint32_t at, std::uint32_t start) const {
    lane_state const& f = lanes[from];
    if (f.internal) return f.first_link;
    if (at == cars[k].best_at()) {
      std::uint32_t const link = choices[std::size_t{k} * map->max_lanes + start].link;
      if (link < lane_choice::kFarLink) return f.first_link + link;
      if (link == lane_choice::kNoLink) return kNone;
    }
    return link_beyond(k, from, at, start);
  }
  [[nodiscard]] std::uint32_t link_beyond(slot k, lane_id from, std::uint32_t at, std::uint32_t start) const;
  [[nodiscard]] std::uint32_t start_index(vehicle const& v) const;  // of its lane on the edge best_at()
};

inline bool has_red(char c) { return c == 'r' || c == 'u'; }
inline bool has_yellow(char c) { return c == 'y' || c == 'Y'; }
inline bool has_green(char c) { return c == 'G' || c == 'g'; }
inline bool has_priority(char c) { return c >= 'A' && c <= 'Z'; }
inline bool came_first(char entered_by) { return has_priority(entered_by) || has_yellow(entered_by); }

// Open to everybody: with priority, or led to where traffic waits inside the junction.
inline bool has_way(link const& l, char state) {
  return (l.has(kCont) && !has_red(state)) || (has_priority(state) && state != 'Z');
}

// Is the link on a way through the junction that this lane inside it belongs to?
inline bool leads_through(world const& w, lane_id inside, link const& l) {
  return l.has(kFromInternal) && l.junction == w.map->net().edges.to[w.map->lanes[inside].edge];
}
void know_fleet(world& w);  // insert.cpp: as of the tick that begins

struct route_place {  // where somebody is on his way, as far as it matters for his lanes
  driver const* type;
  std::uint32_t at, end;    // into world::route_edges
  std::uint32_t stop_edge;  // of his next stop; kNone
  bus_stop const* stop;
};
// best_lanes.cpp: which lane of the edge `at` is good for how far (SUMO manual, "Lane-changing", best lanes).
// far: room for the far ways of choices, or nullptr where the network needs none.
void find_best_lanes(world const& w, route_place const& at, std::span<lane_choice> out, std::uint32_t* far);
void find_best_lanes(world& w, slot k);  // the vehicle's choices, for the edge best_at()
// Where on its route the vehicle's next stop is; from its place on.
void find_next_stop(world& w, slot k);

// plan.cpp: what each vehicle would do, with its links ahead.
void plan_part(world& w, part& p);
// junctions.cpp
bool opened(world const& w, vehicle const& v, link const& l, double arrival_s, double arrival_speed, double leave_speed,
            double impatience, std::vector<std::uint32_t>* collect = nullptr);  // of world::approaches
bool approached_by_foe(world const& w, vehicle const& v, link const& l, double arrival_s, double leave_s, double speed);
struct link_leader {
  slot who;
  double gap, to_crossing;
  bool in_the_way;
};
// changing: for a change of lanes, where also those count whom its rear has not passed.
void find_link_leaders(world const& w, slot k, link const& l, double way, std::vector<link_leader>& out,
                       bool changing = false);
bool goes_first(world const& w, vehicle const& v, link const& l, vehicle const& other);  // must v let other go first?
// The speed that is safe for k behind such a leader; way_m: to the begin of the lane before the link.
double speed_behind(world const& w, slot k, link_leader const& a, double way_m);
double zipper_speed(world const& w, vehicle const& v, link const& l, plan_step const& item,
                    std::vector<std::uint32_t> const& foes);
void note_approach(world const& w, part& p, slot k, plan_item const& item);
// What plan has noted takes the place of what the tick before had: these stages, one after the other.
void take_planned(world& w);
void link_approaches(world& w, share& mine);  // chains those of each link
void forget_untold(part& p);                  // what the tick before had
// move.cpp
void leave_stops(world& w, std::vector<stop_record>& out);  // before plan: who drives on from a planned stop
void move_part(world& w, part& p);                          // chooses speeds and applies them
void forget_vehicle(world& w, slot k);
// advance.cpp
void take_crossings(world& w, std::vector<crossing_record>& out);  // of this tick, in an order of their own
void make_room_for_rears(world& w);
void note_rears(world& w, share& mine);  // part of advance
void advance(world& w, share& mine);     // hands vehicles over between lanes, and notes where their rears are left
void forget_passages(part& p);           // when all have advanced
void forget_rears(world& w, slot k);     // of who is taken off
void turn_rears(world& w);               // of who has changed lanes
// change.cpp
void change_edge(world& w, part& p, chunk& c, changing_edge const& e);
void pass_hints_on(world& w);  // from one edge to another; before commit_changes
void commit_changes(world& w, part& p);
// What wishes to change lanes, own and others', do to the speed chosen (SUMO's patchSpeed).
double patched_speed(world& w, vehicle& v, change_notes const& notes, double least, double wanted, double most);
// insert.cpp
bool insert_vehicle(world& w, vehicle_id id, lane_choice const* lanes);  // its best ones; nullptr: not known yet
// The best lanes of those who are about to enter, max_lanes each, by several threads; empty where that is not worth it.
void find_entry_lanes(world const& w, thread_team const& team, std::span<vehicle_id const> who,
                      std::vector<lane_choice>& out);
// Where on the last edge of its route it arrives.
double arrival_m(world const& w, vehicle const& v);
void finish_vehicle(world& w, slot k, observations& out, trip_state how);
void proceed_teleports(world& w, observations& out, counters& count);
slot take_slot(world& w);
bool is_loose(world const& w);  // storage.cpp: has more room for vehicles than it should hold on to
// storage.cpp: gives vehicles slots in the order of chunks; returns the new slot of each old one.
std::vector<slot> order_by_lane(world& w);
engine_memory memory_of(world const& w);
bool place(world& w, slot k, lane_id l, double pos, double speed, bool patch);
bool place_anywhere(world& w, slot k, lane_id l, double speed);

}  // namespace gemeo::micro
