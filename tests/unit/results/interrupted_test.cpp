// Files that grow, files whose writer was killed, and disks that run full: in child processes.
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <thread>

#include "sim/core/error.h"
#include "sim/core/text_file.h"
#include "sim/results/h5.h"
#include "sim/results/reader.h"
#include "sim/results/settle.h"
#include "tests/support/made_result.h"

using namespace gemeo;
using namespace gemeo::test;
namespace fs = std::filesystem;

namespace {

class child {
 public:
  explicit child(std::function<int()> const& work) : pid_(::fork()) {
    if (pid_ != 0) return;
    int code = 99;
    try {
      code = work();
    } catch (...) {
    }
    std::_Exit(code);
  }
  ~child() {
    if (pid_ > 0) end(SIGKILL);
  }
  int end(int signal) {
    if (pid_ <= 0) return status_;
    if (signal != 0) ::kill(pid_, signal);
    ::waitpid(pid_, &status_, 0);
    pid_ = -1;
    return status_;
  }
  [[nodiscard]] bool alive() const { return pid_ > 0 && ::waitpid(pid_, nullptr, WNOHANG) == 0; }

 private:
  pid_t pid_;
  int status_ = 0;
};

made_run long_run() {
  made_run r;
  r.interval_s = 60;
  r.trajectories = true;
  r.vehicles = 2000;
  return r;
}

// Writes interval by interval, for ever if it is let.
int write_slowly(fs::path const& file, std::chrono::milliseconds pause) {
  made_data const m = make_data(drawn_city().net(), long_run());
  result_writer w(file, m.description, drawn_city().net(), m.travellers);
  std::size_t next = 0;
  for (observations const& o : m.intervals) {
    for (; next < m.frames.size() && m.frames[next].time_s < o.edges.front().end_s; ++next)
      w.append_frame(m.frames[next]);
    w.append(o);
    w.log(o.edges.front().end_s, "interval written");
    std::this_thread::sleep_for(pause);
  }
  for (;;) std::this_thread::sleep_for(std::chrono::seconds(1));
}

std::size_t intervals_in(fs::path const& file) {
  try {
    return result_file(file).edge_intervals().begin_s.size();
  } catch (error const&) {
    return 0;
  }
}

bool wait_for(std::function<bool()> const& what) {
  for (int i = 0; i < 600; ++i) {
    if (what()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return false;
}

void check_prefix(result_file const& r, made_data const& m, std::size_t at_least) {
  edge_series const speed = r.edges("speed");
  std::size_t const n = speed.begin_s.size();
  REQUIRE(n >= at_least);
  for (std::size_t i = 0; i < n; ++i) {
    edge_interval const& w = m.intervals[i].edges.front();
    CHECK(speed.begin_s[i] == w.begin_s);
    for (std::size_t k = 0; k < w.size(); ++k) {
      float const read = speed.at(i, w.edge[k]);
      if (read != w.speed_mps[k] && !(std::isnan(read) && std::isnan(w.speed_mps[k]))) FAIL("interval " << i);
    }
  }
  std::vector<trip_record> written;
  for (observations const& o : m.intervals) written.insert(written.end(), o.trips.begin(), o.trips.end());
  auto const trips = r.trips();
  REQUIRE(trips.size() <= written.size());
  for (std::size_t i = 0; i < trips.size(); ++i) {
    if (trips[i].vehicle != written[i].vehicle || trips[i].duration_s != written[i].duration_s) FAIL("trip " << i);
  }
  std::size_t const steps = r.trajectory_steps();
  for (std::size_t i = 0; i < steps; i += 100) {
    trajectory_step const t = r.trajectory(i);
    if (t.vehicle != m.frames[i].vehicle || t.lane != m.frames[i].lane) FAIL("step " << i);
  }
}

}  // namespace

TEST_CASE("results: a run that is killed leaves a file that opens, with every interval that was flushed") {
  made_data const m = make_data(drawn_city().net(), long_run());
  for (int const pause_ms : {0, 3, 7, 20}) {
    // Linux ends a write between two pages when a process is killed: then one block of metadata is half old, half new,
    // and its dataset cannot be read. That is told as damage, and happens now and then; not again and again.
    for (int kills = 1;; ++kills) {
      temp_folder const dir;
      fs::path const partial = dir / "run.h5.partial";
      child c([&] { return write_slowly(dir / "run.h5", std::chrono::milliseconds(pause_ms)); });
      REQUIRE(wait_for([&] { return intervals_in(partial) >= 5; }));
      c.end(SIGKILL);
      CHECK_FALSE(fs::exists(dir / "run.h5"));
      result_file const r(partial);
      std::vector<std::string> const problems = r.validate();
      if (kills < 3 && problems.size() == 1 && problems[0].find("metadata checksum") != std::string::npos) continue;
      CHECK(problems == std::vector<std::string>{});
      CHECK(r.growing());
      CHECK_FALSE(r.summary().complete);
      CHECK(r.description().seed == 1);
      CHECK(r.travellers().name == m.travellers.name);
      check_prefix(r, m, 5);
      break;
    }
  }
}

TEST_CASE("results: a growing file is read while it grows, and the reader sees what is added") {
  made_data const m = make_data(drawn_city().net(), long_run());
  temp_folder const dir;
  fs::path const partial = dir / "run.h5.partial";
  child c([&] { return write_slowly(dir / "run.h5", std::chrono::milliseconds(15)); });
  REQUIRE(wait_for([&] { return intervals_in(partial) >= 2; }));
  result_file const r(partial);
  CHECK(r.growing());
  std::size_t last = 0, seen = 0;
  REQUIRE(wait_for([&] {
    std::size_t const n = r.edge_intervals().begin_s.size();
    CHECK(n >= last);
    if (n > last) {
      ++seen;
      check_prefix(r, m, n);
    }
    last = n;
    return n == 60;
  }));
  CHECK(seen > 5);
  CHECK(c.alive());
}

// A block that its writer is replacing: torn for a moment, whole again after it.
TEST_CASE("results: a block that is torn while it is read is read again; one that stays torn is told") {
  temp_folder const dir;
  fs::path const partial = dir / "run.h5.partial";
  child c([&] { return write_slowly(dir / "run.h5", std::chrono::milliseconds(1)); });
  REQUIRE(wait_for([&] { return intervals_in(partial) >= 60; }));
  c.end(SIGKILL);
  haddr_t place = HADDR_UNDEF;
  {
    h5::handle const how(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
    h5::handle const f(H5Fopen(partial.c_str(), H5F_ACC_RDONLY | H5F_ACC_SWMR_READ, how), H5Fclose);
    h5::handle const d(H5Dopen2(f, "/edges/time_end", H5P_DEFAULT), H5Dclose);
    hsize_t const first = 0;
    unsigned filters = 0;
    hsize_t bytes = 0;
    REQUIRE(H5Dget_chunk_info_by_coord(d, &first, &filters, &place, &bytes) >= 0);
  }
  REQUIRE(place != HADDR_UNDEF);
  auto const turn = [&] {  // a bit of its first value, and back
    std::fstream f(partial, std::ios::binary | std::ios::in | std::ios::out);
    f.seekg(static_cast<std::streamoff>(place) + 3);
    char const x = static_cast<char>(f.get() ^ 1);
    f.seekp(static_cast<std::streamoff>(place) + 3);
    f.put(x);
  };
  result_file const r(partial);
  REQUIRE(r.growing());
  turn();
  std::thread writer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(60));
    turn();
  });
  std::size_t read = 0;
  std::string why;
  try {
    read = r.edge_intervals().begin_s.size();
  } catch (error const& e) {
    why = e.what();
  }
  writer.join();
  CAPTURE(why);
  CHECK(read >= 60);
  turn();
  CHECK_THROWS_WITH(result_file(partial).edge_intervals(), Catch::Contains("/edges/time_end: cannot be read"));
}

