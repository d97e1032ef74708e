// Lanes that are worked on together: a curve that stays in a neighbourhood, every lane once, and parts of equal work.
#include "sim/engine_tbb/chunks.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <set>
#include <tuple>
#include <vector>

#include "sim/engine_tbb/lane_cars.h"
#include "tests/support/tiny_network.h"

using namespace gemeo;
using namespace gemeo::micro;

namespace {

void make_empty_lanes(world& w) {  // of its map
  w.lanes.resize(w.map->net().lane_count());
  w.occupants.resize(w.lanes.size());
  for (std::uint32_t l = 0; l < w.lanes.size(); ++l) {
    w.lanes[lane_id(l)].edge = w.map->lanes[lane_id(l)].edge;
    w.lanes[lane_id(l)].internal = w.map->lanes[lane_id(l)].internal;
  }
  w.find_inside();
}

}  // namespace

TEST_CASE("the curve goes through every field once, and from each to one beside it") {
  // The first 4,096 places of a curve through 65,536 by 65,536 fields fill a square of 64 by 64.
  std::vector<std::pair<int, int>> at(4096, {-1, -1});
  for (std::uint32_t x = 0; x < 64; ++x) {
    for (std::uint32_t y = 0; y < 64; ++y) {
      std::uint64_t const place = hilbert_place(x, y);
      REQUIRE(place < at.size());
      REQUIRE(at[place].first == -1);
      at[place] = {static_cast<int>(x), static_cast<int>(y)};
    }
  }
  for (std::size_t i = 1; i < at.size(); ++i)
    CHECK(std::abs(at[i].first - at[i - 1].first) + std::abs(at[i].second - at[i - 1].second) == 1);
}

TEST_CASE("every lane is in one chunk, those inside a junction with those that lead to it; parts carry equal loads") {
  test::tiny_network const t(
      "A--B--C--D\n"
      "|  |  |  |\n"
      "E--F--G--H\n"
      "|  |  |  |\n"
      "I--J--K--L\n");
  world w;
  w.map = std::make_unique<roads const>(t.net);
  w.lanes.resize(t.net->lane_count());
  w.approach_head.assign(w.map->links.size(), kNone);
  make_chunks(w);
  std::set<lane_id> seen;
  for (chunk const& c : w.chunks) {
    for (lane_id const l : c.lanes) CHECK(seen.insert(l).second);
    std::set<std::uint32_t> to;
    for (lane_id const l : c.lanes) to.insert(t.net->edges.to[t.net->lanes.edge[l]].value);
    for (chunk const& o : w.chunks) {
      if (&o == &c) continue;
      for (lane_id const l : o.lanes) CHECK(to.count(t.net->edges.to[t.net->lanes.edge[l]].value) == 0);
    }
  }
  CHECK(seen.size() == t.net->lane_count());
  REQUIRE(w.chunks.size() > 1);
  for (std::size_t const parts : {1U, 2U, 5U, 64U}) {
    w.parts.clear();
    balance(w, parts, (parts + 7) / 8);
    REQUIRE(w.parts.size() == parts);
    std::uint32_t end = 0;
    for (part const& p : w.parts) {
      CHECK(p.chunks.begin == end);
      CHECK(p.chunks.end >= end);
      end = p.chunks.end;
    }
    CHECK(end == w.chunks.size());
    for (std::uint32_t l = 0; l < w.lanes.size(); ++l) {
      auto const holds = [&](share const& s) { return w.falls_to(s, lane_id(l)); };
      CHECK(std::count_if(w.shares.begin(), w.shares.end(), holds) == 1);
    }
    std::uint32_t next = 0;
    for (share const& s : w.shares) {
      REQUIRE(s.parts.begin == next);
      REQUIRE(s.parts.size() > 0);
      next = s.parts.end;
      for (std::uint32_t p = s.parts.begin; p < s.parts.end; ++p) {
        CHECK(w.parts[p].chunks.begin >= s.chunks.begin);
        CHECK(w.parts[p].chunks.end <= s.chunks.end);
        CHECK(w.parts[p].near.begin == s.chunks.begin);
        CHECK(w.parts[p].near.end == s.chunks.end);
      }
    }
    CHECK(next == parts);
  }
  w.parts.clear();
  balance(w, 2, 1);
  CHECK(w.parts[0].chunks.size() > 0);
  CHECK(w.parts[1].chunks.size() > 0);
}

