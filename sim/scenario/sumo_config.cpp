#include "sim/scenario/sumo_config.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>

#include "sim/core/error.h"
#include "sim/core/hash.h"
#include "sim/core/text_file.h"
#include "sim/core/xml.h"

namespace gemeo {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kSumoSeed = 23423;  // SUMO's own default

// SUMO reads <option value="..."/>, <option v="..."/> and <option>...</option>, at any depth, under any name of the
// option.
class reader : public xml_handler {
 public:
  explicit reader(fs::path const& file) : folder_(file.parent_path()) {}

  void start(std::string_view element, xml_attributes const& a) override {
    if (depth_++ == 0) {
      check_root(element, a);
      return;
    }
    name_ = std::string(element);
    std::replace(name_.begin(), name_.end(), '_', '-');
    where_ = a.where();
    text_.clear();
    auto const value = a.find("value") ? a.find("value") : a.find("v");
    if (value) take(std::string(*value));
  }
  void end(std::string_view) override {
    --depth_;
    if (text_.find_first_not_of(" \t\r\n") != std::string::npos) take(text_);
    text_.clear();
  }
  void characters(std::string_view s) override { text_ += s; }

  sumo_config take_config(fs::path const& file) {
    if (out_.net.empty())
      throw_input(file.string(), "names no network", "<input><net-file value=\"...\"/></input> is needed");
    return std::move(out_);
  }

 private:
  static void check_root(std::string_view element, xml_attributes const& a) {
    bool const ok = element.find("onfiguration") != std::string_view::npos;
    if (!ok) a.fail("is not the root of a SUMO configuration", "a .sumocfg begins with <configuration>");
  }

  void take(std::string value) {
    text_.clear();
    auto const is = [&](std::initializer_list<char const*> names) {
      return std::find(names.begin(), names.end(), name_) != names.end();
    };
    if (is({"net-file", "net", "n"})) {
      auto const files = paths(value);
      if (files.size() != 1) fail(fmt::format("'{}' must name one file, not '{}'", name_, value));
      out_.net = files[0];
    } else if (is({"route-files", "r"})) {
      out_.routes = paths(value);
    } else if (is({"additional-files", "additional", "a"})) {
      out_.additionals = paths(value);
    } else if (is({"begin", "b"})) {
      out_.begin_s = time(value);
      if (out_.begin_s < 0) fail(fmt::format("'{}' is negative: {}", name_, value));
    } else if (is({"end", "e"})) {
      out_.end_s = time(value);
    } else if (is({"step-length"})) {
      out_.step_s = time(value);
      if (out_.step_s <= 0) fail(fmt::format("'{}' must be above 0, is {}", name_, value));
    } else if (is({"time-to-teleport"})) {
      out_.time_to_teleport_s = time(value);
    } else if (is({"seed"})) {
      auto const v = parse_integer(value);
      if (!v || *v < 0) fail(fmt::format("'seed' is no whole number of 0 or more: '{}'", value));
      out_.seed = static_cast<std::uint64_t>(*v);
    } else if (is({"random"})) {
      out_.random = value == "true" || value == "1" || value == "yes" || value == "on" || value == "t" || value == "x";
    } else if (is({"configuration-file", "c"})) {
      fail("names another configuration", "name that file instead");
    } else {
      take_other(value);
    }
  }

  void take_other(std::string const& value) {
    out_.rest.push_back({name_, value, where_});
    if (!may_name_inputs()) return;
    for (fs::path const& f : paths(value, true)) {
      std::error_code ec;
      if (fs::is_regular_file(f, ec)) out_.others.push_back(f);
    }
  }

  // Options of SUMO that name files are many (weights, taz, speed data of devices, ...); those that do not write any
  // are taken to read what they name.
  [[nodiscard]] bool may_name_inputs() const {
    auto const has = [&](char const* part) { return name_.find(part) != std::string::npos; };
    if (name_.ends_with("input-file")) return true;
    return !has("output") && !has("log") && !has("gui") && !has("schema") && !name_.starts_with("save");
  }

  double time(std::string const& value) const {
    auto const v = parse_time_s(value);
    if (!v) fail(fmt::format("'{}' is not a time: '{}'", name_, value), "seconds or H:M:S");
    return *v;
  }

  // Files stand between commas (or semicolons), relative to the configuration.
  std::vector<fs::path> paths(std::string const& value, bool lenient = false) const {
    std::vector<fs::path> out;
    for (std::size_t at = 0; at <= value.size();) {
      std::size_t const end = std::min(value.find_first_of(",;", at), value.size());
      std::string_view word = std::string_view(value).substr(at, end - at);
      at = end + 1;
      std::size_t const first = word.find_first_not_of(" \t\r\n");
      if (first == std::string_view::npos) continue;
      word = word.substr(first, word.find_last_not_of(" \t\r\n") - first + 1);
      bool const variable = word.find("${") != std::string_view::npos;
      if (variable && lenient) continue;
      if (variable)
        fail(fmt::format("'{}' names a file through a variable: '{}'", name_, word), "write the path itself");
      out.push_back(fs::path(word).is_absolute() ? fs::path(word) : folder_ / word);
    }
    return out;
  }
  [[noreturn]] void fail(std::string what, std::string hint = {}) const {
    throw_input(where_, std::move(what), std::move(hint));
  }

  fs::path folder_;
  int depth_ = 0;
  std::string name_, where_, text_;
  sumo_config out_;
};

// Files named by SUMO's own files: <include href>, and definitions that rerouters, speed signs and calibrators load.
class nested_files : public xml_handler {
 public:
  explicit nested_files(fs::path const& file) : folder_(file.parent_path()) {}
  std::vector<fs::path> found;

