// The parent's side of a worker, with shell scripts in the part of workers.
#include "sim/run/worker.h"

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <nlohmann/json.hpp>

#include "sim/core/json_text.h"
#include "sim/run/ensemble.h"
#include "tests/support/background.h"
#include "tests/support/shared_data.h"
#include "tests/support/tiny_network.h"

using namespace gemeo;
using namespace gemeo::test;
namespace fs = std::filesystem;

namespace {

// An executable whose verb "worker" is this shell script; $request holds what it was asked.
fs::path script(fs::path const& folder, std::string const& body) {
  fs::path const file = folder / "worker.sh";
  write_text(file, "#!/bin/sh\nrequest=$(cat)\n" + body + "\n");
  fs::permissions(file, fs::perms::owner_all);
  return file;
}

worker_outcome ask(std::string const& body, std::function<int()> const& signal = {}) {
  temp_folder t;
  worker_request r;
  r.scenario = "x.toml";
  return run_worker(script(t.path(), body), r, {}, signal);
}

constexpr char const* kReport =
    R"(echo '{"report":{"scenario":"x","complete":true,"cpu_s":0,"peak_rss_bytes":0}}' >&3)";

}  // namespace

TEST_CASE("worker: a request survives the way through JSON") {
  worker_request r;
  r.scenario = "scenarios/a \"b\".toml";
  r.set = {"a.b=1", "c=\"d\""};
  r.begin_s = 25200;
  r.planning_threads = 3;
  r.run.seed = 18446744073709551615ULL;
  r.run.output = "out/ä.h5";
  r.run.interval_s = 0.1;
  r.run.emissions = false;
  r.run.trajectories = true;
  r.run.input_hash = 0xfedcba9876543210ULL;
  worker_request const b = parse_worker_request(to_json(r));
  CHECK(b.scenario == r.scenario);
  CHECK(b.set == r.set);
  CHECK(b.begin_s == r.begin_s);
  CHECK_FALSE(b.end_s);
  CHECK(b.planning_threads == 3);
  CHECK(b.run.seed == r.run.seed);
  CHECK(b.run.output == r.run.output);
  CHECK(b.run.interval_s == r.run.interval_s);
  CHECK_FALSE(b.run.emissions);
  CHECK(b.run.trajectories);
  CHECK(b.run.input_hash == r.run.input_hash);
  CHECK(to_json(b) == to_json(r));
}

TEST_CASE("worker: what is no request is refused, whatever it is") {
  for (char const* text :
       {"", "{", "[]", "null", "{\"scenario\": 3}", "{\"scenario\":\"x\",\"set\":[1]}", "\xff\xfe"}) {
    INFO(text);
    CHECK_THROWS_AS(parse_worker_request(text), error);
  }
}

TEST_CASE("worker: a report is taken, with the CPU time and memory of the whole process") {
  auto const o = ask(kReport);
  CHECK(o.how == worker_outcome::state::kDone);
  auto const j = parse_json(o.report);
  CHECK(j["cpu_s"].get<double>() > 0);
  CHECK(j["peak_rss_bytes"].get<double>() > 1e5);
}

TEST_CASE("worker: an error is told with its kind") {
  auto const o = ask(R"(echo '{"error":{"kind":"input","message":"no such road"}}' >&3; exit 2)");
  CHECK(o.how == worker_outcome::state::kFailed);
  CHECK(o.kind == error_kind::kInput);
  CHECK(o.message == "no such road");
}

TEST_CASE("worker: SUMO's exit is told with SUMO's message, and not with its warnings") {
  auto const o =
      ask("echo 'Warning: slow'; echo \"Error: The route 'r' is not known.\" >&2; echo '  In file x' >&2; "
          "echo 'Quitting (on error).' >&2; exit 1");
  CHECK(o.how == worker_outcome::state::kFailed);
  CHECK(o.kind == error_kind::kRun);
  CHECK_THAT(o.message, Catch::Contains("exit code 1") && Catch::Contains("The route 'r' is not known. | In file x"));
  CHECK(o.message.find("slow") == std::string::npos);
}

TEST_CASE("worker: a crash is told with its signal and its last words") {
  auto const o = ask("echo 'terminate called' >&2; kill -ABRT $$");
  CHECK_THAT(o.message, Catch::Contains("signal 6") && Catch::Contains("terminate called"));
  auto const killed = ask("kill -KILL $$");
  CHECK_THAT(killed.message, Catch::Contains("signal 9") && Catch::Contains("memory"));
}