TEST_CASE("threads have as much work each, and their parts of it get smaller") {
  world w;
  static constexpr std::uint32_t kChunks = 8000;
  w.map = std::make_unique<roads const>(test::tiny_network("A--B\n").net);
  w.lanes.resize(kChunks);
  for (std::uint32_t l = 0; l < kChunks; ++l) {
    w.chunks.emplace_back().lanes.emplace_back(l);
    w.chunk_of.push_back(l);
  }
  for (std::size_t const shares : {1U, 2U, 3U, 16U}) {
    w.parts.clear();
    balance(w, 12 * shares, shares);
    for (share const& s : w.shares) {
      CHECK(std::abs(double(s.chunks.size()) * double(shares) / kChunks - 1) < 0.01);
      for (std::uint32_t p = s.parts.begin + 1; p < s.parts.end; ++p)
        CHECK(w.parts[p].chunks.size() <= w.parts[p - 1].chunks.size() + 1);
      CHECK(w.parts[s.parts.end - 1].chunks.size() * 20 < s.chunks.size());
    }
  }
}

TEST_CASE("who approaches a link is chained in one order, however many threads chain and whoever has noted it") {
  test::tiny_network const t(
      "A--B--C\n"
      "|  |  |\n"
      "D--E--F\n");
  std::vector<std::vector<std::uint32_t>> expected;  // by link, who
  for (std::size_t const shares : {1U, 2U, 3U, 5U}) {
    CAPTURE(shares);
    world w;
    w.map = std::make_unique<roads const>(t.net);
    w.lanes.resize(t.net->lane_count());
    w.types.resize(1);
    w.cars.resize(300);
    std::size_t const links = w.map->links.size();
    w.approach_head.assign(links, kNone);
    for (std::uint32_t l = 0; l < w.lanes.size(); ++l) {
      w.chunks.emplace_back().lanes.emplace_back(l);
      w.chunk_of.push_back(l);
    }
    balance(w, shares * 2, shares);
    std::size_t far = 0;
    for (int tick = 0; tick < 3; ++tick) {
      for (std::uint32_t who = 0; who < w.cars.size(); ++who) {  // in the order of chunks, each at three links anywhere
        std::size_t const chunk = who * w.chunks.size() / w.cars.size();
        part& p = *std::find_if(w.parts.begin(), w.parts.end(), [&](part const& o) { return chunk < o.chunks.end; });
        for (std::uint32_t n = 0; n < 3; ++n) {
          plan_item item;
          item.link = static_cast<std::uint32_t>((who * 7919U + n * 104729U + static_cast<unsigned>(tick)) % links);
          note_approach(w, p, who, item);
        }
      }
      take_planned(w);
      for (share& s : w.shares) link_approaches(w, s);
      for (part& p : w.parts) {
        far += p.far_approaches.size();
        forget_untold(p);
      }
    }
    CHECK((shares == 1 ? far == 0 : far > 100));
    CHECK(w.approaches.size() == 900);
    std::vector<std::vector<std::uint32_t>> found(links);
    for (std::uint32_t l = 0; l < links; ++l) {
      std::uint32_t a = w.approach_head[l];
      for (; a < approach::kLast; a = w.approaches[a].next) found[l].push_back(w.approaches[a].who);
      CHECK((found[l].empty() ? a == kNone : a == (approach::kLast | l)));
    }
    if (expected.empty()) expected = found;
    CHECK(found == expected);
  }
}

