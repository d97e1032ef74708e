// The command line itself: verbs and options that do not exist are named, with what was probably meant.
#include <catch2/catch.hpp>

#include "tests/support/gemeo_program.h"

using namespace gemeo::test;

TEST_CASE("command line: what does not exist is named, and nothing is left") {
  broken_input const rows[] = {
      {"no verb", {}, 2, {"--help"}},
      {"a verb misspelt", {"comapre"}, 2, {"'comapre'", "did you mean 'compare'?"}},
      {"a verb like none", {"xyzzy"}, 2, {"'xyzzy'", "--help"}},
      {"an unknown option", {"run", "--sedes", "3"}, 2, {"--sedes"}},
      {"too many operands", {"run", "a.toml", "b.toml"}, 2, {"b.toml"}},
  };
  for (broken_input const& b : rows) {
    DYNAMIC_SECTION(b.name) { run_broken(b); }
  }
}

TEST_CASE("command line: help and version go to standard output and are no errors") {
  temp_folder const t;
  for (std::vector<std::string> const& a :
       {std::vector<std::string>{"--help"}, {"--version"}, {"run", "--help"}, {"compare", "--help"}}) {
    auto const r = run_gemeo(a, t.path());
    CAPTURE(a, r.output, r.error_output);
    CHECK(r.exit_code == 0);
    CHECK(r.output.find("gemeo") != std::string::npos);
    CHECK(r.error_output.empty());
  }
}

#ifdef GEMEO_WIDE_PAGES  // not with sanitizers, which have their own malloc
TEST_CASE("command line: memory is asked for in wide pages") {
  temp_folder const t;
  gemeo::process_options o;
  o.environment = {{"MALLOC_CONF", "stats_print:true"}};
  for (std::vector<std::string> const& a : {std::vector<std::string>{"--version"}, {"calibrate", "--help"}}) {
    auto const r = run_gemeo(a, t.path(), o);
    CAPTURE(a, r.output, r.error_output);
    CHECK(r.exit_code == 0);
    CHECK(r.error_output.find("opt.thp: \"always\"") != std::string::npos);
  }
}
#endif
