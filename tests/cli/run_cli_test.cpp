// gemeo run as its users meet it: the real program, real workers, real signals.
#include <signal.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "sim/core/json_text.h"
#include "sim/core/process.h"
#include "sim/core/text_file.h"
#include "sim/results/reader.h"
#include "tests/support/background.h"
#include "tests/support/tiny_city.h"
#include "tests/support/tiny_sumo.h"

using namespace gemeo;
using namespace gemeo::test;
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

std::string const kGemeo = GEMEO_BINARY_DIR "/bin/gemeo";

struct answer : process_result {
  [[nodiscard]] std::vector<json> objects() const {  // every line of standard output; one that is no JSON throws
    std::vector<json> all;
    std::istringstream in(output);
    for (std::string line; std::getline(in, line);) all.push_back(parse_json(line));
    return all;
  }
};

answer gemeo_run(std::vector<std::string> const& arguments) {
  std::vector<std::string> all{kGemeo, "run"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return {run_program(all)};
}

answer under_limit(std::string const& limit, std::vector<std::string> const& arguments) {
  std::string script = limit + "; exec \"$0\" \"$@\"";
  std::vector<std::string> all{"/bin/sh", "-c", script, kGemeo, "run"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return {run_program(all)};
}

std::vector<std::string> hashes(answer const& a) {
  std::vector<std::string> h;
  for (json const& j : a.objects()) h.push_back(j.at("frame_hash"));
  return h;
}

std::size_t files_in(fs::path const& folder, std::string const& extension) {
  std::size_t n = 0;
  for (auto const& e : fs::directory_iterator(folder)) n += e.path().extension() == extension ? 1 : 0;
  return n;
}

}  // namespace

TEST_CASE("gemeo run --json: one object with the promised keys on standard output, and nothing else anywhere") {
  temp_folder t;
  auto const config = make_tiny_sumo(t / "in");
  auto const a = gemeo_run({config.string(), "--seed", "7", "--json", "-o", (t / "out").string()});
  INFO(a.error_output);
  REQUIRE(a.exit_code == 0);
  CHECK(a.error_output.empty());
  auto const all = a.objects();
  REQUIRE(all.size() == 1);
  json const& j = all[0];
  for (char const* key : {"scenario",         "engine",         "seed",
                          "threads",          "wall_s",         "cpu_s",
                          "peak_rss_bytes",   "ticks",          "vehicle_updates",
                          "departed",         "arrived",        "running",
                          "backlog",          "teleports",      "mean_duration_s",
                          "mean_time_loss_s", "mean_speed_mps", "total_distance_m",
                          "frame_hash",       "result_file"}) {
    INFO(key);
    CHECK(j.contains(key));
  }
  CHECK(j["scenario"] == "tiny");
  CHECK(j["engine"] == "sumo");
  CHECK(j["seed"] == 7);
  CHECK(j["ticks"] == 600);
  CHECK(j["departed"].get<int>() > 200);
  CHECK(j["departed"].get<int>() == j["arrived"].get<int>() + j["running"].get<int>());
  CHECK(j["cpu_s"].get<double>() > 0.01);
  CHECK(j["peak_rss_bytes"].get<double>() > 1e7);
  CHECK(j["mean_duration_s"].get<double>() > 10);
  CHECK(j["result_file"] == (t / "out" / "tiny" / "seed_0007.h5").string());
  result_file const f(j["result_file"].get<std::string>());
  CHECK(f.summary().complete);
  CHECK(f.description().seed == 7);
  CHECK(f.trips().size() >= j["departed"].get<std::size_t>());
  CHECK(f.validate().empty());
}

TEST_CASE("gemeo run: without --json a table with the shares that qualify every figure") {
  temp_folder t;
  auto const config = make_tiny_sumo(t / "in");
  auto const a = gemeo_run({config.string(), "--seeds", "2", "-o", (t / "out").string()});
  INFO(a.error_output);
  REQUIRE(a.exit_code == 0);
  CHECK(a.error_output.empty());
  for (char const* word : {"teleported", "never inserted", "unfinished", "mean", "ensemble.h5"}) {
    INFO(word);
    CHECK(a.output.find(word) != std::string::npos);
  }
  CHECK(fs::is_regular_file(t / "out" / "tiny" / "ensemble.h5"));
}

TEST_CASE("gemeo run: the same seed gives the same bits, another seed others, however many workers run at a time") {
  temp_folder t;
  auto const config = make_tiny_sumo(t / "in");
  auto const one = gemeo_run({config.string(), "--seeds", "4", "-j", "1", "--json", "-o", (t / "one").string()});
  auto const four = gemeo_run({config.string(), "--seeds", "4", "-j", "4", "--json", "-o", (t / "four").string()});
  REQUIRE(one.exit_code == 0);
  REQUIRE(four.exit_code == 0);
  CHECK(hashes(one) == hashes(four));
  auto const h = hashes(one);
  REQUIRE(h.size() == 4);
  CHECK(h[0] != h[1]);
  for (int seed = 1; seed <= 4; ++seed) {
    std::string const name = "tiny/seed_000" + std::to_string(seed) + ".h5";
    result_file const a(t / "one" / name), b(t / "four" / name);
    auto const x = a.edges("entered").values, y = b.edges("entered").values;
    CHECK(std::equal(x.begin(), x.end(), y.begin(), y.end(),
                     [](float p, float q) { return p == q || (std::isnan(p) && std::isnan(q)); }));
    CHECK(a.trips().size() == b.trips().size());
  }
}

TEST_CASE("gemeo run: an ensemble's summary does not outlive the runs it was of") {
  temp_folder t;
  std::string const config = make_tiny_sumo(t / "in").string(), out = (t / "out").string();
  REQUIRE(gemeo_run({config, "--seeds", "2", "-o", out}).exit_code == 0);
  auto const summaries = [&] {
    int n = 0;
    for (auto const& e : fs::recursive_directory_iterator(out)) n += e.path().filename() == "ensemble.h5";
    return n;
  };
  REQUIRE(summaries() == 1);
  fs::path const folder = fs::path(out) / fs::path(config).stem();
  for (char const* const option : {"--settings", "--validate"}) {
    auto const refused = run_program({kGemeo, "info", folder / "ensemble.h5", option});
    CHECK(refused.exit_code == 2);
    CHECK_THAT(refused.error_output, Catch::Contains("is a summary of runs"));
  }
  CHECK(run_program({kGemeo, "info", folder, "--settings"}).exit_code == 2);
  CHECK(run_program({kGemeo, "info", folder, "--validate"}).exit_code == 0);
  CHECK(gemeo_run({config, "--seed", "1", "--begin", "50", "--end", "20", "-o", out}).exit_code == 2);
  CHECK(summaries() == 1);  // nothing was run
  auto const again = gemeo_run({config, "--seed", "1", "--end", "100", "-o", out});
  CHECK(again.exit_code == 0);
  CHECK(summaries() == 0);
  CHECK_THAT(again.error_output, Catch::Contains("has been replaced"));
}

TEST_CASE("gemeo run --resume: runs what is missing, keeps what is whole, refuses what is of another configuration") {
  temp_folder t;
  auto const config = make_tiny_sumo(t / "in");
  std::string const out = (t / "out").string();
  auto const first = gemeo_run({config.string(), "--seeds", "1-3", "--json", "-o", out});
  REQUIRE(first.exit_code == 0);
  auto const kept_time = fs::last_write_time(t / "out" / "tiny" / "seed_0001.h5");
  fs::remove(t / "out" / "tiny" / "seed_0002.h5");
  auto const again = gemeo_run({config.string(), "--seeds", "1-4", "--json", "--resume", "-o", out});
  INFO(again.error_output);
  REQUIRE(again.exit_code == 0);
  CHECK(fs::last_write_time(t / "out" / "tiny" / "seed_0001.h5") == kept_time);
  auto const a = hashes(first), b = hashes(again);
  REQUIRE(b.size() == 4);
  CHECK(std::vector<std::string>(b.begin(), b.begin() + 3) == a);

  auto const other = gemeo_run({config.string(), "--seeds", "1-4", "--interval", "300", "--resume", "-o", out});
  CHECK(other.exit_code == 2);
  CHECK(other.error_output.find("another configuration") != std::string::npos);
  CHECK(other.error_output.find("300") != std::string::npos);

  make_tiny_sumo(t / "in", {.veh_per_h = 500});
  auto const changed = gemeo_run({config.string(), "--seeds", "1-4", "--resume", "-o", out});
  CHECK(changed.exit_code == 2);
  CHECK(changed.error_output.find("has changed") != std::string::npos);
}

TEST_CASE("gemeo run --resume: other steps of trajectories are another configuration, and the same are kept") {
  temp_folder t;
  std::string const config = make_tiny_sumo(t / "in", {.end_s = 120}).string(), out = (t / "out").string();
  REQUIRE(gemeo_run({config, "--seed", "1", "--trajectories", "5", "-o", out}).exit_code == 0);
  auto const made = fs::last_write_time(t / "out" / "tiny" / "seed_0001.h5");
  CHECK(gemeo_run({config, "--seed", "1", "--trajectories", "5", "--resume", "-o", out}).exit_code == 0);
  CHECK(fs::last_write_time(t / "out" / "tiny" / "seed_0001.h5") == made);
  auto const finer = gemeo_run({config, "--seed", "1", "--trajectories", "2", "--resume", "-o", out});
  CHECK(finer.exit_code == 2);
  CHECK(finer.error_output.find("trajectories every 5 s, not 2 s") != std::string::npos);
  auto const none = gemeo_run({config, "--seed", "1", "--resume", "-o", out});
  CHECK(none.exit_code == 2);
  CHECK(none.error_output.find("with trajectories") != std::string::npos);
  auto const clean = gemeo_run({config, "--seed", "1", "--trajectories", "5", "--no-emissions", "--resume", "-o", out});
  CHECK(clean.exit_code == 2);
  CHECK(clean.error_output.find("with emissions") != std::string::npos);
  auto const longer = gemeo_run({config, "--seed", "1", "--trajectories", "5", "--end", "130", "--resume", "-o", out});
  CHECK(longer.exit_code == 2);
}

TEST_CASE("gemeo run --resume: a change in a file that an additional file names is a change of the input") {
  temp_folder t;
  std::string const config =
      make_tiny_sumo(t / "in", {.end_s = 60, .more_input = "<additional-files value=\"more.add.xml\"/>"}).string();
  std::string const out = (t / "out").string();
  auto const speeds = [&](char const* speed) {
    write_text(t / "in/speeds.xml", std::string("<vss><step time=\"0\" speed=\"") + speed + "\"/></vss>");
  };
  write_text(t / "in/more.add.xml",
             "<additional><variableSpeedSign id=\"v\" lanes=\"AB_0\" file=\"speeds.xml\"/><include "
             "href=\"types.add.xml\"/></additional>");
  write_text(t / "in/types.add.xml", "<additional><vType id=\"other\"/></additional>");
  speeds("8");
  auto const first = gemeo_run({config, "--seed", "1", "-o", out});
  INFO(first.error_output);
  REQUIRE(first.exit_code == 0);
  CHECK(gemeo_run({config, "--seed", "1", "--resume", "-o", out}).exit_code == 0);
  speeds("5");
  auto const changed = gemeo_run({config, "--seed", "1", "--resume", "-o", out});
  CHECK(changed.exit_code == 2);
  CHECK(changed.error_output.find("has changed") != std::string::npos);
  speeds("8");
  CHECK(gemeo_run({config, "--seed", "1", "--resume", "-o", out}).exit_code == 0);
  write_text(t / "in/types.add.xml", "<additional><vType id=\"other\" length=\"9\"/></additional>");
  CHECK(gemeo_run({config, "--seed", "1", "--resume", "-o", out}).exit_code == 2);
  auto const listed = run_program({kGemeo, "check", config});
  CHECK(listed.output.find("speeds.xml") != std::string::npos);
}

TEST_CASE(
    "gemeo check: --begin and --end are those of gemeo run, and a key that a SUMO configuration lacks is refused") {
  temp_folder t;
  tiny_city const city(t / "data/tiny", 20000);
  fs::create_directories(t / "scenarios/tiny");
  std::string const scenario = t / "scenarios/tiny/peak.toml";
  write_text(scenario, "city = \"tiny\"\n[time]\nbegin = \"07:00\"\nend = \"07:20\"\n");
  auto const check = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {kGemeo, "check"});
    return run_program(
        more, {.input = {}, .folder = t.path(), .environment = {}, .on_channel_line = {}, .signal_to_send = {}});
  };
  CHECK_THAT(check({scenario, "--begin", "07:05", "--end", "26100"}).output, Catch::Contains("07:05 to 07:15"));
  CHECK_THAT(check({scenario, "--begin", "noon"}).error_output, Catch::Contains("--begin noon: not a time"));
  CHECK(check({scenario, "--begin", "07:30"}).exit_code == 2);
  auto const hour = check({scenario, "--begin", "7"});
  CHECK(hour.exit_code == 2);
  CHECK_THAT(hour.error_output, Catch::Contains("7 seconds after midnight") && Catch::Contains("07:00"));
  CHECK_THAT(check({scenario, "--set", "time.begin=02:00:00", "--set", "time.end=02:00:01"}).output,
             Catch::Contains("nobody travels: the demand of 'tiny' has no trip"));
  CHECK_THAT(check({scenario, "--seed", "-1"}).error_output, Catch::Contains("seed"));
  CHECK(check({scenario, "--threads", "100000"}).exit_code == 2);
  auto const misspelt = check({"tiny/paek"});
  CHECK(misspelt.exit_code == 2);
  CHECK_THAT(misspelt.error_output, Catch::Contains("tiny/paek") && Catch::Contains("did you mean 'tiny/peak'?"));
  auto const config = make_tiny_sumo(t / "in").string();
  CHECK_THAT(check({config, "--begin", "60", "--end", "120"}).output, Catch::Contains("00:01 to 00:02"));
  CHECK(check({config, "--begin", "9999999"}).exit_code == 2);
  auto const set = check({config, "--set", "routes.share=1"});
  CHECK(set.exit_code == 2);
  CHECK_THAT(set.error_output, Catch::Contains("--set routes.share=1"));
  // What the engine would refuse is refused here, too.
  auto const reserved = check({scenario, "--set", "engine.sumo_options=[\"--tripinfo-output\",\"x\"]"});
  CHECK(reserved.exit_code == 2);
  CHECK_THAT(reserved.error_output, Catch::Contains("may not set '--tripinfo-output'"));
  std::string meso = read_text_file(config);
  std::size_t const at = meso.find("</configuration>");
  REQUIRE(at != std::string::npos);
  write_text(t / "in/meso.sumocfg", meso.insert(at, "<mesosim value=\"true\"/>"));
  auto const refused = check({(t / "in/meso.sumocfg").string()});
  CHECK(refused.exit_code == 2);
  CHECK_THAT(refused.error_output, Catch::Contains("<mesosim>"));
}

