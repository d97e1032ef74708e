#include "tests/determinism/golden.h"

#include <fmt/core.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <map>
#include <span>
#include <sstream>

#include "sim/core/hash.h"
#include "tests/property/tick_hashes.h"

namespace gemeo::test {

namespace {

constexpr char const* kFile = GEMEO_SOURCE_DIR "/tests/determinism/golden.txt";

std::map<std::string, std::string> read_golden() {  // the rest of a line by its name
  std::map<std::string, std::string> out;
  std::ifstream in(kFile);
  for (std::string line; std::getline(in, line);) {
    std::size_t const space = line.find(' ');
    if (space != std::string::npos) out[line.substr(0, space)] = line.substr(space + 1);
  }
  return out;
}

// Of what is in the network, as the bytes of a file hold the date at which it was made.
std::uint64_t content_hash(network const& n) {
  hasher h;
  h.add(std::span<float const>(n.lanes.length_m.raw()));
  h.add(std::span<float const>(n.lanes.speed_mps.raw()));
  h.add(std::span<vclass_mask const>(n.lanes.allowed.raw()));
  for (connection const& c : n.connections) {
    for (std::uint32_t const id : {c.from.value, c.to.value, c.via.value, c.signal.value}) h.add_value(id);
    for (char const x : {c.dir, c.state, c.keep_clear ? 'k' : '-'}) h.add_value(x);
    h.add_value(c.link);
  }
  for (auto const& programs : n.signals.programs) {
    for (signal_program const& p : programs) {
      h.add_value(p.offset_s);
      for (signal_phase const& f : p.phases) h.add_value(f.duration_s);
    }
  }
  return h.value();
}

}  // namespace

bool writes_golden() { return std::getenv("GEMEO_WRITE_GOLDEN") != nullptr; }  // NOLINT: one thread

void check_golden(std::string const& name, scenario const& s, std::vector<std::uint64_t> const& ticks) {
  std::string const inputs = to_hex(content_hash(*s.net)) + " " + to_hex(s.travellers->hash());
  std::string const computed = fmt::format("{} {}", ticks.size(), to_hex(hash_of(ticks)));
  fmt::print("hash of {}: {} {}\n", name, inputs, computed);
  auto golden = read_golden();
  if (writes_golden()) {
    golden[name] = inputs + " " + computed;
    std::ofstream out(kFile);
    for (auto const& [key, rest] : golden) out << key << " " << rest << "\n";
    return;
  }
  auto const found = golden.find(name);
  REQUIRE(found != golden.end());
  if (!found->second.starts_with(to_hex(content_hash(*s.net)))) {  // another version of SUMO's tools
    WARN("not compared: the network of " << name << " is another than that of golden.txt");
    return;
  }
  REQUIRE(found->second.starts_with(inputs));  // our own demand has changed
  CHECK(computed == found->second.substr(inputs.size() + 1));
}

}  // namespace gemeo::test
