// How a verb describes its options, without the headers of CLI11, which take seconds to compile: options.cpp alone
// includes them. Names are CLI11's: "--seed", "-o,--output", or "scenario" for an argument that has its place.
// What an option writes into must outlive the parsing.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace gemeo::cli {

class option {  // a handle; the option itself lives as long as the program's parser
 public:
  explicit option(CLI::Option* o) : o_(o) {}
  option required() const;
  option show_default() const;          // in --help
  option type(char const* name) const;  // what --help calls its value
  option between(int least, int most) const;
  option between(double least, double most) const;
  option excludes(option const& other) const;
  option split_at(char delimiter) const;  // one value may hold several
  option one_value_each() const;          // a list, given one by one
  option repeatable() const;
  option value_may_lack() const;
  [[nodiscard]] bool given() const;  // after the parsing

 private:
  CLI::Option* o_;
};

class option_set {
 public:
  explicit option_set(CLI::App& app) : app_(&app) {}
  option add(char const* names, std::string& into, char const* help) const;
  option add(char const* names, std::vector<std::string>& into, char const* help) const;
  option add(char const* names, int& into, char const* help) const;
  option add(char const* names, std::size_t& into, char const* help) const;
  option add(char const* names, double& into, char const* help) const;
  option add_flag(char const* names, bool& into, char const* help) const;
  void hide() const;  // the verb is not for people
  // Everything on the command line, --help included, is left to another program, which `footer` names.
  void pass_all(char const* footer) const;
  [[nodiscard]] std::vector<std::string> rest() const;  // after the parsing: what no option took
  // A verb below this one ("counts check"): one of them must be given; chosen(), after the parsing: this was the one.
  [[nodiscard]] option_set add_verb(char const* name, char const* summary) const;
  [[nodiscard]] bool chosen() const;

 private:
  CLI::App* app_;
};

// A time as a person writes it, in seconds; throws when it is none, or less than `least_s`.
double parse_seconds(std::string const& option, std::string const& text, double least_s);

// The same for the begin or end of a run. Seconds in a SUMO configuration; in a scenario, whose times are those of a
// day, a bare 8 is refused, for it is meant as an hour.
double parse_run_time(std::string const& option, std::string const& text, bool of_sumo);

}  // namespace gemeo::cli
