#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <thread>
#include <vector>

#include "sim/core/error.h"
#include "sim/core/frame.h"
#include "sim/core/hash.h"
#include "sim/core/ids.h"
#include "sim/core/number_text.h"
#include "sim/core/random.h"
#include "sim/core/text_file.h"
#include "sim/core/vclass.h"
#include "tests/support/background.h"
#include "tests/support/shared_data.h"

using namespace gemeo;

TEST_CASE("random: a draw depends on seed, entity, counter and purpose, and on nothing else") {
  auto const a = random_bits(1, 2, 3, draw::kSpeedFactor);
  CHECK(a == random_bits(1, 2, 3, draw::kSpeedFactor));
  CHECK(a != random_bits(2, 2, 3, draw::kSpeedFactor));
  CHECK(a != random_bits(1, 3, 3, draw::kSpeedFactor));
  CHECK(a != random_bits(1, 2, 4, draw::kSpeedFactor));
  CHECK(a != random_bits(1, 2, 3, draw::kDepartTime));
}

TEST_CASE("random: draws of many entities at once are those of each alone, however many there are") {
  std::vector<std::uint64_t> entities;
  std::vector<double> drawn(40, -1);
  for (std::size_t n = 0; n <= 37; ++n) {
    std::uint64_t const seed = random_bits(n, 1, 0, draw::kView), counter = random_bits(n, 2, 0, draw::kView);
    random_uniforms(seed, entities, counter, draw::kDawdle, drawn.data());
    for (std::size_t i = 0; i < n; ++i) CHECK(drawn[i] == random_uniform(seed, entities[i], counter, draw::kDawdle));
    CHECK(drawn[n] == -1);  // nothing is written beyond
    entities.push_back(n == 3 ? ~std::uint64_t{0} : random_bits(n, 3, 0, draw::kView));
  }
}

TEST_CASE("random: uniform and normal draws have the moments they claim") {
  double sum = 0, sum2 = 0, u = 0;
  constexpr int kN = 100000;
  for (int i = 0; i < kN; ++i) {
    double const z = random_normal(7, static_cast<std::uint64_t>(i), 0, draw::kSpeedFactor);
    sum += z;
    sum2 += z * z;
    double const v = random_uniform(7, static_cast<std::uint64_t>(i), 0, draw::kDepartTime);
    REQUIRE((v >= 0 && v < 1));
    u += v;
  }
  CHECK(sum / kN == Approx(0).margin(0.015));  // 4.7 standard errors
  CHECK(sum2 / kN == Approx(1).margin(0.02));
  CHECK(u / kN == Approx(0.5).margin(0.005));
}

TEST_CASE("vclass: names go to masks and back, unknown ones are named") {
  CHECK(parse_vclasses("bus taxi") == (mask_of(vclass::kBus) | mask_of(vclass::kTaxi)));
  CHECK(parse_vclasses("all") == kAllClasses);
  std::string unknown;
  CHECK_FALSE(parse_vclasses("bus spaceship", &unknown));
  CHECK(unknown == "spaceship");
  CHECK(names_of(mask_of(vclass::kBus) | mask_of(vclass::kTaxi)) == "taxi bus");
}

TEST_CASE("error: the exit code is 2 for input and 1 for a failed run, the message says where, what and what to do") {
  error const e(error_kind::kInput, "a.toml:3", "unknown key 'clsoe'", "did you mean 'close'?");
  CHECK(e.exit_code() == 2);
  CHECK(std::string(e.what()) == "a.toml:3: unknown key 'clsoe' (did you mean 'close'?)");
  CHECK(error(error_kind::kRun, "", "x").exit_code() == 1);
  CHECK(did_you_mean("clsoe", std::vector<std::string>{"open", "close"}) == "did you mean 'close'?");
  CHECK(did_you_mean("zzzzzzz", std::vector<std::string>{"open", "close"}).empty());
}

