// The stages that hand over from lane to lane what others have found out on their own: vehicles and their rears.
// Several threads work on them: each goes through all that concerns its share of the lanes, in the same order. So every
// lane and every sum sees the same in the same order, however many there are.
#include <algorithm>

#include "sim/engine_tbb/tallies.h"
#include "sim/engine_tbb/world.h"

namespace gemeo::micro {

namespace {

[[nodiscard]] bool touches(world const& w, share const& mine, std::span<lane_id const> lanes) {
  return std::any_of(lanes.begin(), lanes.end(), [&](lane_id l) { return w.falls_to(mine, l); });
}

// Calls f with the passages that may concern the share, and their parts, in order.
template <typename F>
void each_passage(world const& w, share const& mine, F const& f) {
  for (std::uint32_t i = 0; i < w.parts.size(); ++i) {
    part const& p = w.parts[i];
    if (w.shares.size() == 1 || i - mine.parts.begin < mine.parts.size()) {
      p.passages.each([&](passage const& way) { f(p, way); });
    } else {
      for (std::uint32_t const at : p.far_passages) f(p, p.passages[at]);
    }
  }
}

// What a vehicle that was on several lanes did on those of the share.
void account(world& w, share& mine, passage const& p, std::span<lane_id const> lanes) {
  vehicle const& v = w.cars[p.who];
  double const length = w.type_of(v).length_m, speed = p.speed;
  double before = 0;  // way from the first lane's begin to that of lanes[was]
  for (std::size_t i = 0; i < p.was; ++i) before += w.lanes[lanes[i]].length_m;
  emitted const rate = emission_rate(w, v, speed);
  if (!w.emission_of.empty() && w.falls_to(mine, lanes[p.was])) w.emitted_by[p.who].add(rate, w.dt);
  double const f0 = before + p.pos0, way = speed * w.dt, f1 = f0 + way;
  double begin = 0;
  for (std::size_t i = 0; i < p.count; ++i) {
    lane_state const& on = w.lanes[lanes[i]];
    double const len = on.length_m, from = begin;
    begin += len;
    if (!w.falls_to(mine, lanes[i])) continue;
    auto const share_until = [&](double end) {
      if (way <= 0) return f0 >= from && f0 <= end ? 1.0 : 0.0;
      return std::max(0.0, std::min(f1, end) - std::max(f0, from)) / way;
    };
    double const on_s = share_until(from + len + length), front = share_until(from + len);
    auto const part = [&](double f) { return std::max(0.0, std::min(f, from + len) - std::max(f - length, from)); };
    if (on_s > 0)
      add_to_sums(w, on, v, on_s * w.dt, front * w.dt, speed, w.lane_speed(v, lanes[i]), (part(f0) + part(f1)) / 2,
                  w.emission_of.empty() ? nullptr : &rate);
    if (on.has_loops) see_loops(w, mine.crossings, v, lanes[i], f0 - from, f1 - from, speed);
  }
}

void count_way(world& w, share const& mine, passage const& p, std::span<lane_id const> lanes) {
  for (std::size_t i = p.was; i + 1U < p.count; ++i) {
    lane_id const from = lanes[i], to = lanes[i + 1];
    if (w.falls_to(mine, from) && !w.lanes[from].internal) ++w.counts[w.lanes[from].edge].left;
    if (w.falls_to(mine, to) && !w.lanes[to].internal) ++w.counts[w.lanes[to].edge].entered;
  }
}

// Keeps the order of a lane's rears, foremost first.
void put_in_chain(world& w, std::uint32_t* at, std::uint32_t place) {
  partial& mine = w.partials[place];
  auto const ahead = [&](partial const& o) {
    return o.back > mine.back || (o.back == mine.back && w.cars[o.who].id < w.cars[mine.who].id);
  };
  while (*at != kNone && ahead(w.partials[*at])) at = &w.partials[*at].next;
  mine.next = *at;
  *at = place;
}

void add_rear(world& w, share& mine, lane_id l, std::uint32_t place) {
  std::uint32_t& first = w.lanes[l].first_rear;
  if (first == kNone) mine.with_rears.push_back(l);
  put_in_chain(w, &first, place);
  w.set_occupants(l, w.occupants[l] + 1U);
}

// Returns its place; kNone: it has none there.
std::uint32_t take_rear(world& w, lane_id l, slot who) {
  for (std::uint32_t* at = &w.lanes[l].first_rear; *at != kNone; at = &w.partials[*at].next) {
    if (w.partials[*at].who != who) continue;
    std::uint32_t const place = *at;
    *at = w.partials[place].next;
    w.set_occupants(l, w.occupants[l] - 1U);
    return place;
  }
  return kNone;
}

// Vehicles leave the front of their lane and join the rear of the next. On each lane all leave before anybody joins: it
// is in the order of places only without those who are elsewhere by now.
void hand_over(world& w, share& mine) {
  each_passage(w, mine, [&](part const& p, passage const& way) {
    auto const lanes = p.lanes_of(way);
    if (!touches(w, mine, lanes)) return;
    account(w, mine, way, lanes);
    if (!way.crosses()) return;
    if (w.falls_to(mine, lanes[way.was])) w.leave(lanes[way.was], way.who);
    count_way(w, mine, way, lanes);
  });
  auto const ahead = [&](slot a, slot b) {
    vehicle const &x = w.cars[a], &y = w.cars[b];
    return x.pos != y.pos ? x.pos > y.pos : x.id < y.id;
  };
  each_passage(w, mine, [&](part const& p, passage const& way) {
    lane_id const l = p.lanes_of(way).back();
    if (!way.crosses() || !w.falls_to(mine, l)) return;
    lane_cars const& to = w.lanes[l].cars;
    w.join(l, std::lower_bound(to.begin(), to.end(), way.who, ahead), way.who);
  });
}

}  // namespace

void take_crossings(world& w, std::vector<crossing_record>& out) {
  auto const first = static_cast<std::ptrdiff_t>(out.size());
  auto const take = [&](std::vector<crossing_record>& from) {
    out.insert(out.end(), from.begin(), from.end());
    from.clear();
  };
  for (share& s : w.shares) take(s.crossings);
  for (part& p : w.parts) take(p.crossings);
  std::sort(out.begin() + first, out.end());
}

void make_room_for_rears(world& w) {
  std::uint32_t n = 0;
  for (part& p : w.parts) {
    p.first_rear = n;
    n += p.rears;
  }
  w.partials.clear();
  make_room(w.partials, n);
  w.partials.resize(n);
}

void note_rears(world& w, share& mine) {
  for (lane_id const l : mine.with_rears) {
    w.set_occupants(l, w.lanes[l].cars.size());
    w.lanes[l].first_rear = kNone;
  }
  mine.with_rears.clear();
  each_passage(w, mine, [&](part const& p, passage const& way) {
    std::uint32_t const first = p.first_rear + way.first_rear;
    auto const lanes = p.lanes_of(way);
    auto const behind = [&](std::size_t i) { return lanes[lanes.size() - 2 - i]; };
    for (std::size_t i = 0; i < way.rears; ++i) {
      lane_id const l = behind(i);
      if (!w.falls_to(mine, l)) continue;
      vehicle const& v = w.cars[way.who];
      if (v.is(kGone)) continue;
      double back = w.back_of(v);
      for (std::size_t before = 0; before <= i; ++before) back += w.lanes[behind(before)].length_m;
      w.partials[first + i] = {way.who, kNone, back};
      add_rear(w, mine, l, first + static_cast<std::uint32_t>(i));
    }
  });
}

void advance(world& w, share& mine) {
  hand_over(w, mine);
  note_rears(w, mine);
}

void forget_passages(part& p) {
  p.rears = 0;
  p.passages.clear();
  p.passed.clear();
  p.far_passages.clear();
}

void forget_rears(world& w, slot k) {
  for (std::size_t i = 0; i < w.cars[k].behinds; ++i) take_rear(w, w.pasts[k].behind[i], k);
  w.cars[k].behinds = 0;
}

// Of those who are on another lane of their edge now. They are few.
void turn_rears(world& w) {
  for (part& p : w.parts) {
    p.turned_rears.each([&](turned const& t) {
      vehicle const& v = w.cars[t.who];
      double back = w.back_of(v);
      for (std::size_t i = 0; i < v.behinds; ++i) {
        lane_id const l = w.pasts[t.who].behind[i];
        back += w.lanes[l].length_m;
        std::uint32_t const place = take_rear(w, t.behind[i], t.who);
        verify(place != kNone, "who has its rear on a lane is known there");
        w.partials[place].back = back;
        add_rear(w, w.shares[w.share_of(l)], l, place);
      }
    });
    p.turned_rears.clear();
  }
}

}  // namespace gemeo::micro