TEST_CASE("gemeo run: what a city says of its data is said once, by check before its lists, and lies in the result") {
  temp_folder t;
  tiny_city const city(t / "data/tiny", 2000);
  std::string const toml = t / "data/tiny/city.toml";
  write_text(toml, read_text_file(toml) + "caution = \"Trips are invented.\"\ncaution_pt = \"Viagens inventadas.\"\n");
  fs::create_directories(t / "scenarios");
  std::string const scenario = t / "scenarios/peak.toml", out = t / "out";
  write_text(scenario,
             "city = \"tiny\"\ntitle_pt = \"Ponta\"\n[time]\nbegin = \"07:00\"\nend = \"07:15\"\n[[close]]\nedges = "
             "[\"AB\"]\n");
  std::string const checked = run_program({kGemeo, "check", scenario}).output;
  CHECK(checked.find("Trips are invented.") < checked.find(" 1 close"));
  auto const r = gemeo_run({scenario, "--seeds", "2", "-j", "2", "-o", out});
  REQUIRE(r.exit_code == 0);
  std::size_t const first = r.error_output.find("gemeo: Trips are invented.\n");
  CHECK(first != std::string::npos);
  CHECK(r.error_output.find("Trips are invented.", first + 10) == std::string::npos);
  result_file const f(fs::path(out) / "peak/seed_0001.h5");
  CHECK(f.description().caution_pt == "Viagens inventadas.");
  CHECK(f.description().time_zone == "Europe/Lisbon");
  CHECK(f.description().scenario_title_pt == "Ponta");
  result_network const net = f.read_network();
  closure_windows const closed = f.closures();
  for (std::size_t e = 0; e < net.name.size(); ++e)
    CHECK(closed.at(edge_id(e), 7 * 3600 + 60) == (net.name[edge_id(e)] == "AB"));
  auto const sound = run_program({kGemeo, "info", out + "/peak", "--validate"});
  CHECK(sound.exit_code == 0);
  CHECK_THAT(sound.output, Catch::Contains("sound: nothing is missing"));
}