TEST_CASE("results: the file of a killed run can be unlocked, so that any HDF5 program opens it") {
  // A kill in the middle of one write leaves columns of unequal lengths: then the file stays as it was, still readable.
  bool unlocked = false;
  for (int i = 0; i < 8 && !unlocked; ++i) {
    temp_folder const dir;
    fs::path const partial = dir / "run.h5.partial";
    child c([&] { return write_slowly(dir / "run.h5", std::chrono::milliseconds(1)); });
    REQUIRE(wait_for([&] { return intervals_in(partial) >= 3; }));
    c.end(SIGKILL);
    try {
      unlock_result(partial);
      unlocked = true;
    } catch (error const& e) {
      CHECK_THAT(e.what(), Catch::Contains("has been left as it was"));
    }
    result_file const r(partial);
    CHECK(r.growing() == !unlocked);
    CHECK(r.edge_intervals().begin_s.size() >= 3);
    std::string const dump = "h5dump -d /edges/time '" + partial.string() + "' > /dev/null 2>&1";
    if (unlocked && std::system("command -v h5dump > /dev/null") == 0) CHECK(std::system(dump.c_str()) == 0);
  }
  CHECK(unlocked);
}

TEST_CASE("results: whenever a writer is killed, its file is settled: readable by any program, or gone") {
  std::size_t kept = 0, damaged = 0;
  for (int i = 0; i < 16; ++i) {
    temp_folder const dir;
    fs::path const partial = dir / "run.h5.partial";
    child c([&] { return write_slowly(dir / "run.h5", std::chrono::milliseconds(i % 3)); });
    if (i % 2 == 1) REQUIRE(wait_for([&] { return fs::exists(partial); }));
    std::this_thread::sleep_for(std::chrono::milliseconds(4 * i));
    c.end(SIGKILL);
    bool const was_there = fs::exists(partial);
    std::size_t const before = intervals_in(partial);
    std::string const said = settle_partial(dir / "run.h5", std::nullopt);
    CAPTURE(i, said);
    CHECK(std::distance(fs::directory_iterator(dir.path()), {}) == (was_there ? 1 : 0));  // no half-made file
    CHECK(fs::exists(partial) == was_there);  // it takes its name when it can be read
    CHECK(said.empty() != was_there);
    if (!was_there) continue;
    ++kept;
    result_file const r(partial);
    // The kernel may end a process in the middle of one write: then a block is torn, and that is told.
    bool const torn =
        said.find("damaged") != std::string::npos || said.find("with the marks of its writer") != std::string::npos;
    damaged += torn ? 1 : 0;
    CHECK(r.description().seed == 1);
    if (torn) continue;
    CHECK_FALSE(r.growing());
    CHECK(r.validate() == std::vector<std::string>{});
    CHECK(r.edge_intervals().begin_s.size() >= before);
  }
  CHECK(kept >= 4);
  CHECK(damaged < kept);
}