TEST_CASE("a lane's list of vehicles behaves as a vector does, within its own room and beyond") {
  lane_cars mine;
  std::vector<slot> model;
  std::uint32_t drawn = 1;
  for (int i = 0; i < 3000; ++i) {
    drawn = drawn * 1664525U + 1013904223U;
    std::size_t const at = model.empty() ? 0 : (drawn >> 8U) % model.size();
    switch (drawn >> 28U) {
      case 0:
      case 1:
      case 2:
      case 3:
      case 4:
      case 5:
        mine.insert(mine.begin() + at, drawn);
        model.insert(model.begin() + static_cast<std::ptrdiff_t>(at), drawn);
        break;
      case 6:
      case 7:
      case 8:
      case 9:
      case 10:
        if (model.empty()) break;
        mine.erase(mine.begin() + at);
        model.erase(model.begin() + static_cast<std::ptrdiff_t>(at));
        break;
      case 11: {
        lane_cars copy(mine), other;
        other.push_back(7);
        other.swap(copy);
        mine = std::move(other);
        break;
      }
      case 12:
        if (drawn % 64 == 0) {
          mine.clear();
          model.clear();
        }
        break;
      default:
        mine.push_back(drawn);
        model.push_back(drawn);
    }
    REQUIRE(std::vector<slot>(mine.begin(), mine.end()) == model);
  }
}

TEST_CASE("piles keep what was added through all their growth, and what one gives back is room for the others") {
  auto const pool = std::make_shared<block_pool>();
  pile<std::uint32_t> all(pool);
  pile<std::array<double, 3>> other(pool);
  for (std::uint32_t i = 0; i < 10000; ++i) {
    all.add() = i;
    if (i % 4 == 0) other.add() = {double(i), 0, -double(i)};
  }
  std::uint32_t const* const first = &all[0];
  for (std::uint32_t i = 0; i < 10000; ++i) {
    REQUIRE(all[i] == i);
    if (i % 4 == 0) REQUIRE(other[i / 4] == std::array<double, 3>{double(i), 0, -double(i)});
  }
  std::size_t const most = pool->bytes();
  CHECK(most < (10000 * sizeof(std::uint32_t) + 2500 * 3 * sizeof(double)) * 11 / 10);
  all.add() = 10000;
  CHECK(&all[0] == first);
  all.clear();
  CHECK(all.size() == 0);
  for (std::uint32_t i = 0; i < 1500; ++i) other.add() = {};  // in what the first one had
  CHECK(pool->bytes() < most + 64 * sizeof(void*) * 8);
  other.swap(other);
  other = pile<std::array<double, 3>>(pool);
  pool->trim();
  CHECK(pool->bytes() == 0);
}

TEST_CASE("places that a pile is asked to keep side by side are a run, at whatever place they begin") {
  auto const pool = std::make_shared<block_pool>();
  pile<std::uint32_t> all(pool);
  std::vector<std::size_t> begins;
  for (std::uint32_t run = 0; run < 1000; ++run) {
    all.begin_run(12);
    begins.push_back(all.size());
    for (std::uint32_t i = 0; i < 1 + run % 12; ++i) all.add() = run * 100 + i;
  }
  for (std::uint32_t run = 0; run < 1000; ++run) {
    auto const found = all.run(begins[run], 1 + run % 12);
    for (std::uint32_t i = 0; i < found.size(); ++i) REQUIRE(found[i] == run * 100 + i);
  }
}

TEST_CASE("bits tell whether somebody is in the way inside a junction as a look at every lane does") {
  for (char const* drawing : {"A--B--C--D\n"
                              "|  |  |  |\n"
                              "E--F--G--H\n"
                              "|  |  |  |\n"
                              "I--J--K--L\n",
                              "A==B==C==D\n"
                              "|  |  |  |\n"
                              "E==F==G==H\n"
                              "|  |  |  |\n"
                              "I==J==K==L\n"}) {
    test::tiny_network const t(drawing);
    world w;
    w.map = std::make_unique<roads const>(t.net);
    make_empty_lanes(w);
    std::size_t empty = 0, met = 0, nobody = 0;
    for (std::uint32_t step = 0; step < 4000; ++step) {
      auto const l = lane_id(step * 7919U % static_cast<std::uint32_t>(w.lanes.size()));
      w.set_occupants(l, step % 5 == 0 ? step % 3 : 0);
      if (step % 100 == 50) w.find_inside();  // as after a checkpoint
      for (micro::link const& k : w.map->links) {
        bool any = false;
        for (std::uint32_t c = k.conflicts.begin; c < k.conflicts.end; ++c)
          any = any || w.occupants[w.map->conflicting[c]] != 0;
        if (k.conflicts.size() == 0) ++empty;
        if (any) REQUIRE(w.may_conflict(k));
        ++(any ? met : nobody);
        if (!any && w.map->crowded[k.junction] == 0) REQUIRE(!w.may_conflict(k));
      }
    }
    CHECK(met > 1000);
    CHECK(nobody > empty);
  }
}