TEST_CASE("gemeo run: intervals that the end of the warm-up would split are refused, and hasty drivers warned of") {
  temp_folder t;
  tiny_city const city(t / "data/tiny", 20000);
  fs::create_directories(t / "scenarios");
  std::string const scenario = t / "scenarios/peak.toml";
  write_text(scenario, "city = \"tiny\"\n[time]\nbegin = \"07:00\"\nend = \"07:20\"\nwarm_up_s = 300\n");
  auto const split = gemeo_run({scenario, "--seed", "1", "-o", (t / "out").string()});
  CHECK(split.exit_code == 2);
  CHECK_THAT(split.error_output, Catch::Contains("--interval 900: the warm-up of 300 s ends within an interval"));
  CHECK(gemeo_run({scenario, "--seed", "1", "--interval", "150", "-o", (t / "out").string()}).exit_code == 0);
  std::string const types = t / "data/tiny/vtypes.add.xml";
  std::string text = read_text_file(types);
  std::size_t const at = text.find("tau=\"1.0\"");
  REQUIRE(at != std::string::npos);
  write_text(types, text.replace(at, 9, "tau=\"0.8\""));
  CHECK_THAT(run_program({kGemeo, "check", scenario}).output,
             Catch::Contains("follows at 0.8 s, less than the tick of 1 s"));
  CHECK_THAT(run_program({kGemeo, "check", scenario, "--network"}).output, Catch::Contains("follows at 0.8 s"));
  CHECK_THAT(run_program({kGemeo, "check", scenario}).output,
             Catch::Contains("the warm-up of 300 s ends within an interval of 900 s"));
  CHECK_THAT(run_program({kGemeo, "check", scenario, "--set", "time.warm_up_s=900"}).output,
             !Catch::Contains("ends within an interval"));
}