TEST_CASE("frame: the hash changes with any bit of any column") {
  frame f;
  f.vehicle = {vehicle_id(1U), vehicle_id(2U)};
  f.lane = {lane_id(0U), lane_id(5U)};
  f.pos_m = {1.0F, 2.0F};
  f.speed_mps = {3.0F, 4.0F};
  auto const h = hash_frame(f);
  frame g = f;
  CHECK(hash_frame(g) == h);
  g.speed_mps[1] = std::nextafter(4.0F, 5.0F);
  CHECK(hash_frame(g) != h);
  g = f;
  g.tick = 1;
  CHECK(hash_frame(g) != h);
}

TEST_CASE("text file: gzip round trip is byte-identical, a cut one is refused") {
  test::temp_folder const dir;
  std::string text;
  for (int i = 0; i < 20000; ++i) text += "line " + std::to_string(i) + "\n";
  write_text_file(dir / "a.txt.gz", text);
  CHECK(read_text_file(dir / "a.txt.gz") == text);
  auto const size = std::filesystem::file_size(dir / "a.txt.gz");
  std::filesystem::resize_file(dir / "a.txt.gz", size / 2);
  CHECK_THROWS_WITH(read_text_file(dir / "a.txt.gz"), Catch::Contains("truncated gzip"));
  CHECK_THROWS_WITH(read_text_file(dir.path()), Catch::Contains("is a folder"));
  CHECK_THROWS_WITH(read_text_file(dir / "none"), Catch::Contains("no such file"));
}

TEST_CASE("text file: a failed write leaves nothing behind") {
  test::temp_folder const dir;
  CHECK_THROWS_WITH(write_text_file(dir / "missing/a.txt", "x"), Catch::Contains("cannot be written"));
  CHECK_THROWS_AS(write_text_file("/dev/full.d/a", "x"), error);
  CHECK(std::filesystem::is_empty(dir.path()));
}

TEST_CASE("text file: a pipe or a device is written into, and stays what it is") {
  test::temp_folder const dir;
  std::filesystem::path const pipe = dir / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  std::string read;
  std::thread reader([&] { read = test::slurp(pipe); });
  write_text_file(pipe, "as it stands");
  reader.join();
  CHECK(read == "as it stands");
  CHECK(std::filesystem::is_fifo(pipe));
  CHECK_FALSE(std::filesystem::exists(dir / "pipe.partial"));
  CHECK(is_device_or_pipe("/dev/null"));
  CHECK_FALSE(is_device_or_pipe(dir.path()));
  CHECK_FALSE(is_device_or_pipe(dir / "nothing"));
}

TEST_CASE("text file: what this program has open is not replaced under a name like /dev/stdout") {
  test::temp_folder const dir;
  std::filesystem::path const plain = dir / "redirected", link = dir / "out";
  int const fd = ::open(plain.c_str(), O_WRONLY | O_CREAT, 0600);
  REQUIRE(fd >= 0);
  std::filesystem::create_symlink("/proc/self/fd/" + std::to_string(fd), link);
  CHECK_THROWS_WITH(write_text_file(link, "page"), Catch::Contains("name the file itself"));
  CHECK(std::filesystem::is_symlink(link));
  CHECK_FALSE(std::filesystem::exists(dir / "out.partial"));
  ::close(fd);
  std::filesystem::path const other = dir / "other";
  std::filesystem::create_symlink(plain, other);
  CHECK_FALSE(is_device_or_pipe(other));
}

TEST_CASE("numbers are grouped by thousands, whatever their sign, and what is none is a dash") {
  CHECK(grouped(0.0) == "0");
  CHECK(grouped(999.4) == "999");
  CHECK(grouped(-123.0) == "-123");
  CHECK(grouped(-1234567.0) == "-1,234,567");
  CHECK(grouped(std::size_t{12345}) == "12,345");
  CHECK(grouped(std::nan("")) == "-");
}
