// engine_sumo's own class, apart from its factory so that its parts can stand in files of their own.
// Invariant: between load and finish libsumo holds exactly this engine's simulation.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/engine/engine.h"
#include "sim/engine/informed.h"
#include "sim/engine/reroutes.h"
#include "sim/engine_sumo/console.h"
#include "sim/engine_sumo/fleet.h"
#include "sim/engine_sumo/loop_files.h"
#include "sim/engine_sumo/messages.h"
#include "sim/engine_sumo/names.h"
#include "sim/engine_sumo/obstacles.h"
#include "sim/engine_sumo/output_reader.h"
#include "sim/engine_sumo/traffic.h"

namespace gemeo {

class engine_sumo final : public engine {
 public:
  engine_sumo();
  ~engine_sumo() override;
  [[nodiscard]] engine_info info() const override;
  [[nodiscard]] std::vector<std::string> unsupported(scenario const& s) const override;
  void load(scenario const& s, run_options const& o) override;
  void apply(std::span<command const> commands) override;
  void step() override;
  void observe(frame& f) override;
  [[nodiscard]] counters count() override;
  [[nodiscard]] bool done() override;
  void drain(observations& o) override;
  void finish() override;
  void save(snapshot& s) override;
  void restore(snapshot const& s) override;

 private:
  struct applied {
    std::int64_t tick = 0;
    command what;
  };
  // Runs f, which calls libsumo, with SUMO's output caught; turns what goes wrong into an error that begins with doing.
  template <typename F>
  void call(char const* doing, F&& f);
  void begin_run();
  void start_sumo(std::vector<std::string> const& arguments);
  void close();
  void take_messages();
  void tell(std::string text);  // into the log of the run
  void after_step();
  void ask_informed();
  void report_refused();
  void take_trips();
  void account_for_the_rest(std::vector<std::string> const& pending);
  void correct_counters();
  void apply_one(command const& c);
  void set_speed(lane_id lane, double speed_mps);
  [[nodiscard]] std::vector<vehicle_id> waiting() const;
  [[nodiscard]] std::vector<std::string> own_arguments(std::filesystem::path const& routes,
                                                       std::filesystem::path const& additional) const;
  [[nodiscard]] std::vector<std::string> config_arguments();

  scenario scenario_;
  run_options options_;
  bool loaded_ = false, finished_ = false, failed_ = false;
  bool own_demand_ = true, from_state_ = false;
  int max_teleports_ = -1;
  counters counters_;
  std::size_t due_ = 0;                             // travellers whose departure has come
  std::vector<bool> has_trip_;                      // by traveller: a trip record has been made; empty for a .sumocfg
  std::map<vehicle_id, std::uint32_t> teleported_;  // times, of those whose trip has not ended
  std::vector<applied> log_;
  std::map<lane_id, double> own_speeds_;  // of lanes whose speed a command has set
  std::int64_t drained_tick_ = -1;        // of the last drain, and the number of commands given by then
  std::uint64_t drained_commands_ = 0;
  std::size_t refusals_ = 0;
  bool persons_reported_ = false;

  sumo_names names_;
  std::unique_ptr<output_reader> reader_;
  std::unique_ptr<loop_files> loops_;
  std::unique_ptr<console> console_;
  std::unique_ptr<message_log> messages_;
  std::unique_ptr<fleet> fleet_;
  std::unique_ptr<obstacles> obstacles_;
  std::unique_ptr<thread_team> team_;
  std::unique_ptr<sumo_traffic> traffic_;
  std::unique_ptr<reroutes> reroutes_;
  std::unique_ptr<informed> informed_;  // where a share of drivers is
  observations ready_;
};

}  // namespace gemeo