TEST_CASE("results: a file in which there is nothing, that is another run's, or that is being written, is left alone") {
  temp_folder const dir;
  fs::path const partial = dir / "run.h5.partial", result = dir / "run.h5";
  auto const mark = [&](char marks) {  // 1: as HDF5 leaves it before others may read
    fs::copy_file(make_result(drawn_city().net(), dir / "whole.h5", {}), partial, fs::copy_options::overwrite_existing);
    std::fstream f(partial, std::ios::binary | std::ios::in | std::ios::out);
    f.seekp(11).put(marks);
  };
  CHECK(settle_partial(result, std::nullopt).empty());
  mark(1);
  CHECK_THROWS_WITH(unlock_result(partial), Catch::Contains("while it was still starting"));
  CHECK_THAT(settle_partial(result, std::nullopt), Catch::Contains("while it was still starting"));
  CHECK(fs::exists(partial));
  mark(0);
  unlock_result(partial);  // nothing to do
  CHECK(result_file(partial).validate().empty());
  write_text(partial, "somebody else's");
  CHECK(settle_partial(result, partial_identity(result)).empty());  // it was there before
  CHECK(read_text_file(partial) == "somebody else's");
  CHECK_THAT(settle_partial(result, std::nullopt), Catch::Contains("is not an HDF5 file"));
  CHECK(read_text_file(partial) == "somebody else's");

  child c([&] { return write_slowly(result, std::chrono::milliseconds(1)); });
  REQUIRE(wait_for([&] { return intervals_in(partial) >= 3; }));
  CHECK_THROWS_WITH(unlock_result(partial), Catch::Contains("is being written"));
  CHECK_THAT(settle_partial(result, std::nullopt), Catch::Contains("is being written"));
  CHECK(result_file(partial).growing());
  c.end(SIGKILL);
  unlock_result(partial);
  CHECK_FALSE(result_file(partial).growing());
}

