#include "sim/engine_tbb/passengers.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>

#include "sim/core/error.h"
#include "sim/core/xml.h"
#include "sim/engine/engine.h"

namespace gemeo::micro {

namespace {

constexpr double kReach_m = 10;       // SUMO's option ride.stop-tolerance
constexpr double kSpot_m = 0.8;       // of a stop's length that a waiting person takes
constexpr double kMostSeconds = 1e6;  // of a door
constexpr double kMostCapacity = 1e6;

// SUMO's manual, "Vehicle Type Parameter Defaults", as version 1.15 itself tells.
std::uint32_t usual_capacity(vclass c) {
  switch (c) {
    case vclass::kBus:
      return 85;
    case vclass::kCoach:
      return 70;
    case vclass::kTram:
      return 120;
    case vclass::kRailUrban:
      return 300;
    case vclass::kRail:
      return 434;
    case vclass::kRailElectric:
    case vclass::kRailFast:
      return 425;
    case vclass::kDelivery:
    case vclass::kTruck:
    case vclass::kTrailer:
    case vclass::kEmergency:
      return 2;
    case vclass::kMotorcycle:
    case vclass::kMoped:
    case vclass::kBicycle:
      return 1;
    default:
      return 4;
  }
}

double number_of(vehicle_type const& t, char const* name, double fallback, double most) {
  auto const i = t.other.find(name);
  if (i == t.other.end()) return fallback;
  auto const x = parse_number(i->second);
  if (!x || *x < 0 || *x > most)
    throw_input("vehicle type '" + t.name + "'",
                fmt::format("{}=\"{}\" is not a number from 0 to {:g}", name, i->second, most));
  return *x;
}

std::int64_t to_ms(double s) { return std::llround(s * 1000); }

}  // namespace

passengers::passengers(world& w) : w_(w), step_ms_(to_ms(w.dt)) {
  demand const& d = *w.d;
  for (vehicle_type const& t : d.types) {
    capacity_.push_back(
        static_cast<std::uint32_t>(number_of(t, "personCapacity", usual_capacity(t.cls), kMostCapacity)));
    door_ms_.push_back(to_ms(number_of(t, "boardingDuration", 0.5, kMostSeconds)));
  }
  std::unordered_map<std::string, std::vector<std::size_t>> asked;  // by name, into served_by
  served_by_.resize(d.served_by.size());
  for (std::size_t i = 0; i < d.served_by.size(); ++i) {
    for (std::string const& name : d.served_by[i]) {
      asked[name].push_back(i);
      if (name == "ANY") served_by_[i].any = true;
    }
  }
  for (std::size_t i = 0; i < d.lines.size(); ++i) {
    if (auto const at = asked.find(d.lines[line_id(i)].name); at != asked.end()) {
      for (std::size_t const by : at->second) served_by_[by].lines.emplace_back(i);
    }
  }
  for (std::size_t i = 0; i < d.size(); ++i) {
    if (auto const at = asked.find(d.vehicles.name[vehicle_id(i)]); at != asked.end()) {
      for (std::size_t const by : at->second) served_by_[by].vehicles.emplace_back(i);
    }
  }
  for (passenger const& p : d.passengers) {
    verify(p.rides.size() > 0, "a passenger rides");
    person one;
    one.ride = p.rides.begin;
    people_.push_back(one);
  }
}

std::int64_t passengers::now_ms() const { return to_ms(w_.now_s); }

void passengers::put_in_order(std::vector<slot>& standing) const {
  std::sort(standing.begin(), standing.end(), [&](slot a, slot b) {
    vehicle const &x = w_.cars[a], &y = w_.cars[b];
    if (x.lane != y.lane) return x.lane < y.lane;
    return x.pos != y.pos ? x.pos > y.pos : x.id < y.id;
  });
}

bool passengers::waits_for(passenger_id p, slot bus) const {
  ride const& r = ride_of(p);
  names const& by = served_by_[r.served_by];
  vehicle_id const v = w_.cars[bus].id;
  line_id const line = w_.d->vehicles.line[v];
  if (line.valid() && std::find(by.lines.begin(), by.lines.end(), line) != by.lines.end()) return true;
  if (std::binary_search(by.vehicles.begin(), by.vehicles.end(), v)) return true;
  if (!by.any) return false;
  bus_calls const& calls = w_.calls_of(bus);
  for (std::uint32_t c = calls.next_stop; c < calls.stops_end; ++c) {
    if (w_.d->stop_calls[c].stop == r.to) return true;
  }
  return false;
}

// A vehicle takes in whoever stands within reach of its own stop, of whichever stop that is.
bool passengers::within_reach(passenger_id p, bus_stop const& of_bus) const {
  bus_stop const& own = w_.d->stops[ride_of(p).from];
  auto const abreast = static_cast<std::uint32_t>(std::max(1.0, std::floor((own.end_m - own.begin_m) / kSpot_m)));
  double const pos_m = own.end_m - (0.5 + people_[p].spot % abreast) * kSpot_m;
  return of_bus.begin_m - kReach_m <= pos_m && pos_m <= of_bus.end_m + kReach_m;
}

bool passengers::may_alight(passenger_id p, bus_stop const& at, double length_m) const {
  bus_stop const& wished = w_.d->stops[ride_of(p).to];
  auto const& edge = w_.map->net().lanes.edge;
  if (edge[wished.lane] != edge[at.lane]) return false;
  double const reach_m = length_m + kReach_m;
  return at.begin_m - reach_m <= wished.end_m && wished.begin_m <= at.end_m + reach_m;
}

void passengers::prolong(slot bus, std::int64_t until_ms) {
  std::int64_t& left = w_.calls_of(bus).left_ms;
  left = std::max(left, until_ms - now_ms());
}

// Persons, and riders who alight, take their time at the door, several of them in one tick where it is short.
void passengers::board(slot bus) {
  vehicle const& v = w_.cars[bus];
  bus_calls const& calls = w_.calls_of(bus);
  bus_stop const& stop = w_.d->stops[w_.d->stop_calls[calls.next_stop].stop];
  auto const here = waiting_.find(w_.map->net().lanes.edge[stop.lane]);
  if (here == waiting_.end()) return;
  auto of_bus = cabins_.find(v.id);
  std::int64_t const now = now_ms(), takes = door_ms_[v.type];
  std::int64_t next = of_bus == cabins_.end() ? 0 : of_bus->second.next_ms;
  std::size_t aboard = of_bus == cabins_.end() ? 0 : of_bus->second.riders.size();
  bool any = false;
  std::erase_if(here->second, [&](passenger_id p) {
    if (next - step_ms_ > now || aboard >= capacity_[v.type] || !waits_for(p, bus) || !within_reach(p, stop))
      return false;
    if (of_bus == cabins_.end()) {
      of_bus = cabins_.emplace(v.id, cabin{}).first;
      of_bus->second.served = true;  // nobody is in it who could want to leave
    }
    of_bus->second.riders.push_back(p);
    ++aboard;
    next = next > now - step_ms_ ? next + takes : now + takes;
    person& one = people_[p];
    one.is = state::kRides;
    one.in = v.id;
    one.departed_ms = -1;
    spots_[ride_of(p).from][one.spot] = 0;
    std::size_t& first = all_taken_before_[ride_of(p).from];
    first = std::min<std::size_t>(first, one.spot);
    return any = true;
  });
  if (here->second.empty()) waiting_.erase(here);
  if (!any) return;
  of_bus->second.next_ms = next;
  prolong(bus, next);
}

void passengers::drive_on(slot bus) {
  auto const at = cabins_.find(w_.cars[bus].id);
  if (at == cabins_.end() || !at->second.served) return;
  at->second.served = false;
  for (passenger_id const p : at->second.riders) {
    if (people_[p].departed_ms < 0) people_[p].departed_ms = now_ms();
  }
}

void passengers::alight(slot bus, cabin& c, observations& ready) {
  vehicle const& v = w_.cars[bus];
  bus_stop const& stop = w_.d->stops[w_.d->stop_calls[w_.calls_of(bus).next_stop].stop];
  std::int64_t const now = now_ms(), takes = door_ms_[v.type];
  c.served = true;
  std::vector<passenger_id> stay, out;
  for (passenger_id const p : c.riders) {
    if (!c.served || !may_alight(p, stop, w_.type_of(v).length_m)) {
      stay.push_back(p);
      continue;
    }
    if (c.next_ms - step_ms_ > now) {  // the door is taken: in the next tick
      c.served = false;
      stay.push_back(p);
      continue;
    }
    c.next_ms = c.next_ms > now - step_ms_ ? c.next_ms + takes : now + takes;
    prolong(bus, c.next_ms);
    out.push_back(p);
  }
  c.riders = std::move(stay);
  for (passenger_id const p : out) arrive(p, ready);
}

ride_record passengers::record_of(passenger_id p) const {
  person const& one = people_[p];
  auto const seconds = [](std::int64_t ms) { return ms < 0 ? -1.0 : static_cast<double>(ms) / 1000; };
  return {p, ride_of(p).from, ride_of(p).to, one.in, seconds(one.since_ms), seconds(one.departed_ms), -1};
}

void passengers::arrive(passenger_id p, observations& ready) {
  ride_record r = record_of(p);
  r.arrived_s = static_cast<double>(now_ms()) / 1000;
  ready.rides.push_back(r);
  person& one = people_[p];
  one.in = {};
  one.departed_ms = -1;
  if (++one.ride == w_.d->passengers[p].rides.end) {
    one.is = state::kDone;
    return;
  }
  take_spot(p);
  if (stay_ends_ms(p) <= now_ms()) return wait(p);
  stay(p);
}

std::int64_t passengers::stay_ends_ms(passenger_id p) const {
  ride const& r = ride_of(p);
  return std::max(now_ms() + to_ms(r.stay_s), to_ms(r.stay_until_s));
}

void passengers::take_spot(passenger_id p) {  // the first that is free
  person& one = people_[p];
  std::vector<std::uint8_t>& taken = spots_[ride_of(p).from];
  std::size_t& from = all_taken_before_[ride_of(p).from];
  auto const free = std::find(taken.begin() + static_cast<std::ptrdiff_t>(from), taken.end(), 0);
  one.spot = static_cast<std::uint32_t>(free - taken.begin());
  if (free == taken.end()) taken.push_back(1);
  taken[one.spot] = 1;
  from = one.spot + std::size_t{1};
}

void passengers::stay(passenger_id p) {
  people_[p].is = state::kStays;
  std::int64_t const begin = to_ms(w_.s->begin_s), late = std::max<std::int64_t>(stay_ends_ms(p) - begin, 0);
  stay_until_[begin + (late + step_ms_ - 1) / step_ms_ * step_ms_].push_back(p);
}

void passengers::wait(passenger_id p) {
  person& one = people_[p];
  one.is = state::kWaits;
  one.since_ms = now_ms();
  waiting_[edge_of(ride_of(p).from)].push_back(p);
}

// SUMO puts down at their stops those whom a vehicle still holds when it ends.
void passengers::carry_to_the_end(observations& ready) {
  for (auto at = cabins_.begin(); at != cabins_.end();) {
    if (w_.calls.contains(at->first)) {
      ++at;
      continue;
    }
    std::vector<passenger_id> const riders = std::move(at->second.riders);
    at = cabins_.erase(at);
    for (passenger_id const p : riders) {
      ready.messages.push_back({w_.now_s, fmt::format("passenger '{}' was carried past stop '{}'",
                                                      w_.d->passengers[p].name, w_.d->stops[ride_of(p).to].name)});
      arrive(p, ready);
    }
  }
}

void passengers::after_step(observations& ready) {
  put_in_order(w_.standing);
  for (slot const bus : w_.standing) {
    if (w_.calls_of(bus).began_s != w_.now_s) continue;  // that stood there before has boarded already
    if (auto const at = cabins_.find(w_.cars[bus].id); at != cabins_.end()) at->second.next_ms = 0;
    board(bus);
  }
  for (slot const bus : w_.standing) {
    auto const at = cabins_.find(w_.cars[bus].id);
    if (at != cabins_.end() && !at->second.served) alight(bus, at->second, ready);
  }
  carry_to_the_end(ready);
  for (; due_ < people_.size() && w_.d->passengers[passenger_id(due_)].depart_s <= w_.now_s + kTimeTolerance_s;
       ++due_) {
    take_spot(passenger_id(due_));
    stay(passenger_id(due_));
  }
  while (!stay_until_.empty() && stay_until_.begin()->first <= now_ms()) {
    for (passenger_id const p : stay_until_.begin()->second) wait(p);
    stay_until_.erase(stay_until_.begin());
  }
}

void passengers::finish(observations& ready) {
  for (std::size_t i = 0; i < people_.size(); ++i) {
    state const is = people_[passenger_id(i)].is;
    if (is == state::kWaits || is == state::kRides) ready.rides.push_back(record_of(passenger_id(i)));
  }
}

namespace {

template <typename Key, typename T>
void put_lists(std::map<Key, std::vector<T>> const& of, byte_writer& out) {
  out.put(std::uint64_t{of.size()});
  for (auto const& [key, list] : of) {
    out.put(key);
    out.put(list);
  }
}

template <typename Key, typename T>
void get_lists(std::map<Key, std::vector<T>>& of, byte_reader& in) {
  of.clear();
  for (std::size_t n = in.count(1); n > 0; --n) {
    auto const key = in.get<Key>();
    in.get(of[key]);
  }
}

}  // namespace

void passengers::save(byte_writer& out) const {
  out.put(std::uint64_t{due_});
  out.put(people_);
  put_lists(stay_until_, out);
  put_lists(waiting_, out);
  put_lists(spots_, out);
  out.put(std::uint64_t{cabins_.size()});
  for (auto const& [bus, c] : cabins_) {
    out.put(bus);
    out.put(c.riders);
    out.put(c.next_ms);
    out.put(c.served);
  }
}

void passengers::restore(byte_reader& in) {
  due_ = in.get<std::uint64_t>();
  in.get(people_);
  if (people_.size() != w_.d->passengers.size())
    throw_input("checkpoint", "belongs to another scenario", "restore it with the scenario it was made with");
  get_lists(stay_until_, in);
  get_lists(waiting_, in);
  get_lists(spots_, in);
  all_taken_before_.clear();
  cabins_.clear();
  for (std::size_t n = in.count(1); n > 0; --n) {
    cabin& c = cabins_[in.get<vehicle_id>()];
    in.get(c.riders);
    c.next_ms = in.get<std::int64_t>();
    c.served = in.get<bool>();
  }
}

}  // namespace gemeo::micro