TEST_CASE("the lanes of a junction that share a bit are taken for occupied") {
  test::tiny_network const t("A--B--C\n   |\n   D\n");
  world w;
  auto crowded = std::make_unique<roads>(t.net);
  for (std::uint8_t& c : crowded->crowded.raw()) c = 1;
  w.map = std::move(crowded);
  make_empty_lanes(w);
  std::size_t asked = 0;
  for (micro::link const& k : w.map->links) {
    if (k.conflicts.size() == 0) continue;
    ++asked;
    CHECK(w.may_conflict(k));
    for (std::uint32_t l = 0; l < w.lanes.size(); ++l) w.set_occupants(lane_id(l), 0);
    CHECK(w.may_conflict(k));
  }
  CHECK(asked > 0);
}

namespace {

// Vehicles that have driven from lane 1 onto lane 0, their rears on lane 1 still: where, and who.
struct rears_scene {
  test::tiny_network net{"A--B--C\n"};
  world w;
  lane_id ahead{0U}, behind{1U}, beside{2U};

  // Each of the lanes falls to a share of its own where there are several.
  explicit rears_scene(std::size_t vehicles, std::uint32_t shares = 1) {
    w.map = std::make_unique<roads const>(net.net);
    w.lanes.resize(net.net->lane_count());
    w.occupants.resize(net.net->lane_count());
    w.types.resize(1);
    w.types[0].length_m = 10;
    w.lanes[behind].length_m = w.lanes[beside].length_m = 20;
    w.parts.emplace_back(w.blocks.front());
    w.parts[0].near = {0, 1};
    w.shares.resize(shares);
    for (std::uint32_t i = 0; i < shares; ++i)
      w.shares[i].chunks = {i, i + 1 == shares ? static_cast<std::uint32_t>(w.lanes.size()) : i + 1};
    w.shares[0].parts = {0, 1};
    for (std::uint32_t l = 0; l < w.lanes.size(); ++l) w.chunk_of.push_back(l);
    w.cars.resize(vehicles);
    w.pasts.resize(vehicles);
  }
  void add(double back_m, std::uint32_t who) {
    vehicle& v = w.cars[who];
    v.id = vehicle_id(who);
    v.lane = ahead;
    v.pos = back_m - 20 + 10;
    v.behinds = 1;
    w.pasts[who].behind[0] = behind;
    part& p = w.parts[0];
    p.passed.begin_run(kMostPassed);
    passage& way = p.passages.add();
    way.who = who;
    way.first = static_cast<std::uint32_t>(p.passed.size());
    way.count = 2;
    way.rears = 1;
    way.first_rear = p.rears;
    p.far_passages.push_back(static_cast<std::uint32_t>(p.passages.size()) - 1);
    p.passed.add() = behind;
    p.passed.add() = ahead;
    ++p.rears;
  }
  void note() {
    make_room_for_rears(w);
    for (share& s : w.shares) note_rears(w, s);
  }
  [[nodiscard]] std::vector<std::uint32_t> on(lane_id l) const {
    std::vector<std::uint32_t> found;
    for (partial const& p : w.rears(w.lanes[l])) found.push_back(p.who);
    return found;
  }
};

}  // namespace

