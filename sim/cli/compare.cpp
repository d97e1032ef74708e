// gemeo compare: two ensembles, paired seed by seed; a table on the terminal, one JSON object, or a page of HTML.
#include "sim/results/compare.h"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "sim/cli/verbs.h"
#include "sim/core/error.h"
#include "sim/core/text_file.h"
#include "sim/results/report.h"

namespace gemeo::cli {
namespace {

namespace fs = std::filesystem;

struct compare_arguments {
  std::string base, other, html, lang = "en", from, to;
  std::vector<std::string> allow;
  compare_options options;
  std::size_t top = 10;
  bool json = false;
};

double parse_clock(std::string const& text, char const* option) {
  unsigned hours = 0, minutes = 0;
  char rest = 0;
  bool const digits = text.find_first_not_of("0123456789:") == std::string::npos;
  if (!digits || text.size() > 6 || std::sscanf(text.c_str(), "%u:%2u%c", &hours, &minutes, &rest) != 2 ||
      minutes > 59) {
    throw_usage(fmt::format("{} {} is no time of day", option, text), "write hours and minutes, for example 07:30");
  }
  return 3600.0 * hours + 60.0 * minutes;
}

compare_options options_of(compare_arguments const& a) {
  compare_options o = a.options;
  if (!a.from.empty()) o.from_s = parse_clock(a.from, "--from");
  if (!a.to.empty()) o.to_s = parse_clock(a.to, "--to");
  std::vector<std::string> const known = {"network", "window", "engine"};
  for (std::string const& what : a.allow) {
    if (what == "network") {
      o.allow_network = true;
    } else if (what == "window") {
      o.allow_window = true;
    } else if (what == "engine") {
      o.allow_engine = true;
    } else {
      std::string const near = did_you_mean(what, known);
      throw_usage(fmt::format("--allow {}: unknown", what), near.empty() ? "network, window or engine" : near);
    }
  }
  return o;
}

// Before an hour of reading: can the page be written where it is asked for?
void check_output(fs::path const& html) {
  std::error_code ec;
  if (fs::is_directory(html, ec)) throw_usage(html.string() + " is a folder", "name a file: --html report.html");
  if (html.extension() == ".h5" || html.extension() == ".partial")
    throw_usage(html.string() + " would be taken for a result file", "name a page: --html report.html");
  fs::path const folder = html.has_parent_path() ? html.parent_path() : fs::path(".");
  if (!fs::is_directory(folder, ec))
    throw_usage(folder.string() + " is no folder", "make it first, or name another file");
  if (::access(folder.c_str(), W_OK | X_OK) != 0)
    throw_usage(folder.string() + " cannot be written to: " + std::strerror(errno), "name a file somewhere else");
}

// Of the terminal that reads; a pipe or a file takes the whole width.
std::size_t columns_of_output() {
  winsize w{};
  if (::isatty(STDOUT_FILENO) == 0 || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) != 0 || w.ws_col == 0)
    return report_options{}.width;
  return std::clamp<std::size_t>(w.ws_col, 80, report_options{}.width);
}

int run_compare(compare_arguments const& a) {
  report_options report;
  report.top = a.top;
  report.width = columns_of_output();
  if (a.lang != "en" && a.lang != "pt") throw_usage("--lang " + a.lang + ": unknown language", "pt or en");
  report.first = a.lang == "pt" ? language::kPortuguese : language::kEnglish;
  compare_options const options = options_of(a);
  if (!a.html.empty()) check_output(a.html);
  comparison const c = compare_ensembles(a.base, a.other, options);
  if (!a.html.empty()) write_text_file(a.html, report_html(c, report));
  std::string const text = a.json ? report_json(c) : report_terminal(c, report);
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    throw_run("standard output", "cannot be written");
  }
  if (!a.html.empty() && !a.json) fmt::print("\n  page written: {}\n", a.html);
  return 0;
}

}  // namespace

action setup_compare(option_set const& app);

action setup_compare(option_set const& app) {
  auto a = std::make_shared<compare_arguments>();
  app.add("BASE", a->base, "folder of result files, or one result file: what is compared with").required();
  app.add("OTHER", a->other, "the same, of the other scenario; runs are paired by their seed").required();
  app.add("--html", a->html, "also write a page that stands alone, in Portuguese and English");
  app.add("--lang", a->lang, "language the page opens in: pt or en").show_default();
  app.add_flag("--json", a->json, "one JSON object on standard output");
  app.add("--label-base", a->options.label_base, "what the page calls BASE (otherwise the scenario's title)");
  app.add("--label-other", a->options.label_other, "what the page calls OTHER");
  app.add("--label-base-pt", a->options.label_base_pt, "what the Portuguese part of the page calls BASE");
  app.add("--label-other-pt", a->options.label_other_pt, "what the Portuguese part of the page calls OTHER");
  app.add("--from", a->from,
          "begin of the time that maps and streets are about, e.g. 07:00 (otherwise all of the run)");
  app.add("--to", a->to, "its end");
  app.add("--top", a->top, "streets per list").show_default().between(1, 200);
  app.add("--allow", a->allow, "compare although these differ: network, window, engine (said in the report)")
      .split_at(',');
  return [a] { return run_compare(*a); };
}

}  // namespace gemeo::cli