TEST_CASE("worker: an end without a word is a failure, even with exit code 0") {
  auto const o = ask("exit 0");
  CHECK(o.how == worker_outcome::state::kFailed);
  CHECK_THAT(o.message, Catch::Contains("exit code 0") && Catch::Contains("before the run was over"));
}

TEST_CASE("worker: half a line of JSON is the same as none") {
  auto const o = ask(R"(printf '{"report":{"compl' >&3; kill -SEGV $$)");
  CHECK(o.how == worker_outcome::state::kFailed);
  CHECK_THAT(o.message, Catch::Contains("signal 11"));
}

TEST_CASE("worker: a crash after the report keeps the run and says so") {
  auto const o = ask(std::string(kReport) + "; kill -SEGV $$");
  CHECK(o.how == worker_outcome::state::kDone);
  REQUIRE(o.notes.size() == 1);
  CHECK_THAT(o.notes[0], Catch::Contains("signal 11"));
}

TEST_CASE("worker: one that ends because it was asked to is interrupted, not failed") {
  auto const o = ask("sleep 60", [] { return SIGTERM; });
  CHECK(o.how == worker_outcome::state::kInterrupted);
}

TEST_CASE("worker: Ctrl-C, which a terminal sends to all, does not end it") {
  auto const o = ask("kill -INT $$\n" + std::string(kReport));
  CHECK(o.how == worker_outcome::state::kDone);
}

TEST_CASE("worker: a signal to the whole group that ends it before it is asked is an interruption too") {
  bool requested = false;
  auto const o = ask("kill -TERM $$", [&] {  // the parent hears of the request only when the worker has gone
    bool const now = std::exchange(requested, true);
    return now ? SIGTERM : 0;
  });
  CHECK(o.how == worker_outcome::state::kInterrupted);
  CHECK_THAT(o.message, Catch::Contains("before the simulation began"));
}

TEST_CASE("worker: an interruption says what it interrupted") {
  auto const at = [](std::string const& stage) {
    bool heard = false;
    temp_folder t;
    worker_request r;
    r.scenario = "x.toml";
    std::string const body =
        "echo '{\"progress\":[\"" + stage + "\",0,0,10,1,2,3,4,5]}' >&3; while :; do sleep 0.05; done";
    return run_worker(
               script(t.path(), body), r,
               [&](worker_progress const& p) {
                 heard = true;
                 CHECK(p.run.running == 1);
                 CHECK(p.run.arrived == 2);
                 CHECK(p.run.vehicle_updates == 3);
                 CHECK(p.run.backlog == 4);
                 CHECK(p.run.teleports == 5);
               },
               [&] { return heard ? SIGKILL : 0; })
        .message;
  };
  CHECK_THAT(at("preparing"), Catch::Contains("before the simulation began"));
  CHECK_THAT(at("equilibrium"), Catch::Contains("equilibrium"));
  CHECK_THAT(at("simulating"), Catch::Contains("in the middle of the simulation"));
}

TEST_CASE("worker: an executable that is not there is a failure that names it") {
  auto const o = run_worker("/no/such/gemeo", {}, {}, {});
  CHECK(o.how == worker_outcome::state::kFailed);
  CHECK_THAT(o.message, Catch::Contains("/no/such/gemeo"));
}

TEST_CASE("seeds: counts, lists and ranges are what they say; anything else is refused") {
  CHECK(parse_seeds("3") == std::vector<std::uint64_t>{1, 2, 3});
  CHECK(parse_seeds("7,3,9") == std::vector<std::uint64_t>{7, 3, 9});
  CHECK(parse_seeds("5-7,12") == std::vector<std::uint64_t>{5, 6, 7, 12});
  CHECK(parse_seeds("42,") == std::vector<std::uint64_t>{42});
  for (char const* const gap : {"1,,3", ",3", ","}) CHECK_THROWS_WITH(parse_seeds(gap), Catch::Contains(gap));
  for (char const* bad :
       {"", "0", "-3", "3-", "3,x", "2,2", "4-2", "1.5", "1e9", "0-100000", " 3", "99999999999999999999", ","}) {
    INFO(bad);
    CHECK_THROWS_AS(parse_seeds(bad), error);
  }
  CHECK(parse_seed("0") == 0);
  CHECK(parse_seed("18446744073709551615") == 18446744073709551615U);
  for (char const* bad : {"", "-1", "+1", "1.5", "1e3", " 3", "3 ", "0x10", "18446744073709551616"}) {
    INFO(bad);
    CHECK_THROWS_AS(parse_seed(bad), error);
  }
}

namespace {

struct ensemble_setup {
  temp_folder t;
  ensemble_request r;
  explicit ensemble_setup(std::string const& body) {
    write_text(t / "x.net.xml", "<net/>\n");  // named, but never read: the workers are scripts
    write_text(t / "x.sumocfg", "<configuration><net-file value=\"x.net.xml\"/></configuration>\n");
    r.worker.scenario = t / "x.sumocfg";
    r.folder = t / "out";
    r.executable = script(t.path(), body);
    r.seeds = {1, 2, 3, 4, 5, 6};
    r.jobs = 3;
  }
};

constexpr char const* kSeed = "seed=$(echo \"$request\" | sed 's/.*\"seed\":\\([0-9]*\\).*/\\1/')\n";

}  // namespace

TEST_CASE("ensemble: results come in the order of the seeds, however long each takes") {
  ensemble_setup e(std::string(kSeed) + "sleep 0.$((9 - seed))\n" + kReport);
  std::vector<std::uint64_t> order;
  ensemble_observer o;
  o.result = [&](seed_result const& s) { order.push_back(s.seed); };
  auto const r = run_ensemble(e.r, o, [] { return 0; });
  CHECK(order == e.r.seeds);
  CHECK(r.exit_code() == 0);
}

TEST_CASE("ensemble: as many workers run at a time as asked for, even beyond the processors") {
  ensemble_setup e(
      "cd \"$(dirname $0)\"; echo x >> running\n"  // nobody ends before the sixth has begun, or half a minute is over
      "n=0; while [ $(wc -l < running) -lt 6 ] && [ $n -lt 600 ]; do sleep 0.05; n=$((n+1)); done\n"
      "wc -l < running >> seen\n" +
      std::string(kReport));
  e.r.jobs = 6;
  run_ensemble(e.r, {}, [] { return 0; });
  CHECK(slurp(e.t / "seen").find("6") == 0);
}

TEST_CASE("ensemble: a worker that fails harms no other") {
  ensemble_setup e(std::string(kSeed) + "[ $seed = 3 ] && kill -SEGV $$\n" + kReport);
  auto const r = run_ensemble(e.r, {}, [] { return 0; });
  CHECK(r.exit_code() == 1);
  for (seed_result const& s : r.seeds) CHECK((s.how == seed_result::state::kFailed) == (s.seed == 3));
}

TEST_CASE("ensemble: bad input is met once, not once a seed") {
  ensemble_setup e(
      "echo x >> \"$(dirname $0)/started\"\n"
      R"(echo '{"error":{"kind":"input","message":"no"}}' >&3; exit 2)");
  e.r.jobs = 1;
  auto const r = run_ensemble(e.r, {}, [] { return 0; });
  CHECK(r.exit_code() == 2);
  CHECK(slurp(e.t / "started") == "x\n");
}

TEST_CASE("ensemble: a stop asks the workers, starts no more, and a second one kills") {
  ensemble_setup e("trap '' TERM; echo x >> \"$(dirname $0)/started\"; while :; do sleep 0.05; done");
  e.r.jobs = 2;
  std::optional<std::chrono::steady_clock::time_point> since;
  std::mutex asked;        // by each worker's thread
  auto const stop = [&] {  // once both are at work, however loaded the machine is
    std::scoped_lock const lock(asked);
    auto const now = std::chrono::steady_clock::now();
    if (!since && fs::exists(e.t / "started") && slurp(e.t / "started") == "x\nx\n") since = now;
    return !since ? 0 : now - *since > std::chrono::milliseconds(400) ? 2 : 1;
  };
  auto const r = run_ensemble(e.r, {}, stop);
  CHECK(r.interrupted);
  CHECK(r.exit_code() == 1);
  std::size_t interrupted = 0;
  for (seed_result const& s : r.seeds) interrupted += s.how == seed_result::state::kInterrupted ? 1 : 0;
  CHECK(interrupted == 2);
}
