#include "sim/command_line/options.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <utility>

#include "sim/command_line/say.h"
#include "sim/command_line/verbs.h"
#include "sim/core/error.h"
#include "sim/core/xml.h"

namespace gemeo::cli {

option option::required() const { return option(o_->required()); }
option option::show_default() const { return option(o_->capture_default_str()); }
option option::type(char const* name) const { return option(o_->type_name(name)); }
option option::between(int least, int most) const { return option(o_->check(CLI::Range(least, most))); }
option option::between(double least, double most) const {
  return option(o_->check([](std::string const& text) {  // a range lets NaN pass
                    return parse_number(text) ? std::string() : "Value " + text + " is no number";
                  })
                    ->check(CLI::Range(least, most)));
}
option option::excludes(option const& other) const { return option(o_->excludes(other.o_)); }
option option::split_at(char delimiter) const { return option(o_->delimiter(delimiter)); }
option option::one_value_each() const { return option(o_->allow_extra_args(false)); }
option option::repeatable() const { return option(o_->expected(1)->take_all()); }
option option::value_may_lack() const { return option(o_->expected(0, 1)); }
bool option::given() const { return o_->count() > 0; }

option option_set::add(char const* names, std::string& into, char const* help) const {
  return option(app_->add_option(names, into, help));
}
option option_set::add(char const* names, std::vector<std::string>& into, char const* help) const {
  return option(app_->add_option(names, into, help));
}
option option_set::add(char const* names, int& into, char const* help) const {
  return option(app_->add_option(names, into, help));
}
option option_set::add(char const* names, std::size_t& into, char const* help) const {
  return option(app_->add_option(names, into, help));
}
option option_set::add(char const* names, double& into, char const* help) const {
  return option(app_->add_option(names, into, help));
}
option option_set::add_flag(char const* names, bool& into, char const* help) const {
  return option(app_->add_flag(names, into, help));
}
void option_set::hide() const { app_->group(""); }
void option_set::pass_all(char const* footer) const {
  app_->prefix_command();
  app_->set_help_flag();
  app_->footer(footer);
}
std::vector<std::string> option_set::rest() const { return app_->remaining(); }
option_set option_set::add_verb(char const* name, char const* summary) const {
  app_->require_subcommand(1);
  return option_set(*app_->add_subcommand(name, summary));
}
bool option_set::chosen() const { return app_->parsed(); }

double parse_seconds(std::string const& option, std::string const& text, double least_s) {
  auto const v = parse_time_s(text);
  if (!v || !std::isfinite(*v)) {
    throw_usage(fmt::format("{} {}: not a time", option, text), least_s > 0
                                                                    ? "write seconds (900) or hours:minutes (00:15)"
                                                                    : "write seconds (25200) or hours:minutes (07:00)");
  }
  if (*v < least_s) throw_usage(fmt::format("{} {}: too short", option, text), fmt::format("at least {:g} s", least_s));
  return *v;
}

double parse_run_time(std::string const& option, std::string const& text, bool of_sumo) {
  double const s = parse_seconds(option, text, 0);
  bool const bare = text.find_first_not_of("0123456789.") == std::string::npos;
  if (!of_sumo && bare && s > 0 && s <= 48) {
    throw_usage(fmt::format("{} {}: would be {} seconds after midnight", option, text, text),
                fmt::format("for an hour write {0:02}:00, for seconds 00:00:{0:02}", static_cast<int>(s)));
  }
  return s;
}

int parse_and_run(program const& p, int argc, char** argv) {
  CLI::App app{p.summary};
  app.name(p.name);
  app.set_version_flag("--version", std::string(p.name) + " " + p.version);
  app.require_subcommand(1);
  app.failure_message(CLI::FailureMessage::help);
  std::vector<std::pair<CLI::App*, action>> actions;
  for (verb const& v : p.verbs) {
    CLI::App* const sub = app.add_subcommand(v.name, v.summary);
    actions.emplace_back(sub, v.setup(option_set(*sub)));
  }
  try {
    app.parse(argc, argv);
  } catch (CLI::ParseError const& e) {
    if (e.get_exit_code() == 0) return app.exit(e);  // --help, --version
    say(fmt::format("{0}: {1}\nRun '{0} --help' or '{0} VERB --help'.\n", p.name, e.what()));
    return 2;
  }
  for (auto const& [sub, act] : actions) {
    if (sub->parsed()) return act();
  }
  return 2;
}

}  // namespace gemeo::cli