TEST_CASE("gemeo check --network: what looks wrong in the network is listed; without it, errors are counted") {
  temp_folder t;
  auto const check = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {kGemeo, "check"});
    process_result const r = run_program(more);
    INFO(r.error_output);
    CHECK(r.exit_code == 0);
    return r.output;
  };
  // Cars that drive from F to G cannot come back, as nothing turns around.
  auto const config = make_tiny_sumo(t / "in").string();
  draw_network(t / "in",
               "A----B----C     \n"
               "|    |    |     \n"
               "|    |    |     \n"
               "D----E----F----G\n",
               {.cell_m = 60, .signals = "B"});
  CHECK_THAT(check({config}), !Catch::Contains("   findings"));
  CHECK_THAT(check({config, "--network"}), Catch::Contains("\nwhat to look at\n  warning       1  dead_end") &&
                                               Catch::Contains("e.g. FG\n") && !Catch::Contains("   findings"));
  auto const listed = parse_json(check({config, "--network", "--json"})).at("network_findings");
  REQUIRE(listed.size() > 2);
  CHECK(listed[0].at("level") == "warning");
  CHECK(listed[0].at("kind") == "dead_end");
  CHECK(listed[0].at("count") == 1);
  CHECK(listed[0].at("examples") == json::array({"FG"}));
  CHECK_FALSE(parse_json(check({config, "--json"})).contains("network_findings"));
  std::string const net = t / "in/net.net.xml";
  std::string text = read_text_file(net);
  std::size_t const speed = text.find("speed=\"", text.find("<edge id=\"AB\""));
  REQUIRE(speed != std::string::npos);
  write_text(net, text.replace(speed, text.find('"', speed + 7) - speed, "speed=\"0"));
  CHECK_THAT(check({config}), Catch::Contains("   findings  in the network: 1 zero_speed (--network lists them)"));

  tiny_city const city(t / "data/tiny", 2000);
  fs::create_directories(t / "scenarios");
  std::string const scenario = t / "scenarios/peak.toml";
  std::string const start = "city = \"tiny\"\n[time]\nbegin = \"07:00\"\nend = \"07:20\"\n";
  write_text(scenario, start);
  CHECK_THAT(check({scenario}), Catch::Contains("In all: ") && !Catch::Contains("   findings"));
  CHECK_THAT(check({scenario, "--network"}), Catch::Contains("no_name") && !Catch::Contains("In all: "));
  json const whole = parse_json(check({scenario, "--network", "--json"}));
  CHECK(whole.contains("interventions"));
  for (json const& f : whole.at("network_findings")) CHECK(f.at("level") == "note");
  write_text(scenario, start + "[[close]]\nedges = [\"not an edge at all\"]\n");
  CHECK_THAT(run_program({kGemeo, "check", scenario}).error_output,
             Catch::Contains("no edge 'not an edge at all'") && Catch::Contains("net.net.xml"));
}