TEST_CASE(
    "rears on a lane come foremost first, by number where they are abreast, whatever the order they were noted in") {
  std::vector<std::pair<double, std::uint32_t>> const placed = {
      {3, 4}, {7, 1}, {3, 2}, {9.5, 3}, {1, 0}};  // m, vehicle
  std::vector<std::uint32_t> const expected = {3, 1, 2, 4, 0};
  std::vector<std::size_t> order = {0, 1, 2, 3, 4};
  do {
    rears_scene scene(placed.size());
    world& w = scene.w;
    for (std::size_t const i : order) scene.add(placed[i].first, placed[i].second);
    scene.note();
    REQUIRE(scene.on(scene.behind) == expected);
    CHECK(w.occupants[scene.behind] == placed.size());
    forget_passages(w.parts[0]);
    scene.note();
    CHECK(w.lanes[scene.behind].first_rear == kNone);
    CHECK(w.occupants[scene.behind] == 0);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE("the rear of who changes lanes goes along, and that of who is taken off is gone, however many work on it") {
  auto const shares = GENERATE(1U, 2U, 3U);
  CAPTURE(shares);
  rears_scene scene(3, shares);
  world& w = scene.w;
  for (std::uint32_t who = 0; who < 3; ++who) scene.add(8 - 2.0 * who, who);
  scene.note();
  REQUIRE(scene.on(scene.behind) == std::vector<std::uint32_t>{0, 1, 2});
  for (std::uint32_t const who : {1U, 0U}) {
    w.parts[0].turned_rears.add() = {who, w.pasts[who].behind};
    w.pasts[who].behind[0] = scene.beside;
  }
  turn_rears(w);
  CHECK(scene.on(scene.behind) == std::vector<std::uint32_t>{2});
  CHECK(scene.on(scene.beside) == std::vector<std::uint32_t>{0, 1});
  CHECK(w.occupants[scene.behind] == 1);
  CHECK(w.occupants[scene.beside] == 2);
  forget_rears(w, 0);
  CHECK(w.cars[0].behinds == 0);
  CHECK(scene.on(scene.beside) == std::vector<std::uint32_t>{1});
  CHECK(w.occupants[scene.beside] == 1);
  for (part& p : w.parts) forget_passages(p);
  scene.note();
  for (lane_id const l : {scene.behind, scene.beside}) {
    CHECK(scene.on(l).empty());
    CHECK(w.occupants[l] == 0);
  }
}

TEST_CASE("who enters after vehicles have been put in order finds room, and nobody is moved for him") {
  test::tiny_network const t("A--B--C\n");
  world w;
  w.map = std::make_unique<roads const>(t.net);
  w.lanes.resize(t.net->lane_count());
  w.chunks.emplace_back().lanes.emplace_back(0U);
  static constexpr slot kVehicles = 500;
  for (slot k = 0; k < kVehicles; ++k) w.lanes[lane_id(0U)].cars.push_back(take_slot(w));
  order_by_lane(w);
  REQUIRE(w.cars.size() == kVehicles);
  auto const before = std::make_tuple(w.cars.data(), w.pasts.data(), w.logs.data(), w.choices.data());
  take_slot(w);
  CHECK(before == std::make_tuple(w.cars.data(), w.pasts.data(), w.logs.data(), w.choices.data()));
}

TEST_CASE("piles one behind the other are one array, and give their blocks back when they are empty") {
  auto const pool = std::make_shared<block_pool>();
  std::size_t const full = pile<std::uint32_t>::kEach;
  std::array<std::size_t, 5> const sizes = {0, 1, full - 1, full, 1000};
  for (std::size_t const first : sizes) {
    for (std::size_t const second : sizes) {
      pile<std::uint32_t> a(pool), b(pool);
      for (std::uint32_t i = 0; i < first; ++i) a.add() = i;
      for (std::uint32_t i = 0; i < second; ++i) b.add() = 5000 + i;
      row_of_piles<std::uint32_t> all;
      std::size_t const from_a = all.add(a), from_b = all.add(b);
      CHECK(from_a == 0);
      CHECK(from_b >= first);
      REQUIRE(all.size() == first + second);
      for (std::size_t i = 0; i < first; ++i) REQUIRE(all[from_a + i] == i);
      for (std::size_t i = 0; i < second; ++i) REQUIRE(&all[from_b + i] == &b[i]);
      std::size_t at = 0;
      all.each([&](std::uint32_t found) {
        REQUIRE(found == (at < first ? at : 5000 + at - first));
        ++at;
      });
      REQUIRE(at == all.size());
      all.clear();
      CHECK(all.size() == 0);
    }
  }
  pool->trim();
  CHECK(pool->bytes() == 0);  // what nobody needs any more is let go of
}