  void start(std::string_view element, xml_attributes const& a) override {
    if (element == "include") add(a.text_or("href", ""));
    bool const loads = element == "rerouter" || element == "variableSpeedSign" || element == "calibrator";
    if (loads) add(a.text_or("file", ""));
  }
  void end(std::string_view) override {}

 private:
  void add(std::string_view name) {
    fs::path const f = fs::path(name).is_absolute() ? fs::path(name) : folder_ / name;
    std::error_code ec;
    if (!name.empty() && fs::is_regular_file(f, ec)) found.push_back(f);  // SUMO tells of those that are missing
  }
  fs::path folder_;
};

// Whether a file may name others at all: route files can be large, and looking for a word is cheap.
bool mentions_files(fs::path const& file) {
  constexpr std::size_t kPiece = std::size_t{1} << 20U, kOverlap = 32;
  text_source source(file);
  std::string text;
  for (;;) {
    std::string const tail = text.substr(text.size() - std::min(text.size(), kOverlap));
    text.resize(tail.size() + kPiece);
    std::copy(tail.begin(), tail.end(), text.begin());
    std::size_t const n = source.read(text.data() + tail.size(), kPiece);
    text.resize(tail.size() + n);
    if (n == 0) return false;
    for (char const* word : {"<include", "<rerouter", "<variableSpeedSign", "<calibrator"}) {
      if (text.find(word) != std::string::npos) return true;
    }
  }
}

// Routes and additional files, and what these name in turn.
std::vector<fs::path> demand_files(sumo_config const& c) {
  std::vector<fs::path> files = c.routes;
  files.insert(files.end(), c.additionals.begin(), c.additionals.end());
  for (std::size_t i = 0; i < files.size(); ++i) {  // grows as it goes
    if (!mentions_files(files[i])) continue;
    nested_files reader(files[i]);
    try {
      read_xml(files[i], reader);
    } catch (error const&) {  // no XML, or broken: SUMO says so when it reads the file
    }
    for (fs::path const& f : reader.found) {
      if (std::find(files.begin(), files.end(), f) == files.end()) files.push_back(f);
    }
  }
  return files;
}

std::vector<fs::path> inputs_of(fs::path const& file, sumo_config const& c) {
  std::vector<fs::path> out = {file, c.net};
  out.insert(out.end(), c.routes.begin(), c.routes.end());
  out.insert(out.end(), c.additionals.begin(), c.additionals.end());
  return out;
}

}  // namespace

bool is_sumo_config(fs::path const& file) {
  std::string const name = file.filename().string();
  return name.ends_with(".sumocfg") || name.ends_with(".sumo.cfg");
}

sumo_config parse_sumo_config(std::string_view text, fs::path const& name) {
  reader r(name);
  parse_xml(text, name, r);
  return r.take_config(name);
}

sumo_config read_sumo_config(fs::path const& file) {
  sumo_config c = parse_sumo_config(read_text_file(file, std::uint64_t{16} << 20U), file);
  for (fs::path const& f : inputs_of(file, c)) {
    std::error_code ec;
    if (!fs::exists(f, ec))
      throw_input(file.string(), fmt::format("names a file that is not there: {}", f.string()),
                  "paths start from the configuration's folder");
    if (!fs::is_regular_file(f, ec))
      throw_input(file.string(), fmt::format("names something that is no file: {}", f.string()));
  }
  return c;
}

sumo_window::sumo_window(fs::path const& file, sumo_config const& c, compile_options const& o)
    : begin_s(o.begin_s.value_or(c.begin_s)),
      end_s(o.end_s.value_or(c.end_s < 0 ? std::numeric_limits<double>::infinity() : c.end_s)) {
  if (!o.set.empty()) {
    throw_usage("--set " + o.set.front() + ": a SUMO configuration has no keys of a scenario",
                "change the .sumocfg, or write a scenario file");
  }
  if (end_s > begin_s) return;
  if (o.begin_s || o.end_s) {
    throw_usage(fmt::format("the run would end at {} s, not after its begin at {} s", end_s, begin_s),
                "see --begin and --end");
  }
  throw_input(file.string(), fmt::format("ends at {} s, before it begins at {} s", end_s, begin_s));
}

scenario_outline outline_of_sumo(fs::path const& file, compile_options const& o) {
  sumo_config const c = read_sumo_config(file);
  sumo_window const w(file, c, o);
  scenario_outline out;
  out.name = out.title = file.stem().string();
  out.inputs = demand_files(c);
  out.inputs.insert(out.inputs.begin(), {file, c.net});
  out.inputs.insert(out.inputs.end(), c.others.begin(), c.others.end());
  if (!c.random) out.seed = c.seed.value_or(kSumoSeed);
  out.begin_s = w.begin_s;
  out.end_s = w.end_s;
  return out;
}

scenario open_sumo_config(fs::path const& file, compile_options const& o) {
  sumo_config const c = read_sumo_config(file);
  sumo_window const w(file, c, o);
  scenario s;
  s.name = s.title = file.stem().string();
  s.file = file;
  s.text = read_text_file(file);
  s.net = read_network(c.net);
  s.travellers = std::make_shared<demand const>();
  s.begin_s = w.begin_s;
  s.end_s = w.end_s;
  s.step_s = c.step_s;
  s.time_to_teleport_s = c.time_to_teleport_s;
  if (!c.random) s.sumo_seed = c.seed.value_or(kSumoSeed);  // the same results as `sumo -c`
  s.sumo_config = fs::absolute(file);
  s.network_hash = s.net->hash;
  hasher h;
  for (fs::path const& f : demand_files(c)) h.add_value(hash_file(f));
  s.demand_hash = h.value();
  return s;
}

}  // namespace gemeo