TEST_CASE("gemeo: informed drivers are listed by check, and what they did is in the result") {
  temp_folder t;
  tiny_city const city(t / "data/tiny", 20000);
  fs::create_directories(t / "scenarios");
  std::string const scenario = t / "scenarios/peak.toml";
  write_text(scenario,
             "city = \"tiny\"\n[time]\nbegin = \"07:00\"\nend = \"07:20\"\n[routes]\ninformed_share = "
             "0.4\ninformed_interval_s = 60\n");
  auto const listed = run_program({kGemeo, "check", scenario});
  CHECK_THAT(listed.output, Catch::Contains("40 % of drivers follow live travel times, looking every 60 s"));
  auto const told = run_program({kGemeo, "check", scenario, "--json"});
  CHECK_THAT(told.output, Catch::Contains("\"informed_share\":0.4"));
  auto const a = gemeo_run({scenario, "--seed", "1", "--json", "-o", (t / "out").string()});
  INFO(a.error_output);
  REQUIRE(a.exit_code == 0);
  result_file const r(t / "out/peak/seed_0001.h5");
  std::size_t drivers = 0, looks = 0;
  for (auto const& line : r.log()) {
    if (line.second.find("informed drivers looked") == std::string::npos) continue;
    REQUIRE(std::sscanf(line.second.c_str(), "%zu informed drivers looked %zu", &drivers, &looks) == 2);
  }
  auto const departed = a.objects()[0].at("departed").get<std::size_t>();
  CHECK(static_cast<double>(drivers) > 0.3 * static_cast<double>(departed));
  CHECK(static_cast<double>(drivers) < 0.5 * static_cast<double>(departed));
  CHECK(looks > drivers);

  auto const b = gemeo_run({scenario, "--seed", "1", "--set", "routes.informed_share=0", "-o", (t / "none").string()});
  REQUIRE(b.exit_code == 0);
  CHECK_THAT(run_program({kGemeo, "info", t / "none/peak/seed_0001.h5", "--settings"}).output,
             Catch::Contains("informed_share = 0\n"));
  auto const compared = run_program({kGemeo, "compare", t / "out/peak", t / "none/peak"});
  CHECK_THAT(compared.output, Catch::Contains("Settings that differ\n  routes.informed_share: 0.4 -> 0\n"));
}

