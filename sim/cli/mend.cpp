// gemeo mend: a SUMO network whose lanes at the ramps and merges of fast roads netconvert works out anew, with lanes to
// speed up and slow down beside them. Roads keep their names and who may go where; loops are moved along. Complete or
// not at all: nothing is written before the new network has been read back and compared.
#include <fmt/ranges.h>

#include <algorithm>
#include <csignal>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>
#include <utility>

#include "sim/cli/outputs.h"
#include "sim/cli/verbs.h"
#include "sim/core/error.h"
#include "sim/core/json_text.h"
#include "sim/core/process.h"
#include "sim/core/text_file.h"
#include "sim/network/mended_lanes.h"
#include "sim/network/mended_parts.h"
#include "sim/network/merges.h"
#include "sim/run/run_folder.h"
#include "sim/run/signals.h"

namespace gemeo::cli {

namespace fs = std::filesystem;

namespace {

struct mend_options {
  std::string network, out, loops, loops_out;
  std::vector<std::string> netconvert;  // further options
  bool force = false, json = false;
};

void run_netconvert(fs::path const& folder, std::vector<std::string> arguments, fs::path const& made) {
  arguments.insert(arguments.begin(), "netconvert");
  arguments.insert(arguments.end(),
                   {"--xml-validation", "never", "--ignore-errors.edge-type"});  // its schemas may not be there
  process_options p;
  p.folder = folder;
  p.environment = {{"LC_ALL", "C"}};
  p.signal_to_send = [] { return stop_signals() > 0 ? SIGTERM : 0; };
  process_result const r = run_program(arguments, p);
  if (stop_signals() > 0) throw_run("", "mend was interrupted", "nothing was written");
  std::error_code ec;
  if (r.ok() && fs::exists(folder / made, ec)) return;
  std::size_t const at = r.error_output.find("Error:");
  std::string message = at == std::string::npos ? r.error_output : r.error_output.substr(at + 7);
  message = message.substr(0, std::min(message.find('\n'), std::size_t{500}));
  throw_run("netconvert", fmt::format("failed with {}: {}", describe(r), message), "is the network complete?");
}

bool has_edges(network const& net, edge_function f) {
  for (edge_function const x : net.edges.function) {
    if (x == f) return true;
  }
  return false;
}

std::vector<std::string> settings_with(network const& net, fs::path const& folder, mend_options const& o) {
  std::vector<std::string> all{
      "--node-files",       "plain.nod.xml",        "--edge-files",  "plain.edg.xml",
      "--connection-files", "mended.con.xml",       "--ramps.guess", "--offset.disable-normalization",
      "--no-turnarounds",   "--output.street-names"};
  std::error_code ec;
  if (fs::exists(folder / "plain.tll.xml", ec)) all.insert(all.end(), {"--tllogic-files", "plain.tll.xml"});
  if (fs::exists(folder / "plain.typ.xml", ec)) all.insert(all.end(), {"--type-files", "plain.typ.xml"});
  if (net.left_hand) all.emplace_back("--lefthand");
  if (!has_edges(net, edge_function::kInternal)) all.emplace_back("--no-internal-links");
  if (has_edges(net, edge_function::kWalkingArea)) all.emplace_back("--walkingareas");
  all.insert(all.end(), o.netconvert.begin(), o.netconvert.end());
  return all;
}

struct state_of {
  std::size_t merges = 0, lost = 0, pieces = 0;  // pieces: edges that netconvert cut off for ramps
  double lane_km = 0;
};
state_of look_at(network const& net) {
  state_of s;
  for (merge const& m : find_merges(net)) s.merges += m.gives_way ? 1U : 0U;
  s.lost = find_lost_lanes(net).size();
  for (std::string const& name : net.edges.name) s.pieces += name.find("-Added") != std::string::npos ? 1U : 0U;
  for (std::uint32_t l = 0; l < net.lane_count(); ++l) {
    if (net.is_normal(net.lanes.edge[lane_id(l)])) s.lane_km += double{net.lanes.length_m[lane_id(l)]} / 1000;
  }
  return s;
}

void report(mend_options const& o, mended_connections const& c, state_of const& was, state_of const& is,
            moved_loops const& loops) {
  if (o.json) {
    nlohmann::ordered_json const j{{"network", o.out},
                                   {"junctions", c.junctions},
                                   {"merges", c.merges},
                                   {"merges_that_give_way", {was.merges, is.merges}},
                                   {"lost_lanes", {was.lost, is.lost}},
                                   {"lane_km", {was.lane_km, is.lane_km}},
                                   {"loops_moved", loops.moved},
                                   {"loops_farthest_m", loops.farthest_m},
                                   {"others_on_lanes", loops.others}};
    fmt::print("{}\n", print_json(j));
    return;
  }
  fmt::print("lanes      of {} junctions anew, of {} merges one for each who comes\n", c.junctions, c.merges);
  fmt::print("give way   at {} merges without need, {} before\n", is.merges, was.merges);
  fmt::print("lost       {} lanes that lead nowhere, {} before\n", is.lost, was.lost);
  fmt::print("lane-km    {:.1f}, {:.1f} before\n", is.lane_km, was.lane_km);
  if (!o.loops.empty())
    fmt::print("loops      {} on another lane or edge than before, {:.1f} m from their place at most: {}\n",
               loops.moved, loops.farthest_m, o.loops_out);
  if (loops.others > 0)
    fmt::print("           {} other things on lanes are as they were: look at them\n", loops.others);
  fmt::print("{}: roads have their names still, and who could turn where can\n", o.out);
  if (is.pieces > 0)
    fmt::print(
        "pieces     {} were cut off for ramps (NAME-AddedOnRampEdge): give trips their ends rather than routes, or "
        "compute these anew\n",
        is.pieces);
}

using made = std::pair<mended_connections, std::shared_ptr<network const>>;

// A file of its own each time, as the better one is kept.
made make(network const& was, fs::path const& folder, mend_options const& o, junction_choice const& choice,
          std::string const& name) {
  fs::path const plain = folder / "plain.con.xml";
  mended_connections c = mend_connections(was, read_text_file(plain), plain, choice);
  write_text_file(folder / "mended.con.xml", c.text);
  std::vector<std::string> arguments = settings_with(was, folder, o);
  arguments.insert(arguments.end(), {"--output-file", name});
  run_netconvert(folder, std::move(arguments), name);
  return {std::move(c), read_network(folder / name)};
}

std::vector<junction_id> junctions_of(network const& was, turns_changed const& changed) {
  std::set<junction_id> at;
  for (auto const* const turns : {&changed.lost, &changed.added}) {
    for (turn const& t : *turns) at.insert(was.edges.to[was.find_edge(t.from).value()]);
  }
  return {at.begin(), at.end()};
}

// No ramps at these junctions, beside what was asked for: netconvert takes the option once.
void leave_ramps_out(network const& was, std::vector<junction_id> const& at, std::vector<std::string>& options) {
  auto const near = [&](junction_id j) { return std::binary_search(at.begin(), at.end(), j); };
  std::vector<std::string> edges;
  for (std::uint32_t i = 0; i < was.edge_count(); ++i) {
    edge_id const e(i);
    if (was.is_normal(e) && (near(was.edges.from[e]) || near(was.edges.to[e]))) edges.push_back(was.edges.name[e]);
  }
  std::string const list = fmt::format("{}", fmt::join(edges, ","));
  std::string_view const option = "--ramps.unset=";
  auto const given =
      std::find_if(options.begin(), options.end(), [&](std::string const& o) { return o.starts_with(option); });
  if (given != options.end()) {
    *given += "," + list;
  } else {
    options.push_back(std::string(option) + list);
  }
}

// Where netconvert works a junction out anew it may forget who may turn back there, or let others turn: such junctions
// stay as they are.
made make_best(network const& was, fs::path const& folder, mend_options o) {
  junction_choice choice;
  auto [c, is] = make(was, folder, o, choice, "mended.net.xml");
  choice.also = where_lanes_were_lost(was, *is);
  if (!choice.also.empty()) {
    auto again = make(was, folder, o, choice, "again.net.xml");
    if (find_lost_lanes(*again.second).size() < find_lost_lanes(*is).size()) {
      std::tie(c, is) = std::move(again);
    } else {
      choice.also.clear();
    }
  }
  if (auto const changed = compare_turns(was, *is); !changed.lost.empty() || !changed.added.empty()) {
    choice.leave = junctions_of(was, changed);
    leave_ramps_out(was, choice.leave, o.netconvert);
    std::tie(c, is) = make(was, folder, o, choice, "whole.net.xml");
  }
  return {std::move(c), std::move(is)};
}

std::string some_of(vclass_mask classes) {
  if (classes == kAllClasses) return "all";
  return permits(classes, vclass::kPassenger) ? "cars" : names_of(classes);
}

void refuse_what_changed(network const& was, network const& is, mend_options const& o) {
  std::string const remedy =
      o.netconvert.empty()
          ? "nothing was written: netconvert cannot be told to keep them, set their connections by hand (netedit)"
          : "nothing was written: look at the options for netconvert";
  if (auto const missing = missing_edges(was, is); !missing.empty())
    throw_run(o.network, fmt::format("{} edges would be gone, first '{}'", missing.size(), missing[0]), remedy);
  turns_changed const changed = compare_turns(was, is);
  auto const refuse = [&](std::vector<turn> const& turns, char const* what) {
    if (turns.empty()) return;
    turn const& t = turns[0];
    throw_run(
        o.network,
        fmt::format("{} turns would be {}, first from '{}' to '{}' at junction '{}', for {}", turns.size(), what,
                    t.from, t.to, was.junctions.name[was.edges.to[was.find_edge(t.from).value()]], some_of(t.classes)),
        remedy);
  };
  refuse(changed.lost, "gone");
  refuse(changed.added, "new");
}

int mend(mend_options const& o) {
  if (o.loops.empty() != o.loops_out.empty())
    throw_usage("--loops and --loops-out belong together", "--loops detectors.add.xml --loops-out moved.add.xml");
  check_outputs({o.network, o.loops}, {o.out, o.loops_out}, o.force);
  if (find_program("netconvert").empty())
    throw_run("netconvert", "this program is not installed", "install sumo (scripts/setup.sh)");
  auto const was = read_network(o.network);
  signal_scope const signals(signal_scope::role::kParent);
  run_folder const in({});
  run_netconvert(in.path(),
                 {"--sumo-net-file", fs::absolute(o.network).string(), "--plain-output-prefix", "plain",
                  "--offset.disable-normalization"},
                 "plain.con.xml");
  auto const [c, is] = make_best(*was, in.path(), o);
  refuse_what_changed(*was, *is, o);
  moved_loops loops;
  if (!o.loops.empty()) loops = move_loops(*was, *is, read_text_file(o.loops), o.loops);
  std::string const text = read_text_file(is->file, kMaxTextBytes);
  std::vector<named_text> outputs{{o.out, text}};
  if (!o.loops.empty()) outputs.push_back({o.loops_out, loops.text});
  write_text_files(outputs);
  report(o, c, look_at(*was), look_at(*is), loops);
  return 0;
}

}  // namespace

action setup_mend(option_set const& app) {
  auto const o = std::make_shared<mend_options>();
  app.add("network", o->network, "SUMO network: .net.xml or .net.xml.gz").required();
  app.add("-o,--out", o->out, "the network to make").required();
  app.add("--loops", o->loops,
          "an additional file whose loops (E1) and entries and exits (E3) move along by where they lie");
  app.add("--loops-out", o->loops_out, "where it is written, with their new lanes and positions");
  app.add("--netconvert", o->netconvert, "a further option of netconvert, e.g. --netconvert=--ramps.ramp-length=200");
  app.add_flag("--force", o->force, "replace what exists");
  app.add_flag("--json", o->json, "print one JSON object");
  return [o] { return mend(*o); };
}

}  // namespace gemeo::cli