TEST_CASE("results: a disk that fills up leaves a file that opens, with every interval that was flushed, or none") {
  made_run r = long_run();
  temp_folder const whole;
  auto const size = fs::file_size(make_result(drawn_city().net(), whole / "run.h5", r));
  std::size_t kept = 0;
  for (std::size_t const percent : {5, 30, 50, 70, 90}) {
    temp_folder const dir;
    std::size_t const bytes = (std::size_t{8} << 20U) + size * percent / 100;  // and what is held in reserve
    child c([&]() -> int {
      std::string const disk = "size=" + std::to_string(bytes);
      if (::unshare(CLONE_NEWNS) != 0) {  // not root: as root of a name space of its own
        std::string const map = "0 " + std::to_string(::getuid()) + " 1";
        if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return 77;
        std::ofstream("/proc/self/uid_map") << map;
      }
      if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return 77;
      if (::mount("none", dir.path().c_str(), "tmpfs", 0, disk.c_str()) != 0) return 77;
      made_data const m = make_data(drawn_city().net(), r);
      std::size_t flushed = 0;
      try {
        result_writer w(dir / "run.h5", m.description, drawn_city().net(), m.travellers);
        try {
          std::size_t next = 0;
          for (observations const& o : m.intervals) {
            for (; next < m.frames.size() && m.frames[next].time_s < o.edges.front().end_s; ++next)
              w.append_frame(m.frames[next]);
            w.append(o);
            ++flushed;
          }
          return 1;  // it was to fail
        } catch (error const& e) {
          w.abandon(1, e.what());
        }
      } catch (error const&) {  // there was no room to begin with
        return fs::is_empty(dir.path()) ? 7 : 2;
      }
      result_file const left(dir / "run.h5.partial");
      if (left.growing() || !left.validate().empty()) return 3;
      if (left.edge_intervals().begin_s.size() != flushed) return 4;
      if (left.log().empty() || left.log().back().second.find("No space left") == std::string::npos) return 5;
      return flushed > 0 ? 6 : 7;
    });
    int const status = c.end(0);
    CAPTURE(percent, bytes);
    REQUIRE(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77) {
      WARN("skipped: this machine lets nobody mount a small disk");
      return;
    }
    CHECK((WEXITSTATUS(status) == 6 || WEXITSTATUS(status) == 7));
    kept += WEXITSTATUS(status) == 6 ? 1 : 0;
  }
  CHECK(kept >= 3);
}

TEST_CASE("results: a writer that is given up leaves a partial file that opens like any other") {
  temp_folder const dir;
  made_data const m = make_data(drawn_city().net(), long_run());
  {
    result_writer w(dir / "run.h5", m.description, drawn_city().net(), m.travellers);
    w.append(m.intervals[0]);
    w.append(m.intervals[1]);
  }
  CHECK_FALSE(fs::exists(dir / "run.h5"));
  result_file const r(dir / "run.h5.partial");
  CHECK_FALSE(r.growing());
  check_prefix(r, m, 2);
}

TEST_CASE("results: a full disk is one clear error, whenever it fills up, and the process still ends") {
  made_run r = long_run();
  temp_folder const whole;
  auto const size = static_cast<rlim_t>(fs::file_size(make_result(drawn_city().net(), whole / "run.h5", r)));
  std::size_t failures = 0;
  for (rlim_t const limit : {rlim_t{1000}, size / 8, size / 3, size / 2, size * 9 / 10, size - 100}) {
    temp_folder const dir;
    child c([&]() -> int {
      ::signal(SIGXFSZ, SIG_IGN);
      rlimit const l{limit, limit};
      ::setrlimit(RLIMIT_FSIZE, &l);
      int code = 0;
      try {
        make_result(drawn_city().net(), dir / "run.h5", r);
      } catch (error const& e) {
        bool const clear = e.kind() == error_kind::kRun &&
                           std::string(e.what()).find("run.h5.partial") != std::string::npos &&
                           std::string(e.what()).find("File too large") != std::string::npos;
        code = clear ? 7 : 8;
        if (!clear) {
          rlimit const none{RLIM_INFINITY, RLIM_INFINITY};
          ::setrlimit(RLIMIT_FSIZE, &none);
          std::fprintf(stderr, "%s\n", e.what());
        }
      }
      std::exit(code);  // with HDF5's own end: it must neither hang nor abort
    });
    auto const begin = std::chrono::steady_clock::now();
    int const status = c.end(0);
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(20));
    CAPTURE(limit, size);
    REQUIRE(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 7);
    CHECK_FALSE(fs::exists(dir / "run.h5"));
    failures += WEXITSTATUS(status) == 7 ? 1 : 0;
  }
  CHECK(failures == 6);
}

TEST_CASE("results: a place that cannot be written to is bad usage, before anything is simulated") {
  temp_folder const dir;
  made_data const m = make_data(drawn_city().net(), {});
  auto const kind = [&](fs::path const& file) {
    try {
      result_writer const w(file, m.description, drawn_city().net(), m.travellers);
    } catch (error const& e) {
      CHECK(std::string(e.what()).find(dir.path().string()) != std::string::npos);
      return e.exit_code();
    }
    return 0;
  };
  fs::create_directories(dir / "folder");
  CHECK(kind(dir / "folder") == 2);
  CHECK(kind(dir / "missing/run.h5") == 2);
  write_text(dir / "file", "x");
  CHECK(kind(dir / "file/run.h5") == 2);
  CHECK(kind(dir / "run.h5") == 0);
}