TEST_CASE("gemeo run: an equilibrium that is not reached is said, and each iteration's gap is in the result") {
  temp_folder t;
  tiny_city const city(t / "data/tiny", 20000);
  fs::create_directories(t / "scenarios");
  write_text(t / "scenarios/peak.toml",
             "city = \"tiny\"\n[time]\nbegin = \"07:00\"\nend = \"07:15\"\n[routes]\nresponse = "
             "\"equilibrium\"\n[equilibrium]\nrelative_gap = 0.000001\nmax_iterations = 2\n[[close]]\nname = "
             "\"later\"\nedges = [\"FG\"]\nbegin = \"09:00\"\nend = \"10:00\"\n");
  auto const a =
      gemeo_run({(t / "scenarios/peak.toml").string(), "--seeds", "1-2", "--json", "-o", (t / "out").string()});
  INFO(a.error_output);
  CHECK(a.exit_code == 0);
  CHECK(a.objects().size() == 2);
  CHECK_THAT(a.error_output, Catch::Contains("equilibrium: NOT reached: after 2 iterations"));
  // What is wrong with the scenario is said once, not once a seed.
  std::string const idle = "close: later acts outside the scenario's time";
  CHECK_THAT(a.error_output, Catch::Contains(idle));
  CHECK(a.error_output.find(idle) == a.error_output.rfind(idle));
  result_file const r(t / "out/peak/seed_0001.h5");
  std::size_t gaps = 0;
  for (auto const& line : r.log()) gaps += line.second.find("relative gap") != std::string::npos ? 1 : 0;
  CHECK(gaps == 3);
  auto const kpis = r.kpis();
  auto const value = [&](char const* name) {
    auto const k = std::find_if(kpis.begin(), kpis.end(), [&](kpi_row const& row) { return row.name == name; });
    REQUIRE(k != kpis.end());
    return k->value;
  };
  CHECK(value("equilibrium_iterations") == 2);
  CHECK(value("equilibrium_relative_gap") > 0.000001);
}

TEST_CASE("gemeo run --resume: a damaged result is run again, and said so") {
  temp_folder t;
  auto const config = make_tiny_sumo(t / "in");
  fs::create_directories(t / "out" / "tiny");
  write_text(t / "out" / "tiny" / "seed_0001.h5", "no HDF5 at all");
  auto const a = gemeo_run({config.string(), "--seeds", "1-1", "--json", "--resume", "-o", (t / "out").string()});
  CHECK(a.exit_code == 0);
  CHECK(a.error_output.find("run again") != std::string::npos);
  CHECK(result_file(t / "out" / "tiny" / "seed_0001.h5").summary().complete);
}

TEST_CASE("gemeo run: a worker that is killed is reported with its seed and harms no other") {
  temp_folder t;
  auto const config = make_tiny_sumo(t / "in", {.end_s = 15000, .veh_per_h = 300});
  background b(t.path(),
               {kGemeo, "run", config.string(), "--seeds", "5,6,7", "-j", "3", "--json", "-o", (t / "out").string()});
  fs::path const folder = t / "out" / "tiny";
  REQUIRE(wait_until([&] { return fs::exists(folder) && files_in(folder, ".partial") == 3; }));
  auto const workers = b.children();
  REQUIRE(workers.size() == 3);
  ::kill(workers[0], SIGKILL);
  CHECK(b.wait(180) == 1);
  CHECK(b.err().find("signal 9") != std::string::npos);
  CHECK(b.err().find("seed ") != std::string::npos);
  CHECK(files_in(folder, ".h5") == 3);  // two runs and their ensemble
  REQUIRE(files_in(folder, ".partial") == 1);
  for (auto const& e : fs::directory_iterator(folder)) {
    if (e.path().extension() != ".partial") continue;
    CHECK_FALSE(result_file(e.path()).growing());  // the marks of its dead writer are gone
    CHECK(result_file(e.path()).validate().empty());
    CHECK_THAT(b.err(), Catch::Contains("what it wrote until then is " + e.path().string()));
  }
  std::size_t failed = 0;
  std::istringstream lines(b.out());
  for (std::string line; std::getline(lines, line);) failed += parse_json(line).contains("error") ? 1 : 0;
  CHECK(failed == 1);
}

TEST_CASE("gemeo run: Ctrl-C ends in readable files that say they are not complete, and --resume goes on") {
  temp_folder t;
  auto const config = make_tiny_sumo(t / "in", {.end_s = 15000, .veh_per_h = 300});
  std::vector<std::string> const command{kGemeo, "run", config.string(), "--seeds", "2",
                                         "-j",   "2",   "--json",        "-o",      (t / "out").string()};
  fs::path const folder = t / "out" / "tiny";
  {
    background b(t.path(), command);
    REQUIRE(wait_until([&] { return fs::exists(folder) && files_in(folder, ".partial") == 2; }));
    b.send(SIGINT);  // as `timeout -s INT` does: to the process and to its group; a terminal sends to the group only
    b.send_to_group(SIGINT);
    CHECK(b.wait() == 1);
    CHECK(b.err().find("--resume") != std::string::npos);
    CHECK(b.out().find("\"complete\":false") != std::string::npos);
  }
  CHECK(files_in(folder, ".h5") == 0);
  REQUIRE(files_in(folder, ".partial") == 2);
  result_file const cut(folder / "seed_0001.h5.partial");
  CHECK_FALSE(cut.summary().complete);
  CHECK(cut.validate().empty());
  background again(t.path(), {kGemeo, "run", config.string(), "--seeds", "2", "-j", "2", "--json", "--resume", "-o",
                              (t / "out").string()});
  CHECK(again.wait(180) == 0);
  CHECK(files_in(folder, ".h5") == 3);
  CHECK(files_in(folder, ".partial") == 0);
}

TEST_CASE("gemeo run: SIGTERM to the parent alone ends its workers; no process and no temporary folder stay behind") {
  temp_folder t;
  fs::create_directories(t / "tmp");
  auto const config = make_tiny_sumo(t / "in", {.end_s = 1e6, .veh_per_h = 300});
  background b(t.path(), {kGemeo, "run", config.string(), "--seed", "1", "-o", (t / "out").string()},
               {"TMPDIR=" + (t / "tmp").string()});
  REQUIRE(wait_until([&] { return fs::exists(t / "out" / "tiny" / "seed_0001.h5.partial"); }));
  auto const workers = b.children();
  REQUIRE(workers.size() == 1);
  b.send(SIGTERM);
  CHECK(b.wait() == 1);
  CHECK(::kill(workers[0], 0) != 0);
  CHECK(fs::is_empty(t / "tmp"));
}

TEST_CASE("gemeo run: SIGTERM to the whole group, as batch systems send it, ends it cleanly; a second request kills") {
  temp_folder t;
  auto const config = make_tiny_sumo(t / "in", {.end_s = 1e6, .veh_per_h = 300});
  fs::path const folder = t / "out" / "tiny";
  std::vector<std::string> const command{kGemeo,   "run", config.string(),     "--seed", "1",
                                         "--json", "-o",  (t / "out").string()};
  auto const simulating = [&] {  // the first interval was written
    std::error_code ec;
    return fs::file_size(folder / "seed_0001.h5.partial", ec) > 0 && !ec;
  };
  {
    background b(t.path(), command);
    REQUIRE(wait_until(simulating));
    REQUIRE(b.children().size() == 1);
    b.send_to_group(SIGTERM);
    CHECK(b.wait() == 1);
    CHECK(b.out().find("\"complete\":false") != std::string::npos);
    CHECK_FALSE(result_file(folder / "seed_0001.h5.partial").summary().complete);
  }
  fs::remove_all(folder);
  background b(t.path(), command);
  REQUIRE(wait_until(simulating));
  auto const workers = b.children();
  REQUIRE(workers.size() == 1);
  ::kill(workers[0], SIGSTOP);  // one that does not answer
  b.send(SIGINT);
  b.send(SIGINT);
  std::this_thread::sleep_for(std::chrono::milliseconds(800));
  CHECK(b.children() == workers);  // both were one request, and the worker has time
  b.send(SIGINT);
  CHECK(b.wait() == 1);
  CHECK(::kill(workers[0], 0) != 0);
}

TEST_CASE("gemeo run: a parent that is killed takes its workers along") {
  temp_folder t;
  auto const config = make_tiny_sumo(t / "in", {.end_s = 1e6, .veh_per_h = 300});
  background b(t.path(), {kGemeo, "run", config.string(), "--seed", "1", "-o", (t / "out").string()});
  REQUIRE(wait_until([&] { return fs::exists(t / "out" / "tiny" / "seed_0001.h5.partial"); }));
  auto const workers = b.children();
  REQUIRE(workers.size() == 1);
  b.send(SIGKILL);
  CHECK(b.wait() == 128 + SIGKILL);
  CHECK(wait_until([&] {  // ended, or ended and not yet waited for by init
    std::string const stat = slurp("/proc/" + std::to_string(workers[0]) + "/stat");
    return stat.empty() || stat.find(") Z") != std::string::npos;
  }));
}

TEST_CASE("gemeo run: SUMO's own message comes through when it refuses its input") {
  temp_folder t;
  auto const config =
      make_tiny_sumo(t / "in", {.broken = "<vehicle id=\"lost\" depart=\"0\" route=\"no_such_route\"/>\n"});
  auto const a = gemeo_run({config.string(), "--seeds", "3", "--json", "-o", (t / "out").string()});
  CHECK(a.exit_code != 0);
  CHECK(a.error_output.find("no_such_route") != std::string::npos);
  CHECK_FALSE(fs::exists(t / "out"));
}

TEST_CASE("gemeo run: bad usage and input end with code 2 and one line") {
  temp_folder t;
  auto const config = make_tiny_sumo(t / "in");
  std::string const c = config.string(), out = (t / "out").string();
  write_text(t / "file", "x");
  struct bad {
    std::vector<std::string> arguments;
    std::string says;
  };
  std::vector<bad> const table{{{c, "--seeds", "0", "-o", out}, "--seeds"},
                               {{c, "--seeds", "3,3", "-o", out}, "twice"},
                               {{c, "--seeds", "9-3", "-o", out}, "backwards"},
                               {{c, "--seeds", "a,b", "-o", out}, "not a seed"},
                               {{c, "--seeds", "1-999999999", "-o", out}, "more than"},
                               {{c, "--seed", "-1", "-o", out}, "seed"},
                               {{c, "--engine", "sumu", "-o", out}, "did you mean 'sumo'"},
                               {{c, "--interval", "0", "-o", out}, "--interval"},
                               {{c, "--interval", "nan", "-o", out}, "--interval"},
                               {{c, "--begin", "early", "-o", out}, "--begin"},
                               {{c, "--begin", "500", "--end", "400", "-o", out}, "end"},
                               {{c, "--trajectories", "0", "-o", out}, "--trajectories"},
                               {{c, "--set", "a.b=1", "-o", out}, "--set"},
                               {{c, "-j", "0", "-o", out}, "jobs"},
                               {{c, "-o", (t / "file").string()}, "file"},
                               {{(t / "none.sumocfg").string(), "-o", out}, "none.sumocfg"},
                               {{(t / "none.toml").string(), "-o", out}, "none.toml"},
                               {{t.path().string(), "-o", out}, t.path().string()},
                               {{(t / "file").string(), "-o", out}, "file"}};
  for (bad const& b : table) {
    auto const a = gemeo_run(b.arguments);
    std::string words;
    for (std::string const& w : b.arguments) words += w + " ";
    INFO(words << "-> " << a.exit_code << ": " << a.error_output);
    CHECK(a.exit_code == 2);
    CHECK(a.output.empty());
    CHECK(a.error_output.find(b.says) != std::string::npos);
    CHECK(std::count(a.error_output.begin(), a.error_output.end(), '\n') <= 2);
    CHECK_FALSE(fs::exists(t / "out"));
  }
}

TEST_CASE("gemeo run: a full disk is a failed run with one message") {
  temp_folder t;
  auto const config = make_tiny_sumo(t / "in", {.end_s = 3000});
  auto const a = under_limit("ulimit -f 100",
                             {config.string(), "--seed", "1", "--trajectories", "--json", "-o", (t / "out").string()});
  INFO(a.error_output);
  CHECK(a.exit_code == 1);
  CHECK_FALSE(a.error_output.empty());
  CHECK_FALSE(fs::exists(t / "out" / "tiny" / "seed_0001.h5"));
}

TEST_CASE("gemeo run: too little memory is a failed run, told as such") {
  temp_folder t;
  auto const config = make_tiny_sumo(t / "in");
  auto const a =
      under_limit("ulimit -v 150000", {config.string(), "--seed", "1", "--json", "-o", (t / "out").string()});
  INFO(a.error_output);
  CHECK(a.exit_code != 0);
  CHECK_FALSE(a.error_output.empty());
}

TEST_CASE("gemeo run --trajectories: every vehicle's way is in the file, and the hash is that of a run without") {
  temp_folder t;
  auto const config = make_tiny_sumo(t / "in");
  auto const plain = gemeo_run({config.string(), "--seed", "3", "--json", "-o", (t / "a").string()});
  auto const with = gemeo_run({config.string(), "--seed", "3", "--trajectories", "--json", "-o", (t / "b").string()});
  auto const sparse =
      gemeo_run({config.string(), "--seed", "3", "--json", "-o", (t / "c").string(), "--trajectories", "10"});
  REQUIRE(plain.exit_code == 0);
  REQUIRE(with.exit_code == 0);
  REQUIRE(sparse.exit_code == 0);
  CHECK(hashes(plain) == hashes(with));
  result_file const f(t / "b" / "tiny" / "seed_0003.h5"), g(t / "c" / "tiny" / "seed_0003.h5");
  CHECK(f.trajectory_steps() > 500);
  CHECK(g.trajectory_steps() < f.trajectory_steps() / 8);
  CHECK(g.trajectory_steps() > 50);
}

TEST_CASE("gemeo worker: a person who calls it is told to use gemeo run") {
  auto const a = run_program({kGemeo, "worker"});
  CHECK(a.exit_code == 2);
  CHECK(a.error_output.find("gemeo run") != std::string::npos);
  auto const help = run_program({kGemeo, "--help"});
  CHECK(help.output.find("worker") == std::string::npos);
  CHECK(help.output.find("run") != std::string::npos);
}
